"""The tables of a study file that ask "what if": scenarios, candidate sites, and files that add to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from borderless.errors import ProblemLog
from borderless.study.keys import TEXT
from borderless.study.model import Candidate
from borderless.study.policy import (
    CAPABILITIES,
    NAMED_SCENARIOS,
    PRESETS,
    RESPONSE,
    BorderPolicy,
    BorderRule,
    Capability,
    CapabilityPolicy,
    ControlRoom,
    Scenario,
)
from borderless.study.toml_tables import TomlTables, nearest

#: The key by which a file of scenarios names the study that it adds to.
BASE = "study"
EXTRA_TABLES = ("response", "scenarios", "candidates")
DAY_S = 86_400
LONGEST_DELAY_S = 3_600
_MOST_UNITS = 1_000
# the British grid is 700 km by 1,300 km
_GRID_M = 1_300_000


def with_extras(
    document: dict[str, Any], extras: Sequence[tuple[Path, dict[str, Any]]], log: ProblemLog
) -> tuple[dict[str, Any], dict[str, Path]]:
    """Add the tables of other files to a study's document.

    Parameters
    ----------
    document
        The study's tables.
    extras
        Files and their tables; each may set keys of ``[response]`` and add scenarios and candidates.
    log
        Where problems go.

    Returns
    -------
    document
        A new one with everything in it.
    given_by
        Table, as errors name it → the file that added it.
    """
    joined = dict(document)
    given_by: dict[str, Path] = {}
    for path, extra in extras:
        for key in extra:
            if key not in (BASE, *EXTRA_TABLES):
                remedy = f"only {', '.join(EXTRA_TABLES)} can be added to a study{nearest(key, EXTRA_TABLES)}"
                log.error(str(path), "unknown key", remedy, column=key)
        for table in ("response", "scenarios"):
            added, there = extra.get(table, {}), joined.get(table, {})
            if not isinstance(added, dict):
                why, remedy = "must be a table", f"write [{table}] and its keys below"
                log.error(str(path), why, remedy, where=f"[{table}]", value=added)
            elif isinstance(there, dict):
                if table == "scenarios":
                    _refuse_again(path, set(added) & set(there), log)
                joined[table] = {**there, **added}
                given_by |= {f"{table}.{key}": path for key in added}
        sites, known = extra.get("candidates", []), joined.get("candidates", [])
        if not isinstance(sites, list):
            remedy = "write [[candidates]] above each entry"
            log.error(str(path), "must be a list of tables", remedy, where="[candidates]", value=sites)
        elif isinstance(known, list) and sites:
            given_by |= {f"candidates {len(known) + i}": path for i in range(1, len(sites) + 1)}
            joined["candidates"] = [*known, *sites]
    return joined, given_by


def _refuse_again(path: Path, names: set[str], log: ProblemLog) -> None:
    for name in sorted(names):
        why = "the study has a scenario of this name already"
        log.error(str(path), why, "choose another name", where=f"[scenarios.{name}]", value=name)


def read_scenarios(tables: TomlTables, document: dict[str, Any]) -> tuple[Scenario, ...]:
    """Return the named scenarios and those of the document."""
    given = document.get("scenarios", {})
    if not isinstance(given, dict):
        tables.wrong("scenarios", "", given, "must be tables", "write [scenarios.NAME]")
        return NAMED_SCENARIOS
    taken = {scenario.name for scenario in NAMED_SCENARIOS}
    own = []
    for name, table in given.items():
        where = f"scenarios.{name}"
        if name in taken:
            tables.wrong(where, "", name, "this name is already used", "choose another name")
        if not isinstance(table, dict):
            tables.wrong(where, "", table, "must be a table", f"write [{where}] and its keys below")
            continue
        own.append(_scenario(tables, name, table, where))
    return (*NAMED_SCENARIOS, *own)


def _scenario(tables: TomlTables, name: str, table: dict[str, Any], where: str) -> Scenario:
    others = ("min_gain_s", "units", "closed", "pairs", "guests", "capabilities")
    tables.unknown(table, (*TEXT["scenarios"], *others), where)
    text = {
        key: tables.text("scenarios", table, key, where=where)
        for key in ("label", "explanation", "stations", "control_room")
    }
    borders = BorderPolicy(_between(tables, "scenarios", table, where), _pairs(tables, table, where))
    return Scenario(
        name=name,
        label=text["label"] or name.replace("_", " ").capitalize(),
        explanation=text["explanation"] or "A scenario of this study.",
        borders=borders,
        stations="shared" if text["stations"] == "shared" else "own",
        control_room="shared" if text["control_room"] == "shared" else "separate",
        units=_units(tables, table, where),
        guests=_guests(tables, table, where),
        closed=tables.strings(table, where, "closed"),
        capabilities=_capabilities(tables, table, where, borders),
    )


def _capabilities(
    tables: TomlTables, table: dict[str, Any], where: str, borders: BorderPolicy
) -> dict[Capability, CapabilityPolicy]:
    """Return the policies of capabilities; what a table leaves out is as in the scenario."""
    given = table.get("capabilities", {})
    if not isinstance(given, dict):
        remedy = f"write [{where}.capabilities.firearms]"
        tables.wrong(where, "capabilities", given, "must be tables", remedy)
        return {}
    special = tuple(capability for capability in CAPABILITIES if capability != RESPONSE)
    own: dict[Capability, CapabilityPolicy] = {}
    for name, policy in given.items():
        place = f"{where}.capabilities.{name}"
        capability = next((known for known in special if known == name), None)
        if capability is None:
            why = "has the scenario's own borders" if name == RESPONSE else "is no capability"
            remedy = f"choose one of {', '.join(special)}{nearest(name, special)}"
            tables.wrong(where, "capabilities", name, why, remedy)
        elif not isinstance(policy, dict):
            tables.wrong(place, "", policy, "must be a table", f"write [{place}] and its keys below")
        else:
            own[capability] = _capability(tables, policy, place, borders)
    return own


def _capability(
    tables: TomlTables, table: dict[str, Any], where: str, borders: BorderPolicy
) -> CapabilityPolicy:
    tables.unknown(table, (*TEXT["capabilities"], "min_gain_s", "pairs"), where)
    if {"preset", "borders", "min_gain_s"} & set(table):
        borders = BorderPolicy(_between(tables, "capabilities", table, where))
    if "pairs" in table:
        borders = replace(borders, pairs=_pairs(tables, table, where))
    room = tables.text("capabilities", table, "control_room", where=where)
    rooms: dict[str, ControlRoom] = {"separate": "separate", "shared": "shared"}
    return CapabilityPolicy(borders, rooms.get(room))


def _between(tables: TomlTables, kind: str, table: dict[str, Any], where: str) -> BorderRule:
    """Return the rule between all partners: a preset, or `borders`."""
    preset = tables.text(kind, table, "preset", where=where)
    if preset and {"borders", "min_gain_s"} & set(table):
        remedy = "leave out either preset, or borders and min_gain_s"
        tables.wrong(where, "preset", preset, "says the same as borders does", remedy)
    return PRESETS[preset] if preset else _rule(tables, kind, table, where)


def _rule(tables: TomlTables, kind: str, table: dict[str, Any], where: str) -> BorderRule:
    borders = tables.text(kind, table, "borders", where=where)
    gain = tables.whole(table, "min_gain_s", where, most=DAY_S, default=0)
    if "min_gain_s" in table and borders != "if_faster":
        remedy = 'write borders = "if_faster", or leave it out'
        tables.wrong(where, "min_gain_s", gain, 'only counts with borders = "if_faster"', remedy)
    delay = None
    if kind == "pairs" and "delay_s" in table:
        delay = tables.whole(table, "delay_s", where, most=LONGEST_DELAY_S, default=0)
    rules = {
        "on_exhaustion": BorderRule.ON_EXHAUSTION,
        "if_faster": BorderRule.if_faster(gain),
        "closest": BorderRule.CLOSEST,
    }
    return replace(rules.get(borders, BorderRule.CLOSED), delay_s=delay)


def _listed(tables: TomlTables, table: dict[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    given = table.get(key, [])
    if isinstance(given, list) and all(isinstance(entry, dict) for entry in given):
        return given
    tables.wrong(where, key, given, "must be a list of tables", f"write [[{where}.{key}]]")
    return []


def _force(tables: TomlTables, kind: str, table: dict[str, Any], key: str, where: str) -> str:
    force = tables.text(kind, table, key, where=where)
    if force and force not in tables.force_names:
        remedy = f"forces are: {', '.join(tables.force_names)}{nearest(force, tables.force_names)}"
        tables.wrong(where, key, force, "is no force of this study", remedy)
    return force


def _guests(tables: TomlTables, table: dict[str, Any], where: str) -> dict[tuple[str, str], int]:
    guests: dict[tuple[str, str], int] = {}
    for number, entry in enumerate(_listed(tables, table, "guests", where), start=1):
        place = f"{where}.guests {number}"
        tables.unknown(entry, (*TEXT["guests"], "units"), place)
        station = tables.text("guests", entry, "station", where=place)
        force = _force(tables, "guests", entry, "force", place)
        if (station, force) in guests:
            tables.wrong(place, "station", station, "this force is a guest there already", "name it once")
        guests[station, force] = tables.whole(entry, "units", place, most=_MOST_UNITS, default=1)
    return guests


def _pairs(tables: TomlTables, table: dict[str, Any], where: str) -> dict[tuple[str, str], BorderRule]:
    pairs: dict[tuple[str, str], BorderRule] = {}
    for number, pair in enumerate(_listed(tables, table, "pairs", where), start=1):
        place = f"{where}.pairs {number}"
        tables.unknown(pair, (*TEXT["pairs"], "min_gain_s", "delay_s"), place)
        ends = tuple(_force(tables, "pairs", pair, key, place) for key in ("responder", "place"))
        if ends[0] == ends[1]:
            tables.wrong(place, "place", ends[1], "is the responder itself", "name two different forces")
        if ends in pairs:
            why = "this pair has a rule above already"
            tables.wrong(place, "responder", " → ".join(ends), why, "leave one of them out")
        pairs[ends[0], ends[1]] = _rule(tables, "pairs", pair, place)
    return pairs


def _units(tables: TomlTables, table: dict[str, Any], where: str) -> dict[str, int]:
    given = table.get("units", {})
    if not isinstance(given, dict):
        remedy = 'write units = { "STATION" = 2 }'
        tables.wrong(where, "units", given, "must be a table of stations and numbers", remedy)
        return {}
    return {
        station: tables.whole(given, station, f"{where}.units", most=_MOST_UNITS, default=0)
        for station in given
    }


def read_candidates(tables: TomlTables, document: dict[str, Any]) -> tuple[Candidate, ...]:
    """Return the candidate sites of the document."""
    given = document.get("candidates", [])
    if not isinstance(given, list) or not all(isinstance(site, dict) for site in given):
        remedy = "write [[candidates]] above each entry"
        tables.wrong("candidates", "", given, "must be a list of tables", remedy)
        return ()
    sites: list[Candidate] = []
    for number, site in enumerate(given, start=1):
        where = f"candidates {number}"
        tables.unknown(site, (*TEXT["candidates"], "x", "y"), where)
        name, identity = (tables.text("candidates", site, key, where=where).strip() for key in ("name", "id"))
        force = _force(tables, "candidates", site, "force", where)
        if any(identity == other.id for other in sites):
            tables.wrong(where, "id", identity, "this id is used twice", "give each site its own id")
        x, y = (_metres(tables, site, key, where) for key in ("x", "y"))
        sites.append(Candidate(identity, name or identity, force, x, y))
    return tuple(sites)


def _metres(tables: TomlTables, site: dict[str, Any], key: str, where: str) -> float:
    value = site.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _GRID_M:
        return float(value)
    why = "must be metres on the British National Grid, from 0 to 1300000"
    tables.wrong(where, key, "" if value is None else value, why, "e.g. x = 451234, y = 305678 (EPSG:27700)")
    return 0.0
