"""Each hour has its own speeds and nothing else of its own; the day weighs its hours by their calls."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import two_counties
from borderless.analysis.basing import basing_of
from borderless.analysis.compare import compare
from borderless.analysis.coverage import ALL, Coverage, cover
from borderless.analysis.hours import day_by_hour, day_table, hours_table
from borderless.analysis.times import response_times
from borderless.region import Region
from borderless.study.hours_table import HoursOfDay
from borderless.study.policy import ALLIANCE, BORDERLESS, NAMED_SCENARIOS, SEPARATE, SHARED_STATIONS
from random_regions import Drawn, regions

# half speed at 17:00; three calls in four come at 03:00, the fourth at 17:00
RUSH = tuple(0.5 if hour == 17 else 1.0 for hour in range(24))
CALLS = tuple({3: 3.0, 17: 1.0}.get(hour, 0.0) for hour in range(24))


def with_hours(region: Region, hours: HoursOfDay) -> Region:
    return replace(region, study=replace(region.study, hours=hours))


def people(table: pd.DataFrame, target: str = "standard") -> pd.DataFrame:
    return table[(table["measure"] == "population") & (table["target"] == target)]


@pytest.fixture(scope="module")
def counties() -> Region:
    return with_hours(two_counties.region(), HoursOfDay({"built_up": RUSH}, CALLS))


def test_at_half_speed_d_is_gained_and_c_too(counties: Region) -> None:
    table = people(hours_table(counties, (SEPARATE, BORDERLESS), (3, 17)))
    covered = table.set_index(["hour", "scenario", "force"])["covered"].sort_index()
    # at the usual speed the counties' own table: D is gained, C is there already
    assert covered[3, "separate"].to_dict() == {
        "West": 7,
        "East": 240,
        "North": 768,
        "alliance": 247,
        "all": 1015,
    }
    assert covered[3, "borderless"]["West"] == 15
    # at half speed A 3 min, B 17, C 27, D 31 from the call: A alone; E 7, F 3, G 13, H 37; M 25, N 3
    assert covered[17, "separate"].to_dict() == {
        "West": 1,
        "East": 112,
        "North": 512,
        "alliance": 113,
        "all": 625,
    }
    # from E1 with the hand-over D 4 + 8 = 12 min, C 4 + 12 = 16 in the country, B 4 + 22 = 26
    assert covered[17, "borderless"].to_dict() == {
        "West": 13,
        "East": 112,
        "North": 512,
        "alliance": 125,
        "all": 637,
    }
    assert set(table["hour"]) == {3, 17}
    assert table.groupby("hour")["calls"].first().to_dict() == {3: 0.75, 17: 0.25}


def test_the_day_weighs_hours_by_their_calls(counties: Region) -> None:
    found = day_by_hour(counties, (SEPARATE, BORDERLESS))
    day = people(day_table(found.table)).set_index(["scenario", "force"])
    west = day.loc[("separate", "West")]
    # (3 × 7 + 1 × 1) / 4 of 15
    assert (west["covered"], west["total"], west["share"]) == (5.5, 15, 5.5 / 15)
    assert (west["lowest"], west["lowest_hour"]) == (1 / 15, 17)
    assert (west["highest"], west["highest_hour"]) == (7 / 15, 0)
    assert day.loc[("borderless", "West"), "covered"] == 14.5
    assert found.whole
    assert found.unheard == ()
    with pytest.raises(ValueError, match="all its hours"):
        day_table(found.table[found.table["hour"] != 5])


def test_units_are_not_based_anew_at_every_hour(counties: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = basing_of(response_times(counties), SHARED_STATIONS)
    seen: list[Coverage] = []

    def keep(coverage: Coverage, hour: int) -> pd.DataFrame:
        assert hour == 17
        seen.append(coverage)
        return coverage.table

    # in the counties the best basing is the same at any speed, so who looks for it is watched
    monkeypatch.delattr("borderless.analysis.coverage.basing_of")
    hours_table(counties, (SHARED_STATIONS,), (17,), count=keep)
    assert np.array_equal(seen[0].basing.units, usual.units)
    assert seen[0].times.region.network is not counties.network


def test_what_is_counted_can_be_chosen(counties: Region) -> None:
    def by_hour(coverage: Coverage, hour: int) -> pd.DataFrame:
        return coverage.table.assign(covered=hour)

    table = hours_table(counties, (SEPARATE,), (2, 5), count=by_hour)
    for force, forces in (("West", 1), ("alliance", 2)):
        here = table[table["force"] == force]
        assert (here["covered"] == forces * here["hour"]).all()


def test_hours_that_are_none_are_refused_and_repeats_told_once(counties: Region) -> None:
    with pytest.raises(ValueError, match="from 0 to 23, not 24"):
        hours_table(counties, (SEPARATE,), (3, 24))
    once, twice = (hours_table(counties, (SEPARATE,), hours) for hours in ((3, 17), (17, 3, 17)))
    pd.testing.assert_frame_equal(once, twice)


def test_classes_that_the_roads_do_not_have_are_named() -> None:
    hours = HoursOfDay({"motorway": RUSH, "built_up": RUSH, "all": RUSH})
    assert day_by_hour(with_hours(two_counties.region(), hours), (SEPARATE,), (3,)).unheard == ("motorway",)


@settings(max_examples=25, deadline=None)
@given(regions(), st.lists(st.sampled_from([0.5, 1.0, 1.5]), min_size=24, max_size=24))
def test_every_hour_is_the_study_with_its_speeds(drawn: Drawn, factors: list[float]) -> None:
    region = drawn.region()
    asked = with_hours(region, HoursOfDay({"all": tuple(factors)}))
    table = hours_table(asked, (SEPARATE, BORDERLESS), (0, 7, 23))
    for hour in (0, 7, 23):
        times = response_times(region.with_speeds({"all": factors[hour]}))
        here = table[table["hour"] == hour]
        pair = [cover(times, scenario) for scenario in (SEPARATE, BORDERLESS)]
        for coverage in pair:
            told = here[(here["scenario"] == coverage.scenario.name) & (here["force"] != "alliance")]
            expected = coverage.table.drop(columns="share")
            pd.testing.assert_frame_equal(told[list(expected)].reset_index(drop=True), expected)
        together = compare(*pair).by_force.set_index(["force", "measure", "target"])
        ours = here[here["scenario"] == "borderless"].set_index(["force", "measure", "target"])
        assert (ours["covered"] == together["covered"].loc[ours.index]).all()


@settings(max_examples=6, deadline=None)
@given(regions(), st.lists(st.integers(0, 5), min_size=24, max_size=24).filter(any), st.integers(0, 2**20))
def test_the_day_is_the_mean_over_its_calls_and_between_its_extremes(
    drawn: Drawn, calls: list[int], seed: int
) -> None:
    speeds = np.random.default_rng(seed).choice([0.5, 1.0], 24)
    hours = HoursOfDay({"all": tuple(speeds)}, tuple(map(float, calls)))
    table = hours_table(with_hours(drawn.region(), hours), (SEPARATE,))
    for row in day_table(table).itertuples():
        alike = [table[name] == getattr(row, name) for name in ("force", "measure", "target")]
        covered = table[np.logical_and.reduce(alike)]["covered"].tolist()
        exact = sum(Fraction(n) * c for n, c in zip(calls, covered, strict=True)) / sum(calls)
        assert row.covered == pytest.approx(float(exact))
        if row.total:
            assert row.lowest <= row.share + 1e-12
            assert row.share <= row.highest + 1e-12


def test_without_a_table_every_hour_is_the_study_bit_for_bit() -> None:
    region = two_counties.region()
    table = hours_table(region, NAMED_SCENARIOS)
    times = response_times(region)
    for scenario in NAMED_SCENARIOS:
        plain = cover(times, scenario).table
        own = table[(table["scenario"] == scenario.name) & (table["force"] != "alliance")]
        for _, here in own.groupby("hour"):
            pd.testing.assert_frame_equal(here[list(plain)].reset_index(drop=True), plain)
    assert table["calls"].unique().tolist() == [1 / 24]


def test_quicker_roads_never_cover_less(counties: Region) -> None:
    table = hours_table(counties, (ALLIANCE,), (3, 17)).set_index(["hour", "force", "measure", "target"])
    assert (table.loc[3]["covered"] >= table.loc[17]["covered"]).all()
    assert (table.loc[3].loc[ALL]["covered"] > table.loc[17].loc[ALL]["covered"]).any()
