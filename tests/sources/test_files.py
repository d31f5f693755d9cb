"""Any table file into text and grid coordinates: what is kept, and what is refused with its row."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from borderless.errors import ProblemLog
from borderless.sources.files import read_table
from borderless.sources.tables import (
    numbers,
)
from table_files import EAST_NORTH, Write, geojson, point, problems, read, the_problem

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
        ("t.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "is not a CSV table but a picture"),
        ("t.csv", b"\x89\x00\x01", "not UTF-8 text but UTF-16 or UTF-32 without its mark, or no text"),
        ("t.csv", "id,x\n1,£\n".encode("cp1252"), "not UTF-8 text (byte 7 is 0xa3)"),
        ("t.csv", "id,x\n".encode("utf-16"), "not UTF-8 text but UTF-16"),
        ("t.csv.gz", gzip.compress(b"id,x\n1,2\n" * 999)[:-20], "cannot be read"),
        ("t.csv.gz", b"id,x\n1,2\n", "cannot be read"),
        ("t.geojson", b'{"type": "FeatureCollection", "features": [{', "cannot be read as geojson"),
        ("t.geojson", b"", "cannot be read as geojson"),
        ("t.geojson", b'{"type": "FeatureCollection", "features": []}', "has no geometries"),
        ("t.geojson.gz", gzip.compress(b"{}" * 999)[:-9], "cannot be read (it ends too early)"),
        ("t.gpkg", b"not a database", "cannot be read as gpkg"),
        ("t.shp", b"", "cannot be read as shp (it is empty)"),
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
    assert the_problem(tmp_path / "folder.csv").why == "is a folder, not a file"


@pytest.mark.parametrize("text", ["id,x\n1,2\n3,4,5\n", "id,x\n1,2,3\n4,5,6\n", "# note\nid,x\n1,2\n"])
def test_rows_wider_than_the_header_are_refused_and_never_shifted(write: Write, text: str) -> None:
    for problem in problems(write("t.csv", text)):
        assert re.fullmatch(r"has \d cells, the header \d", problem.why)
        assert problem.where in {"row 2", "row 3"}


def test_two_columns_of_one_name_are_refused(write: Write) -> None:
    problem = the_problem(write("t.csv", "id,x,id\n1,2,3\n"))
    assert (problem.column, problem.why) == ("id", "two columns have this name")


def test_a_missing_column_is_named_with_the_nearest_one(write: Write) -> None:
    found = problems(write("t.csv", "Id,forces,x\n1,2,3\n"), "id", "force", "capacity", "x")
    assert [p.column for p in found] == ["id", "force", "capacity"]
    assert found[1].remedy == "add it, or rename 'forces'"
    assert "columns are: id, forces, x" in found[2].remedy


def test_semicolons_are_told_and_not_the_columns_that_seem_to_be_missing(write: Write) -> None:
    problem = the_problem(write("t.csv", "id;force;units\n1;2;3\n"), "role")
    assert "semicolons stand between the cells" in problem.why


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


@pytest.mark.parametrize("coordinates", [(float("nan"), 52.0), (0, 0), (-74, 40.7), (1e9, 1e9)])
def test_features_outside_great_britain_are_refused_with_their_numbers(
    write: Write, coordinates: tuple[float, float]
) -> None:
    path = write("t.geojson", geojson(({"id": "a"}, point()), ({"id": "b"}, point(*coordinates))))
    problem = the_problem(path)
    assert problem.where == "feature 2"
    assert problem.why == "does not lie in Great Britain when read as EPSG:4326"
    assert problem.value == f"{coordinates[0]:g}, {coordinates[1]:g}"
