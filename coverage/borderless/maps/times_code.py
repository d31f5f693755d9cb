"""The matrix of times in a form that packs well: each point's times less those of a neighbour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree
from scipy.spatial import cKDTree

from borderless.roads.network import UNREACHABLE

_NEIGHBOURS = 8
_NONE = -1


def encode_times(travel_ms: NDArray[np.int32], xy: NDArray[np.float64]) -> dict[str, NDArray[np.uint32]]:
    """Return travel times as differences between neighbouring points, exactly.

    From far stations the quickest ways to two neighbouring points part only at the end, so the difference of
    the two times is the same number for most stations. Points are therefore hung into a tree whose branches
    join neighbours with few different differences.

    Parameters
    ----------
    travel_ms
        Whole milliseconds, shape (stations, points).
    xy
        Points in metres, shape (points, 2).

    Returns
    -------
    dict
        ``row_point``: the point of each row, parents before children; ``row_parent``: 1 + the row of its
        parent, 0 for a root; ``row_step``: times less the parent's (a root's own), zigzag coded (0, -1, 1, -2
        … become 0, 1, 2, 3 …), shape (points × stations,), out of reach counted as -1.
    """
    times = np.where(travel_ms == UNREACHABLE, _NONE, travel_ms).T.astype(np.int64)
    row_point, parent_of = _tree(times, xy)
    parent = parent_of[row_point]
    hung = parent >= 0
    step = times[row_point]
    step[hung] -= times[parent[hung]]
    row_of = np.empty(len(times), dtype=np.int64)
    row_of[row_point] = np.arange(len(times))
    row_parent = np.where(hung, row_of[np.maximum(parent, 0)] + 1, 0)
    zigzag = (step << 1) ^ (step >> 63)
    return {
        "row_point": row_point.astype(np.uint32),
        "row_parent": row_parent.astype(np.uint32),
        "row_step": zigzag.ravel().astype(np.uint32),
    }


def _tree(times: NDArray[np.int64], xy: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the points in an order with parents first, and each one's parent (-1 for a root)."""
    points = len(times)
    count = min(_NEIGHBOURS + 1, points)
    if count < 2:
        return np.arange(points), np.full(points, -1)
    near = np.asarray(cKDTree(xy).query(xy, k=count)[1])[:, 1:]
    one = np.repeat(np.arange(points), count - 1)
    pair = np.unique(np.sort(np.column_stack([one, near.ravel()]), axis=1), axis=0)
    pair = pair[pair[:, 0] != pair[:, 1]]
    # how many different differences there are between the two points
    between = np.sort(times[pair[:, 0]] - times[pair[:, 1]], axis=1)
    cost = 1 + (np.diff(between, axis=1) != 0).sum(axis=1)
    tree = minimum_spanning_tree(coo_array((cost, (pair[:, 0], pair[:, 1])), shape=(points, points)).tocsr())
    order, parent = [], np.full(points, -1)
    seen = np.zeros(points, dtype=bool)
    for root in range(points):
        if not seen[root]:
            reached, before = breadth_first_order(tree, root, directed=False)
            seen[reached] = True
            parent[reached] = np.maximum(before[reached], -1)
            order.append(reached)
    return np.concatenate(order).astype(np.int64), parent
