"""Charts as inline SVG: no script, readable without colour, labelled where the eye is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from borderless.maps.canvas import markup

STYLES = 4
_LONGEST = 30
_SHORTEST = 0.002
_TICKS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
SHAPES = (
    "M0,-6L6,0L0,6L-6,0Z",
    "M-5,-5H5V5H-5Z",
    "M0,-6L6,5H-6Z",
    "M-2,-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
)
_PLOT = (40, 352, 26, 196)


@dataclass(frozen=True)
class Step:
    """One line of a before-and-after chart.

    Parameters
    ----------
    group, label
        Whom it is about, and which scenario.
    style
        Number of the scenario: chooses mark and colour.
    before, after
        Shares, 0 to 1, or minutes.
    said
        The change in words, printed beside it.
    """

    group: str
    label: str
    style: int
    before: float
    after: float
    said: str


@dataclass(frozen=True)
class Curve:
    """A share of people reached within each minute.

    Parameters
    ----------
    label
        The scenario.
    style
        Number of the scenario; -1 for the one before.
    share
        0 to 1, at the chart's minutes.
    """

    label: str
    style: int
    share: NDArray[np.float64]


def steps_chart(
    name: str, title: str, steps: Sequence[Step], *, narrow: bool = False, minutes: bool = False
) -> Markup:
    """Draw shares, or minutes, before and after as one line each, grouped.

    Parameters
    ----------
    name
        Makes ids unique in the page.
    title
        Read aloud by screen readers, with every line's words as the description.
    steps
        The lines, those of one group together; lines whose shares are missing are left out.
    narrow
        Draw for a telephone: 360 units wide instead of 880.
    minutes
        The numbers are minutes, not shares.

    Returns
    -------
    markupsafe.Markup
    """
    steps = [step for step in steps if math.isfinite(step.before) and math.isfinite(step.after)]
    if not steps:
        return Markup("")
    axis = _minute_axis if minutes else _axis
    low, high, tick = axis([end for step in steps for end in (step.before, step.after)])
    left, right = (12, 348) if narrow else (330, 650)

    def across(share: float) -> float:
        return left + (share - low) / (high - low) * (right - left)

    lines: list[Markup] = []
    y = 30.0
    for row, step in enumerate(steps):
        first = row == 0 or step.group != steps[row - 1].group
        if first:
            y += 16.0 if row else 0.0
        draw = _narrow_step if narrow else _wide_step
        y, drawn = draw(step, first, across, y)
        lines += drawn
    shares = np.arange(round(low / tick), round(high / tick) + 1) * tick
    label = _minute_label if minutes else _share_label
    grid = [_tick(across(float(share)), y - 8, label(float(share), tick)) for share in shares]
    told = "; ".join(f"{step.group}, {step.label}: {step.said}" for step in steps)
    return svg(name, title, told, (360 if narrow else 880, y), [*grid, *lines])


def curves_chart(
    name: str,
    title: str,
    pair: tuple[Curve, Curve],
    minutes: NDArray[np.float64],
    targets: Sequence[float],
) -> Markup:
    """Draw the share reached within x minutes before and after, the gap between them shaded.

    Parameters
    ----------
    name, title
        As for :func:`steps_chart`.
    pair
        Before and after.
    minutes
        Where the curves are known, from 0, rising.
    targets
        Minutes to mark.
    """
    before, after = pair
    left, right, top, bottom = _PLOT

    def at(minute: float) -> float:
        return left + minute / float(minutes[-1]) * (right - left)

    def path(share: NDArray[np.float64]) -> list[str]:
        up = bottom - share * (bottom - top)
        return [f"{at(float(m)):.1f},{y:.1f}" for m, y in zip(minutes, up, strict=True)]

    one, two = path(before.share), path(after.share)
    gap = '<path class="gap s{style}" d="M{there}L{back}Z"/>'
    parts = [
        markup(gap, style=after.style, there="L".join(one), back="L".join(two[::-1])),
        *(_level(share, bottom - share * (bottom - top)) for share in (0.0, 0.25, 0.5, 0.75, 1.0)),
        *(text(at(m), bottom + 16, f"{m}", "tick middle") for m in range(0, int(minutes[-1]) + 1, 5)),
        *(_target(at(m), m) for m in targets if m <= minutes[-1]),
        markup('<path class="curve before" d="M{d}"/>', d="L".join(one)),
        markup('<path class="curve s{style}" d="M{d}"/>', style=after.style, d="L".join(two)),
        *_key(pair),
    ]
    difference = after.share - before.share
    widest = int(np.argmax(np.abs(difference)))
    told = (
        f"The largest difference, {100 * difference[widest]:+.1f} percentage points, "
        f"is at {minutes[widest]:g} minutes."
    )
    told += "".join(
        f" Within {m} minutes: {100 * np.interp(m, minutes, before.share):.1f} % before, "
        f"{100 * np.interp(m, minutes, after.share):.1f} % after."
        for m in range(5, int(minutes[-1]) + 1, 5)
    )
    return svg(name, title, told, (360, bottom + 22), parts)


def mark(style: int) -> Markup:
    """Return a scenario's mark as a small picture beside its name; screen readers pass over it."""
    return markup(
        '<svg class="mark" viewBox="0 0 18 18" width="16" height="16" aria-hidden="true">{shape}</svg>',
        shape=_mark(9, 9, style),
    )


def _axis(shares: Sequence[float]) -> tuple[float, float, float]:
    """Return the ends of the axis and the distance of its ticks, three to seven of them."""
    highest = max(shares)
    lowest = min(*shares, max(highest - _SHORTEST, 0.0))
    span = max(highest - lowest, _SHORTEST)
    tick = next((t for t in _TICKS if span / t <= 5), _TICKS[-1])
    low = max(0.0, math.floor(lowest / tick - 1e-9) * tick)
    high = min(1.0, math.ceil(highest / tick + 1e-9) * tick)
    return low, max(high, low + tick), tick


def _minute_axis(ends: Sequence[float]) -> tuple[float, float, float]:
    """Return the ends of an axis of minutes and the distance of its ticks, two to six of them."""
    lowest, highest = min(ends), max(ends)
    tick = next((t for t in (0.5, 1.0, 2.0, 5.0, 10.0) if (highest - lowest) / t <= 4), 60.0)
    low = math.floor(lowest / tick) * tick
    return low, max(math.ceil(highest / tick) * tick, low + tick), tick


def _wide_step(
    step: Step, first: bool, across: Callable[[float], float], y: float
) -> tuple[float, list[Markup]]:
    drawn = [text(0, y + 5, step.group, "group")] if first else []
    drawn += [
        text(176, y + 5, step.label, "label"),
        _line(step, across, y),
        text(672, y + 5, step.said, "said"),
    ]
    return y + 26, drawn


def _narrow_step(
    step: Step, first: bool, across: Callable[[float], float], y: float
) -> tuple[float, list[Markup]]:
    drawn = []
    if first:
        y += 14
        drawn.append(text(0, y, step.group, "group"))
        y += 22
    drawn += [
        text(0, y, step.label, "label"),
        text(360, y, step.said, "said end"),
        _line(step, across, y + 17),
    ]
    return y + 44, drawn


def _line(step: Step, across: Callable[[float], float], y: float) -> Markup:
    start, end = across(step.before), across(step.after)
    return markup(
        '<line class="rail s{style}" x1="{start}" x2="{end}" y1="{y}" y2="{y}"/>{ring}{mark}',
        style=step.style % STYLES,
        start=f"{start:.1f}",
        end=f"{end:.1f}",
        y=f"{y:.1f}",
        ring=_mark(start, y, -1),
        mark=_mark(end, y, step.style),
    )


def _mark(x: float, y: float, style: int) -> Markup:
    if style < 0:
        return markup('<circle class="ring" cx="{x}" cy="{y}" r="6"/>', x=f"{x:.1f}", y=f"{y:.1f}")
    return markup(
        '<path class="fill s{style}" transform="translate({x} {y})" d="{shape}"/>',
        style=style % STYLES,
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        shape=SHAPES[style % STYLES],
    )


def _tick(x: float, bottom: float, label: str) -> Markup:
    grid = '<line class="grid" x1="{x}" x2="{x}" y1="18" y2="{bottom}"/>{label}'
    # at the edges of a narrow chart a centred label would be cut off
    where, at = ("tick end", 360.0) if 335 < x < 352 else ("tick", 0.0) if x < 20 else ("tick middle", x)
    return markup(grid, x=f"{x:.1f}", bottom=f"{bottom:.1f}", label=text(at, 12, label, where))


def _level(share: float, y: float) -> Markup:
    left, right, *_ = _PLOT
    grid = '<line class="grid" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>{label}'
    label = text(left - 6, y + 4, f"{100 * share:.0f} %", "tick end")
    return markup(grid, left=left, right=right, y=f"{y:.1f}", label=label)


def _target(x: float, minute: float) -> Markup:
    *_, top, bottom = _PLOT
    line = '<line class="target" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>{label}'
    label = text(x, top - 8, f"{minute:g} min", "tick middle")
    return markup(line, x=f"{x:.1f}", top=top - 3, bottom=bottom - 62, label=label)


def _key(curves: Sequence[Curve]) -> list[Markup]:
    """Return the names of the curves with a piece of each line, in the empty corner below them."""
    left, right, _, bottom = _PLOT
    line = '<line class="curve {kind}" x1="{x}" x2="{end}" y1="{y}" y2="{y}"/>{label}'
    start = left + 0.5 * (right - left)
    return [
        markup(
            line,
            kind="before" if curve.style < 0 else f"s{curve.style % STYLES}",
            x=start,
            end=start + 30,
            y=bottom - 46 + 22 * row,
            label=text(start + 36, bottom - 42 + 22 * row, curve.label, "label"),
        )
        for row, curve in enumerate(curves)
    ]


def text(x: float, y: float, words: str, kind: str) -> Markup:
    """Return a line of text in a chart, cut short where it is very long; `kind` are its classes."""
    shown = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
    return markup(
        '<text class="{kind}" x="{x}" y="{y}">{words}</text>',
        kind=kind,
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        words=shown,
    )


def _minute_label(minutes: float, tick: float) -> str:
    return f"{minutes:.{0 if tick >= 1 else 1}f} min"


def _share_label(share: float, tick: float) -> str:
    digits = max(0, -math.floor(math.log10(100 * tick) + 1e-9))
    return f"{100 * share:.{digits}f} %"


def svg(name: str, title: str, told: str, size: tuple[float, float], parts: Sequence[Markup]) -> Markup:
    """Return a chart of this width and height that is read aloud as `title`, then `told`."""
    return markup(
        '<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-t {name}-d">'
        '<title id="{name}-t">{title}</title><desc id="{name}-d">{told}</desc>{parts}</svg>',
        width=f"{size[0]:g}",
        height=f"{size[1]:g}",
        name=name,
        title=title,
        told=told,
        parts=Markup("").join(parts),
    )
