"""Shortest times are exact, and a network survives the way to networkx and scipy and back."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csgraph

from ascii_map import ascii_network
from borderless.errors import InputError
from borderless.roads.network import UNREACHABLE, RoadNetwork
from random_graphs import Arcs, arcs, networkx_times


def network_of(some: Arcs) -> RoadNetwork:
    return RoadNetwork.from_arrays(some.tail, some.head, some.travel_ms, *some.places())


@settings(max_examples=250, deadline=None)
@given(arcs())
def test_times_equal_networkx_on_the_multigraph_and_scipy_on_the_matrix(some: Arcs) -> None:
    network = network_of(some)
    sources = list(range(some.n))
    times = network.times_from(sources)
    assert times.dtype == np.int32
    assert np.array_equal(times, networkx_times(some.graph(), sources, int(UNREACHABLE)))
    matrix = csgraph.dijkstra(network.to_scipy())
    assert np.array_equal(times, np.where(np.isinf(matrix), int(UNREACHABLE), matrix))
    again = networkx_times(network.to_networkx(), sources, int(UNREACHABLE))
    assert np.array_equal(times, again)


@settings(max_examples=100, deadline=None)
@given(arcs(), st.randoms(use_true_random=False))
def test_the_order_of_arcs_changes_nothing(some: Arcs, random: object) -> None:
    order = list(range(len(some.tail)))
    random.shuffle(order)
    shuffled = Arcs(some.n, *([column[i] for i in order] for column in some[1:]))
    one, other = network_of(some), network_of(shuffled)
    for name in ("first_arc", "head", "travel_ms", "arc_street", "arc_forward"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert one.streets.drop(columns="geometry").equals(other.streets.drop(columns="geometry"))


@settings(max_examples=100, deadline=None)
@given(arcs(), st.integers(0, 40))
def test_a_limit_keeps_times_up_to_and_including_it(some: Arcs, limit_ms: int) -> None:
    network = network_of(some)
    full = network.times_from(range(some.n))
    limited = network.times_from(range(some.n), limit_s=limit_ms / 1000)
    assert np.array_equal(limited, np.where(full <= limit_ms, full, UNREACHABLE))


def test_parallel_arcs_are_not_summed_and_self_loops_are_dropped() -> None:
    network = RoadNetwork.from_arrays([0, 0, 0, 1], [1, 1, 1, 1], [700, 500, 600, 9], [0, 1], [0, 0])
    assert network.travel_ms.tolist() == [500]
    assert network.counts["parallel_arcs"] == 2
    assert network.counts["self_loops"] == 1
    assert network.times_from([0]).tolist() == [[0, 500]]


def test_rows_are_sorted_by_head_and_arcs_know_their_streets() -> None:
    network, node = ascii_network(
        """
        A---B
        |   v
        C<--D
        """
    )
    for u in range(network.node_count):
        row = network.head[network.first_arc[u] : network.first_arc[u + 1]]
        assert (np.diff(row) > 0).all()
    tail = np.repeat(np.arange(network.node_count), np.diff(network.first_arc))
    street = network.streets.iloc[network.arc_street].reset_index(drop=True)
    start = np.where(network.arc_forward, street["tail"], street["head"])
    end = np.where(network.arc_forward, street["head"], street["tail"])
    assert np.array_equal(start, tail)
    assert np.array_equal(end, network.head)
    assert network.times_from([node["B"]])[0, node["A"]] > network.times_from([node["C"]])[0, node["A"]]


def test_a_one_way_street_makes_there_and_back_differ() -> None:
    network, node = ascii_network(
        """
        A-->--B
        |     |
        C-----D
        """,
        metres=100,
        mph=60,
    )
    there, back = network.times_from([node["A"]])[0, node["B"]], network.times_from([node["B"]])[0, node["A"]]
    # 600 m at 26.8224 m/s; back over D and C: 200 + 600 + 200 m
    assert there == 22369
    assert back == 2 * 7456 + 22369


def test_a_place_without_a_way_is_unreachable_not_far() -> None:
    network = RoadNetwork.from_arrays([0], [1], [5], [0, 1, 2], [0, 0, 0])
    assert network.times_from([1, 0]).tolist() == [[UNREACHABLE, 0, UNREACHABLE], [0, 5, UNREACHABLE]]


def test_no_source_gives_no_row() -> None:
    network = RoadNetwork.from_arrays([0], [1], [5], [0, 1], [0, 0])
    assert network.times_from([]).shape == (0, 2)


@pytest.mark.parametrize("travel_ms", [0, -4, 2**31 - 1, 2**40])
def test_a_time_that_does_not_fit_is_refused(travel_ms: int) -> None:
    with pytest.raises(InputError, match="travel time"):
        RoadNetwork.from_arrays([0], [1], [travel_ms], [0, 1], [0, 0])


def test_an_arc_to_nowhere_is_refused() -> None:
    with pytest.raises(InputError, match="outside 0 to 1"):
        RoadNetwork.from_arrays([0], [2], [5], [0, 1], [0, 0])


def test_a_long_way_round_saturates_rather_than_overflows() -> None:
    long = 2**31 - 2
    network = RoadNetwork.from_arrays([0, 1], [1, 2], [long, long], [0, 1, 2], [0, 0, 0])
    assert network.times_from([0]).tolist() == [[0, long, UNREACHABLE]]


def test_to_networkx_is_a_multidigraph_with_places() -> None:
    network, node = ascii_network("A--B")
    graph = network.to_networkx()
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.nodes[node["B"]] == {"x": 3000.0, "y": 0.0, "id": "B"}
    assert graph.number_of_edges() == 2
