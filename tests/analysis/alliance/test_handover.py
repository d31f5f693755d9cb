"""The gain at every hand-over delay: by hand, second by second, and against coverage asked anew at each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import two_counties
from borderless.analysis.alliance.handover import Handover, handover, handovers
from borderless.analysis.alliance.levers import force_groups, with_levers
from borderless.analysis.coverage import cover
from borderless.analysis.times import ResponseTimes, response_times
from borderless.study.model import Clock
from borderless.study.policy import ALLIANCE, BORDERLESS, BorderPolicy, BorderRule, Scenario
from random_regions import MINUTE, Drawn, what_ifs
from small_regions import RESPONSE, Place, Station, given_times, small_study
from two_counties import WEIGHT


def delayed(times: ResponseTimes, delay_s: float) -> ResponseTimes:
    study = times.region.study
    response = replace(study.response, cross_border_delay_s=delay_s)
    return replace(times, region=replace(times.region, study=replace(study, response=response)))


def by_cover(times: ResponseTimes, scenario: Scenario, delay_s: float) -> np.ndarray:
    """Return gains of open over closed borders, shape (groups, measures, targets), by asking twice."""
    slow = delayed(times, delay_s)
    before, after = cover(slow, replace(scenario, borders=BorderPolicy())), cover(slow, scenario)
    region = times.region
    return np.array(
        [
            [
                [
                    int(w[here & after.covered(t)].sum()) - int(w[here & before.covered(t)].sum())
                    for t in after.targets
                ]
                for w in map(region.demand.weights, region.study.measures)
            ]
            for _, here in force_groups(times)
        ]
    )


def by_spans(found: Handover, delay_ms: int) -> np.ndarray:
    study = found.times.region.study
    return np.array(
        [
            [[found.gain(here, m, t, delay_ms) for t in study.response.targets] for m in study.measures]
            for _, here in force_groups(found.times)
        ]
    )


def row(found: Handover, force: str, target: str) -> dict[str, object]:
    table = found.table
    chosen = (table["force"] == force) & (table["target"] == target) & (table["measure"] == "population")
    [only] = table[chosen].to_dict("records")
    return only


def test_by_hand() -> None:
    # from E1, with 3 minutes fixed: C after 9 minutes, D after 7; West itself needs 15 and 17
    found = handover(response_times(two_counties.region()), BORDERLESS)
    study = found.times.region.study
    ten = study.response.targets[2]
    west = dict(force_groups(found.times))["West"]
    curve = found.curve(west, study.measures[0], ten)
    assert curve["delay_s"].tolist() == [0, 61, 181]
    assert curve["gain"].tolist() == [WEIGHT["C"] + WEIGHT["D"], WEIGHT["D"], 0]
    told = row(found, "West", "10 min")
    assert (told["gain_at_0"], told["gain"], told["half_s"], told["break_even_s"]) == (12, 12, 180, 181)
    # the standard asks 15 minutes of D: 8 are left of them
    told = row(found, "all", "standard")
    assert (told["gain_at_0"], told["half_s"], told["break_even_s"]) == (WEIGHT["D"], 480, 481)
    # nothing to gain within 5 minutes
    told = row(found, "West", "5 min")
    assert (told["gain_at_0"], told["half_s"], told["break_even_s"]) == (0, None, None)


def test_shared_stations_leave_less_to_hand_over() -> None:
    own, shared = handovers(response_times(two_counties.region()))
    assert row(own, "alliance", "10 min")["gain_at_0"] == 12
    assert row(shared, "alliance", "10 min")["gain_at_0"] == 0
    assert [found.scenario.name for found in (own, shared)] == ["borders", "borders + stations"]


def test_a_border_with_a_delay_of_its_own_and_one_room_never_stop_paying() -> None:
    times = response_times(two_counties.region())
    own_delay = BorderPolicy(BorderRule.CLOSEST, {("East", "West"): BorderRule("closest", delay_s=60)})
    told = row(handover(times, replace(BORDERLESS, borders=own_delay)), "West", "10 min")
    assert (told["gain_at_0"], told["gain"], told["half_s"], told["break_even_s"]) == (12, 12, None, None)
    one_room = with_levers(ALLIANCE, ("borders", "control_room"))
    told = row(handover(times, one_room), "West", "10 min")
    assert (told["gain"], told["break_even_s"]) == (12, None)


def test_only_driving_counts_where_the_study_says_so() -> None:
    # East comes as long as it is quicker than W1: at D until 17 - 7 = 10 minutes
    response = replace(two_counties.delayed(60), clock="travel")
    found = handover(response_times(two_counties.region(response=response)), BORDERLESS)
    told = row(found, "West", "10 min")
    # C is driven to in 6 minutes while 9 + delay <= 15, where E1 stands first by its id
    assert told["gain_at_0"] == WEIGHT["C"] + WEIGHT["D"]
    assert told["half_s"] == 600
    assert told["break_even_s"] == 601


@pytest.mark.parametrize(("helper", "half_s"), [("a", 900), ("z", 899)])
def test_of_equally_quick_units_the_first_station_is_sent_while_driving_is_judged(
    helper: str, half_s: int
) -> None:
    # at a hand-over of 15 minutes both need 20, but only the helper drives for 5
    stations = [Station("own", "P", 0), Station(helper, "Q", 0)]
    study = small_study(["P", "Q"], response=replace(RESPONSE, clock="travel"))
    times = given_times(study, stations, [Place("x", "P", 0, 7)], [[20 * MINUTE], [5 * MINUTE]])
    told = row(handover(times, BORDERLESS), "P", "15 min")
    assert (told["gain_at_0"], told["half_s"], told["break_even_s"]) == (7, half_s, half_s + 1)


def test_less_than_half_is_not_half() -> None:
    # 8 minutes without hand-over for two people, 5 for one: from 421 s on only 1 of 3 is left
    places = [Place("x", "P", 0, 2), Place("y", "P", 0, 1)]
    stations = [Station("own", "P", 0), Station("z", "Q", 0)]
    far, near = [30 * MINUTE, 30 * MINUTE], [5 * MINUTE, 2 * MINUTE]
    times = given_times(small_study(["P", "Q"]), stations, places, [far, near])
    told = row(handover(times, BORDERLESS), "P", "standard")
    assert (told["gain_at_0"], told["half_s"], told["break_even_s"]) == (3, 420, 601)


def two_helpers(clock: Clock) -> Handover:
    """Return a place 20 minutes from its own unit; Q (5 minutes) must be 14 quicker, R (10) just quicker."""
    stations = [Station("own", "P", 0), Station("s", "Q", 0), Station("r", "R", 0)]
    travel = [[20 * MINUTE], [5 * MINUTE - 500], [10 * MINUTE]]
    pairs = {("Q", "P"): BorderRule.if_faster(840), ("R", "P"): BorderRule.CLOSEST}
    study = small_study(["P", "Q", "R"], response=replace(RESPONSE, clock=clock))
    times = given_times(study, stations, [Place("x", "P", 0, 7)], travel)
    return handover(times, replace(BORDERLESS, borders=BorderPolicy(pairs=pairs)))


def steps(found: Handover, target: int) -> list[tuple[int, int]]:
    study = found.times.region.study
    everywhere = np.ones(1, dtype=bool)
    curve = found.curve(everywhere, study.measures[0], study.response.targets[target])
    return list(zip(curve["delay_s"], curve["gain"], strict=True))


def test_one_helper_takes_over_from_another_within_a_second() -> None:
    # Q goes until 60.5 s, then R, who is in time (13 minutes and the delay) until 2 minutes
    assert steps(two_helpers("response"), 0) == [(0, 7), (121, 0)]


def test_the_quickest_that_may_go_is_judged_by_its_own_drive() -> None:
    assert steps(two_helpers("travel"), 1) == [(0, 7), (61, 0)]
    # R is quicker than the own unit until 10 minutes, where the own station stands first
    assert steps(two_helpers("travel"), 2) == [(0, 7), (600, 0)]


@settings(max_examples=60)
@given(what_ifs(), st.lists(st.integers(0, 3000), max_size=4))
def test_gains_are_those_of_coverage_at_every_delay(asked: tuple[Drawn, Scenario], also: list[int]) -> None:
    drawn, scenario = asked
    times = drawn.times()
    found = handover(times, scenario)
    ends = {int(end) for spans in found.spans for end in (*spans.first_ms, *spans.last_ms) if end < 10**9}
    asked_s = {(end + step) / 1000 for end in sorted(ends)[:6] for step in (-1, 0, 1) if end + step >= 0}
    for delay_s in sorted({0.0, *asked_s, *map(float, also)}):
        assert np.array_equal(by_spans(found, round(1000 * delay_s)), by_cover(times, scenario, delay_s))


@settings(max_examples=40)
@given(what_ifs())
def test_break_even_is_the_first_second_at_which_coverage_shows_no_gain(
    asked: tuple[Drawn, Scenario],
) -> None:
    drawn, scenario = asked
    times = drawn.times()
    found = handover(times, scenario)
    study = times.region.study
    cells = [
        (group, measure, target)
        for group, _ in enumerate(force_groups(times))
        for measure, _ in enumerate(study.measures)
        for target, _ in enumerate(study.response.targets)
    ]
    gains: dict[int, np.ndarray] = {}

    def gain(second: int, cell: tuple[int, int, int]) -> int:
        if second not in gains:
            gains[second] = by_cover(times, scenario, second)
        return int(gains[second][cell])

    now = by_cover(times, scenario, study.response.cross_border_delay_s)
    for told, cell in zip(found.table.to_dict("records"), cells, strict=True):
        assert told["gain_at_0"] == gain(0, cell)
        assert told["gain"] == now[cell]
        if told["break_even_s"] is not None:
            assert gain(told["break_even_s"] - 1, cell) > 0 == gain(told["break_even_s"], cell)
            assert gain(1_000_000, cell) == 0
        elif told["gain_at_0"]:
            assert gain(1_000_000, cell) > 0
        if told["half_s"] is not None:
            assert 2 * gain(told["half_s"], cell) >= told["gain_at_0"] > 2 * gain(told["half_s"] + 1, cell)


@settings(max_examples=30)
@given(what_ifs())
def test_the_curve_holds_between_its_steps(asked: tuple[Drawn, Scenario]) -> None:
    drawn, scenario = asked
    found = handover(drawn.times(), scenario)
    study = found.times.region.study
    everywhere = np.ones(len(found.times.region.demand), dtype=bool)
    for target in study.response.targets:
        curve = found.curve(everywhere, study.measures[0], target)
        seconds = curve["delay_s"].tolist()
        assert seconds[0] == 0
        for first, after, gain in zip(seconds, [*seconds[1:], seconds[-1] + 500], curve["gain"], strict=True):
            for second in (first, (first + after - 1) // 2, after - 1):
                assert found.gain(everywhere, study.measures[0], target, 1000 * second) == gain
