"""The files of a small study: small, whole, the same every time, and read back as what was written."""

from __future__ import annotations

import gzip
import json
import tomllib
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import two_counties
from borderless.condense.condense import condense_region
from borderless.condense.write import write_condensed
from borderless.region import load_region
from borderless.study.policy import NAMED_SCENARIOS, BorderPolicy, BorderRule
from borderless.study.read import read_study
from condense.conftest import County
from drawn_studies import People, Stand, write_drawn

FILES = {
    "study.toml",
    "nodes.csv.gz",
    "links.csv.gz",
    "cells.csv.gz",
    "stations.csv",
    "places.csv.gz",
    "forces.geojson",
    "roads.geojson.gz",
}
HOSTILE = 'Two "counties" \\ of\nÄ\x7f\x01 ]]\n[roads]'
MORE = """
[response]
target_urban_min = 12.3456789
turnout_s = 61

[busy]
all = 0.25
West = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.95]

[urban]
cluster_people = 1234567

[scenarios."a \\"b\\u007f"]
label = "Ünï"
borders = "if_faster"
min_gain_s = 90
control_room = "shared"

[hours]
built_up = [1, 1, 1, 1, 1, 1, 0.9, 0.7, 0.7, 0.8, 1, 1, 1, 1, 1, 0.9, 0.8, 0.65, 0.8, 1, 1, 1, 1, 1.05]
incidents = [3, 2, 2, 1, 1, 1, 2, 3, 4, 5, 5, 5, 6, 6, 6, 7, 7, 8, 8, 8, 7, 6, 5, 4]

[scenarios.plain]
explanation = "Own words."
borders = "on_exhaustion"
stations = "shared"
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_folder_holds_the_study_and_nothing_else(county: County) -> None:
    assert county.file.name == "study.toml"
    assert set(contents(county.file.parent)) == FILES


def test_the_same_study_gives_the_same_bytes(county: County, tmp_path: Path) -> None:
    write_condensed(condense_region(county.full), tmp_path / "deep" / "again", sources=("© Somebody “else”",))
    assert contents(tmp_path / "deep" / "again") == contents(county.file.parent)
    for name, content in contents(county.file.parent).items():
        if name.endswith(".gz"):
            assert content[4:8] == b"\0\0\0\0", f"{name} holds a time stamp"


def test_settings_names_sources_and_scenarios_come_back(county: County) -> None:
    full, again = county.full.study, county.again.study
    for name in ("name", "response", "speeds", "cells", "scenarios", "alliance", "measures"):
        assert getattr(full, name) == getattr(again, name), name
    assert full.forces.outside == again.forces.outside
    assert full.roads.guard_band_km == again.roads.guard_band_km
    assert again.sources == (*full.sources, "© Somebody “else”")
    assert again.roads.snap == "nodes"


def test_what_was_noticed_in_the_full_study_is_told_again(county: County) -> None:
    told = [problem.why for problem in county.again.problems]
    for problem in county.full.problems:
        assert any(problem.why in note for note in told), problem


def test_nodes_links_and_cells_are_tables_of_plain_numbers(county: County) -> None:
    nodes, links, cells = (
        pd.read_csv(county.file.parent / f"{name}.csv.gz") for name in ("nodes", "links", "cells")
    )
    assert nodes.columns.tolist() == ["id", "x", "y"]
    assert nodes["id"].tolist() == list(range(len(nodes)))
    classes = [name for name in county.small.links if name.startswith("percent_")]
    assert links.columns.tolist() == ["from", "to", "travel_ms", *classes]
    assert {f"percent_{name}" for name in county.full.network.speed_classes} == set(classes)
    whole = links.set_axis(county.small.links.columns, axis=1).fillna(0).astype(int)
    pd.testing.assert_frame_equal(whole, county.small.links)
    assert (whole[classes].sum(axis=1) == 100).all()
    columns = [measure.column for measure in county.full.study.measures]
    assert cells.columns.tolist() == ["x", "y", "force", "urban", "place", "node", *columns]
    for column in columns:
        assert cells[column].tolist() == county.small.cells[column].tolist()
    assert (nodes[["x", "y"]] - county.small.nodes).abs().max().max() <= 0.11
    assert (cells[["x", "y"]] - county.small.cells[["x", "y"]]).abs().max().max() <= 0.11


def test_shapes_are_geojson_that_any_program_reads(county: County) -> None:
    text = (county.file.parent / "forces.geojson").read_text(encoding="utf-8")
    assert json.loads(text)["type"] == "FeatureCollection"
    forces = gpd.read_file(county.file.parent / "forces.geojson")
    assert forces.crs.to_epsg() == 4326
    assert forces["force"].tolist() == list("ABC")
    assert shapely.coverage_is_valid(forces.geometry.to_numpy())
    roads = json.loads(gzip.decompress((county.file.parent / "roads.geojson.gz").read_bytes()))
    assert {tuple(sorted(f["properties"])) for f in roads["features"]} == {("highway", "name", "ref")}


def test_village_names_are_there_to_read(county: County) -> None:
    places = pd.read_csv(county.file.parent / "places.csv.gz")
    assert set(places["name"]) <= {f"Village {letter}" for letter in "ÄBCDE"}
    assert len(county.again.places) == len(places) >= 2
    assert set(county.again.demand.table["place"]) <= {f"Village {letter}" for letter in "ÄBCDE"}


def test_a_title_of_its_own_can_be_given(county: County, tmp_path: Path) -> None:
    file = write_condensed(county.small, tmp_path, name="A small county")
    assert read_study(file).name == "A small county"
    assert tomllib.loads(file.read_text(encoding="utf-8"))["sources"] == ["© Nobody"]


def test_hostile_texts_stay_texts(county: County, tmp_path: Path) -> None:
    named = replace(county.full.study, name=HOSTILE, sources=(HOSTILE,))
    aid = replace(named.scenarios[-1], label=HOSTILE, explanation=HOSTILE)
    study = replace(named, scenarios=(*named.scenarios[:-1], aid))
    file = write_condensed(replace(county.small, region=replace(county.full, study=study)), tmp_path)
    again = read_study(file)
    assert (again.name, again.sources) == (HOSTILE, (HOSTILE,))
    assert again.scenarios[-1] == aid


def test_a_small_study_keeps_every_setting_and_scenario(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path / "full")
    path.write_text(two_counties.STUDY + MORE, encoding="utf-8")
    full = read_study(path)
    small = read_study(write_condensed(condense_region(load_region(full)), tmp_path / "small"))
    assert [scenario.name for scenario in full.scenarios[4:]] == ['a "b\x7f', "plain"]
    assert small.scenarios == full.scenarios
    assert (small.response, small.speeds, small.cells) == (full.response, full.speeds, full.cells)
    assert replace(small.forces, file=full.forces.file) == full.forces
    assert small.busy == full.busy
    assert small.busy.of("West", 23) == 0.95


@pytest.mark.parametrize("highway", ["unclassified", "primary"])
def test_a_study_without_places_or_main_roads_is_written_without_them(tmp_path: Path, highway: str) -> None:
    drawing = """
        A--B---C
        |  |   |
        D--E---F
    """
    stations, people = [Stand("S", "West", 0, 0)], [People(3_000, 100, 5), People(6_000, 0, 7)]
    path = write_drawn(tmp_path / "full", drawing, stations, people, highway=highway)
    file = write_condensed(condense_region(load_region(path)), tmp_path / "small")
    missing = {"places.csv.gz"} | ({"roads.geojson.gz"} if highway == "unclassified" else set())
    assert set(contents(tmp_path / "small")) == FILES - missing
    again = load_region(file)
    assert again.demand.table["population"].sum() == 12
    assert again.drawing.empty == (highway == "unclassified")


def test_a_condensed_study_keeps_rules_units_and_capabilities(county: County, tmp_path: Path) -> None:
    full = county.full
    forces = full.study.force_names
    pairs = {
        (forces[0], forces[1]): BorderRule("if_faster", 90, 30),
        (forces[1], forces[0]): BorderRule.CLOSED,
    }
    borders = BorderPolicy(BorderRule.ON_EXHAUSTION, pairs)
    ids = full.stations["id"].tolist()
    guest = next(force for force in forces if force != full.stations["force"].iloc[0])
    scenario = replace(NAMED_SCENARIOS[0], name='o"dd', label="Odd", borders=borders)
    scenario = replace(scenario, units={ids[1]: 2}, guests={(ids[0], guest): 1}, closed=(ids[2],))
    entry = full.study.demand[0]
    armed = replace(
        entry, measure=replace(entry.measure, name="armed", column="armed", capability="firearms")
    )
    study = replace(full.study, demand=(entry, armed), scenarios=(*NAMED_SCENARIOS, scenario))
    cells = county.small.cells.assign(**{m.column: 1 for m in study.every_measure})
    region = replace(full, study=study, stations=full.stations)
    stations = county.small.stations.assign(units_firearms=2)
    small = replace(county.small, region=region, cells=cells, stations=stations)
    found = read_study(write_condensed(small, tmp_path / "small"))
    assert found.scenarios[-1] == scenario
    assert [m.capability for m in found.every_measure if m.name == "armed"] == ["firearms"]
    assert pd.read_csv(tmp_path / "small" / "stations.csv")["units_firearms"].tolist() == [2] * len(stations)
