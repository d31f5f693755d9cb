"""The land that isochrones are drawn on: a grid whose every vertex takes its time from the nearest street."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

from borderless.analysis.isochrone.land import beside_segments, shares_at, spread_segments, times_at
from borderless.analysis.isochrone.stretches import Stretches
from borderless.region import Region
from borderless.roads.network import UNREACHABLE

#: Between streets, and between the nodes of an overlay.
CELL_M, OVERLAY_CELL_M = 50.0, 250.0
# land of an overlay, which has no streets, counts as far from its nodes as this
_NODE_REACH_M = 2_500.0
_OVERLAY_M_PER_MS = 50 / 3600
_FLAT_M2 = 1.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Corners:
    """Vertices of a grid that take their time from three nodes each.

    Parameters
    ----------
    vertex
        Numbers of the vertices, row by row, shape (vertices,).
    node
        Their nodes, shape (vertices, 3).
    weight
        Shares of the nodes' times, shape (vertices, 3).
    """

    vertex: NDArray[np.int64]
    node: NDArray[np.int64]
    weight: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ground:
    """A grid, the lines that are driven on it, and where every vertex takes its time from.

    Parameters
    ----------
    corner, cell_m
        West and south, whole spacings in EPSG:27700, m; the spacing.
    reach_m
        Land farther from its line is nobody's.
    lines
        The stretches; on an overlay its nodes, as lines without length.
    xy, at, first
        Their coordinates, how far along its line each lies (0 to 1), and where each line begins.
    bounds
        West, south, east, north of each line, shape (lines, 4).
    m_per_ms
        Speed on each line.
    line, share, distance_m
        For every vertex its nearest line (-1: none within reach), how far along that the nearest point is,
        and how far off it is; shape (rows northwards, columns eastwards). On an overlay 0 for all land.
    corners
        On an overlay, where vertices take their times from instead.
    """

    corner: tuple[float, float]
    cell_m: float
    reach_m: float
    lines: Stretches
    xy: NDArray[np.float64]
    at: NDArray[np.float64]
    first: NDArray[np.int64]
    bounds: NDArray[np.float64]
    m_per_ms: NDArray[np.float64]
    line: NDArray[np.int32]
    share: NDArray[np.float32]
    distance_m: NDArray[np.float32]
    corners: Corners | None = None

    @property
    def width_m(self) -> float:
        """Return how near to what is reached all land is inside, so that no line slips through the grid.

        The corners of a cell lie within 1.5 spacings of any line through it.
        """
        return (2.0 if self.corners is None else 1.5) * self.cell_m


@dataclass(frozen=True, eq=False)
class Patch:
    """A part of a ground, with a number at each vertex.

    Parameters
    ----------
    rows, columns
        Where it lies in the ground.
    corner
        West and south, m.
    values
        Shape (rows, columns).
    """

    rows: slice
    columns: slice
    corner: tuple[float, float]
    values: NDArray[np.float64]


def build_ground(
    region: Region, stretches: Stretches, earliest_ms: NDArray[np.int32], cutoff_ms: int, reach_m: float
) -> Ground:
    """Lay a grid over all land that may be reached.

    Parameters
    ----------
    region
        Roads; where they are an overlay of nodes without streets, times are interpolated linearly between
        the nodes at which demand points and stations stand, if these span any land.
    stretches
        What is driven along.
    earliest_ms
        Time at every place from the nearest station, shape (places,).
    cutoff_ms
        The largest.
    reach_m
        How far from its street land counts.
    """
    stations = shapely.total_bounds(region.stations.geometry.to_numpy())
    if region.study.roads.snap == "nodes":
        chosen = np.unique(np.concatenate([region.demand_snap.node, region.station_snap.node]))
        xy = np.column_stack([region.network.x[chosen], region.network.y[chosen]])
        # by place, since the numbers of nodes depend on how the network was taken apart
        by_place = np.lexsort((xy[:, 1], xy[:, 0]))
        chosen, xy = chosen[by_place].astype(np.int64), xy[by_place]
        if np.linalg.matrix_rank(xy - xy[0], tol=1.0) == 2:
            return _between_nodes(chosen, xy, stations)
    near = (earliest_ms[stretches.tail] <= cutoff_ms) | (earliest_ms[stretches.head] <= cutoff_ms)
    return _beside_streets(stretches, near, reach_m, stations)


def times_over(ground: Ground, place_ms: NDArray[np.int32], touched: NDArray[np.int64], origin: Box) -> Patch:
    """Return the time to every vertex around some lines, ms, infinite for none.

    Parameters
    ----------
    ground
        The grid.
    place_ms
        Time at every place, shape (places,).
    touched
        Numbers of the lines.
    origin
        Where the station and its street are, west, south, east, north.
    """
    lines = ground.lines
    rows, columns, corner = _window(ground, np.vstack([ground.bounds[touched], origin]))
    if ground.corners is None:
        part = ground.line[rows, columns], ground.share[rows, columns]
        ways = (lines.tail, lines.head), (lines.along_ms, lines.against_ms)
        values = times_at(*part, *ways, place_ms, int(UNREACHABLE))
        return Patch(rows, columns, corner, values)
    at = place_ms[ground.corners.node]
    known = (at != UNREACHABLE).all(axis=1)
    whole = np.full(ground.line.size, np.inf)
    whole[ground.corners.vertex[known]] = (at[known] * ground.corners.weight[known]).sum(axis=1)
    return Patch(rows, columns, corner, whole.reshape(ground.line.shape)[rows, columns])


def _window(ground: Ground, boxes: NDArray[np.float64]) -> tuple[slice, slice, tuple[float, float]]:
    """Return the rows and columns around boxes, with room for land beside them, and their corner."""
    margin = ground.reach_m + ground.width_m + 2 * ground.cell_m
    low = np.floor((boxes[:, :2].min(axis=0) - margin - ground.corner) / ground.cell_m).astype(int)
    high = np.ceil((boxes[:, 2:].max(axis=0) + margin - ground.corner) / ground.cell_m).astype(int) + 1
    left, below = np.maximum(low, 0).tolist()
    right, above = np.minimum(high, ground.line.shape[::-1]).tolist()
    corner = ground.corner[0] + ground.cell_m * left, ground.corner[1] + ground.cell_m * below
    return slice(below, above), slice(left, right), corner


def _grid(
    box: NDArray[np.float64], margin_m: float, cell_m: float
) -> tuple[tuple[float, float], tuple[int, int]]:
    """Return the corner and the shape of a grid on whole spacings around a box."""
    low = np.floor((box[:2] - margin_m) / cell_m) * cell_m
    columns, rows = (np.ceil((box[2:] + margin_m - low) / cell_m).astype(int) + 1).tolist()
    return (float(low[0]), float(low[1])), (rows, columns)


def _beside_streets(
    stretches: Stretches, near: NDArray[np.bool_], reach_m: float, stations: NDArray[np.float64]
) -> Ground:
    bounds = shapely.bounds(stretches.line)
    boxes = np.vstack([bounds[near], stations])
    box = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    # land within reach of a line may lie nearer to another one
    corner, shape = _grid(box, 2 * reach_m + 4 * CELL_M, CELL_M)
    xy, of = shapely.get_coordinates(stretches.line, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0).T)
    same = of[1:] == of[:-1]
    passed = np.concatenate([[0.0], np.cumsum(np.where(same, step, 0.0))])
    first = np.searchsorted(of, np.arange(len(stretches) + 1))
    length = passed[first[1:] - 1] - passed[first[:-1]]
    at = (passed - passed[first[:-1]][of]) / np.where(length > 0, length, 1.0)[of]
    takes_land = np.concatenate([same & stretches.stops[of[:-1]], [False]])
    segment, squared = beside_segments(xy, takes_land, corner, CELL_M, shape)
    spread_segments(segment, squared, xy, corner, CELL_M, reach_m)
    line = np.full(shape, -1, np.int32)
    line[segment >= 0] = of[segment[segment >= 0]]
    times = np.where(stretches.along_ms < 0, stretches.against_ms, stretches.along_ms)
    return Ground(
        corner=corner,
        cell_m=CELL_M,
        reach_m=reach_m,
        lines=stretches,
        xy=xy,
        at=at,
        first=first,
        bounds=bounds,
        m_per_ms=length / np.maximum(times, 1),
        line=line,
        share=shares_at(segment, xy, at, corner, CELL_M),
        distance_m=np.where(segment >= 0, np.sqrt(squared), np.float32(np.inf)),
    )


def _between_nodes(
    chosen: NDArray[np.int64], xy: NDArray[np.float64], stations: NDArray[np.float64]
) -> Ground:
    boxes = np.vstack([np.column_stack([xy, xy]), stations])
    box = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    corner, shape = _grid(box, _NODE_REACH_M + 4 * OVERLAY_CELL_M, OVERLAY_CELL_M)
    corners = _triangles(chosen, xy, corner, shape)
    land = np.full(shape[0] * shape[1], -1, np.int32)
    land[corners.vertex] = 0
    line = land.reshape(shape)
    closed = np.full(len(chosen), -1, np.int64)
    points = np.empty(len(chosen), dtype=object)
    points[:] = [shapely.LineString([place, place]) for place in xy]
    nodes = Stretches(
        street=closed,
        tail=chosen,
        head=chosen,
        along_ms=closed,
        against_ms=closed,
        length_m=np.zeros(len(chosen)),
        stops=np.ones(len(chosen), dtype=np.bool_),
        line=points,
    )
    return Ground(
        corner=corner,
        cell_m=OVERLAY_CELL_M,
        reach_m=_NODE_REACH_M,
        lines=nodes,
        xy=np.repeat(xy, 2, axis=0),
        at=np.zeros(2 * len(chosen)),
        first=np.arange(0, 2 * len(chosen) + 1, 2),
        bounds=np.column_stack([xy, xy]),
        m_per_ms=np.full(len(chosen), _OVERLAY_M_PER_MS),
        line=line,
        share=np.zeros(shape, np.float32),
        distance_m=np.where(line < 0, np.inf, 0.0).astype(np.float32),
        corners=corners,
    )


def _triangles(
    chosen: NDArray[np.int64], xy: NDArray[np.float64], corner: tuple[float, float], shape: tuple[int, int]
) -> Corners:
    """Return the vertices near a node and within a triangle of nodes, with its corners' shares."""
    rows, columns = (index.ravel() for index in np.indices(shape))
    place = np.column_stack([corner[0] + OVERLAY_CELL_M * columns, corner[1] + OVERLAY_CELL_M * rows])
    near, _ = cKDTree(xy).query(place, distance_upper_bound=_NODE_REACH_M)
    simplices = Delaunay(xy).simplices
    ends = xy[simplices]
    flat = np.abs(_cross(ends[:, 0] - ends[:, 2], ends[:, 1] - ends[:, 2])) < _FLAT_M2
    simplices, ends = simplices[~flat], ends[~flat]
    # Not Delaunay.find_simplex: it asks the linear algebra library once a triangle, seconds in all, and its
    # threads make that minutes on a busy machine.
    tree = shapely.STRtree(np.asarray(shapely.polygons(ends)))
    reached = np.flatnonzero(np.isfinite(near))
    point, triangle = tree.query(shapely.points(place[reached]), predicate="intersects")
    # A vertex on an edge lies in two triangles, which give it the same time.
    order = np.lexsort((triangle, point))
    found = order[np.unique(point[order], return_index=True)[1]]
    vertex, triangle = reached[point[found]], triangle[found]
    one, two = (ends[triangle, i] - ends[triangle, 2] for i in (0, 1))
    here = place[vertex] - ends[triangle, 2]
    weight = np.column_stack([_cross(here, two), _cross(one, here)]) / _cross(one, two)[:, None]
    return Corners(vertex, chosen[simplices[triangle]], np.column_stack([weight, 1 - weight.sum(axis=1)]))


def _cross(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
