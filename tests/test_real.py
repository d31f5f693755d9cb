"""The real three counties: census totals to the person, the invariants, times that networkx confirms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import csgraph

from borderless.analysis.basing import own_basing, shared_basing
from borderless.analysis.coverage import Coverage, cover
from borderless.analysis.times import ResponseTimes, response_times
from borderless.region import Region, load_region
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import BORDERLESS, NAMED_SCENARIOS, SEPARATE, BorderPolicy, BorderRule, Scenario
from borderless.study.read import read_study
from random_graphs import scipy_times

STUDY = Path(__file__).parents[2] / "shared" / "real" / "study.toml"
CENSUS_2011 = {"Nottinghamshire": 1_091_482, "Leicestershire": 1_017_697, "Northamptonshire": 691_952}
OUTPUT_AREAS = {"Nottinghamshire": 3_609, "Leicestershire": 3_170, "Northamptonshire": 2_231}
NO_DELAY = replace(BORDERLESS, name="no_delay", control_room="shared")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not STUDY.is_file(), reason="the real data are not beside the repository"),
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the module an empty cache."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("real")
        patch.setenv("BORDERLESS_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def region(cache: Path) -> Region:
    assert not list(cache.iterdir())
    return load_region(STUDY)


@pytest.fixture(scope="module")
def times(region: Region) -> ResponseTimes:
    return response_times(region)


@pytest.fixture(scope="module")
def coverages(times: ResponseTimes) -> dict[str, Coverage]:
    scenarios = (*NAMED_SCENARIOS, NO_DELAY)
    return {scenario.name: cover(times, scenario) for scenario in scenarios}


def sums(coverage: Coverage, measure: str = "population", target: str = "standard") -> pd.DataFrame:
    table = coverage.table
    return table[(table["measure"] == measure) & (table["target"] == target)].set_index("force")


def people_by_force(region: Region) -> dict[str, int]:
    totals = region.demand.table.groupby("force")["population"].sum()
    return {force: int(totals[force]) for force in CENSUS_2011}


def test_census_totals_come_out_to_the_person(region: Region, coverages: dict[str, Coverage]) -> None:
    assert people_by_force(region) == CENSUS_2011
    for coverage in coverages.values():
        totals = sums(coverage)["total"]
        assert {force: totals[force] for force in CENSUS_2011} == CENSUS_2011
        assert totals["all"] == region.demand.table["population"].sum()


def test_every_output_area_is_a_demand_point_of_its_force(region: Region) -> None:
    table = region.demand.table
    counts = table[table["population"] > 0]["force"].value_counts()
    assert {force: int(counts[force]) for force in OUTPUT_AREAS} == OUTPUT_AREAS


def test_area_adds_up_to_the_partners_outlines(region: Region) -> None:
    squares = region.demand.table.groupby("force")["area_m2"].agg(["sum", "count"])
    for force, shape in zip(region.forces["force"], region.forces.geometry, strict=True):
        if force in region.study.alliance:
            assert abs(squares.loc[force, "sum"] - shape.area) <= squares.loc[force, "count"]


def test_every_road_of_the_partners_counts_in_length(region: Region) -> None:
    lines = region.network.streets.geometry.to_numpy()
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    metres = region.demand.table.groupby("force")["road_m"].sum()
    for force, shape in zip(region.forces["force"], region.forces.geometry, strict=True):
        if force in region.study.alliance:
            shapely.prepare(shape)
            expected = shapely.length(lines[shapely.contains(shape, middles)]).sum()
            assert metres[force] == pytest.approx(expected, rel=0.005)


def test_nobody_is_out_of_reach_of_the_whole_alliance(coverages: dict[str, Coverage], region: Region) -> None:
    partners = region.demand.table["force"].isin(region.study.alliance).to_numpy()
    assert (coverages["separate"].travel_ms[partners] != UNREACHABLE).all()


def test_borderless_is_the_best_of_every_partners_own_time_and_its_hand_over(
    times: ResponseTimes, coverages: dict[str, Coverage]
) -> None:
    region = times.region
    response = region.study.response
    starts = own_basing(times).starts()
    place = region.demand.table["force"].to_numpy(str)
    best = np.full(len(place), int(UNREACHABLE), dtype=np.int64)
    for f, responder in enumerate(region.study.force_names):
        fastest = times.travel_ms[starts[f]].min(axis=0).astype(np.int64)
        delay = np.where(place == responder, 0, response.cross_border_delay_ms)
        partners = np.isin(place, region.study.alliance) & (responder in region.study.alliance)
        allowed = (partners | (place == responder)) & (fastest != UNREACHABLE)
        total = fastest + response.fixed_ms + delay
        best = np.where(allowed, np.minimum(best, total), best)
    assert np.array_equal(coverages["borderless"].response_ms, best)


def test_no_lever_makes_anyone_wait_longer(coverages: dict[str, Coverage]) -> None:
    separate, alliance = coverages["separate"], coverages["alliance"]
    for coverage in coverages.values():
        assert (coverage.response_ms <= separate.response_ms).all()
        assert (alliance.response_ms <= coverage.response_ms).all() or coverage is coverages["no_delay"]
        for target in coverage.targets:
            assert (coverage.covered(target) >= separate.covered(target)).all()
    assert (alliance.response_ms <= coverages["no_delay"].response_ms).all()


def test_covered_places_are_nested_in_the_target(coverages: dict[str, Coverage]) -> None:
    for coverage in coverages.values():
        _, *plain = coverage.targets
        for short, long in pairwise(plain):
            assert (coverage.covered(short) <= coverage.covered(long)).all()


def test_sums_by_force_add_up(coverages: dict[str, Coverage]) -> None:
    for coverage in coverages.values():
        table = coverage.table
        everyone = table["force"] == "all"
        keys = ["measure", "target"]
        parts = table[~everyone].groupby(keys)[["covered", "total"]].sum()
        assert parts.equals(table[everyone].set_index(keys)[["covered", "total"]].sort_index())


def test_scenarios_that_change_nothing_reproduce_the_baseline_bit_for_bit(
    times: ResponseTimes, coverages: dict[str, Coverage]
) -> None:
    mutual_aid = Scenario("mutual_aid", "", "", BorderPolicy(BorderRule.ON_EXHAUSTION))
    alone = ResponseTimes(_only(times.region, "Nottinghamshire"), times.travel_ms)
    pairs = [
        (cover(times, mutual_aid), coverages["separate"]),
        (cover(times, replace(SEPARATE, name="again")), coverages["separate"]),
        (cover(alone, BORDERLESS), cover(alone, SEPARATE)),
    ]
    for one, other in pairs:
        for field in ("travel_ms", "response_ms", "station", "responder", "second_ms", "second_station"):
            assert getattr(one, field).tobytes() == getattr(other, field).tobytes()


def _only(region: Region, partner: str) -> Region:
    """Return the region with an alliance of one."""
    forces = region.study.forces
    others = tuple(force for force in region.study.force_names if force != partner)
    study = replace(region.study, forces=replace(forces, alliance=(partner,), outside=others))
    return replace(region, study=study)


def test_forces_outside_the_alliance_gain_nothing(coverages: dict[str, Coverage], region: Region) -> None:
    outside = region.demand.table["force"].isin(region.study.forces.outside).to_numpy()
    assert outside.any()
    for coverage in coverages.values():
        assert np.array_equal(coverage.response_ms[outside], coverages["separate"].response_ms[outside])


def test_sharing_stations_keeps_every_unit_and_overfills_no_station(times: ResponseTimes) -> None:
    own, shared = own_basing(times), shared_basing(times)
    assert shared.units.sum(axis=1).tolist() == own.units.sum(axis=1).tolist()
    assert (shared.units.sum(axis=0) <= times.region.stations["capacity"].to_numpy()).all()
    assert (shared.starts() >= own.starts()).all()
    assert shared.units.tolist() != own.units.tolist()


def test_nothing_snaps_to_motorways_links_bridges_and_tunnels(region: Region) -> None:
    streets = region.network.streets
    for snap in (region.station_snap, region.demand_snap):
        used = streets.iloc[snap.street]
        assert used["snappable"].all()
        assert not (used["highway"].eq("motorway") | used["highway"].str.endswith("_link")).any()
        assert (snap.along_m >= 0).all()
        assert (snap.along_m <= used["length_m"].to_numpy() + 0.001).all()
    assert (streets["highway"] == "motorway").any()


def test_access_legs_take_the_straight_distance_at_the_stated_speed(region: Region) -> None:
    speed = region.study.speeds.access_speed_kmh
    for snap in (region.station_snap, region.demand_snap):
        expected = np.rint(snap.distance_m / 1000 / speed * 3_600_000)
        assert np.array_equal(snap.access_ms, expected)
        assert (snap.access_ms > 0).any()


@pytest.fixture(scope="module")
def from_64(region: Region) -> tuple[np.ndarray, np.ndarray]:
    """Return 64 nodes, those of stations among them, and scipy's times from each to every node."""
    near = region.network.streets["tail"].to_numpy()[region.station_snap.street]
    others = np.random.default_rng(64).integers(0, region.network.node_count, 64)
    sources = np.unique(np.concatenate([near[:40], others]))[:64]
    return sources, scipy_times(region.network, sources)


def test_every_time_from_64_nodes_equals_scipys(
    region: Region, from_64: tuple[np.ndarray, np.ndarray]
) -> None:
    sources, exact = from_64
    assert np.array_equal(region.network.times_from(sources), exact)
    for minutes in (5, 20):
        kept = np.where(exact <= 60_000 * minutes, exact, UNREACHABLE)
        assert np.array_equal(region.network.times_from(sources, limit_s=60 * minutes), kept)


def test_the_nearest_of_64_nodes_equals_scipys(
    region: Region, from_64: tuple[np.ndarray, np.ndarray]
) -> None:
    sources, exact = from_64
    found = region.network.nearest([sources, sources[::-1]])
    assert np.array_equal(found.travel_ms[0], exact.min(axis=0))
    nobody = exact.min(axis=0) == UNREACHABLE
    assert np.array_equal(found.source[0], np.where(nobody, -1, exact.argmin(axis=0)))
    assert np.array_equal(found.travel_ms[1], found.travel_ms[0])
    assert np.array_equal(found.source[1], np.where(nobody, -1, exact[::-1].argmin(axis=0)))


def test_times_to_a_place_are_those_from_it_on_the_roads_turned_round(region: Region) -> None:
    network = region.network
    targets = np.random.default_rng(8).integers(0, network.node_count, 8)
    turned = csgraph.dijkstra(network.to_scipy().T.tocsr(), indices=targets)
    assert np.array_equal(network.times_to(targets), np.where(np.isfinite(turned), turned, UNREACHABLE))


def test_routes_take_the_time_they_should_and_can_be_drawn(
    region: Region, from_64: tuple[np.ndarray, np.ndarray]
) -> None:
    network, (sources, exact) = region.network, from_64
    matrix = network.to_scipy()
    for start, end in zip(sources[:5], sources[-5:], strict=True):
        route = network.route(start, end)
        row = int(np.flatnonzero(sources == start)[0])
        assert sum(int(matrix[u, v]) for u, v in pairwise(route)) == exact[row, end]
        line = network.line_of(route)
        assert line.coords[0] == (network.x[start], network.y[start])
        assert line.coords[-1] == (network.x[end], network.y[end])
        assert line.is_valid


def test_other_speeds_on_the_real_roads_equal_scipys_and_share_the_topology(region: Region) -> None:
    network = region.network
    factor = np.random.default_rng(9).uniform(0.7, 1.4, network.arc_count)
    other = network.with_travel_ms(np.maximum(1, np.rint(network.travel_ms * factor)))
    sources = np.random.default_rng(10).integers(0, network.node_count, 8)
    assert np.array_equal(other.times_from(sources), scipy_times(other, sources))
    assert other.hierarchy.topology is network.hierarchy.topology


def test_the_real_network_is_numbered_for_sweeps_with_few_shortcuts(region: Region) -> None:
    tree = region.network.hierarchy.topology
    assert tree.in_order
    # METIS leaves 2.9 edges a node, cuts by coordinates 4.1
    assert len(tree.above) < 5 * region.network.node_count


def test_times_equal_networkx_on_streets_cut_at_the_places(times: ResponseTimes) -> None:
    region = times.region
    graph = region.network.to_networkx()
    limit_ms = 15 * 60_000
    for row in (0, len(region.stations) // 2, len(region.stations) - 1):
        near = np.flatnonzero(times.travel_ms[row] < limit_ms // 2)
        points = np.random.default_rng(row).choice(near, 150)
        _add_start(graph, region, row)
        found = nx.single_source_dijkstra_path_length(graph, "start", cutoff=limit_ms, weight="travel_ms")
        graph.remove_node("start")
        for point in points:
            assert times.travel_ms[row, point] == _arrival(found, region, row, int(point))


def _add_start(graph: nx.MultiDiGraph, region: Region, row: int) -> None:
    snap, ways = region.station_snap, region.network.ways
    street = int(snap.street[row])
    share = snap.along_m[row] / region.network.street_layout.length_m[street]
    for dart, part in ((2 * street, share), (2 * street + 1, 1 - share)):
        whole = int(ways.drive_ms[dart])
        if whole >= 0:
            passed = round(whole * share) if dart % 2 == 0 else whole - round(whole * share)
            rest = whole - passed + int(ways.arms.end_ms[dart])
            graph.add_edge("start", int(ways.arms.goal[dart]), travel_ms=rest)
        if part >= 1:
            end = int(region.network.street_layout.ends[1 - dart % 2][street])
            graph.add_edge("start", end, travel_ms=0)


def _arrival(found: dict[object, int], region: Region, row: int, point: int) -> int:
    """Return the time by the ends of the point's street, or along the station's own street."""
    snap, origin, ways = region.demand_snap, region.station_snap, region.network.ways
    street, layout = int(snap.street[point]), region.network.street_layout
    share = snap.along_m[point] / layout.length_m[street]
    along, against = (int(ways.drive_ms[2 * street + back]) for back in (0, 1))
    best = 2**40
    for dart, reach in (
        (2 * street, round(along * share)),
        (2 * street + 1, against - round(against * share)),
    ):
        for entry in range(ways.arms.first[dart], ways.arms.first[dart + 1]):
            if ways.drive_ms[dart] >= 0:
                came = found.get(int(ways.arms.node[entry]), 2**40) + int(ways.arms.turn_ms[entry])
                best = min(best, came + reach)
    for at_end, end in ((share <= 0, layout.ends[0]), (share >= 1, layout.ends[1])):
        if at_end:
            here = np.flatnonzero(region.network.junction == end[street])
            best = min([best, *(found.get(int(node), 2**40) for node in here)])
    if street == origin.street[row]:
        here = origin.along_m[row] / layout.length_m[street]
        if along >= 0 and share >= here:
            best = min(best, round(along * share) - round(along * here))
        if against >= 0 and share <= here:
            best = min(best, round(against * here) - round(against * share))
    return int(best + snap.access_ms[point] + origin.access_ms[row])


def test_the_order_of_stations_and_points_changes_nothing(
    times: ResponseTimes, coverages: dict[str, Coverage]
) -> None:
    region = times.region
    backwards = replace(region.demand, table=region.demand.table[::-1].reset_index(drop=True))
    turned = ResponseTimes(replace(region, demand=backwards), times.travel_ms[:, ::-1])
    for scenario in (SEPARATE, BORDERLESS):
        again = cover(turned, scenario)
        assert np.array_equal(again.response_ms[::-1], coverages[scenario.name].response_ms)
        assert np.array_equal(again.station[::-1], coverages[scenario.name].station)
        assert again.table.equals(coverages[scenario.name].table)


def test_a_wider_alliance_keeps_the_census_and_helps_everyone(
    times: ResponseTimes, coverages: dict[str, Coverage]
) -> None:
    wider = replace(times.region, study=read_study(STUDY).with_partners(("Derbyshire", "Lincolnshire")))
    coverage = cover(ResponseTimes(wider, times.travel_ms), BORDERLESS)
    assert (coverage.response_ms <= coverages["borderless"].response_ms).all()
    assert {force: sums(coverage)["total"][force] for force in CENSUS_2011} == CENSUS_2011


def test_a_second_load_comes_from_the_cache_and_is_the_same(times: ResponseTimes, cache: Path) -> None:
    region = times.region

    def kept() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in cache.iterdir()}

    written = kept()
    again = load_region(STUDY)
    again.network.times_from([0])
    # the network and its topology
    assert len(written) == 2
    assert kept() == written
    for name in ("first_arc", "head", "travel_ms", "x", "y", "node_id"):
        assert np.array_equal(getattr(again.network, name), getattr(region.network, name))
    pd.testing.assert_frame_equal(pd.DataFrame(again.demand.table), pd.DataFrame(region.demand.table))
    assert np.array_equal(again.demand_snap.along_m, region.demand_snap.along_m)
    assert again.fingerprint == region.fingerprint
    assert again.problems == region.problems
