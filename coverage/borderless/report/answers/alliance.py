"""What `borderless alliance` answers: levers, hand-over, coalitions, shares, and who to ask next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from borderless.analysis.alliance.alliance import AllianceWorth
from borderless.analysis.alliance.levers import TOGETHER, force_groups
from borderless.analysis.alliance.partitions import partition_name, today, told_partitions
from borderless.analysis.compare import PARTNERS, Comparison
from borderless.analysis.coverage import ALL
from borderless.report import alliance_words as said
from borderless.report import words
from borderless.report.answer import Answer
from borderless.report.tables import records
from borderless.study.model import Measure, Study
from borderless.study.policy import Target

_BEST, _FEW = 3, 4
_LONGEST = 16
_SUMS = ("covered", "gain", "interaction", "last", "total", "gain_at_0", "own", "others", "loss")
_PARTS = ("own", "others")
_SHARES = ("value", "home", "given", "error")


def alliance_answer(worth: AllianceWorth, measure: Measure, target: Target) -> Answer:
    """Return the worth of an alliance as tables, plain values, and for the terminal.

    Parameters
    ----------
    worth
        What was found.
    measure, target
        What the terminal shows, and the values' ``shapley`` tells of; the tables hold every one.

    Returns
    -------
    Answer
        Tables in printed units; values in whole units of each measure's column (``measures`` says how many
        make a printed unit), all of them whole numbers but shares and Shapley values.
    """
    return Answer(_tables(worth), _values(worth, measure, target), _printed(worth, measure, target))


def aid_values(comparison: Comparison) -> list[dict[str, Any]]:
    """Return who helps whom as plain rows: responder, force, measure, answered (whole units)."""
    measures = comparison.scenario.times.region.study.measures
    return [
        {
            "responder": row["responder"],
            "force": row["force"],
            "measure": measure.name,
            "answered": row[measure.column],
        }
        for row in records(comparison.aid)
        for measure in measures
    ]


def handover_curves(worth: AllianceWorth) -> pd.DataFrame:
    """Return the gain of open borders by hand-over delay.

    Returns
    -------
    DataFrame
        levers, force (each, ``alliance``, ``all``), measure, target, delay_s, gain (whole units, from that
        second on until the next row).
    """
    study = worth.study
    parts = []
    for found in worth.handovers:
        for force, here in force_groups(found.times):
            for measure in study.measures:
                for target in study.response.targets:
                    curve = found.curve(here, measure, target)
                    head = {"levers": found.scenario.name, "force": force}
                    parts.append(curve.assign(**head, measure=measure.name, target=target.name))
    columns = ["levers", "force", "measure", "target", "delay_s", "gain"]
    return pd.concat(parts, ignore_index=True)[columns]


def _tables(worth: AllianceWorth) -> dict[str, pd.DataFrame]:
    tables = {
        "levers": worth.levers,
        "break_even": worth.break_even,
        "handover": handover_curves(worth),
        "coalitions": worth.coalitions,
        "partitions": worth.partitions,
        "shapley": worth.shapley,
        "asked_next": worth.asked,
        "missed": worth.missed,
    }
    return {name: _in_printed_units(table, worth.study) for name, table in tables.items()}


def _in_printed_units(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    per = {measure.name: measure.per for measure in study.measures}
    made = [per[name] for name in table["measure"]]
    columns = {
        column: [
            whole if many == 1 else whole / many for whole, many in zip(table[column], made, strict=True)
        ]
        for column in (*_SUMS, *_SHARES)
        if column in table
    }
    # As objects, whole people stay whole beside decimals of km².
    return table.assign(**{name: pd.Series(values, dtype=object) for name, values in columns.items()})


def _values(worth: AllianceWorth, measure: Measure, target: Target) -> dict[str, Any]:
    study, game = worth.study, worth.game
    members = {TOGETHER.join(coalition): list(coalition) for coalition in game.gains}
    told = told_partitions(game, worth.named)
    blocks = {partition_name(partition): [list(block) for block in partition] for partition in told}
    shares = said.rows_of(worth.shapley, measure, target)
    return {
        "schema": 1,
        "study": study.name,
        "scenario": worth.scenario.name,
        "alliance": list(study.alliance),
        "outside": list(study.forces.outside),
        "partly_known": list(study.forces.clipped),
        "measure": measure.name,
        "target": target.name,
        "measures": [{"name": m.name, "unit": m.unit, "whole_units": m.per} for m in study.measures],
        "handover_ms": study.response.cross_border_delay_ms,
        "orders_drawn": len(game.orders),
        "coalitions": [_with_list(row, "coalition", "forces", members) for row in records(worth.coalitions)],
        "partitions": [
            _with_list(row, "partition", "partition", blocks) for row in records(worth.partitions)
        ],
        "shapley": {row["force"]: row["value"] for row in shares if row["among"] == ALL},
        "shapley_by": records(worth.shapley),
        "levers": records(worth.levers),
        "break_even": records(worth.break_even),
        "asked_next": records(worth.asked),
        "missed": records(worth.missed),
        "aid": aid_values(worth.comparison),
    }


def _with_list(row: dict[str, Any], name: str, key: str, lists: dict[str, list[Any]]) -> dict[str, Any]:
    return {key: lists[row[name]]} | {column: value for column, value in row.items() if column != name}


def _printed(worth: AllianceWorth, measure: Measure, target: Target) -> list[RenderableType]:
    study = worth.study
    limit = f" ({target.label})" if target.name == "standard" else ""
    head = f"{study.name}: {worth.scenario.label}\n{measure.label} {words.within(target)}{limit}"
    parts = (_levers, _delays, _coalitions, _partitions, _shares, _asked)
    told = [piece for part in parts for piece in part(worth, measure, target)]
    last = said.caveat(worth, measure)
    return [_text(head, "bold"), *told, *([_text(f"\n{last}")] if last else [])]


def _levers(worth: AllianceWorth, measure: Measure, target: Target) -> list[RenderableType]:
    rows = said.levers_by_name(worth, measure, target).values()
    return _table(
        "The three levers, for the people of the alliance",
        ("Levers", "In target", "Gain", "Interaction", "Lost without"),
        [
            (
                row["levers"].replace("_", " "),
                words.amount(measure, row["covered"]),
                *(_signed(measure, row[column]) for column in ("gain", "interaction")),
                _signed(measure, -row["last"]),
            )
            for row in rows
        ],
        said.levers_said(worth, measure, target),
    )


def _delays(worth: AllianceWorth, measure: Measure, target: Target) -> list[RenderableType]:
    rows = [
        row
        for row in said.rows_of(worth.break_even, measure, target)
        if row["force"] == PARTNERS or (row["gain_at_0"] and row["force"] != ALL)
    ]
    now = words.duration(worth.study.response.cross_border_delay_s)
    return _table(
        "Hand-over between control rooms: what open borders gain",
        ("Stations", "Force", "At no\ndelay", f"At\n{now}", "Half\nup to", "Nothing\nfrom"),
        [
            (
                "own" if row["levers"] == "borders" else "shared",
                _name(row["force"]),
                *(_signed(measure, row[column]) for column in ("gain_at_0", "gain")),
                *(_seconds(row, column) for column in ("half_s", "break_even_s")),
            )
            for row in rows
        ],
        said.handover_said(worth, measure, target),
        names=2,
    )


def _coalitions(worth: AllianceWorth, measure: Measure, target: Target) -> list[RenderableType]:
    study = worth.study
    found = said.rows_of(worth.coalitions, measure, target)
    partners = set(study.alliance)
    members = {TOGETHER.join(coalition): set(coalition) for coalition in worth.game.gains}
    allied = [row for row in found if row["size"] > 1]
    best = sorted(allied, key=lambda row: -row["gain"])[:_BEST]
    kept = [
        row
        for row in sorted(allied, key=lambda row: (-row["gain"], row["size"]))
        if row in best or _is_shown(members[row["coalition"]], partners)
    ]
    return _table(
        f"Coalitions: the best of {len(found)}, and the partners’ own",
        ("Coalition", "Within target", "Gain"),
        [
            (row["coalition"], words.amount(measure, row["covered"]), _signed(measure, row["gain"]))
            for row in kept
        ],
        said.coalitions_said(worth, measure, target),
    )


def _is_shown(members: set[str], partners: set[str]) -> bool:
    return members == partners or (members < partners and len(partners) <= _FEW)


def _partitions(worth: AllianceWorth, measure: Measure, target: Target) -> list[RenderableType]:
    found = said.rows_of(worth.partitions, measure, target)
    asked = {partition_name(partition) for partition in (today(worth.study), *worth.named)}
    kept = [row for number, row in enumerate(found) if number < _BEST or row["partition"] in asked]
    return _table(
        "Alliances side by side",
        ("Rank", "Alliances", "Gain"),
        [
            (
                str(row["rank"] or words.NO_NUMBER),
                said.division(row["partition"]),
                _signed(measure, row["gain"]),
            )
            for row in kept
        ],
        said.partitions_said(worth, measure, target),
        names=2,
    )


def _shares(worth: AllianceWorth, measure: Measure, target: Target) -> list[RenderableType]:
    rows = said.rows_of(worth.shapley, measure, target)
    error = any(row["error"] for row in rows)
    heads = ("Among", "Force", "Share of gain", "At home", "For others")
    return _table(
        "Who brings the gain about (Shapley)",
        (*heads, "Error ±") if error else heads,
        [
            (
                "the alliance" if row["among"] == PARTNERS else "all forces",
                row["force"],
                *(_decimal(measure, row[column]) for column in ("value", "home", "given")),
                *([_decimal(measure, row["error"])] if error else []),
            )
            for row in rows
        ],
        said.shapley_said(worth, measure, target),
        names=2,
    )


def _asked(worth: AllianceWorth, measure: Measure, target: Target) -> list[RenderableType]:
    joins = [(row, row["gain"], "joins") for row in said.rows_of(worth.asked, measure, target)]
    leaves = [(row, -row["loss"], "leaves") for row in said.rows_of(worth.missed, measure, target)]
    return _table(
        "Who should be asked next, and who would be missed",
        ("Force", "If it", "Change", "Its own people", "Others"),
        [
            (
                "All outside" if row["force"] == ALL else row["force"],
                "join" if row["force"] == ALL else verb,
                _signed(measure, change),
                *(_signed(measure, row[part] if verb == "joins" else -row[part]) for part in _PARTS),
            )
            for row, change, verb in (*joins, *leaves)
        ],
        said.asked_said(worth, measure, target),
        names=2,
    )


def _table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], told: str, names: int = 1
) -> list[RenderableType]:
    """Return a table between its title and what it says; its first columns are names."""
    table = Table(box=box.SIMPLE_HEAD)
    for number, head in enumerate(heads):
        if number < names:
            longest = max((len(row[number]) for row in rows), default=0)
            table.add_column(_text(head), overflow="fold", min_width=min(_LONGEST, longest))
        else:
            table.add_column(_text(head), justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*(_text(cell) for cell in row))
    return [_text(f"\n{title}", "bold"), table, _text(told)]


def _text(said_plainly: str, style: str = "") -> Text:
    return Text(words.plain(said_plainly), style=style)


def _name(force: str) -> str:
    return "The alliance" if force == PARTNERS else force


def _signed(measure: Measure, whole: int) -> str:
    return words.amount(measure, whole, signed=True)


def _seconds(row: dict[str, Any], column: str) -> str:
    if row[column] is not None:
        return f"{row[column]:,} s"
    return "never" if row["gain_at_0"] and column == "break_even_s" else words.NO_NUMBER


def _decimal(measure: Measure, value: float) -> str:
    return f"{value / measure.per:,.1f}"
