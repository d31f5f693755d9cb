"""How long isochrones take, and how closely Valhalla's agree on the same roads.

Run by hand::

    python -P benchmarks/isochrones.py                                    # the real network, 52 stations
    python -P benchmarks/isochrones.py --valhalla FOLDER --roads FOLDER   # Valhalla, the roads of Rutland

Times do not count reading the study, but all that comes after it: streets cut at stations, times, the ground,
and areas; compiled code is warm. Beside them stands what is usually done: a networkx search, street lines as
far as they are reached, buffered by GEOS and joined; for a few stations, since it takes long.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from graphs import REAL_STUDY
from pyproj import Transformer
from valhalla_service import valhalla

import borderless as bl
from borderless.analysis.isochrone.areas import find_reach, station_areas

_MINUTES = (5, 10, 15, 20)
_TURNS = 3
_NAIVE_STATIONS = 3
_NAIVE_BUFFER_M = 250.0
# one speed everywhere, so that only the ways of drawing differ
_FIXED_KMH = 50
# clear of turns and starts that Valhalla times and Borderless does not
_CLEAR_MS = 60_000
_ORIGINS = {
    "Oakham": (-0.7288, 52.6705),
    "Uppingham": (-0.7218, 52.5885),
    "Ketton": (-0.5545, 52.6280),
    "Cottesmore": (-0.6655, 52.7125),
    "Empingham": (-0.5935, 52.6655),
}


def timings(stations: int) -> None:
    region = bl.load_region(REAL_STUDY)
    chosen = region.stations["id"].tolist()[:stations]
    _ = region.network.hierarchy, bl.isochrones(region, (5,), stations=chosen[:2])
    rows = list(range(stations))
    areas = bl.isochrones(region, _MINUTES, stations=chosen)
    steps: dict[str, Callable[[], Any]] = {
        "all of it": lambda: bl.isochrones(region, _MINUTES, stations=chosen),
        "  times and ground": lambda: find_reach(region, rows, max(_MINUTES), "from", 1_000.0),
        "  areas": lambda: station_areas(areas.reach, _MINUTES),
    }
    print(f"| {stations} stations, {len(_MINUTES)} cutoffs, {os.cpu_count()} processors | s |\n|---|---|")
    for name, step in steps.items():
        print(f"| {name} | {statistics.median(_seconds(step) for _ in range(_TURNS)):.2f} |")
    begin = time.perf_counter()
    graph = region.network.to_networkx()
    made_s = time.perf_counter() - begin
    naive_s = [_seconds(lambda row=row: naive_areas(region, graph, row)) for row in range(_NAIVE_STATIONS)]
    print(f"| networkx and GEOS, each station | {statistics.mean(naive_s):.1f}; the graph {made_s:.1f} |")


def naive_areas(region: bl.Region, graph: Any, row: int) -> list[shapely.Geometry]:
    """Return areas as they are usually made: whole streets between reached nodes, buffered and joined."""
    streets, street = region.network.streets, int(region.station_snap.street[row])
    start = int(streets["tail"].to_numpy()[street])
    times = nx.single_source_dijkstra_path_length(graph, start, 60_000 * max(_MINUTES), "travel_ms")
    ms = np.full(region.network.node_count, np.inf)
    ms[list(times)] = list(times.values())
    found = []
    for minutes in _MINUTES:
        inside = ms <= 60_000 * minutes
        lines = streets.geometry.to_numpy()[inside[streets["tail"]] & inside[streets["head"]]]
        found.append(shapely.union_all(shapely.buffer(lines, _NAIVE_BUFFER_M)))
    return found


def valhalla_table(folder: Path, roads: Path) -> None:
    """Print how well areas agree, and how many nodes each way of drawing puts on the wrong side."""
    pbf = roads / "roads" / "rutland.osm.pbf"
    with tempfile.TemporaryDirectory() as name, valhalla(folder, pbf) as service:
        region = bl.load_region(_study(Path(name), pbf, roads))
        print(f"Valhalla {service.release}, {region.network.node_count:,} nodes\n")
        even = replace(region, network=_at_one_speed(region.network))
        plain = {"maneuver_penalty": 0, "service_penalty": 0, "gate_cost": 0, "destination_only_penalty": 0}
        fixed = {"costing_options": {"auto": {"fixed_speed": _FIXED_KMH, **plain}}}
        cases = (
            ("own speeds, 1,000 m", 1_000.0, region, {}),
            (f"{_FIXED_KMH} km/h, 1,000 m", 1_000.0, even, fixed),
            (f"{_FIXED_KMH} km/h, 250 m", 250.0, even, fixed),
            (f"{_FIXED_KMH} km/h, 250 m, raw", 250.0, even, {"denoise": 0, "generalize": 0} | fixed),
        )
        for title, buffer_m, material, options in cases:
            _print_case(title, bl.isochrones(material, _MINUTES, buffer_m=buffer_m), service, options)


def _print_case(title: str, areas: bl.Isochrones, service: Any, options: dict[str, Any]) -> None:
    region = areas.region
    wrong = np.zeros((2, 2))
    known = np.zeros(2)
    heads = " | ".join(f"{minutes} min" for minutes in _MINUTES)
    print(f"| {title} | {heads} |\n|{'---|' * (len(_MINUTES) + 1)}")
    nodes = shapely.points(region.network.x, region.network.y)
    for row, (name, (lon, lat)) in enumerate(_by_id()):
        cells = []
        for minutes in _MINUTES:
            answer = service.isochrone({"lon": lon, "lat": lat}, 60 * minutes, **options)
            theirs = gpd.GeoDataFrame.from_features(answer["features"], crs=4326).to_crs(27700)
            theirs = shapely.union_all(shapely.make_valid(theirs.geometry.to_numpy()))
            ours = areas.areas[row, minutes]
            cells.append(shapely.intersection(ours, theirs).area / shapely.union(ours, theirs).area)
            ms = areas.reach.times(row)[: len(nodes)].astype(np.int64) - 60_000 * minutes
            clear = ms <= -_CLEAR_MS, (ms >= _CLEAR_MS) & (ms < 60_000 * minutes)
            known += [side.sum() for side in clear]
            for k, shape in enumerate((ours, theirs)):
                inside = shapely.contains_xy(shape, region.network.x, region.network.y)
                wrong[k] += (clear[0] & ~inside).sum(), (clear[1] & inside).sum()
        print(f"| {name} | {' | '.join(f'{cell:.2f}' for cell in cells)} |")
    for k, who in enumerate(("Borderless", "Valhalla")):
        out, in_ = 100 * wrong[k] / known
        print(
            f"{who}: {out:.2f} % of nodes a minute inside the limit are out, {in_:.2f} % a minute beyond in"
        )
    print()


def _study(folder: Path, pbf: Path, roads: Path) -> Path:
    """Write a study of one force around Rutland with a station at each origin."""
    x, y = Transformer.from_crs(4326, 27700, always_xy=True).transform(*np.array(list(_ORIGINS.values())).T)
    table = pd.DataFrame({"id": [name for name, _ in _by_id()], "name": "", "force": "R", "role": "response"})
    order = [list(_ORIGINS).index(name) for name in table["id"]]
    table = table.assign(name=table["id"], x=x[order], y=y[order], units=1, capacity=1)
    table.to_csv(folder / "stations.csv", index=False)
    pd.DataFrame({"x": x, "y": y, "people": 1}).to_csv(folder / "people.csv", index=False)
    area = shapely.box(x.min() - 3_000, y.min() - 3_000, x.max() + 3_000, y.max() + 3_000)
    gpd.GeoDataFrame({"force": ["R"]}, geometry=[area], crs=27700).to_file(folder / "areas.gpkg")
    text = f"""name = "Rutland"
[roads]
source = "{pbf}"
built_up = "{roads / "areas" / "residential_landuse.gpkg"}"
[stations]
file = "stations.csv"
[forces]
file = "areas.gpkg"
alliance = ["R"]
[[demand]]
measure = "population"
file = "people.csv"
weight = "people"
x = "x"
y = "y"
"""
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"


def _by_id() -> list[tuple[str, tuple[float, float]]]:
    return sorted(_ORIGINS.items())


def _at_one_speed(network: bl.RoadNetwork) -> bl.RoadNetwork:
    length = network.streets["length_m"].to_numpy()[network.arc_street]
    return network.with_travel_ms(np.maximum(1, np.rint(length / _FIXED_KMH * 3600)).astype(np.int64))


def _seconds(step: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    step()
    return time.perf_counter() - begin


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stations", type=int, default=52)
    parser.add_argument("--valhalla", type=Path, help="folder of an unpacked wheel of pyvalhalla")
    parser.add_argument("--roads", type=Path, default=REAL_STUDY.parent, help="folder of the real study")
    given = parser.parse_args(words)
    if given.valhalla:
        valhalla_table(given.valhalla, given.roads)
    else:
        timings(given.stations)


if __name__ == "__main__":
    main()
