"""How calls settle on units: against the exact model, static coverage, and what must add up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import two_counties
from borderless.analysis.busy.hypercube import hypercube
from borderless.analysis.busy.shared_load import SharedLoad, call_rates, calls_measure, share_load
from borderless.analysis.coverage import cover
from borderless.analysis.times import ResponseTimes, response_times
from borderless.errors import BorderlessError
from borderless.roads.network import UNREACHABLE
from borderless.study.model import DemandInput, Study, measure_named
from borderless.study.policy import ALLIANCE, BORDERLESS, SEPARATE, BorderPolicy, BorderRule, Scenario
from random_regions import FORCES, MINUTE, Drawn, what_ifs
from small_regions import NOWHERE, RESPONSE, Place, Station, given_times, small_study

# Driving hardly counts beside a day on the scene: service times are nearly equal, as the exact model has it.
ALIKE = replace(RESPONSE, on_scene_s=86_400)


def settled(times: ResponseTimes, scenario: Scenario, busy: float | dict[str, float]) -> SharedLoad:
    given_busy = busy if isinstance(busy, dict) else dict.fromkeys(times.region.study.force_names, busy)
    return share_load(times, scenario, call_rates(times, given_busy))


@settings(max_examples=80)
@given(what_ifs())
def test_units_that_are_never_busy_give_static_coverage(asked: tuple[Drawn, Scenario]) -> None:
    drawn, scenario = asked
    # with gains that differ from border to border no fixed order is right
    scenario = replace(scenario, borders=BorderPolicy(scenario.borders.between_partners))
    times = drawn.times()
    coverage, load = cover(times, scenario), settled(times, scenario, 0.0)
    for target in coverage.targets:
        assert load.chance(target).tolist() == coverage.covered(target).astype(float).tolist()


@settings(max_examples=60)
@given(what_ifs(), st.sampled_from([0.1, 0.4, 0.7]))
def test_separate_forces_are_as_busy_as_is_said_and_shares_add_up(
    asked: tuple[Drawn, Scenario], busy: float
) -> None:
    drawn, scenario = asked
    times = drawn.times()
    given_busy = {force: busy / (1 + f) for f, force in enumerate(FORCES)}
    try:
        load = settled(times, SEPARATE, given_busy)
    except BorderlessError:
        # a force on two islands may have more calls on one of them than its units there can answer
        assume(False)
    for f, force in enumerate(times.region.study.force_names):
        if load.settled.rates[f] > 0:
            able = np.unique(np.concatenate([area.members for area in load.areas if area.source == f]))
            assert load.settled.workload[able].mean() == pytest.approx(given_busy[force], abs=1e-5)
    try:
        load = settled(times, scenario, given_busy)
    except BorderlessError:
        # units were taken away from a busy force
        assume(False)
    shares = load.dispatch.groupby("force")["share"].sum()
    for f, force in enumerate(times.region.study.force_names):
        calls = sum(area.share.sum() for area in load.areas if area.source == f)
        assert calls == pytest.approx(1) or calls == 0
        assert shares[force] == pytest.approx(calls)
    for target in times.region.study.response.targets:
        chance = load.chance(target)
        assert ((chance >= 0) & (chance <= 1 + 1e-9)).all()


@st.composite
def allied_times(draw: st.DrawFn) -> ResponseTimes:
    """Draw two forces with two to five units in all, and places that each unit can reach."""
    stations = [Station("a", "P", 0, draw(st.integers(1, 2))), Station("b", "Q", 0, draw(st.integers(1, 3)))]
    count = draw(st.integers(2, 5))
    places = [Place(f"p{i}", "PQ"[i % 2], 0, draw(st.integers(1, 100))) for i in range(count)]
    row = st.lists(st.integers(1, 20), min_size=count, max_size=count)
    matrix = [[MINUTE * m for m in draw(row)] for _ in stations]
    return given_times(small_study("PQ", response=ALIKE), stations, places, matrix)


@settings(max_examples=60)
@given(allied_times(), st.sampled_from([0.1, 0.3, 0.6]), st.sampled_from([0.1, 0.3, 0.6]))
def test_an_alliance_is_close_to_the_exact_hypercube(
    times: ResponseTimes, first: float, other: float
) -> None:
    load = settled(times, BORDERLESS, {"P": first, "Q": other})
    exact, order = exactly(times, load)
    assert load.settled.workload.tolist() == pytest.approx(exact.workload.tolist(), abs=0.15)
    target = times.region.study.response.targets[0]
    share = exact.dispatch.sum(axis=0)
    for point in range(order.shape[0]):
        unit_travel = times.travel_ms[load.unit_station, point].astype(np.int64)
        place = times.region.demand.table["force"].iloc[point]
        own = load.unit_force == times.region.study.force_names.index(place)
        cost = unit_travel + RESPONSE.fixed_ms + np.where(own, 0, RESPONSE.cross_border_delay_ms)
        reached = exact.at_once[cost <= target.urban_ms, point].sum() / share[point]
        assert load.chance(target)[point] == pytest.approx(reached, abs=0.1)


def exactly(times: ResponseTimes, load: SharedLoad):
    """Return the exact model of the same calls, and the order of units at each point."""
    table = times.region.demand.table
    forces = times.region.study.force_names
    weight = times.region.demand.weights(times.region.study.measures[0])
    calls, order = [], []
    for point, place in enumerate(table["force"]):
        f = forces.index(place)
        calls.append(load.settled.rates[f] * weight[point] / weight[table["force"] == place].sum())
        delay = np.where(load.unit_force == f, 0, RESPONSE.cross_border_delay_ms)
        order.append(np.argsort(times.travel_ms[load.unit_station, point] + delay, kind="stable"))
    service_h = (ALIKE.turnout_s + ALIKE.on_scene_s + 600) / 3600
    return hypercube(calls, np.array(order), service_h), np.array(order)


def test_mutual_aid_comes_after_every_own_unit() -> None:
    stations = [Station("a", "P", 0, 1), Station("b", "Q", 0, 1)]
    places = [Place("p", "P", 0), Place("q", "Q", 0)]
    minutes = [[12, 60], [1, 1]]
    times = given_times(
        small_study("PQ", response=ALIKE), stations, places, [[MINUTE * m for m in row] for row in minutes]
    )
    aid = Scenario("aid", "Aid", "", BorderPolicy(BorderRule.ON_EXHAUSTION))
    load = settled(times, aid, 0.2)
    assert load.areas[0].unit[:, 0].tolist() == [0, 1]
    assert settled(times, BORDERLESS, 0.2).areas[0].unit[:, 0].tolist() == [1, 0]
    # 12 minutes are 1 + 1 of hand-over and 10 to be gained
    for gain, order in ((600, [1, 0]), (601, [0, 1])):
        rule = Scenario("gain", "Gain", "", BorderPolicy(BorderRule.if_faster(gain)))
        assert settled(times, rule, 0.2).areas[0].unit[:, 0].tolist() == order


def test_long_ways_across_eat_what_a_pool_gives() -> None:
    # two equal forces, a call takes an hour and the way across; help from afar costs more than it gives
    stations = [Station("a", "P", 0, 1), Station("b", "Q", 0, 1)]
    places = [Place("p", "P", 0), Place("q", "Q", 0)]
    response = replace(RESPONSE, on_scene_s=3540)

    def workload(hours: float) -> float:
        far = int(60 * MINUTE * hours)
        times = given_times(small_study("PQ", response=response), stations, places, [[0, far], [far, 0]])
        return float(settled(times, BORDERLESS, 0.4).settled.workload.mean())

    assert workload(0.05) == pytest.approx(0.4, abs=0.02)
    assert 0.4 < workload(0.5) < workload(1) < workload(1.5)
    with pytest.raises(BorderlessError, match="of the time"):
        workload(5)


def test_units_of_a_station_stand_in_a_row() -> None:
    times = response_times(two_counties.region(response=ALIKE))
    load = settled(times, SEPARATE, 0.3)
    frame = load.by_station.set_index("station")
    assert frame["units"].to_dict() == {"W1": 2, "E1": 1, "N1": 1}
    exact = hypercube([0.6], [[0, 1]], 1.0)
    assert frame.loc["W1", "busiest"] == pytest.approx(exact.workload[0], abs=0.005)
    assert frame.loc["W1", "workload"] == pytest.approx(0.3)


def test_the_two_counties_by_hand() -> None:
    # A call of East keeps its one unit busy for turnout 1, on the scene 1439, and the mean drive: E 2, F 0,
    # G 5, H 17 minutes of 16, 32, 64 and 128 people are 2528/240. It is at work for half of the time.
    response = replace(RESPONSE, on_scene_s=60 * 1439)
    times = response_times(two_counties.region(response=response))
    busy = {"West": 0.0, "East": 0.5, "North": 0.0}
    rates = call_rates(times, busy)
    assert rates.tolist() == pytest.approx([0, 0.5 / ((1440 + 2528 / 240) / 60), 0])
    row = (
        settled(times, SEPARATE, {"West": 0.0, "East": 0.5, "North": 0.0})
        .by_force.set_index("force")
        .loc["East"]
    )
    assert (row["waits"], row["workload"]) == (pytest.approx(0.5), pytest.approx(0.5))
    assert row["travel_ms"] == pytest.approx(MINUTE * 2528 / 240)


def with_incidents(study: Study) -> Study:
    more = DemandInput(measure_named("incidents"), NOWHERE, None, "incidents", "x", "y")
    return replace(study, demand=(*study.demand, more))


def test_incidents_tell_where_calls_come_from_unless_they_reach_only_so_far() -> None:
    study = small_study(["P"], ["Q"])
    assert calls_measure(study, "P").name == "population"
    assert calls_measure(with_incidents(study), "P").name == "incidents"
    assert calls_measure(with_incidents(study), "Q").name == "population"
    # clipped is what the file says, partner or not
    assert calls_measure(with_incidents(study).with_partners(("Q",)), "Q").name == "population"


def test_places_out_of_reach_are_never_reached() -> None:
    stations, places = [Station("a", "P", 0, 1)], [Place("p", "P", 0), Place("far", "P", 0)]
    times = given_times(small_study("P"), stations, places, [[MINUTE, UNREACHABLE]])
    load = settled(times, ALLIANCE, 0.3)
    assert load.chance(times.region.study.response.targets[0]).tolist() == pytest.approx([0.7, 0.0])
