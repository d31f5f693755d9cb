"""Any table file into text and grid coordinates: what is kept, and what is refused with its row."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from borderless.errors import Problem, ProblemLog
from borderless.sources.files import read_table
from borderless.sources.tables import (
    Table,
    whole_numbers,
)

Write = Callable[[str, str | bytes], Path]
# Nottingham, lon lat and easting northing, to a metre (Ordnance Survey's own transformation)
LON_LAT = (-1.15, 52.95)
EAST_NORTH = (457_210, 339_517)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return file


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


# numbers


def test_whole_numbers_come_in_every_usual_spelling(write: Write) -> None:
    table = read(write("t.csv", 'v,w\n5,a\n 5 ,a\n+5,a\n5.0,a\n0,a\n-0,a\n1e3,a\n"12",a\n'))
    log = ProblemLog()
    assert whole_numbers(table, "v", log).tolist() == [5, 5, 5, 5, 0, 0, 1000, 12]
    assert not list(log)


@pytest.mark.parametrize(
    "cell", ["-3", "2.5", "0x10", "1_000", "True", "99999999999999999999", '"1,00"', "٣"]
)
def test_other_weights_are_named_with_row_and_value(write: Write, cell: str) -> None:
    table = read(write("t.csv", f"v,w\n1,a\n{cell},a\n"))
    log = ProblemLog()
    assert whole_numbers(table, "v", log).tolist() == [1, 0]
    (problem,) = log
    assert (problem.where, problem.column, problem.value) == ("row 3", "v", cell.strip('"'))


def test_a_row_that_ends_early_is_named(write: Write) -> None:
    problem = the_problem(write("t.csv", "id,units\na,1\nb\n"))
    assert (problem.where, problem.why) == ("row 3", "has fewer cells (1) than the header (2)")
