"""Interaction terms and Shapley values of games: the axioms, and other formulas for the same numbers."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.analysis.alliance.shapley import dividends, shapley_values

whole = st.integers(-(10**11), 10**11)


@st.composite
def games(draw: st.DrawFn, *, most: int = 5, columns: int = 1) -> np.ndarray:
    n = draw(st.integers(0, most))
    values = draw(st.lists(whole, min_size=(1 << n) * columns, max_size=(1 << n) * columns))
    return np.array(values, dtype=np.int64).reshape(1 << n, columns)


def shares(values: np.ndarray) -> list[Fraction]:
    return [player[0] for player in shapley_values(values)]


def moved(values: np.ndarray, order: list[int]) -> np.ndarray:
    """Return the game in which player i is called order[i]."""
    rows = [sum(1 << order[bit] for bit in range(len(order)) if row >> bit & 1) for row in range(len(values))]
    renamed = np.empty_like(values)
    renamed[rows] = values
    return renamed


@given(games())
def test_dividends_of_all_subsets_add_up_to_every_coalition(values: np.ndarray) -> None:
    terms = dividends(values)
    for row in range(len(values)):
        assert sum(terms[sub, 0] for sub in range(len(values)) if sub & row == sub) == values[row, 0]


@given(games())
def test_shares_add_up_to_what_all_gain_over_nobody(values: np.ndarray) -> None:
    assert sum(shares(values)) == values[-1, 0] - values[0, 0]


@settings(max_examples=30)
@given(games(most=4))
def test_shares_are_the_mean_over_every_order_of_joining(values: np.ndarray) -> None:
    n = len(values).bit_length() - 1
    orders = list(permutations(range(n)))
    for player, share in enumerate(shares(values)):
        marginal = 0
        for order in orders:
            before = sum(1 << other for other in order[: order.index(player)])
            marginal += int(values[before | 1 << player, 0] - values[before, 0])
        assert share == Fraction(marginal, len(orders))


@given(games())
def test_each_dividend_is_shared_alike_by_its_members(values: np.ndarray) -> None:
    terms = dividends(values)
    for player, share in enumerate(shares(values)):
        rows = [row for row in range(len(values)) if row >> player & 1]
        assert share == sum(Fraction(int(terms[row, 0]), row.bit_count()) for row in rows)


@given(games(columns=2))
def test_the_shares_of_a_sum_are_the_sums_of_the_shares(values: np.ndarray) -> None:
    both = shares(values.sum(axis=1, keepdims=True))
    assert both == [sum(player) for player in shapley_values(values)]


@given(games(), st.data())
def test_the_names_of_the_players_do_not_matter(values: np.ndarray, data: st.DataObject) -> None:
    n = len(values).bit_length() - 1
    order = data.draw(st.permutations(range(n)))
    renamed = shares(moved(values, order))
    assert [renamed[order[player]] for player in range(n)] == shares(values)


@given(games(most=4), whole)
def test_who_adds_the_same_to_every_coalition_gets_just_that(values: np.ndarray, alone: int) -> None:
    with_dummy = np.concatenate([values, values + alone])
    assert shares(with_dummy) == [*shares(values), alone]


@given(games(most=3), st.data())
def test_players_who_can_stand_for_each_other_get_the_same(values: np.ndarray, data: st.DataObject) -> None:
    size = len(values)
    one, both = values, np.array(data.draw(st.lists(whole, min_size=size, max_size=size)))[:, None]
    nobody = np.array(data.draw(st.lists(whole, min_size=size, max_size=size)))[:, None]
    found = shares(np.concatenate([nobody, one, one, both]))
    assert found[-1] == found[-2]


def test_the_gloves_of_the_textbook() -> None:
    # one left glove (player 0) and two right ones: a pair is worth 1 (Shapley and Shubik 1969)
    values = np.array([[0], [0], [0], [1], [0], [1], [0], [1]])
    assert shares(values) == [Fraction(2, 3), Fraction(1, 6), Fraction(1, 6)]


def test_sums_too_large_for_64_bits_stay_exact() -> None:
    values = np.where(np.arange(1 << 12) == (1 << 12) - 1, 10**15, 0)[:, None]
    assert shares(values) == [Fraction(10**15, 12)] * 12


def test_a_missing_coalition_is_refused() -> None:
    with pytest.raises(ValueError, match="every coalition"):
        shapley_values(np.zeros((3, 1), dtype=np.int64))
