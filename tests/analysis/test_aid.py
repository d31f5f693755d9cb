"""Who answers for whom: every cell against the places one by one, and a balance that balances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import two_counties
from borderless.analysis.aid import aid_table, balance_table, busy_ms, calls_measure, crossing, hosted
from borderless.analysis.compare import compare
from borderless.analysis.coverage import cover
from borderless.analysis.times import ResponseTimes, response_times
from borderless.errors import BorderlessError
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import ALLIANCE, BORDERLESS, SEPARATE, SHARED_STATIONS, Scenario
from random_regions import Drawn, regions, scenarios
from small_regions import Place, Station, given_times, small_study
from two_counties import MINUTE, letters

repeat = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module")
def times() -> ResponseTimes:
    return response_times(two_counties.region())


def cell(aid: pd.DataFrame, responder: str, force: str) -> dict[str, int]:
    (found,) = aid[(aid["responder"] == responder) & (aid["force"] == force)].to_dict("records")
    return {str(name): value for name, value in found.items()}


def test_east_answers_for_c_and_d_and_every_minute_is_known(times: ResponseTimes) -> None:
    aid = aid_table(cover(times, BORDERLESS))
    across = cell(aid, "East", "West")
    assert letters(across["population"]) == "CD"
    assert (across["area_m2"], across["road_m"]) == (2_000_000, 2_000)
    # one way: 4 people x 6 minutes to C, 8 x 4 to D
    assert across["driving_ms"] == (4 * 6 + 8 * 4) * MINUTE
    # 1 minute of turnout and an hour at the scene besides
    assert across["unit_ms"] == (4 * 67 + 8 * 65) * MINUTE == 788 * MINUTE
    own = {force: cell(aid, force, force)["unit_ms"] // MINUTE for force in ("West", "East", "North")}
    assert own == {"West": 61 + 2 * 68, "East": 17_168, "North": 256 * 72 + 512 * 61}


def test_every_ordered_pair_has_its_row_in_the_studys_order(times: ResponseTimes) -> None:
    aid = aid_table(cover(times, SEPARATE))
    names = ["West", "East", "North"]
    assert list(zip(aid["responder"], aid["force"], strict=True)) == [(r, f) for r in names for f in names]
    assert not crossing(aid)["population"].any()
    assert len(crossing(aid_table(cover(times, BORDERLESS)))) == 1


def test_the_balance_of_two_counties(times: ResponseTimes) -> None:
    balance = balance_table(aid_table(cover(times, BORDERLESS)))
    people = balance[balance["quantity"] == "population"].set_index("force")
    assert people.loc["East", ["given", "received", "net"]].tolist() == [12, 0, 12]
    assert people.loc["West", ["given", "received", "net"]].tolist() == [0, 12, -12]
    assert people.loc["North", ["given", "received", "net"]].tolist() == [0, 0, 0]


def test_a_comparison_tells_the_same_people(times: ResponseTimes) -> None:
    baseline, scenario = cover(times, SEPARATE), cover(times, BORDERLESS)
    aid = crossing(aid_table(scenario))
    told = compare(baseline, scenario).aid
    assert told.equals(aid.drop(columns=["driving_ms", "unit_ms"]))


def test_another_measure_may_count_the_calls(times: ResponseTimes) -> None:
    across = cell(aid_table(cover(times, BORDERLESS), "road_km"), "East", "West")
    assert across["unit_ms"] == 1_000 * (67 + 65) * MINUTE


def test_incidents_count_as_calls_where_the_study_has_them() -> None:
    study = small_study(("P",))
    assert calls_measure(study).name == "population"
    (people,) = study.demand
    incidents = replace(people, measure=replace(people.measure, name="incidents"))
    assert calls_measure(replace(study, demand=(people, incidents))).name == "incidents"
    with pytest.raises(BorderlessError, match=r"unknown measure crimes.*population, area_km2, road_km"):
        calls_measure(study, "crimes")


def test_a_guest_at_an_own_station_is_told_from_help_across() -> None:
    # Q's only unit starts at P's station and is the only one there
    study = small_study(("P", "Q"))
    stations = [Station("p", "P", 0, 0), Station("q", "Q", 0, 1)]
    times = given_times(study, stations, [Place("x", "P", 0), Place("y", "Q", 0)], [[MINUTE] * 2] * 2)
    guest = Scenario("g", "G", "", BORDERLESS.borders, guests={("p", "Q"): 1}, closed=("q",))
    assert hosted(cover(times, guest)).tolist() == [True, False]
    assert hosted(cover(times, BORDERLESS)).tolist() == [False, False]


def test_sums_that_could_not_be_exact_are_refused() -> None:
    places = [Place("x", "P", 0, 2**42)]
    times = given_times(small_study(("P",)), [Station("p", "P", 0)], places, [[MINUTE]])
    with pytest.raises(BorderlessError, match="too many to add up"):
        aid_table(cover(times, SEPARATE))
    assert aid_table(cover(times, SEPARATE), "area_km2")["population"].tolist() == [2**42]


def test_nobody_is_busy_with_a_place_out_of_reach() -> None:
    places = [Place("x", "P", 0, 5), Place("y", "P", 0, 7)]
    times = given_times(small_study(("P",)), [Station("p", "P", 0)], places, [[MINUTE, int(UNREACHABLE)]])
    coverage = cover(times, SEPARATE)
    assert busy_ms(coverage).tolist() == [62 * MINUTE, 0]
    (row,) = aid_table(coverage).to_dict("records")
    assert (row["population"], row["driving_ms"]) == (5, 5 * MINUTE)


@repeat
@given(regions(), scenarios())
def test_each_cell_is_the_sum_over_its_places(drawn: Drawn, scenario: Scenario) -> None:
    coverage = cover(drawn.times(), scenario)
    study = coverage.times.region.study
    expected = {(r, f): (0, 0, 0) for r in study.force_names for f in study.force_names}
    for i, place in enumerate(drawn.places):
        if coverage.responder[i] < 0:
            continue
        pair = (study.force_names[coverage.responder[i]], place.force)
        drive = int(coverage.travel_ms[i])
        busy = 60_000 + drive + 3_600_000  # the settings of every drawn region
        more = (place.weight, place.weight * drive, place.weight * busy)
        expected[pair] = tuple(a + b for a, b in zip(expected[pair], more, strict=True))  # type: ignore[assignment]
    rows = aid_table(coverage)[["responder", "force", "population", "driving_ms", "unit_ms"]]
    assert {(r, f): tuple(map(int, sums)) for r, f, *sums in rows.itertuples(index=False)} == expected


@repeat
@given(regions(), scenarios())
def test_all_that_is_given_is_received(drawn: Drawn, scenario: Scenario) -> None:
    coverage = cover(drawn.times(), scenario)
    aid = aid_table(coverage)
    for _, rows in balance_table(aid).groupby("quantity"):
        assert rows["given"].sum() == rows["received"].sum()
        assert rows["net"].sum() == 0
    answered = coverage.responder >= 0
    people = sum(p.weight for p, reached in zip(drawn.places, answered, strict=True) if reached)
    assert int(aid["population"].sum()) == people
    assert int(aid["unit_ms"].sum() - aid["driving_ms"].sum()) == people * 3_660_000


@repeat
@given(regions(), scenarios())
def test_the_order_of_forces_and_stations_changes_nothing(drawn: Drawn, scenario: Scenario) -> None:
    turned = replace(
        drawn, alliance=drawn.alliance[::-1], outside=drawn.outside[::-1], stations=drawn.stations[::-1]
    )
    # Which of equally good re-basings is taken does depend on the order.
    fixed = replace(scenario, stations="own")
    one, other = (aid_table(cover(d.times(), fixed)) for d in (drawn, turned))
    keys = ["responder", "force"]
    assert one.set_index(keys).sort_index().equals(other.set_index(keys).sort_index())


@pytest.mark.parametrize("scenario", [SHARED_STATIONS, ALLIANCE], ids=lambda s: s.name)
def test_own_units_at_a_partners_station_are_no_help_from_others(
    times: ResponseTimes, scenario: Scenario
) -> None:
    coverage = cover(times, scenario)
    assert np.unique(coverage.station[2:4]).tolist() == [0]
    assert crossing(aid_table(coverage)).empty
