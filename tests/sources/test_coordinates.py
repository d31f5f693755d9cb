"""Any table file into text and grid coordinates: what is kept, and what is refused with its row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from borderless.errors import Problem, ProblemLog
from borderless.sources.coordinates import coordinate_columns, grid_coordinates
from borderless.sources.files import read_table
from borderless.sources.tables import (
    Table,
)
from table_files import EAST_NORTH, LON_LAT, Write, geojson, point

# coordinates


def place(path: Path, x: str = "lon", y: str = "lat") -> tuple[list[list[float]], list[Problem]]:
    log = ProblemLog()
    table = read_table(path, log)
    return grid_coordinates(table, x, y, log).tolist(), list(log)


def test_degrees_and_metres_mean_the_same_place(write: Write) -> None:
    degrees, none = place(write("t.csv", f"lon,lat\n{LON_LAT[0]},{LON_LAT[1]}\n"))
    metres, neither = place(write("u.csv", f"x,y\n{EAST_NORTH[0]},{EAST_NORTH[1]}\n"), "x", "y")
    assert none == neither == []
    assert metres == [[*EAST_NORTH]]
    assert np.hypot(*np.subtract(degrees[0], metres[0])) < 10


def test_point_features_need_no_columns(write: Write) -> None:
    (found,), none = place(write("t.geojson", geojson(({"id": "a"}, point()))))
    assert none == []
    assert np.hypot(*np.subtract(found, EAST_NORTH)) < 10


def test_features_other_than_points_are_refused_where_points_are_needed(write: Write) -> None:
    line = {"type": "LineString", "coordinates": [LON_LAT, (-1.2, 52.9)]}
    (first, second), (problem,) = place(write("t.geojson", geojson(({}, line), ({}, point()))))
    assert np.isnan(first).all()
    assert np.isfinite(second).all()
    assert (problem.where, problem.value, problem.why) == ("feature 1", "LineString", "must be a point")


def test_swapped_columns_are_recognised_as_such(write: Write) -> None:
    rows = "".join(f"{52 + i / 100},{-1 - i / 100}\n" for i in range(30))
    found, (problem,) = place(write("t.csv", "lon,lat\n" + rows))
    assert problem.why == "latitude and longitude look swapped"
    assert problem.column == "lon, lat"
    assert np.isnan(found).all()


def test_a_single_swapped_row_is_named(write: Write) -> None:
    text = "lon,lat\n-1.1,52.9\n52.9,-1.1\n-1.2,52.8\n"
    found, (problem,) = place(write("t.csv", text))
    assert (problem.where, problem.value) == ("row 3", "52.9, -1.1")
    assert problem.why == "latitude and longitude look swapped"
    assert problem.rule == "swap latitude and longitude"
    assert np.isnan(found[1]).all()
    assert np.isfinite(found[0]).all()


def test_grid_metres_among_degrees_are_named_and_the_other_way_round(write: Write) -> None:
    _, (odd,) = place(write("t.csv", "lon,lat\n-1.1,52.9\n-1.2,52.8\n457210,339517\n"))
    assert (odd.where, odd.rule) == ("row 4", "read as EPSG:27700")
    _, (odd,) = place(write("u.csv", "x,y\n457210,339517\n457210,339518\n457210,33951700\n"), "x", "y")
    assert odd.where == "row 4"
    assert "easting and northing of the British National Grid" in odd.why


@pytest.mark.parametrize(
    ("cell", "why", "remedy"),
    [
        ('"52,95"', "must be a number", "write a decimal point, not a comma"),
        ("", "is empty", "give a number"),
        ("north", "must be a number", "give a number"),
        ("nan", "must be a number", "give a number"),
        ("inf", "must be a number", "give a number"),
    ],
)
def test_a_coordinate_that_is_no_number_is_named_with_its_row(
    write: Write, cell: str, why: str, remedy: str
) -> None:
    found, (problem,) = place(write("t.csv", f"lon,lat\n-1.1,52.9\n\n-1.1,{cell}\n"))
    # the blank line is row 3
    assert (problem.where, problem.column, problem.value) == ("row 4", "lat", cell.strip('"'))
    assert (problem.why, problem.remedy) == (why, remedy)
    assert np.isnan(found[1]).all()


def test_rows_may_lack_coordinates_where_that_is_allowed(write: Write) -> None:
    log = ProblemLog()
    table = read_table(write("t.csv", "id,lon,lat\na,-1.1,52.9\nb,,\nc,-1.1,\n"), log)
    found = grid_coordinates(table, "lon", "lat", log, optional=True)
    assert not list(log)
    assert np.isfinite(found).all(axis=1).tolist() == [True, False, False]


def test_a_missing_coordinate_column_is_named_with_the_nearest_one(write: Write) -> None:
    found, missing = place(write("t.csv", "long,latt\n-1.1,52.9\n"))
    assert [p.column for p in missing] == ["lon", "lat"]
    assert [p.remedy for p in missing] == ["add it, or rename 'long'", "add it, or rename 'latt'"]
    assert np.isnan(found).all()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("lon,lat", ("lon", "lat")),
        ("Easting,Northing", ("Easting", "Northing")),
        ("X,Y", ("X", "Y")),
        ("latitude,longitude", ("longitude", "latitude")),
        ("x,y,lon,lat", ("lon", "lat")),
        ("a,b", ("lon", "lat")),
    ],
)
def test_usual_coordinate_columns_are_found(header: str, expected: tuple[str, str]) -> None:
    table = Table("t.csv", pd.DataFrame(columns=header.split(",")), "row")
    assert coordinate_columns(table) == expected
