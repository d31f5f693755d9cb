"""A network in which places along streets are nodes of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.roads.network import RoadNetwork
from borderless.roads.snap import Snap


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
    """

    first_arc: NDArray[np.int64]
    head: NDArray[np.int64]
    travel_ms: NDArray[np.int64]
    street: NDArray[np.int64]
    forward: NDArray[np.bool_]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    node_of_place: NDArray[np.int64]

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
    streets = network.streets[["tail", "head", "along_ms", "against_ms"]].to_numpy(np.int64)
    cut = np.zeros(len(streets), dtype=bool)
    cut[spots["street"].to_numpy()] = True
    whole = streets[~cut]
    pieces = _pieces(streets, spots, network.node_count)
    columns = ((np.flatnonzero(~cut), *whole.T), pieces)
    street, start, end, along, against = (np.concatenate(both) for both in zip(*columns, strict=True))
    # every piece twice: along its line and against it
    street, forward = np.concatenate([street, street]), np.repeat([True, False], len(street))
    tail, head = np.concatenate([start, end]), np.concatenate([end, start])
    time = np.concatenate([along, against])
    order = np.lexsort((time, head, tail))
    order = order[time[order] >= 0]
    row_sizes = np.bincount(tail[order], minlength=len(x))
    return PlacedNetwork(
        first_arc=np.concatenate([[0], np.cumsum(row_sizes)]).astype(np.int64),
        head=head[order],
        travel_ms=np.maximum(time[order], 1),
        street=street[order],
        forward=forward[order],
        x=x,
        y=y,
        node_of_place=node_of_place,
    )


def _spots(network: RoadNetwork, snap: Snap) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the distinct places along streets, ordered by street and position, and each place's node."""
    streets = network.streets
    on_street = snap.street >= 0
    street = np.where(on_street, snap.street, 0)
    tail, head, along_ms, against_ms = (
        streets[name].to_numpy(np.int64)[street] for name in ("tail", "head", "along_ms", "against_ms")
    )
    share = np.clip(snap.along_m / np.maximum(streets["length_m"].to_numpy(float)[street], 1e-9), 0.0, 1.0)
    whole_ms = np.maximum(along_ms, against_ms)
    # On one-way streets a hair's breadth can mean a round trip; elsewhere milliseconds tell places apart.
    two_way = (along_ms >= 0) & (against_ms >= 0)
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


def _pieces(
    streets: NDArray[np.int64], spots: pd.DataFrame, node_count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return street, start, end and times both ways of the pieces between a cut street's ends and spots."""
    street, share = spots["street"].to_numpy(np.int64), spots["share"].to_numpy(float)
    spot = node_count + np.arange(len(spots))
    last = np.append(street[1:] != street[:-1], True) if len(spots) else np.empty(0, bool)
    first = np.append(True, street[1:] != street[:-1]) if len(spots) else np.empty(0, bool)
    before = np.where(first, streets[street, 0], np.roll(spot, 1))
    share_before = np.where(first, 0.0, np.roll(share, 1))
    # One piece ends at every spot, and one more leads from each street's last spot to its head.
    owner = np.concatenate([street, street[last]])
    begin = np.concatenate([before, spot[last]])
    finish = np.concatenate([spot, streets[street[last], 1]])
    low = np.concatenate([share_before, share[last]])
    high = np.concatenate([share, np.ones(int(last.sum()))])
    times = []
    for column in (2, 3):
        whole = streets[owner, column]
        part = np.rint(whole * high).astype(np.int64) - np.rint(whole * low).astype(np.int64)
        times.append(np.where(whole < 0, -1, part))
    return owner, begin, finish, times[0], times[1]
