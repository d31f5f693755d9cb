"""Road networks from other programs: CSV pairs and GeoPackages to tables, GraphML to a networkx graph."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import geopandas as gpd
import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely

from borderless.errors import InputError, Problem, ProblemLog
from borderless.roads.access import is_yes, judge_way, oneway_of
from borderless.roads.barriers import NODE_KEYS, control_at
from borderless.roads.judged import STREET_KEYS, first_text, judge_rows, listed
from borderless.roads.tables import LeftOut, RoadTables, tell_unsaid
from borderless.sources.content import is_local_file
from borderless.sources.coordinates import coordinate_columns, grid_coordinates
from borderless.sources.features import UNREADABLE, read_features
from borderless.sources.files import read_table
from borderless.sources.tables import GRID, Table, numbers
from borderless.sources.xml_guard import refuse_document_type
from borderless.study.defaults import TIME_CLASSES

_LONGEST_MS = 2**31 - 2
_MULTILINE = 5

_EDGE_COLUMNS = (
    *("travel_ms", "travel_s", "length_m", "name", "ref"),
    *STREET_KEYS,
    *(key.replace(":", "_") for key in STREET_KEYS if ":" in key),
    *(f"percent_{name}" for name in TIME_CLASSES),
)
_Lines = npt.NDArray[np.object_]


def read_node_edge_tables(
    nodes_path: Path, edges_path: Path, log: ProblemLog, *, bus_gates: bool = True
) -> RoadTables:
    """Read a road network from two CSV files, plain or ``.csv.gz``.

    Parameters
    ----------
    nodes_path
        Columns ``id`` and ``x``, ``y`` (m, EPSG:27700) or ``lon``, ``lat`` (degrees); optional ``control``,
        see :func:`borderless.roads.barriers.control_at`.
    edges_path
        Columns ``from``, ``to`` and either ``travel_ms`` (whole ms), ``travel_s``, or ``length_m`` (m) with
        ``highway``; optional ``name``, ``ref`` and tags under their OpenStreetMap keys, with ``:`` or ``_``:
        ``oneway``, ``access``, ``motor_vehicle_backward``, ``maxspeed``, … With times, ``percent_built_up``,
        ``percent_dual`` and so on say how a time divides over speed classes, in whole percent, so that other
        speeds can be asked. Without a ``oneway`` column a row with a time is driven from ``from`` to ``to``
        only, a row with a length both ways.
    log
        Takes notices and repairs.
    bus_gates
        Whether a police car passes where buses do and cars do not.

    Returns
    -------
    RoadTables
        Streets have ``travel_ms`` where the file gives times.

    Raises
    ------
    InputError
        With every problem of both files.
    """
    found = log.fresh()
    node_table = read_table(nodes_path, found, required=("id",), optional=("x", "y", "lon", "lat", "control"))
    edge_table = read_table(edges_path, found, required=("from", "to"), optional=_EDGE_COLUMNS)
    found.raise_errors()
    nodes = _nodes(node_table, "id", found)
    streets = _streets(edge_table, nodes, ("from", "to"), None, found, bus_gates=bus_gates)
    found.raise_errors()
    log.extend(found)
    return RoadTables(nodes, streets)


def read_gpkg(path: Path, log: ProblemLog, *, bus_gates: bool = True) -> RoadTables:
    """Read a road network from a GeoPackage with the layers ``nodes`` and ``edges``.

    This is what ``osmnx.save_graph_geopackage`` writes, directed or not. Nodes have points and ``osmid`` or
    ``id``; edges have lines and ``u``, ``v`` or ``from``, ``to``, and the other columns of
    :func:`read_node_edge_tables`. OSMnx's imputed ``speed_kph`` and ``travel_time`` are ignored.

    Parameters
    ----------
    path
        A ``.gpkg`` file.
    log
        Takes notices and repairs.
    bus_gates
        Whether a police car passes where buses do and cars do not.

    Returns
    -------
    RoadTables

    Raises
    ------
    InputError
        With every problem of the file.
    """
    found = log.fresh()
    layers = _layers(path, found)
    found.raise_errors()
    node_table, edge_table = (_layer(path, name, layers, found) for name in ("nodes", "edges"))
    node_name = _column(node_table, ("osmid", "id"), found)
    # an undirected OSMnx file keeps the true direction in from and to
    tail_name = _column(edge_table, ("from", "u"), found)
    head_name = _column(edge_table, ("to", "v"), found)
    found.raise_errors()
    nodes = _nodes(node_table, node_name, found)
    lines = np.asarray(edge_table.rows.pop("geometry"), dtype=object)
    streets = _streets(edge_table, nodes, (tail_name, head_name), lines, found, bus_gates=bus_gates)
    found.raise_errors()
    log.extend(found)
    return RoadTables(nodes, streets)


def read_graphml(path: Path) -> nx.MultiDiGraph[Any]:
    """Read a GraphML file, such as ``osmnx.save_graphml`` writes, into a MultiDiGraph.

    Attributes come out as numbers, truth values, lists and lines where their text says so, and as text
    otherwise. An undirected graph becomes one with both directions; of one-way edges whose ``from`` says
    where they begin, as OSMnx has it, only the true one stays.

    Parameters
    ----------
    path
        A ``.graphml`` file.

    Raises
    ------
    InputError
        If the file is missing, damaged, or declares a document type or entities.
    """
    log = ProblemLog()
    is_local_file(path, log, (".graphml",))
    log.raise_errors()
    refuse_document_type(path)
    try:
        graph: Any = nx.read_graphml(path, force_multigraph=True)
    except (ParseError, nx.NetworkXException, ValueError, LookupError, TypeError, AttributeError) as error:
        raise _failure(path, f"damaged or not GraphML ({error})", "export it again") from error
    directed = graph if graph.is_directed() else _both_ways(graph)
    for _, data in directed.nodes(data=True):
        _convert(data, ("x", "y"))
    for _, _, data in directed.edges(data=True):
        _convert(data, ("length", "travel_ms"))
        if "geometry" in data:
            _convert_line(path, data)
    return directed


def _both_ways(graph: nx.MultiGraph[Any]) -> nx.MultiDiGraph[Any]:
    directed: nx.MultiDiGraph[Any] = graph.to_directed()
    against = [
        (u, v, key)
        for u, v, key, data in directed.edges(keys=True, data=True)
        if "from" in data and u != v and first_text(data["from"]) == str(v)
    ]
    for u, v, key in against:
        data = directed.edges[u, v, key]
        if oneway_of(first_text(data.get("oneway"))):
            directed.remove_edge(u, v, key)
        else:
            data["reversed"] = not is_yes(first_text(data.get("reversed")))
    return directed


def _layers(path: Path, log: ProblemLog) -> list[str]:
    if not is_local_file(path, log, (".gpkg",)):
        return []
    try:
        return [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    except UNREADABLE as error:
        log.error(path.name, f"damaged or not a GeoPackage ({error})", "export it again")
        return []


def _layer(path: Path, layer: str, layers: list[str], log: ProblemLog) -> Table:
    """Return a layer as text columns and a geometry column in EPSG:27700; an empty table on trouble."""
    if layer not in layers:
        why = f"has no layer {layer!r}, only {', '.join(layers)}"
        log.error(path.name, why, "save the layers nodes and edges, as osmnx.save_graph_geopackage does")
        return Table(path.name, pd.DataFrame(), "feature")
    table = read_features(path, log, layer=layer)
    if layer == "edges" and "geometry" in table.rows:
        # QGIS likes to save single lines as sets of one.
        lines = table.rows["geometry"].to_numpy()
        single = (shapely.get_type_id(lines) == _MULTILINE) & (shapely.get_num_geometries(lines) == 1)
        lines = np.where(single, shapely.get_geometry(lines, 0), lines)
        table = replace(table, rows=table.rows.assign(geometry=gpd.GeoSeries(lines, crs=GRID)))
        kinds = gpd.GeoSeries(lines).geom_type
        table.complain(
            kinds != "LineString", "geometry", "is not a LineString", "mend or remove it", log, values=kinds
        )
    return table


def _column(table: Table, names: tuple[str, ...], log: ProblemLog) -> str:
    for name in names:
        if name in table.rows.columns:
            return name
    if len(table.rows.columns):
        log.error(table.file, "this column is missing", f"add {' or '.join(names)}", column=names[0])
    return names[0]


def _nodes(table: Table, name: str, log: ProblemLog) -> pd.DataFrame:
    ids = table.rows[name].astype(str).str.strip()
    place = grid_coordinates(table, *coordinate_columns(table), log)
    table.complain(ids.duplicated().to_numpy(), name, "another node has this id", "use each id once", log)
    table.complain((ids == "").to_numpy(), name, "is empty", "give every node an id", log)
    return pd.DataFrame({"id": ids, "x": place[:, 0], "y": place[:, 1], "control": _controls(table.rows)})


def _controls(rows: pd.DataFrame) -> list[str]:
    """Return what holds cars up at each node: as the table says, or by its tags."""
    if "control" in rows:
        return rows["control"].astype(str).str.strip().tolist()
    keys = [key for key in sorted(NODE_KEYS) if key in rows]
    texts = (rows[key].map(first_text) for key in keys)
    return [control_at(dict(zip(keys, row, strict=True))) for row in zip(*texts, strict=True)] or [""] * len(
        rows
    )


def _streets(
    table: Table,
    nodes: pd.DataFrame,
    ends: tuple[str, str],
    lines: _Lines | None,
    log: ProblemLog,
    *,
    bus_gates: bool,
) -> gpd.GeoDataFrame:
    rows = table.rows
    columns: dict[str, Any] = {}
    number = pd.Series(nodes.index, index=nodes["id"]).loc[lambda s: ~s.index.duplicated()]
    for key, name in zip(("tail", "head"), ends, strict=True):
        found = number.index.get_indexer(pd.Index(rows[name].astype(str).str.strip()))
        table.complain(found < 0, name, "is not the id of a node", "add the node or correct the id", log)
        columns[key] = np.maximum(found, 0).astype(np.int64)
    times = _times(table, log)
    here = {key: name for key in STREET_KEYS for name in (key.replace(":", "_"), key) if name in rows}
    judged = judge_rows(
        {key: rows[name].tolist() for key, name in here.items()},
        len(rows),
        partial(judge_way, bus_gates=bus_gates),
    )
    columns |= judged.columns()
    _check_oneway(table, log)
    for key in ("name", "ref"):
        columns[key] = rows[key].map(first_text) if key in rows else ""
    drawn = _drawn(nodes, columns["tail"], columns["head"], lines)
    columns["length_m"] = _lengths(table, drawn, needed=times is None and lines is None, log=log)
    if times is not None:
        columns |= {"oneway": _oneway_of_timed(rows), "travel_ms": times, **_percents(table, log)}
    streets = gpd.GeoDataFrame(pd.DataFrame(columns, index=rows.index), geometry=drawn, crs=GRID)
    if times is not None:
        return streets
    if "highway" not in rows:
        why = "there are neither travel times nor road classes"
        log.error(table.file, why, "add travel_ms or travel_s, or length_m and highway", column="highway")
        return streets
    left = LeftOut(table.file)
    driven = left.take_all(judged, columns["length_m"])
    left.tell(log)
    tell_unsaid(table.file, here, log)
    return streets[driven].reset_index(drop=True)


def _times(table: Table, log: ProblemLog) -> npt.NDArray[np.int64] | None:
    """Return the given times in whole ms, or None where the file has none."""
    if "travel_ms" in table.rows:
        name, exact = "travel_ms", numbers(table, "travel_ms", log)
        table.complain(
            np.isfinite(exact) & (exact != np.rint(exact)),
            name,
            "is not whole",
            "round it to whole ms",
            log,
        )
    elif "travel_s" in table.rows:
        name, exact = "travel_s", numbers(table, "travel_s", log) * 1000
    else:
        return None
    table.complain(exact <= 0, name, "is not above 0", "give the time it takes to drive the edge", log)
    table.complain(exact > _LONGEST_MS, name, "is longer than 24 days", "check the unit", log)
    usable = np.isfinite(exact) & (exact > 0) & (exact <= _LONGEST_MS)
    return np.maximum(1, np.rint(np.where(usable, exact, 1))).astype(np.int64)


def _percents(table: Table, log: ProblemLog) -> dict[str, npt.NDArray[np.int64]]:
    """Return how the given times divide over speed classes, in whole percent; an empty cell is none."""
    found = {}
    for name in (f"percent_{name}" for name in TIME_CLASSES):
        if name in table.rows:
            percent = numbers(table, name, log, optional=True)
            odd = np.isfinite(percent) & ~((percent >= 0) & (percent == np.rint(percent)))
            table.complain(odd, name, "is not a whole number of percent", "give 0 to 100", log)
            found[name] = np.where(np.isfinite(percent) & ~odd, percent, 0).astype(np.int64)
    if found:
        total = np.sum(list(found.values()), axis=0)
        why, remedy = (
            "the row's percents add up to more than 100",
            "correct them; what is unknown is left out",
        )
        table.complain(total > 100, next(iter(found)), why, remedy, log, values=pd.Series(total))
    return found


def _check_oneway(table: Table, log: ProblemLog) -> None:
    if "oneway" in table.rows:
        text = table.rows["oneway"].map(first_text)
        unknown = [is_yes(value) and oneway_of(value) is None for value in text]
        table.complain(np.array(unknown), "oneway", "is not a direction", "use yes, no or -1", log)


def _oneway_of_timed(rows: pd.DataFrame) -> npt.NDArray[np.int8]:
    """Return the one-way state of rows with times, which hold from one node to the other."""
    if "oneway" not in rows:
        return np.ones(len(rows), dtype=np.int8)
    return np.array([oneway_of(text) or 0 for text in rows["oneway"].map(first_text)], dtype=np.int8)


def _lengths(table: Table, drawn: _Lines, *, needed: bool, log: ProblemLog) -> npt.NDArray[np.float64]:
    """Return stated lengths, m, or those of the lines."""
    name = next((name for name in ("length_m", "length") if name in table.rows), None)
    if name is None:
        if needed:
            log.error(table.file, "this column is missing", "add lengths in metres", column="length_m")
        drawn_m: npt.NDArray[np.float64] = shapely.length(drawn)
        return drawn_m
    length = numbers(table, name, log)
    table.complain(length < 0, name, "is negative", "give a length in metres", log)
    if (length == 0).any():
        why = f"{(length == 0).sum():,} edges have no length; they take 1 ms"
        log.repair(table.file, why, rule="at least 1 ms", column=name, value="0")
    return np.nan_to_num(np.maximum(length, 0))


def _drawn(
    nodes: pd.DataFrame, tail: npt.NDArray[np.int64], head: npt.NDArray[np.int64], lines: _Lines | None
) -> _Lines:
    """Return lines from tail to head: straight ones, or the given ones, turned where need be."""
    place = nodes[["x", "y"]].to_numpy(dtype=np.float64)
    if lines is None:
        ends = np.nan_to_num(np.stack([place[tail], place[head]], axis=1)).reshape(-1, 2, 2)
        straight: _Lines = shapely.linestrings(ends)
        return straight
    start = shapely.get_point(lines, 0)
    to_tail, to_head = (shapely.distance(start, shapely.points(place[end])) for end in (tail, head))
    return np.where(to_head < to_tail, shapely.reverse(lines), lines)


def _convert(data: dict[str, Any], number_keys: tuple[str, ...]) -> None:
    for key, value in data.items():
        if not isinstance(value, str):
            continue
        if key in number_keys:
            # what is not a number stays text, and is refused with its edge or node by the network
            data[key] = _number(value)
        elif value in {"True", "False"}:
            data[key] = value == "True"
        elif value.startswith("[") and value.endswith("]"):
            data[key] = listed(value)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _convert_line(path: Path, data: dict[str, Any]) -> None:
    try:
        line = shapely.from_wkt(str(data["geometry"]))
    except shapely.errors.GEOSException as error:
        raise _failure(path, f"an edge has a damaged line ({error})", "export it again") from error
    data["geometry"] = line


def _failure(path: Path, why: str, remedy: str) -> InputError:
    return InputError([Problem(path.name, why=why, remedy=remedy)])
