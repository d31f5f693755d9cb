"""Layers of an ArcGIS server, page by page, and all of them or an error."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import geopandas as gpd
import numpy as np
import shapely

from borderless.errors import FetchError
from borderless.fetch.endpoints import Endpoint
from borderless.fetch.http import BadAnswerError, Client, Request
from borderless.sources.tables import WGS84

REMEDY = "try again later, or use a local file of the areas"
_PAGE_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Layer:
    """What is wanted of a layer.

    Parameters
    ----------
    what
        In a few words.
    code, name
        Patterns of the columns with each feature's code and name, whatever the edition calls them; `name`
        is empty when names are not needed.
    """

    what: str
    code: str
    name: str = ""


def fetch_features(
    client: Client, endpoint: Endpoint, layer: Layer, box: tuple[float, float, float, float] | None = None
) -> gpd.GeoDataFrame:
    """Fetch all features of a layer, or those that touch a box.

    Parameters
    ----------
    client
        Asks for them.
    endpoint
        The layer's address, which ends in a number.
    layer
        What is wanted.
    box
        West, south, east, north, degrees; None: everywhere.

    Returns
    -------
    GeoDataFrame
        Columns code, name (text), geometry (EPSG:4326), sorted by code.

    Raises
    ------
    FetchError
        When pages cannot be had or do not add up to the layer's own count.
    """
    code, name, page = _columns(client, endpoint, layer)
    where: dict[str, str] = {"where": "1=1"}
    if box is not None:
        where |= {
            "geometry": ",".join(f"{edge:.6f}" for edge in box),
            "geometryType": "esriGeometryEnvelope",
            "inSR": "4326",
            "spatialRel": "esriSpatialRelIntersects",
        }
    counting = _request(
        endpoint, f"number of {layer.what}", {**where, "returnCountOnly": "true", "f": "json"}
    )
    count = int(_read(client.get(counting(_check_count)).path)["count"])
    fields = ",".join(filter(None, (code, name)))
    found: dict[str, tuple[str, Any]] = {}
    while len(found) < count:
        query = {
            **where,
            "outFields": fields,
            "outSR": "4326",
            "orderByFields": code,
            "resultOffset": str(len(found)),
            "resultRecordCount": str(page),
            "f": "geojson",
        }
        what = f"{layer.what}, {len(found):,} of {count:,}"
        check = _page_check(code, name, found, min(page, count - len(found)))
        answer = client.get(_request(endpoint, what, query)(check))
        found |= _features(answer.path, code, name)
    codes = sorted(found)
    return gpd.GeoDataFrame(
        {"code": codes, "name": [found[code][0] for code in codes]},
        geometry=[found[code][1] for code in codes],
        crs=WGS84,
    )


def _columns(client: Client, endpoint: Endpoint, layer: Layer) -> tuple[str, str, int]:
    """Return the columns of codes and names, and how many rows the server sends at once."""
    url = f"{endpoint.url.rstrip('/')}?{urlencode({'f': 'json'})}"
    what = f"description of {layer.what}"
    request = Request(what, endpoint.name, url, _check_layer, REMEDY)
    described = _read(client.get(request).path)
    names = [str(column["name"]) for column in described["fields"]]
    chosen = []
    for pattern in filter(None, (layer.code, layer.name)):
        fitting = [name for name in names if re.fullmatch(pattern, name, re.IGNORECASE)]
        if not fitting:
            why = f"describes a layer with the columns {', '.join(names)}; none of them is like {pattern}"
            raise FetchError(layer.what, endpoint.server, why, "give the address of another layer")
        chosen.append(fitting[0])
    most = int(described.get("maxRecordCount") or _PAGE_ROWS)
    return chosen[0], chosen[1] if layer.name else "", max(1, min(most, _PAGE_ROWS))


def _request(
    endpoint: Endpoint, what: str, query: Mapping[str, str]
) -> Callable[[Callable[[Path], None]], Request]:
    url = f"{endpoint.url.rstrip('/')}/query?{urlencode(query)}"
    return lambda check: Request(what, endpoint.name, url, check, REMEDY)


def _read(path: Path) -> dict[str, Any]:
    """Return an answer; ArcGIS sends its errors with status 200."""
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise BadAnswerError(f"sent no whole JSON ({error})") from error
    if not isinstance(document, dict):
        raise BadAnswerError("sent something that is no answer of ArcGIS")
    if "error" in document:
        fault = document["error"] if isinstance(document["error"], dict) else {}
        said = f"{fault.get('code', '')} {fault.get('message', '')}".strip()
        raise BadAnswerError(f"answered with an error: {said or document['error']}")
    return document


def _check_layer(path: Path) -> None:
    fields = _read(path).get("fields")
    if not isinstance(fields, list) or not all(isinstance(one, dict) and "name" in one for one in fields):
        raise BadAnswerError("sent no description of a layer")


def _check_count(path: Path) -> None:
    count = _read(path).get("count")
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise BadAnswerError(f"sent no number of features ({count!r})")


def _page_check(code: str, name: str, before: Mapping[str, Any], expected: int) -> Callable[[Path], None]:
    def check(path: Path) -> None:
        found = _features(path, code, name)
        if found.keys() & before.keys():
            raise BadAnswerError("sent features again that it had sent before")
        # A page may be shorter than asked for when the server says that it goes on.
        more = _goes_on(_read(path))
        if not found or len(found) > expected or (len(found) < expected and not more):
            raise BadAnswerError(f"sent {len(found):,} features where there should be {expected:,}")

    return check


def _goes_on(document: Mapping[str, Any]) -> bool:
    inside = document.get("properties")
    inner = inside.get("exceededTransferLimit") if isinstance(inside, dict) else None
    return bool(document.get("exceededTransferLimit") or inner)


def _features(path: Path, code: str, name: str) -> dict[str, tuple[str, Any]]:
    """Return name and geometry of each feature of a page, by code."""
    document = _read(path)
    try:
        found = {
            str(one["properties"][code]): (
                str(one["properties"][name]) if name else "",
                shapely.from_geojson(json.dumps(one["geometry"])),
            )
            for one in document["features"]
        }
    except (KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        raise BadAnswerError(f"sent features that cannot be read ({error!r:.80})") from error
    if len(found) != len(document["features"]):
        raise BadAnswerError("sent the same code twice")
    west, south, east, north = shapely.bounds([shape for _, shape in found.values()]).T.reshape(4, -1)
    # NaN, of an empty shape, is not inside either
    if not np.all((west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)):
        raise BadAnswerError("sent a feature without a place on earth")
    return found
