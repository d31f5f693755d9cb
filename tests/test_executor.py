"""The map keeps the order of parts, uses as many threads as asked for, and passes errors on."""

from __future__ import annotations

import threading

import pytest

from borderless.errors import BorderlessError
from borderless.executor import map_threads, worker_count


@pytest.mark.parametrize("threads", ["1", "2", "7"])
def test_results_come_in_the_order_of_parts(threads: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BORDERLESS_THREADS", threads)
    assert worker_count() == int(threads)
    assert map_threads(lambda part: part * part, range(50)) == [part * part for part in range(50)]
    assert map_threads(lambda part: part, []) == []


def test_parts_run_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BORDERLESS_THREADS", "2")
    # each waits for the other, so one after the other would never end
    meeting = threading.Barrier(2, timeout=20)
    assert sorted(map_threads(lambda _: meeting.wait(), range(2))) == [0, 1]


def test_without_a_word_all_processors_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BORDERLESS_THREADS", raising=False)
    assert worker_count() >= 1


def test_an_error_in_a_part_is_an_error_of_the_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BORDERLESS_THREADS", "2")

    def fail(part: int) -> int:
        if part == 3:
            raise BorderlessError("part 3")
        return part

    with pytest.raises(BorderlessError, match="part 3"):
        map_threads(fail, range(6))
