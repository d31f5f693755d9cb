"""Places part of the way along streets: times equal those of a network that is physically split there."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ascii_map import ascii_network
from borderless.roads.network import UNREACHABLE, RoadNetwork
from borderless.roads.point_times import chunks, node_times, point_times
from borderless.roads.snap import Snap, snap_points
from random_graphs import Arcs, arcs, streets_of

SHARES = st.sampled_from([0.0, 0.1, 0.25, 1 / 3, 0.5, 0.5, 0.77, 1.0])


def places(network: RoadNetwork, at: list[tuple[int, float]], access_ms: list[int]) -> Snap:
    street = np.array([street for street, _ in at], dtype=np.int32)
    share = np.array([share for _, share in at])
    length = network.streets["length_m"].to_numpy()[street]
    zero = np.zeros(len(at))
    node = np.full(len(at), -1, dtype=np.int32)
    return Snap(street, share * length, node, zero, zero, zero, np.array(access_ms, dtype=np.int32))


def split_times(network: RoadNetwork, at: list[tuple[int, float]]) -> np.ndarray:
    """Return times between places by networkx, every street cut into parts at its places."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(network.node_count))
    graph.add_nodes_from(("place", i) for i in range(len(at)))
    for number, street in enumerate(network.streets.itertuples()):
        on_it = sorted((share, i) for i, (where, share) in enumerate(at) if where == number)
        stops = [(0.0, street.tail), *((s, ("place", i)) for s, i in on_it), (1.0, street.head)]
        for (a, u), (b, v) in itertools.pairwise(stops):
            if street.along_ms >= 0:
                time = round(street.along_ms * b) - round(street.along_ms * a)
                graph.add_edge(u, v, travel_ms=time)
            if street.against_ms >= 0:
                time = round(street.against_ms * b) - round(street.against_ms * a)
                graph.add_edge(v, u, travel_ms=time)
            if a == b:
                # the same spot: nobody drives anywhere
                graph.add_edge(u, v, travel_ms=0)
                graph.add_edge(v, u, travel_ms=0)
    rows = [
        nx.single_source_dijkstra_path_length(graph, ("place", i), weight="travel_ms") for i in range(len(at))
    ]
    return np.array([[row.get(("place", j), int(UNREACHABLE)) for j in range(len(at))] for row in rows])


@settings(max_examples=200, deadline=None)
@given(arcs(max_nodes=7), st.data())
def test_times_along_streets_equal_a_network_cut_at_the_places(some: Arcs, data: st.DataObject) -> None:
    network = streets_of(some)
    if not len(network.streets):
        return
    street = st.integers(0, len(network.streets) - 1)
    at = data.draw(st.lists(st.tuples(street, SHARES), min_size=1, max_size=6))
    access = data.draw(st.lists(st.integers(0, 1000), min_size=len(at), max_size=len(at)))
    there = places(network, at, access)
    times = point_times(network, there, there)
    driving = split_times(network, at)
    legs = np.add.outer(access, access)
    expected = np.where(driving == UNREACHABLE, int(UNREACHABLE), driving + legs)
    assert np.array_equal(times, expected)


@settings(max_examples=60, deadline=None)
@given(arcs())
def test_places_on_nodes_take_the_node_times(some: Arcs) -> None:
    network = RoadNetwork.from_arrays(some.tail, some.head, some.travel_ms, *some.places())
    node = np.arange(some.n)
    there = snap_points(network, network.x, network.y, 30, on="nodes", node=node)
    assert np.array_equal(point_times(network, there, there), network.times_from(node))


@settings(max_examples=100, deadline=None)
@given(arcs(max_nodes=7), st.data())
def test_times_to_every_node_are_those_to_places_on_them(some: Arcs, data: st.DataObject) -> None:
    network = streets_of(some)
    if not len(network.streets):
        return
    street = st.integers(0, len(network.streets) - 1)
    at = data.draw(st.lists(st.tuples(street, SHARES), max_size=4))
    access = data.draw(st.lists(st.integers(0, 2**31 - 1), min_size=len(at), max_size=len(at)))
    origins = places(network, at, access)
    nodes = snap_points(network, network.x, network.y, 30, on="nodes", node=np.arange(some.n))
    limit_s = data.draw(st.sampled_from([None, 0.003, 1]))
    expected = point_times(network, origins, nodes, limit_s)
    assert np.array_equal(node_times(network, origins, limit_s), expected)


def test_on_a_one_way_street_the_place_behind_is_reached_round_the_block() -> None:
    network, _ = ascii_network(
        """
        A-->--B
        |     |
        C-----D
        """,
        metres=100,
        mph=60,
    )
    snap = snap_points(network, [150, 450], [210, 200], 36)
    times = point_times(network, snap, snap)
    # 300 m of the 22,369 ms street; 10 m of access at 10 m/s
    part = round(22369 * 0.75) - round(22369 * 0.25)
    assert times[0, 1] == part + 1000
    round_the_block = 22369 - part + 7456 + 22369 + 7456
    assert times[1, 0] == round_the_block + 1000
    assert times[0, 0] == 2000


def test_streets_and_nodes_may_be_mixed() -> None:
    network, node = ascii_network("A---B---C", metres=100, mph=60)
    on_node = snap_points(network, [0], [0], 30, on="nodes")
    on_street = snap_points(network, [600], [0], 30)
    mixed = Snap(
        **{name: np.concatenate([getattr(on_node, name), getattr(on_street, name)]) for name in vars(on_node)}
    )
    times = point_times(network, mixed, mixed)
    # 400 m and 200 m at 26.8224 m/s
    assert times.tolist() == [[0, 14913 + 7456], [7456 + 14913, 0]]
    assert on_node.node.tolist() == [node["A"]]


def test_a_limit_leaves_out_only_what_is_farther() -> None:
    network, node = ascii_network("A---B---C", metres=100, mph=60)
    here = snap_points(network, [0], [0], 30)
    there = snap_points(network, [0, 400, 800], [0, 0, 0], 30)
    assert point_times(network, here, there).tolist() == [[0, 14913, 29826]]
    assert point_times(network, here, there, limit_s=14.913).tolist() == [[0, 14913, UNREACHABLE]]
    assert node["C"] >= 0


def test_a_place_without_a_way_stays_unreachable_with_its_access_leg() -> None:
    network = RoadNetwork.from_arrays([0, 2], [1, 3], [5, 5], [0, 1000, 0, 1000], [0, 0, 500, 500])
    here, there = snap_points(network, [500], [10], 1), snap_points(network, [500], [510], 1)
    assert point_times(network, here, there).tolist() == [[UNREACHABLE]]


def test_chunks_cover_every_row_once() -> None:
    rows = np.arange(50)
    assert np.array_equal(np.concatenate([rows[part] for part in chunks(50, 3_000_000)]), rows)
    assert len(chunks(50, 3_000_000)) > 1
