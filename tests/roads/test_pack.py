"""A packed network comes back equal in every number, text and line, and is never pickled."""

from __future__ import annotations

import io
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from ascii_map import ascii_network, ascii_tables, flat_rules, with_streets
from borderless.roads.network import RoadNetwork
from borderless.roads.pack import pack, unpack
from random_graphs import Arcs, arcs, network_of, streets_of

NAMES = ["", "Ffordd y Môr", "Øvre 道路 🚓", "nan", "None", " two  words ", "a\nb", "{{7*7}}"]


def named() -> RoadNetwork:
    """Return bent streets with names, references, classes, limits and both kinds of one-way."""
    nodes, streets = ascii_tables(
        """
            A-->B---C
            |  /|   |
            | / |   |
            |/  |   |
            D---E<--F
        """,
        metres=100,
    )
    count = len(streets)
    streets["name"] = [NAMES[i % len(NAMES)] for i in range(count)]
    streets["ref"] = ["M1" if i % 3 else "" for i in range(count)]
    streets["highway"] = ["motorway" if i % 3 else "residential" for i in range(count)]
    streets["maxspeed"] = ["" if i % 2 else "20 mph" for i in range(count)]
    streets["oneway"] = [-1 if i == 1 else way for i, way in enumerate(streets["oneway"])]
    bent = [
        shapely.LineString([line.coords[0], (1.23456789e5 + i, 1 / 3), line.coords[1]])
        for i, line in enumerate(streets.geometry)
    ]
    streets["geometry"] = [line if i % 2 else bent[i] for i, line in enumerate(streets.geometry)]
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(40), simplify=False)
    return replace(network, names=np.array(["Ä", "b c", "", "4", "🚓", "f"], dtype=object))


def saved(network: RoadNetwork) -> RoadNetwork:
    """Return a network after a way through a file that may hold no pickles."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **pack(network))
    buffer.seek(0)
    with np.load(buffer, allow_pickle=False) as entry:
        return unpack({name: entry[name] for name in entry.files})


def assert_equal(one: RoadNetwork, other: RoadNetwork) -> None:
    for name in ("first_arc", "head", "travel_ms", "x", "y", "arc_street", "arc_forward"):
        mine, its = getattr(one, name), getattr(other, name)
        assert mine.dtype == its.dtype, name
        np.testing.assert_array_equal(mine, its, err_msg=name)
    assert one.node_id.tolist() == other.node_id.tolist()
    assert other.node_id.dtype == object
    assert list(one.counts.items()) == list(other.counts.items())
    assert [type(value) for value in one.counts.values()] == [type(v) for v in other.counts.values()]
    assert one.speed_classes == other.speed_classes
    if one.speed_classes:
        slow = dict.fromkeys(one.speed_classes[::2], 0.5)
        np.testing.assert_array_equal(one.with_speeds(slow).travel_ms, other.with_speeds(slow).travel_ms)
    assert one.streets.columns.tolist() == other.streets.columns.tolist()
    assert isinstance(other.streets, gpd.GeoDataFrame)
    assert other.streets.crs == one.streets.crs
    for name in one.streets.columns.drop("geometry"):
        assert one.streets[name].tolist() == other.streets[name].tolist(), name
        if name not in {"highway", "name", "ref"}:
            assert one.streets[name].dtype == other.streets[name].dtype, name
    assert shapely.to_wkb(one.streets.geometry.to_numpy()).tolist() == (
        shapely.to_wkb(other.streets.geometry.to_numpy()).tolist()
    )


def test_names_numbers_and_bent_lines_come_back() -> None:
    network = named()
    assert set(network.streets["name"]) >= {"Øvre 道路 🚓", "a\nb", "nan", ""}
    assert (network.streets["against_ms"] < 0).sum() == 3
    assert network.speed_classes
    assert shapely.get_num_coordinates(network.streets.geometry.to_numpy()).tolist().count(3) > 1
    assert_equal(network, saved(network))


def test_counts_keep_whole_numbers_whole() -> None:
    counts = {"nodes_cut": 3, "km_cut": 3.0, "km_read": 0.1 + 0.2, "none": 0}
    back = saved(replace(named(), counts=counts)).counts
    assert [repr(value) for value in back.values()] == ["3", "3.0", "0.30000000000000004", "0"]


@given(arcs())
def test_any_network_comes_back(drawn: Arcs) -> None:
    for network in (network_of(drawn), streets_of(drawn)):
        assert_equal(network, saved(network))


def test_a_network_without_streets_keeps_its_nodes_and_columns() -> None:
    network = RoadNetwork.from_arrays([], [], [], [1.0, 2.0], [3.0, 4.5])
    back = saved(network)
    assert back.streets.columns.tolist() == network.streets.columns.tolist()
    assert (back.node_count, back.arc_count, back.y.tolist()) == (2, 0, [3.0, 4.5])
    assert_equal(network, back)


def test_a_network_without_nodes_comes_back() -> None:
    network = RoadNetwork.from_arrays([], [], [], [], [])
    assert_equal(network, saved(network))


@given(st.lists(st.text(st.characters()), min_size=1))
@example(["a\0b", "\0"])
@example(["\ud800"])
def test_any_name_comes_back(names: list[str]) -> None:
    network, _ = ascii_network("A---B---C")
    given_names = [names[i % len(names)] for i in range(len(network.streets))]
    ids = np.array([names[i % len(names)] for i in range(network.node_count)], dtype=object)
    renamed = replace(with_streets(network, network.streets.assign(name=given_names)), names=ids)
    assert_equal(renamed, saved(renamed))


def test_times_over_a_network_that_came_back_are_the_same() -> None:
    network = named()
    everywhere = np.arange(network.node_count)
    np.testing.assert_array_equal(network.times_from(everywhere), saved(network).times_from(everywhere))


def test_packed_arrays_hold_numbers_only() -> None:
    kinds = {name: array.dtype.kind for name, array in pack(named()).items()}
    assert set(kinds.values()) <= set("biuf")
    with pytest.raises(ValueError, match="pickle"):
        np.savez(io.BytesIO(), allow_pickle=False, names=pd.Series(["a"], dtype=object).to_numpy())
