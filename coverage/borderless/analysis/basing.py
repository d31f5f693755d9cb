"""Where units may start: at their own stations, or re-based over partners' stations with room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from borderless.analysis.times import ResponseTimes
from borderless.errors import BorderlessError
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import Scenario


@dataclass(frozen=True)
class Basing:
    """How many units of each force start at each station.

    Parameters
    ----------
    units
        Whole numbers, shape (forces, stations), in the order of the study's forces and the region's stations.
    """

    units: NDArray[np.int64]

    def starts(self) -> NDArray[np.bool_]:
        """Return where at least one unit starts, shape (forces, stations)."""
        return self.units > 0


def basing_of(times: ResponseTimes, scenario: Scenario) -> Basing:
    """Return where units start under a scenario.

    Units are placed first (at their own stations, or as `shared_basing` finds best for the stations of the
    table), then `Scenario.units` and `Scenario.guests` put their numbers where they name a station, and
    `Scenario.closed` empties stations. Nobody is re-based because a station is closed or opened.

    Raises
    ------
    BorderlessError
        When the scenario names a station that the region does not have.
    """
    placed = shared_basing(times) if scenario.stations == "shared" else own_basing(times)
    hosts = [station for station, _ in scenario.guests]
    named = (*scenario.units, *hosts, *scenario.closed)
    if not named:
        return placed
    stations = times.region.stations
    row = {name: number for number, name in enumerate(stations["id"])}
    unknown = [name for name in named if name not in row]
    if unknown:
        msg = f"scenario {scenario.name}: unknown station {', '.join(unknown)}; ids are: {', '.join(row)}"
        raise BorderlessError(msg)
    units = placed.units.copy()
    home = dict(zip(stations["id"], stations["force"], strict=True))
    own = {(name, home[name]): number for name, number in scenario.units.items()}
    for (name, force), number in {**own, **scenario.guests}.items():
        units[times.region.study.force_names.index(force), row[name]] = number
    units[:, [row[name] for name in scenario.closed]] = 0
    return Basing(units)


def own_basing(times: ResponseTimes) -> Basing:
    """Return every unit at its own station."""
    stations = times.region.stations
    forces = times.region.study.force_names
    units = np.zeros((len(forces), len(stations)), dtype=np.int64)
    force = np.array([forces.index(name) for name in stations["force"]], dtype=int)
    units[force, np.arange(len(stations))] = stations["units"].to_numpy(np.int64)
    return Basing(units)


def shared_basing(times: ResponseTimes) -> Basing:
    """Re-base the partners' units over their own and each other's stations, as well as can be done.

    A force's units may start at its own stations (where it has units) and at partners' stations with
    room (`capacity` above `units`). The number of units of each force stays what it is, no station
    holds more than its capacity, and every own station keeps at least one unit, so that nobody is farther
    from help than before.

    When each force can send one unit to every partner station that would be quickest for any of its people
    (the study's first measure), that basing is best for every target at once. Otherwise units or room are
    scarce, and the basing is the exact optimum of covered weight (first measure, standard target) over all
    partners, found as a maximal covering location problem (Church and ReVelle 1974) with capacities.

    Returns
    -------
    Basing
    """
    own = own_basing(times)
    useful = _useful_guests(times, own)
    quickest = _quickest_guests(times, own, useful)
    chosen = quickest if _fits(times, own, quickest) else _best_guests(times, own, useful)
    return _move(times, own, chosen)


def _useful_guests(times: ResponseTimes, own: Basing) -> NDArray[np.bool_]:
    """Return where a partner's station would be quicker than every own one, for any weight of the force."""
    region = times.region
    forces = region.study.force_names
    stations = region.stations
    room = (stations["capacity"] > stations["units"]).to_numpy()
    home = stations["force"].to_numpy(str)
    useful = np.zeros_like(own.units, dtype=bool)
    for f, force in enumerate(forces):
        if force not in region.study.alliance or own.units[f].sum() == 0:
            continue
        guest = room & (home != force) & np.isin(home, region.study.alliance)
        here = _times_to_people(times, force)
        best = here[own.units[f] > 0].min(axis=0)
        useful[f] = guest & (here < best).any(axis=1)
    return useful


def _quickest_guests(times: ResponseTimes, own: Basing, useful: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return those useful guests that would be first of all at some place; of equals, the first station."""
    quickest = np.zeros_like(useful)
    for f, force in enumerate(times.region.study.force_names):
        guests = np.flatnonzero(useful[f])
        if len(guests):
            here = _times_to_people(times, force)
            beaten = here[guests].min(axis=0) < here[own.units[f] > 0].min(axis=0)
            quickest[f, guests[here[np.ix_(guests, beaten)].argmin(axis=0)]] = True
    return quickest


def _times_to_people(times: ResponseTimes, force: str) -> NDArray[np.int32]:
    demand = times.region.demand
    weighs = demand.weights(times.region.study.measures[0]) > 0
    return times.travel_ms[:, (demand.table["force"].to_numpy(str) == force) & weighs]


def _fits(times: ResponseTimes, own: Basing, guests: NDArray[np.bool_]) -> bool:
    spare = own.units.sum(axis=1) - (own.units > 0).sum(axis=1)
    stations = times.region.stations
    # A host that keeps one unit at least may have to send others away; room is counted without that.
    room = (stations["capacity"] - stations["units"]).to_numpy()
    return bool((guests.sum(axis=1) <= spare).all() and (guests.sum(axis=0) <= room).all())


def _best_guests(times: ResponseTimes, own: Basing, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Choose guests so that the covered weight is largest: one yes/no a guest, one share a kind of place."""
    pairs = np.argwhere(wanted)
    groups, weight = _places_gained(times, own, pairs)
    spare = own.units.sum(axis=1) - (own.units > 0).sum(axis=1)
    stations = times.region.stations
    room = (stations["capacity"] - stations["units"]).to_numpy()
    guests, places = len(pairs), len(groups)
    rows, columns, values = [], [], []
    for i, (f, s) in enumerate(pairs):
        rows += [f, len(spare) + s]
        columns += [i, i]
        values += [1.0, 1.0]
    offset = len(spare) + len(room)
    for p, covering in enumerate(groups):
        rows += [offset + p] * (len(covering) + 1)
        columns += [guests + p, *covering]
        values += [1.0] + [-1.0] * len(covering)
    matrix = coo_array((values, (rows, columns)), shape=(offset + places, guests + places)).tocsr()
    limit = np.concatenate([spare, room, np.zeros(places)])
    # Of equally good basings the one that moves fewest units, then the first by force and station, is taken.
    cost = np.concatenate([1e-3 + 1e-6 * np.arange(guests) / max(guests, 1), -weight.astype(float)])
    result = milp(
        cost,
        constraints=LinearConstraint(matrix, ub=limit),
        integrality=np.concatenate([np.ones(guests), np.zeros(places)]),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    if result.x is None:
        msg = f"the best basing of units could not be found ({result.message})"
        raise BorderlessError(msg)
    chosen = np.zeros_like(wanted)
    picked = pairs[result.x[:guests] > 0.5]
    chosen[picked[:, 0], picked[:, 1]] = True
    return chosen


def _places_gained(
    times: ResponseTimes, own: Basing, pairs: NDArray[np.int64]
) -> tuple[list[tuple[int, ...]], NDArray[np.int64]]:
    """Return sets of guests that cover the same places not covered yet, and the weight of those places."""
    region = times.region
    target = region.study.response.targets[0]
    demand = region.demand
    limit = np.where(demand.table["urban"], target.urban_ms, target.rural_ms)
    if region.study.response.clock == "response":
        limit = limit - region.study.response.fixed_ms
    weight = demand.weights(region.study.measures[0])
    place = demand.table["force"].to_numpy(str)
    found: dict[tuple[int, ...], int] = {}
    for f, force in enumerate(region.study.force_names):
        mine = [i for i, pair in enumerate(pairs) if pair[0] == f]
        here = place == force
        within = (times.travel_ms[:, here] <= limit[here]) & (times.travel_ms[:, here] != UNREACHABLE)
        open_ = ~within[own.units[f] > 0].any(axis=0)
        covers = within[pairs[mine, 1]][:, open_]
        for column, people in zip(covers.T, weight[here][open_], strict=True):
            key = tuple(mine[i] for i in np.flatnonzero(column))
            if key and people:
                found[key] = found.get(key, 0) + int(people)
    keys = sorted(found)
    return keys, np.array([found[key] for key in keys], dtype=np.int64)


def _move(times: ResponseTimes, own: Basing, guests: NDArray[np.bool_]) -> Basing:
    """Send one unit to each chosen station, each time from the own station that holds most."""
    units = own.units.copy()
    home = times.region.stations["force"].to_numpy(str)
    for f, s in np.argwhere(guests):
        force = times.region.study.force_names[f]
        mine = np.where(home == force, units[f], -1)
        units[f, int(np.argmax(mine))] -= 1
        units[f, s] += 1
    return Basing(units)
