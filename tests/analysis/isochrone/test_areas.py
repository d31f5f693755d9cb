"""What the area of one station promises, on drawings and random towns."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ascii_map import ascii_network
from borderless.analysis.isochrone.areas import Reach, contour, find_reach, station_areas
from borderless.analysis.isochrone.ground import Patch
from borderless.analysis.isochrone.pieces import reached_lines
from borderless.region import Region
from borderless.roads.network import RoadNetwork
from small_regions import Place, Station, small_region, small_study
from street_regions import drawn_region, random_streets, region_with_streets

MPH_OF_60_KMH = 60 / 1.609344
MINUTES = (2, 4, 7)
BUFFER_M = 400.0
# beside what is reached land is inside by itself, and a cell and half a spacing of smoothing more
BESIDE_M, OFF_M = 100.0, 50 * (2**0.5 + 0.5)


def town(seed: int, pieces: int = 1, stations: int = 3) -> Region:
    network = random_streets(seed, pieces=pieces)
    rng = np.random.default_rng(seed)
    at = rng.uniform(500, 6_500, (stations, 2))
    return region_with_streets(network, [(x, y) for x, y in at])


def areas_of(
    region: Region, direction: str = "from"
) -> tuple[Reach, dict[tuple[int, int], shapely.Geometry]]:
    reach = find_reach(region, range(len(region.stations)), max(MINUTES), direction, BUFFER_M)
    return reach, station_areas(reach, MINUTES)


@pytest.mark.parametrize("direction", ["from", "to"])
@pytest.mark.parametrize("seed", range(5))
def test_what_an_area_promises(seed: int, direction: str) -> None:
    region = town(seed)
    network = region.network
    reach, areas = areas_of(region, direction)
    nodes = shapely.points(network.x, network.y)
    out_of_reach = 0
    for row, place in enumerate(region.stations.geometry):
        for minutes in MINUTES:
            area, ms = areas[row, minutes], reach.times(row)[: network.node_count]
            assert area.is_valid
            assert area.geom_type in ("Polygon", "MultiPolygon")
            assert area.covers(place)
            reached = ms <= 60_000 * minutes
            assert shapely.covers(area, nodes[reached]).all()
        for minutes, lines in ((m, _lines(reach, row, m)) for m in MINUTES):
            area, missed = (
                areas[row, minutes],
                nodes[reach.times(row)[: network.node_count] > 60_000 * minutes],
            )
            assert shapely.covers(area, lines)
            inside = missed[shapely.covers(area, missed)]
            # beside a reached street, or in a hole that is too small to print
            assert (shapely.distance(inside, lines) <= BUFFER_M).all()
            out_of_reach += len(missed) - len(inside)
        for less, more in pairwise(MINUTES):
            assert shapely.difference(areas[row, less], areas[row, more]).area < 1e-3
    assert out_of_reach > 40


def _lines(reach: Reach, row: int, minutes: int) -> shapely.Geometry:
    return reached_lines(reach, [row], 60_000 * minutes)[row]


@pytest.mark.parametrize("seed", range(3))
def test_the_area_of_several_stations_is_that_of_a_search_from_all_of_them(seed: int) -> None:
    reach, areas = areas_of(town(seed))
    together = shapely.union_all([areas[row, 4] for row in range(3)])
    earliest, _ = reach.first(range(3))
    at_once = station_areas(replace(reach, reached={0: (np.arange(len(earliest)), earliest)}), (4,))[0, 4]
    legs = shapely.union_all([shapely.LineString(leg).buffer(BESIDE_M + OFF_M) for leg in reach.leg])
    # but for half a spacing of smoothing along the line
    rim = shapely.boundary(together).buffer(50)
    odd = shapely.symmetric_difference(together, at_once)
    assert shapely.difference(odd, shapely.union(rim, legs)).area < 0.002 * together.area
    assert odd.area < 0.02 * together.area


@pytest.mark.parametrize("seed", range(3))
def test_streets_in_more_pieces_give_the_same_area(seed: int) -> None:
    whole, halves, quarters = (areas_of(town(seed, pieces))[1] for pieces in (1, 2, 4))
    for key, area in whole.items():
        for other in (halves[key], quarters[key]):
            assert shapely.symmetric_difference(area, other).area < 0.002 * area.area


def test_one_node_without_streets_gives_a_disc() -> None:
    spot = RoadNetwork.from_arrays([], [], [], [0.0], [0.0])
    alone = small_region(small_study(("West",)), spot, [Station("S", "West", 0)], [Place("p", "West", 0)])
    area = station_areas(find_reach(alone, [0], 5, "from", 500.0), (1, 5))
    for minutes in (1, 5):
        disc = area[0, minutes]
        assert disc.geom_type == "Polygon"
        radius = shapely.distance(shapely.Point(0, 0), shapely.points(shapely.get_coordinates(disc)))
        assert radius.max() - radius.min() < 20
        assert radius.mean() == pytest.approx(100, abs=15)


def test_from_and_to_a_station_differ_on_one_way_streets() -> None:
    drawing = """
        A---->----B
        |         |
        C---------D
    """
    region = drawn_region(drawing, [(5_000, 2_000)], mph=MPH_OF_60_KMH)
    ahead, behind = shapely.Point(7_500, 2_000), shapely.Point(2_500, 2_000)
    out, back = (areas_of(region, direction)[1][0, 4] for direction in ("from", "to"))
    assert (out.covers(ahead), out.covers(behind)) == (True, False)
    assert (back.covers(ahead), back.covers(behind)) == (False, True)


def test_an_area_ends_where_the_time_is_up_and_half_way_to_streets_out_of_reach() -> None:
    # a kilometre a minute from A; C to D is 600 m beside it and far away by road
    drawing = """
        A----------B
        |
        |
        |
        |
        |
        C----------D
    """
    region = drawn_region(drawing, [(0, 600)], metres=100, mph=6 / 1.609344)
    area = station_areas(find_reach(region, [0], 7, "from", 1_000.0), (7,))[0, 7]
    west, south, east, north = area.bounds
    assert east == pytest.approx(700 + BESIDE_M, abs=OFF_M)
    assert north == pytest.approx(600 + 1_000, abs=OFF_M)
    # C is 6 minutes away: 100 m of its street are reached, and land to the middle between the streets
    assert area.covers(shapely.Point(90, 0))
    assert area.covers(shapely.Point(500, 350))
    assert not area.covers(shapely.Point(500, 250))
    assert south == pytest.approx(-1_000, abs=OFF_M)
    assert west == pytest.approx(-1_000, abs=OFF_M)


def test_a_station_whose_street_is_too_far_has_the_way_it_gets() -> None:
    # 600 m at 20 km/h take 108 s
    region = drawn_region("A----------B", [(5_000, 600)], mph=MPH_OF_60_KMH)
    area = station_areas(find_reach(region, [0], 1, "from", 500.0), (1,))[0, 1]
    assert area.covers(shapely.LineString([(5_000, 600), (5_000, 600 - 333)]))
    assert not area.intersects(shapely.Point(5_000, 100))


def test_small_holes_are_filled_but_not_around_streets_out_of_reach() -> None:
    # the square's middle is 700 m from any street: nobody's land, and small enough to fill
    square = "A----B\n|    |\n|    |\n|    |\n|    |\nC----D"
    region = drawn_region(square, [(0, 0)], metres=280, mph=MPH_OF_60_KMH)
    filled = station_areas(find_reach(region, [0], 10, "from", 500.0), (10,))[0, 10]
    assert len(filled.interiors) == 0


def test_a_hole_stays_open_around_a_street_that_is_out_of_reach() -> None:
    # E to F may be left towards the square but not entered from it
    square = "A-----B\n|     |\n|     |\n|E-->F|\n|     |\n|     |\nC-----D"
    network, node = ascii_network(square, metres=250, mph=MPH_OF_60_KMH)
    region = region_with_streets(network, [(0.0, 0.0)])
    area = station_areas(find_reach(region, [0], 10, "from", 500.0), (10,))[0, 10]
    assert len(area.interiors) == 1
    for name in "EF":
        assert not area.covers(shapely.Point(network.x[node[name]], network.y[node[name]]))


# -- the line around a grid of heights


@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=9),
        # the line itself, a hair beyond it, and far off either way
        elements=st.sampled_from([-50.0, -10.0, 0.0, 0.001, 10.0, 50.0]),
    )
)
def test_the_contour_is_valid_and_holds_the_vertices_inside(field: np.ndarray) -> None:
    parts = contour(Patch(slice(0, 9), slice(0, 9), (0.0, 0.0), field), 50.0)
    area = shapely.union_all(parts)
    assert area.is_valid
    assert area.geom_type in ("Polygon", "MultiPolygon", "GeometryCollection")
    rows, columns = np.nonzero(field <= 0)
    assert shapely.covers(area.buffer(1e-3), shapely.points(50 * columns, 50 * rows)).all()


def test_the_line_runs_between_vertices_in_proportion() -> None:
    field = np.array([[-10.0, 30.0]] * 3)
    (area,) = contour(Patch(slice(0, 3), slice(0, 2), (1_000.0, 0.0), field), 50.0)
    assert area.bounds == pytest.approx((1_000, 0, 1_012.5, 100), abs=0.01)
