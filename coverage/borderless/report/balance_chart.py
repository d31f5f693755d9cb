"""A chart of what each force gives to others, to the left, and receives from them, to the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from borderless.maps.canvas import markup
from borderless.report.charts import svg, text

_BAR = 16


@dataclass(frozen=True)
class Balance:
    """One force's line.

    Parameters
    ----------
    force
        Its name.
    given, received
        What the bars show, in any one unit.
    said
        Given, received and net (given − received) in words.
    """

    force: str
    given: float
    received: float
    said: tuple[str, str, str]


def balance_chart(name: str, title: str, rows: Sequence[Balance], *, narrow: bool = False) -> Markup:
    """Draw one line a force: a bar to the left for what it gives, to the right for what it receives.

    A hollow mark stands at the net: left of the middle where the force gives more than it receives.

    Parameters
    ----------
    name, title
        As for :func:`borderless.report.charts.steps_chart`.
    rows
        The forces; without any amount nothing is drawn.
    narrow
        Draw for a telephone: 360 units wide instead of 880.
    """
    longest = max((amount for row in rows for amount in (row.given, row.received)), default=0)
    if not longest:
        return Markup("")
    middle, half, width = (180.0, 100.0, 360) if narrow else (430.0, 170.0, 880)
    lines = [
        text(middle - 8, 14, "← gives", "tick end"),
        text(middle + 8, 14, "receives →", "tick"),
        *([] if narrow else [text(720, 14, "net: gives − receives", "tick")]),
    ]
    y = 24.0
    for row in rows:
        given, received, net = row.said
        if narrow:
            lines += [text(0, y + 14, row.force, "group"), text(360, y + 14, f"net {net}", "said end")]
            y += 22
        else:
            lines += [text(0, y + 13, row.force, "group"), text(720, y + 13, net, "said")]
        left, right = (half * amount / longest for amount in (row.given, row.received))
        lines += [
            _bar("given", middle - left, left, y),
            _bar("received", middle, right, y),
            text(middle - left - 12, y + 13, given, "said end"),
            text(middle + right + 12, y + 13, received, "said"),
            _net(middle - left + right, y),
        ]
        y += 34 if narrow else 30
    zero = markup(
        '<line class="zero" x1="{x}" x2="{x}" y1="18" y2="{end}"/>', x=f"{middle:g}", end=f"{y - 8:g}"
    )
    told = "; ".join(
        f"{row.force} gives {row.said[0]}, receives {row.said[1]}, net {row.said[2]}" for row in rows
    )
    return svg(name, title, told, (width, y), [zero, *lines])


def _bar(kind: str, x: float, length: float, y: float) -> Markup:
    return markup(
        '<rect class="{kind}" x="{x}" y="{y}" width="{length}" height="{height}"/>',
        kind=kind,
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        length=f"{length:.1f}",
        height=_BAR,
    )


def _net(x: float, y: float) -> Markup:
    return markup(
        '<path class="net" transform="translate({x} {y})" d="M0,-7L7,0L0,7L-7,0Z"/>',
        x=f"{x:.1f}",
        y=f"{y + _BAR / 2:.1f}",
    )
