"""The chart of what scenarios gain while units are busy, from never to most of the time, as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from borderless.maps.canvas import markup
from borderless.report import words
from borderless.report.charts import SHAPES, STYLES

_APART = 20.0


@dataclass(frozen=True)
class Gain:
    """A scenario's line: its change of the share reached against the baseline, -1 to 1, at each fraction."""

    label: str
    style: int
    change: Sequence[float]


def sweep_chart(
    name: str,
    title: str,
    gains: Sequence[Gain],
    fractions: Sequence[float],
    shares: Sequence[float],
    *,
    narrow: bool = False,
) -> Markup:
    """Draw what each scenario gains, in percentage points, over the busy fraction.

    Parameters
    ----------
    name, title
        As for :func:`borderless.report.charts.steps_chart`.
    gains
        The lines, with their names beside their ends.
    fractions
        Busy fractions, 0 to 1, rising.
    shares
        The share reached in the baseline at each of them, printed below the axis.
    narrow
        Draw for a telephone: 360 units wide instead of 880, names above the chart.
    """
    width, left, right = (360, 44, 346) if narrow else (880, 60, 660)
    top = 30.0 + (_APART * len(gains) if narrow else 0.0)
    bottom = top + 220
    low = min(0.0, *(100 * min(gain.change) for gain in gains))
    high = max(0.05, *(100 * max(gain.change) for gain in gains))

    def across(fraction: float) -> float:
        return left + fraction / fractions[-1] * (right - left)

    def up(points: float) -> float:
        return bottom - (points - low) / (high - low) * (bottom - top)

    parts = [_level(left, right, up(points), points) for points in _ticks(low, high)]
    every = 2 if narrow else 1
    for fraction, share in list(zip(fractions, shares, strict=True))[:: 2 * every]:
        x = across(fraction)
        parts.append(_text(x, bottom + 20, f"{100 * fraction:.0f} %", "tick middle"))
        parts.append(_text(x, bottom + 38, f"{100 * share:.1f} %", "tick middle"))
    parts.append(
        _text(left, bottom + 58, "of the time busy; below, the share reached in the baseline", "tick")
    )
    ends = _spread([up(100 * gain.change[-1]) for gain in gains])
    for row, (gain, y) in enumerate(zip(gains, ends, strict=True)):
        path = "L".join(
            f"{across(q):.1f},{up(100 * c):.1f}" for q, c in zip(fractions, gain.change, strict=True)
        )
        parts.append(
            markup('<path class="curve s{style}" d="M{path}"/>', style=gain.style % STYLES, path=path)
        )
        parts.append(_mark(across(fractions[-1]), up(100 * gain.change[-1]), gain.style))
        said = f"{gain.label} {words.points(gain.change[-1])}"
        if narrow:
            parts += [_mark(8, 14 + _APART * row, gain.style), _text(20, 18 + _APART * row, said, "label")]
        else:
            parts.append(_text(right + 14, y + 4, said, "label"))
    told = "; ".join(_told(gain, fractions) for gain in gains)
    return markup(
        '<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-t {name}-d">'
        '<title id="{name}-t">{title}</title><desc id="{name}-d">{told}</desc>{parts}</svg>',
        width=width,
        height=f"{bottom + 66:g}",
        name=name,
        title=title,
        told=told,
        parts=Markup("").join(parts),
    )


def _told(gain: Gain, fractions: Sequence[float]) -> str:
    points = (f"{words.points(c)} at {100 * q:.0f} %" for q, c in zip(fractions, gain.change, strict=True))
    return f"{gain.label}, percentage points: {', '.join(points)}"


def _ticks(low: float, high: float) -> list[float]:
    """Return three to seven round numbers of percentage points, zero among them."""
    span = high - low
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if span / s <= 6)
    return [round(n * step, 2) for n in range(int(np.ceil(low / step - 1e-9)), int(high / step + 1e-9) + 1)]


def _spread(wanted: Sequence[float]) -> list[float]:
    """Return heights in the same order, far enough apart for their names."""
    order = np.argsort(wanted, kind="stable")
    placed = [0.0] * len(wanted)
    last = -np.inf
    for row in order:
        last = max(float(wanted[row]), last + _APART)
        placed[row] = last
    return placed


def _level(left: float, right: float, y: float, points: float) -> Markup:
    line = '<line class="{kind}" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>{label}'
    label = _text(left - 6, y + 4, words.points(points / 100), "tick end")
    kind = "grid" if points else "target"
    return markup(line, kind=kind, left=left, right=right, y=f"{y:.1f}", label=label)


def _mark(x: float, y: float, style: int) -> Markup:
    return markup(
        '<path class="fill s{style}" transform="translate({x} {y})" d="{shape}"/>',
        style=style % STYLES,
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        shape=SHAPES[style % STYLES],
    )


def _text(x: float, y: float, said: str, kind: str) -> Markup:
    return markup(
        '<text class="{kind}" x="{x}" y="{y}">{said}</text>', kind=kind, x=f"{x:.1f}", y=f"{y:.1f}", said=said
    )
