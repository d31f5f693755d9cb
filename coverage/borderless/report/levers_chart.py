"""Charts of the levers: what each adds, as a waterfall, and what is left as hand-overs take longer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from borderless.maps.canvas import markup
from borderless.report.charts import svg, text

_WIDTH = 360.0
_BAR = 14.0
_PLOT = (48.0, 350.0, 34.0, 190.0)
_TICKS_S = (10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)


@dataclass(frozen=True)
class Part:
    """One line of a waterfall.

    Parameters
    ----------
    label, said
        What adds or takes away, and how much in words.
    change
        How much, in any one unit.
    """

    label: str
    said: str
    change: float


@dataclass(frozen=True)
class Stairs:
    """What is gained at each hand-over delay.

    Parameters
    ----------
    label
        Whose.
    style
        Chooses colour and dashes.
    delay_s, gain
        From each second on until the next, the first at 0.
    """

    label: str
    style: int
    delay_s: Sequence[int]
    gain: Sequence[float]


def waterfall_chart(name: str, title: str, parts: Sequence[Part], whole: Part) -> Markup:
    """Draw parts one after the other, each beginning where the one before ends, and their sum.

    Parameters
    ----------
    name, title
        As for :func:`borderless.report.charts.steps_chart`.
    parts
        What adds up, in order; full bars add, hollow ones take away.
    whole
        The sum.
    """
    ends = [0.0]
    for part in parts:
        ends.append(ends[-1] + part.change)
    low, high = min(ends), max(*ends, whole.change)
    if low == high:
        return Markup("")

    def across(value: float) -> float:
        return 4 + (value - low) / (high - low) * (_WIDTH - 8)

    drawn: list[Markup] = []
    y = 4.0
    spans = [(part, ends[row], ends[row + 1]) for row, part in enumerate(parts)]
    for part, start, end in [*spans, (whole, 0.0, whole.change)]:
        kind = "whole" if part is whole else "adds" if end >= start else "takes"
        drawn += [
            text(0, y + 12, part.label, "group" if part is whole else "label"),
            text(_WIDTH, y + 12, part.said, "said end"),
            _bar(kind, across(min(start, end)), across(max(start, end)), y + 18),
        ]
        y += 42
        if part is not whole:
            drawn.append(_upright("joint", across(end), y - 24, y + 18))
    told = "; ".join(f"{part.label}: {part.said}" for part in (*parts, whole))
    return svg(name, title, told, (_WIDTH, y), [_upright("zero-line", across(0), 0, y - 6), *drawn])


def stairs_chart(name: str, title: str, lines: Sequence[Stairs], now_s: float, *, unit: str) -> Markup:
    """Draw what is gained by hand-over delay, the study's own delay marked.

    Parameters
    ----------
    name, title
        As for :func:`borderless.report.charts.steps_chart`.
    lines
        One or more; without any gain nothing is drawn.
    now_s
        The study's delay, seconds.
    unit
        Of the gains.
    """
    most = max((max(line.gain) for line in lines), default=0)
    if not most:
        return Markup("")
    left, right, top, bottom = _PLOT
    last = max(1.15 * max(line.delay_s[-1] for line in lines), 1.5 * now_s, 60.0)
    tick = next((t for t in _TICKS_S if last / t <= 6), int(last // 6) + 1)

    def at(second: float) -> float:
        return left + second / last * (right - left)

    def up(gain: float) -> float:
        return bottom - gain / most * (bottom - top)

    drawn = [
        text(0, 12, unit, "tick"),
        *(_level(up(gain), f"{gain:,.0f}") for gain in sorted({0.0, most / 2, float(most)})),
        *(text(at(s), bottom + 16, f"{s:,}", "tick middle") for s in range(0, int(last) + 1, tick)),
        text(right, bottom + 34, "seconds of hand-over", "tick end"),
        _upright("target", at(now_s), top - 6, bottom),
        text(at(now_s) + 4, top - 10, f"the study: {now_s:g} s", "tick"),
    ]
    for row, line in enumerate(lines):
        ends = [*line.delay_s[1:], last]
        path = "".join(f"V{up(g):.1f}H{at(e):.1f}" for g, e in zip(line.gain, ends, strict=True))
        start = f"M{at(0):.1f},{up(line.gain[0]):.1f}"
        drawn.append(markup('<path class="stairs s{style}" d="{d}"/>', style=line.style, d=start + path))
        drawn += _key(line, top + 14 + 20 * row)
    told = " ".join(
        f"{line.label}: {line.gain[0]:,.0f} {unit} at no delay, {_at(line, now_s):,.0f} at {now_s:g} s; "
        f"the last change is at {line.delay_s[-1]:,} s, to {line.gain[-1]:,.0f}."
        for line in lines
    )
    return svg(name, title, told, (_WIDTH, bottom + 40), drawn)


def _at(line: Stairs, second: float) -> float:
    return [g for s, g in zip(line.delay_s, line.gain, strict=True) if s <= second][-1]


def _key(line: Stairs, y: float) -> list[Markup]:
    shape = '<line class="stairs s{style}" x1="{x}" x2="{end}" y1="{y}" y2="{y}"/>'
    return [
        markup(shape, style=line.style, x=_WIDTH - 156, end=_WIDTH - 126, y=f"{y:g}"),
        text(_WIDTH - 120, y + 4, line.label, "label"),
    ]


def _level(y: float, label: str) -> Markup:
    left, right, *_ = _PLOT
    grid = '<line class="grid" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>{label}'
    return markup(grid, left=left, right=right, y=f"{y:.1f}", label=text(left - 6, y + 4, label, "tick end"))


def _upright(kind: str, x: float, top: float, bottom: float) -> Markup:
    line = '<line class="{kind}" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>'
    return markup(line, kind=kind, x=f"{x:.1f}", top=f"{top:.1f}", bottom=f"{bottom:.1f}")


def _bar(kind: str, x: float, end: float, y: float) -> Markup:
    return markup(
        '<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}"/>',
        kind=kind,
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        width=f"{max(end - x, 1):.1f}",
        height=_BAR,
    )
