"""Expected coverage against every state of busy and free units, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.analysis.busy.busy import expected_cover, expected_table, powers
from borderless.analysis.coverage import Coverage, cover
from borderless.analysis.times import ResponseTimes
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import BORDERLESS, SEPARATE, BorderPolicy, BorderRule, Scenario, Target
from random_regions import FORCES, MINUTE, Drawn, what_ifs
from small_regions import Place, Station, given_times, small_study

MOST_UNITS = 9
FAR = int(UNREACHABLE)


def fewer_units(asked: tuple[Drawn, Scenario]) -> tuple[Drawn, Scenario]:
    """Leave each station at most two units and the region at most nine, so that all states can be tried."""
    drawn, scenario = asked
    stations = [station._replace(units=min(station.units, 2)) for station in drawn.stations[:4]]
    drawn = replace(drawn, stations=tuple(stations))
    known = {station.id for station in stations}
    units = {name: number for name, number in scenario.units.items() if name in known}
    closed = tuple(name for name in scenario.closed if name in known)
    return drawn, replace(scenario, units=units, closed=closed)


some_fraction = st.sampled_from([0.0, 0.1, 0.3, 0.9])


@settings(max_examples=90)
@given(what_ifs(max_forces=3), st.lists(some_fraction, min_size=3, max_size=3))
def test_the_closed_form_equals_the_sum_over_all_states(
    asked: tuple[Drawn, Scenario], fractions: list[float]
) -> None:
    drawn, scenario = fewer_units(asked)
    coverage = cover(drawn.times(), scenario)
    target = coverage.targets[0]
    busy = dict(zip(FORCES, fractions, strict=False))
    chance = expected_cover(coverage, target, busy)
    for point in range(len(chance)):
        assert chance[point] == pytest.approx(by_states(coverage, target, busy, point), abs=1e-12)


@settings(max_examples=60)
@given(what_ifs(), st.sampled_from([0.0, 0.1, 0.3, 0.95]))
def test_forces_that_are_equally_busy_give_the_bits_of_one_fraction(
    asked: tuple[Drawn, Scenario], busy: float
) -> None:
    drawn, scenario = asked
    coverage = cover(drawn.times(), scenario)
    alike = dict.fromkeys(FORCES, busy)
    assert expected_table(coverage, alike).equals(expected_table(coverage, busy))


def by_states(coverage: Coverage, target: Target, busy: Mapping[str, float], point: int) -> float:
    """Return the chance that the unit sent is within the target: every unit free or busy, by the rules."""
    times, scenario = coverage.times, coverage.scenario
    study = times.region.study
    partners = frozenset(study.alliance)
    row = times.region.demand.table.iloc[point]
    limit = target.urban_ms if row["urban"] else target.rural_ms
    units, fractions = [], []
    for f, responder in enumerate(study.force_names):
        rule = scenario.borders.rule(responder, row["force"], partners)
        own = responder == row["force"]
        one_room = scenario.control_room == "shared" and {responder, row["force"]} <= partners
        delay = study.response.cross_border_delay_ms if rule.delay_s is None else 1000 * rule.delay_s
        delay = 0 if own or one_room else delay
        for s in np.flatnonzero(coverage.basing.units[f]):
            travel = int(times.travel_ms[s, point])
            if travel == FAR or rule.kind == "closed" or not row["force"]:
                continue
            response = travel + study.response.fixed_ms + delay
            judged = travel if study.response.clock == "travel" else response
            units += [(response, judged, own, rule)] * int(coverage.basing.units[f, s])
            fractions += [busy[responder]] * int(coverage.basing.units[f, s])
    total = 0.0
    for free in product([True, False], repeat=len(units)):
        own_free = [response for (response, _, own, _), here in zip(units, free, strict=True) if own and here]
        nearest = min(own_free, default=None)
        any_own = any(own for _, _, own, _ in units)
        may_go = []
        for (response, judged, own, rule), here in zip(units, free, strict=True):
            exhausted = nearest is None and any_own
            allowed = (
                own
                or {
                    "closest": True,
                    "if_faster": nearest is None or response + 1000 * rule.min_gain_s <= nearest,
                    "on_exhaustion": exhausted,
                }[rule.kind]
            )
            if here and allowed:
                may_go.append((response, not own, judged))
        sent = min(may_go, default=None)
        if sent is not None and sent[2] <= limit:
            total += float(np.prod([1 - q if here else q for here, q in zip(free, fractions, strict=True)]))
    return total


@settings(max_examples=100)
@given(what_ifs())
def test_units_that_are_never_busy_give_static_coverage(asked: tuple[Drawn, Scenario]) -> None:
    drawn, scenario = asked
    coverage = cover(drawn.times(), scenario)
    for target in coverage.targets:
        assert np.array_equal(expected_cover(coverage, target, 0.0), coverage.covered(target).astype(float))


def two_forces(minutes: list[list[int]], units: tuple[int, int]) -> ResponseTimes:
    stations = [Station("a", "P", 0, units[0]), Station("b", "Q", 0, units[1])]
    places = [Place("p", "P", 0, 1000), Place("q", "Q", 0, 100)]
    return given_times(
        small_study(["P", "Q"]), stations, places, [[MINUTE * m for m in row] for row in minutes]
    )


def test_daskins_sum_for_three_units() -> None:
    times = two_forces([[5, 99], [99, 5]], (3, 1))
    coverage = cover(times, SEPARATE)
    chance = expected_cover(coverage, coverage.targets[0], 0.3)
    # (1 - q)(1 + q + q²) at q = 0.3
    assert chance.tolist() == pytest.approx([0.7 * (1 + 0.3 + 0.09), 0.7])
    table = expected_table(coverage, 0.3).set_index(["measure", "target", "force"])["expected"]
    assert table["population", "standard", "all"] == pytest.approx(1000 * 0.973 + 100 * 0.7)


def test_a_neighbour_within_the_target_adds_its_units_when_the_border_opens() -> None:
    times = two_forces([[5, 99], [6, 5]], (1, 1))
    coverage = cover(times, BORDERLESS)
    assert expected_cover(coverage, coverage.targets[0], 0.5).tolist() == pytest.approx([0.75, 0.5])


def test_mutual_aid_comes_only_when_every_own_unit_is_busy() -> None:
    # the own unit is too far; only while it is busy (half of the time) may the neighbour come (half of that)
    times = two_forces([[60, 99], [5, 5]], (1, 1))
    aid = Scenario("aid", "Aid", "", BorderPolicy(BorderRule.ON_EXHAUSTION))
    coverage = cover(times, aid)
    assert expected_cover(coverage, coverage.targets[0], 0.5)[0] == pytest.approx(0.25)


def test_each_force_is_busy_in_its_own_way() -> None:
    # both units are near: 1 - 0.2 x 0.6, in whichever order they are asked
    times = two_forces([[5, 99], [6, 5]], (1, 1))
    chance = expected_cover(
        cover(times, BORDERLESS), cover(times, BORDERLESS).targets[0], {"P": 0.2, "Q": 0.6}
    )
    assert chance.tolist() == pytest.approx([0.88, 0.4])


def test_the_nearer_of_two_decides_when_it_is_too_far() -> None:
    # the free own unit at 6 + 3 minutes is in time, the guest at 13 + 3 + 1 never; it only comes second
    times = two_forces([[6, 99], [13, 5]], (1, 1))
    coverage = cover(times, BORDERLESS)
    assert expected_cover(coverage, coverage.targets[0], {"P": 0.25, "Q": 0.5})[0] == pytest.approx(0.75)


def test_a_force_without_a_fraction_is_refused_by_name() -> None:
    coverage = cover(two_forces([[5, 5], [5, 5]], (1, 1)), SEPARATE)
    with pytest.raises(ValueError, match="busy_fraction of Q"):
        expected_cover(coverage, coverage.targets[0], {"P": 0.3})


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 1.5, float("nan")])
def test_a_fraction_that_is_none_is_refused(fraction: float) -> None:
    coverage = cover(two_forces([[5, 5], [5, 5]], (1, 1)), SEPARATE)
    with pytest.raises(ValueError, match="busy_fraction"):
        expected_cover(coverage, coverage.targets[0], fraction)


def test_powers_multiply_one_after_the_other() -> None:
    assert powers(0.5, 3).tolist() == [1.0, 0.5, 0.25, 0.125]
    assert powers(0.0, 2).tolist() == [1.0, 0.0, 0.0]
