"""Many draws: the same bytes whatever the threads, and after a stop, with nothing done twice."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import two_counties
from borderless.analysis.robustness import bench as bench_module
from borderless.analysis.robustness.bench import Bench, Outcome, bench_of
from borderless.analysis.robustness.drawn import drawn_times
from borderless.analysis.robustness.outcomes import CHUNK, outcomes
from borderless.analysis.robustness.ranges import latin_hypercube, ranges_of
from borderless.analysis.times import response_times

COUNT = 3 * CHUNK + 5


@pytest.fixture(scope="module")
def bench() -> Bench:
    region = two_counties.region()
    return bench_of(response_times(region), ranges_of(region))


@pytest.fixture(scope="module")
def values(bench: Bench) -> np.ndarray:
    return latin_hypercube(bench.ranges, COUNT, 1)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows with every draw that is computed."""
    calls: list[int] = []

    def count(*given: object) -> object:
        calls.append(1)
        return drawn_times(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(bench_module, "drawn_times", count)
    return calls


def bits(outcome: Outcome) -> list[bytes]:
    return [getattr(outcome, field.name).tobytes() for field in fields(Outcome)]


def test_many_draws_are_each_draw_by_itself(bench: Bench, values: np.ndarray) -> None:
    every = outcomes(bench, values)
    assert len(every.covered) == COUNT
    for row in (0, CHUNK, COUNT - 1):
        alone = bench(values[row])
        assert bits(alone) == bits(Outcome(every.covered[row], every.expected[row], every.median_ms[row]))


def test_any_number_of_threads_gives_the_same_bytes(
    bench: Bench, values: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("BORDERLESS_THREADS", threads)
        found.append(bits(outcomes(bench, values)))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_run_that_was_stopped_goes_on_and_gives_the_same_bytes(
    bench: Bench,
    values: np.ndarray,
    counted: list[int],
    empty_cache: Path,
    threads: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BORDERLESS_THREADS", threads)
    whole = bits(outcomes(bench, values))
    counted.clear()

    def stop(_: int) -> None:
        if len(counted) > 2 * CHUNK + 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outcomes(bench, values, fingerprint="here", on_done=stop)
    assert len(list(empty_cache.glob("draws-*.npz"))) == 2
    counted.clear()
    told: list[int] = []
    assert bits(outcomes(bench, values, fingerprint="here", on_done=told.append)) == whole
    assert len(counted) == COUNT - 2 * CHUNK
    assert sum(told) == COUNT
    counted.clear()
    assert bits(outcomes(bench, values, fingerprint="here")) == whole
    assert counted == []


def test_what_is_kept_belongs_to_the_region_the_values_and_the_scenarios(
    bench: Bench, values: np.ndarray, counted: list[int], empty_cache: Path
) -> None:
    outcomes(bench, values[:2], fingerprint="here")
    anew = bench_of(bench.times, bench.ranges, rebase=True)
    for asked, rows, fingerprint in (
        (bench, values[:2], "there"),
        (bench, values[1:3], "here"),
        (anew, values[:2], "here"),
    ):
        counted.clear()
        outcomes(asked, rows, fingerprint=fingerprint)
        assert len(counted) == 2
    assert len(list(empty_cache.glob("draws-*.npz"))) == 4


def test_nothing_is_kept_without_a_name_for_it(bench: Bench, values: np.ndarray, empty_cache: Path) -> None:
    outcomes(bench, values[:3])
    assert not empty_cache.exists()
