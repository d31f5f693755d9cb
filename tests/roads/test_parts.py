"""Parts of the roads: every strong one of some length is kept, traps are opened, islands stay apart."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from ascii_map import ascii_network, ascii_tables, flat_rules
from borderless.errors import ProblemLog
from borderless.roads.network import UNREACHABLE, RoadNetwork
from borderless.roads.parts import ISLAND_KM, numbered_parts
from borderless.roads.point_times import point_times
from borderless.roads.snap import snap_points
from random_graphs import Arcs, arcs, big_town, network_of, networkx_times, scipy_times

# mainland of 5 nodes, an island of 4 and one of 2, each more than half a kilometre from the next
THREE = """
    A---B---C     H---I     X
    |   |         |   |     |
    D---E         J---K     Y
"""


def test_every_part_of_some_length_is_kept_and_numbered_by_size() -> None:
    network, node = ascii_network(THREE, metres=1000, simplify=True)
    assert network.counts["nodes_cut"] == 0
    assert network.counts["gaps_joined"] == 0
    names = {name: int(network.part[number]) for name, number in node.items()}
    # chains are contracted, so that the smaller rings have as many nodes as what is left of the mainland
    assert {names[name] for name in "HIJK" if name in names} == {names["H"]}
    assert names["X"] == names["Y"]
    assert len(set(names.values())) == 3
    assert sorted(np.bincount(network.part).tolist(), reverse=True) == np.bincount(network.part).tolist()


def test_a_part_with_less_street_than_an_island_has_is_cut_off() -> None:
    kept = {}
    for metres in (ISLAND_KM * 1000 / 4, ISLAND_KM * 1000 / 4 - 1):
        network, _ = ascii_network("A----------B     H---I", metres=metres, simplify=True)
        kept[metres] = set(network.node_id)
    assert list(kept.values()) == [{"A", "B", "H", "I"}, {"A", "B"}]


def test_of_equally_large_parts_the_westernmost_is_first() -> None:
    part = numbered_parts(np.array([5, 5, 2, 2, 9]), np.array([[3.0, 0], [9, 0], [1, 0], [8, 0], [0, 0]]))
    assert part.tolist() == [1, 1, 0, 0, 2]


@settings(max_examples=150, deadline=None)
@given(arcs(max_nodes=12))
def test_parts_are_the_strong_components_of_networkx(some: Arcs) -> None:
    part = network_of(some).part
    expected = {frozenset(found) for found in nx.strongly_connected_components(some.graph())}
    assert {frozenset(np.flatnonzero(part == k).tolist()) for k in range(int(part.max()) + 1)} == expected
    assert (np.diff(np.bincount(part)) <= 0).all()


def several_towns(seed: int) -> Arcs:
    """Return two towns and a hamlet that nothing joins."""
    one, other = big_town(seed, side=12), big_town(seed + 50, side=9)
    tail = [*one.tail, *(one.n + u for u in other.tail), one.n + other.n, one.n + other.n + 1]
    head = [*one.head, *(one.n + v for v in other.head), one.n + other.n + 1, one.n + other.n]
    return Arcs(one.n + other.n + 2, tail, head, [*one.travel_ms, *other.travel_ms, 7, 7])


@pytest.mark.parametrize("seed", range(3))
def test_times_are_exact_within_parts_and_endless_between_them(seed: int) -> None:
    some = several_towns(seed)
    network = network_of(some)
    sources = [*range(0, some.n, 11), some.n - 1]
    times = network.times_from(sources)
    assert np.array_equal(times, scipy_times(network, sources))
    assert np.array_equal(times, networkx_times(some.graph(), sources, int(UNREACHABLE)))
    town = np.repeat([0, 1, 2], [144, 81, 2])
    assert (times[town[sources][:, None] != town] == UNREACHABLE).all()


def test_places_on_an_island_stand_on_its_street_and_nobody_crosses_the_water() -> None:
    network, _ = ascii_network("A---B  H---I", metres=1000, simplify=True)
    here = snap_points(network, [500, 8_000, 6_100], [40, 40, 0], 20)
    assert here.distance_m.tolist() == [40, 40, 900]
    times = point_times(network, here, here)
    assert (times[0, 1:] == UNREACHABLE).all()
    assert (times[1:, 0] == UNREACHABLE).all()
    assert (times[:1, :1] < UNREACHABLE).all()
    # from H, 7 km east of A, a kilometre along the street at 60 mph, and both legs at 20 km/h
    assert times[2, 1] == round(1_000 / 26.8224 * 1000) + 7_200 + 162_000


TRAP = """
    A---B-->--C-->--D
    |   |
    E---F
"""


def trapped(highway: str = "residential") -> tuple[RoadNetwork, list[str]]:
    """Return the roads with a trap that is entered by one-way streets of a class, and what was told."""
    nodes, streets = ascii_tables(TRAP, metres=100)
    streets.loc[streets["oneway"] != 0, "highway"] = highway
    log = ProblemLog()
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(60), log=log)
    return network, [problem.why for problem in log if "leads back" in problem.why]


def test_one_way_streets_into_a_trap_are_driven_both_ways_and_told() -> None:
    network, told = trapped()
    assert network.counts["streets_opened"] == 2
    assert network.counts["km_opened"] == pytest.approx(1.2)
    assert network.counts["nodes_cut"] == 0
    assert told == [
        "2 one-way streets, 1.2 km, lead where no way leads back; they are driven both ways",
    ]
    node = {name: row for row, name in enumerate(network.node_id)}
    there, back = network.times_from([node["B"], node["D"]])
    assert there[node["D"]] == back[node["B"]] == 2 * round(600 / 26.8224 * 1000)


@pytest.mark.parametrize("highway", ["motorway", "trunk", "primary_link"])
def test_carriageways_and_slip_roads_are_never_driven_backwards(highway: str) -> None:
    network, told = trapped(highway)
    assert network.counts["streets_opened"] == 0
    assert network.counts["nodes_cut"] == 2
    assert told == []


def test_one_way_streets_with_a_way_back_stay_one_way() -> None:
    network, _ = ascii_network("A-->--B\n|     |\nC-----D", metres=100, simplify=True)
    assert network.counts["streets_opened"] == 0
    assert (network.streets["against_ms"] < 0).sum() == 1


def test_nodes_of_an_overlay_are_neither_opened_nor_joined() -> None:
    nodes, streets = ascii_tables("A---B-->--C  H---I", metres=30)
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(60), contract=False)
    assert sorted(network.node_id) == ["A", "B", "H", "I"]
    assert int(network.part.max()) == 1
