"""The kernels by themselves: seeds climb, sweeps descend, and only what is far away is skipped."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.roads.climb import MS, climb
from borderless.roads.network import RoadNetwork
from borderless.roads.room import empty_rows, empty_times
from borderless.roads.sweep import BLOCK, lay_out, sweep, sweep_within
from random_graphs import Arcs, big_town, network_of, scipy_times

NEVER = 2**31 - 1


def climbed(network: RoadNetwork, places: list[int]) -> tuple[np.ndarray, np.ndarray]:
    found, tree = network.hierarchy, network.hierarchy.topology
    seeds = np.array(places, dtype=np.int32)
    start = np.arange(len(seeds) + 1), seeds, np.zeros(len(seeds), np.uint32)
    return climb(tree.parent, tree.first_edge, tree.above, found.climb_ms, *start, *MS)


@pytest.mark.parametrize("lanes", [1, 15, 16, 33])
@pytest.mark.parametrize("block", [BLOCK, 1, 1000])
def test_a_block_of_any_size_writes_the_same(lanes: int, block: int) -> None:
    network = network_of(big_town(21))
    found, tree = network.hierarchy, network.hierarchy.topology
    places = np.arange(0, 900, 900 // lanes)[:lanes]
    node_at = np.argsort(tree.place)
    out = empty_times(lanes, 900)
    room, order = empty_rows(block, lanes), np.arange(block, dtype=np.int32)
    seen = climbed(network, places.tolist())
    up = (tree.level, tree.first_edge, tree.above_level, found.descend_ms)
    sweep(*up, *seen, room, order, out, np.arange(lanes)[::-1].copy())
    assert np.array_equal(out[::-1, :900], scipy_times(network, node_at[places])[:, node_at])


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 10), st.integers(0, 60_000), st.integers(0, 2**31), st.sampled_from([0.0, 0.02, 0.5, 1])
)
def test_bounded_sweeps_write_every_wanted_column_once(
    town: int, limit_ms: int, seed: int, share: float
) -> None:
    network = network_of(big_town(town))
    found, tree = network.hierarchy, network.hierarchy.topology
    random = np.random.default_rng(seed)
    places = random.integers(0, 900, 5)
    wanted = random.random(900) < share
    before = np.concatenate([[0], np.cumsum(wanted)]).astype(np.int32)
    columns = int(before[-1])
    out = empty_times(5, columns)
    out[:] = 12345
    up = (tree.level, tree.after, tree.first_edge, tree.above_level, found.descend_ms)
    seen = climbed(network, places.tolist())
    in_order = np.empty(0, np.int32)
    sweep_within(*up, *seen, np.uint32(limit_ms), before, in_order, out, np.arange(5))
    node_at = np.argsort(tree.place)
    exact = scipy_times(network, node_at[places])[:, node_at[wanted]]
    assert np.array_equal(out[:, :columns], np.where(exact <= limit_ms, exact, NEVER))
    # nothing is written beside the columns
    assert (out[:, columns:] == 12345).all()
    shuffled = random.permutation(columns).astype(np.int32)
    other = np.full(out.shape, NEVER, np.uint32)
    sweep_within(*up, *seen, np.uint32(limit_ms), before, shuffled, other, np.arange(5))
    assert np.array_equal(other[:, shuffled], out[:, :columns])
    assert (other[:, columns:] == NEVER).all()


def test_a_one_way_street_into_a_subtree_is_not_skipped() -> None:
    # every street leads away from the town's middle only, so that most edges may be driven one way alone
    town = big_town(22)
    away = [(u, v) if u > v else (v, u) for u, v in zip(town.tail, town.head, strict=True)]
    network = network_of(Arcs(town.n, *map(list, zip(*away, strict=True)), town.travel_ms))
    sources = list(range(0, 900, 11))
    exact = scipy_times(network, sources)
    for limit_ms in (3000, 30_000, 100_000):
        kept = np.where(exact <= limit_ms, exact, NEVER)
        assert np.array_equal(network.times_from(sources, limit_ms / 1000), kept)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 70), st.integers(0, 70), st.integers(0, 40), st.booleans(), st.integers(0, 2**31 - 1))
def test_every_number_goes_where_numpy_puts_it(
    count: int, lanes: int, column: int, fast: bool, seed: int
) -> None:
    random = np.random.default_rng(seed)
    rows = empty_rows(count + 5, lanes)
    rows[:] = random.integers(0, 2**31, rows.shape)
    row = random.permutation(count + 5)[:count].astype(np.int32)
    line = random.permutation(lanes + 3)[:lanes]
    width = column + count + int(random.integers(0, 20))
    # an odd width keeps rows off the lines of the processor's cache
    out = empty_times(lanes + 3, width) if fast else np.empty((lanes + 3, width // 2 * 2 + 1), np.uint32)
    out[:] = 7
    expected = out.copy()
    limit = np.uint32(seed)
    expected[line, column : column + count] = np.where(rows[row] <= limit, rows[row], NEVER).T
    lay_out(rows, row, out, line, column, limit)
    assert np.array_equal(out, expected)
