"""The East Midlands study that comes with Borderless: small, named, attributed and faithful."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import csgraph
from typer.testing import CliRunner

import borderless as bl
from borderless import cli
from borderless.region import Region, load_region
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import NAMED_SCENARIOS

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared" / "real"
CENSUS_2011 = {"Nottinghamshire": 1_091_482, "Leicestershire": 1_017_697, "Northamptonshire": 691_952}
OUTSIDE = ("Derbyshire", "Lincolnshire")
EVERY_SCENARIO = pytest.mark.parametrize("scenario", NAMED_SCENARIOS, ids=lambda scenario: scenario.name)
SHARE_POINTS = 0.003


@pytest.fixture(scope="module")
def region() -> Region:
    return bl.load_region(bl.embedded_study())


@pytest.fixture(scope="module")
def times(region: Region) -> bl.ResponseTimes:
    return bl.response_times(region)


def people(table: pd.DataFrame, target: str = "standard") -> pd.DataFrame:
    chosen = (table["measure"] == "population") & (table["target"] == target)
    return table[chosen].set_index("force")


# -- what is in the box


def test_the_study_is_the_one_in_the_repository_and_small() -> None:
    folder = bl.embedded_study().parent
    assert folder == ROOT / "data" / "east_midlands"
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) <= 2_400_000


def test_every_file_of_the_study_has_its_source_and_licence() -> None:
    folder = bl.embedded_study().parent
    sources = (folder / "SOURCES.md").read_text(encoding="utf-8")
    for name in ("ODbL", "Open Database Licence", "OGL", "Open Government Licence v3.0"):
        assert name in sources
    assert "© OpenStreetMap contributors" in sources
    for file in folder.iterdir():
        if file.name not in {"SOURCES.md", "study.toml"}:
            assert f"`{file.name}`" in sources, file.name


def test_every_page_can_say_where_the_data_come_from(region: Region) -> None:
    sources = "\n".join(region.study.sources)
    for name in (
        "© OpenStreetMap contributors",
        "ODbL 1.0",
        "ONS",
        "data.police.uk",
        "OGL v3.0",
        "National Statistics and OS data © Crown copyright",
    ):
        assert name in sources


def test_nothing_in_the_box_names_a_machine(region: Region) -> None:
    text = (region.study.file.parent / "study.toml").read_text(encoding="utf-8")
    for name in ("/home", "/work", "/tmp", "../"):
        assert name not in text


# -- what it says


def test_census_totals_are_exact_in_every_scenario(times: bl.ResponseTimes) -> None:
    for scenario in NAMED_SCENARIOS:
        totals = people(bl.cover(times, scenario).table)["total"]
        assert {force: int(totals[force]) for force in CENSUS_2011} == CENSUS_2011
        assert totals["all"] == totals.drop("all").sum()


def test_the_partners_are_whole_and_the_others_clipped(region: Region) -> None:
    assert region.study.alliance == tuple(CENSUS_2011)
    assert region.study.forces.outside == OUTSIDE
    told = " ".join(problem.why for problem in region.problems)
    assert "Derbyshire, Lincolnshire count only as far as the data reach" in told
    areas = region.forces.set_index("force").geometry.area / 1e6
    covered = region.demand.table.groupby("force")["area_m2"].sum() / 1e6
    for force in CENSUS_2011:
        assert covered[force] == pytest.approx(areas[force], rel=0.005)
    for force in OUTSIDE:
        assert 0.3 * areas[force] < covered[force] < 1.001 * areas[force]


def test_every_road_and_place_has_a_name_to_read(region: Region) -> None:
    assert ((region.drawing["ref"] != "") | (region.drawing["name"] != "")).all()
    assert {"M1", "A1", "A46", "A52", "A43", "A14"} <= set(region.drawing["ref"])
    assert (region.places["name"].str.strip() != "").all()
    towns = {"Nottingham", "Leicester", "Northampton", "Derby", "Lincoln", "Mansfield", "Kettering", "Oakham"}
    assert towns <= set(region.places["name"])
    assert (region.demand.table["place"] != "").all()


def test_all_places_are_reached_but_for_a_part_without_a_station(
    region: Region, times: bl.ResponseTimes
) -> None:
    count, part = csgraph.connected_components(region.network.to_scipy(), connection="strong")
    # a few lanes at the edge of the roads in Derbyshire, with no way to the rest
    assert count == 2
    assert np.bincount(part).min() == 7
    unreached = (times.travel_ms == UNREACHABLE).all(axis=0)
    assert set(region.demand.table["force"][unreached]) == {"Derbyshire"}
    assert region.demand.table["population"][unreached].sum() == 457
    assert (times.travel_ms[:, ~unreached] != UNREACHABLE).all()
    assert region.network.counts["nodes_cut"] == 0


def test_outlines_are_a_coverage_that_shares_its_borders(region: Region) -> None:
    shapes = region.forces.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    named = dict(zip(region.forces["force"], shapes, strict=True))
    for one, other in (("Nottinghamshire", "Leicestershire"), ("Leicestershire", "Northamptonshire")):
        border = shapely.intersection(shapely.boundary(named[one]), shapely.boundary(named[other]))
        assert border.length > 50_000
    points = shapely.get_num_coordinates(shapes)
    assert points.min() > 300  # counties, not sketches


def test_stations_stand_in_or_beside_their_own_force(region: Region) -> None:
    shapes = region.forces.set_index("force").geometry
    home = region.stations["force"].map(shapes.to_dict())
    assert shapely.distance(region.stations.geometry.to_numpy(), home.to_numpy()).max() < 1_000
    units = region.stations.groupby("force")["units"].sum()
    assert {force: int(units[force]) for force in units.index} == {
        "Nottinghamshire": 43,
        "Leicestershire": 40,
        "Northamptonshire": 23,
        "Derbyshire": 25,
        "Lincolnshire": 16,
    }


@EVERY_SCENARIO
def test_no_partner_is_worse_off_than_alone(times: bl.ResponseTimes, scenario: bl.Scenario) -> None:
    before, after = bl.cover(times, bl.SEPARATE), bl.cover(times, scenario)
    assert (after.response_ms <= before.response_ms).all()
    assert (after.table["covered"] >= before.table["covered"]).all()


@EVERY_SCENARIO
def test_with_all_five_forces_the_partners_are_covered_no_worse(
    times: bl.ResponseTimes, scenario: bl.Scenario
) -> None:
    study = times.region.study.with_partners(OUTSIDE)
    wider = bl.ResponseTimes(load_region(study), times.travel_ms)
    three, five = bl.cover(times, scenario), bl.cover(wider, scenario)
    more = people(five.table)["covered"] - people(three.table)["covered"]
    assert (more >= 0).all()
    if scenario.stations == "own":
        # where stations are shared, five forces base their units for the standard, not for every place
        assert (five.response_ms <= three.response_ms).all()
        assert (five.table["covered"] >= three.table["covered"]).all()
    assert (more["all"] > 0) == (scenario.name != "separate")


def test_a_run_without_a_study_makes_pages_with_numbers_and_sources(tmp_path: Path, region: Region) -> None:
    result = CliRunner().invoke(cli.app, ["run", "--out", str(tmp_path), "--partners", ",".join(OUTSIDE)])
    assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert told["alliance"] == [*CENSUS_2011, *OUTSIDE]
    assert told["study"] in result.stdout
    for name in ("index.html", "alliance.html", "comparison.html", "explorer.html"):
        page = (tmp_path / name).read_text(encoding="utf-8")
        assert len(page.encode()) < 6_000_000
        for source in region.study.sources:
            assert source in page
    assert "1,091,482" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert len(region.demand) + 1 == (tmp_path / "places.csv").read_bytes().count(b"\n")


# -- how faithful it is


needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real data are not beside the repository")


@pytest.fixture(scope="module")
def full() -> Region:
    return load_region(REAL / "study.toml")


@pytest.mark.real
@needs_real
def test_shares_are_those_of_the_full_network(full: Region, region: Region) -> None:
    tools = runpy.run_path(str(ROOT / "benchmarks" / "condense_fidelity.py"))
    both = tools["shares"](full).add_suffix("_full").join(tools["shares"](region).add_suffix("_small"))
    assert len(both) == len(NAMED_SCENARIOS) * 6 * 4 * 5
    assert both["share_small"].notna().all()
    assert (both["total_full"] == both["total_small"]).all()
    off = (both["share_small"] - both["share_full"]).abs()
    measure = both.index.get_level_values("measure")
    assert off[measure == "population"].max() <= SHARE_POINTS
    partners = both.index.get_level_values("force").isin(CENSUS_2011)
    assert off[(measure == "incidents") & partners].max() <= SHARE_POINTS
    assert off[partners].max() <= 0.02
    ratio = tools["stretch"](full, region)
    assert len(ratio) > 100_000
    assert np.median(ratio) < 1.01
    assert np.percentile(ratio, 99) < 1.05
    # a node written in tenths of a metre may snap beside its junction, on the wrong side of a one-way street
    assert (ratio < 0.999).mean() < 0.005


@pytest.mark.real
@needs_real
def test_no_file_is_copied(full: Region) -> None:
    given = {
        file.read_bytes() for file in REAL.rglob("*") if file.is_file() and file.stat().st_size < 2_000_000
    }
    for file in bl.embedded_study().parent.iterdir():
        assert file.read_bytes() not in given
    assert full.study.alliance == tuple(CENSUS_2011)
