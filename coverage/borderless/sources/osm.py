"""OpenStreetMap extracts (.osm.pbf, .osm) to tables of nodes and drivable street pieces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import osmium
import osmium.geom
import pandas as pd
from pyproj import Transformer

from borderless.errors import InputError, Problem, ProblemLog
from borderless.roads.access import DRIVABLE, LIMIT_KEYS, Verdict, judge_way
from borderless.roads.barriers import barrier_stops, control_at
from borderless.roads.judged import Judged
from borderless.roads.tables import LeftOut, RoadTables
from borderless.sources.content import is_local_file
from borderless.sources.osm_deleted import Deleted, deleted_objects
from borderless.sources.osm_pieces import Pieces, Points, Ways, node_table, piece_lines, split
from borderless.sources.osm_turns import TURN_KEYS, Ends, Turn, read_turn, turn_table
from borderless.sources.xml_guard import refuse_document_type

_FORMATS = {".osm.pbf": "pbf", ".pbf": "pbf", ".osm": "osm"}
_SHOWN_WAYS = 5
# an extract cut through its ways misses a few nodes at its edge; one that misses more is broken
_MISSING_SHARE = 0.3
_UNITS_PER_DEGREE = 1e7
# easting and northing of Great Britain with a wide margin, m
_BRITAIN = (-200_000.0, -200_000.0, 900_000.0, 1_500_000.0)
# asked for by name, which is quicker than going through all tags of a way that has no others
_COMMON = ("highway", "name", "ref", "oneway", "maxspeed", "bridge", "tunnel", "junction")

_Float64 = npt.NDArray[np.float64]


def read_osm(path: Path, log: ProblemLog, *, bus_gates: bool = True) -> RoadTables:
    """Read the drivable streets of an OpenStreetMap extract.

    Ways are split where a node is used more than once, so that streets meet only at their ends, where
    something holds cars up, and at barriers, through which nothing passes; a loop is split once more in its
    middle, so that no street returns to where it began. Lengths are plane lengths in EPSG:27700, within
    0.04 % of the length on the ground. Ferries are not modelled.

    Parameters
    ----------
    path
        A ``.osm.pbf`` or ``.osm`` file.
    log
        Takes notices (kilometres by class, what was left out) and repairs (ways with missing nodes).
    bus_gates
        Whether a police car passes where buses do and cars do not.

    Returns
    -------
    RoadTables

    Raises
    ------
    InputError
        If the file is missing, damaged, not an OpenStreetMap file, or holds no drivable street in Britain.
    """
    file_format = _file_format(path)
    deleted = deleted_objects(path) if file_format == "osm" else Deleted()
    found = _Scan(LeftOut(path.name), deleted, bus_gates)
    _scan(path, file_format, found)
    pieces = split(found.ways, found.points, deleted.node)
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
    tables = _tables(path, found, pieces)
    _report(path, found, pieces, tables.streets, log)
    return tables


@dataclass
class _Scan:
    """What a file holds, as far as it matters; equal tags are judged once."""

    left: LeftOut
    deleted: Deleted
    bus_gates: bool
    ways: Ways = field(default_factory=Ways)
    points: Points = field(default_factory=Points)
    turns: list[Turn] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    limits: list[Mapping[str, str]] = field(default_factory=list)
    codes: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)

    def judge(self, tags: Mapping[str, str]) -> int:
        """Return the place of a way's verdict in `verdicts`, and of its limit tags in `limits`."""
        key = tuple(tags.items())
        found = self.codes.get(key)
        if found is None:
            found = self.codes[key] = len(self.verdicts)
            self.verdicts.append(judge_way(tags, bus_gates=self.bus_gates))
            self.limits.append({name: tags[name] for name in LIMIT_KEYS if name in tags})
        return found


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


def _scan(path: Path, file_format: str, found: _Scan) -> None:
    try:
        objects = (
            osmium.FileProcessor(osmium.io.File(str(path), file_format))
            .with_locations("flex_mem")
            .with_filter(osmium.filter.KeyFilter("highway", "barrier", "crossing", "route", *TURN_KEYS))
        )
        for thing in cast("Iterable[Any]", objects):
            if thing.deleted:
                continue
            if thing.is_way():
                if thing.id not in found.deleted.way:
                    _take_way(thing, found)
            elif thing.is_node():
                if thing.id not in found.deleted.node:
                    _take_node(thing, found)
            elif thing.id not in found.deleted.relation:
                _take_relation(thing, found)
    except (RuntimeError, ValueError, OverflowError, osmium.InvalidLocationError) as error:
        size = path.stat().st_size
        why = f"damaged, truncated or not an OpenStreetMap file ({size:,} bytes; {error})"
        raise _failure(path, why, "download or export it again") from error


def _take_way(way: Any, found: _Scan) -> None:
    tags = _tags(way.tags)
    if "highway" not in tags:
        found.left.things["ferry"] += tags.get("route") == "ferry"
        return
    ways, name, ref = found.ways, tags.pop("name", ""), tags.pop("ref", "")
    code = found.judge(tags)
    verdict = found.verdicts[code]
    if verdict.left_out or verdict.doubts:
        found.left.take(verdict, _metres(way))
    if verdict.left_out:
        return
    ways.id.append(way.id)
    ways.code.append(code)
    ways.name.append(name)
    ways.ref.append(ref)
    ways.add_nodes(way.nodes)


def _tags(tags: Any) -> dict[str, str]:
    get = tags.get
    common = {key: value for key in _COMMON if (value := get(key)) is not None}
    return common if len(common) == len(tags) else dict(tags)


def _metres(way: Any) -> float:
    try:
        return float(osmium.geom.haversine_distance(way.nodes))
    except (osmium.InvalidLocationError, RuntimeError):
        return 0.0


def _take_node(node: Any, found: _Scan) -> None:
    tags = dict(node.tags)
    kind = tags.get("barrier", "")
    if kind and kind != "no":
        found.points.barrier[node.id] = kind
        if barrier_stops(tags, bus_gates=found.bus_gates):
            found.points.stops.add(node.id)
    control = control_at(tags)
    if control:
        found.points.control[node.id] = control


def _take_relation(relation: Any, found: _Scan) -> None:
    tags = dict(relation.tags)
    if tags.get("type") != "restriction":
        return
    members = ((member.role, member.type, member.ref) for member in relation.members)
    turn = read_turn(tags, members, bus_gates=found.bus_gates)
    if isinstance(turn, Turn):
        found.turns.append(turn)
        found.left.things["conditional turn restriction"] += "restriction:conditional" in tags
    elif turn:
        found.left.things[turn] += 1


def _tables(path: Path, found: _Scan, pieces: Pieces) -> RoadTables:
    x, y = _project(path, pieces)
    nodes, tail, head = node_table(pieces, x, y)
    lines = piece_lines(pieces, x, y)
    ways = found.ways
    judged = Judged(found.verdicts, found.limits, np.frombuffer(ways.code, dtype=np.int64)[pieces.way])
    columns: dict[str, Any] = {"tail": tail, "head": head} | judged.columns()
    for name, texts in (("name", ways.name), ("ref", ways.ref)):
        columns[name] = np.asarray(texts, dtype=object)[pieces.way]
    streets = gpd.GeoDataFrame(columns, geometry=lines, crs="EPSG:27700")
    streets.insert(streets.columns.get_loc("geometry"), "length_m", streets.length.to_numpy())
    way = np.frombuffer(ways.id, dtype=np.int64)[pieces.way]
    ends = Ends(way, pieces.tail, pieces.head, tail, head, columns["oneway"])
    return RoadTables(pd.DataFrame(nodes), streets, turn_table(found.turns, ends, found.left.things))


def _project(path: Path, pieces: Pieces) -> tuple[_Float64, _Float64]:
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


def _report(path: Path, found: _Scan, pieces: Pieces, streets: gpd.GeoDataFrame, log: ProblemLog) -> None:
    km = streets["length_m"].groupby(streets["highway"]).sum() / 1000
    by_class = ", ".join(f"{name} {km[name]:,.0f}" for name in DRIVABLE if name in km.index)
    log.notice(path.name, f"{len(streets):,} street pieces, {km.sum():,.0f} km (km by class: {by_class})")
    found.left.stopped, found.left.passed = pieces.stopped, pieces.passed
    deleted = sum(map(len, (found.deleted.node, found.deleted.way, found.deleted.relation)))
    if deleted:
        found.left.things["deleted object"] = deleted
    found.left.tell(log)
    if pieces.nodes_missing:
        why = f"{pieces.nodes_missing:,} nodes of {len(pieces.ways_cut):,} ways are not in the file"
        shown = ", ".join(f"way {found.ways.id[way]}" for way in pieces.ways_cut[:_SHOWN_WAYS])
        more = ", …" if len(pieces.ways_cut) > _SHOWN_WAYS else ""
        log.repair(path.name, f"{why}; those are cut at the gap", rule="cut at the gap", value=shown + more)
