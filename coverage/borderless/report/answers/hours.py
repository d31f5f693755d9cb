"""The day hour by hour: tables, plain values, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
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
    said = [*hours_said(found), *limits_said(found)]
    return Answer(tables, values, [*printed, Text(words.plain("\n".join(said)))])


def hours_said(found: DayByHour) -> list[str]:
    """Return the answer in sentences: how far the hours differ, and what that does to the gain."""
    study = found.region.study
    if not study.hours.given:
        why = "The study says nothing about hours, so one hour stands for the whole day"
        return [f"{why}: {_shares(found)}. {HOW}"]
    unit = study.measures[0].unit
    baseline, *others = found.scenarios
    before = partners_share(found, baseline.name)
    low, high = _extremes(before)
    if before[low] < before[high]:
        said = [
            f"{baseline.label}: the share of {unit} in the alliance within the standard is lowest at "
            f"{low:02d}:00, {_percent(before[low])}, and highest at {high:02d}:00, {_percent(before[high])}."
        ]
    else:
        share = _percent(before[low])
        said = [f"{baseline.label}: {share} of {unit} in the alliance are within the standard in every hour."]
    said += [_gain_said(scenario.label, gains(found, scenario.name)) for scenario in others]
    return [*said, *_day_said(found)]


def limits_said(found: DayByHour) -> list[str]:
    """Return what readers should know about these numbers."""
    study, said = found.region.study, []
    if found.unheard:
        classes = words.listing([f"“{name}”" for name in found.unheard])
        said.append(f"These roads do not tell {classes} apart: those factors change nothing.")
    if study.hours.given:
        said.append(
            "The factors are the study’s own and were not measured here. Where units start and where people "
            "are is taken to be the same in every hour."
        )
    clipped = study.forces.clipped
    if clipped:
        count = "counts" if len(clipped) == 1 else "count"
        said.append(f"{words.listing(clipped)} {count} only as far as the data reach.")
    return said


def partners_share(found: DayByHour, scenario: str) -> dict[int, float]:
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
    return dict(zip(table["hour"].tolist(), table["share"].tolist(), strict=True))


def gains(found: DayByHour, scenario: str) -> dict[int, float]:
    """Return hour → what a scenario adds to that share of the baseline."""
    before = partners_share(found, found.scenarios[0].name)
    return {hour: share - before[hour] for hour, share in partners_share(found, scenario).items()}


def _extremes(by_hour: Mapping[int, float]) -> tuple[int, int]:
    """Return the hours with the lowest and the highest number, the first of equals."""
    return min(by_hour, key=by_hour.__getitem__), max(by_hour, key=by_hour.__getitem__)


def _gain_said(label: str, gain: Mapping[int, float]) -> str:
    low, high = _extremes(gain)
    if gain[low] == gain[high]:
        return f"{label}: {words.points(gain[low])} percentage points in every hour."
    return (
        f"{label}: from {words.points(gain[low])} percentage points at {low:02d}:00 to "
        f"{words.points(gain[high])} at {high:02d}:00."
    )


def _day_said(found: DayByHour) -> list[str]:
    if not found.whole:
        return []
    hours = found.region.study.hours
    weigh = "by the calls of each hour" if hours.incidents else "every hour alike"
    return [f"Over the whole day, weighing {weigh}: {_shares(found)}."]


def _shares(found: DayByHour) -> str:
    """Return the share of the hours together, each counting as many calls come in it, by scenario."""
    hours, parts = found.region.study.hours, []
    for scenario in found.scenarios:
        share = partners_share(found, scenario.name)
        calls = sum(hours.share(hour) for hour in share)
        together = sum(hours.share(hour) * share[hour] for hour in share)
        parts.append(f"{scenario.label} {_percent(together / calls if calls else float('nan'))}")
    return words.listing(parts)


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %" if np.isfinite(share) else words.NO_NUMBER


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
    added = [gains(found, scenario.name) for scenario in others[:_COLUMNS]]
    for hour, share in before.items():
        cells = [f"{hour:02d}:00", f"{100 * study.hours.share(hour):.1f} %", _percent(share)]
        table.add_row(*cells, *(words.points(gain[hour]) for gain in added))
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
