"""The run list: by hand on two counties, by brute force, and as coverage and the what-if page rank."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from playwright.sync_api import Page

import two_counties
from borderless.analysis.basing import basing_of
from borderless.analysis.coverage import cover
from borderless.analysis.run_list import WHEN_BUSY, changed_places, point_at, points_named, run_list
from borderless.analysis.times import ResponseTimes, response_times
from borderless.errors import InputError
from borderless.maps.explorer import explorer_arrays, explorer_data, state_of
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import (
    BORDERLESS,
    NAMED_SCENARIOS,
    PRESETS,
    SEPARATE,
    SHARED_STATIONS,
    BorderPolicy,
    BorderRule,
    Scenario,
)
from page_engine import with_engine
from random_regions import Drawn, what_ifs
from two_counties import MINUTE
from what_if_cases import random_question, random_times

repeat = settings(max_examples=60)


@pytest.fixture(scope="module")
def times() -> ResponseTimes:
    return response_times(two_counties.region())


def of_crossing(times: ResponseTimes, scenario: Scenario) -> list[tuple[object, ...]]:
    """Return condition, rank, station, responder, minutes of driving and from the call, units at West's C."""
    found = run_list(times, [scenario], points_named(times.region, "C"))
    assert set(found["place"]) <= {"Crossing"}
    minutes = found.assign(drive=found["travel_ms"] / MINUTE, call=found["response_ms"] / MINUTE)
    columns = ["condition", "rank", "station", "responder", "drive", "call", "units"]
    return list(minutes[columns].itertuples(index=False, name=None))


def test_wests_c_under_each_scenario_by_hand(times: ResponseTimes) -> None:
    first_w1 = ("", 1, "W1", "West", 12, 15, 2)
    assert of_crossing(times, SEPARATE) == [first_w1]
    assert of_crossing(times, BORDERLESS) == [
        ("", 1, "E1", "East", 6, 10, 1),
        ("", 2, "W1", "West", 12, 15, 2),
    ]
    assert of_crossing(times, SHARED_STATIONS) == [
        ("", 1, "E1", "West", 6, 9, 1),
        ("", 2, "W1", "West", 12, 15, 1),
    ]
    mutual = replace(SEPARATE, borders=BorderPolicy(PRESETS["mutual_aid"]))
    assert of_crossing(times, mutual) == [first_w1, (WHEN_BUSY, 1, "E1", "East", 6, 10, 1)]


def test_mutual_aid_comes_to_nobody_who_has_no_unit_of_their_own(times: ResponseTimes) -> None:
    mutual = replace(SEPARATE, borders=BorderPolicy(BorderRule.ON_EXHAUSTION), closed=("W1",))
    assert of_crossing(times, mutual) == []


def test_a_gain_that_is_asked_for_is_met_at_the_second(times: ResponseTimes) -> None:
    # E1 with its hand-over is five minutes quicker than W1
    for gain, stations in ((300, ["E1", "W1"]), (301, ["W1"])):
        scenario = Scenario("aid", "Aid", "", BorderPolicy(BorderRule.if_faster(gain)))
        found = run_list(times, [scenario], points_named(times.region, "C"))
        assert found["station"].tolist() == stations
        assert found["handover_ms"].tolist() == [60_000, 0][-len(stations) :]


@repeat
@given(what_ifs())
def test_first_and_second_are_those_of_coverage(question: tuple[Drawn, Scenario]) -> None:
    drawn, scenario = question
    times = drawn.times()
    coverage = cover(times, scenario)
    points = np.arange(len(times.region.demand))
    found = run_list(times, [scenario], points, first=2)
    always = found[found["condition"] == ""].set_index(["id", "rank"])
    ids = times.region.stations["id"].tolist()
    names = times.region.study.force_names
    for point, name in enumerate(times.region.demand.table["id"]):
        for rank, station, ms in (
            (1, coverage.station[point], coverage.response_ms[point]),
            (2, coverage.second_station[point], coverage.second_ms[point]),
        ):
            if station < 0:
                assert (name, rank) not in always.index
                continue
            row = always.loc[(name, rank)]
            assert (row["station"], row["response_ms"]) == (ids[station], ms)
            if rank == 1:
                assert row["responder"] == names[coverage.responder[point]]


def by_brute_force(times: ResponseTimes, scenario: Scenario, point: int) -> list[tuple[str, str, int, str]]:
    """Return condition, station, response time and responder of every station, from the rules alone."""
    region = times.region
    study, partners = region.study, frozenset(region.study.alliance)
    place = region.demand.table["force"].iloc[point]
    units = basing_of(times, scenario).units
    able = []
    for s, station in enumerate(region.stations["id"]):
        for f, responder in enumerate(study.force_names):
            drive = int(times.travel_ms[s, point])
            if units[f, s] == 0 or drive == UNREACHABLE or place not in study.force_names:
                continue
            rule = scenario.borders.rule(responder, place, partners)
            delay = study.response.cross_border_delay_ms if rule.delay_s is None else 1_000 * rule.delay_s
            if responder == place or (scenario.control_room == "shared" and {responder, place} <= partners):
                delay = 0
            able.append((drive + study.response.fixed_ms + delay, station, responder != place, f, rule))
    own = min((ms for ms, _, foreign, _, _ in able if not foreign), default=None)
    lists: dict[str, list[tuple[str, str, int, str]]] = {"": [], WHEN_BUSY: []}
    for ms, station, foreign, f, rule in sorted(able, key=lambda way: way[:4]):
        condition = WHEN_BUSY if foreign and rule.kind == "on_exhaustion" else ""
        slow = rule.kind == "if_faster" and own is not None and ms + 1_000 * rule.min_gain_s > own
        needs_own = condition and own is None
        if foreign and (rule.kind == "closed" or needs_own or (slow and rule.min_gain_s)):
            continue
        if station not in [row[1] for row in lists[condition]]:
            lists[condition].append((condition, station, ms, study.force_names[f]))
    return lists[""] + lists[WHEN_BUSY]


@repeat
@given(what_ifs())
def test_every_list_is_what_brute_force_finds(question: tuple[Drawn, Scenario]) -> None:
    drawn, scenario = question
    times = drawn.times()
    points = np.arange(len(times.region.demand))
    found = run_list(times, [scenario], points, first=99)
    for point, name in enumerate(times.region.demand.table["id"]):
        own = found[found["id"] == name]
        told = list(
            own[["condition", "station", "response_ms", "responder"]].itertuples(index=False, name=None)
        )
        assert told == by_brute_force(times, scenario, point)
        assert (own["travel_ms"] + own["handover_ms"] + 180_000 == own["response_ms"]).all()
        for _, rows in own.groupby("condition"):
            assert rows["rank"].tolist() == list(range(1, len(rows) + 1))


@repeat
@given(what_ifs())
def test_a_shorter_list_is_the_beginning_of_a_longer_one(question: tuple[Drawn, Scenario]) -> None:
    drawn, scenario = question
    times = drawn.times()
    points = np.arange(len(times.region.demand))[::-1]
    longer = run_list(times, [scenario, SEPARATE], points, first=3)
    shorter = run_list(times, [scenario, SEPARATE], points, first=1)
    assert shorter.equals(longer[longer["rank"] == 1].reset_index(drop=True))
    order = [times.region.demand.table["id"].iloc[point] for point in points]
    told = list(dict.fromkeys(longer["id"]))
    assert told == [name for name in order if name in told]


@pytest.mark.browser
def test_the_what_if_page_ranks_alike(page: Page) -> None:
    with_engine(page)
    rng = np.random.default_rng(7)
    compared = 0
    for _ in range(6):
        times = random_times(rng)
        ids, forces = times.region.stations["id"], times.region.study.force_names
        data = explorer_data(times, ())
        arrays = {name: values.tolist() for name, values in explorer_arrays(times).items()}
        for _ in range(6):
            question, scenario = random_question(times, rng)
            if scenario.stations == "shared":
                continue  # the page re-bases for the study's own targets, not for those of the question
            points = range(len(times.region.demand))
            lists = page.evaluate(
                """([data, arrays, state, points]) => {
                  const model = Borderless.makeModel(data, typed(arrays));
                  return points.map((p) => Borderless.runList(model, state, p, 9));
                }""",
                [data, arrays, state_of(scenario, question.region.study), list(points)],
            )
            found = run_list(question, [scenario], list(points), first=9)
            always = found[found["condition"] == ""]
            clock = "travel_ms" if question.region.study.response.clock == "travel" else "response_ms"
            for name, run in zip(times.region.demand.table["id"], lists, strict=True):
                own = always[always["id"] == name]
                expected = list(own[["station", "responder", clock]].itertuples(index=False, name=None))
                told = [(ids[r["station"]], forces[r["responder"]], r["clock"]) for r in run]
                assert told == expected
                compared += len(told)
    assert compared > 500


def test_places_are_found_by_id_by_name_and_by_where_they_are(times: ResponseTimes) -> None:
    region = times.region
    assert points_named(region, "D").tolist() == [3]
    assert points_named(region, " crossing").tolist() == [3], "D has 8 people, C has 4"
    assert points_named(region, "Crossing", every=True).tolist() == [2, 3]
    x, y = region.demand.xy()[4]
    assert point_at(region, x + 30, y - 40) == (4, 50.0)


@pytest.mark.parametrize(
    ("name", "meant"), [("Crosing", "Crossing"), ("ashbee", "Ashby"), ("", "places.csv")]
)
def test_unknown_places_are_refused_with_the_nearest(times: ResponseTimes, name: str, meant: str) -> None:
    with pytest.raises(InputError, match=meant):
        points_named(times.region, name)


def test_coordinates_never_lead_to_a_place_of_no_force(times: ResponseTimes) -> None:
    table = times.region.demand.table.assign(force=lambda t: t["force"].where(t["id"] != "E", ""))
    region = replace(times.region, demand=replace(times.region.demand, table=table))
    x, y = region.demand.xy()[4]
    point, metres = point_at(region, x, y)
    assert (table["id"].iloc[point], metres) in {("D", 2_000.0), ("F", 2_000.0)}


def test_the_place_that_changes_most_is_the_one_with_most_people(times: ResponseTimes) -> None:
    before, after = cover(times, SEPARATE), cover(times, BORDERLESS)
    (point,) = changed_places(before, after)
    assert times.region.demand.table["id"].iloc[point] == "D", "C and D change; D has more people"
    assert changed_places(before, before).tolist() == []


def test_lists_of_nothing_are_empty_tables(times: ResponseTimes) -> None:
    assert list(run_list(times, [], [0]).columns) == list(run_list(times, NAMED_SCENARIOS, []).columns)
    assert isinstance(run_list(times, NAMED_SCENARIOS, []), pd.DataFrame)
