"""In which order to take a road network apart, so that few shortcuts are needed: nested dissection."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from borderless.roads.arrays import FloatArray, Int32Array, Int64Array

try:
    import pymetis
except ImportError:  # no wheel on this platform
    pymetis = None  # type: ignore[assignment]

# below this size any order is quick
_METIS_FROM_NODES = 1_000
# parts this small are not cut any further
_LEAF_NODES = 6
# a cut leaves at least this share of the nodes on either side
_LEAST_SHARE = 0.3


def neighbours(count: int, tail: npt.ArrayLike, head: npt.ArrayLike) -> tuple[Int64Array, Int32Array]:
    """Return who is joined to whom, whichever way an arc runs.

    Parameters
    ----------
    count
        Number of nodes, n.
    tail, head
        Nodes of each arc; loops, parallel and opposite arcs count once or not at all.

    Returns
    -------
    first, neighbour
        Node ``u`` is joined to ``neighbour[first[u]:first[u + 1]]``, each named once; int64 of shape
        (n + 1,) and int32.
    """
    ends = (np.ascontiguousarray(values, dtype=np.int32) for values in (tail, head))
    return _neighbours(count, *ends)


def dissection(first: Int64Array, neighbour: Int32Array, x: FloatArray, y: FloatArray) -> Int32Array:
    """Return the nodes in an order of elimination, those that separate the network last.

    METIS's nested dissection (Karypis and Kumar 1998) where its package installs, else cuts by coordinates.

    Parameters
    ----------
    first, neighbour
        Who is joined to whom, as :func:`neighbours` gives it.
    x, y
        Node coordinates, shape (n,), for the cuts; METIS does not need them.

    Returns
    -------
    numpy.ndarray
        Node numbers, int32, shape (n,).
    """
    if pymetis is None or len(x) < _METIS_FROM_NODES:  # type: ignore[redundant-expr]
        return dissection_by_place(first, neighbour, x, y)
    order, _ = pymetis.nested_dissection(pymetis.CSRAdjacency(first.astype(np.int32), neighbour))
    return np.asarray(order, dtype=np.int32)


def dissection_by_place(first: Int64Array, neighbour: Int32Array, x: FloatArray, y: FloatArray) -> Int32Array:
    """Return an order of elimination from straight cuts through the map; see :func:`dissection`.

    Each part is cut in two along one of four directions, where fewest nodes on one side touch the other;
    these nodes come last. More shortcuts than METIS's, but nothing to install.
    """
    places = np.column_stack([x, y, x + y, x - y])
    # places without coordinates may be cut anywhere
    return _dissected(first, neighbour, np.nan_to_num(places).astype(np.float32))


@njit(cache=True)
def _neighbours(count: int, tail: Int32Array, head: Int32Array) -> tuple[Int64Array, Int32Array]:
    start = np.zeros(count + 1, np.int64)
    for arc in range(len(tail)):
        start[tail[arc] + 1] += 1
        start[head[arc] + 1] += 1
    for node in range(count):
        start[node + 1] += start[node]
    place = start[:-1].copy()
    both = np.empty(start[count], np.int32)
    for arc in range(len(tail)):
        u, v = tail[arc], head[arc]
        both[place[u]] = v
        place[u] += 1
        both[place[v]] = u
        place[v] += 1
    first = np.zeros(count + 1, np.int64)
    seen = np.full(count, -1, np.int32)
    kept = 0
    for node in range(count):
        seen[node] = node
        for i in range(start[node], start[node + 1]):
            other = both[i]
            if seen[other] != node:
                seen[other] = node
                both[kept] = other
                kept += 1
        first[node + 1] = kept
    return first, both[:kept].copy()


@njit(cache=True)
def _dissected(first: Int64Array, neighbour: Int32Array, places: npt.NDArray[np.float32]) -> Int32Array:
    count = len(first) - 1
    # `order` holds every open part as a run of its own; a part's separator moves to the end of its run
    # what is never cut keeps its order: the first node comes last here, and so first in the tree
    order = np.arange(count - 1, -1, -1).astype(np.int32)
    rank = np.full(count, -1, np.int32)
    low, high = [0], [count]
    while len(low) > 0:
        begin, end = low.pop(), high.pop()
        size = end - begin
        if size <= _LEAF_NODES:
            continue
        best, best_cost, best_split = order[begin:end].copy(), size + 1, 0
        for direction in range(places.shape[1]):
            part = order[begin:end]
            part = part[np.argsort(places[part, direction])]
            for i in range(size):
                rank[part[i]] = i
            split, cost = _best_split(first, neighbour, part, rank)
            if cost < best_cost:
                best, best_cost, best_split = part, cost, split
        for i in range(size):
            rank[best[i]] = i
        inner = _separator_last(first, neighbour, best, rank, best_split, order, begin)
        for i in range(size):
            rank[best[i]] = -1
        low.append(begin)
        high.append(begin + inner[0])
        low.append(begin + inner[0])
        high.append(begin + inner[0] + inner[1])
    return order


@njit(cache=True)
def _best_split(
    first: Int64Array, neighbour: Int32Array, part: Int32Array, rank: Int32Array
) -> tuple[int, int]:
    """Return where to split a sorted part, and how many nodes of one side touch the other there."""
    size = len(part)
    left, right = np.zeros(size + 1, np.int32), np.zeros(size + 1, np.int32)
    for i in range(size):
        lowest, highest = i, i
        for k in range(first[part[i]], first[part[i] + 1]):
            other = rank[neighbour[k]]
            if other >= 0:
                lowest, highest = min(lowest, other), max(highest, other)
        # node i lies on the left of splits i + 1 to `highest`, on the right of splits `lowest` + 1 to i
        left[min(i + 1, size)] += 1
        left[min(highest + 1, size)] -= 1
        right[min(lowest + 1, size)] += 1
        right[min(i + 1, size)] -= 1
    margin = max(1, int(size * _LEAST_SHARE))
    split, cost, touching_left, touching_right = size // 2, size, 0, 0
    for i in range(size - margin + 1):
        touching_left += left[i]
        touching_right += right[i]
        here = min(touching_left, touching_right)
        if i >= margin and (here < cost or (here == cost and abs(2 * i - size) < abs(2 * split - size))):
            split, cost = i, here
    return split, cost


@njit(cache=True)
def _separator_last(
    first: Int64Array,
    neighbour: Int32Array,
    part: Int32Array,
    rank: Int32Array,
    split: int,
    order: Int32Array,
    begin: int,
) -> tuple[int, int]:
    """Write a part into the order as left, right, separator; return the sizes of left and right."""
    size = len(part)
    touching = np.zeros(size, np.bool_)
    for i in range(size):
        for k in range(first[part[i]], first[part[i] + 1]):
            other = rank[neighbour[k]]
            if other >= 0 and (other < split) != (i < split):
                touching[i] = True
    from_left = touching[:split].sum() <= touching[split:].sum()
    place = begin
    for i in range(split):
        if not (from_left and touching[i]):
            order[place] = part[i]
            place += 1
    middle = place
    for i in range(split, size):
        if from_left or not touching[i]:
            order[place] = part[i]
            place += 1
    last = place
    for i in range(size):
        if touching[i] and (i < split) == from_left:
            order[place] = part[i]
            place += 1
    return middle - begin, last - middle
