"""What was deleted in JOSM, or is the past in a file with history, does not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from borderless.errors import InputError, ProblemLog
from borderless.network_files import load_network
from borderless.sources.osm import read_osm
from borderless.sources.osm_deleted import deleted_objects
from little_map import BY_STREET_S, NODE, ROUND_S, STREET, osm_text, seconds, ways

MARKS = ["action='delete'", 'action="delete"', "visible='false'", 'visible="false" action="modify"']
BOTH, NEITHER = (BY_STREET_S, BY_STREET_S), (ROUND_S, ROUND_S)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "roads.osm"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("mark", MARKS)
def test_a_deleted_way_is_not_driven_and_that_is_told(tmp_path: Path, mark: str) -> None:
    log = ProblemLog()
    read = read_osm(written(tmp_path, osm_text(ways(STREET), marks={200: mark})), log)
    assert seconds(read) == NEITHER
    assert "left out: 1 deleted object" in [problem.why for problem in log]


@pytest.mark.parametrize("mark", MARKS)
def test_a_deleted_node_of_a_living_way_is_a_gap(tmp_path: Path, mark: str) -> None:
    log = ProblemLog()
    read = read_osm(written(tmp_path, osm_text(ways(STREET), marks={NODE["G"]: mark})), log)
    assert seconds(read) == NEITHER
    assert any("those are cut at the gap" in problem.why for problem in log)


@pytest.mark.parametrize("mark", MARKS)
def test_a_deleted_barrier_stops_nobody_where_the_way_goes_on_without_it(tmp_path: Path, mark: str) -> None:
    every = [(number, path.replace("AGHB", "AHB"), tags) for number, path, tags in ways(STREET)]
    nodes = {"G": {"barrier": "bollard"}}
    read = read_osm(written(tmp_path, osm_text(every, nodes, {NODE["G"]: mark})), ProblemLog())
    assert seconds(read) == BOTH


@pytest.mark.parametrize("mark", ["action='modify'", "visible='true'", "action='modify' visible='true'"])
def test_what_was_only_edited_is_there(tmp_path: Path, mark: str) -> None:
    read = read_osm(written(tmp_path, osm_text(ways(STREET), marks={200: mark, 1: mark})), ProblemLog())
    assert seconds(read) == BOTH


def test_deleted_objects_are_told_apart_by_kind(tmp_path: Path) -> None:
    relation = "<relation id='7' version='1' visible='false'/>"
    text = osm_text(ways(STREET), None, {200: MARKS[0], NODE["G"]: MARKS[0]}, relation)
    found = deleted_objects(written(tmp_path, text))
    assert (found.node, found.way, found.relation) == ({NODE["G"]}, {200}, {7})


def test_a_word_in_a_tag_deletes_nothing(tmp_path: Path) -> None:
    text = osm_text(ways(STREET | {"note": "action=delete visible=false"}))
    found = deleted_objects(written(tmp_path, text))
    assert not (found.node or found.way or found.relation)


def test_lists_of_changes_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "<osmChange version='0.6'><delete><way id='1'/></delete></osmChange>")
    with pytest.raises(InputError, match=r"lists changes to a map \(osmChange\).*apply-changes"):
        read_osm(path, ProblemLog())
    (tmp_path / "roads.osc").write_bytes(path.read_bytes())
    with pytest.raises(InputError, match=r"roads\.osc: lists changes to a map.*apply-changes"):
        load_network(tmp_path / "roads.osc")
