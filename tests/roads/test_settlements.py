"""Settlements are built-up ground whose gaps are closed; who lives in or beside one belongs to it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.roads.lived import LivedStreets
from borderless.roads.settlements import CELL_M, GAP_M, NEAR_M, Settlements, find_settlements


def built_up(*squares: tuple[int, int], residential: bool = True) -> Settlements:
    """Return the settlements of ground with a residential street in each of some squares."""
    xy = (np.array(squares, dtype=float).reshape(-1, 2) + 0.5) * CELL_M
    return find_settlements(LivedStreets(xy, np.full(len(xy), 50.0), np.full(len(xy), residential)))


@pytest.mark.parametrize("way", [(1, 0), (0, 1), (1, 1), (-1, 1), (-1, 0), (0, -1)])
def test_gaps_of_two_hundred_metres_are_closed_and_wider_ones_are_not(way: tuple[int, int]) -> None:
    for apart, settlements in ((1, 1), (2, 1), (3, 1), (4, 2)):
        gap_m = (apart - 1) * CELL_M
        assert (gap_m <= GAP_M) == (settlements == 1)
        assert len(built_up((0, 0), (apart * way[0], apart * way[1]))) == settlements


def test_a_chain_of_small_gaps_is_one_settlement() -> None:
    found = built_up(*((3 * step, 0) for step in range(10)), (40, 0))
    assert len(found) == 2
    assert found.of_places([[50, 50], [2_750, 50], [4_050, 50]]).tolist() == [0, 0, 1]


def test_squares_far_apart_in_one_direction_are_not_taken_for_neighbours() -> None:
    # the last square of a column and the first of the next
    assert len(built_up((0, 500), (1, 0), (0, 0), (1, 500))) == 2


def test_a_place_beside_a_settlement_belongs_to_it_and_one_beyond_does_not() -> None:
    found = built_up((0, 0), (20, 0))
    edge = CELL_M
    assert found.of_places([[edge + NEAR_M - 1, 50], [edge + NEAR_M + 1, 50]]).tolist() == [0, -1]
    assert found.people([[50, 50], [edge + 100, 50], [2_050, 50], [1_000, 50]], [1, 2, 4, 8]).tolist() == [
        3,
        4,
    ]


def test_without_residential_streets_there_are_no_settlements() -> None:
    for found in (built_up(), built_up((0, 0), residential=False)):
        assert len(found) == 0
        assert found.of_places([[0, 0]]).tolist() == [-1]
        assert found.people([[0, 0]], [5]).tolist() == []


@settings(max_examples=60, deadline=None)
@given(st.sets(st.tuples(st.integers(-8, 8), st.integers(-8, 8)), min_size=1, max_size=25))
def test_settlements_are_those_of_joining_squares_one_by_one(squares: set[tuple[int, int]]) -> None:
    groups = [{square} for square in squares]
    while True:
        near = next(
            (
                (one, other)
                for i, one in enumerate(groups)
                for other in groups[:i]
                if any(max(abs(a - c), abs(b - d)) <= 3 for a, b in one for c, d in other)
            ),
            None,
        )
        if near is None:
            break
        groups = [group for group in groups if group not in near] + [near[0] | near[1]]
    found = built_up(*squares)
    cells = [tuple(cell) for cell in (found.xy // CELL_M).astype(int).tolist()]
    expected = {frozenset(group) for group in groups}
    assert {
        frozenset(c for c, n in zip(cells, found.number, strict=True) if n == k) for k in range(len(found))
    } == expected
