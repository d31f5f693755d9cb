"""Exact travel times between places on the network, each anywhere along a street."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from borderless.roads.arrays import UNREACHABLE, Int32Array, Int64Array, limit_in_ms
from borderless.roads.network import RoadNetwork
from borderless.roads.queries import Seeds, shortest_times
from borderless.roads.snap import Snap

# larger than any time, small enough that a few of them add up in int64
_NEVER = np.int64(2**40)
# times of one chunk of origins take about this many numbers
_CHUNK_NUMBERS = 8_000_000


def point_times(
    network: RoadNetwork, origins: Snap, destinations: Snap, limit_s: float | None = None
) -> Int32Array:
    """Return the time from each origin to each destination, access at both ends included.

    A place part of the way along a street is reached and left as its one-way state permits; the two parts
    of a street add up to the whole. Two places on the same street are joined directly where the direction
    allows it. A place at a street's very end stands on the junction.

    Parameters
    ----------
    network
        The road network.
    origins, destinations
        Places on this network, p and q of them.
    limit_s
        Places farther than this, s of driving without access, count as unreachable; exactly this far is
        still reached. None reaches everything.

    Returns
    -------
    numpy.ndarray
        Whole ms, int32, shape (p, q); ``UNREACHABLE`` where there is no way.
    """
    leaving, arriving = _leaving(network, origins), _arriving(network, destinations)
    ends = np.concatenate([arriving.tail, arriving.head])
    nodes = np.unique(ends)
    tail, head = np.split(np.searchsorted(nodes, ends), 2)
    access = destinations.access_ms.astype(np.int64)
    limit_ms = limit_in_ms(limit_s)
    farthest = _NEVER if limit_ms is None else limit_ms
    times = np.empty((len(origins), len(destinations)), dtype=np.int32)
    for part in chunks(len(origins), len(nodes)):
        rows = np.arange(len(origins))[part]
        to_nodes = shortest_times(network.hierarchy, _seeds(leaving, rows), limit_ms, nodes.astype(np.int32))
        for row, node_ms in zip(rows, to_nodes, strict=True):
            reached = np.where(node_ms == UNREACHABLE, _NEVER, node_ms.astype(np.int64))
            best = np.minimum(reached[tail] + arriving.from_tail_ms, reached[head] + arriving.from_head_ms)
            best = np.minimum(best, _same_street(leaving, arriving, row))
            total = np.where(best > farthest, _NEVER, best + access + origins.access_ms[row])
            times[row] = np.minimum(total, int(UNREACHABLE))
    return times


def node_times(
    network: RoadNetwork, origins: Snap, limit_s: float | None = None, *, to: bool = False
) -> Int32Array:
    """Return the time from each origin, its access included, to every node of the network.

    Parameters
    ----------
    network
        The road network.
    origins
        Places on this network, p of them.
    limit_s
        Nodes farther than this, s of driving without access, count as unreachable.
    to
        Times the other way round: from every node to each origin.

    Returns
    -------
    numpy.ndarray
        Whole ms, int32, shape (p, n); ``UNREACHABLE`` where there is no way.
    """
    ends = _arriving(network, origins) if to else _leaving(network, origins)
    hierarchy = network.hierarchy.reversed if to else network.hierarchy
    times = shortest_times(hierarchy, _seeds(ends, np.arange(len(origins))), limit_in_ms(limit_s))
    for row, access in zip(times, origins.access_ms, strict=True):
        # what is reached is far below the largest number: no sum overflows before the smaller one is taken
        np.minimum(row.view(np.uint32) + np.uint32(access), np.uint32(UNREACHABLE), out=row.view(np.uint32))
    return times


def chunks(rows: int, numbers_per_row: int) -> list[slice]:
    """Return slices of the rows that keep a chunk's times within a fixed memory."""
    step = max(1, _CHUNK_NUMBERS // max(1, numbers_per_row))
    return [slice(start, start + step) for start in range(0, rows, step)]


@dataclass(frozen=True)
class _Ends:
    """Places as times to or from both ends of their street; a place on a node has that node twice."""

    street: Int64Array
    tail: Int64Array
    head: Int64Array
    share: npt.NDArray[np.float64]
    along_ms: Int64Array
    against_ms: Int64Array
    from_tail_ms: Int64Array
    from_head_ms: Int64Array


def _leaving(network: RoadNetwork, places: Snap) -> _Ends:
    """Return times from each place to the tail and head of its street."""
    street, tail, head, share, along, against = _positions(network, places)
    to_tail = np.where(against < 0, _NEVER, _part(against, share))
    to_head = np.where(along < 0, _NEVER, along - _part(along, share))
    return _Ends(street, tail, head, share, along, against, *_at_junctions(share, to_tail, to_head))


def _arriving(network: RoadNetwork, places: Snap) -> _Ends:
    """Return times to each place from the tail and head of its street."""
    street, tail, head, share, along, against = _positions(network, places)
    from_tail = np.where(along < 0, _NEVER, _part(along, share))
    from_head = np.where(against < 0, _NEVER, against - _part(against, share))
    return _Ends(street, tail, head, share, along, against, *_at_junctions(share, from_tail, from_head))


def _at_junctions(
    share: npt.NDArray[np.float64], tail_ms: Int64Array, head_ms: Int64Array
) -> tuple[Int64Array, Int64Array]:
    return np.where(share <= 0, 0, tail_ms), np.where(share >= 1, 0, head_ms)


def _positions(
    network: RoadNetwork, places: Snap
) -> tuple[Int64Array, Int64Array, Int64Array, npt.NDArray[np.float64], Int64Array, Int64Array]:
    street = places.street.astype(np.int64)
    if not (street >= 0).any():
        node = places.node.astype(np.int64)
        none = np.zeros(len(places), dtype=np.int64)
        return street, node, node, none.astype(np.float64), none, none
    on_node = street < 0
    along, against = (np.where(on_node, 0, values[street]) for values in network.street_ms)
    tail, head = (np.where(on_node, places.node, values[street]) for values in network.street_layout.ends)
    length = network.street_layout.length_m[street]
    share = np.divide(places.along_m, length, out=np.zeros(len(places)), where=(length > 0) & ~on_node)
    return street, tail, head, np.clip(share, 0.0, 1.0), along, against


def _part(travel_ms: Int64Array, share: npt.NDArray[np.float64]) -> Int64Array:
    """Return the whole milliseconds that the first part of a street takes."""
    return np.rint(travel_ms * share).astype(np.int64)


def _seeds(leaving: _Ends, rows: Int64Array) -> Seeds:
    """Return some origins as lanes that start at both ends of their streets, where they may be left."""
    nodes = np.column_stack([leaving.tail[rows], leaving.head[rows]])
    times = np.column_stack([leaving.from_tail_ms[rows], leaving.from_head_ms[rows]])
    usable = times < int(UNREACHABLE)
    first = np.concatenate([[0], np.cumsum(usable.sum(axis=1))]).astype(np.int64)
    return Seeds(first, nodes[usable].astype(np.int32), times[usable].astype(np.int32))


def _same_street(leaving: _Ends, arriving: _Ends, row: int) -> Int64Array:
    """Return times to the places on the origin's own street without leaving it, else never."""
    direct = np.full(len(arriving.street), _NEVER)
    if leaving.street[row] < 0:
        return direct
    same = np.flatnonzero(arriving.street == leaving.street[row])
    share, here = arriving.share[same], leaving.share[row]
    along, against = arriving.along_ms[same], arriving.against_ms[same]
    onward = _part(along, share) - _part(along, np.full(len(same), here))
    back = _part(against, np.full(len(same), here)) - _part(against, share)
    ways = np.where((along >= 0) & (share >= here), onward, _NEVER)
    direct[same] = np.minimum(ways, np.where((against >= 0) & (share <= here), back, _NEVER))
    return direct
