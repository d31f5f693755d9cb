"""From the sources up the tree, and down again to find out who is nearest.

A query climbs from its sources over edges to ever fewer ancestors, and then descends to every place once, in
the order of the tree (PHAST, Delling et al. 2011, over an elimination tree). Arrays are those of a
:class:`~borderless.roads.hierarchy.Hierarchy`; a lane is one row of times to be found.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from borderless.roads.arrays import UNREACHABLE, Int32Array, Int64Array
from borderless.roads.hierarchy import UInt32Array

#: uint32 with MS, uint64 with MS_AND_SEED
TimeArray = npt.NDArray[np.unsignedinteger[Any]]

#: Times as plain ms: what never is, and by how many bits a time is shifted.
MS = (np.uint32(UNREACHABLE), np.uint32(0))
#: Times with the number of their seed in the lower half: the smaller is the sooner, and of equally soon ones
#: the one from the earlier seed.
MS_AND_SEED = (np.uint64(int(UNREACHABLE) << 32), np.uint64(32))

_SEED = np.uint64(0xFFFFFFFF)


@njit(nogil=True, cache=True, inline="always")
def _later(time, ms, shift):  # type: ignore[no-untyped-def]
    """Return a time `ms` later, of the same type; no two times are too large to be added."""
    return type(time)(time + (type(time)(ms) << shift))


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
            other = row[above[edge]]
            for k in range(lanes):
                times[other, k] = min(times[other, k], _later(times[i, k], climb_ms[edge], shift))
    return row, times


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
    stack, at_place = (
        np.empty(level.max() + 1 if len(level) else 0, np.uint64),
        np.empty(len(level), np.uint64),
    )
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
