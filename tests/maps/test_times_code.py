"""The packed matrix of times comes back exactly, and is small where neighbours share their ways."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from borderless.maps.times_code import encode_times
from borderless.roads.network import UNREACHABLE


def decoded(coded: dict[str, np.ndarray], stations: int) -> np.ndarray:
    """Undo `encode_times` row by row, as the page does."""
    points = len(coded["row_point"])
    step = coded["row_step"].astype(np.int64).reshape(points, stations)
    difference = (step >> 1) ^ -(step & 1)
    times = np.zeros_like(difference)
    done = np.zeros(points, dtype=bool)
    for row, (point, parent) in enumerate(zip(coded["row_point"], coded["row_parent"], strict=True)):
        base = 0
        if parent:
            before = coded["row_point"][parent - 1]
            assert done[before], "a parent must come before its children"
            base = times[before]
        times[point] = difference[row] + base
        done[point] = True
    assert done.all()
    return np.where(times == -1, UNREACHABLE, times).T


@settings(max_examples=60)
@given(st.data())
def test_times_come_back_exactly(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(1, 5), st.integers(0, 30)))
    times = data.draw(
        arrays(np.int32, shape, elements=st.integers(0, 20_000_000) | st.just(int(UNREACHABLE)))
    )
    xy = data.draw(arrays(np.float64, (shape[1], 2), elements=st.sampled_from([0.0, 500.0, 1000.0, 7000.0])))
    assert np.array_equal(decoded(encode_times(times, xy), shape[0]), times)


def test_neighbours_along_one_street_differ_by_one_number_in_either_direction() -> None:
    x = np.arange(50) * 100.0
    first, last = 1_000 * np.arange(50), 1_000 * np.arange(49, -1, -1) + 7
    times = np.array([first, first + 300_000, last], dtype=np.int32)
    coded = encode_times(times, np.column_stack([x, np.zeros(50)]))
    assert (coded["row_parent"] == 0).sum() == 1
    hung = coded["row_step"].reshape(50, 3)[coded["row_parent"] > 0]
    assert all(len({*row}) <= 2 for row in hung.tolist())
