"""Between RoadNetwork and networkx: an OSMnx MultiDiGraph as it is, and back."""

from __future__ import annotations

from functools import partial
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from borderless.errors import ProblemLog
from borderless.roads.access import first_drivable, judge_edge, oneway_of
from borderless.roads.arrays import FloatArray, Int32Array, Int64Array
from borderless.roads.barriers import NODE_KEYS, control_at
from borderless.roads.build import directed_streets
from borderless.roads.judged import STREET_KEYS, first_text, judge_rows, listed
from borderless.roads.tables import LeftOut, RoadTables, tell_unsaid

_GRID = "EPSG:27700"
# easting and northing of Great Britain with a wide margin, m
_BRITAIN = (-200_000.0, -200_000.0, 900_000.0, 1_500_000.0)


def graph_tables(
    graph: nx.MultiDiGraph[Any],
    file: str = "graph",
    log: ProblemLog | None = None,
    *,
    bus_gates: bool = True,
) -> RoadTables:
    """Return a graph's nodes and edges as the tables that networks are built from.

    Parameters
    ----------
    graph
        A directed graph with coordinates; see ``RoadNetwork.from_networkx``.
    file
        What problems are told of: the file it was read from.
    log
        Takes notices and repairs.
    bus_gates
        Whether a police car passes where buses do and cars do not.

    Raises
    ------
    InputError
        With every node without coordinates in Great Britain and every edge without a usable time or length.
    """
    found = ProblemLog()
    if not graph.is_directed():
        remedy = "give a directed graph; graph.to_directed() makes every edge two-way"
        found.error(file, "does not say which way its edges are driven", remedy)
    found.raise_errors()
    directed = graph if graph.is_multigraph() else nx.MultiDiGraph(graph)
    nodes, to_grid = _nodes(directed, file, found)
    found.raise_errors()
    streets = _streets(directed, nodes, to_grid, file, found)
    found.raise_errors()
    if "travel_ms" not in streets:
        streets = _driven(directed, streets, file, found, bus_gates=bus_gates)
    if log is not None:
        log.extend(found)
    return RoadTables(nodes, streets)


def multidigraph(
    first_arc: Int64Array,
    head: Int32Array,
    travel_ms: Int32Array,
    nodes: tuple[FloatArray, FloatArray, npt.NDArray[np.object_]],
) -> nx.MultiDiGraph[int]:
    """Return arcs as a MultiDiGraph; see ``RoadNetwork.to_networkx``. `nodes` are x, y and id."""
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs=_GRID)
    places = zip(*(values.tolist() for values in nodes), strict=True)
    graph.add_nodes_from((node, {"x": x, "y": y, "id": name}) for node, (x, y, name) in enumerate(places))
    tail = np.repeat(np.arange(len(first_arc) - 1), np.diff(first_arc)).tolist()
    arcs = zip(tail, head.tolist(), travel_ms.tolist(), strict=True)
    graph.add_edges_from((u, v, {"travel_ms": time}) for u, v, time in arcs)
    return graph


def _nodes(
    graph: nx.MultiDiGraph[Any], file: str, log: ProblemLog
) -> tuple[pd.DataFrame, Transformer | None]:
    names = list(graph.nodes)
    values = [(data.get("x"), data.get("y")) for _, data in graph.nodes(data=True)]
    x = pd.to_numeric(pd.Series([value[0] for value in values], dtype=object), errors="coerce").to_numpy(
        float
    )
    y = pd.to_numeric(pd.Series([value[1] for value in values], dtype=object), errors="coerce").to_numpy(
        float
    )
    for place in np.flatnonzero(~(np.isfinite(x) & np.isfinite(y))):
        log.error(file, "has no coordinates", "give every node x and y", where=f"node {names[place]}")
    if not names:
        log.error(file, "has no nodes", "give a graph with nodes and edges")
    log.raise_errors()
    to_grid = _transformer(graph.graph.get("crs"), x, y, file, log)
    if to_grid is not None:
        given, (x, y) = (x, y), to_grid.transform(x, y)
        _check_britain(names, given, x, y, file, log)
    control = [control_at(_node_tags(data)) for _, data in graph.nodes(data=True)]
    ids = [str(name) for name in names]
    return pd.DataFrame({"id": ids, "x": x, "y": y, "control": control}), to_grid


def _check_britain(
    names: list[Any],
    given: tuple[FloatArray, FloatArray],
    x: FloatArray,
    y: FloatArray,
    file: str,
    log: ProblemLog,
) -> None:
    west, south, east, north = _BRITAIN
    outside = np.flatnonzero(~((x > west) & (x < east) & (y > south) & (y < north)))
    if len(outside):
        first = outside[0]
        place = f"{given[0][first]:g}, {given[1][first]:g}"
        why = f"{len(outside):,} nodes lie outside Great Britain, the first at x, y = {place}"
        remedy = "x is the longitude or easting; name the coordinate system in the graph's crs"
        log.error(file, why, remedy, where=f"node {names[first]}")


def _transformer(crs: Any, x: FloatArray, y: FloatArray, file: str, log: ProblemLog) -> Transformer | None:
    if crs is None:
        degrees = bool(np.all((np.abs(x) <= 180) & (np.abs(y) <= 90)))
        crs = "EPSG:4326" if degrees else _GRID
    try:
        found = CRS.from_user_input(crs)
    except CRSError:
        log.error(file, "is not a coordinate system", "name one, e.g. EPSG:4326", column="crs", value=crs)
        return None
    return None if found == CRS(_GRID) else Transformer.from_crs(found, _GRID, always_xy=True)


def _streets(
    graph: nx.MultiDiGraph[Any], nodes: pd.DataFrame, to_grid: Transformer | None, file: str, log: ProblemLog
) -> gpd.GeoDataFrame:
    number = {name: place for place, name in enumerate(graph.nodes)}
    edges = list(graph.edges(keys=True, data=True))
    names = [f"edge {u} → {v} ({key})" for u, v, key, _ in edges]
    tail = np.fromiter((number[u] for u, _, _, _ in edges), dtype=np.int64, count=len(edges))
    head = np.fromiter((number[v] for _, v, _, _ in edges), dtype=np.int64, count=len(edges))
    streets = directed_streets(nodes, tail, head)
    data = [values for _, _, _, values in edges]
    timed = ["travel_ms" in values for values in data]
    if all(timed):
        streets["travel_ms"] = _times(data, names, file, log)
    elif any(timed):
        for place in np.flatnonzero(~np.array(timed)):
            why, remedy = "has no time, though other edges have", "give travel_ms on every edge or on none"
            log.error(file, why, remedy, where=names[place], column="travel_ms")
    drawn = np.array([isinstance(values.get("geometry"), shapely.LineString) for values in data], dtype=bool)
    if drawn.any():
        lines = np.asarray(streets.geometry.array).copy()
        given = np.array(
            [values["geometry"] for values, own in zip(data, drawn, strict=True) if own], dtype=object
        )
        lines[drawn] = given if to_grid is None else _on_grid(given, to_grid)
        streets["geometry"] = gpd.GeoSeries(lines, crs=_GRID)
        streets["length_m"] = shapely.length(lines)
    if any("length" in values for values in data):
        streets["length_m"] = _lengths(data, streets["length_m"].to_numpy(), names, file, log)
    for key in ("name", "ref"):
        streets[key] = [first_text(values.get(key)) for values in data]
    streets["highway"] = [first_drivable(listed(values.get("highway"))) for values in data]
    if "travel_ms" not in streets:
        for place in np.flatnonzero(streets["highway"] == ""):
            why, remedy = (
                "has no class of road to take a speed from",
                "give highway, or travel_ms on every edge",
            )
            log.error(file, why, remedy, where=names[place], column="highway")
    return streets


def _driven(
    graph: nx.MultiDiGraph[Any],
    streets: gpd.GeoDataFrame,
    file: str,
    log: ProblemLog,
    *,
    bus_gates: bool,
) -> gpd.GeoDataFrame:
    """Return the streets that a police car drives, with what their tags say."""
    data = [values for _, _, values in graph.edges(data=True)]
    here = {key for values in data for key in values}
    named = {key: key if key in here else key.replace(":", "_") for key in STREET_KEYS}
    tags = {key: [values.get(name) for values in data] for key, name in named.items() if name in here}
    judged = judge_rows(tags, len(data), partial(judge_edge, bus_gates=bus_gates))
    streets = streets.assign(**judged.columns())
    # an edge is one-way by itself; only its tag says whether the street is
    oneway = [first_text(values.get("oneway")) for values in data]
    two_way = np.array([not oneway_of(text) for text in oneway])
    said = streets.get("dual_carriageway", pd.Series("", index=streets.index))
    streets["dual_carriageway"] = said.mask((said == "") & two_way, "no")
    left = LeftOut(file)
    driven = left.take_all(judged, streets["length_m"].to_numpy(dtype=np.float64))
    left.tell(log)
    tell_unsaid(file, here, log)
    return streets[driven].reset_index(drop=True)


def _node_tags(data: dict[str, Any]) -> dict[str, str]:
    return {key: first_text(data[key]) for key in NODE_KEYS if key in data}


def _on_grid(lines: np.ndarray[Any, Any], to_grid: Transformer) -> np.ndarray[Any, Any]:
    points = shapely.get_coordinates(lines)
    moved = np.column_stack(to_grid.transform(points[:, 0], points[:, 1]))
    return np.asarray(shapely.set_coordinates(lines.copy(), moved))


def _times(data: list[dict[str, Any]], names: list[str], file: str, log: ProblemLog) -> Int64Array:
    numbers = pd.to_numeric(
        pd.Series([values["travel_ms"] for values in data], dtype=object), errors="coerce"
    )
    exact = numbers.to_numpy(dtype=np.float64)
    whole = np.isfinite(exact) & (exact >= 1) & (np.rint(exact) == exact)
    for place in np.flatnonzero(~whole):
        value = data[place]["travel_ms"]
        why, remedy = "is not a whole number of milliseconds ≥ 1", "round it, at least 1"
        log.error(file, why, remedy, where=names[place], column="travel_ms", value=value)
    return np.where(whole, exact, 1).astype(np.int64)


def _lengths(
    data: list[dict[str, Any]], drawn_m: np.ndarray[Any, Any], names: list[str], file: str, log: ProblemLog
) -> np.ndarray[Any, Any]:
    given = [values.get("length", own) for values, own in zip(data, drawn_m, strict=True)]
    exact = pd.to_numeric(pd.Series(given, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
    usable = np.isfinite(exact) & (exact >= 0)
    for place in np.flatnonzero(~usable):
        why, remedy = "is not a length in metres", "give a number ≥ 0"
        log.error(file, why, remedy, where=names[place], column="length", value=given[place])
    return np.where(usable, exact, 0.0)
