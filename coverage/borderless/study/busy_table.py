"""How much of the time units are busy: one share for all, or one for each force and each hour of the day."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from borderless.study.defaults import DEFAULTS
from borderless.study.toml_tables import ABSENT, TomlTables, nearest

#: The name of the table, and the key that stands for every force it does not name.
BUSY = "busy"
EVERY = "all"
HOURS = 24


@dataclass(frozen=True)
class BusyFractions:
    """The share of the time that a unit is busy, by force and hour.

    Parameters
    ----------
    default
        For forces that `given` leaves out: ``busy_fraction`` under ``[response]``.
    given
        Force → one number, or 24 of them, midnight first; ``all`` stands for the forces not named.
    """

    default: float
    given: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, force: str, hour: int | None = None) -> float:
        """Return the busy fraction of a force's units.

        Parameters
        ----------
        force
            Name of the force.
        hour
            0 (from midnight) to 23; None: the plain mean of the day, every hour counting alike however many
            calls it brings.

        Raises
        ------
        ValueError
            When there is no such hour.

        Examples
        --------
        >>> busy = BusyFractions(0.3, {"North": (0.2,) * 12 + (0.6,) * 12})
        >>> busy.of("North", 3), busy.of("North", 17), busy.of("North"), busy.of("South")
        (0.2, 0.6, 0.4, 0.3)
        """
        if hour is not None and hour not in range(HOURS):
            msg = f"hour must be a whole number from 0 to {HOURS - 1}, not {hour}"
            raise ValueError(msg)
        fractions = self.given.get(force) or self.given.get(EVERY) or (self.default,)
        if hour is None:
            # exactly rounded, so that 24 equal hours give their fraction
            return statistics.mean(fractions)
        return fractions[hour % len(fractions)]

    def by_force(self, forces: Iterable[str], hour: int | None = None) -> dict[str, float]:
        """Return force → busy fraction for each of the forces, as :meth:`of` gives it."""
        return {force: self.of(force, hour) for force in forces}


def read_busy(tables: TomlTables, document: dict[str, Any]) -> dict[str, tuple[float, ...]]:
    """Return the ``[busy]`` table: force, or ``all`` → one number or 24; wrong ones are told and left out."""
    given = document.get(BUSY, ABSENT)
    if not isinstance(given, dict):
        tables.wrong(BUSY, "", given, "must be a table", f"write [{BUSY}] and its keys below")
        return {}
    found = {}
    for force, value in given.items():
        if force != EVERY and force not in tables.force_names:
            known = (EVERY, *tables.force_names)
            remedy = f"names are: {', '.join(known)}{nearest(force, known)}"
            tables.wrong(BUSY, force, value, "is no force of this study", remedy)
            continue
        fractions = _fractions(tables, force, value)
        if fractions:
            found[force] = fractions
    return found


def _fractions(tables: TomlTables, force: str, value: Any) -> tuple[float, ...]:
    default = DEFAULTS["response", "busy_fraction"]
    remedy = f"e.g. {force} = 0.3, or {HOURS} numbers in brackets, midnight first"
    values = value if isinstance(value, list) else [value]
    if isinstance(value, list) and len(values) != HOURS:
        why = f"must be one number or {HOURS}, one for each hour; {len(values)} are given"
        tables.wrong(BUSY, force, value, why, remedy)
        return ()
    for hour, number in enumerate(values):
        sound = isinstance(number, int | float) and not isinstance(number, bool)
        if not (sound and default.low <= number <= default.high):
            at = f" (hour {hour})" if isinstance(value, list) else ""
            why = f"must be a number from {default.low:g} to {default.high:g} {default.unit}{at}"
            tables.wrong(BUSY, force, number, why, remedy)
            return ()
    return tuple(float(number) for number in values)
