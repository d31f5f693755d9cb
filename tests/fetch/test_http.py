"""The client keeps only good answers, asks a few times, and is done by its deadline."""

from __future__ import annotations

import gzip
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from borderless.errors import FetchError, OutputError, ProblemLog
from borderless.fetch.deadline import Deadline
from borderless.fetch.http import BadAnswerError, Client, Request
from fake_server import FAULTS, FakeServer, Reply, serving

pytestmark = pytest.mark.usefixtures("empty_cache")

BODY = json.dumps({"numbers": list(range(3000))}).encode()
GOOD = Reply(BODY, etag='"v1"', changed="Tue, 03 Nov 2026 10:00:00 GMT")


def whole(path: Path) -> None:
    try:
        assert len(json.loads(path.read_bytes())["numbers"]) == 3000
    except ValueError as error:
        raise BadAnswerError("sent something else") from error


def client(deadline_s: float = 5.0, seed: int = 0, **more: object) -> Client:
    waits = {"sleep": lambda _: None, **more}
    return Client(Deadline.after(deadline_s), ProblemLog(), chance=random.Random(seed), **waits)  # type: ignore[arg-type]


def request(server: FakeServer, path: str = "/data", **more: object) -> Request:
    return Request("numbers", "test", server.url + path, whole, "use a local file", **more)  # type: ignore[arg-type]


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with serving({"/": lambda _: GOOD}) as running:
        yield running


def kept(cache: Path) -> list[str]:
    """Return the files of answers in the cache, without locks."""
    folder = cache / "downloads"
    return sorted(p.name for p in folder.iterdir() if p.suffix != ".lock") if folder.exists() else []


def test_a_good_answer_is_fetched_once_and_kept_with_its_checksum_and_dates(
    server: FakeServer, empty_cache: Path
) -> None:
    first = client().get(request(server))
    again = client().get(request(server))
    assert first.path.read_bytes() == again.path.read_bytes() == BODY
    assert (first.from_cache, again.from_cache) == (False, True)
    assert replace(again, from_cache=False) == first
    assert first.size_bytes == len(BODY)
    assert first.changed == GOOD.changed
    assert abs(datetime.fromisoformat(first.fetched) - datetime.now(UTC)) < timedelta(hours=1)
    assert server.counts() == {"/data": 1}
    assert len(kept(empty_cache)) == 2


def test_other_queries_and_forms_are_other_answers(server: FakeServer) -> None:
    for query, data in (("?a=1", None), ("?a=2", None), ("", {"a": "1"}), ("", {"a": "2"})):
        client().get(request(server, "/data" + query, data=data))
    assert len(server.requests) == 4


def test_refresh_and_fresh_ask_again(server: FakeServer) -> None:
    client().get(request(server))
    client(refresh=True).get(request(server))
    client().get(request(server, fresh=True))
    assert server.counts() == {"/data": 3}


def test_runs_at_the_same_time_ask_once(server: FakeServer) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: client().get(request(server)), range(6)))
    assert sum(not answer.from_cache for answer in answers) == 1
    assert server.counts() == {"/data": 1}


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in {"403", "silence"}])
def test_two_bad_answers_and_a_good_one_are_a_success(fault: str, server: FakeServer) -> None:
    drips = {"drip": "reset", "drip in the headers": "reset"}
    server.faults["/data"] = [drips.get(fault, fault)] * 2
    assert client(300.0).get(request(server)).path.read_bytes() == BODY
    assert server.counts() == {"/data": 3}


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if "drip" not in fault and fault != "silence"])
@pytest.mark.parametrize("resumable", [False, True])
def test_a_server_that_stays_bad_is_asked_five_times_and_nothing_is_kept(
    fault: str, resumable: bool, server: FakeServer, empty_cache: Path
) -> None:
    server.always["/data"] = fault
    with pytest.raises(FetchError, match="use a local file") as caught:
        client(10_000.0).get(request(server, resumable=resumable))
    tries = 1 if fault == "403" else 5
    assert server.counts() == {"/data": tries}
    assert f"127.0.0.1:{server.server_address[1]}" in str(caught.value)
    assert ("once" if tries == 1 else "5 times") in str(caught.value)
    if fault[:3].isdigit():
        assert f"answered {fault[:3]}" in str(caught.value)
    assert all(".part" in name for name in kept(empty_cache))
    assert resumable or kept(empty_cache) == []


@pytest.mark.parametrize("fault", ["drip", "drip in the headers", "silence"])
def test_no_server_holds_the_client_beyond_its_deadline(
    fault: str, server: FakeServer, empty_cache: Path
) -> None:
    server.always["/data"] = fault
    began = time.monotonic()
    with pytest.raises(FetchError, match=r"all the time there was.*use a local file"):
        client(0.5).get(request(server))
    assert 0.45 < time.monotonic() - began < 1.5
    assert kept(empty_cache) == []
    names = [thread.name for thread in threading.enumerate()]
    assert "borderless-transfer" not in names


def test_a_server_that_says_nothing_is_asked_again(server: FakeServer) -> None:
    server.faults["/data"] = ["silence"]
    assert client(30.0).get(request(server, silence_s=0.2)).size_bytes == len(BODY)


def test_a_port_where_nobody_listens_is_named(empty_cache: Path) -> None:
    with serving({}) as gone:
        url = gone.url
    with pytest.raises(FetchError, match="refused the connection; asked 5 times"):
        client().get(Request("numbers", "test", url, whole, "use a local file"))
    assert kept(empty_cache) == []


def test_waits_grow_and_are_spread(server: FakeServer) -> None:
    server.always["/data"] = "500"
    waits: list[list[float]] = []
    for seed in range(30):
        waits.append([])
        with pytest.raises(FetchError):
            client(10_000.0, seed, sleep=waits[-1].append).get(request(server))
    longest = [max(wait[i] for wait in waits) for i in range(4)]
    assert all(len(wait) == 4 for wait in waits)
    assert longest == sorted(longest)
    assert 0.8 < longest[0] <= 1
    assert 6 < longest[3] <= 8
    assert min(wait[3] for wait in waits) < 2


@pytest.mark.parametrize("ahead_s", [None, 0, 86_400])
def test_retry_after_is_honoured_in_seconds_and_as_a_date_by_the_servers_own_clock(
    ahead_s: int | None, server: FakeServer
) -> None:
    then = datetime.now(UTC) + timedelta(seconds=(ahead_s or 0) + 30)
    after = "30" if ahead_s is None else format_datetime(then, usegmt=True)
    replies = [Reply(b"later", status=503, headers={"Retry-After": after}), GOOD]
    server.routes["/data"] = lambda _: replies.pop(0)
    server.ahead_s = ahead_s or 0
    waits: list[float] = []
    client(300.0, sleep=waits.append).get(request(server))
    assert len(waits) == 1
    assert 27 < waits[0] < 31


@pytest.mark.parametrize("after", ["soon", "-5", "Tue, 99 Nov 2026 10:00:00 GMT", "٣"])
def test_a_retry_after_without_sense_is_not_waited_for(after: str, server: FakeServer) -> None:
    headers = {"Retry-After": after.encode().decode("latin-1")}
    replies = [Reply(b"later", status=429, headers=headers), GOOD]
    server.routes["/data"] = lambda _: replies.pop(0)
    waits: list[float] = []
    client(300.0, sleep=waits.append).get(request(server))
    assert waits[0] <= 1


def test_a_wait_that_ends_after_the_deadline_is_not_begun(server: FakeServer) -> None:
    server.routes["/data"] = lambda _: Reply(b"", status=429, headers={"Retry-After": "3600"})
    waits: list[float] = []
    with pytest.raises(FetchError, match=r"answered 429.*due in 3,600 s, after all the time there is"):
        client(60.0, sleep=waits.append).get(request(server))
    assert waits == []


@pytest.mark.parametrize("fault", ["cut off", "reset"])
@pytest.mark.parametrize("seed", range(5))
def test_a_broken_download_goes_on_where_it_stopped(fault: str, seed: int) -> None:
    with serving({"/": lambda _: GOOD}, seed) as server:
        server.faults["/data"] = [fault]
        answer = client().get(request(server, resumable=True))
        begins = [asked.headers.get("range", "") for asked in server.requests]
    assert answer.path.read_bytes() == BODY
    # a connection that breaks off before the headers leaves nothing to go on from
    assert begins[0] == ""
    assert fault == "reset" or begins[1].startswith("bytes=")
    assert all(asked.headers["if-range"] == '"v1"' for asked in server.requests if "range" in asked.headers)


def test_a_download_is_resumed_by_the_next_run(server: FakeServer, empty_cache: Path) -> None:
    server.faults["/data"] = ["cut off"]
    with pytest.raises(FetchError, match="broke off"):
        client(tries=1).get(request(server, resumable=True))
    half = next((empty_cache / "downloads").glob("*.part")).stat().st_size
    assert client().get(request(server, resumable=True)).path.read_bytes() == BODY
    assert server.requests[1].headers["range"] == f"bytes={half}-"
    assert not [name for name in kept(empty_cache) if ".part" in name]


NEWER = json.dumps({"numbers": [7] * 3000}).encode()


@pytest.mark.parametrize(
    "then",
    [
        Reply(NEWER, etag='"v2"'),
        replace(GOOD, headers={"Accept-Ranges": "none"}),
        Reply(b"", etag='"v1"', status=416),
        Reply(BODY, etag='"v1"', status=206, headers={"Content-Range": "bytes 5-10/11"}),
        Reply(BODY, etag='"v1"', status=206),
        Reply(NEWER, etag='"v2"', status=206, headers={"Content-Range": "bytes 5-10/11"}),
    ],
    ids=["a newer version", "no ranges", "nothing left", "the wrong place", "no place", "another version"],
)
def test_what_cannot_be_resumed_starts_over(then: Reply, server: FakeServer) -> None:
    server.faults["/data"] = ["cut off"]
    replies = [GOOD, then]
    server.routes["/data"] = lambda _: replies.pop(0) if replies else GOOD
    answer = client().get(request(server, resumable=True))
    assert answer.path.read_bytes() == (NEWER if then.etag == '"v2"' and then.status == 200 else BODY)


@pytest.mark.parametrize("etag", ["", 'W/"v1"'])
def test_a_half_without_a_mark_of_its_version_is_not_resumed(etag: str, server: FakeServer) -> None:
    server.routes["/data"] = lambda _: Reply(BODY, etag=etag)
    server.faults["/data"] = ["cut off"]
    client().get(request(server, resumable=True))
    assert "range" not in server.requests[1].headers


def test_a_resumed_file_that_fails_its_check_starts_over(server: FakeServer) -> None:
    half = Reply(b"x" * len(BODY), etag='"v1"')
    replies = [half, GOOD]
    server.faults["/data"] = ["cut off"]
    server.routes["/data"] = lambda _: replies.pop(0) if replies else GOOD
    assert client().get(request(server, resumable=True)).path.read_bytes() == BODY
    assert len(server.requests) == 3


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def into_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-10]),
    "empty": lambda path: path.write_bytes(b""),
    "{}": lambda path: path.write_text("{}"),
    "one bit": flip,
    "gone": lambda path: path.unlink(),
    "a folder": into_folder,
}


@pytest.mark.parametrize("which", ["answer", "record"])
@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_answer_is_fetched_anew_with_one_warning(which: str, how: str, server: FakeServer) -> None:
    path = client().get(request(server)).path
    DAMAGE[how](path if which == "answer" else path.with_name(path.name + ".json"))
    mending = client()
    assert mending.get(request(server)).path.read_bytes() == BODY
    assert len(list(mending.log)) == 1
    healed = client()
    assert healed.get(request(server)).from_cache
    assert not list(healed.log)
    assert server.counts() == {"/data": 2}


def test_more_than_the_limit_is_refused_with_and_without_a_length(server: FakeServer) -> None:
    with pytest.raises(FetchError, match="would send"):
        client().get(request(server, limit_bytes=1000))
    server.routes["/data"] = lambda _: Reply(
        gzip.compress(bytes(10_000_000)), headers={"Content-Encoding": "gzip"}
    )
    with pytest.raises(FetchError, match="sent more than the limit of 1 MB"):
        client().get(request(server, limit_bytes=1_000_000))


def test_gzip_is_unpacked(server: FakeServer) -> None:
    server.routes["/data"] = lambda _: Reply(gzip.compress(BODY), headers={"Content-Encoding": "gzip"})
    assert client().get(request(server)).path.read_bytes() == BODY


def test_a_file_without_an_end_of_its_own_must_have_a_length(server: FakeServer) -> None:
    server.always["/data"] = "cut off, no length"
    with pytest.raises(FetchError, match="does not say where its answer ends"):
        client().get(request(server, sized=True))


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("file:///etc/passwd", "cannot be asked"),
        ("ftp://127.0.0.1/x", "cannot be asked"),
        ("/data", "30 redirects|5 redirects"),
    ],
)
def test_redirects_lead_to_the_web_and_not_in_circles(target: str, why: str, server: FakeServer) -> None:
    server.routes["/data"] = lambda _: Reply(b"", status=302, headers={"Location": target})
    with pytest.raises(FetchError, match=why):
        client().get(request(server))


def test_what_a_server_says_cannot_act_on_the_terminal(server: FakeServer) -> None:
    def check(_: Path) -> None:
        raise BadAnswerError("said \x1b[31mred\x1b[0m\r\n" + "x" * 1000)

    with pytest.raises(FetchError) as caught:
        client().get(replace(request(server), check=check))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


def test_a_redirect_is_followed(server: FakeServer) -> None:
    server.routes["/old"] = lambda _: Reply(b"", status=302, headers={"Location": "/data"})
    assert client().get(request(server, "/old")).path.read_bytes() == BODY


@pytest.mark.parametrize("url", ["file:///etc/passwd", "no address", "http://"])
def test_only_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(FetchError, match="cannot be asked"):
        client().get(Request("numbers", "test", url, whole, "use a local file"))


def test_progress_tells_bytes_and_their_total(server: FakeServer) -> None:
    told: list[tuple[str, int, int | None]] = []
    client(progress=lambda *what: told.append(what)).get(request(server))
    assert told[0] == ("numbers", 0, len(BODY))
    assert told[-1] == ("numbers", len(BODY), len(BODY))


def test_a_cache_that_cannot_be_written_is_named(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BORDERLESS_CACHE", str(tmp_path / "file"))
    with pytest.raises(OutputError, match="BORDERLESS_CACHE"):
        client().get(request(server))


def test_a_proxy_is_used_where_the_system_names_one(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setenv("http_proxy", server.url)
    answer = client().get(Request("numbers", "test", "http://data.invalid/data", whole, "use a local file"))
    assert answer.path.read_bytes() == BODY
    server.always["/slow"] = "drip"
    with pytest.raises(FetchError, match=r"data\.invalid was not done after 0\.5 s"):
        client(0.5).get(Request("numbers", "test", "http://data.invalid/slow", whole, "use a local file"))


def test_a_name_without_an_address_is_named() -> None:
    with pytest.raises(FetchError, match=r"has no address|refused the connection|said nothing"):
        client(20.0).get(Request("numbers", "test", "http://data.invalid/", whole, "use a local file"))
