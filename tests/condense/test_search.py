"""The compiled searches against networkx and against what a spanner promises."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from borderless.condense.search import links_to_leaf, thin_links, times_between, traffic
from borderless.roads.network import RoadNetwork
from random_graphs import Arcs, arcs


def rows_of(network: RoadNetwork) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return network.first_arc, network.head.astype(np.int64), network.travel_ms.astype(np.int64)


@given(arcs(), st.integers(0, 2**12 - 1), st.one_of(st.integers(0, 12), st.integers(0, 3_000_000)))
def test_times_between_kept_nodes_are_those_of_networkx(found: Arcs, kept_bits: int, limit_ms: int) -> None:
    network = RoadNetwork.from_arrays(found.tail, found.head, found.travel_ms, *found.places())
    kept = np.array([node for node in range(found.n) if kept_bits >> node & 1], dtype=np.int64)
    number = np.full(found.n, -1, np.int64)
    number[kept] = np.arange(len(kept))
    # the same source twice, and one that need not be kept
    sources = np.array([0, *kept.tolist(), 0], dtype=np.int64)
    first, to, time = times_between(*rows_of(network), sources, number, limit_ms)
    graph = found.graph()
    assert len(first) == len(sources) + 1
    for row, source in enumerate(sources.tolist()):
        here = slice(first[row], first[row + 1])
        told = dict(zip(to[here].tolist(), time[here].tolist(), strict=True))
        ways = nx.single_source_dijkstra_path_length(graph, source, cutoff=limit_ms, weight="travel_ms")
        assert told == {int(number[v]): t for v, t in ways.items() if number[v] >= 0 and v != source}
        assert len(told) == here.stop - here.start
        assert (np.diff(time[here]) >= 0).all()


def test_more_pairs_than_fit_at_first_are_all_told() -> None:
    n = 60
    ring = list(range(n))
    after = [*ring[1:], 0]
    network = RoadNetwork.from_arrays(ring + after, after + ring, [7] * (2 * n), np.cos(ring), np.sin(ring))
    everywhere = np.arange(n, dtype=np.int64)
    first, to, time = times_between(*rows_of(network), everywhere, everywhere, 10**9)
    assert len(to) == n * (n - 1) > 1024 * 3
    steps = np.abs(np.repeat(everywhere, np.diff(first)) - to)
    assert time.tolist() == (7 * np.minimum(steps, n - steps)).tolist()


def test_load_flows_down_the_tree_to_the_root() -> None:
    #  0 <- 1 <- 2, 0 <- 3; node 4 is out of reach
    before = np.array([-9999, 0, 1, 0, -9999], dtype=np.int32)
    order = np.array([2, 3, 1, 0, 4], dtype=np.int64)
    load = np.array([1.0, 2, 4, 8, 16])
    assert traffic(order, before, load).tolist() == [15, 6, 4, 8, 16]
    assert load.tolist() == [1, 2, 4, 8, 16]


# -- spanners


@st.composite
def pairs(draw: st.DrawFn) -> tuple[np.ndarray, float]:
    """Draw the exact times of a random strongly connected graph, and a stretch."""
    n = draw(st.integers(2, 8))
    time = st.one_of(st.integers(1, 6), st.integers(900, 1100), st.integers(1, 10**6))
    ring = [draw(time) for _ in range(n)]
    graph = nx.DiGraph()
    for u in range(n):
        graph.add_edge(u, (u + 1) % n, travel_ms=ring[u])
    for u, v, t in draw(
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), time), max_size=3 * n)
    ):
        if u != v and t < graph.get_edge_data(u, v, {"travel_ms": 2**31})["travel_ms"]:
            graph.add_edge(u, v, travel_ms=t)
    rows = dict(nx.all_pairs_dijkstra_path_length(graph, weight="travel_ms"))
    exact = np.array([[rows[u][v] for v in range(n)] for u in range(n)], dtype=np.int64)
    return exact, draw(st.sampled_from([0.0, 0.02, 0.1, 0.5]))


def thinned(
    exact: np.ndarray, stretch: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return row, to, time, chosen and over of all pairs."""
    n = len(exact)
    row, to = (ends.astype(np.int32) for ends in np.nonzero(~np.eye(n, dtype=bool)))
    time = exact[row, to].astype(np.int32)
    first = np.arange(0, n * (n - 1) + 1, n - 1, dtype=np.int64)
    chosen, over = thin_links(first, row, to, time, np.argsort(time, kind="stable"), stretch)
    return row, to, time, chosen, over


def over_links(row: np.ndarray, to: np.ndarray, time: np.ndarray, n: int) -> np.ndarray:
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from(zip(row.tolist(), to.tolist(), time.tolist(), strict=True))
    rows = dict(nx.all_pairs_dijkstra_path_length(graph))
    return np.array([[rows[u].get(v, 2**40) for v in range(n)] for u in range(n)])


@given(pairs())
def test_chosen_links_join_every_pair_within_the_stretch(drawn: tuple[np.ndarray, float]) -> None:
    exact, stretch = drawn
    row, to, time, chosen, over = thinned(exact, stretch)
    way = over_links(row[chosen], to[chosen], time[chosen], len(exact))
    assert (way[row, to] <= (1 + stretch) * time).all()
    assert (way[row, to] >= time).all()
    # what the thinning believes is what a driver finds, or a little pessimistic
    assert (over >= way[row, to]).all()
    assert (over <= (1 + stretch) * time).all()


@given(pairs())
def test_without_stretch_all_times_stay_exact_and_no_link_can_be_spared(
    drawn: tuple[np.ndarray, float],
) -> None:
    exact, _ = drawn
    row, to, time, chosen, _ = thinned(exact, 0.0)
    way = over_links(row[chosen], to[chosen], time[chosen], len(exact))
    assert (way[row, to] == time).all()
    for link in np.flatnonzero(chosen):
        rest = chosen.copy()
        rest[link] = False
        without = over_links(row[rest], to[rest], time[rest], len(exact))
        assert without[row[link], to[link]] > time[link]


def test_a_triangle_loses_its_long_side_only_within_the_stretch() -> None:
    # 0 -> 1 -> 2 takes 200; one more than 195 + floor(0.0256 * 195)
    for long_side, kept in ((196, False), (197, False), (195, True)):
        exact = np.array([[0, 100, long_side], [500, 0, 100], [500, 500, 0]])
        _, to, _, chosen, _ = thinned(exact, 0.0256)
        row = np.repeat([0, 1, 2], 2)
        assert bool(chosen[(row == 0) & (to == 2)][0]) == kept


@given(
    pairs(),
    st.lists(st.tuples(st.integers(0, 7), st.integers(1, 2000)), min_size=1, max_size=8),
    st.sampled_from([0, 10, 500]),
)
def test_leaves_are_reached_within_the_stretch_or_the_slack(
    drawn: tuple[np.ndarray, float], roads: list[tuple[int, int]], slack: int
) -> None:
    exact, stretch = drawn
    n = len(exact)
    row, to, time, chosen, over = thinned(exact, 0.02)
    first = np.arange(0, n * (n - 1) + 1, n - 1, dtype=np.int64)
    into = {u % n: t for u, t in roads}
    reached = {u: min(exact[u, v] + t for v, t in into.items()) for u in range(n)}
    froms = np.array(sorted(reached, key=lambda u: (reached[u], u)), dtype=np.int32)
    leaf_time = np.array([reached[u] for u in froms.tolist()], dtype=np.int32)
    leaf_first = np.array([0, n], dtype=np.int64)
    kept = links_to_leaf(first, to, over, leaf_first, froms, leaf_time, stretch, slack)
    assert kept[0]  # the nearest way in is never left out
    core = over_links(row[chosen], to[chosen], time[chosen], n)
    for u, exactly in zip(froms.tolist(), leaf_time.tolist(), strict=True):
        way = min(core[u, v] + t for v, t in zip(froms[kept].tolist(), leaf_time[kept].tolist(), strict=True))
        assert exactly <= way <= exactly + max(exactly * stretch, slack)


def test_stretch_and_slack_do_not_add_up() -> None:
    # from 1 the leaf takes 1000, over 0 it takes 1150: 15 % more, with 10 % or 100 ms allowed
    first, to = np.array([0, 1, 2]), np.array([1, 0], dtype=np.int32)
    over = np.array([150, 150])
    leaf = (np.array([0, 2]), np.array([0, 1], dtype=np.int32), np.array([1000, 1000], dtype=np.int32))
    assert links_to_leaf(first, to, over, *leaf, 0.10, 100).tolist() == [True, True]
    assert links_to_leaf(first, to, over, *leaf, 0.15, 100).tolist() == [True, False]
    assert links_to_leaf(first, to, over, *leaf, 0.10, 150).tolist() == [True, False]


def test_the_right_pair_is_found_in_rows_of_any_length() -> None:
    # times 5 between 0, 1 and 2, but 2 is not known from 1: the leaf keeps both ways in
    first, to = np.array([0, 2, 3, 5]), np.array([1, 2, 0, 0, 1], dtype=np.int32)
    over = np.array([5, 5, 5, 5, 5])
    leaf = (np.array([0, 2]), np.array([2, 1], dtype=np.int32), np.array([10, 20], dtype=np.int32))
    assert links_to_leaf(first, to, over, *leaf, 0.0, 0).tolist() == [True, True]
    known = (np.array([0, 2, 4, 6]), np.array([1, 2, 0, 2, 0, 1], dtype=np.int32), np.array([5] * 6))
    assert links_to_leaf(*known, *leaf, 0.0, 0).tolist() == [True, False]


@pytest.mark.parametrize("stretch", [0.0, 0.02])
def test_the_choice_does_not_depend_on_far_pairs(stretch: float) -> None:
    rng = np.random.default_rng(7)
    places = rng.uniform(0, 1000, (30, 2))
    exact = np.rint(np.hypot(*(places[:, None] - places[None]).T)).astype(np.int64)
    row, to, time, chosen, _ = thinned(exact, stretch)
    near = time <= 300
    first = np.concatenate([[0], np.cumsum(np.bincount(row[near], minlength=30))])
    order = np.argsort(time[near], kind="stable")
    alone, _ = thin_links(first, row[near], to[near], time[near], order, stretch)
    assert alone.tolist() == chosen[near].tolist()
