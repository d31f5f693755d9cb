"""Regions in memory whose stations stand anywhere along the streets of a network, and random streets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from ascii_map import ascii_network
from borderless.region import Region
from borderless.roads.network import RoadNetwork
from borderless.roads.snap import snap_points
from borderless.study.read import DEFAULT_SPEEDS
from small_regions import Place, Station, small_region, small_study

ACCESS_KMH = 20.0


def region_with_streets(network: RoadNetwork, at: Sequence[tuple[float, float]]) -> Region:
    """Return a region of one force with a station at each place, named A, B, C, ..."""
    study = small_study(("West",))
    study = replace(study, roads=replace(study.roads, snap="streets"))
    stations = [Station("ABCDEFGH"[i], "West", 0) for i in range(len(at))]
    xy = np.array(at, dtype=float)
    west, south, east, north = network.x.min(), network.y.min(), network.x.max(), network.y.max()
    areas = {"West": shapely.box(west, south, east, north).buffer(5_000)}
    region = small_region(study, network, stations, [Place("p", "West", 0)], areas)
    frame = region.stations.set_geometry(gpd.points_from_xy(*xy.T), crs="EPSG:27700")
    return replace(region, stations=frame, station_snap=snap_points(network, xy[:, 0], xy[:, 1], ACCESS_KMH))


def drawn_region(drawing: str, at: Sequence[tuple[float, float]], **more: float) -> Region:
    """Return a region with the streets of a drawing, driven at 60 mph unless told otherwise."""
    network, _ = ascii_network(drawing, **more)  # type: ignore[arg-type]
    return region_with_streets(network, at)


def overlay(x: list[float], y: list[float]) -> Region:
    """Return a region without streets whose nodes, a minute from one to the next, all have a place."""
    n = len(x)
    one, next_ = list(range(n - 1)), list(range(1, n))
    network = RoadNetwork.from_arrays(one + next_, next_ + one, [60_000] * (2 * n - 2), x, y)
    places = [Place(f"p{i}", "West", i) for i in range(n)]
    areas = {"West": shapely.box(-4_000, -4_000, 4_000, 4_000)}
    study = small_study(("West",))
    return small_region(study, network, [Station("S", "West", 0)], places, areas)


def random_streets(seed: int, side: int = 7, *, pieces: int = 1) -> RoadNetwork:
    """Return a random town with one-way streets, each street a straight line in `pieces` of whole times."""
    rng = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    head = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    kept = rng.random(len(tail)) < 0.8
    tail, head = tail[kept], head[kept]
    xy = np.column_stack(np.divmod(np.arange(side * side), side))[:, ::-1] * 1200.0
    xy = xy + rng.uniform(-300, 300, xy.shape)
    oneway = rng.choice([0, 0, 0, 1, -1], len(tail))
    # seconds for each of four quarters, so that quarters take whole milliseconds
    quarter_ms = rng.integers(10, 40, len(tail)) * 1000
    rows, places = [], [*xy]
    for k in range(len(tail)):
        ends = [tail[k], *range(len(places), len(places) + pieces - 1), head[k]]
        line = np.linspace(xy[tail[k]], xy[head[k]], pieces + 1)
        places += list(line[1:-1])
        ms = 4 * quarter_ms[k] // pieces
        rows += [
            (ends[i], ends[i + 1], oneway[k], ms, shapely.LineString(line[i : i + 2])) for i in range(pieces)
        ]
    streets = gpd.GeoDataFrame(
        rows,
        columns=["tail", "head", "oneway", "travel_ms", "geometry"],
        geometry="geometry",
        crs="EPSG:27700",
    )
    streets = streets.assign(highway="unclassified", maxspeed="", name="", ref="", length_m=streets.length)
    for column in ("roundabout", "dual_carriageway", "bridge", "tunnel"):
        streets[column] = False
    xy = np.array(places)
    nodes = pd.DataFrame({"id": np.arange(len(xy)).astype(str), "x": xy[:, 0], "y": xy[:, 1]})
    return RoadNetwork.from_streets(nodes, streets, DEFAULT_SPEEDS, simplify=False)


def times_on_fine_streets(region: Region, step_ms: int, *, to: bool = False) -> list[nx.DiGraph]:
    """Return for each station a graph of streets in pieces of `step_ms` each way, with its times as ``ms``.

    Streets take whole steps, and stations stand on nodes or on whole steps of their street.
    """
    streets, snap = region.network.streets, region.station_snap
    graph = nx.DiGraph()
    graph.add_nodes_from(range(region.network.node_count))
    at: dict[int, object] = {}
    for k, street in enumerate(streets.itertuples()):
        ms = max(street.along_ms, street.against_ms)
        steps = ms // step_ms
        names = [street.tail, *((k, i) for i in range(1, steps)), street.head]
        for i, (one, other) in enumerate(pairwise(names)):
            share = (i / steps, (i + 1) / steps)
            for u, v, allowed in ((one, other, street.along_ms), (other, one, street.against_ms)):
                if allowed >= 0:
                    graph.add_edge(u, v, ms=step_ms, street=k, share=share, length_m=street.length_m / steps)
        for row in np.flatnonzero(snap.street == k):
            at[row] = names[round(snap.along_m[row] / street.length_m * steps)]
    found = []
    for row in range(len(snap)):
        reached = nx.single_source_dijkstra_path_length(
            graph.reverse() if to else graph, at.get(row, int(snap.node[row])), weight="ms"
        )
        one = graph.copy()
        nx.set_node_attributes(one, {n: ms + int(snap.access_ms[row]) for n, ms in reached.items()}, "ms")
        found.append(one)
    return found
