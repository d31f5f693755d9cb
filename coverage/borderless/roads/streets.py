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
from borderless.roads.arrays import BoolArray, FloatArray, Int32Array, Int64Array
from borderless.roads.speed_mix import SpeedMix, slowed, unknown_mix
from borderless.roads.speeds import MPH

#: The columns of a table of streets, in their order.
COLUMNS = (
    *("tail", "head", "along_ms", "against_ms", "highway", "speed_mph", "built_up", "snappable"),
    *("name", "ref", "length_m", "geometry"),
)


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
    retimed
        Times along and against each street where they are other than in `table`.
    """

    table: gpd.GeoDataFrame
    arc_street: Int32Array
    arc_forward: BoolArray
    mix: SpeedMix | None = None
    retimed: tuple[Int64Array, Int64Array] | None = None

    def times(self, travel_ms: Int32Array) -> tuple[Int64Array, Int64Array]:
        """Return the times along and against each street when arcs take `travel_ms`, -1 where not allowed.

        A street beside a faster one, for which no arc stands, keeps the times it was made with.
        """
        along, against = (values.copy() for values in self.times_made)
        back = ~self.arc_forward
        along[self.arc_street[self.arc_forward]] = travel_ms[self.arc_forward]
        against[self.arc_street[back]] = travel_ms[back]
        return along, against

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
        if (slower == 1).all():
            return self, travel_ms
        along, against = (slowed(times, by) for times, by in zip(self.times(travel_ms), slower, strict=True))
        street, forward = self.arc_street.copy(), self.arc_forward.copy()
        arc, rival, rival_forward = self._contested
        times = np.where(rival_forward, along[rival], against[rival])
        order = np.lexsort((rival, times, arc))
        best = order[np.diff(arc[order], prepend=-1) != 0]
        street[arc[best]], forward[arc[best]] = rival[best], rival_forward[best]
        of_arcs = np.where(forward, along[street], against[street])
        refuse_bad_times(of_arcs)
        other = replace(self, arc_street=street, arc_forward=forward, retimed=(along, against))
        return other, of_arcs.astype(np.int32)

    def table_at(self, travel_ms: Int32Array) -> gpd.GeoDataFrame:
        """Return the table when arcs take `travel_ms`: the table itself if nothing changes."""
        along, against = self.times(travel_ms)
        before = self._made
        if np.array_equal(along, before[0]) and np.array_equal(against, before[1]):
            return self.table
        slower = along / np.maximum(before[0], 1)
        speed = self.table["speed_mph"].to_numpy(dtype=np.float64)
        return self.table.assign(along_ms=along, against_ms=against, speed_mph=speed / slower)

    @property
    def times_made(self) -> tuple[Int64Array, Int64Array]:
        """Return the times along and against each street that it was made with."""
        return self.retimed or self._made

    @cached_property
    def ends(self) -> tuple[Int64Array, Int64Array]:
        """Return the nodes at the tail and head of each street."""
        tail, head = (self.table[name].to_numpy(dtype=np.int64) for name in ("tail", "head"))
        return tail, head

    @cached_property
    def length_m(self) -> FloatArray:
        """Return the length of each street, m."""
        length: FloatArray = self.table["length_m"].to_numpy(dtype=np.float64)
        return length

    @cached_property
    def _made(self) -> tuple[Int64Array, Int64Array]:
        along, against = (self.table[name].to_numpy(dtype=np.int64) for name in ("along_ms", "against_ms"))
        return along, against

    @cached_property
    def _contested(self) -> tuple[Int64Array, Int64Array, BoolArray]:
        """Return every arc that may take one of several streets, with each of these and its direction."""
        tail, head = self.ends
        along, against = self._made
        row = np.arange(len(tail))
        start, end = np.concatenate([tail, head]), np.concatenate([head, tail])
        drivable = np.flatnonzero(np.concatenate([along, against]) >= 0)
        count = np.int64(max(start.max(initial=0), 0) + 1)
        key = (start * count + end)[drivable]
        street, forward = np.concatenate([row, row])[drivable], drivable < len(row)
        # arcs lie sorted by tail and head, as the distinct keys do
        _, arc, streets_of_arc = np.unique(key, return_inverse=True, return_counts=True)
        several = streets_of_arc[arc] > 1
        return arc[several], street[several], forward[several]


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
