"""Compiled searches for condensing: times between kept nodes, what ways are made of, thinning of links."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_NONE = np.iinfo(np.int64).max


@njit(cache=True)
def _push(keys: NDArray[np.int64], nodes: NDArray[np.int64], size: int, key: int, node: int) -> None:
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] <= key:
            break
        keys[i], nodes[i] = keys[parent], nodes[parent]
        i = parent
    keys[i], nodes[i] = key, node


@njit(cache=True)
def _drop_first(keys: NDArray[np.int64], nodes: NDArray[np.int64], size: int) -> None:
    """Remove the smallest of `size` entries; `size - 1` remain."""
    last = size - 1
    key, node = keys[last], nodes[last]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= last:
            break
        if child + 1 < last and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[i], nodes[i] = keys[child], nodes[child]
        i = child
    keys[i], nodes[i] = key, node


@njit(cache=True)
def times_between(
    first_arc: NDArray[np.int64],
    head: NDArray[np.int64],
    travel_ms: NDArray[np.int64],
    sources: NDArray[np.int64],
    number: NDArray[np.int64],
    limit_ms: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Return the exact times from each source to every kept node within a limit (Dijkstra 1959).

    Parameters
    ----------
    first_arc, head, travel_ms
        Arcs by tail.
    sources
        Nodes to search from, shape (s,).
    number
        For each node its number among the kept ones, -1 for the others.
    limit_ms
        Inclusive.

    Returns
    -------
    first, to, time
        Rows by source: kept numbers reached in rows ``first[s]:first[s + 1]``, nearest first, and their
        times; a source itself is left out.
    """
    count = len(first_arc) - 1
    distance = np.full(count, _NONE)
    keys = np.empty(len(head) + 1, np.int64)
    nodes = np.empty(len(head) + 1, np.int64)
    touched = np.empty(count, np.int64)
    first = np.zeros(len(sources) + 1, np.int64)
    to = np.empty(1024, np.int32)
    time = np.empty(1024, np.int32)
    found = 0
    for s in range(len(sources)):
        source = sources[s]
        distance[source] = 0
        touched[0] = source
        marked = 1
        _push(keys, nodes, 0, 0, source)
        size = 1
        while size > 0:
            key, node = keys[0], nodes[0]
            _drop_first(keys, nodes, size)
            size -= 1
            if key > distance[node]:
                continue
            if number[node] >= 0 and node != source:
                if found == len(to):
                    to = np.concatenate((to, np.empty_like(to)))
                    time = np.concatenate((time, np.empty_like(time)))
                to[found], time[found] = number[node], key
                found += 1
            for arc in range(first_arc[node], first_arc[node + 1]):
                other = key + travel_ms[arc]
                neighbour = head[arc]
                if other <= limit_ms and other < distance[neighbour]:
                    if distance[neighbour] == _NONE:
                        touched[marked] = neighbour
                        marked += 1
                    distance[neighbour] = other
                    _push(keys, nodes, size, other, neighbour)
                    size += 1
        for i in range(marked):
            distance[touched[i]] = _NONE
        first[s + 1] = found
    return first, to[:found].copy(), time[:found].copy()


@njit(cache=True)
def time_by_class(
    first_arc: NDArray[np.int64],
    head: NDArray[np.int64],
    travel_ms: NDArray[np.int64],
    wait_ms: NDArray[np.int64],
    mix: NDArray[np.int64],
    share: NDArray[np.float64],
    sources: NDArray[np.int64],
    first: NDArray[np.int64],
    to: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return how the time of quickest ways divides over speed classes (Dijkstra 1959).

    Parameters
    ----------
    first_arc, head, travel_ms
        Arcs by tail.
    wait_ms
        What of an arc's time is waited at junctions; the last class takes it.
    mix
        For each arc its row of `share`.
    share
        Share of the rest in each class, shape (mixes, classes).
    sources
        Nodes that ways start from, shape (s,).
    first, to
        Ways of source s lead to the nodes ``to[first[s]:first[s + 1]]``, each one reachable.

    Returns
    -------
    by_class, time
        Time in each class and in all, ms, shapes (ways, classes) and (ways,).
    """
    count, classes = len(first_arc) - 1, share.shape[1]
    distance, wanted = np.full(count, _NONE), np.zeros(count, np.bool_)
    by_arc, from_node = np.empty(count, np.int64), np.empty(count, np.int64)
    keys, nodes = np.empty(len(head) + 1, np.int64), np.empty(len(head) + 1, np.int64)
    touched = np.empty(count, np.int64)
    by_class, time = np.zeros((len(to), classes)), np.zeros(len(to), np.int64)
    for s in range(len(sources)):
        distance[sources[s]], touched[0], marked = 0, sources[s], 1
        _push(keys, nodes, 0, 0, sources[s])
        size, left = 1, first[s + 1] - first[s]
        wanted[to[first[s] : first[s + 1]]] = True
        while size > 0 and left > 0:
            key, node = keys[0], nodes[0]
            _drop_first(keys, nodes, size)
            size -= 1
            if key > distance[node]:
                continue
            if wanted[node]:
                wanted[node] = False
                left -= 1
            for arc in range(first_arc[node], first_arc[node + 1]):
                other, neighbour = key + travel_ms[arc], head[arc]
                if other < distance[neighbour]:
                    if distance[neighbour] == _NONE:
                        touched[marked] = neighbour
                        marked += 1
                    distance[neighbour], by_arc[neighbour], from_node[neighbour] = other, arc, node
                    _push(keys, nodes, size, other, neighbour)
                    size += 1
        for way in range(first[s], first[s + 1]):
            node = to[way]
            time[way] = distance[node]
            while node != sources[s]:
                arc = by_arc[node]
                by_class[way] += (travel_ms[arc] - wait_ms[arc]) * share[mix[arc]]
                by_class[way, classes - 1] += wait_ms[arc]
                node = from_node[node]
        for i in range(marked):
            distance[touched[i]] = _NONE
    return by_class, time


@njit(cache=True)
def traffic(
    order: NDArray[np.int64], predecessor: NDArray[np.int32], load: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the load that passes each node of a shortest-path tree.

    Parameters
    ----------
    order
        Nodes, farthest first.
    predecessor
        The node before each on the way from the root, negative at the root.
    load
        What is destined for each node.
    """
    passing = load.copy()
    for node in order:
        before = predecessor[node]
        if before >= 0:
            passing[before] += passing[node]
    return passing


@njit(cache=True)
def _pair(first: NDArray[np.int64], to: NDArray[np.int32], row: int, target: int) -> int:
    """Return the place of a target in a row sorted by target, -1 when it is not there."""
    low, high = first[row], first[row + 1]
    while low < high:
        middle = (low + high) >> 1
        if to[middle] < target:
            low = middle + 1
        else:
            high = middle
    return low if low < first[row + 1] and to[low] == target else -1


@njit(cache=True)
def thin_links(
    first: NDArray[np.int64],
    row: NDArray[np.int32],
    to: NDArray[np.int32],
    time: NDArray[np.int32],
    order: NDArray[np.int64],
    stretch: float,
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Choose the links of a greedy spanner (Althöfer et al. 1993): short ones first, others only if needed.

    Parameters
    ----------
    first, row, to, time
        Pairs of kept nodes with exact times; each row sorted by `to`.
    order
        Pairs in ascending time.
    stretch
        A pair gets a link of its own unless chosen links join it within ``(1 + stretch) × time``.

    Returns
    -------
    chosen, over
        Whether a pair is a link, and its time over the chosen links (at most `stretch` longer).
    """
    over = np.full(len(to), _NONE)
    chosen = np.zeros(len(to), np.bool_)
    newest = np.full(len(first) - 1, -1, np.int64)
    older = np.full(len(to), -1, np.int64)
    for pair in order:
        limit = time[pair] + np.int64(time[pair] * stretch)
        best = _NONE
        link = newest[row[pair]]
        while link >= 0:
            if time[link] < best:
                rest = _pair(first, to, to[link], to[pair])
                if rest >= 0 and over[rest] != _NONE:
                    best = min(best, time[link] + over[rest])
            link = older[link]
        if best <= limit:
            over[pair] = best
        else:
            chosen[pair] = True
            over[pair] = time[pair]
            older[pair] = newest[row[pair]]
            newest[row[pair]] = pair
    return chosen, over


@njit(cache=True)
def links_to_leaf(
    first: NDArray[np.int64],
    to: NDArray[np.int32],
    over: NDArray[np.int64],
    leaf_first: NDArray[np.int64],
    leaf_from: NDArray[np.int32],
    leaf_time: NDArray[np.int32],
    stretch: float,
    slack_ms: int,
) -> NDArray[np.bool_]:
    """Choose links into places that are only reached, never passed: short ones first, others if needed.

    Parameters
    ----------
    first, to, over
        Times over the chosen links between the other nodes, as :func:`thin_links` gives them.
    leaf_first, leaf_from, leaf_time
        For each leaf the nodes it is reached from with exact times, ascending.
    stretch, slack_ms
        A pair gets no link of its own when chosen ones join it at most this share, or this much, slower.
    """
    chosen = np.zeros(len(leaf_from), np.bool_)
    for leaf in range(len(leaf_first) - 1):
        for pair in range(leaf_first[leaf], leaf_first[leaf + 1]):
            limit = leaf_time[pair] + max(np.int64(leaf_time[pair] * stretch), slack_ms)
            joined = False
            for link in range(leaf_first[leaf], pair):
                if chosen[link]:
                    rest = _pair(first, to, leaf_from[pair], leaf_from[link])
                    if rest >= 0 and over[rest] != _NONE and over[rest] + leaf_time[link] <= limit:
                        joined = True
                        break
            chosen[pair] = not joined
    return chosen
