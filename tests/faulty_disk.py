"""A disk that fails or kills at a chosen moment: every write, flush and move of the writer is a moment."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class Moments:
    """Counts what is done to the disk, and does something else instead at one moment.

    Parameters
    ----------
    at
        The moment, counted from 0; none when it never comes.
    number
        The errno that the disk answers with; none kills the process instead.
    for_good
        Whether every moment from then on fails.
    """

    def __init__(self, at: int | None, number: int | None = None, *, for_good: bool = False) -> None:
        self.at, self.number, self.for_good = at, number, for_good
        self.seen: list[str] = []

    def come(self, what: str) -> None:
        """Let a moment come; of a write, one comes before and one when half of it is done."""
        now = len(self.seen)
        self.seen.append(what)
        if self.at is None or now < self.at or (now > self.at and not self.for_good):
            return
        if self.number is None:
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(self.number, os.strerror(self.number or 0))


@contextmanager
def faulty_disk(moments: Moments) -> Iterator[None]:
    """Put the moments between the writer and the disk."""
    real_open, real_fsync = Path.open, os.fsync

    class File(io.FileIO):
        def write(self, content: Any) -> int:
            moments.come("write")
            whole = memoryview(content)
            done = super().write(whole[: len(whole) // 2])
            moments.come("write half")
            return done + super().write(whole[done:])

    def opened(path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        if mode != "xb":
            return real_open(path, mode, *more, **named)
        moments.come("open")
        return io.BufferedWriter(File(path, mode))

    def fsync(handle: int) -> None:
        moments.come("fsync")
        real_fsync(handle)

    def moved(name: str) -> Any:
        move = getattr(Path, name)

        def run(path: Path, *more: Any, **named: Any) -> Any:
            moments.come(name)
            return move(path, *more, **named)

        return run

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", opened)
        patch.setattr("os.fsync", fsync)
        for name in ("rename", "replace", "unlink", "mkdir", "touch"):
            patch.setattr(Path, name, moved(name))
        yield
