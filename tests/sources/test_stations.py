"""The table of stations: what is read, and every row that cannot be used named at once."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from borderless.errors import Problem, ProblemLog
from borderless.sources.stations import read_stations

HEADER = "id,name,force,role,units,capacity,x,y"
FORCES = ("West", "East")
GOOD = ("W1,West One,West,response,2,3,400000,300000", "E1,East One,East,response,1,1,410000,300000")


def read(tmp_path: Path, *rows: str, header: str = HEADER) -> tuple[gpd.GeoDataFrame, list[Problem]]:
    path = tmp_path / "stations.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    log = ProblemLog()
    return read_stations(path, FORCES, log), list(log)


def the_problem(tmp_path: Path, *rows: str, header: str = HEADER) -> Problem:
    _, found = read(tmp_path, *rows, header=header)
    (problem,) = found
    assert (problem.file, problem.severity) == ("stations.csv", "error")
    assert problem.remedy
    return problem


def test_stations_come_sorted_by_id_with_whole_units(tmp_path: Path) -> None:
    stations, none = read(tmp_path, *GOOD)
    assert none == []
    assert stations["id"].tolist() == ["E1", "W1"]
    assert stations["units"].tolist() == [1, 2]
    assert stations["capacity"].tolist() == [1, 3]
    assert stations["units"].dtype == stations["capacity"].dtype == np.int64
    assert stations.crs == "EPSG:27700"
    assert stations.geometry.x.tolist() == [410_000, 400_000]
    assert stations.columns.tolist() == [
        "id",
        "name",
        "force",
        "role",
        "node",
        "units",
        "capacity",
        "geometry",
    ]


def test_ids_and_names_are_text_whatever_they_look_like(tmp_path: Path) -> None:
    rows = ("007,NA,West,None,1,1,400000,300000", "7, nan ,East,response,1,1,400000,301000")
    stations, none = read(tmp_path, *rows)
    assert none == []
    assert stations["id"].tolist() == ["007", "7"]
    assert stations["name"].tolist() == ["NA", "nan"]
    assert stations["role"].tolist() == ["None", "response"]


def test_without_a_capacity_column_stations_are_full(tmp_path: Path) -> None:
    header = "id,name,force,role,units,x,y,node"
    rows = ("W1,a,West,r,2,400000,300000,n1", "E1,b,East,r,0,400000,301000,")
    stations, none = read(tmp_path, *rows, header=header)
    assert none == []
    assert stations["capacity"].tolist() == [0, 2]
    assert stations["node"].tolist() == ["", "n1"]


def test_a_station_that_leaves_its_capacity_empty_is_full(tmp_path: Path) -> None:
    stations, none = read(tmp_path, "W1,West One,West,response,2,,400000,300000", GOOD[1])
    assert none == []
    assert stations["capacity"].tolist() == [1, 2]


def test_stations_may_be_points_of_a_geojson_or_geopackage(tmp_path: Path) -> None:
    values = {"name": "n", "force": "West", "role": "r", "units": 2}
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-1.15, 52.95]}}
    features = [
        feature | {"properties": values | {"id": "007", "capacity": 4}},
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [-1.16, 52.95]},
            "properties": values | {"id": "8", "force": "East", "capacity": 2},
        },
    ]
    path = tmp_path / "stations.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    gpd.read_file(path).to_crs("EPSG:27700").to_file(tmp_path / "stations.gpkg")
    for file in ("stations.geojson", "stations.gpkg"):
        log = ProblemLog()
        stations = read_stations(tmp_path / file, FORCES, log)
        assert not list(log)
        assert stations["id"].tolist() == ["007", "8"]
        assert stations["capacity"].tolist() == [4, 2]
        assert shapely.distance(stations.geometry.iloc[0], shapely.Point(457_210, 339_517)) < 10


def test_stations_of_other_forces_are_left_out_and_counted(tmp_path: Path) -> None:
    north = "N1,x,North,r,9,9,402000,300000"
    other = north.replace("N1", "N2").replace("402000", "403000")
    stations, (notice,) = read(tmp_path, *GOOD, north, other)
    assert stations["force"].tolist() == ["East", "West"]
    assert (notice.severity, notice.value) == ("notice", "North")
    assert "2 stations" in notice.why


def test_a_force_that_is_only_spelled_differently_is_not_left_out(tmp_path: Path) -> None:
    _, found = read(tmp_path, *GOOD, "W2,West Two,WEST,response,1,1,400000,300000")
    (problem,) = (problem for problem in found if problem.severity == "error")
    assert (problem.where, problem.column, problem.value) == ("row 4", "force", "WEST")
    assert problem.remedy == "write West"


def test_an_id_used_twice_is_named(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, *GOOD, GOOD[0].replace("400000", "401000"))
    assert (problem.where, problem.column, problem.value) == ("row 4", "id", "W1")
    assert problem.why == "this id is used twice"


def test_an_empty_id_is_named_once_a_row(tmp_path: Path) -> None:
    _, found = read(tmp_path, *GOOD, ",a,West,r,1,1,402000,300000", " ,b,West,r,1,1,403000,300000")
    assert [(p.where, p.column, p.why) for p in found] == [
        ("row 4", "id", "is empty"),
        ("row 5", "id", "is empty"),
    ]


def test_a_capacity_below_the_units_is_named(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, GOOD[0], "E1,b,East,r,5,4,402000,300000")
    assert (problem.where, problem.column, problem.value) == ("row 3", "capacity", "4")
    assert problem.why == "is less than the 5 units that start here"


@pytest.mark.parametrize("units", ["-1", "1.5", "", "two", "1e400"])
def test_units_are_whole_numbers_from_0(tmp_path: Path, units: str) -> None:
    problem = the_problem(tmp_path, *GOOD, f"W2,b,West,r,{units},9,402000,300000")
    assert (problem.where, problem.column, problem.value) == ("row 4", "units", units)


def test_a_force_without_stations_is_named_with_one_that_looks_like_it(tmp_path: Path) -> None:
    _, (problem, notice) = read(tmp_path, GOOD[0], GOOD[1].replace(",East,", ",Easts,"))
    assert (problem.column, problem.why) == ("force", "no station belongs to East")
    assert "is 'Easts' the same force?" in problem.remedy
    assert notice.value == "Easts"


def test_coordinates_beyond_great_britain_are_named(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, *GOOD, "W2,b,West,r,1,1,400000,30000000")
    assert (problem.where, problem.column, problem.value) == ("row 4", "x, y", "400000, 30000000")


def test_missing_columns_are_all_named(tmp_path: Path) -> None:
    _, found = read(tmp_path, "1,2,3,4", header="id,title,forces,unit")
    assert [(p.column, p.why) for p in found] == [
        ("name", "this column is missing"),
        ("force", "this column is missing"),
        ("role", "this column is missing"),
        ("units", "this column is missing"),
    ]
    assert "'forces'" in found[1].remedy
    assert "'unit'" in found[3].remedy


def test_every_problem_of_the_file_is_told_at_once(tmp_path: Path) -> None:
    rows = (
        "W1,a,West,r,x,3,400000,300000",
        "W1,b,West,r,1,0,400000,",
        ",c,West,r,1,1,402000,300000",
    )
    _, found = read(tmp_path, *rows)
    assert {(p.where, p.column) for p in found} == {
        ("row 2", "units"),
        ("row 3", "y"),
        ("row 3", "id"),
        ("row 3", "capacity"),
        ("row 4", "id"),
        ("", "force"),
    }


def test_a_station_without_a_place_is_left_out_after_it_was_reported(tmp_path: Path) -> None:
    stations, (problem,) = read(tmp_path, *GOOD, "W2,b,West,r,1,1,400000,")
    assert problem.where == "row 4"
    assert stations["id"].tolist() == ["E1", "W1"]


def test_a_file_that_cannot_be_read_gives_an_empty_table(tmp_path: Path) -> None:
    log = ProblemLog()
    stations = read_stations(tmp_path / "none.csv", FORCES, log)
    assert stations.empty
    assert [p.why for p in log] == ["there is no such file"]


def test_a_station_listed_twice_word_for_word_counts_once(tmp_path: Path) -> None:
    stations, (repair,) = read(tmp_path, *GOOD, GOOD[0])
    assert stations["id"].tolist() == ["E1", "W1"]
    assert (repair.severity, repair.where, repair.value, repair.rule) == (
        "repair",
        "row 4",
        "W1",
        "counts once",
    )


def test_stations_of_two_names_on_one_spot_are_told(tmp_path: Path) -> None:
    stations, (notice,) = read(tmp_path, *GOOD, GOOD[0].replace("W1", "W9"))
    assert len(stations) == 3
    assert (notice.severity, notice.value) == ("notice", "W1, W9")


def test_a_name_longer_than_any_is_cut_short_and_told(tmp_path: Path) -> None:
    whole, none = read(tmp_path, GOOD[0].replace("West One", "W" * 200), GOOD[1])
    assert none == []
    assert whole["name"].iloc[1] == "W" * 200
    stations, (repair,) = read(tmp_path, GOOD[0].replace("West One", "W" * 201), GOOD[1])
    assert stations["name"].iloc[1] == "W" * 199 + "…"
    assert (repair.severity, repair.where, repair.column) == ("repair", "row 2", "name")
