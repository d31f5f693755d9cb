"""Where isochrones are written, and what is refused before any work is done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from borderless.errors import InputError
from borderless.report.isochrone_file import isochrone_file, write_isochrones
from small_regions import small_study

STUDY = small_study(("West",))


@pytest.mark.parametrize(
    ("out", "file_format", "expected"),
    [
        ("a.gpkg", "", "a.gpkg"),
        ("a.GeoJSON", "", "a.GeoJSON"),
        ("deep/a.fgb", "fgb", "deep/a.fgb"),
        ("folder", "", "folder/isochrones.gpkg"),
        ("folder", "geojson", "folder/isochrones.geojson"),
    ],
)
def test_the_ending_or_the_format_says_what_is_written(
    tmp_path: Path, out: str, file_format: str, expected: str
) -> None:
    assert isochrone_file(tmp_path / out, file_format, STUDY) == tmp_path / expected
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_a_dot_in_its_name_stays_a_folder(tmp_path: Path) -> None:
    (tmp_path / "of.2026").mkdir()
    assert isochrone_file(tmp_path / "of.2026", "", STUDY) == tmp_path / "of.2026" / "isochrones.gpkg"


@pytest.mark.parametrize(
    ("out", "file_format", "told"),
    [
        ("a.shp", "", r"files that end in \.shp are not written .*name one of: gpkg, geojson, fgb"),
        ("a.gpkg", "fgb", r"ends in \.gpkg, but --format is fgb"),
        ("a", "kml", "unknown format kml .*formats are: gpkg, geojson, fgb"),
        ("folder.gpkg/x.fgb/isochrones.fgb", "", "is not a folder"),
        ("input.gpkg", "", "is input of the study"),
    ],
)
def test_what_cannot_be_written_is_told_with_a_remedy(
    tmp_path: Path, out: str, file_format: str, told: str
) -> None:
    (tmp_path / "folder.gpkg").mkdir()
    (tmp_path / "folder.gpkg" / "x.fgb").write_text("")
    study = replace(STUDY, forces=replace(STUDY.forces, file=tmp_path / "input.gpkg"))
    with pytest.raises(InputError, match=told):
        isochrone_file(tmp_path / out, file_format, study)


def test_a_folder_inside_the_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "isochrones.gpkg").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        isochrone_file(tmp_path, "", STUDY)


def test_a_file_is_written_whole_with_its_layer(tmp_path: Path) -> None:
    table = gpd.GeoDataFrame({"minutes": [5]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:27700")
    write_isochrones(table, tmp_path / "new" / "a.gpkg")
    assert gpd.list_layers(tmp_path / "new" / "a.gpkg")["name"].tolist() == ["isochrones"]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.gpkg"]
