"""Travel times of a region: exactly those of networkx, station first and place second."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings

import two_counties
from ascii_map import ascii_network
from borderless.analysis.times import response_times
from borderless.roads.network import UNREACHABLE
from random_regions import Drawn, regions
from small_regions import Place, Station, small_region, small_study
from two_counties import MINUTE, SIXTY_KMH


def test_times_are_those_worked_out_by_hand() -> None:
    times = response_times(two_counties.region())
    assert times.region.stations["id"].tolist() == ["E1", "N1", "W1"]
    assert (times.travel_ms / MINUTE).tolist() == [
        [18, 11, 6, 4, 2, 0, 5, 17, 20, 13],
        [9, 2, 7, 9, 11, 13, 18, 30, 11, 0],
        [0, 7, 12, 14, 16, 18, 23, 35, 2, 9],
    ]
    assert times.travel_ms.dtype == np.int32


def test_units_drive_from_the_station_to_the_place_and_not_back() -> None:
    network, node = ascii_network("A-->B\n|   |\nC---D", metres=1000, mph=SIXTY_KMH)
    region = small_region(
        small_study(("P",)), network, [Station("a", "P", node["A"])], [Place("b", "P", node["B"])]
    )
    back = small_region(
        small_study(("P",)), network, [Station("b", "P", node["B"])], [Place("a", "P", node["A"])]
    )
    assert response_times(region).travel_ms.tolist() == [[4 * MINUTE]]
    assert response_times(back).travel_ms.tolist() == [[8 * MINUTE]]


def test_the_way_from_the_street_to_the_place_is_part_of_the_time() -> None:
    network, node = ascii_network("A---B", metres=1000, mph=SIXTY_KMH)
    places = [Place("near", "P", node["B"]), Place("far", "P", node["B"], access_ms=90_000)]
    region = small_region(small_study(("P",)), network, [Station("a", "P", node["A"])], places)
    assert response_times(region).travel_ms.tolist() == [[4 * MINUTE, 4 * MINUTE + 90_000]]


def test_places_without_a_way_are_unreachable() -> None:
    network, node = ascii_network("A-B\n\nC-D", metres=1000)
    places = [Place("c", "P", node["C"])]
    region = small_region(small_study(("P",)), network, [Station("a", "P", node["A"])], places)
    assert response_times(region).travel_ms.tolist() == [[UNREACHABLE]]


@settings(max_examples=100)
@given(regions())
def test_times_equal_networkx_on_the_multigraph_to_the_millisecond(drawn: Drawn) -> None:
    graph = drawn.arcs.graph()
    times = drawn.times()
    for station in drawn.stations:
        row = times.region.stations["id"].tolist().index(station.id)
        ms = nx.single_source_bellman_ford_path_length(graph, station.node, weight="travel_ms")
        expected = [
            ms[place.node] + place.access_ms if place.node in ms else UNREACHABLE for place in drawn.places
        ]
        assert times.travel_ms[row].tolist() == expected
