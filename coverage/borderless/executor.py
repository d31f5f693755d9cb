"""The one map: the same function over many parts, side by side, results in order."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from borderless.errors import BorderlessError

Part = TypeVar("Part")
Result = TypeVar("Result")

# How many parts wait for each worker: enough that none is idle while results are taken.
_AHEAD = 2
_worker = threading.local()


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


def map_parts(
    function: Callable[[Part], Result],
    parts: Iterable[Part],
    *,
    on_done: Callable[[], None] = lambda: None,
) -> Iterator[Result]:
    """Yield ``function(part)`` for each part, in the order of parts, computed in threads.

    Only a few parts are begun before their results are taken, so memory stays flat however many there are.
    Who stops taking results, or is interrupted, waits for the parts in hand and no others. A map inside a
    part of another runs in that part's own thread.

    A function of the module and small parts that can be pickled, such as rows of numbers, may be handed to
    other processes or computers in the same form: what is large belongs to the function, and goes there once.

    Parameters
    ----------
    function
        Called once for each part; compiled code that lets go of Python's lock gains from threads. Its result
        must depend on the part alone.
    parts
        What to do.
    on_done
        Called in the thread of who takes the results, before each is given.

    Raises
    ------
    Exception
        What `function` raised first, by the order of parts.
    """
    workers = 1 if getattr(_worker, "busy", False) else worker_count()
    if isinstance(parts, Sequence):
        workers = min(workers, len(parts))
    results = map(function, parts) if workers <= 1 else _in_threads(function, parts, workers)
    for result in results:
        on_done()
        yield result


def map_threads(function: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """Return ``[function(part) for part in parts]``, computed as by :func:`map_parts`."""
    return list(map_parts(function, parts))


def _in_threads(function: Callable[[Part], Result], parts: Iterable[Part], workers: int) -> Iterator[Result]:
    pool = ThreadPoolExecutor(workers, initializer=_mark_worker)
    begun: deque[Future[Result]] = deque()
    try:
        for part in parts:
            begun.append(pool.submit(function, part))
            if len(begun) > _AHEAD * workers:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _mark_worker() -> None:
    _worker.busy = True
