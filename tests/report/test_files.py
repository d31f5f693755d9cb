"""The files of a run: whole or not at all, the same every time, and safe to open."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

import two_counties
from borderless.analysis.results import Results
from borderless.errors import OutputError
from borderless.region import input_files
from borderless.report import files
from borderless.report.files import csv_bytes, write_all
from borderless.study.read import read_study

PAGES = {"index.html": "<!DOCTYPE html>\n<p>é", "comparison.html": "<p>map"}
NAMES = [
    "coverage.csv",
    "places.csv",
    "borderless.gpkg",
    "results.json",
    "index.html",
    "comparison.html",
    "run.json",
]


def test_every_file_is_written_and_the_manifest_is_last(tame: Results, tmp_path: Path) -> None:
    written = write_all(tame, tmp_path / "deep" / "out", PAGES, {"Reading roads": 1.23456})
    assert [path.name for path in written] == NAMES
    assert sorted(path.name for path in (tmp_path / "deep" / "out").iterdir()) == sorted(NAMES)
    manifest = json.loads(written[-1].read_text(encoding="utf-8"))
    assert [entry["file"] for entry in manifest["outputs"]] == NAMES[:-1]
    for entry, path in zip(manifest["outputs"], written, strict=False):
        content = path.read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["bytes"] == len(content)
    rows = {entry["file"]: entry["rows"] for entry in manifest["outputs"]}
    assert (rows["coverage.csv"], rows["places.csv"]) == (4 * 3 * 5 * 4, 10)
    assert rows["borderless.gpkg"] == {"isochrones": 8, "demand_points": 10, "stations": 3, "forces": 3}
    assert manifest["timings_s"] == {"Reading roads": 1.235}
    assert manifest["parameters"]["response.turnout_s"] == 60
    # metres come from degrees by a formula where the grid shifts are not installed, to about 2 m
    assert manifest["projection"]["system"] == "EPSG:27700"
    assert 0 < manifest["projection"]["accuracy_m"] <= 5
    assert "British National Grid" in manifest["projection"]["operation"]


def test_equal_results_give_equal_bytes_but_for_the_manifest(tame: Results, tmp_path: Path) -> None:
    one = write_all(tame, tmp_path / "one", PAGES, {"stage": 1.0})
    two = write_all(tame, tmp_path / "two", PAGES, {"stage": 2.0})
    alike = [a.read_bytes() == b.read_bytes() for a, b in zip(one, two, strict=True)]
    assert alike == [True] * 6 + [False]


def test_a_failure_while_making_leaves_the_old_files_alone(
    tame: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_all(tame, tmp_path, PAGES, {})
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def broken(_: object) -> dict[str, object]:
        raise RuntimeError("no results")

    monkeypatch.setattr(files, "results_json", broken)
    with pytest.raises(RuntimeError, match="no results"):
        write_all(replace(tame, isochrones=tame.isochrones[:1]), tmp_path, {"index.html": "new"}, {})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_disk_that_refuses_leaves_no_half_file_and_no_new_manifest(tame: Results, tmp_path: Path) -> None:
    write_all(tame, tmp_path, PAGES, {"old": 1.0})
    old = (tmp_path / "run.json").read_bytes()
    (tmp_path / "results.json").unlink()
    (tmp_path / "results.json").mkdir()
    with pytest.raises(OutputError, match=r"results\.json"):
        write_all(tame, tmp_path, PAGES, {"new": 1.0})
    assert (tmp_path / "run.json").read_bytes() == old
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(NAMES)


def test_the_config_of_gdal_is_put_back(tame: Results, tmp_path: Path) -> None:
    write_all(tame, tmp_path, {}, {})
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_the_geopackage_opens_with_its_layers_on_the_national_grid(tame: Results, tmp_path: Path) -> None:
    write_all(tame, tmp_path, {}, {})
    path = tmp_path / "borderless.gpkg"
    assert pyogrio.list_layers(path)[:, 0].tolist() == ["isochrones", "demand_points", "stations", "forces"]
    points = gpd.read_file(path, layer="demand_points")
    assert points.crs.to_epsg() == 27700
    assert points.set_index("id").loc["C", "borderless_min"] == 10.0
    stations = gpd.read_file(path, layer="stations").set_index("id")
    assert stations.loc["E1", ["separate_units", "shared_stations_units"]].tolist() == [1, 2]
    assert set(gpd.read_file(path, layer="isochrones").geom_type) == {"MultiPolygon"}


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(sign: str) -> None:
    line = csv_bytes(pd.DataFrame({"name": [f"{sign}1+1"], f"{sign}x": [-5]})).decode()
    header, row = line.rstrip("\n").split("\n")
    assert header.split(",")[1].startswith("'")
    assert row.startswith("'")
    assert row.endswith(",-5")


def test_csv_is_utf8_with_plain_line_ends_and_quotes_where_needed() -> None:
    frame = pd.DataFrame({"name": ['Ashby, "la" Zouch', "Llŷn\r\nBay"], "n": [1, None]})
    assert csv_bytes(frame) == 'name,n\n"Ashby, ""la"" Zouch",1.0\n"Llŷn \nBay",\n'.encode()


def test_the_manifest_names_inputs_with_their_hashes_and_no_folder_of_this_machine(
    tame: Results, tmp_path: Path
) -> None:
    study = read_study(two_counties.write_files(tmp_path / "study"))
    region = replace(tame.region, study=study)
    write_all(replace(tame, region=region), tmp_path / "out", {}, {})
    text = (tmp_path / "out" / "run.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    named = {entry["file"]: entry["sha256"] for entry in json.loads(text)["inputs"]}
    files_of_the_study = {
        "study.toml",
        "nodes.csv",
        "edges.csv",
        "stations.csv",
        "areas.geojson",
        "people.csv",
    }
    assert set(named) == files_of_the_study
    people = (tmp_path / "study" / "people.csv").read_bytes()
    assert named["people.csv"] == hashlib.sha256(people).hexdigest()


def test_an_input_that_is_named_twice_is_listed_once(tmp_path: Path) -> None:
    study = read_study(two_counties.write_files(tmp_path))
    twice = replace(study, demand=study.demand * 2)
    assert len(input_files(twice)) == len(input_files(study)) == 6
