"""The overlay graph: exact links, every time within the stretch, and nobody cut off."""

from __future__ import annotations

from dataclasses import dataclass, replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.condense.overlay import Overlay, OverlayRules, build_overlay, busiest_junctions
from borderless.condense.placed import PlacedNetwork
from borderless.roads.network import RoadNetwork

FAR = 2**40
RULES = OverlayRules(stretch=0.02, leaf_stretch=0.1, leaf_slack_s=10, limit_min=15)


def placed(network: RoadNetwork) -> PlacedNetwork:
    """Return a network whose places are its own nodes."""
    return PlacedNetwork(
        first_arc=network.first_arc,
        head=network.head.astype(np.int64),
        travel_ms=network.travel_ms.astype(np.int64),
        street=network.arc_street.astype(np.int64),
        forward=network.arc_forward,
        x=network.x,
        y=network.y,
        node_of_place=np.arange(network.node_count),
    )


def town(seed: int, side: int, minutes: float) -> RoadNetwork:
    """Return a planar strongly connected network: a jittered grid, some streets missing, some one-way.

    A street takes about `minutes`.
    """
    rng = np.random.default_rng(seed)
    row, column = np.divmod(np.arange(side * side), side)
    x, y = 1000 * column + rng.uniform(-300, 300, side**2), 1000 * row + rng.uniform(-300, 300, side**2)
    tail, head = (np.concatenate(ends) for ends in zip(*_steps(side), strict=True))
    graph = nx.Graph(list(zip(tail.tolist(), head.tolist(), strict=True)))
    for u, v in graph.edges:
        graph[u][v]["order"] = rng.random()
    tree = set(map(frozenset, nx.minimum_spanning_edges(graph, weight="order", data=False)))
    found = []
    for u, v in graph.edges:
        time = round(60_000 * minutes * float(np.hypot(x[u] - x[v], y[u] - y[v])) / 1000) + 1
        kind = rng.integers(0, 4)
        if frozenset((u, v)) in tree or kind == 0:
            found += [(u, v, time), (v, u, time)]
        elif kind < 3:
            found.append((u, v, time) if kind == 1 else (v, u, time))
    return RoadNetwork.from_arrays(*zip(*found, strict=True), x, y)


def _steps(side: int) -> list[tuple[np.ndarray, np.ndarray]]:
    node = np.arange(side * side).reshape(side, side)
    return [(node[:, :-1].ravel(), node[:, 1:].ravel()), (node[:-1].ravel(), node[1:].ravel())]


@dataclass(frozen=True)
class Built:
    """An overlay beside the exact times between its nodes."""

    network: RoadNetwork
    core: np.ndarray
    leaves: np.ndarray
    rules: OverlayRules
    overlay: Overlay

    def exact(self) -> np.ndarray:
        """Return networkx's times on the full network, shape (kept, kept)."""
        graph = self.network.to_networkx()
        rows = [nx.single_source_dijkstra_path_length(graph, u, weight="travel_ms") for u in self._kept()]
        return np.array([[row.get(v, FAR) for v in self._kept()] for row in rows])

    def over(self) -> np.ndarray:
        """Return networkx's times over the links, shape (kept, kept)."""
        links = self.overlay.links
        graph: nx.DiGraph = nx.DiGraph()
        graph.add_nodes_from(range(len(self.overlay.node)))
        graph.add_weighted_edges_from(links[["tail", "head", "travel_ms"]].to_numpy().tolist())
        rows = dict(nx.all_pairs_dijkstra_path_length(graph))
        kept = range(len(self.overlay.node))
        return np.array([[rows[u].get(v, FAR) for v in kept] for u in kept])

    def is_core(self) -> np.ndarray:
        return np.isin(self.overlay.node, self.core)

    def _kept(self) -> list[int]:
        return self.overlay.node.tolist()


def build(network: RoadNetwork, core: list[int], leaves: list[int], rules: OverlayRules) -> Built:
    at = (np.array(core, dtype=np.int64), np.array(leaves, dtype=np.int64))
    return Built(network, *at, rules, build_overlay(placed(network), *at, rules))


@st.composite
def overlays(draw: st.DrawFn) -> Built:
    side = draw(st.integers(2, 5))
    network = town(draw(st.integers(0, 2**20)), side, draw(st.sampled_from([0.2, 2.0, 6.0, 20.0])))
    node = st.integers(0, side * side - 1)
    core = draw(st.lists(node, min_size=1, max_size=12))
    rules = replace(
        RULES,
        stretch=draw(st.sampled_from([0.0, 0.02, 0.2])),
        leaf_slack_s=draw(st.sampled_from([0.0, 10.0])),
        limit_min=draw(st.sampled_from([5.0, 15.0, 60.0])),
    )
    return build(network, core, draw(st.lists(node, max_size=8)), rules)


@settings(max_examples=60)
@given(overlays())
def test_kept_nodes_are_the_core_and_the_leaves_and_links_are_exact(built: Built) -> None:
    assert built.overlay.node.tolist() == sorted({*built.core.tolist(), *built.leaves.tolist()})
    links = built.overlay.links
    exact = built.exact()
    assert (links["travel_ms"] == exact[links["tail"], links["head"]]).all()
    assert (links["tail"] != links["head"]).all()
    ends = links[["tail", "head"]]
    assert not ends.duplicated().any()
    assert ends.to_numpy().tolist() == sorted(ends.to_numpy().tolist())


@settings(max_examples=60)
@given(overlays())
def test_every_time_in_the_core_is_within_the_stretch(built: Built) -> None:
    exact, over, core = built.exact(), built.over(), built.is_core()
    near = (exact <= 60_000 * built.rules.limit_min) & core[:, None] & core
    assert (over[near] <= (1 + built.rules.stretch) * exact[near]).all()
    assert (over >= exact).all()


@settings(max_examples=60)
@given(overlays())
def test_every_leaf_is_reached_from_the_core_within_its_stretch_or_slack(built: Built) -> None:
    exact, over, core = built.exact(), built.over(), built.is_core()
    near = (exact <= 60_000 * built.rules.limit_min) & core[:, None] & ~core
    more = np.maximum(built.rules.leaf_stretch * exact[near], 1000 * built.rules.leaf_slack_s)
    assert (over[near] <= exact[near] + more).all()


@settings(max_examples=60)
@given(overlays())
def test_nobody_who_could_be_reached_is_cut_off(built: Built) -> None:
    assert (built.exact() < FAR).all()
    assert (built.over() < FAR).all()


def row_of_villages() -> RoadNetwork:
    """Return five villages on a road, 3 minutes apart, and an island 40 minutes beyond the last."""
    minutes = [3, 3, 3, 3, 40]
    tail = list(range(5))
    head = [node + 1 for node in tail]
    times = [60_000 * m for m in minutes]
    x = np.cumsum([0, *minutes]) * 1000.0
    return RoadNetwork.from_arrays(tail + head, head + tail, times * 2, x, np.zeros(6))


def two_coasts() -> RoadNetwork:
    """Return a road of three villages and, across the water, one of two."""
    tail, head, times = [0, 1, 3], [1, 2, 4], [60_000] * 6
    x = np.array([0, 1, 2, 5, 6]) * 1000.0
    return RoadNetwork.from_arrays(tail + head, head + tail, times, x, np.zeros(5))


@pytest.mark.parametrize("core", [[0, 2], [0, 2, 3], [0, 2, 3, 4]])
def test_places_on_an_island_are_linked_to_each_other_and_not_across_the_water(core: list[int]) -> None:
    built = build(two_coasts(), core, [1, 3], RULES)
    found = pairs(built)
    assert {(3, 4), (4, 3)} <= found
    assert all((tail < 3) == (head < 3) for tail, head in found)


def pairs(built: Built) -> set[tuple[int, int]]:
    node = built.overlay.node
    return {(int(node[t]), int(node[h])) for t, h in built.overlay.links[["tail", "head"]].to_numpy()}


def test_villages_on_a_road_are_linked_one_to_the_next_only() -> None:
    built = build(row_of_villages(), [0, 1, 2, 3, 4], [], RULES)
    assert pairs(built) == {(u, v) for u in range(5) for v in range(5) if abs(u - v) == 1}


def test_a_village_that_is_not_kept_is_driven_through_all_the_same() -> None:
    built = build(row_of_villages(), [0, 4], [2], RULES)
    assert pairs(built) == {(0, 4), (4, 0), (0, 2), (4, 2), (2, 0)}
    assert built.over()[0, 2] == 12 * 60_000


def test_a_leaf_is_left_by_its_nearest_way_only() -> None:
    built = build(row_of_villages(), [0, 1, 4], [3], RULES)
    assert (3, 4) in pairs(built)
    assert not {(3, 1), (3, 0)} & pairs(built)
    assert {(1, 3), (4, 3)} <= pairs(built)


def test_a_place_beyond_the_limit_is_linked_both_ways_with_the_nearest_of_the_others() -> None:
    built = build(row_of_villages(), [0, 1, 4, 5], [], RULES)
    assert {pair for pair in pairs(built) if 5 in pair} == {(4, 5), (5, 4)}
    assert built.over()[0, 3] == 52 * 60_000


def test_direction_counts() -> None:
    # 0 -> 1 takes a minute, back around by 2 takes four
    network = RoadNetwork.from_arrays(
        [0, 1, 2], [1, 2, 0], [60_000, 120_000, 120_000], [0.0, 1000, 500], [0.0, 0, 1000]
    )
    links = build(network, [0, 1], [], RULES).overlay.links
    assert links.to_numpy().tolist() == [[0, 1, 60_000], [1, 0, 240_000]]


def test_the_same_leaf_and_core_is_core() -> None:
    both = build(row_of_villages(), [0, 1, 2], [1, 2], RULES)
    only = build(row_of_villages(), [0, 1, 2], [], RULES)
    assert both.overlay.links.equals(only.overlay.links)


# -- busiest junctions


def cross(metres: float = 1000) -> RoadNetwork:
    r"""Return two junctions, 4 and 5, between four ends.

    ::

        0   2
        |   |
        4---5
        |   |
        1   3
    """
    tail, head = [0, 1, 4, 2, 3], [4, 4, 5, 5, 5]
    x = np.array([0, 0, 1, 1, 0, 1]) * metres + 1
    y = np.array([1, -1, 1, -1, 0, 0]) * metres + 1
    return RoadNetwork.from_arrays(tail + head, head + tail, [60_000] * 10, x, y)


def chosen(network: RoadNetwork, origins: list[int], load: dict[int, float], **rules: float) -> list[int]:
    weight = np.zeros(network.node_count)
    weight[list(load)] = list(load.values())
    return busiest_junctions(
        placed(network),
        np.array(origins),
        weight,
        replace(RULES, **rules),  # type: ignore[arg-type]
    ).tolist()


def test_the_junction_that_most_pass_comes_first() -> None:
    assert chosen(cross(), [0], {1: 10, 3: 1}) == [4, 5]
    assert chosen(cross(), [0, 2], {3: 10, 1: 1}) == [5, 4]


def test_of_parallel_streets_the_quicker_one_is_driven() -> None:
    # from 0 to 3 by 1 or by 2; the quicker of two streets from 0 to 1 decides
    tail, head = [0, 0, 0, 1, 2, 1, 1, 2, 3, 3], [1, 1, 2, 3, 3, 0, 2, 0, 1, 2]
    time = [1000, 9000, 3000, 1000, 1000, 1000, 9000, 1000, 1000, 1000]
    order = np.lexsort((time, head, tail))
    ways = PlacedNetwork(
        first_arc=np.array([0, 3, 6, 8, 10]),
        head=np.array(head)[order],
        travel_ms=np.array(time)[order],
        street=np.arange(10),
        forward=np.ones(10, dtype=bool),
        x=np.array([0, 1000.0, 1000, 2000]),
        y=np.array([0, 1000.0, -1000, 0]),
        node_of_place=np.arange(4),
    )
    load = np.array([0, 0, 0, 1.0])
    assert busiest_junctions(ways, np.array([0]), load, replace(RULES, junctions=9)).tolist() == [0, 1]


def test_a_junction_that_nobody_passes_is_not_kept() -> None:
    assert chosen(cross(), [0], {1: 10}) == [4]


def test_ends_and_bends_are_no_junctions() -> None:
    assert chosen(row_of_villages(), [0], {5: 100}) == []


def test_one_junction_a_square_and_no_more_than_asked_for() -> None:
    assert chosen(cross(100), [0], {1: 1, 3: 10}, spacing_m=750) == [4]
    assert chosen(cross(), [0], {1: 1, 3: 10}, junctions=1) == [4]


@pytest.mark.parametrize("seed", range(3))
def test_the_choice_is_the_same_every_time(seed: int) -> None:
    network = town(seed, 6, 2)
    load = np.random.default_rng(seed).random(network.node_count)
    some = [
        busiest_junctions(placed(network), np.array([0, 20]), load, replace(RULES, junctions=9)).tolist()
        for _ in range(2)
    ]
    assert some[0] == some[1]
    assert len(some[0]) == len(set(some[0])) == 9
