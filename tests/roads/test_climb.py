"""Seeds climb to their ancestors, and no time found on the way is too short."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from borderless.roads.climb import MS, climb
from borderless.roads.network import RoadNetwork
from random_graphs import Arcs, arcs, network_of, scipy_times


def climbed(network: RoadNetwork, places: list[int]) -> tuple[np.ndarray, np.ndarray]:
    found, tree = network.hierarchy, network.hierarchy.topology
    seeds = np.array(places, dtype=np.int32)
    start = np.arange(len(seeds) + 1), seeds, np.zeros(len(seeds), np.uint32)
    return climb(tree.parent, tree.first_edge, tree.above, found.climb_ms, *start, *MS)


@settings(max_examples=100, deadline=None)
@given(arcs(max_nodes=24))
def test_climbing_reaches_ancestors_alone_and_never_too_soon(some: Arcs) -> None:
    network = network_of(some)
    tree = network.hierarchy.topology
    node_at = np.argsort(tree.place)
    exact = scipy_times(network, node_at)[:, node_at]
    for p in range(some.n):
        row, times = climbed(network, [p])
        up = {p}
        while (last := min(up)) and tree.parent[last] >= 0:
            up.add(int(tree.parent[last]))
        assert set(np.flatnonzero(row >= 0).tolist()) == up
        assert times[row[p], 0] == 0
        for q in up:
            assert times[row[q], 0] >= exact[p, q]
