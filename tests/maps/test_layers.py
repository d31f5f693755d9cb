"""What is handed to the map: compact, true to the results, and never the source of a count."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer

import map_results
import two_counties
from borderless.analysis.compare import compare
from borderless.analysis.results import Results
from borderless.maps import layers

TO_GRID = Transformer.from_crs(4326, 27700, always_xy=True)


@pytest.fixture(scope="module")
def results() -> Results:
    return map_results.tame()


def decoded(flat: list[int]) -> np.ndarray:
    degrees = np.cumsum(np.array(flat).reshape(-1, 2), axis=0) / 100_000
    return np.column_stack(TO_GRID.transform(degrees[:, 0], degrees[:, 1]))


def test_encoded_lines_come_back_within_a_metre() -> None:
    line = np.array([[450_000.0, 300_000], [451_234.5, 301_999], [470_000, 350_000]])
    assert np.abs(decoded(layers.encode([line])[0]) - line).max() < 1


def test_points_that_fall_together_are_dropped_but_the_first_stays() -> None:
    line = np.array([[450_000.0, 300_000], [450_000.1, 300_000], [450_500, 300_000]])
    assert len(layers.encode([line])[0]) == 4


def test_pieces_of_one_road_are_joined_and_minor_roads_left_out() -> None:
    pieces = gpd.GeoDataFrame(
        {"highway": ["primary", "primary", "motorway", "tertiary"], "ref": ["A6", "A6", "M1", ""]},
        geometry=[shapely.LineString([(x, 3e5), (x + 1000, 3e5)]) for x in (4e5, 401_000, 410_000, 420_000)],
        crs="EPSG:27700",
    )
    drawn = layers.roads(pieces)
    assert [(r["class"], r["ref"], len(r["lines"])) for r in drawn] == [
        ("primary", "A6", 1),
        ("motorway", "M1", 1),
    ]


def test_slip_roads_are_drawn_with_their_motorway(results: Results) -> None:
    assert {(r["class"], r["ref"]) for r in layers.roads(results.region.drawing)} == {
        ("motorway", "M1"),
        ("motorway", ""),
    }


def test_names_come_cities_first(results: Results) -> None:
    assert layers.places(results.region)["name"] == ["Ashby", "Northam"]


def test_numbers_are_those_of_the_table(results: Results) -> None:
    comparison = results.comparisons["borderless"]
    rows = layers.numbers(comparison)["rows"]
    for row in comparison.by_force.to_dict("records"):
        expected = [row[name] for name in ("covered_before", "covered", "total", "gained", "lost")]
        assert rows[row["force"]][row["measure"]][row["target"]] == expected


def test_listed_places_gain_one_way_and_lose_the_other(results: Results) -> None:
    there = layers.listed_places(results.comparisons["borderless"], results.region)
    back = compare(results.coverages["borderless"], results.coverages["separate"])
    crossing = there["standard"]["gained"][0]
    assert (crossing["place"], crossing["people"], crossing["before"], crossing["after"]) == (
        "Crossing",
        8,
        17,
        8,
    )
    assert there["standard"]["lost"] == []
    lost = layers.listed_places(back, results.region)["standard"]["lost"]
    assert [(p["place"], p["people"]) for p in lost] == [("Crossing", 8)]


def test_aid_says_who_comes_first_to_whom(results: Results) -> None:
    assert layers.aid(results.coverages["separate"]) == []
    assert layers.aid(results.coverages["borderless"]) == [["East", "West", 12]]


def test_guests_at_a_station_are_named(results: Results) -> None:
    stations = layers.stations(results.region, list(results.coverages.values()))
    e1, west = stations["id"].index("E1"), 0
    assert stations["guests"]["separate"] == []
    assert stations["guests"]["shared_stations"] == [[e1, west, 1]]
    assert stations["unitsIn"]["shared_stations"][e1] == 2


def test_isochrones_come_widest_first_without_slivers() -> None:
    shapes = [
        shapely.box(0, 0, 9_000, 9_000),
        shapely.MultiPolygon([shapely.box(0, 0, 5e3, 5e3), shapely.box(8e3, 0, 8.1e3, 100)]),
    ]
    table = gpd.GeoDataFrame({"scenario": "separate", "minutes": [10, 5]}, geometry=shapes, crs="EPSG:27700")
    drawn = layers.isochrones(table)["separate"]
    assert [(ring["minutes"], len(ring["rings"])) for ring in drawn] == [(10, 1), (5, 1)]


def test_rings_count_the_alliances_people_to_the_last_one_and_the_limit_counts(results: Results) -> None:
    # minutes of driving from the table in two_counties; M and N belong to a force outside
    inside = {name: layers.inside_rings(c, (4, 5, 10)) for name, c in results.coverages.items()}
    assert [two_counties.letters(n) for n in inside["separate"]["population"]] == ["AEF", "AEFG", "ABEFG"]
    assert [two_counties.letters(n) for n in inside["borderless"]["population"]] == [
        "ADEF",
        "ADEFG",
        "ABCDEFG",
    ]
    assert set(inside["separate"]) == {m.name for m in results.region.study.measures}
