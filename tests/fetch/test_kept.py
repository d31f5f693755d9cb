"""Answers on disk are whole, and only one run writes them at a time."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from borderless.errors import FetchError, OutputError, ProblemLog
from borderless.fetch.deadline import Deadline
from borderless.fetch.http import Client, Request
from borderless.fetch.kept import Place
from fake_server import Reply, serving

URL = "http://data.example/x"


def anything(path: Path) -> None:
    assert path.exists()


def stored(body: bytes = b"body") -> Place:
    place = Place(URL, None)
    with place.locked(Deadline.after(5)) as mine:
        assert mine
        with place.writing(resume=False) as stream:
            stream.write(body)
        place.keep("2026-11-24T12:00:00+00:00", "yesterday")
    return place


@pytest.mark.usefixtures("empty_cache")
def test_what_is_kept_is_read_back_with_all_that_is_known_about_it() -> None:
    answer = stored().read(ProblemLog())
    assert answer is not None
    assert answer.path.read_bytes() == b"body"
    assert (answer.url, answer.size_bytes, answer.changed) == (URL, 4, "yesterday")
    assert answer.from_cache
    assert Place(URL, {"a": "1"}).read(ProblemLog()) is None


@pytest.mark.usefixtures("empty_cache")
def test_another_run_is_waited_for_until_the_deadline_and_no_longer() -> None:
    with serving({"/": lambda _: Reply(b"x")}) as server:
        held = Place(server.url, None)
        with held.locked(Deadline.after(5)) as mine:
            assert mine
            request = Request("numbers", "test", server.url, anything, "use a local file")
            with pytest.raises(FetchError, match="is being asked by another run"):
                Client(Deadline.after(0.2), ProblemLog()).get(request)
        assert server.requests == []
        assert Client(Deadline.after(5), ProblemLog()).get(request).size_bytes == 1


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_refuses_is_an_error_of_output(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    place = Place(URL, None)
    with place.locked(Deadline.after(5)):
        with place.writing(resume=False) as stream:
            stream.write(b"body")
        if step == "replace":
            monkeypatch.setattr(Path, "replace", full)
            with pytest.raises(OutputError, match="No space left"):
                place.keep("", "")
        else:
            monkeypatch.setattr("borderless.fetch.kept.os.fsync", full)
            with pytest.raises(OutputError, match="No space left"), place.writing(resume=False) as stream:
                stream.write(b"body")
        monkeypatch.undo()


@pytest.mark.usefixtures("empty_cache")
def test_a_half_is_only_resumed_with_the_mark_of_its_version() -> None:
    place = Place(URL, None)
    with place.locked(Deadline.after(5)):
        with place.writing(resume=False) as stream:
            stream.write(b"half")
        assert place.half().size_bytes == 0
        place.mark_half('"v1"')
        assert (place.half().size_bytes, place.half().mark) == (4, '"v1"')
        place.mark_half("")
        assert place.half().size_bytes == 0
        place.mark_half('"v1"')
        place.drop_half()
        assert place.half().size_bytes == 0
