"""One shortest way: which nodes it passes, and the line it takes on the map."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

from borderless.errors import BorderlessError
from borderless.roads.arrays import UNREACHABLE, Int32Array, Int64Array
from borderless.roads.streets import Streets


def tight_path(
    first_arc: Int64Array, head: Int32Array, travel_ms: Int32Array, left_ms: Int32Array, start: int, end: int
) -> Int32Array:
    """Return the nodes of a shortest way: from node to node along arcs whose time is what they save.

    Parameters
    ----------
    first_arc, head, travel_ms
        A network's arcs; every time is above 0, so that no node comes twice.
    left_ms
        The time from every node to `end`, shape (n,).
    start, end
        Node numbers.

    Returns
    -------
    numpy.ndarray
        int32, both ends included; empty if there is no way.
    """
    if left_ms[start] == UNREACHABLE:
        return np.empty(0, dtype=np.int32)
    found: Int32Array = _tight_path(first_arc, head, travel_ms, left_ms, start, end)
    return found


@njit(cache=True)
def _tight_path(
    first_arc: Int64Array, head: Int32Array, travel_ms: Int32Array, left_ms: Int32Array, start: int, end: int
) -> Int32Array:
    node = start
    path = [np.int32(node)]
    while node != end:
        for arc in range(first_arc[node], first_arc[node + 1]):
            if np.int64(travel_ms[arc]) + left_ms[head[arc]] == left_ms[node]:
                node = head[arc]
                break
        path.append(np.int32(node))
    return np.array(path, np.int32)


def line_along(
    first_arc: Int64Array,
    head: Int32Array,
    streets: Streets,
    geometry: npt.NDArray[np.object_],
    route: Int32Array,
) -> shapely.LineString:
    """Return the line along the streets of a route; see ``RoadNetwork.line_of``."""
    points = [np.empty((0, 2))]
    for u, v in pairwise(route):
        row = head[first_arc[u] : first_arc[u + 1]]
        arc = int(np.searchsorted(row, v))
        if arc == len(row) or row[arc] != v:
            msg = f"no street leads from node {u} to node {v} → give nodes that follow each other"
            raise BorderlessError(msg)
        arc += int(first_arc[u])
        xy = shapely.get_coordinates(geometry[streets.arc_street[arc]])
        along = xy if streets.arc_forward[arc] else xy[::-1]
        points.append(along if len(points) == 1 else along[1:])
    return shapely.LineString(np.concatenate(points))
