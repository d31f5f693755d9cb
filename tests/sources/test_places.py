"""Named places, for labels and lists."""

from __future__ import annotations

from pathlib import Path

from borderless.errors import ProblemLog
from borderless.sources.places import read_places
from borderless.study.model import PlacesInput


def given(path: Path) -> PlacesInput:
    return PlacesInput(path, "name", "place", "lon", "lat")


def test_places_have_a_name_a_kind_and_a_point(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text("name,place,lon,lat\n NA ,town,-1.15,52.95\nAshby,village,-1.2,52.9\n", encoding="utf-8")
    log = ProblemLog()
    places = read_places(given(path), log)
    assert not list(log)
    assert places[["name", "kind"]].to_numpy().tolist() == [["NA", "town"], ["Ashby", "village"]]
    assert places.crs == "EPSG:27700"
    assert round(places.geometry.x.iloc[0], -2) == 457_200


def test_places_without_a_name_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text("name,place,lon,lat\n,town,-1.15,52.95\nAshby,village,-1.2,52.9\n", encoding="utf-8")
    log = ProblemLog()
    assert read_places(given(path), log)["name"].tolist() == ["Ashby"]
    assert not list(log)


def test_columns_and_coordinates_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text("name,places,lon,lat\nA,town,-1.15,52.95\n", encoding="utf-8")
    log = ProblemLog()
    assert read_places(given(path), log).empty
    assert [(p.column, p.remedy) for p in log] == [("place", "add it, or rename 'places'")]
    path.write_text("name,place,lon,lat\nA,town,-1.15,\nB,town,-1.15,52.95\n", encoding="utf-8")
    log = ProblemLog()
    assert read_places(given(path), log)["name"].tolist() == ["B"]
    assert [(p.where, p.column) for p in log] == [("row 2", "lat")]
