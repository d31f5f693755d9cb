"""Roads from Overpass: OSMnx's queries, asked by our own client, and a graph only from whole answers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from borderless.errors import FetchError, InputError, Problem
from borderless.fetch.endpoints import Endpoint
from borderless.fetch.http import BadAnswerError, Client, Request
from borderless.fetch.pbf import INSIDE_SHARE, MISSING_SHARE, check_streets, write_elements
from borderless.sources.tables import GRID, WGS84

REMEDY = "try again later, leave out --overpass, or use a local extract: [roads] source in study.toml"
_ASKED = {"highway", "amenity"}
_PLACES = ["city", "town", "village", "hamlet", "suburb"]
# The largest area that OSMnx asks for at once, and how its queries end.
_TILE_M = 50_000.0
_END = "out;"
# What is straight on the grid is bent in degrees, so long edges get corners between.
_EDGE_M, _EDGE_DEG = 5_000.0, 0.05
_COUNTED_END = "out count;out;"
_PATIENCE_S = 30.0
# A full server has room again after about a minute.
_FIRST_WAIT_S = 15.0
_ANSWER_LIMIT_BYTES = 1_000_000_000


def fetch_roads(
    client: Client, endpoint: Endpoint, forces: BaseGeometry, area: BaseGeometry, target: Path
) -> str:
    """Fetch the roads of an area, tile by tile; one that fails makes all fail.

    Parameters
    ----------
    client
        Asks for them.
    endpoint
        The Overpass interpreter.
    forces, area
        The force areas, and these with the band around them, degrees.
    target
        The ``.osm.pbf`` file to write; it must not exist.

    Returns
    -------
    str
        The date of the oldest answer, ISO 8601.

    Raises
    ------
    FetchError
        When a tile cannot be had, whole and of the right place.
    InputError
        When OSMnx is not installed.
    """
    _osmnx()
    elements: list[dict[str, Any]] = []
    dates: list[str] = []
    all_tiles = tiles(area)
    for number, tile in enumerate(all_tiles, start=1):
        asked = f"tile {number} of {len(all_tiles)}"
        for request in (
            _streets(endpoint, asked, tile, must=bool(tile.intersects(forces))),
            _sites(endpoint, asked, tile),
        ):
            document = json.loads(client.get(request).path.read_bytes())
            elements += document["elements"]
            dates.append(document["osm3s"]["timestamp_osm_base"])
    write_elements(elements, target, min(dates))
    try:
        check_streets(target, area, client.deadline)
    except BadAnswerError as error:
        raise FetchError("roads", endpoint.server, str(error), REMEDY) from error
    return min(dates)


def tiles(area: BaseGeometry) -> list[shapely.Polygon]:
    """Return polygons, degrees, that cover an area and are small enough for one query each."""
    plane = _projected(shapely.segmentize(area, _EDGE_DEG), WGS84, GRID)
    west, south, east, north = shapely.bounds(plane)
    columns, rows = math.ceil((east - west) / _TILE_M), math.ceil((north - south) / _TILE_M)
    width, height = (east - west) / columns, (north - south) / rows
    boxes = [
        shapely.box(west + i * width, south + j * height, west + (i + 1) * width, south + (j + 1) * height)
        for j in range(rows)
        for i in range(columns)
    ]
    parts = [shapely.intersection(plane, box) for box in boxes]
    # Overpass takes outlines without holes or islands.
    hulls = [shapely.segmentize(part.convex_hull, _EDGE_M) for part in parts if part.area > 0]
    return [_projected(hull, GRID, WGS84) for hull in hulls]


def check_answer(path: Path, tile: shapely.Polygon, *, streets: bool, must: bool) -> None:
    """Refuse an answer of Overpass that is not the whole of what was asked for.

    Parameters
    ----------
    path
        The answer, JSON.
    tile
        What was asked for, degrees.
    streets
        Whether it was asked for streets.
    must
        Whether there must be some.

    Raises
    ------
    BadAnswerError
    """
    elements = _elements(path)
    nodes = {one["id"]: (one["lon"], one["lat"]) for one in elements if one["type"] == "node"}
    ways = [one for one in elements if one["type"] == "way"]
    references = [node for way in ways for node in way["nodes"]]
    missing = sum(node not in nodes for node in references)
    if missing > MISSING_SHARE * len(references):
        raise BadAnswerError(f"sent ways without {missing:,} of their {len(references):,} nodes")
    # Outlines of places come along, whose ways may lie anywhere.
    asked = [way for way in ways if way.get("tags", {}).keys() & _ASKED]
    if not asked and streets and must:
        raise BadAnswerError("sent no street where there must be some")
    west, south, east, north = shapely.bounds(tile)
    places = [[nodes[node] for node in way["nodes"] if node in nodes] for way in asked]
    near = sum(any(west <= x <= east and south <= y <= north for x, y in place) for place in places)
    if near < INSIDE_SHARE * len(asked):
        far = f"{len(asked) - near:,} of {len(asked):,}"
        raise BadAnswerError(f"sent ways of another place ({far} lie elsewhere)")


def _elements(path: Path) -> list[dict[str, Any]]:
    """Return the elements of an answer that was not cut short and has as many as it says."""
    try:
        document = json.loads(path.read_bytes())
        if "remark" in document:
            raise BadAnswerError(f"stopped early, saying: {str(document['remark'])[:200]}")
        if not document["osm3s"]["timestamp_osm_base"]:
            raise BadAnswerError("does not say of what date its data are")
        elements: list[dict[str, Any]] = [one for one in document["elements"] if one["type"] != "count"]
        strange = [one["id"] for one in elements if not _sane(one)]
        counts = [one["tags"]["total"] for one in document["elements"] if one["type"] == "count"]
        promised = int(counts[0]) if counts else None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadAnswerError(f"sent something that is no answer of Overpass ({error!r:.80})") from error
    if strange:
        raise BadAnswerError(f"sent {len(strange):,} elements without sense, the first is {strange[0]}")
    if promised != len(elements):
        said = "not said how many" if promised is None else f"{promised:,}"
        raise BadAnswerError(f"sent {len(elements):,} elements where there should be {said}")
    return elements


def _sane(one: dict[str, Any]) -> bool:
    """Return whether an element has what its type needs, of the right types."""
    tags = one.get("tags", {})
    if not isinstance(one["id"], int) or not all(isinstance(text, str) for text in tags.values()):
        return False
    if one["type"] == "node":
        return bool(-180 <= one["lon"] <= 180 and -90 <= one["lat"] <= 90)
    if one["type"] == "way":
        return bool(one["nodes"]) and all(isinstance(node, int) for node in one["nodes"])
    return True


def _streets(endpoint: Endpoint, asked: str, tile: shapely.Polygon, *, must: bool) -> Request:
    osmnx = _osmnx()
    wanted = f"way{osmnx._get_network_filter('drive')}(poly:{_outline(tile)!r});>;"
    query = f"{osmnx._make_overpass_settings()};({wanted});{_END}"
    return _request(
        endpoint, f"streets, {asked}", query, lambda path: check_answer(path, tile, streets=True, must=must)
    )


def _sites(endpoint: Endpoint, asked: str, tile: shapely.Polygon) -> Request:
    tags = {"amenity": "police", "place": _PLACES}
    query = _osmnx()._create_overpass_features_query(_outline(tile), tags)
    return _request(
        endpoint, f"sites, {asked}", query, lambda path: check_answer(path, tile, streets=False, must=False)
    )


def _request(endpoint: Endpoint, what: str, query: str, check: Callable[[Path], None]) -> Request:
    # A count before the elements tells a whole answer from one that lost some.
    counted = query.removesuffix(_END) + _COUNTED_END
    patience_s = _osmnx().settings.requests_timeout + _PATIENCE_S
    return Request(
        what=what,
        endpoint=endpoint.name,
        url=endpoint.url,
        check=check,
        remedy=REMEDY,
        data={"data": counted},
        limit_bytes=_ANSWER_LIMIT_BYTES,
        silence_s=patience_s,
        first_wait_s=_FIRST_WAIT_S,
    )


def _outline(tile: shapely.Polygon) -> str:
    """Return an outline as Overpass takes it: latitude and longitude in turn, to about 10 cm."""
    return " ".join(f"{lat:.6f} {lon:.6f}" for lon, lat in tile.exterior.coords)


def _projected(shape: BaseGeometry, from_crs: str, to_crs: str) -> Any:
    return gpd.GeoSeries([shape], crs=from_crs).to_crs(to_crs).iloc[0]


def _osmnx() -> Any:
    """Return OSMnx's module of queries; its functions that download are never called."""
    try:
        # only those who ask for it need OSMnx
        from osmnx import _overpass  # noqa: PLC0415
    except ImportError as error:
        why, remedy = "needs OSMnx, which is not installed", "pip install 'borderless-coverage[osmnx]'"
        raise InputError([Problem("--overpass", why=why, remedy=remedy)]) from error
    return _overpass
