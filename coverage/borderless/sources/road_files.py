"""Road networks from other programs: CSV pairs and GeoPackages to tables, GraphML to a networkx graph."""

from __future__ import annotations

import ast
from dataclasses import replace
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
from borderless.sources.content import is_local_file
from borderless.sources.coordinates import coordinate_columns, grid_coordinates
from borderless.sources.features import UNREADABLE, read_features
from borderless.sources.files import read_table
from borderless.sources.osm import DRIVABLE
from borderless.sources.tables import GRID, Table, numbers
from borderless.sources.xml_guard import refuse_document_type
from borderless.study.defaults import TIME_CLASSES

_ONEWAY = {
    **dict.fromkeys(("yes", "true", "1", "1.0"), 1),
    **dict.fromkeys(("-1", "reverse"), -1),
    **dict.fromkeys(("", "no", "false", "0", "0.0", "none", "nan", "reversible", "alternating"), 0),
}
_ABSENT = frozenset(("", "no", "false", "none", "nan", "0", "0.0"))
_LONGEST_MS = 2**31 - 2
_MULTILINE = 5
_LONGEST_LIST = 10_000

_EDGE_COLUMNS = (
    *("travel_ms", "travel_s", "length_m", "highway", "oneway", "maxspeed", "name", "ref"),
    *("bridge", "tunnel", "junction", "dual_carriageway"),
    *(f"percent_{name}" for name in TIME_CLASSES),
)
_Bool = npt.NDArray[np.bool_]
_Lines = npt.NDArray[np.object_]


def read_node_edge_tables(
    nodes_path: Path, edges_path: Path, log: ProblemLog
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Read a road network from two CSV files, plain or ``.csv.gz``.

    Parameters
    ----------
    nodes_path
        Columns ``id`` and ``x``, ``y`` (m, EPSG:27700) or ``lon``, ``lat`` (degrees).
    edges_path
        Columns ``from``, ``to`` and either ``travel_ms`` (whole ms), ``travel_s``, or ``length_m`` (m) with
        ``highway``; optional ``oneway``, ``maxspeed``, ``name``, ``ref``, ``bridge``, ``tunnel``,
        ``junction``, ``dual_carriageway``. With times, ``percent_built_up``, ``percent_dual`` and so on say
        how a time divides over speed classes, in whole percent, so that other speeds can be asked. Without a
        ``oneway`` column a row with a time is driven from ``from`` to ``to`` only, a row with a length both
        ways.
    log
        Takes notices and repairs.

    Returns
    -------
    tuple of DataFrame and GeoDataFrame
        As :func:`borderless.sources.osm.read_osm`; streets have ``travel_ms`` where the file gives times.

    Raises
    ------
    InputError
        With every problem of both files.
    """
    found = log.fresh()
    node_table = read_table(nodes_path, found, required=("id",), optional=("x", "y", "lon", "lat"))
    edge_table = read_table(edges_path, found, required=("from", "to"), optional=_EDGE_COLUMNS)
    found.raise_errors()
    nodes = _nodes(node_table, "id", found)
    streets = _streets(edge_table, nodes, ("from", "to"), None, found)
    found.raise_errors()
    log.extend(found)
    return nodes, streets


def read_gpkg(path: Path, log: ProblemLog) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
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

    Returns
    -------
    tuple of DataFrame and GeoDataFrame
        As :func:`borderless.sources.osm.read_osm`.

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
    streets = _streets(edge_table, nodes, (tail_name, head_name), lines, found)
    found.raise_errors()
    log.extend(found)
    return nodes, streets


def read_graphml(path: Path) -> nx.MultiDiGraph[Any]:
    """Read a GraphML file, such as ``osmnx.save_graphml`` writes, into a MultiDiGraph.

    Attributes come out as numbers, truth values, lists and lines where their text says so, and as text
    otherwise. An undirected graph becomes one with both directions.

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
    directed: nx.MultiDiGraph[Any] = graph if graph.is_directed() else graph.to_directed()
    for _, data in directed.nodes(data=True):
        _convert(data, ("x", "y"))
    for _, _, data in directed.edges(data=True):
        _convert(data, ("length", "travel_ms"))
        if "geometry" in data:
            _convert_line(path, data)
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
    return pd.DataFrame({"id": ids, "x": place[:, 0], "y": place[:, 1]})


def _streets(
    table: Table, nodes: pd.DataFrame, ends: tuple[str, str], lines: _Lines | None, log: ProblemLog
) -> gpd.GeoDataFrame:
    rows = table.rows
    columns: dict[str, Any] = {}
    number = pd.Series(nodes.index, index=nodes["id"]).loc[lambda s: ~s.index.duplicated()]
    for key, name in zip(("tail", "head"), ends, strict=True):
        found = number.index.get_indexer(pd.Index(rows[name].astype(str).str.strip()))
        table.complain(found < 0, name, "is not the id of a node", "add the node or correct the id", log)
        columns[key] = np.maximum(found, 0).astype(np.int64)
    times = _times(table, log)
    columns["highway"] = _text(rows, "highway").str.lower()
    columns["roundabout"] = _text(rows, "junction").str.lower().isin(("roundabout", "circular"))
    implied = columns["roundabout"] | (columns["highway"] == "motorway")
    columns["oneway"] = _oneway(table, implied.to_numpy(), timed=times is not None, log=log)
    columns["maxspeed"] = rows["maxspeed"].astype(str) if "maxspeed" in rows else ""
    for key in ("name", "ref"):
        columns[key] = _text(rows, key)
    for key in ("dual_carriageway", "bridge", "tunnel"):
        columns[key] = ~_text(rows, key).str.lower().isin(_ABSENT)
    divided = (columns["oneway"] != 0) & np.isin(columns["highway"], ("trunk", "primary"))
    columns["dual_carriageway"] = columns["dual_carriageway"] | (divided & ~columns["roundabout"])
    drawn = _drawn(nodes, columns["tail"], columns["head"], lines)
    columns["length_m"] = _lengths(table, drawn, needed=times is None and lines is None, log=log)
    if times is not None:
        columns |= {"travel_ms": times, **_percents(table, log)}
    elif "highway" not in rows:
        why = "there are neither travel times nor road classes"
        log.error(table.file, why, "add travel_ms or travel_s, or length_m and highway", column="highway")
    else:
        _note_classes(table, columns["highway"], log)
    return gpd.GeoDataFrame(pd.DataFrame(columns, index=rows.index), geometry=drawn, crs=GRID)


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


def _oneway(table: Table, implied: _Bool, *, timed: bool, log: ProblemLog) -> npt.NDArray[np.int8]:
    """Return the one-way state; where lengths are given, roundabouts and motorways need not state theirs."""
    if "oneway" not in table.rows:
        return np.where(implied, 1, int(timed)).astype(np.int8)
    text = _text(table.rows, "oneway").str.lower()
    known = text.map(_ONEWAY)
    if not timed:
        known = known.mask((text == "") & implied, 1)
    table.complain(known.isna().to_numpy(), "oneway", "is not a direction", "use yes, no or -1", log)
    return known.fillna(0).to_numpy().astype(np.int8)


def _note_classes(table: Table, classes: pd.Series, log: ProblemLog) -> None:
    strange = classes[~classes.isin(DRIVABLE)]
    if len(strange):
        counts = strange.value_counts().head(8).items()
        shown = ", ".join(f"{name or 'none'} ({count:,})" for name, count in counts)
        why = f"{len(strange):,} edges have a class without a speed of its own: {shown}"
        why += "; what cars drive of them is driven as unclassified"
        log.repair(table.file, why, rule="driven as unclassified", column="highway")


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


def _text(rows: pd.DataFrame, key: str) -> pd.Series:
    """Return a column as text, of a list such as ``['primary', 'trunk']`` the first."""
    if key not in rows:
        return pd.Series("", index=rows.index, dtype=object)
    values = rows[key].astype(str).str.strip()
    first = {value: _first(value) for value in values.unique()}
    return values.map(first).astype(object)


def _first(text: str) -> str:
    if not (text.startswith("[") and text.endswith("]")):
        return text
    return text[1:-1].split(",", maxsplit=1)[0].strip("'\" ")


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
            data[key] = _list(value)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _list(text: str) -> list[Any] | str:
    if len(text) > _LONGEST_LIST:
        return text
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, list) else text


def _convert_line(path: Path, data: dict[str, Any]) -> None:
    try:
        line = shapely.from_wkt(str(data["geometry"]))
    except shapely.errors.GEOSException as error:
        raise _failure(path, f"an edge has a damaged line ({error})", "export it again") from error
    data["geometry"] = line


def _failure(path: Path, why: str, remedy: str) -> InputError:
    return InputError([Problem(path.name, why=why, remedy=remedy)])
