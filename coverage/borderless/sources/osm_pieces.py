"""Ways of OpenStreetMap cut into street pieces that meet only at their ends, and parted at barriers."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

UNDEFINED = 2**31 - 1

_Int64 = npt.NDArray[np.int64]
_Float64 = npt.NDArray[np.float64]
_Bool = npt.NDArray[np.bool_]


@dataclass
class Ways:
    """The driven ways as flat arrays: node references in order, and codes and names by way.

    Parameters
    ----------
    reference, x, y
        Of every node of every way, in order; x and y in ten-millionths of a degree.
    node_count, id
        By way.
    code
        By way: which of the distinct sets of tags is its own.
    name, ref
        By way.
    """

    reference: array[int] = field(default_factory=lambda: array("q"))
    x: array[int] = field(default_factory=lambda: array("i"))
    y: array[int] = field(default_factory=lambda: array("i"))
    node_count: array[int] = field(default_factory=lambda: array("q"))
    id: array[int] = field(default_factory=lambda: array("q"))
    code: array[int] = field(default_factory=lambda: array("q"))
    name: list[str] = field(default_factory=list)
    ref: list[str] = field(default_factory=list)

    def add_nodes(self, nodes: Any) -> None:
        """Append the nodes of one way."""
        add_reference, add_x, add_y = self.reference.append, self.x.append, self.y.append
        before = len(self.reference)
        for node in nodes:
            location = node.location
            add_reference(node.ref)
            add_x(location.x)
            add_y(location.y)
        self.node_count.append(len(self.reference) - before)


@dataclass
class Points:
    """What stands at nodes: barriers by kind and whether they stop a car, and what holds cars up."""

    barrier: dict[int, str] = field(default_factory=dict)
    stops: set[int] = field(default_factory=set)
    control: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pieces:
    """Street pieces as slices (`first` to `last`, both included) of the kept way nodes.

    Parameters
    ----------
    way, first, last
        By piece: its way, and the places of its ends.
    tail, head
        By piece: the keys of its end nodes, which are references but where a barrier parts a node.
    reference, x, y
        Of the kept way nodes.
    parted
        Key of each part of a node with a barrier → the node's reference.
    control
        Reference → what holds cars up there.
    stopped, passed
        How many barriers of each kind stand on the streets and part them, or let cars pass.
    ways_cut, nodes_missing
        Ways with missing nodes, and how many are missing.
    """

    way: _Int64
    first: _Int64
    last: _Int64
    tail: _Int64
    head: _Int64
    reference: _Int64
    x: _Int64
    y: _Int64
    parted: Mapping[int, int]
    control: Mapping[int, str]
    stopped: Counter[str]
    passed: Counter[str]
    ways_cut: _Int64
    nodes_missing: int


def split(ways: Ways, points: Points, gone: frozenset[int]) -> Pieces:
    """Cut ways where streets meet, at barriers and controls, at gaps, and loops in their middle.

    Nothing passes through a barrier that stops cars: the streets on both sides lead up to it and end
    there, each in a node of its own. Where three or more streets meet at one, the ways that run through
    pass beside it and those that end there are cut off, as it stands on them.

    Parameters
    ----------
    ways
        The driven ways.
    points
        Barriers and controls; those that are on no driven way do not matter.
    gone
        Nodes that were deleted, and are missing.
    """
    reference = np.frombuffer(ways.reference, dtype=np.int64)
    x = np.frombuffer(ways.x, dtype=np.int32).astype(np.int64)
    y = np.frombuffer(ways.y, dtype=np.int32).astype(np.int64)
    node_count = np.frombuffer(ways.node_count, dtype=np.int64)
    way = np.repeat(np.arange(len(node_count)), node_count)
    present = (x != UNDEFINED) & ~_among(reference, gone)
    new_run = np.ones(len(way), dtype=np.bool_)
    new_run[1:] = (way[1:] != way[:-1]) | ~present[:-1]
    keep = present.copy()
    # a node listed twice in a row would make a piece without length
    keep[1:] &= new_run[1:] | (reference[1:] != reference[:-1])
    run = np.cumsum(new_run)[keep]
    ways_cut, missing = np.unique(way[~present]), int((~present).sum())
    way, reference, x, y = way[keep], reference[keep], x[keep], y[keep]
    stop, held = _among(reference, points.stops), _among(reference, points.control)
    cut = _cut_positions(reference, run, stop | held)
    first, last = cut[:-1], cut[1:]
    whole = run[first] == run[last]
    first, last = first[whole], last[whole]
    parted = _parted(reference, run, stop)
    tail, head, parts = _keys(reference, first, last, parted)
    stopped = Counter(points.barrier[node] for node in set(reference[parted].tolist()))
    free = points.barrier.keys() - points.stops
    passed = Counter(points.barrier[node] for node in set(reference[_among(reference, free)].tolist()))
    control = _controls(reference, run, held, points.control)
    places = (way[first], first, last, tail, head, reference, x, y)
    return Pieces(*places, parts, control, stopped, passed, ways_cut, missing)


def node_table(
    pieces: Pieces, x: _Float64, y: _Float64
) -> tuple[dict[str, npt.NDArray[Any]], _Int64, _Int64]:
    """Return the columns of nodes, and the tail and head of every piece as rows of them."""
    ends, number = np.unique(np.concatenate([pieces.tail, pieces.head]), return_inverse=True)
    tail, head = np.split(number.astype(np.int64), 2)
    node_x, node_y = np.empty(len(ends)), np.empty(len(ends))
    for node, position in ((tail, pieces.first), (head, pieces.last)):
        node_x[node], node_y[node] = x[position], y[position]
    name, control = ends.astype(str).astype(object), np.full(len(ends), "", dtype=object)
    count: Counter[int] = Counter()
    for key, reference in sorted(pieces.parted.items()):
        count[reference] += 1
        name[np.searchsorted(ends, key)] = f"{reference}:{count[reference]}"
    for reference, held in pieces.control.items():
        row = np.searchsorted(ends, reference)
        if row < len(ends) and ends[row] == reference:
            control[row] = held
    return {"id": name, "x": node_x, "y": node_y, "control": control}, tail, head


def piece_lines(pieces: Pieces, x: _Float64, y: _Float64) -> npt.NDArray[np.object_]:
    """Return the line of every piece."""
    size = pieces.last - pieces.first + 1
    piece = np.repeat(np.arange(len(size)), size)
    position = np.arange(size.sum()) + np.repeat(pieces.first - (np.cumsum(size) - size), size)
    lines: npt.NDArray[np.object_] = shapely.linestrings(x[position], y[position], indices=piece)
    return lines


def _among(reference: _Int64, nodes: Any) -> _Bool:
    if not nodes:
        return np.zeros(len(reference), dtype=np.bool_)
    return np.isin(reference, np.fromiter(nodes, dtype=np.int64, count=len(nodes)))


def _cut_positions(reference: _Int64, run: _Int64, also: _Bool) -> _Int64:
    """Return the positions where pieces end: shared nodes, ends of runs, others, and the middle of loops."""
    if not len(reference):
        return np.zeros(0, dtype=np.int64)
    _, number, uses = np.unique(reference, return_inverse=True, return_counts=True)
    cut = (uses[number] > 1) | also
    starts, ends = _run_ends(run)
    cut |= starts | ends
    at = np.flatnonzero(cut)
    loop = (reference[at[:-1]] == reference[at[1:]]) & (run[at[:-1]] == run[at[1:]])
    cut[(at[:-1][loop] + at[1:][loop]) // 2] = True
    return np.flatnonzero(cut)


def _run_ends(run: _Int64) -> tuple[_Bool, _Bool]:
    edge = run[1:] != run[:-1]
    return np.append(True, edge)[: len(run)], np.append(edge, True)[-len(run) :]


def _parted(reference: _Int64, run: _Int64, stop: _Bool) -> _Int64:
    """Return the positions at which a barrier keeps a street from what else meets there."""
    at = np.flatnonzero(stop)
    if not len(at):
        return at
    starts, ends = _run_ends(run)
    arms = 2 - starts[at].astype(np.int64) - ends[at]
    _, number = np.unique(reference[at], return_inverse=True)
    meeting = np.bincount(number, weights=arms)[number]
    return at[np.where(arms == 2, meeting == 2, meeting >= 2)]


def _keys(
    reference: _Int64, first: _Int64, last: _Int64, parted: _Int64
) -> tuple[_Int64, _Int64, dict[int, int]]:
    """Return the keys of pieces' ends; at a barrier each piece has its own."""
    tail, head = reference[first].copy(), reference[last].copy()
    parts: dict[int, int] = {}
    if len(parted):
        beyond = int(reference.max()) + 1
        for key, position, side in ((tail, first, 0), (head, last, 1)):
            own = np.isin(position, parted)
            key[own] = beyond + 2 * position[own] + side
            parts |= dict(zip(key[own].tolist(), reference[position[own]].tolist(), strict=True))
    return tail, head, parts


def _controls(reference: _Int64, run: _Int64, held: _Bool, control: Mapping[int, str]) -> dict[int, str]:
    """Return the controls on streets; a direction is told only where one way runs through the node."""
    at = np.flatnonzero(held)
    if not len(at):
        return {}
    starts, ends = _run_ends(run)
    nodes, number, uses = np.unique(reference[at], return_inverse=True, return_counts=True)
    inside = (uses == 1) & (np.bincount(number, weights=starts[at] | ends[at]) == 0)
    return {
        node: control[node] if one else control[node].partition(":")[0]
        for node, one in zip(nodes.tolist(), inside.tolist(), strict=True)
    }
