"""Stations and demand on streets that cannot be used are put on others, and that is told."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

import two_counties
from borderless.errors import Problem
from borderless.region import check_study, load_region

# A street 100 m south of station W1 that joins nothing, and a motorway 50 m south.
ISLAND = ("i1,400000,299900", "i2,400300,299900")
MOTORWAY = ("m1,399900,299950", "m2,400300,299950")


def study(folder: Path, nodes: tuple[str, ...], edges: tuple[str, ...]) -> Path:
    """Write the two counties with lengths and classes, and more nodes and edges."""
    path = two_counties.write_files(folder)
    roads, _ = two_counties.network()
    lines = ["from,to,length_m,highway"]
    streets = roads.streets
    ends = zip(
        roads.node_id[streets["tail"]], roads.node_id[streets["head"]], streets["length_m"], strict=True
    )
    lines += [f"{tail},{head},{length:.0f},primary" for tail, head, length in ends]
    (folder / "edges.csv").write_text("\n".join([*lines, *edges]) + "\n", encoding="utf-8")
    with (folder / "nodes.csv").open("a", encoding="utf-8") as file:
        file.write("".join(f"{node}\n" for node in nodes))
    return path


def move_w1(path: Path, y: int) -> None:
    file = path.parent / "stations.csv"
    text = file.read_text(encoding="utf-8").replace("400000,300000", f"400000,{y}")
    file.write_text(text, encoding="utf-8")


def about_w1(path: Path) -> list[Problem]:
    return [p for p in check_study(path).problems if p.where == "station W1"]


def test_a_station_on_an_island_starts_from_the_next_street_and_both_distances_are_told(
    tmp_path: Path,
) -> None:
    path = study(tmp_path, ISLAND, ("i1,i2,300,residential",))
    assert about_w1(path) == []
    move_w1(path, 299_920)
    (repair,) = about_w1(path)
    assert (repair.severity, repair.value, repair.after) == ("repair", "20 m", "80 m")
    assert repair.rule == "next street that is connected"
    region = load_region(path)
    assert region.station_snap.distance_m.max() == pytest.approx(80)
    assert region.network.cut_off is not None
    assert shapely.length(region.network.cut_off).tolist() == [300.0]


def test_what_was_cut_off_is_told_from_the_cache_too(tmp_path: Path, empty_cache: Path) -> None:
    path = study(tmp_path, ISLAND, ("i1,i2,300,residential",))
    move_w1(path, 299_920)
    first = about_w1(path)
    assert list(empty_cache.iterdir())
    assert about_w1(path) == first != []


def test_a_station_far_from_all_but_an_island_is_refused_and_the_island_named(tmp_path: Path) -> None:
    path = study(tmp_path, ("i1,400000,299000", "i2,400300,299000"), ("i1,i2,300,residential",))
    move_w1(path, 299_010)
    (error,) = about_w1(path)
    assert error.severity == "error"
    assert "stands 1.0 km from the nearest street that can be driven to and from" in error.why
    assert "the one 10 m away cannot" in error.why


def test_a_station_beside_a_motorway_starts_from_a_street_where_a_car_may_stop(tmp_path: Path) -> None:
    edges = ("A,m1,112,motorway_link", "m1,m2,400,motorway", "m2,A,304,motorway_link")
    path = study(tmp_path, MOTORWAY, edges)
    move_w1(path, 299_960)
    (repair,) = about_w1(path)
    assert repair.rule == "next street where a car may stop"
    assert (repair.value, repair.after) == ("10 m", "40 m")


def test_demand_beside_an_island_is_counted_and_told(tmp_path: Path) -> None:
    path = study(tmp_path, ("i1,400000,299000", "i2,400300,299000"), ("i1,i2,300,residential",))
    file = path.parent / "people.csv"
    file.write_text(
        file.read_text(encoding="utf-8").replace("1,1,400000,300000", "1,1,400000,299010"), encoding="utf-8"
    )
    found = check_study(path)
    (notice,) = [p for p in found.problems if "stand beside streets" in p.why]
    assert notice.why.startswith("1 points (1 people)")
    assert found.region is not None
    population = found.region.study.measures[0]
    assert found.region.demand.weights(population).sum() == 1023


def test_a_station_in_another_forces_area_is_told_with_where_it_stands(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path)
    file = path.parent / "stations.csv"
    text = file.read_text(encoding="utf-8") + "W2,W2 station,West,response,1,1,420000,300000\n"
    file.write_text(text, encoding="utf-8")
    (notice,) = [p for p in check_study(path).problems if p.where == "station W2"]
    assert notice.severity == "notice"
    assert notice.why == "stands 5.0 km outside the area of West, in East"


def test_nodes_count_where_they_are_given_and_the_nearest_elsewhere(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path)
    study = two_counties.on_nodes(two_counties.STUDY) + "\n[speeds]\nmax_snap_m = 9000\n"
    path.write_text(study, encoding="utf-8")
    file = path.parent / "stations.csv"
    file.write_text(two_counties.with_node(["B", "", ""])(file.read_text(encoding="utf-8")), encoding="utf-8")
    region = load_region(path)
    named = region.network.node_id[region.station_snap.node]
    assert dict(zip(region.stations["id"], named, strict=True)) == {"W1": "B", "E1": "F", "N1": "N"}


def test_nodes_that_are_not_used_are_told(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path)
    file = path.parent / "stations.csv"
    file.write_text(two_counties.with_node(["B", "", ""])(file.read_text(encoding="utf-8")), encoding="utf-8")
    (notice,) = [p for p in check_study(path).problems if p.column == "node"]
    assert notice.why == "nodes are named, but places are put on the nearest street"
