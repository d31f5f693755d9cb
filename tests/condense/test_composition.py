"""Links know what their quickest ways are made of, so that a small study can be driven at other speeds."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from operator import ne

import networkx as nx
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.analysis.times import response_times
from borderless.condense.composition import STEP, whole_percent, with_classes
from borderless.condense.overlay import Overlay, OverlayRules, build_overlay
from borderless.condense.placed import PlacedNetwork, place_on_network
from borderless.roads.network import RoadNetwork
from borderless.roads.point_times import point_times
from borderless.roads.snap import snap_points
from borderless.roads.speed_mix import SpeedMix
from borderless.study.defaults import TIME_CLASSES
from condense.conftest import County
from random_graphs import Arcs, arcs, network_of

N = len(TIME_CLASSES)


def placed_and_mixed(network: RoadNetwork, seed: int) -> tuple[PlacedNetwork, SpeedMix]:
    """Return a network whose places are its nodes, and a random class for each way along each street."""
    rng = np.random.default_rng(seed)
    row = rng.integers(-1, N, (2, len(network.streets)))
    nodes = np.arange(network.node_count)
    return place_on_network(
        network, snap_points(network, network.x, network.y, 20, on="nodes", node=nodes)
    ), SpeedMix(np.eye(N), row)


@settings(max_examples=80, deadline=None)
@given(arcs(max_nodes=8).filter(lambda a: any(map(ne, a.tail, a.head))), st.integers(0, 2**20))
def test_a_link_has_the_classes_of_one_of_its_quickest_ways(some: Arcs, seed: int) -> None:
    network = network_of(some)
    placed, mix = placed_and_mixed(network, seed)
    times = network.times_from(range(some.n)).astype(np.int64)
    tail, head = np.nonzero((times > 0) & (times < 2**31 - 1))
    links = pd.DataFrame({"tail": tail, "head": head, "travel_ms": times[tail, head]})
    found = with_classes(Overlay(np.arange(some.n), links), placed, mix)
    graph = network.to_networkx()
    arc = {}
    start = np.repeat(np.arange(some.n), np.diff(network.first_arc))
    for i, ends in enumerate(zip(start.tolist(), network.head.tolist(), strict=True)):
        arc[ends] = (
            int(network.travel_ms[i]),
            mix.row[0 if network.arc_forward[i] else 1, network.arc_street[i]],
        )
    for link in found.itertuples():
        ways = nx.all_shortest_paths(graph, link.tail, link.head, weight="travel_ms")
        possible = []
        for way in ways:
            share = [Fraction(0)] * (N + 1)
            for ends in pairwise(way):
                ms, row = arc[ends]
                share[row] += Fraction(100 * ms, link.travel_ms)
            possible.append(share[:N])
        told = [getattr(link, f"percent_{name}", 0) for name in TIME_CLASSES]
        assert any(all(abs(a - b) < STEP for a, b in zip(told, way, strict=True)) for way in possible)


@given(st.lists(st.lists(st.integers(0, 1000), min_size=4, max_size=4), min_size=1, max_size=5))
def test_percents_are_whole_next_to_the_truth_and_lose_nothing(rows: list[list[int]]) -> None:
    part = np.array(rows, dtype=float)[:, :3]
    whole = np.maximum(np.array(rows).sum(axis=1), 1)
    percent = whole_percent(part, whole)
    for told, row, total in zip(percent.tolist(), rows, whole.tolist(), strict=True):
        for one, exact in zip(told, row, strict=False):
            assert abs(one - Fraction(100 * exact, total)) < 1
        assert sum(told) <= 100
        if row[3] == 0 and sum(row):
            assert sum(told) == 100


def test_equal_remainders_go_to_the_first() -> None:
    thirds = whole_percent(np.array([[1.0, 1.0, 1.0], [0.0, 200.0, 0.0]]), np.array([3, 200]))
    assert thirds.tolist() == [[34, 33, 33], [0, 100, 0]]


def test_links_of_streets_without_a_class_stay_as_they_are() -> None:
    network = RoadNetwork.from_arrays([0, 1], [1, 0], [500, 700], [0, 1], [0, 0])
    placed, _ = placed_and_mixed(network, 0)
    overlay = build_overlay(placed, np.array([0, 1]), np.empty(0, np.int64), OverlayRules())
    assert with_classes(overlay, placed, None) is overlay.links


def test_a_small_study_follows_the_full_one_at_other_speeds(county: County) -> None:
    full, again = county.full, county.again
    assert set(again.network.speed_classes) == set(full.network.speed_classes) != set()
    slow = dict.fromkeys(full.network.speed_classes[::2], 0.6) | {"all": 0.9}
    xy = again.demand.xy()
    here = snap_points(full.network, xy[:, 0], xy[:, 1], full.study.speeds.access_speed_kmh)
    exact = point_times(full.network.with_speeds(slow), full.station_snap, here)
    small = response_times(again.with_speeds(slow)).travel_ms
    plain = response_times(again).travel_ms
    ratio = small / exact
    # links keep to the ways that were quickest before; whole percents and tenths of metres do the rest
    assert np.median(np.abs(ratio - 1)) < 0.01
    assert np.median(np.abs(plain / exact - 1)) > 0.1
    assert (ratio > 0.985).mean() > 0.99
