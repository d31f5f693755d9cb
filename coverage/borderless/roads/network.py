"""The road network: shortest-path arrays in whole milliseconds, and the streets they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from borderless.errors import ProblemLog
from borderless.roads.arcs import parts_from_arcs, road_failure, whole_ms
from borderless.roads.arrays import (
    UNREACHABLE,
    BoolArray,
    FloatArray,
    Int32Array,
    Int64Array,
)
from borderless.roads.build import network_parts
from borderless.roads.convert import graph_tables, multidigraph
from borderless.roads.parts import numbered_parts, part_labels
from borderless.roads.queries import Nearest
from borderless.roads.routes import line_along
from borderless.roads.shortest import ShortestWays
from borderless.roads.streets import Streets, Ways, straight_streets
from borderless.study.defaults import JUNCTION
from borderless.study.model import Speeds
from borderless.study.read import DEFAULT_SPEEDS

__all__ = ["UNREACHABLE", "Nearest", "RoadNetwork"]


@dataclass(frozen=True, eq=False)
class RoadNetwork(ShortestWays):
    """A directed road network of n nodes and m arcs, and the streets drawn on a map.

    Nodes are numbered 0 to n - 1. A junction where turns differ is several nodes, see :attr:`junction`; an
    arc is the turn into a street, the drive along it and the wait at its end. Arcs lie in rows by tail; row
    `u` is ``head[first_arc[u]:first_arc[u + 1]]``, sorted by head, without parallel arcs or self-loops.
    Between two nodes there may be several streets; the arc then stands for the fastest.

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
    names
        The nodes' names in the file, str objects, shape (n,); None if they have only numbers.
    drawn
        The streets that arcs stand for; None for straight ones, made when somebody asks for them.
    counts
        What was read, merged, cut and dropped on the way here.
    numbered_for_sweeps
        Whether nodes are numbered as sweeps pass them.
    cut_off
        Lines of the streets left out, since they cannot be driven to and from the rest; None for none.

    Notes
    -----
    Times come from a customizable contraction hierarchy (Dibbelt, Strasser and Wagner 2016) that is built
    when first asked; its topology is kept in the cache. The arrays of arcs are made read-only, so that it
    always fits them. Every answer is exact in whole milliseconds, whatever the number of threads.
    """

    first_arc: Int64Array
    head: Int32Array
    travel_ms: Int32Array
    x: FloatArray
    y: FloatArray
    names: npt.NDArray[np.object_] | None = None
    drawn: Streets | None = None
    counts: dict[str, int | float] = field(default_factory=dict)
    numbered_for_sweeps: bool = False
    cut_off: npt.NDArray[np.object_] | None = None

    def __post_init__(self) -> None:
        for name in ("first_arc", "head", "travel_ms"):
            fixed = getattr(self, name).view()
            fixed.flags.writeable = False
            object.__setattr__(self, name, fixed)

    @cached_property
    def node_id(self) -> npt.NDArray[np.object_]:
        """Return the nodes' names in the source file, or their numbers, str objects, shape (n,)."""
        return np.arange(self.node_count).astype(str).astype(object) if self.names is None else self.names

    @cached_property
    def part(self) -> Int64Array:
        """Return the part of each node: 0 the largest, then islands, by falling number of nodes, shape (n,).

        Within a part every junction is reached from every other, but for forbidden turns.
        """
        tail = np.repeat(self.junction, np.diff(self.first_arc)).astype(np.int64)
        head = self.junction[self.head].astype(np.int64)
        label = part_labels(self.node_count, tail, head)[self.junction]
        return numbered_parts(label, np.column_stack([self.x, self.y]))

    @property
    def arc_street(self) -> Int32Array:
        """Return the row of `streets` each arc drives along, int32, shape (m,)."""
        return self._drawn.arc_street

    @property
    def arc_forward(self) -> BoolArray:
        """Return whether each arc drives from its street's tail to its head, shape (m,)."""
        return self._drawn.arc_forward

    @property
    def street_layout(self) -> Streets:
        """Return what lies behind `streets`: arrays, had without making a table at the present times."""
        return self._drawn

    @property
    def speed_classes(self) -> tuple[str, ...]:
        """Return the classes that :meth:`with_speeds` can tell apart; others know ``all`` alone."""
        known = () if self._drawn.mix is None else self._drawn.mix.known
        return known if self._drawn.arms is None or JUNCTION in known else (*known, JUNCTION)

    @cached_property
    def ways(self) -> Ways:
        """Return how streets are entered, driven and left: what lies behind arcs, with waits at junctions."""
        return self._drawn.ways(self.travel_ms)

    @property
    def street_ms(self) -> tuple[Int64Array, Int64Array]:
        """Return ``along_ms`` and ``against_ms`` of `streets`, had without making the table."""
        return self.ways.both

    @cached_property
    def junction(self) -> Int32Array:
        """Return the junction that each node is, or is an arm of at the same place, int32, shape (n,)."""
        found = np.arange(self.node_count, dtype=np.int32)
        if self._drawn.arms is not None:
            found[self._drawn.arms.arm_node] = self._drawn.arms.of_arm
        return found

    def at_junctions(self, times: npt.ArrayLike) -> Int32Array:
        """Return times to nodes, shape (…, n), each at the earliest of all arms of its junction."""
        return self.ways.arms.folded(np.asarray(times, dtype=np.int32))

    @cached_property
    def streets(self) -> gpd.GeoDataFrame:
        """Return one row for each street between two nodes.

        ``tail``, ``head`` (node numbers), ``along_ms`` and ``against_ms`` (int64 time from tail to head and
        back, -1 where not allowed), ``highway``, ``speed_mph``, ``built_up``, ``snappable`` (not a motorway,
        link, bridge or tunnel), ``name``, ``ref``, ``length_m``, ``geometry`` (tail to head, EPSG:27700).
        Several streets may join the same two nodes; the arc between them is the fastest.
        """
        return self._drawn.table_at(self.travel_ms)

    @classmethod
    def from_arrays(
        cls,
        tail: npt.ArrayLike,
        head: npt.ArrayLike,
        travel_ms: npt.ArrayLike,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
    ) -> RoadNetwork:
        """Make a network from directed arcs; its streets are straight lines.

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
            If a time is below 1 ms, not whole or too long, a node number is outside 0 to n - 1, or the arrays
            do not fit each other.

        Examples
        --------
        >>> network = RoadNetwork.from_arrays([0, 1, 0], [1, 2, 2], [500, 700, 1300], [0, 1, 2], [0, 0, 0])
        >>> network.times_from([0]).tolist()
        [[0, 500, 1200]]
        >>> network.route(0, 2).tolist()
        [0, 1, 2]
        """
        return cls(**parts_from_arcs(tail, head, travel_ms, x, y))

    @classmethod
    def from_streets(
        cls,
        nodes: pd.DataFrame,
        streets: gpd.GeoDataFrame,
        speeds: Speeds,
        built_up: gpd.GeoSeries | None = None,
        *,
        simplify: bool = True,
        contract: bool = True,
        access_speed_kmh: float = DEFAULT_SPEEDS.access_speed_kmh,
        restrictions: pd.DataFrame | None = None,
        log: ProblemLog | None = None,
    ) -> RoadNetwork:
        """Make the road network that every scenario shares from tables of nodes and streets.

        Parameters
        ----------
        nodes
            Columns ``id`` (str), ``x``, ``y`` (m, EPSG:27700); the row number is the node number.
        streets
            One row for each street piece, as the readers in ``borderless.sources`` give them (see
            :class:`borderless.roads.tables.RoadTables`), with ``travel_ms`` where the file gives times;
            those are then used as they are.
        speeds
            Limits and factors; not used where times are given.
        built_up
            Polygons of built-up land, EPSG:27700.
        simplify
            Keep the parts that can be driven all round (:mod:`borderless.roads.parts`), close short gaps
            between them (:mod:`borderless.roads.joins`) and contract nodes of degree two. Without it, every
            node stays under its own number.
        contract
            Whether `simplify` also closes gaps and contracts; an overlay whose nodes are named by other
            tables keeps them.
        access_speed_kmh
            How fast the ways across closed gaps are driven.
        restrictions
            Turns that are forbidden, or the only ones allowed, as in
            :class:`borderless.roads.tables.RoadTables`; not followed where times are given.
        log
            Takes what was cut and dropped, in one line each.

        Returns
        -------
        RoadNetwork
            With ``counts``: ``nodes_read``, ``streets_read``, ``not_driven`` (footpaths and tracks left out),
            ``km_read``, ``km_sign``, ``km_rule`` and so on (by evidence for the speed limit, see
            :data:`borderless.roads.speeds.EVIDENCE`), ``self_loops``, ``rings_found`` (untagged roundabouts),
            ``mirrored`` (copies and opposite directions merged away), ``streets_opened``, ``km_opened``
            (one-way streets into a trap), ``gaps_joined``, ``km_joined`` (streets beyond closed gaps),
            ``nodes_cut``, ``streets_cut``, ``km_cut`` (outside every part that is kept),
            ``nodes_contracted``, ``nodes_split``, ``arms`` (junctions where turns differ),
            ``turns_forbidden``, ``parallel_arcs`` (slower arcs beside a faster one).

        Raises
        ------
        InputError
            If no street is left or a travel time is too long.
        """
        parts = network_parts(
            nodes,
            streets,
            speeds,
            built_up,
            simplify=simplify,
            contract=contract,
            join_kmh=access_speed_kmh,
            log=log,
            restrictions=restrictions,
        )
        return cls(**parts)

    @classmethod
    def from_networkx(
        cls,
        graph: nx.MultiDiGraph[Any],
        speeds: Speeds | None = None,
        built_up: gpd.GeoSeries | None = None,
        *,
        simplify: bool = False,
        bus_gates: bool = True,
        log: ProblemLog | None = None,
    ) -> RoadNetwork:
        """Make a network from a networkx MultiDiGraph, such as OSMnx builds.

        An OSMnx graph is taken as it is. Where every edge has ``travel_ms`` those times are used; otherwise
        `speeds` give the speed from ``highway`` and ``maxspeed``, and ``length`` (or the line) the distance;
        edges that their tags close to a police car are left out.
        OSMnx's own ``speed_kph`` and ``travel_time`` are ignored: they are imputed from the mean of the
        download, so the same road would change speed with the size of the area.

        Parameters
        ----------
        graph
            Nodes with ``x`` and ``y`` in ``graph.graph["crs"]``, in degrees if there is no CRS and they look
            like degrees, else in EPSG:27700. Every edge is driven from its first node to its second.
        speeds
            Limits and factors; the defaults of Borderless when left out.
        built_up
            Polygons of built-up land, EPSG:27700.
        simplify
            As for :meth:`from_streets`. By default every node stays, numbered in the order of
            ``graph.nodes``.
        bus_gates
            Whether a police car passes where buses do and cars do not.
        log
            Takes what was left out, cut and dropped.

        Raises
        ------
        InputError
            With every node without coordinates and every edge without a usable time or length.
        """
        nodes, streets = graph_tables(graph, log=log, bus_gates=bus_gates)
        return cls.from_streets(
            nodes, streets, speeds or DEFAULT_SPEEDS, built_up, simplify=simplify, log=log
        )

    def to_networkx(self) -> nx.MultiDiGraph[int]:
        """Return the arcs as a MultiDiGraph: nodes with ``x``, ``y``, ``id``, edges with ``travel_ms``."""
        return multidigraph(self.first_arc, self.head, self.travel_ms, (self.x, self.y, self.node_id))

    def with_travel_ms(self, travel_ms: npt.ArrayLike) -> RoadNetwork:
        """Return the same roads with other times on their arcs.

        Order, tree and shortcuts are shared; only the times on them are computed anew.

        Parameters
        ----------
        travel_ms
            Whole ms ≥ 1 of each arc, shape (m,). A street beside a faster one, for which no arc stands, keeps
            its own times.

        Raises
        ------
        InputError
            If a time is below 1 ms, not whole or too long, or there is not one for each arc.
        """
        times = whole_ms(travel_ms)
        if len(times) != self.arc_count:
            raise road_failure(
                f"{len(times):,} travel times for {self.arc_count:,} arcs",
                "give one for each arc, in the order of head",
            )
        return self._other(travel_ms=times)

    def with_speeds(self, factor: Mapping[str, float]) -> RoadNetwork:
        """Return the same roads driven at other speeds, arcs along whichever street is then quickest.

        A street takes its time / factor, rounded and at least 1 ms; factors of 1 give the identical times.
        Order, tree and shortcuts are shared. Start from the same network each time: roundings add up.

        Parameters
        ----------
        factor
            How many times as fast each speed class is driven (``motorway``, ``built_up``, …, see
            :data:`borderless.study.defaults.SPEED_CLASSES`), and ``all``, which multiplies into every class
            and is all that streets of unknown class know; 1 where left out.

        Raises
        ------
        BorderlessError
            If a name is no class, or a factor is not a number above 0.
        """
        drawn, travel_ms = self._drawn.driven(self.travel_ms, factor)
        if drawn is self._drawn:
            return self
        other = self._other(travel_ms=travel_ms, drawn=drawn)
        vars(other)["_drawn"], vars(other)["ways"] = drawn, drawn.times_made
        return other

    def line_of(self, route: npt.ArrayLike) -> shapely.LineString:
        """Return the line along the streets of a route, EPSG:27700; empty for fewer than two nodes.

        Raises
        ------
        BorderlessError
            If no arc leads from one node to the next.
        """
        geometry = self.streets.geometry.to_numpy()
        return line_along(self.first_arc, self.head, self._drawn, geometry, self._nodes(route))

    @cached_property
    def _drawn(self) -> Streets:
        if self.drawn is not None:
            return self.drawn
        return straight_streets((self.first_arc, self.head, self.travel_ms), self.x, self.y)

    def _other(self, **changed: Any) -> RoadNetwork:
        """Return this network with some fields changed, but for its layout."""
        other = replace(self, **changed)
        # what depends on the layout alone is carried over, if it is there already
        for name in ("_topology", "_drawn", "node_id", "part"):
            if name in vars(self):
                vars(other)[name] = vars(self)[name]
        return other
