"""Room for times in memory: rows on lines of the processor's cache, and used again once nobody holds it.

A result of a hundred megabytes is new to the operating system each time, which clears it page by page; that
takes a third as long as all the rest. So the room of the last result that was let go is kept for the next.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

#: Bytes of a line of the processor's cache.
LINE_BYTES = 64
#: Numbers of 32 bits in a line.
SIDE = 16

# Less is had from the program's own memory anyway, and more is too much to sit on.
_KEPT_BYTES = (1 << 25, 1 << 28)
# at most one, the last that came free
_free: list[npt.NDArray[np.uint8]] = []


class _Room:
    """Memory that arrays are made on; it is free again when the last of them has gone."""

    def __init__(self, size: int) -> None:
        self._memory = _taken(size)

    @property
    def __array_interface__(self) -> dict[str, Any]:
        return dict(self._memory.__array_interface__)

    def __del__(self) -> None:
        least, most = _KEPT_BYTES
        if least <= len(self._memory) <= most:
            _free[:] = [self._memory]


def _taken(size: int) -> npt.NDArray[np.uint8]:
    try:
        kept = _free.pop()
    except IndexError:
        return np.empty(size, dtype=np.uint8)
    return kept if size <= len(kept) <= 2 * size else np.empty(size, dtype=np.uint8)


def empty_times(rows: int, columns: int) -> npt.NDArray[np.uint32]:
    """Return room for times, every row on a line of the cache: uint32, up to 15 columns too wide."""
    return empty_rows(rows, -(-columns // SIDE) * SIDE)


def empty_rows(rows: int, columns: int) -> npt.NDArray[np.uint32]:
    """Return room for numbers, the first on a line of the cache: uint32, contiguous."""
    room = np.asarray(_Room(rows * columns * 4 + LINE_BYTES))
    begin = -room.ctypes.data % LINE_BYTES
    return room[begin : begin + rows * columns * 4].view(np.uint32).reshape(rows, columns)
