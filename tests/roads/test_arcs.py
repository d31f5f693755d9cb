"""Arcs in any order become the same rows, and what does not fit is refused with its place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from borderless.errors import InputError
from borderless.roads.arcs import arc_rows, whole_ms
from borderless.roads.network import RoadNetwork
from random_graphs import Arcs, arcs


@settings(max_examples=200, deadline=None)
@given(arcs(max_nodes=24))
def test_rows_hold_the_fastest_arc_of_every_pair_sorted(some: Arcs) -> None:
    given_arcs = (np.array(column, dtype=np.int32) for column in some[1:])
    first_arc, head, travel_ms, loops = arc_rows(some.n, *given_arcs)
    best: dict[tuple[int, int], int] = {}
    for u, v, time in zip(*some[1:], strict=True):
        if u != v:
            best[u, v] = min(time, best.get((u, v), time))
    tail = np.repeat(np.arange(some.n), np.diff(first_arc)).tolist()
    rows = list(zip(tail, head.tolist(), travel_ms.tolist(), strict=True))
    assert rows == [(u, v, best[u, v]) for u, v in sorted(best)]
    assert loops == sum(u == v for u, v in zip(some.tail, some.head, strict=True))
    assert (first_arc.dtype, head.dtype, travel_ms.dtype) == (np.int64, np.int32, np.int32)


@pytest.mark.parametrize(
    ("arrays", "why"),
    [
        (([0], [1, 0], [5], [0, 1], [0, 0]), "1 tails, 2 heads and 1 travel times"),
        (([0], [1], [5], [0, 1], [0]), "2 x and 1 y"),
        (([0.5], [1], [5], [0, 1], [0, 0]), "outside 0 to 1, the first in place 0"),
        (([0, -1], [1, 1], [5, 5], [0, 1], [0, 0]), "outside 0 to 1, the first in place 1"),
        (([0, 1], [1, float("nan")], [5, 5], [0, 1], [0, 0]), "outside 0 to 1, the first in place 1"),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_refused(arrays: tuple[list[float], ...], why: str) -> None:
    with pytest.raises(InputError, match=why):
        RoadNetwork.from_arrays(*arrays)


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint32, np.uint8, np.float32, np.float64])
def test_times_of_any_kind_of_number_are_taken(dtype: type) -> None:
    times = whole_ms(np.array([1, 200], dtype=dtype))
    assert (times.dtype, times.tolist()) == (np.int32, [1, 200])
