"""Room begins on lines of the cache, and is used again only when nothing looks at it any more."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from borderless.roads import room
from borderless.roads.network import RoadNetwork
from borderless.roads.room import empty_rows, empty_times
from random_graphs import big_town, network_of, scipy_times


@pytest.fixture(autouse=True)
def keep_small_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_KEPT_BYTES", (1, 1 << 20))
    monkeypatch.setattr(room, "_free", [])


def address(array: np.ndarray) -> int:
    return int(array.ctypes.data)


def test_room_is_used_again_when_it_is_let_go() -> None:
    first = empty_times(10, 1000)
    before = address(first)
    del first
    gc.collect()
    assert address(empty_times(10, 1000)) == before


@pytest.mark.parametrize(
    "look",
    [
        lambda times: times[3:, :5],
        lambda times: times.view(np.int32)[-1:],
        lambda times: times.T.reshape(-1, 10)[::7],
        memoryview,
        lambda times: np.asarray(times[0]),
        lambda times: times.flat,
    ],
)
def test_no_room_is_used_again_while_anything_looks_at_it(look: object) -> None:
    times = empty_times(10, 1000)
    times[:] = 7
    seen = look(times)
    del times
    gc.collect()
    other = empty_times(10, 1000)
    other[:] = 9
    assert (np.asarray(seen).view(np.uint32) == 7).all()


def test_a_result_stands_while_other_results_come_and_go() -> None:
    network: RoadNetwork = network_of(big_town(31))
    exact = scipy_times(network, [0, 1, 2, 3])
    kept = network.times_from([0])
    rows = [network.times_from([source])[0] for source in (1, 2, 3)]
    for _ in range(3):
        network.times_from([500, 600])
    assert np.array_equal(kept[0], exact[0])
    assert np.array_equal(rows, exact[1:])


@pytest.mark.parametrize(("size", "again"), [(500, True), (1000, True), (499, False), (1001, False)])
def test_room_fits_what_it_is_used_for(size: int, again: bool) -> None:
    memory = room._taken(1000)
    room._free[:] = [memory]
    assert (room._taken(size) is memory) == again
    assert room._free == []


def test_little_and_much_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_KEPT_BYTES", (2000, 5000))
    for columns, kept in ((16, False), (700, True), (2000, False)):
        room._free.clear()
        empty_rows(1, columns)
        gc.collect()
        assert bool(room._free) == kept, columns


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (1, 1), (3, 16), (5, 17), (64, 1000)])
def test_rows_for_times_begin_on_a_line_of_the_cache(rows: int, columns: int) -> None:
    room = empty_times(rows, columns)
    assert room.dtype == np.uint32
    assert room.shape[0] == rows
    assert columns <= room.shape[1] < columns + 16
    assert room.flags.c_contiguous
    for row in room:
        assert row.ctypes.data % 64 == 0
