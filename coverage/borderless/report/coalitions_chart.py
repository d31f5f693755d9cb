"""Charts of coalitions: what each gains beside a lattice of its members, and shares of the gain as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from borderless.maps.canvas import markup
from borderless.report.charts import svg, text

_WIDTH = 360.0
_ROW, _COLUMN = 20.0, 16.0
_HEAD = 118.0
_LONGEST = 18
_BAR = 14.0


@dataclass(frozen=True)
class Dot:
    """One coalition.

    Parameters
    ----------
    members
        Rows of the chart's forces.
    gain, said
        In any one unit, and in words.
    marked
        Whether it is the alliance as it is.
    """

    members: Sequence[int]
    gain: float
    said: str
    marked: bool = False


@dataclass(frozen=True)
class Portion:
    """One force's share of a gain.

    Parameters
    ----------
    group, force
        Among whom the gain is shared, and the force.
    home, given
        For its own people and for others, in any one unit.
    said
        Both in words.
    """

    group: str
    force: str
    home: float
    given: float
    said: str


def coalitions_chart(name: str, title: str, forces: Sequence[str], dots: Sequence[Dot]) -> Markup:
    """Draw one line a coalition: its members as dots of a lattice (Lex and others 2014), and its gain.

    Parameters
    ----------
    name, title
        As for :func:`borderless.report.charts.steps_chart`.
    forces
        The columns of the lattice.
    dots
        In the order to draw them in.
    """
    most = max((dot.gain for dot in dots), default=0)
    if not most:
        return Markup("")
    left, right = _COLUMN * len(forces) + 12, _WIDTH - 76
    drawn = [_slanted(_COLUMN * (column + 0.5), force) for column, force in enumerate(forces)]
    y = _HEAD
    for dot in dots:
        middle = y + _ROW / 2
        if dot.marked:
            drawn.append(_band(y))
        drawn += _members(dot, len(forces), middle)
        x = left + max(dot.gain, 0) / most * (right - left)
        drawn += [
            _line("grid", left, right, middle),
            _circle("share-dot marked" if dot.marked else "share-dot", x, middle, 6),
            text(_WIDTH - 2, middle + 4, dot.said, "group end" if dot.marked else "said end"),
        ]
        y += _ROW
    told = "; ".join(f"{' with '.join(forces[row] for row in dot.members)}: {dot.said}" for dot in dots)
    return svg(name, title, told, (_WIDTH, y + 4), drawn)


def portions_chart(name: str, title: str, portions: Sequence[Portion]) -> Markup:
    """Draw each force's share as a bar: full for its own people, hollow for people of others.

    Parameters
    ----------
    name, title
        As for :func:`borderless.report.charts.steps_chart`.
    portions
        Those of one group together.
    """
    most = max((portion.home + portion.given for portion in portions), default=0)
    if not most:
        return Markup("")
    drawn: list[Markup] = []
    y = 0.0
    for row, portion in enumerate(portions):
        if row == 0 or portion.group != portions[row - 1].group:
            y += 22
            drawn.append(text(0, y, portion.group, "group"))
            y += 8
        home, given = (value / most * (_WIDTH - 2) for value in (portion.home, portion.given))
        drawn += [
            text(0, y + 14, portion.force, "label"),
            text(_WIDTH, y + 14, portion.said, "said end"),
            _rect("adds", 1, home, y + 20),
            _rect("takes", 1 + home, given, y + 20),
        ]
        y += 42
    told = "; ".join(f"{portion.group}, {portion.force}: {portion.said}" for portion in portions)
    return svg(name, title, told, (_WIDTH, y), drawn)


def _members(dot: Dot, count: int, y: float) -> list[Markup]:
    places = [_COLUMN * (column + 0.5) for column in range(count)]
    inside = [places[row] for row in dot.members]
    return [
        *(_circle("absent", x, y, 3) for x in places if x not in inside),
        _line("member-line", min(inside), max(inside), y),
        *(_circle("member", x, y, 5) for x in inside),
    ]


def _slanted(x: float, force: str) -> Markup:
    shown = force if len(force) <= _LONGEST else f"{force[: _LONGEST - 1]}…"
    return markup(
        '<text class="tick" transform="translate({x} {y}) rotate(-62)">{shown}</text>',
        x=f"{x + 4:.1f}",
        y=f"{_HEAD - 6:.1f}",
        shown=shown,
    )


def _band(y: float) -> Markup:
    band = '<rect class="band" x="0" y="{y}" width="{width}" height="{height}"/>'
    return markup(band, y=f"{y:.1f}", width=_WIDTH, height=_ROW)


def _circle(kind: str, x: float, y: float, radius: float) -> Markup:
    shape = '<circle class="{kind}" cx="{x}" cy="{y}" r="{radius}"/>'
    return markup(shape, kind=kind, x=f"{x:.1f}", y=f"{y:.1f}", radius=radius)


def _line(kind: str, start: float, end: float, y: float) -> Markup:
    shape = '<line class="{kind}" x1="{start}" x2="{end}" y1="{y}" y2="{y}"/>'
    return markup(shape, kind=kind, start=f"{start:.1f}", end=f"{end:.1f}", y=f"{y:.1f}")


def _rect(kind: str, x: float, width: float, y: float) -> Markup:
    if width <= 0:
        return Markup("")
    shape = '<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}"/>'
    return markup(shape, kind=kind, x=f"{x:.1f}", y=f"{y:.1f}", width=f"{width:.1f}", height=_BAR)
