"""Charts: well-formed, readable without colour, and inert whatever the names."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from borderless.report.charts import Curve, Step, curves_chart, mark, steps_chart
from map_results import HOSTILE

SVG_PARTS = {"svg", "title", "desc", "text", "line", "circle", "path"}


def steps(name: str = "West") -> list[Step]:
    """Return two scenarios of one force."""
    return [
        Step(name, "Borderless", 0, 0.9921, 0.9934, "+735 people"),
        Step(name, "Alliance", 2, 0.9921, 1.0, "+5,295 people"),
    ]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("name", ["West", *HOSTILE])
def test_whatever_the_name_only_shapes_and_text_are_drawn(name: str, narrow: bool) -> None:
    tree = ET.fromstring(steps_chart("steps", name, steps(name), narrow=narrow))
    assert {element.tag for element in tree.iter()} <= SVG_PARTS
    assert not [key for element in tree.iter() for key in element.attrib if key.startswith("on")]
    assert tree.findtext("title") == name.replace("\u2028", "\u2028")


def test_each_scenario_has_its_own_mark_beside_its_colour() -> None:
    shapes = {re.search(r' d="([^"]+)"', mark(style)).group(1) for style in range(4)}  # type: ignore[union-attr]
    assert len(shapes) == 4


def test_a_screen_reader_hears_every_line() -> None:
    told = ET.fromstring(steps_chart("steps", "Shares", steps())).findtext("desc")
    assert told == "West, Borderless: +735 people; West, Alliance: +5,295 people"


def test_marks_stand_in_the_order_of_their_shares_within_the_drawing() -> None:
    tree = ET.fromstring(steps_chart("steps", "Shares", steps()))
    rails = [line for line in tree.iter("line") if line.get("class", "").startswith("rail")]
    ends = [(float(line.get("x1", "")), float(line.get("x2", ""))) for line in rails]
    assert ends[0][0] == ends[1][0] < ends[0][1] < ends[1][1] <= 650


def test_lines_without_a_share_are_left_out() -> None:
    nothing = Step("East", "Borderless", 0, float("nan"), float("nan"), "nobody")
    assert steps_chart("steps", "Shares", [nothing]) == ""
    assert "East" not in steps_chart("steps", "Shares", [*steps(), nothing])


def test_equal_shares_still_make_an_axis() -> None:
    chart = steps_chart("steps", "Shares", [Step("West", "Borderless", 0, 1.0, 1.0, "no change")])
    assert "99.90 %" in chart
    assert "100.00 %" in chart
    assert "100.05 %" not in chart
    assert "nan" not in chart


def test_curves_tell_their_largest_difference_and_mark_the_targets() -> None:
    minutes = np.arange(0, 31.0)
    before = Curve("Separate", -1, np.clip(minutes / 20, 0, 1))
    after = Curve("Alliance", 2, np.clip(minutes / 10, 0, 1))
    chart = curves_chart("curve", "Curves", (before, after), minutes, [15.0, 20.0, 40.0])
    tree = ET.fromstring(chart)
    assert "+50.0 percentage points, is at 10 minutes" in (tree.findtext("desc") or "")
    assert [line.get("class") for line in tree.iter("line")].count("target") == 2
    assert {"curve before", "curve s2"} <= {path.get("class") for path in tree.iter("path")}
