"""Roads from extracts: the smallest ones of an index that cover the area, checked, joined and cropped."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import shapely
from shapely.geometry.base import BaseGeometry

from borderless.errors import FetchError
from borderless.fetch.endpoints import Endpoint
from borderless.fetch.http import BadAnswerError, Client, Request
from borderless.fetch.pbf import check_streets, data_date, join

REMEDY = "try again later, or use a local extract: [roads] source in study.toml"
# An extract that is cut at its outline may end a little before it: about 2 km.
_OUTLINE_SLACK_DEG = 0.02
# Slivers between two extracts' simplified outlines, as a share of what must be covered.
_SLIVER_SHARE = 0.001
# Beyond the force areas, no extract so many times larger than the whole area is taken for a rest of sea.
_TOO_LARGE = 10.0
_EXTRACT_LIMIT_BYTES = 4_000_000_000
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Extract:
    """One file of an index.

    Parameters
    ----------
    name
        As people call it.
    url
        Where it is.
    shape
        What it covers, degrees.
    """

    name: str
    url: str
    shape: BaseGeometry


def fetch_roads(
    client: Client, endpoint: Endpoint, forces: BaseGeometry, area: BaseGeometry, target: Path
) -> str:
    """Fetch, join and crop the roads of an area.

    Parameters
    ----------
    client
        Asks for them.
    endpoint
        The index of extracts.
    forces, area
        The force areas, and these with the band around them, degrees.
    target
        The ``.osm.pbf`` file to write; it must not exist.

    Returns
    -------
    str
        The date of the oldest extract, ISO 8601; empty when one does not say.

    Raises
    ------
    FetchError
        When extracts cannot be had, are damaged, or do not cover the force areas.
    """
    what = "index of extracts"
    request = Request(what, endpoint.name, endpoint.url, check_index, REMEDY)
    index = client.get(request)
    try:
        chosen = choose(read_index(index.path, endpoint.url), forces, area)
    except BadAnswerError as error:
        raise FetchError("roads", endpoint.server, str(error), REMEDY) from error
    paths = [client.get(_request(client, endpoint, extract)).path for extract in chosen]
    dates = [data_date(path) for path in paths]
    oldest = min(dates) if all(dates) else ""
    try:
        streets = join(paths, area, target, oldest, client.deadline)
    except BadAnswerError as error:
        raise FetchError("roads", endpoint.server, str(error), REMEDY) from error
    if not streets:
        raise FetchError("roads", endpoint.server, "has no street in the area", REMEDY)
    return oldest


def check_index(path: Path) -> None:
    """Refuse a file that is no index of extracts.

    Raises
    ------
    BadAnswerError
    """
    if not read_index(path, "https://example.org/"):
        raise BadAnswerError("sent an index without extracts")


def read_index(path: Path, url: str) -> list[Extract]:
    """Return the extracts of an index that have no parts in it themselves, smallest first.

    Parameters
    ----------
    path
        A GeoJSON file whose features have ``id``, ``name``, ``parent`` and ``urls.pbf``.
    url
        The index's address: addresses in it may be relative to it.

    Raises
    ------
    BadAnswerError
        When the file is something else.
    """
    try:
        features = json.loads(path.read_bytes())["features"]
        parents = {feature["properties"].get("parent") for feature in features}
        extracts = [
            Extract(
                name=str(feature["properties"].get("name") or feature["properties"]["id"]),
                url=urljoin(url, feature["properties"]["urls"]["pbf"]),
                shape=shapely.make_valid(shapely.from_geojson(json.dumps(feature["geometry"]))),
            )
            for feature in features
            if feature["properties"]["id"] not in parents
            and feature.get("geometry")
            and "pbf" in feature["properties"].get("urls", {})
        ]
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        raise BadAnswerError(f"sent something that is no index of extracts ({error})") from error
    return sorted(extracts, key=lambda extract: (extract.shape.area, extract.url))


def choose(extracts: Sequence[Extract], forces: BaseGeometry, area: BaseGeometry) -> list[Extract]:
    """Return the smallest extracts that together cover the area.

    Parameters
    ----------
    extracts
        Smallest first.
    forces
        What must be covered.
    area
        What should be covered too; parts of it may be sea or abroad.

    Raises
    ------
    BadAnswerError
        When no extracts cover the force areas.
    """
    chosen, rest, open_forces = [], area, forces
    slivers, must = area.area * _SLIVER_SHARE, forces.area * _SLIVER_SHARE
    for extract in extracts:
        if not extract.shape.intersects(rest):
            continue
        useful = extract.shape.intersection(rest).area > slivers
        if extract.shape.area > _TOO_LARGE * area.area:
            useful = extract.shape.intersection(open_forces).area > must
        if useful:
            chosen.append(extract)
            rest = rest.difference(extract.shape)
            open_forces = open_forces.difference(extract.shape)
    if open_forces.area > must:
        share = open_forces.area / forces.area
        raise BadAnswerError(f"has no extract for {share:.1%} of the force areas")
    return chosen


def _request(client: Client, endpoint: Endpoint, extract: Extract) -> Request:
    outline = extract.shape.buffer(_OUTLINE_SLACK_DEG)
    checksum = _Checksum(client, endpoint, extract)

    def check(path: Path) -> None:
        expected = checksum()
        if expected and _md5_of(path) != expected:
            # one of the two may have been replaced by that of the day in between
            checksum.forget()
            raise BadAnswerError("sent a file that is not the one of its checksum")
        check_streets(path, outline, client.deadline)

    return Request(
        what=f"extract of {extract.name}",
        endpoint=endpoint.name,
        url=extract.url,
        check=check,
        remedy=REMEDY,
        limit_bytes=_EXTRACT_LIMIT_BYTES,
        resumable=True,
        sized=True,
    )


class _Checksum:
    """The checksum beside an extract, asked for when it is needed; empty where there is none."""

    def __init__(self, client: Client, endpoint: Endpoint, extract: Extract) -> None:
        self._client, self._extract = client, extract
        what, url = f"checksum of {extract.name}", f"{extract.url}.md5"
        self._request = Request(what, endpoint.name, url, _check_md5, REMEDY, limit_bytes=10_000, fresh=True)
        self._found: str | None = None

    def __call__(self) -> str:
        if self._found is None:
            try:
                answer = self._client.get(self._request)
                self._found = answer.path.read_text(encoding="ascii")[:32].lower()
            except FetchError as error:
                why = f"there is no checksum to hold it to ({error.why})"
                self._client.log.notice(self._extract.name, why, value=self._extract.url)
                self._found = ""
        return self._found

    def forget(self) -> None:
        self._found = None


def _check_md5(path: Path) -> None:
    if not re.match(rb"[0-9a-fA-F]{32}\b", path.read_bytes()):
        raise BadAnswerError("sent something that is no checksum")


def _md5_of(path: Path) -> str:
    # what the server offers; it finds damage, and is no proof against forgery
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_CHUNK_BYTES):
            digest.update(block)
    return digest.hexdigest()
