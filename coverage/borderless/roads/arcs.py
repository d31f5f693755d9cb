"""Arcs as arrays: checked, in rows by tail, the fastest of parallel ones alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from borderless.errors import InputError, Problem
from borderless.roads.arrays import UNREACHABLE, Int32Array, Int64Array

#: What problems of the roads are told of.
SUBJECT = "roads"


def parts_from_arcs(
    tail: npt.ArrayLike, head: npt.ArrayLike, travel_ms: npt.ArrayLike, x: npt.ArrayLike, y: npt.ArrayLike
) -> dict[str, Any]:
    """Return the fields of a network of arcs alone; see ``RoadNetwork.from_arrays``."""
    place_x, place_y = (np.asarray(values, dtype=np.float64).reshape(-1) for values in (x, y))
    if len(place_x) != len(place_y) or len(place_x) >= int(UNREACHABLE):
        raise road_failure(
            f"there are {len(place_x):,} x and {len(place_y):,} y of nodes",
            "give each node both, below 2³¹ of them",
        )
    times = whole_ms(travel_ms)
    start, end = (_node_numbers(values, len(place_x)) for values in (tail, head))
    if not len(start) == len(end) == len(times):
        why = f"there are {len(start):,} tails, {len(end):,} heads and {len(times):,} travel times"
        raise road_failure(why, "give each arc one of each")
    first_arc, heads, fastest, loops = arc_rows(len(place_x), start, end, times)
    counts: dict[str, int | float] = {"nodes_read": len(place_x), "streets_read": len(times)}
    counts |= {"self_loops": loops, "parallel_arcs": len(times) - loops - len(heads)}
    arrays = {"first_arc": first_arc, "head": heads, "travel_ms": fastest, "x": place_x, "y": place_y}
    return arrays | {"counts": counts}


def whole_ms(travel_ms: npt.ArrayLike) -> Int32Array:
    """Return travel times as int32 ms.

    Raises
    ------
    InputError
        If one is not whole, below 1 ms or too long.
    """
    given = np.asarray(travel_ms).reshape(-1)
    if given.dtype.kind not in "iu":
        given = given.astype(np.float64)
        broken = ~(np.isfinite(given) & (given == np.rint(given)))
        if broken.any():
            why = f"{broken.sum():,} travel times are not whole milliseconds"
            raise road_failure(f"{why}, the first in place {broken.argmax()}", "round them, at least to 1")
    refuse_bad_times(given)
    return given.astype(np.int32)


def _node_numbers(nodes: npt.ArrayLike, count: int) -> Int32Array:
    given = np.asarray(nodes).reshape(-1)
    if given.dtype.kind not in "iu":
        given = given.astype(np.float64)
    outside = ~((given >= 0) & (given < count) & (given == np.rint(given)))
    if outside.any():
        why = f"{outside.sum():,} arcs name a node outside 0 to {count - 1}"
        raise road_failure(
            f"{why}, the first in place {outside.argmax()}", "number the nodes as their coordinates"
        )
    return given.astype(np.int32)


def refuse_bad_times(travel_ms: npt.NDArray[Any]) -> None:
    """Refuse times of streets that are below 1 ms or too long for int32."""
    bad = (travel_ms < 1) | (travel_ms >= int(UNREACHABLE))
    if bad.any():
        why = f"{bad.sum():,} streets have a travel time below 1 ms or above 24 days"
        raise road_failure(
            f"{why}, the first in row {bad.argmax()}",
            "check lengths and times; lengths are in metres, times in milliseconds",
        )


def road_failure(why: str, remedy: str) -> InputError:
    """Return an error about the roads, to be raised."""
    return InputError([Problem(SUBJECT, why=why, remedy=remedy)])


@njit(cache=True)
def arc_rows(
    count: int, tail: Int32Array, head: Int32Array, travel_ms: Int32Array
) -> tuple[Int64Array, Int32Array, Int32Array, int]:
    """Return arcs in rows by tail, sorted by head, the fastest of parallel ones alone, no self-loops.

    Returns
    -------
    first_arc, head, travel_ms
        As in :class:`borderless.roads.network.RoadNetwork`.
    loops
        How many self-loops there were.
    """
    # sorted by counting, first by head and then, keeping that order, by tail
    free = _starts(count, head)
    by_head = np.empty(len(head), np.int32)
    for arc in range(len(head)):
        by_head[free[head[arc]]] = arc
        free[head[arc]] += 1
    free = _starts(count, tail)
    order = np.empty(len(tail), np.int32)
    for i in range(len(by_head)):
        start = tail[by_head[i]]
        order[free[start]] = by_head[i]
        free[start] += 1
    first = np.zeros(count + 1, np.int64)
    heads, times = np.empty(len(tail), np.int32), np.empty(len(tail), np.int32)
    kept, loops, latest = 0, 0, -1
    for i in range(len(order)):
        arc = order[i]
        if tail[arc] == head[arc]:
            loops += 1
        elif tail[arc] == latest and heads[kept - 1] == head[arc]:
            times[kept - 1] = min(times[kept - 1], travel_ms[arc])
        else:
            latest = tail[arc]
            heads[kept], times[kept] = head[arc], travel_ms[arc]
            first[latest + 1] += 1
            kept += 1
    return np.cumsum(first), heads[:kept].copy(), times[:kept].copy(), loops


@njit(cache=True)
def _starts(count: int, numbers: Int32Array) -> Int64Array:
    """Return where each number's run begins when numbers from 0 to count - 1 are sorted."""
    starts = np.zeros(count + 1, np.int64)
    for number in numbers:
        starts[number + 1] += 1
    return np.cumsum(starts)
