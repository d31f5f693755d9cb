"""Exact travel times between places on the network, each anywhere along a street."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from borderless.roads.arrays import UNREACHABLE, BoolArray, FloatArray, Int32Array, Int64Array, limit_in_ms
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
    here, there = _Positions.of(network, origins), _Positions.of(network, destinations)
    nodes, at = np.unique(arriving.node, return_inverse=True)
    access = destinations.access_ms.astype(np.int64)
    limit_ms = limit_in_ms(limit_s)
    farthest = _NEVER if limit_ms is None else limit_ms
    times = np.empty((len(origins), len(destinations)), dtype=np.int32)
    for part in chunks(len(origins), len(at)):
        rows = np.arange(len(origins))[part]
        to_nodes = shortest_times(network.hierarchy, leaving.take(rows), limit_ms, nodes.astype(np.int32))
        for row, node_ms in zip(rows, to_nodes, strict=True):
            reached = np.where(node_ms == UNREACHABLE, _NEVER, node_ms.astype(np.int64))
            best = _earliest(reached[at] + arriving.ms.astype(np.int64), arriving.first)
            best = np.minimum(best, _same_street(here, there, row))
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
    seeds = _arriving(network, origins) if to else _leaving(network, origins)
    hierarchy = network.hierarchy.reversed if to else network.hierarchy
    times = shortest_times(hierarchy, seeds, limit_in_ms(limit_s))
    for row, access in zip(times, origins.access_ms, strict=True):
        # what is reached is far below the largest number: no sum overflows before the smaller one is taken
        np.minimum(row.view(np.uint32) + np.uint32(access), np.uint32(UNREACHABLE), out=row.view(np.uint32))
    return times


def street_end_times(network: RoadNetwork, node_ms: Int32Array, *, to: bool = False) -> Int32Array:
    """Return the time at which each street is entered at its tail and at its head, given times to nodes.

    Parameters
    ----------
    network
        The road network, of s streets.
    node_ms
        Times from somewhere to every node, or the other way round, int32, shape (rows, n).
    to
        Times the other way round: from a street's tail and head on, to somewhere.

    Returns
    -------
    numpy.ndarray
        int32, shape (rows, 2 s): the tail and the head of each street in turn.
    """
    arms = network.ways.arms
    if to:
        # the tail is where those arrive who drive against the line
        other = np.arange(len(arms.goal)) ^ 1
        node, extra, first = arms.goal[other], arms.end_ms[other], None
    else:
        node, extra, first = arms.node, arms.turn_ms, arms.first
    found = np.empty((len(node_ms), len(arms.goal)), dtype=np.int32)
    for row, times in enumerate(node_ms):
        reached = np.where(times[node] == UNREACHABLE, _NEVER, times[node].astype(np.int64) + extra)
        earliest = reached if first is None else _earliest(reached, first)
        found[row] = np.minimum(earliest, int(UNREACHABLE))
    return found


def chunks(rows: int, numbers_per_row: int) -> list[slice]:
    """Return slices of the rows that keep a chunk's times within a fixed memory."""
    step = max(1, _CHUNK_NUMBERS // max(1, numbers_per_row))
    return [slice(start, start + step) for start in range(0, rows, step)]


@dataclass(frozen=True)
class _Positions:
    """Where p places stand: on a street, with the share of it that lies behind them, or at a node."""

    street: Int64Array
    node: Int64Array
    share: FloatArray
    along_ms: Int64Array
    against_ms: Int64Array

    @classmethod
    def of(cls, network: RoadNetwork, places: Snap) -> _Positions:
        street = places.street.astype(np.int64)
        node = places.node.astype(np.int64)
        none = np.zeros(len(places), dtype=np.int64)
        if not (street >= 0).any():
            return cls(street, node, none.astype(np.float64), none, none)
        on_street = street >= 0
        along, against = (np.where(on_street, values[street], 0) for values in network.street_ms)
        length = network.street_layout.length_m[street]
        share = np.divide(places.along_m, length, out=np.zeros(len(places)), where=(length > 0) & on_street)
        return cls(street, node, np.clip(share, 0.0, 1.0), along, against)


# place, node, time, and whether it may be used
_Rows = tuple[Int64Array, Int64Array, Int64Array, BoolArray]


def _leaving(network: RoadNetwork, places: Snap) -> Seeds:
    """Return the nodes that are reached first from each place, with the time to them."""
    at, ways = _Positions.of(network, places), network.ways
    place = np.flatnonzero(at.street >= 0)
    along = 2 * at.street[place]
    ahead = at.along_ms[place] - _part(at.along_ms[place], at.share[place])
    back = _part(at.against_ms[place], at.share[place])
    rows = [
        (place, ways.arms.goal[dart], ms + ways.arms.end_ms[dart], ways.drive_ms[dart] >= 0)
        for dart, ms in ((along, ahead), (along + 1, back))
    ]
    return _seeds(len(places), [*rows, *_at_junctions(network, at)])


def _arriving(network: RoadNetwork, places: Snap) -> Seeds:
    """Return the nodes from which each place is reached, with the time from them."""
    at, ways = _Positions.of(network, places), network.ways
    place = np.flatnonzero(at.street >= 0)
    along = 2 * at.street[place]
    ahead = _part(at.along_ms[place], at.share[place])
    back = at.against_ms[place] - _part(at.against_ms[place], at.share[place])
    rows = []
    for dart, ms in ((along, ahead), (along + 1, back)):
        every, entry = _runs(ways.arms.first[dart], ways.arms.first[dart + 1])
        whole = ways.arms.turn_ms[entry] + ms[every]
        rows.append((place[every], ways.arms.node[entry], whole, ways.drive_ms[dart][every] >= 0))
    return _seeds(len(places), [*rows, *_at_junctions(network, at, arms=True)])


def _at_junctions(network: RoadNetwork, at: _Positions, *, arms: bool = False) -> list[_Rows]:
    """Return places that stand at a junction, with that node, and with its arms where one arrives at them."""
    node = at.node
    if (at.street >= 0).any():
        tail, head = (ends[at.street] for ends in network.street_layout.ends)
        end = np.where(at.share <= 0, tail, np.where(at.share >= 1, head, -1))
        node = np.where(at.street >= 0, end, node)
    place = np.flatnonzero(node >= 0)
    rows = [_at_once(place, node[place])]
    split = network.ways.arms
    if arms and len(split.of_arm):
        order = np.argsort(split.of_arm, kind="stable")
        of_arm = split.of_arm[order]
        low, high = (np.searchsorted(of_arm, node[place], side=side) for side in ("left", "right"))
        every, arm = _runs(low, high)
        rows.append(_at_once(place[every], split.arm_node[order][arm]))
    return rows


def _at_once(place: Int64Array, node: Int64Array) -> _Rows:
    return place, node, np.zeros(len(place), dtype=np.int64), np.ones(len(place), dtype=np.bool_)


def _runs(low: Int64Array, high: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Return all numbers from `low` to below `high`, run by run, with the number of their run."""
    size = high - low
    run = np.repeat(np.arange(len(low)), size)
    return run, np.arange(len(run)) + np.repeat(low - (np.cumsum(size) - size), size)


def _seeds(count: int, rows: list[_Rows]) -> Seeds:
    """Return rows as the seeds of each place."""
    place, node, ms, usable = (np.concatenate(column) for column in zip(*rows, strict=True))
    usable &= ms < int(UNREACHABLE)
    place, node, ms = place[usable], node[usable], ms[usable]
    order = np.argsort(place, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=count))]).astype(np.int64)
    return Seeds(first, node[order].astype(np.int32), ms[order].astype(np.int32))


def _earliest(ms: Int64Array, first: Int64Array) -> Int64Array:
    """Return the smallest of each run of times, never where a run is empty."""
    found = np.minimum.reduceat(np.append(ms, _NEVER), first[:-1]) if len(first) > 1 else ms[:0]
    return np.where(np.diff(first) > 0, found, _NEVER)


def _part(travel_ms: Int64Array, share: FloatArray) -> Int64Array:
    """Return the whole milliseconds that the first part of a street takes."""
    return np.rint(travel_ms * share).astype(np.int64)


def _same_street(leaving: _Positions, arriving: _Positions, row: int) -> Int64Array:
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
