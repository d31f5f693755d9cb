"""Scenario minus baseline: gained and lost, nearer and slower, by force and by place, and who helps whom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import two_counties
from borderless.analysis.compare import Comparison, compare
from borderless.analysis.coverage import cover
from borderless.analysis.times import ResponseTimes, response_times
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import ALLIANCE, BORDERLESS, NAMED_SCENARIOS, SEPARATE, SHARED_STATIONS, Scenario
from small_regions import Place, Station, given_times, small_study
from two_counties import MINUTE, letters


@pytest.fixture(scope="module")
def times() -> ResponseTimes:
    return response_times(two_counties.region())


@pytest.fixture(scope="module")
def gain(times: ResponseTimes) -> Comparison:
    return compare(cover(times, SEPARATE), cover(times, BORDERLESS))


@pytest.fixture(scope="module")
def loss(times: ResponseTimes) -> Comparison:
    return compare(cover(times, ALLIANCE), cover(times, SEPARATE))


def row(comparison: Comparison, force: str, target: str, measure: str = "population") -> dict[str, float]:
    table = comparison.by_force
    wanted = (table["force"] == force) & (table["measure"] == measure) & (table["target"] == target)
    (found,) = table[wanted].to_dict("records")
    return found


def test_gained_places_are_known_from_the_sum(gain: Comparison) -> None:
    west = row(gain, "West", "10 min")
    assert (letters(west["covered_before"]), letters(west["covered"])) == ("AB", "ABCD")
    assert (letters(west["gained"]), west["lost"], west["total"]) == ("CD", 0, 15)
    assert (west["share_before"], west["share"], west["change"]) == (3 / 15, 1, 12 / 15)


def test_alliance_sums_the_partners_and_all_sums_everyone(gain: Comparison) -> None:
    partners, everyone = row(gain, "alliance", "10 min"), row(gain, "all", "10 min")
    assert (letters(partners["covered"]), partners["total"]) == ("ABCDEFG", 255)
    assert (letters(everyone["covered"]), everyone["total"]) == ("ABCDEFGN", 1023)
    assert partners["gained"] == everyone["gained"] == 12
    assert gain.by_force["force"].unique().tolist() == ["West", "East", "North", "alliance", "all"]


def test_a_place_that_was_covered_before_is_not_gained(gain: Comparison) -> None:
    assert letters(row(gain, "West", "standard")["gained"]) == "D"
    assert row(gain, "East", "standard")["gained"] == 0


def test_lost_places_are_told_apart_from_gained_ones(loss: Comparison) -> None:
    west = row(loss, "West", "10 min")
    assert (letters(west["lost"]), west["gained"], west["change"]) == ("CD", 0, -12 / 15)


def test_other_measures_count_in_whole_square_metres_and_metres(gain: Comparison) -> None:
    assert row(gain, "West", "10 min", "area_km2")["gained"] == 2_000_000
    assert row(gain, "West", "10 min", "road_km")["gained"] == 2_000


def test_status_tells_gained_from_nearer(gain: Comparison) -> None:
    standard, _, ten, *_ = gain.baseline.targets
    assert gain.status(ten).tolist() == [0, 0, 2, 2, 0, 0, 0, 0, 0, 0]
    # C met the standard before and only gets nearer
    assert gain.status(standard).tolist() == [0, 0, 1, 2, 0, 0, 0, 0, 0, 0]
    assert gain.status(standard).dtype == np.int8


def test_status_tells_lost_from_slower(loss: Comparison) -> None:
    standard, _, ten, *_ = loss.baseline.targets
    assert loss.status(ten).tolist() == [0, 0, -2, -2, 0, 0, 0, 0, 0, 0]
    assert loss.status(standard).tolist() == [0, 0, -1, -2, 0, 0, 0, 0, 0, 0]


def test_a_place_that_becomes_reachable_too_late_is_nearer_and_not_gained() -> None:
    study = small_study(("P", "Q"))
    stations = [Station("a", "P", 0), Station("b", "Q", 0)]
    points = [Place("far", "P", 0)]
    times = given_times(study, stations, points, [[int(UNREACHABLE)], [60 * MINUTE]])
    comparison = compare(cover(times, SEPARATE), cover(times, BORDERLESS))
    assert comparison.status(comparison.baseline.targets[0]).tolist() == [1]


def test_places_are_named_with_people_and_minutes_before_and_after(gain: Comparison) -> None:
    ten = gain.baseline.targets[2]
    (crossing,) = gain.places(ten).to_dict("records")
    # C has 4 people and D 8: (4 x 15 + 8 x 17) / 12 minutes before, (4 x 10 + 8 x 8) / 12 after
    assert crossing["place"] == "Crossing"
    assert crossing["force"] == "West"
    assert (crossing["gained"], crossing["lost"]) == (12, 0)
    assert crossing["minutes_before"] == pytest.approx(196 / 12)
    assert crossing["minutes"] == pytest.approx(104 / 12)
    assert crossing["x"] == pytest.approx(400_000 + (4 * 12_000 + 8 * 14_000) / 12)
    assert crossing["y"] == pytest.approx(300_000)


def test_places_that_neither_gain_nor_lose_cover_are_not_listed(gain: Comparison) -> None:
    assert gain.places(gain.baseline.targets[1]).empty
    standard = gain.places(gain.baseline.targets[0])
    assert standard["gained"].tolist() == [8]


def test_places_come_with_most_people_first_then_by_name() -> None:
    study = small_study(("P", "Q"))
    stations = [Station("a", "P", 0), Station("b", "Q", 0)]
    names = [("few", 1), ("zeta", 5), ("alpha", 5), ("split", 3), ("split", 3), ("nobody", 0)]
    points = [Place(str(i), "P", 0, people, name=name) for i, (name, people) in enumerate(names)]
    times = given_times(study, stations, points, [[60 * MINUTE] * 6, [MINUTE] * 6])
    comparison = compare(cover(times, SEPARATE), cover(times, BORDERLESS))
    listed = comparison.places(comparison.baseline.targets[0])
    assert listed["place"].tolist() == ["split", "alpha", "zeta", "few"]
    assert listed["gained"].tolist() == [6, 5, 5, 1]


def test_minutes_of_a_place_that_was_out_of_reach_are_missing_and_not_huge() -> None:
    study = small_study(("P", "Q"))
    stations = [Station("a", "P", 0), Station("b", "Q", 0)]
    points = [Place("x", "P", 0, 1, name="Town"), Place("y", "P", 0, 1, name="Town")]
    times = given_times(study, stations, points, [[int(UNREACHABLE), 60 * MINUTE], [MINUTE, 3 * MINUTE]])
    comparison = compare(cover(times, SEPARATE), cover(times, BORDERLESS))
    (town,) = comparison.places(comparison.baseline.targets[0]).to_dict("records")
    assert np.isnan(town["minutes_before"])
    assert town["minutes"] == pytest.approx((5 + 7) / 2)


def test_aid_tells_who_answers_where_in_every_measure(gain: Comparison) -> None:
    assert gain.aid.to_dict("records") == [
        {
            "responder": "East",
            "force": "West",
            "population": 12,
            "area_m2": 2_000_000,
            "road_m": 2_000,
        }
    ]


def test_nobody_aids_anyone_when_units_only_move(times: ResponseTimes) -> None:
    moved = compare(cover(times, SEPARATE), cover(times, SHARED_STATIONS))
    assert moved.aid.empty
    assert moved.aid.columns.tolist() == ["responder", "force", "population", "area_m2", "road_m"]
    assert moved.changing_force() == 0


def test_people_whose_first_unit_changes_force_are_counted(gain: Comparison, loss: Comparison) -> None:
    assert letters(gain.changing_force()) == "CD"
    assert loss.changing_force() == 0


def test_a_slow_hand_over_leaves_only_the_places_that_still_gain() -> None:
    # With 8 minutes D is reached in 4 + 3 + 8 = 15 instead of 17, and C in 17 instead of 15.
    times = response_times(two_counties.region(response=two_counties.delayed(480)))
    comparison = compare(cover(times, SEPARATE), cover(times, BORDERLESS))
    assert letters(comparison.changing_force()) == "D"
    assert letters(row(comparison, "West", "standard")["gained"]) == "D"


@pytest.mark.parametrize("scenario", NAMED_SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_scenario_compared_with_itself_shows_no_change(times: ResponseTimes, scenario: Scenario) -> None:
    same = compare(cover(times, scenario), cover(times, replace(scenario, name="again")))
    assert (same.by_force[["gained", "lost", "change"]] == 0).all(axis=None)
    for target in same.baseline.targets:
        assert not same.status(target).any()
        assert same.places(target).empty
    assert same.changing_force() == 0


def test_coverages_of_different_times_are_not_compared(times: ResponseTimes) -> None:
    other = ResponseTimes(times.region, times.travel_ms.copy())
    with pytest.raises(ValueError, match="same response times"):
        compare(cover(times, SEPARATE), cover(other, BORDERLESS))
