"""Results of the two counties, with every setting at its default, tame and hostile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

import map_results
from borderless.analysis.compare import compare
from borderless.analysis.results import Results
from borderless.study.model import Study
from borderless.study.read import DEFAULT_SPEEDS


@pytest.fixture(scope="package")
def tame() -> Results:
    """Return the results of the two counties."""
    return asked(map_results.tame())


@pytest.fixture(scope="package")
def hostile() -> Results:
    """Return the same with hostile names everywhere."""
    return asked(map_results.hostile())


@pytest.fixture(scope="package")
def again() -> Callable[..., Results]:
    """Return a function that asks the same of a study with changes."""
    return asked


def asked(results: Results, **changes: object) -> Results:
    """Return results whose study has speeds, as a study read from a file has, and other changes."""
    study: Study = replace(results.region.study, **({"speeds": DEFAULT_SPEEDS} | changes))
    times = replace(results.times, region=replace(results.region, study=study))
    coverages = {name: replace(coverage, times=times) for name, coverage in results.coverages.items()}
    baseline, *others = coverages.values()
    comparisons = {c.scenario.name: compare(baseline, c) for c in others}
    return Results(times.region, times, coverages, comparisons, results.isochrones)
