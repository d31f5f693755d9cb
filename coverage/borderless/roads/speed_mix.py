"""How the time on each street divides over speed classes, and what other speeds make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from borderless.errors import BorderlessError
from borderless.roads.arrays import FloatArray, Int64Array
from borderless.study.defaults import JUNCTION, TIME_CLASSES

#: The key of a factor on every class, and on streets of unknown class.
ALL = "all"


@dataclass(frozen=True, eq=False)
class SpeedMix:
    """Which speed classes s streets consist of.

    Parameters
    ----------
    share
        Share of the time in each class of :data:`TIME_CLASSES`, one row for each mix that occurs, float64,
        shape (mixes, classes); what a row lacks to 1 is of unknown class.
    row
        The row of `share` for each street along and against its line, -1 where the class is unknown,
        integers, shape (2, s).
    """

    share: FloatArray
    row: npt.NDArray[np.integer]

    @cached_property
    def known(self) -> tuple[str, ...]:
        """Return the classes that some street has a part in, in the order of :data:`TIME_CLASSES`."""
        used = np.unique(self.row)
        there = self.share[used[used >= 0]].max(axis=0, initial=0) > 0
        return tuple(TIME_CLASSES[place] for place in np.flatnonzero(there))

    def slowness(self, factor: Mapping[str, float]) -> FloatArray:
        """Return how many times as long each street takes along and against its line, shape (2, s).

        Parameters
        ----------
        factor
            How many times as fast each class is driven, and ``all``, which multiplies into every class and
            is all that streets of unknown class know; 1 where left out.

        Raises
        ------
        BorderlessError
            If a name is no class, or a factor is not a number above 0.
        """
        _refuse_wrong(factor)
        slower = np.array([1 / (factor.get(ALL, 1.0) * factor.get(name, 1.0)) for name in TIME_CLASSES])
        # as differences from an unknown class: shares that add up to 1 then need no last digit to do so
        unknown = 1 / factor.get(ALL, 1.0)
        of_mix = unknown + self.share @ (slower - unknown)
        # the row for -1 comes last
        found: FloatArray = np.append(of_mix, unknown)[self.row]
        return found


def junction_slowness(factor: Mapping[str, float]) -> float:
    """Return how many times as long is waited at junctions; `factor` as in :meth:`SpeedMix.slowness`."""
    _refuse_wrong(factor)
    return 1 / (factor.get(ALL, 1.0) * factor.get(JUNCTION, 1.0))


def unknown_mix(count: int) -> SpeedMix:
    """Return the mix of streets of which nothing is known."""
    return SpeedMix(np.empty((0, len(TIME_CLASSES))), np.full((2, count), -1))


def given_mixes(streets: pd.DataFrame) -> tuple[FloatArray, Int64Array]:
    """Return the shares of each mix that streets with times of their own name, and the mix of each street.

    Parameters
    ----------
    streets
        Whole percent of the time in each class as columns ``percent_built_up`` and so on, where they are
        known; a street without any is of unknown class, -1.
    """
    none = np.zeros(len(streets), dtype=np.int64)
    columns = [streets.get(f"percent_{name}", none) for name in TIME_CLASSES]
    percent, mix = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    known = percent.max(axis=1, initial=0) > 0
    return percent / 100, np.where(known[mix], mix, -1).astype(np.int64)


def slowed(travel_ms: Int64Array, slowness: FloatArray) -> Int64Array:
    """Return times made longer: whole ms, at least 1, and -1 where a street may not be driven at all."""
    longer = np.maximum(np.rint(travel_ms * slowness), 1).astype(np.int64)
    return np.where(travel_ms < 0, -1, longer)


def _refuse_wrong(factor: Mapping[str, float]) -> None:
    for name, value in factor.items():
        if name != ALL and name not in TIME_CLASSES:
            msg = f"{name!r} is not a class of roads → use {', '.join(TIME_CLASSES)} or {ALL}"
            raise BorderlessError(msg)
        if not (np.isfinite(value) and value > 0):
            msg = f"the factor {value} on the speed of {name} makes no sense → give a number above 0"
            raise BorderlessError(msg)
