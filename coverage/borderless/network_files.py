"""Any road file into the one network, through the cache when files, speeds and program are the same."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from borderless import cache, store
from borderless.errors import InputError, Problem, ProblemLog
from borderless.roads.convert import graph_tables
from borderless.roads.network import RoadNetwork
from borderless.roads.pack import pack, unpack
from borderless.roads.tables import RoadTables
from borderless.sources.areas import read_built_up
from borderless.sources.content import remarks_told
from borderless.sources.osm import read_osm
from borderless.sources.road_files import read_gpkg, read_graphml, read_node_edge_tables
from borderless.study.model import RoadsInput, Speeds, Study
from borderless.study.read import DEFAULT_SPEEDS

_FIELDS = tuple(field.name for field in fields(Problem))


def load_network(path: str | Path, edges: str | Path | None = None) -> RoadNetwork:
    """Read any road file into a network, with the default speeds.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.graphml``, ``.gpkg``, or the nodes of a CSV pair.
    edges
        The edges of a CSV pair.

    Returns
    -------
    RoadNetwork
        The parts that can be driven all round, nodes of degree two contracted.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    log = ProblemLog()
    roads = RoadsInput(Path(path), None if edges is None else Path(edges), None, None, "streets", 0.0)
    with remarks_told(roads.source.name, log):
        network = _read_network(roads, DEFAULT_SPEEDS, None, log)
    log.raise_errors()
    return network


def study_network(study: Study, log: ProblemLog) -> RoadNetwork | None:
    """Read the roads of a study, or take them from the cache.

    Parameters
    ----------
    study
        Which files, and the speeds.
    log
        Where problems go.

    Returns
    -------
    RoadNetwork or None
        None, with errors in the log, when there is no network to be had.
    """
    roads = study.roads
    inputs = [path for path in (roads.source, roads.edges, roads.built_up) if path is not None]
    missing = [path for path in inputs if not path.is_file()]
    for path in missing:
        log.error(path.name, "there is no such file", "paths are relative to the study file")
    if missing:
        return None
    # Kept notices name the files, so a copy under another name is read again.
    named = [(path.name, store.sha256_of(path)) for path in inputs]
    asked = (roads.edges is not None, roads.snap, roads.bus_gates, log.mending)
    key = cache.cache_key("network", *asked, named, asdict(study.speeds))
    kept = cache.cache_get(key)
    if kept is not None:
        notices = _problems(kept.pop("notices"))
        log.extend(notices)
        return unpack(kept)
    own = log.fresh()
    network = None
    try:
        built_up = read_built_up(roads.built_up, own) if roads.built_up else None
        with remarks_told(roads.source.name, own):
            network = _read_network(roads, study.speeds, built_up, own)
    except InputError as error:
        own.extend(problem for problem in error.problems if problem not in own.problems)
    log.extend(own)
    if network is not None and not own.errors:
        cache.cache_put(key, pack(network) | {"notices": _table(own.problems)})
    return network


def read_roads(roads: RoadsInput, log: ProblemLog) -> RoadTables:
    """Read the roads of a study into tables, whatever kind of file they are in.

    Parameters
    ----------
    roads
        Which files.
    log
        Takes notices and repairs.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    source, name, gates = roads.source, roads.source.name.lower(), roads.bus_gates
    if roads.edges is not None:
        return read_node_edge_tables(source, roads.edges, log, bus_gates=gates)
    if name.endswith((".osm.pbf", ".osm", ".pbf")):
        return read_osm(source, log, bus_gates=gates)
    if name.endswith(".gpkg"):
        return read_gpkg(source, log, bus_gates=gates)
    if name.endswith(".graphml"):
        return graph_tables(read_graphml(source), source.name, log, bus_gates=gates)
    why = "this kind of road file is not known"
    remedy = "use .osm.pbf, .osm, .graphml, .gpkg, or a CSV pair: source = nodes and edges = edges"
    if name.endswith((".osc", ".osc.gz", ".osc.bz2")):
        why, remedy = "lists changes to a map, not a map", "apply them to an extract: osmium apply-changes"
    raise InputError([Problem(source.name, why=why, remedy=remedy)])


def _read_network(
    roads: RoadsInput, speeds: Speeds, built_up: gpd.GeoSeries | None, log: ProblemLog
) -> RoadNetwork:
    tables = read_roads(roads, log)
    log.raise_errors()
    return RoadNetwork.from_streets(
        tables.nodes,
        tables.streets,
        speeds,
        built_up,
        contract=roads.snap == "streets",
        access_speed_kmh=speeds.access_speed_kmh,
        restrictions=tables.restrictions if len(tables.restrictions) else None,
        log=log,
    )


def _table(problems: list[Problem]) -> NDArray[np.str_]:
    return np.array([list(asdict(problem).values()) for problem in problems], dtype=str).reshape(
        -1, len(_FIELDS)
    )


def _problems(table: NDArray[np.str_]) -> list[Problem]:
    rows: list[dict[str, Any]] = [dict(zip(_FIELDS, row.tolist(), strict=True)) for row in table]
    return [Problem(**row | {"count": int(row["count"])}) for row in rows]
