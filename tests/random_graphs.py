"""Random road networks for property tests, small and full of ties, sinks, loops and parallel arcs."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import NamedTuple
from unittest.mock import patch

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
from hypothesis import strategies as st
from scipy.sparse import csgraph

from ascii_map import flat_rules
from borderless.roads.build import directed_streets
from borderless.roads.network import UNREACHABLE, RoadNetwork


class Arcs(NamedTuple):
    """Directed arcs among n nodes with whole ms."""

    n: int
    tail: list[int]
    head: list[int]
    travel_ms: list[int]

    def graph(self) -> nx.MultiDiGraph:
        graph = nx.MultiDiGraph()
        graph.add_nodes_from(range(self.n))
        for u, v, time in zip(self.tail, self.head, self.travel_ms, strict=True):
            graph.add_edge(u, v, travel_ms=time)
        return graph

    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """Return coordinates on a spiral, so that no two nodes coincide."""
        angle = np.arange(self.n) * 2.4
        return 1000 * (1 + angle) * np.cos(angle), 1000 * (1 + angle) * np.sin(angle)


@st.composite
def arcs(draw: st.DrawFn, max_nodes: int = 12) -> Arcs:
    n = draw(st.integers(1, max_nodes))
    node = st.integers(0, n - 1)
    # few distinct times make ties likely
    time = st.one_of(st.integers(1, 5), st.integers(1, 10**6))
    found = draw(st.lists(st.tuples(node, node, time), max_size=4 * n))
    both = draw(st.lists(st.tuples(node, node, time), max_size=n))
    found += both + [(v, u, time) for u, v, time in both]
    columns = list(zip(*found, strict=True)) or [(), (), ()]
    return Arcs(n, *(list(column) for column in columns))


def networkx_times(graph: nx.MultiDiGraph, sources: list[int], unreachable: int) -> np.ndarray:
    """Return times by networkx on the multigraph itself, int64, shape (sources, nodes)."""
    order = list(graph.nodes)
    rows = [nx.single_source_dijkstra_path_length(graph, u, weight="travel_ms") for u in sources]
    return np.array([[row.get(v, unreachable) for v in order] for row in rows], dtype=np.int64)


def big_town(seed: int, side: int = 30) -> Arcs:
    """Return a town of side × side junctions on a jittered grid: one-ways, ties, gaps, a few dead ends.

    Large enough that blocks, batches and bounded searches have something to skip.
    """
    random = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    head = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    kept = random.random(len(tail)) < 0.75
    tail, head = tail[kept], head[kept]
    time = random.integers(1, 9, len(tail)) * 1000
    there, back = random.random((2, len(tail))) < 0.9
    slower = random.random(len(tail)) < 0.1
    tails = np.concatenate([tail[there], head[back], tail[slower]])
    heads = np.concatenate([head[there], tail[back], head[slower]])
    times = np.concatenate([time[there], time[back], time[slower] + 1])
    return Arcs(side * side, tails.tolist(), heads.tolist(), times.tolist())


def network_of(some: Arcs) -> RoadNetwork:
    return RoadNetwork.from_arrays(some.tail, some.head, some.travel_ms, *some.places())


def streets_of(some: Arcs) -> RoadNetwork:
    """Return a network in which slower arcs beside a faster one are streets too, and not only dropped."""
    x, y = some.places()
    nodes = pd.DataFrame({"id": [str(node) for node in range(some.n)], "x": x, "y": y})
    columns = (np.array(column, dtype=np.int64) for column in some[1:])
    return RoadNetwork.from_streets(nodes, directed_streets(nodes, *columns), flat_rules(60), simplify=False)


def scipy_times(network: RoadNetwork, sources: npt.ArrayLike) -> np.ndarray:
    """Return times by scipy on the matrix of fastest arcs, int32, shape (sources, nodes)."""
    distance = csgraph.dijkstra(network.to_scipy(), indices=np.asarray(sources))
    return np.where(np.isinf(distance), int(UNREACHABLE), distance).astype(np.int32)


def unmended() -> AbstractContextManager[object]:
    """Return a context in which no trap is opened and no gap closed."""
    return patch.multiple(
        "borderless.roads.build",
        open_traps=lambda _count, streets, _counts: streets,
        join_parts=lambda nodes, streets, _kmh, _counts: (nodes, streets),
    )
