"""Straight streets stand for arcs that have none, and times of arcs and streets agree."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings

from borderless.roads.network import RoadNetwork
from borderless.roads.streets import COLUMNS
from random_graphs import Arcs, arcs, network_of


@settings(max_examples=200, deadline=None)
@given(arcs(max_nodes=24))
def test_every_arc_drives_along_a_straight_street_from_its_tail_to_its_head(some: Arcs) -> None:
    network = network_of(some)
    streets = network.streets
    assert streets.columns.tolist() == list(COLUMNS)
    tail = np.repeat(np.arange(some.n), np.diff(network.first_arc))
    used = streets.iloc[network.arc_street].reset_index(drop=True)
    forward = network.arc_forward
    assert np.array_equal(np.where(forward, used["tail"], used["head"]), tail)
    assert np.array_equal(np.where(forward, used["head"], used["tail"]), network.head)
    assert np.array_equal(np.where(forward, used["along_ms"], used["against_ms"]), network.travel_ms)
    # one street for two opposite arcs, driven against only where both are there
    pairs = {frozenset(pair) for pair in zip(tail.tolist(), network.head.tolist(), strict=True)}
    assert len(streets) == len(pairs)
    assert (streets["against_ms"] >= 0).sum() == network.arc_count - len(pairs)
    for street in streets.itertuples():
        ends = [(network.x[node], network.y[node]) for node in (street.tail, street.head)]
        assert list(street.geometry.coords) == ends
        assert street.length_m == shapely.length(street.geometry)


def test_networks_of_arcs_are_not_drawn_before_somebody_looks() -> None:
    network = RoadNetwork.from_arrays([0, 1], [1, 0], [3, 5], [0, 1], [0, 0])
    network.times_from([0])
    assert "_drawn" not in vars(network)
    assert network.node_id.tolist() == ["0", "1"]
    assert network.streets[["along_ms", "against_ms"]].to_numpy().tolist() == [[3, 5]]
