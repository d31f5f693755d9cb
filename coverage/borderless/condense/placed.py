"""A network in which places along streets are nodes of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.roads.network import RoadNetwork
from borderless.roads.snap import Snap
from borderless.roads.streets import Ways


@dataclass(frozen=True)
class PlacedNetwork:
    """A network with streets cut where places stand.

    Parameters
    ----------
    first_arc, head, travel_ms
        Arcs by tail, as in :class:`borderless.roads.network.RoadNetwork`; parallel arcs may remain.
    street, forward
        Row of the network's streets that an arc is, or is a part of, and whether it runs along its line.
    x, y
        Node coordinates, metres; the network's own nodes come first, under their own numbers.
    node_of_place
        Node of each place, shape (places,); places at the same spot share one.
    wait_ms
        What of an arc's time is waited at junctions; None where nobody waits.
    """

    first_arc: NDArray[np.int64]
    head: NDArray[np.int64]
    travel_ms: NDArray[np.int64]
    street: NDArray[np.int64]
    forward: NDArray[np.bool_]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    node_of_place: NDArray[np.int64]
    wait_ms: NDArray[np.int64] | None = None

    @property
    def waited_ms(self) -> NDArray[np.int64]:
        """Return what of each arc's time is waited at junctions, ms."""
        return np.zeros(len(self.head), dtype=np.int64) if self.wait_ms is None else self.wait_ms

    @property
    def node_count(self) -> int:
        """Return the number of nodes."""
        return len(self.x)


def place_on_network(network: RoadNetwork, snap: Snap) -> PlacedNetwork:
    """Cut streets at places, so that every place is a node.

    The parts of a street add up to its time; on a two-way street, two places less than a
    millisecond apart are one node. Elsewhere they may end up a millisecond too far apart or too near.
    """
    spots, node_of_place = _spots(network, snap)
    x = np.concatenate([network.x, spots["x"].to_numpy()])
    y = np.concatenate([network.y, spots["y"].to_numpy()])
    ways = network.ways
    cut = np.zeros(len(ways.drive_ms) // 2, dtype=bool)
    cut[spots["street"].to_numpy()] = True
    dart, entry_ms = ways.arms.entry_dart, ways.entry_ms()
    whole = np.flatnonzero(~cut[dart // 2])
    waits = ways.arms.turn_ms + ways.arms.end_ms[dart]
    parts: list[tuple[NDArray[np.int64], ...]] = []
    parts += [
        (dart[whole], ways.arms.node[whole], ways.arms.goal[dart[whole]], entry_ms[whole], waits[whole])
    ]
    parts += _pieces(ways, spots, network.node_count)
    dart, tail, head, time, wait = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((time, head, tail))
    order = order[time[order] >= 0]
    row_sizes = np.bincount(tail[order], minlength=len(x))
    return PlacedNetwork(
        first_arc=np.concatenate([[0], np.cumsum(row_sizes)]).astype(np.int64),
        head=head[order],
        travel_ms=np.maximum(time[order], 1),
        street=dart[order] // 2,
        forward=dart[order] % 2 == 0,
        x=x,
        y=y,
        node_of_place=node_of_place,
        wait_ms=np.minimum(wait, np.maximum(time, 1))[order],
    )


def _spots(network: RoadNetwork, snap: Snap) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the distinct places along streets, ordered by street and position, and each place's node."""
    layout = network.street_layout
    on_street = snap.street >= 0
    street = np.where(on_street, snap.street, 0)
    tail, head = (ends[street] for ends in layout.ends)
    along_ms, against_ms = (times[street] for times in network.street_ms)
    share = np.clip(snap.along_m / np.maximum(layout.length_m[street], 1e-9), 0.0, 1.0)
    whole_ms = np.maximum(along_ms, against_ms)
    # On one-way streets a hair's breadth can mean a round trip; elsewhere milliseconds tell places apart.
    two_way = (along_ms >= 0) & (against_ms >= 0)
    # who stands at a junction with arms stands just beside it, on the street: arrivals differ by street
    split = np.isin(tail, network.ways.arms.of_arm), np.isin(head, network.ways.arms.of_arm)
    hair = 1.0 / np.maximum(whole_ms, 2)
    share = np.clip(share, np.where(split[0], hair, 0.0), np.where(split[1], 1.0 - hair, 1.0))
    position = np.where(two_way, np.rint(whole_ms * share), share)
    at_end = np.where(position <= 0, tail, np.where(position >= np.where(two_way, whole_ms, 1.0), head, -1))
    node = np.where(on_street, at_end, snap.node)
    between = np.flatnonzero(node < 0)
    columns = {"street": street, "position": position, "share": share, "x": snap.x, "y": snap.y}
    frame = pd.DataFrame({name: values[between] for name, values in columns.items()})
    frame["spot"] = frame.groupby(["street", "position"], sort=True).ngroup()
    spots = frame.drop_duplicates("spot").sort_values("spot").reset_index(drop=True)
    node[between] = network.node_count + frame["spot"].to_numpy()
    return spots, node.astype(np.int64)


# dart, start, end, time, and what of it is waited
_Arcs = tuple[NDArray[np.int64], ...]


def _pieces(ways: Ways, spots: pd.DataFrame, node_count: int) -> list[_Arcs]:
    """Return the pieces of cut streets, in both directions.

    The first piece of a dart is entered as the dart is, the last one is followed by the wait at its end.
    """
    arms = ways.arms
    found: list[_Arcs] = []
    for against in (0, 1):
        order = np.arange(len(spots))[:: -1 if against else 1]
        dart = 2 * spots["street"].to_numpy(np.int64)[order] + against
        share = spots["share"].to_numpy(float)[order]
        spot = node_count + order
        passed = np.rint(ways.drive_ms[dart] * (1 - share if against else share)).astype(np.int64)
        follows = np.append(False, dart[1:] == dart[:-1])[: len(dart)]
        last = np.append(dart[1:] != dart[:-1], True)[: len(dart)]
        closed = ways.drive_ms[dart] < 0
        between = np.flatnonzero(follows & ~closed)
        part = passed[between] - passed[between - 1]
        found.append((dart[between], spot[between - 1], spot[between], part, np.zeros_like(part)))
        first = np.flatnonzero(~follows & ~closed)
        low, size = arms.first[dart[first]], arms.first[dart[first] + 1] - arms.first[dart[first]]
        every = np.repeat(first, size)
        entry = np.arange(len(every)) + np.repeat(low - (np.cumsum(size) - size), size)
        turn = arms.turn_ms[entry]
        found.append((dart[every], arms.node[entry], spot[every], turn + passed[every], turn))
        final = np.flatnonzero(last & ~closed)
        wait = arms.end_ms[dart[final]]
        rest = ways.drive_ms[dart[final]] - passed[final] + wait
        found.append((dart[final], spot[final], arms.goal[dart[final]], rest, wait))
    return found
