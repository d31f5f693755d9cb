"""What is said about how sure an answer is: sentences from draws, what does not hold first."""

from __future__ import annotations

from typing import Any

import pandas as pd

from borderless.analysis.compare import PARTNERS
from borderless.analysis.robustness.conclusions import FEWER, NOBODY
from borderless.analysis.robustness.ranges import FACTOR
from borderless.analysis.robustness.robustness import Robustness
from borderless.report import words
from borderless.report.tables import records
from borderless.study.model import Measure
from borderless.study.policy import ALLIANCE

#: The scenario that the charts of what matters are about.
FULLEST = ALLIANCE.name
Row = dict[str, Any]
_SHORT = {
    "call_handling_s": "Call handling",
    "turnout_s": "Turnout",
    "cross_border_delay_s": "Hand-over delay",
    "busy_fraction": "How busy units are",
    "blue_light_factor": "Blue-light driving",
    "junction_blue_light_factor": "Blue lights at junctions",
    "access_speed_kmh": "Speed off the street",
    "factor_motorway": "Speed on motorways",
    "factor_dual": "Speed on dual carriageways",
    "factor_trunk": "Speed on trunk roads",
    "factor_primary": "Speed on A roads",
    "factor_secondary": "Speed on B roads",
    "factor_tertiary": "Speed on C roads",
    "factor_unclassified": "Speed on country lanes",
    "factor_residential": "Speed on residential streets",
    "factor_built_up": "Speed in built-up areas",
    "factor_link": "Speed on slip roads",
    "factor_living_street": "Speed in home zones",
}


def headline(found: Robustness, kind: str, scenario: str, force: str = PARTNERS) -> Row:
    """Return the conclusion about a scenario's gain (``gain``, or ``expected`` with busy units)."""
    return next(row for row in _rows(found, kind) if row["scenario"] == scenario and row["force"] == force)


def labels(found: Robustness) -> dict[str, str]:
    """Return the scenarios' names as people read them, by their names in files."""
    return {scenario.name: scenario.label for scenario in found.bench.scenarios}


def setting_label(key: str) -> str:
    """Return a setting in a few words, short enough for a chart."""
    return _SHORT[key]


def first_measure(found: Robustness) -> Measure:
    """Return the measure that headlines are about."""
    return found.region.study.measures[0]


def doubts(found: Robustness) -> list[str]:
    """Return what does not hold in every draw: losses, the order of scenarios, who gains most."""
    said = []
    for scenario in found.bench.scenarios[1:]:
        for kind, when in (("gain", ""), ("expected", "With busy units, ")):
            losers = [
                f"{_name(row['force'])} ({row['fewer']:,} of {found.count:,} draws)"
                for row in _rows(found, kind)
                if row["scenario"] == scenario.name and row["fewer"]
            ]
            if losers:
                text = (
                    f"{when}{scenario.label} leaves fewer {first_measure(found).unit} within the standard in "
                )
                said.append(f"{text}{words.listing(losers)}.")
    return [*said, *_unstable_order(found)]


def certainties(found: Robustness) -> list[str]:
    """Return how often the full alliance gains, and how much."""
    baseline = found.bench.scenarios[0].label
    free, busy = (headline(found, kind, FULLEST) for kind in ("gain", "expected"))
    label = labels(found)[FULLEST]
    return [
        f"{label} against {baseline}: {often(found, free)}; {how_much(found, free)}.",
        f"With busy units: {often(found, busy)}; {how_much(found, busy)}.",
    ]


def what_matters(found: Robustness) -> list[str]:
    """Return which settings the alliance's gain hangs on most."""
    label = labels(found)[FULLEST]
    said = []
    for count, when in (("covered", "units always free"), ("expected", "busy units")):
        rows = matters(found, count).head(2)
        if rows.empty or not rows["swing"].iloc[0]:
            continue
        parts = []
        for row in records(rows):
            low, high = _mean(found, row["gain_low"]), _mean(found, row["gain_high"])
            ends = f"{low} in the lowest fifth of its range, {high} in the highest"
            parts.append(f"{_inside(setting_label(row['setting']))} ({ends})")
        said.append(f"{label}, {when}: the gain hangs most on {words.listing(parts)}.")
    return said


def reservations(found: Robustness) -> list[str]:
    """Return what was held and what was left out."""
    held = "Units of shared stations stay where they are best under the study's own settings in every draw."
    if found.rebased:
        held = "Units of shared stations are placed anew in every draw."
    said = [held, "Ranges are what is worth trying, evenly likely; they are assumptions, not measurements."]
    if not found.looked:
        said.append("For 1,000 draws, and the values at which conclusions turn: borderless robustness.")
    if found.unheard:
        said.append(f"Not varied, since it makes no difference here: {words.listing(_left_out(found))}.")
    clipped = [force for force in found.region.study.forces.clipped if force in found.region.study.alliance]
    if clipped:
        said.append(f"{words.listing(clipped)}: counted only as far as the data reach.")
    return said


def matters(found: Robustness, count: str) -> pd.DataFrame:
    """Return the rows of the tornado about the full alliance, the widest swing first."""
    frame = found.tornado
    return frame[(frame["scenario"] == FULLEST) & (frame["count"] == count)]


def often(found: Robustness, row: Row) -> str:
    """Return in how many draws there are more, as many and fewer."""
    unit, count = first_measure(found).unit, found.count
    if row["more"] == count:
        return f"more {unit} within the standard in every one of {count:,} draws"
    parts = [f"more {unit} within the standard in {row['more']:,} of {count:,} draws"]
    parts += [f"no change in {row['same']:,}"] if row["same"] else []
    parts.append(f"fewer in {row['fewer']:,}" if row["fewer"] else "fewer in none")
    return ", ".join(parts)


def how_much(found: Robustness, row: Row) -> str:
    """Return the gain in nine of ten draws, and under the study's own settings."""
    low, high = row["difference_p5"], row["difference_p95"]
    own = f"{_more(found, row['difference'])} with the study's own settings"
    if low == high:
        return f"{_more(found, low)} in nine of ten draws, {own}"
    if low < 0:
        return f"between {_more(found, low)} and {_more(found, high)} in nine of ten draws, {own}"
    return f"between {_mean(found, low)} and {_more(found, high)} in nine of ten draws, {own}"


def turning(found: Robustness) -> pd.DataFrame:
    """Return the tipping values at which somebody gets fewer, or another lever is the largest."""
    frame = found.tipping
    worse = (frame["verdict_below"] == FEWER) | (frame["verdict_above"] == FEWER)
    moved = frame[["below", "above"]].notna().any(axis=1)
    loss = frame["kind"].isin(["gain", "expected"]) & worse
    return frame[moved & (loss | (frame["kind"] == "lever"))]


def turn_words(found: Robustness, row: Row) -> tuple[str, str]:
    """Return a conclusion and the values at which it turns, in words."""
    label = labels(found)
    if row["kind"] == "lever":
        about = f"Largest lever: {_verdict(label, row['verdict'])}"
    else:
        busy = ", busy units" if row["kind"] == "expected" else ""
        about = f"{_name(row['force'])}, {label[row['scenario']]}{busy}: {row['verdict']}"
    sides = []
    for side, sign in (("below", "≤"), ("above", "≥")):
        if row[side] is not None:
            verdict = _verdict(label, row[f"verdict_{side}"])
            sides.append(f"{sign} {words.number(row[side])} {row['unit']}: {verdict}")
    return about, "; ".join(sides)


def _unstable_order(found: Robustness) -> list[str]:
    label = labels(found)
    said = []
    for row in _rows(found, "ranking"):
        if row["agree"] < found.count:
            first, second = (_ranking(label, row[name]) for name in ("verdict", "otherwise"))
            times = f"{row['agree']:,} of {found.count:,} draws"
            said.append(f"The order of the scenarios, {first}, holds in {times}; else mostly {second}.")
    for row in _rows(found, "lever"):
        if row["agree"] < found.count:
            first, second = (_verdict(label, row[name]) for name in ("verdict", "otherwise"))
            times = f"{row['agree']:,} of {found.count:,} draws"
            said.append(f"The largest lever by itself is {first} in {times}, else mostly {second}.")
    return said


def _verdict(label: dict[str, str], verdict: str) -> str:
    return "neither alone" if verdict == NOBODY else label.get(verdict, verdict)


def _inside(label: str) -> str:
    """Return a label inside a sentence."""
    return label[:1].lower() + label[1:]


def _left_out(found: Robustness) -> list[str]:
    """Return what is not varied; single classes of road as one, where none of them is known."""
    classes = [key for key in found.unheard if key.startswith(FACTOR)]
    if len(classes) > 1 and not any(one.key.startswith(FACTOR) for one in found.bench.ranges):
        others = [_inside(setting_label(key)) for key in found.unheard if key not in classes]
        return ["the speed of each class of road by itself", *others]
    return [_inside(setting_label(key)) for key in found.unheard]


def _ranking(label: dict[str, str], verdict: str) -> str:
    return " ".join(label.get(word, word) for word in verdict.split(" "))


def _rows(found: Robustness, kind: str) -> list[Row]:
    """Return the conclusions of one kind on the study's first measure within the standard."""
    frame, study = found.conclusions, found.region.study
    first = (frame["measure"] == study.measures[0].name) & (frame["target"] == study.response.targets[0].name)
    return records(frame[first & (frame["kind"] == kind)])


def _name(force: str) -> str:
    return "the alliance" if force == PARTNERS else force


def _more(found: Robustness, value: float) -> str:
    unit = first_measure(found).unit
    return f"{_mean(found, abs(value))} {'fewer' if round(value) < 0 else 'more'} {unit}"


def _mean(found: Robustness, value: float) -> str:
    return words.amount(first_measure(found), round(value))
