"""Climb from the sources, then one sweep down the tree: times from many sources, side by side.

A query climbs from its sources over edges to ever fewer ancestors, and then descends to every place once, in
the order of the tree (PHAST, Delling et al. 2011, over an elimination tree). Arrays are those of a
:class:`~borderless.roads.hierarchy.Hierarchy`; a lane is one row of times to be found.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from borderless.roads.arrays import UNREACHABLE, BoolArray, Int32Array, Int64Array
from borderless.roads.hierarchy import UInt32Array
from borderless.roads.tiles import lay_out

#: uint32 with MS, uint64 with MS_AND_SEED
TimeArray = npt.NDArray[np.unsignedinteger[Any]]

#: Times as plain ms: what never is, and by how many bits a time is shifted.
MS = (np.uint32(UNREACHABLE), np.uint32(0))
#: Times with the number of their seed in the lower half: the smaller is the sooner, and of equally soon ones
#: the one from the earlier seed.
MS_AND_SEED = (np.uint64(int(UNREACHABLE) << 32), np.uint64(32))

_SEED = np.uint64(0xFFFFFFFF)
#: Places whose times are written out together: enough to write along rows, few enough to stay in the cache.
BLOCK = 64
# To look whether a subtree can be skipped costs as much as a few of its places.
_SMALL_SUBTREE = 8


@njit(nogil=True, cache=True, inline="always")
def _later(time, ms, shift):  # type: ignore[no-untyped-def]
    """Return a time `ms` later, of the same type; no two times are too large to be added."""
    return type(time)(time + (type(time)(ms) << shift))


# These three are inlined loops over nothing but two rows, which the compiler turns into vector instructions.
@njit(nogil=True, cache=True, inline="always")
def _copy(rows, row, source, line):  # type: ignore[no-untyped-def]
    for k in range(rows.shape[1]):
        rows[row, k] = source[line, k]


@njit(nogil=True, cache=True, inline="always")
def _begin(rows, row, seed_times, seeded, never):  # type: ignore[no-untyped-def]
    for k in range(rows.shape[1]):
        rows[row, k] = never
    if seeded >= 0:
        _copy(rows, row, seed_times, seeded)


@njit(nogil=True, cache=True, inline="always")
def _lower(rows, row, source, line, ms, shift):  # type: ignore[no-untyped-def]
    for k in range(rows.shape[1]):
        rows[row, k] = min(rows[row, k], _later(source[line, k], ms, shift))


@njit(nogil=True, cache=True)
def climb(
    parent: Int32Array,
    first_edge: Int64Array,
    above: Int32Array,
    climb_ms: UInt32Array,
    first_seed: Int64Array,
    seed_place: Int32Array,
    seed_time: TimeArray,
    never: np.unsignedinteger[Any],
    shift: np.unsignedinteger[Any],
) -> tuple[Int32Array, TimeArray]:
    """Return the times of every seed's ancestors over climbing edges alone.

    Parameters
    ----------
    parent, first_edge, above, climb_ms
        A hierarchy.
    first_seed, seed_place, seed_time
        Lane k starts at places ``seed_place[first_seed[k]:first_seed[k + 1]]`` after `seed_time`.
    never, shift
        ``MS`` or ``MS_AND_SEED``.

    Returns
    -------
    row, times
        For each place its row of `times`, -1 where no seed climbs; times of shape (rows, lanes).
    """
    lanes = len(first_seed) - 1
    row = np.full(len(parent), -1, np.int32)
    climbed = [np.int32(0) for _ in range(0)]
    for seed in range(len(seed_place)):
        p = seed_place[seed]
        while p >= 0 and row[p] < 0:
            row[p] = 0
            climbed.append(p)
            p = parent[p]
    upwards = np.sort(np.array(climbed, np.int32))[::-1]
    for i in range(len(upwards)):
        row[upwards[i]] = i
    times = np.full((len(upwards), lanes), never)
    for lane in range(lanes):
        for seed in range(first_seed[lane], first_seed[lane + 1]):
            at = row[seed_place[seed]]
            times[at, lane] = min(times[at, lane], seed_time[seed])
    for i in range(len(upwards)):
        p = upwards[i]
        for edge in range(first_edge[p], first_edge[p + 1]):
            _lower(times, row[above[edge]], times, i, climb_ms[edge], shift)
    return row, times


@njit(nogil=True, cache=True)
def sweep(
    level: Int32Array,
    first_edge: Int64Array,
    above_level: Int32Array,
    descend_ms: UInt32Array,
    seed_row: Int32Array,
    seed_times: UInt32Array,
    rows: UInt32Array,
    order: Int32Array,
    out: UInt32Array,
    out_row: Int64Array,
) -> None:
    """Write the times at every place.

    Places come in pre-order, so that a place's ancestors are the only places whose times are still needed:
    they lie on a stack as deep as the tree, which stays in the processor's nearest cache.

    Parameters
    ----------
    level, first_edge, above_level, descend_ms
        A hierarchy.
    seed_row, seed_times
        What :func:`climb` found with ``MS``.
    rows
        Room for the times of a block of places, uint32, shape (block, lanes).
    order
        Once a block is full, column i of it becomes ``rows[order[i]]``, int32, shape (block,): ascending
        numbers write places in their order, a block of all places may be written in any order.
    out
        uint32 ms, a column for each place.
    out_row
        For each lane its row of `out`, int64.
    """
    never, shift = MS
    count, lanes, block = len(level), seed_times.shape[1], len(rows)
    stack = np.empty((_depth(level), lanes), np.uint32)
    for begin in range(0, count, block):
        end = min(count, begin + block)
        for p in range(begin, end):
            i = p - begin
            _begin(rows, i, seed_times, seed_row[p], never)
            for edge in range(first_edge[p], first_edge[p + 1]):
                _lower(rows, i, stack, above_level[edge], descend_ms[edge], shift)
            if p + 1 < count and level[p + 1] > level[p]:
                _copy(stack, level[p], rows, i)
        lay_out(rows, order[: end - begin], out, out_row, begin)


@njit(nogil=True, cache=True)
def sweep_within(
    level: Int32Array,
    after: Int32Array,
    first_edge: Int64Array,
    above_level: Int32Array,
    descend_ms: UInt32Array,
    seed_row: Int32Array,
    seed_times: UInt32Array,
    limit_ms: np.uint32,
    wanted: Int32Array,
    out: UInt32Array,
    out_row: Int64Array,
) -> None:
    """Write the times of at most a limit at wanted places, ``UNREACHABLE`` where it takes longer.

    A subtree in which nothing is wanted is skipped. So is one that is too far: a way into it passes one of
    the ancestors that its root has an edge to, so when none of these is within the limit, nor a seed inside,
    nothing inside is. Edges count whatever their time: one that may not be driven from its ancestor still
    stands for places below that may.

    Parameters
    ----------
    level, after, first_edge, above_level, descend_ms
        A hierarchy.
    seed_row, seed_times
        What :func:`climb` found with ``MS``.
    limit_ms
        Below ``UNREACHABLE``.
    wanted
        How many wanted places come before each place, shape (n + 1,).
    out
        uint32 ms, at least as many columns as wanted places, in their order.
    out_row
        For each lane its row of `out`, int64.
    """
    never, shift = MS
    count, lanes, depth = len(level), seed_times.shape[1], _depth(level)
    stack, near = np.empty((depth, lanes), np.uint32), np.zeros(depth, np.bool_)
    rows, order = np.empty((BLOCK, lanes), np.uint32), np.arange(BLOCK).astype(np.int32)
    p = 0
    while p < count:
        here, i = level[p], wanted[p] % BLOCK
        worth_skipping = after[p] - p > _SMALL_SUBTREE
        if worth_skipping:
            enters = seed_row[p] >= 0 or _any_near(p, first_edge, above_level, near)
            if not enters or wanted[after[p]] == wanted[p]:
                _write_never(rows, order, out, out_row, wanted[p], wanted[after[p]])
                p = after[p]
                continue
        _begin(rows, i, seed_times, seed_row[p], never)
        for edge in range(first_edge[p], first_edge[p + 1]):
            _lower(rows, i, stack, above_level[edge], descend_ms[edge], shift)
        if p + 1 < count and level[p + 1] > here:
            _copy(stack, here, rows, i)
        if worth_skipping:
            least = never
            for k in range(lanes):
                least = min(least, rows[i, k])
            near[here] = least <= limit_ms
        if wanted[p + 1] > wanted[p]:
            for k in range(lanes):
                rows[i, k] = rows[i, k] if rows[i, k] <= limit_ms else never
            if i + 1 == BLOCK:
                lay_out(rows, order, out, out_row, wanted[p] - i)
        p += 1
    lay_out(rows, order[: wanted[count] % BLOCK], out, out_row, wanted[count] // BLOCK * BLOCK)


@njit(nogil=True, cache=True)
def _any_near(p: int, first_edge: Int64Array, above_level: Int32Array, near: BoolArray) -> bool:
    edge, end = first_edge[p], first_edge[p + 1]
    while edge < end and not near[above_level[edge]]:
        edge += 1
    return bool(edge < end)


@njit(nogil=True, cache=True)
def _write_never(
    rows: UInt32Array, order: Int32Array, out: UInt32Array, out_row: Int64Array, begin: int, end: int
) -> None:
    """Fill columns that are not reached: whole blocks directly, the rest in the block that is open."""
    never, _ = MS
    column = begin
    while column < end:
        if column % BLOCK == 0 and column + BLOCK <= end:
            last = end // BLOCK * BLOCK
            for line in out_row:
                out[line, column:last] = never
            column = last
            continue
        for k in range(rows.shape[1]):
            rows[column % BLOCK, k] = never
        column += 1
        if column % BLOCK == 0:
            lay_out(rows, order, out, out_row, column - BLOCK)


@njit(nogil=True, cache=True)
def sweep_nearest(
    level: Int32Array,
    first_edge: Int64Array,
    above_level: Int32Array,
    descend_ms: UInt32Array,
    seed_row: Int32Array,
    seed_times: TimeArray,
    place: Int32Array,
    times: UInt32Array,
    seed: Int32Array,
) -> None:
    """Write the shortest time from any seed to every node, and which seed it is from.

    Parameters
    ----------
    level, first_edge, above_level, descend_ms
        A hierarchy.
    seed_row, seed_times
        What :func:`climb` found with ``MS_AND_SEED`` and one lane.
    place
        Each node's place, shape (n,).
    times, seed
        uint32 ms, and the seed's number, -1 where none reaches, shape (n,).
    """
    never, shift = MS_AND_SEED
    stack, at_place = np.empty(_depth(level), np.uint64), np.empty(len(level), np.uint64)
    for p in range(len(level)):
        best = seed_times[seed_row[p], 0] if seed_row[p] >= 0 else never
        for edge in range(first_edge[p], first_edge[p + 1]):
            best = min(best, _later(stack[above_level[edge]], descend_ms[edge], shift))
        stack[level[p]] = best
        at_place[p] = best
    for node in range(len(place)):
        found = at_place[place[node]]
        times[node] = np.uint32(found >> shift)
        seed[node] = np.int32(found & _SEED) if found < never else -1


@njit(nogil=True, cache=True)
def _depth(level: Int32Array) -> int:
    deepest = -1
    for p in range(len(level)):
        deepest = max(deepest, level[p])
    return deepest + 1
