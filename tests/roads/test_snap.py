"""Places find the nearest street a car may stop on, and what it costs to get there."""

from __future__ import annotations

import numpy as np
import pytest

from ascii_map import ascii_network, ascii_tables, flat_rules
from borderless.errors import InputError
from borderless.roads.network import RoadNetwork
from borderless.roads.snap import snap_points

LADDER = """
    A---B
    |   |
    C---D
"""


def ladder_with(**top_street: object) -> RoadNetwork:
    nodes, streets = ascii_tables(LADDER, metres=100)
    row = streets.index[(streets["tail"] == 0) & (streets["head"] == 1)][0]
    for name, value in top_street.items():
        streets.loc[row, name] = value
    return RoadNetwork.from_streets(nodes, streets, flat_rules(60), simplify=False)


@pytest.mark.parametrize(
    "street",
    [
        {"highway": "motorway"},
        {"highway": "motorway_link"},
        {"highway": "trunk_link"},
        {"highway": "tertiary_link"},
        {"tunnel": True},
        {"bridge": True},
    ],
)
def test_motorways_links_tunnels_and_bridges_are_not_snapped_to(street: dict[str, object]) -> None:
    snap = snap_points(ladder_with(**street), [190], [205], 30)
    assert (snap.x[0], snap.y[0]) != (190, 200)
    # the nearest place left: the end of a rung, 10 m west of B at (400, 200) is too far, A at (0, 200) nearer
    assert snap.distance_m[0] == pytest.approx(np.hypot(190, 5))


def test_an_ordinary_street_is_snapped_to_where_it_is_nearest() -> None:
    snap = snap_points(ladder_with(highway="primary"), [190], [230], 36)
    assert (snap.x[0], snap.y[0]) == (190, 200)
    assert snap.along_m[0] == pytest.approx(190)
    assert snap.distance_m[0] == pytest.approx(30)
    assert snap.access_ms[0] == 3000
    assert snap.node[0] == -1


def test_of_equally_near_streets_the_smallest_number_is_taken_whatever_the_order_of_rows() -> None:
    nodes, streets = ascii_tables(LADDER, metres=100)
    found = []
    for seed in range(5):
        shuffled = streets.sample(frac=1, random_state=seed).reset_index(drop=True)
        network = RoadNetwork.from_streets(nodes, shuffled, flat_rules(60), simplify=False)
        snap = snap_points(network, [200], [100], 30)
        # the middle of the block is 100 m from A-B and from C-D
        found.append((int(snap.street[0]), float(snap.x[0]), float(snap.y[0])))
    assert len(set(found)) == 1
    assert found[0][2] in {0.0, 200.0}


def test_nearest_node_and_given_nodes() -> None:
    network, node = ascii_network(LADDER, metres=100)
    snap = snap_points(network, [390], [210], 36, on="nodes")
    assert snap.node.tolist() == [node["B"]]
    assert snap.distance_m[0] == pytest.approx(np.hypot(10, 10))
    given = snap_points(network, [390], [210], 36, on="nodes", node=[node["C"]])
    assert given.node.tolist() == [node["C"]]
    assert given.x.tolist() == [0.0]


def test_equally_near_nodes_give_the_smallest_number() -> None:
    network, node = ascii_network(LADDER, metres=100)
    snap = snap_points(network, [200], [200], 36, on="nodes")
    assert snap.node.tolist() == [min(node["A"], node["B"])]


def test_a_stated_length_scales_the_position() -> None:
    nodes, streets = ascii_tables("A---B", metres=100)
    streets["length_m"] = 800.0
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(60), simplify=False)
    assert snap_points(network, [100], [0], 30).along_m[0] == pytest.approx(200)


def test_take_returns_places_in_the_order_asked() -> None:
    network, _ = ascii_network(LADDER, metres=100)
    snap = snap_points(network, [0, 400, 0], [0, 0, 200], 30)
    assert snap.take([2, 0]).y.tolist() == [200.0, 0.0]
    assert len(snap.take(np.array([True, False, False]))) == 1


def test_what_cannot_be_snapped_is_refused() -> None:
    network, _ = ascii_network("A---B", highway="motorway")
    with pytest.raises(InputError, match="no street to snap to"):
        snap_points(network, [0], [0], 30)
    ordinary, _ = ascii_network("A---B")
    with pytest.raises(InputError, match="no coordinates"):
        snap_points(ordinary, [np.nan], [0], 30)
    with pytest.raises(InputError, match="not positive"):
        snap_points(ordinary, [0], [0], 0)
    with pytest.raises(InputError, match="do not fit"):
        snap_points(ordinary, [0], [0], 30, on="nodes", node=[7])
