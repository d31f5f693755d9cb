"""The defaults of every setting, read from `defaults.toml`: value, unit, range and source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Default:
    """One default.

    Parameters
    ----------
    table, key
        Where a study overrides it.
    value
        The default, in `unit`.
    unit
        Unit as printed.
    low, high
        The range a study may set.
    likely
        The range worth trying when asking how sure a result is.
    label
        What it is, in a few words.
    source
        Where the value comes from.
    """

    table: str
    key: str
    value: float
    unit: str
    low: float
    high: float
    likely: tuple[float, float]
    label: str
    source: str


def _read() -> dict[tuple[str, str], Default]:
    text = files("borderless.study").joinpath("defaults.toml").read_text(encoding="utf-8")
    found = {}
    for table, keys in tomllib.loads(text).items():
        for key, entry in keys.items():
            low, high = entry.pop("likely")
            found[table, key] = Default(table, key, likely=(low, high), **entry)
    return found


DEFAULTS = _read()
#: The classes of streets that have a driving factor of their own.
SPEED_CLASSES = tuple(
    key.removeprefix("factor_") for table, key in DEFAULTS if table == "speeds" and key.startswith("factor_")
)
#: What waiting at junctions is called where times are divided by class.
JUNCTION = "junction"
#: All that a time can consist of.
TIME_CLASSES = (*SPEED_CLASSES, JUNCTION)
