"""From a full region to a small one: cells, kept nodes, links, outlines, roads to draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from borderless.analysis.times import response_times
from borderless.condense.cells import gather_cells
from borderless.condense.composition import with_classes
from borderless.condense.drawing import simple_outlines, simple_roads
from borderless.condense.overlay import Overlay, OverlayRules, build_overlay, busiest_junctions
from borderless.condense.placed import PlacedNetwork, place_on_network
from borderless.errors import BorderlessError
from borderless.region import Region
from borderless.roads.network import RoadNetwork
from borderless.roads.snap import Snap, snap_points
from borderless.sources.stations import special_units_in

# A square without people still counts for a little, so that country roads are kept too.
_LOAD_OF_A_SQUARE = 20.0


@dataclass(frozen=True)
class Condensed:
    """A small study, still in memory.

    Parameters
    ----------
    region
        The full study it was made from.
    cells
        Demand squares, with `node`, a row of `nodes`.
    stations
        The stations, with `node`.
    nodes
        Kept nodes: x, y (metres).
    links
        tail, head (rows of `nodes`), travel_ms, and whole percent of that time by speed class.
    outlines, roads, places
        What it is drawn with.
    """

    region: Region
    cells: pd.DataFrame
    stations: gpd.GeoDataFrame
    nodes: pd.DataFrame
    links: pd.DataFrame
    outlines: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    places: gpd.GeoDataFrame


def condense_region(
    region: Region, rules: OverlayRules | None = None, *, on_stage: Callable[[str], None] = lambda _: None
) -> Condensed:
    """Make a small study of a full one.

    Parameters
    ----------
    region
        A full study, with streets.
    rules
        How much is kept.
    on_stage
        Called with a few words when a stage begins.

    Raises
    ------
    BorderlessError
        When the study is already a small one.
    """
    if region.study.roads.snap != "streets":
        msg = f"{region.study.file}: this study has no streets → condense the full study it was made from"
        raise BorderlessError(msg)
    rules = rules or OverlayRules()
    on_stage("Gathering squares")
    cells = gather_cells(response_times(region))
    xy = cells[["x", "y"]].to_numpy()
    speed = region.study.speeds.access_speed_kmh
    snap = _joined(region.station_snap, snap_points(region.network, xy[:, 0], xy[:, 1], speed))
    placed = place_on_network(region.network, snap)
    at_stations, at_cells = np.split(placed.node_of_place, [len(region.stations)])
    on_stage("Counting traffic at junctions")
    load = np.zeros(placed.node_count)
    np.add.at(load, at_cells, cells[region.study.measures[0].column].to_numpy(float) + _LOAD_OF_A_SQUARE)
    starts = region.stations[["units", *special_units_in(region.stations)]].to_numpy(int) > 0
    origins = np.unique(at_stations[starts.any(axis=1)])
    junctions = busiest_junctions(placed, origins, load, rules)
    split = np.isin(region.network.junction[junctions], region.network.ways.arms.of_arm)
    middles = _middles(region.network, junctions[split])
    placed = place_on_network(region.network, _joined(snap, middles))
    ends = len(region.stations), len(snap)
    at_stations, at_cells, at_middles = np.split(placed.node_of_place, ends)
    junctions = np.concatenate([junctions[~split], at_middles])
    on_stage("Linking places by their quickest ways")
    core = np.concatenate([at_stations, at_cells[cells["answered"] & cells["main"]], junctions])
    overlay = build_overlay(placed, core, at_cells, rules)
    on_stage("Drawing outlines and roads")
    return Condensed(
        region=region,
        cells=cells.assign(node=np.searchsorted(overlay.node, at_cells)),
        stations=region.stations.assign(node=np.searchsorted(overlay.node, at_stations)),
        nodes=_nodes(placed, overlay),
        links=with_classes(overlay, placed, region.network.street_layout.mix),
        outlines=simple_outlines(region),
        roads=simple_roads(region),
        places=_labels(region),
    )


def _labels(region: Region) -> gpd.GeoDataFrame:
    kinds = region.places["kind"].isin(["city", "town", "village"])
    inside = region.places.within(region.forces.union_all())
    return region.places[kinds & inside].sort_values(["kind", "name"]).reset_index(drop=True)


def _nodes(placed: PlacedNetwork, overlay: Overlay) -> pd.DataFrame:
    return pd.DataFrame({"x": placed.x[overlay.node], "y": placed.y[overlay.node]})


def _middles(network: RoadNetwork, nodes: NDArray[np.int64]) -> Snap:
    """Return the middle of the street by which each node of a split junction is reached.

    Ways over such a junction pass now one, now another of its nodes, but all ways along a street its middle.
    """
    arms = network.ways.arms
    dart = np.flatnonzero((network.ways.drive_ms >= 0) & np.isin(arms.goal, nodes))
    # of several the longest, which is no stub beside the junction
    order = dart[np.lexsort((dart, -network.street_layout.length_m[dart // 2], arms.goal[dart]))]
    _, first = np.unique(arms.goal[order], return_index=True)
    street = np.unique(order[first] // 2)
    half = network.street_layout.length_m[street] / 2
    point = shapely.line_interpolate_point(network.streets.geometry.to_numpy()[street], 0.5, normalized=True)
    none = np.zeros(len(street))
    return Snap(
        street=street.astype(np.int32),
        along_m=half,
        node=np.full(len(street), -1, dtype=np.int32),
        distance_m=none,
        x=shapely.get_x(point),
        y=shapely.get_y(point),
        access_ms=none.astype(np.int32),
    )


def _joined(first: Snap, second: Snap) -> Snap:
    parts = {f.name: [getattr(first, f.name), getattr(second, f.name)] for f in fields(Snap)}
    return Snap(**{name: np.concatenate(both) for name, both in parts.items()})
