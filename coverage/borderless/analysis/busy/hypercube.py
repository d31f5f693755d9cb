"""The hypercube queueing model (Larson 1974), exact: a few units that help each other, state by state."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

MOST_UNITS = 12


@dataclass(frozen=True)
class Hypercube:
    """How a few units share their calls in the long run.

    Parameters
    ----------
    workload
        The share of the time each unit is busy, shape (units,).
    dispatch
        The share of all calls that unit n answers at atom j, shape (units, atoms); without a queue, the calls
        that are lost are missing from the sum.
    waits
        The chance that a call has to wait; without a queue, that it is lost.
    at_once
        As `dispatch`, for the calls alone that are answered without waiting.
    """

    workload: NDArray[np.float64]
    dispatch: NDArray[np.float64]
    waits: float
    at_once: NDArray[np.float64]

    def mean_travel(self, travel: ArrayLike) -> float:
        """Return the mean travel of the calls that are answered; `travel` has the shape of `dispatch`."""
        return float((self.dispatch * np.asarray(travel)).sum() / self.dispatch.sum())


def hypercube(
    calls: ArrayLike, preference: ArrayLike, service: ArrayLike, *, queue: bool = True
) -> Hypercube:
    """Solve the hypercube model: each call goes to the first free unit in the order of its atom.

    Calls come by chance (Poisson), and the time a unit needs has an exponential distribution that does not
    depend on where it goes. With a queue, a call that finds all units busy waits its turn; without one, it is
    lost to another service.

    Parameters
    ----------
    calls
        Calls of each atom in a unit of time, shape (atoms,). Where the order of two units is a matter of
        chance, make two atoms of the place.
    preference
        The units in the order in which they are asked, shape (atoms, units); -1, at the end, for units that
        never come, which only a model without a queue allows.
    service
        Mean time that a call keeps a unit busy, one number or one for each unit.
    queue
        Whether calls wait.

    Raises
    ------
    ValueError
        When there are more than 12 units, when a queue would grow for ever, or when some unit never comes
        although calls wait.

    Examples
    --------
    One unit that works half of the time, and lets every second call wait:

    >>> one = hypercube([0.5], [[0]], 1.0)
    >>> float(one.workload[0]), round(one.waits, 12)
    (0.5, 0.5)

    References
    ----------
    Larson, R. C. (1974). A hypercube queuing model for facility location and redistricting in urban emergency
    services. Computers & Operations Research 1 (1), 67-95.
    """
    rate = np.asarray(calls, dtype=np.float64)
    order = np.asarray(preference, dtype=np.int64)
    units = order.shape[1]
    finishes = 1 / np.broadcast_to(np.asarray(service, dtype=np.float64), units)
    total, pace = float(rate.sum()), float(finishes.sum())
    if units > MOST_UNITS:
        msg = f"{units} units have too many states; the exact model takes up to {MOST_UNITS}"
        raise ValueError(msg)
    if queue and (order < 0).any():
        raise ValueError("where calls wait, every unit must come to every atom in the end")
    if queue and total >= pace:
        msg = f"{total:g} calls come where {pace:g} can be answered; the queue would grow for ever"
        raise ValueError(msg)
    busy = (np.arange(2**units)[:, None] >> np.arange(units)) & 1 == 1
    sent = np.array([_first_free(busy, row) for row in order])
    chance = _balance(busy, sent, rate, finishes)
    full = float(chance[-1])
    # Queues of 1, 2, … calls stand behind the state in which all are busy: a geometric row of further states.
    waiting = full * (total / pace) / (1 - total / pace) if queue else 0.0
    chance = chance / (1 + waiting)
    waiting = waiting / (1 + waiting)
    workload = chance @ busy + waiting
    at_once = np.zeros((units, len(rate)))
    for atom, row in enumerate(sent):
        free = row >= 0
        at_once[:, atom] = np.bincount(row[free], weights=chance[free], minlength=units) * rate[atom] / total
    waits = float(chance[-1] + waiting) if queue else 1 - float(at_once.sum())
    dispatch = at_once + waits * np.outer(finishes / pace, rate / total) if queue else at_once
    return Hypercube(workload, dispatch, waits, at_once)


def busy_units(units: int, load: float, *, queue: bool = True) -> NDArray[np.float64]:
    """Return the chance that 0, 1, … of some equal units are busy (M/M/N, or M/M/N/N without a queue).

    Parameters
    ----------
    units
        How many, N.
    load
        Calls times mean service time; below `units` where calls wait.
    queue
        Whether calls wait; then the last chance is that of all being busy, with or without calls waiting:
        Erlang's C. Without a queue it is Erlang's B.

    Returns
    -------
    numpy.ndarray
        Shape (units + 1,), with sum 1.

    Examples
    --------
    >>> busy_units(3, 1.5).round(6).tolist()  # 4/19, 6/19, 9/38 and, to have to wait, 9/38
    [0.210526, 0.315789, 0.236842, 0.236842]
    """
    number = np.arange(units + 1)
    if load <= 0:
        return np.where(number == 0, 1.0, 0.0)
    logs = number * math.log(load) - np.array([math.lgamma(n + 1) for n in number])
    weight = np.exp(logs - logs.max())
    if queue:
        weight[-1] /= 1 - load / units
    chance: NDArray[np.float64] = weight / weight.sum()
    return chance


def _first_free(busy: NDArray[np.bool_], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the unit that goes in each state, -1 where nobody can, shape (states,)."""
    order = order[order >= 0]
    if not len(order):
        return np.full(len(busy), -1)
    free = ~busy[:, order]
    return np.where(free.any(axis=1), order[free.argmax(axis=1)], -1)


def _balance(
    busy: NDArray[np.bool_],
    sent: NDArray[np.int64],
    rate: NDArray[np.float64],
    finishes: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the chance of each state, none waiting, from what comes in and what goes out of it."""
    states, units = busy.shape
    state = np.arange(states)
    source, target, flow = [], [], []
    for atom, row in enumerate(sent):
        here = state[row >= 0]
        source.append(here)
        target.append(here + 2 ** row[row >= 0])
        flow.append(np.full(len(here), rate[atom]))
    for unit in range(units):
        here = state[busy[:, unit]]
        source.append(here)
        target.append(here - 2**unit)
        flow.append(np.full(len(here), finishes[unit]))
    tail, head, moved = np.concatenate(source), np.concatenate(target), np.concatenate(flow)
    out = np.bincount(tail, weights=moved, minlength=states)
    rows, columns = np.concatenate([head, state]), np.concatenate([tail, state])
    values = np.concatenate([moved, -out])
    # One balance follows from the others; in its place stands that the empty state weighs 1.
    kept = rows != 0
    rows, columns, values = (np.append(a[kept], b) for a, b in ((rows, 0), (columns, 0), (values, 1.0)))
    right = np.zeros(states)
    right[0] = 1.0
    weight = spsolve(coo_array((values, (rows, columns)), shape=(states, states)).tocsc(), right)
    return np.asarray(weight / weight.sum(), dtype=np.float64)
