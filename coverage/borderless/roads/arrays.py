"""What times and numbers of the road network are made of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from borderless.errors import BorderlessError

#: The time to a place that cannot be reached, ms. The only marker of a missing time.
UNREACHABLE = np.int32(2**31 - 1)

Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def limit_in_ms(limit_s: float | None) -> int | None:
    """Return a limit in s as whole ms, None for none.

    Raises
    ------
    BorderlessError
        If it is negative or not a number.
    """
    if limit_s is None or limit_s == np.inf:
        return None
    if not limit_s >= 0:
        msg = f"a limit of {limit_s} s makes no sense → give seconds from 0 on, or None"
        raise BorderlessError(msg)
    # what is meant as a whole millisecond may be a hair less as a float
    return int(np.floor(limit_s * 1000 + 1e-6))


def node_numbers(nodes: npt.ArrayLike, count: int) -> Int32Array:
    """Return numbers of nodes as int32, one-dimensional.

    Raises
    ------
    BorderlessError
        If one is not a whole number from 0 to count - 1.
    """
    given = np.asarray(nodes).reshape(-1)
    if not len(given):
        return np.empty(0, dtype=np.int32)
    if given.dtype.kind in "iuf":
        wrong = ~((given >= 0) & (given < count) & (given == np.rint(given)))
    else:
        wrong = np.ones(len(given), dtype=np.bool_)
    if wrong.any():
        found = given[wrong.argmax()].item() if hasattr(given[wrong.argmax()], "item") else given[0]
        msg = f"{found!r} is not a node of this network → give whole numbers from 0 to {count - 1}"
        raise BorderlessError(msg)
    return given.astype(np.int32)
