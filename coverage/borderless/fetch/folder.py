"""The study folder: made beside its place, checked by the reader of studies, then moved in file by file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from borderless.errors import InputError, Problem
from borderless.fetch.endpoints import Endpoint
from borderless.fetch.http import Taken
from borderless.store import sha256_of, write_atomically
from borderless.study.read import read_study

ROADS, STATIONS, FORCES, PLACES = "roads.osm.pbf", "stations.csv", "forces.geojson", "places.csv"
POPULATION, CRIME, STUDY = "population.csv", "crime", "study.toml"
SOURCES, README = "sources.json", "README.md"
NAMES = (ROADS, STATIONS, FORCES, PLACES, POPULATION, CRIME, SOURCES, README, STUDY)
DRAFT = (
    "Draft: stations are police sites as OpenStreetMap has them, one unit each; "
    "nobody has said which of them send units, and how many"
)
# About 0.1 m.
_DECIMALS = 6


@dataclass(frozen=True)
class Contents:
    """What goes into a study folder besides roads and incidents.

    Parameters
    ----------
    alliance, outside
        Names of forces.
    guard_band_km
        How far beyond the forces roads were kept, km.
    areas
        Columns force, geometry (EPSG:4326).
    stations, places, population
        Tables as they are written.
    months
        Months of incidents; empty when there are none.
    roads_date
        The date of the roads, ISO 8601; empty when unknown.
    """

    alliance: tuple[str, ...]
    outside: tuple[str, ...]
    guard_band_km: float
    areas: gpd.GeoDataFrame
    stations: pd.DataFrame
    places: pd.DataFrame
    population: pd.DataFrame
    months: tuple[str, ...]
    roads_date: str


def refuse_existing(out: Path) -> None:
    """Refuse a folder that has files a study folder would overwrite.

    Raises
    ------
    InputError
    """
    there = [name for name in NAMES if (out / name).exists()]
    if there:
        why = f"already holds {', '.join(there)}"
        raise InputError(
            [Problem(str(out), why=why, remedy="name another folder, or overwrite with --force")]
        )


def write_stage(
    stage: Path, contents: Contents, endpoints: Mapping[str, Endpoint], taken: Sequence[Taken]
) -> None:
    """Write everything but roads and incidents into a folder that has these, and read its study back.

    Parameters
    ----------
    stage
        The folder, with the roads and, where there are months, the incidents in it.
    contents
        What to write.
    endpoints
        All endpoints, by name.
    taken
        The answers it was made of.

    Raises
    ------
    InputError
        When the reader of studies does not accept the result.
    """
    used = [endpoints[name] for name in dict.fromkeys(one.endpoint for one in taken)]
    for name, table in (
        (STATIONS, contents.stations),
        (PLACES, contents.places),
        (POPULATION, contents.population),
    ):
        write_atomically(stage / name, table.to_csv(index=False, lineterminator="\n").encode())
    write_atomically(stage / FORCES, _geojson(contents.areas))
    write_atomically(stage / STUDY, _study(contents, used).encode())
    write_atomically(stage / README, _readme(contents, used).encode())
    record = _record(stage, contents, endpoints, taken)
    write_atomically(stage / SOURCES, json.dumps(record, ensure_ascii=False, indent=1).encode())
    read_study(stage / STUDY)


def move_in(stage: Path, out: Path) -> list[Path]:
    """Put the files of a finished stage into place, each whole, the study last; returns them."""
    made = sorted(path.relative_to(stage) for path in stage.rglob("*") if path.is_file())
    made.sort(key=lambda path: path.name == STUDY)
    for file in made:
        write_atomically(out / file, (stage / file).read_bytes())
    return [out / file for file in made]


def _geojson(areas: gpd.GeoDataFrame) -> bytes:
    # Rounded alike on both sides, shared borders stay shared.
    shapes = shapely.transform(areas.geometry.to_numpy(), lambda xy: np.round(xy, _DECIMALS))
    features = [
        {"type": "Feature", "properties": {"force": force}, "geometry": json.loads(shapely.to_geojson(shape))}
        for force, shape in zip(areas["force"], shapes, strict=True)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


def _study(contents: Contents, used: Sequence[Endpoint]) -> str:
    lines = [
        "# Made by `borderless fetch`. Paths are relative to this file.",
        "# stations.csv is a draft: README.md says what to fill in.",
        f"name = {_text(' and '.join(contents.alliance))}",
        f"sources = {_list([one.attribution for one in used])}",
        f"notes = {_list([DRAFT])}",
        "",
        "[roads]",
        f"source = {_text(ROADS)}",
        f"guard_band_km = {contents.guard_band_km:g}",
        "",
        "[stations]",
        f"file = {_text(STATIONS)}",
        "",
        "[forces]",
        f"file = {_text(FORCES)}",
        'name = "force"',
        f"alliance = {_list(contents.alliance)}",
        f"outside = {_list(contents.outside)}",
        "",
        *(["[places]", f"file = {_text(PLACES)}", ""] if len(contents.places) else []),
        "[[demand]]",
        'measure = "population"',
        f"file = {_text(POPULATION)}",
        'weight = "population"',
        *(["", "[[demand]]", 'measure = "incidents"', f"police_uk = {_text(CRIME)}"] * bool(contents.months)),
    ]
    other = [f"{one.name} = {_text(one.url)}" for one in used if one.given_by]
    return "\n".join([*lines, *(["", "[endpoints]", *other] if other else []), ""])


def _readme(contents: Contents, used: Sequence[Endpoint]) -> str:
    months = f"- `{CRIME}/`: street-level crime, {', '.join(contents.months)}\n" if contents.months else ""
    dated = f", {contents.roads_date[:10]}" if contents.roads_date else ""
    credit = "\n".join(f"- {one.attribution} ({one.edition}; {one.licence})" for one in used)
    text = files("borderless.fetch").joinpath("folder_readme.md").read_text(encoding="utf-8")
    return text.format(
        name=" and ".join(contents.alliance),
        guard_band_km=f"{contents.guard_band_km:g}",
        dated=dated,
        count=len(contents.stations),
        months=months,
        credit=credit,
    )


def _record(
    stage: Path, contents: Contents, endpoints: Mapping[str, Endpoint], taken: Sequence[Taken]
) -> dict[str, Any]:
    sources = []
    for one in taken:
        place, answer = endpoints[one.endpoint], one.answer
        sources.append(
            {
                "endpoint": one.endpoint,
                "what": one.what,
                "url": answer.url,
                "edition": place.edition,
                "licence": place.licence,
                "attribution": place.attribution,
                "address_given_by": place.given_by,
                "sha256": answer.sha256,
                "bytes": answer.size_bytes,
                "source_date": contents.roads_date if one.endpoint in {"extracts", "overpass"} else "",
                "last_modified": answer.changed,
                "fetched": answer.fetched,
                "from_cache": answer.from_cache,
            }
        )
    written = sorted(path for path in stage.rglob("*") if path.is_file())
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "program": f"borderless-coverage {version('borderless-coverage')}",
        "alliance": list(contents.alliance),
        "outside": list(contents.outside),
        "roads_date": contents.roads_date,
        "sources": sources,
        "files": {path.relative_to(stage).as_posix(): sha256_of(path) for path in written},
    }


def _text(value: str) -> str:
    # every JSON text is a TOML text
    return json.dumps(value, ensure_ascii=False)


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"
