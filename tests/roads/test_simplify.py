"""Simplifying a network changes its size and none of its times."""

from __future__ import annotations

import itertools
from unittest.mock import patch

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ascii_map import ascii_network, ascii_tables, flat_rules
from borderless.errors import InputError
from borderless.roads.joins import JOIN
from borderless.roads.network import UNREACHABLE, RoadNetwork
from random_graphs import unmended


def simplified(text: str, **changes: dict[tuple[str, str], object]) -> RoadNetwork:
    """Return the simplified network of a drawing with some columns of some streets changed."""
    nodes, streets = ascii_tables(text, metres=100)
    number = {name: row for row, name in enumerate(nodes["id"])}
    for column, values in changes.items():
        for (a, b), value in values.items():
            row = (streets["tail"] == number[a]) & (streets["head"] == number[b])
            assert row.sum() == 1
            streets.loc[row, column] = value
    return RoadNetwork.from_streets(nodes, streets, flat_rules(60))


def test_nodes_of_degree_two_disappear_and_lines_are_joined_in_order() -> None:
    network = simplified(
        """
        A---B---C
                |
            E---D
        """
    )
    assert network.node_id.tolist() == ["A", "E"]
    street = network.streets.iloc[0]
    assert len(network.streets) == 1
    drawn = [(0, 200), (400, 200), (800, 200), (800, 0), (400, 0)]
    assert list(street["geometry"].coords) == drawn
    assert street["length_m"] == 1800 - 400 + 0
    # 400, 400, 200, 400 m at 26.8224 m/s, each piece rounded
    assert street["along_ms"] == street["against_ms"] == 3 * 14913 + 7456
    assert network.travel_ms.tolist() == [52195, 52195]


def test_one_way_chains_keep_their_direction() -> None:
    network = simplified(
        """
        A-->--B-->--C
        |           |
        D-----------E
        """
    )
    # the whole is one ring without junctions, but one-way meets two-way at A and C
    assert sorted(network.node_id) == ["A", "C"]
    one_way = network.streets[network.streets["against_ms"] < 0].iloc[0]
    assert (one_way["tail"], one_way["head"]) == (0, 1)
    assert one_way["geometry"].coords[0] == (0, 200)


@pytest.mark.parametrize(
    ("column", "value"),
    [("highway", "primary"), ("maxspeed", "30 mph"), ("bridge", True), ("tunnel", True)],
)
def test_streets_that_differ_are_not_joined(column: str, value: object) -> None:
    assert len(simplified("A--B--C").node_id) == 2
    assert len(simplified("A--B--C", **{column: {("B", "C"): value}}).node_id) == 3


def test_the_name_of_the_longest_named_piece_is_kept() -> None:
    names = {("A", "B"): "", ("B", "C"): "Mill Lane", ("C", "D"): "High Street"}
    network = simplified("A----B--C-D", name=names)
    assert network.streets["name"].tolist() == ["Mill Lane"]


def test_a_short_street_far_from_the_rest_is_cut_off_and_reported() -> None:
    network = simplified(
        """
        A---B-----C
        |   |     |
        D---E     F      H--I
        """
    )
    assert not set(network.node_id) & {"H", "I"}
    assert network.counts["nodes_cut"] == 2
    assert network.counts["streets_cut"] == 1
    assert network.counts["km_cut"] == pytest.approx(0.3)


def test_without_two_way_traffic_there_is_no_network() -> None:
    nodes, streets = ascii_tables("A-->--B")
    with pytest.raises(InputError, match="reached from each other"):
        RoadNetwork.from_streets(nodes, streets, flat_rules(60))


def test_a_loop_street_keeps_a_node_so_that_places_on_it_can_be_reached() -> None:
    network = simplified(
        """
        A---B---C
            |   |
            E---D
        """
    )
    assert len(network.node_id) == 3
    assert set(network.node_id) > {"A", "B"}
    assert network.streets["length_m"].sum() == 400 + 4 * 400 - 400
    assert (network.streets["tail"] != network.streets["head"]).all()


def test_a_ring_without_a_junction_is_kept_whole() -> None:
    network = simplified(
        """
        A---B
        |   |
        C---D
        """
    )
    assert network.node_count == 4


def test_two_one_way_pieces_on_one_line_become_one_street_both_ways() -> None:
    nodes, streets = ascii_tables("A-->--B", metres=100)
    back = streets.assign(
        tail=streets["head"], head=streets["tail"], geometry=shapely.reverse(streets.geometry.array)
    )
    both = gpd.GeoDataFrame(pd.concat([streets, back], ignore_index=True), crs=streets.crs)
    network = RoadNetwork.from_streets(nodes, both, flat_rules(60))
    assert network.counts["mirrored"] == 1
    assert len(network.streets) == 1
    assert network.arc_count == 2


def test_of_two_copies_of_a_street_the_named_one_is_kept() -> None:
    nodes, streets = ascii_tables("A---B", metres=100)
    for names in (["", "Mill Lane", "Wharf Road"], ["Wharf Road", "Mill Lane", ""], ["Mill Lane", "", ""]):
        copies = gpd.GeoDataFrame(pd.concat([streets] * 3, ignore_index=True), crs=streets.crs)
        network = RoadNetwork.from_streets(nodes, copies.assign(name=names), flat_rules(60))
        assert network.streets["name"].tolist()[-1] == "Mill Lane"
        assert len(network.streets) == 1


def test_two_carriageways_side_by_side_stay_two_streets() -> None:
    nodes, streets = ascii_tables("A-->--B", metres=100)
    bend = shapely.LineString([(600, 0), (300, 40), (0, 0)])
    back = streets.assign(tail=streets["head"], head=streets["tail"], geometry=[bend], length_m=bend.length)
    both = gpd.GeoDataFrame(pd.concat([streets, back], ignore_index=True), crs=streets.crs)
    network = RoadNetwork.from_streets(nodes, both, flat_rules(60))
    assert network.counts["mirrored"] == 0
    assert len(network.streets) == 2


@st.composite
def tables(draw: st.DrawFn) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Return a network full of chains: random streets, each cut into one to four pieces."""
    n = draw(st.integers(2, 7))
    place = draw(
        st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=n, max_size=n, unique=True)
    )
    node = st.integers(0, n - 1)
    way, klass = st.sampled_from([0, 0, 0, 1, -1]), st.sampled_from(["primary", "residential"])
    street = st.tuples(node, node, way, st.integers(1, 4), klass)
    drawn = draw(st.lists(street, min_size=1, max_size=3 * n))
    points = [(100.0 * x, 100.0 * y) for x, y in place]
    rows = []
    for number, (tail, head, oneway, pieces, highway) in enumerate(drawn):
        stops = [tail]
        for k in range(1, pieces):
            share = k / pieces
            (ax, ay), (bx, by) = points[tail], points[head]
            points.append((ax + share * (bx - ax) + 7 * number + k, ay + share * (by - ay) + 3 * k + number))
            stops.append(len(points) - 1)
        stops.append(head)
        for a, b in itertools.pairwise(stops):
            turned = draw(st.booleans())
            rows.append((b, a, -oneway, highway) if turned else (a, b, oneway, highway))
    order = draw(st.permutations(range(len(rows))))
    frame = pd.DataFrame([rows[i] for i in order], columns=["tail", "head", "oneway", "highway"])
    lines = [
        shapely.LineString([points[a], points[b]]) for a, b in zip(frame["tail"], frame["head"], strict=True)
    ]
    frame["length_m"] = shapely.length(lines)
    frame = frame.assign(maxspeed="", name="", ref="", roundabout=False, dual_carriageway=False)
    streets = gpd.GeoDataFrame(frame.assign(bridge=False, tunnel=False), geometry=lines, crs="EPSG:27700")
    nodes = pd.DataFrame(points, columns=["x", "y"])
    return nodes.assign(id=nodes.index.astype(str)), streets


@pytest.mark.parametrize("island_km", [0.05, 1.0])
@settings(max_examples=120, deadline=None)
@given(given_tables=tables())
def test_times_between_kept_nodes_do_not_change(
    given_tables: tuple[pd.DataFrame, gpd.GeoDataFrame], island_km: float
) -> None:
    nodes, streets = given_tables
    whole = RoadNetwork.from_streets(nodes, streets, flat_rules(60), simplify=False)
    try:
        with unmended(), patch("borderless.roads.build.ISLAND_KM", island_km):
            small = RoadNetwork.from_streets(nodes, streets, flat_rules(60))
    except InputError:
        # no two places reach each other
        times = whole.times_from(range(len(nodes)))
        assert not ((times < 2**31 - 1) & (times.T < 2**31 - 1) & ~np.eye(len(nodes), dtype=bool)).any()
        return
    kept = small.node_id.astype(int)
    together = small.part[:, None] == small.part
    expected = np.where(together, whole.times_from(kept)[:, kept], UNREACHABLE)
    assert np.array_equal(small.times_from(range(small.node_count)), expected)
    assert (expected < UNREACHABLE).tolist() == together.tolist()


@settings(max_examples=60, deadline=None)
@given(tables())
def test_streets_lie_between_their_nodes_and_lose_no_length(
    given_tables: tuple[pd.DataFrame, gpd.GeoDataFrame],
) -> None:
    nodes, streets = given_tables
    try:
        small = RoadNetwork.from_streets(nodes, streets, flat_rules(60))
    except InputError:
        return
    table = small.streets
    lines = np.asarray(table.geometry.array)
    for end, point in (("tail", shapely.get_point(lines, 0)), ("head", shapely.get_point(lines, -1))):
        assert np.array_equal(shapely.get_x(point), small.x[table[end]])
        assert np.array_equal(shapely.get_y(point), small.y[table[end]])
    assert np.allclose(shapely.length(lines), table["length_m"])
    # a joined street is as fast as its pieces, but for rounding each of them up or down half a millisecond
    table = table[table["highway"] != JOIN]
    assert np.allclose(table["along_ms"] / 1000, table["length_m"] / 26.8224, atol=0.1)
    loops = streets["tail"] == streets["head"]
    mirrored = small.counts["mirrored"] == 0
    kept_km = table["length_m"].sum() / 1000 + small.counts["km_cut"]
    assert not mirrored or kept_km == pytest.approx(streets["length_m"][~loops].sum() / 1000)


@settings(max_examples=40, deadline=None)
@given(tables(), st.integers(0, 2**31))
def test_the_order_of_rows_changes_no_street(
    given_tables: tuple[pd.DataFrame, gpd.GeoDataFrame], seed: int
) -> None:
    nodes, streets = given_tables
    shuffled = streets.sample(frac=1, random_state=seed).reset_index(drop=True)
    try:
        one, other = (RoadNetwork.from_streets(nodes, table, flat_rules(60)) for table in (streets, shuffled))
    except InputError:
        return
    assert one.node_id.tolist() == other.node_id.tolist()
    assert one.streets.drop(columns="geometry").equals(other.streets.drop(columns="geometry"))
    assert shapely.equals_exact(one.streets.geometry.array, other.streets.geometry.array).all()
    assert np.array_equal(one.travel_ms, other.travel_ms)


def test_simplifying_an_ascii_map_keeps_letters() -> None:
    network, node = ascii_network("A--B--C", simplify=True)
    assert set(node) == {"A", "C"}
    assert network.counts["nodes_contracted"] == 1
