"""Shortest ways over arcs: what any network can be asked, whatever streets its arcs stand for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from borderless.roads.arrays import FloatArray, Int32Array, Int64Array, limit_in_ms, node_numbers
from borderless.roads.hierarchy import Hierarchy, customise
from borderless.roads.queries import Nearest, Seeds, nearest_seeds, shortest_times
from borderless.roads.routes import tight_path
from borderless.roads.topology import Topology, build_topology


class ShortestWays:
    """The questions that :class:`borderless.roads.network.RoadNetwork` answers from its arcs alone."""

    first_arc: Int64Array
    head: Int32Array
    travel_ms: Int32Array
    x: FloatArray
    y: FloatArray
    numbered_for_sweeps: bool

    @property
    def node_count(self) -> int:
        """Return the number of nodes."""
        return len(self.x)

    @property
    def arc_count(self) -> int:
        """Return the number of directed arcs."""
        return len(self.head)

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
            Whole ms, int32, shape (sources, n); :data:`UNREACHABLE` where there is no way. Each row is
            contiguous.

        Raises
        ------
        BorderlessError
            If a source is not a node, or the limit is negative or not a number.
        """
        return shortest_times(self.hierarchy, Seeds.one_each(self._nodes(sources)), limit_in_ms(limit_s))

    def times_to(self, targets: npt.ArrayLike, limit_s: float | None = None) -> Int32Array:
        """Return the shortest driving time from every node to each target, shape (targets, n).

        The rest is as in :meth:`times_from`; on one-way streets there and back differ.
        """
        back = self.hierarchy.reversed
        return shortest_times(back, Seeds.one_each(self._nodes(targets)), limit_in_ms(limit_s))

    def nearest(self, groups: Sequence[Any]) -> Nearest:
        """Return how soon every node is reached from any node of each group, and from which.

        Takes memory for the answer alone, however many nodes a group has.

        Parameters
        ----------
        groups
            Node numbers of each group. Numbers alone, not in groups, are one group.

        Examples
        --------
        >>> from borderless.roads.network import RoadNetwork
        >>> network = RoadNetwork.from_arrays([0, 1, 2], [1, 2, 1], [5, 6, 7], [0, 1, 2], [0, 0, 0])
        >>> found = network.nearest([[0, 2]])
        >>> found.travel_ms.tolist(), found.source.tolist()
        ([[0, 5, 0]], [[0, 0, 1]])
        """
        one = len(groups) > 0 and all(np.ndim(group) == 0 for group in groups)
        members = [node_numbers(group, self.node_count) for group in ([groups] if one else groups)]
        first = np.concatenate([[0], np.cumsum([len(nodes) for nodes in members])]).astype(np.int64)
        node = np.concatenate([np.empty(0, dtype=np.int32), *members])
        return nearest_seeds(self.hierarchy, Seeds(first, node, np.zeros(len(node), dtype=np.int32)))

    def route(self, start: int, end: int) -> Int32Array:
        """Return the nodes of a shortest way, both ends included; none if there is no way.

        Of equally short ways the one that turns to the smallest node numbers first.
        """
        ends = self._nodes([start, end])
        left_ms = self.times_to(ends[1:])[0]
        return tight_path(self.first_arc, self.head, self.travel_ms, left_ms, int(ends[0]), int(ends[1]))

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """Return the engine behind every time; the same roads and times give the same."""
        return customise(self._topology, self.travel_ms)

    @cached_property
    def _topology(self) -> Topology:
        return build_topology(self.first_arc, self.head, self.x, self.y, in_order=self.numbered_for_sweeps)

    def _nodes(self, given: npt.ArrayLike) -> Int32Array:
        return node_numbers(given, self.node_count)
