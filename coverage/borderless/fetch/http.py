"""The one client: a few tries, one deadline, and only good answers are kept."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from borderless.errors import FetchError, ProblemLog
from borderless.fetch.deadline import Deadline
from borderless.fetch.kept import Answer, Half, Place
from borderless.fetch.transfer import BrokenError, Head, OutOfTimeError, Question, RefusedError, Transfer

#: Told a name, the bytes so far and, where known, the bytes there will be.
Progress = Callable[[str, int, int | None], None]

MAX_TRIES = 5
_LONGEST_WAIT_S = 60.0
_SPREAD_S = 0.1
_LONGEST_TEXT = 400
# What may pass by itself; every other refusal stays one.
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_PAGE = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<(!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)


class BadAnswerError(Exception):
    """An answer that arrived and is not what was asked for; another try may bring a better one."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted from a server.

    Parameters
    ----------
    what
        In a few words, for messages and progress bars.
    endpoint
        The endpoint it belongs to, for the record of sources.
    url, data
        The address; form fields make it a POST.
    check
        Reads the file and raises :class:`BadAnswerError` unless it is what was asked for.
    remedy
        What to do when it cannot be had.
    limit_bytes
        More than this is refused.
    silence_s
        How long the server may say nothing at all, s.
    first_wait_s
        The longest wait before the second try, s; it doubles with each further one.
    resumable
        Whether a broken download is continued where it stopped.
    sized
        Whether the server must say where the answer ends, because the file itself does not.
    fresh
        Whether it is asked for anew every time.
    """

    what: str
    endpoint: str
    url: str
    check: Callable[[Path], None]
    remedy: str
    data: Mapping[str, str] | None = None
    limit_bytes: int = 500_000_000
    silence_s: float = 30.0
    first_wait_s: float = 1.0
    resumable: bool = False
    sized: bool = False
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """A good answer, what it is, and the endpoint it came from."""

    endpoint: str
    what: str
    answer: Answer


@dataclass(frozen=True)
class Client:
    """Asks servers, patiently and not for ever.

    Parameters
    ----------
    deadline
        When everything must be over.
    log
        Takes notices of what was repaired.
    taken
        Takes the good answers, with the endpoint and what they are: the record of sources.
    progress
        Told how far a download is.
    refresh
        Whether answers that are kept are asked for anew.
    tries
        How often one request is made at most.
    chance
        Spreads the waits, so that many clients do not come back at once.
    sleep
        Waits, s.
    """

    deadline: Deadline
    log: ProblemLog
    taken: list[Taken] = field(default_factory=list)
    progress: Progress = lambda *_: None
    refresh: bool = False
    tries: int = MAX_TRIES
    chance: random.Random = field(default_factory=random.Random)
    sleep: Callable[[float], None] = time.sleep

    def get(self, request: Request) -> Answer:
        """Return a good answer, from disk where one is kept.

        Parameters
        ----------
        request
            What is wanted.

        Returns
        -------
        Answer

        Raises
        ------
        FetchError
            When there is none after all tries, the server refuses, or the deadline passes.
        OutputError
            When the disk refuses.
        """
        place = Place(request.url, request.data)
        with place.locked(self.deadline) as mine:
            if not mine:
                raise self._failure(request, "is being asked by another run, which did not finish in time", 0)
            answer = None if self.refresh or request.fresh else place.read(self.log)
            if answer is None:
                answer = self._fetch(request, place)
        self.taken.append(Taken(request.endpoint, request.what, answer))
        return answer

    def _fetch(self, request: Request, place: Place) -> Answer:
        try:
            head = self._ask(request, place)
        except BaseException:
            if not request.resumable:
                place.drop_half()
            raise
        return place.keep(_now().isoformat(timespec="seconds"), head.headers.get("last-modified", ""))

    def _ask(self, request: Request, place: Place) -> Head:
        began_s, why = self.deadline.clock(), ""
        for attempt in range(1, self.tries + 1):
            try:
                return self._try(request, place)
            except OutOfTimeError:
                late = f"was not done after {self.deadline.allowed_s:g} s, which is all the time there was"
                before = f" (before that: {why})" if why else ""
                raise self._failure(request, late + before, began_s, attempt) from None
            except RefusedError as error:
                raise self._failure(request, str(error), began_s, attempt) from error
            except (BrokenError, BadAnswerError, _PatienceError) as error:
                why = str(error)
                wait_s = self._wait_s(request, attempt, error)
            if attempt < self.tries:
                if wait_s >= self.deadline.left_s():
                    why += f"; the next try would be due in {wait_s:,.0f} s, after all the time there is"
                    raise self._failure(request, why, began_s, attempt)
                self.sleep(wait_s)
        raise self._failure(request, why, began_s, self.tries)

    def _try(self, request: Request, place: Place) -> Head:
        half = place.half() if request.resumable else Half(0, "")
        headers = {
            "User-Agent": f"borderless-coverage/{version('borderless-coverage')}",
            # Ranges count the bytes as they are sent, so a file that may be resumed is sent as it is.
            "Accept-Encoding": "identity" if request.resumable else "gzip",
            **({"Range": f"bytes={half.size_bytes}-", "If-Range": half.mark} if half.size_bytes else {}),
        }
        question = Question(request.url, request.data, headers, request.silence_s)
        try:
            with Transfer(question, self.deadline) as transfer:
                head = transfer.head()
                begin = half.size_bytes if _continues(head, half) else 0
                total = _total(head, begin)
                _check_length(head, total, request)
                place.mark_half(_mark(head) if request.resumable else "")
                self._take(transfer, request, place, total, begin)
            _refuse_page(place.part)
            request.check(place.part)
        except BadAnswerError:
            place.drop_half()
            raise
        return head

    def _take(
        self, transfer: Transfer, request: Request, place: Place, total: int | None, begin: int
    ) -> None:
        done = begin
        with place.writing(resume=begin > 0) as stream:
            self.progress(request.what, done, total)
            for chunk in transfer.body():
                done += len(chunk)
                if done > request.limit_bytes:
                    place.drop_half()
                    raise RefusedError(f"sent more than the limit of {request.limit_bytes / 1e6:,.0f} MB")
                stream.write(chunk)
                self.progress(request.what, done, total)

    def _wait_s(self, request: Request, attempt: int, error: Exception) -> float:
        """Return how long to wait: as the server asks, else twice as long each time, spread at random."""
        asked_s = error.retry_after_s if isinstance(error, _PatienceError) else None
        if asked_s is not None:
            return asked_s + self.chance.uniform(0, _SPREAD_S)
        return self.chance.uniform(0, min(_LONGEST_WAIT_S, request.first_wait_s * 2 ** (attempt - 1)))

    def _failure(self, request: Request, why: str, began_s: float, asked: int = 0) -> FetchError:
        took_s = self.deadline.clock() - began_s
        times = "once" if asked == 1 else f"{asked} times"
        often = f"; asked {times} in {took_s:,.1f} s" if asked else ""
        return FetchError(request.what, urlsplit(request.url).netloc, _plain(why) + often, request.remedy)


class _PatienceError(Exception):
    """The server has no answer now; it may say when to come back."""

    def __init__(self, why: str, retry_after_s: float | None) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s


def _continues(head: Head, half: Half) -> bool:
    """Return whether the body continues `half`; False: it is whole. Anything else is no body to take."""
    if head.status == 200:
        return False
    if head.status == 206 and half.size_bytes:
        if _mark(head) not in {"", half.mark}:
            raise BadAnswerError("continued another version of the file")
        begins = re.match(r"bytes (\d+)-\d+/", head.headers.get("content-range", ""))
        if begins and int(begins[1]) == half.size_bytes:
            return True
        raise BadAnswerError("continued the file in the wrong place")
    if head.status == 416 and half.size_bytes:
        raise BadAnswerError("does not have the rest of the file")
    why = f"answered {head.status} {head.reason}".rstrip()
    if head.status not in _TRANSIENT:
        raise RefusedError(why)
    raise _PatienceError(why, _retry_after_s(head))


def _check_length(head: Head, total: int | None, request: Request) -> None:
    if total is not None and total > request.limit_bytes:
        raise RefusedError(
            f"would send {total / 1e6:,.0f} MB; more than the limit of {request.limit_bytes / 1e6:,.0f}"
        )
    chunked = "chunked" in head.headers.get("transfer-encoding", "")
    if request.sized and total is None and not chunked:
        raise BadAnswerError("does not say where its answer ends")


def _retry_after_s(head: Head) -> float | None:
    text = head.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        # By the server's own clock, where it tells the time.
        now = parsedate_to_datetime(head.headers["date"]) if "date" in head.headers else _now()
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _total(head: Head, begin: int) -> int | None:
    """Return how long the whole file is, where the server says so and sends it as it is."""
    length = head.headers.get("content-length", "")
    if head.headers.get("content-encoding", "identity") != "identity" or not length.isdigit():
        return None
    return begin + int(length)


def _mark(head: Head) -> str:
    """Return what tells this version of a file from others: a strong ETag, else the date of change."""
    if head.headers.get("content-encoding", "identity") != "identity":
        return ""
    tag = head.headers.get("etag", "")
    return tag if tag.startswith('"') else head.headers.get("last-modified", "")


def _refuse_page(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(2048)
    if not start:
        raise BadAnswerError("sent an empty answer")
    if _PAGE.match(start):
        raise BadAnswerError("sent a web page instead of data")


def _plain(text: str) -> str:
    """Return what a server said without what a terminal would act on, and not at any length."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return printable if len(printable) <= _LONGEST_TEXT else f"{printable[:_LONGEST_TEXT]}…"


def _now() -> datetime:
    return datetime.now(UTC)
