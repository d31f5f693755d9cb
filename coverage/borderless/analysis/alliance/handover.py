"""How long a hand-over between control rooms may take: what open borders gain at every delay, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.alliance.levers import force_groups, with_levers
from borderless.analysis.basing import basing_of
from borderless.analysis.coverage import Ways, cover, ways_to
from borderless.analysis.times import ResponseTimes
from borderless.roads.network import UNREACHABLE
from borderless.study.model import Measure
from borderless.study.policy import ALLIANCE, BorderPolicy, Scenario, Target

_FAR = np.iinfo(np.int64).max // 4
_HANDED_OVER = (("borders",), ("borders", "stations"))


@dataclass(frozen=True)
class Spans:
    """The delays at which a point is covered that is not covered while borders are closed.

    Parameters
    ----------
    point
        Rows of demand points; one may have several spans, which do not meet.
    first_ms, last_ms
        Ends of the span, both within it; `last_ms` is huge where the delay does not matter.
    """

    point: NDArray[np.int64]
    first_ms: NDArray[np.int64]
    last_ms: NDArray[np.int64]


@dataclass(frozen=True)
class Handover:
    """What opening borders gains over closed ones, as a function of the hand-over delay.

    Parameters
    ----------
    times
        The matrix that was asked.
    scenario
        Who may respond across which border, from where; with its borders closed, the baseline.
    spans
        For each of the study's targets.
    """

    times: ResponseTimes
    scenario: Scenario
    spans: tuple[Spans, ...]

    def curve(self, here: NDArray[np.bool_], measure: Measure, target: Target) -> pd.DataFrame:
        """Return the gain by delay, as steps.

        Parameters
        ----------
        here
            Which points count.
        measure, target
            Of the study.

        Returns
        -------
        DataFrame
            delay_s (rising whole seconds from 0), gain (whole units of the measure's column) from that
            second on until the next row.
        """
        region = self.times.region
        spans = self.spans[region.study.response.targets.index(target)]
        chosen = here[spans.point]
        weight = region.demand.weights(measure)[spans.point[chosen]]
        # A whole second lies within the span from its first end rounded up to its last rounded down.
        first, last = -(-spans.first_ms[chosen] // 1000), spans.last_ms[chosen] // 1000
        ends = last < _FAR // 2000
        seconds = np.concatenate([[0], first, last[ends] + 1])
        change = np.concatenate([[0], weight, -weight[ends]])
        delay_s, step = np.unique(seconds, return_inverse=True)
        by_step = np.zeros(len(delay_s), dtype=np.int64)
        np.add.at(by_step, step, change)
        kept = (by_step != 0) | (delay_s == 0)
        return pd.DataFrame({"delay_s": delay_s[kept], "gain": np.cumsum(by_step)[kept]})

    def gain(self, here: NDArray[np.bool_], measure: Measure, target: Target, delay_ms: int) -> int:
        """Return the gain at one delay in milliseconds, in whole units of the measure's column."""
        region = self.times.region
        spans = self.spans[region.study.response.targets.index(target)]
        within = here[spans.point] & (spans.first_ms <= delay_ms) & (delay_ms <= spans.last_ms)
        return int(region.demand.weights(measure)[spans.point[within]].sum())

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return when hand-overs take so long that opening borders stops paying.

        Returns
        -------
        DataFrame
            levers, force (each, ``alliance``, ``all``), measure, target; gain_at_0 and gain (at the study's
            delay), whole units of the measure's column; half_s (the largest whole second at which half of
            gain_at_0 is left) and break_even_s (the smallest whole second from which on nothing is gained).
            Both are None where nothing is gained even at 0, and where so much is gained whatever the delay
            (borders with a delay of their own, or one control room).
        """
        study = self.times.region.study
        rows = []
        for force, here in force_groups(self.times):
            for measure in study.measures:
                for target in study.response.targets:
                    curve = self.curve(here, measure, target)
                    steps = list(zip(curve["delay_s"].tolist(), curve["gain"].tolist(), strict=True))
                    most = steps[0][1]
                    now = self.gain(here, measure, target, study.response.cross_border_delay_ms)
                    half, over = _after_last(steps, max(1, -(-most // 2))), _after_last(steps, 1)
                    rows.append(
                        (self.scenario.name, force, measure.name, target.name, most, now)
                        + ((half - 1 if half else None, over) if most else (None, None))
                    )
        columns = ["levers", "force", "measure", "target", "gain_at_0", "gain", "half_s", "break_even_s"]
        # As objects, seconds stay whole numbers beside None.
        table = pd.DataFrame(rows, columns=columns, dtype=object)
        return table.astype({"gain_at_0": np.int64, "gain": np.int64})


def handover(times: ResponseTimes, scenario: Scenario) -> Handover:
    """Find what opening the borders of a scenario gains at every hand-over delay, without a search.

    A response across a border takes its travel time, the fixed parts and the delay. So each point is covered
    up to the slack that its quickest helper leaves, and the gain is a sum of steps. Rules that ask for a
    minimum gain, borders with delays of their own and targets on driving time are followed as `cover`
    follows them.

    Parameters
    ----------
    times
        Travel times of a region.
    scenario
        Its borders are compared with closed ones, everything else being equal.
    """
    study = times.region.study
    place = times.region.demand.table["force"].to_numpy(str)
    closed = cover(times, replace(scenario, borders=BorderPolicy()))
    urban = times.region.demand.table["urban"].to_numpy(bool)
    limits = [np.where(urban, target.urban_ms, target.rural_ms) for target in closed.targets]
    already = [closed.covered(target) for target in closed.targets]
    found: list[list[Spans]] = [[] for _ in limits]
    for force in study.force_names:
        here = np.flatnonzero(place == force)
        if not len(here):
            continue
        segments = _segments(force, times, scenario, here)
        for t, limit in enumerate(limits):
            open_ = ~already[t][here]
            found[t] += [_span(times, segment, here, limit[here], open_) for segment in segments]
    return Handover(times, scenario, tuple(_joined(parts) for parts in found))


def handovers(times: ResponseTimes, scenario: Scenario = ALLIANCE) -> tuple[Handover, ...]:
    """Return `handover` for separate control rooms: units at their own stations, and at shared ones."""
    return tuple(handover(times, with_levers(scenario, levers)) for levers in _HANDED_OVER)


@dataclass(frozen=True)
class _Segment:
    """Who is sent to each point from one delay to another: its cost without delay, and whether it has any."""

    first_ms: NDArray[np.int64]
    last_ms: NDArray[np.int64]
    cost_ms: NDArray[np.int64]
    travel_ms: NDArray[np.int64]
    delayed: bool


def _segments(
    force: str, times: ResponseTimes, scenario: Scenario, here: NDArray[np.int64]
) -> list[_Segment]:
    """Return who is sent to the points of a force as the delay grows from 0, in order."""
    basing = basing_of(times, scenario)
    ways = ways_to(force, _with_delay(times, 0), scenario, basing)
    varies = ways_to(force, _with_delay(times, 1), scenario, basing).delay_ms > ways.delay_ms
    # The last row stands for nobody, who is sent where there is nobody else.
    nobody = np.full((1, len(here)), UNREACHABLE, dtype=np.int64)
    travel = np.concatenate([times.travel_ms[np.ix_(ways.station, here)], nobody])
    fixed = times.region.study.response.fixed_ms
    cost = np.where(travel == UNREACHABLE, _FAR, travel + fixed + np.append(ways.delay_ms, 0)[:, None])
    gain = np.append(ways.min_gain_ms, 0)
    own_best = cost[np.append(ways.own, False)].min(axis=0, initial=_FAR)
    cost[(gain > 0)[:, None] & (cost + gain[:, None] > own_best)] = _FAR
    rest = _first(np.flatnonzero(~np.append(varies, False)), cost)
    helpers, until = _helpers(ways, varies, cost, own_best, rest)
    segments, end = [], np.full(len(here), -1, dtype=np.int64)
    points = np.arange(len(here))
    for rank in range(len(helpers)):
        row = helpers[rank]
        last = np.maximum(end, until[rank])
        segments.append(_Segment(end + 1, last, cost[row, points], travel[row, points], delayed=True))
        end = last
    forever = np.full(len(here), _FAR)
    segments.append(_Segment(end + 1, forever, cost[rest, points], travel[rest, points], delayed=False))
    return segments


def _helpers(
    ways: Ways,
    varies: NDArray[np.bool_],
    cost: NDArray[np.int64],
    own_best: NDArray[np.int64],
    rest: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the ways that a delay holds up, the quickest of each kind of rule, and until when each is sent.

    Returns
    -------
    tuple of ndarray
        Rows of `ways`, quickest first, shape (kinds of rule, points), and the last delay at which each is
        allowed and quicker than `rest`, which no delay holds up; -1 for never.
    """
    points = np.arange(cost.shape[1])
    kinds = np.unique(ways.min_gain_ms[varies])
    if not len(kinds):
        return np.zeros((0, len(points)), dtype=np.int64), np.zeros((0, len(points)), dtype=np.int64)
    best = np.array([_first(np.flatnonzero(varies & (ways.min_gain_ms == kind)), cost) for kind in kinds])
    quickest = np.take_along_axis(best, np.lexsort((best, cost[best, points]), axis=0), axis=0)
    own = cost[quickest, points]
    gain = ways.min_gain_ms[quickest]
    allowed = np.where(gain > 0, own_best - gain - own, _FAR)
    # Of equally quick ways the first row is sent.
    quicker = cost[rest, points] - own - (quickest > rest)
    return quickest, np.where(own < _FAR, np.minimum(allowed, quicker), -1)


def _first(rows: NDArray[np.int64], cost: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the row of least cost at each point, the first of equals."""
    best: NDArray[np.int64] = rows[cost[rows].argmin(axis=0)]
    return best


def _span(
    times: ResponseTimes,
    segment: _Segment,
    here: NDArray[np.int64],
    limit_ms: NDArray[np.int64],
    open_: NDArray[np.bool_],
) -> Spans:
    """Return the part of a segment in which the point is covered, where that is not so without it."""
    on_travel = times.region.study.response.clock == "travel"
    judged = segment.travel_ms if on_travel else segment.cost_ms
    last = segment.last_ms
    if segment.delayed and not on_travel:
        last = np.minimum(last, limit_ms - judged)
    gained = open_ & (segment.cost_ms < _FAR) & (judged <= limit_ms) & (segment.first_ms <= last)
    return Spans(here[gained], segment.first_ms[gained], last[gained])


def _joined(parts: Sequence[Spans]) -> Spans:
    none = np.zeros(0, dtype=np.int64)
    names = ("point", "first_ms", "last_ms")
    return Spans(*(np.concatenate([none, *(getattr(part, name) for part in parts)]) for name in names))


def _with_delay(times: ResponseTimes, seconds: int) -> ResponseTimes:
    study = times.region.study
    response = replace(study.response, cross_border_delay_s=seconds)
    return replace(times, region=replace(times.region, study=replace(study, response=response)))


def _after_last(steps: Sequence[tuple[int, int]], least: int) -> int | None:
    """Return the second after the last one at which `least` is gained; None where there is no such second."""
    reached = [number for number, (_, gain) in enumerate(steps) if gain >= least]
    if not reached or reached[-1] == len(steps) - 1:
        return None
    return steps[reached[-1] + 1][0]
