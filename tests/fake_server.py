"""A server on 127.0.0.1 that answers as told, and goes wrong in the ways that real ones do."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

DRIP_S = 0.02
PAGE = b"<!DOCTYPE html>\n<html><body>The service is being maintained.</body></html>"

#: Ways to go wrong that need no knowledge of what is served.
FAULTS = (
    "429",
    "429 with Retry-After",
    "504",
    "500",
    "403",
    "nothing",
    "web page",
    "cut off",
    "cut off, no length",
    "drip",
    "drip in the headers",
    "silence",
    "reset",
    "garbled gzip",
)


@dataclass(frozen=True)
class Reply:
    """A good answer, and bad ones by the name of the fault.

    Parameters
    ----------
    body
        What is sent.
    kind
        Its content type.
    bad
        Bodies of faults that only this kind of data can have.
    etag, changed
        Marks of this version of the body.
    headers
        More headers.
    status
        200 unless something else is meant.
    """

    body: bytes
    kind: str = "application/json"
    bad: Mapping[str, bytes] = field(default_factory=dict)
    etag: str = ""
    changed: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]


Route = Callable[[Asked], Reply]


class FakeServer(ThreadingHTTPServer):
    """Serves routes; what goes wrong is a list of faults for a path, used up one a request.

    Parameters
    ----------
    routes
        What is served, by the beginning of the path; the longest one counts.
    seed
        For what is random in faults: where a body breaks off, and so on.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, routes: Mapping[str, Route], seed: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.routes = dict(routes)
        self.faults: dict[str, list[str]] = {}
        self.always: dict[str, str] = {}
        self.requests: list[Asked] = []
        self.random = random.Random(seed)
        self.ahead_s = 0
        self.over = threading.Event()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Return the server's address without a slash at the end."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def counts(self) -> Counter[str]:
        """Return how often each path was asked for."""
        return Counter(asked.path for asked in self.requests)

    def take(self, asked: Asked) -> str:
        """Note a request and return the fault that is next for its path; empty: none."""
        with self._lock:
            self.requests.append(asked)
            for path, fault in self.always.items():
                if asked.path.startswith(path):
                    return fault
            for path, faults in self.faults.items():
                if asked.path.startswith(path) and faults:
                    return faults.pop(0)
        return ""

    def route(self, path: str) -> Route | None:
        """Return what serves a path."""
        fitting = [beginning for beginning in self.routes if path.startswith(beginning)]
        return self.routes[max(fitting, key=len)] if fitting else None

    def handle_error(self, *_: Any) -> None:
        """Say nothing when a client hangs up."""


@contextmanager
def serving(routes: Mapping[str, Route], seed: int = 0) -> Iterator[FakeServer]:
    """Run a server while the block runs."""
    server = FakeServer(routes, seed)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeServer

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(time.time() + self.server.ahead_s if timestamp is None else timestamp)

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        self._serve(dict(parse_qsl(self.rfile.read(length).decode())))

    def _serve(self, form: Mapping[str, str]) -> None:
        self.close_connection = True
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(parts.path, dict(parse_qsl(parts.query)), form, headers)
        fault = self.server.take(asked)
        route = self.server.route(parts.path)
        if route is None:
            self._send(Reply(b"not here", "text/plain", status=404))
            return
        reply = route(asked)
        if fault in reply.bad:
            self._send(Reply(reply.bad[fault], reply.kind))
        elif fault:
            self._fail(fault, reply)
        else:
            self._send(reply, headers)

    def _send(self, reply: Reply, headers: Mapping[str, str] | None = None) -> None:
        body, status = reply.body, reply.status
        more = dict(reply.headers)
        if reply.etag:
            more["ETag"] = reply.etag
        if reply.changed:
            more["Last-Modified"] = reply.changed
        begin = _range(headers or {}, reply)
        if begin is not None and begin >= len(body):
            body, status = b"", 416
        elif begin is not None:
            more["Content-Range"] = f"bytes {begin}-{len(body) - 1}/{len(body)}"
            body, status = body[begin:], 206
        self._head(status, reply.kind, len(body), more)
        self.wfile.write(body)

    def _head(self, status: int, kind: str, length: int | None, more: Mapping[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()

    def _fail(self, fault: str, reply: Reply) -> None:
        body, chance = reply.body, self.server.random
        cut = chance.randrange(1, max(2, len(body) - 1))
        marks = {"ETag": reply.etag} if reply.etag else {}
        if fault.startswith(("429", "5", "403")):
            more = {"Retry-After": chance.choice(("0", "1", "120"))} if "Retry-After" in fault else {}
            self._head(int(fault[:3]), "text/plain", 5, more)
            self.wfile.write(b"sorry")
        elif fault == "nothing":
            self._head(200, reply.kind, 0, {})
        elif fault == "web page":
            self._head(200, chance.choice(("text/html", reply.kind)), len(PAGE), {})
            self.wfile.write(PAGE)
        elif fault == "cut off":
            self._head(200, reply.kind, len(body), marks)
            self.wfile.write(body[:cut])
        elif fault == "cut off, no length":
            self._head(200, reply.kind, None, {})
            self.wfile.write(body[:cut])
        elif fault == "drip":
            self._head(200, reply.kind, chance.choice((len(body), None)), {})
            self._drip(body)
        elif fault == "drip in the headers":
            self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 100_000)
        elif fault == "silence":
            self.server.over.wait(60)
        elif fault == "reset":
            if chance.random() < 0.5:
                self._head(200, reply.kind, len(body), marks)
                self.wfile.write(body[:cut])
                self.wfile.flush()
            # closing with nothing to linger for sends a reset
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif fault == "garbled gzip":
            self._head(200, reply.kind, 400, {"Content-Encoding": "gzip"})
            self.wfile.write(chance.randbytes(400))
        else:
            msg = f"no such fault: {fault}"
            raise AssertionError(msg)

    def _drip(self, body: bytes) -> None:
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.over.wait(DRIP_S):
                return


def _range(headers: Mapping[str, str], reply: Reply) -> int | None:
    """Return where a request wants the body to begin; None: all of it."""
    asked = headers.get("range", "")
    if not asked or reply.status != 200 or reply.headers.get("Accept-Ranges") == "none":
        return None
    if headers.get("if-range", reply.etag) not in {reply.etag, reply.changed}:
        return None
    return int(asked.removeprefix("bytes=").removesuffix("-"))
