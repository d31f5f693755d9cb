"""Files become one region: the same from the cache and in any order, every problem told at once."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import two_counties
from ascii_map import ascii_network, with_streets
from borderless.analysis.coverage import cover
from borderless.analysis.times import response_times
from borderless.cache import CacheWarning
from borderless.region import Region, drawn_roads, load_network, load_region
from borderless.roads.network import RoadNetwork
from borderless.study.policy import NAMED_SCENARIOS, SEPARATE
from borderless.study.read import read_study
from drawn_studies import write_county
from two_counties import MINUTE, Edit, letters


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return load_region(two_counties.write_files(tmp_path_factory.mktemp("two_counties")))


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


def test_other_speeds_change_the_roads_and_the_way_to_them_alone() -> None:
    region = two_counties.region()
    times, half = response_times(region).travel_ms, region.with_speeds({"built_up": 0.5}, access=0.5)
    # the counties' streets, at 37 mph, are all of that class, and places stand on their nodes
    assert np.array_equal(response_times(half).travel_ms, 2 * times)
    assert half.fingerprint != region.fingerprint
    same = region.with_speeds({"built_up": 1.0, "all": 1.0})
    assert same.fingerprint == region.fingerprint
    assert half.demand is region.demand
    away = replace(region.demand_snap, access_ms=np.full_like(region.demand_snap.access_ms, 3))
    far = replace(region, demand_snap=away).with_speeds({}, access=2)
    # 1.5 is rounded to the even 2
    assert set(far.demand_snap.access_ms) == {2}


def test_speeds_by_class_give_what_a_study_with_these_speeds_gives(tmp_path: Path) -> None:
    path = write_county(tmp_path, 1)
    region = load_region(path)
    told = path.read_text(encoding="utf-8")
    slower = told.replace("[speeds]\n", "[speeds]\nfactor_unclassified = 0.25\nfactor_built_up = 0.5\n")
    path.write_text(slower, encoding="utf-8")
    anew = load_region(path)
    before, after = region.study.speeds.factor, anew.study.speeds.factor
    factor = {name: after[name] / before[name] for name in ("unclassified", "built_up")}
    times, exact = (
        response_times(asked).travel_ms.astype(int) for asked in (region.with_speeds(factor), anew)
    )
    assert np.abs(response_times(region).travel_ms - exact).max() > 60_000
    # each street is rounded twice in place of once
    assert np.abs(times - exact).max() <= 20


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
    path = edit("people.csv", lambda text: text.replace("435000,300000", "437500,300000"))
    region = load_region(path)
    assert region.demand.table["population"].sum() == 1023
    (notice,) = (problem for problem in region.problems if "from every street" in problem.why)
    assert notice.why.startswith("128 people are 2 km")
    assert any("up to 2 km outside the area of the force they name" in p.why for p in region.problems)


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
    # a dead end that cannot be left is opened, which is worth a notice every time
    path = edit("edges.csv", lambda text: text + "H,Z,60000\n")
    path = edit("nodes.csv", lambda text: text + "Z,436000,300000\n")
    fresh, cached = load_region(path), load_region(path)
    assert any("driven both ways" in p.why for p in fresh.problems)
    assert_same(fresh, cached)
    assert empty_cache.is_dir()


def test_a_damaged_cache_is_built_again(tmp_path: Path, empty_cache: Path) -> None:
    path = two_counties.write_files(tmp_path / "study")
    fresh = load_region(path)
    (entry,) = empty_cache.iterdir()
    content = entry.read_bytes()
    entry.write_bytes(content[:100])
    with pytest.warns(CacheWarning, match="its checksum is wrong"):
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


def test_bytes_without_a_meaning_change_no_fingerprint(edit: Edit) -> None:
    first = load_region(edit("study.toml", lambda text: text + "\n"))
    spaced = load_region(edit("areas.geojson", lambda text: text.replace('"West"', '"West" ')))
    assert spaced.fingerprint == first.fingerprint


def test_a_region_changed_by_hand_has_a_fingerprint_of_its_own(loaded: Region) -> None:
    moved = replace(loaded, forces=loaded.forces.assign(geometry=loaded.forces.translate(1)))
    busier = loaded.stations.assign(units=loaded.stations["units"] + 1)
    slower = replace(loaded.network, travel_ms=loaded.network.travel_ms + np.int32(1))
    others = (moved, replace(loaded, stations=busier), replace(loaded, network=slower))
    assert len({region.fingerprint for region in (loaded, *others)}) == 4


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


# nodes


def test_places_may_stand_on_named_nodes(edit: Edit) -> None:
    edit("people.csv", two_counties.with_node(list("ABCDEFGHMN")))
    edit("stations.csv", two_counties.with_node(["A", "F", "N"]))
    path = edit("study.toml", two_counties.on_nodes)
    region = load_region(path)
    assert [region.network.node_id[i] for i in region.station_snap.node] == ["F", "N", "A"]
    times = response_times(region)
    separate = cover(times, SEPARATE)
    west = separate.table.query("force == 'West' and measure == 'population' and target == '10 min'")
    assert letters(int(west["covered"].iloc[0])) == "AB"
    assert times.travel_ms.max() <= 35 * MINUTE + 60 * MINUTE


# roads alone


def test_a_network_can_be_read_by_itself(loaded: Region) -> None:
    folder = loaded.study.file.parent
    network = load_network(folder / "nodes.csv", folder / "edges.csv")
    assert_same_network(network, loaded.network)


def test_main_roads_are_drawn_as_long_simple_lines() -> None:
    network, _ = ascii_network("A---B---C\n    |\n    D", metres=1000, highway="primary")
    streets = network.streets.assign(ref="A6", name=["One", "One", "Two"])
    roads = drawn_roads(with_streets(network, streets))
    assert roads[["highway", "ref", "name"]].to_numpy().tolist() == [["primary", "A6", ""]]
    assert roads.length.tolist() == [10_000]
    unnumbered = drawn_roads(with_streets(network, streets.assign(ref="")))
    assert unnumbered["name"].tolist() == ["One"]
    minor = drawn_roads(with_streets(network, streets.assign(highway="residential")))
    assert minor.empty
    assert minor.columns.tolist() == ["highway", "ref", "name", "geometry"]
