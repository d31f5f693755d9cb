"""Which street is nearest to a spot of land, and how far the spot is from what is reached: compiled loops.

Kernels call nothing compiled in another module: what numba keeps on disk follows a function's own file alone.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_FAR = np.float32(1e9)


@njit(nogil=True, cache=True, inline="always")
def _foot(x, y, ax, ay, bx, by):  # type: ignore[no-untyped-def]
    """Return how far along a segment the point nearest to (x, y) is, and its squared distance."""
    ux, uy = bx - ax, by - ay
    whole = ux * ux + uy * uy
    along = 0.0
    if whole > 0.0:
        along = min(1.0, max(0.0, ((x - ax) * ux + (y - ay) * uy) / whole))
    dx, dy = x - ax - along * ux, y - ay - along * uy
    return along, dx * dx + dy * dy


@njit(nogil=True, cache=True)
def beside_segments(
    xy: NDArray[np.float64],
    is_segment: NDArray[np.bool_],
    corner: tuple[float, float],
    cell_m: float,
    shape: tuple[int, int],
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the nearest of the segments that pass through a cell at a grid vertex, and its distance squared.

    Parameters
    ----------
    xy
        Coordinates of lines one after the other, m, shape (coordinates, 2).
    is_segment
        Whether a line goes on from a coordinate to the next, shape (coordinates,).
    corner, cell_m, shape
        The grid: west and south, spacing, rows and columns.

    Returns
    -------
    segment, squared
        Number of the segment's first coordinate, -1 for none, int32; m², float32.
    """
    segment = np.full(shape, -1, np.int32)
    squared = np.full(shape, _FAR, np.float32)
    for i in np.flatnonzero(is_segment):
        ax, ay, bx, by = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
        steps = int(np.hypot(bx - ax, by - ay) / cell_m) + 1
        for step in range(steps + 1):
            left = int(np.floor((ax + (bx - ax) * step / steps - corner[0]) / cell_m))
            below = int(np.floor((ay + (by - ay) * step / steps - corner[1]) / cell_m))
            for r in range(max(0, below), min(shape[0], below + 2)):
                for c in range(max(0, left), min(shape[1], left + 2)):
                    _, far = _foot(corner[0] + cell_m * c, corner[1] + cell_m * r, ax, ay, bx, by)
                    if far < squared[r, c]:
                        squared[r, c], segment[r, c] = far, i
    return segment, squared


@njit(nogil=True, cache=True)
def spread_segments(
    segment: NDArray[np.int32],
    squared: NDArray[np.float32],
    xy: NDArray[np.float64],
    corner: tuple[float, float],
    cell_m: float,
    reach_m: float,
) -> None:
    """Spread what :func:`beside_segments` found over the grid, as far as `reach_m`.

    Each vertex takes over what its neighbours found and measures it anew, in two passes over the grid there
    and back (Danielsson 1980). What is nearest is then right but for ties within a small part of a spacing.
    """
    rows, columns = segment.shape
    for turn in range(4):
        # rows up or down, and in each row to the right and then to the left
        down, ahead = 1 - 2 * (turn // 2 % 2), 1 - 2 * (turn % 2)
        for k in range(rows):
            r = k if down == 1 else rows - 1 - k
            for m in range(columns):
                c = m if ahead == 1 else columns - 1 - m
                for way in range(4):
                    # the neighbour before it in the row, and the three of the row before
                    nr = r if way == 0 else r - down
                    nc = c - ahead if way == 0 else c + way - 2
                    if nr < 0 or nr >= rows or nc < 0 or nc >= columns:
                        continue
                    i = segment[nr, nc]
                    if i < 0 or i == segment[r, c]:
                        continue
                    x, y = corner[0] + cell_m * c, corner[1] + cell_m * r
                    _, far = _foot(x, y, xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1])
                    if far < squared[r, c] and far <= reach_m * reach_m:
                        squared[r, c], segment[r, c] = far, i
    for r in range(rows):
        for c in range(columns):
            if squared[r, c] > reach_m**2:
                segment[r, c] = -1


@njit(nogil=True, cache=True)
def shares_at(
    segment: NDArray[np.int32],
    xy: NDArray[np.float64],
    at: NDArray[np.float64],
    corner: tuple[float, float],
    cell_m: float,
) -> NDArray[np.float32]:
    """Return how far along its line the foot of every grid vertex lies, from 0 to 1.

    Parameters
    ----------
    segment
        As :func:`spread_segments` left it.
    xy, at
        Coordinates of the lines and how far along their line they lie.
    corner, cell_m
        The grid.
    """
    share = np.zeros(segment.shape, np.float32)
    for r in range(segment.shape[0]):
        for c in range(segment.shape[1]):
            i = segment[r, c]
            if i >= 0:
                x, y = corner[0] + cell_m * c, corner[1] + cell_m * r
                u, _ = _foot(x, y, xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1])
                share[r, c] = at[i] + u * (at[i + 1] - at[i])
    return share


@njit(nogil=True, cache=True)
def times_at(
    line: NDArray[np.int32],
    share: NDArray[np.float32],
    ends: tuple[NDArray[np.int64], NDArray[np.int64]],
    drive_ms: tuple[NDArray[np.int64], NDArray[np.int64]],
    place_ms: NDArray[np.int32],
    never: int,
) -> NDArray[np.float64]:
    """Return the time to the foot of every grid vertex, ms, infinite for none.

    Parameters
    ----------
    line, share
        Line of the foot, -1 for none, and how far along it lies, of the same shape.
    ends, drive_ms
        Places at the tail and the head of each line; times to drive it along and back, -1: not allowed.
    place_ms, never
        Time to every place; what stands for out of reach.
    """
    times = np.full(line.shape, np.inf)
    for r in range(line.shape[0]):
        for c in range(line.shape[1]):
            k = line[r, c]
            if k < 0:
                continue
            s = share[r, c]
            tail_ms, head_ms = place_ms[ends[0][k]], place_ms[ends[1][k]]
            along_ms, against_ms = drive_ms[0][k], drive_ms[1][k]
            # the very end of a closed way is where its place is
            if tail_ms != never and (along_ms >= 0 or s <= 0.0):
                times[r, c] = tail_ms + along_ms * s
            if head_ms != never and (against_ms >= 0 or s >= 1.0):
                times[r, c] = min(times[r, c], head_ms + against_ms * (1.0 - s))
    return times


@njit(nogil=True, cache=True)
def heights(
    times: NDArray[np.float64],
    line: NDArray[np.int32],
    distance_m: NDArray[np.float32],
    m_per_ms: NDArray[np.float64],
    cutoff_ms: float,
    reach_m: float,
    cap_m: float,
) -> NDArray[np.float64]:
    """Return how far every grid vertex lies beyond the cutoff, m, negative inside, `cap_m` at most.

    That is the larger of two: how far the foot lies beyond the cutoff along its line, and how far the
    vertex lies beyond `reach_m` from its line.
    """
    out = np.full(times.shape, cap_m)
    for r in range(times.shape[0]):
        for c in range(times.shape[1]):
            if times[r, c] < np.inf:
                beyond = (times[r, c] - cutoff_ms) * m_per_ms[line[r, c]]
                beyond = max(beyond, distance_m[r, c] - reach_m)
                out[r, c] = min(cap_m, max(-cap_m, beyond))
    return out


@njit(nogil=True, cache=True)
def lower_beside(
    out: NDArray[np.float64],
    corner: tuple[float, float],
    cell_m: float,
    width_m: float,
    xy: NDArray[np.float64],
    at: NDArray[np.float64],
    first: NDArray[np.int64],
    which: NDArray[np.int64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> None:
    """Lower heights to the distance from what is reached of lines, less `width_m`.

    Vertices that are lower than a spacing below 0 already stay: no line runs beside them.

    Parameters
    ----------
    out
        Heights on a grid, m; changed.
    corner, cell_m
        The grid.
    width_m
        Nearer than this is inside.
    xy, at, first
        Coordinates of the lines, how far along their line they lie, and where each line begins, shape
        (lines + 1,).
    which, low, high
        Lines, each reached from 0 to `low` and from `high` to 1; -1 and 2 for not at all.
    """
    rows, columns = out.shape
    for k in range(len(which)):
        if low[k] < 0.0 and high[k] > 1.0:
            continue
        whole = low[k] >= high[k]
        for i in range(first[which[k]], first[which[k] + 1] - 1):
            a, b = at[i], at[i + 1]
            for part in range(1 if whole else 2):
                begin, end = a, b
                if not whole:
                    if part == 0:
                        end = min(b, low[k])
                    else:
                        begin = max(a, high[k])
                    if begin > end:
                        continue
                u = (begin - a) / (b - a) if b > a else 0.0
                v = (end - a) / (b - a) if b > a else 1.0
                dx, dy = xy[i + 1, 0] - xy[i, 0], xy[i + 1, 1] - xy[i, 1]
                ax, ay = xy[i, 0] + u * dx - corner[0], xy[i, 1] + u * dy - corner[1]
                bx, by = xy[i, 0] + v * dx - corner[0], xy[i, 1] + v * dy - corner[1]
                left = max(0, int(np.ceil((min(ax, bx) - width_m) / cell_m)) - 1)
                right = min(columns, int((max(ax, bx) + width_m) / cell_m) + 2)
                below = max(0, int(np.ceil((min(ay, by) - width_m) / cell_m)) - 1)
                above = min(rows, int((max(ay, by) + width_m) / cell_m) + 2)
                for r in range(below, above):
                    for c in range(left, right):
                        if out[r, c] > -cell_m:
                            _, far = _foot(cell_m * c, cell_m * r, ax, ay, bx, by)
                            if far < (width_m + out[r, c]) ** 2 and width_m + out[r, c] > 0.0:
                                out[r, c] = np.sqrt(far) - width_m
