"""Squares: true to the points in them, and never the source of a count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from pyproj import Transformer

import map_results
import two_counties
from borderless.analysis.coverage import cover
from borderless.analysis.results import Results
from borderless.analysis.times import ResponseTimes, response_times
from borderless.maps import squares
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import BORDERLESS, SEPARATE

TO_GRID = Transformer.from_crs(4326, 27700, always_xy=True)


@pytest.fixture(scope="module")
def results() -> Results:
    return map_results.tame()


def test_squares_hold_the_people_of_their_force(results: Results) -> None:
    cells = squares.cells(results.region, list(results.coverages.values()))
    people = np.bincount(cells["force"], cells["people"])
    assert people.tolist() == [15, 240, 768]


def test_a_square_with_one_point_shows_that_points_time(results: Results) -> None:
    cells = squares.cells(results.region, list(results.coverages.values()))
    d = cells["people"].index(two_counties.WEIGHT["D"])
    assert cells["seconds"]["separate"][d] == 17 * 60
    assert cells["seconds"]["borderless"][d] == 8 * 60
    assert results.region.stations["id"][cells["station"]["borderless"][d]] == "E1"


def test_a_squares_time_is_the_mean_of_its_people(results: Results) -> None:
    moved = results.region.demand.table.copy()
    moved["geometry"] = [shapely.Point(400_500, 300_100)] * len(moved)
    region = replace(results.region, demand=replace(results.region.demand, table=moved))
    cells = squares.cells(region, [results.coverages["separate"]])
    west = cells["force"].index(0)
    assert cells["seconds"]["separate"][west] == round(60 * (1 * 3 + 2 * 10 + 4 * 15 + 8 * 17) / 15)
    assert cells["parts"] == [3, 3, 3]
    assert cells["part"] == [0, 1, 2]


def test_what_cannot_be_reached_is_marked_and_not_averaged(results: Results) -> None:
    times = results.times.travel_ms.copy()
    times[:, :1] = UNREACHABLE
    coverage = cover(ResponseTimes(results.region, times), SEPARATE)
    cells = squares.cells(results.region, [coverage])
    a = cells["people"].index(two_counties.WEIGHT["A"])
    assert (cells["seconds"]["separate"][a], cells["station"]["separate"][a]) == (-1, -1)


def test_the_fitted_grid_is_right_to_a_metre_over_five_counties() -> None:
    corners = np.array([[380, 225], [560, 430]])
    grid = squares.grid_to_degrees(corners)
    e, n = np.random.default_rng(5).uniform([380, 225], [561, 431], size=(200, 2)).T
    u, v = (e - grid["origin"][0]) / grid["scale"], (n - grid["origin"][1]) / grid["scale"]
    terms = np.column_stack([u**0, u, v, u * u, u * v, v * v, u**3, u * u * v, u * v * v, v**3])
    x, y = TO_GRID.transform(terms @ grid["lon"], terms @ grid["lat"])
    assert np.hypot(x - 1000 * e, y - 1000 * n).max() < 1


def test_points_in_gaps_between_areas_are_not_drawn(results: Results) -> None:
    table = results.region.demand.table.copy()
    table.loc[0, "force"] = ""
    region = replace(results.region, demand=replace(results.region.demand, table=table))
    coverage = cover(response_times(region), BORDERLESS)
    assert sum(squares.cells(region, [coverage])["people"]) == 1023 - 1


def test_a_square_knows_whose_unit_comes_first(results: Results) -> None:
    drawn = squares.cells(results.region, list(results.coverages.values()))
    row = drawn["people"].index(two_counties.WEIGHT["D"])
    west, east = (results.region.study.force_names.index(name) for name in ("West", "East"))
    assert drawn["responder"]["separate"][row] == west
    assert drawn["responder"]["borderless"][row] == east
    assert drawn["responder"]["shared_stations"][row] == west
