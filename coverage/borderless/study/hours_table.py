"""How the day differs from hour to hour: factors on speeds, and how calls spread over it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from borderless.study.defaults import TIME_CLASSES
from borderless.study.toml_tables import ABSENT, TomlTables

#: The name of the table, its key for calls, and its key for every speed class.
HOURS = "hours"
INCIDENTS = "incidents"
EVERY = "all"
DAY = 24
_RANGE = (0.1, 2.0)


@dataclass(frozen=True)
class HoursOfDay:
    """What the ``[hours]`` table says; without one, a single hour stands for the day.

    Parameters
    ----------
    speed
        Speed class, or ``all`` → 24 factors on its speed, midnight first; 1 is the speed of the study.
    incidents
        How calls spread over the day: 24 numbers from 0, of which only the proportions count; empty where
        the study does not say, and every hour then counts alike.
    """

    speed: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    incidents: tuple[float, ...] = ()

    @property
    def given(self) -> bool:
        """Whether the study says anything about the hours."""
        return bool(self.speed or self.incidents)

    def factor(self, hour: int) -> dict[str, float]:
        """Return speed class, or ``all`` → the factor on its speed at an hour from 0 to 23."""
        return {name: factors[hour] for name, factors in self.speed.items()}

    def share(self, hour: int) -> float:
        """Return the share of the day's calls that come in an hour from 0 to 23.

        Examples
        --------
        >>> HoursOfDay().share(3) == 1 / 24, HoursOfDay(incidents=(3,) + (0,) * 22 + (1,)).share(23)
        (True, 0.25)
        """
        return self.incidents[hour] / math.fsum(self.incidents) if self.incidents else 1 / DAY


def read_hours(tables: TomlTables, document: dict[str, Any]) -> HoursOfDay:
    """Return the ``[hours]`` table; what is wrong in it is told and left out."""
    given = document.get(HOURS, ABSENT)
    if not isinstance(given, dict):
        tables.wrong(HOURS, "", given, "must be a table", f"write [{HOURS}] and its keys below")
        return HoursOfDay()
    classes = (EVERY, *TIME_CLASSES)
    tables.unknown(given, (*classes, INCIDENTS), HOURS)
    speed = {name: _day(tables, name, given[name], _RANGE) for name in classes if name in given}
    calls = _day(tables, INCIDENTS, given[INCIDENTS], (0, math.inf)) if INCIDENTS in given else ()
    if calls and not any(calls):
        why = "no call comes in any hour"
        tables.wrong(HOURS, INCIDENTS, given[INCIDENTS], why, "give numbers above 0, or leave the key out")
        calls = ()
    return HoursOfDay({name: factors for name, factors in speed.items() if factors}, calls)


def _day(tables: TomlTables, key: str, value: object, span: tuple[float, float]) -> tuple[float, ...]:
    """Return 24 numbers, one for each hour, or none where they are wrong."""
    remedy = f"write {key} = [1, 1, …], {DAY} numbers in brackets, midnight first"
    if not isinstance(value, list) or len(value) != DAY:
        given = f"; {len(value)} are given" if isinstance(value, list) else ""
        tables.wrong(HOURS, key, value, f"must be {DAY} numbers, one for each hour{given}", remedy)
        return ()
    low, high = span
    for hour, number in enumerate(value):
        sound = isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
        if not (sound and low <= number <= high):
            allowed = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of at least {low:g}"
            tables.wrong(HOURS, key, number, f"must be a number {allowed} (hour {hour})", remedy)
            return ()
    return tuple(float(number) for number in value)
