"""Files of shapes: read as they must be meant when asked to, and never by whatever driver fits."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from borderless.errors import Problem, ProblemLog
from borderless.sources.features import read_features
from borderless.sources.tables import Table

# Nottingham, lon lat and easting northing, to a metre (Ordnance Survey's own transformation)
LON_LAT = (-1.15, 52.95)
EAST_NORTH = (457_210, 339_517)


def read(path: Path, *, mending: bool = False) -> tuple[Table, list[Problem]]:
    log = ProblemLog(mending=mending)
    return read_features(path, log), list(log)


def points(path: Path, *places: tuple[float, float]) -> Path:
    features = [
        {"type": "Feature", "properties": {"id": str(i)}, "geometry": {"type": "Point", "coordinates": p}}
        for i, p in enumerate(places)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("places", "rule"),
    [
        ([LON_LAT[::-1]] * 3, "swap latitude and longitude"),
        ([LON_LAT, LON_LAT[::-1], LON_LAT], "swap latitude and longitude"),
        ([EAST_NORTH] * 3, "read as EPSG:27700"),
        ([LON_LAT, EAST_NORTH, LON_LAT], "read as EPSG:27700"),
    ],
)
def test_coordinates_that_can_only_be_meant_one_way_are_read_so_when_asked(
    tmp_path: Path, places: list[tuple[float, float]], rule: str
) -> None:
    path = points(tmp_path / "t.geojson", *places)
    _, refused = read(path)
    assert {(p.severity, p.rule) for p in refused} == {("error", rule)}
    table, mended = read(path, mending=True)
    assert {(p.severity, p.rule) for p in mended} == {("repair", rule)}
    found = shapely.get_coordinates(table.rows["geometry"].to_numpy())
    assert np.abs(found - EAST_NORTH).max() < 10


@pytest.mark.parametrize(("system", "place"), [("EPSG:4326", LON_LAT), ("EPSG:27700", EAST_NORTH)])
def test_a_file_without_a_system_is_read_by_the_size_of_its_numbers_when_asked(
    tmp_path: Path, system: str, place: tuple[float, float]
) -> None:
    with pytest.warns(UserWarning, match="crs"):
        gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(place)]).to_file(tmp_path / "t.gpkg")
    _, (problem,) = read(tmp_path / "t.gpkg")
    assert problem.why == f"does not say which coordinates it uses; the numbers look like {system}"
    table, (repair,) = read(tmp_path / "t.gpkg", mending=True)
    assert (repair.value, repair.after) == ("none", system)
    assert np.abs(shapely.get_coordinates(table.rows["geometry"].to_numpy()) - EAST_NORTH).max() < 10


def test_degrees_in_a_file_that_says_metres_are_read_as_degrees_when_asked(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(LON_LAT)], crs="EPSG:27700")
    frame.to_file(tmp_path / "t.gpkg")
    _, (problem,) = read(tmp_path / "t.gpkg")
    assert (problem.severity, problem.rule) == ("error", "read as EPSG:4326")
    table, _ = read(tmp_path / "t.gpkg", mending=True)
    assert np.abs(shapely.get_coordinates(table.rows["geometry"].to_numpy()) - EAST_NORTH).max() < 10


def test_a_feature_that_lies_nowhere_leaves_no_number_behind(tmp_path: Path) -> None:
    table, (problem,) = read(points(tmp_path / "t.geojson", LON_LAT, (1e9, 1e9)))
    assert (problem.where, problem.severity) == ("feature 2", "error")
    assert table.rows["geometry"].iloc[1].is_empty
    assert table.rows["id"].tolist() == ["0", "1"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.geojson", "<OGRVRTDataSource><OGRVRTLayer name='a'></OGRVRTLayer></OGRVRTDataSource>"),
        ("t.gpkg", '{"type": "FeatureCollection", "features": []}'),
        ("t.shp", "x,y\n1,2\n"),
        ("t.json", "[1, 2]"),
    ],
)
def test_a_file_is_opened_only_when_it_begins_as_its_name_says(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    table, (problem,) = read(tmp_path / name)
    assert table.rows.empty
    assert f"cannot be read as {name.partition('.')[2]}" in problem.why


def test_shapefiles_are_read_with_their_system(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"force": ["Wést"]}, geometry=[shapely.Point(EAST_NORTH)], crs="EPSG:27700")
    frame.to_file(tmp_path / "t.shp", encoding="utf-8")
    table, problems = read(tmp_path / "t.shp")
    assert problems == []
    assert table.rows["force"].tolist() == ["Wést"]
