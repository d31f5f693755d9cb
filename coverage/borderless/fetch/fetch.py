"""A study folder from open data: forces, roads, stations, people and, if asked for, incidents."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from borderless.errors import FetchError, InputError, ProblemLog
from borderless.fetch import extracts, overpass
from borderless.fetch.endpoints import Endpoint
from borderless.fetch.folder import (
    CRIME,
    ROADS,
    STUDY,
    Contents,
    move_in,
    refuse_existing,
    write_stage,
)
from borderless.fetch.forces import Wanted, fetch_forces
from borderless.fetch.http import Client
from borderless.fetch.police_uk import check_months, fetch_incidents
from borderless.fetch.population import fetch_population
from borderless.fetch.stations import draft_stations, read_points
from borderless.sources.osm import read_osm
from borderless.store import check_folder

STAGES = 7


@dataclass(frozen=True)
class Plan:
    """What to fetch.

    Parameters
    ----------
    alliance, outside
        Forces that work together, and neighbours that do not.
    out
        The folder for the study.
    guard_band_km
        How far beyond the forces roads are kept, km.
    use_overpass
        Whether roads come from Overpass instead of extracts.
    months
        Months of incidents, ``YYYY-MM``.
    force
        Whether files in `out` may be overwritten.
    """

    alliance: tuple[str, ...]
    outside: tuple[str, ...]
    out: Path
    guard_band_km: float
    use_overpass: bool = False
    months: tuple[str, ...] = ()
    force: bool = False


@dataclass(frozen=True)
class Fetched:
    """A study folder that was made.

    Parameters
    ----------
    study
        Its study file.
    files
        Everything in it, in the order it was written.
    stations, people, streets
        How many police sites, residents and street pieces it has.
    """

    study: Path
    files: tuple[Path, ...]
    stations: int
    people: int
    streets: int


def fetch_study(
    plan: Plan,
    client: Client,
    endpoints: Mapping[str, Endpoint],
    on_stage: Callable[[str], None] = lambda _: None,
) -> Fetched:
    """Make a study folder.

    Parameters
    ----------
    plan
        What to fetch, and where to.
    client
        Asks for it.
    endpoints
        Every endpoint, by name.
    on_stage
        Told what is done next.

    Returns
    -------
    Fetched

    Raises
    ------
    InputError
        When the plan names an unknown force or a folder that cannot be used.
    FetchError
        When something cannot be had whole, in time, and of the right place.
    OutputError
        When the disk refuses.
    """

    def begin(stage: str) -> None:
        client.deadline.check()
        on_stage(stage)

    check_months(plan.months)
    check_folder(plan.out, keep=())
    if not plan.force:
        refuse_existing(plan.out)
    begin("Fetching force areas")
    wanted = fetch_forces(client, endpoints["forces"], plan.alliance, plan.outside, plan.guard_band_km)
    named = (*wanted.alliance, *wanted.outside)
    with tempfile.TemporaryDirectory(prefix="borderless-") as folder:
        stage = Path(folder)
        begin("Fetching roads")
        source = endpoints["overpass" if plan.use_overpass else "extracts"]
        fetch_roads = overpass.fetch_roads if plan.use_overpass else extracts.fetch_roads
        date = fetch_roads(client, source, wanted.forces, wanted.area, stage / ROADS)
        begin("Checking roads")
        streets = _streets(stage / ROADS, wanted, source)
        begin("Drafting stations")
        sites, places = read_points(stage / ROADS)
        stations = draft_stations(sites, places, wanted.areas, named, streets, client.log)
        begin("Fetching population")
        box = shapely.bounds(wanted.forces)
        people = fetch_population(client, endpoints["centroids"], endpoints["population"], tuple(box))
        begin("Fetching incidents" if plan.months else "No incidents were asked for")
        if plan.months:
            fetch_incidents(client, endpoints["police_uk"], plan.months, named, stage / CRIME)
        begin("Writing files")
        contents = Contents(
            alliance=wanted.alliance,
            outside=wanted.outside,
            guard_band_km=plan.guard_band_km,
            areas=wanted.areas,
            stations=stations,
            places=places,
            population=people,
            months=plan.months,
            roads_date=date,
        )
        write_stage(stage, contents, endpoints, client.taken)
        files = move_in(stage, plan.out)
    return Fetched(
        study=plan.out / STUDY,
        files=tuple(files),
        stations=len(stations),
        people=_people(people, wanted),
        streets=len(streets),
    )


def _streets(path: Path, wanted: Wanted, source: Endpoint) -> gpd.GeoSeries:
    """Read roads as a study does, the last check; every force must have some."""
    remedy = "try again later, or use a local extract: [roads] source in study.toml"
    try:
        _, streets = read_osm(path, ProblemLog())
    except InputError as error:
        raise FetchError(
            "roads", source.server, f"sent roads that cannot be read: {error}", remedy
        ) from error
    lines = streets.geometry
    tree = shapely.STRtree(lines.to_numpy())
    areas = wanted.areas.to_crs(lines.crs)
    for force in (*wanted.alliance, *wanted.outside):
        shape = areas.geometry[areas["force"] == force].iloc[0]
        if not len(tree.query(shape, predicate="intersects")):
            raise FetchError("roads", source.server, f"has no street in {force}", remedy)
    return lines


def _people(population: pd.DataFrame, wanted: Wanted) -> int:
    """Return how many residents live in the forces that are named."""
    points = shapely.points(population[["lon", "lat"]].to_numpy())
    shapely.prepare(wanted.forces)
    inside = np.asarray(shapely.intersects(wanted.forces, points))
    return int(population["population"].to_numpy()[inside].sum())
