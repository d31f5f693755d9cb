"""What `borderless policy` answers: the rules of every pair of forces, and what they change."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from borderless.analysis.compare import PARTNERS
from borderless.analysis.policy import Policy
from borderless.report import words
from borderless.report.answer import Answer
from borderless.report.findings import rows_by_force
from borderless.report.scenario_values import levers
from borderless.report.tables import CHANGE_WEIGHTS, comparison_table, printed, records
from borderless.study.model import Study
from borderless.study.policy import PRESETS, RESPONSE

PRESET_LABELS = {
    "closed": "Closed borders",
    "mutual_aid": "Mutual aid",
    "automatic_aid": "Automatic aid",
    "borderless": "Borderless",
}
_WIDTH = 78


def policy_answer(found: Policy) -> Answer:
    """Return the answer to a question about a border policy.

    Parameters
    ----------
    found
        What the analysis found.

    Returns
    -------
    Answer
        Tables ``policy`` (as :func:`borderless.policy_table`), ``policy_gain`` (change by force against the
        study's first scenario, printed units) and ``policy_presets`` (the same for each preset).
    """
    study = found.study
    gain = comparison_table(found.comparison, study)
    presets = printed(found.presets, study, CHANGE_WEIGHTS)
    values: dict[str, Any] = {
        "schema": 1,
        "study": study.name,
        "capability": study.capability,
        "scenario": levers(found.scenario),
        "baseline": found.comparison.baseline.scenario.name,
        "clipped": list(study.forces.clipped),
        "policy": records(found.matrix),
        "gain": records(gain),
        "presets": records(presets),
    }
    tables = {"policy": found.matrix, "policy_gain": gain, "policy_presets": presets}
    shown: list[RenderableType] = [
        _matrix(found),
        _gain(found),
        _presets(found),
        Text(words.plain("\n".join(sentences(found)))),
    ]
    return Answer(tables, values, shown)


def rule_words(rule: str, min_gain_s: int, delay_s: float) -> str:
    """Return a rule as people read it, with its hand-over.

    Examples
    --------
    >>> rule_words("if_faster", 120, 45.0)
    'if 2 min quicker, + 45 s'
    >>> rule_words("closed", 0, float("nan"))
    'closed'
    """
    said = {
        "closed": "closed",
        "on_exhaustion": "own units busy",
        "if_faster": f"if {words.duration(min_gain_s)} quicker",
        "closest": "closest",
    }[rule]
    return f"{said}, + {words.duration(delay_s)}" if np.isfinite(delay_s) and delay_s > 0 else said


def open_forces(matrix: pd.DataFrame, study: Study) -> tuple[str, ...]:
    """Return the partners, and the forces outside that some rule lets across a border."""
    crossing = matrix[matrix["rule"] != "closed"]
    named = {*study.alliance, *crossing["responder"], *crossing["force"]}
    return tuple(force for force in study.force_names if force in named)


def sentences(found: Policy) -> list[str]:
    """Return what the policy changes, how little that may be and what would change more."""
    told = [f"{_change(found)} {_answered(found)}", *_of_presets(found)]
    if "on_exhaustion" in set(found.matrix["rule"]):
        told.append("Mutual aid changes nothing here, since units are always free in these numbers.")
    clipped = found.study.forces.clipped
    if clipped:
        counts = "counts" if len(clipped) == 1 else "count"
        told.append(f"{words.listing(clipped)} {counts} only as far as the data reach.")
    return told


def alliance_gains(found: Policy) -> dict[str, dict[str, int]]:
    """Return, by preset, covered_before, covered and total of the alliance: first measure, standard."""
    study, table = found.study, found.presets
    here = (table["force"] == PARTNERS) & (table["measure"] == study.measures[0].name)
    chosen = table[here & (table["target"] == study.response.targets[0].name)]
    columns = ["covered_before", "covered", "total"]
    numbers = chosen[columns].to_numpy(np.int64).tolist()
    return {
        preset: dict(zip(columns, row, strict=True))
        for preset, row in zip(chosen["preset"], numbers, strict=True)
    }


def _change(found: Policy) -> str:
    study = found.study
    measure, target = study.measures[0], study.response.targets[0]
    row = rows_by_force(found.comparison, measure, target)[PARTNERS]
    change, within = row["covered"] - row["covered_before"], words.within(target)
    label = found.scenario.label
    if not row["gained"] and not row["lost"]:
        return f"{label}: nobody more {within}, {words.percent(row['covered'], row['total'])} as before."
    lost = f" and {words.quantity(measure, row['lost'])} no longer" if row["lost"] else ""
    moved = f"{words.points(change / row['total'])} percentage points of the alliance"
    return f"{label}: {words.quantity(measure, row['gained'])} more {within}{lost}, {moved}."


def _answered(found: Policy) -> str:
    changing = found.comparison.changing_force()
    if not changing:
        return "No first unit comes from another force than before."
    return f"The first unit of {words.quantity(found.study.measures[0], changing)} comes from another force."


def _of_presets(found: Policy) -> list[str]:
    measure, within = found.study.measures[0], words.within(found.study.response.targets[0])
    gains = alliance_gains(found)
    best = max(gains, key=lambda preset: gains[preset]["covered"])
    row = gains[best]
    more, left = row["covered"] - row["covered_before"], row["total"] - row["covered"]
    start = f"No preset brings anybody more {within}"
    if more > 0:
        most = words.quantity(measure, more, signed=True)
        start = f"No preset does more than {PRESET_LABELS[best].lower()}: {most}"
    if not left:
        return [f"{start}. That leaves nobody outside."]
    told = f"{start}; {words.quantity(measure, left)} stay outside under every preset."
    too_far = row["total"] - found.within_reach
    if too_far == left:
        return [
            f"{told} No unit of a partner is near enough, and only units or stations elsewhere change that."
        ]
    handed_over = words.quantity(measure, left - too_far)
    return [
        f"{told} Without any hand-over open borders would reach {handed_over} of them; the others are too "
        "far from every partner's unit, and only units or stations elsewhere change that."
    ]


def _matrix(found: Policy) -> Table:
    study, matrix = found.study, found.matrix
    forces = open_forces(matrix, study)
    numbered = sum(max(len(force), 14) + 2 for force in ("", *forces)) > _WIDTH
    kind = "" if study.capability == RESPONSE else f" ({study.capability} units)"
    table = Table(
        title=Text(words.plain(f"{found.scenario.label}{kind}: who may respond where")),
        caption=Text(words.plain(_about_matrix(study, forces, numbered=numbered))),
        caption_style="",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("Units of ↓ in →", overflow="fold", min_width=18)
    for number, force in enumerate(forces, start=1):
        table.add_column(Text(str(number) if numbered else words.plain(force)), overflow="fold")
    said = {
        (row["responder"], row["force"]): rule_words(row["rule"], row["min_gain_s"], row["delay_s"])
        for row in matrix.to_dict("records")
    }
    for number, responder in enumerate(forces, start=1):
        name = f"{number} {responder}" if numbered else responder
        cells = (said.get((responder, force), "own") for force in forces)
        table.add_row(*(Text(words.plain(cell)) for cell in (name, *cells)))
    return table


def _about_matrix(study: Study, forces: tuple[str, ...], *, numbered: bool) -> str:
    left_out = [force for force in study.force_names if force not in forces]
    closed = f"{words.listing(left_out)}: closed both ways. " if left_out else ""
    return f"{closed}{'Columns by the number of the force. ' if numbered else ''}+: hand-over between rooms."


def _gain(found: Policy) -> Table:
    study = found.study
    measure, target = study.measures[0], study.response.targets[0]
    baseline = found.comparison.baseline.scenario.label
    table = Table(
        title=Text(words.plain(f"{measure.label} {words.within(target)} ({target.label})")),
        box=box.SIMPLE_HEAD,
    )
    _add_names(table, study)
    for head in (baseline, found.scenario.label, "Gained", "Lost", "Change"):
        table.add_column(Text("\n".join(wrap(words.plain(head), 12))), justify="right", no_wrap=True)
    rows = rows_by_force(found.comparison, measure, target)
    for force in (*study.alliance, PARTNERS, *study.forces.outside):
        row = rows[force]
        before, after = (words.percent(row[key], row["total"]) for key in ("covered_before", "covered"))
        moved = [row["gained"], -row["lost"], row["covered"] - row["covered_before"]]
        cells = [words.amount(measure, number, signed=True) for number in moved]
        style = "bold" if force == PARTNERS else "dim" if force in study.forces.outside else ""
        name = "The alliance" if force == PARTNERS else force
        table.add_row(*(Text(words.plain(cell)) for cell in (name, before, after, *cells)), style=style)
    return table


def _presets(found: Policy) -> Table:
    study = found.study
    measure, target = study.measures[0], study.response.targets[0]
    here = (found.presets["measure"] == measure.name) & (found.presets["target"] == target.name)
    chosen = found.presets[here]
    title = f"If one rule held between all partners: change in {measure.unit} {words.within(target)}"
    table = Table(title=Text(words.plain(title)), box=box.SIMPLE_HEAD)
    _add_names(table, study)
    for preset in PRESETS:
        table.add_column("\n".join(PRESET_LABELS[preset].split()), justify="right", no_wrap=True)
    moved = chosen.assign(change=chosen["covered"] - chosen["covered_before"])
    change = {(row["preset"], row["force"]): int(row["change"]) for row in moved.to_dict("records")}
    for force in (*study.alliance, PARTNERS):
        cells = [words.amount(measure, change[preset, force], signed=True) for preset in PRESETS]
        name = "The alliance" if force == PARTNERS else force
        style = "bold" if force == PARTNERS else ""
        table.add_row(Text(words.plain(name)), *map(Text, cells), style=style)
    return table


def _add_names(table: Table, study: Study) -> None:
    """Add a column of forces that numbers do not squeeze."""
    table.add_column("Force", overflow="fold", min_width=min(16, max(map(len, study.force_names))))
