"""The hypercube approximation against its published example and the exact model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.analysis.busy.hypercube import busy_units, hypercube
from borderless.analysis.busy.workload import Area, corrections, enough_ranks, settle
from borderless.errors import BorderlessError

Order = Sequence[Sequence[int]]
THREE = ([0.50, 0.25, 0.35, 0.40], [[0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 0, 1]])


def area(calls: Sequence[float], order: Order, service_h: float = 1.0, source: int = 0) -> Area:
    unit = np.array(order, dtype=np.int64).T
    share = np.array(calls) / sum(calls)
    members = np.unique(unit)
    return Area(source, share, unit, np.full(unit.shape, service_h), members)


def test_the_published_example_of_the_approximation() -> None:
    # Larson and Odoni 5.5.3: three rounds at a tolerance of .0011 "or greater"
    found = settle([area(*THREE)], 3, np.array([1.5]), tolerance=0.0012)
    assert found.workload.tolist() == pytest.approx([0.5627, 0.4716, 0.4657], abs=6e-5)
    exact = hypercube(*THREE, 1.0)
    assert np.abs(settle([area(*THREE)], 3, np.array([1.5])).workload - exact.workload).max() < 0.0054
    assert found.waits[0] == pytest.approx(9 / 38)


@pytest.mark.parametrize("workload", [0.0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("units", [1, 2, 5, 40])
def test_corrections_make_equal_units_exact(units: int, workload: float) -> None:
    q = corrections(units, workload)
    goes = q * workload ** np.arange(units) * (1 - workload)
    assert q[0] == pytest.approx(1)
    assert goes.sum() == pytest.approx(1 - busy_units(units, units * workload)[-1])


@st.composite
def cities(draw: st.DrawFn) -> tuple[list[float], list[list[int]], float]:
    units, atoms = draw(st.integers(2, 6)), draw(st.integers(1, 8))
    calls = draw(st.lists(st.floats(0.1, 1), min_size=atoms, max_size=atoms))
    order = [list(draw(st.permutations(range(units)))) for _ in range(atoms)]
    return calls, order, draw(st.floats(0.1, 0.8))


@settings(max_examples=100)
@given(cities())
def test_workloads_and_shares_are_within_a_few_percent_of_the_exact_model(
    city: tuple[list[float], list[list[int]], float],
) -> None:
    weights, order, load = city
    units = len(order[0])
    calls = [load * units * weight / sum(weights) for weight in weights]
    exact = hypercube(calls, order, 1.0)
    found = settle([area(calls, order)], units, np.array([sum(calls)]))
    assert found.workload.sum() == pytest.approx(load * units)
    # about 1 % is typical; when everyone asks in the same order, the busiest are off by more
    assert np.abs(found.workload - exact.workload).mean() < 0.05 * load + 0.005
    shares = np.zeros((units, len(calls)))
    for atom, row in enumerate(order):
        shares[row, atom] = found.answered[0][:, atom] * calls[atom] / sum(calls)
    assert np.abs(shares - exact.at_once).sum() / 2 < 0.05
    assert shares.sum() == pytest.approx(1 - exact.waits)


def test_on_many_cities_the_error_is_as_small_as_is_said() -> None:
    rng = np.random.default_rng(5)
    errors = []
    for _ in range(60):
        units, atoms = int(rng.integers(2, 7)), int(rng.integers(6, 15))
        order = [rng.permutation(units).tolist() for _ in range(atoms)]
        calls = rng.random(atoms)
        calls *= rng.uniform(0.1, 0.8) * units / calls.sum()
        found = settle([area(calls.tolist(), order)], units, np.array([calls.sum()]))
        exact = hypercube(calls, order, 1.0)
        errors.append(np.abs(found.workload - exact.workload).mean() / exact.workload.mean())
    assert np.mean(errors) < 0.01
    assert np.max(errors) < 0.03


def test_areas_that_share_no_unit_are_settled_apart() -> None:
    apart = [area([1.0], [[0]]), area([2.0, 1.0], [[1, 2], [2, 1]], source=1)]
    found = settle(apart, 4, np.array([0.4, 1.2]))
    assert found.workload[0] == pytest.approx(0.4)
    alone = settle([area([2.0, 1.0], [[0, 1], [1, 0]])], 2, np.array([1.2]))
    assert found.workload[1:3].tolist() == pytest.approx(alone.workload.tolist())
    assert found.waits.tolist() == pytest.approx([0.4, alone.waits[0]])
    # nobody asks the fourth unit
    assert found.workload[3] == 0


def test_calls_are_found_that_make_a_given_amount_of_work() -> None:
    found = settle([area([1.0, 2.0], [[0, 1], [1, 0]], 0.5)], 2, np.array([0.8]), amount_is_work=True)
    assert found.rates.tolist() == pytest.approx([1.6])
    assert found.workload.sum() == pytest.approx(0.8)


def test_longer_ways_make_more_work_of_the_same_calls() -> None:
    near = area([1.0, 1.0], [[0, 1], [1, 0]])
    far = replace(near, service_h=np.array([[1.0, 1.0], [2.0, 2.0]]))
    quick, slow = (settle([one], 2, np.array([0.8])) for one in (near, far))
    assert slow.workload.sum() > quick.workload.sum() == pytest.approx(0.8)


def test_units_that_are_never_busy_go_at_once() -> None:
    found = settle([area(*THREE)], 3, np.array([0.0]))
    assert found.workload.tolist() == [0, 0, 0]
    assert found.answered[0][0].tolist() == [1, 1, 1, 1]
    assert found.waits.tolist() == [0]


def test_a_source_may_have_areas_that_other_units_serve() -> None:
    # two islands of one force: a third of the calls on the one, the rest on the other
    islands = [area([1.0], [[0]]), area([1.0], [[1]])]
    islands = [
        replace(one, share=one.share * part) for one, part in zip(islands, (1 / 3, 2 / 3), strict=True)
    ]
    found = settle(islands, 2, np.array([0.9]))
    assert found.workload.tolist() == pytest.approx([0.3, 0.6])
    assert found.waits.tolist() == pytest.approx([0.3, 0.6])


def test_more_work_than_time_is_refused() -> None:
    with pytest.raises(BorderlessError, match=r"120 % of the time.*lower the busy fraction"):
        settle([area([1.0], [[0]])], 1, np.array([1.2]))


def test_ranks_that_are_left_out_hardly_matter() -> None:
    assert [enough_ranks(100, q) for q in (0.0, 0.3)] == [1, 17]
    assert enough_ranks(3, 0.9) == 3
    rng = np.random.default_rng(1)
    order = np.array([rng.permutation(40) for _ in range(30)])
    whole = area([1.0] * 30, order.tolist())
    ranks = enough_ranks(40, 0.2)
    cut = replace(whole, unit=whole.unit[:ranks], service_h=whole.service_h[:ranks])
    one, other = (settle([each], 40, np.array([8.0])) for each in (whole, cut))
    assert ranks < 20
    assert np.abs(one.workload - other.workload).max() < 1e-5
