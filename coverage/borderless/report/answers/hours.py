"""The day hour by hour: tables, plain values, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from borderless.analysis.compare import PARTNERS
from borderless.analysis.hours import DayByHour, day_table
from borderless.report import words
from borderless.report.answer import Answer
from borderless.report.tables import records
from borderless.study.model import Study

SCHEMA = 1
_COLUMNS = 3
#: What a study writes to have hours.
HOW = (
    "To judge 03:00 and 17:00, add a table [hours] to study.toml: for each class of road, or all, 24 factors "
    "on its speed, midnight first, and under incidents how calls spread over the day."
)


def hours_answer(found: DayByHour) -> Answer:
    """Return what scenarios cover hour by hour.

    Parameters
    ----------
    found
        What `borderless.analysis.hours.day_by_hour` found.

    Returns
    -------
    Answer
        Tables ``hours`` and, when all hours were asked, ``day``, in printed units.
    """
    study = found.region.study
    tables = {"hours": _printed(found.table, study)}
    if found.whole:
        tables["day"] = _printed(day_table(found.table), study)
    values = {
        "schema": SCHEMA,
        "study": study.name,
        "scenarios": [scenario.name for scenario in found.scenarios],
        "hours_given": study.hours.given,
        "clipped": list(study.forces.clipped),
        **{name: records(table) for name, table in tables.items()},
    }
    printed = [_table(found)] if study.hours.given else []
    return Answer(tables, values, [*printed, Text(words.plain("\n".join(hours_said(found))))])


def hours_said(found: DayByHour) -> list[str]:
    """Return the answer in sentences: how far the hours differ, what that does to the gain, and the limits."""
    study = found.region.study
    if not study.hours.given:
        return [f"The study says nothing about hours, so one hour stands for the whole day. {HOW}"]
    measure = study.measures[0]
    baseline, *others = found.scenarios
    before = partners_share(found, baseline.name)
    low, high = before.idxmin(), before.idxmax()
    said = [
        f"{baseline.label}: the share of {measure.unit} in the alliance within the standard is "
        f"{_percent(before[low])} at {low:02d}:00 and {_percent(before[high])} at {high:02d}:00, the lowest and "
        "the highest of the day."
        if before[low] < before[high]
        else f"{baseline.label}: {_percent(before[low])} of {measure.unit} in the alliance are within the standard "
        "in every hour."
    ]
    said += [_gain_said(found, name.label, partners_share(found, name.name) - before) for name in others]
    said += _day_said(found)
    if found.unheard:
        classes = words.listing([f"“{name}”" for name in found.unheard])
        said.append(f"These roads do not tell {classes} apart: those factors change nothing.")
    said.append(
        "The factors are the study's own, not measured here; where units start, and where people are, is taken "
        "to be the same in every hour."
    )
    if study.forces.clipped:
        said.append(f"{words.listing(study.forces.clipped)} count only as far as the road data reach.")
    return said


def partners_share(found: DayByHour, scenario: str) -> pd.Series:
    """Return hour → share of the first measure within the standard, for the partners together."""
    study = found.region.study
    wanted = {
        "scenario": scenario,
        "force": PARTNERS,
        "measure": study.measures[0].name,
        "target": study.response.targets[0].name,
    }
    table = found.table
    for column, value in wanted.items():
        table = table[table[column] == value]
    return table.set_index("hour")["share"]


def _gain_said(found: DayByHour, label: str, gain: pd.Series) -> str:
    low, high = gain.idxmin(), gain.idxmax()
    if gain[low] == gain[high]:
        return f"{label}: {words.points(gain[low])} percentage points in every hour asked."
    return (
        f"{label}: from {words.points(gain[low])} percentage points at {low:02d}:00 to "
        f"{words.points(gain[high])} at {high:02d}:00."
    )


def _day_said(found: DayByHour) -> list[str]:
    if not found.whole:
        return []
    weigh = "by the calls of each hour" if found.region.study.hours.incidents else "every hour alike"
    calls = pd.Series({hour: found.region.study.hours.share(hour) for hour in range(24)})
    parts = [
        f"{scenario.label} {_percent(float((partners_share(found, scenario.name) * calls).sum()))}"
        for scenario in found.scenarios
    ]
    return [f"Over the whole day, weighing {weigh}: {words.listing(parts)}."]


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _table(found: DayByHour) -> Table:
    study = found.region.study
    baseline, *others = found.scenarios
    before = partners_share(found, baseline.name)
    table = Table(
        title=Text(words.plain(f"The alliance: {study.measures[0].unit} within the standard, hour by hour")),
        caption=Text("Gains are in percentage points; calls are the share of the day's calls."),
        caption_style="",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("Hour", no_wrap=True)
    for head in ("Calls", baseline.label, *(scenario.label for scenario in others[:_COLUMNS])):
        table.add_column(Text(words.plain(head)), justify="right", max_width=16)
    gains = [partners_share(found, scenario.name) - before for scenario in others[:_COLUMNS]]
    for hour in before.index:
        cells = [f"{hour:02d}:00", f"{100 * study.hours.share(hour):.1f} %", _percent(before[hour])]
        table.add_row(*cells, *(words.points(gain[hour]) for gain in gains))
    return table


def _printed(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return a table with covered and total in the units of each measure; whole numbers stay whole."""
    per: Mapping[str, Any] = {measure.name: measure for measure in study.measures}
    printed = table.copy()
    for column in ("covered", "total"):
        numbers = zip(table["measure"], table[column].tolist(), strict=True)
        values = [per[name].printed(number) for name, number in numbers]
        printed[column] = pd.Series(values, index=table.index, dtype=object)
    return printed
