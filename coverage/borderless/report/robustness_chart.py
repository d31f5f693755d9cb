"""Spans as inline SVG: how far a number reaches over many draws, or between two ends of a setting."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from borderless.maps.canvas import markup
from borderless.report.charts import svg, text

_STEPS = (1, 2, 5)
_WIDE, _NARROW = (300.0, 690.0), (12.0, 348.0)


@dataclass(frozen=True)
class Span:
    """One line of a chart of spans.

    Parameters
    ----------
    group, label
        What it is about.
    style
        Chooses the colour.
    whole
        Ends of the thin line; equal for none.
    bar
        Ends of the thick line.
    ring, tick
        Where the ring and the upright mark stand.
    said
        The numbers in words, printed beside it.
    """

    group: str
    label: str
    style: int
    whole: tuple[float, float]
    bar: tuple[float, float]
    ring: float
    tick: float
    said: str


def spans_chart(name: str, title: str, spans: Sequence[Span], *, narrow: bool = False) -> Markup:
    """Draw spans of whole numbers, grouped, with a line at zero.

    Parameters
    ----------
    name
        Makes ids unique in the page.
    title
        Read aloud by screen readers, with every line's words as the description.
    spans
        The lines, those of one group together.
    narrow
        Draw for a telephone: 360 units wide instead of 880.

    Returns
    -------
    markupsafe.Markup
        Nothing for no spans.
    """
    if not spans:
        return Markup("")
    ends = [end for span in spans for end in (*span.whole, *span.bar, span.ring, span.tick)]
    low, high, step = axis(ends, 4 if narrow else 6)
    left, right = _NARROW if narrow else _WIDE

    def across(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    lines: list[Markup] = []
    y = 34.0
    for row, span in enumerate(spans):
        first = row == 0 or span.group != spans[row - 1].group
        if first and span.group:
            y += 14.0 if row else 0.0
            lines.append(text(0, y + 5, span.group, "group"))
            y += 26.0
        y = (_narrow_line if narrow else _wide_line)(lines, span, across, y)
    grid = [
        _tick(across(low + i * step), y - 10, low + i * step) for i in range(round((high - low) / step) + 1)
    ]
    told = "; ".join(f"{span.group}{', ' if span.group else ''}{span.label}: {span.said}" for span in spans)
    return svg(name, title, told, (360 if narrow else 880, y), [*grid, *lines])


def axis(ends: Sequence[float], most: int) -> tuple[float, float, float]:
    """Return the ends of an axis that holds zero and `ends`, and the distance of its ticks, about `most`."""
    lowest, highest = min(0.0, *ends), max(0.0, *ends)
    width = max(highest - lowest, 1.0)
    exponent = math.floor(math.log10(width / most))
    sizes = (factor * 10.0**power for power in (exponent, exponent + 1) for factor in _STEPS)
    step = next(size for size in sizes if size >= 1 and width / size <= most)
    low = math.floor(lowest / step) * step
    return low, max(math.ceil(highest / step) * step, low + step), step


def _wide_line(lines: list[Markup], span: Span, across: Callable[[float], float], y: float) -> float:
    lines += [
        text(0, y + 5, span.label, "label"),
        _span(span, across, y),
        text(706, y + 5, span.said, "said"),
    ]
    return y + 26


def _narrow_line(lines: list[Markup], span: Span, across: Callable[[float], float], y: float) -> float:
    lines += [
        text(0, y, span.label, "label"),
        text(360, y, span.said, "said end"),
        _span(span, across, y + 17),
    ]
    return y + 44


def _span(span: Span, across: Callable[[float], float], y: float) -> Markup:
    a, b, c, d = (f"{across(end):.1f}" for end in (*span.whole, *span.bar))
    return markup(
        '<line class="reach" x1="{a}" x2="{b}" y1="{y}" y2="{y}"/>'
        '<line class="rail most s{style}" x1="{c}" x2="{d}" y1="{y}" y2="{y}"/>'
        '<line class="middle-draw" x1="{tick}" x2="{tick}" y1="{top}" y2="{bottom}"/>'
        '<circle class="ring" cx="{ring}" cy="{y}" r="5"/>',
        a=a,
        b=b,
        c=c,
        d=d,
        style=span.style % 4,
        y=f"{y:.1f}",
        top=f"{y - 8:.1f}",
        bottom=f"{y + 8:.1f}",
        tick=f"{across(span.tick):.1f}",
        ring=f"{across(span.ring):.1f}",
    )


def _tick(x: float, bottom: float, value: float) -> Markup:
    # at the edges of a narrow chart a centred label would be cut off
    where, at = ("tick end", 360.0) if 325 < x < 352 else ("tick", 0.0) if x < 30 else ("tick middle", x)
    kind = "zero" if value == 0 else "grid"
    label = f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")
    return markup(
        '<line class="{kind}" x1="{x}" x2="{x}" y1="18" y2="{bottom}"/>{label}',
        kind=kind,
        x=f"{x:.1f}",
        bottom=f"{bottom:.1f}",
        label=text(at, 12, label, where),
    )
