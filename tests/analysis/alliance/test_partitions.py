"""Partitions: as many as Bell counted, worth what their alliances are worth side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import two_counties
from borderless.analysis.alliance import partitions as module
from borderless.analysis.alliance.coalitions import Game, coalition_game
from borderless.analysis.alliance.partitions import Partition, partitions, partitions_table, read_partition
from borderless.analysis.basing import shared_basing
from borderless.analysis.coverage import cover
from borderless.analysis.times import ResponseTimes, response_times
from borderless.errors import BorderlessError
from borderless.study.policy import BorderPolicy, BorderRule, Scenario
from random_regions import Drawn, regions

FIVE = ("Nottinghamshire", "Leicestershire", "Northamptonshire", "Derbyshire", "Lincolnshire")


@pytest.mark.parametrize(("n", "bell"), [*enumerate([1, 1, 2, 5, 15, 52, 203, 877])])
def test_there_are_as_many_as_bell_counted(n: int, bell: int) -> None:
    found = list(partitions("ABCDEFG"[:n]))
    assert len(found) == bell == len({frozenset(map(frozenset, p)) for p in found})
    for partition in found:
        assert sorted(name for block in partition for name in block) == list("ABCDEFG"[:n])


def test_the_proposal_of_2006_is_read() -> None:
    text = "Derbyshire, Nottinghamshire | Leicestershire,Lincolnshire,Northamptonshire"
    assert read_partition(text, FIVE) == (
        ("Nottinghamshire", "Derbyshire"),
        ("Leicestershire", "Northamptonshire", "Lincolnshire"),
    )
    assert read_partition("Derbyshire,Lincolnshire", FIVE)[0] == ("Nottinghamshire",)
    assert read_partition(text, FIVE) in list(partitions(FIVE))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Derbyshire,Rutland", "unknown force Rutland"),
        ("Derbyshire|Derbyshire", "force in two alliances or twice in one Derbyshire"),
    ],
)
def test_what_is_no_partition_is_refused(text: str, why: str) -> None:
    with pytest.raises(BorderlessError, match=why):
        read_partition(text, FIVE)


def test_by_hand() -> None:
    table = partitions_table(coalition_game(response_times(two_counties.region())))
    chosen = table[(table["measure"] == "population") & (table["target"] == "10 min")]
    rows = list(zip(chosen["partition"], chosen["gain"], chosen["rank"], strict=True))
    assert rows == [
        ("West + East + North", 268, 1),
        ("West + North | East", 260, 2),
        ("West + East | North", 12, 3),
        ("West | East | North", 0, 4),
        ("West | East + North", 0, 5),
    ]


def side_by_side(times: ResponseTimes, partition: Partition) -> Scenario:
    """Return one scenario in which every alliance of a partition works as a full alliance, all at once."""
    study, stations = times.region.study, times.region.stations
    free = BorderRule("closest", delay_s=0)
    pairs = {(a, b): free for block in partition for a in block for b in block if a != b}
    units: dict[str, int] = {}
    guests: dict[tuple[str, str], int] = {}
    for block in partition:
        allied = study.with_alliance(block)
        found = shared_basing(ResponseTimes(replace(times.region, study=allied), times.travel_ms)).units
        for f, force in enumerate(allied.force_names):
            if force in block:
                for s, (name, home) in enumerate(zip(stations["id"], stations["force"], strict=True)):
                    if home == force:
                        units[name] = int(found[f, s])
                    elif found[f, s]:
                        guests[name, force] = int(found[f, s])
    return Scenario("at once", "", "", BorderPolicy(BorderRule.CLOSED, pairs), units=units, guests=guests)


@settings(max_examples=40)
@given(regions(), st.data())
def test_alliances_side_by_side_gain_what_they_gain_by_themselves(drawn: Drawn, data: st.DataObject) -> None:
    times = drawn.times()
    game = coalition_game(times)
    partition = data.draw(st.sampled_from(list(partitions(game.forces))))
    table = partitions_table(game)
    told = table[table["partition"] == " | ".join(" + ".join(block) for block in partition)]
    at_once = cover(times, side_by_side(times, partition)).table
    covered = at_once[at_once["force"] == "all"].set_index(["measure", "target"])["covered"]
    alone = game.alone.sum(axis=0)
    gains = told.set_index(["measure", "target"])["gain"]
    for m, measure, t, target in game.kinds():
        assert gains[measure, target] == covered[measure, target] - alone[m, t]


def some_game(draw: st.DrawFn, n: int) -> Game:
    """Return a game of n players whose gains are any numbers, in place of the two counties' own."""
    game = coalition_game(response_times(two_counties.region()))
    forces = tuple("ABCDEFGHI"[:n])
    shape = (1, *game.alone.shape[1:])
    seed = draw(st.integers(0, 10**6))
    numbers = np.random.default_rng(seed)
    gains = {members: numbers.integers(0, 30 * len(members) + 1, shape) for members in module.subsets(forces)}
    return replace(game, forces=forces, homes=("here",), gains=gains, alone=np.zeros(shape, dtype=np.int64))


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_the_best_of_many_forces_is_the_best_of_all(data: st.DataObject) -> None:
    game = some_game(data.draw, data.draw(st.integers(1, 6)))
    every = list(partitions(game.forces))
    for (m, t), best in module._best(game).items():
        assert best in every
        most = max(int(module._gain(game, partition)[m, t]) for partition in every)
        assert int(module._gain(game, best)[m, t]) == most


def test_of_many_forces_the_named_and_the_best_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    game = coalition_game(response_times(two_counties.region()))
    every = partitions_table(game)
    monkeypatch.setattr(module, "MOST_LISTED", 2)
    some = partitions_table(game, [read_partition("East,North", game.forces)])
    chosen = some[(some["measure"] == "population") & (some["target"] == "10 min")]
    assert list(zip(chosen["partition"], chosen["gain"], chosen["rank"], strict=True)) == [
        ("West + East + North", 268, 1),
        ("West + East | North", 12, None),
        ("West | East + North", 0, None),
    ]
    first = every[every["rank"] == 1].set_index(["measure", "target"])["gain"]
    assert some[some["rank"] == 1].set_index(["measure", "target"])["gain"].equals(first)


def test_from_drawn_orders_only_named_partitions_are_told() -> None:
    times = response_times(two_counties.region())
    named = read_partition("East,North", ("West", "East", "North"))
    game = coalition_game(times, also=named, most_forces=2)
    table = partitions_table(game, [named])
    assert set(table["partition"]) == {"West + East | North", "West | East + North"}
    assert set(table["rank"]) == {None}
