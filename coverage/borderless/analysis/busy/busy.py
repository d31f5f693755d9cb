"""Coverage when units are sometimes busy: the chance that one within the target is free, in closed form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.coverage import Coverage, Ways, forces_and_all, ways_to
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import Target

_FAR = np.iinfo(np.int64).max // 4


def expected_cover(
    coverage: Coverage, target: Target, busy_fraction: float | Mapping[str, float]
) -> NDArray[np.float64]:
    """Return the chance that each demand point is answered within a target.

    Every unit is busy for a fraction q of the time, independently of the others, and the first free unit in
    the order of the policy goes. With n units that may come within the target the chance is 1 − qⁿ, which is
    Σ (1 − q) q^(k−1) over k = 1…n, the expected coverage of Daskin (1983); where forces are busy for
    different fractions, it is Σ (1 − qₖ) q₁…qₖ₋₁. Borders with a condition are taken at their word: mutual
    aid comes only while every own unit that can come is busy, and a unit that must be quicker by some time is
    held against the nearest own unit that is free.

    Parameters
    ----------
    coverage
        Scenario and basing; `Coverage.covered` is this at a fraction of 0.
    target
        The limit.
    busy_fraction
        q, from 0 to below 1: one number for all units, or force → number for each force of the study.

    Returns
    -------
    numpy.ndarray
        float64, shape (points,), from 0 to 1.

    Raises
    ------
    ValueError
        When a fraction is none, or a force has none.

    Notes
    -----
    Mutual aid never comes where a force has no own unit that could, as in static coverage. The same
    operations in the same order are made by the what-if page (``explorer-engine.js``) for one fraction, so
    that both give the same bits.

    References
    ----------
    Daskin, M. S. (1983). A maximum expected covering location model. Transportation Science 17 (1), 48-70.
    """
    times = coverage.times
    forces = times.region.study.force_names
    busy = _fractions(busy_fraction, forces)
    most = int(coverage.basing.units.sum())
    place = times.region.demand.table["force"].to_numpy(str)
    urban = times.region.demand.table["urban"].to_numpy(bool)
    limit = np.where(urban, target.urban_ms, target.rural_ms).astype(np.int64)
    chance = np.zeros(len(place))
    for f, force in enumerate(forces):
        here = np.flatnonzero(place == force)
        ways = ways_to(force, times, coverage.scenario, coverage.basing, when_busy=True)
        if len(here) and len(ways.station):
            chance[here] = _chance(coverage, ways, here, limit[here], powers(busy[f], most), busy)
    return chance


def powers(q: float, most: int) -> NDArray[np.float64]:
    """Return q⁰, q¹, … made by multiplying one after the other, shape (most + 1,)."""
    power = np.full(most + 1, q)
    power[0] = 1.0
    return np.multiply.accumulate(power)


def expected_table(coverage: Coverage, busy_fraction: float | Mapping[str, float]) -> pd.DataFrame:
    """Return expected coverage, summed over demand points.

    Parameters
    ----------
    coverage, busy_fraction
        As for :func:`expected_cover`.

    Returns
    -------
    DataFrame
        scenario, force, measure, target, expected (in the measure's column's units, with fractions), total.
    """
    times = coverage.times
    rows = []
    for target in coverage.targets:
        chance = expected_cover(coverage, target, busy_fraction)
        for measure in times.region.study.measures:
            weights = times.region.demand.weights(measure)
            for force, here in forces_and_all(times):
                # added one by one, as the page does
                sums = np.add.accumulate(weights[here] * chance[here])
                expected = float(sums[-1]) if len(sums) else 0.0
                total = int(weights[here].sum())
                rows.append((coverage.scenario.name, force, measure.name, target.name, expected, total))
    return pd.DataFrame(rows, columns=["scenario", "force", "measure", "target", "expected", "total"])


def _fractions(busy_fraction: float | Mapping[str, float], forces: Sequence[str]) -> NDArray[np.float64]:
    """Return the fraction of each force."""
    given = busy_fraction if isinstance(busy_fraction, Mapping) else dict.fromkeys(forces, busy_fraction)
    for force in forces:
        if not 0 <= given.get(force, np.nan) < 1:
            msg = f"busy_fraction of {force} must be from 0 to below 1, not {given.get(force, np.nan):g}"
            raise ValueError(msg)
    return np.array([given[force] for force in forces], dtype=np.float64)


def _chance(
    coverage: Coverage,
    ways: Ways,
    here: NDArray[np.int64],
    limit: NDArray[np.int64],
    power: NDArray[np.float64],
    busy_fraction: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the chance at the points of one force: own units in order, guests while each of them is free.

    `power` holds the powers of the own force's fraction, `busy_fraction` the fraction of each force.
    """
    response = coverage.times.region.study.response
    travel = coverage.times.travel_ms[np.ix_(ways.station, here)].astype(np.int64)
    reached = travel != UNREACHABLE
    cost = np.where(reached, travel + response.fixed_ms + ways.delay_ms[:, None], _FAR)
    within = reached & ((travel if response.clock == "travel" else cost) <= limit)
    own = ways.own
    near_own = (within[own] * ways.units[own, None]).sum(axis=0)
    chance: NDArray[np.float64] = 1 - power[near_own]
    helped = np.flatnonzero(within[~own].any(axis=0))
    if not len(helped):
        return chance
    guests = _Guests(ways, cost[:, helped], within[:, helped], busy_fraction[ways.responder])
    cost, beyond, more = cost[:, helped], (reached & ~within)[:, helped], chance[helped]
    busy = near_own[helped]
    rows, columns = np.flatnonzero(own), np.arange(len(helped))
    for rank in np.argsort(cost[own], axis=0, kind="stable"):
        row = rows[rank]
        count = np.where(beyond[row, columns], ways.units[row], 0)
        at_work = power[busy] - power[busy + count]
        more = more + at_work * guests.chance(guests.opens_at <= cost[row, columns])
        busy = busy + count
    # Mutual aid needs own units that are all at work; where there are none it never comes.
    anyone = guests.reached & (~guests.when_busy | (busy > 0))
    chance[helped] = more + power[busy] * guests.chance(anyone)
    return chance


class _Guests:
    """Units of other forces at some points, the quickest first, as far as any of them is within the target.

    Arrays have shape (ranks, points).
    """

    def __init__(
        self, ways: Ways, cost: NDArray[np.int64], within: NDArray[np.bool_], busy: NDArray[np.float64]
    ) -> None:
        guest = np.flatnonzero(~ways.own)
        order = np.argsort(cost[guest], axis=0, kind="stable")
        within = np.take_along_axis(within[guest], order, axis=0)
        order = order[: np.flatnonzero(within.any(axis=1))[-1] + 1]
        way = guest[order]
        columns = np.arange(cost.shape[1])
        self.within = within[: len(order)]
        self.units = ways.units[way]
        self.busy = busy[way]
        self.when_busy = ways.when_busy[way]
        self.reached = cost[way, columns] < _FAR
        # The nearest own unit that is free must be at least this far before the guest may come.
        self.opens_at = np.where(self.when_busy, _FAR, cost[way, columns] + ways.min_gain_ms[way])

    def chance(self, may_come: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the chance that the first free guest of those that may come is within the target."""
        found = np.zeros(may_come.shape[1])
        all_busy = np.ones(may_come.shape[1])
        for rank, allowed in enumerate(may_come):
            count = np.where(allowed, self.units[rank], 0)
            nearer = all_busy
            # unit by unit, so that equal fractions give the bits of their powers
            for unit in range(int(count.max(initial=0))):
                all_busy = np.where(unit < count, all_busy * self.busy[rank], all_busy)
            found = found + np.where(self.within[rank], nearer - all_busy, 0.0)
        return found
