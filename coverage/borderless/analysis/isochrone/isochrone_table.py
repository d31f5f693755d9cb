"""Isochrones as a table: of stations, forces or scenarios, overlapping, joined or split, areas or lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import shapely

from borderless.analysis.coverage import Coverage, cover
from borderless.analysis.isochrone.isochrones import (
    BUFFER_M,
    MINUTES,
    Isochrones,
    allowed_stations,
    areas_only,
    force_rows,
    isochrones,
)
from borderless.analysis.isochrone.pieces import multi_line, reached_lines
from borderless.analysis.isochrone.territories import territories
from borderless.analysis.times import response_times
from borderless.demand import GRID
from borderless.errors import BorderlessError
from borderless.region import Region

GROUPS = ("station", "force", "scenario")
MODES = ("overlap", "dissolve", "split")
SHAPES = ("disc", "ring")
KINDS = ("polygon", "line")

# who → a geometry for each cutoff; None stands for all of a group
_Found = Mapping[int | None, list[shapely.Geometry]]


@dataclass(frozen=True)
class _Part:
    """Stations that act together, and the land they may act on; None for anywhere."""

    rows: frozenset[int]
    open_to: shapely.Geometry | None


@dataclass(frozen=True)
class View:
    """How isochrones are shown.

    Parameters
    ----------
    by
        What stations are taken together: ``"station"``, all of them; ``"force"``, those with units of each
        force; ``"scenario"``, those that may respond under each scenario, each on the land where it may.
    mode
        How the stations of a group are shown: ``"overlap"``, each with all it reaches; ``"dissolve"``,
        joined; ``"split"``, each with the places that it is the first of the group to reach, the smaller id
        first where it is even. Empty: ``"overlap"`` for stations, otherwise ``"dissolve"``.
    shape
        ``"disc"``: all within the minutes; ``"ring"``: without what fewer minutes reach.
    kind
        ``"polygon"``, or ``"line"`` for the pieces of road.

    Raises
    ------
    BorderlessError
        When a word is none of those.
    """

    by: str = "station"
    mode: str = ""
    shape: str = "disc"
    kind: str = "polygon"

    def __post_init__(self) -> None:
        if not self.mode:
            object.__setattr__(self, "mode", "overlap" if self.by == "station" else "dissolve")
        for what, known in (("by", GROUPS), ("mode", MODES), ("shape", SHAPES), ("kind", KINDS)):
            if getattr(self, what) not in known:
                msg = f"{what} is {getattr(self, what)!r}; it may be: {', '.join(known)}"
                raise BorderlessError(msg)


def isochrone_table(
    region: Region,
    view: View | None = None,
    *,
    minutes: Sequence[int] = MINUTES,
    only: Sequence[str] = (),
    direction: str = "from",
    buffer_m: float = BUFFER_M[0],
    on_stage: Callable[[str], None] = lambda _: None,
) -> gpd.GeoDataFrame:
    """Compute isochrones of stations, forces or scenarios as a table.

    Parameters
    ----------
    region
        Stations and roads.
    view
        How they are shown; the area of each station by default.
    minutes, direction, buffer_m
        As for :func:`borderless.isochrones`.
    only
        Ids of stations or names of forces or scenarios, whichever the view groups by; all by default.
    on_stage
        Called with a few words when a stage begins.

    Returns
    -------
    GeoDataFrame
        As :func:`tabulate`.

    Raises
    ------
    BorderlessError
        When a name is unknown, or as for :func:`borderless.isochrones` and :func:`tabulate`.

    Examples
    --------
    >>> import borderless as bl
    >>> region = bl.load_region(bl.embedded_study())  # doctest: +SKIP
    >>> shares = bl.isochrone_table(region, bl.View(by="force", mode="split"))  # doctest: +SKIP
    """
    view = view or View()
    forces = tuple(only) or region.study.force_names
    scenarios = {scenario.name: scenario for scenario in region.study.scenarios}
    stations: list[str] | None = None
    coverages: list[Coverage] = []
    if view.by == "station":
        stations = list(only) or None
    elif view.by == "force":
        rows = sorted({row for force in forces for row in force_rows(region, force)})
        stations = region.stations["id"].iloc[rows].tolist()
    elif unknown := [name for name in only if name not in scenarios]:
        msg = f"unknown scenario {', '.join(unknown)}; scenarios are: {', '.join(scenarios)}"
        raise BorderlessError(msg)
    _check_lines(region, view)
    on_stage("Isochrones")
    areas = isochrones(region, minutes, stations=stations, direction=direction, buffer_m=buffer_m)
    if view.by == "scenario":
        times = response_times(region)
        coverages = [cover(times, scenarios[name]) for name in only or scenarios]
    on_stage("Joining areas")
    return tabulate(areas, view, forces=forces, coverages=coverages)


def tabulate(
    areas: Isochrones, view: View, *, forces: Sequence[str] = (), coverages: Sequence[Coverage] = ()
) -> gpd.GeoDataFrame:
    """Return isochrones as a table.

    Parameters
    ----------
    areas
        What :func:`borderless.isochrones` computed.
    view
        How they are shown.
    forces, coverages
        What it groups by, if by these.

    Returns
    -------
    GeoDataFrame
        ``scenario`` or ``force`` where grouped by these, ``station`` unless dissolved, ``over_minutes`` (0
        for discs), ``minutes``, geometry in EPSG:27700. Ordered by group, station and minutes. Where there is
        nothing, the geometry is empty.

    Raises
    ------
    BorderlessError
        When a force is unknown, or lines are asked of an overlay without streets.
    """
    _check_lines(areas.region, view)
    rows = []
    ids = areas.region.stations["id"].tolist()
    ring = view.shape == "ring"
    before = [0, *areas.minutes[:-1]] if ring else [0] * len(areas.minutes)
    for name, parts in _groups(areas, view.by, forces, coverages):
        found = (_lines if view.kind == "line" else _polygons)(areas, parts, view.mode, ring)
        for row, shapes in found.items():
            who = ([] if view.by == "station" else [name]) + ([] if row is None else [ids[row]])
            rows += [(*who, *now) for now in zip(before, areas.minutes, shapes, strict=True)]
    group = [] if view.by == "station" else [view.by]
    columns = [
        *group,
        *(["station"] if view.mode != "dissolve" else []),
        "over_minutes",
        "minutes",
        "geometry",
    ]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=GRID)


def _check_lines(region: Region, view: View) -> None:
    if view.kind == "line" and region.study.roads.snap == "nodes":
        msg = "this study's roads are an overlay without streets, so there are no lines → ask for polygons"
        raise BorderlessError(msg)


def _groups(
    areas: Isochrones, by: str, forces: Sequence[str], coverages: Sequence[Coverage]
) -> Iterator[tuple[str, list[_Part]]]:
    region = areas.region
    if by == "station":
        yield "", [_Part(frozenset(areas.stations), None)]
    elif by == "force":
        for force in forces:
            yield force, [_Part(frozenset(force_rows(region, force)), None)]
    else:
        for coverage in coverages:
            parts = [_Part(rows, open_to) for rows, open_to in allowed_stations(coverage).items()]
            yield coverage.scenario.name, parts


def _polygons(areas: Isochrones, parts: Sequence[_Part], mode: str, ring: bool) -> _Found:
    found: dict[int | None, list[shapely.Geometry]]
    if mode == "dissolve":
        found = {None: [_together([_joined(areas, part, m) for part in parts]) for m in areas.minutes]}
    elif mode == "overlap":
        found = {
            row: [
                _together([_clipped(areas.areas[row, m], part) for part in parts if row in part.rows])
                for m in areas.minutes
            ]
            for row in sorted(frozenset().union(*(part.rows for part in parts)))
        }
    else:
        found = _split(areas, parts)
    return {row: _rings(shapes) if ring else shapes for row, shapes in found.items()}


def _split(areas: Isochrones, parts: Sequence[_Part]) -> dict[int | None, list[shapely.Geometry]]:
    most = max(areas.minutes)
    pieces: dict[int | None, list[list[shapely.Geometry]]] = {}
    for part in parts:
        shares = territories(areas.reach, sorted(part.rows), areas.joined(part.rows, most), most)
        for row, share in shares.items():
            within = [shapely.intersection(share, _joined(areas, part, m)) for m in areas.minutes]
            pieces.setdefault(row, [[] for _ in areas.minutes])
            for kept, piece in zip(pieces[row], within, strict=True):
                kept.append(areas_only(piece))
    return {
        row: [_together(kept) for kept in pieces[row]] for row in sorted(pieces, key=lambda row: row or 0)
    }


def _lines(areas: Isochrones, parts: Sequence[_Part], mode: str, ring: bool) -> _Found:
    found: dict[int | None, list[list[shapely.Geometry]]] = {}
    for after, cutoff in pairwise([0, *areas.minutes]):
        number = areas.minutes.index(cutoff)
        ms = 60_000 * cutoff, 60_000 * after if ring else 0
        for part in parts:
            groups = [[row] for row in sorted(part.rows)] if mode == "overlap" else [sorted(part.rows)]
            for group in groups:
                for row, lines in reached_lines(areas.reach, group, *ms, split=mode == "split").items():
                    who = None if mode == "dissolve" else row
                    kept = found.setdefault(who, [[] for _ in areas.minutes])
                    kept[number].append(_clipped(lines, part))
    every = sorted(found, key=lambda row: -1 if row is None else row)
    return {row: [_line_parts(kept) for kept in found[row]] for row in every}


def _line_parts(shapes: Sequence[shapely.Geometry]) -> shapely.Geometry:
    parts = shapely.get_parts(shapely.get_parts(shapes))
    parts = parts[(shapely.get_type_id(parts) == 1) & ~shapely.is_empty(parts)]
    return multi_line(parts)


def _joined(areas: Isochrones, part: _Part, minutes: int) -> shapely.Geometry:
    return _clipped(areas.joined(part.rows, minutes), part)


def _clipped(shape: shapely.Geometry, part: _Part) -> shapely.Geometry:
    return shape if part.open_to is None else shapely.intersection(shape, part.open_to)


def _together(shapes: Sequence[shapely.Geometry]) -> shapely.Geometry:
    return areas_only(shapely.union_all(shapes)) if shapes else shapely.MultiPolygon()


def _rings(discs: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    inner = [shapely.MultiPolygon(), *discs]
    return [areas_only(shapely.difference(disc, within)) for disc, within in zip(discs, inner, strict=False)]
