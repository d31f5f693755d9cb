"""What a small study is drawn with: borders that stay shared, and roads that look like the county's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from borderless.condense.drawing import simple_outlines, simple_roads
from borderless.region import Region
from borderless.roads.network import RoadNetwork
from condense.conftest import County
from small_regions import Place, Station, small_region, small_study

GRID = "EPSG:27700"
Line = list[tuple[float, float]]


def region(areas: Mapping[str, shapely.Geometry], roads: list[tuple[str, str, str, Line]] = ()) -> Region:  # type: ignore[assignment]
    network = RoadNetwork.from_arrays([], [], [], [0.0], [0.0])
    study = small_study(tuple(areas))
    stations = [Station(force, force, 0) for force in areas]
    found = small_region(study, network, stations, [Place("p", next(iter(areas)), 0)], areas)
    columns = {name: [road[i] for road in roads] for i, name in enumerate(("highway", "ref", "name"))}
    lines = [shapely.LineString(road[3]) for road in roads]
    return replace(found, drawing=gpd.GeoDataFrame(columns, geometry=lines, crs=GRID))


def road(*lines: Line, ref: str = "A1", highway: str = "primary", name: str = "") -> gpd.GeoDataFrame:
    """Return what is drawn of a road of several lines in a wide area."""
    wide = {"A": shapely.box(-50_000, -50_000, 50_000, 50_000)}
    return simple_roads(region(wide, [(highway, ref, name, line) for line in lines]))


# -- outlines


def test_outlines_of_a_county_share_their_borders_and_stay_where_they_were(county: County) -> None:
    for outlines in (county.small.outlines, county.again.forces):
        shapes = outlines.geometry.to_numpy()
        assert outlines["force"].tolist() == list("ABC")
        assert shapely.is_valid(shapes).all()
        assert shapely.coverage_is_valid(shapes)
        for one, other in ((0, 1), (1, 2)):
            border = shapely.intersection(shapely.boundary(shapes[one]), shapely.boundary(shapes[other]))
            assert border.length > 10_000
            assert shapely.intersection(shapes[one], shapes[other]).area == 0
        before = county.full.forces.geometry.to_numpy()
        assert (
            shapely.area(shapely.symmetric_difference(shapes, before)) < 0.03 * shapely.area(before)
        ).all()


def test_outlines_have_fewer_points(county: County) -> None:
    before, after = (
        shapely.get_num_coordinates(frame.geometry.to_numpy()).sum()
        for frame in (county.full.forces, county.small.outlines)
    )
    assert after < before / 2


@pytest.mark.parametrize(("width", "closed"), [(100, True), (2_000, False)])
def test_a_sliver_between_neighbours_is_closed_and_a_wide_gap_stays(width: float, closed: bool) -> None:
    slit = [(10_000, 9_900), (10_000 + width, 9_900), (10_000 + width, 100), (10_000, 100)]
    right = shapely.Polygon([(10_000, 0), (20_000, 0), (20_000, 10_000), (10_000, 10_000), *slit])
    areas = {"A": shapely.box(0, 0, 10_000, 10_000), "B": right}
    whole = shapely.union_all(simple_outlines(region(areas)).geometry.to_numpy())
    gap = 0 if closed else width * 9_800
    assert whole.area == pytest.approx(20_000 * 10_000 - gap, rel=1e-3)


def test_an_overlap_goes_to_one_of_the_two() -> None:
    areas = {"A": shapely.box(0, 0, 10_200, 10_000), "B": shapely.box(10_000, 0, 20_000, 10_000)}
    shapes = simple_outlines(region(areas)).geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(20_000 * 10_000, rel=1e-6)


def test_islands_and_exclaves_stay() -> None:
    two = shapely.union(shapely.box(0, 0, 10_000, 10_000), shapely.box(30_000, 0, 32_000, 2_000))
    shape = simple_outlines(region({"A": two})).geometry[0]
    assert len(shapely.get_parts(shape)) == 2


# -- roads


def test_pieces_of_a_road_are_joined_into_one_long_line() -> None:
    drawn = road([(0, 0), (1000, 0)], [(1000, 0), (2000, 10)], [(2000, 10), (3000, 0)])
    assert len(drawn) == 1
    assert drawn.geometry[0].length == pytest.approx(3000, abs=5)
    assert drawn[["highway", "ref", "name"]].to_numpy().tolist() == [["primary", "A1", ""]]


def test_bends_within_the_tolerance_go_and_wide_ones_stay() -> None:
    assert shapely.get_num_coordinates(road([(0, 0), (500, 30), (1000, 0)]).geometry[0]) == 2
    assert shapely.get_num_coordinates(road([(0, 0), (500, 300), (1000, 0)]).geometry[0]) == 3


def test_a_second_carriageway_beside_the_first_is_left_out() -> None:
    there, back = [(0.0, 0.0), (5000.0, 0.0)], [(4900.0, 20.0), (100.0, 20.0)]
    assert len(road(there, back)) == 1
    assert len(road(there, [(x, y + 200) for x, y in back])) == 2


def test_roads_of_different_numbers_beside_each_other_both_stay() -> None:
    lines = [(0.0, 0.0), (5000.0, 0.0)], [(4900.0, 20.0), (100.0, 20.0)]
    areas = {"A": shapely.box(-50_000, -50_000, 50_000, 50_000)}
    roads = [("primary", "A1", "", list(lines[0])), ("primary", "A2", "", list(lines[1]))]
    drawn = simple_roads(region(areas, roads))
    assert drawn["ref"].tolist() == ["A1", "A2"]


def test_stubs_are_left_out() -> None:
    assert len(road([(0, 0), (290, 0)], [(5000, 5000), (5310, 5000)])) == 1


def test_roads_far_from_the_areas_are_left_out_and_those_near_are_kept() -> None:
    areas = {"A": shapely.box(0, 0, 10_000, 10_000)}
    roads = [
        ("primary", "A1", "", [(1000.0, 5000.0), (9000.0, 5000.0)]),
        ("primary", "A2", "", [(0.0, -2000.0), (9000.0, -2000.0)]),
        ("primary", "A3", "", [(0.0, -9000.0), (9000.0, -9000.0)]),
        ("motorway", "M1", "", [(5000.0, -90_000.0), (5000.0, 90_000.0)]),
    ]
    drawn = simple_roads(region(areas, roads)).set_index("ref")
    assert set(drawn.index) == {"A1", "A2", "M1"}
    assert drawn.geometry["M1"].length == pytest.approx(16_000, abs=200)


def test_no_roads_are_no_roads() -> None:
    drawn = road()
    assert len(drawn) == 0
    assert drawn.columns.tolist() == ["highway", "ref", "name", "geometry"]


def test_names_and_numbers_of_a_county_are_there_to_read(county: County) -> None:
    assert set(county.small.roads["ref"]) == {"A1", "A2"}
    assert set(county.small.roads["highway"]) == {"primary"}
    near = shapely.union_all(county.full.drawing.geometry.to_numpy()).buffer(100)
    assert county.small.roads.within(near).all()
    assert np.isclose(county.small.roads.length.sum(), county.full.drawing.length.sum(), rtol=0.2)
