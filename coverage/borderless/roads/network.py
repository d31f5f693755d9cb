"""The road network: shortest-path arrays in whole milliseconds, and the streets they stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from borderless.errors import ProblemLog
from borderless.roads.arrays import UNREACHABLE, BoolArray, FloatArray, Int32Array, Int64Array
from borderless.roads.build import network_parts, parts_from_arcs
from borderless.roads.convert import graph_tables, multidigraph
from borderless.roads.speeds import SpeedRules, rules_of
from borderless.study.read import DEFAULT_SPEEDS

__all__ = ["UNREACHABLE", "RoadNetwork", "chunks", "shortest_ms"]

# distances of one chunk of sources take about this many numbers
_CHUNK_NUMBERS = 8_000_000


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """A directed road network of n nodes and m arcs, and the streets drawn on a map.

    Nodes are numbered 0 to n - 1. Arcs lie in rows by tail; row `u` is
    ``head[first_arc[u]:first_arc[u + 1]]``, sorted by head, without parallel arcs or self-loops. Between
    two nodes there may be several streets; the arc then stands for the fastest.

    Parameters
    ----------
    first_arc
        Where each node's arcs begin, int64, shape (n + 1,).
    head
        Node an arc leads to, int32, shape (m,).
    travel_ms
        Time to drive an arc, whole ms ≥ 1, int32, shape (m,).
    x, y
        Node coordinates, m in EPSG:27700, shape (n,).
    node_id
        The nodes' names in the source file, str objects, shape (n,).
    arc_street
        Row of `streets` an arc drives along, int32, shape (m,).
    arc_forward
        Whether it drives from the street's tail to its head, shape (m,).
    streets
        One row for each street between two nodes: ``tail``, ``head`` (node numbers), ``along_ms`` and
        ``against_ms`` (int64 time from tail to head and back, -1 where not allowed), ``highway``,
        ``speed_mph``, ``built_up``, ``snappable`` (not a motorway, link, bridge or tunnel), ``name``,
        ``ref``, ``length_m``, ``geometry`` (from tail to head, EPSG:27700).
    counts
        What was read, merged, cut and dropped on the way here.
    """

    first_arc: Int64Array
    head: Int32Array
    travel_ms: Int32Array
    x: FloatArray
    y: FloatArray
    node_id: npt.NDArray[np.object_]
    arc_street: Int32Array
    arc_forward: BoolArray
    streets: gpd.GeoDataFrame
    counts: dict[str, int | float] = field(default_factory=dict)

    @property
    def node_count(self) -> int:
        """Return the number of nodes."""
        return len(self.x)

    @property
    def arc_count(self) -> int:
        """Return the number of directed arcs."""
        return len(self.head)

    @classmethod
    def from_arrays(
        cls,
        tail: npt.ArrayLike,
        head: npt.ArrayLike,
        travel_ms: npt.ArrayLike,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
    ) -> RoadNetwork:
        """Make a network of straight streets from directed arcs.

        Parallel arcs reduce to the fastest and self-loops are dropped, both counted in ``counts``.

        Parameters
        ----------
        tail, head
            Node numbers of each arc, shape (arcs,).
        travel_ms
            Whole ms ≥ 1 of each arc, shape (arcs,).
        x, y
            Node coordinates, m in EPSG:27700, shape (n,).

        Raises
        ------
        InputError
            If a time is below 1 ms or too long, or a node number is outside 0 to n - 1.
        """
        return cls(**parts_from_arcs(tail, head, travel_ms, x, y))

    @classmethod
    def from_streets(
        cls,
        nodes: pd.DataFrame,
        streets: gpd.GeoDataFrame,
        rules: SpeedRules,
        built_up: gpd.GeoSeries | None = None,
        *,
        simplify: bool = True,
        contract: bool = True,
        log: ProblemLog | None = None,
    ) -> RoadNetwork:
        """Make the road network that every scenario shares from tables of nodes and streets.

        Parameters
        ----------
        nodes
            Columns ``id`` (str), ``x``, ``y`` (m, EPSG:27700); the row number is the node number.
        streets
            One row for each street piece, as the readers in ``borderless.sources`` give them: ``tail``,
            ``head``, ``oneway``, ``highway``, ``maxspeed``, ``roundabout``, ``dual_carriageway``, ``bridge``,
            ``tunnel``, ``name``, ``ref``, ``length_m``, ``geometry``, and ``travel_ms`` where the file gives
            times; those are then used as they are.
        rules
            Speeds by class; not used where times are given.
        built_up
            Polygons of built-up land, EPSG:27700.
        simplify
            Keep the largest strongly connected component only and contract nodes of degree two. Without it,
            every node stays under its own number.
        contract
            Whether `simplify` also contracts; an overlay whose nodes are named by other tables keeps them.
        log
            Takes what was cut and dropped, in one line each.

        Returns
        -------
        RoadNetwork
            With ``counts``: ``nodes_read``, ``streets_read``, ``not_driven`` (footpaths and tracks left out),
            ``km_read``, ``km_tagged``, ``km_implied``, ``km_class`` (by source of the speed limit),
            ``self_loops``, ``mirrored`` (copies and opposite directions merged away), ``nodes_cut``,
            ``streets_cut``, ``km_cut`` (outside the strong component), ``nodes_contracted``,
            ``parallel_arcs`` (slower arcs beside a faster one).

        Raises
        ------
        InputError
            If no street is left or a travel time is too long.
        """
        parts = network_parts(nodes, streets, rules, built_up, simplify=simplify, contract=contract, log=log)
        return cls(**parts)

    @classmethod
    def from_networkx(
        cls,
        graph: nx.MultiDiGraph[Any],
        rules: SpeedRules | None = None,
        built_up: gpd.GeoSeries | None = None,
        *,
        simplify: bool = False,
    ) -> RoadNetwork:
        """Make a network from a networkx MultiDiGraph, such as OSMnx builds.

        An OSMnx graph is taken as it is. Where every edge has ``travel_ms`` those times are used; otherwise
        `rules` give the speed from ``highway`` and ``maxspeed``, and ``length`` (or the line) the distance.
        OSMnx's own ``speed_kph`` and ``travel_time`` are ignored: they are imputed from the mean of the
        download, so the same road would change speed with the size of the area.

        Parameters
        ----------
        graph
            Nodes with ``x`` and ``y`` in ``graph.graph["crs"]``, in degrees if there is no CRS and they look
            like degrees, else in EPSG:27700. Every edge is driven from its first node to its second.
        rules
            Speeds by class; the defaults of Borderless when left out.
        built_up
            Polygons of built-up land, EPSG:27700.
        simplify
            Keep the largest strongly connected component only and contract nodes of degree two. By default
            every node stays, numbered in the order of ``graph.nodes``.

        Raises
        ------
        InputError
            With every node without coordinates and every edge without a usable time or length.
        """
        nodes, streets = graph_tables(graph)
        return cls.from_streets(
            nodes, streets, rules or rules_of(DEFAULT_SPEEDS), built_up, simplify=simplify
        )

    def to_networkx(self) -> nx.MultiDiGraph[int]:
        """Return the arcs as a MultiDiGraph: nodes with ``x``, ``y``, ``id``, edges with ``travel_ms``."""
        return multidigraph(self.first_arc, self.head, self.travel_ms, (self.x, self.y, self.node_id))

    def to_scipy(self) -> sparse.csr_array:
        """Return the times as an n × n sparse matrix of float64 ms, exact whole numbers."""
        weights = self.travel_ms.astype(np.float64)
        shape = (self.node_count, self.node_count)
        # scipy's graph routines want 32-bit row starts
        return sparse.csr_array((weights, self.head, self.first_arc.astype(np.int32)), shape=shape)

    def times_from(self, sources: npt.ArrayLike, limit_s: float | None = None) -> Int32Array:
        """Return the shortest driving time from each source to every node.

        Parameters
        ----------
        sources
            Node numbers, shape (sources,); repeats are allowed.
        limit_s
            Nodes farther than this, s, count as unreachable; exactly this far is still reached.

        Returns
        -------
        numpy.ndarray
            Whole ms, int32, shape (sources, n); :data:`UNREACHABLE` where there is no way.
        """
        wanted = np.asarray(sources, dtype=np.int64).reshape(-1)
        times = np.empty((len(wanted), self.node_count), dtype=np.int32)
        matrix = self.to_scipy()
        for part in chunks(len(wanted), self.node_count):
            times[part] = shortest_ms(matrix, wanted[part], limit_s)
        return times


def shortest_ms(matrix: sparse.csr_array, sources: Int64Array, limit_s: float | None = None) -> Int32Array:
    """Return shortest times over a matrix of whole ms, int32, shape (sources, nodes)."""
    if not len(sources):
        return np.empty((0, matrix.shape[0]), dtype=np.int32)
    # times are whole, so half a millisecond more makes the limit inclusive whatever scipy compares with
    limit = np.inf if limit_s is None else np.floor(limit_s * 1000 + 1e-6) + 0.5
    distance = csgraph.dijkstra(matrix, directed=True, indices=sources, limit=limit)
    return np.minimum(distance, float(UNREACHABLE)).astype(np.int32)


def chunks(rows: int, numbers_per_row: int) -> list[slice]:
    """Return slices of the rows that keep a chunk's distances within a fixed memory."""
    step = max(1, _CHUNK_NUMBERS // max(1, numbers_per_row))
    return [slice(start, start + step) for start in range(0, rows, step)]
