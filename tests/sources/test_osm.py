"""OpenStreetMap extracts become streets that meet only at their ends."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest

from ascii_map import flat_rules
from borderless.errors import InputError, ProblemLog
from borderless.roads.network import RoadNetwork
from borderless.roads.speeds import street_speeds
from borderless.sources.osm import read_osm
from random_graphs import unmended

REAL = Path(__file__).parents[2].parent / "shared" / "real" / "roads"

Way = tuple[list[int], dict[str, str]]


def osm_text(ways: dict[int, Way], *, leave_out: tuple[int, ...] = (), extra: str = "") -> str:
    """Return an .osm file whose node n lies n hundredths of a degree east of 1.5° W."""
    used = sorted({node for nodes, _ in ways.values() for node in nodes} - set(leave_out))
    lines = [f'<node id="{n}" version="1" lat="{52.5 + n % 7 / 1000}" lon="{-1.5 + n / 100}"/>' for n in used]
    for way, (nodes, tags) in ways.items():
        references = "".join(f'<nd ref="{n}"/>' for n in nodes)
        labels = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        lines.append(f'<way id="{way}" version="1">{references}{labels}</way>')
    return '<?xml version="1.0"?>\n<osm version="0.6">' + "\n".join([*lines, extra]) + "</osm>\n"


def read(
    tmp_path: Path, ways: dict[int, Way], **more: object
) -> tuple[pd.DataFrame, gpd.GeoDataFrame, ProblemLog]:
    path = tmp_path / "some.osm"
    path.write_text(osm_text(ways, **more), encoding="utf-8")
    log = ProblemLog()
    nodes, streets = read_osm(path, log)
    return nodes, streets, log


def one_street(tmp_path: Path, **tags: str) -> pd.Series:
    _, streets, _ = read(tmp_path, {1: ([1, 2], {"highway": "primary"} | tags)})
    return streets.iloc[0]


def ends(nodes: pd.DataFrame, streets: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    name = nodes["id"].to_numpy()
    return list(zip(name[streets["tail"]], name[streets["head"]], strict=True))


def test_ways_are_split_where_nodes_are_shared_and_nowhere_else(tmp_path: Path) -> None:
    ways = {1: ([1, 2, 3, 4, 5], {"highway": "primary"}), 2: ([6, 3, 7], {"highway": "residential"})}
    nodes, streets, _ = read(tmp_path, ways)
    assert ends(nodes, streets) == [("1", "3"), ("3", "5"), ("6", "3"), ("3", "7")]
    assert [len(line.coords) for line in streets.geometry] == [3, 3, 2, 2]
    assert nodes["id"].tolist() == ["1", "3", "5", "6", "7"]
    assert np.allclose(streets.geometry.length, streets["length_m"])


def test_a_way_that_crosses_itself_is_split_there(tmp_path: Path) -> None:
    nodes, streets, _ = read(tmp_path, {1: ([1, 2, 3, 4, 2, 5], {"highway": "primary"})})
    assert ends(nodes, streets) == [("1", "2"), ("2", "3"), ("3", "2"), ("2", "5")]


def test_a_closed_way_is_split_in_the_middle_so_that_it_is_no_self_loop(tmp_path: Path) -> None:
    nodes, streets, _ = read(tmp_path, {1: ([1, 2, 3, 4, 1], {"highway": "residential"})})
    assert ends(nodes, streets) == [("1", "3"), ("3", "1")]


def test_coordinates_are_on_the_national_grid(tmp_path: Path) -> None:
    # the Caister water tower of the Ordnance Survey's guide, in WGS 84 and on the grid
    tower = 'lat="52.6579786" lon="1.7160519"'
    text = osm_text({1: ([0, 7], {"highway": "primary"})}).replace('lat="52.5" lon="-1.5"', tower)
    path = tmp_path / "some.osm"
    path.write_text(text, encoding="utf-8")
    nodes, streets = read_osm(path, ProblemLog())
    # datum shifts differ by a few metres
    assert nodes.loc[0, ["x", "y"]].tolist() == pytest.approx([651_409.9, 313_177.3], abs=5)
    assert streets.crs == "EPSG:27700"


def test_lengths_are_those_on_the_ground(tmp_path: Path) -> None:
    _, streets, _ = read(tmp_path, {1: ([0, 7], {"highway": "primary"})})
    # 0.07° of longitude at 52.5° N on the WGS 84 ellipsoid
    assert streets.loc[0, "length_m"] == pytest.approx(4753.5, rel=0.0006)


@pytest.mark.parametrize(
    ("tags", "oneway"),
    [
        ({}, 0),
        ({"oneway": "yes"}, 1),
        ({"oneway": "true"}, 1),
        ({"oneway": "1"}, 1),
        ({"oneway": "-1"}, -1),
        ({"oneway": "reverse"}, -1),
        ({"oneway": "no"}, 0),
        ({"oneway": "reversible"}, 0),
        ({"oneway": "alternating"}, 0),
        ({"oneway": "perhaps"}, 0),
        ({"junction": "roundabout"}, 1),
        ({"junction": "circular"}, 1),
        ({"junction": "roundabout", "oneway": "no"}, 0),
        ({"highway": "motorway"}, 1),
        ({"highway": "motorway", "oneway": "-1"}, -1),
        ({"highway": "motorway", "oneway": "no"}, 0),
        ({"highway": "motorway_link"}, 0),
    ],
)
def test_one_way_streets_said_and_implied(tmp_path: Path, tags: dict[str, str], oneway: int) -> None:
    assert one_street(tmp_path, **tags)["oneway"] == oneway


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        ({}, True),
        ({"highway": "service"}, False),
        ({"highway": "track"}, False),
        ({"highway": "footway"}, False),
        ({"highway": "living_street"}, True),
        ({"highway": "tertiary_link"}, True),
        ({"area": "yes"}, False),
        ({"access": "private"}, False),
        ({"access": "no"}, False),
        ({"access": "destination"}, True),
        ({"access": "permissive"}, True),
        ({"motor_vehicle": "no"}, False),
        ({"access": "no", "motor_vehicle": "yes"}, True),
        ({"access": "yes", "vehicle": "no"}, False),
        ({"vehicle": "no", "motorcar": "yes"}, True),
        ({"motor_vehicle": "yes", "motorcar": "private"}, False),
    ],
)
def test_only_streets_open_to_cars_are_kept(tmp_path: Path, tags: dict[str, str], kept: bool) -> None:
    ways = {1: ([1, 2], {"highway": "primary"} | tags), 2: ([8, 9], {"highway": "primary"})}
    nodes, streets, _ = read(tmp_path, ways)
    assert (("1", "2") in ends(nodes, streets)) == kept
    assert len(streets) == 1 + kept


@pytest.mark.parametrize(
    ("tags", "dual"),
    [
        ({}, False),
        ({"oneway": "yes"}, False),
        ({"oneway": "-1", "highway": "trunk"}, False),
        ({"oneway": "yes", "dual_carriageway": "yes"}, True),
        ({"junction": "roundabout"}, False),
        ({"oneway": "yes", "highway": "primary_link"}, False),
        ({"oneway": "yes", "highway": "residential"}, False),
        ({"dual_carriageway": "yes", "highway": "secondary"}, True),
        ({"oneway": "yes", "dual_carriageway": "no"}, False),
        ({"oneway": "yes", "maxspeed": "GB:nsl_single"}, False),
        ({"oneway": "yes", "maxspeed": "", "maxspeed:type": "GB:nsl_single"}, False),
        ({"oneway": "yes", "maxspeed": "", "maxspeed:type": "GB:nsl_dual"}, True),
    ],
)
def test_dual_carriageways_are_those_that_tags_name(tmp_path: Path, tags: dict[str, str], dual: bool) -> None:
    _, streets, _ = read(tmp_path, {1: ([1, 2], {"highway": "primary", "maxspeed": "60 mph"} | tags)})
    assert street_speeds(streets, flat_rules(60))["dual"].tolist() == [dual]


def test_other_tags_are_kept_as_they_are(tmp_path: Path) -> None:
    street = one_street(
        tmp_path, maxspeed="30 mph", name="Narborough Rd", ref="A5460", bridge="viaduct", tunnel="no"
    )
    assert street[["maxspeed", "name", "ref"]].tolist() == ["30 mph", "Narborough Rd", "A5460"]
    assert street["bridge"]
    assert not street["tunnel"]
    assert not street["roundabout"]
    limits = one_street(tmp_path, **{"maxspeed:type": "GB:nsl_single", "maxspeed:backward": "20 mph"})
    assert limits[["maxspeed", "maxspeed:type", "maxspeed:backward"]].tolist() == [
        "",
        "GB:nsl_single",
        "20 mph",
    ]
    assert "maxspeed:forward" not in limits


def test_a_way_with_missing_nodes_is_cut_at_the_gap_and_counted(tmp_path: Path) -> None:
    ways = {1: ([1, 2, 3, 4, 5, 6], {"highway": "primary"}), 2: ([6, 7], {"highway": "primary"})}
    nodes, streets, log = read(tmp_path, ways, leave_out=(3, 7))
    assert ends(nodes, streets) == [("1", "2"), ("4", "6")]
    repairs = [problem for problem in log if problem.severity == "repair"]
    assert [repair.why for repair in repairs] == [
        "2 nodes of 2 ways are not in the file; those are cut at the gap"
    ]
    assert repairs[0].value == "way 1, way 2"


def test_what_is_not_modelled_is_told_in_one_line(tmp_path: Path) -> None:
    restriction = (
        '<relation id="1" version="1"><tag k="type" v="restriction"/><tag k="restriction" v="no_u_turn"/>'
    )
    ways = {1: ([1, 2], {"highway": "primary"}), 2: ([2, 3], {"route": "ferry"})}
    _, streets, log = read(tmp_path, ways, extra=restriction + "</relation>")
    assert len(streets) == 1
    assert "left out: 1 ferry; 1 incomplete turn restriction" in [problem.why for problem in log]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.osm.pbf", b"not a protocol buffer at all", "damaged"),
        ("a.osm.pbf", b"", "empty"),
        ("a.osm", b"<osm version='0.6'><node id='1' lat='52", "damaged"),
        ("a.osm", b"<osm version='0.6'><node id='1' lat='north' lon='-1'/></osm>", "damaged"),
        ("a.osm", b"<html>504 Gateway Timeout</html>", "damaged"),
        ("a.osm", b"<osm version='0.6'></osm>", "no drivable street"),
        (
            "a.osm",
            b"<osm version='0.6'><node id='-1' lat='52' lon='-1'/><node id='-2' lat='52' lon='-2'/>"
            b"<way id='-1'><nd ref='-1'/><nd ref='-2'/><tag k='highway' v='primary'/></way></osm>",
            "negative ids",
        ),
        (
            "a.osm",
            b"<?xml version='1.0'?><!DOCTYPE osm [<!ENTITY a 'b'>]><osm version='0.6'/>",
            "document type",
        ),
        ("a.osm", "<osm version='0.6'/>".encode("utf-16"), "UTF-16"),
        ("a.txt", b"<osm version='0.6'/>", "this kind of file is not known → use .osm.pbf, .pbf, .osm"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=why) as caught:
        read_osm(path, ProblemLog())
    problem = caught.value.problems[0]
    assert problem.file == name
    assert problem.remedy


def test_a_declaration_hidden_late_in_a_long_file_is_still_refused(tmp_path: Path) -> None:
    path = tmp_path / "late.osm"
    path.write_bytes(b"<?xml version='1.0'?><!--" + b"x" * (4_194_304 - 30) + b"--><!DOCTYPE osm><osm/>")
    with pytest.raises(InputError, match="document type"):
        read_osm(path, ProblemLog())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.osm\.pbf"):
        read_osm(tmp_path / "nowhere.osm.pbf", ProblemLog())


def test_streets_outside_great_britain_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "abroad.osm"
    path.write_text(
        osm_text({1: ([1, 2], {"highway": "primary"})}).replace('lon="-1', 'lon="41'), encoding="utf-8"
    )
    with pytest.raises(InputError, match="outside Great Britain"):
        read_osm(path, ProblemLog())


def real_network(name: str) -> Path:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"the real street network is not beside the project ({path.name})")
    return path


@pytest.mark.real
def test_rutland_has_the_known_ways_and_the_times_of_networkx() -> None:
    log = ProblemLog()
    nodes, streets = read_osm(real_network("rutland.osm.pbf"), log)
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(40), log=log)
    assert not log.errors
    assert network.node_count > 1000
    sources = np.linspace(0, network.node_count - 1, 6).astype(int)
    graph = network.to_networkx()
    for source, times in zip(sources, network.times_from(sources), strict=True):
        expected = nx.single_source_dijkstra_path_length(graph, int(source), weight="travel_ms")
        assert len(expected) == network.node_count
        assert times.tolist() == [expected[node] for node in range(network.node_count)]


@pytest.mark.real
def test_simplifying_rutland_keeps_its_times() -> None:
    nodes, streets = read_osm(real_network("rutland.osm.pbf"), ProblemLog())
    whole = RoadNetwork.from_streets(nodes, streets, flat_rules(40), simplify=False)
    with unmended():
        small = RoadNetwork.from_streets(nodes, streets, flat_rules(40))
    number = {name: row for row, name in enumerate(whole.node_id)}
    kept = np.array([number[name] for name in small.node_id])
    sample = np.linspace(0, small.node_count - 1, 8).astype(int)
    assert np.array_equal(small.times_from(sample), whole.times_from(kept[sample])[:, kept])
    assert small.node_count < 0.92 * whole.node_count
