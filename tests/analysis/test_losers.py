"""Whose own units get farther and whose first station gets busier: by hand, and place by place."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

import two_counties
from borderless.analysis.compare import compare
from borderless.analysis.coverage import Coverage, cover
from borderless.analysis.losers import Losers, losers, nearest_own_ms, station_workload, workload_change
from borderless.analysis.times import ResponseTimes, response_times
from borderless.errors import BorderlessError
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import ALLIANCE, BORDERLESS, NAMED_SCENARIOS, SEPARATE, SHARED_STATIONS, Scenario
from random_regions import Drawn, regions, what_ifs
from small_regions import Place, Station, given_times, small_study
from two_counties import MINUTE, letters

repeat = settings(max_examples=60, deadline=None)
#: West moves out of W1, and one of its units starts at E1.
MOVED = Scenario("moved", "Moved", "", guests={("E1", "West"): 1}, closed=("W1",))
CLOSED = Scenario("closed", "Closed", "", closed=("W1",))


@pytest.fixture(scope="module")
def times() -> ResponseTimes:
    return response_times(two_counties.region())


def between(times: ResponseTimes, scenario: Scenario, baseline: Scenario = SEPARATE) -> Losers:
    return losers(compare(cover(times, baseline), cover(times, scenario)))


def counted(found: Losers, force: str) -> dict[str, str]:
    (row,) = found.by_force[found.by_force["force"] == force].to_dict("records")
    return {str(name): letters(value) for name, value in row.items() if name not in ("force", "total")}


def test_west_moves_to_the_border_and_its_towns_are_farther_from_it(times: ResponseTimes) -> None:
    found = between(times, MOVED)
    # A: 3 minutes before, 18 + 3 after; B: 10 and 11 + 3; C and D are nearer to E1
    assert counted(found, "West") == {"later": "AB", "sooner": "CD", "farther": "AB"} | {
        "busier": "ABCD",
        "relieved": "",
    }
    assert found.mean_more_ms() == pytest.approx((1 * 18 + 2 * 4) / 3 * MINUTE)
    assert found.farther_places.to_dict("records") == [
        {
            "place": "Borton",
            "force": "West",
            "population": 2,
            "own_before_ms": 10 * MINUTE,
            "own_ms": 14 * MINUTE,
        },
        {
            "place": "Ashby",
            "force": "West",
            "population": 1,
            "own_before_ms": 3 * MINUTE,
            "own_ms": 21 * MINUTE,
        },
    ]


def test_a_place_whose_own_units_are_gone_loses_by_no_number_of_minutes(times: ResponseTimes) -> None:
    found = between(times, CLOSED, BORDERLESS)
    assert counted(found, "West")["farther"] == "ABCD"
    assert np.isnan(found.mean_more_ms())
    assert found.farther_places["own_ms"].isna().all()
    # C and D, 12 people, are one place; the point that loses most is D or C, both cut off
    assert found.farther_places["population"].tolist() == [12, 2, 1]


def test_a_place_is_told_by_the_point_that_loses_most_and_by_all_its_people() -> None:
    stations = [Station("a", "P", 0), Station("b", "P", 0)]
    places = [Place("x", "P", 0, 9, name="Town"), Place("y", "P", 0, 5, name="Town"), Place("z", "P", 0, 0)]
    times = given_times(small_study(("P",)), stations, places, [[MINUTE] * 3, [3 * MINUTE, 5 * MINUTE, 60]])
    found = between(times, Scenario("less", "Less", "", closed=("a",)))
    assert found.farther_places.to_dict("records") == [
        {"place": "Town", "force": "P", "population": 14, "own_before_ms": 4 * MINUTE, "own_ms": 8 * MINUTE}
    ]
    empty = [[MINUTE] * 3, [2 * MINUTE] * 3]
    nobody = given_times(small_study(("P",)), stations, [p._replace(weight=0) for p in places], empty)
    found = between(nobody, Scenario("less", "Less", "", closed=("a",)))
    assert found.farther.all()
    assert found.farther_places.empty


def test_east_does_wests_work_when_the_border_opens(times: ResponseTimes) -> None:
    work = workload_change(cover(times, SEPARATE), cover(times, BORDERLESS)).set_index("station")
    # before: A and B 197 unit-minutes, C 4 x 73, D 8 x 75; two units share them
    assert work.loc["W1", "unit_ms_before"] == (197 + 292 + 600) * MINUTE
    assert work.loc["W1", "per_unit_ms_before"] == 1089 / 2 * MINUTE
    assert work.loc["W1", "unit_ms"] == 197 * MINUTE
    # 788 more for C and D
    assert work.loc["E1", "unit_ms"] - work.loc["E1", "unit_ms_before"] == 788 * MINUTE
    assert work.loc["E1", "percent"] == pytest.approx(100 * 788 / 17_168)
    assert work.loc["N1", "percent"] == 0
    # only driving changes: 4 people 6 minutes each, 8 people 10
    assert (work["unit_ms_before"].sum(), work["unit_ms"].sum()) == (67_921 * MINUTE, 67_817 * MINUTE)


def test_the_first_unit_counts_as_busier_by_its_own_work_and_not_its_stations(times: ResponseTimes) -> None:
    found = between(times, SHARED_STATIONS)
    # One unit of West at W1 has A and B, 197 instead of 544.5; the one at E1 has C and D, 788.
    assert counted(found, "West") == {"later": "", "sooner": "CD", "farther": ""} | {
        "busier": "CD",
        "relieved": "AB",
    }
    (place,) = found.busier_places().to_dict("records")
    assert (place["place"], place["population"]) == ("Crossing", 12)
    assert (place["station_before"], place["station"], place["responder"]) == ("W1", "E1", "West")
    assert (place["load_before_ms"], place["load_ms"]) == (544.5 * MINUTE, 788 * MINUTE)
    assert place["percent"] == pytest.approx(100 * (788 / 544.5 - 1))
    work = station_workload(cover(times, SHARED_STATIONS)).set_index(["station", "responder"])
    assert work.loc[("E1", "West"), "units"] == work.loc[("E1", "East"), "units"] == 1
    assert work.loc[("E1", "East"), "calls"] == 240


def test_how_much_busier_is_busier_can_be_asked(times: ResponseTimes) -> None:
    found = between(times, BORDERLESS)
    weights = found.comparison.scenario.times.region.demand.table["population"].to_numpy()
    assert letters(int(weights[found.busier()].sum())) == "CD"
    assert letters(int(weights[found.busier(4)].sum())) == "CDEFGH"
    assert letters(int(weights[found.relieved()].sum())) == "AB"
    back = between(times, SEPARATE, BORDERLESS)
    # 17,956 - 788 is 4.4 % less for East's own places
    assert letters(int(weights[back.relieved()].sum())) == "CD"
    assert letters(int(weights[back.relieved(4)].sum())) == "CDEFGH"


def test_sums_of_partners_and_of_everyone(times: ResponseTimes) -> None:
    found = between(times, MOVED)
    assert found.by_force["force"].tolist() == ["West", "East", "North", "alliance", "all"]
    assert found.by_force["total"].tolist() == [15, 240, 768, 255, 1023]
    assert counted(found, "all") == counted(found, "alliance") == counted(found, "West")


def test_calls_must_be_a_measure_of_the_study(times: ResponseTimes) -> None:
    comparison = compare(cover(times, SEPARATE), cover(times, BORDERLESS))
    assert losers(comparison, "road_km").calls.name == "road_km"
    with pytest.raises(BorderlessError, match="unknown measure crimes"):
        losers(comparison, "crimes")


def test_a_station_without_work_before_is_busier_by_no_percentage() -> None:
    # nobody lives in East, so E1 has no work until it answers for C and D
    region = two_counties.region()
    table = region.demand.table.assign(
        population=region.demand.table["population"].where(region.demand.table["force"] != "East", 0)
    )
    times = response_times(replace(region, demand=replace(region.demand, table=table)))
    found = between(times, BORDERLESS)
    work = workload_change(found.comparison.baseline, found.comparison.scenario).set_index("station")
    assert (work.loc["E1", "unit_ms_before"], work.loc["E1", "unit_ms"]) == (0, 788 * MINUTE)
    assert np.isnan(work.loc["E1", "percent"])


@pytest.mark.parametrize("scenario", NAMED_SCENARIOS, ids=lambda s: s.name)
def test_nobody_loses_by_no_change(times: ResponseTimes, scenario: Scenario) -> None:
    found = between(times, replace(scenario, name="again"), scenario)
    assert not found.by_force.drop(columns=["force", "total"]).any(axis=None)
    assert found.farther_places.empty
    assert found.busier_places().empty


@repeat
@given(what_ifs())
def test_the_nearest_own_unit_is_the_least_of_all(asked: tuple[Drawn, Scenario]) -> None:
    drawn, scenario = asked
    coverage = cover(drawn.times(), scenario)
    study = coverage.times.region.study
    for i, place in enumerate(drawn.places):
        own = [
            int(coverage.times.travel_ms[s, i]) + study.response.fixed_ms
            for f, s in np.argwhere(coverage.basing.units > 0)
            if study.force_names[f] == place.force and coverage.times.travel_ms[s, i] != UNREACHABLE
        ]
        assert nearest_own_ms(coverage)[i] == min(own, default=int(UNREACHABLE))


@repeat
@given(regions())
def test_sharing_stations_takes_nobodys_own_units_away(drawn: Drawn) -> None:
    times = drawn.times()
    for scenario in (SHARED_STATIONS, ALLIANCE, BORDERLESS):
        assert not between(times, scenario).farther.any()


@repeat
@given(what_ifs())
def test_work_adds_up_and_changes_only_by_driving(asked: tuple[Drawn, Scenario]) -> None:
    drawn, scenario = asked
    times = drawn.times()
    pair = [cover(times, SEPARATE), cover(times, scenario)]
    for coverage in pair:
        work = station_workload(coverage)
        people = sum(p.weight for p, r in zip(drawn.places, coverage.responder, strict=True) if r >= 0)
        assert work["calls"].sum() == people
        assert work["unit_ms"].sum() == work["driving_ms"].sum() + people * 3_660_000
    change = workload_change(*pair)
    for name, coverage in (("unit_ms_before", pair[0]), ("unit_ms", pair[1])):
        assert change[name].sum() == station_workload(coverage)["unit_ms"].sum()


@repeat
@given(what_ifs())
def test_busier_is_told_of_each_place_from_exact_fractions(asked: tuple[Drawn, Scenario]) -> None:
    drawn, scenario = asked
    times = drawn.times()
    found = between(times, scenario)
    before, after = (
        loads(coverage, drawn) for coverage in (found.comparison.baseline, found.comparison.scenario)
    )
    for i, (old, new) in enumerate(zip(before, after, strict=True)):
        if old is None or new is None:
            assert not found.busier()[i]
            assert not found.relieved()[i]
        elif abs(new * 10 - old * 11) > Fraction(1, 1000) < abs(new * 10 - old * 9):
            assert found.busier()[i] == (new * 10 > old * 11)
            assert found.relieved()[i] == (new * 10 < old * 9)


def loads(coverage: Coverage, drawn: Drawn) -> list[Fraction | None]:
    """Return for each place the work of each unit of the force and station that answer it first."""
    first = list(zip(coverage.responder.tolist(), coverage.station.tolist(), strict=True))
    work: dict[tuple[int, int], Fraction] = {}
    for i, pair in enumerate(first):
        busy = 3_660_000 + int(coverage.travel_ms[i])
        work[pair] = work.get(pair, Fraction(0)) + drawn.places[i].weight * busy
    return [None if f < 0 else work[f, s] / int(coverage.basing.units[f, s]) for f, s in first]
