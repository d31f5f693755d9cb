"""The ground of isochrones: its grid, its nearest streets, and an overlay's triangles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from ascii_map import with_streets
from borderless.analysis.isochrone.areas import find_reach, station_areas
from borderless.analysis.isochrone.ground import OVERLAY_CELL_M, Ground, build_ground, times_over
from borderless.analysis.isochrone.stretches import build_stretches, place_times
from borderless.region import Region
from street_regions import drawn_region, overlay

MINUTE = 60_000
MPH_OF_60_KMH = 60 / 1.609344


def ground_of(region: Region, minutes: int = 20, reach_m: float = 500.0) -> Ground:
    times = place_times(region, [0], 60.0 * minutes)
    return build_ground(region, build_stretches(region), times.min(axis=0), MINUTE * minutes, reach_m)


def test_the_grid_lies_on_whole_spacings_and_beyond_all_that_is_reached() -> None:
    region = drawn_region("A----------B", [(13.0, 7.0)], mph=MPH_OF_60_KMH)
    ground = ground_of(region, minutes=20)
    west, south = ground.corner
    assert (west % 50, south % 50) == (0, 0)
    rows, columns = ground.line.shape
    assert west <= -1_000
    assert south <= -1_000
    assert west + 50 * columns >= 11_000 + 1_000
    assert south + 50 * rows >= 1_000


def test_a_vertex_takes_the_time_of_its_foot_on_the_nearest_street() -> None:
    region = drawn_region("A----------B", [(0, 0)], mph=MPH_OF_60_KMH)
    ground, place_ms = ground_of(region), place_times(region, [0], 1200.0)[0]
    patch = times_over(ground, place_ms, np.array([0]), (0, 0, 0, 0))
    row, column = (round((0 - patch.corner[i]) / 50) for i in (1, 0))
    # a kilometre a minute; 500 m to either side, and nothing beyond
    assert patch.values[row, column : column + 221] == pytest.approx(np.arange(221) * 3_000, abs=1)
    assert patch.values[row + 10, column + 40] == pytest.approx(2 * MINUTE, abs=1)
    assert np.isinf(patch.values[row + 11, column + 40])


def test_motorways_are_driven_but_take_no_land() -> None:
    region = drawn_region("A----------B", [(0, 0)], mph=MPH_OF_60_KMH)
    closed = region.network.streets.assign(snappable=False)
    ground = ground_of(replace(region, network=with_streets(region.network, closed)))
    assert (ground.line < 0).all()


@pytest.mark.parametrize(
    ("x", "y"), [([0.0], [0.0]), ([0, 1000.0], [0, 0]), ([0, 500, 1000, 2000.0], [0, 0.2, 0, 0])]
)
def test_an_overlay_of_few_nodes_or_on_one_line_gives_areas_not_points(
    x: list[float], y: list[float]
) -> None:
    region = overlay(x, y)
    areas = station_areas(find_reach(region, [0], 5, "from", 500.0), (1, 5))
    for area in areas.values():
        assert area.is_valid
        assert area.area > np.pi * 64**2
        assert area.covers(shapely.Point(0, 0))
    assert areas[0, 5].covers(shapely.Point(x[-1], 0))
    assert areas[0, 5].area > areas[0, 1].area or len(x) == 1


def test_an_overlay_without_streets_is_filled_between_its_nodes() -> None:
    region = overlay([0, 2000, 2000, 0, -2000, -2000.0], [0, 0, 2000, 2000, 0, -2000.0])
    areas = station_areas(find_reach(region, [0], 3, "from", 500.0), (1, 3))
    assert areas[0, 1].covers(shapely.Point(500, 500))
    assert not areas[0, 1].covers(shapely.Point(1900, 1900))  # two minutes away
    assert areas[0, 3].covers(shapely.Point(1900, 1900))
    assert not areas[0, 3].covers(shapely.Point(3000, 3000))


def test_between_nodes_times_run_straight_and_flat_triangles_do_no_harm() -> None:
    # nodes a hair off the hull's edge make triangles without land
    x = [-3000.0, -1500, 0, 1500, 3000, 3000, -3000]
    y = [-3000.0, -3000 + 1e-7, -3000, -3000 - 1e-7, -3000, 3000, 3000]
    ground = ground_of(overlay(x, y))
    corners = ground.corners
    assert corners is not None
    assert np.isfinite(corners.weight).all()
    assert corners.weight.min() >= -1e-9
    assert corners.weight.sum(axis=1) == pytest.approx(1)
    assert len(corners.vertex) == len(set(corners.vertex.tolist()))
    # where time grows in proportion to x + 2 y at the nodes, it does so everywhere between them
    at_node = np.rint(np.array(x) + 2 * np.array(y) + 20_000)
    times = (at_node[corners.node] * corners.weight).sum(axis=1)
    row, column = np.divmod(corners.vertex, ground.line.shape[1])
    place = ground.corner[0] + OVERLAY_CELL_M * column, ground.corner[1] + OVERLAY_CELL_M * row
    assert times == pytest.approx(place[0] + 2 * place[1] + 20_000, abs=1)


def test_land_far_from_any_node_of_an_overlay_takes_no_time() -> None:
    ground = ground_of(overlay([0, 9000.0, 0], [0, 0, 9000.0]))
    assert ground.corners is not None
    row, column = np.divmod(ground.corners.vertex, ground.line.shape[1])
    x, y = ground.corner[0] + OVERLAY_CELL_M * column, ground.corner[1] + OVERLAY_CELL_M * row
    near = np.minimum(np.hypot(x, y), np.minimum(np.hypot(x - 9000, y), np.hypot(x, y - 9000)))
    assert near.max() <= 2500
    assert len(near) > 50
