"""The nearest street of every vertex, and distances from what is reached, measured by shapely instead."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from borderless.analysis.isochrone.land import (
    beside_segments,
    heights,
    lower_beside,
    shares_at,
    spread_segments,
    times_at,
)

NEVER = 2**31 - 1
CELL = 50.0


def tangle(seed: int, lines: int = 12) -> list[shapely.LineString]:
    rng = np.random.default_rng(seed)
    starts = rng.uniform(200, 2800, (lines, 1, 2))
    return [
        shapely.LineString(line) for line in starts + np.cumsum(rng.normal(0, 150, (lines, 5, 2)), axis=1)
    ]


def flat(lines: list[shapely.LineString]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    xy, of = shapely.get_coordinates(np.array(lines), return_index=True)
    first = np.searchsorted(of, np.arange(len(lines) + 1))
    at = np.concatenate(
        [
            [shapely.line_locate_point(lines[k], shapely.Point(p), normalized=True) for p in xy[of == k]]
            for k in range(len(lines))
        ]
    )
    return xy, at, first


def vertices(shape: tuple[int, int]) -> np.ndarray:
    rows, columns = np.indices(shape)
    return shapely.points(CELL * columns, CELL * rows)


@pytest.mark.parametrize("seed", range(4))
def test_every_vertex_finds_the_line_nearest_to_it(seed: int) -> None:
    lines = tangle(seed)
    xy, at, first = flat(lines)
    goes_on = np.ones(len(xy), bool)
    goes_on[first[1:] - 1] = False
    shape = (61, 70)
    segment, squared = beside_segments(xy, goes_on, (0.0, 0.0), CELL, shape)
    spread_segments(segment, squared, xy, (0.0, 0.0), CELL, 700.0)
    points = vertices(shape)
    true = shapely.distance(points[..., None], np.array(lines)).min(axis=2)
    # a line that only just comes nearer may be missed
    assert (
        np.array_equal(segment >= 0, true <= 700)
        or (abs(true[(segment >= 0) != (true <= 700)] - 700) < 5).all()
    )
    near = segment >= 0
    error = np.sqrt(squared[near]) - true[near]
    assert error.min() > -1e-3
    assert error.max() < CELL / 4
    assert (error > 0.01).mean() < 0.02
    share = shares_at(segment, xy, at, (0.0, 0.0), CELL)
    of = np.searchsorted(first, segment[near], side="right") - 1
    foot = shapely.line_interpolate_point(np.array(lines)[of], share[near].astype(float), normalized=True)
    assert shapely.distance(foot, points[near]) == pytest.approx(np.sqrt(squared[near]), abs=0.2)


@pytest.mark.parametrize("seed", range(4))
def test_land_beside_reached_parts_is_lowered_to_its_distance(seed: int) -> None:
    lines = tangle(seed)
    xy, at, first = flat(lines)
    rng = np.random.default_rng(seed)
    low = rng.choice([-1.0, 0.0, 0.3, 0.6], len(lines))
    high = rng.choice([0.6, 0.9, 1.0, 2.0], len(lines))
    out = np.full((61, 70), CELL)
    lower_beside(out, (0.0, 0.0), CELL, 100.0, xy, at, first, np.arange(len(lines)), low, high)
    parts = []
    for line, a, b in zip(lines, low, high, strict=True):
        if a >= 0:
            parts.append(shapely.ops.substring(line, 0, a, normalized=True))
        if b <= 1:
            parts.append(shapely.ops.substring(line, b, 1, normalized=True))
    expected = shapely.distance(vertices(out.shape), shapely.union_all(parts)) - 100
    # whatever lies deeper inside than a cell is not measured again
    assert np.maximum(out, -CELL) == pytest.approx(np.clip(expected, -CELL, CELL), abs=1e-6)


def test_times_come_from_the_sooner_end_and_heights_from_the_later_of_time_and_distance() -> None:
    line = np.array([[0, 0, 1, -1]], dtype=np.int32)
    share = np.array([[0.25, 0.75, 0.5, 0.0]], dtype=np.float32)
    ends = np.array([0, 2]), np.array([1, 3])
    drive = np.array([1000, -1]), np.array([1000, 400])
    place = np.array([100, 300, 7, NEVER], dtype=np.int32)
    times = times_at(line, share, ends, drive, place, NEVER)
    assert times.tolist() == [[350, 550, np.inf, np.inf]]
    beyond = heights(
        times, line, np.array([[10, 260, 0, 0]], np.float32), np.array([0.1, 0.1]), 400.0, 250.0, 50.0
    )
    assert beyond.tolist() == [[-5, 15, 50, 50]]
    assert times_at(line, np.zeros((1, 4), np.float32), ends, drive, place, NEVER).tolist() == [
        [100, 100, 7, np.inf]
    ]
