"""Shortest times are exact, and a network survives the way to networkx and scipy and back."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascii_map import ascii_network, ascii_tables, flat_rules
from borderless.errors import BorderlessError, InputError
from borderless.roads.network import UNREACHABLE, RoadNetwork
from borderless.roads.topology import build_topology
from random_graphs import Arcs, arcs, big_town, network_of, networkx_times, scipy_times


@settings(max_examples=500, deadline=None)
@given(arcs(max_nodes=24))
def test_times_equal_networkx_on_the_multigraph_and_scipy_on_the_matrix(some: Arcs) -> None:
    network = network_of(some)
    sources = list(range(some.n))
    times = network.times_from(sources)
    assert times.dtype == np.int32
    assert np.array_equal(times, networkx_times(some.graph(), sources, int(UNREACHABLE)))
    assert np.array_equal(times, scipy_times(network, sources))
    assert np.array_equal(network.times_to(sources), times.T)
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


@settings(max_examples=300, deadline=None)
@given(arcs(max_nodes=24), st.integers(0, 40))
def test_a_limit_keeps_times_up_to_and_including_it(some: Arcs, limit_ms: int) -> None:
    network = network_of(some)
    full = network.times_from(range(some.n))
    kept = np.where(full <= limit_ms, full, UNREACHABLE)
    assert np.array_equal(network.times_from(range(some.n), limit_s=limit_ms / 1000), kept)
    assert np.array_equal(network.times_to(range(some.n), limit_s=limit_ms / 1000), kept.T)


@pytest.mark.parametrize("seed", range(3))
def test_a_town_within_a_limit_misses_nothing_and_has_nothing_extra(seed: int) -> None:
    network = network_of(big_town(seed))
    sources = np.arange(0, network.node_count, 7)
    full = scipy_times(network, sources)
    assert np.array_equal(network.times_from(sources), full)
    for limit_ms in (0, 999, 1000, 8000, 20_000, 60_000, 10**9):
        kept = np.where(full <= limit_ms, full, UNREACHABLE)
        assert np.array_equal(network.times_from(sources, limit_s=limit_ms / 1000), kept), limit_ms


@pytest.mark.parametrize("seed", range(3))
def test_a_town_numbered_for_sweeps_gives_the_same_times(seed: int) -> None:
    network = network_of(big_town(seed))
    place = build_topology(network.first_arc, network.head, network.x, network.y).place
    tail = np.repeat(np.arange(network.node_count), np.diff(network.first_arc))
    x, y = np.empty_like(network.x), np.empty_like(network.y)
    x[place], y[place] = network.x, network.y
    renumbered = RoadNetwork.from_arrays(place[tail], place[network.head], network.travel_ms, x, y)
    ordered = replace(renumbered, numbered_for_sweeps=True)
    assert ordered.hierarchy.topology.in_order
    sources = np.arange(0, network.node_count, 7)
    for limit_s in (None, 8, 40):
        times = network.times_from(sources, limit_s)
        assert np.array_equal(ordered.times_from(place[sources], limit_s)[:, place], times)
        assert np.array_equal(renumbered.times_from(place[sources], limit_s)[:, place], times)


def test_numbers_that_are_no_places_of_a_tree_cost_time_and_nothing_else() -> None:
    network = replace(network_of(big_town(5)), numbered_for_sweeps=True)
    sources = [0, 450, 899]
    assert np.array_equal(network.times_from(sources), scipy_times(network, sources))


@settings(max_examples=200, deadline=None)
@given(arcs(max_nodes=24), st.data())
def test_the_nearest_of_a_group_is_the_first_with_the_least_time(some: Arcs, data: st.DataObject) -> None:
    network = network_of(some)
    node = st.integers(0, some.n - 1)
    groups = data.draw(st.lists(st.lists(node, max_size=5), max_size=4))
    found = network.nearest(groups)
    assert found.travel_ms.shape == found.source.shape == (len(groups), some.n)
    for group, travel_ms, source in zip(groups, *found, strict=True):
        times = scipy_times(network, group) if group else np.full((1, some.n), UNREACHABLE)
        assert np.array_equal(travel_ms, times.min(axis=0))
        reached = times.min(axis=0) < UNREACHABLE
        assert np.array_equal(source, np.where(reached, times.argmin(axis=0), -1))


def test_numbers_alone_are_one_group() -> None:
    network, node = ascii_network("A---B---C", metres=100, mph=60)
    one, other = network.nearest([node["A"], node["C"]]), network.nearest([[node["A"], node["C"]]])
    assert one.travel_ms.tolist() == other.travel_ms.tolist() == [[0, 14913, 0]]
    # from A and from C it is equally far to B: the first of the group counts
    assert one.source.tolist() == [[0, 0, 1]]


@settings(max_examples=200, deadline=None)
@given(arcs(max_nodes=24), st.data())
def test_other_times_on_the_same_roads_are_as_good_as_a_new_network(some: Arcs, data: st.DataObject) -> None:
    network = network_of(some)
    ask_first = data.draw(st.booleans())
    if ask_first:
        network.times_from([0])
    longer = data.draw(st.lists(st.integers(1, 1000), min_size=network.arc_count, max_size=network.arc_count))
    other = network.with_travel_ms(longer)
    tail = np.repeat(np.arange(some.n), np.diff(network.first_arc))
    fresh = RoadNetwork.from_arrays(tail, network.head, longer, network.x, network.y)
    assert np.array_equal(other.times_from(range(some.n)), fresh.times_from(range(some.n)))
    assert (other.hierarchy.topology is network.hierarchy.topology) == ask_first
    assert other.streets["along_ms"].tolist() == fresh.streets["along_ms"].tolist()
    assert other.streets["against_ms"].tolist() == fresh.streets["against_ms"].tolist()


def test_the_same_times_once_more_change_no_number_and_no_street() -> None:
    network, _ = ascii_network("A-->B---C", metres=100)
    again = network.with_travel_ms(network.travel_ms)
    assert again.streets is network.streets
    assert again.node_id is network.node_id


def test_a_street_beside_a_faster_one_keeps_its_time_and_others_follow_their_arc() -> None:
    nodes, streets = ascii_tables("A---B---C")
    both = pd.concat([streets.assign(travel_ms=100), streets.assign(travel_ms=300)], ignore_index=True)
    network = RoadNetwork.from_streets(nodes, both, flat_rules(60), simplify=False)
    assert sorted(network.streets["along_ms"]) == [100, 100, 300, 300]
    slower = network.with_travel_ms(network.travel_ms * 2)
    assert sorted(slower.streets["along_ms"]) == [200, 200, 300, 300]
    assert sorted(slower.streets["against_ms"]) == [200, 200, 300, 300]
    ratio = network.streets["speed_mph"] / slower.streets["speed_mph"]
    assert sorted(ratio) == pytest.approx([1, 1, 2, 2])


@pytest.mark.parametrize(
    ("times", "why"),
    [
        ([1], "1 travel times for 2 arcs"),
        ([1, 0], "below 1 ms"),
        ([1, 1.5], "not whole"),
        ([1, 2**31 - 1], "24 days"),
    ],
)
def test_other_times_that_do_not_fit_are_refused(times: list[float], why: str) -> None:
    network, _ = ascii_network("A---B")
    with pytest.raises(InputError, match=why):
        network.with_travel_ms(times)


def test_arcs_cannot_be_changed_behind_the_back_of_the_engine() -> None:
    network, _ = ascii_network("A---B")
    for array in (network.first_arc, network.head, network.travel_ms):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_tiny_ewd_gives_the_published_distances() -> None:
    # Sedgewick and Wayne, Algorithms, 4th edition, 4.4; hundredths taken as 10 ms
    text = "4-5 35 5-4 35 4-7 37 5-7 28 7-5 28 5-1 32 0-4 38 0-2 26 7-3 39 1-3 29 2-7 34 6-2 40 3-6 52 6-0 58"
    given = f"{text} 6-4 93".split()
    tail, head = zip(*(map(int, arc.split("-")) for arc in given[::2]), strict=True)
    network = RoadNetwork.from_arrays(tail, head, [10 * int(time) for time in given[1::2]], [0] * 8, [0] * 8)
    assert network.times_from([0])[0].tolist() == [0, 1050, 260, 990, 380, 730, 1510, 600]
    assert network.route(0, 6).tolist() == [0, 2, 7, 3, 6]


@pytest.mark.parametrize("node", [-1, 2, 0.5, float("nan"), "A", None])
def test_what_is_no_node_is_refused_by_name(node: object) -> None:
    network, _ = ascii_network("A---B")
    for ask in (network.times_from, network.times_to, lambda given: network.nearest([given])):
        with pytest.raises(BorderlessError, match="is not a node of this network → give whole numbers"):
            ask([node])
    with pytest.raises(BorderlessError, match="is not a node"):
        network.route(0, node)


@pytest.mark.parametrize("limit_s", [-1, float("nan")])
def test_a_limit_that_makes_no_sense_is_refused(limit_s: float) -> None:
    network, _ = ascii_network("A---B")
    with pytest.raises(BorderlessError, match="makes no sense"):
        network.times_from([0], limit_s=limit_s)


def test_no_limit_and_an_endless_one_are_the_same() -> None:
    network, _ = ascii_network("A---B")
    assert network.times_from([0], limit_s=np.inf).tolist() == network.times_from([0]).tolist()
    assert network.times_from([0], limit_s=10**9).tolist() == network.times_from([0]).tolist()


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
