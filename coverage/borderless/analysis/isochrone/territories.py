"""Which of several stations is first at a place: borders between areas of responsibility."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from borderless.analysis.isochrone.areas import Reach
from borderless.analysis.isochrone.ground import Ground, times_over
from borderless.analysis.isochrone.stretches import reached_shares


def territories(
    reach: Reach, stations: Sequence[int], land: shapely.Geometry, minutes: int
) -> dict[int, shapely.Geometry]:
    """Share out land among stations, each place to the one that reaches its nearest street first.

    The shares tile the land: they do not overlap and leave nothing out. Borders run half-way between the
    vertices of the ground's grid, and are smoothed by about two spacings.

    Parameters
    ----------
    reach
        Times of the stations.
    stations
        Rows of ``region.stations``; of equal times the smaller row is first.
    land
        What all of them reach within `minutes`.
    minutes
        The largest cutoff.

    Returns
    -------
    dict
        Station → polygon or multipolygon, empty where it is first nowhere.
    """
    ground, rows = reach.ground, sorted(stations)
    shares: dict[int, shapely.Geometry] = {row: shapely.MultiPolygon() for row in rows}
    if len(rows) < 2 or shapely.is_empty(land):
        return shares | dict.fromkeys(rows[:1], land)
    first = _first_station(reach, rows, 60_000 * minutes)
    borders = _borders(first, ground)
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([shapely.boundary(land), borders])]))
    inside = shapely.point_on_surface(faces)
    shapely.prepare(land)
    kept = shapely.covers(land, inside)
    faces, inside = faces[kept], inside[kept]
    x, y = shapely.get_x(inside), shapely.get_y(inside)
    column = np.rint((x - ground.corner[0]) / ground.cell_m).astype(int)
    row = np.rint((y - ground.corner[1]) / ground.cell_m).astype(int)
    owner = first[row, column]
    owners = np.unique(owner)
    parts = np.array([shapely.union_all(faces[owner == station]) for station in owners])
    smooth = shapely.coverage_simplify(parts, 2 * ground.cell_m, simplify_boundary=False)
    return shares | {rows[station]: part for station, part in zip(owners.tolist(), smooth, strict=True)}


def _first_station(reach: Reach, rows: Sequence[int], cutoff_ms: int) -> NDArray[np.int16]:
    """Return for each vertex the position in `rows` of the station that is first there, or near there."""
    ground = reach.ground
    best = np.full(ground.line.shape, np.inf)
    first = np.full(ground.line.shape, -1, np.int16)
    for position, station in enumerate(rows):
        leg, place_ms = reach.leg[station], reach.times(station)
        touched, _, _ = reached_shares(ground.lines, place_ms, cutoff_ms)
        origin = (*leg.min(axis=0), *leg.max(axis=0))
        times = times_over(ground, place_ms, touched, origin)
        part = times.rows, times.columns
        sooner = times.values < best[part]
        best[part][sooner] = times.values[sooner]
        first[part][sooner] = position
    if (first < 0).all():
        # nobody leaves the way to the own street
        at = np.rint((reach.leg[list(rows), 0] - ground.corner) / ground.cell_m).astype(int)
        first[at[:, 1], at[:, 0]] = np.arange(len(rows))
    near = distance_transform_edt(first < 0, return_distances=False, return_indices=True)
    filled: NDArray[np.int16] = first[tuple(near)]
    return filled


def _borders(first: NDArray[np.int16], ground: Ground) -> shapely.Geometry:
    """Return the lines half-way between vertices of different stations."""
    (west, south), cell = ground.corner, ground.cell_m
    row, column = np.nonzero(first[:, 1:] != first[:, :-1])
    x, y = west + cell * (column + 0.5), south + cell * row
    upright = np.stack([np.column_stack([x, y - cell / 2]), np.column_stack([x, y + cell / 2])], axis=1)
    row, column = np.nonzero(first[1:] != first[:-1])
    x, y = west + cell * column, south + cell * (row + 0.5)
    level = np.stack([np.column_stack([x - cell / 2, y]), np.column_stack([x + cell / 2, y])], axis=1)
    lines = np.asarray(shapely.linestrings(np.vstack([upright, level])))
    return shapely.line_merge(shapely.union_all(lines))
