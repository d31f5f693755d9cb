"""Other speeds by class on a ready network give what a network built anew with these speeds gives."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ascii_map import ascii_network, ascii_tables, flat_rules
from borderless.errors import BorderlessError, InputError
from borderless.roads.network import UNREACHABLE, RoadNetwork
from borderless.roads.point_times import point_times
from borderless.roads.snap import snap_points
from borderless.roads.speed_mix import SpeedMix
from borderless.study.defaults import TIME_CLASSES
from borderless.study.model import Speeds
from borderless.study.read import DEFAULT_SPEEDS

RULES = replace(DEFAULT_SPEEDS, delay_s=dict.fromkeys(DEFAULT_SPEEDS.delay_s, 0.0))
Tables = tuple[pd.DataFrame, gpd.GeoDataFrame]
factors = st.dictionaries(
    st.sampled_from((*TIME_CLASSES, "all")), st.sampled_from([0.5, 0.8, 0.9, 1.0, 1.25, 3.0])
)


@st.composite
def tables(draw: st.DrawFn) -> Tables:
    """Draw nodes and streets of all classes, with bent streets beside straight ones."""
    n = draw(st.integers(2, 6))
    spot = st.tuples(st.integers(0, 30), st.integers(0, 30))
    place = 250.0 * np.array(draw(st.lists(spot, min_size=n, max_size=n, unique=True)))
    node = st.integers(0, n - 1)
    classes = ("motorway", "motorway_link", "trunk", "primary", "secondary", "tertiary", "unclassified")
    row = st.tuples(
        *(node, node, st.sampled_from([0, 0, 1, -1]), st.sampled_from((*classes, "living_street", "road"))),
        *(st.sampled_from(["", "30 mph", "50 mph"]), st.booleans(), st.integers(0, 900)),
    )
    rows = draw(st.lists(row.filter(lambda r: r[0] != r[1]), min_size=1, max_size=4 * n))
    columns = ["tail", "head", "oneway", "highway", "maxspeed", "dual_carriageway", "bend"]
    frame = pd.DataFrame(rows, columns=columns)
    lines = []
    for tail, head, bend in zip(frame["tail"], frame["head"], frame.pop("bend"), strict=True):
        middle = (place[tail] + place[head]) / 2 + [bend, -bend]
        lines.append(shapely.LineString([place[tail], middle, place[head]]))
    frame = frame.assign(name="", ref="", roundabout=False, bridge=False, tunnel=False)
    streets = gpd.GeoDataFrame(frame.assign(length_m=shapely.length(lines)), geometry=lines, crs="EPSG:27700")
    nodes = pd.DataFrame({"id": np.arange(n).astype(str), "x": place[:, 0], "y": place[:, 1]})
    return nodes, streets


def changed(factor: dict[str, float]) -> Speeds:
    """Return the rules of the study with other speeds by class."""
    driving = {
        name: value * factor.get(name, 1) * factor.get("all", 1) for name, value in RULES.factor.items()
    }
    return replace(RULES, factor=driving)


@settings(max_examples=150, deadline=None)
@given(tables(), factors)
def test_streets_take_what_they_take_in_a_network_built_anew(some: Tables, factor: dict[str, float]) -> None:
    before = RoadNetwork.from_streets(*some, RULES, simplify=False)
    now, anew = before.with_speeds(factor), RoadNetwork.from_streets(*some, changed(factor), simplify=False)
    # a first rounding by half a millisecond, made longer, and a second one
    bound = 1 + 0.5 / min([1, *(factor.get(name, 1) * factor.get("all", 1) for name in TIME_CLASSES)])
    keys = ["tail", "head", "length_m", "highway"]
    one, other = (network.streets.sort_values([*keys, "along_ms"]) for network in (now, anew))
    for name in ("along_ms", "against_ms"):
        there, here = one[name].to_numpy(), other[name].to_numpy()
        assert np.array_equal(there < 0, here < 0)
        assert (np.abs(there - here) <= bound).all()
    assert np.allclose(one["speed_mph"], other["speed_mph"], rtol=1e-2)
    assert (np.abs(now.travel_ms - anew.travel_ms) <= bound).all()
    reached = anew.times_from(range(anew.node_count)) < UNREACHABLE
    apart = now.times_from(range(now.node_count)) - anew.times_from(range(anew.node_count))
    assert (np.abs(apart[reached]) <= bound * now.node_count).all()


@settings(max_examples=100, deadline=None)
@given(tables(), factors)
def test_every_arc_takes_the_quickest_of_its_streets(some: Tables, factor: dict[str, float]) -> None:
    try:
        now = RoadNetwork.from_streets(*some, RULES).with_speeds(factor)
    except InputError:
        return
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    for row, street in enumerate(now.streets.itertuples()):
        for one, other, ms, forward in (
            (street.tail, street.head, street.along_ms, True),
            (street.head, street.tail, street.against_ms, False),
        ):
            if ms >= 0:
                graph.add_edge(one, other, ms=ms, row=row, forward=forward)
    tail = np.repeat(np.arange(now.node_count), np.diff(now.first_arc))
    assert len(set(graph.edges())) == now.arc_count
    for arc in range(now.arc_count):
        beside = graph.get_edge_data(int(tail[arc]), int(now.head[arc])).values()
        best = min(beside, key=lambda edge: (edge["ms"], edge["row"]))
        assert now.travel_ms[arc] == best["ms"]
        assert (now.arc_street[arc], now.arc_forward[arc]) == (best["row"], best["forward"])
    assert [ms.tolist() for ms in now.street_ms] == [
        now.streets[name].tolist() for name in ("along_ms", "against_ms")
    ]


@settings(max_examples=60, deadline=None)
@given(tables(), st.sampled_from([0.5, 0.9, 1.0, 2.0]))
def test_all_is_the_same_as_every_class_and_one_changes_nothing(some: Tables, speed: float) -> None:
    network = RoadNetwork.from_streets(*some, RULES, simplify=False)
    every = network.with_speeds(dict.fromkeys(TIME_CLASSES, speed))
    assert np.array_equal(network.with_speeds({"all": speed}).travel_ms, every.travel_ms)
    ones = dict.fromkeys(TIME_CLASSES, 1.0)
    assert network.with_speeds(ones) is network.with_speeds({}) is network
    # what is multiplied and taken back is the same to the last bit where it is exact
    same = network.with_speeds(dict.fromkeys(ones, 2.0) | {"all": 0.5})
    assert np.array_equal(same.travel_ms, network.travel_ms)


def test_a_quicker_street_beside_takes_over_and_gives_back() -> None:
    nodes, streets = ascii_tables("A---B", metres=1000)
    both = pd.concat([streets.assign(highway="primary"), streets.assign(highway="tertiary")])
    bent = shapely.LineString([(0, 0), (2000, 100), (4000, 0)])
    both = both.assign(length_m=[4000.0, 4010.0]).reset_index(drop=True)
    both.loc[1, "geometry"] = bent
    network = RoadNetwork.from_streets(nodes, both, flat_rules(60), simplify=False)
    used = network.streets["highway"].iloc[network.arc_street]
    assert set(used) == {"primary"}
    jam = network.with_speeds({"primary": 0.5})
    assert set(jam.streets["highway"].iloc[jam.arc_street]) == {"tertiary"}
    # 4,010 m at 60 mph, 26.8224 m/s
    assert jam.travel_ms.tolist() == [149502, 149502]
    primary = jam.streets.set_index("highway").loc["primary"]
    # 4,000 m take 149,129 ms, at half the speed twice that
    assert primary["along_ms"] == 298258
    assert primary["speed_mph"] == pytest.approx(30)
    assert network.streets["along_ms"].max() == 149502
    half = jam.with_speeds({"all": 0.5})
    assert half.travel_ms.tolist() == [299004, 299004]


def test_places_along_a_street_see_its_new_speed() -> None:
    network, _ = ascii_network("A---B", metres=1000, mph=60)
    here = snap_points(network, [1000.0, 3000.0], [200.0, 0.0], 20)
    times = point_times(network, here, here)
    slow = network.with_speeds({"unclassified": 0.5})
    assert (here.access_ms == [36_000, 0]).all()
    # 2,000 m at 60 mph take 74,565 ms, at 30 mph 149,129, each end rounded; 200 m at 20 km/h take 36 s
    assert times[0, 1] == 74_565 + 36_000
    assert point_times(slow, here, here)[0, 1] == 149_130 + 36_000
    near = here.with_access(2)
    assert near.access_ms.tolist() == [18_000, 0]
    assert here.with_access(1) is here
    assert point_times(slow, near, near)[0, 1] == 149_130 + 18_000


def test_streets_of_unknown_class_know_all_alone() -> None:
    network = RoadNetwork.from_arrays([0, 1], [1, 0], [300, 500], [0, 1], [0, 0])
    assert network.speed_classes == ()
    assert network.with_speeds({"built_up": 0.5}) is network
    assert network.with_speeds({"all": 0.5, "dual": 3}).travel_ms.tolist() == [600, 1000]
    assert network.with_speeds({"all": 2}).streets["against_ms"].tolist() == [250]


def test_a_street_never_takes_less_than_a_millisecond() -> None:
    network = RoadNetwork.from_arrays([0, 1], [1, 0], [1, 40], [0, 1], [0, 0])
    assert network.with_speeds({"all": 10}).travel_ms.tolist() == [1, 4]


def test_classes_that_occur_are_named_in_order() -> None:
    nodes, streets = ascii_tables("A---B---C---D")
    classed = streets.assign(highway=["tertiary", "motorway", "unclassified"], maxspeed=["", "", "30 mph"])
    network = RoadNetwork.from_streets(nodes, classed, RULES)
    assert network.speed_classes == ("motorway", "tertiary", "built_up")


def test_the_longest_piece_gives_a_joined_street_its_class() -> None:
    nodes, streets = ascii_tables("A-B---C", highway="primary")
    # 48 mph either way: once tagged 60, once 50 on a dual carriageway
    rules = replace(flat_rules(60), factor=dict(RULES.factor) | {"dual": 0.96, "primary": 0.8})
    mixed = streets.assign(maxspeed=["50 mph", "60 mph"], dual_carriageway=[True, False])
    network = RoadNetwork.from_streets(nodes, mixed, rules)
    assert len(network.streets) == 1
    assert network.speed_classes == ("primary",)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=12, max_size=12), min_size=1, max_size=4), factors)
def test_a_mix_is_slowed_class_by_class(tenths: list[list[int]], factor: dict[str, float]) -> None:
    share = np.array([[part / 100 for part in row] for row in tenths])
    mix = SpeedMix(share, np.array([*range(len(share)), -1]))
    every = Fraction(factor.get("all", 1))
    for row, found in zip(tenths, mix.slowness(factor), strict=False):
        expected = (1 - Fraction(sum(row), 100)) / every
        expected += sum(
            Fraction(part, 100) / (every * Fraction(factor.get(name, 1)))
            for part, name in zip(row, TIME_CLASSES, strict=True)
        )
        assert found == pytest.approx(float(expected), rel=1e-12)
    assert mix.slowness(factor)[-1] == float(1 / every)


@pytest.mark.parametrize(
    ("factor", "message"),
    [
        ({"builtup": 1}, "'builtup' is not a class of roads → use motorway, .* or all"),
        ({"dual": 0}, "the factor 0 on the speed of dual makes no sense"),
        ({"all": -1}, "the factor -1 on the speed of all"),
        ({"link": float("nan")}, "the factor nan"),
        ({"link": float("inf")}, "the factor inf"),
    ],
)
def test_factors_that_make_no_sense_are_refused(factor: dict[str, float], message: str) -> None:
    network, _ = ascii_network("A---B")
    with pytest.raises(BorderlessError, match=message):
        network.with_speeds(factor)


def test_an_access_factor_that_makes_no_sense_is_refused() -> None:
    network, _ = ascii_network("A---B")
    with pytest.raises(BorderlessError, match="the factor 0 on the access speed"):
        snap_points(network, [0], [0], 20).with_access(0)
