"""One sweep down the tree: times at every place, or within a limit, from many sources side by side.

Places come in pre-order, so that a place's ancestors are the only places whose times are still needed: they
lie on a stack as deep as the tree, which stays in the processor's nearest cache. A time is computed once and
then only written, and on a large network that takes longer than to compute it; so whole lines of the cache
are written at once, past the cache.

Kernels call nothing compiled in another module: what numba keeps on disk follows a function's own file alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from borderless.roads.arrays import UNREACHABLE, BoolArray, Int32Array, Int64Array
from borderless.roads.hierarchy import UInt32Array
from borderless.roads.room import LINE_BYTES, SIDE

#: Places whose times are written out together: enough to write along rows, few enough to stay in the cache.
BLOCK = 64

_NEVER = np.uint32(UNREACHABLE)
# To look whether a subtree can be skipped costs as much as a few of its places.
_SMALL_SUBTREE = 8
_WORD = ir.IntType(32)
_INDEX = ir.IntType(64)
_VECTOR = ir.VectorType(_WORD, SIDE)


# These three are inlined loops over nothing but two rows, which the compiler turns into vector instructions.
@njit(nogil=True, cache=True, inline="always")
def _copy(rows, row, source, line):  # type: ignore[no-untyped-def]
    for k in range(rows.shape[1]):
        rows[row, k] = source[line, k]


@njit(nogil=True, cache=True, inline="always")
def _lower(rows, row, stack, level, ms):  # type: ignore[no-untyped-def]
    for k in range(rows.shape[1]):
        # no two times are too large to be added
        rows[row, k] = min(rows[row, k], np.uint32(stack[level, k] + ms))


@njit(nogil=True, cache=True, inline="always")
def _begin(rows, row, seed_times, seeded):  # type: ignore[no-untyped-def]
    for k in range(rows.shape[1]):
        rows[row, k] = _NEVER
    if seeded >= 0:
        _copy(rows, row, seed_times, seeded)


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

    Parameters
    ----------
    level, first_edge, above_level, descend_ms
        A hierarchy.
    seed_row, seed_times
        What :func:`~borderless.roads.climb.climb` found with ``MS``.
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
    count, lanes, block = len(level), seed_times.shape[1], len(rows)
    stack = np.empty((_depth(level), lanes), np.uint32)
    for begin in range(0, count, block):
        end = min(count, begin + block)
        for p in range(begin, end):
            i = p - begin
            _begin(rows, i, seed_times, seed_row[p])
            for edge in range(first_edge[p], first_edge[p + 1]):
                _lower(rows, i, stack, above_level[edge], descend_ms[edge])
            if p + 1 < count and level[p + 1] > level[p]:
                _copy(stack, level[p], rows, i)
        lay_out(rows, order[: end - begin], out, out_row, begin, _NEVER)


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
    column: Int32Array,
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
        What :func:`~borderless.roads.climb.climb` found with ``MS``.
    limit_ms
        Below ``UNREACHABLE``.
    wanted
        How many wanted places come before each place, shape (n + 1,).
    column
        The column of `out` for each wanted place, in their order; empty when that is the order of columns.
    out
        uint32 ms, at least as many columns as wanted places; with `column`, ``UNREACHABLE`` everywhere.
    out_row
        For each lane its row of `out`, int64.
    """
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
                _write_never(rows, order, out, out_row, wanted[p], wanted[after[p]], limit_ms, column)
                p = after[p]
                continue
        _begin(rows, i, seed_times, seed_row[p])
        for edge in range(first_edge[p], first_edge[p + 1]):
            _lower(rows, i, stack, above_level[edge], descend_ms[edge])
        if p + 1 < count and level[p + 1] > here:
            _copy(stack, here, rows, i)
        if worth_skipping:
            least = _NEVER
            for k in range(lanes):
                least = min(least, rows[i, k])
            near[here] = least <= limit_ms
        if wanted[p + 1] > wanted[p] and i + 1 == BLOCK:
            _write(rows, order, out, out_row, wanted[p] - i, limit_ms, column)
        p += 1
    last = wanted[count] // BLOCK * BLOCK
    _write(rows, order[: wanted[count] - last], out, out_row, last, limit_ms, column)


@njit(nogil=True, cache=True)
def _any_near(p: int, first_edge: Int64Array, above_level: Int32Array, near: BoolArray) -> bool:
    edge, end = first_edge[p], first_edge[p + 1]
    while edge < end and not near[above_level[edge]]:
        edge += 1
    return bool(edge < end)


@njit(nogil=True, cache=True)
def _write_never(
    rows: UInt32Array,
    order: Int32Array,
    out: UInt32Array,
    out_row: Int64Array,
    begin: int,
    end: int,
    limit_ms: np.uint32,
    column: Int32Array,
) -> None:
    """Pass over places that are not reached: whole blocks at once, the rest in the block that is open."""
    at = begin
    while at < end:
        if at % BLOCK == 0 and at + BLOCK <= end:
            last = end // BLOCK * BLOCK
            if len(column) == 0:
                for line in out_row:
                    out[line, at:last] = _NEVER
            at = last
            continue
        for k in range(rows.shape[1]):
            rows[at % BLOCK, k] = _NEVER
        at += 1
        if at % BLOCK == 0:
            _write(rows, order, out, out_row, at - BLOCK, limit_ms, column)


@njit(nogil=True, cache=True)
def _write(
    rows: UInt32Array,
    order: Int32Array,
    out: UInt32Array,
    out_row: Int64Array,
    begin: int,
    limit_ms: np.uint32,
    column: Int32Array,
) -> None:
    """Write a block of times, or only those within the limit where columns are in another order."""
    if len(column) == 0:
        lay_out(rows, order, out, out_row, begin, limit_ms)
        return
    for lane in range(len(out_row)):
        line = out_row[lane]
        for i in range(len(order)):
            if rows[i, lane] <= limit_ms:
                out[line, column[begin + i]] = rows[i, lane]


@njit(nogil=True, cache=True)
def lay_out(
    rows: UInt32Array,
    row: Int32Array,
    out: UInt32Array,
    line: Int64Array,
    column: int,
    limit_ms: np.uint32,
) -> None:
    """Write ``out[line, column + i] = rows[row[i]]`` for every i, ``UNREACHABLE`` what is above the limit.

    Parameters
    ----------
    rows
        Contiguous 32-bit numbers, shape (any, at least lanes).
    row
        Rows to take, int32, shape (count,).
    out
        Contiguous 32-bit numbers, at least column + count in a row; fast when made by ``empty_times``.
    line
        The row of `out` for each lane, int64, shape (lanes,).
    column
        Where to begin; fast when a multiple of 16.
    limit_ms
        The longest time that counts.
    """
    count, lanes = len(row), len(line)
    aligned = (out.ctypes.data % LINE_BYTES == 0) and (out.shape[1] % SIDE == 0) and (column % SIDE == 0)
    whole = count // SIDE * SIDE if aligned else 0
    wide = min(lanes, rows.shape[1] // SIDE * SIDE)
    for i in range(0, whole, SIDE):
        for lane in range(0, wide, SIDE):
            _turn(rows, row, i, lane, out, line, lanes, column + i, limit_ms)  # type: ignore[call-arg]
    for lane in range(lanes):
        for i in range(whole if lane < wide else 0, count):
            time = rows[row[i], lane]
            out[line[lane], column + i] = time if time <= limit_ms else _NEVER


@njit(nogil=True, cache=True)
def _depth(level: Int32Array) -> int:
    deepest = -1
    for p in range(len(level)):
        deepest = max(deepest, level[p])
    return deepest + 1


@intrinsic
def _turn(  # type: ignore[no-untyped-def]
    _context, rows, row, i, lane, out, line, lanes, column, limit
):
    """Write ``out[line[lane + b], column + a] = rows[row[i + a], lane + b]``, a and b from 0 to 15.

    Sixteen rows are loaded as vectors and turned in four rounds: each swaps squares of half the side, off the
    diagonal, by shuffling pairs of rows. Every vector stored is a whole line of the cache and bypasses it.
    What is above the limit is replaced, and what would be lane `lanes` and beyond is not stored.
    """

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        source, rows_of, target, lines = (
            context.make_array(signature.args[k])(context, builder, given[k]) for k in (0, 1, 4, 5)
        )
        first, left, end, place = (
            context.cast(builder, given[k], signature.args[k], types.int64) for k in (2, 3, 6, 7)
        )
        width, length = builder.extract_value(source.shape, 1), builder.extract_value(target.shape, 1)

        def vector_at(array: Any, at: Any, size: Any, offset: Any) -> Any:
            return builder.bitcast(
                builder.gep(array.data, [builder.add(builder.mul(at, size), offset)]), _VECTOR.as_pointer()
            )

        tile = []
        for a in range(SIDE):
            at = builder.load(builder.gep(rows_of.data, [builder.add(first, _INDEX(a))]))
            tile.append(builder.load(vector_at(source, builder.sext(at, _INDEX), width, left), align=4))
        half = SIDE // 2
        while half:
            keep = [SIDE + j - half if j & half else j for j in range(SIDE)]
            swap = [SIDE + j if j & half else j + half for j in range(SIDE)]
            masks = [ir.Constant(_VECTOR, mask) for mask in (keep, swap)]
            for a in range(SIDE):
                if not a & half:
                    pair = tile[a], tile[a + half]
                    tile[a], tile[a + half] = (builder.shuffle_vector(*pair, mask) for mask in masks)
            half //= 2
        spread = ir.Constant(_VECTOR, [0] * SIDE)
        single = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), given[8], _WORD(0))
        limits = builder.shuffle_vector(single, ir.Constant(_VECTOR, ir.Undefined), spread)
        never = ir.Constant(_VECTOR, [int(UNREACHABLE)] * SIDE)
        for b in range(SIDE):
            kept = builder.select(builder.icmp_unsigned("<=", tile[b], limits), tile[b], never)
            mine = builder.add(left, _INDEX(b))
            with builder.if_then(builder.icmp_signed("<", mine, end), likely=True):
                at = builder.load(builder.gep(lines.data, [mine]))
                stored = builder.store(kept, vector_at(target, at, length, place), align=LINE_BYTES)
                stored.set_metadata("nontemporal", builder.module.add_metadata([_WORD(1)]))
        return context.get_dummy_value()

    return types.void(rows, row, i, lane, out, line, lanes, column, limit), generate
