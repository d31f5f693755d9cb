"""OpenStreetMap extracts (.osm.pbf, .osm) to tables of nodes and drivable street pieces."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import osmium
import pandas as pd
import shapely
from pyproj import Transformer

from borderless.errors import InputError, Problem, ProblemLog
from borderless.sources.content import is_local_file
from borderless.sources.xml_guard import refuse_document_type

#: The UK classes that a response car drives on, main roads first; service roads and tracks are left out.
DRIVABLE = (
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
)

_FORMATS = {".osm.pbf": "pbf", ".pbf": "pbf", ".osm": "osm"}
_DRIVABLE = frozenset(DRIVABLE)
_ONEWAY = {
    **dict.fromkeys(("yes", "true", "1"), 1),
    **dict.fromkeys(("-1", "reverse"), -1),
    **dict.fromkeys(("no", "false", "0", "reversible", "alternating"), 0),
}
# the more specific key wins
_ACCESS_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
_CLOSED = frozenset(("no", "private"))
_UNDEFINED = 2**31 - 1
_SHOWN_WAYS = 5
# an extract cut through its ways misses a few nodes at its edge; one that misses more is broken
_MISSING_SHARE = 0.3
_UNITS_PER_DEGREE = 1e7
# easting and northing of Great Britain with a wide margin, m
_BRITAIN = (-200_000.0, -200_000.0, 900_000.0, 1_500_000.0)

_Int64 = npt.NDArray[np.int64]
_Float64 = npt.NDArray[np.float64]
_Bool = npt.NDArray[np.bool_]


def read_osm(path: Path, log: ProblemLog) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Read the drivable streets of an OpenStreetMap extract.

    Ways are split where a node is used more than once, so that streets meet only at their ends; a loop is
    split once more in its middle, so that no street returns to where it began. Lengths are plane lengths
    in EPSG:27700, within 0.04 % of the length on the ground. Turn restrictions, barriers and ferries are
    not modelled.

    Parameters
    ----------
    path
        A ``.osm.pbf`` or ``.osm`` file.
    log
        Takes notices (kilometres by class, what was left out) and repairs (ways with missing nodes).

    Returns
    -------
    nodes
        Columns ``id`` (str), ``x``, ``y`` (m, EPSG:27700); the row number is the node number.
    streets
        One row for each piece between two nodes: ``tail``, ``head`` (rows of `nodes`), ``oneway`` (1 along
        the line, -1 against it, 0 both ways), ``highway``, ``maxspeed``, ``roundabout``,
        ``dual_carriageway``, ``bridge``, ``tunnel``, ``name``, ``ref``, ``length_m``, ``geometry``.

    Raises
    ------
    InputError
        If the file is missing, damaged, not an OpenStreetMap file, or holds no drivable street in Britain.
    """
    ways = _scan(path, _file_format(path))
    pieces = _split(ways)
    if not len(pieces.first) and pieces.nodes_missing:
        why = "the nodes of every street are missing, come after the ways, or have negative ids"
        raise _failure(path, why, "sort and renumber it: osmium sort, then osmium renumber")
    if not len(pieces.first):
        raise _failure(
            path, "no drivable street in the file", "use an extract with highway=* ways and their nodes"
        )
    present = len(pieces.reference)
    if pieces.nodes_missing > _MISSING_SHARE * (pieces.nodes_missing + present):
        why = f"{pieces.nodes_missing:,} of {pieces.nodes_missing + present:,} nodes of its ways are missing"
        raise _failure(
            path, why, "cut it again with complete ways (osmium extract does so), or fetch it again"
        )
    nodes, streets = _tables(path, ways, pieces)
    _report(path, ways, pieces, streets, log)
    return nodes, streets


@dataclass
class _Ways:
    """The drivable ways as flat arrays: node references in order, and tags by way."""

    reference: array[int] = field(default_factory=lambda: array("q"))
    x: array[int] = field(default_factory=lambda: array("i"))
    y: array[int] = field(default_factory=lambda: array("i"))
    node_count: array[int] = field(default_factory=lambda: array("q"))
    id: array[int] = field(default_factory=lambda: array("q"))
    tags: dict[str, list[Any]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class _Pieces:
    """Street pieces as slices (`first` to `last`, both included) of the kept way nodes."""

    way: _Int64
    first: _Int64
    last: _Int64
    reference: _Int64
    x: _Int64
    y: _Int64
    ways_cut: _Int64
    nodes_missing: int


def _file_format(path: Path) -> str:
    log = ProblemLog()
    is_local_file(path, log, tuple(_FORMATS))
    log.raise_errors()
    if path.stat().st_size == 0:
        raise _failure(path, "the file is empty", "download it again")
    found = _FORMATS[path.suffix.lower()]
    if found == "osm":
        refuse_document_type(path)
    return found


def _failure(path: Path, why: str, remedy: str) -> InputError:
    return InputError([Problem(path.name, why=why, remedy=remedy)])


def _scan(path: Path, file_format: str) -> _Ways:
    ways = _Ways(tags={key: [] for key in ("highway", "oneway", "maxspeed", "name", "ref", *_FLAGS)})
    try:
        objects = (
            osmium.FileProcessor(osmium.io.File(str(path), file_format))
            .with_locations("flex_mem")
            .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY | osmium.osm.RELATION))
            .with_filter(osmium.filter.KeyFilter("highway", "restriction", "route"))
        )
        for thing in cast("Iterable[Any]", objects):
            if thing.is_way():
                _take_way(thing, ways)
            elif thing.tags.get("type") == "restriction":
                ways.skipped["turn restrictions"] += 1
    except (RuntimeError, ValueError, OverflowError, osmium.InvalidLocationError) as error:
        size = path.stat().st_size
        why = f"damaged, truncated or not an OpenStreetMap file ({size:,} bytes; {error})"
        raise _failure(path, why, "download or export it again") from error
    return ways


_FLAGS = ("roundabout", "dual_carriageway", "bridge", "tunnel")


def _take_way(way: Any, ways: _Ways) -> None:
    get = way.tags.get
    highway = get("highway")
    if highway not in _DRIVABLE:
        ways.skipped["ferries"] += get("route") == "ferry"
        return
    if get("area") == "yes" or not _open_to_cars(get):
        ways.skipped["closed to cars or an area"] += 1
        return
    roundabout = get("junction") in {"roundabout", "circular"}
    oneway = _ONEWAY.get((get("oneway") or "").strip().lower())
    if oneway is None:
        oneway = int(roundabout or highway == "motorway")
    tags = ways.tags
    tags["highway"].append(highway)
    tags["oneway"].append(oneway)
    tags["maxspeed"].append(get("maxspeed") or get("maxspeed:type") or "")
    tags["name"].append(get("name") or "")
    tags["ref"].append(get("ref") or "")
    tags["roundabout"].append(roundabout)
    divided = oneway != 0 and highway in {"trunk", "primary"} and not roundabout
    tags["dual_carriageway"].append(divided or get("dual_carriageway") == "yes")
    tags["bridge"].append((get("bridge") or "no") != "no")
    tags["tunnel"].append((get("tunnel") or "no") != "no")
    add_reference, add_x, add_y = ways.reference.append, ways.x.append, ways.y.append
    before = len(ways.reference)
    for node in way.nodes:
        location = node.location
        add_reference(node.ref)
        add_x(location.x)
        add_y(location.y)
    ways.node_count.append(len(ways.reference) - before)
    ways.id.append(way.id)


def _open_to_cars(get: Any) -> bool:
    for key in _ACCESS_KEYS:
        value = get(key)
        if value is not None:
            return value.strip().lower() not in _CLOSED
    return True


def _split(ways: _Ways) -> _Pieces:
    reference = np.frombuffer(ways.reference, dtype=np.int64)
    x = np.frombuffer(ways.x, dtype=np.int32).astype(np.int64)
    y = np.frombuffer(ways.y, dtype=np.int32).astype(np.int64)
    node_count = np.frombuffer(ways.node_count, dtype=np.int64)
    way = np.repeat(np.arange(len(node_count)), node_count)
    present = x != _UNDEFINED
    new_run = np.ones(len(way), dtype=np.bool_)
    new_run[1:] = (way[1:] != way[:-1]) | ~present[:-1]
    keep = present.copy()
    # a node listed twice in a row would make a piece without length
    keep[1:] &= new_run[1:] | (reference[1:] != reference[:-1])
    run = np.cumsum(new_run)[keep]
    ways_cut = np.unique(way[~present])
    missing = int((~present).sum())
    way, reference, x, y = way[keep], reference[keep], x[keep], y[keep]
    cut = _cut_positions(reference, run)
    first, last = cut[:-1], cut[1:]
    whole = run[first] == run[last]
    first, last = first[whole], last[whole]
    return _Pieces(way[first], first, last, reference, x, y, ways_cut, missing)


def _cut_positions(reference: _Int64, run: _Int64) -> _Int64:
    """Return the positions where pieces end: shared nodes, ends of runs, and the middle of loops."""
    if not len(reference):
        return np.zeros(0, dtype=np.int64)
    _, number, uses = np.unique(reference, return_inverse=True, return_counts=True)
    cut = uses[number] > 1
    cut[0] = cut[-1] = True
    edge = run[1:] != run[:-1]
    cut[1:] |= edge
    cut[:-1] |= edge
    at = np.flatnonzero(cut)
    loop = (reference[at[:-1]] == reference[at[1:]]) & (run[at[:-1]] == run[at[1:]])
    cut[(at[:-1][loop] + at[1:][loop]) // 2] = True
    return np.flatnonzero(cut)


def _tables(path: Path, ways: _Ways, pieces: _Pieces) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    x, y = _project(path, pieces)
    ends, number = np.unique(
        np.concatenate([pieces.reference[pieces.first], pieces.reference[pieces.last]]), return_inverse=True
    )
    tail, head = np.split(number.astype(np.int64), 2)
    node_x, node_y = np.empty(len(ends)), np.empty(len(ends))
    for node, position in ((tail, pieces.first), (head, pieces.last)):
        node_x[node], node_y[node] = x[position], y[position]
    size = pieces.last - pieces.first + 1
    piece = np.repeat(np.arange(len(size)), size)
    position = np.arange(size.sum()) + np.repeat(pieces.first - (np.cumsum(size) - size), size)
    lines = shapely.linestrings(x[position], y[position], indices=piece)
    columns: dict[str, Any] = {"tail": tail, "head": head}
    columns["oneway"] = np.asarray(ways.tags["oneway"], dtype=np.int8)[pieces.way]
    for key in ("highway", "maxspeed", "name", "ref"):
        columns[key] = np.asarray(ways.tags[key], dtype=object)[pieces.way]
    for key in _FLAGS:
        columns[key] = np.asarray(ways.tags[key], dtype=np.bool_)[pieces.way]
    columns["length_m"] = shapely.length(lines)
    streets = gpd.GeoDataFrame(columns, geometry=lines, crs="EPSG:27700")
    nodes = pd.DataFrame({"id": ends.astype(str), "x": node_x, "y": node_y})
    return nodes, streets


def _project(path: Path, pieces: _Pieces) -> tuple[_Float64, _Float64]:
    """Return easting and northing of every way node, m."""
    _, first, number = np.unique(pieces.reference, return_index=True, return_inverse=True)
    to_grid = Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
    x, y = to_grid.transform(pieces.x[first] / _UNITS_PER_DEGREE, pieces.y[first] / _UNITS_PER_DEGREE)
    west, south, east, north = _BRITAIN
    inside = (x > west) & (x < east) & (y > south) & (y < north)
    if not inside.all():
        strange = first[~inside][0]
        lon, lat = pieces.x[strange] / _UNITS_PER_DEGREE, pieces.y[strange] / _UNITS_PER_DEGREE
        place = f"lon {lon:.5f}, lat {lat:.5f}"
        why = f"{(~inside).sum():,} nodes lie outside Great Britain, the first at {place}"
        raise InputError(
            [Problem(path.name, f"node {pieces.reference[strange]}", why=why, remedy="use a British extract")]
        )
    return x[number], y[number]


def _report(path: Path, ways: _Ways, pieces: _Pieces, streets: gpd.GeoDataFrame, log: ProblemLog) -> None:
    km = streets["length_m"].groupby(streets["highway"]).sum() / 1000
    by_class = ", ".join(f"{name} {km[name]:,.0f}" for name in DRIVABLE if name in km.index)
    log.notice(path.name, f"{len(streets):,} street pieces, {km.sum():,.0f} km (km by class: {by_class})")
    skipped = ", ".join(f"{count:,} {name}" for name, count in sorted(ways.skipped.items()) if count)
    if skipped:
        log.notice(path.name, f"left out: {skipped}")
    if pieces.nodes_missing:
        why = f"{pieces.nodes_missing:,} nodes of {len(pieces.ways_cut):,} ways are not in the file"
        shown = ", ".join(f"way {ways.id[way]}" for way in pieces.ways_cut[:_SHOWN_WAYS])
        more = ", …" if len(pieces.ways_cut) > _SHOWN_WAYS else ""
        log.repair(path.name, f"{why}; those are cut at the gap", rule="cut at the gap", value=shown + more)
