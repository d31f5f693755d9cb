"""The sentences on help, losers and fairness say what is so, for one, many and nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

import two_counties
from borderless.analysis.compare import compare
from borderless.analysis.coverage import cover
from borderless.analysis.losers import Losers, losers
from borderless.analysis.times import ResponseTimes, response_times
from borderless.report.answers.aid_words import fairness_said, help_said, limits_said, losses_said
from borderless.study.policy import BORDERLESS, SEPARATE, SHARED_STATIONS, BorderPolicy, BorderRule, Scenario
from small_regions import Place, Station, given_times, small_study


@pytest.fixture(scope="module")
def times() -> ResponseTimes:
    return response_times(two_counties.region())


def between(times: ResponseTimes, scenario: Scenario) -> Losers:
    return losers(compare(cover(times, SEPARATE), cover(times, scenario)))


def test_who_gives_and_who_receives(times: ResponseTimes) -> None:
    # 788 unit-minutes are 13.1 hours, of 197 + 17,168 + 788 + North's 49,664
    assert help_said(between(times, BORDERLESS)) == [
        "Borderless response: a unit of another force is first for 12 people (4.7 %); that is 13.1 "
        "unit-hours, 1.2 % of all work.",
        "East gives most, 13.1 unit-hours more than it receives; West receives most, "
        "13.1 more than it gives.",
    ]


def test_nobody_helps_where_borders_are_closed(times: ResponseTimes) -> None:
    assert help_said(between(times, SHARED_STATIONS)) == [
        "Shared stations: no unit is first across a border."
    ]


def test_people_outside_count_once_they_are_helped(times: ResponseTimes) -> None:
    # North's M is 11 + 1 minutes from N1 and 2 + 1 + 1 from W1, which may come by a rule of its own
    rule = BorderPolicy(pairs={("West", "North"): BorderRule.CLOSEST})
    found = between(times, Scenario("w", "West north", "", rule))
    assert "256 people (25.0 %)" in help_said(found)[0]
    assert losses_said(found)[0] == "The first unit comes sooner for 256 people and later for nobody."


def test_help_where_nobody_lives_is_help_all_the_same() -> None:
    region = two_counties.region()
    away = region.demand.table["population"].where(~region.demand.table["id"].isin(["C", "D"]), 0)
    table = region.demand.table.assign(population=away)
    empty = response_times(replace(region, demand=replace(region.demand, table=table)))
    found = losers(compare(cover(empty, SEPARATE), cover(empty, BORDERLESS)), "road_km")
    assert "for 0 people (0.0 %) and 2.0 km; that is" in help_said(found)[0]


def test_a_guest_is_told_from_help_across(times: ResponseTimes) -> None:
    guest = Scenario(
        "g", "Guests", "", BorderPolicy(BorderRule.CLOSEST), guests={("W1", "East"): 1}, units={"W1": 0}
    )
    said = help_said(between(times, guest))
    assert "For 3 of them it starts at a station of their own force, as a guest: W1 station." in said


def test_who_loses_is_told_with_who_gains(times: ResponseTimes) -> None:
    assert losses_said(between(times, SHARED_STATIONS)) == [
        "The first unit comes sooner for 12 people and later for nobody.",
        "Nobody’s own units get farther.",
        "At the station that is first, each unit has over 10 % more work for 12 people (4.7 %), over "
        "10 % less for 3 people.",
        "All work together changes by −0.15 %: units only start elsewhere, none is added.",
    ]
    assert "calls only go to other units, none is added." in losses_said(between(times, BORDERLESS))[-1]


def test_nothing_changes_where_nothing_is_changed(times: ResponseTimes) -> None:
    assert losses_said(between(times, replace(SEPARATE, name="again"))) == [
        "The first unit comes sooner for nobody and later for nobody.",
        "Nobody’s own units get farther.",
        "Nobody’s first station gets over 10 % busier, or less busy.",
    ]


def test_own_units_that_are_gone_are_farther_by_no_average(times: ResponseTimes) -> None:
    closed = Scenario("c", "Closed", "", closed=("W1",))
    assert losses_said(between(times, closed))[1] == (
        "The nearest unit of their own force is farther for 15 people."
    )
    moved = Scenario("m", "Moved", "", guests={("E1", "West"): 1}, closed=("W1",))
    said = losses_said(between(times, moved))
    assert said[1] == "The nearest unit of their own force is farther for 3 people, by 8.7 min on average."
    # West had two units and has one
    assert "none is added" not in said[-1]


def test_what_the_data_cover_only_in_part_is_named(times: ResponseTimes) -> None:
    assert limits_said(between(times, BORDERLESS)) == ["North counts only as far as the data reach."]
    region = two_counties.region()
    everywhere = replace(region.study, forces=replace(region.study.forces, clipped=()))
    whole = replace(times, region=replace(region, study=everywhere))
    assert limits_said(between(whole, BORDERLESS)) == []
    own = region.demand.table["force"] != "North"
    table = region.demand.table.assign(road_m=region.demand.table["road_m"].where(own, 0))
    bare = replace(times, region=replace(region, demand=replace(region.demand, table=table)))
    found = losers(compare(cover(bare, SEPARATE), cover(bare, BORDERLESS)), "road_km")
    assert limits_said(found) == [
        "North counts only as far as the data reach; 0.0 km are recorded there, too few to judge by."
    ]


def test_a_tenth_that_waits_as_before_says_so() -> None:
    row = {"tenth_mean_ms": 600_000.0, "rural_share": 0.9, "urban_share": 0.5}
    assert fairness_said(row, row, "Same") == (
        "Same: the tenth who wait longest wait 10.0 min on average, as before. Within the standard, the "
        "country changes by 0.00 points and towns by 0.00."
    )
    sooner = {"tenth_mean_ms": 540_000.0, "rural_share": 0.95, "urban_share": 0.25}
    assert fairness_said(row, sooner, "Other").endswith(
        "wait 9.0 min on average, instead of 10.0. Within the standard, the country changes by +5.00 points "
        "and towns by −25.00."
    )
    nobody = {"tenth_mean_ms": float("nan"), "rural_share": float("nan"), "urban_share": 0.5}
    assert "country changes by – points" in fairness_said(row, nobody, "Same")


def test_only_the_stations_with_most_people_are_named() -> None:
    # Q's units stand at four stations of P, each of which is first for one place
    stations = [Station(f"p{i}", "P", 0, 0) for i in range(4)]
    places = [Place(f"x{i}", "P", 0, 1 + i) for i in range(4)]
    near = [[60_000 if i == j else 600_000 for j in range(4)] for i in range(4)]
    times = given_times(small_study(("P", "Q")), stations, places, near)
    guests = {(f"p{i}", "Q"): 1 for i in range(4)}
    found = between(times, Scenario("g", "Guests", "", BorderPolicy(BorderRule.CLOSEST), guests=guests))
    assert help_said(found)[1] == (
        "For all of them it starts at a station of their own force, as a guest: p3 station, p2 station, "
        "p1 station and 1 more."
    )
