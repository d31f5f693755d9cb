"""Road networks of other programs: read as they are, or refused with every problem at once."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
import pytest

from ascii_map import flat_rules
from borderless.errors import InputError, ProblemLog
from borderless.roads.network import RoadNetwork
from borderless.roads.speeds import street_speeds
from borderless.sources.road_files import read_gpkg, read_graphml, read_node_edge_tables

osmnx = pytest.importorskip("osmnx", reason="OSMnx writes the files that these tests read")

NODES = "id,x,y\n007,450000,300000\nNA,451000,300000\nc,451000,301000\n"


def tables(tmp_path: Path, nodes: str, edges: str) -> tuple[pd.DataFrame, Any, ProblemLog]:
    (tmp_path / "nodes.csv").write_text(nodes, encoding="utf-8")
    (tmp_path / "edges.csv").write_text(edges, encoding="utf-8")
    log = ProblemLog()
    return *read_node_edge_tables(tmp_path / "nodes.csv", tmp_path / "edges.csv", log), log


def problems(tmp_path: Path, nodes: str, edges: str) -> list[tuple[str, str, str, str]]:
    with pytest.raises(InputError) as caught:
        tables(tmp_path, nodes, edges)
    return [(p.file, p.where, p.column, p.value) for p in caught.value.problems]


def test_ids_stay_text_and_rows_with_a_time_are_directed(tmp_path: Path) -> None:
    nodes, streets, _ = tables(tmp_path, NODES, "from,to,travel_ms\n007,NA,60000\nNA,007,61000\nNA,c,5\n")
    assert nodes["id"].tolist() == ["007", "NA", "c"]
    assert streets["travel_ms"].tolist() == [60000, 61000, 5]
    assert streets["oneway"].tolist() == [1, 1, 1]
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(30), simplify=False)
    assert network.times_from([0, 2])[:, :3].tolist() == [[0, 60000, 60005], [2**31 - 1, 2**31 - 1, 0]]
    assert len(network.streets) == 2


def test_seconds_become_whole_milliseconds_of_at_least_one(tmp_path: Path) -> None:
    _, streets, _ = tables(tmp_path, NODES, "from,to,travel_s\n007,NA,60.0004\nNA,c,0.0001\n")
    assert streets["travel_ms"].tolist() == [60000, 1]


def test_a_time_may_be_divided_over_speed_classes(tmp_path: Path) -> None:
    edges = "from,to,travel_ms,percent_built_up,percent_dual\n"
    edges += "007,NA,60000,60,40\nNA,007,61000,100,\nNA,c,5000,,\n"
    nodes, streets, _ = tables(tmp_path, NODES, edges)
    assert streets[["percent_built_up", "percent_dual"]].to_numpy().tolist() == [[60, 40], [100, 0], [0, 0]]
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(30), simplify=False)
    assert network.speed_classes == ("dual", "built_up")
    # 36 s in town and 24 s on the dual carriageway; back 61 s in town; the last of unknown class
    halved = network.with_speeds({"built_up": 0.5})
    assert halved.travel_ms.tolist() == [72_000 + 24_000, 122_000, 5_000]
    both = network.with_speeds({"dual": 2, "all": 0.5})
    assert both.travel_ms.tolist() == [72_000 + 24_000, 122_000, 10_000]
    # the two directions are one street, each with classes of its own
    street = halved.streets.iloc[0]
    assert len(halved.streets) == 2
    assert sorted(street[["along_ms", "against_ms"]]) == [96_000, 122_000]


@pytest.mark.parametrize("turned", [False, True])
def test_the_order_of_rows_with_classes_changes_nothing(tmp_path: Path, turned: bool) -> None:
    rows = ["NA,c,60000,60", "c,NA,60000,10", "NA,c,60000,20", "007,NA,5,", "NA,007,5,"]
    edges = "\n".join(["from,to,travel_ms,percent_dual", *(rows[::-1] if turned else rows)])
    nodes, streets, _ = tables(tmp_path, NODES, edges)
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(30)).with_speeds({"dual": 2})
    # of two rows that say the same but for their classes the first by classes counts: 20 %
    assert sorted(network.travel_ms.tolist()) == [5, 5, 54_000, 57_000]


def test_percents_that_cannot_be_are_told_with_their_rows(tmp_path: Path) -> None:
    edges = "from,to,travel_ms,percent_built_up,percent_dual\n007,NA,5,60,41\nNA,c,5,-1,0\nNA,c,5,x,0.5\n"
    assert sorted(problems(tmp_path, NODES, edges)) == [
        ("edges.csv", "row 2", "percent_dual", "101"),
        ("edges.csv", "row 3", "percent_built_up", "-1"),
        ("edges.csv", "row 4", "percent_built_up", "x"),
        ("edges.csv", "row 4", "percent_dual", "0.5"),
    ]


def test_rows_with_a_length_run_both_ways_unless_they_say_otherwise(tmp_path: Path) -> None:
    edges = "from,to,length_m,highway,maxspeed\n007,NA,1000,primary,30 mph\n"
    _, streets, _ = tables(tmp_path, NODES, edges)
    assert streets[["oneway", "length_m", "highway", "maxspeed"]].iloc[0].tolist() == [
        0,
        1000,
        "primary",
        "30 mph",
    ]
    edges = "from,to,length_m,highway,oneway\n007,NA,1000,primary,yes\nNA,c,9,trunk,-1\nc,007,9,tertiary,no\n"
    _, streets, _ = tables(tmp_path, NODES, edges)
    assert streets["oneway"].tolist() == [1, -1, 0]
    # one way alone makes no dual carriageway
    assert street_speeds(streets, flat_rules(60))["dual"].tolist() == [False, False, False]
    said = streets.assign(dual_carriageway=["yes", "no", ""])
    assert street_speeds(said, flat_rules(60))["dual"].tolist() == [True, False, False]


def test_degrees_and_compressed_files_are_read(tmp_path: Path) -> None:
    for name, text in (("n", "id,lon,lat\na,-1.5,52.5\nb,-1.4,52.5\n"), ("e", "from,to,travel_ms\na,b,5\n")):
        (tmp_path / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
    nodes, streets = read_node_edge_tables(tmp_path / "n.csv.gz", tmp_path / "e.csv.gz", ProblemLog())
    assert nodes["x"].diff()[1] == pytest.approx(6790, abs=20)
    assert streets.geometry.iloc[0].coords[0] == tuple(nodes.loc[0, ["x", "y"]])


def test_every_problem_is_told_with_its_row(tmp_path: Path) -> None:
    nodes = "id,x,y\na,450000,300000\nb,451000,300000\na,452000,300000\nd,,300000\n"
    edges = "from,to,travel_ms\na,b,0\nb,zz,5\nb,a,-3\na,b,many\na,b,1.5\na,b,99999999999\nb,a,nan\n"
    assert sorted(problems(tmp_path, nodes, edges)) == [
        ("edges.csv", "row 2", "travel_ms", "0"),
        ("edges.csv", "row 3", "to", "zz"),
        ("edges.csv", "row 4", "travel_ms", "-3"),
        ("edges.csv", "row 5", "travel_ms", "many"),
        ("edges.csv", "row 6", "travel_ms", "1.5"),
        ("edges.csv", "row 7", "travel_ms", "99999999999"),
        ("edges.csv", "row 8", "travel_ms", "nan"),
        ("nodes.csv", "row 4", "id", "a"),
        ("nodes.csv", "row 5", "x", ""),
    ]


def test_missing_columns_are_named_in_both_files(tmp_path: Path) -> None:
    found = problems(tmp_path, "name,x,y\na,450000,300000\n", "from,travel_ms\na,5\n")
    assert [(file, column) for file, _, column, _ in found] == [("nodes.csv", "id"), ("edges.csv", "to")]


@pytest.mark.parametrize(
    ("edges", "column", "value"),
    [
        ("from,to\n007,NA\n", "length_m", ""),
        ("from,to,length_m\n007,NA,5\n", "highway", ""),
        ("from,to,length_m,highway\n007,NA,-5,primary\n", "length_m", "-5"),
        ("from,to,length_m,highway,oneway\n007,NA,5,primary,maybe\n", "oneway", "maybe"),
    ],
)
def test_edges_that_cannot_be_timed_are_refused(tmp_path: Path, edges: str, column: str, value: str) -> None:
    assert ("edges.csv", column, value) in [(f, c, v) for f, _, c, v in problems(tmp_path, NODES, edges)]


def test_a_thousand_bad_rows_are_told_by_the_hundred(tmp_path: Path) -> None:
    found = problems(tmp_path, NODES, "from,to,travel_ms\n" + "007,x,5\n" * 1000)
    assert len(found) == 101
    assert found[-1][1] == "900 more rows"


def town() -> nx.MultiDiGraph:
    """Return a graph as OSMnx makes them: both directions of a street, a one-way street, lists."""
    graph = nx.MultiDiGraph(crs="EPSG:4326", simplified=True)
    for name, lon, lat in ((11, -1.50, 52.50), (12, -1.49, 52.50), (13, -1.49, 52.51)):
        graph.add_node(name, x=lon, y=lat, street_count=2)
    both = {
        "osmid": 5,
        "highway": ["residential", "tertiary"],
        "oneway": False,
        "length": 679.0,
        "name": "A, B",
    }
    graph.add_edge(11, 12, reversed=False, speed_kph=999.0, travel_time=0.001, **both)
    graph.add_edge(12, 11, reversed=True, speed_kph=999.0, travel_time=0.001, **both)
    single = {"highway": "primary", "oneway": True, "maxspeed": ["40 mph", "30 mph"], "bridge": "yes"}
    graph.add_edge(13, 12, osmid=[6, 7], reversed=False, length=1113.0, **single)
    return graph


def test_roundabouts_and_motorways_are_one_way_unless_they_say_otherwise(tmp_path: Path) -> None:
    edges = (
        "from,to,length_m,highway,junction,oneway\n"
        "007,NA,9,primary,roundabout,\nNA,c,9,motorway,,\nc,007,9,motorway,,no\nc,NA,9,primary,,\n"
    )
    _, streets, _ = tables(tmp_path, NODES, edges)
    assert streets["oneway"].tolist() == [1, 1, 0, 0]
    without = "".join(line.rpartition(",")[0] + "\n" for line in edges.splitlines())
    _, streets, _ = tables(tmp_path, NODES, without)
    assert streets["oneway"].tolist() == [1, 1, 1, 0]


def test_a_damaged_geopackage_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "bad.gpkg").write_bytes(b"SQLite format 3\x00")
    with pytest.raises(InputError) as caught:
        read_gpkg(tmp_path / "bad.gpkg", ProblemLog())
    (problem,) = caught.value.problems
    assert "damaged or not a GeoPackage" in problem.why


@pytest.mark.parametrize("directed", [True, False])
def test_a_geopackage_by_osmnx_is_read_as_it_is(tmp_path: Path, directed: bool) -> None:
    path = tmp_path / "town.gpkg"
    osmnx.save_graph_geopackage(town(), path, directed=directed)
    nodes, streets = read_gpkg(path, ProblemLog())
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(30), simplify=False)
    number = {name: row for row, name in enumerate(network.node_id)}
    assert set(number) == {"11", "12", "13"}
    assert len(network.streets) == 2
    times = network.times_from([number["11"], number["13"]])
    # 679 m and 1113 m at 13.4112 m/s; the one-way street is not driven back
    assert times[0, number["12"]] == 50629
    assert times[0, number["13"]] == 2**31 - 1
    assert times[1, number["12"]] == 82990
    two_way = network.streets[network.streets["against_ms"] > 0].iloc[0]
    assert (two_way["highway"], two_way["name"]) == ("residential", "A, B")
    assert streets.loc[streets["highway"] == "primary", "bridge"].all()


def test_graphml_by_osmnx_gives_the_graph_back(tmp_path: Path) -> None:
    path = tmp_path / "town.graphml"
    osmnx.save_graphml(town(), path)
    graph = read_graphml(path)
    assert graph.number_of_edges() == 3
    data = graph.get_edge_data("13", "12")[0]
    assert (data["length"], data["oneway"], data["maxspeed"]) == (1113.0, True, ["40 mph", "30 mph"])
    assert graph.nodes["11"]["x"] == -1.5
    assert graph.graph["crs"] == "EPSG:4326"


def test_an_undirected_graphml_runs_both_ways(tmp_path: Path) -> None:
    graph = nx.Graph()
    graph.add_node("a", x=1.0, y=2.0)
    graph.add_node("b", x=2.0, y=2.0)
    graph.add_edge("a", "b", travel_ms=7)
    nx.write_graphml(graph, tmp_path / "g.graphml")
    found = read_graphml(tmp_path / "g.graphml")
    assert isinstance(found, nx.MultiDiGraph)
    assert found.has_edge("b", "a")
    assert found.get_edge_data("a", "b")[0]["travel_ms"] == 7


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "damaged or not GraphML"),
        (b"<graphml><graph", "damaged or not GraphML"),
        (b"<html></html>", "damaged or not GraphML"),
        (b"<!DOCTYPE lolz [<!ENTITY lol 'lol'>]><graphml/>", "document type"),
    ],
)
def test_a_graphml_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "bad.graphml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=why):
        read_graphml(path)


def test_a_geopackage_without_the_layers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.gpkg"
    path.write_bytes(b"SQLite format 3\x00 but no more")
    with pytest.raises(InputError, match="damaged or not a GeoPackage"):
        read_gpkg(path, ProblemLog())
    with pytest.raises(InputError, match="no such file"):
        read_gpkg(tmp_path / "nowhere.gpkg", ProblemLog())
