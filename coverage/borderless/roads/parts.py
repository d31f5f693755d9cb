"""Which parts of the roads are kept: traps are opened, short gaps closed, islands stay parts of their own."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from borderless.roads.arrays import Int64Array

#: A part with fewer km of streets, beyond every gap that is closed, is of no use to anybody.
ISLAND_KM = 1.0

# carriageways that a car never drives backwards; these end at a file's edge rather than in a trap
_NEVER_OPENED = ("motorway", "trunk")


def part_labels(count: int, tail: Int64Array, head: Int64Array) -> Int64Array:
    """Return for each node which part it lies in, driving from each place of a part to every other.

    Parts are numbered in no particular order.

    Parameters
    ----------
    count
        Number of nodes.
    tail, head
        Nodes of each arc.
    """
    arcs = sparse.coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(count, count))
    _, label = csgraph.connected_components(arcs.tocsr(), directed=True, connection="strong")
    return np.asarray(label, dtype=np.int64)


def street_parts(count: int, streets: gpd.GeoDataFrame) -> Int64Array:
    """Return the part of each node of a table of streets; see :func:`part_labels`.

    Parameters
    ----------
    count
        Number of nodes.
    streets
        Columns ``tail``, ``head``, ``along_ms``, ``against_ms`` (-1 where not allowed).
    """
    tail, head = (streets[name].to_numpy(dtype=np.int64) for name in ("tail", "head"))
    along, against = streets["along_ms"].to_numpy() >= 0, streets["against_ms"].to_numpy() >= 0
    start = np.concatenate([tail[along], head[against]])
    return part_labels(count, start, np.concatenate([head[along], tail[against]]))


def numbered_parts(label: Int64Array, xy: np.ndarray) -> Int64Array:
    """Return parts numbered from 0 by size: the most nodes first, of equally many the westernmost.

    Parameters
    ----------
    label
        The part of each node under any number, shape (n,).
    xy
        Coordinates of the nodes, m, shape (n, 2).
    """
    order = np.lexsort((xy[:, 1], xy[:, 0], -np.bincount(label)[label]))
    _, first, inverse = np.unique(label[order], return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    part = np.empty(len(label), dtype=np.int64)
    part[order] = rank[inverse]
    return part


def kept_parts(nodes: pd.DataFrame, streets: gpd.GeoDataFrame, island_km: float) -> Int64Array:
    """Return the part of each node that is kept: the largest, and islands of some length.

    Parameters
    ----------
    nodes
        Columns ``x``, ``y``, m.
    streets
        As for :func:`street_parts`, with ``length_m``.
    island_km
        How many km of streets an island must have at least.

    Returns
    -------
    numpy.ndarray
        Numbers of parts, -1 for nodes that are not kept, int64, shape (nodes,).
    """
    part = numbered_parts(street_parts(len(nodes), streets), nodes[["x", "y"]].to_numpy(dtype=np.float64))
    km = part_km(part, streets)
    kept = (km > 0) & (km >= island_km)
    kept[:1] = True
    return np.where(kept[part], part, -1)


def part_km(part: Int64Array, streets: gpd.GeoDataFrame) -> np.ndarray:
    """Return the length of the streets within each part, km, shape (parts,).

    Parameters
    ----------
    part
        The part of each node.
    streets
        Columns ``tail``, ``head``, ``length_m``.
    """
    one, other = part[streets["tail"].to_numpy()], part[streets["head"].to_numpy()]
    within = one == other
    length = streets["length_m"].to_numpy(dtype=np.float64)
    return np.bincount(one[within], weights=length[within], minlength=int(part.max(initial=0)) + 1) / 1000


def open_traps(count: int, streets: gpd.GeoDataFrame, counts: dict[str, int | float]) -> gpd.GeoDataFrame:
    """Return streets of which those that lead into a part without a way back are driven both ways.

    Such a street is tagged wrongly, or the way back is a road that the file lacks. Motorways, trunk roads
    and slip roads stay as they are: they run out of the file at its edge.

    Parameters
    ----------
    count
        Number of nodes.
    streets
        As for :func:`street_parts`, one-way streets along their line, with ``highway``, ``length_m``,
        ``mix``, ``mix_back``.
    counts
        ``streets_opened`` and ``km_opened`` are set.
    """
    label = street_parts(count, streets)
    between = label[streets["tail"].to_numpy()] != label[streets["head"].to_numpy()]
    highway = streets["highway"].astype(str)
    never = (highway.isin(_NEVER_OPENED) | highway.str.endswith("_link")).to_numpy()
    # where nothing at all is driven both ways, the file's directions are wrong and not some streets'
    opened = between & ~never & bool((np.bincount(label) > 1).any())
    counts["streets_opened"] = int(opened.sum())
    counts["km_opened"] = float(streets["length_m"][opened].sum()) / 1000
    if not opened.any():
        return streets
    return streets.assign(
        against_ms=np.where(opened, streets["along_ms"], streets["against_ms"]),
        mix_back=np.where(opened, streets["mix"], streets["mix_back"]),
    )
