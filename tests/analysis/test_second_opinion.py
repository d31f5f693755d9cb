"""Coverage on random regions against a slow and simple second opinion: every way, sorted as the rules say."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from borderless.analysis.basing import Basing
from borderless.analysis.coverage import cover
from borderless.analysis.times import ResponseTimes
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import Scenario
from random_regions import Drawn, what_ifs

FIELDS = ("travel_ms", "response_ms", "station", "responder", "second_ms", "second_station")
FAR = int(UNREACHABLE)
NOBODY = (FAR, FAR, -1, -1)


@settings(max_examples=150)
@given(what_ifs())
def test_coverage_equals_a_slow_and_simple_second_opinion(asked: tuple[Drawn, Scenario]) -> None:
    drawn, scenario = asked
    times = drawn.times()
    coverage = cover(times, scenario)
    found = list(zip(*(getattr(coverage, field).tolist() for field in FIELDS), strict=True))
    assert found == oracle(times, scenario, coverage.basing)


def oracle(times: ResponseTimes, scenario: Scenario, basing: Basing) -> list[tuple[int, ...]]:
    return [_answer(times, scenario, basing, point) for point in range(len(times.region.demand))]


def _answer(times: ResponseTimes, scenario: Scenario, basing: Basing, point: int) -> tuple[int, ...]:
    study = times.region.study
    place = times.region.demand.table["force"].iloc[point]
    partners = frozenset(study.alliance)
    ways = []
    for f, responder in enumerate(study.force_names):
        rule = scenario.borders.rule(responder, place, partners)
        for s in np.flatnonzero(basing.units[f]):
            travel = int(times.travel_ms[s, point])
            if travel == FAR or rule.kind in ("closed", "on_exhaustion"):
                continue
            delay = study.response.cross_border_delay_ms if rule.delay_s is None else 1000 * rule.delay_s
            if scenario.control_room == "shared" and responder in partners and place in partners:
                delay = 0
            response = travel + 180_000 + (delay if responder != place else 0)
            ways.append((response, int(s), responder != place, f, travel, 1000 * rule.min_gain_s))
    own = min((way[0] for way in ways if not way[2]), default=2**60)
    ways = sorted(way for way in ways if way[5] == 0 or way[0] + way[5] <= own)
    if not ways:
        return (*NOBODY, FAR, -1)
    response, station, _, responder, travel, _ = ways[0]
    others = [way for way in ways if way[1] != station]
    second = (others[0][0], others[0][1]) if others else (FAR, -1)
    return (travel, response, station, responder, *second)
