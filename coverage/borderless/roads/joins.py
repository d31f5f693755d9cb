"""Parts of the roads that a gap in the file keeps apart, joined by a straight way of stated speed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.ops import substring

from borderless.roads.arrays import FloatArray, Int64Array
from borderless.roads.parts import numbered_parts, part_km, street_parts

#: A gap this wide is a missing service road, gate or yard, whatever it keeps apart.
SHORT_GAP_M = 100.0
#: The widest gap that is closed, to a part of less than :data:`SMALL_KM` of streets: a lane or an estate
#: whose private road the file lacks. An inhabited island has more streets, or lies farther off.
WIDE_GAP_M = 500.0
SMALL_KM = 3.0
#: The class of a way across a gap.
JOIN = "connector"

_MPH_PER_KMH = 1 / 1.609344
_MS_PER_HOUR = 3_600_000
# a way that ends this near to a street's end ends at the junction
_END_M = 1.0


def join_parts(
    nodes: pd.DataFrame, streets: gpd.GeoDataFrame, speed_kmh: float, counts: dict[str, int | float]
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Return nodes and streets with a straight way across each gap that the file is to blame for.

    A part is joined to the one nearest to it when the gap between streets where a car may stop is at most
    :data:`SHORT_GAP_M`, or at most :data:`WIDE_GAP_M` and one of the two has less than :data:`SMALL_KM` of
    streets. The shortest gaps are closed first; what is joined counts as one part from then on.

    Parameters
    ----------
    nodes
        Columns ``id``, ``x``, ``y``, m.
    streets
        As in :class:`borderless.roads.network.RoadNetwork`, with ``mix`` and ``mix_back``.
    speed_kmh
        How fast the ways are driven.
    counts
        ``gaps_joined`` and ``km_joined`` (streets of the smaller sides) are set.
    """
    xy = nodes[["x", "y"]].to_numpy(dtype=np.float64)
    part = numbered_parts(street_parts(len(nodes), streets), xy)
    km = part_km(part, streets)
    chosen = _shortest_gaps(_gaps(streets, part, km), km)
    counts["gaps_joined"] = len(chosen)
    counts["km_joined"] = float(sum(side for _, _, side in chosen))
    if not chosen:
        return nodes, streets
    streets = _eastward(streets)
    lines = np.asarray(streets.geometry.array)
    row = np.array([[one, other] for one, other, _ in chosen], dtype=np.int64)
    ways = shapely.shortest_line(lines[row[:, 0]], lines[row[:, 1]])
    ends = shapely.points(shapely.get_coordinates(ways))
    at_m = shapely.line_locate_point(lines[row.ravel()], ends)
    nodes, streets, node = _cut(nodes, streets, row.ravel(), at_m)
    added = _ways(nodes, node.reshape(-1, 2), speed_kmh, streets)
    joined = pd.concat([streets, added], ignore_index=True)
    return nodes, gpd.GeoDataFrame(joined, geometry="geometry", crs=streets.crs)


def _gaps(streets: gpd.GeoDataFrame, part: Int64Array, km: FloatArray) -> pd.DataFrame:
    """Return the narrowest gap between each two parts that may be joined: rows of streets, width, parts."""
    one, other = part[streets["tail"].to_numpy()], part[streets["head"].to_numpy()]
    usable = np.flatnonzero((one == other) & streets["snappable"].to_numpy(dtype=np.bool_))
    lines, of = np.asarray(streets.geometry.array)[usable], one[usable]
    apart = np.flatnonzero(of > 0)
    reach = np.where(km[of[apart]] < SMALL_KM, WIDE_GAP_M, SHORT_GAP_M)
    tree = shapely.STRtree(lines)
    from_, to = tree.query(lines[apart], predicate="dwithin", distance=reach) if len(apart) else ([], [])
    from_ = apart[np.asarray(from_, dtype=np.int64)]
    to = np.asarray(to, dtype=np.int64)
    differ = of[from_] != of[to]
    from_, to = from_[differ], to[differ]
    rank = _rank(streets.iloc[usable], np.unique(np.concatenate([from_, to])))
    found = pd.DataFrame(
        {"row": usable[from_], "to": usable[to], "gap_m": shapely.distance(lines[from_], lines[to])}
        | {"low": np.minimum(of[from_], of[to]), "high": np.maximum(of[from_], of[to])}
        | {"rank": rank[from_], "rank_to": rank[to]}
    )
    ordered = found.sort_values(["gap_m", "rank", "rank_to"], kind="stable")
    return ordered.drop_duplicates(["low", "high"])


def _rank(streets: gpd.GeoDataFrame, rows: Int64Array) -> Int64Array:
    """Return numbers for some streets by where and what they are, so that ties ignore the file's order."""
    some = streets.iloc[rows]
    what = [some[name] for name in ("ref", "name", "highway", "length_m", "against_ms", "along_ms")]
    rank = np.zeros(len(streets), dtype=np.int64)
    rank[rows[np.lexsort([*what, *shapely.bounds(some.geometry.to_numpy()).T])]] = np.arange(len(rows))
    return rank


def _shortest_gaps(gaps: pd.DataFrame, km: FloatArray) -> list[tuple[int, int, float]]:
    """Return the gaps that join most for least (Kruskal 1956): two rows of streets and the smaller side's km.

    The gaps come narrowest first.
    """
    root, size = list(range(len(km))), km.tolist()

    def group(part: int) -> int:
        while root[part] != part:
            root[part] = root[root[part]]
            part = root[part]
        return part

    chosen = []
    for row, to, gap_m, low, high in gaps[["row", "to", "gap_m", "low", "high"]].itertuples(index=False):
        one, other = sorted((group(low), group(high)), key=size.__getitem__)
        if one != other and (gap_m <= SHORT_GAP_M or size[one] < SMALL_KM):
            chosen.append((int(row), int(to), float(size[one])))
            root[one] = other
            size[other] += size[one]
    return chosen


def _cut(
    nodes: pd.DataFrame, streets: gpd.GeoDataFrame, row: Int64Array, at_m: FloatArray
) -> tuple[pd.DataFrame, gpd.GeoDataFrame, Int64Array]:
    """Return nodes and streets cut at places along their lines, and the node at each place."""
    lines = np.asarray(streets.geometry.array)
    drawn_m = shapely.length(lines)[row]
    at_head = at_m > drawn_m - _END_M
    inner = ~at_head & (at_m >= _END_M)
    tail, head = (streets[name].to_numpy()[row] for name in ("tail", "head"))
    node = np.where(at_head, head, tail).astype(np.int64)
    # ways that end at one place, to the metre, share a node
    spot = np.column_stack([row, np.rint(at_m)])[inner].astype(np.int64)
    spots, which = np.unique(spot, axis=0, return_inverse=True)
    node[inner] = len(nodes) + which.reshape(-1)
    if not len(spots):
        return nodes, streets, node
    cut_rows = np.unique(spots[:, 0])
    pieces = [
        _pieces(streets, int(cut), spots[here, 1], len(nodes) + np.flatnonzero(here))
        for cut in cut_rows
        for here in [spots[:, 0] == cut]
    ]
    where = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(cut.geometry, 0))[1:] for cut in pieces]
    )
    names = [f"join {x:.0f} {y:.0f}" for x, y in where]
    added = pd.DataFrame({"id": names, "x": where[:, 0], "y": where[:, 1]})
    # nobody is held up at a place that is only cut
    for name in nodes.columns.difference(added.columns):
        added[name] = False if name == "keep" else ""
    whole = streets.drop(index=streets.index[cut_rows])
    every = pd.concat([whole, *pieces], ignore_index=True)
    frame = gpd.GeoDataFrame(every, geometry="geometry", crs=streets.crs)
    return pd.concat([nodes, added], ignore_index=True), frame, node


def _eastward(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn two-way streets that run west, so that places along them do not depend on the file's order."""
    lines = np.asarray(streets.geometry.array)
    start, end = (shapely.get_coordinates(shapely.get_point(lines, place)) for place in (0, -1))
    same = end[:, 0] == start[:, 0]
    west = np.where(same, end[:, 1] < start[:, 1], end[:, 0] < start[:, 0])
    west &= (streets["against_ms"] >= 0).to_numpy()
    columns = {}
    for one, other in (("tail", "head"), ("along_ms", "against_ms"), ("mix", "mix_back")):
        here, there = (streets[name].to_numpy() for name in (one, other))
        columns[one], columns[other] = np.where(west, there, here), np.where(west, here, there)
    turned = np.where(west, shapely.reverse(lines), lines)
    return streets.assign(**columns).set_geometry(gpd.GeoSeries(turned, index=streets.index, crs=streets.crs))


def _pieces(streets: gpd.GeoDataFrame, row: int, at_m: Int64Array, node: Int64Array) -> gpd.GeoDataFrame:
    """Return one street as the pieces between nodes along its line; whole times add up to its time."""
    street = streets.iloc[[row]]
    line = street.geometry.iloc[0]
    ends = np.concatenate([[0.0], at_m, [line.length]])
    share = ends / line.length
    count = len(at_m) + 1
    columns: dict[str, npt.NDArray[Any]] = {
        "tail": np.concatenate([street["tail"], node]),
        "head": np.concatenate([node, street["head"]]),
        "length_m": np.diff(share) * float(street["length_m"].iloc[0]),
    }
    for name in ("along_ms", "against_ms"):
        whole = int(street[name].iloc[0])
        columns[name] = (
            np.maximum(1, np.diff(np.rint(whole * share)).astype(np.int64))
            if whole >= 0
            else np.full(count, -1)
        )
    lines = [substring(line, start, end) for start, end in pairwise(ends)]
    repeated = street.iloc[np.zeros(count, dtype=np.int64)].reset_index(drop=True)
    return repeated.assign(**columns).set_geometry(lines, crs=streets.crs)


def _ways(
    nodes: pd.DataFrame, ends: Int64Array, speed_kmh: float, like: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return straight ways between nodes, driven both ways; nobody stops on them."""
    xy = nodes[["x", "y"]].to_numpy(dtype=np.float64)
    lines = shapely.linestrings(np.stack([xy[ends[:, 0]], xy[ends[:, 1]]], axis=1))
    length = shapely.length(lines)
    travel_ms = np.maximum(1, np.rint(length / 1000 / speed_kmh * _MS_PER_HOUR)).astype(np.int64)
    columns: dict[str, Any] = {
        "tail": ends[:, 0],
        "head": ends[:, 1],
        "along_ms": travel_ms,
        "against_ms": travel_ms,
        "highway": JOIN,
        "name": "",
        "ref": "",
        "roundabout": False,
        "speed_mph": speed_kmh * _MPH_PER_KMH,
        "built_up": False,
        "snappable": False,
        "mix": -1,
        "mix_back": -1,
        "length_m": length,
    }
    frame = gpd.GeoDataFrame(columns, geometry=lines, crs=like.crs)
    return frame[[*like.columns]]
