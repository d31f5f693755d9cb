"""People are counted and joined by code, and nobody is lost on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from borderless.errors import FetchError, ProblemLog
from borderless.fetch import population
from borderless.fetch.deadline import Deadline
from borderless.fetch.endpoints import Endpoint
from borderless.fetch.http import Client
from borderless.fetch.population import fetch_population
from fake_server import FakeServer, Reply
from open_data import EAST, NORTH, SOUTH, WEST, Country

pytestmark = pytest.mark.usefixtures("empty_cache")

BOX = (WEST, SOUTH, EAST, NORTH)
HEAD = '"GEOGRAPHY_CODE","OBS_VALUE","RECORD_COUNT"\n'


def fetched(
    server: FakeServer, box: tuple[float, float, float, float] = BOX
) -> dict[str, tuple[float, float, int]]:
    client = Client(Deadline.after(60), ProblemLog(), sleep=lambda _: None)
    places = Endpoint("centroids", f"{server.url}/centroids/0", "", "", "", "")
    counts = Endpoint("population", f"{server.url}/population?date=latest", "", "", "", "")
    table = fetch_population(client, places, counts, box)
    columns = (table[name] for name in ("id", "lon", "lat", "population"))
    return {code: (lon, lat, people) for code, lon, lat, people in zip(*columns, strict=True)}


def test_everyone_is_there_on_one_page_and_on_several(
    server: FakeServer, country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {code: pytest.approx(row) for code, row in country.people.items()}
    assert fetched(server) == expected
    monkeypatch.setattr(population, "_PAGE_ROWS", 10)
    assert fetched(server) == expected
    assert server.counts()["/population"] == 1 + 4
    assert {asked.query["date"] for asked in server.requests if asked.path == "/population"} == {"latest"}


def test_people_beyond_the_box_are_left_out(server: FakeServer) -> None:
    assert len(fetched(server, (WEST, SOUTH, EAST, 52.65))) == 18


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty answer"),
        ("a,b\n1,2\n", "no table of GEOGRAPHY_CODE"),
        (f"{HEAD}E1,many,1\n", "no table of GEOGRAPHY_CODE"),
        (f"{HEAD}E1,5,2\n", "sent 1 areas where there should be 2"),
        (f"{HEAD}E1,5,2\nE2,5,3\n", "contradicts itself"),
        (f"{HEAD}E1,5,2\nE1,5,2\n", "contradicts itself"),
        (f"{HEAD}E1,-5,1\n", "contradicts itself"),
        (HEAD, "contradicts itself|no table"),
        (f"{HEAD}E1,5,1\n", "has no count for 36 of 36 areas"),
    ],
)
def test_counts_that_are_not_whole_are_refused(text: str, why: str, server: FakeServer) -> None:
    server.routes["/population"] = lambda _: Reply(text.encode(), "text/csv")
    with pytest.raises(FetchError, match=why):
        fetched(server)


def test_a_table_that_is_cut_off_at_the_end_of_a_line_is_noticed(
    server: FakeServer, country: Country
) -> None:
    server.faults["/population"] = ["short page"]
    assert len(fetched(server)) == len(country.people)
    assert server.counts()["/population"] == 2


def test_the_same_page_twice_is_refused(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "_PAGE_ROWS", 10)
    good = server.routes["/population"]
    server.routes["/population"] = lambda asked: good(
        replace(asked, query={**asked.query, "recordoffset": "0"})
    )
    with pytest.raises(FetchError, match="areas again that it had sent before"):
        fetched(server)
