"""Everything wrong with a study's files is told at once, each with its file, row, column and remedy."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest

import two_counties
from borderless.errors import InputError, Problem
from borderless.region import check_study, load_region
from borderless.study.read import read_study
from two_counties import Edit


def problems_of(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        load_region(path)
    return caught.value.problems


def test_a_station_far_from_roads_is_told_with_the_problems_of_other_files(edit: Edit) -> None:
    edit("people.csv", lambda text: text.replace("A,West,Ashby,1,1,", "A,West,Ashby,1,-1,"))
    path = edit("stations.csv", lambda text: text.replace("418000,300000", "418000,305000"))
    assert [problem.file for problem in problems_of(path)] == ["people.csv", "stations.csv"]


def test_a_measure_that_lies_wholly_elsewhere_is_refused(edit: Edit) -> None:
    for force in ("East", "West", "North"):
        edit("people.csv", lambda text, force=force: text.replace(f",{force},", ",,"))
    path = edit("people.csv", lambda text: text.replace(",30", ",90"))
    (problem,) = problems_of(path)
    assert problem.file == "people.csv"
    assert "no people lie in the areas" in problem.why


def test_roads_under_another_name_are_told_of_under_that_name(edit: Edit, empty_cache: Path) -> None:
    path = edit("edges.csv", lambda text: text.replace("420000", "420000.0"))
    load_region(path)
    for name in ("nodes", "edges"):
        (path.parent / f"{name}.csv").rename(path.parent / f"{name}2.csv")
        edit("study.toml", lambda text, name=name: text.replace(f"{name}.csv", f"{name}2.csv"))
    load_region(path)
    assert len(list(empty_cache.iterdir())) == 2


def test_a_graphml_study_names_its_file_and_tells_what_was_opened(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path)
    graph = nx.MultiDiGraph(crs="EPSG:27700")
    roads, _ = two_counties.network()
    graph.update(roads.to_networkx())
    nx.set_edge_attributes(graph, "tertiary", "highway")
    graph.add_node("lost", x=436_000.0, y=300_000.0)
    graph.add_edge(0, "lost", travel_ms=1, highway="tertiary")
    nx.write_graphml(graph, tmp_path / "roads.graphml")
    text = two_counties.STUDY.replace('"nodes.csv"\nedges = "edges.csv"', '"roads.graphml"')
    path.write_text(text, encoding="utf-8")
    assert any("driven both ways" in problem.why for problem in load_region(path).problems)
    graph.edges[0, "lost", 0]["travel_ms"] = 0
    nx.write_graphml(graph, tmp_path / "roads.graphml")
    (problem,) = problems_of(path)
    assert (problem.file, problem.where) == ("roads.graphml", "edge 0 → lost (0)")


def test_files_that_are_missing_are_told_with_the_problems_of_the_others(edit: Edit) -> None:
    path = edit("people.csv", lambda text: text.replace("A,West,Ashby,1,1,", "A,West,Ashby,1,1.5,"))
    (path.parent / "stations.csv").unlink()
    (path.parent / "edges.csv").unlink()
    found = {(problem.file, problem.value) for problem in problems_of(path)}
    assert found >= {("stations.csv", ""), ("edges.csv", ""), ("people.csv", "1.5")}
    with pytest.raises(InputError, match="there is no such file"):
        read_study(path)


def test_every_problem_of_every_file_is_told_at_once(edit: Edit) -> None:
    edit("stations.csv", lambda text: text.replace("W1,W1 station,West,response,2", "W1,x,West,response,two"))
    edit("people.csv", lambda text: text.replace("A,West,Ashby,1,1,", "A,West,Ashby,1,1.5,"))
    edit("areas.geojson", lambda text: text.replace('"North"', '"South"'))
    edit("nodes.csv", lambda text: text.replace("H,435000", "H,east"))
    path = edit("edges.csv", lambda text: text.replace("A,B,420000", "A,Q,420000"))
    found = problems_of(path)
    assert {(p.file, p.column, p.value) for p in found} >= {
        ("stations.csv", "units", "two"),
        ("people.csv", "people", "1.5"),
        ("areas.geojson", "force", "North"),
        ("nodes.csv", "x", "east"),
    }
    assert all(p.why and p.remedy and p.severity == "error" for p in found)


def ends_of_roads(edit: Edit, keys: str) -> list[Problem]:
    path = edit("study.toml", lambda text: text.replace("[roads]", f"[roads]\n{keys}"))
    return [problem for problem in load_region(path).problems if "the roads end within" in problem.why]


def test_roads_that_end_near_the_border_are_told_side_by_side(edit: Edit) -> None:
    (problem,) = ends_of_roads(edit, "guard_band_km = 200")
    assert (problem.file, problem.severity) == ("nodes.csv", "notice")
    assert all(side in problem.why for side in ("west", "south", "east", "north"))


def test_an_overlay_needs_no_guard_band(edit: Edit) -> None:
    assert ends_of_roads(edit, 'guard_band_km = 200\nsnap = "nodes"') == []


def test_a_study_without_any_unit_is_refused(edit: Edit) -> None:
    def empty(text: str) -> str:
        return text.replace(",response,2,2,", ",response,0,2,").replace(",response,1,", ",response,0,")

    (problem,) = problems_of(edit("stations.csv", empty))
    assert (problem.file, problem.column) == ("stations.csv", "units")
    assert "nobody can respond" in problem.why


def test_a_station_far_from_every_street_is_named_with_its_distance(edit: Edit) -> None:
    path = edit("stations.csv", lambda text: text.replace("400000,300000", "400000,290000"))
    (problem,) = problems_of(path)
    assert (problem.file, problem.where, problem.value) == ("stations.csv", "station W1", "W1 station")
    assert problem.why == "stands 10.0 km from the nearest street"
    assert "max_snap_m" in problem.remedy
    edit("study.toml", lambda text: text + "\n[speeds]\nmax_snap_m = 10000\n")
    assert load_region(path).station_snap.distance_m.tolist() == [0, 0, 10_000]


def test_road_files_of_an_unknown_kind_are_refused_with_the_known_ones(edit: Edit) -> None:
    path = edit(
        "study.toml",
        lambda text: text.replace('source = "nodes.csv"\nedges = "edges.csv"', 'source = "nodes.csv"'),
    )
    (problem,) = problems_of(path)
    assert problem.file == "nodes.csv"
    assert ".osm.pbf" in problem.remedy


def test_a_file_that_vanishes_after_the_study_was_read_is_named(tmp_path: Path) -> None:
    study = read_study(two_counties.write_files(tmp_path))
    (tmp_path / "nodes.csv").unlink()
    (tmp_path / "people.csv").unlink()
    with pytest.raises(InputError) as caught:
        load_region(study)
    assert [p.file for p in caught.value.problems] == ["people.csv", "nodes.csv"]


def test_an_unknown_node_is_named(edit: Edit) -> None:
    edit("stations.csv", two_counties.with_node(["A", "ZZ", "N"]))
    problem, *_ = problems_of(edit("study.toml", two_counties.on_nodes))
    assert problem.file == "stations.csv"
    assert problem.where.endswith("E1")
    assert (problem.column, problem.value) == ("node", "ZZ")


def test_a_wrong_study_file_does_not_hide_what_is_wrong_with_the_files_it_names(edit: Edit) -> None:
    edit("stations.csv", lambda text: text.replace("W1,W1 station,West,response,2", "W1,x,West,response,two"))
    edit("people.csv", lambda text: text.replace("A,West,Ashby,1,1,", "A,West,Ashby,1,1.5,"))
    path = edit("study.toml", lambda text: text.replace("[roads]", "[roads]\nsorce = 1"))
    found = check_study(path)
    assert found.region is None
    assert {(Path(p.file).name, p.column) for p in found.problems if p.severity == "error"} == {
        ("study.toml", "sorce"),
        ("stations.csv", "units"),
        ("people.csv", "people"),
    }


def test_a_study_that_does_not_name_a_file_is_told_once(edit: Edit) -> None:
    path = edit("study.toml", lambda text: text.replace('file = "stations.csv"', ""))
    errors = [p for p in check_study(path).problems if p.severity == "error"]
    assert [(p.where, p.column, p.why) for p in errors] == [("[stations]", "file", "this key is missing")]


def test_a_good_study_is_checked_without_errors_and_gives_the_region(edit: Edit) -> None:
    path = edit("study.toml", lambda text: text + "\n")
    found = check_study(path)
    assert found.region is not None
    assert found.region.problems == found.problems
    assert {p.severity for p in found.problems} == {"notice"}


def test_repairs_change_the_region_and_the_cache_keeps_both_apart(edit: Edit) -> None:
    path = edit("edges.csv", lambda text: text.replace(",", ";"))
    assert check_study(path).region is None
    mended = check_study(path, repair=True)
    assert mended.region is not None
    assert check_study(path, repair=True).problems == mended.problems
    assert check_study(path).region is None
