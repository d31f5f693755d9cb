"""The map keeps order, uses as many threads as asked for, passes errors on, and never runs far ahead."""

from __future__ import annotations

import threading

import pytest

from borderless.errors import BorderlessError
from borderless.executor import map_parts, map_threads, worker_count


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


@pytest.mark.parametrize("threads", ["1", "2"])
def test_only_a_few_parts_are_begun_before_their_results_are_taken(
    threads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BORDERLESS_THREADS", threads)
    begun: list[int] = []
    results = map_parts(lambda part: begun.append(part) or part, iter(range(1000)))
    for taken, result in enumerate(results):
        assert result == taken
        assert len(begun) <= taken + 6
    assert sorted(begun) == list(range(1000))


def test_who_stops_taking_results_starts_no_more_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BORDERLESS_THREADS", "2")
    begun: list[int] = []
    results = map_parts(begun.append, range(1000))
    next(results)
    results.close()
    count = len(begun)
    assert count <= 6
    assert [thread for thread in threading.enumerate() if "ThreadPool" in thread.name] == []
    assert len(begun) == count


def test_an_interruption_is_passed_on_and_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BORDERLESS_THREADS", "2")

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(map_parts(lambda part: part, range(1000), on_done=interrupt))
    assert [thread for thread in threading.enumerate() if "ThreadPool" in thread.name] == []


def test_progress_is_told_once_for_each_part_in_the_thread_that_takes_them() -> None:
    threads = []
    assert len(list(map_parts(abs, range(20), on_done=lambda: threads.append(threading.get_ident())))) == 20
    assert threads == [threading.get_ident()] * 20


def test_a_map_inside_a_part_runs_in_that_parts_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BORDERLESS_THREADS", "2")

    def inside(_: int) -> set[int]:
        return {threading.get_ident(), *map_threads(lambda _: threading.get_ident(), range(8))}

    assert [len(found) for found in map_threads(inside, range(8))] == [1] * 8
