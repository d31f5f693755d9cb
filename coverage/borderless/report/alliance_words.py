"""What an alliance is worth, in plain sentences made from the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from borderless.analysis.alliance.alliance import AllianceWorth
from borderless.analysis.alliance.levers import LEVERS, NO_LEVER, TOGETHER
from borderless.analysis.alliance.partitions import BETWEEN, partition_name, today
from borderless.analysis.compare import PARTNERS
from borderless.analysis.coverage import ALL
from borderless.report import words
from borderless.report.tables import records
from borderless.study.model import Measure
from borderless.study.policy import Target

LEVER_NAMES = {"borders": "open borders", "stations": "shared stations", "control_room": "one control room"}
_ROOM = f"borders{TOGETHER}control_room"
_TOGETHER = TOGETHER.join(LEVERS)


def rows_of(frame: pd.DataFrame, measure: Measure, target: Target) -> list[dict[str, Any]]:
    """Return the rows of a frame about one measure and target."""
    return records(frame[(frame["measure"] == measure.name) & (frame["target"] == target.name)])


def levers_by_name(
    worth: AllianceWorth, measure: Measure, target: Target, force: str = PARTNERS
) -> dict[str, dict[str, Any]]:
    """Return a group's row for every combination of levers."""
    rows = rows_of(worth.levers, measure, target)
    return {row["levers"]: row for row in rows if row["force"] == force}


def lever_label(levers: str) -> str:
    """Return a combination of levers as people read it."""
    return " + ".join(LEVER_NAMES.get(lever, "none of them") for lever in levers.split(TOGETHER))


def levers_said(worth: AllianceWorth, measure: Measure, target: Target) -> str:
    """Return what the levers gain together and apart, and which depend on each other."""
    rows = levers_by_name(worth, measure, target)
    gain = {name: row["gain"] for name, row in rows.items()}
    none, whole = rows[NO_LEVER], rows[_TOGETHER]
    share = words.percent(none["covered"], none["total"])
    if not any(gain.values()):
        told = f"No lever changes anything {words.within(target)}: {share} are reached as it is"
        return f"{told}.{_elsewhere(worth, measure, target)}"
    after = words.percent(whole["covered"], whole["total"])
    alone = ", ".join(f"{LEVER_NAMES[lever]} {_gained(measure, gain[lever])}" for lever in LEVERS)
    told = (
        f"All three levers together bring {words.quantity(measure, whole['gain'])} more of the alliance "
        f"{words.within(target)} ({share} → {after}). Each alone: {alone}."
    )
    rest = (_interplay(gain, measure), _empty(worth, measure, target), _elsewhere(worth, measure, target))
    return told + "".join(rest)


def _interplay(gain: Mapping[str, int], measure: Measure) -> str:
    told = ""
    room = gain[_ROOM] - gain["borders"]
    if gain["control_room"] == 0:
        told += " One control room does nothing while borders are closed"
        told += f", and {_gained(measure, room)} once they are open." if room else ", nor once they are open."
    in_sum = sum(gain[lever] for lever in LEVERS)
    if in_sum > gain[_TOGETHER]:
        told += " The levers do some of the work twice: what each gains alone adds up to "
        told += f"{words.amount(measure, in_sum)}, not {words.amount(measure, gain[_TOGETHER])}."
    elif in_sum < gain[_TOGETHER]:
        more = words.amount(measure, gain[_TOGETHER] - in_sum)
        told += f" {more} of the gain needs more than one lever at once."
    return told


def _empty(worth: AllianceWorth, measure: Measure, target: Target) -> str:
    gain, names = _at_empty_stations(worth, measure, target)
    if not gain:
        return ""
    return (
        f" {words.amount(measure, gain)} of the gain come from where no unit starts today, though the force "
        f"of the place has a station there ({words.listing(names)}): it could have them without an alliance, "
        "by a unit of its own."
    )


def _at_empty_stations(worth: AllianceWorth, measure: Measure, target: Target) -> tuple[int, list[str]]:
    """Return the gain from stations that the force of the place leaves empty today, and their names."""
    before, after = worth.comparison.baseline, worth.comparison.scenario
    region = after.times.region
    rows = np.flatnonzero(after.covered(target) & ~before.covered(target))
    station = region.stations.iloc[after.station[rows]]
    place = region.demand.table["force"].to_numpy(str)[rows]
    own = (station["force"].to_numpy(str) == place) & (station["units"] == 0).to_numpy()
    weight = region.demand.weights(measure)[rows] * own
    return int(weight.sum()), sorted(set(station["name"].to_numpy(str)[weight > 0]))


def busiest(worth: AllianceWorth, measure: Measure) -> Target:
    """Return the target within which all levers together gain most; of equals the first."""
    targets = worth.study.response.targets
    return max(targets, key=lambda target: levers_by_name(worth, measure, target)[_TOGETHER]["gain"])


def _elsewhere(worth: AllianceWorth, measure: Measure, target: Target) -> str:
    """Return within which other target more changes, where that is so."""
    most = busiest(worth, measure)
    here, there = (levers_by_name(worth, measure, t)[_TOGETHER]["gain"] for t in (target, most))
    if there <= here:
        return ""
    told = f" More changes {words.within(most)}: {words.quantity(measure, there, signed=True)}"
    alone, names = _at_empty_stations(worth, measure, most)
    if alone:
        told += f", though {words.amount(measure, alone)} of them by units at stations that their own force "
        told += f"leaves empty ({words.listing(names)})"
    return f"{told}."


def handover_said(worth: AllianceWorth, measure: Measure, target: Target) -> str:
    """Return how long hand-overs may take before open borders stop paying."""
    own, shared = (
        next(row for row in rows_of(found.table, measure, target) if row["force"] == PARTNERS)
        for found in worth.handovers
    )
    delay = words.duration(worth.study.response.cross_border_delay_s)
    told = f"Units at their own stations: {_delay_said(own, measure, delay)}"
    return f"{told} With shared stations: {_delay_said(shared, measure, delay)}"


def _delay_said(row: Mapping[str, Any], measure: Measure, delay: str) -> str:
    if not row["gain_at_0"]:
        return "open borders gain nothing, however quick the hand-over."
    told = (
        f"open borders gain {words.quantity(measure, row['gain'])} at a hand-over of {delay}, "
        f"{words.amount(measure, row['gain_at_0'])} at none"
    )
    if row["break_even_s"] is None:
        return f"{told}, and never stop paying."
    return (
        f"{told}; half of that is left up to {row['half_s']} s, and nothing from {row['break_even_s']} s on."
    )


def coalitions_said(worth: AllianceWorth, measure: Measure, target: Target) -> str:
    """Return what the alliance gains, what its pairs gain, and which alliance of its size would gain most."""
    study = worth.study
    rows = {row["coalition"]: row for row in rows_of(worth.coalitions, measure, target)}
    mine = rows[TOGETHER.join(study.alliance)]
    told = f"Together, {words.listing(study.alliance)} gain {_people(measure, mine['gain'])}."
    idle = [
        TOGETHER.join(pair)
        for number, first in enumerate(study.alliance)
        for second in study.alliance[number + 1 :]
        if not rows.get(TOGETHER.join(pair := (first, second)), {"gain": 1})["gain"]
    ]
    if idle and len(study.alliance) > 2:
        told += f" By themselves, {words.listing(idle)} would gain nothing."
    best = max((row for row in rows.values() if row["size"] == mine["size"]), key=lambda row: row["gain"])
    if best["gain"] > mine["gain"]:
        told += f" Of alliances of {words.spelt(mine['size'])}, {best['coalition']} would gain most: "
        told += f"{words.amount(measure, best['gain'])}."
    return told


def partitions_said(worth: AllianceWorth, measure: Measure, target: Target) -> str:
    """Return which way of forming alliances gains most, and how today's and the named ones compare."""
    rows = {row["partition"]: row for row in rows_of(worth.partitions, measure, target)}
    ranked = [row for row in rows.values() if row["rank"] == 1]
    told = ""
    if ranked and ranked[0]["gain"]:
        told = f"Most would be gained by {division(ranked[0]['partition'])}: "
        told += f"{_people(measure, ranked[0]['gain'])}."
    count = sum(row["rank"] is not None for row in rows.values())
    for partition in (today(worth.study), *worth.named):
        row = rows[partition_name(partition)]
        rank = f", number {row['rank']} of {count}" if row["rank"] and count > 1 else ""
        told += f" {division(row['partition'])}: {_people(measure, row['gain'])}{rank}."
    return told.strip()


def division(name: str) -> str:
    """Return a partition's name without the forces that stay alone."""
    allied = [block for block in name.split(BETWEEN) if TOGETHER in block]
    return " beside ".join(allied) or "no alliance at all"


def shapley_said(worth: AllianceWorth, measure: Measure, target: Target) -> str:
    """Return who of the partners brings the gain about, and for whom."""
    rows = rows_of(worth.shapley, measure, target)
    mine = [row for row in rows if row["among"] == PARTNERS] or rows
    if not any(row["value"] for row in mine):
        return "There is no gain to share."
    first, *others = sorted(mine, key=lambda row: -row["value"])
    whose = "the alliance’s gain" if first["among"] == PARTNERS else "the gain of all forces together"
    told = f"Of {whose}, {_share(first)} is due to {first['force']}"
    told += " (for its own people)" if first["home"] > first["given"] else " (for people of other forces)"
    idle = [row["force"] for row in others if not row["value"]]
    some = [f"{row['force']} {_share(row)}" for row in others if row["value"]]
    told += f"; {words.listing(some)}." if some else "."
    return told + (f" {words.listing(idle)}: nothing." if idle else "")


def portion_said(row: Mapping[str, Any], measure: Measure) -> str:
    """Return a row of `shapley_table` in short: its value, its share, and its standard error if drawn."""
    value = f"{row['value'] / measure.per:,.1f}"
    error = f" ± {row['error'] / measure.per:,.1f}" if row["error"] else ""
    return f"{value}{error} ({_share(row)})"


def asked_said(worth: AllianceWorth, measure: Measure, target: Target) -> str:
    """Return who should be asked to join next, what stays forgone, and who would be missed most."""
    asked = rows_of(worth.asked, measure, target)
    told = "No force stands outside."
    if asked:
        first = next(row for row in asked if row["rank"] == 1)
        told = f"No force outside would add anything {words.within(target)}."
        if first["gain"]:
            told = f"{first['force']} should be asked next: {_people(measure, first['gain'])} more, "
            told += f"{words.amount(measure, first['others'])} of them not its own."
            rest = [f"{r['force']} {_gained(measure, r['gain'])}" for r in asked if (r["rank"] or 0) > 1]
            every = next(row for row in asked if row["force"] == ALL)
            told += f" {words.listing(rest)}; all together {_gained(measure, every['gain'])}." if rest else ""
    left = next(row for row in rows_of(worth.missed, measure, target) if row["rank"] == 1)
    if left["loss"]:
        told += f" If a partner left, {left['force']} would be missed most: "
        told += f"{words.amount(measure, -left['loss'])}."
    return told


def caveat(worth: AllianceWorth, measure: Measure) -> str:
    """Return what the data do not know about forces of the study; empty where they know all."""
    study, demand = worth.study, worth.game.times.region.demand
    place = demand.table["force"].to_numpy(str)
    weights = demand.weights(measure)
    if not study.forces.clipped:
        return ""
    partly = words.listing(study.forces.clipped)
    known = [
        f"{words.amount(measure, int(weights[place == force].sum()))} for {force}"
        for force in study.forces.clipped
    ]
    return (
        f"The data cover {partly} only in part: {measure.unit} and stations beyond the roads are missing, "
        f"so gains there are rough. In all, {measure.unit} known are {words.listing(known)}."
    )


def _gained(measure: Measure, gain: int) -> str:
    return words.amount(measure, gain, signed=True) if gain else "nothing"


def _people(measure: Measure, gain: int) -> str:
    return words.quantity(measure, gain) if gain else "nothing"


def _share(row: Mapping[str, Any]) -> str:
    share = row["share"]
    return words.NO_NUMBER if share is None else f"{100 * share:.0f} %"
