"""Isochrones are areas of driving time: valid, nested, around their station, joined for several."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely

import two_counties
from borderless.analysis.coverage import cover
from borderless.analysis.isochrones import Isochrones, isochrones
from borderless.analysis.times import ResponseTimes, response_times
from borderless.errors import BorderlessError
from borderless.region import Region, load_region
from borderless.study.policy import ALLIANCE, NAMED_SCENARIOS, SEPARATE, Scenario

MINUTES = (5, 10, 15, 20)
EVERY_SCENARIO = pytest.mark.parametrize("scenario", NAMED_SCENARIOS, ids=lambda scenario: scenario.name)
# Contours of a 250 m grid are drawn, not counted: they may miss a point by two cells of driving.
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
        assert shapely.symmetric_difference(joined, shapely.union(left, right)).area < 1


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


def test_unknown_stations_are_named_with_the_known_ones(areas: Isochrones) -> None:
    with pytest.raises(BorderlessError, match="unknown station X9; ids are: E1, N1, W1"):
        areas.of_stations(["E1", "X9"])


@pytest.mark.parametrize("minutes", [(), (0,), (241,), (5, -1)])
def test_minutes_out_of_range_are_refused(region: Region, minutes: tuple[int, ...]) -> None:
    with pytest.raises(BorderlessError, match="whole numbers from 1 to 240"):
        isochrones(region, minutes)


def test_minutes_come_sorted_and_once(region: Region) -> None:
    assert isochrones(region, (10, 5, 10)).minutes == (5, 10)
