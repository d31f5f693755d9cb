"""Who helps whom, who loses and how fair it is: tables, plain values, and what the terminal shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from borderless.analysis.aid import DRIVING, UNIT_TIME, aid_table, balance_table
from borderless.analysis.compare import PARTNERS
from borderless.analysis.coverage import Coverage
from borderless.analysis.fairness import fairness_table, gap_table
from borderless.analysis.losers import Losers, workload_change
from borderless.report import words
from borderless.report.answer import Answer
from borderless.report.answers.aid_words import (
    HOUR_MS,
    gini_told,
    help_said,
    hours,
    limits_said,
    losses_said,
    tenth_told,
)
from borderless.report.tables import printed, records
from borderless.study.model import Measure, Study

SCHEMA = 1
_HOURS = {DRIVING: "driving_hours", UNIT_TIME: "unit_hours"}
_COUNTS = ("total", "unreachable", "rural_covered", "rural_total", "urban_covered", "urban_total")


def aid_answer(found: Losers) -> Answer:
    """Return who helps whom, who loses and how fair it is.

    Parameters
    ----------
    found
        What `borderless.analysis.losers.losers` found for a scenario and its baseline.

    Returns
    -------
    Answer
        Tables ``aid``, ``balance``, ``losers``, ``farther``, ``busier``, ``stations``, ``fairness`` and
        ``gap``; people, areas and lengths in printed units, work in hours, waiting in minutes.
    """
    tables = _tables(found)
    values = {
        "schema": SCHEMA,
        "study": found.study.name,
        "baseline": found.comparison.baseline.scenario.name,
        "scenario": found.comparison.scenario.scenario.name,
        "calls": found.calls.name,
        "clipped": list(found.study.forces.clipped),
        **{name: records(table) for name, table in tables.items()},
    }
    said = [*help_said(found), *losses_said(found), *limits_said(found)]
    return Answer(tables, values, [_balance(found), _fairness(found), Text(words.plain("\n".join(said)))])


def fairness_rows(coverage: Coverage, measure: Measure) -> dict[str, dict[str, Any]]:
    """Return the row of `fairness_table` for each force, for one scenario and measure."""
    frame = fairness_table([coverage])
    rows = frame[frame["measure"] == measure.name].to_dict("records")
    return {str(row["force"]): {str(name): value for name, value in row.items()} for row in rows}


def _tables(found: Losers) -> dict[str, pd.DataFrame]:
    study, calls, measure = found.study, found.calls.name, found.study.measures[0]
    baseline, scenario = found.comparison.baseline, found.comparison.scenario
    aid = aid_table(scenario, calls)
    counts = [str(name) for name in found.by_force if name != "force"]
    stations = workload_change(baseline, scenario, calls).assign(measure=calls)
    # A scenario compared with itself has its rows once.
    coverages = list({coverage.scenario.name: coverage for coverage in (baseline, scenario)}.values())
    return {
        "aid": _in_hours(_in_units(aid, study.measures)),
        "balance": _balance_told(balance_table(aid), study),
        "losers": printed(found.by_force.assign(measure=measure.name), study, counts).drop(columns="measure"),
        "farther": _in_minutes(_in_units(found.farther_places, (measure,))),
        "busier": _in_hours(_in_units(found.busier_places(), (measure,))),
        "stations": _in_hours(printed(stations, study, ("calls_before", "calls"))).drop(columns="measure"),
        "fairness": _in_minutes(printed(fairness_table(coverages), study, _COUNTS)),
        "gap": gap_table(coverages),
    }


def _in_units(table: pd.DataFrame, measures: Sequence[Measure]) -> pd.DataFrame:
    """Return a table whose measures' columns are in printed units, under the measures' names."""
    told = table.copy()
    for measure in measures:
        values = [measure.printed(int(whole)) for whole in table[measure.column]]
        told[measure.column] = pd.Series(values, dtype=object)
    return told.rename(columns={measure.column: measure.name for measure in measures})


def _in_hours(table: pd.DataFrame) -> pd.DataFrame:
    return _divided(table, HOUR_MS, "_hours")


def _in_minutes(table: pd.DataFrame) -> pd.DataFrame:
    return _divided(table, 60_000, "_min")


def _divided(table: pd.DataFrame, by: int, ending: str) -> pd.DataFrame:
    told = table.copy()
    names = {str(name): str(name).replace("_ms", ending) for name in table if "_ms" in str(name)}
    for name in names:
        told[name] = table[name].astype(np.float64) / by
    return told.rename(columns=names)


def _balance_told(balance: pd.DataFrame, study: Study) -> pd.DataFrame:
    by_column: Mapping[str, Measure] = {measure.column: measure for measure in study.measures}
    rows: list[dict[str, Any]] = []
    for row in balance.to_dict("records"):
        measure = by_column.get(row["quantity"])
        name = measure.name if measure else _HOURS[row["quantity"]]
        sums = {side: int(row[side]) for side in ("given", "received", "net")}
        told = {side: measure.printed(n) if measure else n / HOUR_MS for side, n in sums.items()}
        rows.append({"force": row["force"], "quantity": name, **told})
    return pd.DataFrame(rows, dtype=object)


def _balance(found: Losers) -> Table:
    study, measure = found.study, found.study.measures[0]
    balance = balance_table(aid_table(found.comparison.scenario, found.calls.name))
    heads = (f"{measure.label}\ngiven", "\nreceived", "\nnet", "Unit-hours\ngiven", "\nreceived", "\nnet")
    table = _table(
        f"{found.comparison.scenario.scenario.label}: first answered for other forces, and by them",
        f"Given − received = net. Work is for the {found.calls.unit} counted: turnout, drive and "
        f"{words.duration(study.response.on_scene_s)} at the scene.",
        heads,
    )
    sums = {(row["force"], row["quantity"]): row for row in balance.to_dict("records")}
    for force in study.force_names:
        people, work = sums[force, measure.column], sums[force, UNIT_TIME]
        if force not in study.alliance and not people["given"] and not people["received"]:
            continue
        cells = [force, *(words.amount(measure, people[side]) for side in ("given", "received"))]
        cells.append(words.amount(measure, people["net"], signed=True))
        cells += [hours(work["given"]), hours(work["received"]), hours(work["net"], signed=True)]
        table.add_row(*(Text(words.plain(cell)) for cell in cells))
    return table


def _fairness(found: Losers) -> Table:
    study, measure = found.study, found.study.measures[0]
    coverages = (found.comparison.baseline, found.comparison.scenario)
    before, after = (fairness_rows(coverage, measure) for coverage in coverages)
    table = _table(
        f"Fairness by {measure.unit}: {' → '.join(coverage.scenario.label for coverage in coverages)}",
        f"Tenth: mean minutes {words.counted_from(study)} of the tenth that waits longest. Gini: 0 is all "
        "alike. Country and towns: share within the standard.",
        ("Tenth, min", "Gini", "Country, %", "Towns, %"),
    )
    kinds = (tenth_told, gini_told, _share("rural"), _share("urban"))
    for force in (*study.alliance, PARTNERS):
        name = "The alliance" if force == PARTNERS else force
        cells = [name, *(f"{told(before[force])} → {told(after[force])}" for told in kinds)]
        style = "bold" if force == PARTNERS else ""
        table.add_row(*(Text(words.plain(cell)) for cell in cells), style=style)
    return table


def _share(kind: str) -> Callable[[Mapping[str, Any]], str]:
    def told(row: Mapping[str, Any]) -> str:
        return words.percent(int(row[f"{kind}_covered"]), int(row[f"{kind}_total"])).removesuffix(" %")

    return told


def _table(title: str, caption: str, heads: Sequence[str]) -> Table:
    table = Table(
        title=Text(words.plain(title)),
        caption=Text(words.plain(caption)),
        caption_style="",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    # Numbers may squeeze long names, never usual ones.
    table.add_column("Force", overflow="fold", min_width=16)
    for head in heads:
        table.add_column(Text(words.plain(head)), justify="right", no_wrap=True)
    return table
