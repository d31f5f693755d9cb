"""The hypercube approximation (Larson 1975): how busy each of many units is that help each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import gammaln

from borderless.analysis.busy.hypercube import busy_units
from borderless.errors import BorderlessError

TOLERANCE = 1e-6
MOST_ROUNDS = 500
_NEVER_FREE = 1 - 1e-9
_NEGLIGIBLE = 1e-8


@dataclass(frozen=True)
class Area:
    """Points whose calls the same units may answer, each in its own order.

    Parameters
    ----------
    source
        Number of the caller that the points belong to, such as a force.
    share
        Share of the source's calls that each point makes, shape (points,).
    unit
        Number of the unit asked first, second, …, shape (ranks, points); ranks that hardly ever matter may be
        left out.
    service_h
        Hours that a call keeps it busy, same shape.
    members
        Every unit that may answer, at least one, those of ranks that were left out included.
    teams
        Where the units are of several forces: the members by force, and how many of each were asked before
        the unit of each rank, shape (ranks, points). None: one force.
    """

    source: int
    share: NDArray[np.float64]
    unit: NDArray[np.int64]
    service_h: NDArray[np.float64]
    members: NDArray[np.int64]
    teams: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...] = ()


@dataclass(frozen=True)
class Settled:
    """How work has settled on the units.

    Parameters
    ----------
    workload
        The share of the time each unit is busy, shape (units,).
    answered
        For each area, the share of a point's calls that the unit of each rank answers without waiting, shape
        (ranks, points); the rest waits.
    waits
        For each area, the share of calls that find every unit busy.
    rates
        For each source, calls an hour.
    """

    workload: NDArray[np.float64]
    answered: tuple[NDArray[np.float64], ...]
    waits: NDArray[np.float64]
    rates: NDArray[np.float64]


def corrections(units: int, workload: float) -> NDArray[np.float64]:
    """Return Q(N, ρ, k) for k = 0…N−1: what Πρ · (1 − ρ) must be multiplied by to be right for equal units.

    The product takes units to be busy independently. In a queue of calls that units share they are not, and
    this is how wrong it is for N equal ones, of which k are asked in vain and the next one goes.

    Examples
    --------
    >>> corrections(3, 0.5).round(5).tolist()  # as printed in Larson and Odoni (1981), section 5.5.3
    [1.0, 0.73684, 0.63158]
    """
    if workload <= 0:
        return np.ones(units)
    alike: NDArray[np.float64] = -np.diff(_all_busy(units, workload))
    return alike / (workload ** np.arange(units) * (1 - workload))


def enough_ranks(units: int, workload: float) -> int:
    """Return how many units need be asked in turn; a free one is found later for less than 1 call in 10⁸."""
    vain = _all_busy(units, workload)
    return max(1, int(np.count_nonzero(vain[:-1] - vain[-1] > _NEGLIGIBLE)))


def settle(
    areas: Sequence[Area],
    units: int,
    amount: NDArray[np.float64],
    *,
    amount_is_work: bool = False,
    tolerance: float = TOLERANCE,
) -> Settled:
    """Find how busy every unit is when calls go to the first free unit and wait while none is free.

    A unit's work depends on how busy the others are, and theirs on how busy it is; both are put right in turn
    until nothing changes. In areas that share no unit this is done apart, as it would be for each alone. An
    area that some units serve who have other areas as well is judged by the mean workload of its own units.

    Parameters
    ----------
    areas
        Where calls come from.
    units
        How many units there are.
    amount
        Calls an hour of each source.
    amount_is_work
        `amount` is unit-hours of work an hour instead; calls are as many as make that much.
    tolerance
        The largest change of a workload from one round to the next that counts as none.

    Raises
    ------
    BorderlessError
        When units have more work than time, or nothing settles.

    References
    ----------
    Larson, R. C. (1975). Approximating the performance of urban emergency service systems. Operations
    Research 23 (5), 845-868. Service times that depend on unit and place: Jarvis, J. P. (1985).
    Approximating the equilibrium behavior of multi-server loss systems. Management Science 31 (2), 235-239.
    """
    group = _groups(areas, units)
    size = np.bincount(group, minlength=units).clip(1)
    home = np.array([group[area.members[0]] for area in areas], dtype=np.int64)
    source = np.array([area.source for area in areas], dtype=np.int64)
    waiting_h = [_waiting_h(area, units) for area in areas]
    busy, change = np.zeros(units), np.inf
    for turn in range(MOST_ROUNDS):
        found = [_asked(area, busy) for area in areas]
        hours = np.array([_call_h(*part) for part in zip(areas, found, waiting_h, strict=True)])
        call_h = np.bincount(source, weights=hours, minlength=len(amount))
        made = np.divide(amount, call_h, out=np.zeros(len(amount)), where=call_h > 0)
        rates = made if amount_is_work else amount
        mean = np.bincount(home, weights=rates[source] * hours, minlength=units) / size
        if mean.max(initial=0.0) >= _NEVER_FREE:
            msg = f"units would have to work {100 * mean.max():.0f} % of the time"
            raise BorderlessError(f"{msg}; lower the busy fraction or add units")
        after = _after(areas, found, rates, waiting_h, units) if turn else mean[group]
        after = _scaled(after, mean, group)
        change = float(np.abs(after - busy).max(initial=0.0))
        busy = after
        if turn and change <= tolerance:
            answered = tuple(part.answered for part in found)
            return Settled(busy, answered, np.array([part.waits for part in found]), rates)
    msg = f"workloads did not settle in {MOST_ROUNDS} rounds, they still move by {change:.1g}"
    raise BorderlessError(f"{msg}; lower the busy fraction or add units")


@dataclass(frozen=True)
class _Asked:
    """What becomes of the calls of an area at some workloads.

    `asked` is the chance that all units before are busy, corrected; times the chance that the unit is free it
    is the chance that it goes. `answered` is that, made to sum to 1 − `waits` at every point.
    """

    asked: NDArray[np.float64]
    answered: NDArray[np.float64]
    waits: float


def _asked(area: Area, busy: NDArray[np.float64]) -> _Asked:
    number, mean = len(area.members), float(busy[area.members].mean())
    here = busy[area.unit]
    before = np.ones(here.shape)
    np.cumprod(here[:-1], axis=0, out=before[1:])
    asked = corrections(number, mean)[: len(here), None] * before
    if area.teams:
        asked = np.maximum(asked, _by_team(area, busy) * before)
    waits = float(_all_busy(number, mean)[-1])
    # The first unit goes whenever it is free, which is exact; the others share what is left of 1 − waits.
    answered = asked * (1 - here)
    answered[0] = np.minimum(answered[0], 1 - waits)
    others = answered[1:].sum(axis=0)
    left = 1 - waits - answered[0]
    answered[1:] *= np.divide(left, others, out=np.zeros(len(others)), where=others > 0)
    return _Asked(asked, answered, waits)


def _by_team(area: Area, busy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return corrections for forces that are each taken as a system of its own, independent of the others.

    Units of a force that has much to do are busy together more often than the mean workload of all says.
    Both ways of reckoning leave some dependence out, so that the larger correction is nearer to the truth.
    """
    factor = np.ones(area.unit.shape)
    for members, before in area.teams:
        mean = min(float(busy[members].mean()), _NEVER_FREE)
        vain = _all_busy(len(members), mean)
        goes = np.append(corrections(len(members), mean), 1.0)
        together = np.divide(vain, mean ** np.arange(len(vain)), out=np.ones(len(vain)), where=mean > 0)
        factor *= np.where(np.isin(area.unit, members), goes[before], together[before])
    return factor


def _after(
    areas: Sequence[Area],
    found: Sequence[_Asked],
    rates: NDArray[np.float64],
    waiting_h: Sequence[NDArray[np.float64]],
    units: int,
) -> NDArray[np.float64]:
    """Return workloads: ρ = (1 − ρ) V + W, the work that finds a unit free and its part of the queue."""
    free, queued = np.zeros(units), np.zeros(units)
    for area, part, hours in zip(areas, found, waiting_h, strict=True):
        rate = rates[area.source]
        weight = rate * area.share * part.asked * area.service_h
        free += np.bincount(area.unit.ravel(), weights=weight.ravel(), minlength=units)
        queued += rate * part.waits * hours
    after: NDArray[np.float64] = (free + queued) / (1 + free)
    return after


def _scaled(
    busy: NDArray[np.float64], mean: NDArray[np.float64], group: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return workloads whose mean in each group of units is what the group's calls make."""
    size = np.bincount(group, minlength=len(busy))
    total = np.bincount(group, weights=busy, minlength=len(busy))
    factor = np.divide(mean * size, total, out=np.ones(len(busy)), where=total > 0)
    return np.minimum(busy * factor[group], _NEVER_FREE)


def _groups(areas: Sequence[Area], units: int) -> NDArray[np.int64]:
    """Return a number for each unit, the same for units that share an area, directly or through others."""
    links = [(int(area.members[0]), int(unit)) for area in areas for unit in area.members]
    tail, head = np.array(links, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(tail)), (tail, head)), shape=(units, units))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _waiting_h(area: Area, units: int) -> NDArray[np.float64]:
    """Return the hours that waiting calls of an area would give each unit: they go to any of them alike."""
    weight = np.broadcast_to(area.share, area.unit.shape).ravel()
    unit, service_h = area.unit.ravel(), area.service_h.ravel()
    total = np.bincount(unit, weights=weight, minlength=units)
    work = np.bincount(unit, weights=weight * service_h, minlength=units)
    # units whose ranks were left out are taken to be as far as the others are on average
    usual = work.sum() / total.sum() if total.sum() > 0 else 0.0
    mean = np.divide(work, total, out=np.full(units, usual), where=total > 0)
    hours = np.zeros(units)
    hours[area.members] = area.share.sum() * mean[area.members] / len(area.members)
    return hours


def _call_h(area: Area, part: _Asked, waiting_h: NDArray[np.float64]) -> float:
    """Return the hours of work that a call of the source makes in the area on average."""
    at_once = float((area.share * part.answered * area.service_h).sum())
    return at_once + part.waits * float(waiting_h.sum())


def _all_busy(units: int, workload: float) -> NDArray[np.float64]:
    """Return the chance that the first 0, 1, … N of some equal units are all busy, shape (units + 1,)."""
    chance = busy_units(units, units * workload)
    busy, asked = np.arange(units + 1), np.arange(units + 1)[:, None]
    rest = np.maximum(busy - asked, 0)
    ways = gammaln(units - asked + 1) + gammaln(busy + 1) - gammaln(rest + 1) - gammaln(units + 1)
    share = np.where(busy >= asked, np.exp(np.minimum(ways, 0.0)), 0.0)
    vain: NDArray[np.float64] = share @ chance
    return vain
