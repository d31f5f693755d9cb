"""A networkx graph becomes a road network as it is, and comes back."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings

from ascii_map import ascii_network, flat_rules
from borderless.errors import InputError
from borderless.roads.network import UNREACHABLE, RoadNetwork
from random_graphs import Arcs, arcs, networkx_times


def graph_of(*edges: tuple[str, str, dict[str, object]], **attributes: object) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(**attributes)
    for name, x, y in (("a", -1.50, 52.50), ("b", -1.49, 52.50), ("c", -1.49, 52.51)):
        graph.add_node(name, x=x, y=y)
    for u, v, data in edges:
        graph.add_edge(u, v, **data)
    return graph


@settings(max_examples=60, deadline=None)
@given(arcs())
def test_times_on_every_edge_are_used_as_they_are(some: Arcs) -> None:
    graph = some.graph()
    for node, (x, y) in enumerate(zip(*some.places(), strict=True)):
        graph.add_node(node, x=x, y=y)
    graph.graph["crs"] = "EPSG:27700"
    network = RoadNetwork.from_networkx(graph)
    sources = list(range(some.n))
    assert np.array_equal(network.times_from(sources), networkx_times(graph, sources, int(UNREACHABLE)))


def test_the_way_there_and_back_changes_nothing() -> None:
    network, _ = ascii_network(
        """
        A-->--B
        |   / |
        C-----D
        """
    )
    again = RoadNetwork.from_networkx(network.to_networkx())
    for name in ("first_arc", "head", "travel_ms", "x", "y"):
        assert np.array_equal(getattr(network, name), getattr(again, name)), name


def test_osmnx_times_are_ignored_and_rules_give_the_speed() -> None:
    edge = {"highway": ["primary", "trunk"], "length": 500.0, "speed_kph": 900.0, "travel_time": 0.1}
    network = RoadNetwork.from_networkx(graph_of(("a", "b", edge)), flat_rules(30))
    # 500 m at 13.4112 m/s
    assert network.travel_ms.tolist() == [37282]
    assert network.streets["highway"].tolist() == ["primary"]
    assert network.node_id.tolist() == ["a", "b", "c"]


def test_the_lowest_of_several_limits_counts() -> None:
    edge = {"highway": "primary", "length": 500.0, "maxspeed": ["60 mph", "20 mph"]}
    network = RoadNetwork.from_networkx(graph_of(("a", "b", edge)), flat_rules(30))
    assert network.streets["speed_mph"].tolist() == [20.0]


def test_degrees_are_recognised_without_a_crs_and_lines_are_moved_along() -> None:
    line = shapely.LineString([(-1.50, 52.50), (-1.495, 52.505), (-1.49, 52.50)])
    edge = {"highway": "primary", "geometry": line}
    network = RoadNetwork.from_networkx(graph_of(("a", "b", edge)), flat_rules(30))
    assert network.x[1] - network.x[0] == pytest.approx(679, abs=2)
    drawn = network.streets.geometry.iloc[0]
    assert len(drawn.coords) == 3
    assert drawn.coords[0] == pytest.approx((network.x[0], network.y[0]))
    assert network.streets["length_m"].iloc[0] == pytest.approx(drawn.length)


def test_a_projected_graph_stays_where_it_is() -> None:
    graph = nx.MultiDiGraph(crs="EPSG:27700")
    graph.add_node(1, x=4.0, y=5.0)
    graph.add_node(2, x=14.0, y=5.0)
    graph.add_edge(1, 2, travel_ms=3)
    network = RoadNetwork.from_networkx(graph)
    assert network.x.tolist() == [4.0, 14.0]


def test_two_directed_edges_on_one_line_are_one_street() -> None:
    edge = {"highway": "primary", "length": 500.0}
    network = RoadNetwork.from_networkx(graph_of(("a", "b", edge), ("b", "a", edge)), flat_rules(30))
    assert len(network.streets) == 1
    assert network.arc_count == 2


def test_a_graph_as_it_is_drives_at_the_default_speeds() -> None:
    network = RoadNetwork.from_networkx(graph_of(("a", "b", {"highway": "motorway", "length": 1000.0})))
    # 70 mph × 1.0 × 1.25
    assert network.travel_ms.tolist() == [round(1000 / (70 * 1.0 * 1.25 * 0.44704) * 1000)]


def test_simplify_is_on_request() -> None:
    edge = {"highway": "primary", "length": 500.0}
    pairs = [("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")]
    graph = graph_of(*((u, v, edge) for u, v in pairs))
    assert RoadNetwork.from_networkx(graph, flat_rules(30)).node_count == 3
    assert RoadNetwork.from_networkx(graph, flat_rules(30), simplify=True).node_count == 2


def test_every_problem_of_a_graph_is_told_at_once() -> None:
    with pytest.raises(InputError, match="no class of road"):
        RoadNetwork.from_networkx(graph_of(("a", "b", {"length": 5.0})))
    with pytest.raises(InputError) as caught:
        RoadNetwork.from_networkx(graph_of(("a", "b", {"travel_ms": 0}), ("b", "c", {"travel_ms": "long"})))
    assert [problem.where for problem in caught.value.problems] == ["edge a → b (0)", "edge b → c (0)"]
    graph = graph_of(("a", "b", {"travel_ms": 5}))
    graph.add_node("lost")
    graph.nodes["c"]["x"] = float("nan")
    with pytest.raises(InputError) as caught:
        RoadNetwork.from_networkx(graph)
    assert [problem.where for problem in caught.value.problems] == ["node c", "node lost"]
    with pytest.raises(InputError, match="not a length"):
        RoadNetwork.from_networkx(
            graph_of(("a", "b", {"length": -1.0, "highway": "primary"})), flat_rules(30)
        )
    with pytest.raises(InputError, match="no nodes"):
        RoadNetwork.from_networkx(nx.MultiDiGraph())


def test_a_digraph_is_taken_and_an_undirected_graph_refused() -> None:
    graph = graph_of(("a", "b", {"travel_ms": 5}), ("b", "a", {"travel_ms": 7}))
    assert RoadNetwork.from_networkx(nx.DiGraph(graph)).travel_ms.tolist() == [5, 7]
    for undirected in (nx.Graph(graph), nx.MultiGraph(graph)):
        with pytest.raises(InputError, match="which way its edges are driven"):
            RoadNetwork.from_networkx(undirected)


def test_coordinates_that_are_not_british_are_refused() -> None:
    edge = {"travel_ms": 5}
    with pytest.raises(InputError, match="crs = 'nonsense': is not a coordinate system"):
        RoadNetwork.from_networkx(graph_of(("a", "b", edge), crs="nonsense"))
    graph = graph_of(("a", "b", edge), crs="EPSG:4326")
    for data in graph.nodes.values():
        data["x"], data["y"] = data["y"], data["x"]
    with pytest.raises(InputError, match="3 nodes lie outside Great Britain, the first"):
        RoadNetwork.from_networkx(graph)
