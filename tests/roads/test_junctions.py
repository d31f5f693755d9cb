"""What is waited at junctions: by hand at each kind, and exactly, against a graph of streets for nodes."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ascii_map import ascii_tables, flat_rules
from borderless.roads.junctions import junction_waits
from borderless.roads.network import UNREACHABLE, RoadNetwork
from borderless.roads.point_times import node_times, point_times, street_end_times
from borderless.roads.snap import Snap, snap_points
from borderless.study.model import Speeds

DELAYS = {
    "signals_s": 12.0,
    "signal_crossing_s": 2.5,
    "roundabout_s": 4.0,
    "mini_roundabout_s": 3.5,
    "give_way_a_s": 7.0,
    "give_way_bc_s": 5.0,
    "main_crossing_s": 6.0,
    "small_junction_s": 1.0,
    "right_turn_s": 9.0,
    "straight_over_s": 8.0,
}


def waiting(mph: float = 60, blue: float = 1.0) -> Speeds:
    """Return flat speeds with the delays of this test."""
    return replace(flat_rules(mph), delay_s=DELAYS, junction_blue_light_factor=blue)


def crossing(
    classes: dict[str, str], controls: dict[str, str] | None = None
) -> tuple[RoadNetwork, dict[str, int]]:
    """Return a crossing X of four arms, each 1 km of the given class, and where nodes are."""
    drawing = """
          N
          |
        W-X-E
          |
          S
    """
    nodes, streets = ascii_tables(drawing, metres=500)
    name = nodes["id"].to_numpy()
    arm = [
        next(end for end in (name[t], name[h]) if end != "X")
        for t, h in zip(streets["tail"], streets["head"], strict=True)
    ]
    streets = streets.assign(highway=[classes[end] for end in arm])
    streets = streets.assign(
        ref=np.where(streets["highway"].isin(["primary", "secondary"]), streets["highway"], "")
    )
    if controls:
        nodes = nodes.assign(control=[controls.get(node, "") for node in name])
    network = RoadNetwork.from_streets(nodes, streets, waiting(), simplify=False)
    return network, {str(node): number for number, node in enumerate(network.node_id)}


def waits_between(network: RoadNetwork, node: dict[str, int], start: str, end: str) -> float:
    """Return what a way over the crossing takes beyond the 2 km of driving, s."""
    driving_s = 2000 / (60 * 0.44704)
    times = network.at_junctions(network.times_from([node[start]]))
    return round(float(times[0, node[end]]) / 1000 - driving_s, 2)


MINOR_NORTH_SOUTH = {"N": "unclassified", "S": "unclassified", "W": "primary", "E": "primary"}


@pytest.mark.parametrize(
    ("start", "end", "waited"),
    [
        ("W", "E", 0.0),  # straight on along the main road
        ("W", "N", 0.0),  # left off it
        ("W", "S", 9.0),  # right off it, across the traffic that comes from the east
        ("N", "E", 7.0),  # give way, then left
        ("N", "W", 7.0 + 9.0),  # give way, then right, across
        ("N", "S", 7.0 + 8.0),  # give way, then straight over
    ],
)
def test_turning_across_a_main_road_costs_more(start: str, end: str, waited: float) -> None:
    network, node = crossing(MINOR_NORTH_SOUTH)
    assert waits_between(network, node, start, end) == pytest.approx(waited, abs=0.01)


@pytest.mark.parametrize(
    ("classes", "controls", "waited"),
    [
        (dict.fromkeys("NESW", "residential"), {}, 1.0),
        (MINOR_NORTH_SOUTH | {"W": "tertiary", "E": "tertiary"}, {}, 5.0),
        ({"N": "secondary", "S": "secondary", "W": "primary", "E": "primary"}, {}, 7.0 + 8.0),
        (dict.fromkeys("NESW", "residential"), {"X": "signals"}, 12.0),
        (MINOR_NORTH_SOUTH, {"X": "signals"}, 12.0),
        (MINOR_NORTH_SOUTH, {"X": "mini_roundabout"}, 3.5),
        (MINOR_NORTH_SOUTH, {"X": "signal_crossing:forward"}, 2.5),
    ],
)
def test_what_is_waited_depends_on_roads_and_controls(
    classes: dict[str, str], controls: dict[str, str], waited: float
) -> None:
    network, node = crossing(classes, controls)
    assert waits_between(network, node, "N", "S") == pytest.approx(waited, abs=0.01)


def test_two_main_roads_cost_something_where_the_file_knows_no_signals() -> None:
    classes = {"N": "secondary", "S": "secondary", "W": "primary", "E": "primary"}
    network, node = crossing(classes)
    assert waits_between(network, node, "W", "E") == pytest.approx(6.0, abs=0.01)
    network, node = crossing(classes, {"S": "signals"})
    assert waits_between(network, node, "W", "E") == pytest.approx(0.0, abs=0.01)


def test_a_bend_is_no_junction_and_signals_stop_there_all_the_same() -> None:
    nodes, streets = ascii_tables("A-B-C", metres=500)
    plain = RoadNetwork.from_streets(nodes, streets, waiting())
    assert plain.node_count == 2
    assert plain.travel_ms.tolist() == [2 * round(1000 / (60 * 0.44704) * 1000)] * 2
    signals = RoadNetwork.from_streets(nodes.assign(control=["", "signals", ""]), streets, waiting())
    assert signals.node_count == 3
    there = signals.times_from([int(np.flatnonzero(signals.node_id == "A")[0])])[0]
    assert there[signals.node_id == "C"] == plain.travel_ms[0] + 12_000


def test_several_signals_of_one_junction_share_its_wait() -> None:
    nodes, streets = ascii_tables("A-B-C-D", metres=15)
    lit = nodes.assign(control=["", "signals", "signals", ""])
    network = RoadNetwork.from_streets(lit, streets, waiting(), simplify=False)
    piece = round(30 / (60 * 0.44704) * 1000)
    assert network.times_from([0])[0, 3] == pytest.approx(3 * piece + 2 * 12_000 / np.sqrt(2), abs=2)


def test_blue_lights_have_their_own_factor_at_junctions() -> None:
    nodes, streets = ascii_tables("A-B-C", metres=500)
    lit = nodes.assign(control=["", "signals", ""])
    network = RoadNetwork.from_streets(lit, streets, waiting(blue=2.0))
    slow = network.with_speeds({"junction": 0.5})
    piece = round(1000 / (60 * 0.44704) * 1000)
    ends = [int(np.flatnonzero(network.node_id == name)[0]) for name in "AC"]
    assert network.times_from(ends[:1])[0, ends[1]] == 2 * piece + 6_000
    assert slow.times_from(ends[:1])[0, ends[1]] == 2 * piece + 12_000


def test_entering_a_roundabout_costs_and_leaving_it_does_not() -> None:
    drawing = """
        N
        |
        A->B-E
        ^  v
        D<-C
    """
    nodes, streets = ascii_tables(drawing, highway="tertiary")
    ring = (streets["oneway"] != 0).to_numpy()
    network = RoadNetwork.from_streets(nodes, streets.assign(roundabout=ring), waiting(), simplify=False)
    node = {str(name): number for number, name in enumerate(network.node_id)}
    times = network.times_from([node["N"]])[0]
    long, short = network.street_ms[0].max(), network.street_ms[0].min()
    assert times[node["E"]] == 2 * short + long + 4_000


@st.composite
def town(draw: st.DrawFn) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Draw a small town on a grid, with main roads, one-way streets, a ring, and controls."""
    side = draw(st.integers(2, 4))
    number = np.arange(side * side).reshape(side, side)
    ends = [(int(a), int(b)) for a, b in zip(number[:, :-1].ravel(), number[:, 1:].ravel(), strict=True)]
    ends += [(int(a), int(b)) for a, b in zip(number[:-1].ravel(), number[1:].ravel(), strict=True)]
    kept = draw(st.lists(st.sampled_from(ends), min_size=2, max_size=len(ends), unique=True))
    classes = st.sampled_from(
        ["residential", "unclassified", "tertiary", "secondary", "primary", "trunk_link"]
    )
    rows = [
        (
            tail,
            head,
            draw(st.sampled_from([0, 0, 0, 1, -1])),
            draw(classes),
            draw(st.sampled_from(["", "A1", "B2"])),
        )
        for tail, head in kept
    ]
    frame = pd.DataFrame(rows, columns=["tail", "head", "oneway", "highway", "ref"])
    xy = np.column_stack(np.divmod(np.arange(side * side), side))[:, ::-1] * 200.0
    lines = shapely.linestrings(np.stack([xy[frame["tail"]], xy[frame["head"]]], axis=1))
    ring = draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    frame = frame.assign(maxspeed="", name="", roundabout=ring, bridge=False, tunnel=False)
    streets = gpd.GeoDataFrame(frame.assign(length_m=shapely.length(lines)), geometry=lines, crs="EPSG:27700")
    controls = st.sampled_from(["", "", "", "signals", "mini_roundabout"])
    control = draw(st.lists(controls, min_size=side * side, max_size=side * side))
    nodes = pd.DataFrame(
        {"id": np.arange(len(xy)).astype(str), "x": xy[:, 0], "y": xy[:, 1], "control": control}
    )
    return nodes, streets


def graph_of_darts(network: RoadNetwork) -> nx.DiGraph:
    """Return streets as nodes: driving one, waiting at its end and turning into the next are one edge."""
    ways = network.ways
    start = np.stack(network.street_layout.ends, axis=1).ravel()
    end = start[np.arange(len(start)) ^ 1]
    split: dict[int, dict[int, int]] = {}
    graph = nx.DiGraph()
    arms = ways.arms
    dart_of_entry = arms.entry_dart
    for dart in range(len(start)):
        if ways.drive_ms[dart] >= 0:
            graph.add_node(dart, start=start[dart], end=end[dart])
    for entry, into in enumerate(dart_of_entry):
        split.setdefault(int(into), {})[int(arms.node[entry])] = int(arms.turn_ms[entry])
    for one in graph:
        for other in graph:
            if end[one] == start[other] and int(arms.goal[one]) in split[other]:
                turn = split[other][int(arms.goal[one])]
                graph.add_edge(one, other, ms=int(ways.drive_ms[one] + arms.end_ms[one]) + turn)
    return graph


@settings(max_examples=60, deadline=None)
@given(town(), st.integers(0, 10**6))
def test_times_are_those_of_a_graph_of_streets(
    made: tuple[pd.DataFrame, gpd.GeoDataFrame], seed: int
) -> None:
    network = RoadNetwork.from_streets(*made, waiting(30), simplify=False)
    random = np.random.default_rng(seed)
    many = len(network.streets)
    street = random.integers(0, many, 6)
    share = random.integers(1, 8, 6) / 8
    length = network.street_layout.length_m[street]
    none = np.zeros(6)
    places = Snap(
        street.astype(np.int32),
        share * length,
        np.full(6, -1, np.int32),
        none,
        none,
        none,
        none.astype(np.int32),
    )
    found = point_times(network, places, places)
    graph, ways = graph_of_darts(network), network.ways
    whole = dict(nx.all_pairs_dijkstra_path_length(graph, weight="ms"))
    for one in range(6):
        for other in range(6):
            best = int(UNREACHABLE)
            for a in (2 * street[one], 2 * street[one] + 1):
                if a not in graph:
                    continue
                behind = share[one] if a % 2 == 0 else 1 - share[one]
                for b in (2 * street[other], 2 * street[other] + 1):
                    if b not in graph:
                        continue
                    ahead = share[other] if b % 2 == 0 else 1 - share[other]
                    done = _passed(ways.drive_ms[a], share[one], a)
                    reach = _passed(ways.drive_ms[b], share[other], b)
                    for after, ms in graph[a].items():
                        if b in whole.get(after, {}):
                            best = min(best, ms["ms"] - done + whole[after][b] + reach)
                    if a == b and ahead >= behind:
                        best = min(best, reach - done)
            assert found[one, other] == best


def _passed(whole_ms: int, share: float, dart: int) -> int:
    """Return the time from a dart's start to a place, rounded as along the street's line."""
    part = int(np.rint(whole_ms * share))
    return part if dart % 2 == 0 else int(whole_ms) - part


@settings(max_examples=40, deadline=None)
@given(town())
def test_ends_of_streets_are_reached_and_left_as_places_just_inside(
    made: tuple[pd.DataFrame, gpd.GeoDataFrame],
) -> None:
    network = RoadNetwork.from_streets(*made, waiting(30), simplify=False)
    origin = snap_points(network, [30.0], [0.0], 20.0)
    for to in (False, True):
        ends = street_end_times(network, node_times(network, origin, to=to), to=to)[0]
        graph, ways = graph_of_darts(network), network.ways
        for dart in graph:
            at = dart if not to else dart ^ 1
            arms = ways.arms
            times = node_times(network, origin, to=to)[0].astype(np.int64)
            if to:
                node = arms.goal[dart]
                expected = times[node] + arms.end_ms[dart] if times[node] != UNREACHABLE else int(UNREACHABLE)
            else:
                entry = slice(arms.first[dart], arms.first[dart + 1])
                here = times[arms.node[entry]]
                expected = np.where(here == UNREACHABLE, int(UNREACHABLE), here + arms.turn_ms[entry]).min()
            assert ends[at] == expected


def test_waits_do_not_depend_on_the_order_of_streets() -> None:
    nodes, streets = ascii_tables("A-B-C\n  |  \n  D  ", highway="primary")
    turned = streets.iloc[::-1].reset_index(drop=True)
    one, other = (
        junction_waits(nodes, table.assign(along_ms=1000, against_ms=1000), DELAYS, 1.0)
        for table in (streets, turned)
    )
    assert sorted(one.end_ms.tolist()) == sorted(other.end_ms.tolist())
    assert sorted(one.turn_ms.tolist()) == sorted(other.turn_ms.tolist())
