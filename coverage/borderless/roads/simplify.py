"""A smaller network with the same shortest times: no nodes of degree two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

_Int64 = npt.NDArray[np.int64]
_Bool = npt.NDArray[np.bool_]
_Float64 = npt.NDArray[np.float64]

# pieces are merged only where all of these agree
_ALIKE = ("highway", "speed_mph", "built_up", "snappable", "roundabout")


def contract_chains(nodes: pd.DataFrame, streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join streets that meet end to end, so that nodes of degree two disappear.

    Times and lengths add up exactly and lines are joined in order. Streets are joined only where class,
    speed, built-up, snappability and one-way state agree, so that a joined street has one speed. The name
    and ref of the longest named piece are kept, and the speed class of the longest. A chain that returns to
    its start keeps one node in between and a ring without a junction keeps all of its nodes, so that no
    street becomes a self-loop.

    Parameters
    ----------
    nodes
        Columns ``x``, ``y``, m, and ``keep``, true where a node stays, if there is any.
    streets
        As in :class:`borderless.roads.network.RoadNetwork`, without self-loops, one-way streets along
        their line.

    Returns
    -------
    geopandas.GeoDataFrame
        The joined streets, same columns, ``tail`` and ``head`` still rows of `nodes`.
    """
    if not len(streets):
        return streets
    ends = _Ends.of(streets)
    through = _passable(len(nodes), streets, ends)
    if "keep" in nodes:
        through &= ~nodes["keep"].to_numpy(dtype=np.bool_)
    x, y = nodes["x"].to_numpy(), nodes["y"].to_numpy()
    rank_xy = np.empty(len(nodes), dtype=np.int64)
    rank_xy[np.lexsort((y, x))] = np.arange(len(nodes))
    while True:
        chains = _trace(through, ends)
        keep = _nodes_to_keep(chains, ends, rank_xy)
        if not len(keep):
            break
        through[keep] = False
    dart, chain = _oriented(chains, ends, rank_xy)
    return _join(streets, ends, dart, chain)


@dataclass(frozen=True)
class _Ends:
    """Each street twice: dart 2s drives street s along its line, dart 2s + 1 against it."""

    start: _Int64
    end: _Int64
    two_way: _Bool

    @classmethod
    def of(cls, streets: gpd.GeoDataFrame) -> _Ends:
        tail = streets["tail"].to_numpy(dtype=np.int64)
        head = streets["head"].to_numpy(dtype=np.int64)
        start = np.stack([tail, head], axis=1).ravel()
        end = np.stack([head, tail], axis=1).ravel()
        return cls(start, end, np.asarray(streets["against_ms"].to_numpy() >= 0))


@dataclass(frozen=True)
class _Chains:
    """For every dart: the last dart of its chain and how many darts follow; rings have no last dart."""

    last: _Int64
    following: _Int64
    ring: _Bool


def _passable(count: int, streets: gpd.GeoDataFrame, ends: _Ends) -> _Bool:
    """Return which nodes join exactly two streets that are alike."""
    degree = np.bincount(ends.start, minlength=count)
    order = np.argsort(ends.start, kind="stable")
    first = (np.cumsum(degree) - degree)[degree == 2]
    one, other = order[first], order[first + 1]
    a, b = one // 2, other // 2
    alike = a != b
    for column in _ALIKE:
        code = pd.factorize(streets[column])[0]
        alike &= code[a] == code[b]
    symmetric = (streets["along_ms"] == streets["against_ms"]).to_numpy() | ~ends.two_way
    alike &= symmetric[a] & symmetric[b] & (ends.two_way[a] == ends.two_way[b])
    # two one-way streets follow each other when one leaves the node along its line and the other does not
    alike &= ends.two_way[a] | ((one % 2) != (other % 2))
    through = np.zeros(count, dtype=np.bool_)
    through[degree == 2] = alike
    return through


def _trace(through: _Bool, ends: _Ends) -> _Chains:
    """Follow every dart to the end of its chain by doubling the stride."""
    darts = np.arange(len(ends.start))
    joined = through[ends.end]
    # at a node with two street ends, the next dart starts there and is not this one turned round
    leaving = np.zeros(len(through), dtype=np.int64)
    np.add.at(leaving, ends.start, darts)
    target = np.where(joined, leaving[ends.end] - (darts ^ 1), darts)
    steps = joined.astype(np.int64)
    for _ in range(int(np.ceil(np.log2(len(darts) + 1))) + 1):
        onward = steps[target]
        if not onward.any():
            break
        steps = steps + onward
        target = target[target]
    ring = through[ends.end[target]] & joined
    return _Chains(target, steps, ring)


def _nodes_to_keep(chains: _Chains, ends: _Ends, rank_xy: _Int64) -> _Int64:
    """Return nodes that must stay after all: every node of a ring, one inside a chain that closes."""
    ring_nodes = ends.end[chains.ring]
    darts = np.arange(len(ends.start))
    origin = ends.start[chains.last[darts ^ 1] ^ 1]
    closed = ~chains.ring & (chains.following > 0) & (origin == ends.end[chains.last])
    if not closed.any():
        return np.unique(ring_nodes)
    # a closed chain appears in both directions; any of its inner nodes will do, the first by place is taken
    chain = np.minimum(chains.last, chains.last[darts ^ 1])[closed]
    inner = ends.end[closed]
    order = np.lexsort((rank_xy[inner], chain))
    _, first = np.unique(chain[order], return_index=True)
    return np.unique(np.concatenate([ring_nodes, inner[order][first]]))


def _oriented(chains: _Chains, ends: _Ends, rank_xy: _Int64) -> tuple[_Int64, _Int64]:
    """Return one dart for each street in driving order, chain by chain, and the chain's number from 0.

    One-way chains run along their streets, others from the end farther west, so that the direction does
    not depend on how the file was sorted.
    """
    darts = np.arange(len(ends.start))
    origin = ends.start[chains.last[darts ^ 1] ^ 1]
    goal = ends.end[chains.last]
    chosen = np.where(ends.two_way[darts // 2], rank_xy[origin] < rank_xy[goal], darts % 2 == 0)
    dart = darts[chosen]
    dart = dart[np.lexsort((-chains.following[dart], chains.last[dart]))]
    last = chains.last[dart]
    return dart, np.cumsum(np.diff(last, prepend=last[:1]) != 0)


def _join(streets: gpd.GeoDataFrame, ends: _Ends, dart: _Int64, chain: _Int64) -> gpd.GeoDataFrame:
    piece, turned = dart // 2, dart % 2 == 1
    count = int(chain[-1]) + 1 if len(chain) else 0
    first = np.searchsorted(chain, np.arange(count))
    last = np.searchsorted(chain, np.arange(count), side="right") - 1
    along, against = (streets[name].to_numpy(dtype=np.int64)[piece] for name in ("along_ms", "against_ms"))
    forward, back = np.where(turned, against, along), np.where(turned, along, against)
    length = streets["length_m"].to_numpy()[piece]
    columns: dict[str, npt.NDArray[Any]] = {"tail": ends.start[dart[first]], "head": ends.end[dart[last]]}
    columns["along_ms"] = np.add.reduceat(forward, first)
    columns["against_ms"] = np.where(back[first] < 0, -1, np.add.reduceat(back, first))
    for name in _ALIKE:
        columns[name] = streets[name].to_numpy()[piece[first]]
    for name in ("name", "ref"):
        text = streets[name].to_numpy(dtype=object)[piece]
        columns[name] = text[np.lexsort((length, text != "", chain))][last]
    # pieces have one speed, and so nearly always one class
    longest = np.lexsort((length, chain))[last]
    mix, back = (streets[name].to_numpy()[piece[longest]] for name in ("mix", "mix_back"))
    columns["mix"] = np.where(turned[longest], back, mix)
    columns["mix_back"] = np.where(turned[longest], mix, back)
    columns["length_m"] = np.bincount(chain, weights=length, minlength=count)
    lines = _joined_lines(np.asarray(streets.geometry.array)[piece], turned, chain)
    return gpd.GeoDataFrame(columns, geometry=lines, crs=streets.crs)


def _joined_lines(lines: npt.NDArray[np.object_], turned: _Bool, chain: _Int64) -> npt.NDArray[np.object_]:
    """Join lines in order into one for each chain; `turned` ones are taken from their end."""
    points = shapely.get_coordinates(lines)
    size = shapely.get_num_points(lines).astype(np.int64)
    start = np.cumsum(size) - size
    within = np.arange(len(points)) - np.repeat(start, size)
    backward = np.repeat(turned, size)
    take = np.where(backward, np.repeat(start + size - 1, size) - within, np.arange(len(points)))
    # a piece after the first begins where the one before ended
    follows = np.diff(chain, prepend=-1) == 0
    keep = ~((within == 0) & np.repeat(follows, size))
    joined: npt.NDArray[np.object_] = shapely.linestrings(
        points[take][keep], indices=np.repeat(chain, size)[keep]
    )
    return joined
