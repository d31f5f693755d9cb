"""A route is a shortest way along arcs, always the same one, and its line is that of its streets."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings

from ascii_map import ascii_network, ascii_tables, flat_rules
from borderless.errors import BorderlessError
from borderless.roads.network import UNREACHABLE, RoadNetwork
from random_graphs import Arcs, arcs, network_of


def time_along(network: RoadNetwork, route: list[int]) -> int:
    times = network.to_scipy().todense()
    legs = [int(times[u, v]) for u, v in itertools.pairwise(route)]
    assert all(legs)
    return sum(legs)


@settings(max_examples=200, deadline=None)
@given(arcs(max_nodes=12))
def test_a_route_takes_the_shortest_time_and_passes_no_node_twice(some: Arcs) -> None:
    network = network_of(some)
    exact = network.times_from(range(some.n))
    for start, end in itertools.product(range(some.n), repeat=2):
        route = network.route(start, end).tolist()
        if exact[start, end] == UNREACHABLE:
            assert route == []
            continue
        assert (route[0], route[-1]) == (start, end)
        assert len(set(route)) == len(route)
        assert time_along(network, route) == exact[start, end]


def test_of_equally_short_ways_the_smallest_numbers_are_taken() -> None:
    network = RoadNetwork.from_arrays([0, 0, 1, 2], [1, 2, 3, 3], [5, 5, 5, 5], [0, 1, 1, 2], [0, 1, -1, 0])
    assert network.route(0, 3).tolist() == [0, 1, 3]


def test_the_line_of_a_route_follows_bent_streets_in_the_direction_driven() -> None:
    nodes, streets = ascii_tables("A---B---C", metres=100)
    bend = shapely.LineString([(0, 0), (200, 50), (400, 0)])
    streets["geometry"] = [bend, streets.geometry.iloc[1]]
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(60), simplify=False)
    a, b, c = (network.node_id.tolist().index(name) for name in "ABC")
    there, back = network.line_of([a, b, c]), network.line_of(network.route(c, a))
    assert list(there.coords) == [(0, 0), (200, 50), (400, 0), (800, 0)]
    assert list(back.coords) == list(there.coords)[::-1]


def test_a_route_of_one_node_or_none_has_no_line() -> None:
    network, node = ascii_network("A-->B")
    assert network.route(node["A"], node["A"]).tolist() == [node["A"]]
    assert network.line_of([node["A"]]).is_empty
    assert network.route(node["B"], node["A"]).dtype == np.int32
    assert network.line_of(network.route(node["B"], node["A"])).is_empty


def test_nodes_that_do_not_follow_each_other_have_no_line() -> None:
    network, node = ascii_network("A-->B")
    with pytest.raises(BorderlessError, match="no street leads from node"):
        network.line_of([node["B"], node["A"]])
