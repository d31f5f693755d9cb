"""What scenarios are worth while units are busy: tables, plain values, and what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from borderless.analysis.busy.busy_comparison import BusyComparison
from borderless.analysis.compare import PARTNERS
from borderless.report import words
from borderless.report.answer import Answer
from borderless.report.tables import records
from borderless.study.model import Study

SCHEMA = 1
_SCENARIOS = 3
# from here on the approximation was seen to be off by points
_UNLIKE = 0.25
_SUMS = (
    "covered_before", "covered", "expected_before", "expected", "moved_before", "moved", "total",
)  # fmt: skip


def busy_answer(found: BusyComparison, sweep: pd.DataFrame) -> Answer:
    """Return what scenarios are worth while units are busy.

    Parameters
    ----------
    found
        The scenarios at the study's busy fractions.
    sweep
        Expected coverage over all fractions, from `busy_sweep`.

    Returns
    -------
    Answer
        Tables ``busy_by_force``, ``busy_workloads``, ``busy_dispatch`` and ``busy_sweep``, in printed units.
    """
    study = found.times.region.study
    tables = {
        "busy_by_force": _printed(found.by_force, study, _SUMS),
        "busy_workloads": found.workloads,
        "busy_dispatch": found.dispatch,
        "busy_sweep": _printed(sweep, study, ("expected", "total")),
    }
    values: dict[str, Any] = {
        "schema": SCHEMA,
        "study": study.name,
        "baseline": found.coverages[0].scenario.name,
        "busy_fraction": dict(found.busy),
        "assumed": found.assumed,
        "clipped": list(study.forces.clipped),
        "losers": records(found.losers[["scenario", "force"]]),
        **{name.removeprefix("busy_"): records(table) for name, table in tables.items()},
    }
    said = "\n".join(busy_said(found, sweep))
    return Answer(tables, values, [_table(found), Text(words.plain(said))])


def busy_said(found: BusyComparison, sweep: pd.DataFrame) -> list[str]:
    """Return the answer in sentences: what is assumed, what borders give, who loses, how sure that is."""
    study = found.times.region.study
    measure = study.measures[0]
    said = [_assumption(found)]
    said += [_gain_said(found, name, label) for name, label in _others(found)]
    instead = _instead(found, sweep)
    said += [instead] if instead else []
    losers = found.losers
    if losers.empty:
        said.append("No force is reached less often by half a point or more under any of these.")
    for name, label in _others(found):
        names = losers[losers["scenario"] == name]["force"].tolist()
        if names:
            said.append(f"Under “{label}” {words.listing(names)} would be reached less often than now.")
    said.append(
        "Workloads are an approximation: changes of less than half a point are within its error. Calls that "
        "wait for a unit count as not reached in time."
    )
    fractions = [found.busy[force] for force in study.alliance]
    if max(fractions) - min(fractions) > _UNLIKE:
        said.append(
            "Partners are unlike in how busy they are: what open borders give the busiest is understated "
            "here, so let a simulation decide."
        )
    if study.forces.clipped:
        clipped = words.listing(study.forces.clipped)
        said.append(f"{clipped}: only as far as the data reach, calls spread like {measure.unit}.")
    return said


def busy_short(found: BusyComparison, scenario: str) -> str:
    """Return what is assumed and what one scenario gives, in two sentences."""
    return f"{_assumption(found)} {_gain_said(found, scenario, dict(_others(found))[scenario])}"


def headline(found: BusyComparison, scenario: str, force: str) -> dict[str, Any]:
    """Return a force's row of `by_force` for the study's first measure and standard."""
    rows = found.by_force
    first = found.times.region.study.measures[0].name
    chosen = (rows["scenario"] == scenario) & (rows["force"] == force)
    (row,) = rows[chosen & (rows["measure"] == first) & (rows["target"] == "standard")].to_dict("records")
    return {str(key): value for key, value in row.items()}


def _others(found: BusyComparison) -> list[tuple[str, str]]:
    """Return name and label of each scenario but the baseline."""
    return [(coverage.scenario.name, coverage.scenario.label) for coverage in found.coverages[1:]]


def _gain_said(found: BusyComparison, name: str, label: str) -> str:
    measure = found.times.region.study.measures[0]
    row = headline(found, name, PARTNERS)
    static = int(row["covered"] - row["covered_before"])
    busy, moved = (round(row[kind] - row[f"{kind}_before"]) for kind in ("expected", "moved"))
    return (
        f"{label}: {words.quantity(measure, static, signed=True)} within the standard while units are "
        f"always free, {words.amount(measure, busy, signed=True)} while they are that busy, "
        f"{words.amount(measure, moved, signed=True)} once work has moved to whoever is nearest "
        f"({words.points(moved / row['total'] if row['total'] else np.nan)} percentage points)."
    )


def _assumption(found: BusyComparison) -> str:
    fractions = sorted({found.busy[force] for force in found.times.region.study.alliance})
    said = " to ".join(f"{100 * q:.3g}" for q in dict.fromkeys((fractions[0], fractions[-1])))
    if found.assumed:
        return f"Assumed, since the study says nothing: units are busy {said} % of the time."
    return f"Units are busy {said} % of the time while each force answers its own calls."


def _instead(found: BusyComparison, sweep: pd.DataFrame) -> str:
    """Return how much less busy units would have to be to gain what open borders gain."""
    names = [name for name, _ in _others(found)]
    fractions = {found.busy[force] for force in found.times.region.study.alliance}
    if len(fractions) > 1 or not names:
        return ""
    (at,) = fractions
    first = found.times.region.study.measures[0].name
    rows = sweep[(sweep["force"] == PARTNERS) & (sweep["measure"] == first)]
    curves = {name: part.set_index("busy_fraction")["expected"] for name, part in rows.groupby("scenario")}
    base, best = curves[found.coverages[0].scenario.name], curves[names[-1]]
    reached = float(np.interp(at, best.index, best))
    if not 0 < at <= base.index.max() or reached <= float(np.interp(at, base.index, base)):
        return ""
    same = float(np.interp(-reached, -base.to_numpy(), base.index.to_numpy(np.float64)))
    label = _others(found)[-1][1]
    said = f"Without any partner, units busy {100 * same:.1f} % of the time instead of {100 * at:.3g} %"
    return f"{said} would gain as much as “{label}” at fixed workloads."


def _table(found: BusyComparison) -> Table:
    study = found.times.region.study
    measure, shown = study.measures[0], _others(found)[:_SCENARIOS]
    left = len(_others(found)) - len(shown)
    title = f"{measure.label} reached within the standard, and how busy units are"
    table = Table(
        title=Text(words.plain(f"{study.name}\n{title}")),
        caption=Text(f"{left} more scenarios in the tables." if left > 0 else ""),
        box=box.SIMPLE_HEAD,
    )
    table.add_column("Force", overflow="fold", min_width=min(16, max(map(len, study.force_names))))
    for head in ("Always\nfree", "Busy"):
        table.add_column(head, justify="right", no_wrap=True)
    for _, label in shown:
        table.add_column(words.plain(label).replace(" ", "\n", 1), justify="right", no_wrap=True)
    work = found.workloads.set_index(["scenario", "force"])["workload"]
    for force in (*study.alliance, PARTNERS, *study.forces.outside):
        rows = [headline(found, name, force) for name, _ in shown]
        cells = ["The alliance" if force == PARTNERS else force]
        cells += [share_of(rows[0], kind) for kind in ("covered_before", "moved_before") if rows]
        cells[-1] += "" if force == PARTNERS else f"\n{100 * found.busy[force]:.1f} %"
        for (name, _), row in zip(shown, rows, strict=True):
            change = words.amount(measure, round(row["moved"] - row["moved_before"]), signed=True)
            busy = "" if force == PARTNERS else f"\n{100 * float(work[name, force]):.1f} %"
            cells.append(f"{change}{busy}")
        style = "bold" if force == PARTNERS else "dim" if force in study.forces.outside else ""
        table.add_row(*(Text(words.plain(cell)) for cell in cells), style=style)
    return table


def share_of(row: dict[str, Any], kind: str) -> str:
    """Return a column of a row as a share of its total, printed."""
    return words.percent(round(row[kind]), int(row["total"]))


def _printed(table: pd.DataFrame, study: Study, sums: tuple[str, ...]) -> pd.DataFrame:
    """Return sums in each measure's printed unit."""
    per = table["measure"].map({measure.name: measure.per for measure in study.measures})
    return table.assign(**{name: table[name] / per for name in sums})
