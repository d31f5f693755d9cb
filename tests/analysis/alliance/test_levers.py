"""The levers apart, by hand on the two counties and against each scenario asked by itself."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings

import two_counties
from borderless.analysis.alliance.levers import LEVERS, NO_LEVER, levers_table, with_levers
from borderless.analysis.coverage import cover
from borderless.analysis.times import response_times
from borderless.study.policy import ALLIANCE, BORDERLESS, SEPARATE, SHARED_STATIONS, Scenario
from random_regions import Drawn, what_ifs

COMBINATIONS = [tuple(chosen) for size in range(4) for chosen in combinations(LEVERS, size)]


def named(levers: tuple[str, ...]) -> str:
    return " + ".join(levers) or NO_LEVER


@pytest.mark.parametrize(
    ("levers", "scenario"),
    [
        ((), SEPARATE),
        (("borders",), BORDERLESS),
        (("stations",), SHARED_STATIONS),
        (LEVERS, ALLIANCE),
    ],
)
def test_combinations_of_the_full_alliance_are_the_named_scenarios(
    levers: tuple[str, ...], scenario: Scenario
) -> None:
    made = with_levers(ALLIANCE, levers)
    assert (made.borders, made.stations, made.control_room) == (
        scenario.borders,
        scenario.stations,
        scenario.control_room,
    )


def test_by_hand() -> None:
    # West within 10 minutes: A, B separately; C with open borders and, by its own second unit, at E1; D too
    table = levers_table(response_times(two_counties.region()))
    west = table[(table["force"] == "West") & (table["measure"] == "population")].set_index("target")
    ten = west.loc["10 min"].set_index("levers")
    assert ten.loc["none", ["covered", "gain", "total"]].tolist() == [3, 0, 15]
    assert ten["gain"].to_dict() == {
        "none": 0,
        "borders": 12,
        "stations": 12,
        "borders + stations": 12,
        "control_room": 0,
        "borders + control_room": 12,
        "stations + control_room": 12,
        "borders + stations + control_room": 12,
    }
    # the two do the same work, so together they add nothing
    assert ten["interaction"].to_dict() == {
        "none": 0,
        "borders": 12,
        "stations": 12,
        "borders + stations": -12,
        "control_room": 0,
        "borders + control_room": 0,
        "stations + control_room": 0,
        "borders + stations + control_room": 0,
    }
    assert ten.loc[["borders", "stations", "control_room", "borders + stations"], "last"].tolist() == [
        0,
        0,
        0,
        12,
    ]


def test_one_control_room_pays_only_where_borders_are_open() -> None:
    # a hand-over of 3 minutes makes C 12 minutes from E1: one room brings it back to 9
    times = response_times(two_counties.region(response=two_counties.delayed(180)))
    table = levers_table(times)
    rows = (table["force"] == "all") & (table["measure"] == "population") & (table["target"] == "10 min")
    gain = table[rows].set_index("levers")["gain"]
    assert gain["control_room"] == 0
    assert gain["borders"] == two_counties.WEIGHT["D"]
    interaction = table[rows].set_index("levers")["interaction"]
    assert interaction["borders + control_room"] == two_counties.WEIGHT["C"]


@settings(max_examples=40)
@given(what_ifs())
def test_interactions_add_up_and_every_number_is_that_of_the_scenario(asked: tuple[Drawn, Scenario]) -> None:
    drawn, scenario = asked
    times = drawn.times()
    table = levers_table(times, scenario).set_index(["levers", "force", "measure", "target"])
    for levers in COMBINATIONS:
        alone = cover(times, with_levers(scenario, levers)).table.set_index(["force", "measure", "target"])
        mine = table.loc[named(levers)]
        # the sum of the partners has no row in a scenario's own table
        parts = mine.drop(index="alliance", level="force")
        assert parts["covered"].to_dict() == alone["covered"].to_dict()
        assert (mine["covered"] - table.loc[NO_LEVER]["covered"]).equals(mine["gain"])
        within = [named(part) for part in COMBINATIONS if set(part) <= set(levers)]
        assert sum(table.loc[part]["interaction"] for part in within).equals(mine["gain"])
        without = named(tuple(lever for lever in LEVERS if lever not in levers))
        lost = table.loc[named(LEVERS)]["covered"] - table.loc[without]["covered"]
        assert lost.equals(mine["last"])


def test_the_sum_of_the_partners_is_that_of_its_members() -> None:
    table = levers_table(response_times(two_counties.region()))
    key = ["levers", "measure", "target"]
    sums = table[table["force"].isin(["West", "East"])].groupby(key)[["covered", "gain", "total"]].sum()
    alliance = table[table["force"] == "alliance"].set_index(key)[["covered", "gain", "total"]]
    assert alliance.sort_index().equals(sums.sort_index())
