"""Files of OpenStreetMap are checked, joined and cropped without losing or doubling a street."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import osmium
import pytest
import shapely

from borderless.errors import ProblemLog
from borderless.fetch.http import BadAnswerError
from borderless.fetch.pbf import check_streets, data_date, join, write_elements
from borderless.sources.osm import read_osm
from open_data import DATE, EAST, NORTH, SOUTH, WEST, elements_of, grid_elements, write_pbf

TOWN = shapely.box(WEST, SOUTH, EAST, NORTH)
GRID = grid_elements(WEST, SOUTH, EAST, NORTH)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    write_pbf(tmp_path / "whole.osm.pbf", GRID)
    return tmp_path / "whole.osm.pbf"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "joined.osm.pbf"


def ways(path: Path) -> dict[int, list[int]]:
    return {one["id"]: one["nodes"] for one in elements_of(path) if one["type"] == "way"}


def halves(whole: Path, tmp_path: Path, *borders: tuple[float, float]) -> Iterator[Path]:
    for number, (south, north) in enumerate(borders):
        path = tmp_path / f"part{number}.osm.pbf"
        join([whole], shapely.box(WEST, south, EAST, north), path, DATE)
        yield path


def test_overlapping_parts_make_the_whole_again(whole: Path, tmp_path: Path, target: Path) -> None:
    parts = list(halves(whole, tmp_path, (SOUTH, 52.651), (52.648, NORTH)))
    streets = join(parts, TOWN, target, DATE)
    kept = {
        one["id"]: one["nodes"]
        for one in GRID
        if one["type"] == "way" and one["tags"].get("highway") != "footway"
    }
    assert ways(target) == kept
    assert streets == sum(one["tags"].get("highway") == "residential" for one in GRID)
    join(parts[::-1], TOWN, tmp_path / "other.osm.pbf", DATE)
    assert (tmp_path / "other.osm.pbf").read_bytes() == target.read_bytes()


def test_streets_are_cropped_whole_and_points_by_where_they_are(whole: Path, target: Path) -> None:
    corner = shapely.box(WEST - 0.001, SOUTH - 0.001, WEST + 0.0015, SOUTH + 0.0015)
    assert join([whole], corner, target, DATE) == 2
    everything = elements_of(target)
    numbers = {one["id"] for one in everything if one["type"] == "node"}
    assert set(ways(target)) == {one["id"] for one in GRID if one["type"] == "way" and 1 in one["nodes"]}
    assert all(numbers.issuperset(nodes) for nodes in ways(target).values())
    assert 900_001 not in numbers
    check_streets(target, None)


def test_tags_and_places_are_kept_and_what_nobody_needs_is_not(whole: Path, target: Path) -> None:
    join([whole], TOWN, target, DATE)
    tags = [one["tags"] for one in elements_of(target)]
    assert {"place": "village", "name": "Gridby"} in tags
    assert {"amenity": "police", "name": "=Northtown Police Station"} in tags
    assert {"amenity": "police", "building": "yes"} in tags
    assert not [one for one in tags if one.get("amenity") == "pub" or one.get("highway") == "footway"]
    names = {one["name"] for one in tags if one.get("highway")}
    assert names == {one["tags"]["name"] for one in GRID if one["tags"].get("highway") == "residential"}


def test_the_date_goes_into_the_header_and_comes_out(whole: Path, target: Path) -> None:
    join([whole], TOWN, target, "2026-05-06T07:08:09Z")
    assert (data_date(whole), data_date(target)) == (DATE, "2026-05-06T07:08:09Z")
    join([whole], TOWN, target.with_name("dateless.pbf"), "")
    assert data_date(target.with_name("dateless.pbf")) == ""


def test_the_newer_of_two_versions_counts(tmp_path: Path, target: Path) -> None:
    nodes = [one for one in GRID if one["type"] == "node"]
    for version in (1, 2):
        writer = osmium.SimpleWriter(str(tmp_path / f"{version}.pbf"))
        for one in nodes:
            writer.add_node(osmium.osm.mutable.Node(id=one["id"], location=(one["lon"], one["lat"])))
        tags = {"highway": "residential", "name": f"version {version}"}
        writer.add_way(osmium.osm.mutable.Way(id=5, nodes=[1, 2], tags=tags, version=version))
        writer.close()
    for order in ((1, 2), (2, 1)):
        target.unlink(missing_ok=True)
        join([tmp_path / f"{version}.pbf" for version in order], TOWN, target, DATE)
        assert [one["tags"]["name"] for one in elements_of(target) if one["type"] == "way"] == ["version 2"]


def refused(path: Path, area: Any = None) -> str:
    with pytest.raises(BadAnswerError) as caught:
        check_streets(path, area)
    return str(caught.value)


def test_a_file_of_another_place_is_refused(whole: Path) -> None:
    check_streets(whole, TOWN)
    assert "another place (100% of them lie elsewhere)" in refused(whole, shapely.box(-2, 51, -1, 52))


def test_a_file_that_misses_nodes_of_streets_is_refused(tmp_path: Path) -> None:
    def without(name: str, lost: set[int]) -> Path:
        write_pbf(tmp_path / name, [one for one in GRID if one["type"] == "way" or one["id"] not in lost])
        return tmp_path / name

    nodes = [one["id"] for one in GRID if one["type"] == "node"]
    used = [node for node in nodes if node < 900_000]
    assert "nodes" in refused(without("a.pbf", set(used[::10])))
    assert "without" in refused(without("b.pbf", set(used)))
    streets = [one["nodes"] for one in GRID if one["tags"].get("highway") == "residential"]
    assert sum(map(len, streets)) > 1000
    # a corner of the grid is in two streets, so one missing node is two missing references
    assert "2 of their" in refused(without("c.pbf", {used[-1]}))
    check_streets(without("d.pbf", {900_002}), TOWN)


def test_a_file_without_streets_is_refused(tmp_path: Path) -> None:
    write_pbf(tmp_path / "a.pbf", [one for one in GRID if one["type"] == "node"])
    assert "without streets" in refused(tmp_path / "a.pbf")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.95])
def test_a_file_that_is_cut_off_is_refused(share: float, whole: Path) -> None:
    raw = whole.read_bytes()
    whole.write_bytes(raw[: int(len(raw) * share)])
    assert refused(whole)
    with pytest.raises(BadAnswerError):
        join([whole], TOWN, whole.with_name("never.osm.pbf"), DATE)


@pytest.mark.parametrize("seed", range(20))
def test_flipped_bytes_never_end_in_another_kind_of_error(seed: int, whole: Path) -> None:
    raw = bytearray(whole.read_bytes())
    for step in range(1, 6):
        raw[(seed * 7919 * step) % len(raw)] ^= 1 << (seed % 8)
    whole.write_bytes(bytes(raw))
    try:
        check_streets(whole, TOWN)
    except BadAnswerError as error:
        assert str(error)


def test_a_file_that_is_not_sorted_is_refused(tmp_path: Path, target: Path) -> None:
    nodes = [one for one in GRID if one["type"] == "node"]
    streets = [one for one in GRID if one["type"] == "way"][::-1]
    write_pbf(tmp_path / "a.pbf", [*nodes, *streets])
    with pytest.raises(BadAnswerError, match="not sorted"):
        join([tmp_path / "a.pbf"], TOWN, target, DATE)


def test_elements_are_written_sorted_and_once(target: Path) -> None:
    write_elements([*GRID[::-1], *GRID[:10], {"type": "relation", "id": 1}], target, DATE)
    numbers = [(one["type"], one["id"]) for one in elements_of(target)]
    assert numbers == sorted({(one["type"], one["id"]) for one in GRID})
    _, streets = read_osm(target, ProblemLog())
    assert len(streets) > 1000
