"""Tipping values: how far one setting must go, all others as in the study, before a conclusion turns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.robustness.bench import Bench, Outcome
from borderless.analysis.robustness.conclusions import Conclusion, verdicts, whole
from borderless.analysis.robustness.ranges import Range, base_values

Ask = Callable[[NDArray[np.float64]], Outcome]
# Settings, and how many steps from the study's value.
_Spot = tuple[int, int]
_COLUMNS = ["setting", "unit", "base", "below", "above", "verdict_below", "verdict_above"]


def tipping_frame(
    bench: Bench, base: Outcome, drawn: Outcome, ask: Ask, *, look: bool = True
) -> pd.DataFrame:
    """Return at which value of each setting the headline conclusions turn that do not hold in every draw.

    From the study's value, each setting alone is moved to either end of its range in whole steps; where the
    verdict is another there, the first step at which it is another is found by halving. A verdict that turns
    and turns back before the end is not seen.

    Parameters
    ----------
    bench, base, drawn
        Under the study's own settings, and the draws.
    ask
        Returns the outcome of rows of values.
    look
        False: look for none, and return a frame without rows.

    Returns
    -------
    DataFrame
        As described in :class:`borderless.analysis.robustness.robustness.Robustness`.
    """
    own = {v.about: str(v.said[0]) for v in verdicts(bench, whole(base), headline=True)}
    drawn_anew = verdicts(bench, drawn, headline=True) if look else ()
    unsure = [v.about for v in drawn_anew if (v.said != own[v.about]).any()]
    known = _Known(bench, ask, own)
    searches = [
        _Search(about, i, far)
        for about in unsure
        for i, one in enumerate(bench.ranges)
        for far in steps(one)
        if far
    ]
    known.learn((search.setting, search.turned) for search in searches)
    open_ = [search for search in searches if known.turns(search.about, (search.setting, search.turned))]
    found = open_
    while open_:
        known.learn((search.setting, search.middle) for search in open_)
        for search in open_:
            search.halve(known.turns(search.about, (search.setting, search.middle)))
        open_ = [search for search in open_ if abs(search.turned - search.holds) > 1]
    return _frame(bench, unsure, own, known, found)


def steps(one: Range) -> tuple[int, int]:
    """Return how many whole steps fit between the study's value and the ends of its range: ≤ 0 and ≥ 0."""
    below = math.floor((one.base - one.low) / one.step + 1e-9)
    above = math.floor((one.high - one.base) / one.step + 1e-9)
    return -max(0, below), max(0, above)


def stepped(one: Range, count: int) -> float:
    """Return the value that lies so many steps from the study's."""
    return round(one.base + count * one.step, 9)


@dataclass
class _Search:
    """Where one conclusion turns with one setting: between a step at which it holds and one at which not."""

    about: Conclusion
    setting: int
    turned: int
    holds: int = 0

    @property
    def middle(self) -> int:
        return (self.holds + self.turned) // 2 if self.turned > 0 else -((-self.holds - self.turned) // 2)

    def halve(self, turns: bool) -> None:
        if turns:
            self.turned = self.middle
        else:
            self.holds = self.middle


class _Known:
    """The verdicts at the spots that were asked so far."""

    def __init__(self, bench: Bench, ask: Ask, own: dict[Conclusion, str]) -> None:
        self._bench, self._ask, self._own = bench, ask, own
        self._said: dict[_Spot, dict[Conclusion, str]] = {}

    def learn(self, spots: Iterable[_Spot]) -> None:
        """Ask about the spots that are not known yet, all at once."""
        new = sorted({spot for spot in spots if spot[1] and spot not in self._said})
        if not new:
            return
        values = np.tile(base_values(self._bench.ranges), (len(new), 1))
        for row, (i, count) in enumerate(new):
            values[row, i] = stepped(self._bench.ranges[i], count)
        found = list(verdicts(self._bench, self._ask(values), headline=True))
        for row, spot in enumerate(new):
            self._said[spot] = {verdict.about: str(verdict.said[row]) for verdict in found}

    def said(self, about: Conclusion, spot: _Spot) -> str:
        return self._said[spot][about] if spot[1] else self._own[about]

    def turns(self, about: Conclusion, spot: _Spot) -> bool:
        return self.said(about, spot) != self._own[about]


def _frame(
    bench: Bench,
    unsure: list[Conclusion],
    own: dict[Conclusion, str],
    known: _Known,
    found: list[_Search],
) -> pd.DataFrame:
    turned = {(search.about, search.setting, search.turned > 0): search.turned for search in found}
    rows = []
    for about in unsure:
        for i, one in enumerate(bench.ranges):
            values, said = [], []
            for side in (False, True):
                count = turned.get((about, i, side))
                values.append(math.nan if count is None else stepped(one, count))
                said.append("" if count is None else known.said(about, (i, count)))
            rows.append((*astuple(about), own[about], one.key, one.unit, one.base, *values, *said))
    names = [field.name for field in fields(Conclusion)]
    return pd.DataFrame(rows, columns=[*names, "verdict", *_COLUMNS])
