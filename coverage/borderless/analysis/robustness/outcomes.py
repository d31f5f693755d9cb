"""Many draws: side by side, in their order, kept as they are done so that a second run goes on from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from borderless import cache, store
from borderless.analysis.robustness.bench import Bench, Outcome
from borderless.executor import map_parts

#: Draws that are kept together: what a run that is killed loses at most, for each of its threads.
CHUNK = 20


def outcomes(
    bench: Bench,
    values: NDArray[np.float64],
    *,
    fingerprint: str = "",
    on_done: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Return what every scenario achieves under each draw.

    Parameters
    ----------
    bench
        What the draws share.
    values
        One row for each draw, shape (n, settings).
    fingerprint
        Of the region, to keep draws under; nothing is kept without one.
    on_done
        Called with how many draws are done more than before.

    Returns
    -------
    Outcome
        With the draws as first dimension. The bits depend neither on how many threads there are nor on which
        draws had been kept.
    """
    chunks = [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
    keys = [_key(bench, chunk, fingerprint) for chunk in chunks]
    kept = [cache.cache_get(key) if fingerprint else None for key in keys]
    missing = [row for chunk, found in zip(chunks, kept, strict=True) if found is None for row in chunk]
    computed = map_parts(bench, missing, on_done=lambda: on_done(1))
    parts = []
    for chunk, key, found in zip(chunks, keys, kept, strict=True):
        if found is None:
            arrays = _stacked(computed, len(chunk))
            if fingerprint:
                cache.cache_put(key, arrays)
        else:
            arrays = found
            on_done(len(chunk))
        parts.append(arrays)
    names = [field.name for field in fields(Outcome)]
    return Outcome(*(np.concatenate([part[name] for part in parts]) for name in names))


def _key(bench: Bench, chunk: NDArray[np.float64], fingerprint: str) -> str:
    """Return what a chunk is kept under: all that its numbers follow from."""
    settings = [(one.key, one.base) for one in bench.ranges]
    scenarios = [repr(scenario) for scenario in bench.scenarios]
    return cache.cache_key("draws", fingerprint, settings, scenarios, store.sha256_of_arrays([chunk]))


def _stacked(computed: Iterator[Outcome], count: int) -> dict[str, NDArray[np.generic]]:
    found = [next(computed) for _ in range(count)]
    return {
        field.name: np.stack([getattr(outcome, field.name) for outcome in found]) for field in fields(Outcome)
    }
