"""The streets that a network's arcs stand for: what is drawn, snapped to and read out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from borderless.roads.arcs import refuse_bad_times
from borderless.roads.arms import Arms, plain_arms
from borderless.roads.arrays import BoolArray, FloatArray, Int32Array, Int64Array
from borderless.roads.speed_mix import SpeedMix, junction_slowness, slowed, unknown_mix
from borderless.roads.speeds import MPH

#: The columns of a table of streets, in their order.
COLUMNS = (
    *("tail", "head", "along_ms", "against_ms", "highway", "speed_mph", "built_up", "snappable"),
    *("name", "ref", "length_m", "geometry"),
)


@dataclass(frozen=True, eq=False)
class Ways:
    """How s streets are entered, driven and left, each along its line (dart 2s) and against it (dart 2s + 1).

    Parameters
    ----------
    drive_ms
        Time on the street alone, -1 where not allowed, int64, shape (2 s,).
    arms
        Nodes at both ends, and what is waited there.
    """

    drive_ms: Int64Array
    arms: Arms

    @property
    def both(self) -> tuple[Int64Array, Int64Array]:
        """Return the times along and against each street."""
        return self.drive_ms[0::2], self.drive_ms[1::2]

    def entry_ms(self) -> Int64Array:
        """Return the time of each entry: turning in, driving and waiting at the end, -1 where not allowed."""
        dart = self.arms.entry_dart
        whole = self.arms.turn_ms + self.drive_ms[dart] + self.arms.end_ms[dart]
        return np.where(self.drive_ms[dart] < 0, -1, whole)


@dataclass(frozen=True, eq=False)
class Streets:
    """Streets between nodes, and which of them each of m arcs drives along.

    Parameters
    ----------
    table
        One row for each street, with :data:`COLUMNS`; see ``RoadNetwork.streets``.
    arc_street
        Row of `table` an arc drives along, int32, shape (m,).
    arc_forward
        Whether it drives from the street's tail to its head, shape (m,).
    mix
        The speed classes of the streets; None where no class is known.
    arms
        How streets meet at junctions; None where nothing is waited and every turn is allowed.
    arc_entry
        The entry of `arms` each arc begins with, int32, shape (m,); None without arms.
    retimed
        Times of streets and junctions where they are other than those it was made with.
    """

    table: gpd.GeoDataFrame
    arc_street: Int32Array
    arc_forward: BoolArray
    mix: SpeedMix | None = None
    arms: Arms | None = None
    arc_entry: Int32Array | None = None
    retimed: Ways | None = None

    def ways(self, travel_ms: Int32Array) -> Ways:
        """Return how streets are entered, driven and left when arcs take `travel_ms`.

        Where that is other than the network was made with, all parts of an arc change alike. A street beside
        a faster one, for which no arc stands, keeps the times it was made with.
        """
        made = self.times_made
        dart = 2 * self.arc_street.astype(np.int64) + ~self.arc_forward
        before = made.entry_ms()[self._arc_entry]
        if np.array_equal(before, travel_ms):
            return made
        drive = made.drive_ms.copy()
        if self.arms is None:
            drive[dart] = travel_ms
            return replace(made, drive_ms=drive)
        ratio = np.ones(len(drive))
        ratio[dart] = travel_ms / before
        drive = np.where(drive < 0, -1, np.maximum(np.rint(drive * ratio), 1)).astype(np.int64)
        end_ms = np.rint(made.arms.end_ms * ratio).astype(np.int64)
        turn_ms = np.rint(made.arms.turn_ms * ratio[made.arms.entry_dart]).astype(np.int64)
        return Ways(drive, replace(made.arms, end_ms=end_ms, turn_ms=turn_ms))

    def driven(self, travel_ms: Int32Array, factor: Mapping[str, float]) -> tuple[Streets, Int32Array]:
        """Return these streets at other speeds, and the times of the arcs, each along the quickest street.

        Parameters
        ----------
        travel_ms
            What arcs take now.
        factor
            As in :meth:`SpeedMix.slowness`.
        """
        slower = (self.mix or unknown_mix(len(self.table))).slowness(factor)
        waits = junction_slowness(factor)
        if (slower == 1).all() and (waits == 1 or self.arms is None):
            return self, travel_ms
        now = self.ways(travel_ms)
        arms = now.arms
        ways = Ways(
            slowed(now.drive_ms, slower.T.ravel()),
            replace(arms, end_ms=_waited(arms.end_ms, waits), turn_ms=_waited(arms.turn_ms, waits)),
        )
        entry_ms, entry = ways.entry_ms(), self._arc_entry.copy()
        arc, rival = self._contested
        order = np.lexsort((rival, entry_ms[rival], arc))
        best = order[np.diff(arc[order], prepend=-1) != 0]
        entry[arc[best]] = rival[best]
        dart = arms.entry_dart[entry]
        of_arcs = entry_ms[entry]
        refuse_bad_times(of_arcs)
        other = replace(
            self,
            arc_street=(dart // 2).astype(np.int32),
            arc_forward=dart % 2 == 0,
            arc_entry=None if self.arms is None else entry.astype(np.int32),
            retimed=ways,
        )
        return other, of_arcs.astype(np.int32)

    def table_at(self, travel_ms: Int32Array) -> gpd.GeoDataFrame:
        """Return the table when arcs take `travel_ms`: the table itself if nothing changes."""
        along, against = self.ways(travel_ms).both
        before = self._made.both
        if np.array_equal(along, before[0]) and np.array_equal(against, before[1]):
            return self.table
        slower = along / np.maximum(before[0], 1)
        speed = self.table["speed_mph"].to_numpy(dtype=np.float64)
        return self.table.assign(along_ms=along, against_ms=against, speed_mph=speed / slower)

    @property
    def times_made(self) -> Ways:
        """Return the ways that it was made with."""
        return self.retimed or self._made

    @cached_property
    def ends(self) -> tuple[Int64Array, Int64Array]:
        """Return the junctions at the tail and head of each street."""
        tail, head = (self.table[name].to_numpy(dtype=np.int64) for name in ("tail", "head"))
        return tail, head

    @cached_property
    def length_m(self) -> FloatArray:
        """Return the length of each street, m."""
        length: FloatArray = self.table["length_m"].to_numpy(dtype=np.float64)
        return length

    @cached_property
    def _made(self) -> Ways:
        drive = self.table[["along_ms", "against_ms"]].to_numpy(dtype=np.int64)
        return Ways(drive.ravel(), self.arms or plain_arms(*self.ends))

    @property
    def _arc_entry(self) -> Int64Array:
        """Return the entry that each arc begins with; without arms every dart has one."""
        if self.arc_entry is None:
            return 2 * self.arc_street.astype(np.int64) + ~self.arc_forward
        return self.arc_entry.astype(np.int64)

    @cached_property
    def _contested(self) -> tuple[Int64Array, Int64Array]:
        """Return every arc that may begin with one of several entries, with each of these."""
        made = self._made
        arms, dart = made.arms, made.arms.entry_dart
        drivable = np.flatnonzero(made.drive_ms[dart] >= 0)
        goal = arms.goal[dart[drivable]]
        count = np.int64(max(goal.max(initial=0), arms.node.max(initial=0)) + 1)
        key = arms.node[drivable] * count + goal
        # arcs lie sorted by tail and head, as the distinct keys do
        _, arc, entries_of_arc = np.unique(key, return_inverse=True, return_counts=True)
        several = entries_of_arc[arc] > 1
        return arc[several], drivable[several]


def _waited(wait_ms: Int64Array, slowness: float) -> Int64Array:
    return np.asarray(np.rint(wait_ms * slowness), dtype=np.int64)


def straight_streets(
    arcs: tuple[Int64Array, Int32Array, Int32Array], x: FloatArray, y: FloatArray
) -> Streets:
    """Return straight streets for arcs without any: two opposite arcs are one street driven both ways.

    Parameters
    ----------
    arcs
        ``first_arc``, ``head`` and ``travel_ms`` of a network.
    x, y
        Its node coordinates, m.
    """
    first_arc, head, travel_ms = arcs
    tail = np.repeat(np.arange(len(x)), np.diff(first_arc))
    key = np.minimum(tail, head) * np.int64(len(x)) + np.maximum(tail, head)
    pair, of_arc = np.unique(key, return_inverse=True)
    forward, back = np.full(len(pair), -1), np.full(len(pair), -1)
    forward[of_arc[tail < head]] = np.flatnonzero(tail < head)
    back[of_arc[tail > head]] = np.flatnonzero(tail > head)
    # a street runs from its smaller node, unless it may only be driven from the larger one
    turned = forward < 0
    along, against = np.where(turned, back, forward), np.where(turned, -1, back)
    start, end = tail[along], head[along].astype(np.int64)
    one_way = against < 0
    places = np.column_stack([x, y])
    lines = shapely.linestrings(np.stack([places[start], places[end]], axis=1).reshape(-1, 2, 2))
    length = shapely.length(lines)
    columns: dict[str, Any] = {"tail": start, "head": end}
    columns["along_ms"] = travel_ms[along].astype(np.int64)
    columns["against_ms"] = np.where(one_way, -1, travel_ms[against].astype(np.int64))
    columns |= {"highway": "", "speed_mph": length / columns["along_ms"] * 1000 / MPH}
    columns |= {"built_up": False, "snappable": True, "name": "", "ref": "", "length_m": length}
    table = gpd.GeoDataFrame(columns, index=np.arange(len(pair)), geometry=lines, crs="EPSG:27700")
    order = np.lexsort((y[end], x[end], y[start], x[start]))
    row = np.empty(len(pair), dtype=np.int32)
    row[order] = np.arange(len(pair), dtype=np.int32)
    ordered = table.iloc[order].reset_index(drop=True)[list(COLUMNS)]
    street = row[of_arc]
    return Streets(ordered, street, (tail == start[of_arc]).astype(np.bool_))
