"""Whether the parts of a study fit each other: stations and demand on the roads, roads round the areas."""

from __future__ import annotations

import difflib

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from borderless.demand import DemandPoints
from borderless.errors import Problem, ProblemLog
from borderless.roads.network import RoadNetwork
from borderless.roads.parts import part_km
from borderless.roads.snap import Snap, snap_points
from borderless.sources.stations import SPECIAL_UNITS
from borderless.study.model import Study
from borderless.study.policy import RESPONSE, Capability

_BEYOND_ROADS_M = 2_000.0
# a street must be nearer than the one that is used by this much before it is worth telling
_NEARER_M = 10.0
# a station just outside its area, as simplified outlines leave some
_OUTSIDE_AREA_M = 200.0
_SHOWN_STATIONS = 8

_Float = npt.NDArray[np.float64]


def put_on_network(
    study: Study, network: RoadNetwork, points: gpd.GeoDataFrame, file: str, log: ProblemLog
) -> Snap:
    """Return where stations or demand points (with ``id``, ``node`` and geometry) meet the network."""
    xy = shapely.get_coordinates(points.geometry.to_numpy())
    speed = study.speeds.access_speed_kmh
    if study.roads.snap == "streets":
        if "node" in points and (points["node"] != "").any():
            why = "nodes are named, but places are put on the nearest street"
            log.notice(file, why, 'write snap = "nodes" under [roads] to use them', column="node")
        return snap_points(network, xy[:, 0], xy[:, 1], speed)
    named = points["node"].to_numpy(str)
    nearest = snap_points(network, xy[:, 0], xy[:, 1], speed, on="nodes")
    given = named != ""
    node = nearest.node.astype(np.int64)
    if given.any():
        number = pd.Series(np.arange(network.node_count), index=network.node_id)
        found = number.reindex(named)
        for position in np.flatnonzero(given & found.isna().to_numpy()):
            log.error(
                file,
                "no such node in the part of the road network that can be driven to and from",
                "name a node of the road file, or leave the column out",
                where=str(points["id"].iloc[position]),
                column="node",
                value=named[position],
            )
        node = np.where(given, found.fillna(0).to_numpy(np.int64), node)
    return snap_points(network, xy[:, 0], xy[:, 1], speed, on="nodes", node=node)


def check_stations(
    study: Study, network: RoadNetwork, stations: gpd.GeoDataFrame, snap: Snap, log: ProblemLog
) -> None:
    """Refuse stations far from every street; tell of those whose nearest street could not be used."""
    cut_m = _distance_to(network.cut_off, stations, snap)
    for position in np.flatnonzero(snap.distance_m > study.speeds.max_snap_m):
        near = cut_m[position]
        on_island = np.isfinite(near)
        why = f"stands {snap.distance_m[position] / 1000:.1f} km from the nearest street"
        if on_island:
            why += f" that can be driven to and from the rest; the one {near:.0f} m away cannot"
        log.error(
            study.stations.file.name,
            why,
            f"check the coordinates{' and the roads' if on_island else ''}, "
            f"or raise [speeds] max_snap_m (now {study.speeds.max_snap_m:g} m)",
            where=f"station {stations['id'].iloc[position]}",
            value=stations["name"].iloc[position],
        )
    if study.roads.snap == "nodes":
        return
    streets = network.streets
    closed_m = _distance_to(streets.geometry[~streets["snappable"]].to_numpy(), stations, snap)
    islands = "lies on an island or in a one-way trap that cannot be driven to and from the rest"
    bridges = "is a motorway, a slip road, a bridge or a tunnel, where no car starts"
    for nearer_m, why, rule in (
        (cut_m, islands, "next street that is connected"),
        (closed_m, bridges, "next street where a car may stop"),
    ):
        for position in np.flatnonzero(np.isfinite(nearer_m) & (snap.distance_m <= study.speeds.max_snap_m)):
            log.repair(
                study.stations.file.name,
                f"the nearest street {why}; the station starts from the next one",
                rule=rule,
                where=f"station {stations['id'].iloc[position]}",
                value=f"{nearer_m[position]:.0f} m",
                after=f"{snap.distance_m[position]:.0f} m",
            )


def check_scenarios(study: Study, stations: gpd.GeoDataFrame, log: ProblemLog) -> None:
    """Refuse scenarios that name stations nobody knows; tell of more units than a station has room for."""
    capacity = dict(zip(stations["id"], stations["capacity"], strict=True))
    home = dict(zip(stations["id"], stations["force"], strict=True))
    file = " with ".join(path.name for path in (study.file, *study.extras))
    sites = {site.id for site in study.candidates}
    for scenario in study.scenarios:
        where = f"[scenarios.{scenario.name}]"
        hosts = [station for station, _ in scenario.guests]
        named = [
            (column, name)
            for column, names in (("units", scenario.units), ("guests", hosts), ("closed", scenario.closed))
            for name in names
        ]
        for column, name in named:
            if name not in capacity:
                close = difflib.get_close_matches(name, list(capacity), n=1)
                meant = f"; did you mean {close[0]}?" if close else ""
                why, remedy = "is no station or candidate of this study", f"name the id of one{meant}"
                log.error(file, why, remedy, where=where, column=column, value=name)
        for name, force in scenario.guests:
            if home.get(name) == force:
                why, remedy = "is of the force itself, so its units are no guests", "write it under units"
                log.error(file, why, remedy, where=where, column="guests", value=name)
        for name, units in scenario.units.items():
            if name not in sites and units > capacity.get(name, units):
                why = f"{units} units start at {name} in this scenario, which has room for {capacity[name]}"
                log.notice(file, why, where=where, column="units", value=name)


def check_capabilities(study: Study, stations: gpd.GeoDataFrame, log: ProblemLog) -> None:
    """Refuse to ask for units that no station has; tell which measures the pages leave out."""
    for capability in study.capabilities:
        column = SPECIAL_UNITS.get(capability)
        if column and not (column in stations and (stations[column] > 0).any()):
            log.extend([no_such_units(study, capability)])
    asking = [measure for measure in study.every_measure if measure.capability != RESPONSE]
    for measure in asking:
        why = (
            f"{measure.label} are answered by {measure.capability} units only; coverage.csv, results.json "
            "and borderless policy count them, the front page and the maps show response units and leave "
            "them out"
        )
        log.notice(study.file.name, why, column=measure.name)


def no_such_units(study: Study, capability: Capability) -> Problem:
    """Return what is wrong when units of a capability are asked for and no station has any."""
    column = SPECIAL_UNITS[capability]
    why = f"no station has {capability} units, so nobody can answer what asks for them"
    remedy = f"add a column {column} with how many start at each station"
    return Problem(study.stations.file.name, column=column, why=why, remedy=remedy)


def check_station_areas(
    study: Study, stations: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, log: ProblemLog
) -> None:
    """Tell of stations that stand outside the area of their own force."""
    shape = areas.set_index("force").geometry
    own = shape.reindex(stations["force"]).to_numpy()
    places = stations.geometry.to_numpy()
    outside_m = shapely.distance(own, places)
    for position in np.flatnonzero(outside_m > _OUTSIDE_AREA_M):
        inside = areas.loc[shapely.intersects(areas.geometry.to_numpy(), places[position]), "force"]
        place = f"in {inside.iloc[0]}" if len(inside) else "in no area of the file"
        force = stations["force"].iloc[position]
        why = f"stands {outside_m[position] / 1000:.1f} km outside the area of {force}, {place}"
        log.notice(
            study.stations.file.name,
            why,
            "check its coordinates and its force",
            where=f"station {stations['id'].iloc[position]}",
            value=stations["name"].iloc[position],
        )


def check_demand(study: Study, demand: DemandPoints, log: ProblemLog) -> None:
    """Refuse a measure that lies wholly elsewhere."""
    for entry in study.demand:
        file = entry.file or entry.police_uk
        if file is not None and not demand.weights(entry.measure).any():
            why = f"no {entry.measure.unit} lie in the areas of the study's forces"
            log.error(file.name, why, "check the coordinates and the force areas", column=entry.measure.name)


def check_demand_roads(
    study: Study, network: RoadNetwork, demand: DemandPoints, snap: Snap, log: ProblemLog
) -> None:
    """Tell how much demand stands beside streets that were cut off, and is reached from others instead."""
    cut_m = _distance_to(network.cut_off, demand.table, snap)
    far = np.isfinite(cut_m) & (snap.distance_m > study.speeds.max_snap_m)
    if far.any():
        measure = study.measures[0]
        weight = int(demand.weights(measure)[far].sum())
        why = (
            f"{int(far.sum()):,} points ({weight:,} {measure.unit}) stand beside streets that cannot be "
            "driven to and from the rest; they are reached from the next street, "
            f"more than {study.speeds.max_snap_m:g} m away"
        )
        log.notice("demand", why, "check the roads there: an island, or a one-way trap")


def check_parts(
    study: Study,
    network: RoadNetwork,
    stations: gpd.GeoDataFrame,
    snaps: tuple[Snap, Snap],
    demand: DemandPoints,
    log: ProblemLog,
) -> None:
    """List the parts of the roads with their stations and people, where not all are in one."""
    if not network.part.any():
        return
    measure = study.measures[0]
    station_part, point_part = (_part_of(network, snap) for snap in snaps)
    people = np.bincount(point_part, demand.weights(measure), minlength=int(network.part.max()) + 1)
    km = part_km(network.part, network.streets)
    used = np.flatnonzero((people > 0) | np.isin(np.arange(len(people)), station_part))
    for part in used if used.any() else ():
        here = network.part == part
        x, y = float(network.x[here].mean()), float(network.y[here].mean())
        ids = stations["id"].to_numpy(str)[station_part == part]
        shown = ", ".join(ids[:_SHOWN_STATIONS]) + (", …" if len(ids) > _SHOWN_STATIONS else "")
        inside = f"{people[part]:,.0f} {measure.unit}"
        why = f"{km[part]:,.1f} km of roads round {x:.0f}, {y:.0f}"
        if not len(ids):
            why += f" have no station: {inside} there cannot be reached; they count as not covered"
            log.notice("roads", why, "add the road that leads there, or a station", where=f"part {part + 1}")
        else:
            joined = (
                f" are joined to no others: {inside}, {len(ids)} stations ({shown}); nobody else is reached"
            )
            log.notice("roads", why + joined, where=f"part {part + 1}")


def check_guard_band(study: Study, network: RoadNetwork, areas: gpd.GeoDataFrame, log: ProblemLog) -> None:
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
        reach = ", ".join(f"{side} {max(metres, 0) / 1000:.0f} km" for side, metres in short.items())
        why = (
            f"the roads end within {study.roads.guard_band_km:g} km of the partners' areas ({reach}); "
            "ways round outside may be missing, so times near the border may be too long"
        )
        log.notice(study.roads.source.name, why, "cut the roads with a wider margin")


def within_the_roads(
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


def _part_of(network: RoadNetwork, snap: Snap) -> npt.NDArray[np.int64]:
    """Return the part of the network each place is on."""
    if not len(network.street_layout.length_m):
        return network.part[snap.node]
    tail, _ = network.street_layout.ends
    return network.part[np.where(snap.street < 0, snap.node, tail[snap.street])]


def _distance_to(lines: npt.NDArray[np.object_] | None, points: gpd.GeoDataFrame, snap: Snap) -> _Float:
    """Return how far the nearest of some lines is, m, where it is clearly nearer than the street in use."""
    distance = np.full(len(points), np.inf)
    if lines is None or not len(lines) or not len(points):
        return distance
    (row, _), metres = shapely.STRtree(lines).query_nearest(
        points.geometry.to_numpy(),
        max_distance=float(snap.distance_m.max()) + 1,
        return_distance=True,
        all_matches=False,
    )
    distance[row] = metres
    return np.where(distance < snap.distance_m - _NEARER_M, distance, np.inf)
