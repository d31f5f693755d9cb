"""One draw: what every scenario achieves under other settings, counted as lean as can be."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from borderless.analysis.basing import Basing, basing_of
from borderless.analysis.busy.busy import powers
from borderless.analysis.compare import PARTNERS
from borderless.analysis.coverage import ALL, NONE, Ways, forces_and_all, ways_to
from borderless.analysis.robustness.drawn import drawn_times, held
from borderless.analysis.robustness.kernels import answered, tallied
from borderless.analysis.robustness.ranges import Range
from borderless.analysis.times import ResponseTimes
from borderless.study.policy import Scenario


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the scenarios achieve under one draw, or under n of them with one more dimension in front.

    Parameters
    ----------
    covered
        int64, whole units of each measure's column, shape (scenarios, groups, measures, targets).
    expected
        float64, the same within the standard target with units that are sometimes busy, shape (scenarios,
        groups, measures).
    median_ms
        int64, judged time within which half of the first measure is reached, shape (scenarios, groups);
        ``UNREACHABLE``, or -1 for a group without weight.
    """

    covered: NDArray[np.int64]
    expected: NDArray[np.float64]
    median_ms: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Bench:
    """What every draw shares; a function of one draw's values, fit for :func:`borderless.executor.map_parts`.

    Parameters
    ----------
    times
        Under the study's own settings.
    ranges
        What the values of a draw stand for, in their order.
    scenarios
        The baseline first.
    groups
        The study's forces, ``none`` where gaps hold points, ``alliance`` and ``all``.
    force
        Row of each point's force in the study, -1 in gaps, int32, shape (points,).
    rows
        The groups that each point counts in, -1 for none, int64, shape (points, 3).
    limits_ms
        int64, shape (targets, points).
    weights
        int64, shape (measures, points).
    total
        Weight by group and measure, int64, shape (groups, measures).
    """

    times: ResponseTimes
    ranges: tuple[Range, ...]
    scenarios: tuple[Scenario, ...]
    groups: tuple[str, ...]
    force: NDArray[np.int32]
    rows: NDArray[np.int64]
    limits_ms: NDArray[np.int64]
    weights: NDArray[np.int64]
    total: NDArray[np.int64]

    def __call__(self, values: NDArray[np.float64]) -> Outcome:
        """Return what every scenario achieves when the settings are `values`, shape (ranges,)."""
        times = drawn_times(self.times, self.ranges, values)
        study = times.region.study
        response = study.response
        found = []
        for scenario in self.scenarios:
            basing = basing_of(times, scenario)
            first_way, ways = _ways(times, scenario, basing)
            clock_ms, chance = answered(
                times.travel_ms,
                self.force,
                self.limits_ms[0],
                first_way,
                (ways.station, ways.delay_ms, ways.min_gain_ms, ways.own, ways.units, ways.when_busy),
                response.fixed_ms,
                response.clock == "travel",
                powers(response.busy_fraction, int(basing.units.sum())),
            )
            order = np.argsort(clock_ms)
            counted = tallied(
                clock_ms, chance, order, self.rows, self.limits_ms, self.weights, self.total[:, 0]
            )
            found.append(counted)
        covered, expected, median_ms = (np.stack(part) for part in zip(*found, strict=True))
        return Outcome(covered, expected, median_ms)


def bench_of(times: ResponseTimes, ranges: tuple[Range, ...], *, rebase: bool = False) -> Bench:
    """Prepare what all draws share.

    Parameters
    ----------
    times
        Under the study's own settings.
    ranges
        What is drawn.
    rebase
        Place units anew in every draw where a scenario shares stations. Otherwise they stay where they are
        best under the study's own settings: the plan is made once, and then the world turns out otherwise.
    """
    region = times.region
    study = region.study
    scenarios = study.scenarios if rebase else tuple(held(times, scenario) for scenario in study.scenarios)
    *forces, _ = (name for name, _ in forces_and_all(times))
    groups = (*forces, PARTNERS, ALL)
    row = {name: number for number, name in enumerate(study.force_names)}
    place = region.demand.table["force"].to_numpy(str)
    weights = np.array([region.demand.weights(measure) for measure in study.measures], dtype=np.int64)
    urban = region.demand.table["urban"].to_numpy(bool)
    members = [*(here for _, here in forces_and_all(times))]
    members.insert(-1, np.isin(place, study.alliance))
    return Bench(
        times=times,
        ranges=ranges,
        scenarios=scenarios,
        groups=groups,
        force=np.array([row.get(name, -1) for name in place], dtype=np.int32),
        rows=np.array([_rows(name, groups, study.alliance) for name in place], dtype=np.int64),
        limits_ms=np.array(
            [np.where(urban, target.urban_ms, target.rural_ms) for target in study.response.targets],
            dtype=np.int64,
        ),
        weights=weights,
        total=np.array([weights[:, here].sum(axis=1) for here in members]),
    )


def _rows(force: str, groups: tuple[str, ...], partners: tuple[str, ...]) -> tuple[int, int, int]:
    """Return the groups that a point of a force counts in."""
    return (
        groups.index(force or NONE),
        groups.index(PARTNERS) if force in partners else -1,
        groups.index(ALL),
    )


def _ways(times: ResponseTimes, scenario: Scenario, basing: Basing) -> tuple[NDArray[np.int64], Ways]:
    """Return where the ways to each force begin, and all of them one force after the other."""
    forces = times.region.study.force_names
    found = [ways_to(force, times, scenario, basing, when_busy=True) for force in forces]
    first = np.concatenate([[0], np.cumsum([len(ways.station) for ways in found])]).astype(np.int64)
    names = [field.name for field in fields(Ways)]
    return first, Ways(*(np.concatenate([getattr(ways, name) for ways in found]) for name in names))
