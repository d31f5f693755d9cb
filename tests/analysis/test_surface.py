"""Times between the streets: what the grid says, and where the line of an isochrone runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

import small_regions
from ascii_map import with_streets
from borderless.analysis.surface import Surface, area_within, build_surface, station_areas, times_on_grid
from borderless.region import Region, load_region
from borderless.roads.network import UNREACHABLE, RoadNetwork
from drawn_studies import ORIGIN, People, Stand, write_drawn
from small_regions import Place, Station

MINUTE = 60_000
CELL = 250
RING_MS = 45_000  # a cell at 20 km/h


def grid(rows: int, columns: int) -> Surface:
    """Return a grid without samples, its corner at the origin."""
    return Surface(
        west=0.0,
        south=0.0,
        shape=(rows, columns),
        vertex=np.empty(0, np.int64),
        node=np.empty((0, 2), np.int64),
        weight=np.empty((0, 3)),
        added_ms=np.empty((0, 2)),
        street=np.empty(0, np.int64),
        share=np.empty(0),
        ring_ms=RING_MS,
    )


def drawn(tmp_path: Path, drawing: str, *people: People, kmh: float = 60, **more: object) -> Region:
    stand = Stand("S", "West", 0, 0)
    here = people or (People(0, 0),)
    return load_region(write_drawn(tmp_path, drawing, [stand], here, kmh=kmh, **more))  # type: ignore[arg-type]


def overlay(x: list[float], y: list[float]) -> Region:
    """Return a region without streets whose nodes, a minute from one to the next, all have a place."""
    n = len(x)
    one, next_ = list(range(n - 1)), list(range(1, n))
    network = RoadNetwork.from_arrays(one + next_, next_ + one, [MINUTE] * (2 * n - 2), x, y)
    places = [Place(f"p{i}", "West", i) for i in range(n)]
    areas = {"West": shapely.box(-4_000, -4_000, 4_000, 4_000)}
    study = small_regions.small_study(("West",))
    return small_regions.small_region(study, network, [Station("S", "West", 0)], places, areas)


# -- the line around a grid of times


@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9),
        # the limit itself, half a millisecond beyond it, and land that nobody reaches
        elements=st.sampled_from([0.0, 30_000.0, 60_000.0, 60_000.5, 60_001.0, 400_000.0, np.inf]),
    )
)
def test_the_area_is_valid_and_holds_the_vertices_in_time(field: np.ndarray) -> None:
    area = area_within(grid(*field.shape), field, MINUTE)
    assert area.is_valid
    assert area.geom_type in ("Polygon", "MultiPolygon")
    rows, columns = np.nonzero(field <= MINUTE)
    wide = min(field.shape) > 1
    inside = shapely.covers(area.buffer(1e-6), shapely.points(CELL * columns, CELL * rows))
    assert inside.all() or not wide


@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=9),
        elements=st.floats(0, 5 * MINUTE),
    )
)
def test_vertices_out_of_time_stay_outside_unless_they_lie_in_a_hole(field: np.ndarray) -> None:
    area = area_within(grid(*field.shape), field, MINUTE)
    group, count = ndimage.label(np.ceil(field) > MINUTE)
    edge = np.concatenate([group[0], group[-1], group[:, 0], group[:, -1]])
    rows, columns = np.nonzero(np.isin(group, np.setdiff1d(edge, [0])))
    points = shapely.points(CELL * columns, CELL * rows)
    assert count == 0 or not shapely.contains_properly(area.buffer(-1e-6), points).any()


@pytest.mark.parametrize("seed", range(4))
def test_times_exactly_on_the_line_do_not_break_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = (rng.integers(12, 30), rng.integers(12, 30))
    field = np.where(rng.random(size) < 0.5, np.inf, rng.integers(0, 3, size) * 30_000 + 0.5)
    area = area_within(grid(*size), field, MINUTE)
    assert area.is_valid
    rows, columns = np.nonzero(field <= MINUTE)
    assert shapely.covers(area.buffer(1e-6), shapely.points(CELL * columns, CELL * rows)).all()


def test_the_line_runs_between_vertices_in_proportion() -> None:
    field = np.array([[0.0, 2 * MINUTE]] * 3)
    # half-way between 0 and 2 minutes, give or take the half millisecond
    assert area_within(grid(3, 2), field, MINUTE).bounds == pytest.approx((0, 0, 125, 500), abs=0.01)


def test_beside_land_out_of_reach_the_line_stays_near_the_road() -> None:
    field = np.array([[0.0, np.inf]] * 3)
    west, _, east, _ = area_within(grid(3, 2), field, 20 * MINUTE).bounds
    assert west == 0
    assert 0 < east < CELL / 4


def test_nothing_in_time_is_no_area() -> None:
    area = area_within(grid(3, 3), np.full((3, 3), 2.0 * MINUTE), MINUTE)
    assert area.is_empty
    assert area.geom_type == "MultiPolygon"


def test_small_holes_are_filled_and_wide_ones_stay() -> None:
    field = np.zeros((12, 12))
    field[2, 2] = np.inf  # within four cells around one vertex, at most 0.25 km²
    field[5:10, 5:10] = np.inf  # at least 1 km²
    area = area_within(grid(12, 12), field, MINUTE)
    assert len(area.interiors) == 1
    assert area.covers(shapely.Point(2 * CELL, 2 * CELL))
    assert not area.covers(shapely.Point(7 * CELL, 7 * CELL))


def test_times_far_beyond_the_limit_do_not_move_the_line() -> None:
    near = np.array([[0.0, 50_000, 70_000, 6 * MINUTE + 1]] * 4)
    far = np.where(near > 6 * MINUTE, np.inf, near)
    assert area_within(grid(4, 4), near, MINUTE).equals(area_within(grid(4, 4), far, MINUTE))


# -- from nodes to the grid


def test_a_sample_takes_the_faster_end_of_its_street() -> None:
    surface = replace(
        grid(9, 9),
        vertex=np.array([40, 40, 36]),
        node=np.array([[0, 1], [1, 2], [2, 2]]),
        added_ms=np.array([[10.0, 5.0], [0.0, 0.0], [0.0, np.inf]]),
    )
    times = times_on_grid(surface, np.array([100, 90, UNREACHABLE], dtype=np.int32))
    assert times[4, 4] == 90  # of 110, 95, 90 and nothing
    assert times[4, 5] == 90 + RING_MS
    assert times[5, 5] == pytest.approx(90 + RING_MS * np.sqrt(2))
    assert times[4, 6] == 90 + 2 * RING_MS
    assert times[4, 1] == np.inf  # three cells off, and nobody reaches vertex 36


def test_a_way_along_the_own_street_counts_when_it_is_faster() -> None:
    surface = replace(
        grid(9, 9),
        vertex=np.array([40, 44]),
        node=np.array([[0, 1], [0, 1]]),
        added_ms=np.array([[10.0, 5.0], [10.0, 5.0]]),
    )
    times = times_on_grid(surface, np.array([100, 100], dtype=np.int32), np.array([50.0, np.inf]))
    assert (times[4, 4], times[4, 8]) == (50, 105)


def test_between_three_nodes_times_are_mixed_by_nearness() -> None:
    surface = replace(
        grid(2, 2),
        vertex=np.array([0, 1, 3]),
        node=np.array([[0, 1, 2]] * 2 + [[0, 1, 3]]),
        weight=np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0], [0.9, 0.1, 0.0]]),
    )
    times = times_on_grid(surface, np.array([100, 200, 400, UNREACHABLE], dtype=np.int32))
    assert times.tolist() == [[200, 100], [np.inf, np.inf]]


def test_times_on_the_road_are_times_of_driving(tmp_path: Path) -> None:
    region = drawn(tmp_path, "A---------B")
    surface = build_surface(region)
    # ORIGIN lies on the grid, so the road runs from vertex to vertex
    network = region.network
    near = np.where(network.x == ORIGIN[0], 0, 10 * MINUTE).astype(np.int32)
    times = times_on_grid(surface, near)
    row = round((ORIGIN[1] - surface.south) / CELL)
    first = round((ORIGIN[0] - surface.west) / CELL)
    assert times[row, first : first + 41] == pytest.approx(np.arange(41) * 15_000, abs=1)
    assert times[row + 1, first + 4] == pytest.approx(60_000 + RING_MS, abs=1)
    assert times[row + 2, first + 4] == pytest.approx(60_000 + 2 * RING_MS, abs=1)
    assert np.isinf(times[row + 3]).all()


def test_motorways_and_links_are_driven_but_not_left(tmp_path: Path) -> None:
    region = drawn(tmp_path, "A---------B")
    closed = region.network.streets.assign(highway="motorway")
    surface = build_surface(replace(region, network=with_streets(region.network, closed)))
    assert len(surface.vertex) == 0


@pytest.mark.parametrize(
    ("x", "y"), [([0.0], [0.0]), ([0, 1000.0], [0, 0]), ([0, 500, 1000, 2000.0], [0, 0.2, 0, 0])]
)
def test_a_network_of_few_nodes_or_on_one_line_gives_areas_not_points(x: list[float], y: list[float]) -> None:
    region = overlay(x, y)
    areas = station_areas(region, build_surface(region), (1, 5))
    for area in areas.values():
        assert area.is_valid
        assert area.area > np.pi * 140**2
        assert area.covers(shapely.Point(0, 0))
    assert areas[0, 5].covers(shapely.Point(x[-1], 0))
    assert areas[0, 5].area > areas[0, 1].area or len(x) == 1


def test_an_overlay_without_streets_is_filled_between_its_nodes() -> None:
    region = overlay([0, 2000, 2000, 0, -2000, -2000.0], [0, 0, 2000, 2000, 0, -2000.0])
    areas = station_areas(region, build_surface(region), (1, 3))
    assert areas[0, 1].covers(shapely.Point(500, 500))
    assert not areas[0, 1].covers(shapely.Point(1900, 1900))  # two minutes away
    assert areas[0, 3].covers(shapely.Point(1900, 1900))
    assert not areas[0, 3].covers(shapely.Point(3000, 3000))


def test_between_nodes_times_run_straight_and_flat_triangles_do_no_harm() -> None:
    # nodes a hair off the hull's edge make triangles without land
    x = [-3000.0, -1500, 0, 1500, 3000, 3000, -3000]
    y = [-3000.0, -3000 + 1e-7, -3000, -3000 - 1e-7, -3000, 3000, 3000]
    surface = build_surface(overlay(x, y))
    assert np.isfinite(surface.weight).all()
    assert surface.weight.min() >= -1e-9
    assert surface.weight.sum(axis=1) == pytest.approx(1)
    assert len(surface.vertex) == len(set(surface.vertex.tolist()))
    # where time grows in proportion to x + 2 y at the nodes, it does so everywhere between them
    at_node = np.rint(np.array(x) + 2 * np.array(y) + 20_000).astype(np.int32)
    times = times_on_grid(surface, at_node).ravel()[surface.vertex]
    row, column = np.divmod(surface.vertex, surface.shape[1])
    expected = surface.west + CELL * column + 2 * (surface.south + CELL * row) + 20_000
    assert times == pytest.approx(expected, abs=1)


def test_land_beyond_reach_of_any_node_takes_no_time() -> None:
    surface = build_surface(overlay([0, 9000.0, 0], [0, 0, 9000.0]))
    row, column = np.divmod(surface.vertex, surface.shape[1])
    x, y = surface.west + CELL * column, surface.south + CELL * row
    near = np.minimum(np.hypot(x, y), np.minimum(np.hypot(x - 9000, y), np.hypot(x, y - 9000)))
    assert near.max() <= 2500
    assert len(near) > 50


def test_the_grid_reaches_beyond_the_forces(tmp_path: Path) -> None:
    region = drawn(tmp_path, "A---------B")
    surface = build_surface(region)
    west, south, east, north = region.forces.total_bounds
    assert (surface.west % CELL, surface.south % CELL) == (0, 0)
    assert surface.west <= west - 2000
    assert surface.south <= south - 2000
    assert surface.west + (surface.shape[1] - 1) * CELL >= east + 2000 - CELL
    assert surface.south + (surface.shape[0] - 1) * CELL >= north + 2000 - CELL
