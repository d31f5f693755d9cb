"""Any table file into text and grid coordinates: what is kept, and what is refused with its row."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from borderless.errors import Problem, ProblemLog
from borderless.sources.tables import (
    Table,
    coordinate_columns,
    grid_coordinates,
    numbers,
    read_table,
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


# text stays as it was written


def test_ids_with_zeros_and_names_like_na_are_kept_as_text(write: Write) -> None:
    rows = read(write("t.csv", "id,name,e\n007,NA,1e5\n1.0,None,nan\n")).rows
    assert rows["id"].tolist() == ["007", "1.0"]
    assert rows["name"].tolist() == ["NA", "None"]
    assert rows["e"].tolist() == ["1e5", "nan"]


def test_a_byte_order_mark_is_not_part_of_the_first_name(write: Write) -> None:
    table = read(write("t.csv", b"\xef\xbb\xbfid,x\n1,2\n"), "id", "x")
    assert table.rows.columns.tolist() == ["id", "x"]


def test_cells_may_hold_commas_quotes_and_line_breaks(write: Write) -> None:
    rows = read(write("t.csv", 'id,name\n1,"St Ann\'s, ""north""\nside"\n')).rows
    assert rows["name"].tolist() == ['St Ann\'s, "north"\nside']


def test_packed_tables_read_like_plain_ones(write: Write) -> None:
    text = b"id,x\n007,2\n"
    plain, packed = read(write("t.csv", text)), read(write("p.csv.gz", gzip.compress(text)))
    assert plain.rows.equals(packed.rows)
    feature = geojson(({"id": "007"}, point())).encode()
    plain, packed = read(write("t.geojson", feature)), read(write("p.geojson.gz", gzip.compress(feature)))
    assert plain.rows["id"].tolist() == packed.rows["id"].tolist() == ["007"]
    assert plain.rows["geometry"].iloc[0] == packed.rows["geometry"].iloc[0]


def test_properties_of_features_become_text_as_a_table_would_have_them(write: Write) -> None:
    first = {"id": "007", "name": "NA", "units": 3, "share": 1.5, "none": None, "list": [1, 2], "yes": True}
    second = {"id": "8", "name": "", "units": None, "share": 2.0, "none": None, "list": [], "yes": False}
    rows = read(write("t.geojson", geojson((first, point()), (second, point())))).rows
    assert rows["id"].tolist() == ["007", "8"]
    assert rows["name"].tolist() == ["NA", ""]
    assert rows["units"].tolist() == ["3", ""]
    assert rows["share"].tolist() == ["1.5", "2"]
    assert rows["none"].tolist() == ["", ""]
    assert rows["yes"].tolist() == ["True", "False"]


def test_features_come_out_on_the_british_grid(write: Write, tmp_path: Path) -> None:
    wgs84 = read(write("t.geojson", geojson(({"id": "a"}, point())))).rows["geometry"].iloc[0]
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(EAST_NORTH)], crs="EPSG:27700")
    frame.rename_geometry("where").to_file(tmp_path / "t.gpkg")
    grid = read(tmp_path / "t.gpkg").rows["geometry"].iloc[0]
    assert (grid.x, grid.y) == EAST_NORTH
    assert shapely.distance(wgs84, grid) < 10


# what is not a table


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("t.csv", b"", "the file is empty"),
        ("t.csv", b"id,x\n", "the file has no rows"),
        ("t.csv", b"id,x\n\n\n", "the file has no rows"),
        ("t.csv", b'id,x\n1,"2\n', "not a CSV table"),
        ("t.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "not UTF-8 text (byte 0 is 0x89)"),
        ("t.csv", "id,x\n1,£\n".encode("cp1252"), "not UTF-8 text (byte 7 is 0xa3)"),
        ("t.csv", "id,x\n".encode("utf-16"), "not UTF-8 text"),
        ("t.csv.gz", gzip.compress(b"id,x\n1,2\n" * 999)[:-20], "cannot be read"),
        ("t.csv.gz", b"id,x\n1,2\n", "cannot be read"),
        ("t.geojson", b'{"type": "FeatureCollection", "features": [{', "cannot be read as geojson"),
        ("t.geojson", b"", "cannot be read as geojson"),
        ("t.geojson", b'{"type": "FeatureCollection", "features": []}', "has no geometries"),
        ("t.geojson.gz", gzip.compress(b"{}" * 999)[:-9], "cannot be read as geojson.gz"),
        ("t.gpkg", b"not a database", "cannot be read as gpkg"),
        ("t.shp", b"", "this kind of file is not known"),
        ("t.xlsx", b"PK", "this kind of file is not known"),
    ],
)
def test_what_is_not_a_table_is_refused_with_the_reason(
    write: Write, name: str, content: bytes, why: str
) -> None:
    assert why in the_problem(write(name, content)).why


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert the_problem(tmp_path / "none.csv").why == "there is no such file"
    (tmp_path / "folder.csv").mkdir()
    assert the_problem(tmp_path / "folder.csv").why == "there is no such file"


@pytest.mark.parametrize("text", ["id,x\n1,2\n3,4,5\n", "id,x\n1,2,3\n4,5,6\n", "# note\nid,x\n1,2\n"])
def test_rows_wider_than_the_header_are_refused_and_never_shifted(write: Write, text: str) -> None:
    problem = the_problem(write("t.csv", text))
    assert "not a CSV table" in problem.why
    assert "line" in problem.why


def test_two_columns_of_one_name_are_refused(write: Write) -> None:
    problem = the_problem(write("t.csv", "id,x,id\n1,2,3\n"))
    assert (problem.column, problem.why) == ("id", "two columns have this name")


def test_a_missing_column_is_named_with_the_nearest_one(write: Write) -> None:
    found = problems(write("t.csv", "Id,forces,x\n1,2,3\n"), "id", "force", "capacity", "x")
    assert [p.column for p in found] == ["id", "force", "capacity"]
    assert found[1].remedy == "add it, or rename 'forces'"
    assert "columns are: Id, forces, x" in found[2].remedy


def test_semicolons_show_in_the_list_of_columns(write: Write) -> None:
    assert "id;force;units" in problems(write("t.csv", "id;force;units\n1;2;3\n"), "role")[0].remedy


def test_a_file_without_a_coordinate_system_is_refused(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(1, 2)])
    with pytest.warns(UserWarning, match="crs"):
        frame.to_file(tmp_path / "t.gpkg")
    assert "does not say which coordinates" in the_problem(tmp_path / "t.gpkg").why


def test_a_layer_without_geometries_is_refused(tmp_path: Path) -> None:
    pyogrio.write_dataframe(pd.DataFrame({"id": ["a"]}), tmp_path / "t.gpkg")
    assert the_problem(tmp_path / "t.gpkg").why == "has no geometries"


def test_of_several_layers_the_first_is_read_with_a_notice(tmp_path: Path) -> None:
    for name in ("one", "two"):
        frame = gpd.GeoDataFrame({"id": [name]}, geometry=[shapely.Point(EAST_NORTH)], crs="EPSG:27700")
        frame.to_file(tmp_path / "t.gpkg", layer=name)
    log = ProblemLog()
    table = read_table(tmp_path / "t.gpkg", log)
    assert table.rows["id"].tolist() == ["one"]
    (notice,) = log
    assert (notice.severity, notice.why) == ("notice", "has several layers (one, two); one is read")


@pytest.mark.parametrize("shape", [None, {"type": "GeometryCollection", "geometries": []}])
def test_a_feature_without_geometry_is_named_and_the_others_keep_their_numbers(
    write: Write, shape: object
) -> None:
    path = write("t.geojson", geojson(({"v": "1"}, shape), ({"v": "x"}, point())))
    log = ProblemLog()
    table = read_table(path, log)
    (problem,) = log
    assert (problem.where, problem.why) == ("feature 1", "has no geometry")
    numbers(table, "v", log)
    assert log.errors[1].where == "feature 2"


@pytest.mark.parametrize(
    "coordinates", [EAST_NORTH, (LON_LAT[1], LON_LAT[0]), (float("nan"), 52.0), (0, 0), (-74, 40.7)]
)
def test_features_outside_great_britain_are_refused_with_their_numbers(
    write: Write, coordinates: tuple[float, float]
) -> None:
    path = write("t.geojson", geojson(({"id": "a"}, point()), ({"id": "b"}, point(*coordinates))))
    problem = the_problem(path)
    assert problem.where == "feature 2"
    assert problem.why == "does not lie in Great Britain when read as EPSG:4326"
    assert problem.value == f"{coordinates[0]:g}, {coordinates[1]:g}"


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
    assert problem.why == "is not longitude and latitude in Great Britain"
    assert np.isnan(found[1]).all()
    assert np.isfinite(found[0]).all()


def test_grid_metres_among_degrees_are_named_and_the_other_way_round(write: Write) -> None:
    _, (odd,) = place(write("t.csv", "lon,lat\n-1.1,52.9\n-1.2,52.8\n457210,339517\n"))
    assert (odd.where, odd.why) == ("row 4", "is not longitude and latitude in Great Britain")
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


# numbers


def test_whole_numbers_come_in_every_usual_spelling(write: Write) -> None:
    table = read(write("t.csv", 'v,w\n5,a\n 5 ,a\n+5,a\n5.0,a\n0,a\n-0,a\n1e3,a\n"12",a\n'))
    log = ProblemLog()
    assert whole_numbers(table, "v", log).tolist() == [5, 5, 5, 5, 0, 0, 1000, 12]
    assert not list(log)


@pytest.mark.parametrize(
    "cell", ["-3", "2.5", "0x10", "1_000", "True", "99999999999999999999", '"1,000"', "٣"]
)
def test_other_weights_are_named_with_row_and_value(write: Write, cell: str) -> None:
    table = read(write("t.csv", f"v,w\n1,a\n{cell},a\n"))
    log = ProblemLog()
    assert whole_numbers(table, "v", log).tolist() == [1, 0]
    (problem,) = log
    assert (problem.where, problem.column, problem.value) == ("row 3", "v", cell.strip('"'))


def test_a_row_that_ends_early_has_empty_cells(write: Write) -> None:
    table = read(write("t.csv", "id,units\na,1\nb\n"))
    log = ProblemLog()
    whole_numbers(table, "units", log)
    (problem,) = log
    assert (problem.where, problem.column, problem.why) == ("row 3", "units", "is empty")
