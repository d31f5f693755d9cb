"""Tables of nodes and street pieces to the parts of a network: times, merged directions, arcs."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from borderless.errors import ProblemLog
from borderless.roads.arcs import SUBJECT, refuse_bad_times, road_failure
from borderless.roads.arrays import FloatArray, Int64Array
from borderless.roads.joins import SHORT_GAP_M, WIDE_GAP_M, join_parts
from borderless.roads.parts import ISLAND_KM, kept_parts, open_traps
from borderless.roads.simplify import contract_chains
from borderless.roads.speed_mix import SpeedMix, given_mixes
from borderless.roads.speeds import MPH, SpeedRules, street_speeds, unknown_maxspeeds
from borderless.roads.streets import COLUMNS, Streets
from borderless.roads.topology import places_in_order
from borderless.study.defaults import SPEED_CLASSES

_SHOWN_VALUES = 8
# classes of other programs' files that the reader of OpenStreetMap files never lets in
_NOT_DRIVEN = (
    *("footway", "path", "cycleway", "bridleway", "steps", "pedestrian", "corridor", "elevator", "platform"),
    *("track", "busway", "bus_guideway", "raceway", "construction", "proposed", "planned", "abandoned"),
)
# two lines are one street driven both ways when their points agree to this many metres
_SAME_PLACE_M = 0.01


def network_parts(
    nodes: pd.DataFrame,
    streets: gpd.GeoDataFrame,
    rules: SpeedRules,
    built_up: gpd.GeoSeries | None,
    *,
    simplify: bool,
    contract: bool,
    join_kmh: float,
    log: ProblemLog | None,
) -> dict[str, Any]:
    """Return the fields of a road network; see :meth:`borderless.roads.network.RoadNetwork.from_streets`."""
    counts: dict[str, int | float] = {"nodes_read": len(nodes), "streets_read": len(streets)}
    if "travel_ms" not in streets:
        not_driven = streets["highway"].isin(_NOT_DRIVEN)
        counts["not_driven"] = int(not_driven.sum())
        streets = streets[~not_driven]
    counts["km_read"] = float(streets["length_m"].sum()) / 1000
    ready, share = _timed(streets.reset_index(drop=True), rules, built_up, counts)
    loops = (ready["tail"] == ready["head"]).to_numpy()
    counts["self_loops"] = int(loops.sum())
    ready = merge_mirrored(_along_the_line(ready[~loops]), counts)
    cut_off = None
    if simplify and contract:
        # an overlay, which is not contracted, has no streets to mend
        ready = open_traps(len(nodes), ready, counts)
        nodes, ready = join_parts(nodes, ready, join_kmh, counts)
    if simplify:
        nodes, ready, cut_off = _simplified(nodes, ready, counts, contract=contract)
        nodes, ready = _numbered_for_sweeps(nodes, ready)
    parts = _assemble(nodes, _in_order(nodes, ready), share, counts)
    parts |= {"numbered_for_sweeps": simplify, "cut_off": cut_off}
    if log is not None:
        _report(streets, counts, join_kmh, log)
    return parts


def directed_streets(
    nodes: pd.DataFrame, tail: Int64Array, head: Int64Array, travel_ms: Int64Array | None = None
) -> gpd.GeoDataFrame:
    """Return straight one-way pieces between nodes, without tags, as :func:`network_parts` takes them."""
    place = nodes[["x", "y"]].to_numpy(dtype=np.float64)
    lines = shapely.linestrings(np.stack([place[tail], place[head]], axis=1).reshape(-1, 2, 2))
    columns: dict[str, Any] = {"tail": tail, "head": head, "oneway": np.ones(len(tail), dtype=np.int8)}
    columns |= dict.fromkeys(("highway", "maxspeed", "name", "ref"), "")
    columns |= dict.fromkeys(("roundabout", "dual_carriageway", "bridge", "tunnel"), False)
    columns["length_m"] = shapely.length(lines)
    if travel_ms is not None:
        columns["travel_ms"] = travel_ms
    return gpd.GeoDataFrame(columns, geometry=lines, crs="EPSG:27700")


def merge_mirrored(streets: gpd.GeoDataFrame, counts: dict[str, int | float]) -> gpd.GeoDataFrame:
    """Make one street of two pieces on the same line that are driven in opposite directions.

    Directed sources such as OSMnx list a two-way street twice. Exact copies of a street go the same way.

    Parameters
    ----------
    streets
        Columns as in :class:`RoadNetwork`, without self-loops.
    counts
        ``mirrored`` is set to the number of pieces merged away, copies included.
    """
    tail, head = streets["tail"].to_numpy(), streets["head"].to_numpy()
    low, high, turned = np.minimum(tail, head), np.maximum(tail, head), tail > head
    along, against = streets["along_ms"].to_numpy(), streets["against_ms"].to_numpy()
    low_high, high_low = np.where(turned, against, along), np.where(turned, along, against)
    lines = np.asarray(streets.geometry.array)
    lines = np.where(turned, shapely.reverse(lines), lines)
    length = shapely.length(lines)
    kind = pd.factorize(streets["highway"], sort=True)[0] * 2 + streets["snappable"].to_numpy(dtype=np.int64)
    named = [_text_rank(streets[name]) for name in ("ref", "name")]
    order = np.lexsort([streets["mix"], *named, high_low, -low_high, length.round(3), kind, high, low])
    place = np.column_stack([low, high, kind])
    copy = _alike(order, place, lines) & (np.diff(low_high[order]) == 0) & (np.diff(high_low[order]) == 0)
    order = order[np.append(True, ~copy)[: len(order)]]
    opposite = _alike(order, place, lines) & (high_low[order[:-1]] < 0) & (low_high[order[1:]] < 0)
    first, second = order[:-1][opposite], order[1:][opposite]
    high_low[first] = high_low[second]
    counts["mirrored"] = len(streets) - len(order) + len(first)
    kept = np.zeros(len(streets), dtype=np.bool_)
    kept[order] = True
    kept[second] = False
    # the first of two is driven along its line, which runs from low to high
    mix_back = streets["mix_back"].to_numpy(copy=True)
    mix_back[first] = streets["mix"].to_numpy()[second]
    both = streets.assign(
        along_ms=np.where(turned, high_low, low_high),
        against_ms=np.where(turned, low_high, high_low),
        mix_back=mix_back,
    )
    return both[kept].reset_index(drop=True)


def _alike(order: Int64Array, place: Int64Array, lines: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Return which pieces, taken in order, follow one with the same ends, class and line."""
    before, after = order[:-1], order[1:]
    alike = np.asarray((place[before] == place[after]).all(axis=1))
    alike[alike] = shapely.equals_exact(lines[before[alike]], lines[after[alike]], tolerance=_SAME_PLACE_M)
    return alike


def _text_rank(texts: pd.Series) -> Int64Array:
    """Return the place of each text in the alphabet, empty ones last."""
    code, different = pd.factorize(texts.astype(object), sort=True)
    return np.where(texts == "", len(different), code).astype(np.int64)


def _timed(
    streets: gpd.GeoDataFrame,
    rules: SpeedRules | None,
    built_up: gpd.GeoSeries | None,
    counts: dict[str, int | float],
) -> tuple[gpd.GeoDataFrame, FloatArray]:
    """Return street pieces with their times and mixes in both directions, and the shares of each mix.

    Columns that only speeds need are left out.
    """
    length = streets["length_m"].to_numpy(dtype=np.float64)
    ready = streets[["tail", "head", "highway", "name", "ref", "length_m", "geometry"]].copy()
    if "travel_ms" in streets:
        travel_ms = streets["travel_ms"].to_numpy(dtype=np.int64)
        ready["speed_mph"] = length / np.maximum(travel_ms, 1) * 1000 / MPH
        ready["built_up"] = False
        share, mix = given_mixes(streets)
    else:
        if rules is None:
            raise road_failure("neither travel times nor speed rules are given", "give one of them")
        speeds = street_speeds(streets, rules, built_up)
        ready["speed_mph"], ready["built_up"] = speeds["speed_mph"], speeds["built_up"]
        share, mix = np.eye(len(SPEED_CLASSES)), speeds["speed_class"].to_numpy()
        exact = length / (speeds["speed_mph"].to_numpy() * MPH) * 1000
        travel_ms = np.maximum(1, np.rint(exact)).astype(np.int64)
        for source in ("tagged", "implied", "class"):
            counts[f"km_{source}"] = float(length[speeds["limit_source"] == source].sum()) / 1000
    refuse_bad_times(travel_ms)
    highway = streets["highway"].astype(str)
    fast = highway.eq("motorway") | highway.str.endswith("_link")
    ready["snappable"] = ~(fast | streets["bridge"] | streets["tunnel"])
    oneway = streets["oneway"].to_numpy()
    ready["along_ms"] = np.where(oneway >= 0, travel_ms, -1)
    ready["against_ms"] = np.where(oneway <= 0, travel_ms, -1)
    ready["mix"] = ready["mix_back"] = mix
    return ready, share


def _along_the_line(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn streets that are driven only against their line."""
    turned = (streets["along_ms"] < 0).to_numpy()
    ready = streets.copy()
    ready["tail"] = np.where(turned, streets["head"], streets["tail"])
    ready["head"] = np.where(turned, streets["tail"], streets["head"])
    ready["along_ms"] = np.where(turned, streets["against_ms"], streets["along_ms"])
    ready["against_ms"] = np.where(turned, -1, streets["against_ms"])
    lines = np.asarray(streets.geometry.array).copy()
    lines[turned] = shapely.reverse(lines[turned])
    ready["geometry"] = gpd.GeoSeries(lines, index=ready.index, crs=streets.crs)
    return ready


def _simplified(
    nodes: pd.DataFrame, streets: gpd.GeoDataFrame, counts: dict[str, int | float], *, contract: bool
) -> tuple[pd.DataFrame, gpd.GeoDataFrame, npt.NDArray[np.object_]]:
    """Return the parts that can be driven all round, and the lines of the streets outside them."""
    if not len(streets):
        raise road_failure("no street is left", "check the road file")
    # nodes of an overlay stand for places, however short their links
    part = kept_parts(nodes, streets, ISLAND_KM if contract else 0.0)
    one, other = part[streets["tail"].to_numpy()], part[streets["head"].to_numpy()]
    # what leads from one part to another and never back belongs to neither
    inside = (one >= 0) & (one == other)
    counts["nodes_cut"] = int((part < 0).sum())
    counts["streets_cut"] = int((~inside).sum())
    counts["km_cut"] = float(streets["length_m"][~inside].sum()) / 1000
    cut_off = np.asarray(streets.geometry.array)[~inside & streets["snappable"].to_numpy(dtype=np.bool_)]
    streets = streets[inside].reset_index(drop=True)
    if not len(streets):
        raise road_failure("no two places can be reached from each other", "check the one-way column")
    nodes, streets = _used_nodes(nodes, streets)
    before = len(nodes)
    if contract:
        nodes, streets = _used_nodes(nodes, contract_chains(nodes, streets))
    counts["nodes_contracted"] = before - len(nodes)
    return nodes, streets, cut_off


def _numbered_for_sweeps(
    nodes: pd.DataFrame, streets: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Return nodes numbered as sweeps pass them, whatever their order in the file."""
    xy = nodes[["x", "y"]].to_numpy(dtype=np.float64)
    by_place = np.lexsort((xy[:, 1], xy[:, 0]))
    rank = np.empty(len(nodes), dtype=np.int64)
    rank[by_place] = np.arange(len(nodes))
    tail, head = rank[streets["tail"].to_numpy()], rank[streets["head"].to_numpy()]
    number = places_in_order(len(nodes), tail, head, xy[by_place])
    order = np.empty(len(nodes), dtype=np.int64)
    order[number] = by_place
    renumbered = streets.assign(tail=number[tail].astype(np.int64), head=number[head].astype(np.int64))
    return nodes.iloc[order].reset_index(drop=True), renumbered


def _used_nodes(nodes: pd.DataFrame, streets: gpd.GeoDataFrame) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    used, number = np.unique(np.concatenate([streets["tail"], streets["head"]]), return_inverse=True)
    tail, head = np.split(number, 2)
    return nodes.iloc[used].reset_index(drop=True), streets.assign(tail=tail, head=head)


def _in_order(nodes: pd.DataFrame, streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Sort streets by place, so that ties between them do not depend on how the file was sorted."""
    x, y = nodes["x"].to_numpy(), nodes["y"].to_numpy()
    tail, head = streets["tail"].to_numpy(), streets["head"].to_numpy()
    columns = [streets[name] for name in ("ref", "name", "highway", "length_m", "against_ms", "along_ms")]
    order = np.lexsort([*columns, y[head], x[head], y[tail], x[tail]])
    return streets.iloc[order].reset_index(drop=True)


def _assemble(
    nodes: pd.DataFrame, streets: gpd.GeoDataFrame, share: FloatArray, counts: dict[str, int | float]
) -> dict[str, Any]:
    tail, head = streets["tail"].to_numpy(), streets["head"].to_numpy()
    along, against = streets["along_ms"].to_numpy(), streets["against_ms"].to_numpy()
    row = np.arange(len(streets))
    start, end = np.concatenate([tail, head]), np.concatenate([head, tail])
    time, street = np.concatenate([along, against]), np.concatenate([row, row])
    forward = np.concatenate([np.ones(len(row), dtype=np.bool_), np.zeros(len(row), dtype=np.bool_)])
    order = np.lexsort((street, time, end, start))
    order = order[time[order] >= 0]
    fastest = np.ones(len(order), dtype=np.bool_)
    fastest[1:] = (np.diff(start[order]) != 0) | (np.diff(end[order]) != 0)
    counts["parallel_arcs"] = int((~fastest).sum())
    order = order[fastest]
    refuse_bad_times(time[order])
    rows = streets[["mix", "mix_back"]].to_numpy().T.copy()
    mix = SpeedMix(share, rows) if (rows >= 0).any() else None
    drawn = Streets(streets[list(COLUMNS)], street[order].astype(np.int32), forward[order], mix)
    return {
        "first_arc": np.concatenate([[0], np.cumsum(np.bincount(start[order], minlength=len(nodes)))]).astype(
            np.int64
        ),
        "head": end[order].astype(np.int32),
        "travel_ms": time[order].astype(np.int32),
        "x": nodes["x"].to_numpy(dtype=np.float64),
        "y": nodes["y"].to_numpy(dtype=np.float64),
        "names": nodes["id"].to_numpy(dtype=object),
        "drawn": drawn,
        "counts": counts,
    }


def _report(
    streets: gpd.GeoDataFrame, counts: dict[str, int | float], join_kmh: float, log: ProblemLog
) -> None:
    if "travel_ms" not in streets:
        km = ", ".join(
            f"{counts[f'km_{source}']:,.0f} km {source}" for source in ("tagged", "implied", "class")
        )
        log.notice(SUBJECT, f"speed limits: {km}")
        bare = int(streets["maxspeed"].astype(str).str.fullmatch(r"\s*\d+(\.\d+)?\s*").sum())
        if bare:
            why = f"{bare:,} speed limits have no unit and are read as km/h, as OpenStreetMap means them"
            log.notice(SUBJECT, why, "write 30 mph for miles per hour", column="maxspeed")
        unknown = unknown_maxspeeds(streets["maxspeed"])
        if unknown:
            shown = ", ".join(f"{text!r} ({count})" for text, count in list(unknown.items())[:_SHOWN_VALUES])
            more = f" and {len(unknown) - _SHOWN_VALUES} more" if len(unknown) > _SHOWN_VALUES else ""
            why = f"{sum(unknown.values()):,} streets have a maxspeed that is not understood: {shown}{more}"
            rule = "limit of the class"
            log.repair(SUBJECT, f"{why}; the limit of their class is used", rule=rule, column="maxspeed")
    if counts.get("not_driven"):
        why = f"{counts['not_driven']:,} footpaths, tracks and other ways that no car drives were left out"
        log.repair(SUBJECT, why, rule="left out", column="highway")
    if counts.get("streets_opened"):
        opened = f"{counts['streets_opened']:,} one-way streets, {counts['km_opened']:,.1f} km,"
        why = f"{opened} lead where no way leads back; they are driven both ways"
        log.notice(SUBJECT, why, "check their direction, or the road that is missing")
    if counts.get("gaps_joined"):
        why = (
            f"{counts['gaps_joined']:,} parts of the roads, {counts['km_joined']:,.1f} km, are joined by "
            f"straight ways across gaps of up to {SHORT_GAP_M:g} m, small parts up to {WIDE_GAP_M:g} m, "
            f"driven at {join_kmh:g} km/h"
        )
        log.notice(SUBJECT, why, "add the roads that are missing there")
    if counts.get("nodes_cut"):
        cut = f"{counts['nodes_cut']:,} nodes and {counts['km_cut']:,.1f} km of {counts['km_read']:,.0f} km"
        log.notice(SUBJECT, f"{cut} cannot be driven to and from the rest; they were cut off")
    if counts["self_loops"]:
        why = f"{counts['self_loops']:,} streets that end where they begin were dropped"
        log.repair(SUBJECT, why, rule="left out")
    if counts["parallel_arcs"]:
        log.notice(SUBJECT, f"{counts['parallel_arcs']:,} slower streets run beside a faster one")
