"""Files become one region: the same from the cache and in any order, every problem told at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import two_counties
from ascii_map import ascii_network
from borderless.analysis.coverage import cover
from borderless.analysis.times import response_times
from borderless.errors import InputError, Problem
from borderless.region import Region, drawn_roads, load_network, load_region
from borderless.roads.network import RoadNetwork
from borderless.study.policy import NAMED_SCENARIOS, SEPARATE
from borderless.study.read import read_study
from two_counties import MINUTE, letters

Edit = Callable[[str, Callable[[str], str]], Path]


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BORDERLESS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return load_region(two_counties.write_files(tmp_path_factory.mktemp("two_counties")))


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Return a function that changes one file of the two counties and returns the study's path."""
    path = two_counties.write_files(tmp_path / "study")

    def change(name: str, how: Callable[[str], str]) -> Path:
        file = path.parent / name
        before = file.read_text(encoding="utf-8")
        after = how(before)
        assert after != before
        file.write_text(after, encoding="utf-8")
        return path

    return change


def problems_of(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        load_region(path)
    return caught.value.problems


def assert_same(one: Region, other: Region) -> None:
    """Compare two regions value by value, but for the study's folder."""
    assert_same_network(one.network, other.network)
    for name in ("stations", "forces", "places", "drawing"):
        left, right = (pd.DataFrame(getattr(region, name)) for region in (one, other))
        pd.testing.assert_frame_equal(left, right)
    pd.testing.assert_frame_equal(pd.DataFrame(one.demand.table), pd.DataFrame(other.demand.table))
    assert one.demand.measures == other.demand.measures
    for snap in ("station_snap", "demand_snap"):
        for field in fields(one.station_snap):
            left, right = (getattr(getattr(region, snap), field.name) for region in (one, other))
            assert np.array_equal(left, right), field.name
    assert one.problems == other.problems


def assert_same_network(one: RoadNetwork, other: RoadNetwork) -> None:
    for name in ("first_arc", "head", "travel_ms", "x", "y", "node_id", "arc_street", "arc_forward"):
        left, right = getattr(one, name), getattr(other, name)
        assert left.dtype == right.dtype, name
        assert np.array_equal(left, right), name
    pd.testing.assert_frame_equal(pd.DataFrame(one.streets), pd.DataFrame(other.streets))
    assert one.counts == other.counts


# the two counties, from files


def test_files_give_the_numbers_worked_out_by_hand(loaded: Region) -> None:
    times = response_times(loaded)
    drawn = response_times(two_counties.region())
    people = loaded.demand.table["population"].to_numpy() > 0
    order = np.argsort(loaded.demand.table["population"].to_numpy()[people])
    assert np.array_equal(times.travel_ms[:, people][:, order], drawn.travel_ms)
    for scenario in NAMED_SCENARIOS:
        mine, theirs = (
            cover(each, scenario).table.query("measure == 'population'").reset_index(drop=True)
            for each in (times, drawn)
        )
        pd.testing.assert_frame_equal(mine, theirs)


def test_people_of_each_place_stay_with_it(loaded: Region) -> None:
    table = loaded.demand.table
    named = table[table["population"] > 0]
    assert dict(zip(named["id"], named["population"], strict=True)) == two_counties.WEIGHT
    assert dict(zip(named["id"], named["force"], strict=True)) == two_counties.FORCE_OF
    assert dict(zip(named["id"], named["place"], strict=True)) == two_counties.VILLAGE
    assert "".join(sorted(named.loc[~named["urban"], "id"])) == two_counties.RURAL


def test_area_and_roads_are_those_worked_out_by_hand(loaded: Region) -> None:
    sums = loaded.demand.table.groupby("force")[["area_m2", "road_m"]].sum()
    assert sums.loc["West"].tolist() == [15_500_000, 16_000]
    assert sums.loc["East"].tolist() == [21_000_000, 20_000]
    assert sums.loc["North", "road_m"] == 3_000


def test_a_clipped_force_counts_only_as_far_as_the_roads_reach(loaded: Region) -> None:
    # North covers 36.5 km x 2 km; points farther than 2 km from every road are dropped, the partners' never
    north = loaded.demand.table.query("force == 'North'")
    assert north["area_m2"].sum() < 73_000_000
    (row,) = (i for i, f in enumerate(loaded.forces["force"]) if f == "North")
    assert loaded.forces.geometry.iloc[row].area == 73_000_000
    lines = shapely.union_all(loaded.network.streets.geometry.to_numpy())
    assert shapely.distance(north.geometry.to_numpy(), lines).max() <= 2_000
    (notice,) = (p for p in loaded.problems if "beyond the road data" in p.why)
    assert notice.severity == "notice"
    assert "North count only as far as the data reach" in notice.why


def test_partners_keep_their_points_beyond_the_roads(edit: Edit) -> None:
    path = edit(
        "study.toml", lambda text: text.replace('"East"]', '"East", "North"]').replace('["North"]', "[]")
    )
    region = load_region(path)
    assert region.demand.table.query("force == 'North'")["area_m2"].sum() == 73_000_000


def test_people_far_from_every_street_are_told_and_still_count(edit: Edit, loaded: Region) -> None:
    assert not any("from every street" in problem.why for problem in loaded.problems)
    path = edit("people.csv", lambda text: text.replace("400000,300000", "400000,306000"))
    region = load_region(path)
    assert region.demand.table["population"].sum() == 1023
    (notice,) = (problem for problem in region.problems if "from every street" in problem.why)
    assert notice.why.startswith("1 people are 2 km")


def test_a_force_that_joins_is_still_clipped(tmp_path: Path) -> None:
    study = read_study(two_counties.write_files(tmp_path)).with_partners(("North",))
    region = load_region(study)
    assert region.forces["force"].tolist() == ["West", "East", "North"]
    assert region.forces["alliance"].all()
    assert region.demand.table.query("force == 'North'")["area_m2"].sum() < 73_000_000


def test_stations_and_forces_come_in_the_promised_order(loaded: Region) -> None:
    assert loaded.stations["id"].tolist() == ["E1", "N1", "W1"]
    assert loaded.forces["force"].tolist() == ["West", "East", "North"]
    assert loaded.forces["alliance"].tolist() == [True, True, False]
    assert len(loaded.station_snap) == 3
    assert len(loaded.demand_snap) == len(loaded.demand)


def test_stages_are_told_as_they_begin(tmp_path: Path) -> None:
    stages: list[str] = []
    load_region(two_counties.write_files(tmp_path), on_stage=stages.append)
    assert len(stages) == len(set(stages)) >= 3


# the cache


def test_a_network_from_the_cache_equals_a_fresh_one(tmp_path: Path, empty_cache: Path) -> None:
    path = two_counties.write_files(tmp_path / "study")
    fresh = load_region(path)
    assert len(list(empty_cache.iterdir())) == 1
    cached = load_region(path)
    assert_same(fresh, cached)
    assert fresh.fingerprint == cached.fingerprint
    assert cached.network.streets.crs == fresh.network.streets.crs


def test_notices_about_roads_are_told_from_the_cache_too(edit: Edit, empty_cache: Path) -> None:
    # a dead end that cannot be left is cut, which is worth a notice every time
    path = edit("edges.csv", lambda text: text + "H,Z,60000\n")
    path = edit("nodes.csv", lambda text: text + "Z,436000,300000\n")
    fresh, cached = load_region(path), load_region(path)
    assert any("cut off" in p.why for p in fresh.problems)
    assert_same(fresh, cached)
    assert empty_cache.is_dir()


def test_a_damaged_cache_is_built_again(tmp_path: Path, empty_cache: Path) -> None:
    path = two_counties.write_files(tmp_path / "study")
    fresh = load_region(path)
    (entry,) = empty_cache.iterdir()
    content = entry.read_bytes()
    entry.write_bytes(content[:100])
    assert_same(fresh, load_region(path))
    assert entry.read_bytes() == content


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("edges.csv", "A,B,420000", "A,B,420001"),
        ("nodes.csv", "H,435000", "H,435001"),
    ],
)
def test_changed_roads_are_read_again(edit: Edit, empty_cache: Path, name: str, old: str, new: str) -> None:
    path = edit("study.toml", lambda text: text + "\n")
    before = load_region(path)
    after = load_region(edit(name, lambda text: text.replace(old, new)))
    assert len(list(empty_cache.iterdir())) == 2
    assert before.fingerprint != after.fingerprint


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("people.csv", "A,West,Ashby,1,1,", "A,West,Ashby,1,2,"),
        ("stations.csv", "W1 station", "Other"),
        ("areas.geojson", '"West"', '"West" '),
        ("study.toml", 'name = "Two counties"', 'name = "Other"'),
        ("study.toml", "[roads]", "[response]\nturnout_s = 61\n[roads]"),
    ],
)
def test_the_fingerprint_changes_with_any_input(
    edit: Edit, loaded: Region, name: str, old: str, new: str
) -> None:
    first = load_region(edit("study.toml", lambda text: text + "\n"))
    assert load_region(edit(name, lambda text: text.replace(old, new))).fingerprint != first.fingerprint
    assert loaded.fingerprint != first.fingerprint


# order


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_in_every_file_changes_nothing(
    tmp_path: Path, loaded: Region, chance: object
) -> None:
    path = two_counties.write_files(tmp_path / "shuffled")
    for name in ("nodes.csv", "edges.csv", "stations.csv", "people.csv"):
        header, *rows = (path.parent / name).read_text(encoding="utf-8").splitlines()
        chance.shuffle(rows)  # type: ignore[attr-defined]
        (path.parent / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    areas = gpd.read_file(path.parent / "areas.geojson")
    mixed = areas.iloc[chance.sample(range(3), 3)]  # type: ignore[attr-defined]
    (path.parent / "areas.geojson").write_text(mixed.to_json(drop_id=True), encoding="utf-8")
    region = load_region(path)
    pd.testing.assert_frame_equal(pd.DataFrame(region.demand.table), pd.DataFrame(loaded.demand.table))
    pd.testing.assert_frame_equal(pd.DataFrame(region.stations), pd.DataFrame(loaded.stations))
    pd.testing.assert_frame_equal(pd.DataFrame(region.forces), pd.DataFrame(loaded.forces))
    assert np.array_equal(response_times(region).travel_ms, response_times(loaded).travel_ms)


# problems


def test_a_station_far_from_roads_is_told_with_the_problems_of_other_files(edit: Edit) -> None:
    edit("people.csv", lambda text: text.replace("A,West,Ashby,1,1,", "A,West,Ashby,1,-1,"))
    path = edit("stations.csv", lambda text: text.replace("418000,300000", "418000,305000"))
    assert [problem.file for problem in problems_of(path)] == ["people.csv", "stations.csv"]


def test_a_measure_that_lies_wholly_elsewhere_is_refused(edit: Edit) -> None:
    for force in ("East", "West", "North"):
        edit("people.csv", lambda text, force=force: text.replace(f",{force},", ",,"))
    path = edit("people.csv", lambda text: text.replace(",30", ",90"))
    (problem,) = problems_of(path)
    assert problem.file == "people.csv"
    assert "no people lie in the areas" in problem.why


def test_roads_under_another_name_are_told_of_under_that_name(edit: Edit, empty_cache: Path) -> None:
    path = edit("edges.csv", lambda text: text.replace("420000", "420000.0"))
    load_region(path)
    for name in ("nodes", "edges"):
        (path.parent / f"{name}.csv").rename(path.parent / f"{name}2.csv")
        edit("study.toml", lambda text, name=name: text.replace(f"{name}.csv", f"{name}2.csv"))
    load_region(path)
    assert len(list(empty_cache.iterdir())) == 2


def test_a_graphml_study_names_its_file_and_tells_what_was_cut(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path)
    graph = nx.MultiDiGraph(crs="EPSG:27700")
    roads, _ = two_counties.network()
    graph.update(roads.to_networkx())
    nx.set_edge_attributes(graph, "tertiary", "highway")
    graph.add_node("lost", x=436_000.0, y=300_000.0)
    graph.add_edge(0, "lost", travel_ms=1, highway="tertiary")
    nx.write_graphml(graph, tmp_path / "roads.graphml")
    text = two_counties.STUDY.replace('"nodes.csv"\nedges = "edges.csv"', '"roads.graphml"')
    path.write_text(text, encoding="utf-8")
    assert any("cut off" in problem.why for problem in load_region(path).problems)
    graph.edges[0, "lost", 0]["travel_ms"] = 0
    nx.write_graphml(graph, tmp_path / "roads.graphml")
    (problem,) = problems_of(path)
    assert (problem.file, problem.where) == ("roads.graphml", "edge 0 → lost (0)")


def test_every_problem_of_every_file_is_told_at_once(edit: Edit) -> None:
    edit("stations.csv", lambda text: text.replace("W1,W1 station,West,response,2", "W1,x,West,response,two"))
    edit("people.csv", lambda text: text.replace("A,West,Ashby,1,1,", "A,West,Ashby,1,1.5,"))
    edit("areas.geojson", lambda text: text.replace('"North"', '"South"'))
    edit("nodes.csv", lambda text: text.replace("H,435000", "H,east"))
    path = edit("edges.csv", lambda text: text.replace("A,B,420000", "A,Q,420000"))
    found = problems_of(path)
    assert {(p.file, p.column, p.value) for p in found} >= {
        ("stations.csv", "units", "two"),
        ("people.csv", "people", "1.5"),
        ("areas.geojson", "force", "North"),
        ("nodes.csv", "x", "east"),
    }
    assert all(p.why and p.remedy and p.severity == "error" for p in found)


def test_a_study_without_any_unit_is_refused(edit: Edit) -> None:
    def empty(text: str) -> str:
        return text.replace(",response,2,2,", ",response,0,2,").replace(",response,1,", ",response,0,")

    (problem,) = problems_of(edit("stations.csv", empty))
    assert (problem.file, problem.column) == ("stations.csv", "units")
    assert "nobody can respond" in problem.why


def test_a_station_far_from_every_street_is_named_with_its_distance(edit: Edit) -> None:
    path = edit("stations.csv", lambda text: text.replace("400000,300000", "400000,290000"))
    (problem,) = problems_of(path)
    assert (problem.file, problem.where, problem.value) == ("stations.csv", "station W1", "W1 station")
    assert problem.why == "stands 10.0 km from the nearest street"
    assert "max_snap_m" in problem.remedy
    edit("study.toml", lambda text: text + "\n[speeds]\nmax_snap_m = 10000\n")
    assert load_region(path).station_snap.distance_m.tolist() == [0, 0, 10_000]


def test_road_files_of_an_unknown_kind_are_refused_with_the_known_ones(edit: Edit) -> None:
    path = edit(
        "study.toml",
        lambda text: text.replace('source = "nodes.csv"\nedges = "edges.csv"', 'source = "nodes.csv"'),
    )
    (problem,) = problems_of(path)
    assert problem.file == "nodes.csv"
    assert ".osm.pbf" in problem.remedy


def test_a_file_that_vanishes_after_the_study_was_read_is_named(tmp_path: Path) -> None:
    study = read_study(two_counties.write_files(tmp_path))
    (tmp_path / "nodes.csv").unlink()
    (tmp_path / "people.csv").unlink()
    with pytest.raises(InputError) as caught:
        load_region(study)
    assert [p.file for p in caught.value.problems] == ["people.csv", "nodes.csv"]


# nodes


def nodes_study(text: str) -> str:
    return text.replace("[roads]", '[roads]\nsnap = "nodes"')


def with_node(column: list[str]) -> Callable[[str], str]:
    def add(text: str) -> str:
        lines = text.splitlines()
        return "\n".join(f"{line},{cell}" for line, cell in zip(lines, ["node", *column], strict=True)) + "\n"

    return add


def test_places_may_stand_on_named_nodes(edit: Edit) -> None:
    edit("people.csv", with_node(list("ABCDEFGHMN")))
    edit("stations.csv", with_node(["A", "F", "N"]))
    path = edit("study.toml", nodes_study)
    region = load_region(path)
    assert [region.network.node_id[i] for i in region.station_snap.node] == ["F", "N", "A"]
    times = response_times(region)
    separate = cover(times, SEPARATE)
    west = separate.table.query("force == 'West' and measure == 'population' and target == '10 min'")
    assert letters(int(west["covered"].iloc[0])) == "AB"
    assert times.travel_ms.max() <= 35 * MINUTE + 60 * MINUTE


def test_an_unknown_node_is_named(edit: Edit) -> None:
    edit("stations.csv", with_node(["A", "ZZ", "N"]))
    problem, *_ = problems_of(edit("study.toml", nodes_study))
    assert problem.file == "stations.csv"
    assert problem.where.endswith("E1")
    assert (problem.column, problem.value) == ("node", "ZZ")


# roads alone


def test_a_network_can_be_read_by_itself(loaded: Region) -> None:
    folder = loaded.study.file.parent
    network = load_network(folder / "nodes.csv", folder / "edges.csv")
    assert_same_network(network, loaded.network)


def test_main_roads_are_drawn_as_long_simple_lines() -> None:
    network, _ = ascii_network("A---B---C\n    |\n    D", metres=1000, highway="primary")
    streets = network.streets.assign(ref="A6", name=["One", "One", "Two"])
    roads = drawn_roads(_with_streets(network, streets))
    assert roads[["highway", "ref", "name"]].to_numpy().tolist() == [["primary", "A6", ""]]
    assert roads.length.tolist() == [10_000]
    unnumbered = drawn_roads(_with_streets(network, streets.assign(ref="")))
    assert unnumbered["name"].tolist() == ["One"]
    minor = drawn_roads(_with_streets(network, streets.assign(highway="residential")))
    assert minor.empty
    assert minor.columns.tolist() == ["highway", "ref", "name", "geometry"]


def _with_streets(network: RoadNetwork, streets: gpd.GeoDataFrame) -> RoadNetwork:
    parts = {field.name: getattr(network, field.name) for field in fields(network)}
    return RoadNetwork(**{**parts, "streets": streets})
