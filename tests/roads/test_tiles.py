"""Rows of times by node become rows by source, whatever the sizes and wherever they begin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.roads.tiles import empty_rows, empty_times, lay_out


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 70), st.integers(0, 70), st.integers(0, 40), st.booleans(), st.integers(0, 2**31))
def test_every_number_goes_where_numpy_puts_it(
    count: int, lanes: int, column: int, fast: bool, seed: int
) -> None:
    random = np.random.default_rng(seed)
    rows = empty_rows(count + 5, lanes)
    rows[:] = random.integers(0, 2**31, rows.shape)
    row = random.permutation(count + 5)[:count].astype(np.int32)
    line = random.permutation(lanes + 3)[:lanes]
    width = column + count + int(random.integers(0, 20))
    # an odd width keeps rows off the lines of the processor's cache
    out = empty_times(lanes + 3, width) if fast else np.empty((lanes + 3, width // 2 * 2 + 1), np.uint32)
    out[:] = 7
    expected = out.copy()
    expected[line, column : column + count] = rows[row].T
    lay_out(rows, row, out, line, column)
    assert np.array_equal(out, expected)


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (1, 1), (3, 16), (5, 17), (64, 1000)])
def test_rows_for_times_begin_on_a_line_of_the_cache(rows: int, columns: int) -> None:
    room = empty_times(rows, columns)
    assert room.dtype == np.uint32
    assert room.shape[0] == rows
    assert columns <= room.shape[1] < columns + 16
    assert room.flags.c_contiguous
    for row in room:
        assert row.ctypes.data % 64 == 0
