"""Isochrones are areas of driving time: valid, nested, around their station, joined for several."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings

import two_counties
from borderless.analysis.coverage import cover
from borderless.analysis.isochrone.isochrones import Isochrones, driving_ms, isochrones
from borderless.analysis.times import ResponseTimes, response_times
from borderless.errors import BorderlessError
from borderless.region import Region, load_region
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import ALLIANCE, BORDERLESS, NAMED_SCENARIOS, SEPARATE, Scenario
from drawn_studies import ORIGIN, People, Stand, write_county, write_drawn
from random_regions import Drawn, regions, scenarios

MINUTES = (5, 10, 15, 20)
EVERY_SCENARIO = pytest.mark.parametrize("scenario", NAMED_SCENARIOS, ids=lambda scenario: scenario.name)
# Land 100 m beyond the last metre of road is drawn, not counted, and so is the way beside the road.
NEAR_MINUTES = 0.6


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return load_region(two_counties.write_files(tmp_path_factory.mktemp("isochrones")))


@pytest.fixture(scope="module")
def times(region: Region) -> ResponseTimes:
    return response_times(region)


@pytest.fixture(scope="module")
def areas(region: Region) -> Isochrones:
    return isochrones(region)


def test_every_area_is_valid_and_not_empty(areas: Isochrones, region: Region) -> None:
    assert set(areas.areas) == {(row, m) for row in range(len(region.stations)) for m in MINUTES}
    for shape in areas.areas.values():
        assert shape.is_valid
        assert shape.geom_type in ("Polygon", "MultiPolygon")
        assert shape.area > 0


def test_areas_of_fewer_minutes_lie_inside_those_of_more(areas: Isochrones, region: Region) -> None:
    for row in range(len(region.stations)):
        for less, more in pairwise(MINUTES):
            assert areas.areas[row, more].buffer(0.01).covers(areas.areas[row, less])


def test_every_area_contains_its_station(areas: Isochrones, region: Region) -> None:
    for row, place in enumerate(region.stations.geometry):
        for minutes in MINUTES:
            assert areas.areas[row, minutes].covers(place)


def test_the_area_of_several_stations_is_the_union_of_theirs(areas: Isochrones) -> None:
    both = areas.of_stations(["W1", "E1"]).geometry
    one, other = areas.of_stations(["W1"]).geometry, areas.of_stations(["E1"]).geometry
    for joined, left, right in zip(both, one, other, strict=True):
        assert shapely.symmetric_difference(joined, shapely.union(left, right)).area == 0
        assert joined.area < left.area + right.area or not left.intersects(right)


def test_places_on_the_road_lie_in_the_areas_of_their_minutes(
    areas: Isochrones, times: ResponseTimes
) -> None:
    table = times.region.demand.table
    named = np.flatnonzero(table["population"].to_numpy() > 0)
    checked = 0
    for row in range(len(times.region.stations)):
        for point in named:
            minutes = times.travel_ms[row, point] / 60_000
            for cutoff in MINUTES:
                if abs(minutes - cutoff) > NEAR_MINUTES:
                    inside = areas.areas[row, cutoff].covers(table.geometry.iloc[point])
                    assert inside == (minutes < cutoff), (row, table["id"].iloc[point], minutes, cutoff)
                    checked += 1
    assert checked > 80


@EVERY_SCENARIO
def test_the_areas_of_a_scenario_are_valid_and_nested_and_inside_the_forces(
    areas: Isochrones, times: ResponseTimes, scenario: Scenario
) -> None:
    drawn = areas.of_scenario(cover(times, scenario))
    assert drawn["minutes"].tolist() == list(MINUTES)
    assert drawn.crs == "EPSG:27700"
    assert drawn.is_valid.all()
    everywhere = shapely.union_all(times.region.forces.geometry.to_numpy())
    for inner, outer in zip(drawn.geometry, [*drawn.geometry[1:], everywhere], strict=True):
        assert shapely.difference(inner, outer).area < 1


@EVERY_SCENARIO
def test_no_scenario_reaches_less_land_than_separate_forces(
    areas: Isochrones, times: ResponseTimes, scenario: Scenario
) -> None:
    before, after = (areas.of_scenario(cover(times, each)).geometry for each in (SEPARATE, scenario))
    for old, new in zip(before, after, strict=True):
        assert shapely.difference(old, new).area < 1


def test_across_a_closed_border_there_is_no_area(areas: Isochrones, times: ResponseTimes) -> None:
    # E1 reaches C in 6 minutes and W1 in 12: separate forces leave C out of 10 minutes
    crossing = shapely.Point(412_000, 300_000)
    closed, _, _, open_ = (areas.of_scenario(cover(times, s)).geometry.iloc[1] for s in NAMED_SCENARIOS)
    assert not closed.covers(crossing)
    assert open_.covers(crossing)
    # W1 is a minute from the road to M beyond the border, but North is not in the alliance; N1 needs 10
    beyond = shapely.Point(400_000, 300_900)
    assert areas.areas[2, 5].covers(beyond)
    assert not areas.of_scenario(cover(times, ALLIANCE)).geometry.iloc[0].covers(beyond)


def test_a_force_is_reached_from_its_own_stations_with_units(areas: Isochrones) -> None:
    own, force = areas.of_stations(["W1"]).geometry, areas.of_force("West").geometry
    for left, right in zip(own, force, strict=True):
        assert left.equals(right)


def test_a_force_with_several_stations_is_reached_from_any_of_them(tmp_path: Path) -> None:
    stations = [Stand("A", "West", 0, 0), Stand("B", "West", 9_000, 0, 2), Stand("C", "West", 5_000, 0, 0, 3)]
    region = load_region(write_drawn(tmp_path, "A---------B", stations, [People(0, 0)]))
    areas = isochrones(region, (2,))
    one, other = (areas.of_stations([name]).geometry[0] for name in "AB")
    force = areas.of_force("West").geometry[0]
    assert shapely.symmetric_difference(force, shapely.union(one, other)).area == 0
    assert not force.covers(shapely.Point(ORIGIN[0] + 5_000, ORIGIN[1]))  # C has room but no units
    assert force.area < areas.of_stations(["A", "B", "C"]).geometry[0].area


def test_a_force_without_units_reaches_nothing(region: Region) -> None:
    closed = replace(region, stations=region.stations.assign(units=[1, 1, 0]))
    area = isochrones(closed, (5,)).of_force("West").geometry[0]
    assert area.is_empty
    assert area.geom_type == "MultiPolygon"


def test_a_station_beyond_its_forces_area_draws_nothing_there(tmp_path: Path) -> None:
    west = shapely.box(ORIGIN[0] - 500, ORIGIN[1] - 500, ORIGIN[0] + 2_500, ORIGIN[1] + 500)
    east = shapely.box(ORIGIN[0] + 2_500, ORIGIN[1] - 500, ORIGIN[0] + 9_500, ORIGIN[1] + 500)
    path = write_drawn(
        tmp_path,
        "A---------B",
        [Stand("W", "West", 9_000, 0), Stand("X", "East", 3_000, 0)],
        [People(0, 0)],
        areas={"West": west, "East": east},
    )
    drawn = isochrones(load_region(path), (2, 5, 10))
    times = response_times(drawn.region)
    closed, open_ = (drawn.of_scenario(cover(times, scenario)).geometry for scenario in (SEPARATE, ALLIANCE))
    own = [shapely.intersection(area, west).area for area in closed]
    assert own[:2] == [0, 0]  # six minutes and a half to the border
    assert own[2] > 1e6
    assert shapely.intersection(closed[0], east).area < shapely.intersection(open_[0], east).area


def test_a_scenario_that_reaches_nothing_is_an_empty_area(areas: Isochrones, times: ResponseTimes) -> None:
    far = replace(areas, areas=dict.fromkeys(areas.areas, shapely.Point(0, 0).buffer(100)), _unions={})
    nothing = far.of_scenario(cover(times, SEPARATE)).geometry
    assert nothing.is_empty.all()
    assert set(nothing.geom_type) == {"MultiPolygon"}


def test_unknown_forces_are_named_with_the_known_ones(areas: Isochrones) -> None:
    with pytest.raises(BorderlessError, match="unknown force Wessex; forces are: West, East, North"):
        areas.of_force("Wessex")


def test_unknown_stations_are_named_with_the_known_ones(areas: Isochrones) -> None:
    with pytest.raises(BorderlessError, match="unknown station X9; ids are: E1, N1, W1"):
        areas.of_stations(["E1", "X9"])


@pytest.mark.parametrize("minutes", [(), (0,), (241,), (5, -1), (7.5,), (float("nan"),)])
def test_minutes_out_of_range_are_refused(region: Region, minutes: tuple[int, ...]) -> None:
    with pytest.raises(BorderlessError, match="whole numbers from 1 to 240"):
        isochrones(region, minutes)


def test_an_area_does_not_depend_on_what_else_is_asked(region: Region, areas: Isochrones) -> None:
    for minutes in MINUTES:
        alone = isochrones(region, (minutes,))
        for row in range(len(region.stations)):
            assert alone.areas[row, minutes].area == pytest.approx(areas.areas[row, minutes].area, rel=1e-3)


def test_minutes_come_sorted_and_once(region: Region) -> None:
    assert isochrones(region, (10, 5, 10)).minutes == (5, 10)


# -- how far a road is reached: no farther than the land beside anything that is

BESIDE_M, OFF_M = 100.0, 61.0  # a cell of 50 m across, and half of one for smoothing less


def reach(tmp_path: Path, drawing: str, stand: Stand, minutes: tuple[int, ...], **more: float) -> Isochrones:
    path = write_drawn(tmp_path, drawing, [stand], [People(0, 0)], **more)  # type: ignore[arg-type]
    return isochrones(load_region(path), minutes)


@pytest.mark.parametrize("shift", [0, 60, 125])
@pytest.mark.parametrize(("kmh", "minutes"), [(60, 5), (60, 10), (30, 20), (100, 7)])
def test_a_straight_road_is_reached_to_the_cutoff(
    tmp_path: Path, kmh: float, minutes: int, shift: float
) -> None:
    stand = Stand("S", "West", 0, 0)
    areas = reach(tmp_path, "A--------------------B", stand, (minutes,), kmh=kmh, metres=1000 + shift / 21)
    west, south, east, north = (np.array(areas.areas[0, minutes].bounds) - np.array(ORIGIN * 2)).tolist()
    assert east == pytest.approx(minutes * kmh * 1000 / 60 + BESIDE_M, abs=OFF_M)
    assert north == pytest.approx(1_000, abs=OFF_M)
    assert south == pytest.approx(-1_000, abs=OFF_M)
    assert west == pytest.approx(-1_000, abs=OFF_M)


def test_a_station_in_the_middle_of_a_long_street_reaches_both_ways_along_it(tmp_path: Path) -> None:
    areas = reach(tmp_path, "A--------------------B", Stand("S", "West", 10_000, 0), (4,))
    west, _, east, _ = areas.areas[0, 4].bounds
    assert (west - ORIGIN[0], east - ORIGIN[0]) == pytest.approx(
        (6_000 - BESIDE_M, 14_000 + BESIDE_M), abs=OFF_M
    )


def test_a_station_beside_its_street_needs_its_time_to_the_street(tmp_path: Path) -> None:
    # 600 m at 20 km/h take 1.8 of 4 minutes
    areas = reach(tmp_path, "A--------------------B", Stand("S", "West", 10_000, 600), (4,))
    west, _, east, _ = areas.areas[0, 4].bounds
    assert (west - ORIGIN[0], east - ORIGIN[0]) == pytest.approx(
        (7_800 - BESIDE_M, 12_200 + BESIDE_M), abs=OFF_M
    )


def test_areas_are_driven_from_the_station_in_the_allowed_direction(tmp_path: Path) -> None:
    drawing = """
        A---->----B
        |         |
        C---------D
    """
    one, other = (
        reach(tmp_path / name, drawing, Stand("S", "West", x, 2_000), (9,)).areas[0, 9]
        for name, x in (("west", 0), ("east", 10_000))
    )
    west, east = (
        shapely.Point(ORIGIN[0], ORIGIN[1] + 2_000),
        shapely.Point(ORIGIN[0] + 9_900, ORIGIN[1] + 2_000),
    )
    middle = shapely.Point(ORIGIN[0] + 7_000, ORIGIN[1] + 2_000)
    assert one.covers(middle)
    assert not one.covers(east)  # ten minutes
    assert not other.covers(middle)  # only backwards; the way around takes longer
    assert not other.covers(west)


def test_a_station_on_a_one_way_street_does_not_reach_backwards(tmp_path: Path) -> None:
    drawing = """
        A---->----B
        |         |
        C---------D
    """
    area = reach(tmp_path, drawing, Stand("S", "West", 5_000, 2_000), (4,)).areas[0, 4]
    ahead, behind = (shapely.Point(ORIGIN[0] + x, ORIGIN[1] + 2_000) for x in (8_500, 2_500))
    assert area.covers(ahead)
    assert not area.covers(behind)


def test_land_far_from_any_road_stays_outside(tmp_path: Path) -> None:
    drawing = """
        A----------B
        |          |
        |          |
        |          |
        |          |
        |          |
        C----------D
    """
    area = reach(tmp_path, drawing, Stand("S", "West", 0, 0), (60,)).areas[0, 60]
    assert len(area.interiors) == 1
    middle = shapely.Point(ORIGIN[0] + 5_500, ORIGIN[1] + 3_000)
    assert not area.covers(middle)
    assert area.covers(shapely.Point(ORIGIN[0] + 11_000, ORIGIN[1] + 6_000))


def test_cutting_a_street_in_pieces_hardly_changes_its_area(tmp_path: Path) -> None:
    stand = Stand("S", "West", 100, 0)
    drawings = (
        "A-----------B\n|           |\n|           |\n|           |\nC-----------D",
        "A--E-F----G-B\n|           |\nH           |\n|           |\nC---I-J-----D",
    )
    whole, cut = (reach(tmp_path / str(i), drawing, stand, (3, 8)) for i, drawing in enumerate(drawings))
    for minutes in (3, 8):
        one, other = whole.areas[0, minutes], cut.areas[0, minutes]
        assert shapely.symmetric_difference(one, other).area < 0.03 * one.area


@pytest.mark.parametrize("seed", range(3))
def test_on_a_random_county_areas_are_valid_nested_and_hold_their_stations(tmp_path: Path, seed: int) -> None:
    region = load_region(write_county(tmp_path, seed))
    drawn = isochrones(region, (3, 6, 9))
    assert len(drawn.areas) == 18
    for row, place in enumerate(shapely.points(region.station_snap.x, region.station_snap.y)):
        inner = place
        for minutes in (3, 6, 9):
            area = drawn.areas[row, minutes]
            assert area.is_valid
            assert area.geom_type in ("Polygon", "MultiPolygon")
            assert area.buffer(0.01).covers(inner)
            inner = area
    times = response_times(region)
    before = drawn.of_scenario(cover(times, SEPARATE)).geometry
    after = drawn.of_scenario(cover(times, ALLIANCE)).geometry
    for old, new in zip(before, after, strict=True):
        assert old.is_valid
        assert new.is_valid
        assert shapely.difference(old, new).area < 1
        assert new.area > old.area
    for force, shape in zip(region.forces["force"], region.forces.geometry, strict=True):
        others = region.forces[region.forces["force"] != force].union_all()
        only = shape.difference(others)
        own = drawn.of_force(force).geometry
        for area, closed in zip(own, before, strict=True):
            assert shapely.symmetric_difference(
                shapely.intersection(closed, only), shapely.intersection(area, only)
            ).area == pytest.approx(0, abs=1)


@settings(max_examples=40)
@given(regions(), scenarios())
def test_the_nearest_unit_to_drive_is_the_nearest_of_all_that_may_come(
    drawn: Drawn, scenario: Scenario
) -> None:
    times = drawn.times()
    coverage = cover(times, scenario)
    forces, partners = times.region.study.force_names, frozenset(drawn.alliance)
    units = coverage.basing.units
    nearest = driving_ms(coverage)
    for point, force in enumerate(times.region.demand.table["force"]):
        allowed = [
            times.travel_ms[station, point]
            for row, responder in enumerate(forces)
            for station in range(len(times.travel_ms))
            if force in forces
            and units[row, station] > 0
            and scenario.borders.rule(responder, force, partners).crosses
        ]
        assert nearest[point] == min(allowed, default=UNREACHABLE)
    assert (nearest <= coverage.travel_ms).all()


def test_a_hand_over_may_bring_help_from_farther_away_than_the_ring_says(times: ResponseTimes) -> None:
    far = replace(times.region.study, response=two_counties.delayed(660))
    held_up = cover(replace(times, region=replace(times.region, study=far)), BORDERLESS)
    at_d = times.region.demand.table["id"].tolist().index("D")
    assert held_up.travel_ms[at_d] == 14 * 60_000
    assert driving_ms(held_up)[at_d] == 4 * 60_000
