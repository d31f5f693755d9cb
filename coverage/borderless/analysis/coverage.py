"""Coverage of a scenario: which unit answers each place, how soon, and how much weight is within target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.basing import Basing, basing_of
from borderless.analysis.times import ResponseTimes
from borderless.demand import NO_FORCE
from borderless.roads.network import UNREACHABLE
from borderless.study.model import Measure, Study
from borderless.study.policy import Scenario, Target

ALL = "all"
NONE = "none"
FAR = np.iinfo(np.int64).max // 4


@dataclass(frozen=True)
class Coverage:
    """What a scenario achieves at every demand point.

    Parameters
    ----------
    times
        The matrix that was asked.
    scenario
        Who may respond from where, at what delay.
    basing
        Where units start.
    travel_ms, response_ms
        Of the unit that answers first, int32, shape (points,); UNREACHABLE where none may or can.
    station, responder
        Row of that unit's station in ``region.stations`` and of its force in ``study.force_names``; -1: none.
    second_ms, second_station
        Response time and station of the next best unit at another station.
    """

    times: ResponseTimes
    scenario: Scenario
    basing: Basing
    travel_ms: NDArray[np.int32]
    response_ms: NDArray[np.int32]
    station: NDArray[np.int32]
    responder: NDArray[np.int32]
    second_ms: NDArray[np.int32]
    second_station: NDArray[np.int32]

    @property
    def clock_ms(self) -> NDArray[np.int32]:
        """Return the time that targets are judged on: from the call, or driving alone."""
        return self.travel_ms if self.times.region.study.response.clock == "travel" else self.response_ms

    @property
    def targets(self) -> tuple[Target, ...]:
        """Return the study's targets, the standard first."""
        return self.times.region.study.response.targets

    def covered(self, target: Target) -> NDArray[np.bool_]:
        """Return which points are reached within a target, the limit included."""
        urban = self.times.region.demand.table["urban"].to_numpy(bool)
        limit = np.where(urban, target.urban_ms, target.rural_ms)
        within: NDArray[np.bool_] = (self.clock_ms <= limit) & (self.clock_ms != UNREACHABLE)
        return within

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return coverage as whole numbers.

        Returns
        -------
        DataFrame
            scenario, force, measure, target, covered, total (whole units of the measure's column), share
            (missing where the total is 0). Force ``all`` is the sum of the others; ``none`` stands for
            places in gaps between areas.
        """
        rows = []
        for measure in self.times.region.study.measures:
            weights = self.times.region.demand.weights(measure)
            for target in self.targets:
                covered = np.where(self.covered(target), weights, 0)
                for force, here in forces_and_all(self.times):
                    total, inside = int(weights[here].sum()), int(covered[here].sum())
                    share = inside / total if total else np.nan
                    rows.append((self.scenario.name, force, measure.name, target.name, inside, total, share))
        columns = ["scenario", "force", "measure", "target", "covered", "total", "share"]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def response_summary(self) -> pd.DataFrame:
        """Return the median and the 90th percentile of the judged time, weighted, in minutes.

        Returns
        -------
        DataFrame
            scenario, force, measure, median_min, p90_min; missing where so much weight is out of reach.
        """
        rows = []
        for measure in self.times.region.study.measures:
            weights = self.times.region.demand.weights(measure)
            for force, here in forces_and_all(self.times):
                median, p90 = (
                    _minutes(weighted_quantile(self.clock_ms[here], weights[here], share))
                    for share in (50, 90)
                )
                rows.append((self.scenario.name, force, measure.name, median, p90))
        return pd.DataFrame(rows, columns=["scenario", "force", "measure", "median_min", "p90_min"])


def cover(times: ResponseTimes, scenario: Scenario, basing: Basing | None = None) -> Coverage:
    """Find who answers each demand point first under a scenario.

    Units are ranked by response time, hand-over included; ties go to the smaller station id, and to the
    own force where one station holds units of two. Units are always free.

    Parameters
    ----------
    times
        Travel times of a region.
    scenario
        The three levers; asked as units of the study's capability work in it.
    basing
        Where units start; what is best under the scenario and these times when left out.

    Returns
    -------
    Coverage
    """
    region = times.region
    scenario = scenario.serving(region.study.capability)
    basing = basing or basing_of(times, scenario)
    place = region.demand.table["force"].to_numpy(str)
    shape = len(place)
    result = {
        "travel_ms": np.full(shape, UNREACHABLE, np.int32),
        "response_ms": np.full(shape, UNREACHABLE, np.int32),
        "station": np.full(shape, -1, np.int32),
        "responder": np.full(shape, -1, np.int32),
        "second_ms": np.full(shape, UNREACHABLE, np.int32),
        "second_station": np.full(shape, -1, np.int32),
    }
    for force in region.study.force_names:
        here = np.flatnonzero(place == force)
        ways = ways_to(force, times, scenario, basing)
        if len(here) and len(ways.station):
            for name, values in _first_two(times, ways, here).items():
                result[name][here] = values
    return Coverage(times, scenario, basing, **result)


@dataclass(frozen=True)
class Ways:
    """The pairs (station, responding force) that may answer in one force's area.

    Parameters
    ----------
    station, responder
        Rows of the stations and of the study's forces, shape (ways,), ordered by station, own force first.
    delay_ms
        Hand-over added to each response.
    min_gain_ms
        How much quicker than the own force a way must be; 0 for no condition.
    own
        Whether the responder is the force of the place.
    units
        How many units of the responder start at the station.
    when_busy
        Whether the way is open only while every own unit is busy (mutual aid).
    """

    station: NDArray[np.int64]
    responder: NDArray[np.int64]
    delay_ms: NDArray[np.int64]
    min_gain_ms: NDArray[np.int64]
    own: NDArray[np.bool_]
    units: NDArray[np.int64]
    when_busy: NDArray[np.bool_]


def ways_to(
    force: str, times: ResponseTimes, scenario: Scenario, basing: Basing, *, when_busy: bool = False
) -> Ways:
    """Return who may answer in the area of `force` under a scenario, from where and at what delay.

    Parameters
    ----------
    force
        Whose area.
    times, scenario, basing
        What is asked.
    when_busy
        Also return the ways that open only while every own unit is busy.
    """
    study = times.region.study
    partners = frozenset(study.alliance)
    found = []
    for f, responder in enumerate(study.force_names):
        rule = scenario.borders.rule(responder, force, partners)
        own = responder == force
        mutual_aid = rule.kind == "on_exhaustion"
        if not (rule.crosses or (when_busy and mutual_aid)):
            continue
        delay = handover_ms(study, scenario, responder, force)
        gain = 1000 * rule.min_gain_s if rule.kind == "if_faster" else 0
        found += [
            (int(s), not own, f, delay, gain, int(basing.units[f, s]), mutual_aid)
            for s in np.flatnonzero(basing.starts()[f])
        ]
    found.sort()
    columns = np.array(found, dtype=np.int64).reshape(-1, 7).T
    station, foreign, responder_row, delay_ms, gain_ms, units, exhausted = columns
    return Ways(station, responder_row, delay_ms, gain_ms, foreign == 0, units, exhausted == 1)


def handover_ms(study: Study, scenario: Scenario, responder: str, force: str) -> int:
    """Return what the hand-over adds when `responder` answers in the area of `force`, in milliseconds."""
    partners = frozenset(study.alliance)
    if responder == force or (scenario.control_room == "shared" and {responder, force} <= partners):
        return 0
    delay_s = scenario.borders.rule(responder, force, partners).delay_s
    return study.response.cross_border_delay_ms if delay_s is None else 1000 * delay_s


def forces_and_all(times: ResponseTimes) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield each force with the mask of its points, then ``none`` where gaps hold points, then ``all``."""
    place = times.region.demand.table["force"].to_numpy(str)
    for force in times.region.study.force_names:
        yield force, place == force
    if (place == NO_FORCE).any():
        yield NONE, place == NO_FORCE
    yield ALL, np.ones(len(place), dtype=bool)


def weighted_quantile(times_ms: NDArray[np.int32], weights: NDArray[np.int64], percent: int) -> int | None:
    """Return the smallest time by which `percent` of the weight is reached, in milliseconds.

    Returns
    -------
    int or None
        None when there is no weight, or when so much of it cannot be reached.
    """
    total = int(weights.sum())
    if total == 0:
        return None
    order = np.argsort(times_ms, kind="stable")
    reached = np.cumsum(weights[order])
    first = int(np.searchsorted(100 * reached, percent * total))
    value = int(times_ms[order[first]])
    return None if value == UNREACHABLE else value


def costs(
    times: ResponseTimes, ways: Ways, here: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what units are ranked by at some points.

    Parameters
    ----------
    times
        The matrix.
    ways
        Who may come to these points.
    here
        Rows of demand points of one force.

    Returns
    -------
    travel
        Driving, milliseconds, shape (ways, points).
    cost
        Response time with hand-over; `FAR` where a way cannot, or does not gain what its border asks for.
    """
    travel = times.travel_ms[np.ix_(ways.station, here)].astype(np.int64)
    fixed = times.region.study.response.fixed_ms
    cost = np.where(travel == UNREACHABLE, FAR, travel + fixed + ways.delay_ms[:, None])
    own_best = cost[ways.own].min(axis=0, initial=FAR)
    needs_gain = ways.min_gain_ms > 0
    too_little = needs_gain[:, None] & (cost + ways.min_gain_ms[:, None] > own_best)
    cost[too_little] = FAR
    return travel, cost


def _first_two(times: ResponseTimes, ways: Ways, here: NDArray[np.int64]) -> dict[str, NDArray[np.int32]]:
    travel, cost = costs(times, ways, here)
    best = cost.argmin(axis=0)
    points = np.arange(len(here))
    first = cost[best, points]
    station = ways.station[best]
    others = np.where(ways.station[:, None] == station, FAR, cost)
    next_best = others.argmin(axis=0)
    second = others[next_best, points]
    reached, backed = first < FAR, second < FAR
    return {
        "travel_ms": np.where(reached, travel[best, points], UNREACHABLE).astype(np.int32),
        "response_ms": np.where(reached, np.minimum(first, UNREACHABLE), UNREACHABLE).astype(np.int32),
        "station": np.where(reached, station, -1).astype(np.int32),
        "responder": np.where(reached, ways.responder[best], -1).astype(np.int32),
        "second_ms": np.where(backed, np.minimum(second, UNREACHABLE), UNREACHABLE).astype(np.int32),
        "second_station": np.where(backed, ways.station[next_best], -1).astype(np.int32),
    }


def _minutes(value_ms: int | None) -> float:
    return np.nan if value_ms is None else value_ms / 60_000


def measure_of(times: ResponseTimes, name: str) -> Measure:
    """Return a measure of the study by name.

    Raises
    ------
    KeyError
        When the study has no such measure.
    """
    return {measure.name: measure for measure in times.region.study.measures}[name]
