"""Coalitions by hand on the two counties, against coverage asked by itself, and axioms on random regions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import two_counties
from borderless.analysis.alliance.coalitions import (
    Game,
    asked_next,
    coalition_game,
    coalitions_table,
    most_missed,
    shapley_table,
)
from borderless.analysis.coverage import cover
from borderless.analysis.times import ResponseTimes, response_times
from borderless.study.policy import ALLIANCE, BORDERLESS, SEPARATE, Scenario
from random_regions import MINUTE, Drawn, regions, what_ifs
from small_regions import Place, Station, given_times, small_study
from two_counties import WEIGHT


@pytest.fixture(scope="module")
def counties() -> Game:
    """Return the game of West, East and North, who stays outside."""
    return coalition_game(response_times(two_counties.region()))


def people(table: pd.DataFrame, target: str, column: str) -> dict[str, object]:
    """Return a column of people within a target by the table's first column that names anybody."""
    chosen = table[(table["measure"] == "population") & (table["target"] == target)]
    name = "coalition" if "coalition" in table else "force"
    return dict(zip(chosen[name], chosen[column], strict=True))


def test_coalitions_by_hand(counties: Game) -> None:
    table = coalitions_table(counties)
    # D (8) misses the standard from W1; E1 and N1 both reach it. M (256) is 14 minutes from N1, 5 from W1.
    assert people(table, "standard", "covered")[""] == 1015
    assert people(table, "standard", "gain") == {
        "": 0,
        "West": 0,
        "East": 0,
        "North": 0,
        "West + East": WEIGHT["D"],
        "West + North": WEIGHT["D"],
        "East + North": 0,
        "West + East + North": WEIGHT["D"],
    }
    gain = people(table, "10 min", "gain")
    assert gain["West + East"] == WEIGHT["C"] + WEIGHT["D"]
    assert gain["West + North"] == WEIGHT["C"] + WEIGHT["M"]
    assert gain["West + East + North"] == WEIGHT["C"] + WEIGHT["D"] + WEIGHT["M"]


def test_west_holds_the_only_left_glove(counties: Game) -> None:
    # either neighbour brings D within the standard: the game of gloves, times 8
    table = shapley_table(counties)
    everyone = table[table["among"] == "all"]
    value = people(everyone, "standard", "value")
    assert value == pytest.approx({"West": 8 * 2 / 3, "East": 8 / 6, "North": 8 / 6})
    assert people(everyone, "standard", "home") == pytest.approx({"West": 8 * 2 / 3, "East": 0, "North": 0})
    assert people(everyone, "standard", "given")["East"] == pytest.approx(8 / 6)
    assert people(everyone, "standard", "share")["West"] == pytest.approx(2 / 3)
    partners = table[table["among"] == "alliance"]
    assert people(partners, "standard", "value") == {"West": 4.0, "East": 4.0}
    assert set(table["error"]) == {0.0}


def test_who_is_asked_next_and_who_would_be_missed(counties: Game) -> None:
    table = asked_next(counties)
    assert people(table, "standard", "gain") == {"North": 0, "all": 0}
    # within 5 minutes W1 reaches M for North, and N1 reaches B for West
    assert people(table, "5 min", "gain") == {"North": WEIGHT["M"] + WEIGHT["B"], "all": 258}
    assert people(table, "5 min", "own")["North"] == WEIGHT["M"]
    assert people(table, "5 min", "others")["North"] == WEIGHT["B"]
    assert people(table, "5 min", "rank") == {"North": 1, "all": None}
    gone = most_missed(counties)
    assert people(gone, "standard", "loss") == {"East": 8, "West": 8}
    assert people(gone, "standard", "rank") == {"East": 1, "West": 2}
    assert people(gone, "standard", "own") == {"East": 0, "West": 8}


def test_with_nobody_outside_nobody_is_asked() -> None:
    game = coalition_game(response_times(two_counties.region(partners=("North",))))
    assert asked_next(game).empty
    assert set(most_missed(game)["force"]) == {"West", "East", "North"}


def test_progress_is_told_of_every_coalition() -> None:
    told: list[str] = []
    coalition_game(response_times(two_counties.region()), on_coalition=told.append)
    assert sorted(told) == sorted(
        ["", "West", "East", "North", "West + East", "West + North", "East + North", "West + East + North"]
    )


@settings(max_examples=25)
@given(what_ifs())
def test_every_coalition_is_covered_as_if_it_were_the_alliance(asked: tuple[Drawn, Scenario]) -> None:
    drawn, scenario = asked
    times = drawn.times()
    table = coalitions_table(coalition_game(times, scenario)).set_index(["coalition", "measure", "target"])
    forces = (*drawn.alliance, *drawn.outside)
    assert len(table) == 2 ** len(forces) * 3 * 5
    for size in range(len(forces) + 1):
        for members in combinations(forces, size):
            region = replace(drawn, alliance=members, outside=tuple(f for f in forces if f not in members))
            allied = replace(times.region, study=region.region().study)
            alone = cover(ResponseTimes(allied, times.travel_ms), scenario).table
            sums = alone[alone["force"] == "all"].set_index(["measure", "target"])["covered"]
            assert table.loc[" + ".join(members)]["covered"].to_dict() == sums.to_dict()


@settings(max_examples=25)
@given(regions())
def test_no_coalition_and_single_forces_are_the_separate_forces(drawn: Drawn) -> None:
    times = drawn.times()
    game = coalition_game(times)
    separate = cover(times, SEPARATE).table
    alone = separate[separate["force"] == "all"]["covered"].to_numpy().reshape(game.alone.shape[1:])
    assert np.array_equal(game.alone.sum(axis=0), alone)
    for force in game.forces:
        assert not game.gain([force]).any()


@settings(max_examples=25)
@given(regions())
def test_gains_stay_at_home(drawn: Drawn) -> None:
    game = coalition_game(drawn.times())
    for members, gain in game.gains.items():
        strangers = [row for row, home in enumerate(game.homes) if home not in members]
        assert not gain[strangers].any()


@settings(max_examples=25)
@given(regions())
def test_shares_add_up_to_what_all_gain(drawn: Drawn) -> None:
    game = coalition_game(drawn.times())
    table = shapley_table(game)
    for among, players in (("alliance", drawn.alliance), ("all", game.forces)):
        sums = table[table["among"] == among].groupby(["measure", "target"])["value"].sum()
        whole = game.gain(players).sum(axis=0)
        for m, measure, t, target in game.kinds():
            assert sums[measure, target] == pytest.approx(int(whole[m, t]), rel=1e-12, abs=1e-6)
    assert np.allclose(table["home"] + table["given"], table["value"])


@settings(max_examples=20)
@given(regions(max_forces=3))
def test_a_force_without_stations_and_people_changes_nothing(drawn: Drawn) -> None:
    more = replace(drawn, alliance=(*drawn.alliance, "Z"))
    before = shapley_table(coalition_game(drawn.times())).set_index(["among", "force", "measure", "target"])
    after = shapley_table(coalition_game(more.times())).set_index(["among", "force", "measure", "target"])
    assert not after.xs("Z", level="force")["value"].any()
    assert np.allclose(after.loc[before.index, "value"], before["value"])


@settings(max_examples=20)
@given(regions())
def test_the_order_of_the_forces_does_not_matter(drawn: Drawn) -> None:
    # where units are re-based, equally good basings go by the order of the forces: so only the borders here
    turned = replace(drawn, alliance=drawn.alliance[::-1], outside=drawn.outside[::-1])
    for function in (asked_next, most_missed, shapley_table):
        one, other = (function(coalition_game(d.times(), BORDERLESS)) for d in (drawn, turned))
        keys = [name for name in ("among", "force", "measure", "target") if name in one]
        pd.testing.assert_frame_equal(one.set_index(keys).sort_index(), other.set_index(keys).sort_index())


def test_two_forces_alike_get_the_same() -> None:
    # two outer forces, each 5 minutes from the people of the middle one, who wait 20 for their own unit
    drawn = two_alike()
    table = shapley_table(coalition_game(drawn, BORDERLESS))
    value = people(table[table["among"] == "all"], "standard", "value")
    assert value["P"] == value["R"] > 0
    assert Fraction(value["Q"]).limit_denominator(100) == Fraction(200, 3)


def two_alike() -> ResponseTimes:
    stations = [Station("p", "P", 0), Station("q", "Q", 0), Station("r", "R", 0)]
    minutes = [[5 * MINUTE], [20 * MINUTE], [5 * MINUTE]]
    return given_times(small_study(["P", "Q", "R"]), stations, [Place("x", "Q", 0, 100)], minutes)


def test_drawn_orders_come_close_and_say_how_close() -> None:
    times = response_times(two_counties.region())
    exact = shapley_table(coalition_game(times))
    exact = exact[exact["among"] == "all"].reset_index(drop=True)
    game = coalition_game(times, most_forces=2)
    drawn = shapley_table(game)
    assert drawn.drop(columns=["value", "home", "given", "share", "error"]).equals(
        exact.drop(columns=["value", "home", "given", "share", "error"])
    )
    off = (drawn["value"] - exact["value"]).abs()
    assert (off <= 4 * drawn["error"] + 1e-9).all()
    assert people(drawn, "standard", "error")["West"] == pytest.approx(0.27, abs=0.01)
    for measure, target in zip(drawn["measure"], drawn["target"], strict=True):
        rows = (drawn["measure"] == measure) & (drawn["target"] == target)
        assert drawn[rows]["value"].sum() == pytest.approx(exact[rows]["value"].sum())
    # the same orders every time
    assert shapley_table(coalition_game(times, most_forces=2)).equals(drawn)
    assert asked_next(game).equals(asked_next(coalition_game(times)))


def test_the_standard_error_is_that_of_the_mean_over_orders() -> None:
    times = response_times(two_counties.region())
    game = coalition_game(times, ALLIANCE, most_forces=2)
    rows: dict[str, list[int]] = {force: [] for force in game.forces}
    for order in game.orders:
        for place, force in enumerate(order):
            gain = game.gain(order[: place + 1]) - game.gain(order[:place])
            rows[force].append(int(gain[:, 0, 0].sum()))
    table = shapley_table(game)
    error = people(table, "standard", "error")
    for force, marginals in rows.items():
        assert error[force] == pytest.approx(np.std(marginals, ddof=1) / np.sqrt(len(marginals)))
