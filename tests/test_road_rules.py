"""One street, many formats: who may drive it, and which way, is the same whatever file it is read from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import networkx as nx
import osmnx
import pytest

import little_map
import two_counties
from borderless.errors import ProblemLog
from borderless.network_files import load_network, study_network
from borderless.roads.convert import graph_tables
from borderless.roads.network import RoadNetwork
from borderless.sources.road_files import read_graphml
from borderless.study.model import RoadsInput
from borderless.study.read import read_study
from little_map import BY_STREET_S, FORMATS, OSM_FORMATS, ROUND_S, STREET, seconds_there_and_back

BOTH, NEITHER = (BY_STREET_S, BY_STREET_S), (ROUND_S, ROUND_S)
THERE, BACK = (BY_STREET_S, ROUND_S), (ROUND_S, BY_STREET_S)

OPEN_TO_POLICE = [
    {},
    {"access": "no", "bus": "yes", "emergency": "yes"},
    {"access": "no", "emergency": "designated"},
    {"access": "private", "emergency": "yes"},
    {"access": "private", "emergency": "designated"},
    {"motor_vehicle": "no", "emergency": "yes"},
    {"vehicle": "no", "emergency": "official"},
    {"motorcar": "no", "emergency": "yes"},
    {"motor_vehicle": "no", "bus": "yes"},
    {"motor_vehicle": "no", "psv": "designated"},
    {"access": "no", "bus": "designated"},
    {"access": "no;bus=yes"},
    {"motor_vehicle": "bus;psv"},
    {"access": "psv"},
    {"access": "destination"},
    {"access": "customers;delivery"},
    {"motor_vehicle": "permit"},
    {"vehicle": "residents"},
    {"access": "emergency"},
    {"access": "no", "vehicle": "no", "motorcar": "yes"},
    {"access": "private", "motor_vehicle": "permissive"},
    {"emergency": "fire_hydrant"},
    {"oneway": "reversible"},
    {"oneway": "alternating"},
    {"oneway": "yes", "oneway:motor_vehicle": "no"},
    {"oneway": "yes", "oneway:motorcar": "no"},
    {"oneway": "yes", "oneway:vehicle": "no"},
    {"oneway": "yes", "oneway:emergency": "no"},
    {"oneway": "yes", "oneway:psv": "no"},
    {"oneway": "yes", "oneway:bicycle": "no", "oneway:bus": "no"},
    {"motor_vehicle:conditional": "no @ (Mo-Fr 08:00-09:30)"},
]
CLOSED = [
    {"access": "no"},
    {"access": "private"},
    {"vehicle": "private"},
    {"motor_vehicle": "no"},
    {"motorcar": "no"},
    {"motor_vehicle": "agricultural;forestry"},
    {"access": "military"},
    {"access": "yes", "emergency": "no"},
    {"access": "no", "bus": "no"},
    {"access": "no", "foot": "yes", "bicycle": "yes"},
    {"access": "no", "emergency": "private_hydrant"},
    {"motorcar:forward": "no", "motorcar:backward": "no"},
    {"oneway": "yes", "motor_vehicle:forward": "no"},
    {"highway": "service"},
    {"highway": "service", "access": "private"},
    {"highway": "track"},
    {"highway": "construction", "construction": "residential"},
    {"highway": "proposed"},
    {"highway": "road"},
    {"highway": "no"},
    {"highway": "rest_area"},
    {"highway": "emergency_bay"},
    {"highway": "residental"},
    {"area": "yes"},
]
ALONG = [
    {"oneway": "yes"},
    {"vehicle:backward": "no"},
    {"motor_vehicle:backward": "no"},
    {"motorcar:backward": "private"},
    {"access:backward": "no"},
    {"oneway:motor_vehicle": "yes"},
    {"oneway:motorcar": "yes"},
    {"oneway:vehicle": "yes"},
    {"oneway": "yes", "oneway:bicycle": "no"},
    {"access": "no", "motor_vehicle:forward": "yes"},
    {"motor_vehicle": "no", "bus:forward": "yes"},
    {"access": "no", "emergency:forward": "yes"},
    {"junction": "roundabout"},
    {"junction": "circular"},
]
AGAINST = [
    {"oneway": "-1"},
    {"oneway": "reverse"},
    {"motorcar:forward": "no"},
    {"vehicle:forward": "no"},
    {"oneway:motor_vehicle": "-1"},
    {"access": "no", "motorcar:backward": "yes"},
]
CASES = [
    *((tags, BOTH) for tags in OPEN_TO_POLICE),
    *((tags, NEITHER) for tags in CLOSED),
    *((tags, THERE) for tags in ALONG),
    *((tags, BACK) for tags in AGAINST),
]


def words(tags: object) -> str:
    return " ".join(f"{key}={value}" for key, value in tags.items()) if isinstance(tags, dict) else str(tags)


# the slower formats take every fourth case
@pytest.mark.parametrize(
    ("kind", "tags", "times"),
    [
        (kind, *case)
        for kind in FORMATS
        for case in (CASES if kind in {"osm", "csv", "networkx"} else CASES[::4])
    ],
    ids=words,
)
def test_every_format_drives_the_same_way(
    tmp_path: Path, kind: str, tags: dict[str, str], times: tuple[float, float]
) -> None:
    assert seconds_there_and_back(tmp_path, kind, STREET | tags) == times


GATED = [
    {"motor_vehicle": "no", "bus": "yes"},
    {"access": "no", "psv": "yes"},
    {"access": "no;bus=yes"},
    {"motor_vehicle": "psv"},
]


@pytest.mark.parametrize(
    ("tags", "times"),
    [({}, BOTH), ({"oneway": "yes"}, THERE), ({"oneway": "-1"}, BACK), ({"vehicle:backward": "no"}, THERE)],
    ids=words,
)
def test_an_undirected_graph_by_osmnx_keeps_its_one_way_streets(
    tmp_path: Path, tags: dict[str, str], times: tuple[float, float]
) -> None:
    undirected = osmnx.convert.to_undirected(little_map.graph(little_map.ways(STREET | tags)))
    nx.write_graphml(_with_text(undirected), tmp_path / "roads.graphml")
    graph = read_graphml(tmp_path / "roads.graphml")
    assert little_map.seconds(graph_tables(graph)) == times


def _with_text(graph: nx.MultiGraph) -> nx.MultiGraph:
    graph.graph["crs"] = str(graph.graph["crs"])
    for _, _, data in graph.edges(data=True):
        data.update({key: str(value) for key, value in data.items()})
    return graph


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("tags", GATED, ids=words)
def test_bus_gates_may_be_closed(tmp_path: Path, kind: str, tags: dict[str, str]) -> None:
    assert seconds_there_and_back(tmp_path, kind, STREET | tags, bus_gates=False) == NEITHER
    both = STREET | tags | {"emergency": "yes"}
    assert seconds_there_and_back(tmp_path, kind, both, bus_gates=False) == BOTH
    contraflow = STREET | {"oneway": "yes", "oneway:psv": "no"}
    assert seconds_there_and_back(tmp_path, kind, contraflow, bus_gates=False) == THERE


@pytest.mark.usefixtures("empty_cache")
def test_a_study_that_closes_bus_gates_is_not_given_the_roads_kept_with_open_ones(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path)
    street = little_map.write(tmp_path, "osm", little_map.ways(STREET | GATED[0]))
    study = replace(read_study(path), roads=RoadsInput(street, None, None, None, "nodes", 0.0))
    found = []
    for gates in (True, False, True):
        asked = replace(study, roads=replace(study.roads, bus_gates=gates))
        network = study_network(asked, ProblemLog())
        assert network is not None
        found.append(network.arc_count)
    assert found[0] == found[2] > found[1]


@pytest.mark.parametrize("kind", FORMATS[:-1])
def test_what_is_left_out_is_told_with_its_length(tmp_path: Path, kind: str) -> None:
    more = [(201, "AB", {"highway": "service"}), (202, "DC", STREET | {"access": "private"})]
    _, log = little_map.tables(tmp_path, kind, little_map.ways({"highway": "service"}, more))
    (told,) = [problem.why for problem in log if problem.why.startswith("left out")]
    # OSMnx lists both directions of a street, and each is a way here
    many = {"gpkg": (4, 2), "graphml": (4, 2)}.get(kind, (2, 1))
    km = [count * 1.0 for count in many]
    ways = f"{many[1]} way{'s' if many[1] > 1 else ''}"
    closed = f"{ways}, {km[1]:.1f} km closed to cars (access=private)"
    assert told == f"left out: {many[0]} ways, {km[0]:.1f} km service; {closed}"


@pytest.mark.parametrize("kind", FORMATS[:-1])
def test_conditions_and_words_that_nobody_knows_are_counted(tmp_path: Path, kind: str) -> None:
    tags = STREET | {"access": "perhaps", "motor_vehicle:conditional": "no @ (22:00-06:00)"}
    _, log = little_map.tables(tmp_path, kind, little_map.ways(tags))
    (told,) = [problem.why for problem in log if problem.why.startswith("tags that are not followed")]
    assert "motor_vehicle:conditional" in told
    assert "access=perhaps" in told


@pytest.mark.parametrize("kind", FORMATS[2:-1])
def test_a_format_says_what_it_cannot_say(tmp_path: Path, kind: str) -> None:
    _, log = little_map.tables(tmp_path, kind, little_map.ways(STREET | {"access": "yes"}))
    (told,) = [problem.why for problem in log if problem.why.startswith("says nothing of")]
    assert "emergency" in told
    assert "access" not in told
    assert "barriers" in told


@pytest.mark.parametrize("kind", FORMATS[:-1])
def test_an_unknown_class_is_named(tmp_path: Path, kind: str) -> None:
    _, log = little_map.tables(tmp_path, kind, little_map.ways({"highway": "boulevard"}))
    (told,) = [problem.why for problem in log if problem.severity == "repair"]
    assert "a class that is not known" in told
    assert "boulevard" in told


LIMITS = {
    "maxspeed:forward": "20 mph",
    "maxspeed:backward": "60 mph",
    "maxspeed:type": "GB:nsl_single",
    "source:maxspeed": "sign",
    "lit": "yes",
    "sidewalk": "both",
    "dual_carriageway": "no",
}


@pytest.mark.parametrize("kind", FORMATS[:-1])
def test_tags_about_limits_are_handed_on_as_they_are(tmp_path: Path, kind: str) -> None:
    read, _ = little_map.tables(tmp_path, kind, little_map.ways({"highway": "primary"} | LIMITS))
    streets = read.streets[read.streets["highway"] == "primary"]
    assert (streets["maxspeed"] == "").all()
    rest = {key: value for key, value in LIMITS.items() if not key.endswith("ward")}
    for key, value in rest.items():
        assert streets[key].tolist() == [value] * len(streets)
    assert "zone:traffic" not in streets
    # a row that runs against its way has its sides the other way round
    start = read.nodes["id"].to_numpy()[streets["tail"]]
    along = ["20 mph" if name == "1" else "60 mph" for name in start]
    assert streets["maxspeed:forward"].tolist() == along


def test_columns_may_be_spelt_with_underscores(tmp_path: Path) -> None:
    tags = {"highway": "primary", "maxspeed_forward": "20 mph", "motor_vehicle_backward": "no"}
    read, _ = little_map.tables(tmp_path, "csv", little_map.ways(tags))
    street = read.streets[read.streets["highway"] == "primary"].iloc[0]
    assert street[["oneway", "maxspeed:forward"]].tolist() == [1, "20 mph"]


LISTS = [
    ["residential", "living_street"],
    "['residential', 'living_street']",
    ["service", "residential"],
    "['footway', 'residential']",
]


@pytest.mark.parametrize("classes", LISTS, ids=str)
def test_of_a_list_of_classes_the_first_that_is_driven_counts(
    tmp_path: Path, classes: list[str] | str
) -> None:
    graph = little_map.graph(little_map.ways({"highway": "trunk"}))
    for _, _, data in graph.edges(data=True):
        if data["highway"] == "trunk":
            data["highway"] = classes
    network = RoadNetwork.from_networkx(graph)
    assert sorted(set(network.streets["highway"])) == ["residential", "unclassified"]
    osmnx.save_graphml(graph, tmp_path / "roads.graphml")
    text = nx.read_graphml(tmp_path / "roads.graphml", force_multigraph=True)
    again = RoadNetwork.from_networkx(text)
    assert sorted(again.travel_ms.tolist()) == sorted(network.travel_ms.tolist())
    read = load_network(tmp_path / "roads.graphml")
    assert "residential" in set(read.streets["highway"])


@pytest.mark.parametrize("access", [["yes", "private"], "['private', 'yes']", ["no", "destination"]], ids=str)
def test_of_merged_ways_every_one_must_be_open(access: list[str] | str) -> None:
    graph = little_map.graph(little_map.ways({"highway": "residential"}))
    for _, _, data in graph.edges(data=True):
        if data["highway"] == "residential":
            data["access"] = access
    assert "residential" not in set(RoadNetwork.from_networkx(graph).streets["highway"])


STOPS = [
    {"barrier": "bollard"},
    {"barrier": "block"},
    {"barrier": "jersey_barrier"},
    {"barrier": "cycle_barrier"},
    {"barrier": "bus_trap"},
    {"barrier": "gate", "access": "private"},
    {"barrier": "gate", "motor_vehicle": "no"},
    {"barrier": "gate", "locked": "yes"},
    {"barrier": "lift_gate", "access": "no"},
    {"barrier": "gate", "emergency": "no"},
    {"barrier": "height_restrictor", "maxheight": "1.6"},
]
PASSES = [
    {"barrier": "gate"},
    {"barrier": "lift_gate"},
    {"barrier": "swing_gate"},
    {"barrier": "cattle_grid"},
    {"barrier": "toll_booth"},
    {"barrier": "height_restrictor", "maxheight": "2.1"},
    {"barrier": "width_restrictor", "maxwidth": "6'6\""},
    {"barrier": "bollard", "emergency": "yes"},
    {"barrier": "bollard", "motor_vehicle": "yes"},
    {"barrier": "bollard", "bollard": "rising"},
    {"barrier": "gate", "access": "private", "emergency": "yes"},
    {"barrier": "gate", "access": "no", "emergency": "designated"},
    {"barrier": "gate", "access": "no", "motorcar": "yes"},
    {"barrier": "lift_gate", "motor_vehicle": "no", "bus": "yes"},
    {"barrier": "no"},
    {"barrier": "something_new"},
]


@pytest.mark.parametrize("kind", OSM_FORMATS)
@pytest.mark.parametrize("place", ["G", "H", "A", "B"])
@pytest.mark.parametrize("tags", STOPS, ids=words)
def test_nothing_passes_a_barrier_inside_a_way_or_at_its_end(
    tmp_path: Path, kind: str, place: str, tags: dict[str, str]
) -> None:
    assert seconds_there_and_back(tmp_path, kind, STREET, {place: tags}) == NEITHER


@pytest.mark.parametrize("kind", OSM_FORMATS)
@pytest.mark.parametrize("place", ["G", "B"])
@pytest.mark.parametrize("tags", PASSES, ids=words)
def test_open_barriers_let_a_car_pass(tmp_path: Path, kind: str, place: str, tags: dict[str, str]) -> None:
    assert seconds_there_and_back(tmp_path, kind, STREET, {place: tags}) == BOTH


def test_barriers_are_counted_by_kind(tmp_path: Path) -> None:
    nodes = {"G": {"barrier": "bollard"}, "H": {"barrier": "gate"}, "C": {"barrier": "cattle_grid"}}
    _, log = little_map.tables(tmp_path, "osm", little_map.ways(STREET), nodes)
    assert "barriers: stopped by bollard (1); passed cattle_grid (1), gate (1)" in [p.why for p in log]
