"""The waist of the house: files below become one `Region`, every question above reads one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from borderless import cache, store
from borderless.demand import GRID, DemandPoints, gather_demand
from borderless.errors import BorderlessError, InputError, Problem, ProblemLog
from borderless.fit import (
    check_capabilities,
    check_demand,
    check_demand_roads,
    check_guard_band,
    check_parts,
    check_scenarios,
    check_station_areas,
    check_stations,
    no_such_units,
    put_on_network,
    within_the_roads,
)
from borderless.network_files import load_network, study_network
from borderless.roads.lived import lived_streets
from borderless.roads.network import RoadNetwork
from borderless.roads.snap import Snap
from borderless.sources.areas import read_drawing, read_force_areas
from borderless.sources.demand import read_demand
from borderless.sources.places import read_places
from borderless.sources.stations import SPECIAL_UNITS, no_stations, read_stations, special_units_in
from borderless.study.embedded import embedded_study
from borderless.study.model import Candidate, Measure, Study
from borderless.study.policy import RESPONSE, Capability
from borderless.study.read import study_and_problems

__all__ = [
    "Check",
    "Region",
    "check_study",
    "drawn_roads",
    "embedded_study",
    "input_files",
    "load_network",
    "load_region",
]

CANDIDATE = "candidate"
DRAWN_CLASSES = ("motorway", "trunk", "primary", "secondary")
_DRAWING_TOLERANCE_M = 40.0


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

    def serving(self, capability: Capability) -> Region:
        """Return the region as the units of a capability see it.

        Its stations hold these units and no others, its study counts what asks for them, and every question
        to a region can be put to it.

        Raises
        ------
        BorderlessError
            When no station has such units.
        """
        if capability == self.study.capability:
            return self
        column = SPECIAL_UNITS.get(capability)
        if self.study.capability != RESPONSE or column is None:
            msg = f"a region of {self.study.capability} units knows no others; ask the whole region"
            raise BorderlessError(msg)
        if column not in self.stations or not (self.stations[column] > 0).any():
            raise InputError([no_such_units(self.study, capability)])
        units = self.stations[column]
        stations = self.stations.assign(units=units, capacity=units)
        return replace(self, study=self.study.serving(capability), stations=stations)

    def with_speeds(self, factor: Mapping[str, float], access: float = 1.0) -> Region:
        """Return the same region driven at other speeds; nothing is read or put on the roads anew.

        Parameters
        ----------
        factor
            How many times as fast each speed class is driven; see
            :meth:`borderless.roads.network.RoadNetwork.with_speeds`.
        access
            The same between places and their streets.

        Raises
        ------
        BorderlessError
            If a name is no speed class, or a factor is not a number above 0.
        """
        return replace(
            self,
            network=self.network.with_speeds(factor),
            station_snap=self.station_snap.with_access(access),
            demand_snap=self.demand_snap.with_access(access),
        )

    @property
    def fingerprint(self) -> str:
        """Return a hash of all that times, coverage and isochrones depend on, as it is now.

        What is computed from a region may be kept under it, even of a region that was changed by hand.
        """
        network, streets = self.network, self.network.streets
        frames = (self.stations, self.demand.table, self.forces)
        columns = ("tail", "head", "along_ms", "against_ms", "length_m", "snappable")
        arrays = [
            *(network.first_arc, network.head, network.travel_ms, network.x, network.y),
            *(streets[column].to_numpy() for column in columns),
            pd.util.hash_array(streets["highway"].to_numpy(object)),
            *(shapely.get_coordinates(frame.geometry.to_numpy()) for frame in (streets, *frames)),
            *(pd.util.hash_pandas_object(pd.DataFrame(frame.drop(columns="geometry"))) for frame in frames),
            *(values for snap in (self.station_snap, self.demand_snap) for values in vars(snap).values()),
        ]
        return cache.cache_key("region", repr(self.study), store.sha256_of_arrays(map(np.asarray, arrays)))


@dataclass(frozen=True)
class Check:
    """What the gate found.

    Parameters
    ----------
    problems
        Errors, repairs and notices of all files, in the order they were found.
    region
        The region, when there is no error.
    """

    problems: tuple[Problem, ...]
    region: Region | None


def load_region(
    study: Study | str | Path, *, repair: bool = False, on_stage: Callable[[str], None] = lambda _: None
) -> Region:
    """Read everything a study names.

    Parameters
    ----------
    study
        A study, or the path of its file.
    repair
        Mend what can be mended without guessing; each repair is told in ``Region.problems``.
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
    found = check_study(study, repair=repair, on_stage=on_stage)
    if found.region is None:
        raise InputError(problem for problem in found.problems if problem.severity == "error")
    return found.region


def check_study(
    study: Study | str | Path,
    *,
    extras: Sequence[str | Path] = (),
    repair: bool = False,
    on_stage: Callable[[str], None] = lambda _: None,
) -> Check:
    """Read everything a study names and tell what is wrong with it, without raising.

    Parameters
    ----------
    study, repair, on_stage
        As for :func:`load_region`.
    extras
        Files to add to a study that is given by its path, as for :func:`borderless.read_study`.

    Returns
    -------
    Check
    """
    log = ProblemLog(mending=repair)
    region = None
    try:
        given = study if isinstance(study, Study) else _read(study, extras, log)
        region = _region(given, log, on_stage)
    except InputError as error:
        log.extend(problem for problem in error.problems if problem not in log.problems)
    return Check(tuple(log), None if log.errors else region)


def _read(path: str | Path, extras: Sequence[str | Path], log: ProblemLog) -> Study:
    study, problems = study_and_problems(path, extras)
    if study is None:
        raise InputError(problems)
    # Who reads a file tells that it is missing.
    log.extend(problem for problem in problems if not problem.why.startswith("there is no such"))
    return study


def _region(study: Study, log: ProblemLog, on_stage: Callable[[str], None]) -> Region:
    for note in study.notes:
        log.notice(study.file.name, note)
    on_stage("Reading areas, stations and demand")
    areas, stations, places, given = _tables(study, log)
    drawing = read_drawing(study.roads.drawing, log) if study.roads.drawing else None
    on_stage("Reading roads")
    network = study_network(study, log) if _is_named(study, study.roads.source) else None
    if network is None:
        raise InputError(log.errors)
    station_snap = put_on_network(study, network, stations, study.stations.file.name, log)
    check_stations(study, network, stations, station_snap, log)
    check_scenarios(study, stations, log)
    check_capabilities(study, stations, log)
    log.raise_errors()
    check_station_areas(study, stations, areas, log)
    on_stage("Gathering demand")
    streets = network.streets if study.roads.snap == "streets" else None
    lines, lived = (None, None) if streets is None else (streets.geometry, lived_streets(streets))
    demand = gather_demand(given, areas, lines, places, study, lived=lived, log=log)
    check_demand(study, demand, log)
    on_stage("Finding the nearest streets")
    demand_snap = put_on_network(study, network, demand.table, "demand", log)
    log.raise_errors()
    demand, demand_snap = within_the_roads(study, demand, demand_snap, log)
    check_demand_roads(study, network, demand, demand_snap, log)
    check_parts(study, network, stations, (station_snap, demand_snap), demand, log)
    check_guard_band(study, network, areas, log)
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


def _tables(
    study: Study, log: ProblemLog
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame, list[tuple[Measure, pd.DataFrame]]]:
    """Return areas, stations, places and demand; what the study does not name is empty."""
    forces, stations_file = study.forces, study.stations.file
    areas = gpd.GeoDataFrame({"force": []}, geometry=[], crs=GRID)
    if _is_named(study, forces.file):
        areas = read_force_areas(forces.file, forces.name, study.force_names, log)
    stations = no_stations()
    if _is_named(study, stations_file):
        stations = read_stations(stations_file, study.force_names, log)
    if len(stations) and not (stations["units"] > 0).any():
        why = "no station has units, so nobody can respond"
        log.error(stations_file.name, why, "give units to at least one station", column="units")
    stations = with_candidates(stations, study.candidates, study, log)
    places = gpd.GeoDataFrame({"name": [], "kind": []}, geometry=[], crs=GRID)
    if study.places and _is_named(study, study.places.file):
        places = read_places(study.places, log)
    return areas, stations, places, [(entry.measure, read_demand(entry, log)) for entry in study.demand]


def _is_named(study: Study, path: Path) -> bool:
    """Tell whether the study names a file: its own folder stands in for one that it does not name."""
    return path != study.file.parent


def with_candidates(
    stations: gpd.GeoDataFrame, sites: Sequence[Candidate], study: Study, log: ProblemLog
) -> gpd.GeoDataFrame:
    """Return the stations and the candidate sites together, sorted by id; at a site no unit starts."""
    taken = set(stations["id"])
    for site in sites:
        if site.id in taken:
            why, remedy = "is the id of a station already", "give the candidate site its own id"
            log.error(study.file.name, why, remedy, where="[candidates]", column="id", value=site.id)
    added = [site for site in sites if site.id not in taken]
    if not added:
        return stations
    rows = gpd.GeoDataFrame(
        {
            **{key: [getattr(site, key) for site in added] for key in ("id", "name", "force")},
            "role": CANDIDATE,
            "node": "",
            "units": 0,
            "capacity": 0,
            **dict.fromkeys(special_units_in(stations), 0),
        },
        geometry=gpd.points_from_xy([site.x for site in added], [site.y for site in added]),
        crs=GRID,
    )
    joined = pd.concat([stations, rows[list(stations.columns)]], ignore_index=True)
    return joined.sort_values("id").reset_index(drop=True)


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
    every = [*named, *study.extras, study.stations.file, study.forces.file, places, *given]
    return tuple(dict.fromkeys(path for path in every if path is not None))
