"""A customizable contraction hierarchy: a topology with the times of one metric on its edges."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from numba import njit

from borderless.roads.arrays import UNREACHABLE, BoolArray, Int32Array, Int64Array
from borderless.roads.topology import Topology

#: Times inside a hierarchy: no more than UNREACHABLE each, so that two of them add up without overflow.
UInt32Array = npt.NDArray[np.uint32]

_NEVER = np.uint32(UNREACHABLE)


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Times along the edges of a topology, each as quick as any way through places below it.

    Parameters
    ----------
    topology
        What it stands on, shared by every metric.
    climb_ms
        From a place to its ancestor, uint32 ms, ``UNREACHABLE`` where there is no way, shape (e,).
    descend_ms
        From the ancestor to the place, likewise.
    """

    topology: Topology
    climb_ms: UInt32Array
    descend_ms: UInt32Array

    @property
    def reversed(self) -> Hierarchy:
        """Return the hierarchy of the network with every arc turned round."""
        return replace(self, climb_ms=self.descend_ms, descend_ms=self.climb_ms)


def customise(topology: Topology, travel_ms: Int32Array) -> Hierarchy:
    """Return the hierarchy of a topology whose arcs take `travel_ms`, int32 ms, shape (m,)."""
    times = _customised(
        topology.first_edge,
        topology.above,
        topology.arc_edge,
        topology.arc_climbs,
        np.ascontiguousarray(travel_ms).view(np.uint32),
    )
    return Hierarchy(topology, *times)


@njit(nogil=True, cache=True)
def _customised(
    first_edge: Int64Array,
    above: Int32Array,
    arc_edge: Int32Array,
    arc_climbs: BoolArray,
    travel_ms: UInt32Array,
) -> tuple[UInt32Array, UInt32Array]:
    climb = np.full(len(above), _NEVER)
    descend = np.full(len(above), _NEVER)
    for arc in range(len(arc_edge)):
        edge = arc_edge[arc]
        if arc_climbs[arc]:
            climb[edge] = min(climb[edge], travel_ms[arc])
        else:
            descend[edge] = min(descend[edge], travel_ms[arc])
    # from the leaves up, every pair of a place's ancestors may be joined through it
    for p in range(len(first_edge) - 2, -1, -1):
        begin, end = first_edge[p], first_edge[p + 1]
        for i in range(end - 1, begin, -1):
            to_lower, from_lower = climb[i], descend[i]
            edge = first_edge[above[i]]
            for j in range(begin, i):
                while above[edge] != above[j]:
                    edge += 1
                climb[edge] = min(climb[edge], np.uint32(from_lower + climb[j]))
                descend[edge] = min(descend[edge], np.uint32(descend[j] + to_lower))
    return climb, descend
