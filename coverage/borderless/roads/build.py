"""Tables of nodes and street pieces to the parts of a network: times, merged directions, arcs."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from borderless.errors import ProblemLog
from borderless.roads.access import LEFT_OUT
from borderless.roads.arcs import SUBJECT, refuse_bad_times, road_failure
from borderless.roads.arms import Arms, plain_arms, split_junctions
from borderless.roads.arrays import FloatArray, Int64Array
from borderless.roads.joins import SHORT_GAP_M, WIDE_GAP_M, join_parts
from borderless.roads.junctions import CONTROLS, control_of, junction_waits
from borderless.roads.limits import unknown_maxspeeds
from borderless.roads.mirrored import merge_mirrored
from borderless.roads.parts import ISLAND_KM, kept_parts, open_traps
from borderless.roads.restrictions import Turns
from borderless.roads.roundabouts import with_roundabouts
from borderless.roads.simplify import contract_chains
from borderless.roads.speed_mix import SpeedMix, given_mixes
from borderless.roads.speeds import EVIDENCE, MPH, street_speeds
from borderless.roads.streets import COLUMNS, Streets, Ways
from borderless.roads.topology import places_in_order
from borderless.study.defaults import TIME_CLASSES
from borderless.study.model import Speeds

_SHOWN_VALUES = 8
_LIMITS = ("maxspeed", "maxspeed:forward", "maxspeed:backward")
_EVIDENCE_SAID = {
    "sign": "a sign in the file",
    "rule": "a rule named in the file",
    "roadside": "street lights, pavements or houses in the file",
    "class": "the class of road (motorways, residential streets)",
    "area": "the study's built-up areas",
    "town": "towns that the network shows",
    "national": "the national limit, where nothing shows a town",
}
# tables that no reader made may still have classes that readers leave out
_NOT_DRIVEN = tuple(name for names in LEFT_OUT.values() for name in names)


def network_parts(
    nodes: pd.DataFrame,
    streets: gpd.GeoDataFrame,
    speeds: Speeds,
    built_up: gpd.GeoSeries | None,
    *,
    simplify: bool,
    contract: bool,
    join_kmh: float,
    log: ProblemLog | None,
    restrictions: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Return the fields of a road network; see :meth:`borderless.roads.network.RoadNetwork.from_streets`."""
    all_streets, turns = streets, None
    counts: dict[str, int | float] = {"nodes_read": len(nodes), "streets_read": len(streets)}
    if "travel_ms" not in streets:
        not_driven = streets["highway"].isin(_NOT_DRIVEN)
        counts["not_driven"] = int(not_driven.sum())
        streets = streets[~not_driven]
        turns = None if restrictions is None else Turns.of(nodes, all_streets, restrictions)
        nodes = nodes.assign(keep=_kept(nodes, turns))
        streets, counts["rings_found"] = with_roundabouts(streets.reset_index(drop=True), len(nodes))
    counts["km_read"] = float(streets["length_m"].sum()) / 1000
    ready, share = _timed(streets.reset_index(drop=True), speeds, built_up, counts)
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
    ready = _in_order(nodes, ready)
    arms = None
    if "travel_ms" not in streets and speeds is not None:
        nodes, arms = _with_arms(nodes, ready, turns, speeds, counts)
    if simplify:
        nodes, ready, arms = _numbered_for_sweeps(nodes, ready, arms)
    parts = _assemble(nodes, ready, (share, arms), counts)
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
    columns |= dict.fromkeys(("roundabout", "bridge", "tunnel"), False)
    columns["length_m"] = shapely.length(lines)
    if travel_ms is not None:
        columns["travel_ms"] = travel_ms
    return gpd.GeoDataFrame(columns, geometry=lines, crs="EPSG:27700")


def _timed(
    streets: gpd.GeoDataFrame,
    speeds: Speeds | None,
    built_up: gpd.GeoSeries | None,
    counts: dict[str, int | float],
) -> tuple[gpd.GeoDataFrame, FloatArray]:
    """Return street pieces with their times and mixes in both directions, and the shares of each mix.

    Columns that only speeds need are left out.
    """
    length = streets["length_m"].to_numpy(dtype=np.float64)
    ready = streets[["tail", "head", "highway", "name", "ref", "roundabout", "length_m", "geometry"]].copy()
    if "travel_ms" in streets:
        travel_ms = streets["travel_ms"].to_numpy(dtype=np.int64)
        ready["speed_mph"] = length / np.maximum(travel_ms, 1) * 1000 / MPH
        ready["built_up"] = False
        share, mix = given_mixes(streets)
        back_ms, mix_back = travel_ms, mix
    else:
        if speeds is None:
            raise road_failure("neither travel times nor speed rules are given", "give one of them")
        found = street_speeds(streets, speeds, built_up)
        ready["built_up"] = found["built_up"]
        ready["speed_mph"], speed_back = found["speed_mph"], found["speed_back_mph"]
        share = np.eye(len(TIME_CLASSES))
        mix, mix_back = (found[name].to_numpy() for name in ("speed_class", "speed_class_back"))
        travel_ms, back_ms = (_driven_ms(length, speed) for speed in (ready["speed_mph"], speed_back))
        counts |= _km_by_evidence(length, found, streets["oneway"].to_numpy())
    refuse_bad_times(np.concatenate([travel_ms, back_ms]))
    highway = streets["highway"].astype(str)
    fast = highway.eq("motorway") | highway.str.endswith("_link")
    ready["snappable"] = ~(fast | streets["bridge"] | streets["tunnel"])
    oneway = streets["oneway"].to_numpy()
    ready["along_ms"] = np.where(oneway >= 0, travel_ms, -1)
    ready["against_ms"] = np.where(oneway <= 0, back_ms, -1)
    ready["mix"], ready["mix_back"] = mix, mix_back
    return ready, share


def _driven_ms(length_m: FloatArray, speed_mph: pd.Series) -> Int64Array:
    return np.maximum(1, np.rint(length_m / (speed_mph.to_numpy() * MPH) * 1000)).astype(np.int64)


def _km_by_evidence(
    length_m: FloatArray, found: pd.DataFrame, oneway: npt.NDArray[np.signedinteger]
) -> dict[str, int | float]:
    """Return how many km got their limit from which evidence; a street's two directions count half each."""
    km = dict.fromkeys((f"km_{name}" for name in EVIDENCE), 0.0)
    for column, driven in (("evidence", oneway >= 0), ("evidence_back", oneway <= 0)):
        part = np.where(oneway == 0, 0.5, 1.0) * driven * length_m / 1000
        for name, total in pd.Series(part).groupby(found[column].to_numpy()).sum().items():
            km[f"km_{name}"] += float(total)
    return km


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


def _kept(nodes: pd.DataFrame, turns: Turns | None) -> npt.NDArray[np.bool_]:
    """Return the nodes at which something is waited for or forbidden, though only two streets may meet."""
    control = control_of(nodes)
    kept = np.isin(control, CONTROLS)
    return kept if turns is None else kept | nodes["id"].isin(turns.via).to_numpy()


def _with_arms(
    nodes: pd.DataFrame,
    streets: gpd.GeoDataFrame,
    turns: Turns | None,
    speeds: Speeds,
    counts: dict[str, int | float],
) -> tuple[pd.DataFrame, Arms | None]:
    """Return the nodes with the arms of junctions added, and how streets meet; None where nobody waits."""
    forbidden = None if turns is None else turns.darts(nodes, streets)
    counts["turns_forbidden"] = 0 if forbidden is None else len(forbidden[0])
    waits = junction_waits(nodes, streets, speeds.delay_s, speeds.junction_blue_light_factor, forbidden)
    if not (waits.end_ms.any() or len(waits.turn_ms)):
        return nodes, None
    tail, head = (streets[name].to_numpy(dtype=np.int64) for name in ("tail", "head"))
    is_open = streets[["along_ms", "against_ms"]].to_numpy().ravel() >= 0
    start, end = np.stack([tail, head], axis=1).ravel(), np.stack([head, tail], axis=1).ravel()
    arms = split_junctions(start, end, is_open, waits, len(nodes))
    added = nodes.iloc[arms.of_arm]
    nth = pd.Series(arms.of_arm).groupby(arms.of_arm).cumcount().to_numpy() + 1
    added = added.assign(id=[f"{name}/{number}" for name, number in zip(added["id"], nth, strict=True)])
    counts["nodes_split"] = len(np.unique(arms.of_arm))
    counts["arms"] = len(arms.of_arm)
    return pd.concat([nodes, added], ignore_index=True), arms


def _numbered_for_sweeps(
    nodes: pd.DataFrame, streets: gpd.GeoDataFrame, arms: Arms | None
) -> tuple[pd.DataFrame, gpd.GeoDataFrame, Arms | None]:
    """Return nodes numbered as sweeps pass them, whatever their order in the file."""
    xy = nodes[["x", "y"]].to_numpy(dtype=np.float64)
    by_place = np.lexsort((xy[:, 1], xy[:, 0]))
    rank = np.empty(len(nodes), dtype=np.int64)
    rank[by_place] = np.arange(len(nodes))
    tail, head = (streets[name].to_numpy(dtype=np.int64) for name in ("tail", "head"))
    met = arms or plain_arms(tail, head)
    dart = met.entry_dart
    is_open = streets[["along_ms", "against_ms"]].to_numpy().ravel()[dart] >= 0
    ends = rank[met.node[is_open]], rank[met.goal[dart[is_open]]]
    place = places_in_order(len(nodes), *ends, xy[by_place])
    order = np.empty(len(nodes), dtype=np.int64)
    order[place] = by_place
    number = place[rank].astype(np.int64)
    renumbered = streets.assign(tail=number[tail], head=number[head])
    return nodes.iloc[order].reset_index(drop=True), renumbered, arms and arms.renumbered(number)


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
    nodes: pd.DataFrame,
    streets: gpd.GeoDataFrame,
    made: tuple[FloatArray, Arms | None],
    counts: dict[str, int | float],
) -> dict[str, Any]:
    share, arms = made
    drive = streets[["along_ms", "against_ms"]].to_numpy(dtype=np.int64)
    tail, head = (streets[name].to_numpy(dtype=np.int64) for name in ("tail", "head"))
    ways = Ways(drive.ravel(), arms or plain_arms(tail, head))
    dart, time = ways.arms.entry_dart, ways.entry_ms()
    start, end = ways.arms.node, ways.arms.goal[dart]
    order = np.lexsort((np.arange(len(time)), time, end, start))
    order = order[time[order] >= 0]
    fastest = np.ones(len(order), dtype=np.bool_)
    fastest[1:] = (np.diff(start[order]) != 0) | (np.diff(end[order]) != 0)
    # between junctions, however many arms they have
    ends = np.stack([tail, head], axis=1).ravel(), np.stack([head, tail], axis=1).ravel()
    driven = drive.ravel() >= 0
    pairs = np.unique(ends[0][driven] * np.int64(len(nodes)) + ends[1][driven])
    counts["parallel_arcs"] = int(driven.sum()) - len(pairs)
    order = order[fastest]
    refuse_bad_times(time[order])
    rows = streets[["mix", "mix_back"]].to_numpy().T.copy()
    mix = SpeedMix(share, rows) if (rows >= 0).any() else None
    of_arc = dart[order]
    drawn = Streets(
        streets[list(COLUMNS)],
        (of_arc // 2).astype(np.int32),
        of_arc % 2 == 0,
        mix,
        arms,
        None if arms is None else order.astype(np.int32),
    )
    row_sizes = np.bincount(start[order], minlength=len(nodes))
    return {
        "first_arc": np.concatenate([[0], np.cumsum(row_sizes)]).astype(np.int64),
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
        km = ", ".join(f"{counts[f'km_{name}']:,.0f} km {said}" for name, said in _EVIDENCE_SAID.items())
        log.notice(SUBJECT, f"speed limits come from: {km}")
        signed = counts["km_sign"] + counts["km_rule"]
        share = f"{signed:,.0f} of {counts['km_read']:,.0f} km have" if signed else "there are no"
        log.notice(
            SUBJECT,
            f"{share} limit signs in this file; the default settings agree with published drive times in the "
            "East Midlands within 5 % per kilometre (docs/validation.md)",
        )
        limits = pd.concat([streets[key] for key in _LIMITS if key in streets])
        bare = int(limits.astype(str).str.fullmatch(r"\s*\d+(\.\d+)?\s*").sum())
        if bare:
            why = f"{bare:,} speed limits have no unit and are read as km/h, as OpenStreetMap means them"
            log.notice(SUBJECT, why, "write 30 mph for miles per hour", column="maxspeed")
        unknown = unknown_maxspeeds(limits)
        if unknown:
            shown = ", ".join(f"{text!r} ({count})" for text, count in list(unknown.items())[:_SHOWN_VALUES])
            more = f" and {len(unknown) - _SHOWN_VALUES} more" if len(unknown) > _SHOWN_VALUES else ""
            why = f"{sum(unknown.values()):,} streets have a maxspeed that is not understood: {shown}{more}"
            rule = "limit of the class"
            log.repair(SUBJECT, f"{why}; the limit of their class is used", rule=rule, column="maxspeed")
    if counts.get("rings_found"):
        why = f"{counts['rings_found']:,} small rings without a tag are driven one way, as roundabouts"
        log.notice(SUBJECT, why, "tag them junction=roundabout", column="junction")
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
