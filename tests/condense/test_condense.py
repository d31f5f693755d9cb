"""A condensed study gives the answers of the full one: the same sums, the same times, the same help."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

import two_counties
from borderless.analysis.coverage import cover
from borderless.analysis.results import analyse
from borderless.analysis.times import response_times
from borderless.condense.condense import condense_region
from borderless.condense.overlay import OverlayRules
from borderless.condense.write import write_condensed
from borderless.errors import BorderlessError
from borderless.region import Region, load_region
from borderless.roads.network import UNREACHABLE
from borderless.roads.point_times import point_times
from borderless.roads.snap import Snap, snap_points
from borderless.study.policy import NAMED_SCENARIOS
from condense.conftest import County
from drawn_studies import People, Stand, write_drawn


def sums(region: Region) -> pd.DataFrame:
    """Return every measure's total by force."""
    return region.demand.table.groupby("force")[[m.column for m in region.study.measures]].sum()


def own_snap(region: Region, x: np.ndarray, y: np.ndarray) -> Snap:
    return snap_points(region.network, x, y, region.study.speeds.access_speed_kmh)


def test_every_sum_by_force_and_measure_is_the_same(county: County) -> None:
    full, again = sums(county.full), sums(county.again)
    assert (full.to_numpy() > 0).sum() >= 9
    pd.testing.assert_frame_equal(full, again)


def test_sums_in_town_and_in_the_country_are_the_same(county: County) -> None:
    keys, columns = ["force", "urban"], [m.column for m in county.full.study.measures]
    full, again = (r.demand.table.groupby(keys)[columns].sum() for r in (county.full, county.again))
    pd.testing.assert_frame_equal(full, again)


def test_there_are_fewer_points_and_nodes_and_none_stands_in_another_square(county: County) -> None:
    assert len(county.again.demand) < len(county.full.demand)
    full, again = county.full.demand, county.again.demand
    squares = {tuple(row) for row in np.floor(full.xy() / 1000).tolist()}
    assert {tuple(row) for row in np.floor(again.xy() / 1000).tolist()} == squares


def test_link_times_are_the_exact_shortest_times_of_the_full_network(county: County) -> None:
    nodes, links = county.small.nodes, county.small.links
    snap = own_snap(county.full, nodes["x"].to_numpy(), nodes["y"].to_numpy())
    assert snap.distance_m.max() < 0.001
    exact = point_times(county.full.network, snap, snap).astype(np.int64)
    exact -= snap.access_ms[:, None] + snap.access_ms[None].astype(np.int64)
    off = links["travel_ms"].to_numpy() - exact[links["tail"], links["head"]]
    # snapping a node again may move it by a hair: a millisecond at either end; and a place just before a
    # junction is reached before what is waited there
    waits = np.unique(county.full.network.ways.arms.end_ms)
    before = np.abs(off[:, None] - waits[waits > 0]).min(axis=1, initial=10**9) <= 2
    assert np.abs(off[~before]).max() <= 2
    assert (off[~before] == 0).mean() > 0.9


def test_every_place_is_reached_as_soon_as_in_the_full_study(county: County) -> None:
    full, again = county.full, county.again
    xy = again.demand.xy()
    exact = point_times(full.network, full.station_snap, own_snap(full, xy[:, 0], xy[:, 1])).astype(np.int64)
    small = response_times(again).travel_ms.astype(np.int64)
    assert (small != UNREACHABLE).all() == (exact != UNREACHABLE).all()
    # coordinates are written in tenths of a metre and stations in hundred-thousandths of a degree
    hair = 400
    assert (small >= exact - hair).all()
    cells = county.small.cells
    passed = cells.loc[cells["answered"] & cells["main"], "node"].astype(str)
    core = again.demand.table["node"].isin(passed).to_numpy()
    assert (small[:, core] <= 1.02 * exact[:, core] + hair).all()
    assert (small <= np.maximum(1.1 * exact, exact + 10_000) + hair).all()
    assert np.median(small[:, core] / exact[:, core]) < 1.001


def test_nothing_that_was_reachable_becomes_unreachable(county: County) -> None:
    assert (response_times(county.full).travel_ms != UNREACHABLE).all()
    assert (response_times(county.again).travel_ms != UNREACHABLE).all()


def test_coverage_of_people_is_that_of_the_full_study(county: County) -> None:
    full, again = response_times(county.full), response_times(county.again)
    assert [s.name for s in county.again.study.scenarios] == [s.name for s in county.full.study.scenarios]
    for scenario in county.full.study.scenarios:
        one, other = (cover(times, scenario).table for times in (full, again))
        keys = ["force", "measure", "target", "total"]
        pd.testing.assert_frame_equal(one[keys], other[keys])
        off = (one["share"] - other["share"]).abs()
        people = one["measure"] == "population"
        rebased = scenario.stations == "shared"
        assert off[people].max() <= (0.02 if rebased else 0.003), scenario.name
        assert off.max() <= 0.1


def test_stations_keep_everything_but_their_streets(county: County) -> None:
    columns = ["id", "name", "force", "role", "units", "capacity"]
    full, again = county.full.stations, county.again.stations
    pd.testing.assert_frame_equal(pd.DataFrame(full[columns]), pd.DataFrame(again[columns]))
    assert full.geometry.distance(again.geometry).max() < 1.5
    assert np.abs(county.full.station_snap.access_ms - county.again.station_snap.access_ms).max() < 300


def test_the_whole_answer_can_be_worked_out_from_a_small_study(county: County) -> None:
    results = analyse(county.again)
    assert list(results.coverages) == [s.name for s in county.full.study.scenarios]
    assert results.isochrones.is_valid.all()
    assert not results.isochrones.is_empty.any()


def test_places_that_label_the_map_are_towns_inside_the_areas(county: County) -> None:
    assert set(county.small.places["kind"]) <= {"city", "town", "village"}
    assert len(county.small.places) >= 2
    places = county.full.places
    beyond = pd.concat([places.iloc[:1], places.iloc[:1]], ignore_index=True)
    beyond = beyond.set_geometry([places.geometry.iloc[0], shapely.Point(0, 0)]).assign(kind="town")
    assert len(condense_region(replace(county.full, places=beyond)).places) == 1


def test_a_small_study_cannot_be_condensed_again(county: County) -> None:
    with pytest.raises(BorderlessError, match=r"study\.toml: this study has no streets → condense the full"):
        condense_region(county.again)


def test_the_same_region_gives_the_same_small_study(county: County) -> None:
    again = condense_region(county.full)
    for one, other in ((county.small.nodes, again.nodes), (county.small.links, again.links)):
        pd.testing.assert_frame_equal(one, other)
    pd.testing.assert_frame_equal(county.small.cells, again.cells)


def test_rules_say_how_much_is_kept(county: County) -> None:
    bare = condense_region(county.full, OverlayRules(junctions=0))
    assert len(bare.nodes) < len(county.small.nodes)
    rules = [OverlayRules(junctions=0, stretch=stretch, leaf_stretch=1.0) for stretch in (0.0, 0.5)]
    exact, coarse = (condense_region(county.full, each) for each in rules)
    assert len(coarse.nodes) == len(bare.nodes) == len(exact.nodes)
    assert len(coarse.links) < len(exact.links)


def test_stages_are_told_as_they_begin(county: County) -> None:
    stages: list[str] = []
    condense_region(county.full, on_stage=stages.append)
    assert len(stages) == len(set(stages)) >= 4


def test_two_counties_give_the_same_numbers_when_condensed(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path / "full")
    # a second less, so that nobody stands exactly on a limit, which rounded coordinates may miss
    path.write_text(two_counties.STUDY + "\n[response]\nturnout_s = 59\n", encoding="utf-8")
    region = load_region(path)
    again = load_region(write_condensed(condense_region(region), tmp_path / "small"))
    for scenario in NAMED_SCENARIOS:
        tables = [cover(response_times(each), scenario).table for each in (region, again)]
        one, other = (table[table["measure"] == "population"] for table in tables)
        pd.testing.assert_frame_equal(one, other)


def test_places_and_people_on_one_street_keep_their_order_and_sides(tmp_path: Path) -> None:
    # one long street: S stands on it, people 5 km to the west and 2 km to the east of S
    stations = [Stand("S", "West", 6_000, 0)]
    people = [People(1_000, 0, 3), People(8_000, 0, 5)]
    region = load_region(write_drawn(tmp_path / "full", "A---------B", stations, people))
    again = load_region(write_condensed(condense_region(region), tmp_path / "small"))
    table = again.demand.table.assign(ms=response_times(again).travel_ms[0])
    by_people = table[table["population"] > 0].set_index("population")["ms"]
    assert by_people.to_dict() == pytest.approx({3: 300_000, 5: 120_000}, abs=300)


def test_a_one_way_street_is_driven_one_way_in_the_small_study_too(tmp_path: Path) -> None:
    drawing = """
        A---->----B
        |         |
        C---------D
    """
    people = [People(1_000, 2_000, 3), People(9_000, 2_000, 5)]
    path = write_drawn(tmp_path / "full", drawing, [Stand("S", "West", 5_000, 2_000)], people)
    again = load_region(write_condensed(condense_region(load_region(path)), tmp_path / "small"))
    table = again.demand.table.assign(ms=response_times(again).travel_ms[0])
    minutes = table[table["population"] > 0].set_index("population")["ms"] / 60_000
    # 4 km ahead; backwards it is 5 + 2 + 10 + 2 + 1 km around
    assert minutes.to_dict() == pytest.approx({5: 4, 3: 20}, abs=0.01)


def test_people_beside_the_road_keep_their_access_leg(tmp_path: Path) -> None:
    people = [People(3_000, 900, 7)]
    path = write_drawn(tmp_path / "full", "A---------B", [Stand("S", "West", 0, 0)], people)
    again = load_region(write_condensed(condense_region(load_region(path)), tmp_path / "small"))
    times = response_times(again).travel_ms[0, (again.demand.table["population"] == 7).to_numpy()]
    # 3 km at 60 km/h and 0.9 km at 20 km/h
    assert times.tolist() == pytest.approx([180_000 + 162_000], abs=300)


def test_the_full_study_is_not_changed(county: County) -> None:
    before = replace(county.full.demand, table=county.full.demand.table.copy())
    stations = county.full.stations.copy()
    condense_region(county.full)
    pd.testing.assert_frame_equal(pd.DataFrame(before.table), pd.DataFrame(county.full.demand.table))
    pd.testing.assert_frame_equal(pd.DataFrame(stations), pd.DataFrame(county.full.stations))
    assert shapely.is_valid(county.full.forces.geometry.to_numpy()).all()
