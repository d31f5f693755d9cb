"""What a hierarchy owes to the layout of the roads alone: its order, its tree and its shortcuts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from numba import njit

from borderless import cache, store
from borderless.roads.arrays import BoolArray, FloatArray, Int32Array, Int64Array
from borderless.roads.ordering import dissection, neighbours

# smaller networks are ordered faster than a file is read
_CACHE_FROM_NODES = 20_000


@dataclass(frozen=True, eq=False)
class Topology:
    """An elimination tree over n nodes and its e edges, the arcs and shortcuts of every possible metric.

    Nodes have places: the tree's pre-order, so that ancestors come first and a subtree is a run of places.
    An edge joins a place to one of its ancestors. Shortest ways climb edges and then descend edges
    (Dibbelt, Strasser and Wagner 2016).

    Parameters
    ----------
    place
        Each node's place, int32, shape (n,).
    parent
        Each place's parent, -1 at a root, int32, shape (n,).
    level
        How many ancestors a place has, int32, shape (n,).
    after
        The first place beyond a place's subtree, int32, shape (n,).
    first_edge
        Edges of place p are ``first_edge[p]:first_edge[p + 1]``, int64, shape (n + 1,).
    above
        The ancestor an edge leads to, ascending within a place, int32, shape (e,).
    above_level
        That ancestor's level, int32, shape (e,).
    arc_edge
        The edge each arc of the network runs along, int32, shape (m,).
    arc_climbs
        Whether it runs towards the ancestor, shape (m,).
    """

    place: Int32Array
    parent: Int32Array
    level: Int32Array
    after: Int32Array
    first_edge: Int64Array
    above: Int32Array
    above_level: Int32Array
    arc_edge: Int32Array
    arc_climbs: BoolArray

    @cached_property
    def in_order(self) -> bool:
        """Return whether every node is its own place, so that sweeps may write in order."""
        return bool((self.place == np.arange(len(self.place))).all())


def build_topology(
    first_arc: Int64Array, head: Int32Array, x: FloatArray, y: FloatArray, *, in_order: bool = False
) -> Topology:
    """Return the elimination tree and its edges, from the cache where the same roads were seen before.

    Parameters
    ----------
    first_arc, head, x, y
        The network; see :class:`borderless.roads.network.RoadNetwork`.
    in_order
        The nodes are numbered in pre-order of a good elimination tree already.
    """
    tail = np.repeat(np.arange(len(x), dtype=np.int32), np.diff(first_arc))

    def compute() -> dict[str, np.ndarray]:
        first, neighbour = neighbours(len(x), tail, head)
        # numbers in pre-order go against the order of elimination
        backwards = np.arange(len(x), dtype=np.int32)[::-1].copy()
        place, parent = _tree(first, neighbour, backwards if in_order else dissection(first, neighbour, x, y))
        first_edge, above = _edges(first, neighbour, place, parent)
        return {"place": place, "parent": parent, "first_edge": first_edge, "above": above}

    if len(x) < _CACHE_FROM_NODES:
        kept: Mapping[str, np.ndarray] = compute()
    else:
        key = cache.cache_key("topology", in_order, store.sha256_of_arrays([first_arc, head, x, y]))
        kept = cache.cached(key, compute)
    place, parent, first_edge, above = (kept[name] for name in ("place", "parent", "first_edge", "above"))
    level, after = _levels(parent)
    arc_edge, arc_climbs = _edges_of_arcs(place[tail], place[head], first_edge, above)
    return Topology(place, parent, level, after, first_edge, above, level[above], arc_edge, arc_climbs)


def places_in_order(count: int, tail: npt.ArrayLike, head: npt.ArrayLike, xy: FloatArray) -> Int32Array:
    """Return for each node the number that makes a network's numbers the places of its tree.

    Parameters
    ----------
    count
        Number of nodes, n.
    tail, head
        Nodes of each arc or street.
    xy
        Coordinates, shape (n, 2).
    """
    first, neighbour = neighbours(count, tail, head)
    place, _ = _tree(first, neighbour, dissection(first, neighbour, xy[:, 0], xy[:, 1]))
    return place


def _tree(first: Int64Array, neighbour: Int32Array, order: Int32Array) -> tuple[Int32Array, Int32Array]:
    """Return each node's place in the pre-order of an elimination tree, and each place's parent."""
    by_rank = _elimination_tree(first, neighbour, order)
    place_of_rank = _preorder(by_rank)
    place, parent = np.empty(len(order), dtype=np.int32), np.full(len(order), -1, dtype=np.int32)
    place[order] = place_of_rank
    inner = by_rank >= 0
    parent[place_of_rank[inner]] = place_of_rank[by_rank[inner]]
    return place, parent


@njit(cache=True)
def _elimination_tree(first: Int64Array, neighbour: Int32Array, order: Int32Array) -> Int32Array:
    """Return each rank's parent (Liu 1990): the first node left that elimination joins it to."""
    count = len(order)
    rank = np.empty(count, np.int32)
    for i in range(count):
        rank[order[i]] = i
    parent = np.full(count, -1, np.int32)
    # a short way up to the root of the tree so far
    shortcut = np.full(count, -1, np.int32)
    for i in range(count):
        for k in range(first[order[i]], first[order[i] + 1]):
            below = rank[neighbour[k]]
            while below != -1 and below < i:
                onward = shortcut[below]
                shortcut[below] = i
                if onward == -1:
                    parent[below] = i
                below = onward
    return parent


@njit(cache=True)
def _preorder(parent: Int32Array) -> Int32Array:
    """Return each rank's place when ancestors come first and subtrees stay together."""
    count = len(parent)
    size = np.ones(count, np.int32)
    for i in range(count):
        if parent[i] >= 0:
            size[parent[i]] += size[i]
    place, free, begin = np.empty(count, np.int32), np.empty(count, np.int32), 0
    for i in range(count - 1, -1, -1):
        if parent[i] < 0:
            place[i] = begin
            begin += size[i]
        else:
            place[i] = free[parent[i]]
            free[parent[i]] += size[i]
        free[i] = place[i] + 1
    return place


@njit(cache=True)
def _edges(
    first: Int64Array, neighbour: Int32Array, place: Int32Array, parent: Int32Array
) -> tuple[Int64Array, Int32Array]:
    """Return where each place's edges begin, and all ancestors that edges lead to.

    Edges lead to place p from all places on the ways up the tree from p's neighbours below to p (Liu 1990).
    Two walks, one to count and one to write, need no more room than the edges themselves.
    """
    count = len(place)
    node_at = np.empty(count, np.int32)
    for node in range(count):
        node_at[place[node]] = node
    size, above = np.zeros(count + 1, np.int64), np.empty(0, np.int32)
    for writing in (False, True):
        # places from the root down, so that every place's ancestors come out ascending
        seen = np.full(count, -1, np.int32)
        for p in range(count):
            seen[p] = p
            for k in range(first[node_at[p]], first[node_at[p] + 1]):
                below = place[neighbour[k]]
                while below > p and seen[below] != p:
                    seen[below] = p
                    if writing:
                        above[size[below]] = p
                    size[below] += 1
                    below = parent[below]
        if not writing:
            # from sizes to starts; writing moves each start to the next one's
            size = np.cumsum(size) - size
            above = np.empty(size[count], np.int32)
    size[1:] = size[:-1].copy()
    size[0] = 0
    return size, above


@njit(cache=True)
def _levels(parent: Int32Array) -> tuple[Int32Array, Int32Array]:
    """Return each place's number of ancestors and the first place beyond its subtree."""
    count = len(parent)
    level = np.zeros(count, np.int32)
    after = np.arange(1, count + 1).astype(np.int32)
    for p in range(count):
        if parent[p] >= 0:
            level[p] = level[parent[p]] + 1
    for p in range(count - 1, -1, -1):
        if parent[p] >= 0:
            after[parent[p]] = max(after[parent[p]], after[p])
    return level, after


@njit(cache=True)
def _edges_of_arcs(
    tail: Int32Array, head: Int32Array, first_edge: Int64Array, above: Int32Array
) -> tuple[Int32Array, BoolArray]:
    """Return the edge that each arc between two places runs along, and whether it climbs."""
    edge = np.empty(len(tail), np.int32)
    climbs = np.empty(len(tail), np.bool_)
    for arc in range(len(tail)):
        upper, lower = min(tail[arc], head[arc]), max(tail[arc], head[arc])
        low, high = first_edge[lower], first_edge[lower + 1]
        while low < high:
            middle = (low + high) >> 1
            if above[middle] < upper:
                low = middle + 1
            else:
                high = middle
        edge[arc] = low
        climbs[arc] = head[arc] < tail[arc]
    return edge, climbs
