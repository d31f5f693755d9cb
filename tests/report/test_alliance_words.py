"""The sentences about an alliance say what the numbers say, flattering or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

import two_counties
from borderless.analysis.alliance.alliance import AllianceWorth, alliance_worth
from borderless.analysis.alliance.partitions import read_partition
from borderless.analysis.times import response_times
from borderless.report import alliance_words as said
from borderless.study.model import Measure, Response
from borderless.study.policy import BORDERLESS, SEPARATE, Target
from random_regions import MINUTE
from small_regions import Place, Station, given_times, small_study


def asked(response: Response | None = None, partners: tuple[str, ...] = ()) -> AllianceWorth:
    kept = {} if response is None else {"response": response}
    times = response_times(two_counties.region(partners=partners, **kept))
    return alliance_worth(times, named=[read_partition("East,North", times.region.study.force_names)])


@pytest.fixture(scope="module")
def worth() -> AllianceWorth:
    return asked()


def kind(worth: AllianceWorth, target: str = "standard") -> tuple[Measure, Target]:
    found = {one.name: one for one in worth.study.response.targets}
    return worth.study.measures[0], found[target]


def test_what_the_levers_do_twice_and_where_more_changes(worth: AllianceWorth) -> None:
    assert said.levers_said(worth, *kind(worth)) == (
        "All three levers together bring 8 people more of the alliance within the standard "
        "(96.86 % → 100.00 %). "
        "Each alone: open borders +8, shared stations +8, one control room nothing. "
        "One control room does nothing while borders are closed, nor once they are open. "
        "The levers do some of the work twice: what each gains alone adds up to 16, not 8. "
        "More changes within 10 minutes: +12 people."
    )


def test_that_nothing_changes_is_said(worth: AllianceWorth) -> None:
    told = said.levers_said(worth, *kind(worth, "5 min"))
    assert told.startswith("No lever changes anything within 5 minutes: 19.22 % are reached as it is.")
    assert "more" not in told.partition("More changes")[0]


def test_a_control_room_that_helps_once_borders_are_open_is_given_its_due() -> None:
    slow = asked(two_counties.delayed(180))
    told = said.levers_said(slow, *kind(slow, "10 min"))
    assert "One control room does nothing while borders are closed, and +4 once they are open." in told


def test_what_a_force_could_have_alone_is_not_told_as_the_alliances_doing() -> None:
    # the place of P waits 20 minutes in all; Q's second unit stands at P's empty station beside it
    stations = [Station("p", "P", 0), Station("void", "P", 0, 0, 1), Station("q", "Q", 0, 2)]
    places = [Place("x", "P", 0, 7), Place("y", "Q", 0, 5)]
    travel = [[17 * MINUTE, 25 * MINUTE], [2 * MINUTE, 8 * MINUTE], [19 * MINUTE, 10 * MINUTE]]
    found = alliance_worth(given_times(small_study(["P", "Q"]), stations, places, travel))
    told = said.levers_said(found, *kind(found))
    assert "7 of the gain come from where no unit starts today" in told
    assert "(void station): it could have them without an alliance" in told
    later = said.levers_said(found, *kind(found, "20 min"))
    assert later.endswith(
        "+7 people, though 7 of them by units at stations that their own force leaves empty (void station)."
    )


def test_delays(worth: AllianceWorth) -> None:
    assert said.handover_said(worth, *kind(worth, "10 min")) == (
        "Units at their own stations: open borders gain 12 people at a hand-over of 1 min, 12 at none; "
        "half of that is left up to 180 s, and nothing from 181 s on. "
        "With shared stations: open borders gain nothing, however quick the hand-over."
    )


def test_coalitions_partitions_and_shares(worth: AllianceWorth) -> None:
    ten = kind(worth, "10 min")
    assert said.coalitions_said(worth, *ten) == (
        "Together, West and East gain 12 people. Of alliances of two, West + North would gain most: 260."
    )
    assert said.partitions_said(worth, *ten) == (
        "Most would be gained by West + East + North: 268 people. West + East: 12 people, number 3 of 5. "
        "East + North: nothing, number 5 of 5."
    )
    assert said.shapley_said(worth, *kind(worth)) == (
        "Of the alliance’s gain, 50 % is due to West (for its own people); East 50 %."
    )
    assert said.shapley_said(worth, *kind(worth, "20 min")) == "There is no gain to share."


def test_pairs_that_gain_nothing_are_named() -> None:
    three = asked(partners=("North",))
    told = said.coalitions_said(three, *kind(three))
    assert (
        told
        == "Together, West, East and North gain 8 people. By themselves, East + North would gain nothing."
    )


def test_who_to_ask_and_who_would_be_missed(worth: AllianceWorth) -> None:
    assert said.asked_said(worth, *kind(worth)) == (
        "No force outside would add anything within the standard. "
        "If a partner left, East would be missed most: −8."
    )
    assert said.asked_said(worth, *kind(worth, "5 min")) == (
        "North should be asked next: 258 people more, 2 of them not its own."
    )
    three = asked(partners=("North",))
    assert said.asked_said(three, *kind(three)).startswith("No force stands outside.")


def test_what_the_data_do_not_know_is_said(worth: AllianceWorth) -> None:
    measure, _ = kind(worth)
    assert said.caveat(worth, measure).startswith("The data cover North only in part")
    demand = worth.game.times.region.demand
    table = demand.table.assign(
        population=demand.table["population"].where(demand.table["force"] != "North", 0)
    )
    region = replace(worth.game.times.region, demand=replace(demand, table=table))
    blind = replace(worth, game=replace(worth.game, times=replace(worth.game.times, region=region)))
    assert said.caveat(blind, measure).endswith(" In all, people known are 0 for North.")


def test_a_scenario_that_pulls_no_lever_gains_nothing() -> None:
    times = response_times(two_counties.region())
    for scenario, gains in ((SEPARATE, False), (BORDERLESS, True)):
        found = alliance_worth(times, scenario)
        told = said.levers_said(found, *kind(found))
        assert told.startswith("No lever changes anything") != gains
