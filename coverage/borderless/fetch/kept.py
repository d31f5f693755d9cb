"""Good answers on disk: one file each, with its checksum and date beside it; half ones wait to be resumed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from borderless.cache import cache_folder
from borderless.errors import OutputError, ProblemLog
from borderless.fetch.deadline import Deadline
from borderless.store import sha256_of, write_atomically


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer.

    Parameters
    ----------
    path
        The file it is in.
    url
        Where it came from: the address that was asked, without redirects.
    sha256, size_bytes
        What it is.
    fetched
        When, ISO 8601 in UTC.
    changed
        What the server says about when it last changed, as it says it; empty when it says nothing.
    from_cache
        Whether it was on disk already.
    """

    path: Path
    url: str
    sha256: str
    size_bytes: int
    fetched: str
    changed: str
    from_cache: bool


@dataclass(frozen=True, slots=True)
class Half:
    """Where a download broke off, and the server's mark of the version it belongs to."""

    size_bytes: int
    mark: str


class Place:
    """Where the answer to one request is kept.

    Parameters
    ----------
    url, data
        The request; another request has another place.
    """

    def __init__(self, url: str, data: Mapping[str, str] | None) -> None:
        self._url = url
        asked = json.dumps([url, sorted((data or {}).items())])
        key = hashlib.sha256(asked.encode()).hexdigest()[:40]
        self._folder = cache_folder() / "downloads"
        self._file = self._folder / key
        self._record = self._folder / f"{key}.json"
        self._half_record = self._folder / f"{key}.part.json"
        self.part = self._folder / f"{key}.part"

    @contextmanager
    def locked(self, deadline: Deadline) -> Iterator[bool]:
        """Keep other threads and processes away; yields whether that worked before the deadline."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._folder / f"{self._file.name}.lock")
            lock.acquire(timeout=deadline.left_s())
        except Timeout:
            yield False
            return
        except OSError as error:
            msg = f"{self._folder}: cannot be written to ({error.strerror or error}) → name another folder "
            msg += "for downloads with BORDERLESS_CACHE"
            raise OutputError(msg) from error
        try:
            yield True
        finally:
            lock.release()

    def read(self, log: ProblemLog) -> Answer | None:
        """Return the answer that is kept; a damaged one counts as none and is told of once."""
        if not self._record.exists() and not self._file.exists():
            return None
        try:
            record = json.loads(self._record.read_text(encoding="utf-8"))
            answer = Answer(path=self._file, from_cache=True, **record)
            whole = answer.size_bytes == self._file.stat().st_size and answer.sha256 == sha256_of(self._file)
        except (OSError, ValueError, TypeError):
            whole = False
        if whole:
            return answer
        log.repair("downloads", "a kept answer was damaged", rule="fetch anew", value=self._url)
        self.forget()
        return None

    def keep(self, fetched: str, changed: str) -> Answer:
        """Move the finished part into place, checksum and date beside it."""
        answer = Answer(
            self._file, self._url, sha256_of(self.part), self.part.stat().st_size, fetched, changed, False
        )
        self.forget()
        try:
            self.part.replace(self._file)
        except OSError as error:
            msg = f"{self._file}: could not be written ({error.strerror or error}) → check the folder"
            raise OutputError(msg) from error
        self._half_record.unlink(missing_ok=True)
        record = {key: value for key, value in asdict(answer).items() if key not in {"path", "from_cache"}}
        write_atomically(self._record, json.dumps(record).encode())
        return answer

    def forget(self) -> None:
        """Remove what is kept."""
        for path in (self._record, self._file):
            with suppress(OSError):
                if path.is_dir():
                    shutil.rmtree(path)
                path.unlink(missing_ok=True)

    def half(self) -> Half:
        """Return what an earlier try left; nothing when it cannot be told which version it belongs to."""
        try:
            mark = json.loads(self._half_record.read_text(encoding="utf-8"))["mark"]
            return Half(self.part.stat().st_size, mark) if isinstance(mark, str) else Half(0, "")
        except (OSError, ValueError, KeyError, TypeError):
            return Half(0, "")

    def mark_half(self, mark: str) -> None:
        """Note the version of a part, so that it can be resumed; without a mark it cannot."""
        if mark:
            write_atomically(self._half_record, json.dumps({"mark": mark}).encode())
        else:
            self._half_record.unlink(missing_ok=True)

    def drop_half(self) -> None:
        """Remove a part and its mark."""
        self._half_record.unlink(missing_ok=True)
        self.part.unlink(missing_ok=True)

    @contextmanager
    def writing(self, *, resume: bool) -> Iterator[Any]:
        """Open the part to write to it, and put it on disk whole."""
        try:
            with self.part.open("ab" if resume else "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            msg = f"{self.part}: could not be written ({error.strerror or error}) → check space"
            raise OutputError(msg) from error
