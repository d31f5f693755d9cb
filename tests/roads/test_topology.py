"""The tree and its edges are those of elimination, in pre-order, and come back from the cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from borderless.cache import CacheWarning
from borderless.roads import topology
from borderless.roads.ordering import dissection, neighbours
from borderless.roads.topology import Topology, build_topology, places_in_order
from random_graphs import Arcs, arcs, big_town, network_of


def built(some: Arcs) -> Topology:
    network = network_of(some)
    return build_topology(network.first_arc, network.head, network.x, network.y)


def eliminated(some: Arcs, place: np.ndarray) -> set[tuple[int, int]]:
    """Return (place, ancestor) of every edge of the game of elimination, from the last place to the first."""
    left: dict[int, set[int]] = {p: set() for p in range(some.n)}
    for u, v in zip(some.tail, some.head, strict=True):
        if u != v:
            left[place[u]].add(place[v])
            left[place[v]].add(place[u])
    edges = set()
    for p in range(some.n - 1, -1, -1):
        above = left.pop(p)
        edges |= {(p, int(q)) for q in above}
        for q in above:
            left[q] |= above - {q}
            left[q].discard(p)
    return edges


@settings(max_examples=300, deadline=None)
@given(arcs(max_nodes=24))
def test_edges_are_those_that_elimination_leaves(some: Arcs) -> None:
    tree = built(some)
    lower = np.repeat(np.arange(some.n), np.diff(tree.first_edge))
    assert set(zip(lower.tolist(), tree.above.tolist(), strict=True)) == eliminated(some, tree.place)
    assert len(tree.above) == len(set(zip(lower.tolist(), tree.above.tolist(), strict=True)))
    for p in range(some.n):
        above = tree.above[tree.first_edge[p] : tree.first_edge[p + 1]]
        assert (np.diff(above) > 0).all()
        # the parent is the ancestor that is eliminated next
        assert tree.parent[p] == (above[-1] if len(above) else -1)
        assert np.array_equal(
            tree.above_level[tree.first_edge[p] : tree.first_edge[p + 1]], tree.level[above]
        )


@settings(max_examples=300, deadline=None)
@given(arcs(max_nodes=24))
def test_places_are_a_pre_order_and_subtrees_are_runs(some: Arcs) -> None:
    tree = built(some)
    assert sorted(tree.place) == list(range(some.n))
    ancestors: list[set[int]] = []
    for p in range(some.n):
        parent = tree.parent[p]
        assert parent < p
        ancestors.append(ancestors[parent] | {int(parent)} if parent >= 0 else set())
        assert tree.level[p] == len(ancestors[p])
    for p in range(some.n):
        below = [q for q in range(some.n) if p in ancestors[q]]
        assert below == list(range(p + 1, tree.after[p]))


@settings(max_examples=200, deadline=None)
@given(arcs(max_nodes=24))
def test_every_arc_runs_along_its_edge(some: Arcs) -> None:
    network = network_of(some)
    tree = built(some)
    tail = tree.place[np.repeat(np.arange(some.n), np.diff(network.first_arc))]
    head = tree.place[network.head]
    lower = np.repeat(np.arange(some.n), np.diff(tree.first_edge))[tree.arc_edge]
    assert np.array_equal(np.maximum(tail, head), lower)
    assert np.array_equal(np.minimum(tail, head), tree.above[tree.arc_edge])
    assert np.array_equal(tree.arc_climbs, head < tail)


@pytest.mark.parametrize("side", [8, 40])
def test_a_network_numbered_by_its_places_is_in_order_with_the_same_edges(side: int) -> None:
    town = big_town(4, side)
    xy = np.column_stack(town.places())
    place = places_in_order(town.n, town.tail, town.head, xy)
    numbered = Arcs(town.n, place[town.tail].tolist(), place[town.head].tolist(), town.travel_ms)
    network = network_of(numbered)
    tree = build_topology(network.first_arc, network.head, network.x, network.y, in_order=True)
    assert tree.in_order
    assert len(tree.above) == len(eliminated(town, place))
    assert not built(town).in_order


def test_large_networks_come_back_from_the_cache(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topology, "_CACHE_FROM_NODES", 100)
    town = big_town(6)
    before = built(town)
    (entry,) = empty_cache.glob("*.npz")
    asked = []
    monkeypatch.setattr(topology, "dissection", lambda *given: asked.append(1) or dissection(*given))
    again = built(town)
    assert asked == []
    for name, value in vars(before).items():
        assert np.array_equal(value, getattr(again, name)), name
    # other times on the same roads ask for the same entry
    network_of(Arcs(town.n, town.tail, town.head, [time + 1 for time in town.travel_ms])).times_from([0])
    assert (asked, len(list(empty_cache.glob("*.npz")))) == ([], 1)
    damaged = bytearray(entry.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    entry.write_bytes(damaged)
    with pytest.warns(CacheWarning, match="topology-.*checksum"):
        assert np.array_equal(built(town).above, before.above)
    assert asked == [1]


def test_small_networks_leave_the_cache_alone(empty_cache: Path) -> None:
    built(big_town(7))
    assert not list(empty_cache.glob("*"))


def test_neighbours_decide_the_tree_and_times_do_not() -> None:
    town = big_town(8)
    first, neighbour = neighbours(town.n, town.tail, town.head)
    order = dissection(first, neighbour, *town.places())
    slower = Arcs(town.n, town.tail, town.head, [7 * time for time in town.travel_ms])
    assert len(order) == town.n
    assert np.array_equal(built(town).place, built(slower).place)
