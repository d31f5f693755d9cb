"""One little map in every format: a ring of country roads, and the street under test along its south.

::

    D-----C     4 km north of A and B, which are 1 km apart
    |     |     the street under test runs from A to B, through G and H
    E     F     100 m north of A and B: from E to F it is 86.5 s by a street of 30 mph,
    A-G-H-B     and 524.9 s round the ring
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import networkx as nx
import osmium
import osmnx
import pandas as pd
import shapely
from pyproj import Transformer

from borderless.errors import ProblemLog
from borderless.network_files import read_roads
from borderless.roads.network import RoadNetwork
from borderless.roads.tables import RoadTables
from borderless.study.model import RoadsInput
from borderless.study.read import DEFAULT_SPEEDS

#: Speeds that are easy to reckon with: lanes at half their limit, others at 0.8 of it, nobody waits anywhere.
SPEEDS = replace(
    DEFAULT_SPEEDS,
    factor=dict.fromkeys(DEFAULT_SPEEDS.factor, 0.8) | {"unclassified": 0.5, "tertiary": 0.7},
    blue_light_factor=1.25,
    delay_s=dict.fromkeys(DEFAULT_SPEEDS.delay_s, 0.0),
)
BY_STREET_S = 86.5
ROUND_S = 524.9
FORMATS = ("osm", "pbf", "csv", "gpkg", "graphml", "networkx")
#: The formats that come with the nodes of OpenStreetMap.
OSM_FORMATS = FORMATS[:2]
#: The number of each node.
NODE = {name: number for number, name in enumerate("ABCDEFGH", start=1)}
#: Tags of a plain street: 30 mph.
STREET = {"highway": "unclassified", "maxspeed": "30 mph"}

_PLACES = {
    "A": (0, 0),
    "B": (1000, 0),
    "C": (1000, 4000),
    "D": (0, 4000),
    "E": (0, 100),
    "F": (1000, 100),
    "G": (300, 0),
    "H": (700, 0),
}
_GRID = {name: (486_000 + x, 309_000 + y) for name, (x, y) in _PLACES.items()}
_RING = {"highway": "unclassified", "maxspeed": "60 mph"}
_ONE_WAY = {"yes", "true", "1", "-1", "reverse"}

Ways = list[tuple[int, str, Mapping[str, str]]]


def ways(tags: Mapping[str, str], more: Ways | None = None) -> Ways:
    """Return the ways of the map, the one under test with `tags` (and 200 as its id), and `more` of them."""
    ring = [(101, "BF"), (102, "FC"), (103, "CD"), (104, "DE"), (105, "EA")]
    return [*((number, nodes, _RING) for number, nodes in ring), (200, "AGHB", tags), *(more or [])]


def osm_text(
    every: Ways,
    nodes: Mapping[str, Mapping[str, str]] | None = None,
    marks: Mapping[int, str] | None = None,
    relations: str = "",
) -> str:
    """Return an .osm file; `marks` are attributes of the objects with these ids."""
    to_degrees = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    marks = marks or {}
    lines = []
    for name, number in NODE.items():
        lon, lat = to_degrees.transform(*_GRID[name])
        tags = _tag_text((nodes or {}).get(name, {}))
        mark = marks.get(number, "")
        lines.append(f'<node id="{number}" version="1" {mark} lat="{lat:.9f}" lon="{lon:.9f}">{tags}</node>')
    for number, path, tags in every:
        refs = "".join(f'<nd ref="{NODE[name]}"/>' for name in path)
        lines.append(f'<way id="{number}" version="1" {marks.get(number, "")}>{refs}{_tag_text(tags)}</way>')
    body = "\n".join([*lines, relations])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n{body}</osm>\n'


def write(folder: Path, kind: str, every: Ways, nodes: Mapping[str, Mapping[str, str]] | None = None) -> Path:
    """Write the map as a file of some kind and return its path; of a CSV pair that of the nodes."""
    path = folder / {"osm": "roads.osm", "pbf": "roads.osm.pbf", "csv": "nodes.csv"}.get(
        kind, f"roads.{kind}"
    )
    path.unlink(missing_ok=True)
    if kind in OSM_FORMATS:
        text = osm_text(every, nodes)
        (folder / "roads.osm").write_text(text, encoding="utf-8")
        if kind == "pbf":
            with osmium.SimpleWriter(str(path)) as writer:
                for thing in osmium.FileProcessor(str(folder / "roads.osm")):
                    writer.add(thing)
    elif kind == "csv":
        _write_csv(folder, every)
    elif kind == "gpkg":
        osmnx.save_graph_geopackage(graph(every), path, directed=True)
    else:
        osmnx.save_graphml(graph(every), path)
    return path


def graph(every: Ways) -> nx.MultiDiGraph[Any]:
    """Return the graph that OSMnx makes of the ways, with all of their tags."""
    found: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs="EPSG:27700", simplified=True)
    for name in sorted({name for _, path, _ in every for name in (path[0], path[-1])}):
        found.add_node(NODE[name], x=float(_GRID[name][0]), y=float(_GRID[name][1]))
    for number, path, tags in every:
        one_way = tags.get("oneway", "") in _ONE_WAY or tags.get("junction") in {"roundabout", "circular"}
        names = path[::-1] if tags.get("oneway") in {"-1", "reverse"} else path
        for turned in (False,) if one_way else (False, True):
            order = names[::-1] if turned else names
            line = shapely.LineString([_GRID[name] for name in order])
            data = {**tags, "osmid": number, "oneway": one_way, "reversed": turned, "length": line.length}
            found.add_edge(NODE[order[0]], NODE[order[-1]], geometry=line, **data)
    return found


def tables(
    folder: Path,
    kind: str,
    every: Ways,
    nodes: Mapping[str, Mapping[str, str]] | None = None,
    *,
    bus_gates: bool = True,
) -> tuple[RoadTables, ProblemLog]:
    """Write the map and return what is read from it, and what is told."""
    log = ProblemLog()
    path = write(folder, kind, every, nodes)
    edges = folder / "edges.csv" if kind == "csv" else None
    roads = RoadsInput(path, edges, None, None, "streets", 0.0, bus_gates)
    return read_roads(roads, log), log


def seconds(read: RoadTables) -> tuple[float, float]:
    """Return how long it takes from E to F and back."""
    return _seconds(RoadNetwork.from_streets(read.nodes, read.streets, SPEEDS, simplify=False))


def seconds_there_and_back(
    folder: Path,
    kind: str,
    tags: Mapping[str, str],
    nodes: Mapping[str, Mapping[str, str]] | None = None,
    *,
    bus_gates: bool = True,
) -> tuple[float, float]:
    """Return how long it takes from E to F and back when the street under test has these tags."""
    if kind == "networkx":
        return _seconds(RoadNetwork.from_networkx(graph(ways(tags)), SPEEDS, bus_gates=bus_gates))
    return seconds(tables(folder, kind, ways(tags), nodes, bus_gates=bus_gates)[0])


def _seconds(network: RoadNetwork) -> tuple[float, float]:
    ends = [network.node_id.tolist().index(str(NODE[name])) for name in "EF"]
    times = network.times_from(ends)
    return round(float(times[0, ends[1]]) / 1000, 1), round(float(times[1, ends[0]]) / 1000, 1)


def _write_csv(folder: Path, every: Ways) -> None:
    ends = sorted({name for _, path, _ in every for name in (path[0], path[-1])})
    rows = [{"id": NODE[name], "x": _GRID[name][0], "y": _GRID[name][1]} for name in ends]
    pd.DataFrame(rows).to_csv(folder / "nodes.csv", index=False)
    edges = []
    for _, path, tags in every:
        length = shapely.LineString([_GRID[name] for name in path]).length
        edges.append({"from": NODE[path[0]], "to": NODE[path[-1]], "length_m": length, **tags})
    pd.DataFrame(edges).fillna("").to_csv(folder / "edges.csv", index=False)


def _tag_text(tags: Mapping[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())
