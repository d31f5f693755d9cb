"""The whole question: frames that agree with each other and with the ordinary functions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import two_counties
from borderless.analysis.coverage import cover
from borderless.analysis.robustness.drawn import drawn_times, held
from borderless.analysis.robustness.robustness import Robustness, robustness
from borderless.analysis.times import response_times
from borderless.errors import BorderlessError
from borderless.study.policy import ALLIANCE

DRAWS = 60


@pytest.fixture(scope="module")
def found() -> Robustness:
    return robustness(two_counties.region(), DRAWS, 7)


def test_each_row_of_the_draws_is_a_scenario_under_those_settings(found: Robustness) -> None:
    frame = found.draws("West")
    assert len(frame) == (DRAWS + 1) * 4
    assert frame["draw"].is_monotonic_increasing
    keys = [one.key for one in found.bench.ranges]
    times = response_times(found.region)
    for draw in (0, 1, DRAWS):
        rows = frame[frame["draw"] == draw].set_index("scenario")
        world = drawn_times(times, found.bench.ranges, rows.loc["alliance", keys].to_numpy(float))
        coverage = cover(world, held(times, ALLIANCE))
        here = coverage.table.set_index(["force", "measure", "target"])["covered"]
        assert rows.loc["alliance", "covered"] == here["West", "population", "standard"]
        summary = coverage.response_summary.set_index(["force", "measure"])["median_min"]
        assert rows.loc["alliance", "median_min"] == summary["West", "population"]
        assert (rows["gain"] == rows["covered"] - rows.loc["separate", "covered"]).all()


def test_conclusions_count_the_rows_of_the_draws(found: Robustness) -> None:
    frame = found.draws("West", "population", "15 min")
    gains = frame[(frame["scenario"] == "borderless") & (frame["draw"] > 0)]["gain"]
    row = found.conclusions.set_index(["kind", "scenario", "force", "measure", "target"]).loc[
        ("gain", "borderless", "West", "population", "15 min")
    ]
    assert row["more"] == (gains > 0).sum()
    assert row["difference_max"] == gains.max()
    assert (found.conclusions["draws"] == DRAWS).all()


def test_the_same_seed_gives_the_same_draws(found: Robustness) -> None:
    again, other = (robustness(two_counties.region(), DRAWS, seed) for seed in (7, 8))
    assert (again.values == found.values).all()
    assert again.drawn.covered.tobytes() == found.drawn.covered.tobytes()
    assert again.tipping.equals(found.tipping)
    assert (other.values != found.values).any()


def test_units_may_be_placed_anew_in_every_draw(found: Robustness) -> None:
    anew = robustness(two_counties.region(), DRAWS, 7, rebase=True)
    assert (anew.values == found.values).all()
    assert anew.base.covered.tolist() == found.base.covered.tolist()
    # placed anew is best for the first measure within the standard, with units always free
    partners = found.bench.groups.index("alliance")
    shared = [scenario.name for scenario in found.bench.scenarios].index("shared_stations")
    better = anew.drawn.covered[:, shared, partners, 0, 0] - found.drawn.covered[:, shared, partners, 0, 0]
    assert (better >= 0).all()


def test_what_is_taken_as_known_is_never_drawn() -> None:
    region = two_counties.region()
    known = replace(region, study=replace(region.study, ranges={"turnout_s": (60.0, 60.0)}))
    found = robustness(known, 5)
    column = [one.key for one in found.bench.ranges].index("turnout_s")
    assert (found.values[:, column] == 60).all()
    assert "turnout_s" not in set(found.tornado["setting"])


def test_progress_adds_up_to_all_draws() -> None:
    stages: list[str] = []
    done: list[int] = []
    totals: list[int] = []

    def bar(total: int) -> object:
        totals.append(total)
        return done.append

    robustness(two_counties.region(), 25, 99, on_stage=stages.append, on_draws=bar)  # type: ignore[arg-type]
    assert totals == [25]
    assert sum(done) == 25
    assert stages == ["Travel times", "Drawing settings", "Looking for tipping values"]


@pytest.mark.parametrize(("draws", "seed"), [(0, 1), (-1, 1), (10, -1)])
def test_nothing_to_draw_is_an_error(draws: int, seed: int) -> None:
    with pytest.raises(BorderlessError, match="give at least 1 draw"):
        robustness(two_counties.region(), draws, seed)


def test_one_draw_has_its_frames() -> None:
    found = robustness(two_counties.region(), 1)
    assert np.isnan(found.tornado["rank_correlation"].astype(float)).all()
    assert set(found.conclusions["draws"]) == {1}
