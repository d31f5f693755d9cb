"""The palette holds: contrast, colour blindness, a photocopier; and no colour is written anywhere else."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

PACKAGE = Path(__file__).parents[1] / "coverage" / "borderless"
CSS = (PACKAGE / "maps" / "assets" / "palette.css").read_text(encoding="utf-8")
SHEETS = [*PACKAGE.glob("*/assets/*.css"), *PACKAGE.glob("*/assets/*.js")]


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


_LIGHT, _DARK, _MAP = (colours(block) for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL))
SCHEMES = {"light": _LIGHT, "dark": _LIGHT | _DARK}
MAP = {name.removeprefix("map-"): value for name, value in _MAP.items()}
BANDS = ["band-5", "band-10", "band-15", "band-20", "band-more"]
RINGS = ["ring-5", "ring-10", "ring-15", "ring-20"]
FORCES = [name for name in MAP if name.startswith("force-")]

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
SIGHT = {
    "common": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(colour: str) -> NDArray[np.float64]:
    """Return linear red, green and blue, 0 to 1."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    result: NDArray[np.float64] = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return result


def contrast(one: str, other: str) -> float:
    """Return the contrast of WCAG 2, 1 to 21."""
    low, high = sorted(float(linear(c) @ _XYZ[1]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(colour: str, sight: str = "common") -> NDArray[np.float64]:
    """Return CIE L*a*b* (D65) as eyes of this kind see the colour."""
    seen = np.clip(SIGHT[sight] @ linear(colour), 0, 1)
    xyz = _XYZ @ seen / np.array([0.95047, 1, 1.08883])
    f = np.where(xyz > 216 / 24_389, np.cbrt(xyz), (24_389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def lightness(colour: str) -> float:
    return float(lab(colour)[0])


def nearest(names: list[str], sight: str) -> float:
    """Return the smallest distance between any two colours of the map (CIE76; 2.3 is just noticeable)."""
    return min(
        float(np.linalg.norm(lab(MAP[a], sight) - lab(MAP[b], sight))) for a, b in combinations(names, 2)
    )


def test_the_yardsticks_measure_what_they_say() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert lightness("#777777") == pytest.approx(50.0, abs=0.1)
    red, green = (lab(c, "deuteranopia") for c in ("#a05a28", "#6e7a2a"))
    assert np.linalg.norm(red - green) < 0.5 * np.linalg.norm(lab("#a05a28") - lab("#6e7a2a"))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_has_the_contrast_of_aa_wherever_it_stands(scheme: str) -> None:
    c = SCHEMES[scheme]
    inks = ["ink", "soft", "faint", "accent", "up", "down", "s0", "s1", "s2", "s3"]
    grounds = ["paper", "raised", "tint", "hover", "warn"]
    pairs = [(ink, ground) for ink in inks for ground in grounds]
    pairs += [("on-button", "button"), ("on-button", "button-hover"), ("on-chip", "chip")]
    pairs += [("on-shade", f"shade-{step}") for step in (1, 2, 3)]
    assert {pair: ratio for pair in pairs if (ratio := contrast(c[pair[0]], c[pair[1]])) < 4.5} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_outlines_of_fields_and_of_the_focus_are_seen(scheme: str) -> None:
    c = SCHEMES[scheme]
    pairs = [(line, ground) for line in ("field", "focus") for ground in ("paper", "raised", "tint")]
    assert {pair: ratio for pair in pairs if (ratio := contrast(c[pair[0]], c[pair[1]])) < 3} == {}


def test_nearer_is_darker_on_a_photocopy() -> None:
    steps = [lightness(MAP[name]) for name in BANDS]
    assert all(b - a >= 6 for a, b in pairwise(steps)), steps
    rings = [lightness(MAP[name]) for name in RINGS]
    assert all(b - a >= 6 for a, b in pairwise(rings)), rings


def test_gained_and_lost_differ_on_a_photocopy_and_carry_their_signs() -> None:
    assert abs(lightness(MAP["gained"]) - lightness(MAP["lost"])) >= 15
    for kind in ("gained", "lost"):
        assert contrast(MAP[kind], MAP[f"{kind}-ink"]) >= 4.5
    script = (PACKAGE / "maps" / "assets" / "palette.js").read_text(encoding="utf-8")
    marks = dict(re.findall(r'(\w+): \{ fill: colour\("\w+"\), mark: "(\w*)"', script))
    assert marks["gained"] == "plus"
    assert marks["lost"] == "minus"
    assert marks["nearer"] != marks["slower"]
    assert marks["outside"] != marks["same"]


@pytest.mark.parametrize("sight", SIGHT)
def test_colours_keep_apart_in_every_kind_of_sight(sight: str) -> None:
    assert nearest(BANDS, sight) >= 12
    assert nearest(RINGS, sight) >= 10  # dashes tell them apart too
    assert nearest(["gained", "lost", "nearer", "slower", "same"], sight) >= 18
    assert nearest(FORCES, sight) >= 15


def test_figures_inside_stations_and_letters_on_the_map_are_read() -> None:
    low = {name: ratio for name in FORCES if (ratio := contrast(MAP[name], MAP["halo"])) < 4.5}
    assert low == {}
    for ink in ("ink", "ink-town", "ink-suburb", "ink-village", "outside-name", "border"):
        assert contrast(MAP[ink], MAP["halo"]) >= 4.5, ink
    for kind in ("motorway", "trunk", "primary"):
        assert contrast(MAP[f"{kind}-sign"], MAP[f"{kind}-sign-ink"]) >= 4.5, kind


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_no_colour_is_written_anywhere_else(path: Path) -> None:
    if path.name == "palette.css":
        return
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"(?<![\w&])#[0-9a-f]{3,8}\b(?=[\";, )])|rgb\(", text) == []
