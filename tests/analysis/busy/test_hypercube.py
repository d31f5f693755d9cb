"""The exact hypercube model against published examples, Erlang's formulas and balances by hand."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.analysis.busy.hypercube import Hypercube, busy_units, hypercube

# Larson and Odoni (1981), Urban Operations Research, 5.4.3: area 1 has .50 with unit 2 as its second choice
# and .25 with unit 3; areas 2 and 3 turn to unit 1 first.
THREE = ([0.50, 0.25, 0.35, 0.40], [[0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 0, 1]])


def test_three_units_with_a_queue_as_published() -> None:
    found = hypercube(*THREE, 1.0)
    assert found.workload.round(4).tolist() == [0.5574, 0.4734, 0.4693]
    assert found.waits == pytest.approx(9 / 38, abs=1e-12)
    assert found.dispatch.sum() == pytest.approx(1)
    assert found.at_once.sum() == pytest.approx(29 / 38)


def rectangular_city(west: float) -> tuple[Hypercube, float]:
    """Return the two-unit city of Larson and Odoni 5.3.3, its border `west` of unit 1, and its mean travel.

    Unit 1 stands at x = 0.75, unit 2 at -0.25. Half of the calls come evenly from x in 0.75…1, the other half
    evenly from -1…0.75; 1.25 calls come in a mean service time, and none wait.
    """
    border = 0.75 - west
    pieces = [(0.75, 1.0, 0.5), (border, 0.75, 0.5 * west / 1.75), (-1.0, border, 0.5 * (border + 1) / 1.75)]
    calls = [1.25 * share for _, _, share in pieces]
    found = hypercube(calls, [[0, 1], [0, 1], [1, 0]], 1.0, queue=False)
    travel = [[_mean_way(start, end, unit) for start, end, _ in pieces] for unit in (0.75, -0.25)]
    return found, found.mean_travel(travel)


def _mean_way(start: float, end: float, unit: float) -> float:
    def area(x: float) -> float:
        return (x - unit) * abs(x - unit) / 2

    return (area(end) - area(start)) / (end - start)


def test_the_border_of_equal_times_as_published() -> None:
    found, travel = rectangular_city(1 / 2)
    assert round(travel, 5) == 0.46246
    # printed .43773, cut off rather than rounded from .437735
    assert found.workload.tolist() == pytest.approx([0.49010, 0.43773], abs=6e-6)
    assert found.workload[0] - found.workload[1] == pytest.approx(0.05236, abs=5e-6)
    assert found.waits == pytest.approx(25 / 97, abs=1e-12)


def test_the_nearest_unit_is_not_always_best_as_published() -> None:
    found, travel = rectangular_city(53 / 126)
    assert round(travel, 5) == 0.46166
    assert found.workload[0] - found.workload[1] == pytest.approx(0.04405, abs=5e-6)
    nearby = [rectangular_city(53 / 126 + step)[1] for step in (-0.01, 0.01)]
    assert min(nearby) > travel


def erlang(units: int, load: Fraction, *, queue: bool) -> Fraction:
    """Return the chance that all units are busy, in fractions."""
    last = load**units / factorial(units)
    if queue:
        last *= units / (units - load)
    return last / (sum(load**n / factorial(n) for n in range(units)) + last)


@pytest.mark.parametrize(
    ("units", "load", "lost"),
    [
        (1, 0.5, 1 / 3), (2, 1, 1 / 5), (2, 1.25, 25 / 97), (3, 1.5, 9 / 67), (5, 1.361, 0.01),
        (10, 4.461, 0.01), (20, 12.031, 0.01), (132, 123, 0.0312),
    ],
)  # fmt: skip
def test_erlang_b_as_in_tables(units: int, load: float, lost: float) -> None:
    found = busy_units(units, load, queue=False)
    assert found[-1] == pytest.approx(lost, abs=5e-5)
    assert found[-1] == pytest.approx(float(erlang(units, Fraction(load), queue=False)), rel=1e-9)
    assert found.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("units", "load", "waits"), [(3, 1.5, 9 / 38), (25, 20, 0.2091), (132, 123, 0.3211), (2, 0, 0)]
)
def test_erlang_c_as_in_tables(units: int, load: float, waits: float) -> None:
    found = busy_units(units, load)
    assert found[-1] == pytest.approx(waits, abs=5e-5)
    assert found[-1] == pytest.approx(float(erlang(units, Fraction(load), queue=True)), rel=1e-9)


@st.composite
def cities(draw: st.DrawFn) -> tuple[list[float], list[list[int]]]:
    units = draw(st.integers(1, 5))
    atoms = draw(st.integers(1, 5))
    calls = draw(st.lists(st.floats(0.05, 2), min_size=atoms, max_size=atoms))
    return calls, [list(draw(st.permutations(range(units)))) for _ in range(atoms)]


@settings(max_examples=50)
@given(cities(), st.booleans(), st.floats(0.1, 0.9))
def test_whoever_is_asked_first_all_units_together_are_erlangs(
    city: tuple[list[float], list[list[int]]], queue: bool, load: float
) -> None:
    calls, order = city
    units = len(order[0])
    service = load * units / sum(calls)
    found = hypercube(calls, order, service, queue=queue)
    offered = Fraction(service) * Fraction(sum(calls))
    assert found.waits == pytest.approx(float(erlang(units, offered, queue=queue)), abs=1e-9)
    carried = load * units * (1 if queue else 1 - found.waits)
    assert found.workload.sum() == pytest.approx(carried)
    # work is calls answered times service
    answered = found.dispatch.sum(axis=1) * sum(calls) * service
    assert found.workload.tolist() == pytest.approx(answered.tolist())
    assert found.at_once.sum(axis=0).tolist() == pytest.approx(
        [(1 - found.waits) * share / sum(calls) for share in calls]
    )


def test_units_that_help_nobody_else_are_queues_of_their_own() -> None:
    found = hypercube([0.5, 2.0], [[0, -1], [1, -1]], 1.0, queue=False)
    assert found.workload.tolist() == pytest.approx([1 / 3, 2 / 3])


def test_units_may_need_different_times() -> None:
    found = hypercube([1.0], [[0, 1]], [1.0, 2.0], queue=False)
    state = _two_units_by_hand(1.0, 1.0, 0.5)
    assert found.workload.tolist() == pytest.approx([state[1] + state[3], state[2] + state[3]])


def _two_units_by_hand(calls: float, first: float, second: float) -> list[float]:
    """Return the chances of: none, the first, the second, both busy; calls ask the first unit first."""
    balance = np.array(
        [
            [-calls, first, second, 0],
            [calls, -first - calls, 0, second],
            [0, 0, -second - calls, first],
            [1, 1, 1, 1],
        ]
    )
    return [float(x) for x in np.linalg.solve(balance, [0, 0, 0, 1])]


def test_what_cannot_be_solved_is_refused() -> None:
    with pytest.raises(ValueError, match="too many states"):
        hypercube([1.0], [list(range(13))], 1.0)
    with pytest.raises(ValueError, match="grow for ever"):
        hypercube([2.0], [[0, 1]], 1.0)
    with pytest.raises(ValueError, match="every unit must come"):
        hypercube([0.5], [[0, -1]], 1.0)
