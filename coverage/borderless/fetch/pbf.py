"""Files of OpenStreetMap: checked for what is missing or elsewhere, joined, and cropped to an area."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from osmium.osm import mutable
from shapely.geometry.base import BaseGeometry

from borderless.fetch.deadline import NEVER, Deadline
from borderless.fetch.http import BadAnswerError
from borderless.roads.access import DRIVABLE
from borderless.roads.barriers import control_at
from borderless.sources.osm_turns import TURN_KEYS

#: More nodes of streets than this share may not be missing from a file.
MISSING_SHARE = 0.001
#: At least this share of the streets must lie where the file claims to be.
INSIDE_SHARE = 0.5
_CLASSES = frozenset(DRIVABLE)
_KEYS = ("highway", "amenity", "place", "barrier", "crossing", *TURN_KEYS)
_UNITS_PER_DEGREE = 1e7
_UNDEFINED = 2**31 - 1
_READING_FAILS = (RuntimeError, ValueError, OverflowError, osmium.InvalidLocationError)
_TIMESTAMP = "osmosis_replication_timestamp"


def data_date(path: Path) -> str:
    """Return the date of the data in a file, ISO 8601; empty when it does not say."""
    with _bad_when_unreadable(path):
        reader = osmium.io.Reader(osmium.io.File(str(path), "pbf"))
        try:
            return str(reader.header().get(_TIMESTAMP, ""))
        finally:
            reader.close()


def check_streets(path: Path, area: BaseGeometry | None, deadline: Deadline = NEVER) -> None:
    """Refuse a file that is damaged, without streets, or not of the area it should be of.

    Parameters
    ----------
    path
        An ``.osm.pbf`` file, whatever its name.
    area
        Where it should be, degrees; None: anywhere.
    deadline
        When this must be done.

    Raises
    ------
    BadAnswerError
        When the file is not what was asked for.
    FetchError
        When the deadline passes.
    """
    with _bad_when_unreadable(path):
        streets = _scan(path, deadline).streets
    if not streets.ids:
        raise BadAnswerError("sent a file without streets")
    missing, nodes = streets.missing(), len(streets.references)
    if missing > MISSING_SHARE * nodes:
        raise BadAnswerError(f"sent streets without {missing:,} of their {nodes:,} nodes")
    if area is not None:
        elsewhere = 1 - streets.touching(area).mean()
        if elsewhere > 1 - INSIDE_SHARE:
            raise BadAnswerError(f"sent streets of another place ({elsewhere:.0%} of them lie elsewhere)")


def join(
    paths: Sequence[Path], area: BaseGeometry, target: Path, timestamp: str, deadline: Deadline = NEVER
) -> int:
    """Join files and keep what lies in an area: whole streets, police sites and named places.

    Streets keep the barriers, signals and signs on their nodes, and the turn restrictions between them.

    Parameters
    ----------
    paths
        Files sorted by type and id, as extracts are. Where two have the same object, the newer one counts.
    area
        What to keep, degrees. A street is kept whole when one of its nodes lies inside.
    target
        The ``.osm.pbf`` file to write; it must not exist.
    timestamp
        The date of the data, for its header.
    deadline
        When this must be done.

    Returns
    -------
    int
        How many streets were written.

    Raises
    ------
    BadAnswerError
        When a file is damaged or not sorted.
    FetchError
        When the deadline passes.
    """
    streets: set[int] = set()
    sites: set[int] = set()
    corners: list[_Nodes] = []
    tags: dict[int, dict[str, str]] = {}
    turns: dict[int, frozenset[int]] = {}
    for path in paths:
        with _bad_when_unreadable(path):
            found = _scan(path, deadline)
        streets.update(found.streets.within(area))
        sites.update(found.sites.within(area))
        corners += [lines.nodes_within(area) for lines in (found.streets, found.sites, found.points)]
        tags.update(found.marks)
        tags.update({number: found.tags[number] for number in found.points.within(area)})
        turns.update(found.turns)
    kept = {number for number, ways in turns.items() if ways <= streets}
    with _writer(target, timestamp) as writer, _bad_when_unreadable(paths[0]):
        for number, lon, lat in deadline.watched(_once(corners)):
            writer.add_node(mutable.Node(id=number, location=(lon, lat), tags=tags.get(number, {})))
        for way in _merged(paths, osmium.osm.WAY, streets | sites, deadline):
            writer.add_way(way)
        for turn in _merged(paths, osmium.osm.RELATION, kept, deadline):
            writer.add_relation(turn)
    return len(streets)


def write_elements(elements: Iterable[dict[str, Any]], target: Path, timestamp: str) -> None:
    """Write nodes and ways as Overpass gives them, sorted and each of them once.

    Parameters
    ----------
    elements
        With ``type``, ``id`` and, by type, ``lat``, ``lon``, ``nodes``, ``tags``; other types are left out.
    target
        The ``.osm.pbf`` file to write; it must not exist.
    timestamp
        The date of the data, for its header.
    """
    by_kind: dict[str, dict[int, dict[str, Any]]] = {"node": {}, "way": {}}
    for element in elements:
        if element["type"] in by_kind:
            by_kind[element["type"]][element["id"]] = element
    with _writer(target, timestamp) as writer:
        for number, node in sorted(by_kind["node"].items()):
            place = (node["lon"], node["lat"])
            writer.add_node(mutable.Node(id=number, location=place, tags=node.get("tags", {})))
        for number, way in sorted(by_kind["way"].items()):
            tags = way.get("tags", {})
            writer.add_way(mutable.Way(id=number, nodes=way["nodes"], tags=tags))


#: Ids, longitudes and latitudes in ten-millionths of a degree.
_Nodes = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]


@dataclass
class _Lines:
    """Ways, or single points, as flat arrays: node references in order, with their coordinates."""

    ids: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[int] = field(default_factory=lambda: array("q"))
    references: array[int] = field(default_factory=lambda: array("q"))
    xs: array[int] = field(default_factory=lambda: array("i"))
    ys: array[int] = field(default_factory=lambda: array("i"))

    def add(self, number: int, nodes: Iterable[tuple[int, Any]]) -> None:
        before = len(self.references)
        for reference, location in nodes:
            self.references.append(reference)
            self.xs.append(location.x)
            self.ys.append(location.y)
        if len(self.references) > before:
            self.ids.append(number)
            self.sizes.append(len(self.references) - before)

    def arrays(self) -> _Nodes:
        x, y = np.frombuffer(self.xs, dtype=np.int32), np.frombuffer(self.ys, dtype=np.int32)
        return np.frombuffer(self.references, dtype=np.int64), x, y

    def missing(self) -> int:
        return int((self.arrays()[1] == _UNDEFINED).sum())

    def within(self, area: BaseGeometry) -> list[int]:
        """Return the ids of the ways that touch an area."""
        ids: list[int] = np.frombuffer(self.ids, dtype=np.int64)[self.touching(area)].tolist()
        return ids

    def nodes_within(self, area: BaseGeometry) -> _Nodes:
        """Return all nodes of the ways that touch an area, without the missing ones."""
        number, x, y = self.arrays()
        kept = np.repeat(self.touching(area), np.frombuffer(self.sizes, dtype=np.int64)) & (x != _UNDEFINED)
        return number[kept], x[kept], y[kept]

    def touching(self, area: BaseGeometry) -> NDArray[np.bool_]:
        """Return which ways have a node in an area, shape (ways,)."""
        if not len(self.ids):
            return np.zeros(0, dtype=np.bool_)
        _, x, y = self.arrays()
        lon, lat = x / _UNITS_PER_DEGREE, y / _UNITS_PER_DEGREE
        west, south, east, north = shapely.bounds(area)
        near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        shapely.prepare(area)
        inside = np.zeros(len(lon), dtype=np.bool_)
        inside[near] = shapely.intersects_xy(area, lon[near], lat[near])
        size = np.frombuffer(self.sizes, dtype=np.int64)
        first = np.cumsum(size) - size
        return cast("NDArray[np.bool_]", np.logical_or.reduceat(inside, first))


@dataclass
class _Scan:
    """Streets, outlines of police sites, and police sites and places that are points.

    `marks` are the tags of nodes that stop cars or hold them up, `turns` the ways of turn restrictions.
    """

    streets: _Lines = field(default_factory=_Lines)
    sites: _Lines = field(default_factory=_Lines)
    points: _Lines = field(default_factory=_Lines)
    tags: dict[int, dict[str, str]] = field(default_factory=dict)
    marks: dict[int, dict[str, str]] = field(default_factory=dict)
    turns: dict[int, frozenset[int]] = field(default_factory=dict)


def _scan(path: Path, deadline: Deadline) -> _Scan:
    found = _Scan()
    things = (
        osmium.FileProcessor(osmium.io.File(str(path), "pbf"))
        .with_locations("flex_mem")
        .with_filter(osmium.filter.KeyFilter(*_KEYS))
    )
    for thing in deadline.watched(cast("Iterable[Any]", things)):
        tags = thing.tags
        if thing.is_node():
            if tags.get("amenity") == "police" or tags.get("place") is not None:
                found.points.add(thing.id, [(thing.id, thing.location)])
                found.tags[thing.id] = dict(tags)
            elif "barrier" in tags or control_at(dict(tags)):
                found.marks[thing.id] = dict(tags)
        elif thing.is_relation():
            if tags.get("type") == "restriction":
                ways = (member.ref for member in thing.members if member.type == "w")
                found.turns[thing.id] = frozenset(ways)
        elif tags.get("highway") in _CLASSES:
            found.streets.add(thing.id, ((node.ref, node.location) for node in thing.nodes))
        elif tags.get("amenity") == "police":
            found.sites.add(thing.id, ((node.ref, node.location) for node in thing.nodes))
    return found


def _once(corners: Sequence[_Nodes]) -> Iterator[tuple[int, float, float]]:
    """Yield id, longitude and latitude of every node once, by id."""
    number, x, y = (np.concatenate(part) for part in zip(*corners, strict=True))
    number, first = np.unique(number, return_index=True)
    lon, lat = x[first] / _UNITS_PER_DEGREE, y[first] / _UNITS_PER_DEGREE
    yield from zip(number.tolist(), lon.tolist(), lat.tolist(), strict=True)


def _merged(paths: Sequence[Path], kind: Any, wanted: set[int], deadline: Deadline) -> Iterator[Any]:
    """Yield the wanted objects of one kind of all files by id, each of them once."""
    files = [
        osmium.FileProcessor(osmium.io.File(str(path), "pbf"), kind).with_filter(
            osmium.filter.KeyFilter(*_KEYS)
        )
        for path in paths
    ]
    before = 0
    for same in deadline.watched(osmium.zip_processors(*files)):
        found: list[Any] = [thing for thing in same if thing is not None]
        if found[0].id <= before:
            raise BadAnswerError("sent a file that is not sorted by id")
        before = found[0].id
        if before in wanted:
            yield max(found, key=lambda thing: thing.version)


@contextmanager
def _writer(target: Path, timestamp: str) -> Iterator[Any]:
    header = osmium.io.Header()
    header.set("generator", "borderless")
    header.set("sorting", "Type_then_ID")
    if timestamp:
        header.set(_TIMESTAMP, timestamp)
    try:
        with osmium.SimpleWriter(osmium.io.File(str(target), "pbf"), header=header) as writer:
            yield writer
    except BaseException:
        # half a file reads like a whole one of a smaller place
        target.unlink(missing_ok=True)
        raise


@contextmanager
def _bad_when_unreadable(path: Path) -> Iterator[None]:
    try:
        yield
    except _READING_FAILS as error:
        size = path.stat().st_size
        raise BadAnswerError(f"sent a damaged or truncated file ({size:,} bytes; {error})") from error
