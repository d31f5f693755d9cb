"""One try at one request, in a thread that can be left behind: servers decide nothing about our time."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, IncompleteRead
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from borderless.fetch.deadline import Deadline

_CHUNK_BYTES = 1 << 16
_QUEUED_CHUNKS = 32
_CONNECT_S = 15.0
_LEAVE_S = 0.2
_LOOK_S = 0.5
_REDIRECTS = 5
_CANNOT_BE_ASKED = (
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.TooManyRedirects,
)
# From the narrowest kind to the widest.
_REASONS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (
        (urllib3.exceptions.NameResolutionError, socket.gaierror),
        "has no address (is this machine on the network?)",
    ),
    ((ConnectionRefusedError, urllib3.exceptions.NewConnectionError), "refused the connection"),
    ((urllib3.exceptions.TimeoutError, TimeoutError), "said nothing for too long"),
    ((ConnectionError,), "hung up"),
    ((zlib.error,), "sent compressed data that are damaged"),
)


class OutOfTimeError(Exception):
    """The deadline passed."""


class BrokenError(Exception):
    """The connection failed or broke off; another try may work."""


class RefusedError(Exception):
    """The request cannot work, however often it is made."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is sent.

    Parameters
    ----------
    url
        ``http`` or ``https``.
    data
        Form fields of a POST; None for a GET.
    headers
        Sent as they are.
    silence_s
        How long the server may say nothing at all, s.
    """

    url: str
    data: Mapping[str, str] | None
    headers: Mapping[str, str]
    silence_s: float


@dataclass(frozen=True, slots=True)
class Head:
    """What came before the body: the status, headers by lower-case name, and who answered at last."""

    status: int
    reason: str
    headers: Mapping[str, str]
    url: str


class Transfer:
    """A request under way.

    A thread of its own looks up the name, connects and reads; what it reads comes through a short queue.
    So neither a name server nor a byte every second can hold the caller beyond the deadline.
    """

    def __init__(self, question: Question, deadline: Deadline) -> None:
        self._question = question
        self._deadline = deadline
        self._events: queue.Queue[Head | bytes | Exception | None] = queue.Queue(_QUEUED_CHUNKS)
        self._stopped = threading.Event()
        self._connections: list[Any] = []
        self._thread = threading.Thread(target=self._run, daemon=True, name="borderless-transfer")

    def __enter__(self) -> Transfer:
        """Send the request."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up, finished or not."""
        self._stopped.set()
        for connection in tuple(self._connections):
            # Shutting the socket down wakes a thread that waits for it; the thread closes it. Within a secure
            # proxy there is no plain socket: then the thread ends when the server falls silent.
            if connection.sock is not None:
                with suppress(OSError, TypeError):
                    socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
        self._thread.join(_LEAVE_S)

    def head(self) -> Head:
        """Return status and headers.

        Raises
        ------
        OutOfTimeError, BrokenError, RefusedError
            When there is none.
        """
        event = self._next()
        if not isinstance(event, Head):
            raise BrokenError("sent nothing")
        return event

    def body(self) -> Iterator[bytes]:
        """Yield the body, decoded; it ends where the server ended it.

        Raises
        ------
        OutOfTimeError, BrokenError
            When it breaks off; what came before it was yielded.
        """
        while (event := self._next()) is not None:
            if isinstance(event, bytes):
                yield event

    def _next(self) -> Head | bytes | None:
        # in short waits, because on some systems nobody can interrupt a long one
        while (left_s := self._deadline.left_s()) > 0:
            with suppress(queue.Empty):
                event = self._events.get(timeout=min(left_s, _LOOK_S))
                break
        else:
            raise OutOfTimeError
        if isinstance(event, Exception):
            raise event
        return event

    def _run(self) -> None:
        try:
            with _Session(self._connections, self._stopped) as session:
                self._converse(session)
        except _CANNOT_BE_ASKED as error:
            self._tell(RefusedError(f"cannot be asked: {error}"))
        except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException) as error:
            if isinstance(_innermost(error), ssl.SSLCertVerificationError):
                self._tell(RefusedError(f"cannot prove who it is ({_innermost(error)})"))
            self._tell(BrokenError(_said(error)))
        # A socket that is shut down under a reading thread fails in ways of its own.
        except (OSError, ValueError, AttributeError) as error:
            self._tell(BrokenError(_said(error)))
        # Anything else is a fault of the program; it is raised where the caller waits.
        except Exception as error:  # noqa: BLE001
            self._tell(error)

    def _converse(self, session: _Session) -> None:
        question = self._question
        silence_s = min(question.silence_s, self._deadline.left_s() + 1)
        with session.request(
            "GET" if question.data is None else "POST",
            question.url,
            data=question.data,
            headers=dict(question.headers),
            stream=True,
            timeout=(min(_CONNECT_S, silence_s), silence_s),
        ) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            self._tell(Head(response.status_code, response.reason or "", headers, str(response.url)))
            raw = response.raw
            while not self._stopped.is_set() and (chunk := raw.read1(_CHUNK_BYTES, decode_content=True)):
                self._tell(chunk)
            promised = headers.get("content-length", "")
            if promised.isdigit() and "transfer-encoding" not in headers and raw.tell() != int(promised):
                self._tell(BrokenError(f"broke off after {raw.tell():,} of {int(promised):,} bytes"))
        self._tell(None)

    def _tell(self, event: Head | bytes | Exception | None) -> None:
        while not self._stopped.is_set():
            with suppress(queue.Full):
                self._events.put(event, timeout=0.1)
                return


class _Session(requests.Session):
    """A session for one try: it knows its connections, and no redirect leads away from the web."""

    def __init__(self, connections: list[Any], stopped: threading.Event) -> None:
        super().__init__()
        self.max_redirects = _REDIRECTS
        adapter = _Adapter(connections, stopped)
        self.adapters.clear()
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where a redirect leads, unless from a secure address to one that is not."""
        target = super().get_redirect_target(resp)
        if target and resp.url.startswith("https:") and urlsplit(target).scheme == "http":
            msg = f"was sent on from {resp.url} to an address that is not secure"
            raise requests.exceptions.InvalidSchema(msg)
        return target


class _Adapter(HTTPAdapter):
    """Passes every connection it makes to a list, so that they can be cut off from another thread."""

    def __init__(self, connections: list[Any], stopped: threading.Event) -> None:
        self._pools = {
            "http": _noting(urllib3.HTTPConnectionPool, connections, stopped),
            "https": _noting(urllib3.HTTPSConnectionPool, connections, stopped),
        }
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools for direct connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Return the pools for connections through a proxy."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _noting(pool: type[Any], connections: list[Any], stopped: threading.Event) -> type[Any]:
    class Connection(pool.ConnectionCls):  # type: ignore[misc, name-defined]
        def connect(self) -> None:
            connections.append(self)
            super().connect()
            if stopped.is_set():
                self.close()
                raise ConnectionAbortedError

    return type(pool.__name__, (pool,), {"ConnectionCls": Connection})


def _said(error: BaseException) -> str:
    """Return the innermost reason in plain words, without object addresses."""
    reason = _innermost(error)
    if isinstance(reason, IncompleteRead):
        # urllib3's own kind counts what it has, http.client's keeps it
        partial: Any = reason.partial
        got = partial if isinstance(partial, int) else len(partial)
        rest = f", {reason.expected:,} before the end" if reason.expected else ""
        return f"broke off after {got:,} bytes{rest}"
    known = (text for kinds, text in _REASONS if isinstance(reason, kinds))
    return next(known, f"broke off ({str(reason) or type(reason).__name__})")


def _innermost(error: BaseException) -> BaseException:
    # requests and urllib3 wrap errors in each other, as `reason` or among the arguments
    inside = [getattr(error, "reason", None), *error.args[::-1]]
    wrapped = next((one for one in inside if isinstance(one, BaseException)), None)
    return error if wrapped is None else _innermost(wrapped)
