"""Times for many starts at once: any number of threads, any choice of nodes, any seeds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.errors import BorderlessError
from borderless.roads import queries
from borderless.roads.network import UNREACHABLE, RoadNetwork
from borderless.roads.queries import Seeds, nearest_seeds, shortest_times
from random_graphs import Arcs, arcs, big_town, network_of, scipy_times


@pytest.fixture(scope="module")
def town() -> RoadNetwork:
    return network_of(big_town(11))


def answers(network: RoadNetwork) -> list[bytes]:
    """Return the bytes of every kind of answer."""
    sources = np.arange(0, network.node_count, 5)
    groups = [sources[:40], sources[40:41], sources[41:]]
    found = [network.times_from(sources), network.times_from(sources, 20), network.times_to(sources)]
    return [np.ascontiguousarray(times).tobytes() for times in (*found, *network.nearest(groups))]


@pytest.mark.parametrize("threads", [2, 3, 16])
def test_any_number_of_threads_gives_the_same_bytes(
    town: RoadNetwork, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_LEAST_FOR_THREADS", 0)
    monkeypatch.setenv("BORDERLESS_THREADS", "1")
    alone = answers(town)
    monkeypatch.setenv("BORDERLESS_THREADS", str(threads))
    assert answers(town) == alone


@pytest.mark.parametrize("lanes", [1, 7, 16, 64])
def test_any_number_of_lanes_gives_the_same_bytes(
    town: RoadNetwork, lanes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = answers(town)
    monkeypatch.setattr(queries, "_LANES", lanes)
    assert answers(town) == together


def test_little_room_gives_the_same_bytes(town: RoadNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    plenty = answers(town)
    monkeypatch.setattr(queries, "_WAITING", 3 * town.node_count)
    assert answers(town) == plenty


@settings(max_examples=200, deadline=None)
@given(arcs(max_nodes=24), st.data())
def test_lanes_start_at_any_number_of_nodes_after_any_time(some: Arcs, data: st.DataObject) -> None:
    network = network_of(some)
    seed = st.tuples(st.integers(0, some.n - 1), st.one_of(st.integers(0, 20), st.just(2**31 - 2)))
    lanes = data.draw(st.lists(st.lists(seed, max_size=4), max_size=4))
    first = np.concatenate([[0], np.cumsum([len(lane) for lane in lanes])]).astype(np.int64)
    node, ms = (np.array([one[i] for lane in lanes for one in lane], dtype=np.int32) for i in (0, 1))
    seeds = Seeds(first, node, ms)
    exact = scipy_times(network, range(some.n)).astype(np.int64)
    never = int(UNREACHABLE)
    expected = np.full((len(lanes), some.n), never)
    number = np.full((len(lanes), some.n), -1)
    for k, lane in enumerate(lanes):
        for i, (start, after) in enumerate(lane):
            later = np.where(exact[start] == never, never, np.minimum(exact[start] + after, never))
            number[k] = np.where(later < expected[k], i, number[k])
            expected[k] = np.minimum(expected[k], later)
    assert np.array_equal(shortest_times(network.hierarchy, seeds), expected)
    near = nearest_seeds(network.hierarchy, seeds)
    assert np.array_equal(near.travel_ms, expected)
    assert np.array_equal(near.source, number)
    limit = data.draw(st.integers(0, 40))
    within = np.where(expected <= limit, expected, never)
    assert np.array_equal(shortest_times(network.hierarchy, seeds, limit), within)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 900), st.sampled_from([None, 0, 5000, 30_000]))
def test_chosen_nodes_get_the_times_they_get_among_all(seed: int, count: int, limit_ms: int | None) -> None:
    network = network_of(big_town(11))
    random = np.random.default_rng(seed)
    nodes = random.permutation(network.node_count)[:count].astype(np.int32)
    sources = np.array([0, 333, 899], dtype=np.int32)
    every = shortest_times(network.hierarchy, Seeds.one_each(sources), limit_ms)
    by_place = nodes[np.argsort(network.hierarchy.topology.place[nodes])]
    for chosen in (nodes, by_place):
        some = shortest_times(network.hierarchy, Seeds.one_each(sources), limit_ms, chosen)
        assert np.array_equal(some, every[:, chosen])


def test_taken_lanes_keep_their_seeds() -> None:
    seeds = Seeds(np.array([0, 2, 2, 3]), np.array([4, 5, 6], np.int32), np.array([7, 8, 9], np.int32))
    taken = seeds.take(np.array([2, 1, 0]))
    assert (len(seeds), taken.first.tolist()) == (3, [0, 1, 1, 3])
    assert (taken.node.tolist(), taken.ms.tolist()) == ([6, 4, 5], [9, 7, 8])


def test_no_node_and_no_lane_give_empty_answers() -> None:
    nothing = RoadNetwork.from_arrays([], [], [], [], [])
    assert nothing.times_from([]).shape == (0, 0)
    lonely = RoadNetwork.from_arrays([], [], [], [0], [0])
    assert lonely.times_from([0]).tolist() == [[0]]
    assert lonely.nearest([[], [0]]).travel_ms.tolist() == [[UNREACHABLE], [0]]
    assert lonely.nearest([]).travel_ms.shape == (0, 1)


@pytest.mark.parametrize("named", ["0", "-1", "two", "1.5", "²"])
def test_a_number_of_threads_that_is_none_is_refused(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BORDERLESS_THREADS", named)
    monkeypatch.setattr(queries, "_LEAST_FOR_THREADS", 0)
    with pytest.raises(BorderlessError, match="BORDERLESS_THREADS"):
        network_of(big_town(11)).times_from([0])
