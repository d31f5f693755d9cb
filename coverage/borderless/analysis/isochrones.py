"""Isochrones: areas within a number of minutes of driving, for a station, a force or a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from borderless.analysis.coverage import Coverage, ways_to
from borderless.analysis.surface import build_surface, station_areas
from borderless.demand import GRID
from borderless.errors import BorderlessError
from borderless.region import Region
from borderless.roads.network import UNREACHABLE

MINUTES = (5, 10, 15, 20)


@dataclass(frozen=True)
class Isochrones:
    """The areas around every station of a region, from which all others are joined.

    They are of driving time alone, from the station outwards, and are for drawing; counting is done at
    demand points. The area of several stations is the union of their areas.

    Parameters
    ----------
    region
        What they belong to.
    minutes
        Cutoffs, ascending.
    areas
        (row in ``region.stations``, minutes) → polygon or multipolygon, EPSG:27700.
    """

    region: Region
    minutes: tuple[int, ...]
    areas: Mapping[tuple[int, int], shapely.Geometry]
    # Scenarios share most of their groups of stations: each union is made once.
    _unions: dict[tuple[frozenset[int], int], shapely.Geometry] = field(default_factory=dict, repr=False)

    def of_stations(self, ids: Sequence[str]) -> gpd.GeoDataFrame:
        """Return the area within reach of any of the stations: minutes, geometry.

        Raises
        ------
        BorderlessError
            When an id is not a station of the region.
        """
        known = self.region.stations["id"].tolist()
        unknown = [name for name in ids if name not in known]
        if unknown:
            msg = f"unknown station {', '.join(unknown)}; ids are: {', '.join(known)}"
            raise BorderlessError(msg)
        rows = frozenset(known.index(name) for name in ids)
        return _frame([(cutoff, self._joined(rows, cutoff)) for cutoff in self.minutes])

    def of_force(self, force: str) -> gpd.GeoDataFrame:
        """Return the area within reach of a force's own stations with units: minutes, geometry.

        Raises
        ------
        BorderlessError
            When the region has no such force.
        """
        forces = self.region.study.force_names
        if force not in forces:
            msg = f"unknown force {force}; forces are: {', '.join(forces)}"
            raise BorderlessError(msg)
        stations = self.region.stations
        own = stations[(stations["force"] == force) & (stations["units"] > 0)]
        return self.of_stations(own["id"].tolist())

    def of_scenario(self, coverage: Coverage) -> gpd.GeoDataFrame:
        """Return the area within reach of a unit that may respond there: minutes, geometry.

        In each force's area only the stations count that may respond in it under the scenario.
        """
        allowed = {
            force: frozenset(
                ways_to(force, coverage.times, coverage.scenario, coverage.basing).station.tolist()
            )
            for force in self.region.study.force_names
        }
        shapes = dict(zip(self.region.forces["force"], self.region.forces.geometry, strict=True))
        rows: list[tuple[int, shapely.Geometry]] = []
        inner: shapely.Geometry = shapely.MultiPolygon()
        for cutoff in self.minutes:
            parts = []
            for stations in dict.fromkeys(allowed.values()):
                open_to = shapely.union_all([shapes[f] for f, s in allowed.items() if s == stations])
                parts.append(shapely.intersection(self._joined(stations, cutoff), open_to))
            inner = _areas_only(shapely.union_all([inner, *parts]))
            rows.append((cutoff, inner))
        return _frame(rows)

    def _joined(self, rows: frozenset[int], cutoff: int) -> shapely.Geometry:
        if (rows, cutoff) not in self._unions:
            parts = [self.areas[row, cutoff] for row in sorted(rows)]
            self._unions[rows, cutoff] = shapely.union_all(parts) if parts else shapely.MultiPolygon()
        return self._unions[rows, cutoff]


def isochrones(region: Region, minutes: Sequence[int] = MINUTES) -> Isochrones:
    """Compute the areas around every station of a region.

    Parameters
    ----------
    region
        Stations and roads.
    minutes
        Cutoffs, whole minutes from 1 to 240.

    Returns
    -------
    Isochrones

    Raises
    ------
    BorderlessError
        When a cutoff is out of range or not whole.
    """
    cutoffs = tuple(sorted(set(minutes)))
    if not cutoffs or not all(1 <= cutoff <= 240 and cutoff == int(cutoff) for cutoff in cutoffs):
        msg = f"isochrone minutes must be whole numbers from 1 to 240, not {list(minutes)}"
        raise BorderlessError(msg)
    return Isochrones(region, cutoffs, station_areas(region, build_surface(region), cutoffs))


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


def _areas_only(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    wide = parts[np.isin(shapely.get_type_id(parts), (3, 6))]
    return shapely.union_all(wide) if len(wide) else shapely.MultiPolygon()


def _frame(rows: list[tuple[int, shapely.Geometry]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"minutes": [cutoff for cutoff, _ in rows]}, geometry=[shape for _, shape in rows], crs=GRID
    )
