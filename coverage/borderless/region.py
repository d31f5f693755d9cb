"""The waist of the house: files below become one `Region`, every question above reads one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from borderless import cache, store
from borderless.demand import GRID, DemandPoints, gather_demand
from borderless.errors import InputError, Problem, ProblemLog
from borderless.roads.convert import graph_tables
from borderless.roads.network import RoadNetwork
from borderless.roads.pack import pack, unpack
from borderless.roads.snap import Snap, snap_points
from borderless.roads.speeds import SpeedRules, rules_of
from borderless.sources.areas import read_built_up, read_drawing, read_force_areas
from borderless.sources.demand import read_demand
from borderless.sources.osm import read_osm
from borderless.sources.places import read_places
from borderless.sources.road_files import read_gpkg, read_graphml, read_node_edge_tables
from borderless.sources.stations import read_stations
from borderless.study.model import RoadsInput, Study
from borderless.study.read import DEFAULT_SPEEDS, read_study

DRAWN_CLASSES = ("motorway", "trunk", "primary", "secondary")
_DRAWING_TOLERANCE_M = 40.0
_BEYOND_ROADS_M = 2_000.0


@dataclass(frozen=True)
class Region:
    """All the material of a study, checked and joined.

    Parameters
    ----------
    study
        The question.
    network
        The one road network that serves every scenario.
    stations
        Sorted by id: id, name, force, role, units, capacity, geometry (EPSG:27700).
    forces
        The study's forces in its order: force, alliance (bool), geometry.
    demand
        The demand points.
    places
        Named places: name, kind, geometry.
    drawing
        Roads to draw: highway, ref, name, geometry.
    station_snap, demand_snap
        Where stations and points meet the network.
    problems
        Notices and repairs of the whole way here.
    """

    study: Study
    network: RoadNetwork
    stations: gpd.GeoDataFrame
    forces: gpd.GeoDataFrame
    demand: DemandPoints
    places: gpd.GeoDataFrame
    drawing: gpd.GeoDataFrame
    station_snap: Snap
    demand_snap: Snap
    problems: tuple[Problem, ...]

    @property
    def fingerprint(self) -> str:
        """Return a hash of all that times, coverage and isochrones depend on, as it is now.

        What is computed from a region may be kept under it, even of a region that was changed by hand.
        """
        network, streets = self.network, self.network.streets
        frames = (self.stations, self.demand.table, self.forces)
        columns = ("tail", "head", "along_ms", "against_ms", "length_m")
        arrays = [
            *(network.first_arc, network.head, network.travel_ms, network.x, network.y),
            *(streets[column].to_numpy() for column in columns),
            pd.util.hash_array(streets["highway"].to_numpy(object)),
            *(shapely.get_coordinates(frame.geometry.to_numpy()) for frame in (streets, *frames)),
            *(pd.util.hash_pandas_object(pd.DataFrame(frame.drop(columns="geometry"))) for frame in frames),
            *(values for snap in (self.station_snap, self.demand_snap) for values in vars(snap).values()),
        ]
        return cache.cache_key("region", repr(self.study), store.sha256_of_arrays(map(np.asarray, arrays)))


def embedded_study() -> Path:
    """Return the study file of the East Midlands that comes with Borderless."""
    packaged = Path(str(files("borderless"))) / "data"
    in_the_clone = Path(__file__).parents[2] / "data"
    return (packaged if packaged.is_dir() else in_the_clone) / "east_midlands" / "study.toml"


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
        The largest strongly connected part, nodes of degree two contracted.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    log = ProblemLog()
    roads = RoadsInput(Path(path), None if edges is None else Path(edges), None, None, "streets", 0.0)
    network = _read_network(roads, rules_of(DEFAULT_SPEEDS), None, log)
    log.raise_errors()
    return network


def load_region(study: Study | str | Path, *, on_stage: Callable[[str], None] = lambda _: None) -> Region:
    """Read everything a study names.

    Parameters
    ----------
    study
        A study, or the path of its file.
    on_stage
        Called with a few words when a stage begins.

    Returns
    -------
    Region

    Raises
    ------
    InputError
        With every problem of every file.
    """
    study = study if isinstance(study, Study) else read_study(study, missing_ok=True)
    log = ProblemLog()
    for note in study.notes:
        log.notice(study.file.name, note)
    on_stage("Reading areas, stations and demand")
    areas = read_force_areas(study.forces.file, study.forces.name, study.force_names, log)
    stations = read_stations(study.stations.file, study.force_names, log)
    places = read_places(study.places, log) if study.places else _no_places()
    given = [(entry.measure, read_demand(entry, log)) for entry in study.demand]
    if len(stations) and not (stations["units"] > 0).any():
        why = "no station has units, so nobody can respond"
        log.error(study.stations.file.name, why, "give units to at least one station", column="units")
    drawing = read_drawing(study.roads.drawing, log) if study.roads.drawing else None
    on_stage("Reading roads")
    network = _study_network(study, log)
    station_snap = _snap(study, network, stations, study.stations.file.name, log)
    _check_stations(study, stations, station_snap, log)
    log.raise_errors()
    on_stage("Gathering demand")
    lines = network.streets.geometry if study.roads.snap == "streets" else None
    demand = gather_demand(given, areas, lines, places, study, log=log)
    _check_demand(study, demand, log)
    on_stage("Finding the nearest streets")
    demand_snap = _snap(study, network, demand.table, "demand", log)
    log.raise_errors()
    demand, demand_snap = _within_the_roads(study, demand, demand_snap, log)
    _check_guard_band(study, network, areas, log)
    forces = _study_forces(study, areas)
    return Region(
        study=study,
        network=network,
        stations=stations,
        forces=forces,
        demand=demand,
        places=places[places.intersects(shapely.box(*forces.total_bounds))].reset_index(drop=True),
        drawing=drawn_roads(network) if drawing is None else drawing,
        station_snap=station_snap,
        demand_snap=demand_snap,
        problems=tuple(log),
    )


def _study_forces(study: Study, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    forces = areas.set_index("force").loc[list(study.force_names)].reset_index()
    forces.insert(1, "alliance", forces["force"].isin(study.alliance))
    return forces


def drawn_roads(network: RoadNetwork, tolerance_m: float = _DRAWING_TOLERANCE_M) -> gpd.GeoDataFrame:
    """Return the main roads of a network as long simplified lines: highway, ref, name, geometry."""
    streets = network.streets
    main = streets[streets["highway"].isin(DRAWN_CLASSES)]
    if main.empty:
        return gpd.GeoDataFrame({"highway": [], "ref": [], "name": []}, geometry=[], crs=GRID)
    joined = main.groupby(["highway", "ref"], sort=True)["geometry"].agg(
        lambda lines: shapely.line_merge(shapely.multilinestrings(lines.to_numpy()))
    )
    frame = gpd.GeoDataFrame(joined.reset_index(), geometry="geometry", crs=GRID)
    frame["geometry"] = frame.geometry.simplify(tolerance_m)
    names = main[main["name"] != ""].groupby(["highway", "ref"])["name"].agg(lambda name: name.mode().iloc[0])
    named = frame.merge(names.reset_index(), on=["highway", "ref"], how="left")
    # A number covers many named streets; a name is only right for roads without one.
    named["name"] = named["name"].where(named["ref"] == "", "").fillna("")
    return gpd.GeoDataFrame(named[["highway", "ref", "name", "geometry"]], geometry="geometry", crs=GRID)


def input_files(study: Study) -> tuple[Path, ...]:
    """Return every file and folder that a study is read from, the study file first."""
    given = [path for entry in study.demand for path in (entry.file, entry.police_uk)]
    places = study.places.file if study.places else None
    roads = study.roads
    named = [study.file, roads.source, roads.edges, roads.built_up, roads.drawing]
    every = [*named, study.stations.file, study.forces.file, places, *given]
    return tuple(dict.fromkeys(path for path in every if path is not None))


def _study_network(study: Study, log: ProblemLog) -> RoadNetwork:
    """Read the roads, or take them from the cache when files, speeds and program are the same."""
    roads = study.roads
    inputs = [path for path in (roads.source, roads.edges, roads.built_up) if path is not None]
    if not all(path.is_file() for path in inputs):
        for path in inputs:
            if not path.is_file():
                log.error(path.name, "there is no such file", "paths are relative to the study file")
        raise InputError(log.errors)
    # Kept notices name the files, so a copy under another name is read again.
    named = [(path.name, store.sha256_of(path)) for path in inputs]
    key = cache.cache_key("network", roads.edges is not None, roads.snap, named, asdict(study.speeds))
    kept = cache.cache_get(key)
    if kept is not None:
        notices = [Problem(**fields) for fields in _rows(kept.pop("notices"))]
        log.extend(notices)
        return unpack(kept)
    own = ProblemLog()
    try:
        built_up = read_built_up(roads.built_up, own) if roads.built_up else None
        network = _read_network(roads, rules_of(study.speeds), built_up, own)
    except InputError as error:
        log.extend(error.problems)
        raise InputError(log.errors) from error
    log.extend(own)
    if not own.errors:
        cache.cache_put(key, pack(network) | {"notices": _table(list(own))})
    return network


def _read_network(
    roads: RoadsInput, rules: SpeedRules, built_up: gpd.GeoSeries | None, log: ProblemLog
) -> RoadNetwork:
    source, name = roads.source, roads.source.name.lower()
    if roads.edges is not None:
        tables = read_node_edge_tables(source, roads.edges, log)
    elif name.endswith((".osm.pbf", ".osm", ".pbf")):
        tables = read_osm(source, log)
    elif name.endswith(".gpkg"):
        tables = read_gpkg(source, log)
    elif name.endswith(".graphml"):
        tables = graph_tables(read_graphml(source), source.name)
    else:
        why = "this kind of road file is not known"
        remedy = "use .osm.pbf, .osm, .graphml, .gpkg, or a CSV pair: source = nodes and edges = edges"
        raise InputError([Problem(source.name, why=why, remedy=remedy)])
    log.raise_errors()
    return RoadNetwork.from_streets(*tables, rules, built_up, contract=roads.snap == "streets", log=log)


def _snap(study: Study, network: RoadNetwork, points: gpd.GeoDataFrame, file: str, log: ProblemLog) -> Snap:
    xy = shapely.get_coordinates(points.geometry.to_numpy())
    speed = study.speeds.access_speed_kmh
    if study.roads.snap == "streets":
        return snap_points(network, xy[:, 0], xy[:, 1], speed)
    named = points["node"].to_numpy(str)
    node: NDArray[np.int64] | None = None
    if (named != "").all() and len(named):
        number = pd.Series(np.arange(network.node_count), index=network.node_id)
        found = number.reindex(named)
        for position in np.flatnonzero(found.isna().to_numpy()):
            log.error(
                file,
                "no such node in the part of the road network that can be driven to and from",
                "name a node of the road file, or leave the column out",
                where=str(points["id"].iloc[position]),
                column="node",
                value=named[position],
            )
        node = found.fillna(0).to_numpy(np.int64)
    return snap_points(network, xy[:, 0], xy[:, 1], speed, on="nodes", node=node)


def _check_stations(study: Study, stations: gpd.GeoDataFrame, snap: Snap, log: ProblemLog) -> None:
    for position in np.flatnonzero(snap.distance_m > study.speeds.max_snap_m):
        log.error(
            study.stations.file.name,
            f"stands {snap.distance_m[position] / 1000:.1f} km from the nearest street",
            f"check the coordinates, or raise [speeds] max_snap_m (now {study.speeds.max_snap_m:g} m)",
            where=f"station {stations['id'].iloc[position]}",
            value=stations["name"].iloc[position],
        )


def _check_demand(study: Study, demand: DemandPoints, log: ProblemLog) -> None:
    for entry in study.demand:
        file = entry.file or entry.police_uk
        if file is not None and not demand.weights(entry.measure).any():
            why = f"no {entry.measure.unit} lie in the areas of the study's forces"
            log.error(file.name, why, "check the coordinates and the force areas", column=entry.measure.name)


def _check_guard_band(study: Study, network: RoadNetwork, areas: gpd.GeoDataFrame, log: ProblemLog) -> None:
    """Tell when roads end so near the partners' areas that ways round outside may be missing."""
    # An overlay already carries the quickest ways of the full network it was made from.
    if study.roads.snap == "nodes":
        return
    west, south, east, north = areas[areas["force"].isin(study.alliance)].total_bounds
    beyond_m = {
        "west": west - network.x.min(),
        "south": south - network.y.min(),
        "east": network.x.max() - east,
        "north": network.y.max() - north,
    }
    short = {side: metres for side, metres in beyond_m.items() if metres < 1000 * study.roads.guard_band_km}
    if short:
        reach = ", ".join(f"{side} {metres / 1000:.0f} km" for side, metres in short.items())
        why = (
            f"the roads end within {study.roads.guard_band_km:g} km of the partners' areas ({reach}); "
            "ways round outside may be missing, so times near the border may be too long"
        )
        log.notice(study.roads.source.name, why, "cut the roads with a wider margin")


def _within_the_roads(
    study: Study, demand: DemandPoints, snap: Snap, log: ProblemLog
) -> tuple[DemandPoints, Snap]:
    """Drop the points of clipped forces that the road data do not reach; partners' points always stay."""
    far = snap.distance_m > _BEYOND_ROADS_M
    beyond = far & demand.table["force"].isin(study.forces.clipped).to_numpy()
    measure = study.measures[0]
    kept = int(demand.weights(measure)[far & ~beyond].sum())
    if kept:
        far_off = f"{_BEYOND_ROADS_M / 1000:g} km and more from every street"
        why = f"{kept:,} {measure.unit} are {far_off}; they count"
        log.notice("demand", why, "check that the road file covers the force areas")
    if not beyond.any():
        return demand, snap
    weight = int(demand.weights(measure)[beyond].sum())
    why = (
        f"{int(beyond.sum()):,} points ({weight:,} {measure.unit}) lie beyond the road data: not counted; "
        f"{', '.join(study.forces.clipped)} count only as far as the data reach"
    )
    log.notice("demand", why)
    return demand.keep(~beyond), snap.take(np.flatnonzero(~beyond))


def _no_places() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": [], "kind": []}, geometry=[], crs=GRID)


def _table(problems: list[Problem]) -> NDArray[np.str_]:
    return np.array([list(asdict(problem).values()) for problem in problems], dtype=str).reshape(-1, 7)


def _rows(table: NDArray[np.str_]) -> list[dict[str, Any]]:
    fields = ("file", "where", "column", "value", "why", "remedy", "severity")
    return [dict(zip(fields, row.tolist(), strict=True)) for row in table]
