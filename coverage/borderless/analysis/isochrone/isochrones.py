"""Isochrones: areas within a number of minutes of driving, for a station, a force or a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from borderless.analysis.coverage import Coverage, ways_to
from borderless.analysis.isochrone.areas import Reach, find_reach, station_areas
from borderless.analysis.isochrone.stretches import DIRECTIONS
from borderless.demand import GRID
from borderless.errors import BorderlessError
from borderless.region import Region
from borderless.roads.network import UNREACHABLE

MINUTES = (5, 10, 15, 20)
#: How far from its nearest street land counts, m: by default, at least, at most.
BUFFER_M = (1_000.0, 150.0, 2_500.0)


@dataclass(frozen=True)
class Isochrones:
    """The areas around stations of a region, from which all others are joined.

    They are of driving time alone and are for drawing; counting is done at demand points. The area of several
    stations is the union of their areas.

    Parameters
    ----------
    region
        What they belong to.
    minutes
        Cutoffs, ascending.
    areas
        (row in ``region.stations``, minutes) → polygon or multipolygon, EPSG:27700.
    reach
        The times they were made from.
    """

    region: Region
    minutes: tuple[int, ...]
    areas: Mapping[tuple[int, int], shapely.Geometry]
    reach: Reach = field(repr=False)
    # Scenarios share most of their groups of stations: each union is made once.
    _unions: dict[tuple[frozenset[int], int], shapely.Geometry] = field(default_factory=dict, repr=False)

    @property
    def stations(self) -> tuple[int, ...]:
        """Return the rows in ``region.stations`` that have areas."""
        return self.reach.stations

    def of_stations(self, ids: Sequence[str]) -> gpd.GeoDataFrame:
        """Return the area within reach of any of the stations: minutes, geometry.

        Raises
        ------
        BorderlessError
            When an id is not a station of the region, or one without areas here.
        """
        rows = frozenset(station_rows(self.region, ids))
        return _frame([(cutoff, self.joined(rows, cutoff)) for cutoff in self.minutes])

    def of_force(self, force: str) -> gpd.GeoDataFrame:
        """Return the area within reach of a force's own stations with units: minutes, geometry.

        Raises
        ------
        BorderlessError
            When the region has no such force.
        """
        rows = force_rows(self.region, force)
        return self.of_stations(self.region.stations["id"].iloc[rows].tolist())

    def of_scenario(self, coverage: Coverage) -> gpd.GeoDataFrame:
        """Return the area within reach of a unit that may respond there: minutes, geometry.

        In each force's area only the stations count that may respond in it under the scenario.
        """
        rows: list[tuple[int, shapely.Geometry]] = []
        inner: shapely.Geometry = shapely.MultiPolygon()
        allowed = allowed_stations(coverage)
        for cutoff in self.minutes:
            parts = [
                shapely.intersection(self.joined(stations, cutoff), open_to)
                for stations, open_to in allowed.items()
            ]
            inner = areas_only(shapely.union_all([inner, *parts]))
            rows.append((cutoff, inner))
        return _frame(rows)

    def joined(self, rows: frozenset[int], cutoff: int) -> shapely.Geometry:
        """Return the area within reach of any of some rows of ``region.stations``.

        Raises
        ------
        BorderlessError
            When no area of one of them was asked for.
        """
        missing = rows.difference(self.stations)
        if missing:
            ids = self.region.stations["id"].iloc[sorted(missing)]
            msg = f"no areas of {', '.join(ids)} were asked for → name all in isochrones(stations=...)"
            raise BorderlessError(msg)
        if (rows, cutoff) not in self._unions:
            parts = [self.areas[row, cutoff] for row in sorted(rows)]
            self._unions[rows, cutoff] = shapely.union_all(parts) if parts else shapely.MultiPolygon()
        return self._unions[rows, cutoff]


def isochrones(
    region: Region,
    minutes: Sequence[int] = MINUTES,
    *,
    stations: Sequence[str] | None = None,
    direction: str = "from",
    buffer_m: float = BUFFER_M[0],
) -> Isochrones:
    """Compute the areas around stations of a region.

    Every street is cut exactly where its time equals the cutoff. Land belongs to the street nearest to it on
    which a car may stop, up to `buffer_m` away, and is inside when that spot of the street is reached; land
    within 100 m of anything reached is inside anyway. In a study whose roads are an overlay without streets,
    times are interpolated between its nodes instead.

    Parameters
    ----------
    region
        Stations and roads.
    minutes
        Cutoffs, whole minutes from 1 to 240.
    stations
        Ids of the stations to draw; all by default.
    direction
        ``"from"`` the stations outwards, or ``"to"`` them; they differ on one-way streets.
    buffer_m
        How far from its nearest street land counts, 150 to 2,500 m; not used on an overlay.

    Returns
    -------
    Isochrones

    Raises
    ------
    BorderlessError
        When a cutoff is out of range or not whole, a station unknown, the direction is neither, or the buffer
        out of range.

    Examples
    --------
    >>> import borderless as bl
    >>> region = bl.load_region(bl.embedded_study())  # doctest: +SKIP
    >>> areas = bl.isochrones(region, (5, 10), stations=["NN-OUN"])  # doctest: +SKIP
    >>> areas.of_stations(["NN-OUN"]).to_file("oundle.gpkg")  # doctest: +SKIP
    """
    cutoffs = check_cutoffs(minutes)
    if direction not in DIRECTIONS:
        msg = f"unknown direction {direction}; directions are: {', '.join(DIRECTIONS)}"
        raise BorderlessError(msg)
    _, least, most = BUFFER_M
    if not least <= buffer_m <= most:
        msg = f"a buffer of {buffer_m:g} m makes no picture → give {least:g} to {most:g} m"
        raise BorderlessError(msg)
    rows = range(len(region.stations)) if stations is None else station_rows(region, stations)
    reach = find_reach(region, sorted(set(rows)), max(cutoffs), direction, buffer_m)
    return Isochrones(region, cutoffs, station_areas(reach, cutoffs), reach)


def driving_ms(coverage: Coverage) -> NDArray[np.int32]:
    """Return the driving time from the nearest unit that may respond at each demand point.

    What a scenario's isochrones show, at the points: neither call handling nor hand-over counts, so the
    nearest unit need not be the one that answers first.

    Returns
    -------
    ndarray
        int32 milliseconds, shape (points,); UNREACHABLE where none may or can.
    """
    times = coverage.times
    place = times.region.demand.table["force"].to_numpy(str)
    nearest = np.full(len(place), UNREACHABLE, dtype=np.int32)
    for force in times.region.study.force_names:
        here = np.flatnonzero(place == force)
        stations = np.unique(ways_to(force, times, coverage.scenario, coverage.basing).station)
        if len(here) and len(stations):
            nearest[here] = times.travel_ms[np.ix_(stations, here)].min(axis=0)
    return nearest


def check_cutoffs(minutes: Sequence[int] | Sequence[str]) -> tuple[int, ...]:
    """Return numbers of minutes ascending and once each.

    Raises
    ------
    BorderlessError
        When there is none, or one is not a whole number from 1 to 240.
    """
    try:
        numbers = [float(value) for value in minutes]
    except ValueError:
        numbers = []
    if not numbers or not all(1 <= number <= 240 and number == int(number) for number in numbers):
        told = ", ".join(str(value).strip() for value in minutes)
        msg = f"isochrone minutes must be whole numbers from 1 to 240, not {told or 'none'}"
        raise BorderlessError(msg)
    return tuple(sorted({int(number) for number in numbers}))


def station_rows(region: Region, ids: Sequence[str]) -> list[int]:
    """Return the rows of stations in ``region.stations``.

    Raises
    ------
    BorderlessError
        When an id is not a station of the region.
    """
    known = region.stations["id"].tolist()
    unknown = [name for name in ids if name not in known]
    if unknown:
        msg = f"unknown station {', '.join(unknown)}; ids are: {', '.join(known)}"
        raise BorderlessError(msg)
    return [known.index(name) for name in ids]


def force_rows(region: Region, force: str) -> list[int]:
    """Return the rows of a force's own stations with units.

    Raises
    ------
    BorderlessError
        When the region has no such force.
    """
    forces = region.study.force_names
    if force not in forces:
        msg = f"unknown force {force}; forces are: {', '.join(forces)}"
        raise BorderlessError(msg)
    own = (region.stations["force"] == force) & (region.stations["units"] > 0)
    rows: list[int] = np.flatnonzero(own.to_numpy()).tolist()
    return rows


def allowed_stations(coverage: Coverage) -> dict[frozenset[int], shapely.Geometry]:
    """Return the groups of stations that may respond somewhere under a scenario, and where that is.

    A place in the areas of two forces counts for the first by name, as demand points do.
    """
    region = coverage.times.region
    shapes = dict(zip(region.forces["force"], region.forces.geometry, strict=True))
    groups: dict[frozenset[int], list[shapely.Geometry]] = {}
    taken: shapely.Geometry = shapely.MultiPolygon()
    for force in sorted(region.study.force_names):
        ways = ways_to(force, coverage.times, coverage.scenario, coverage.basing)
        own = areas_only(shapely.difference(shapes[force], taken))
        groups.setdefault(frozenset(ways.station.tolist()), []).append(own)
        taken = shapely.union(taken, shapes[force])
    return {stations: shapely.union_all(open_to) for stations, open_to in groups.items()}


def areas_only(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a geometry without the points and lines in it."""
    parts = shapely.get_parts(shape)
    wide = parts[np.isin(shapely.get_type_id(parts), (3, 6)) & ~shapely.is_empty(parts)]
    return shapely.union_all(wide) if len(wide) else shapely.MultiPolygon()


def _frame(rows: list[tuple[int, shapely.Geometry]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"minutes": [cutoff for cutoff, _ in rows]}, geometry=[shape for _, shape in rows], crs=GRID
    )
