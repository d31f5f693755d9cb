"""Travel time between the streets: a grid of times over the land, from which isochrones are contoured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import shapely
from contourpy import FillType, contour_generator
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

from borderless.region import Region
from borderless.roads.network import UNREACHABLE
from borderless.roads.point_times import node_times
from borderless.roads.snap import Snap

_CELL_M = 250.0
_MARGIN_M = 2_000.0
_STREET_REACH_RINGS = 2
_NODE_REACH_M = 2_500.0
_SMALL_HOLE_M2 = 500_000.0
_BEYOND_MS = 300_000
_FLAT_M2 = 1.0
_ORIGIN_M = 150.0
# stations whose times to every node are held at once
_TOGETHER = 16
_NO_SPREAD = ("motorway", "motorway_link", "trunk_link")


@dataclass(frozen=True)
class Surface:
    """A grid over a region, and how times at network nodes spread over it.

    Parameters
    ----------
    west, south
        Corner of the grid, metres.
    shape
        Rows (northwards) and columns (eastwards); the spacing is 250 m.
    vertex
        Grid vertices that take a time, shape (samples,).
    node
        Network nodes a sample takes its time from, shape (samples, k).
    weight
        With three nodes: shares of their times. With two: not used.
    added_ms
        With two nodes, the ends of a street: what driving on to the sample and leaving the road adds from
        either end, shape (samples, 2).
    street, share
        With two nodes, the street a sample lies on and how far along it, from 0 to 1, shape (samples,).
    ring_ms
        Time for one grid spacing off the road.
    """

    west: float
    south: float
    shape: tuple[int, int]
    vertex: NDArray[np.int64]
    node: NDArray[np.int64]
    weight: NDArray[np.float64]
    added_ms: NDArray[np.float64]
    street: NDArray[np.int64]
    share: NDArray[np.float64]
    ring_ms: float


def build_surface(region: Region) -> Surface:
    """Lay a grid over a region.

    Where the network has streets, times are taken along them, partial streets included, and spread up to
    500 m beside them at the access speed. Where it is an overlay of nodes without streets, times are
    interpolated linearly between the nodes at which demand points and stations stand, if these span any land.
    """
    west, south, east, north = region.forces.total_bounds
    west, south = (
        np.floor((west - _MARGIN_M) / _CELL_M) * _CELL_M,
        np.floor((south - _MARGIN_M) / _CELL_M) * _CELL_M,
    )
    shape = (int((north + _MARGIN_M - south) // _CELL_M) + 2, int((east + _MARGIN_M - west) // _CELL_M) + 2)
    empty = Surface(
        west=float(west),
        south=float(south),
        shape=shape,
        vertex=np.empty(0, np.int64),
        node=np.empty((0, 2), np.int64),
        weight=np.empty((0, 3)),
        added_ms=np.empty((0, 2)),
        street=np.empty(0, np.int64),
        share=np.empty(0),
        ring_ms=_CELL_M / 1000 / region.study.speeds.access_speed_kmh * 3_600_000,
    )
    if region.study.roads.snap == "streets":
        return _along_streets(empty, region)
    chosen = np.unique(np.concatenate([region.demand_snap.node, region.station_snap.node]))
    xy = np.column_stack([region.network.x[chosen], region.network.y[chosen]])
    # by place, since the numbers of nodes depend on how the network was taken apart
    by_place = np.lexsort((xy[:, 1], xy[:, 0]))
    chosen, xy = chosen[by_place], xy[by_place]
    spans_land = np.linalg.matrix_rank(xy - xy[0], tol=1.0) == 2
    return _between_nodes(empty, chosen, xy) if spans_land else _along_streets(empty, region)


def station_areas(
    region: Region, surface: Surface, minutes: tuple[int, ...]
) -> dict[tuple[int, int], shapely.Geometry]:
    """Return the area within each number of minutes of each station.

    Returns
    -------
    dict
        (row in ``region.stations``, minutes) → valid polygon or multipolygon, EPSG:27700. Areas of fewer
        minutes lie inside those of more, and each contains its station.
    """
    # The times just beyond a limit shape its line; between nodes every corner of a triangle is needed.
    limit_s = None if surface.node.shape[1] == 3 else 60.0 * max(minutes) + _BEYOND_MS / 1000
    areas: dict[tuple[int, int], shapely.Geometry] = {}
    for first in range(0, len(region.stations), _TOGETHER):
        rows = range(first, min(first + _TOGETHER, len(region.stations)))
        times = node_times(region.network, region.station_snap.take(rows), limit_s)
        for row, node_ms in zip(rows, times, strict=True):
            origin = region.station_snap.take([row])
            field = times_on_grid(surface, node_ms, _along_own_street(surface, region, origin))
            inner: shapely.Geometry = shapely.Point(origin.x[0], origin.y[0]).buffer(_ORIGIN_M)
            for cutoff in sorted(minutes):
                inner = shapely.union(inner, area_within(surface, field, 60_000 * cutoff))
                areas[row, cutoff] = inner
    return areas


def times_on_grid(
    surface: Surface, node_ms: NDArray[np.int32], sample_ms: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return the time at every grid vertex, milliseconds, infinite where none reaches, shape of the grid.

    Parameters
    ----------
    surface
        The grid.
    node_ms
        Times at the network's nodes, shape (nodes,).
    sample_ms
        Times at the samples by ways that pass no node, infinite where there is none, shape (samples,).
    """
    times = np.where(node_ms == UNREACHABLE, np.inf, node_ms.astype(float))
    field = np.full(surface.shape[0] * surface.shape[1], np.inf)
    if surface.node.shape[1] == 3:
        corners = times[surface.node]
        reached = np.isfinite(corners).all(axis=1)
        field[surface.vertex[reached]] = (corners[reached] * surface.weight[reached]).sum(axis=1)
        return field.reshape(surface.shape)
    at_sample = (times[surface.node] + surface.added_ms).min(axis=1)
    if sample_ms is not None:
        at_sample = np.minimum(at_sample, sample_ms)
    reached = np.isfinite(at_sample)
    np.minimum.at(field, surface.vertex[reached], at_sample[reached])
    grid = field.reshape(surface.shape)
    for _ in range(_STREET_REACH_RINGS):
        grid = _one_ring_wider(grid, surface.ring_ms)
    return grid


def area_within(surface: Surface, field: NDArray[np.float64], cutoff_ms: int) -> shapely.Geometry:
    """Return the area where a grid of times is at most `cutoff_ms`; small holes are filled.

    The area does not depend on times more than five minutes beyond the limit, known or not.
    """
    near = np.argwhere(field <= cutoff_ms)
    if not len(near):
        return shapely.MultiPolygon()
    (bottom, left), (top, right) = np.maximum(near.min(axis=0) - 1, 0), near.max(axis=0) + 2
    # Whole times and half a millisecond keep the line off the grid vertices, and the limit itself inside.
    window = np.ceil(field[bottom:top, left:right])
    # Beyond reach the land counts as an hour farther than anything, so that the line stays near the road.
    heights = np.where(window <= cutoff_ms + _BEYOND_MS, window, 3_600_000.0 + 2 * cutoff_ms)
    x = surface.west + _CELL_M * np.arange(left, left + window.shape[1])
    y = surface.south + _CELL_M * np.arange(bottom, bottom + window.shape[0])
    if min(heights.shape) < 2:
        return shapely.MultiPolygon()
    lines = contour_generator(x, y, heights, fill_type=FillType.OuterOffset)
    # OuterOffset: for each polygon its points, and where in them its rings begin.
    found = cast(
        "tuple[list[NDArray[np.float64]], list[NDArray[np.uint32]]]", lines.filled(-1.0, cutoff_ms + 0.5)
    )
    parts = []
    for ring, offset in zip(*found, strict=True):
        outer, *holes = np.split(ring, offset[1:-1])
        wide = [hole for hole in holes if shapely.Polygon(hole).area > _SMALL_HOLE_M2]
        parts.append(shapely.Polygon(outer, wide))
    return shapely.union_all(parts)


def _along_own_street(surface: Surface, region: Region, origin: Snap) -> NDArray[np.float64] | None:
    """Return the times to the samples on the origin's own street, which is left at no node."""
    if origin.street[0] < 0:
        return None
    street = region.network.streets.iloc[int(origin.street[0])]
    here = origin.along_m[0] / street["length_m"] if street["length_m"] > 0 else 0.0
    same = surface.street == origin.street[0]
    onward = np.where(
        same & (surface.share >= here), surface.added_ms[:, 0] - street["along_ms"] * here, np.inf
    )
    back = surface.added_ms[:, 1] - street["against_ms"] * (1 - here)
    back = np.where(same & (surface.share <= here), back, np.inf)
    nearest: NDArray[np.float64] = np.minimum(onward, back) + origin.access_ms[0]
    return nearest


def _along_streets(surface: Surface, region: Region) -> Surface:
    streets = region.network.streets
    used = np.flatnonzero(~streets["highway"].isin(_NO_SPREAD).to_numpy())
    lines = streets.geometry.to_numpy()[used]
    count = np.ceil(shapely.length(lines) / (_CELL_M / 2)).astype(int) + 1
    street = np.repeat(np.arange(len(used)), count)
    share = (np.arange(len(street)) - np.repeat(np.cumsum(count) - count, count)) / np.maximum(
        count[street] - 1, 1
    )
    xy = shapely.get_coordinates(shapely.line_interpolate_point(lines[street], share, normalized=True))
    column = np.rint((xy[:, 0] - surface.west) / _CELL_M).astype(np.int64)
    row = np.rint((xy[:, 1] - surface.south) / _CELL_M).astype(np.int64)
    inside = (column >= 0) & (column < surface.shape[1]) & (row >= 0) & (row < surface.shape[0])
    off_road = np.hypot(xy[:, 0] - surface.west - _CELL_M * column, xy[:, 1] - surface.south - _CELL_M * row)
    along, against = (streets[name].to_numpy(float)[used] for name in ("along_ms", "against_ms"))
    from_tail = np.where(along < 0, np.inf, along)[street] * np.where(along[street] < 0, 1, share)
    from_head = np.where(against < 0, np.inf, against)[street] * np.where(against[street] < 0, 1, 1 - share)
    leaving = off_road / _CELL_M * surface.ring_ms
    ends = np.column_stack([streets["tail"].to_numpy()[used], streets["head"].to_numpy()[used]])
    return replace(
        surface,
        vertex=(row * surface.shape[1] + column)[inside],
        node=ends[street][inside].astype(np.int64),
        added_ms=np.column_stack([from_tail + leaving, from_head + leaving])[inside],
        street=used[street][inside],
        share=share[inside],
    )


def _between_nodes(surface: Surface, chosen: NDArray[np.int64], xy: NDArray[np.float64]) -> Surface:
    rows, columns = np.indices(surface.shape)
    place = np.column_stack(
        [surface.west + _CELL_M * columns.ravel(), surface.south + _CELL_M * rows.ravel()]
    )
    near, _ = cKDTree(xy).query(place, distance_upper_bound=_NODE_REACH_M)
    simplices = Delaunay(xy).simplices
    corner = xy[simplices]
    flat = np.abs(_cross(corner[:, 0] - corner[:, 2], corner[:, 1] - corner[:, 2])) < _FLAT_M2
    simplices, corner = simplices[~flat], corner[~flat]
    # Not Delaunay.find_simplex: it asks the linear algebra library once a triangle, seconds in all, and its
    # threads make that minutes on a busy machine.
    tree = shapely.STRtree(np.asarray(shapely.polygons(corner)))
    reached = np.flatnonzero(np.isfinite(near))
    point, triangle = tree.query(shapely.points(place[reached]), predicate="intersects")
    # A vertex on an edge lies in two triangles, which give it the same time.
    order = np.lexsort((triangle, point))
    found = order[np.unique(point[order], return_index=True)[1]]
    vertex, triangle = reached[point[found]], triangle[found]
    one, two = (corner[triangle, i] - corner[triangle, 2] for i in (0, 1))
    here = place[vertex] - corner[triangle, 2]
    whole = _cross(one, two)
    weight = np.column_stack([_cross(here, two), _cross(one, here)]) / whole[:, None]
    weight = np.column_stack([weight, 1 - weight.sum(axis=1)])
    return replace(surface, vertex=vertex, node=chosen[simplices[triangle]], weight=weight)


def _cross(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]


def _one_ring_wider(grid: NDArray[np.float64], ring_ms: float) -> NDArray[np.float64]:
    padded = np.pad(grid, 1, constant_values=np.inf)
    rows, columns = grid.shape
    wider = grid.copy()
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            cost = ring_ms * np.hypot(down, right)
            shifted = padded[1 + down : 1 + down + rows, 1 + right : 1 + right + columns]
            np.minimum(wider, shifted + cost, out=wider)
    return wider
