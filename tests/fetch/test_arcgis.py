"""Layers of an ArcGIS server come whole, page by page, or not at all."""

from __future__ import annotations

import pytest
import shapely

from borderless.errors import FetchError, ProblemLog
from borderless.fetch.arcgis import Layer, fetch_features
from borderless.fetch.deadline import Deadline
from borderless.fetch.endpoints import Endpoint
from borderless.fetch.http import Client
from fake_server import Asked, FakeServer, Reply
from open_data import Country

pytestmark = pytest.mark.usefixtures("empty_cache")

PEOPLE = Layer("centroids", code=r"LSOA\d\dCD")


def client() -> Client:
    return Client(Deadline.after(60), ProblemLog(), sleep=lambda _: None)


def endpoint(server: FakeServer, path: str = "/centroids/0") -> Endpoint:
    return Endpoint("centroids", server.url + path, "", "", "", "")


def spoil(server: FakeServer, fault: str, key: str) -> None:
    """Give the bad answer to every request that has a key in its query, good ones to the rest."""
    good = server.routes["/centroids/0"]

    def route(asked: Asked) -> Reply:
        reply = good(asked)
        if key not in asked.query:
            return reply
        return Reply(reply.bad[fault] if fault in reply.bad else fault.encode())

    server.routes["/centroids/0"] = route


def test_all_pages_are_fetched_in_the_order_of_codes(server: FakeServer, country: Country) -> None:
    found = fetch_features(client(), endpoint(server), PEOPLE)
    assert found["code"].tolist() == sorted(country.people)
    for code, shape in zip(found["code"], found.geometry, strict=True):
        assert (shape.x, shape.y) == pytest.approx(country.people[code][:2])
    assert found.crs == "EPSG:4326"
    # 36 points, 7 a page
    assert server.counts() == {"/centroids/0": 1, "/centroids/0/query": 1 + 6}


def test_a_box_leaves_out_what_lies_beyond(server: FakeServer, country: Country) -> None:
    box = shapely.box(-0.66, 52.63, -0.63, 52.65)
    found = fetch_features(client(), endpoint(server), PEOPLE, box.bounds)
    places = {code: shapely.Point(lon, lat) for code, (lon, lat, _) in country.people.items()}
    inside = [code for code, place in places.items() if box.covers(place)]
    assert 0 < len(inside) < len(country.people)
    assert found["code"].tolist() == sorted(inside)


@pytest.mark.parametrize(
    ("fault", "key", "why"),
    [
        ("short page", "resultOffset", "sent 6 features where there should be 7"),
        ("same page", "resultOffset", "sent the same code twice"),
        ('{"features": [{"properties": {}}]}', "resultOffset", "features that cannot be read"),
        ('{"features": []}', "resultOffset", "sent 0 features where there should be 7"),
        ('{"features": 3}', "resultOffset", "features that cannot be read"),
        ("[]", "resultOffset", "no answer of ArcGIS"),
        ('{"features": [', "resultOffset", "sent no whole JSON"),
        ("error with 200", "resultOffset", "answered with an error: 400 Invalid query"),
        ("error with 200", "f", "answered with an error: 400 Invalid query"),
        ('{"error": "no"}', "f", "answered with an error: no"),
        ('{"count": 0}', "returnCountOnly", "sent no number of features"),
        ('{"count": "many"}', "returnCountOnly", "sent no number of features"),
        ('{"fields": 1}', "f", "sent no description of a layer"),
    ],
)
def test_what_is_not_whole_is_refused_by_name(fault: str, key: str, why: str, server: FakeServer) -> None:
    spoil(server, fault, key)
    with pytest.raises(FetchError, match=why) as caught:
        fetch_features(client(), endpoint(server), PEOPLE)
    assert "asked 5 times" in str(caught.value)


def test_the_same_page_twice_is_refused(server: FakeServer) -> None:
    good = server.routes["/centroids/0"]

    def stuck(asked: Asked) -> Reply:
        query = {**asked.query, "resultOffset": "0"} if "resultOffset" in asked.query else asked.query
        return good(Asked(asked.path, query, asked.form, asked.headers))

    server.routes["/centroids/0"] = stuck
    with pytest.raises(FetchError, match="features again that it had sent before"):
        fetch_features(client(), endpoint(server), PEOPLE)


def test_pages_that_are_bad_once_are_asked_for_again(server: FakeServer, country: Country) -> None:
    server.faults["/centroids/0/query"] = ["error with 200", "cut off", "error with 200", "504"]
    assert len(fetch_features(client(), endpoint(server), PEOPLE)) == len(country.people)


def test_columns_of_another_edition_are_found_by_their_pattern(server: FakeServer, country: Country) -> None:
    layer = Layer("forces", code=r"PFA\d\dCD", name=r"PFA\d\dNM")
    found = fetch_features(client(), endpoint(server, "/forces/0"), layer)
    assert set(found["name"]) == set(country.forces)


def test_a_layer_of_something_else_is_refused_with_its_columns(server: FakeServer) -> None:
    with pytest.raises(FetchError, match=r"columns FID, PFA26CD, PFA26NM; none of them is like"):
        fetch_features(client(), endpoint(server, "/forces/0"), PEOPLE)


def test_a_feature_without_a_place_is_refused(server: FakeServer) -> None:
    for text in ("[]", "[500, 52]", "[1e999, 52]"):
        geometry = f'{{"type": "Point", "coordinates": {text}}}'
        feature = f'{{"properties": {{"LSOA21CD": "E1"}}, "geometry": {geometry}}}'
        spoil(server, f'{{"features": [{feature}]}}', "resultOffset")
        with pytest.raises(FetchError, match=r"without a place on earth|cannot be read"):
            fetch_features(client(), endpoint(server), PEOPLE)
