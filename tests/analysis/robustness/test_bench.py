"""A draw counts exactly what the ordinary functions count on a study with those settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import two_counties
from borderless.analysis.busy.busy import expected_cover, expected_table
from borderless.analysis.compare import PARTNERS, compare
from borderless.analysis.coverage import Coverage, cover, forces_and_all, weighted_quantile
from borderless.analysis.robustness.bench import Outcome, bench_of
from borderless.analysis.robustness.drawn import drawn_times, held
from borderless.analysis.robustness.ranges import base_values, ranges_of
from borderless.analysis.times import ResponseTimes, response_times
from borderless.region import Region
from borderless.study.model import Clock
from borderless.study.policy import (
    BORDERLESS,
    NAMED_SCENARIOS,
    SEPARATE,
    BorderPolicy,
    BorderRule,
    Scenario,
    StationUse,
)
from random_regions import Drawn, scarce_times, what_ifs
from small_regions import RESPONSE, Place, Station, given_times, small_study


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, float]:
    """Draw values of the settings, the ends of what is accepted among them."""
    return {
        "call_handling_s": draw(st.sampled_from([0.0, 60.0, 119.9995, 240.0])),
        "turnout_s": draw(st.floats(0, 300)),
        "cross_border_delay_s": draw(st.sampled_from([0.0, 0.001, 33.3, 240.0])),
        "busy_fraction": draw(st.sampled_from([0.0, 0.1, 0.35, 0.7, 0.95])),
        "blue_light_factor": draw(st.sampled_from([0.5, 1.0, 1.17, 3.0])),
        "access_speed_kmh": draw(st.sampled_from([5.0, 20.0, 40.0])),
    }


def rebuilt(drawn: Drawn, value: dict[str, float]) -> ResponseTimes:
    """Return the times of a region that is built from the start with other settings."""
    named = ("call_handling_s", "turnout_s", "cross_border_delay_s", "busy_fraction")
    response: dict[str, Any] = {key: value[key] for key in named}
    arcs = drawn.arcs
    travel = np.maximum(1, np.rint(np.asarray(arcs.travel_ms) / value["blue_light_factor"])).astype(int)
    legs = value["access_speed_kmh"] / 20
    places = tuple(place._replace(access_ms=round(place.access_ms / legs)) for place in drawn.places)
    world = replace(
        drawn,
        arcs=arcs._replace(travel_ms=travel),
        places=places,
        response=replace(drawn.response, **response),
    )
    return world.times()


def counted(found: list[Coverage]) -> Outcome:
    """Return what the ordinary functions count."""
    covered, expected, median = [], [], []
    for coverage in found:
        study = coverage.times.region.study
        frame = compare(coverage, coverage).by_force
        names = list(dict.fromkeys(frame["force"]))
        shape = (len(study.measures), len(study.response.targets), len(names))
        covered.append(frame["covered"].to_numpy().reshape(shape).transpose(2, 0, 1))
        expected.append(_expected(coverage, names))
        median.append(_medians(coverage, names))
    return Outcome(np.array(covered), np.array(expected), np.array(median))


def _expected(coverage: Coverage, names: list[str]) -> list[list[float]]:
    """Return expected sums; those of the partners added point by point, for which there is no table."""
    region = coverage.times.region
    table = expected_table(coverage, region.study.response.busy_fraction)
    table = table[table["target"] == "standard"].set_index(["force", "measure"])["expected"]
    chance = expected_cover(coverage, coverage.targets[0], region.study.response.busy_fraction)
    partners = np.isin(region.demand.table["force"].to_numpy(str), region.study.alliance)
    rows = []
    for name in names:
        sums = []
        for measure in region.study.measures:
            weights = region.demand.weights(measure)
            if name == PARTNERS:
                sums.append(float(sum((weights[p] * chance[p] for p in np.flatnonzero(partners)), 0.0)))
            else:
                sums.append(float(table[name, measure.name]))
        rows.append(sums)
    return rows


def _medians(coverage: Coverage, names: list[str]) -> list[int]:
    region = coverage.times.region
    weights = region.demand.weights(region.study.measures[0])
    masks = dict(forces_and_all(coverage.times))
    masks[PARTNERS] = np.isin(region.demand.table["force"].to_numpy(str), region.study.alliance)
    found = []
    for name in names:
        here = masks[name]
        median = weighted_quantile(coverage.clock_ms[here], weights[here], 50)
        out_of_reach = 2**31 - 1 if weights[here].sum() else -1
        found.append(out_of_reach if median is None else median)
    return found


def same(one: Outcome, other: Outcome) -> None:
    assert one.covered.tolist() == other.covered.tolist()
    # to the last bit: no tolerance
    assert one.expected.tolist() == other.expected.tolist()
    assert one.median_ms.tolist() == other.median_ms.tolist()


def drawn_values(region: Region, value: dict[str, float]) -> np.ndarray:
    return np.array([value.get(one.key, one.base) for one in ranges_of(region)])


@settings(max_examples=40)
@given(what_ifs(), worlds())
def test_a_draw_is_the_study_with_those_settings(
    case: tuple[Drawn, Scenario], value: dict[str, float]
) -> None:
    drawn, scenario = case
    region = _with_scenarios(drawn.region(), (SEPARATE, scenario))
    times = response_times(region)
    world = rebuilt(drawn, value)
    bench = bench_of(times, ranges_of(region), rebase=True)
    same(bench(drawn_values(region, value)), counted([cover(world, SEPARATE), cover(world, scenario)]))


@settings(max_examples=20)
@given(what_ifs(), worlds())
def test_units_that_are_held_stay_where_the_study_puts_them(
    case: tuple[Drawn, Scenario], value: dict[str, float]
) -> None:
    drawn, scenario = case
    region = _with_scenarios(drawn.region(), (SEPARATE, scenario))
    times = response_times(region)
    kept = held(times, scenario)
    before, after = cover(times, scenario), cover(times, kept)
    assert (before.basing.units == after.basing.units).all()
    assert (before.response_ms == after.response_ms).all()
    assert (before.responder == after.responder).all()
    bench = bench_of(times, ranges_of(region))
    world = rebuilt(drawn, value)
    same(bench(drawn_values(region, value)), counted([cover(world, SEPARATE), cover(world, kept)]))


@settings(max_examples=20)
@given(scarce_times(), st.sampled_from([0.0, 0.3, 0.7]))
def test_the_studys_own_settings_give_the_studys_own_answer(times: ResponseTimes, busy: float) -> None:
    study = times.region.study
    region = replace(times.region, study=replace(study, response=replace(study.response, busy_fraction=busy)))
    times = ResponseTimes(region, times.travel_ms)
    bench = bench_of(times, ranges_of(region))
    same(
        bench(base_values(bench.ranges)),
        counted([cover(times, scenario) for scenario in NAMED_SCENARIOS]),
    )


def test_two_counties_under_other_settings_by_hand() -> None:
    region = two_counties.region()
    bench = bench_of(response_times(region), ranges_of(region))
    groups, partners = bench.groups, bench.groups.index(PARTNERS)
    assert groups == ("West", "East", "North", PARTNERS, "all")
    # separate, borderless, shared stations, alliance: C and D are all that can change; see two_counties
    base = bench(base_values(bench.ranges))
    assert base.covered[:, 0, 0, 0].tolist() == [7, 15, 15, 15]
    # one minute less of turnout: D is at 16 then, still too late; of call handling too: 15, in time
    quicker = bench(drawn_values(region, {"turnout_s": 0.0}))
    assert quicker.covered[:, 0, 0, 0].tolist() == [7, 15, 15, 15]
    quickest = bench(drawn_values(region, {"turnout_s": 0.0, "call_handling_s": 60.0}))
    assert quickest.covered[:, 0, 0, 0].tolist() == [15, 15, 15, 15]
    # at half the speed E1 is 8 minutes from D: 8 + 3 + 1 in time; C is rural, 12 + 4
    slow = bench(drawn_values(region, {"blue_light_factor": 0.5}))
    assert slow.covered[:, 0, 0, 0].tolist() == [1, 13, 13, 13]
    # B is urban, 14 + 3 from W1 and 22 + 4 from E1: out of reach of both
    assert slow.covered[:, partners, 0, 0].tolist() == [113, 125, 125, 125]


@pytest.mark.parametrize("clock", ["response", "travel"])
@pytest.mark.parametrize("stations", ["own", "shared"])
@pytest.mark.parametrize(
    "rule",
    [
        *(BorderRule.CLOSED, BorderRule.ON_EXHAUSTION, BorderRule.CLOSEST),
        *(BorderRule.if_faster(gain_s) for gain_s in (60, 240, 420, 480, 600)),
    ],
)
def test_every_rule_of_a_border_counts_as_in_the_ordinary_functions(
    rule: BorderRule, stations: StationUse, clock: Clock
) -> None:
    response = replace(two_counties.RESPONSE, clock=clock, target_urban_min=12, target_rural_min=9)
    scenario = Scenario("some", "Some", "", BorderPolicy(rule), stations)
    region = _with_scenarios(two_counties.region(response=response), (SEPARATE, scenario))
    times = response_times(region)
    bench = bench_of(times, ranges_of(region))
    for busy, speed in ((0.0, 1.0), (0.35, 1.0), (0.7, 0.6), (0.7, 1.4)):
        values = drawn_values(region, {"busy_fraction": busy, "blue_light_factor": speed})
        world = drawn_times(times, bench.ranges, values)
        same(bench(values), counted([cover(world, one) for one in bench.scenarios]))


def test_a_tie_goes_to_the_first_station_and_half_the_weight_is_the_median() -> None:
    minute = 60_000
    # from the own station 5 minutes; from the guest's 4 and 1 of hand-over: the clock of driving tells which
    study = small_study(
        ("P", "Q"), response=replace(RESPONSE, clock="travel"), scenarios=(SEPARATE, BORDERLESS)
    )
    stations = [Station("s0", "P", 0), Station("s1", "Q", 0)]
    places = [Place("a", "P", 0, 3), Place("b", "P", 0, 3)]
    times = given_times(study, stations, places, [[5 * minute, 9 * minute], [4 * minute, 20 * minute]])
    bench = bench_of(times, ranges_of(times.region))
    found = bench(base_values(bench.ranges))
    assert found.median_ms[1].tolist() == [5 * minute, -1, 5 * minute, 5 * minute]
    same(found, counted([cover(times, SEPARATE), cover(times, BORDERLESS)]))


def test_a_wrong_number_of_settings_is_no_draw() -> None:
    region = two_counties.region()
    bench = bench_of(response_times(region), ranges_of(region))
    with pytest.raises(ValueError, match="zip"):
        bench(np.zeros(len(bench.ranges) + 1))


def _with_scenarios(region: Region, scenarios: tuple[Scenario, ...]) -> Region:
    return replace(region, study=replace(region.study, scenarios=scenarios))
