"""Sites where a station might be opened: places with many people far from every station."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from borderless.analysis.times import ResponseTimes
from borderless.errors import ProblemLog
from borderless.fit import put_on_network
from borderless.region import with_candidates
from borderless.roads.network import UNREACHABLE
from borderless.roads.point_times import point_times
from borderless.roads.snap import Snap
from borderless.study.model import Candidate

SITES_PER_FORCE = 8
_APART_M = 3_000.0
_NEAR_PLACE_M = 2_000.0
_FAR_MS = 300_000
_KINDS = ("city", "town", "suburb", "village")


def proposed_sites(times: ResponseTimes, per_force: int = SITES_PER_FORCE) -> tuple[Candidate, ...]:
    """Return the places with most people far from every station, each force's own.

    A place counts with the weight (the study's first measure) within 3 km of it that is more than 5 minutes'
    drive from every station where units start, of whatever force. Each site stands where the heaviest demand
    point within 2 km of the place meets the roads, at least 3 km from those stations and from other sites,
    the study's own included.

    Parameters
    ----------
    times
        Of a region with places.
    per_force
        How many for each force, at most.

    Returns
    -------
    tuple of Candidate
        By force, the largest first; coordinates in whole metres.
    """
    region = times.region
    places = region.places[region.places["kind"].isin(_KINDS) & region.places["name"].astype(bool)]
    demand = region.demand
    if places.empty or not len(demand.table):
        return ()
    xy = shapely.get_coordinates(places.geometry.to_numpy())
    weight = demand.weights(region.study.measures[0])
    points = cKDTree(demand.xy())
    starts = (region.stations["units"] > 0).to_numpy()
    far = np.where(times.travel_ms[starts].min(axis=0, initial=UNREACHABLE) > _FAR_MS, weight, 0)
    people = np.array([far[near].sum() for near in points.query_ball_point(xy, _APART_M)])
    sites = region.stations["id"].isin({site.id for site in region.study.candidates}).to_numpy()
    started = region.stations[starts | sites]
    taken = [*shapely.get_coordinates(started.geometry.to_numpy())]
    force_of = demand.table["force"].to_numpy(str)
    used = set(region.stations["id"])
    found: dict[str, list[Candidate]] = {force: [] for force in region.study.force_names}
    for row in np.lexsort((places["name"].to_numpy(str), -people)):
        near = np.array(sorted(points.query_ball_point(xy[row], _NEAR_PLACE_M)), dtype=np.int64)
        near = near[region.demand_snap.distance_m[near] <= region.study.speeds.max_snap_m]
        if not len(near) or not people[row]:
            continue
        point = int(near[np.argmax(weight[near])])
        here = found.get(force_of[point])
        at = np.rint([region.demand_snap.x[point], region.demand_snap.y[point]])
        apart = all(np.hypot(*(at - other)) >= _APART_M for other in taken)
        if here is None or len(here) >= per_force or not apart:
            continue
        name = str(places["name"].iloc[row])
        identity = _identity(name, used)
        used.add(identity)
        taken.append(at)
        here.append(Candidate(identity, name, str(force_of[point]), float(at[0]), float(at[1])))
    return tuple(site for sites in found.values() for site in sites)


def with_sites(times: ResponseTimes, sites: Sequence[Candidate]) -> ResponseTimes:
    """Return the times with rows for candidate sites, as if the study had named them.

    Parameters
    ----------
    times
        Of a region that does not have these sites.
    sites
        What to add.

    Returns
    -------
    ResponseTimes
        Of a region with the sites among its stations.
    """
    if not sites:
        return times
    region = times.region
    study = replace(region.study, candidates=(*region.study.candidates, *sites))
    log = ProblemLog()
    stations = with_candidates(region.stations, sites, study, log)
    log.raise_errors()
    new = stations["id"].isin({site.id for site in sites}).to_numpy()
    snap = put_on_network(study, region.network, stations[new], study.file.name, log)
    wider = replace(
        region, study=study, stations=stations, station_snap=_merged(region.station_snap, snap, new)
    )
    travel_ms = np.empty((len(stations), times.travel_ms.shape[1]), dtype=np.int32)
    travel_ms[~new] = times.travel_ms
    travel_ms[new] = point_times(region.network, snap, region.demand_snap)
    return ResponseTimes(wider, travel_ms)


def _merged(old: Snap, added: Snap, new: NDArray[np.bool_]) -> Snap:
    order = np.argsort(np.concatenate([np.flatnonzero(~new), np.flatnonzero(new)]), kind="stable")
    return Snap(
        **{name: np.concatenate([values, getattr(added, name)])[order] for name, values in vars(old).items()}
    )


def _identity(name: str, used: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "site"
    tries = (f"new-{plain}{'' if number == 1 else f'-{number}'}" for number in range(1, len(used) + 2))
    return next(identity for identity in tries if identity not in used)
