"""Tables become a network: what was cut, dropped or not understood is counted and told once."""

from __future__ import annotations

import pytest

from ascii_map import ascii_tables, flat_rules
from borderless.errors import InputError, ProblemLog
from borderless.roads.network import RoadNetwork
from borderless.roads.speeds import EVIDENCE

BLOCK = """
    A---B---C
    |       |
    D-------E
"""


def test_limits_nobody_understands_are_told_in_one_line_with_counts() -> None:
    nodes, streets = ascii_tables(BLOCK)
    streets["maxspeed"] = ["fast", "fast", "5 knots", "30 mph", ""]
    log = ProblemLog()
    RoadNetwork.from_streets(nodes, streets, flat_rules(60), log=log)
    told = [problem.why for problem in log if problem.column == "maxspeed"]
    expected = "3 streets have a maxspeed that is not understood: 'fast' (2), '5 knots' (1)"
    assert told == [f"{expected}; the limit of their class is used"]


def test_kilometres_by_source_of_the_limit_add_up() -> None:
    nodes, streets = ascii_tables(BLOCK, metres=1000)
    streets["maxspeed"] = ["national", "30 mph", "", "none", "fast"]
    counts = RoadNetwork.from_streets(nodes, streets, flat_rules(60)).counts
    parts = sum(counts[f"km_{name}"] for name in EVIDENCE)
    assert parts == pytest.approx(counts["km_read"]) == pytest.approx(20)


def test_given_times_win_over_speeds() -> None:
    nodes, streets = ascii_tables("A---B")
    network = RoadNetwork.from_streets(nodes, streets.assign(travel_ms=1234), flat_rules(60))
    assert network.travel_ms.tolist() == [1234, 1234]


def test_a_street_without_length_takes_a_millisecond() -> None:
    nodes, streets = ascii_tables("A---B")
    network = RoadNetwork.from_streets(nodes, streets.assign(length_m=0.0), flat_rules(60))
    assert network.travel_ms.tolist() == [1, 1]


def test_without_simplifying_every_node_keeps_its_number() -> None:
    nodes, streets = ascii_tables(BLOCK)
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(60), simplify=False)
    assert network.node_id.tolist() == nodes["id"].tolist()
    assert network.x.tolist() == nodes["x"].tolist()


def test_ways_that_no_car_drives_are_left_out_and_told() -> None:
    nodes, streets = ascii_tables(BLOCK)
    streets["highway"] = ["residential", "residential", "footway", "residential", "track"]
    log = ProblemLog()
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(60), simplify=False, log=log)
    assert len(network.streets) == network.counts["streets_read"] - 2 == 3
    assert any(problem.why.startswith("2 footpaths, tracks") for problem in log)
    # times that are given stand, whatever the class
    timed = RoadNetwork.from_streets(nodes, streets.assign(travel_ms=1), flat_rules(60), simplify=False)
    assert len(timed.streets) == 5


@pytest.mark.parametrize("time", [1.5, float("nan"), float("inf")])
def test_times_of_arrays_are_whole_and_never_cut_silently(time: float) -> None:
    assert RoadNetwork.from_arrays([0], [1], [2.0], [0, 1], [0, 1]).travel_ms.tolist() == [2]
    with pytest.raises(InputError, match="1 travel times are not whole milliseconds, the first in place 1"):
        RoadNetwork.from_arrays([0, 1], [1, 0], [2.0, time], [0, 1], [0, 1])
