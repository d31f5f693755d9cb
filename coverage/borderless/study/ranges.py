"""Which settings nobody knows for sure, and how far from a study's values they may be."""

from __future__ import annotations

from typing import Any

from borderless.study.defaults import DEFAULTS, Default
from borderless.study.toml_tables import TomlTables

_RESPONSE = ("call_handling_s", "turnout_s", "cross_border_delay_s", "busy_fraction")
_SPEEDS = ("blue_light_factor", "junction_blue_light_factor", "access_speed_kmh")
#: Key → default of every setting that is uncertain. Targets and speed limits are decided, not uncertain.
UNCERTAIN: dict[str, Default] = {
    default.key: default
    for default in DEFAULTS.values()
    if default.key in (*_RESPONSE, *_SPEEDS) or default.key.startswith("factor_")
}


def read_ranges(tables: TomlTables, document: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Return the table of ranges: key → lowest and highest value worth trying."""
    given = document.get("ranges", {})
    if not isinstance(given, dict):
        tables.wrong("ranges", "", given, "must be a table", "write [ranges] and its keys below")
        return {}
    tables.unknown(given, tuple(UNCERTAIN), "ranges")
    found = {key: _pair(tables, UNCERTAIN[key], given[key]) for key in given if key in UNCERTAIN}
    return {key: pair for key, pair in found.items() if pair is not None}


def _pair(tables: TomlTables, default: Default, value: object) -> tuple[float, float] | None:
    remedy = f"e.g. {default.key} = [{default.likely[0]:g}, {default.likely[1]:g}]"
    why = f"must be two numbers from {default.low:g} to {default.high:g} {default.unit}, the lower one first"
    if isinstance(value, list) and len(value) == 2:
        low, high = value
        numbers = all(isinstance(end, int | float) and not isinstance(end, bool) for end in value)
        if numbers and default.low <= low <= high <= default.high:
            return float(low), float(high)
    tables.wrong("ranges", default.key, value, why, remedy)
    return None
