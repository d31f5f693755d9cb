"""Who answers first, how soon, and how much lies within target, against numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import two_counties
from borderless.analysis.coverage import Coverage, cover, measure_of, weighted_quantile
from borderless.analysis.times import response_times
from borderless.roads.network import UNREACHABLE
from borderless.study.model import Response
from borderless.study.policy import (
    ALLIANCE,
    BORDERLESS,
    NAMED_SCENARIOS,
    SEPARATE,
    SHARED_STATIONS,
    BorderPolicy,
    BorderRule,
    Scenario,
)
from small_regions import RESPONSE, Place, Station, given_times, small_study
from two_counties import MINUTE, letters

CROSSING = BorderPolicy(BorderRule.CLOSEST)
RESPONSE_MINUTES = {
    "separate": [3, 10, 15, 17, 5, 3, 8, 20, 14, 3],
    "borderless": [3, 10, 10, 8, 5, 3, 8, 20, 14, 3],
    "shared_stations": [3, 10, 9, 7, 5, 3, 8, 20, 14, 3],
    "alliance": [3, 10, 9, 7, 5, 3, 8, 20, 14, 3],
}
WITHIN = {
    ("separate", "West"): {
        "standard": "ABC",
        "5 min": "A",
        "10 min": "AB",
        "15 min": "ABC",
        "20 min": "ABCD",
    },
    ("separate", "East"): {
        "standard": "EFGH",
        "5 min": "EF",
        "10 min": "EFG",
        "15 min": "EFG",
        "20 min": "EFGH",
    },
    ("separate", "North"): {"standard": "MN", "5 min": "N", "10 min": "N", "15 min": "MN", "20 min": "MN"},
    ("borderless", "West"): {
        "standard": "ABCD",
        "5 min": "A",
        "10 min": "ABCD",
        "15 min": "ABCD",
        "20 min": "ABCD",
    },
}


def cover_two_counties(scenario: Scenario, **levers: object) -> Coverage:
    return cover(response_times(two_counties.region(**levers)), scenario)


def people(coverage: Coverage, force: str) -> dict[str, str]:
    """Return the places of a force within each target."""
    table = coverage.table
    rows = table[(table["measure"] == "population") & (table["force"] == force)]
    return {target: letters(whole) for target, whole in zip(rows["target"], rows["covered"], strict=True)}


@pytest.mark.parametrize("scenario", NAMED_SCENARIOS, ids=lambda scenario: scenario.name)
def test_response_times_are_those_worked_out_by_hand(scenario: Scenario) -> None:
    coverage = cover_two_counties(scenario)
    assert (coverage.response_ms / MINUTE).tolist() == RESPONSE_MINUTES[scenario.name]


@pytest.mark.parametrize(("scenario", "force"), WITHIN)
def test_people_within_targets_are_those_worked_out_by_hand(scenario: str, force: str) -> None:
    named = {named.name: named for named in NAMED_SCENARIOS}[scenario]
    assert people(cover_two_counties(named), force) == WITHIN[scenario, force]


@pytest.mark.parametrize("scenario", NAMED_SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_force_outside_the_alliance_stays_separate_in_every_scenario(scenario: Scenario) -> None:
    coverage = cover_two_counties(scenario)
    assert people(coverage, "North") == WITHIN["separate", "North"]
    north = coverage.times.region.study.force_names.index("North")
    of_north = coverage.times.region.demand.table["force"].to_numpy(str) == "North"
    assert np.array_equal(coverage.responder == north, of_north)


def test_a_wider_alliance_lets_the_newcomer_help_and_be_helped() -> None:
    coverage = cover_two_counties(BORDERLESS, partners=("North",))
    assert (coverage.response_ms / MINUTE).tolist() == [3, 6, 10, 8, 5, 3, 8, 20, 6, 3]


def test_shares_and_totals_stand_beside_the_whole_numbers() -> None:
    table = cover_two_counties(SEPARATE).table.set_index(["force", "measure", "target"])
    west = table.loc[("West", "population", "standard")]
    assert (west["covered"], west["total"], west["share"]) == (7, 15, 7 / 15)
    everyone = table.loc[("all", "population", "10 min")]
    assert (everyone["covered"], everyone["total"]) == (627, 1023)
    assert table.loc[("East", "area_km2", "5 min"), "covered"] == 2_000_000
    assert table.loc[("East", "road_km", "5 min"), "covered"] == 2_000
    assert set(table["scenario"]) == {"separate"}


def test_the_table_has_each_force_then_all_for_each_measure_and_target() -> None:
    table = cover_two_counties(SEPARATE).table
    assert table["force"].tolist() == ["West", "East", "North", "all"] * 15
    assert table["measure"].drop_duplicates().tolist() == ["population", "area_km2", "road_km"]
    assert table["target"].drop_duplicates().tolist() == ["standard", "5 min", "10 min", "15 min", "20 min"]


def test_a_millisecond_over_the_limit_does_not_count_and_the_limit_does() -> None:
    late = replace(RESPONSE, turnout_s=60.001)
    assert people(cover_two_counties(BORDERLESS, response=late), "West")["10 min"] == "AD"
    assert people(cover_two_counties(BORDERLESS), "West")["10 min"] == "ABCD"


def test_towns_and_country_have_their_own_limits_in_the_standard() -> None:
    tight = replace(RESPONSE, target_urban_min=17, target_rural_min=14.9)
    assert people(cover_two_counties(SEPARATE, response=tight), "West")["standard"] == "ABD"
    assert people(cover_two_counties(SEPARATE, response=tight), "East")["standard"] == "EFG"


def test_hand_over_is_paid_only_across_a_border_and_only_between_control_rooms() -> None:
    slow = two_counties.delayed(240)
    borderless = cover_two_counties(BORDERLESS, response=slow)
    assert (borderless.response_ms[:5] / MINUTE).tolist() == [3, 10, 13, 11, 5]
    one_room = replace(BORDERLESS, control_room="shared")
    shared = cover_two_counties(one_room, response=slow)
    assert (shared.response_ms[:5] / MINUTE).tolist() == [3, 10, 9, 7, 5]


def test_units_are_ranked_with_the_hand_over_included() -> None:
    # From E1 place C is 6 minutes away and from W1 12: 6 minutes of hand-over make a tie, more a loss.
    tie = cover_two_counties(BORDERLESS, response=two_counties.delayed(360))
    loss = cover_two_counties(BORDERLESS, response=two_counties.delayed(361))
    station = tie.times.region.stations["id"].to_numpy(str)
    assert (station[tie.station[2]], tie.response_ms[2]) == ("E1", 15 * MINUTE)
    assert (station[loss.station[2]], loss.response_ms[2]) == ("W1", 15 * MINUTE)


def test_travel_is_reported_without_call_handling_and_hand_over() -> None:
    coverage = cover_two_counties(BORDERLESS)
    assert (coverage.travel_ms / MINUTE).tolist() == [0, 7, 6, 4, 2, 0, 5, 17, 11, 0]


def test_a_clock_of_travel_judges_targets_on_driving_alone() -> None:
    driving = replace(RESPONSE, clock="travel")
    coverage = cover_two_counties(SEPARATE, response=driving)
    assert np.array_equal(coverage.clock_ms, coverage.travel_ms)
    assert people(coverage, "West") == {
        "standard": "ABCD",
        "5 min": "A",
        "10 min": "AB",
        "15 min": "ABCD",
        "20 min": "ABCD",
    }
    assert (coverage.response_ms / MINUTE).tolist() == RESPONSE_MINUTES["separate"]


def test_a_clock_of_travel_still_ranks_units_with_the_hand_over() -> None:
    driving = replace(RESPONSE, clock="travel", cross_border_delay_s=361)
    coverage = cover_two_counties(BORDERLESS, response=driving)
    assert coverage.travel_ms[2] == 12 * MINUTE


def test_a_clock_of_response_judges_targets_on_the_whole_time() -> None:
    coverage = cover_two_counties(BORDERLESS)
    assert np.array_equal(coverage.clock_ms, coverage.response_ms)


def test_the_second_best_unit_starts_at_another_station() -> None:
    coverage = cover_two_counties(BORDERLESS)
    station = coverage.times.region.stations["id"].to_numpy(str)
    second = dict(zip("ABCDEFGH", coverage.second_ms / MINUTE, strict=False))
    assert second == {"A": 22, "B": 15, "C": 15, "D": 17, "E": 20, "F": 22, "G": 27, "H": 39}
    assert station[coverage.second_station[:8]].tolist() == ["E1", "E1", "W1", "W1", "W1", "W1", "W1", "W1"]


def test_a_second_force_at_the_same_station_is_no_second_station() -> None:
    # in the alliance a unit of West and one of East wait at E1; when E1 is out, W1 is next
    coverage = cover_two_counties(ALLIANCE)
    station = coverage.times.region.stations["id"].to_numpy(str)
    assert station[coverage.station[2:8]].tolist() == ["E1"] * 6
    assert station[coverage.second_station[2:8]].tolist() == ["W1"] * 6
    assert (coverage.second_ms[2:8] / MINUTE).tolist() == [15, 17, 19, 21, 26, 38]


def test_without_a_second_station_the_second_time_is_missing() -> None:
    coverage = cover_two_counties(SEPARATE)
    assert (coverage.second_ms == UNREACHABLE).all()
    assert (coverage.second_station == -1).all()


@pytest.mark.parametrize(
    ("scenario", "force", "median", "p90"),
    [
        (SEPARATE, "West", 17, 17),
        (SEPARATE, "East", 20, 20),
        (SEPARATE, "North", 3, 14),
        (SEPARATE, "all", 3, 20),
        (BORDERLESS, "West", 8, 10),
        (SHARED_STATIONS, "West", 7, 10),
        (ALLIANCE, "West", 7, 10),
    ],
)
def test_median_and_p90_are_weighted_by_people(scenario: Scenario, force: str, median: int, p90: int) -> None:
    summary = cover_two_counties(scenario).response_summary.set_index(["force", "measure"])
    row = summary.loc[(force, "population")]
    assert (row["median_min"], row["p90_min"]) == (median, p90)


def test_the_summary_weighs_each_measure_by_itself() -> None:
    summary = cover_two_counties(SEPARATE).response_summary.set_index(["force", "measure"])
    # Four equal places at 3, 10, 15 and 17 minutes: half of the area is reached at 10, nine tenths at 17.
    assert summary.loc[("West", "area_km2"), ["median_min", "p90_min"]].tolist() == [10, 17]


@pytest.mark.parametrize(
    ("weights", "percent", "expected"),
    [
        ([1, 1, 1, 1], 50, 20),
        ([1, 1, 1, 1], 51, 30),
        ([1, 1, 1, 1], 100, 40),
        ([9, 0, 0, 1], 90, 10),
        ([0, 0, 0, 1], 50, 40),
        ([899, 0, 1, 100], 90, 30),
        ([0, 0, 0, 0], 50, None),
    ],
)
def test_a_quantile_is_the_first_time_that_reaches_the_share(
    weights: list[int], percent: int, expected: int | None
) -> None:
    times = np.array([10, 20, 30, 40], dtype=np.int32)
    assert weighted_quantile(times, np.array(weights, dtype=np.int64), percent) == expected


def test_a_quantile_out_of_reach_is_missing_and_not_large() -> None:
    times = np.array([UNREACHABLE, 10], dtype=np.int32)
    weights = np.array([11, 89], dtype=np.int64)
    assert weighted_quantile(times, weights, 89) == 10
    assert weighted_quantile(times, weights, 90) is None


def cover_given(
    scenario: Scenario,
    stations: list[Station],
    travel_min: list[list[float]],
    forces: tuple[str, ...] = ("P", "Q", "R"),
    response: Response = RESPONSE,
) -> Coverage:
    """Cover places of P at the given minutes of travel; negative minutes cannot be driven."""
    study = small_study(forces, response=response)
    matrix = [[int(UNREACHABLE) if m < 0 else round(m * MINUTE) for m in row] for row in travel_min]
    points = [Place(f"p{i}", "P", 0, 1 << i) for i in range(len(travel_min[0]))]
    return cover(given_times(study, stations, points, matrix), scenario)


def first(coverage: Coverage) -> list[tuple[str, str]]:
    """Return the station and force that answer at each point."""
    stations = [*coverage.times.region.stations["id"], "-"]
    forces = [*coverage.times.region.study.force_names, "-"]
    pairs = zip(coverage.station, coverage.responder, strict=True)
    return [(stations[station], forces[force]) for station, force in pairs]


@pytest.mark.parametrize("ids", [("10", "9"), ("a", "b"), ("P-1", "P-2")])
def test_ties_go_to_the_smaller_station_id_as_text(ids: tuple[str, str]) -> None:
    small, large = ids
    for order in ((small, large), (large, small)):
        stations = [Station(order[0], "P", 0), Station(order[1], "P", 0)]
        coverage = cover_given(SEPARATE, stations, [[4, 1], [4, 2]])
        assert first(coverage)[0] == (small, "P")
        assert coverage.second_ms[0] == 7 * MINUTE
        assert coverage.times.region.stations["id"].iloc[coverage.second_station[0]] == large


def test_a_tie_across_a_border_goes_to_the_smaller_id_even_if_it_is_a_neighbours() -> None:
    no_delay = replace(RESPONSE, cross_border_delay_s=0)
    stations = [Station("a", "Q", 0), Station("b", "P", 0)]
    coverage = cover_given(BORDERLESS, stations, [[4], [4]], response=no_delay)
    assert first(coverage) == [("a", "Q")]


def test_where_one_station_holds_units_of_two_forces_the_own_force_goes() -> None:
    coverage = cover_two_counties(ALLIANCE)
    assert first(coverage)[:4] == [("W1", "West"), ("W1", "West"), ("E1", "West"), ("E1", "West")]
    assert first(coverage)[4:8] == [("E1", "East")] * 4


def test_stations_without_units_never_answer() -> None:
    coverage = cover_given(SEPARATE, [Station("a", "P", 0, 0, 5), Station("b", "P", 0)], [[1], [9]])
    assert first(coverage) == [("b", "P")]


def test_a_force_without_units_is_out_of_reach_until_borders_open() -> None:
    stations = [Station("a", "P", 0, 0), Station("b", "Q", 0)]
    alone = cover_given(SEPARATE, stations, [[1], [9]])
    assert (alone.station[0], alone.responder[0]) == (-1, -1)
    assert alone.travel_ms[0] == alone.response_ms[0] == UNREACHABLE
    assert not any(alone.covered(target).any() for target in alone.targets)
    assert first(cover_given(BORDERLESS, stations, [[1], [9]])) == [("b", "Q")]


def test_unreachable_weight_stays_in_the_total() -> None:
    coverage = cover_given(SEPARATE, [Station("a", "P", 0)], [[1, -1, 1]], ("P",))
    table = coverage.table.set_index(["force", "measure", "target"])
    row = table.loc[("P", "population", "20 min")]
    assert (row["covered"], row["total"], row["share"]) == (1 + 4, 7, 5 / 7)
    assert coverage.response_summary["p90_min"].isna().all()


def test_places_in_a_gap_between_areas_count_in_all_and_are_covered_by_nobody() -> None:
    study = small_study(("P",))
    points = [Place("in", "P", 0, 3), Place("gap", "", 0, 4)]
    coverage = cover(given_times(study, [Station("a", "P", 0)], points, [[0, 0]]), BORDERLESS)
    table = coverage.table[coverage.table["measure"] == "population"].set_index(["force", "target"])
    assert table.index.get_level_values("force").unique().tolist() == ["P", "none", "all"]
    assert table.loc[("none", "20 min"), ["covered", "total"]].tolist() == [0, 4]
    assert table.loc[("all", "20 min"), ["covered", "total"]].tolist() == [3, 7]


def test_the_share_of_nothing_is_missing() -> None:
    study = small_study(("P", "Q"))
    times = given_times(study, [Station("a", "P", 0), Station("b", "Q", 0)], [Place("x", "P", 0)], [[0], [0]])
    table = cover(times, SEPARATE).table
    empty = table[table["force"] == "Q"]
    assert empty["share"].isna().all()
    assert (empty["total"] == 0).all()


@pytest.mark.parametrize(
    ("gain_s", "expected"),
    [(0, ("b", "Q")), (1, ("b", "Q")), (120, ("b", "Q")), (121, ("a", "P")), (86_400, ("a", "P"))],
)
def test_automatic_aid_crosses_only_for_the_stated_gain(gain_s: int, expected: tuple[str, str]) -> None:
    # The own unit takes 10 + 3 minutes, the neighbour 7 + 3 + 1: two minutes are gained.
    rule = Scenario("aid", "Aid", "", BorderPolicy(BorderRule.if_faster(gain_s)))
    coverage = cover_given(rule, [Station("a", "P", 0), Station("b", "Q", 0)], [[10], [7]])
    assert first(coverage) == [expected]


def test_automatic_aid_helps_where_the_own_force_cannot_come_at_all() -> None:
    rule = Scenario("aid", "Aid", "", BorderPolicy(BorderRule.if_faster(86_400)))
    coverage = cover_given(rule, [Station("a", "P", 0), Station("b", "Q", 0)], [[-1, 1], [7, 7]])
    assert first(coverage) == [("b", "Q"), ("a", "P")]


def test_mutual_aid_leaves_static_coverage_as_it_is() -> None:
    rule = Scenario("aid", "Aid", "", BorderPolicy(BorderRule.ON_EXHAUSTION))
    coverage = cover_given(rule, [Station("a", "P", 0), Station("b", "Q", 0)], [[10], [1]])
    assert first(coverage) == [("a", "P")]


def test_a_border_may_be_open_in_one_direction_only() -> None:
    only_q_helps = BorderPolicy(pairs={("Q", "P"): BorderRule.CLOSEST})
    only_p_helps = BorderPolicy(pairs={("P", "Q"): BorderRule.CLOSEST})
    stations = [Station("a", "P", 0), Station("b", "Q", 0), Station("c", "R", 0)]
    minutes = [[10.0], [5.0], [1.0]]
    assert first(cover_given(Scenario("s", "", "", only_q_helps), stations, minutes)) == [("b", "Q")]
    assert first(cover_given(Scenario("s", "", "", only_p_helps), stations, minutes)) == [("a", "P")]


def test_a_pair_overrides_the_rule_between_partners() -> None:
    shut = BorderPolicy(BorderRule.CLOSEST, {("R", "P"): BorderRule.CLOSED})
    stations = [Station("a", "P", 0), Station("b", "Q", 0), Station("c", "R", 0)]
    assert first(cover_given(Scenario("s", "", "", shut), stations, [[10.0], [5.0], [1.0]])) == [("b", "Q")]


def test_a_measure_is_found_by_its_name() -> None:
    times = response_times(two_counties.region())
    assert measure_of(times, "area_km2").column == "area_m2"
    with pytest.raises(KeyError):
        measure_of(times, "area_m2")


def test_a_table_is_made_once() -> None:
    coverage = cover_two_counties(SEPARATE)
    assert coverage.table is coverage.table
    assert isinstance(coverage.table, pd.DataFrame)
