"""Times on edges are as quick as any way through lower places, in either direction, and never overflow."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.roads.arrays import UNREACHABLE
from borderless.roads.hierarchy import customise
from borderless.roads.network import RoadNetwork
from random_graphs import Arcs, arcs, network_of


@settings(max_examples=200, deadline=None)
@given(arcs(max_nodes=10))
def test_an_edge_is_as_quick_as_any_way_below_it(some: Arcs) -> None:
    network = network_of(some)
    found = network.hierarchy
    tree = found.topology
    graph = nx.relabel_nodes(network.to_networkx(), dict(enumerate(tree.place.tolist())))
    for p in range(some.n):
        for edge in range(tree.first_edge[p], tree.first_edge[p + 1]):
            above = int(tree.above[edge])
            # ways whose inner places all lie below both ends
            low = graph.subgraph([above, *range(p, some.n)])
            climb = nx.single_source_dijkstra_path_length(low, p, weight="travel_ms").get(above)
            descend = nx.single_source_dijkstra_path_length(low, above, weight="travel_ms").get(p)
            assert found.climb_ms[edge] == (UNREACHABLE if climb is None else climb)
            assert found.descend_ms[edge] == (UNREACHABLE if descend is None else descend)


@settings(max_examples=100, deadline=None)
@given(arcs(max_nodes=24), st.integers(1, 2**20))
def test_new_times_are_those_of_a_new_build(some: Arcs, factor: int) -> None:
    network = network_of(some)
    longer = np.minimum(network.travel_ms.astype(np.int64) * factor, int(UNREACHABLE) - 1).astype(np.int32)
    again = customise(network.hierarchy.topology, longer)
    fresh = network_of(Arcs(some.n, *_arcs(network, longer))).hierarchy
    assert np.array_equal(again.climb_ms, fresh.climb_ms)
    assert np.array_equal(again.descend_ms, fresh.descend_ms)


def _arcs(network: RoadNetwork, travel_ms: np.ndarray) -> tuple[list[int], list[int], list[int]]:
    tail = np.repeat(np.arange(network.node_count), np.diff(network.first_arc))
    return tail.tolist(), network.head.tolist(), travel_ms.tolist()


@settings(max_examples=100, deadline=None)
@given(arcs(max_nodes=12), st.integers(0, 3))
def test_times_up_to_the_longest_add_up_without_overflow(some: Arcs, less: int) -> None:
    longest = int(UNREACHABLE) - 1 - less
    times = [longest if i % 3 else longest // 2 for i in range(len(some.tail))]
    network = network_of(Arcs(some.n, some.tail, some.head, times))
    graph = network.to_networkx()
    for source, row in enumerate(network.times_from(range(some.n)).tolist()):
        exact = nx.single_source_dijkstra_path_length(graph, source, weight="travel_ms")
        assert row == [min(exact.get(v, int(UNREACHABLE)), int(UNREACHABLE)) for v in range(some.n)]


def test_turned_round_climbing_and_descending_change_places() -> None:
    network = RoadNetwork.from_arrays([0, 1], [1, 0], [3, 5], [0, 1], [0, 0])
    there, back = network.hierarchy, network.hierarchy.reversed
    assert sorted([there.climb_ms.tolist(), there.descend_ms.tolist()]) == [[3], [5]]
    assert (back.climb_ms is there.descend_ms, back.descend_ms is there.climb_ms) == (True, True)
