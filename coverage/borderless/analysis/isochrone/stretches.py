"""Streets cut where stations stand, and how far along each of them a number of minutes takes a unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from borderless.region import Region
from borderless.roads.network import UNREACHABLE, RoadNetwork
from borderless.roads.point_times import node_times, point_times, street_end_times

#: Ways of driving: from the station outwards, or from everywhere to the station.
DIRECTIONS = ("from", "to")


@dataclass(frozen=True, eq=False)
class Stretches:
    """Pieces of streets between places: n nodes of the network, s streets' ends, one place for each station.

    The ends of streets are places of their own, the tail and the head of each in turn, where junctions have
    arms: when a street is entered then depends on where one comes from. Elsewhere nodes stand for them.

    A street on which no station stands is one stretch. On the others each station cuts, so that every
    stretch is entered at its ends alone.

    Parameters
    ----------
    street
        Row of ``network.streets``, int64, shape (stretches,).
    tail, head
        Places at the ends, int64: nodes, ends of streets or stations.
    along_ms, against_ms
        Time from tail to head and back, -1 where not allowed, int64.
    length_m
        Length that is driven.
    stops
        Whether a car may stop on it: no motorway, slip road, bridge or tunnel.
    line
        From tail to head, EPSG:27700, objects.
    """

    street: NDArray[np.int64]
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    along_ms: NDArray[np.int64]
    against_ms: NDArray[np.int64]
    length_m: NDArray[np.float64]
    stops: NDArray[np.bool_]
    line: NDArray[np.object_]

    def __len__(self) -> int:
        """Return the number of stretches."""
        return len(self.street)

    @property
    def turned(self) -> Stretches:
        """Return the same stretches with the times of either direction exchanged."""
        return replace(self, along_ms=self.against_ms, against_ms=self.along_ms)


def build_stretches(region: Region) -> Stretches:
    """Cut a region's streets at its stations."""
    streets, snap = region.network.streets, region.station_snap
    columns = {name: streets[name].to_numpy(dtype=np.int64) for name in ("along_ms", "against_ms")}
    tail, head = _ends(region.network)
    whole = Stretches(
        street=np.arange(len(streets)),
        length_m=streets["length_m"].to_numpy(dtype=np.float64),
        stops=streets["snappable"].to_numpy(dtype=np.bool_),
        line=streets.geometry.to_numpy(),
        tail=tail,
        head=head,
        **columns,
    )
    row = np.flatnonzero(snap.street >= 0)
    share = _share(whole.length_m[snap.street[row]], snap.along_m[row])
    row, share = row[(share > 0) & (share < 1)], share[(share > 0) & (share < 1)]
    if not len(row):
        return whole
    order = np.lexsort((row, share, snap.street[row]))
    row, share = row[order], share[order]
    cut = np.unique(snap.street[row])
    pieces = [
        _pieces(whole, int(street), row[at] + place_count(region.network), share[at])
        for street in cut
        for at in [snap.street[row] == street]
    ]
    kept = np.ones(len(whole), dtype=np.bool_)
    kept[cut] = False
    parts = [{name: values[kept] for name, values in vars(whole).items()}, *pieces]
    return Stretches(**{name: np.concatenate([part[name] for part in parts]) for name in vars(whole)})


def place_times(
    region: Region, stations: Sequence[int], limit_s: float, direction: str = "from"
) -> NDArray[np.int32]:
    """Return the time from stations, or to them, to every place of a region's stretches.

    Parameters
    ----------
    region
        Stations and roads.
    stations
        Rows of ``region.stations``.
    limit_s
        Longer drives, s without access, count as unreachable.
    direction
        One of :data:`DIRECTIONS`.

    Returns
    -------
    numpy.ndarray
        Whole ms with the station's own access, int32, shape (stations, places).
    """
    every, to = region.station_snap, direction == "to"
    own = every.take(np.array(stations, dtype=np.int64))
    pair = (every, own) if to else (own, every)
    between = point_times(region.network, *pair, limit_s)
    between = between.T if to else between
    # the access of the place that is passed is not driven
    between = np.where(between == UNREACHABLE, UNREACHABLE, between - every.access_ms)
    nodes = node_times(region.network, own, limit_s, to=to)
    ends = [street_end_times(region.network, nodes, to=to)] if _has_arms(region.network) else []
    return np.hstack([nodes, *ends, between.astype(np.int32)])


def place_count(network: RoadNetwork) -> int:
    """Return how many places there are before the stations."""
    return network.node_count + (len(network.ways.arms.goal) if _has_arms(network) else 0)


def _has_arms(network: RoadNetwork) -> bool:
    return network.street_layout.arms is not None


def _ends(network: RoadNetwork) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places at the tail and the head of each street."""
    if not _has_arms(network):
        return network.street_layout.ends
    tail = network.node_count + 2 * np.arange(len(network.street_layout.table), dtype=np.int64)
    return tail, tail + 1


def reached_shares(
    stretches: Stretches, place_ms: NDArray[np.int32], cutoff_ms: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the stretches that are reached at one end at least, and how far from their tail and head.

    Parameters
    ----------
    stretches
        What is driven along; :attr:`Stretches.turned` for times to a station.
    place_ms
        Time at every place, shape (places,).
    cutoff_ms
        The limit; exactly this far is reached.

    Returns
    -------
    touched
        Numbers of the stretches, ascending.
    low, high
        Shares of each, low ≤ high: it is reached from 0 to `low` and from `high` to 1. Where all of it
        is reached, both are the share at which the ways from either end meet. -1 and 2: not even the end
        itself is reached.
    """
    inside = place_ms <= cutoff_ms
    touched = np.flatnonzero(inside[stretches.tail] | inside[stretches.head])
    tail, head = (place_ms[ends[touched]].astype(np.int64) for ends in (stretches.tail, stretches.head))
    along, against = stretches.along_ms[touched], stretches.against_ms[touched]
    low, high = _driven(cutoff_ms - tail, along), 1.0 - _driven(cutoff_ms - head, against)
    meet = np.clip((head - tail + against) / np.maximum(along + against, 1), 0.0, 1.0)
    # nobody comes back along a one-way street, however soon its head is reached
    meet = np.where(against < 0, 1.0, np.where(along < 0, 0.0, meet))
    whole = low >= high
    return touched, np.where(whole, meet, low), np.where(whole, meet, high)


def _driven(left_ms: NDArray[np.int64], whole_ms: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share that is driven in the time left: 0 at a closed end, -1 where no time is left."""
    part = np.where(whole_ms > 0, np.minimum(left_ms / np.maximum(whole_ms, 1), 1.0), whole_ms + 1.0)
    return np.where(left_ms < 0, -1.0, part)


def _share(length_m: NDArray[np.float64], along_m: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(along_m, length_m, out=np.zeros(len(along_m)), where=length_m > 0)


def _pieces(
    whole: Stretches, street: int, places: NDArray[np.int64], share: NDArray[np.float64]
) -> dict[str, NDArray[np.generic]]:
    """Return one street as the stretches between the places on it, in their order."""
    at = np.concatenate([[0.0], share, [1.0]])
    ends = np.concatenate([whole.tail[[street]], places, whole.head[[street]]])
    count = len(at) - 1

    def times(ms: np.int64) -> NDArray[np.int64]:
        # whole ms up to each place, as times between places are rounded
        passed: NDArray[np.int64] = np.rint(ms * at).astype(np.int64)
        return passed[1:] - passed[:-1] if ms >= 0 else np.full(count, -1)

    line = whole.line[street]
    length = shapely.length(line)
    parts = [substring(line, a * length, b * length) for a, b in pairwise(at)]
    lines = np.empty(count, dtype=object)
    # places at one spot have a point between them
    lines[:] = [
        part
        if part.geom_type == "LineString"
        else shapely.LineString(np.repeat(shapely.get_coordinates(part), 2, axis=0))
        for part in parts
    ]
    return {
        "street": np.full(count, street),
        "tail": ends[:-1],
        "head": ends[1:],
        "along_ms": times(whole.along_ms[street]),
        "against_ms": times(whole.against_ms[street]),
        "length_m": np.diff(at) * whole.length_m[street],
        "stops": np.full(count, whole.stops[street]),
        "line": lines,
    }
