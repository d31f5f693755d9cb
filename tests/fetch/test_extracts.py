"""Extracts: the smallest that cover the area, and never a road from a bad one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely

from borderless.errors import FetchError, ProblemLog
from borderless.fetch.deadline import Deadline
from borderless.fetch.endpoints import Endpoint
from borderless.fetch.extracts import Extract, check_index, choose, fetch_roads, read_index
from borderless.fetch.http import BadAnswerError, Client
from borderless.fetch.pbf import join
from fake_server import FAULTS, Reply, serving
from fault_matrix import SEEDS, outcomes
from open_data import DATE, EAST, NORTH, SOUTH, WEST, Country, divided, routes

TOWN = shapely.box(WEST, SOUTH, EAST, NORTH)
RUTLAND = Path(__file__).parents[3] / "shared" / "real" / "roads" / "rutland.osm.pbf"
RUTLAND_BOX = (-0.823, 52.524, -0.428, 52.761)
INDEX = "https://example.org/index-v1.json"


def endpoint(url: str) -> Endpoint:
    return Endpoint("extracts", f"{url}/index-v1.json", "", "", "", "")


def fetch(client: Client, url: str, target: Path) -> str:
    return fetch_roads(client, endpoint(url), TOWN, TOWN, target)


@pytest.mark.usefixtures("empty_cache")
def test_no_fault_makes_bad_roads_or_outlives_the_deadline(country: Country, tmp_path: Path) -> None:
    halves = [tmp_path / f"{name}.pbf" for name in country.extracts]
    for path, (_, body) in zip(halves, country.extracts.values(), strict=True):
        path.write_bytes(body)
    truth = tmp_path / "truth.osm.pbf"
    join(halves, TOWN, truth, DATE)
    faults = (*FAULTS, "wrong region", "missing nodes")
    paths = ("/index-v1.json", "/extracts/North", "/extracts/South")
    found = outcomes(routes(country), faults, paths, fetch, tmp_path)
    assert len(found) == len(faults) * len(SEEDS) >= 16 * 20
    for one in found:
        assert bool(one.error) == (one.roads is None), one
        assert one.roads in {None, truth.read_bytes()}, one
        assert one.over_s <= 1, one
        assert one.asked <= 5, one
        assert not one.error or "use a local extract" in one.error, one
    well = {one.fault for one in found if not one.error}
    assert well >= set(faults) - {"403", "silence", "drip", "drip in the headers"}
    assert any(one.error for one in found if one.fault == "reset")
    # four bad answers and a good one are a success, where waiting takes no time
    quick = [one for one in found if one.bad <= 4 and not one.waited and one.fault in well]
    assert quick
    assert not [one for one in quick if one.error]


@pytest.mark.real
@pytest.mark.skipif(not RUTLAND.is_file(), reason="the real data are not beside the repository")
@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize("seeds", [range(1, 2), pytest.param(SEEDS, marks=pytest.mark.slow)])
def test_no_fault_makes_bad_roads_of_rutland_or_outlives_the_deadline(tmp_path: Path, seeds: range) -> None:
    country = divided(RUTLAND, RUTLAND_BOX, 52.69, tmp_path)
    area = shapely.box(*RUTLAND_BOX)
    truth = tmp_path / "truth.osm.pbf"
    join([RUTLAND], area, truth, DATE)

    def fetch_rutland(client: Client, url: str, target: Path) -> str:
        return fetch_roads(client, endpoint(url), area, area, target)

    faults = (*FAULTS, "wrong region", "missing nodes")
    # two at a time: each has a real extract to go through, which takes a processor
    asked = (routes(country), faults, ("/extracts/",), fetch_rutland, tmp_path)
    found = outcomes(*asked, seeds=seeds, side_by_side=2)
    for one in found:
        assert bool(one.error) == (one.roads is None), one
        assert one.roads in {None, truth.read_bytes()}, one
        assert one.over_s <= 1.0, one
    assert sum(one.roads is not None for one in found) > 3 * len(seeds)


def box(name: str, west: float, east: float) -> Extract:
    return Extract(name, f"{INDEX}/{name}", shapely.box(west, 0, east, 1))


def chosen(extracts: list[Extract], forces: tuple[float, float], area: tuple[float, float]) -> list[str]:
    ordered = sorted(extracts, key=lambda one: one.shape.area)
    made = choose(ordered, shapely.box(forces[0], 0, forces[1], 1), shapely.box(area[0], 0, area[1], 1))
    return [one.name for one in made]


def test_the_smallest_extracts_that_cover_the_area_are_chosen() -> None:
    a, b, c, whole = box("a", 0, 1), box("b", 1, 2.1), box("c", 2.1, 5), box("whole", -50, 50)
    assert chosen([whole, c, b, a], (0.2, 1.8), (0.1, 1.9)) == ["a", "b"]
    assert chosen([whole, c, b, a], (0.2, 1.8), (0.1, 2.3)) == ["a", "b", "c"]
    # what is left of the band is sea, not worth a continent
    assert chosen([whole, b, a], (0.2, 1.8), (0.1, 2.3)) == ["a", "b"]
    # a force is worth one
    assert chosen([whole, a], (0.2, 1.8), (0.1, 1.9)) == ["a", "whole"]
    # an extract of which the area only needs a sliver is not fetched
    assert chosen([a, b], (0.2, 0.8), (0.1, 1.0001)) == ["a"]


def test_forces_that_no_extract_covers_are_refused() -> None:
    with pytest.raises(BadAnswerError, match=r"no extract for 50\.0% of the force areas"):
        chosen([box("a", 0, 1)], (0, 2), (0, 2))


def test_only_extracts_without_parts_of_their_own_count_and_addresses_may_be_relative(tmp_path: Path) -> None:
    shape = shapely.geometry.mapping(shapely.box(0, 0, 1, 1))

    def feature(number: str, parent: str | None, **urls: str) -> dict[str, object]:
        properties = {"id": number, "parent": parent, "name": number.title(), "urls": urls}
        return {"type": "Feature", "properties": properties, "geometry": shape}

    features = [
        feature("europe", None, pbf="https://example.org/europe.osm.pbf"),
        feature("county", "europe", pbf="europe/county.osm.pbf"),
        feature("far", "europe", pbf="https://example.com/far.osm.pbf"),
        feature("shapes", "europe", shp="https://example.org/shapes.zip"),
        {**feature("planet", None, pbf="planet.osm.pbf"), "geometry": None},
    ]
    path = tmp_path / "index"
    path.write_text(json.dumps({"features": features}))
    found = {one.name: one.url for one in read_index(path, INDEX)}
    assert found == {
        "County": "https://example.org/europe/county.osm.pbf",
        "Far": "https://example.com/far.osm.pbf",
    }


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"features": []}', '{"features": [{}]}', '{"features": 1}', "null"]
)
def test_what_is_no_index_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "index").write_text(text)
    with pytest.raises(BadAnswerError, match="index"):
        check_index(tmp_path / "index")


def problem_of(country: Country, area: shapely.Polygon, target: Path, *, checksum: bytes = b"") -> str:
    with serving(routes(country)) as server:
        if checksum:
            for name in country.extracts:
                path = f"/extracts/{name}-latest.osm.pbf.md5"
                server.routes[path] = lambda _: Reply(checksum, "text/plain")
        client = Client(Deadline.after(60), ProblemLog(), sleep=lambda _: None)
        try:
            fetch_roads(client, endpoint(server.url), area, area, target)
        except FetchError as error:
            return str(error)
        return "; ".join(problem.why for problem in client.log)


@pytest.mark.usefixtures("empty_cache")
def test_areas_beyond_the_extracts_or_between_the_streets_are_told(country: Country, tmp_path: Path) -> None:
    assert "no extract for 100.0%" in problem_of(country, shapely.box(20, 50, 21, 51), tmp_path / "a.osm.pbf")
    between = shapely.box(WEST + 0.0005, SOUTH + 0.0005, WEST + 0.0015, SOUTH + 0.0015)
    assert "has no street in the area" in problem_of(country, between, tmp_path / "b.osm.pbf")


@pytest.mark.usefixtures("empty_cache")
def test_a_checksum_that_is_none_is_told(country: Country, tmp_path: Path) -> None:
    told = problem_of(country, TOWN, tmp_path / "a.osm.pbf", checksum=b"not today")
    assert told.count("no checksum to hold it to (sent something that is no checksum") == 2
