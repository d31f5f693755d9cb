"""What every coalition of forces is worth, how its gain is shared fairly, and who should be asked next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.alliance.levers import TOGETHER, covered_sums
from borderless.analysis.alliance.shapley import shapley_values
from borderless.analysis.compare import PARTNERS
from borderless.analysis.coverage import ALL, cover, forces_and_all
from borderless.analysis.times import ResponseTimes
from borderless.executor import map_threads
from borderless.study.model import Study
from borderless.study.policy import ALLIANCE, Scenario

MOST_FORCES = 12
ORDERS = 200
_SEED = 1


@dataclass(frozen=True)
class Game:
    """What coalitions of a study's forces gain over no alliance at all.

    Parameters
    ----------
    times, scenario
        What was asked; the scenario says how partners work together.
    forces
        The players, in the order of the study; a coalition is a tuple of them in that order.
    homes
        Where people live: the forces, and ``none`` where gaps between areas hold points.
    gains
        Coalition → whole units gained, shape (homes, measures, targets). Coalitions that were not visited
        are missing.
    alone
        Covered without any alliance, of the same shape.
    orders
        Orders of joining that were drawn where there are too many coalitions to visit all; else empty.
    """

    times: ResponseTimes
    scenario: Scenario
    forces: tuple[str, ...]
    homes: tuple[str, ...]
    gains: Mapping[tuple[str, ...], NDArray[np.int64]]
    alone: NDArray[np.int64]
    orders: tuple[tuple[str, ...], ...] = ()

    @property
    def study(self) -> Study:
        """Return the study that was asked."""
        return self.times.region.study

    def coalition(self, members: Collection[str]) -> tuple[str, ...]:
        """Return a coalition's name among `gains`."""
        return tuple(force for force in self.forces if force in members)

    def gain(self, members: Collection[str]) -> NDArray[np.int64]:
        """Return what a visited coalition gains, shape (homes, measures, targets)."""
        return self.gains[self.coalition(members)]

    def values(self, players: Sequence[str]) -> NDArray[np.int64]:
        """Return gains of all coalitions of some players, shape (2^players, homes, measures, targets).

        Raises
        ------
        KeyError
            When one of them was not visited.
        """
        return np.array([self.gain(members) for members in subsets(players)])

    def kinds(self) -> list[tuple[int, str, int, str]]:
        """Return every (row of measure, its name, row of target, its name)."""
        study = self.study
        return [
            (m, measure.name, t, target.name)
            for m, measure in enumerate(study.measures)
            for t, target in enumerate(study.response.targets)
        ]


def subsets(players: Sequence[str]) -> list[tuple[str, ...]]:
    """Return every coalition; the players in the r-th are those whose bit is set in r."""
    return [
        tuple(player for bit, player in enumerate(players) if row >> bit & 1)
        for row in range(1 << len(players))
    ]


def coalition_game(
    times: ResponseTimes,
    scenario: Scenario = ALLIANCE,
    *,
    also: Iterable[Collection[str]] = (),
    most_forces: int = MOST_FORCES,
    on_coalition: Callable[[str], None] = lambda _: None,
) -> Game:
    """Ask what every coalition gains; beyond `most_forces`, those met in drawn orders of joining.

    Parameters
    ----------
    times
        Travel times of a region.
    scenario
        How partners work together.
    also
        Coalitions to visit in any case.
    most_forces
        Up to so many forces all 2^n coalitions are visited; beyond, the coalitions of :data:`ORDERS` orders
        (always the same ones), those the alliance is a step away from, and `also`.
    on_coalition
        Called with a coalition's name when its turn comes.
    """
    study = times.region.study
    forces = study.force_names
    orders: tuple[tuple[str, ...], ...] = ()
    if len(forces) <= most_forces:
        asked = subsets(forces)
    else:
        draw = np.random.default_rng(_SEED)
        orders = tuple(tuple(draw.permutation(forces).tolist()) for _ in range(ORDERS))
        met = [order[:length] for order in orders for length in range(len(forces) + 1)]
        asked = [*met, *_a_step_away(study), *(tuple(members) for members in also)]
    coalitions = list(dict.fromkeys(tuple(f for f in forces if f in members) for members in asked))
    groups = [(force, here) for force, here in forces_and_all(times) if force != ALL]

    def covered(members: tuple[str, ...]) -> NDArray[np.int64]:
        on_coalition(coalition_name(members))
        allied = replace(times.region, study=study.with_alliance(members))
        return covered_sums(cover(ResponseTimes(allied, times.travel_ms), scenario), groups)

    sums = dict(zip(coalitions, map_threads(covered, coalitions), strict=True))
    alone = sums[()]
    gains = {members: found - alone for members, found in sums.items()}
    return Game(times, scenario, forces, tuple(home for home, _ in groups), gains, alone, orders)


def coalition_name(members: Sequence[str]) -> str:
    """Return a coalition as one name; nobody is the empty one."""
    return TOGETHER.join(members)


def coalitions_table(game: Game) -> pd.DataFrame:
    """Return what each visited coalition covers and gains.

    Returns
    -------
    DataFrame
        coalition (names joined by `` + ``), size, measure, target; in whole units of the measure's column,
        for the people of all forces: covered, gain (over no alliance). Smaller coalitions come first.
    """
    order = sorted(game.gains, key=lambda members: (len(members), [game.forces.index(f) for f in members]))
    alone = game.alone.sum(axis=0)
    rows = []
    for members in order:
        gain = game.gains[members].sum(axis=0)
        name = coalition_name(members)
        rows += [
            (name, len(members), measure, target, int(alone[m, t] + gain[m, t]), int(gain[m, t]))
            for m, measure, t, target in game.kinds()
        ]
    return pd.DataFrame(rows, columns=["coalition", "size", "measure", "target", "covered", "gain"])


def shapley_table(game: Game) -> pd.DataFrame:
    """Return how the gain of all is shared fairly: each force's mean marginal gain (Shapley 1953).

    Returns
    -------
    DataFrame
        among (``alliance``: the partners share what the alliance gains; ``all``: every force of the study
        shares what all together would gain), force, measure, target; in whole units of the measure's
        column, as floats: value, home (of it, for people in its own area), given (for people elsewhere);
        share (of the whole; missing where the whole is 0), error (standard error of `value` where orders
        were drawn; 0 where all were). From drawn orders only ``all`` is told.
    """
    groups = {PARTNERS: game.study.alliance, ALL: game.forces}
    rows = []
    for among, players in groups.items():
        if game.orders and among == PARTNERS:
            continue
        value, error = _sampled(game) if game.orders else _exact(game, players)
        whole = game.gain(players).sum(axis=0)
        for p, force in enumerate(players):
            home = game.homes.index(force)
            for m, measure, t, target in game.kinds():
                total = float(value[p, :, m, t].sum())
                own = float(value[p, home, m, t])
                share = total / int(whole[m, t]) if whole[m, t] else np.nan
                rows.append(
                    (among, force, measure, target, total, own, total - own, share, float(error[p, m, t]))
                )
    columns = ["among", "force", "measure", "target", "value", "home", "given", "share", "error"]
    return pd.DataFrame(rows, columns=columns)


def asked_next(game: Game) -> pd.DataFrame:
    """Return what is forgone because forces stay outside, and who should be asked to join next.

    Returns
    -------
    DataFrame
        force (each outside, if it alone joined; then ``all``: all of them together), measure, target; in
        whole units of the measure's column: gain (over the alliance as it is), own (of it, for people of
        those who join), others (for everyone else); rank (1: most gain; ties by name; missing for ``all``).
        No rows where nobody is outside.
    """
    alliance, outside = game.study.alliance, game.study.forces.outside
    joined = {force: (*alliance, force) for force in outside}
    changes = {force: game.gain(members) - game.gain(alliance) for force, members in joined.items()}
    if outside:
        changes[ALL] = game.gain(game.forces) - game.gain(alliance)
    return _ranked(game, changes, "gain", {ALL: outside})


def most_missed(game: Game) -> pd.DataFrame:
    """Return which partner would be missed most if it left and the others stayed together.

    Returns
    -------
    DataFrame
        force (each partner), measure, target; in whole units of the measure's column: loss, own (of it, for
        the leaver's people), others; rank (1: most loss; ties by name).
    """
    alliance = game.study.alliance
    changes = {
        force: game.gain(alliance) - game.gain([other for other in alliance if other != force])
        for force in alliance
    }
    return _ranked(game, changes, "loss", {})


def _a_step_away(study: Study) -> list[tuple[str, ...]]:
    alliance = study.alliance
    fewer = [tuple(other for other in alliance if other != force) for force in alliance]
    return [(), alliance, study.force_names, *fewer, *((*alliance, force) for force in study.forces.outside)]


def _exact(game: Game, players: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return values, shape (players, homes, measures, targets), and their error, which is none."""
    values = game.values(players)
    shares = shapley_values(values.reshape(len(values), -1))
    shape = (len(players), *values.shape[1:])
    found = np.array([[float(share) for share in player] for player in shares]).reshape(shape)
    return found, np.zeros((len(players), *shape[2:]))


def _sampled(game: Game) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean marginal gains over the drawn orders, as `_exact` does, and standard errors."""
    draws = np.zeros((len(game.orders), len(game.forces), *game.alone.shape))
    for row, order in enumerate(game.orders):
        steps = [game.gain(order[:length]) for length in range(len(order) + 1)]
        for force, (before, after) in zip(order, pairwise(steps), strict=True):
            draws[row, game.forces.index(force)] = after - before
    error = draws.sum(axis=2).std(axis=0, ddof=1) / np.sqrt(len(draws))
    return draws.mean(axis=0), error


def _ranked(
    game: Game,
    changes: Mapping[str, NDArray[np.int64]],
    column: str,
    together: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    rows = []
    for m, measure, t, target in game.kinds():
        total = {force: int(change[:, m, t].sum()) for force, change in changes.items()}
        singles = sorted((force for force in changes if force not in together), key=lambda f: (-total[f], f))
        for rank, force in enumerate([*singles, *together], start=1):
            if force not in changes:
                continue
            homes = [game.homes.index(name) for name in together.get(force, [force])]
            own = int(changes[force][homes, m, t].sum())
            numbered = None if force in together else rank
            rows.append((force, measure, target, total[force], own, total[force] - own, numbered))
    columns = ["force", "measure", "target", column, "own", "others", "rank"]
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    return table.astype(dict.fromkeys((column, "own", "others"), np.int64))
