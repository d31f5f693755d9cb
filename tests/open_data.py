"""A small country as open data servers would give it: extracts, Overpass, forces, people, incidents."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
import shapely
from osmium.osm import mutable
from shapely.geometry import mapping

from borderless.fetch.pbf import join
from fake_server import Asked, Reply

WEST, EAST = -0.66, -0.60
SOUTH, MIDDLE, NORTH = 52.63, 52.65, 52.67
DATE = "2026-11-01T20:21:00Z"
CHANGED = "Mon, 02 Nov 2026 03:00:00 GMT"
_STEP = 0.002
_PAGE = 7


@dataclass(frozen=True)
class Country:
    """What the servers know.

    Parameters
    ----------
    extracts
        Name, outline in degrees and bytes of each extract.
    elements
        What Overpass knows: nodes and ways.
    forces
        Outlines by name, degrees.
    people
        Longitude, latitude and residents by area code.
    """

    extracts: Mapping[str, tuple[Any, bytes]]
    elements: tuple[dict[str, Any], ...]
    forces: Mapping[str, Any]
    people: Mapping[str, tuple[float, float, int]]
    months: tuple[str, ...] = ("2026-08", "2026-09")
    bad: dict[str, bytes] = field(default_factory=dict)


def town(folder: Path) -> Country:
    """Return a country of one town on the border of two forces: a grid of streets and two police sites."""
    whole = folder / "town.osm.pbf"
    write_pbf(whole, grid_elements(WEST, SOUTH, EAST, NORTH))
    footway = {"type": "way", "id": 800_001, "nodes": [1, 2], "tags": {"highway": "footway"}}
    return divided(whole, (WEST, SOUTH, EAST, NORTH), MIDDLE, folder, unneeded=(footway,))


def divided(
    whole: Path,
    box: tuple[float, float, float, float],
    middle: float,
    folder: Path,
    *,
    unneeded: Sequence[dict[str, Any]] = (),
) -> Country:
    """Return a country that has one file's roads, divided between two forces and two extracts.

    Parameters
    ----------
    whole
        An ``.osm.pbf`` file.
    box
        West, south, east, north, degrees.
    middle
        The latitude of the border.
    folder
        Where files are made.
    unneeded
        What Overpass knows besides.
    """
    west, south, east, north = box
    halves = {
        "Southshire": shapely.box(west, south, east, middle),
        "Northshire": shapely.box(west, middle, east, north),
    }
    extracts = {}
    for name, shape in halves.items():
        path = folder / f"{name}.osm.pbf"
        join([whole], shape, path, DATE)
        extracts[name] = (shape, path.read_bytes())
    far = folder / "far.osm.pbf"
    write_pbf(far, grid_elements(-2.0, 51.0, -1.97, 51.03))
    # what is needed of the whole, which is much less than a real extract holds
    needed = folder / "needed.osm.pbf"
    join([whole], shapely.box(*box), needed, DATE)
    elements = (*elements_of(needed), *unneeded)
    torn = folder / "torn.osm.pbf"
    write_pbf(torn, [one for one in elements if one["type"] == "way" or one["id"] % 10])
    columns = 6
    people = {
        f"E010{i:05}": (
            west + (i % columns + 0.5) * (east - west) / columns,
            south + (i // columns + 0.5) * (north - south) / columns,
            100 + i,
        )
        for i in range(columns * columns)
    }
    return Country(
        extracts=extracts,
        elements=elements,
        forces={**halves, "Farshire": shapely.box(west - 3, south, west - 2, north)},
        people=people,
        bad={"wrong region": far.read_bytes(), "missing nodes": torn.read_bytes()},
    )


def routes(country: Country) -> dict[str, Callable[[Asked], Reply]]:
    """Return what a server of the whole country serves."""
    answers = {streets: _overpass_answer(country, streets=streets) for streets in (True, False)}
    served: dict[str, Callable[[Asked], Reply]] = {
        "/index-v1.json": lambda _: Reply(json.dumps(index(country)).encode()),
        "/overpass": lambda asked: _overpass(asked, answers),
        "/forces/0": lambda asked: _layer(asked, _force_rows(country), "PFA26"),
        "/centroids/0": lambda asked: _layer(asked, _people_rows(country), "LSOA21"),
        "/population": lambda asked: _population(asked, country),
        "/police": lambda asked: _archive(asked, country),
    }
    for name, (_, body) in country.extracts.items():
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        good = Reply(body, "application/octet-stream", country.bad, etag=etag, changed=CHANGED)
        md5 = Reply(f"{hashlib.md5(body).hexdigest()}  {name}-latest.osm.pbf\n".encode(), "text/plain")
        served[f"/extracts/{name}-latest.osm.pbf"] = lambda _, good=good: good  # type: ignore[misc]
        served[f"/extracts/{name}-latest.osm.pbf.md5"] = lambda _, md5=md5: md5  # type: ignore[misc]
    return served


def environment(url: str) -> dict[str, str]:
    """Return the variables that send every request to a server of :func:`routes`."""
    return {
        "BORDERLESS_ENDPOINT_EXTRACTS": f"{url}/index-v1.json",
        "BORDERLESS_ENDPOINT_OVERPASS": f"{url}/overpass",
        "BORDERLESS_ENDPOINT_FORCES": f"{url}/forces/0",
        "BORDERLESS_ENDPOINT_CENTROIDS": f"{url}/centroids/0",
        "BORDERLESS_ENDPOINT_POPULATION": f"{url}/population?date=latest",
        "BORDERLESS_ENDPOINT_POLICE_UK": f"{url}/police/{{month}}.zip",
    }


def index(country: Country) -> dict[str, Any]:
    """Return an index as Geofabrik gives it: the counties, their parent, and one that is far too large."""
    features = [
        _index_feature("england", None, "England", shapely.box(-6, 50, 2, 56)),
        _index_feature("islands", None, "Britain and its islands", shapely.box(-11, 49, 3, 61)),
        *(
            _index_feature(name.lower(), "england", name, shape, f"extracts/{name}-latest.osm.pbf")
            for name, (shape, _) in country.extracts.items()
        ),
        _index_feature("farshire", "england", "Farshire", shapely.box(-4, 52, -3, 53)),
    ]
    return {"type": "FeatureCollection", "features": features}


def grid_elements(west: float, south: float, east: float, north: float) -> list[dict[str, Any]]:
    """Return streets in a grid, two police sites, a place, and things nobody asked for."""
    columns, rows = round((east - west) / _STEP), round((north - south) / _STEP)
    elements: list[dict[str, Any]] = []

    def node(i: int, j: int) -> int:
        return 1 + i * 1000 + j

    def add(number: int, lon: float, lat: float, **tags: str) -> None:
        place = {"lat": round(lat, 7), "lon": round(lon, 7)}
        elements.append({"type": "node", "id": number, **place, "tags": tags})

    for i in range(columns + 1):
        for j in range(rows + 1):
            add(node(i, j), west + i * _STEP, south + j * _STEP)
    add(900_001, west + _STEP, north - _STEP, amenity="police", name="=Northtown Police Station")
    add(900_002, west + _STEP, south + _STEP, place="village", name="Gridby")
    add(900_003, west + _STEP, south + _STEP, amenity="pub", name="The Grid")
    lines = [[node(i, j) for j in range(rows + 1)] for i in range(columns + 1)]
    lines += [[node(i, j) for i in range(columns + 1)] for j in range(rows + 1)]
    ways: list[tuple[list[int], dict[str, str]]] = [
        (line, {"highway": "residential", "name": f"{number} Street"}) for number, line in enumerate(lines)
    ]
    corners = [node(1, 1), node(1, 2), node(2, 2), node(2, 1), node(1, 1)]
    ways += [(corners, {"amenity": "police", "building": "yes"}), (corners, {"highway": "footway"})]
    for number, (nodes, tags) in enumerate(ways, start=1):
        elements.append({"type": "way", "id": number, "nodes": nodes, "tags": tags})
    return elements


def write_pbf(path: Path, elements: Iterable[Mapping[str, Any]]) -> None:
    """Write elements as they come, ways last, with a date in the header."""
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", DATE)
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        for one in elements:
            tags = one.get("tags", {})
            if one["type"] == "node":
                writer.add_node(mutable.Node(id=one["id"], location=(one["lon"], one["lat"]), tags=tags))
            else:
                writer.add_way(mutable.Way(id=one["id"], nodes=one["nodes"], tags=tags))


def elements_of(path: Path) -> list[dict[str, Any]]:
    """Return the nodes and ways of a file as Overpass would give them."""
    elements: list[dict[str, Any]] = []
    things: Iterable[Any] = osmium.FileProcessor(str(path))
    for thing in things:
        if thing.is_node():
            place = {"lat": thing.location.lat, "lon": thing.location.lon}
            elements.append({"type": "node", "id": thing.id, **place, "tags": dict(thing.tags)})
        elif thing.is_way():
            nodes = [one.ref for one in thing.nodes]
            elements.append({"type": "way", "id": thing.id, "nodes": nodes, "tags": dict(thing.tags)})
    return elements


def answer_of(elements: Iterable[Mapping[str, Any]], **more: object) -> bytes:
    """Return what Overpass answers, with the count it was asked for."""
    inside = list(elements)
    count = {"type": "count", "id": 0, "tags": {"total": str(len(inside))}}
    head = {"version": 0.6, "generator": "Overpass API", "osm3s": {"timestamp_osm_base": DATE}}
    return json.dumps({**head, "elements": [count, *inside], **more}).encode()


def _index_feature(number: str, parent: str | None, name: str, shape: Any, pbf: str = "") -> dict[str, Any]:
    urls = {"pbf": pbf or f"extracts/{number}-latest.osm.pbf", "updates": f"{number}-updates"}
    parents = {"parent": parent} if parent else {}
    properties = {"id": number, "name": name, "urls": urls, **parents}
    return {"type": "Feature", "properties": properties, "geometry": mapping(shapely.multipolygons([shape]))}


def _overpass(asked: Asked, answers: Mapping[bool, Reply]) -> Reply:
    query = asked.form["data"]
    assert query.endswith("out count;out;")
    return answers["highway" in query]


def _overpass_answer(country: Country, *, streets: bool) -> Reply:
    ways = [
        one
        for one in country.elements
        if one["type"] == "way" and ("highway" in one["tags"] if streets else "amenity" in one["tags"])
    ]
    used = {node for way in ways for node in way["nodes"]}
    points = [
        one
        for one in country.elements
        if one["type"] == "node"
        and (one["id"] in used or (not streets and {"amenity", "place"} & one["tags"].keys()))
    ]
    good = [*points, *ways]
    # a city elsewhere, and every tenth node gone though the count agrees
    far = [{**one, "lon": one["lon"] - 2} if one["type"] == "node" else one for one in good]
    torn = [one for one in good if one["type"] == "way" or one["id"] % 10]
    lost = json.loads(answer_of(good))
    lost["elements"].pop()
    bad = {
        "remark": answer_of(good[:50], remark='runtime error: Query timed out in "query" at line 1'),
        "empty": json.dumps({"osm3s": {"timestamp_osm_base": DATE}, "elements": []}).encode(),
        "empty object": b"{}",
        "no date": answer_of(good, osm3s={"timestamp_osm_base": ""}),
        "some lost": json.dumps(lost).encode(),
        "wrong region": answer_of(far),
        "missing nodes": answer_of(torn),
    }
    return Reply(answer_of(good), bad=bad)


def _layer(asked: Asked, rows: list[tuple[str, str, Any]], prefix: str) -> Reply:
    """Answer as a layer of an ArcGIS server that sends a few features at a time."""
    code, name = f"{prefix}CD", f"{prefix}NM"
    bad = {"error with 200": json.dumps({"error": {"code": 400, "message": "Invalid query"}}).encode()}
    if not asked.path.endswith("/query"):
        fields = [{"name": "FID"}, {"name": code}, {"name": name}]
        return Reply(json.dumps({"fields": fields, "maxRecordCount": _PAGE}).encode(), bad=bad)
    query = asked.query
    if "geometry" in query:
        box = shapely.box(*map(float, query["geometry"].split(",")))
        rows = [row for row in rows if row[2].intersects(box)]
    if query.get("returnCountOnly") == "true":
        return Reply(json.dumps({"count": len(rows)}).encode(), bad=bad)
    begin, size = int(query["resultOffset"]), min(int(query["resultRecordCount"]), _PAGE)
    assert query["orderByFields"] == code
    fields_asked = query["outFields"].split(",")
    features = [
        {
            "type": "Feature",
            "properties": {
                key: value for key, value in ((code, row[0]), (name, row[1])) if key in fields_asked
            },
            "geometry": mapping(row[2]),
        }
        for row in sorted(rows)[begin : begin + size]
    ]
    more = {"properties": {"exceededTransferLimit": True}} if begin + size < len(rows) else {}
    page = {"type": "FeatureCollection", "features": features, **more}
    bad["short page"] = json.dumps({**page, "features": features[:-1], "properties": {}}).encode()
    bad["same page"] = json.dumps({**page, "features": features + features[:1]}).encode()
    return Reply(json.dumps(page).encode(), bad=bad)


def _force_rows(country: Country) -> list[tuple[str, str, Any]]:
    return [(f"E23{number:06}", name, shape) for number, (name, shape) in enumerate(country.forces.items())]


def _people_rows(country: Country) -> list[tuple[str, str, Any]]:
    return [(code, code, shapely.Point(lon, lat)) for code, (lon, lat, _) in country.people.items()]


def _population(asked: Asked, country: Country) -> Reply:
    begin, size = int(asked.query["recordoffset"]), int(asked.query["recordlimit"])
    rows = [(code, people) for code, (_, _, people) in country.people.items()]
    head = '"GEOGRAPHY_CODE","OBS_VALUE","RECORD_COUNT"\n'
    lines = [f'"{code}",{people},{len(rows)}\n' for code, people in rows[begin : begin + size]]
    bad = {
        "short page": "".join([head, *lines[:-1]]).encode(),
        "same page": "".join([head, *lines, lines[0]]).encode(),
    }
    return Reply("".join([head, *lines]).encode(), "text/csv", bad=bad)


def _archive(asked: Asked, country: Country) -> Reply:
    """Answer with an archive as data.police.uk packs them: every month, force and kind of file."""
    head = (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for month in country.months:
            for force, shape in country.forces.items():
                place = shape.centroid
                row = f",{month},{force},{force},{place.x:.6f},{place.y:.6f},On or near,E01,Town,Burglary"
                name = f"{month}/{month}-{force.lower()}"
                archive.writestr(f"{name}-street.csv", "\n".join([head, row, row, ""]))
                archive.writestr(f"{name}-outcomes.csv", head)
    found = asked.path.removeprefix("/police/").removesuffix(".zip") in country.months
    return Reply(buffer.getvalue(), "application/zip") if found else Reply(b"", status=404)
