"""A chart of the day: the share reached in each hour before and after, and the gain below it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from borderless.maps.canvas import markup
from borderless.report.charts import STYLES, svg, text

_LEFT, _RIGHT = 56.0, 352.0
_TOP, _BOTTOM = 26.0, 150.0
_GAIN_TOP, _GAIN_BOTTOM = 190.0, 244.0
#: The lowest and the highest number of a scale.
Span = tuple[float, float]
# percent, and percentage points
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


def hours_chart(
    name: str,
    title: str,
    labels: tuple[str, str],
    shares: tuple[Sequence[float], Sequence[float]],
    style: int,
    spans: tuple[Span, Span] | None = None,
) -> Markup:
    """Draw the shares of 24 hours before and after as two lines of steps, and the gain as bars below.

    Parameters
    ----------
    name, title
        As for :func:`borderless.report.charts.steps_chart`.
    labels
        Names of the scenarios before and after.
    shares
        Shares before and after in each hour, 0 to 1, midnight first; nothing is drawn when one is missing.
    style
        Number of the scenario: chooses line and colour.
    spans
        As :func:`spans_of` returns them, so that charts beside each other have one scale; the chart's own
        when left out.
    """
    if not all(math.isfinite(share) for line in shares for share in line):
        return Markup("")
    levels, points = spans or spans_of(shares[0], shares[1:])
    before, after = ([100 * share for share in line] for line in shares)
    gain = [late - early for early, late in zip(before, after, strict=True)]
    kind = f"s{style % STYLES}"
    low, high, step = _axis(*levels)
    least, most, gain_step = _axis(*points)

    def height(share: float) -> float:
        return _BOTTOM - (share - low) / (high - low) * (_BOTTOM - _TOP)

    def gain_height(points: float) -> float:
        return _GAIN_BOTTOM - (points - least) / (most - least) * (_GAIN_BOTTOM - _GAIN_TOP)

    parts = [
        *(_level(height(y), f"{y:.{_digits(step)}f} %") for y in _ticks(low, high, step)),
        *(
            _level(gain_height(y), f"{y:+.{_digits(gain_step)}f}" if y else "0")
            for y in _ticks(least, most, gain_step)
        ),
        text(0, _GAIN_TOP - 16, "gain, percentage points", "tick"),
        *(_bar(hour, gain_height(more), gain_height(0.0), kind) for hour, more in enumerate(gain)),
        *(text(_across(hour), _GAIN_BOTTOM + 18, f"{hour:02d}", "tick middle") for hour in range(0, 24, 3)),
        markup('<path class="curve before" d="M{d}"/>', d=_steps([height(y) for y in before])),
        markup('<path class="curve {kind}" d="M{d}"/>', kind=kind, d=_steps([height(y) for y in after])),
        *_key(labels, kind),
    ]
    told = "; ".join(
        f"{hour:02d}:00 {early:.2f} % before, {late:.2f} % after"
        for hour, (early, late) in enumerate(zip(before, after, strict=True))
    )
    return svg(name, title, told, (360, _GAIN_BOTTOM + 26), parts)


def spans_of(before: Sequence[float], after: Sequence[Sequence[float]]) -> tuple[Span, Span]:
    """Return the lowest and highest share, in percent, and the same of gains, 0 among them, in points.

    Parameters
    ----------
    before, after
        Shares of the baseline and of each scenario, 0 to 1; missing ones are left out.
    """
    lines = [line for line in (before, *after) if all(map(math.isfinite, line))]
    levels = [100 * share for line in lines for share in line]
    gains = [100 * (late - early) for line in lines for early, late in zip(before, line, strict=True)]
    return (min(levels), max(levels)), (min(0.0, *gains), max(0.0, *gains))


def _axis(lowest: float, highest: float) -> tuple[float, float, float]:
    """Return the ends of an axis and the distance of its ticks, two to four of them."""
    step = next((s for s in _STEPS if (highest - lowest) / s <= 3), _STEPS[-1])
    low = math.floor(lowest / step + 1e-9) * step
    return low, max(math.ceil(highest / step - 1e-9) * step, low + step), step


def _ticks(low: float, high: float, step: float) -> list[float]:
    return [low + step * k for k in range(round((high - low) / step) + 1)]


def _digits(step: float) -> int:
    return max(0, -math.floor(math.log10(step) + 1e-9))


def _across(hour: float) -> float:
    return _LEFT + hour / 24 * (_RIGHT - _LEFT)


def _steps(heights: Sequence[float]) -> str:
    """Return a line that stays level through each hour."""
    corners = [f"{_across(hour + end):.1f},{y:.1f}" for hour, y in enumerate(heights) for end in (0, 1)]
    return "L".join(corners)


def _level(y: float, label: str) -> Markup:
    grid = '<line class="grid" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>{label}'
    said = text(_LEFT - 6, y + 4, label.replace("-", "\N{MINUS SIGN}"), "tick end")
    return markup(grid, left=_LEFT, right=_RIGHT, y=f"{y:.1f}", label=said)


def _bar(hour: int, y: float, zero: float, kind: str) -> Markup:
    return markup(
        '<rect class="fill {kind}" x="{x}" y="{y}" width="{width}" height="{height}"/>',
        kind=kind,
        x=f"{_across(hour) + 1:.1f}",
        y=f"{min(y, zero):.1f}",
        width=f"{_across(1) - _across(0) - 2:.1f}",
        height=f"{abs(y - zero):.1f}",
    )


def _key(labels: tuple[str, str], kind: str) -> list[Markup]:
    line = '<line class="curve {kind}" x1="{x}" x2="{end}" y1="9" y2="9"/>{label}'
    starts = ((0.0, labels[0], "before"), (180.0, labels[1], kind))
    return [
        markup(line, kind=kind_of, x=x, end=x + 28, label=text(x + 34, 13, label, "label"))
        for x, label, kind_of in starts
    ]
