"""The one map: the same function over many parts, side by side, results in order."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from borderless.errors import BorderlessError

Part = TypeVar("Part")
Result = TypeVar("Result")


def worker_count() -> int:
    """Return how many parts run side by side: `BORDERLESS_THREADS`, or the processors this process may use.

    Raises
    ------
    BorderlessError
        When `BORDERLESS_THREADS` is not a whole number from 1 on.
    """
    named = os.environ.get("BORDERLESS_THREADS", "")
    if not named:
        allowed = getattr(os, "sched_getaffinity", None)
        return len(allowed(0)) if allowed else os.cpu_count() or 1
    if not (named.isascii() and named.isdigit() and int(named) >= 1):
        msg = f"BORDERLESS_THREADS is {named!r} → give a whole number from 1 on, or leave it out"
        raise BorderlessError(msg)
    return int(named)


def map_threads(function: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """Return ``[function(part) for part in parts]``, computed in threads.

    Parameters
    ----------
    function
        Called once for each part; compiled code that lets go of Python's lock gains from threads.
    parts
        What to do.
    """
    workers = min(worker_count(), len(parts))
    if workers <= 1:
        return [function(part) for part in parts]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(function, parts))
