"""One try at one request: it ends when told so, and tells in plain words how."""

from __future__ import annotations

import _thread
import gc
import http.client
import ssl
import threading
import time

import pytest
import requests
import urllib3

from borderless.fetch import transfer
from borderless.fetch.deadline import Deadline
from borderless.fetch.transfer import OutOfTimeError, Question, Transfer
from fake_server import FAULTS, Reply, serving


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "borderless-transfer"]


@pytest.mark.parametrize("fault", ["", *FAULTS])
def test_a_transfer_that_is_left_early_leaves_no_thread_and_no_socket(fault: str) -> None:
    with serving({"/": lambda _: Reply(b"x" * 3_000_000)}) as server:
        server.always = {"/": fault} if fault else {}
        with Transfer(Question(server.url, None, {}, 30.0), Deadline.after(60)):
            time.sleep(0.05)
        assert threads() == []
    # an open socket would be a warning here, and warnings are errors
    gc.collect()


def test_what_cannot_be_reached_in_time_is_out_of_time() -> None:
    with serving({"/": lambda _: Reply(b"x")}) as server:
        server.always["/"] = "silence"
        with Transfer(Question(server.url, None, {}, 30.0), Deadline.after(0.2)) as under_way:
            with pytest.raises(OutOfTimeError):
                under_way.head()
            with pytest.raises(OutOfTimeError):
                list(under_way.body())


def test_an_interruption_is_heard_while_a_server_is_silent() -> None:
    with serving({"/": lambda _: Reply(b"x")}) as server:
        server.always["/"] = "silence"
        threading.Timer(0.1, _thread.interrupt_main).start()
        began = time.monotonic()
        question = Question(server.url, None, {}, 30.0)
        with pytest.raises(KeyboardInterrupt), Transfer(question, Deadline.after(30)) as under_way:
            under_way.head()
        assert time.monotonic() - began < 10
        assert threads() == []


def test_a_slow_reader_holds_up_the_server_and_not_the_memory() -> None:
    with serving({"/": lambda _: Reply(b"x" * 50_000_000)}) as server:
        with Transfer(Question(server.url, None, {}, 30.0), Deadline.after(60)) as under_way:
            assert under_way.head().status == 200
            time.sleep(0.3)
            waiting = under_way._events.qsize()
        assert waiting <= 32


RESET = urllib3.exceptions.ProtocolError("Aborted", ConnectionResetError(104, "x"))
CUT_OFF = urllib3.exceptions.ProtocolError("broken", urllib3.exceptions.IncompleteRead(10, 5))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (requests.ConnectionError(RESET), "hung up"),
        (CUT_OFF, "broke off after 10 bytes, 5 before the end"),
        (http.client.IncompleteRead(b"abc"), "broke off after 3 bytes"),
        (requests.ReadTimeout(TimeoutError("timed out")), "said nothing for too long"),
        (ValueError(), "broke off (ValueError)"),
        (http.client.BadStatusLine("nonsense"), "broke off (nonsense)"),
    ],
    ids=["reset", "urllib3", "http.client", "timeout", "silent", "nonsense"],
)
def test_failures_are_told_in_plain_words(error: Exception, said: str) -> None:
    assert transfer._said(error) == said


def test_a_secure_address_is_not_left_for_one_that_is_not() -> None:
    response = requests.Response()
    response.status_code, response.url = 302, "https://data.example/a"
    with transfer._Session([], threading.Event()) as session:
        response.headers["location"] = "https://mirror.example/a"
        assert session.get_redirect_target(response) == "https://mirror.example/a"
        response.headers["location"] = "http://mirror.example/a"
        with pytest.raises(requests.exceptions.InvalidSchema, match="not secure"):
            session.get_redirect_target(response)


def test_a_server_that_cannot_prove_who_it_is_is_not_asked_again() -> None:
    inner = ssl.SSLCertVerificationError("self-signed certificate")
    error = requests.exceptions.SSLError(
        urllib3.exceptions.MaxRetryError(None, "/", urllib3.exceptions.SSLError(inner))
    )  # type: ignore[arg-type]
    assert transfer._innermost(error) is inner


def test_a_fault_of_the_program_is_raised_where_the_caller_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object) -> None:
        raise LookupError("a fault")

    monkeypatch.setattr(Transfer, "_converse", fault)
    question = Question("http://127.0.0.1:9", None, {}, 30.0)
    with pytest.raises(LookupError, match="a fault"), Transfer(question, Deadline.after(30)) as under_way:
        under_way.head()
