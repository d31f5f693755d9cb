"""How calls settle on units under a scenario: who is how busy, who answers for whom, who is reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.basing import Basing, basing_of
from borderless.analysis.busy.workload import Area, Settled, enough_ranks, settle
from borderless.analysis.coverage import Ways, ways_to
from borderless.analysis.times import ResponseTimes
from borderless.roads.network import UNREACHABLE
from borderless.study.model import Measure, Study
from borderless.study.policy import SEPARATE, Scenario, Target

_HOUR_MS = 3_600_000
# enough to guess how many units need be looked at
_USUAL_DRIVE_S = 600
# behind every time that there is
_LAST = 1 << 40


@dataclass(frozen=True)
class SharedLoad:
    """How the calls of a region settle on its units under one scenario.

    Parameters
    ----------
    times, scenario, basing
        What was asked.
    unit_force, unit_station
        Row of each unit's force in ``study.force_names`` and of its station, shape (units,).
    areas
        The places of each force with the units that are asked, one area for places that the same units can
        reach; where nobody can, places are in none.
    places
        For each area, the rows of its demand points.
    way_ms, judged_ms
        For each area, driving time and the time targets are judged on, of the unit of each rank, int64, shape
        (ranks, points).
    settled
        Workloads, and who answers how many calls of each point.
    """

    times: ResponseTimes
    scenario: Scenario
    basing: Basing
    unit_force: NDArray[np.int64]
    unit_station: NDArray[np.int64]
    areas: tuple[Area, ...]
    places: tuple[NDArray[np.int64], ...]
    way_ms: tuple[NDArray[np.int64], ...]
    judged_ms: tuple[NDArray[np.int64], ...]
    settled: Settled

    def chance(self, target: Target) -> NDArray[np.float64]:
        """Return the chance that a unit goes at once to each demand point and is there within a target.

        Returns
        -------
        numpy.ndarray
            float64, shape (points,), from 0 to 1; a call that has to wait counts as not reached in time.
        """
        urban = self.times.region.demand.table["urban"].to_numpy(bool)
        limit = np.where(urban, target.urban_ms, target.rural_ms).astype(np.int64)
        chance = np.zeros(len(urban))
        for here, judged, answered in zip(self.places, self.judged_ms, self.settled.answered, strict=True):
            chance[here] = np.where(judged <= limit[here], answered, 0.0).sum(axis=0)
        return chance

    @cached_property
    def by_station(self) -> pd.DataFrame:
        """Return workloads by station.

        Returns
        -------
        DataFrame
            scenario, station (id), force (of the units), units, workload (mean share of the time that its
            units are busy), busiest (the unit that is asked first there).
        """
        frame = pd.DataFrame(
            {"force": self.unit_force, "station": self.unit_station, "workload": self.settled.workload}
        )
        grouped = frame.groupby(["station", "force"])["workload"].agg(["size", "mean", "max"]).reset_index()
        forces = np.array(self.times.region.study.force_names, dtype=object)
        return pd.DataFrame(
            {
                "scenario": self.scenario.name,
                "station": self.times.region.stations["id"].to_numpy(object)[grouped["station"]],
                "force": forces[grouped["force"]],
                "units": grouped["size"],
                "workload": grouped["mean"],
                "busiest": grouped["max"],
            }
        )

    @cached_property
    def by_force(self) -> pd.DataFrame:
        """Return workloads and waiting by force.

        Returns
        -------
        DataFrame
            scenario, force, units, workload (mean share of the time that its units are busy, wherever they
            go; missing without units), busiest (of its units), calls_h (calls an hour in its area), waits
            (share of them that find every unit busy), travel_ms (mean drive to those answered at once); the
            last two are missing where nobody can answer.
        """
        forces = self.times.region.study.force_names
        calls, waiting, driven = (np.zeros(len(forces)) for _ in range(3))
        parts = zip(self.areas, self.way_ms, self.settled.answered, self.settled.waits, strict=True)
        for area, way_ms, answered, waits in parts:
            calls[area.source] += area.share.sum()
            waiting[area.source] += area.share.sum() * waits
            driven[area.source] += (area.share * answered * way_ms).sum()
        rows = []
        for f, force in enumerate(forces):
            mine = self.settled.workload[self.unit_force == f]
            workload, busiest = (mine.mean(), mine.max()) if len(mine) else (np.nan, np.nan)
            waits, at_once = (waiting[f] / calls[f], calls[f] - waiting[f]) if calls[f] else (np.nan, 0.0)
            travel_ms = driven[f] / at_once if at_once > 0 else np.nan
            calls_h = self.settled.rates[f]
            rows.append((self.scenario.name, force, len(mine), workload, busiest, calls_h, waits, travel_ms))
        columns = ["scenario", "force", "units", "workload", "busiest", "calls_h", "waits", "travel_ms"]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def dispatch(self) -> pd.DataFrame:
        """Return who answers the calls of whom, those that waited included.

        Returns
        -------
        DataFrame
            scenario, responder, force (of the place), share (of the calls in that force's area, 0 to 1; the
            shares of an area sum to 1 where it has calls that can be answered).
        """
        forces = self.times.region.study.force_names
        share = np.zeros((len(forces), len(forces)))
        for area, answered, waits in zip(self.areas, self.settled.answered, self.settled.waits, strict=True):
            responder = self.unit_force[area.unit.ravel()]
            weight = (area.share * answered).ravel()
            share[area.source] += np.bincount(responder, weights=weight, minlength=len(forces))
            # a call that waits goes to any of the units that may come
            number = np.bincount(self.unit_force[area.members], minlength=len(forces))
            share[area.source] += waits * area.share.sum() * number / number.sum()
        rows = [
            (self.scenario.name, responder, force, share[g, f])
            for g, force in enumerate(forces)
            for f, responder in enumerate(forces)
        ]
        return pd.DataFrame(rows, columns=["scenario", "responder", "force", "share"])


def calls_measure(study: Study, force: str) -> Measure:
    """Return what tells where in a force's area calls come from.

    Incidents, where the study has them for the whole of the force; else the study's first measure.
    """
    counted = {measure.name: measure for measure in study.measures}
    whole = force not in study.forces.clipped
    return counted["incidents"] if "incidents" in counted and whole else study.measures[0]


def call_rates(times: ResponseTimes, busy: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the calls an hour that keep each force's units as busy as is said while forces are separate.

    Parameters
    ----------
    times
        Travel times of a region.
    busy
        Force → mean share of the time that its units are busy when each force answers its own calls.

    Returns
    -------
    numpy.ndarray
        Shape (forces,). They make busy fraction × units of work, a call taking turnout, driving and the time
        on the scene.

    Raises
    ------
    BorderlessError
        When workloads do not settle.
    """
    fractions = np.array([busy[force] for force in times.region.study.force_names])
    return _load(times, SEPARATE, fractions, amount_is_busy=True).settled.rates


def share_load(times: ResponseTimes, scenario: Scenario, rates: NDArray[np.float64]) -> SharedLoad:
    """Find how calls settle on units under a scenario: the hypercube approximation of Larson (1975).

    Units are asked in the order of their response time, hand-over included; those of one station stand in a
    row. A unit that must be quicker by some time is ranked as if it were that much slower; mutual aid comes
    after all own units. A call that finds all units busy waits, and any of them that is free first takes it.

    Parameters
    ----------
    times
        Travel times of a region.
    scenario
        Who may answer where.
    rates
        Calls an hour of each force, as :func:`call_rates` finds them.

    Raises
    ------
    BorderlessError
        When units have more work than time, or workloads do not settle.
    """
    return _load(times, scenario, rates)


def _load(
    times: ResponseTimes, scenario: Scenario, amount: NDArray[np.float64], *, amount_is_busy: bool = False
) -> SharedLoad:
    """Return the load of so many calls an hour, or of so many as keep units that busy."""
    basing = basing_of(times, scenario)
    response = times.region.study.response
    number, total = basing.units.ravel(), basing.units.sum(axis=1)
    flat = np.repeat(np.arange(number.size), number)
    unit_force, unit_station = np.divmod(flat, basing.units.shape[1])
    first = (np.cumsum(number) - number).reshape(basing.units.shape)
    call_h = (response.turnout_s + response.on_scene_s + _USUAL_DRIVE_S) / 3600
    usual = amount if amount_is_busy else amount * call_h / np.maximum(total, 1)
    asked = [
        part for f in range(len(total)) for part in _asked_areas(times, scenario, basing, f, first, usual)
    ]
    areas = tuple(part.area for part in asked)
    if amount_is_busy:
        able = np.unique(np.concatenate([area.members for area in areas])) if areas else np.zeros(0, np.int64)
        amount = amount * np.bincount(unit_force[able], minlength=len(total))
    settled = settle(areas, len(flat), amount, amount_is_work=amount_is_busy)
    return SharedLoad(
        times=times,
        scenario=scenario,
        basing=basing,
        unit_force=unit_force,
        unit_station=unit_station,
        areas=areas,
        places=tuple(part.here for part in asked),
        way_ms=tuple(part.way_ms for part in asked),
        judged_ms=tuple(part.judged_ms for part in asked),
        settled=settled,
    )


@dataclass(frozen=True)
class _AskedArea:
    """Points of one force that the same units can reach, and these units in the order they are asked."""

    area: Area
    here: NDArray[np.int64]
    way_ms: NDArray[np.int64]
    judged_ms: NDArray[np.int64]


def _asked_areas(
    times: ResponseTimes,
    scenario: Scenario,
    basing: Basing,
    f: int,
    first: NDArray[np.int64],
    usual: NDArray[np.float64],
) -> Iterator[_AskedArea]:
    """Yield force f's areas; `first` numbers the first unit at each station, `usual` guesses workloads."""
    study = times.region.study
    force = study.force_names[f]
    ways = ways_to(force, times, scenario, basing, when_busy=True)
    here = np.flatnonzero(times.region.demand.table["force"].to_numpy(str) == force)
    able = times.travel_ms[np.ix_(ways.station, here)] != UNREACHABLE
    # mutual aid comes only where some own unit could
    able &= able[ways.own].any(axis=0) | ~ways.when_busy[:, None]
    weights = times.region.demand.weights(calls_measure(study, force)).astype(np.float64)
    weights /= max(float(weights[here[able.any(axis=0)]].sum()), 1.0)
    patterns, kind = np.unique(able, axis=1, return_inverse=True)
    for number, pattern in enumerate(patterns.T):
        if pattern.any():
            points = here[kind.ravel() == number]
            share = weights[points]
            yield _ranked(times, _kept(ways, pattern), points, _Numbers(f, share, first, usual))


@dataclass(frozen=True)
class _Numbers:
    """What an area is told beside its ways: source, shares, first units of stations, workloads to expect."""

    source: int
    share: NDArray[np.float64]
    first: NDArray[np.int64]
    usual: NDArray[np.float64]


def _kept(ways: Ways, which: NDArray[np.bool_]) -> Ways:
    return Ways(*(getattr(ways, entry.name)[which] for entry in fields(Ways)))


def _ranked(times: ResponseTimes, ways: Ways, here: NDArray[np.int64], told: _Numbers) -> _AskedArea:
    """Return points that all of the ways lead to, with the units in the order they are asked."""
    response = times.region.study.response
    way = np.repeat(np.arange(len(ways.station)), ways.units)
    number = np.arange(len(way)) - np.repeat(np.cumsum(ways.units) - ways.units, ways.units)
    member = told.first[ways.responder[way], ways.station[way]] + number
    travel = times.travel_ms[np.ix_(ways.station, here)].astype(np.int64)
    cost = travel + response.fixed_ms + ways.delay_ms[:, None]
    key = cost + ways.min_gain_ms[:, None] + _LAST * ways.when_busy[:, None]
    # as quick as the own unit once its gain is counted, a unit that was asked for a gain goes first
    key = 2 * key + (ways.min_gain_ms == 0)[:, None]
    # units of a busy force may all be near, so its workload says how many must be looked at
    ranks = enough_ranks(len(way), min(float(told.usual[ways.responder[way]].max()), 0.99))
    order = np.argsort(key[way], axis=0, kind="stable")[:ranks]
    chosen, points = way[order], np.arange(len(here))
    way_ms = travel[chosen, points]
    service_h = (1000 * (response.turnout_s + response.on_scene_s) + way_ms) / _HOUR_MS
    area = Area(told.source, told.share, member[order], service_h, member, _teams(ways, way, member, order))
    return _AskedArea(area, here, way_ms, way_ms if response.clock == "travel" else cost[chosen, points])


def _teams(
    ways: Ways, way: NDArray[np.int64], member: NDArray[np.int64], order: NDArray[np.int64]
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]:
    """Return each force's units among an area's, and how many of them are asked before each rank."""
    force = ways.responder[way]
    found = []
    for one in np.unique(force):
        mine = force[order] == one
        found.append((member[force == one], np.cumsum(mine, axis=0) - mine))
    return tuple(found) if len(found) > 1 else ()
