"""What the gain hangs on, held against scipy and against the definition of a partial correlation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

import two_counties
from borderless.analysis.robustness.bench import bench_of
from borderless.analysis.robustness.outcomes import outcomes
from borderless.analysis.robustness.ranges import latin_hypercube, ranges_of
from borderless.analysis.robustness.tornado import correlations, tornado_frame
from borderless.analysis.times import response_times


def residual(of: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return what a line through the others leaves of a column."""
    design = np.column_stack([np.ones(len(of)), others])
    return of - design @ np.linalg.lstsq(design, of, rcond=None)[0]


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(12, 60))
def test_correlations_are_those_of_ranks(seed: int, settings: int, draws: int) -> None:
    random = np.random.default_rng(seed)
    values = random.random((draws, settings))
    # steps, so that there are ties
    outcome = np.floor(3 * values @ random.normal(size=settings)) + random.integers(0, 2, draws)
    plain, partial = correlations(values, outcome)
    if (outcome == outcome[0]).all():
        assert np.isnan(plain).all()
        return
    ranks, after = np.column_stack([rankdata(column) for column in values.T]), rankdata(outcome)
    for i in range(settings):
        assert plain[i] == pytest.approx(spearmanr(values[:, i], outcome).statistic, abs=1e-12)
        others = np.delete(ranks, i, axis=1)
        one, two = residual(ranks[:, i], others), residual(after, others)
        if np.linalg.norm(two) > 1e-6 * len(after):
            assert partial[i] == pytest.approx(
                one @ two / np.linalg.norm(one) / np.linalg.norm(two), abs=1e-6
            )


def test_a_gain_that_never_changes_hangs_on_nothing() -> None:
    plain, partial = correlations(np.random.default_rng(1).random((20, 2)), np.zeros(20))
    assert np.isnan(plain).all()
    assert np.isnan(partial).all()


def test_the_widest_swing_of_two_counties_comes_first() -> None:
    region = two_counties.region()
    bench = bench_of(response_times(region), ranges_of(region))
    values = latin_hypercube(bench.ranges, 100, 1)
    drawn = outcomes(bench, values)
    frame = tornado_frame(bench, values, drawn)
    partners = bench.groups.index("alliance")
    for (scenario, count), rows in frame.groupby(["scenario", "count"]):
        assert rows["swing"].abs().is_monotonic_decreasing
        assert (rows["swing"] == rows["gain_high"] - rows["gain_low"]).all()
        assert sorted(rows["setting"]) == sorted(one.key for one in bench.ranges if one.varies)
        s = [one.name for one in bench.scenarios].index(scenario)
        found = (
            drawn.covered[:, :, partners, 0, 0] if count == "covered" else drawn.expected[:, :, partners, 0]
        )
        gain = found[:, s] - found[:, 0]
        for row in rows.to_dict("records"):
            column = values[:, [one.key for one in bench.ranges].index(row["setting"])]
            fifths = np.quantile(column, [0.2, 0.8], method="lower")
            assert row["gain_low"] == pytest.approx(gain[column <= fifths[0]].mean(), rel=0.3, abs=4)
            assert row["gain_low"] == pytest.approx(gain[np.argsort(column)[:20]].mean())
            assert row["gain_high"] == pytest.approx(gain[np.argsort(column)[-20:]].mean())
    # static coverage does not hang on how often units are busy, whatever chance says in a hundred draws
    busy = frame[(frame["count"] == "covered") & (frame["setting"] == "busy_fraction")]
    assert (busy["partial_correlation"].abs() < 0.35).all()
