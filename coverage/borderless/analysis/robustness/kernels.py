"""The compiled heart of a draw: who answers each point first, how likely, and the sums over points."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from borderless.roads.network import UNREACHABLE

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

_NEVER = int(UNREACHABLE)
_FAR = np.iinfo(np.int64).max // 4
#: No weight, hence no median.
NO_MEDIAN = -1


@njit(cache=True, nogil=True)
def answered(
    travel_ms: NDArray[np.int32],
    force: NDArray[np.int32],
    limit_ms: Int,
    first_way: Int,
    ways: tuple[Int, Int, Int, Bool, Int, Bool],
    fixed_ms: int,
    by_travel: bool,
    power: Float,
) -> tuple[NDArray[np.int32], Float]:
    """Return the judged time and the chance of an answer in time, point by point.

    The same as :func:`borderless.analysis.coverage.cover` and
    :func:`borderless.analysis.busy.busy.expected_cover`, to the last bit, with what they compute twice done
    once.

    Parameters
    ----------
    travel_ms
        Stations × points.
    force
        Row of each point's force, -1 in gaps, shape (points,).
    limit_ms
        The standard target at each point, shape (points,).
    first_way
        Where the ways to each force begin, shape (forces + 1,).
    ways
        Station, hand-over, necessary gain, own, units and when_busy of each way; see `Ways`.
    fixed_ms, by_travel
        Call handling with turnout; whether the clock counts driving alone.
    power
        Powers of the busy fraction.

    Returns
    -------
    clock_ms
        int32, ``UNREACHABLE`` where nobody comes.
    chance
        float64, 0 to 1.
    """
    station, delay_ms, gain_ms, own, units, when_busy = ways
    points = len(force)
    clock = np.full(points, _NEVER, dtype=np.int32)
    chance = np.zeros(points)
    most = 0
    for f in range(len(first_way) - 1):
        most = max(most, first_way[f + 1] - first_way[f])
    cost = np.empty(most, dtype=np.int64)
    within = np.empty(most, dtype=np.bool_)
    order = np.empty((2, most), dtype=np.int64)
    for p in range(points):
        if force[p] < 0:
            continue
        begin, end = first_way[force[p]], first_way[force[p] + 1]
        own_best, near_own, last_guest = _FAR, 0, -1
        for w in range(begin, end):
            travel = np.int64(travel_ms[station[w], p])
            i = w - begin
            cost[i] = _FAR if travel == _NEVER else travel + fixed_ms + delay_ms[w]
            within[i] = travel != _NEVER and (travel if by_travel else cost[i]) <= limit_ms[p]
            if own[w]:
                own_best = min(own_best, cost[i])
                near_own += units[w] if within[i] else 0
            elif within[i]:
                last_guest = max(last_guest, cost[i])
        best, first = -1, _FAR
        for w in range(begin, end):
            i = w - begin
            enough = gain_ms[w] == 0 or cost[i] + gain_ms[w] <= own_best
            if cost[i] < first and enough and not when_busy[w]:
                best, first = w, cost[i]
        if best >= 0:
            clock[p] = travel_ms[station[best], p] if by_travel else min(first, _NEVER)
        chance[p] = 1 - power[near_own]
        if last_guest >= 0:
            # a guest that comes after every guest in time makes no difference
            own_count = _ranked(order[0], cost, within, own[begin:end], True, _FAR - 1)
            guest_count = _ranked(order[1], cost, within, own[begin:end], False, last_guest)
            shown = (cost, within, gain_ms[begin:end], units[begin:end], when_busy[begin:end])
            chance[p] = _with_guests(
                chance[p], near_own, order[0, :own_count], order[1, :guest_count], *shown, power
            )
    return clock, chance


@njit(cache=True, nogil=True)
def _ranked(order: Int, cost: Int, within: Bool, own: Bool, wanted: bool, most: int) -> int:
    """Put the ways of one kind that cost no more than `most` in order; of the own ones, those too late."""
    count = 0
    for i in range(len(own)):
        if own[i] != wanted or cost[i] > most or (wanted and within[i]):
            continue
        at = count
        while at > 0 and cost[order[at - 1]] > cost[i]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = i
        count += 1
    return count


@njit(cache=True, nogil=True)
def _with_guests(
    chance: float,
    busy: int,
    late_own: Int,
    guests: Int,
    cost: Int,
    within: Bool,
    gain_ms: Int,
    units: Int,
    when_busy: Bool,
    power: Float,
) -> float:
    """Return the chance with guests: before each own unit that would be late, and when none is left."""
    for way in late_own:
        at_work = power[busy] - power[busy + units[way]]
        found, ahead = 0.0, 0
        for guest in guests:
            if when_busy[guest] or cost[guest] + gain_ms[guest] > cost[way]:
                continue
            if within[guest]:
                found += power[ahead] - power[ahead + units[guest]]
            ahead += units[guest]
        chance += at_work * found
        busy += units[way]
    found, ahead = 0.0, 0
    for guest in guests:
        if when_busy[guest] and busy == 0:
            continue
        if within[guest]:
            found += power[ahead] - power[ahead + units[guest]]
        ahead += units[guest]
    return float(chance + power[busy] * found)


@njit(cache=True, nogil=True)
def tallied(
    clock_ms: NDArray[np.int32],
    chance: Float,
    order: Int,
    rows: Int,
    limits_ms: Int,
    weights: Int,
    total: Int,
) -> tuple[Int, Float, Int]:
    """Return covered weight, expected weight and median time by group.

    Parameters
    ----------
    clock_ms, chance
        Of each point, as :func:`answered` returns them.
    order
        The points by time.
    rows
        The groups that each point counts in, -1 for none, shape (points, 3).
    limits_ms
        Shape (targets, points).
    weights
        Shape (measures, points).
    total
        First measure by group, shape (groups,).

    Returns
    -------
    covered
        int64, shape (groups, measures, targets).
    expected
        float64, within the first target, shape (groups, measures).
    median_ms
        int64, of the first measure, shape (groups,); ``UNREACHABLE``, or ``NO_MEDIAN`` without weight.
    """
    count, measures, targets = len(total), len(weights), len(limits_ms)
    covered = np.zeros((count, measures, targets), dtype=np.int64)
    expected = np.zeros((count, measures))
    for p in range(len(clock_ms)):
        for group in rows[p]:
            if group < 0:
                continue
            for m in range(measures):
                expected[group, m] += weights[m, p] * chance[p]
                for t in range(targets):
                    if clock_ms[p] <= limits_ms[t, p] and clock_ms[p] != _NEVER:
                        covered[group, m, t] += weights[m, p]
    median = np.full(count, NO_MEDIAN, dtype=np.int64)
    reached = np.zeros(count, dtype=np.int64)
    for p in order:
        for group in rows[p]:
            if group >= 0 and median[group] == NO_MEDIAN and total[group] > 0:
                reached[group] += weights[0, p]
                if 100 * reached[group] >= 50 * total[group]:
                    median[group] = clock_ms[p]
    return covered, expected, median
