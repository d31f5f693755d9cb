"""The overlay graph: kept nodes joined by links that carry exact shortest times, thinned to a spanner."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from borderless.condense.placed import PlacedNetwork
from borderless.condense.search import links_to_leaf, thin_links, times_between, traffic
from borderless.roads.network import UNREACHABLE


@dataclass(frozen=True)
class Overlay:
    """Kept nodes and their links.

    Parameters
    ----------
    node
        Nodes of the placed network that are kept, ascending, shape (kept,).
    links
        tail, head (numbers among the kept) and travel_ms, ordered by tail and head.
    """

    node: NDArray[np.int64]
    links: pd.DataFrame


@dataclass(frozen=True)
class OverlayRules:
    """How much is kept.

    Parameters
    ----------
    junctions
        How many of the most-travelled junctions are kept besides the places.
    spacing_m
        At most one of them in each square of this side.
    stretch
        A link is dropped when others join its ends at most this much slower.
    leaf_stretch, leaf_slack_s
        The same for places without people, which are reached and never passed; the larger of both counts.
    limit_min
        Links are at most this long, in minutes of driving.
    """

    junctions: int = 1900
    spacing_m: float = 750.0
    stretch: float = 0.018
    leaf_stretch: float = 0.10
    leaf_slack_s: float = 10.0
    limit_min: float = 15.0


def busiest_junctions(
    network: PlacedNetwork,
    origins: NDArray[np.int64],
    load: NDArray[np.float64],
    rules: OverlayRules,
) -> NDArray[np.int64]:
    """Return the junctions that most shortest paths from the origins pass.

    Parameters
    ----------
    network
        Where paths run.
    origins
        Nodes that units start from.
    load
        What is destined for each node, shape (nodes,).
    rules
        How many, and how far apart.
    """
    matrix = _matrix(network)
    passing = np.zeros(network.node_count)
    for origin in origins:
        distance, before = csgraph.dijkstra(matrix, indices=np.array([origin]), return_predecessors=True)
        order = np.argsort(-np.where(np.isfinite(distance[0]), distance[0], -1.0), kind="stable")
        passing += traffic(order.astype(np.int64), before[0].astype(np.int32), load)
    neighbours = np.diff(network.first_arc) >= 3
    square_x = np.floor(network.x / rules.spacing_m).astype(np.int64)
    square_y = np.floor(network.y / rules.spacing_m).astype(np.int64)
    candidates = np.flatnonzero(neighbours & (passing > 0))
    busiest = candidates[np.argsort(-passing[candidates], kind="stable")]
    _, one_a_square = np.unique(square_y[busiest] * 10_000_000 + square_x[busiest], return_index=True)
    return np.asarray(busiest[np.sort(one_a_square)][: rules.junctions], dtype=np.int64)


def build_overlay(
    network: PlacedNetwork, core: NDArray[np.int64], leaves: NDArray[np.int64], rules: OverlayRules
) -> Overlay:
    """Join kept nodes by as few exact links as keep every time within the stretch.

    Parameters
    ----------
    network
        The full network.
    core
        Nodes that paths may pass: stations, peopled places, junctions.
    leaves
        Nodes that are only reached: places without people.
    rules
        Stretch and reach.
    """
    part = _parts(network)
    core = np.unique(np.concatenate([core, _company(part, np.unique(core), np.setdiff1d(leaves, core))]))
    leaves = np.setdiff1d(leaves, core)
    kept = np.concatenate([core, leaves])
    number = np.full(network.node_count, -1, np.int64)
    number[kept] = np.arange(len(kept))
    limit_ms = round(60_000 * rules.limit_min)
    arcs = (network.first_arc, network.head, network.travel_ms)
    first, to, time = times_between(*arcs, core, number, limit_ms)
    row = np.repeat(np.arange(len(core), dtype=np.int32), np.diff(first))
    inner = to < len(core)
    links, over = _core_links(row[inner], to[inner], time[inner], len(core), rules.stretch)
    into = _leaf_links(row[~inner], to[~inner], time[~inner], (len(core), len(kept)), over, rules)
    main = _largest_groups(links, part[core])
    strays = np.concatenate([np.delete(core, main), leaves])
    mainland = np.full(network.node_count, -1, np.int64)
    mainland[core[main]] = main
    out = _nearest(network, strays, mainland, number, limit_ms)
    back = _nearest(_reversed(network), strays, mainland, number, limit_ms)
    back = back.rename(columns={"tail": "head", "head": "tail"})
    joined = pd.concat([links, into, out, back], ignore_index=True)
    place = np.argsort(kept)
    new_number = np.empty(len(kept), np.int64)
    new_number[place] = np.arange(len(kept))
    joined["tail"], joined["head"] = new_number[joined["tail"]], new_number[joined["head"]]
    ordered = joined.sort_values(["tail", "head"]).drop_duplicates(["tail", "head"])
    return Overlay(kept[place], ordered.reset_index(drop=True))


def _core_links(
    row: NDArray[np.int32], to: NDArray[np.int32], time: NDArray[np.int32], count: int, stretch: float
) -> tuple[pd.DataFrame, tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]]:
    by_target = np.lexsort((to, row))
    row, to, time = row[by_target], to[by_target], time[by_target]
    first = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=count))]).astype(np.int64)
    chosen, over = thin_links(first, row, to, time, np.argsort(time, kind="stable"), stretch)
    return _frame(row[chosen], to[chosen], time[chosen]), (first, to, over)


def _leaf_links(
    row: NDArray[np.int32],
    to: NDArray[np.int32],
    time: NDArray[np.int32],
    counts: tuple[int, int],
    over: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]],
    rules: OverlayRules,
) -> pd.DataFrame:
    order = np.lexsort((row, time, to))
    row, to, time = row[order], to[order], time[order]
    of_leaf = np.bincount(to - counts[0], minlength=counts[1] - counts[0])
    first = np.concatenate([[0], np.cumsum(of_leaf)]).astype(np.int64)
    slack_ms = round(1000 * rules.leaf_slack_s)
    chosen = links_to_leaf(*over, first, row, time, rules.leaf_stretch, slack_ms)
    return _frame(row[chosen], to[chosen], time[chosen])


def _parts(network: PlacedNetwork) -> NDArray[np.int64]:
    """Return the part of the network, an island or the mainland, of each node."""
    _, part = csgraph.connected_components(_matrix(network), connection="strong")
    return np.asarray(part, dtype=np.int64)


def _company(
    part: NDArray[np.int64], core: NDArray[np.int64], leaves: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return two nodes of each island that has places but only one kept node or none that paths may pass."""
    kept = np.unique(part[np.concatenate([core, leaves])], return_counts=True)
    islands = np.union1d(np.setdiff1d(part[leaves], part[core]), kept[0][kept[1] == 1])
    found = [np.flatnonzero(part == island)[:2] for island in islands if part.any()]
    return np.concatenate([np.empty(0, np.int64), *found])


def _largest_groups(links: pd.DataFrame, part: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the nodes of each part's largest group that can all reach each other over the links."""
    count = len(part)
    ends = (links["tail"].to_numpy(), links["head"].to_numpy())
    matrix = sparse.coo_array((np.ones(len(links)), ends), shape=(count, count)).tocsr()
    _, group = csgraph.connected_components(matrix, connection="strong")
    size = np.bincount(group)[group]
    best = np.lexsort((group, -size, part))
    first = best[np.unique(part[best], return_index=True)[1]]
    return np.flatnonzero(np.isin(group, group[first]))


def _nearest(
    network: PlacedNetwork,
    strays: NDArray[np.int64],
    mainland: NDArray[np.int64],
    number: NDArray[np.int64],
    limit_ms: int,
) -> pd.DataFrame:
    """Return one link from each stray to the node of the main group it reaches first."""
    arcs = (network.first_arc, network.head, network.travel_ms)
    found = []
    # Most are minutes away: search near first, and then as far as it takes.
    for limit in (limit_ms // 8, limit_ms // 2, int(UNREACHABLE) - 1):
        first, to, time = times_between(*arcs, strays, mainland, limit)
        met = np.diff(first) > 0
        found.append(_frame(number[strays[met]], to[first[:-1][met]], time[first[:-1][met]]))
        strays = strays[~met]
    return pd.concat(found)


def _reversed(network: PlacedNetwork) -> PlacedNetwork:
    tail = np.repeat(np.arange(network.node_count), np.diff(network.first_arc))
    order = np.lexsort((network.travel_ms, tail, network.head))
    first = np.concatenate([[0], np.cumsum(np.bincount(network.head, minlength=network.node_count))])
    return replace(
        network,
        first_arc=first.astype(np.int64),
        head=tail[order],
        travel_ms=network.travel_ms[order],
        street=network.street[order],
        forward=network.forward[order],
    )


def _frame(tail: NDArray[np.generic], head: NDArray[np.generic], time: NDArray[np.generic]) -> pd.DataFrame:
    return pd.DataFrame(
        {"tail": tail.astype(np.int64), "head": head.astype(np.int64), "travel_ms": time.astype(np.int64)}
    )


def _matrix(network: PlacedNetwork) -> sparse.csr_array:
    tail = np.repeat(np.arange(network.node_count), np.diff(network.first_arc))
    # Arcs are ordered by time within a pair: the first of parallel ones is the quickest.
    fresh = np.ones(len(tail), dtype=bool)
    fresh[1:] = (np.diff(tail) != 0) | (np.diff(network.head) != 0)
    rows, columns = tail[fresh].astype(np.int32), network.head[fresh].astype(np.int32)
    times = network.travel_ms[fresh].astype(float)
    shape = (network.node_count, network.node_count)
    return sparse.csr_array(sparse.coo_array((times, (rows, columns)), shape=shape))
