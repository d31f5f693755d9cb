"""Places along streets become nodes, and no time between them changes."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ascii_map import ascii_network
from borderless.condense.placed import PlacedNetwork, place_on_network
from borderless.roads.network import UNREACHABLE, RoadNetwork
from borderless.roads.point_times import point_times
from borderless.roads.snap import Snap
from random_graphs import Arcs, arcs, streets_of

SHARES = (0.0, 0.1, 1 / 3, 0.5, 0.50000001, 2 / 3, 1.0)
Spot = tuple[int, float]


def along(network: RoadNetwork, spots: list[Spot]) -> Snap:
    """Return places at shares along streets; street -1 means the node with that number."""
    street = np.array([s for s, _ in spots], dtype=np.int32)
    share = np.array([p if s >= 0 else 0.0 for s, p in spots])
    node = np.array([-1 if s >= 0 else int(p) for s, p in spots], dtype=np.int32)
    lines = network.streets.geometry.to_numpy()
    points = [lines[s].interpolate(p, normalized=True).coords[0] if s >= 0 else (0, 0) for s, p in spots]
    x, y = np.array(points).T
    x, y = np.where(node >= 0, network.x[node], x), np.where(node >= 0, network.y[node], y)
    length = network.streets["length_m"].to_numpy(float)[street] if len(lines) else np.zeros(len(spots))
    none = np.zeros(len(spots))
    return Snap(street, share * length, node, none, x, y, none.astype(np.int32))


def graph(placed: PlacedNetwork) -> nx.MultiDiGraph:
    """Return the network with every arc, parallel ones too."""
    found: nx.MultiDiGraph = nx.MultiDiGraph()
    found.add_nodes_from(range(placed.node_count))
    for tail in range(placed.node_count):
        for arc in range(placed.first_arc[tail], placed.first_arc[tail + 1]):
            found.add_edge(tail, int(placed.head[arc]), travel_ms=int(placed.travel_ms[arc]))
    return found


def times(placed: PlacedNetwork) -> np.ndarray:
    """Return times between the places by networkx."""
    ways = graph(placed)
    rows = []
    for node in placed.node_of_place:
        found = nx.single_source_dijkstra_path_length(ways, int(node), weight="travel_ms")
        rows.append([found.get(int(other), int(UNREACHABLE)) for other in placed.node_of_place])
    return np.array(rows)


@st.composite
def placings(draw: st.DrawFn) -> tuple[Arcs, list[Spot]]:
    found = draw(arcs(max_nodes=6).filter(lambda a: any(u != v for u, v in zip(a.tail, a.head, strict=True))))
    on_node = st.tuples(st.just(-1), st.integers(0, found.n - 1).map(float))
    on_street = st.tuples(st.integers(0, len(built(found).streets) - 1), st.sampled_from(SHARES))
    return found, draw(st.lists(on_street | on_node, min_size=1, max_size=8))


def built(found: Arcs) -> RoadNetwork:
    return streets_of(found)


@given(placings())
def test_every_time_between_places_stays_what_it_is(drawn: tuple[Arcs, list[Spot]]) -> None:
    network = built(drawn[0])
    snap = along(network, drawn[1])
    placed = place_on_network(network, snap)
    assert placed.travel_ms.min() >= 1  # matrices lose arcs that take no time
    assert_same(times(placed), point_times(network, snap, snap), network, len(snap))


@given(placings())
def test_times_between_the_own_nodes_stay_what_they_are(drawn: tuple[Arcs, list[Spot]]) -> None:
    network = built(drawn[0])
    placed = place_on_network(network, along(network, drawn[1]))
    everywhere = np.arange(network.node_count)
    after = times(replace(placed, node_of_place=everywhere))
    assert_same(after, network.times_from(everywhere), network, len(drawn[1]))


def assert_same(after: np.ndarray, before: np.ndarray, network: RoadNetwork, places: int) -> None:
    """Assert equal times; where the two ways differ, parts that round to no time are off by 1 ms at most."""
    both = network.streets[["along_ms", "against_ms"]].to_numpy()
    slack = 0 if (both[:, 0] == both[:, 1]).all() else places * len(both)
    assert np.array_equal(after == UNREACHABLE, before == UNREACHABLE)
    longer = after.astype(np.int64) - before
    assert np.abs(longer).max() <= slack


def test_a_street_is_cut_where_places_stand_and_its_parts_add_up() -> None:
    network, node = ascii_network("A---B", metres=250, mph=60)
    snap = along(network, [(0, 0.75), (0, 0.25), (0, 0.25)])
    placed = place_on_network(network, snap)
    assert placed.node_count == 4
    assert placed.node_of_place.tolist() == [3, 2, 2]
    assert placed.x.tolist() == [0, 1000, 250, 750]
    whole = int(network.travel_ms[0])
    rows = {(tail, head): data["travel_ms"] for tail, head, data in graph(placed).edges(data=True)}
    assert set(rows) == {(0, 2), (2, 0), (2, 3), (3, 2), (3, 1), (1, 3)}
    assert rows[0, 2] + rows[2, 3] + rows[3, 1] == whole
    assert rows[1, 3] + rows[3, 2] + rows[2, 0] == whole
    assert rows[0, 2] == pytest.approx(whole / 4, abs=1)
    assert node == {"A": 0, "B": 1}


def test_a_one_way_street_stays_one_way_in_all_its_parts() -> None:
    network, _ = ascii_network("A->-B")
    placed = place_on_network(network, along(network, [(0, 0.5)]))
    assert sorted(graph(placed).edges()) == [(0, 2), (2, 1)]


def test_places_at_the_ends_of_a_street_stand_on_the_junctions() -> None:
    network, _ = ascii_network("A---B---C")
    placed = place_on_network(network, along(network, [(0, 0.0), (0, 1.0), (1, 0.0), (-1, 2.0)]))
    assert placed.node_count == 3
    assert placed.node_of_place.tolist() == [0, 1, 1, 2]


def test_a_network_without_places_stays_as_it_is() -> None:
    network, _ = ascii_network("A---B>--C")
    placed = place_on_network(network, along(network, [(-1, 0.0)]))
    assert placed.first_arc.tolist() == network.first_arc.tolist()
    assert placed.head.tolist() == network.head.tolist()
    assert placed.travel_ms.tolist() == network.travel_ms.tolist()


def test_both_of_two_parallel_streets_can_be_cut() -> None:
    fast, slow = 1000, 3000
    network = streets_of(Arcs(2, [0, 0, 1], [1, 1, 0], [fast, slow, fast]))
    streets = network.streets
    assert len(streets) == 2
    row = int(np.flatnonzero(streets["along_ms"] == slow)[0])
    whole = place_on_network(network, along(network, [(-1, 0.0)]))
    assert whole.head[:2].tolist() == [1, 1]
    assert whole.travel_ms[:2].tolist() == [fast, slow]  # the quickest of parallel arcs comes first
    snap = along(network, [(row, 0.5), (-1, 0.0), (-1, 1.0)])
    assert times(place_on_network(network, snap)).tolist() == point_times(network, snap, snap).tolist()
