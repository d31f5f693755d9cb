"""The sentences say what the numbers say, and say when no alliance is needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

import two_counties
from borderless.analysis.compare import compare
from borderless.analysis.coverage import cover
from borderless.analysis.results import Results
from borderless.analysis.times import ResponseTimes, response_times
from borderless.report.findings import answer, find, gained_alone, question, reasons, verdict
from small_regions import Place, Station, given_times, small_study
from two_counties import MINUTE


def results_of(times: ResponseTimes) -> Results:
    """Return results without isochrones."""
    coverages = {s.name: cover(times, s) for s in times.region.study.scenarios}
    baseline, *others = coverages.values()
    comparisons = {c.scenario.name: compare(baseline, c) for c in others}
    return Results(times.region, times, coverages, comparisons, times.region.forces)


def closed_station() -> Results:
    """Return two forces; West's second station is closed, and East could use it.

    a and b lie in West. W2, which has room but no units, stands at a; East's station is near b.
    """
    stations = [Station("W1", "West", 0, 2), Station("W2", "West", 0, 0, 1), Station("E1", "East", 0, 2)]
    places = [Place("a", "West", 0, 600), Place("b", "West", 0, 300), Place("c", "East", 0, 9100)]
    travel = [[30, 30, 40], [0, 30, 1], [20, 5, 2]]
    minutes = [[MINUTE * m for m in row] for row in travel]
    return results_of(given_times(small_study(("West", "East")), stations, places, minutes))


def test_gains_are_those_worked_out_by_hand(tame: Results) -> None:
    found = find(tame)
    assert [(g.name, g.before, g.after, g.gained, g.lost, g.total) for g in found.gains] == [
        ("borderless", 247, 255, 8, 0, 255),
        ("shared_stations", 247, 255, 8, 0, 255),
        ("alliance", 247, 255, 8, 0, 255),
    ]
    assert (found.best.name, found.best.sooner, found.best.later) == ("borderless", 12, 0)
    assert (found.outside, found.reachable, found.alone) == (0, 255, 0)
    assert found.no_handover == (("Borderless response", 8, 8),)


def test_the_answer_gives_before_after_and_people(tame: Results) -> None:
    found = find(tame)
    assert (
        question(found) == "How many more people would be reached in time if West and East worked together?"
    )
    assert verdict(found) == "Clearly more"
    assert answer(found) == (
        "As separate forces the two reach 96.86 % of 255 people within the standard; "
        "with borderless response it would be 100.00 %, 8 people more."
    )


def test_a_force_by_itself_is_not_called_a_group() -> None:
    places = [Place("a", "West", 0, 3), Place("b", "West", 0, 1)]
    times = given_times(
        small_study(("West",)), [Station("W1", "West", 0, 1)], places, [[MINUTE, 60 * MINUTE]]
    )
    found = find(results_of(times))
    assert question(found) == "How many people does West reach in time?"
    assert answer(found) == (
        "On its own West reaches 75.00 % of 4 people within the standard; no scenario changes that."
    )


def test_no_gain_is_called_none() -> None:
    times = response_times(two_counties.region(response=two_counties.delayed(3600), room_at_e1=0))
    only = {s.name: s for s in times.region.study.scenarios if s.name in ("separate", "borderless")}
    coverages = {name: cover(times, scenario) for name, scenario in only.items()}
    comparisons = {"borderless": compare(coverages["separate"], coverages["borderless"])}
    found = find(Results(times.region, times, coverages, comparisons, times.region.forces))
    assert verdict(found) == "None more"
    assert answer(found).endswith("within the standard; no scenario changes that.")


def test_what_a_force_could_do_alone_is_told_from_what_needs_a_partner() -> None:
    results = closed_station()
    found = find(results)
    assert (found.best.name, found.best.gained, found.alone, found.closed_stations) == (
        "alliance",
        900,
        600,
        1,
    )
    assert not found.alone_needs_units
    assert "600 of them need no partner" in answer(found)
    told = dict(reasons(found, results))
    assert "300 need a partner" in told["Most of the gain needs no partner."]


def test_gains_across_the_border_alone_need_a_partner() -> None:
    results = closed_station()
    standard = results.region.study.response.targets[0]
    assert gained_alone(results, results.comparisons["borderless"], standard) == 0


def test_lost_people_are_told_with_the_gained(tame: Results) -> None:
    found = find(tame)
    worse = replace(found.best, after=found.best.before + 5, gained=8, lost=3)
    assert "8 people more and 3 people no longer" in answer(replace(found, best=worse))


def test_people_too_far_from_every_station_are_told() -> None:
    stations = [Station("W1", "West", 0), Station("E1", "East", 0)]
    places = [Place("a", "West", 0, 10), Place("b", "East", 0, 90)]
    minutes = [[MINUTE * m for m in row] for row in ([50, 60], [60, 2])]
    results = results_of(given_times(small_study(("West", "East")), stations, places, minutes))
    found = find(results)
    assert (found.outside, found.reachable, found.outside_median_min) == (10, 90, 53.0)
    told = dict(reasons(found, results))["10 people are too far from every station."]
    assert "10 people stay outside the standard" in told
    assert "53.0 min or more from the call" in told


@pytest.mark.parametrize("clock", ["response", "travel"])
def test_the_bound_of_any_arrangement_follows_the_clock(clock: str) -> None:
    response = replace(two_counties.RESPONSE, clock=clock, target_urban_min=4, target_rural_min=4)
    found = find(results_of(response_times(two_counties.region(response=response))))
    # 4 minutes: from the call only A and F (3 each); driving alone D (4) and E (2) as well
    assert found.reachable == (1 + 32 if clock == "response" else 1 + 8 + 16 + 32)
