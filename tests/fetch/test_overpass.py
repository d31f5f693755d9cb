"""Overpass: OSMnx's queries by our own client, and never a road from an answer that is not whole."""

from __future__ import annotations

import json
import random
import socket
import sys
from pathlib import Path

import geopandas as gpd
import osmnx
import pytest
import shapely
from osmnx import _overpass

from borderless.errors import FetchError, InputError, ProblemLog
from borderless.fetch import overpass
from borderless.fetch.deadline import Deadline
from borderless.fetch.endpoints import Endpoint
from borderless.fetch.http import BadAnswerError, Client
from borderless.fetch.pbf import write_elements
from fake_server import FAULTS, serving
from fault_matrix import SEEDS, outcomes
from open_data import DATE, EAST, NORTH, SOUTH, WEST, Country, answer_of, routes

TOWN = shapely.box(WEST, SOUTH, EAST, NORTH)
OWN_FAULTS = ("remark", "empty", "empty object", "no date", "some lost", "wrong region", "missing nodes")

pytestmark = pytest.mark.usefixtures("empty_cache")


def fetch(client: Client, url: str, target: Path) -> str:
    endpoint = Endpoint("overpass", f"{url}/overpass", "", "", "", "")
    return overpass.fetch_roads(client, endpoint, TOWN, TOWN, target)


def client() -> Client:
    return Client(Deadline.after(60), ProblemLog(), sleep=lambda _: None)


def test_no_fault_makes_bad_roads_or_outlives_the_deadline(country: Country, tmp_path: Path) -> None:
    with serving(routes(country)) as server:
        fetch(client(), server.url, tmp_path / "truth.osm.pbf")
    truth = (tmp_path / "truth.osm.pbf").read_bytes()
    faults = (*FAULTS, *OWN_FAULTS)
    found = outcomes(routes(country), faults, ("/overpass",), fetch, tmp_path)
    assert len(found) == len(faults) * len(SEEDS) >= 14 * 20
    for one in found:
        assert bool(one.error) == (one.roads is None), one
        assert one.roads in {None, truth}, one
        assert one.over_s <= 1, one
        # two queries share the path
        assert one.asked <= 6, one
        assert not one.error or "use a local extract" in one.error, one
    well = {one.fault for one in found if not one.error}
    assert well >= set(faults) - {"403", "silence", "drip", "drip in the headers"}
    quick = [one for one in found if one.bad <= 4 and not one.waited and one.fault in well]
    assert quick
    assert not [one for one in quick if one.error]
    assert all(one.error for one in found if one.bad >= 5 and one.fault in {*OWN_FAULTS, "500", "web page"})


@pytest.mark.parametrize("fault", OWN_FAULTS)
def test_a_bad_answer_is_named_and_not_kept(fault: str, country: Country, tmp_path: Path) -> None:
    with serving(routes(country)) as server:
        server.always["/overpass"] = fault
        with pytest.raises(FetchError, match=r"(sent|stopped early|does not say).*; asked 5 times"):
            fetch(client(), server.url, tmp_path / "roads.osm.pbf")
        server.always.clear()
        fetch(client(), server.url, tmp_path / "roads.osm.pbf")
        assert len(server.requests) == 5 + 2


def test_a_full_server_is_given_time(country: Country, tmp_path: Path) -> None:
    waits: list[float] = []
    with serving(routes(country)) as server:
        server.always["/overpass"] = "429"
        for seed in range(10):
            patient = Client(
                Deadline.after(999), ProblemLog(), chance=random.Random(seed), sleep=waits.append
            )
            with pytest.raises(FetchError, match="answered 429"):
                fetch(patient, server.url, tmp_path / "roads.osm.pbf")
    assert 30 < max(waits) <= 60


def test_the_queries_are_those_of_osmnx_with_a_count(country: Country, tmp_path: Path) -> None:
    with serving(routes(country)) as server:
        fetch(client(), server.url, tmp_path / "roads.osm.pbf")
        streets, sites = (asked.form["data"] for asked in server.requests)
    assert _overpass._get_network_filter("drive") in streets
    assert streets.startswith(_overpass._make_overpass_settings() + ";(way")
    assert streets.endswith(">;);out count;out;")
    assert "['amenity'='police'](poly:" in sites
    assert sites.endswith(";);out count;out;")


def test_nothing_of_osmnx_or_the_resolver_is_changed(country: Country, tmp_path: Path) -> None:
    before = socket.getaddrinfo, dict(vars(osmnx.settings))
    with serving(routes(country)) as server:
        fetch(client(), server.url, tmp_path / "roads.osm.pbf")
    assert (socket.getaddrinfo, dict(vars(osmnx.settings))) == before


def test_without_osmnx_the_reader_is_told_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "osmnx", None)
    with pytest.raises(InputError, match=r"pip install 'borderless-coverage\[osmnx\]'"):
        fetch(client(), "http://127.0.0.1:9", tmp_path / "roads.osm.pbf")


def test_tiles_cover_the_area_and_none_is_larger_than_osmnx_asks_for() -> None:
    county = shapely.box(-1.6, 52.0, 0.2, 53.5).difference(shapely.box(-0.9, 52.6, -0.5, 52.9))
    parts = overpass.tiles(county)
    assert len(parts) > 4
    assert shapely.union_all(parts).buffer(1e-3).contains(county)
    areas = gpd.GeoSeries(parts, crs="EPSG:4326").to_crs("EPSG:27700").area
    assert areas.max() <= osmnx.settings.max_query_area_size


def test_a_tile_of_the_sea_may_be_empty_when_the_server_counts_none(tmp_path: Path) -> None:
    (tmp_path / "answer").write_bytes(answer_of([]))
    overpass.check_answer(tmp_path / "answer", TOWN, streets=True, must=False)
    with pytest.raises(BadAnswerError, match="no street where there must be some"):
        overpass.check_answer(tmp_path / "answer", TOWN, streets=True, must=True)
    (tmp_path / "answer").write_text(json.dumps({"osm3s": {"timestamp_osm_base": DATE}, "elements": []}))
    with pytest.raises(BadAnswerError, match="not said how many"):
        overpass.check_answer(tmp_path / "answer", TOWN, streets=True, must=False)


def test_outlines_of_places_may_reach_far_beyond_the_tile(tmp_path: Path) -> None:
    corners = [{"type": "node", "id": i, "lat": 51.0, "lon": -3.0 + i, "tags": {}} for i in (1, 2)]
    outline = {"type": "way", "id": 1, "nodes": [1, 2], "tags": {}}
    (tmp_path / "answer").write_bytes(answer_of([*corners, outline]))
    overpass.check_answer(tmp_path / "answer", TOWN, streets=False, must=False)
    station = {**outline, "tags": {"amenity": "police"}}
    (tmp_path / "answer").write_bytes(answer_of([*corners, station]))
    with pytest.raises(BadAnswerError, match="ways of another place"):
        overpass.check_answer(tmp_path / "answer", TOWN, streets=False, must=False)


def test_streets_of_two_tiles_are_there_once(country: Country, tmp_path: Path) -> None:
    write_elements(country.elements, tmp_path / "once.osm.pbf", DATE)
    write_elements([*country.elements[::-1], *country.elements], tmp_path / "twice.osm.pbf", DATE)
    assert (tmp_path / "once.osm.pbf").read_bytes() == (tmp_path / "twice.osm.pbf").read_bytes()


@pytest.mark.parametrize(
    "element",
    [
        {"type": "node", "id": 1, "lat": 52.6},
        {"type": "node", "id": 1, "lat": 52.6, "lon": "west"},
        {"type": "node", "id": 1, "lat": 520.6, "lon": 0},
        {"type": "node", "id": "one", "lat": 52.6, "lon": 0},
        {"type": "node", "id": 1, "lat": 52.6, "lon": 0, "tags": {"name": None}},
        {"type": "way", "id": 1},
        {"type": "way", "id": 1, "nodes": []},
        {"type": "way", "id": 1, "nodes": ["a"]},
        {"id": 1},
        7,
    ],
)
def test_elements_without_sense_are_refused(element: object, tmp_path: Path) -> None:
    count = {"type": "count", "id": 0, "tags": {"total": "1"}}
    answer = {"osm3s": {"timestamp_osm_base": DATE}, "elements": [count, element]}
    (tmp_path / "answer").write_text(json.dumps(answer))
    with pytest.raises(BadAnswerError, match=r"without sense|no answer of Overpass"):
        overpass.check_answer(tmp_path / "answer", TOWN, streets=True, must=False)
