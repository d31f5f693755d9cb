"""Regions made in memory from a handful of stations and places, for tests that need no files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from borderless.analysis.times import ResponseTimes
from borderless.demand import DemandPoints
from borderless.region import Region
from borderless.roads.network import RoadNetwork
from borderless.roads.snap import Snap
from borderless.study.model import (
    Cells,
    DemandInput,
    ForcesInput,
    Response,
    RoadsInput,
    StationsInput,
    Study,
    measure_named,
)
from borderless.study.policy import NAMED_SCENARIOS, Scenario
from borderless.study.read import DEFAULT_SPEEDS

GRID = "EPSG:27700"
NOWHERE = Path("nowhere")
SPEEDS = replace(DEFAULT_SPEEDS, blue_light_factor=1.0)
RESPONSE = Response(
    target_urban_min=15,
    target_rural_min=20,
    call_handling_s=120,
    turnout_s=60,
    cross_border_delay_s=60,
    clock="response",
)


class Station(NamedTuple):
    """A station on a node of the network."""

    id: str
    force: str
    node: int
    units: int = 1
    capacity: int = -1


class Place(NamedTuple):
    """A demand point on a node of the network; `weight` is its people."""

    id: str
    force: str
    node: int
    weight: int = 1
    urban: bool = True
    name: str = ""
    access_ms: int = 0


def small_study(
    alliance: Sequence[str],
    outside: Sequence[str] = (),
    *,
    response: Response = RESPONSE,
    scenarios: tuple[Scenario, ...] = NAMED_SCENARIOS,
) -> Study:
    """Return a study that counts people, area and roads, and whose files are nowhere."""
    return Study(
        name="Small",
        file=NOWHERE,
        roads=RoadsInput(NOWHERE, None, None, None, "nodes", 20),
        stations=StationsInput(NOWHERE),
        forces=ForcesInput(NOWHERE, "force", tuple(alliance), tuple(outside), tuple(outside)),
        places=None,
        demand=(DemandInput(measure_named("population"), NOWHERE, None, "people", "x", "y"),),
        response=response,
        speeds=SPEEDS,
        cells=Cells(1, 300, 10_000),
        scenarios=scenarios,
    )


def small_region(
    study: Study,
    network: RoadNetwork,
    stations: Iterable[Station],
    places: Sequence[Place],
    areas: Mapping[str, shapely.Geometry] | None = None,
) -> Region:
    """Return a region whose stations and places stand on nodes; each place has 1 km² and 1 km of road."""
    ordered = sorted(stations, key=lambda station: station.id)
    station_node = np.array([station.node for station in ordered], dtype=np.int32)
    place_node = np.array([place.node for place in places], dtype=np.int32)
    units = [station.units for station in ordered]
    capacity = [max(station.capacity, station.units) for station in ordered]
    station_frame = pd.DataFrame(
        {
            "id": [station.id for station in ordered],
            "name": [f"{station.id} station" for station in ordered],
            "force": [station.force for station in ordered],
            "role": "response",
            "node": "",
            "units": np.array(units, dtype=np.int64),
            "capacity": np.array(capacity, dtype=np.int64),
        }
    )
    demand_frame = pd.DataFrame(
        {
            "id": [place.id for place in places],
            "force": [place.force for place in places],
            "urban": np.array([place.urban for place in places], dtype=bool),
            "place": [place.name for place in places],
            "node": "",
            "population": np.array([place.weight for place in places], dtype=np.int64),
            "area_m2": np.int64(1_000_000),
            "road_m": np.int64(1_000),
        }
    )
    shapes = areas or dict.fromkeys(study.force_names, shapely.box(0, 0, 1, 1))
    return Region(
        study=study,
        network=network,
        stations=_on_nodes(station_frame, network, station_node),
        forces=gpd.GeoDataFrame(
            {"force": list(study.force_names), "alliance": [f in study.alliance for f in study.force_names]},
            geometry=[shapes[force] for force in study.force_names],
            crs=GRID,
        ),
        demand=DemandPoints(_on_nodes(demand_frame, network, place_node), study.measures),
        places=gpd.GeoDataFrame({"name": [], "kind": []}, geometry=[], crs=GRID),
        drawing=gpd.GeoDataFrame({"highway": [], "ref": [], "name": []}, geometry=[], crs=GRID),
        station_snap=_snap(network, station_node, np.zeros(len(ordered))),
        demand_snap=_snap(network, place_node, np.array([place.access_ms for place in places])),
        problems=(),
    )


def given_times(
    study: Study, stations: Sequence[Station], places: Sequence[Place], travel_ms: Sequence[Sequence[int]]
) -> ResponseTimes:
    """Return the stated times (rows: `stations` as given, columns: `places`), without roads."""
    spot = RoadNetwork.from_arrays([], [], [], [0.0], [0.0])
    region = small_region(
        study, spot, [s._replace(node=0) for s in stations], [p._replace(node=0) for p in places]
    )
    order = sorted(range(len(stations)), key=lambda row: stations[row].id)
    matrix = np.array(travel_ms, dtype=np.int32).reshape(len(stations), len(places))
    return ResponseTimes(region, matrix[order])


def _on_nodes(frame: pd.DataFrame, network: RoadNetwork, node: np.ndarray) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(network.x[node], network.y[node]), crs=GRID)


def _snap(network: RoadNetwork, node: np.ndarray, access_ms: np.ndarray) -> Snap:
    none = np.zeros(len(node))
    street = np.full(len(node), -1, dtype=np.int32)
    return Snap(street, none, node, none, network.x[node], network.y[node], access_ms.astype(np.int32))
