"""An order of elimination is a permutation that keeps shortcuts few, with METIS and without."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from borderless.roads import ordering
from borderless.roads.ordering import dissection, dissection_by_place, neighbours
from borderless.roads.topology import build_topology
from random_graphs import Arcs, arcs, big_town, network_of, scipy_times


@settings(max_examples=200, deadline=None)
@given(arcs(max_nodes=24))
def test_neighbours_are_named_once_on_both_sides_whichever_way_arcs_run(some: Arcs) -> None:
    first, neighbour = neighbours(some.n, some.tail, some.head)
    found = [neighbour[first[u] : first[u + 1]].tolist() for u in range(some.n)]
    joined = {frozenset(pair) for pair in zip(some.tail, some.head, strict=True) if pair[0] != pair[1]}
    for u in range(some.n):
        assert sorted(found[u]) == sorted(v for v in range(some.n) if frozenset((u, v)) in joined)


@settings(max_examples=200, deadline=None)
@given(arcs(max_nodes=40))
def test_every_node_is_eliminated_once(some: Arcs) -> None:
    first, neighbour = neighbours(some.n, some.tail, some.head)
    for find in (dissection, dissection_by_place):
        order = find(first, neighbour, *some.places())
        assert order.dtype == np.int32
        assert sorted(order) == list(range(some.n))


def edges_per_node(some: Arcs, order: np.ndarray) -> float:
    """Return the edges that the game of elimination, played by hand, leaves for each node."""
    left: dict[int, set[int]] = {u: set() for u in range(some.n)}
    for u, v in zip(some.tail, some.head, strict=True):
        if u != v:
            left[u].add(v)
            left[v].add(u)
    edges = 0
    for node in order.tolist():
        others = left.pop(node)
        edges += len(others)
        for u in others:
            left[u] |= others - {u}
            left[u].discard(node)
    return edges / some.n


@pytest.mark.parametrize("find", [dissection, dissection_by_place])
def test_a_town_needs_few_shortcuts(find: object) -> None:
    town = big_town(1, side=40)
    x, y = np.meshgrid(np.arange(40.0), np.arange(40.0))
    first, neighbour = neighbours(town.n, town.tail, town.head)
    order = find(first, neighbour, x.ravel(), y.ravel())
    # the grid itself has 1.5 streets a node; row by row it would be about 30
    assert edges_per_node(town, order) < 7
    assert edges_per_node(town, np.arange(town.n)) > 12


def test_places_without_coordinates_are_ordered_too() -> None:
    town = big_town(2)
    first, neighbour = neighbours(town.n, town.tail, town.head)
    nowhere = np.full(town.n, np.nan)
    assert sorted(dissection_by_place(first, neighbour, nowhere, nowhere)) == list(range(town.n))


def test_without_metis_the_times_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_of(big_town(3, side=40))
    sources = [0, 700, 1599]
    with_metis = build_topology(network.first_arc, network.head, network.x, network.y).place
    monkeypatch.setattr(ordering, "pymetis", None)
    without = network_of(big_town(3, side=40))
    assert np.array_equal(without.times_from(sources), scipy_times(network, sources))
    if network.node_count >= ordering._METIS_FROM_NODES:
        assert not np.array_equal(without.hierarchy.topology.place, with_metis)


def test_metis_is_there_where_its_wheel_is() -> None:
    metis = pytest.importorskip("pymetis", reason="no wheel of pymetis on this platform")
    assert ordering.pymetis is metis
