"""An area stands at the middle of its own streets, where its people live."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ascii_map import ascii_tables, flat_rules
from borderless.roads.lived import SAMPLE_M, LivedStreets, home_points, lived_streets
from borderless.roads.network import RoadNetwork
from borderless.roads.point_times import point_times
from borderless.roads.snap import snap_points


def lived(
    drawing: str, metres: float = 100, land: shapely.Geometry | None = None, **columns: object
) -> tuple[LivedStreets, RoadNetwork]:
    """Return the points along the streets of a drawing, all residential unless told otherwise."""
    built_up = None if land is None else gpd.GeoSeries([land], crs="EPSG:27700")
    nodes, streets = ascii_tables(drawing, metres=metres, highway="residential")
    network = RoadNetwork.from_streets(nodes, streets.assign(**columns), flat_rules(30), built_up)
    return lived_streets(network.streets), network


def disc_ha(radius_m: float) -> float:
    return np.pi * radius_m**2 / 10_000


def test_streets_stand_as_points_in_the_middle_of_equal_pieces() -> None:
    found, _ = lived("A-B", metres=100)
    assert found.xy[:, 0].tolist() == [25, 75, 125, 175]
    assert found.metres.tolist() == [SAMPLE_M] * 4
    assert found.residential.all()


def test_main_roads_and_open_country_are_not_where_people_are_known_to_live() -> None:
    for highway, residential in (("living_street", True), ("unclassified", False), ("primary", False)):
        found, _ = lived("A-B", highway=highway)
        assert found.residential.any() == residential, highway
    for highway, residential in (("unclassified", True), ("tertiary", True), ("primary", False)):
        found, _ = lived("A-B", land=shapely.box(0, -50, 300, 50), highway=highway)
        assert found.residential.any() == residential, highway
    motorway, _ = lived("A-B\n|\nC", highway=["motorway", "residential"])
    assert motorway.xy[:, 0].tolist() == [0] * len(motorway.xy)


def test_an_area_stands_in_the_middle_of_its_streets_and_has_no_leg() -> None:
    # streets in the south-west of an area of 1 km radius round (0, 0)
    found, network = lived("A---B", metres=100)
    home = home_points(found, [600], [500], [disc_ha(1_000)])
    # eight points on 400 m of street: the two in the middle are equally good, the first counts
    assert home.tolist() == [[175, 0]]
    there = snap_points(network, home[:, 0], home[:, 1], 20)
    assert there.access_ms.tolist() == [0]
    centre = snap_points(network, [600], [500], 20)
    assert centre.access_ms[0] > 80_000
    assert point_times(network, there, there)[0, 0] == 0


def test_most_of_the_streets_decide_and_not_the_farthest() -> None:
    found, _ = lived("A-----B                    C-D", metres=100)
    (home,) = home_points(found, [1_400], [0], [disc_ha(1_600)])
    assert home[0] < 600


def test_residential_streets_count_before_others() -> None:
    found, _ = lived("A----------B\n\nC--D", highway=["primary", "residential"])
    (home,) = home_points(found, [600], [100], [disc_ha(900)])
    assert home[1] == 0
    only, _ = lived("A----------B", highway="primary")
    (home,) = home_points(only, [600], [0], [disc_ha(900)])
    assert home.tolist() == [550, 0]


def test_a_street_in_two_areas_belongs_to_the_smaller() -> None:
    # a town of 200 m radius in the middle of a ring of farms with a hamlet of its own
    found, _ = lived("A---B   C-D", metres=100)
    x, y, size = [200, 200], [0, 0], [disc_ha(2_500), disc_ha(250)]
    ring, town = home_points(found, x, y, size)
    assert town.tolist() == [175, 0]
    assert ring.tolist() == [875, 0]
    alone, _ = lived("A---B", metres=100)
    ring, town = home_points(alone, x, y, size)
    assert np.isnan(ring).all()
    assert town.tolist() == [175, 0]


@pytest.mark.parametrize("size", [0.0, np.nan])
def test_a_point_without_size_stays_where_it_is(size: float) -> None:
    found, _ = lived("A---B", metres=100)
    assert np.isnan(home_points(found, [200], [10], [size])).all()


def test_an_area_beyond_all_streets_has_no_middle() -> None:
    found, _ = lived("A---B", metres=100)
    assert np.isnan(home_points(found, [9_000], [0], [disc_ha(100)])).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_middles_are_those_of_trying_every_point(seed: int, areas: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 60))
    points = LivedStreets(
        rng.integers(0, 400, (count, 2)).astype(float),
        rng.integers(1, 60, count).astype(float),
        rng.random(count) < 0.5,
    )
    x, y = rng.integers(0, 400, (2, areas)).astype(float)
    radius = rng.choice([60.0, 120.0, 250.0], areas) + np.arange(areas)
    found = home_points(points, x, y, disc_ha(1) * radius**2)
    inside = np.hypot(points.xy[:, :1] - x, points.xy[:, 1:] - y) <= radius
    owner = np.where(inside.any(axis=1), np.where(inside, radius, np.inf).argmin(axis=1), -1)
    for area in range(areas):
        own = owner == area
        own &= points.residential if (own & points.residential).any() else True
        if not own.any():
            assert np.isnan(found[area]).all()
            continue
        xy, weight = points.xy[own], points.metres[own]
        total = (np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) * weight).sum(axis=1)
        mine = np.flatnonzero((xy == found[area]).all(axis=1))
        assert len(mine)
        assert total[mine].min() <= total.min() + 1e-6
