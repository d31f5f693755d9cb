"""Turning rows of times by node into rows by source, sixteen by sixteen numbers at a time.

A time is computed once and then only written; on a large network that takes longer than to compute it. So
whole lines of the processor's cache are written at once, past the cache, which needs rows that begin on one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from borderless.roads.arrays import Int32Array, Int64Array

_SIDE = 16
_LINE_BYTES = 64
_WORD = ir.IntType(32)
_INDEX = ir.IntType(64)
_VECTOR = ir.VectorType(_WORD, _SIDE)


def empty_times(rows: int, columns: int) -> npt.NDArray[np.uint32]:
    """Return room for times, every row on a line of the cache: uint32, up to 15 columns too wide."""
    return empty_rows(rows, -(-columns // _SIDE) * _SIDE)


def empty_rows(rows: int, columns: int) -> npt.NDArray[np.uint32]:
    """Return room for numbers, the first on a line of the cache: uint32, contiguous."""
    room = np.empty(rows * columns * 4 + _LINE_BYTES, dtype=np.uint8)
    begin = -room.ctypes.data % _LINE_BYTES
    return room[begin : begin + rows * columns * 4].view(np.uint32).reshape(rows, columns)


@njit(nogil=True, cache=True)
def lay_out(
    rows: npt.NDArray[Any], row: Int32Array, out: npt.NDArray[Any], line: Int64Array, column: int
) -> None:
    """Write ``out[line, column + i] = rows[row[i]]`` for every i.

    Parameters
    ----------
    rows
        Contiguous 32-bit numbers, shape (any, lanes).
    row
        Rows to take, int32, shape (count,).
    out
        Contiguous 32-bit numbers, at least column + count in a row; fast when made by :func:`empty_times`.
    line
        The row of `out` for each lane, int64, shape (lanes,).
    column
        Where to begin; fast when a multiple of 16.
    """
    count, lanes = len(row), rows.shape[1]
    aligned = (out.ctypes.data % _LINE_BYTES == 0) and (out.shape[1] % _SIDE == 0) and (column % _SIDE == 0)
    whole, wide = (count // _SIDE * _SIDE, lanes // _SIDE * _SIDE) if aligned else (0, 0)
    for i in range(0, whole, _SIDE):
        for lane in range(0, wide, _SIDE):
            _turn(rows, row, i, lane, out, line, column + i)  # type: ignore[call-arg]
    for lane in range(lanes):
        for i in range(whole if lane < wide else 0, count):
            out[line[lane], column + i] = rows[row[i], lane]


@intrinsic
def _turn(  # type: ignore[no-untyped-def]
    _context, rows, row, i, lane, out, line, column
):
    """Write ``out[line[lane + b], column + a] = rows[row[i + a], lane + b]``, a and b from 0 to 15.

    Sixteen rows are loaded as vectors and turned in four rounds: each swaps squares of half the side, off the
    diagonal, by shuffling pairs of rows. Every vector stored is a whole line of the cache and bypasses it.
    """

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        source, rows_of, target, lines = (
            context.make_array(signature.args[k])(context, builder, given[k]) for k in (0, 1, 4, 5)
        )
        first, left, place = (
            context.cast(builder, given[k], signature.args[k], types.int64) for k in (2, 3, 6)
        )
        width, length = builder.extract_value(source.shape, 1), builder.extract_value(target.shape, 1)

        def vector_at(array: Any, at: Any, size: Any, offset: Any) -> Any:
            return builder.bitcast(
                builder.gep(array.data, [builder.add(builder.mul(at, size), offset)]), _VECTOR.as_pointer()
            )

        tile = []
        for a in range(_SIDE):
            at = builder.load(builder.gep(rows_of.data, [builder.add(first, _INDEX(a))]))
            tile.append(builder.load(vector_at(source, builder.sext(at, _INDEX), width, left), align=4))
        half = _SIDE // 2
        while half:
            keep = [_SIDE + j - half if j & half else j for j in range(_SIDE)]
            swap = [_SIDE + j if j & half else j + half for j in range(_SIDE)]
            masks = [ir.Constant(_VECTOR, mask) for mask in (keep, swap)]
            for a in range(_SIDE):
                if not a & half:
                    pair = tile[a], tile[a + half]
                    tile[a], tile[a + half] = (builder.shuffle_vector(*pair, mask) for mask in masks)
            half //= 2
        for b in range(_SIDE):
            at = builder.load(builder.gep(lines.data, [builder.add(left, _INDEX(b))]))
            stored = builder.store(tile[b], vector_at(target, at, length, place), align=_LINE_BYTES)
            stored.set_metadata("nontemporal", builder.module.add_metadata([_WORD(1)]))
        return context.get_dummy_value()

    return types.void(rows, row, i, lane, out, line, column), generate
