"""The area that one station reaches within a number of minutes: valid, nested, without pinholes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from contourpy import FillType, contour_generator
from numpy.typing import NDArray

from borderless.analysis.isochrone.ground import Ground, Patch, build_ground, times_over
from borderless.analysis.isochrone.land import heights, lower_beside
from borderless.analysis.isochrone.stretches import (
    Stretches,
    build_stretches,
    place_count,
    place_times,
    reached_shares,
)
from borderless.executor import map_threads
from borderless.region import Region
from borderless.roads.network import UNREACHABLE

# a hole that holds no street is filled up to this size
_ROADLESS_HOLE_M2 = 2_000_000.0
# off the grid's round numbers, where a line could run through a vertex
_LEVEL_M = 0.0007


# stations whose times to every place are held at once
_TOGETHER = 16


@dataclass(frozen=True, eq=False)
class Reach:
    """How soon each of some stations is at every place, or every place at it.

    Parameters
    ----------
    reached
        Row in ``region.stations`` → the places within the largest cutoff, and their whole ms, int32 both.
    places
        How many there are.
    stretches
        Streets cut at all stations, turned where places drive to the station.
    leg
        Way from each station to its street, m, shape (all stations, 2, 2), the station first.
    leg_ms
        The time it takes.
    ground
        The land, as far as the largest cutoff reaches.
    """

    reached: Mapping[int, tuple[NDArray[np.int32], NDArray[np.int32]]]
    places: int
    stretches: Stretches
    leg: NDArray[np.float64]
    leg_ms: NDArray[np.int32]
    ground: Ground

    @property
    def stations(self) -> tuple[int, ...]:
        """Return the rows of the stations, ascending."""
        return tuple(self.reached)

    def times(self, row: int) -> NDArray[np.int32]:
        """Return a station's time at every place, UNREACHABLE beyond the largest cutoff."""
        place, ms = self.reached[row]
        times = np.full(self.places, UNREACHABLE)
        times[place] = ms
        return times

    def first(self, stations: Sequence[int]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the time at every place from the nearest of stations, and its row: the first of equals."""
        best = np.full(self.places, UNREACHABLE)
        owner = np.full(self.places, -1, dtype=np.int32)
        for row in stations:
            place, ms = self.reached[row]
            sooner = ms < best[place]
            best[place[sooner]], owner[place[sooner]] = ms[sooner], row
        return best, owner


def find_reach(
    region: Region, stations: Sequence[int], minutes: int, direction: str, buffer_m: float
) -> Reach:
    """Find the times from stations to everywhere within a number of minutes, and the land around it.

    Parameters
    ----------
    region
        Stations and roads.
    stations
        Rows of ``region.stations``.
    minutes
        The largest cutoff.
    direction
        ``"from"`` the stations outwards, or ``"to"`` them.
    buffer_m
        How far from its street land counts.
    """
    rows, cutoff_ms = sorted(stations), 60_000 * minutes
    whole = build_stretches(region)
    places = place_count(region.network) + len(region.stations)
    reached = {}
    earliest = np.full(places, UNREACHABLE)
    for begin in range(0, len(rows), _TOGETHER):
        some = rows[begin : begin + _TOGETHER]
        for row, times in zip(some, place_times(region, some, 60.0 * minutes, direction), strict=True):
            near = np.flatnonzero(times <= cutoff_ms).astype(np.int32)
            reached[row] = near, times[near]
            np.minimum(earliest, times, out=earliest)
    snap = region.station_snap
    ends = shapely.get_coordinates(region.stations.geometry.to_numpy()), np.column_stack([snap.x, snap.y])
    stretches = whole.turned if direction == "to" else whole
    ground = build_ground(region, stretches, earliest, cutoff_ms, buffer_m)
    return Reach(reached, places, stretches, np.stack(ends, axis=1), snap.access_ms, ground)


def station_areas(reach: Reach, minutes: Sequence[int]) -> dict[tuple[int, int], shapely.Geometry]:
    """Return the area within each number of minutes of each station.

    Returns
    -------
    dict
        (row in ``region.stations``, minutes) → valid polygon or multipolygon, EPSG:27700. Areas of fewer
        minutes lie inside those of more, and each contains its station and all it reaches.
    """

    def areas(row: int) -> list[shapely.Geometry]:
        inner: shapely.Geometry = shapely.MultiPolygon()
        found: list[shapely.Geometry] = []
        for cutoff in sorted(minutes):
            inner = shapely.union(inner, _area(reach, row, 60_000 * cutoff))
            found.append(inner)
        return found

    every = map_threads(areas, reach.stations)
    return {
        (row, cutoff): area
        for row, found in zip(reach.stations, every, strict=True)
        for cutoff, area in zip(sorted(minutes), found, strict=True)
    }


def heights_over(reach: Reach, row: int, cutoff_ms: int) -> Patch:
    """Return how far every vertex lies beyond what a station reaches by a cutoff, m, negative inside.

    Land takes the time of the street nearest to it. Beside whatever is reached it is inside anyway.
    """
    ground, place_ms, leg = reach.ground, reach.times(row), reach.leg[row]
    touched, low, high = reached_shares(ground.lines, place_ms, cutoff_ms)
    times = times_over(ground, place_ms, touched, (*leg.min(axis=0), *leg.max(axis=0)))
    near = ground.line[times.rows, times.columns], ground.distance_m[times.rows, times.columns]
    out = heights(times.values, *near, ground.m_per_ms, float(cutoff_ms), ground.reach_m, ground.cell_m)
    grid = times.corner, ground.cell_m, ground.width_m
    lower_beside(out, *grid, ground.xy, ground.at, ground.first, touched, low, high)
    share = np.array([leg_share(reach, row, cutoff_ms)])
    line = np.array([0.0, 1.0]), np.array([0, 2]), np.array([0])
    lower_beside(out, *grid, leg, *line, share, np.array([2.0]))
    return Patch(times.rows, times.columns, times.corner, out)


def leg_share(reach: Reach, row: int, cutoff_ms: int) -> float:
    """Return how much of the way between a station and its street fits into a cutoff, from 0 to 1."""
    return float(min(1.0, cutoff_ms / max(1, int(reach.leg_ms[row]))))


def _area(reach: Reach, row: int, cutoff_ms: int) -> shapely.Geometry:
    ground, patch = reach.ground, heights_over(reach, row, cutoff_ms)
    empty = patch.values > 0
    # A street out of reach keeps its hole open; on an overlay there are none to ask.
    street = empty & (ground.distance_m[patch.rows, patch.columns] <= ground.reach_m)
    parts = contour(patch, ground.cell_m)
    pinhole_m2 = np.pi * (ground.reach_m / 4) ** 2 if ground.corners is None else 2 * ground.cell_m**2
    filled = [
        shapely.Polygon(
            part.exterior,
            [
                hole
                for hole in part.interiors
                if (size := shapely.Polygon(hole).area) > pinhole_m2
                and (size > _ROADLESS_HOLE_M2 or _holds_any(hole, street, patch.corner, ground.cell_m))
            ],
        )
        for part in parts
    ]
    return shapely.simplify(shapely.union_all(filled), ground.cell_m / 2)


def contour(patch: Patch, cell_m: float) -> list[shapely.Polygon]:
    """Return the areas where the numbers of a patch are at most 0."""
    x, y = (
        corner + cell_m * np.arange(count)
        for corner, count in zip(patch.corner, patch.values.shape[::-1], strict=True)
    )
    lines = contour_generator(x, y, patch.values, fill_type=FillType.OuterOffset)
    # OuterOffset: for each polygon its points, and where in them its rings begin.
    found = cast(
        "tuple[list[NDArray[np.float64]], list[NDArray[np.uint32]]]", lines.filled(-np.inf, _LEVEL_M)
    )
    rings = (np.split(points, offset[1:-1]) for points, offset in zip(*found, strict=True))
    return [shapely.Polygon(outer, holes) for outer, *holes in rings]


def _holds_any(
    hole: shapely.LinearRing, marked: NDArray[np.bool_], corner: tuple[float, float], cell_m: float
) -> bool:
    """Tell whether a marked vertex lies in a hole."""
    west, south, east, north = ((value - corner[i % 2]) / cell_m for i, value in enumerate(hole.bounds))
    rows, columns = slice(int(south), int(north) + 2), slice(int(west), int(east) + 2)
    row, column = np.nonzero(marked[rows, columns])
    x, y = corner[0] + cell_m * (column + columns.start), corner[1] + cell_m * (row + rows.start)
    return bool(shapely.contains_xy(shapely.Polygon(hole), x, y).any())
