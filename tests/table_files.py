"""Table files for tests: written as text or bytes, read without problems or for their problems."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from borderless.errors import Problem, ProblemLog
from borderless.sources.files import read_table
from borderless.sources.tables import Table

Write = Callable[[str, str | bytes], Path]
# Nottingham, lon lat and easting northing, to a metre (Ordnance Survey's own transformation)
LON_LAT = (-1.15, 52.95)
EAST_NORTH = (457_210, 339_517)


def read(path: Path, *required: str) -> Table:
    """Read a table that must be without problems."""
    log = ProblemLog()
    table = read_table(path, log, required=required)
    assert not list(log)
    return table


def problems(path: Path, *required: str) -> list[Problem]:
    log = ProblemLog()
    read_table(path, log, required=required)
    assert all(p.file == path.name and p.why for p in log)
    assert all(p.remedy for p in log.errors)
    return list(log)


def the_problem(path: Path, *required: str) -> Problem:
    (problem,) = problems(path, *required)
    return problem


def geojson(*features: tuple[dict[str, object], object]) -> str:
    """Return a GeoJSON text of properties and geometries."""
    found = [
        {"type": "Feature", "properties": properties, "geometry": geometry}
        for properties, geometry in features
    ]
    return json.dumps({"type": "FeatureCollection", "features": found})


def point(x: float = LON_LAT[0], y: float = LON_LAT[1]) -> dict[str, object]:
    return {"type": "Point", "coordinates": [x, y]}
