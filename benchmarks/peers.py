"""Who answers the same questions: Borderless itself and the libraries people use instead.

Each is given the same arcs and asked in the way its own guide shows, by the fastest call that gives the
whole answer; what it returns is left in its own form while the clock runs, then turned into whole ms.
Where a library knows no "nearest of several", an extra node with arcs of 0 ms to the stations stands for it.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse.csgraph import dijkstra

from borderless.roads.network import UNREACHABLE, RoadNetwork

__all__ = ["LIMIT_S", "PEERS", "Engine", "Peer", "borderless", "resorted", "route_ms", "scipy_engine"]

LIMIT_S = 1200
_FAR = 1e17

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Engine:
    """One that answers questions about one network.

    Parameters
    ----------
    name, release
        What to call it in a table.
    threads
        How many it may use; `use` sees to it.
    answers
        By the name of a question, what to call. ``everywhere`` and ``within`` take nodes and give times of
        shape (nodes, n); ``nearest`` takes stations and gives times of shape (n,); ``route`` takes two nodes
        and gives a list of nodes.
    in_ms
        Turns times as they are returned into int64 ms of that shape, ``UNREACHABLE`` where there is no way.
    most
        At most this many sources, for one that is slow.
    """

    name: str
    release: str
    answers: Mapping[str, Callable[..., Any]]
    in_ms: Callable[[Any], Numbers]
    threads: int = 1
    use: Callable[[], None] = field(default=lambda: None)
    most: int = 64

    @property
    def label(self) -> str:
        """Return its name and release, and what is special after a comma."""
        name, *special = self.name.split(", ")
        return ", ".join([f"{name} {self.release}", *special])


@dataclass(frozen=True)
class Peer:
    """How to make an engine for a network and its stations, and up to what size it is worth the wait."""

    package: str
    make: Callable[[RoadNetwork, Numbers], Engine]
    most_nodes: int = 500_000


def whole_ms(times: Any, per_ms: float = 1.0) -> Numbers:
    """Return times as int64 ms, ``UNREACHABLE`` where they are endless."""
    given = np.asarray(times)
    if given.dtype == np.int32:
        return given.astype(np.int64)
    endless = ~(given < _FAR)
    return np.where(endless, int(UNREACHABLE), np.rint(np.where(endless, 0, given) / per_ms)).astype(np.int64)


def route_ms(network: RoadNetwork, route: Sequence[int]) -> int:
    """Return how long a route takes, -1 if one of its arcs is not there."""
    total = 0
    for tail, head in itertools.pairwise(route):
        begin, end = network.first_arc[tail], network.first_arc[tail + 1]
        arc = begin + np.searchsorted(network.head[begin:end], head)
        if arc == end or network.head[arc] != head:
            return -1
        total += int(network.travel_ms[arc])
    return total


def borderless(network: RoadNetwork, threads: int, name: str = "Borderless") -> Engine:
    """Return Borderless on so many threads."""
    answers = {
        "everywhere": network.times_from,
        "within": lambda sources: network.times_from(sources, limit_s=LIMIT_S),
        "nearest": lambda stations: network.nearest([stations]).travel_ms[0],
        "route": network.route,
    }

    def use() -> None:
        os.environ["BORDERLESS_THREADS"] = str(threads)

    return Engine(name, version("borderless-coverage"), answers, whole_ms, threads, use)


def resorted(engine: Engine, order: Numbers, name: str) -> Engine:
    """Return an engine that works on a network whose node i is our node ``order[i]``, for our numbers."""
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    answers = {
        question: (lambda *nodes, ask=ask: ask(*(number[node] for node in nodes)))
        for question, ask in engine.answers.items()
        if question != "route"
    }
    return Engine(
        name, engine.release, answers, lambda raw: engine.in_ms(raw)[..., number], engine.threads, engine.use
    )


def scipy_engine(network: RoadNetwork, _stations: Numbers) -> Engine:
    """Return scipy: Dijkstra with a Fibonacci heap."""
    matrix = network.to_scipy()

    def route(start: int, end: int) -> list[int]:
        _, before = dijkstra(matrix, indices=start, return_predecessors=True)
        nodes = [int(end)]
        while nodes[-1] != start:
            nodes.append(int(before[nodes[-1]]))
        return nodes[::-1]

    answers = {
        "everywhere": lambda sources: dijkstra(matrix, indices=sources),
        "within": lambda sources: dijkstra(matrix, indices=sources, limit=1000.0 * LIMIT_S),
        "nearest": lambda stations: dijkstra(matrix, indices=stations, min_only=True),
        "route": route,
    }
    return Engine("scipy", version("scipy"), answers, whole_ms)


def networkx_engine(network: RoadNetwork, _stations: Numbers) -> Engine:
    """Return networkx: Dijkstra in plain Python."""
    import networkx as nx  # noqa: PLC0415

    graph = nx.from_scipy_sparse_array(network.to_scipy(), create_using=nx.DiGraph, edge_attribute="ms")
    lengths = nx.single_source_dijkstra_path_length
    answers = {
        "everywhere": lambda sources: [lengths(graph, int(source), weight="ms") for source in sources],
        "within": lambda sources: [
            lengths(graph, int(source), cutoff=1000 * LIMIT_S, weight="ms") for source in sources
        ],
        "nearest": lambda stations: nx.multi_source_dijkstra_path_length(
            graph, {int(node) for node in stations}, weight="ms"
        ),
        "route": lambda start, end: nx.bidirectional_dijkstra(graph, int(start), int(end), weight="ms")[1],
    }

    def in_ms(raw: Any) -> Numbers:
        if isinstance(raw, list):
            return np.stack([in_ms(row) for row in raw])
        return _spread(raw, network.node_count)

    return Engine("networkx", version("networkx"), answers, in_ms, most=2)


def igraph_engine(network: RoadNetwork, stations: Numbers) -> Engine:
    """Return igraph: Dijkstra with a binary heap, in C."""
    import igraph  # noqa: PLC0415

    tail, head, times = _with_station_node(network, stations)
    graph = igraph.Graph(n=network.node_count + 1, edges=np.column_stack([tail, head]), directed=True)
    graph.es["ms"] = times

    def distances(sources: Any) -> list[list[float]]:
        found: list[list[float]] = graph.distances(source=sources, weights="ms", algorithm="dijkstra")
        return found

    answers = {
        "everywhere": distances,
        "nearest": lambda _: distances([network.node_count])[0],
        "route": lambda start, end: graph.get_shortest_path(int(start), int(end), weights="ms"),
    }
    return Engine(
        "igraph", version("igraph"), answers, lambda raw: whole_ms(raw)[..., : network.node_count], most=16
    )


def rustworkx_engine(network: RoadNetwork, stations: Numbers) -> Engine:
    """Return rustworkx: Dijkstra with a binary heap, in Rust, which asks Python for each arc's time."""
    import rustworkx as rx  # noqa: PLC0415

    count = network.node_count
    graph = rx.PyDiGraph(multigraph=False)
    graph.add_nodes_from(range(count + 1))
    arcs = (values.tolist() for values in _with_station_node(network, stations))
    graph.extend_from_weighted_edge_list(list(zip(*arcs, strict=True)))

    def lengths(source: int) -> Any:
        return int(source), rx.dijkstra_shortest_path_lengths(graph, int(source), float)

    def in_ms(raw: Any) -> Numbers:
        if isinstance(raw, list):
            return np.stack([in_ms(row) for row in raw])
        source, found = raw
        return _spread(dict(found) | {source: 0}, count + 1)[:count]

    answers = {
        "everywhere": lambda sources: [lengths(source) for source in sources],
        "nearest": lambda _: lengths(count),
        "route": lambda start, end: list(
            rx.dijkstra_shortest_paths(graph, int(start), int(end), weight_fn=float)[int(end)]
        ),
    }
    return Engine("rustworkx", version("rustworkx"), answers, in_ms, most=16)


def networkit_engine(network: RoadNetwork, stations: Numbers, threads: int = 1) -> Engine:
    """Return networkit: Dijkstra in C++, sources side by side."""
    import networkit as nk  # noqa: PLC0415

    count = network.node_count
    tail, head, times = _with_station_node(network, stations)
    graph = nk.GraphFromCoo(
        (times, (tail.astype(np.uint64), head.astype(np.uint64))), n=count + 1, weighted=True, directed=True
    )

    def distances(sources: Any) -> Any:
        search = nk.distance.SPSP(graph, [int(source) for source in sources])
        nk.setNumberOfThreads(threads)
        search.run()
        # every library here that uses OpenMP shares this number
        nk.setNumberOfThreads(1)
        return search.getDistances(asarray=True)

    def route(start: int, end: int) -> list[int]:
        search = nk.distance.BidirectionalDijkstra(graph, int(start), int(end))
        search.run()
        return [int(start), *search.getPath(), int(end)]

    answers = {
        "everywhere": distances,
        "nearest": lambda _: distances([count])[0],
        "route": route,
    }
    release = version("networkit")
    return Engine("networkit", release, answers, lambda raw: whole_ms(raw)[..., :count], threads)


def pandana_engine(network: RoadNetwork, stations: Numbers) -> Engine:
    """Return pandana: a contraction hierarchy asked pair by pair, and buckets for what is nearest.

    It answers "nearest" from nodes to places, so the stations are asked on the network turned round. Ranges
    need a precomputation that takes 15 GB of memory and minutes at 200,000 nodes, and are left out.
    """
    import pandana  # noqa: PLC0415

    count, every = network.node_count, np.arange(network.node_count)
    tail = np.repeat(np.arange(count), np.diff(network.first_arc))
    weights = pd.DataFrame({"s": network.travel_ms / 1000})
    with _silence():
        onward, back = (
            pandana.Network(network.x, network.y, *ends, weights, twoway=False)
            for ends in ((tail, network.head), (network.head, tail))
        )
    # farther than any node is from its nearest station
    far_s = 100_000
    places = pd.Series(network.x[stations]), pd.Series(network.y[stations])
    back.set_pois("stations", far_s, 1, *places)

    def from_each(sources: Any) -> list[list[float]]:
        return [onward.shortest_path_lengths(np.full(count, source), every) for source in sources]

    answers = {
        "everywhere": from_each,
        "nearest": lambda _: back.nearest_pois(far_s, "stations")[1].to_numpy(),
        "route": lambda start, end: onward.shortest_path(int(start), int(end)).tolist(),
    }
    return Engine("pandana", version("pandana"), answers, lambda raw: whole_ms(raw, 0.001), most=2)


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what a library prints from C++ out of our tables."""
    sys.stdout.flush()
    kept = os.dup(1)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)


def _with_station_node(
    network: RoadNetwork, stations: Numbers
) -> tuple[Numbers, Numbers, npt.NDArray[np.float64]]:
    """Return arcs as tail, head and ms, and an extra last node from which every station takes 0 ms."""
    tail = np.repeat(np.arange(network.node_count), np.diff(network.first_arc))
    extra = np.full(len(stations), network.node_count)
    times = np.concatenate([network.travel_ms.astype(np.float64), np.zeros(len(stations))])
    return np.concatenate([tail, extra]), np.concatenate([network.head, stations]).astype(np.int64), times


def _spread(found: Mapping[int, float], count: int) -> Numbers:
    times = np.full(count, int(UNREACHABLE), dtype=np.int64)
    times[np.fromiter(found.keys(), dtype=np.int64)] = np.rint(np.fromiter(found.values(), dtype=np.float64))
    return times


#: Whom to compare with, quickest first; the slow ones only on graphs on which they end.
PEERS = (
    Peer("scipy", scipy_engine, 10_000_000),
    Peer("networkit", networkit_engine),
    Peer("igraph", igraph_engine),
    Peer("rustworkx", rustworkx_engine),
    Peer("networkx", networkx_engine),
    Peer("pandana", pandana_engine, 250_000),
)
