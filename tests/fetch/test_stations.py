"""The draft of stations: every police site once, named, in its force, and clearly a draft."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from borderless.errors import ProblemLog
from borderless.fetch.stations import draft_stations, read_points
from open_data import write_pbf

WEST = shapely.box(-1.0, 52.0, -0.5, 53.0)
EAST = shapely.box(-0.5, 52.0, 0.0, 53.0)
AREAS = gpd.GeoDataFrame({"force": ["East", "West"]}, geometry=[EAST, WEST], crs="EPSG:4326")
PLACES = pd.DataFrame(
    {"name": ["Westby", "Eastby"], "place": ["town", "town"], "lon": [-0.75, -0.25], "lat": [52.5, 52.5]}
)
STREET = gpd.GeoSeries([shapely.LineString([(-1.0, 52.5), (0.0, 52.5)])], crs="EPSG:4326").to_crs(
    "EPSG:27700"
)


def drafted(sites: Sequence[tuple[Any, ...]], log: ProblemLog | None = None, *forces: str) -> pd.DataFrame:
    table = pd.DataFrame(sites, columns=["id", "name", "street", "lon", "lat"])
    streets = gpd.GeoSeries(STREET.segmentize(1000))
    return draft_stations(table, PLACES, AREAS, forces or ("East", "West"), streets, log or ProblemLog())


def test_sites_are_drafts_in_the_force_they_stand_in() -> None:
    found = drafted(
        [("n2", "Two", "", -0.3, 52.5), ("n1", "One", "", -0.7, 52.5), ("n3", "Far", "", 0.5, 52.5)]
    )
    assert found["id"].tolist() == ["n2", "n1"]
    assert found["force"].tolist() == ["East", "West"]
    assert found["units"].tolist() == [1, 1]
    assert found["role"].tolist() == ["", ""]
    assert list(found.columns) == ["id", "name", "force", "role", "units", "lon", "lat"]


def test_sites_without_a_name_are_called_after_their_street_and_place_and_numbered() -> None:
    sites = [
        ("n1", "", "High Street", -0.74, 52.5),
        ("n2", "", "", -0.76, 52.5),
        ("n3", "", "", -0.77, 52.5),
        ("n4", "", "", -0.78, 52.5),
        ("n5", "Police, Westby", "", -0.79, 52.5),
    ]
    assert drafted(sites, None, "West")["name"].tolist() == [
        "Police, High Street, Westby",
        "Police, Westby",
        "Police, Westby (2)",
        "Police, Westby (3)",
        "Police, Westby",
    ]


def test_a_site_on_the_border_of_two_areas_is_there_once() -> None:
    overlapping = gpd.GeoDataFrame(AREAS, geometry=[EAST.buffer(0.1), WEST], crs="EPSG:4326")
    sites = pd.DataFrame([("n1", "One", "", -0.55, 52.5)], columns=["id", "name", "street", "lon", "lat"])
    streets = gpd.GeoSeries(STREET.segmentize(1000))
    found = draft_stations(sites, PLACES, overlapping, ("East", "West"), streets, ProblemLog())
    assert found["id"].tolist() == ["n1"]


def test_a_site_far_from_any_street_and_a_force_without_one_are_told() -> None:
    log = ProblemLog()
    found = drafted([("n1", "Hill", "", -0.7, 52.6)], log)
    assert found.empty
    told = [problem.why for problem in log]
    assert told == [
        "a police site far from any street was left out",
        "OpenStreetMap knows no police site in East",
        "OpenStreetMap knows no police site in West",
    ]


def test_no_sites_at_all_are_an_empty_table() -> None:
    assert drafted([]).empty


def test_names_lose_what_a_spreadsheet_or_a_terminal_would_act_on(tmp_path: Path) -> None:
    names = [
        "=1+1",
        "+44 Police",
        "-x",
        "@SUM(A1)",
        "\tTab",
        "Line\nbreak",
        "a\x1b[31mb",
        "Llanfair ŵ",
        "'quoted",
    ]
    elements: list[dict[str, Any]] = [
        {"type": "node", "id": i, "lat": 52.5, "lon": -0.7, "tags": {"amenity": "police", "name": name}}
        for i, name in enumerate(names, start=1)
    ]
    write_pbf(tmp_path / "a.osm.pbf", elements)
    sites, places = read_points(tmp_path / "a.osm.pbf")
    assert sites["name"].tolist() == [
        "1+1", "44 Police", "x", "SUM(A1)", "Tab", "Line break", "a [31mb", "Llanfair ŵ", "quoted",
    ]  # fmt: skip
    assert places.empty


@pytest.mark.parametrize("closed", [True, False])
def test_an_outline_stands_for_its_middle(closed: bool, tmp_path: Path) -> None:
    corners = [(-0.7, 52.5), (-0.6, 52.5), (-0.6, 52.6), (-0.7, 52.6)]
    elements: list[dict[str, Any]] = [
        {"type": "node", "id": i, "lat": lat, "lon": lon} for i, (lon, lat) in enumerate(corners, start=1)
    ]
    nodes = [1, 2, 3, 4, 1] if closed else [1, 2, 3, 4]
    elements.append({"type": "way", "id": 7, "nodes": nodes, "tags": {"amenity": "police"}})
    write_pbf(tmp_path / "a.osm.pbf", elements)
    sites, _ = read_points(tmp_path / "a.osm.pbf")
    assert sites[["id", "lon", "lat"]].to_numpy().tolist() == [["w7", -0.65, 52.55]]


def test_an_outline_without_corners_is_no_site(tmp_path: Path) -> None:
    way = {"type": "way", "id": 7, "nodes": [1, 2], "tags": {"amenity": "police"}}
    write_pbf(tmp_path / "a.osm.pbf", [way])
    sites, _ = read_points(tmp_path / "a.osm.pbf")
    assert sites.empty
