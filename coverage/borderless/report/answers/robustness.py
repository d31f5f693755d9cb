"""How sure the study's answers are, as tables, as plain values and for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from borderless.analysis.robustness.robustness import Robustness
from borderless.report import words
from borderless.report.answer import Answer
from borderless.report.answers import robustness_words as sure
from borderless.report.tables import records
from borderless.study.model import Study

SCHEMA = 1
_SETTINGS = 6
_TURNS = 8


def robustness_answer(found: Robustness) -> Answer:
    """Return how sure the answers are, in every form."""
    study = found.region.study
    tables = tables_of(found)
    values = {
        "schema": SCHEMA,
        "study": study.name,
        "draws": found.count,
        "seed": found.seed,
        "rebased": found.rebased,
        "scenarios": [scenario.name for scenario in found.bench.scenarios],
        "settings": [
            {name: getattr(one, name) for name in ("key", "label", "unit", "base", "low", "high")}
            for one in found.bench.ranges
        ],
        "not_varied": list(found.unheard),
        **{name: records(tables[name]) for name in ("conclusions", "intervals", "tornado", "tipping")},
    }
    doubts = sure.doubts(found)
    firm = [*(doubts or ["Every headline conclusion holds in every draw."]), *sure.certainties(found)]
    printed: list[RenderableType] = [
        *(Text(words.plain(sentence)) for sentence in firm),
        _gains(found),
        _matters(found),
        *_turns(found),
        *(Text(words.plain(sentence), style="dim") for sentence in sure.reservations(found)),
    ]
    return Answer(tables, values, printed)


def tables_of(found: Robustness) -> Mapping[str, pd.DataFrame]:
    """Return the frames in printed units: conclusions, intervals, tornado, tipping and draws."""
    study = found.region.study
    first = study.measures[0].name
    conclusions, intervals = found.conclusions, found.intervals
    differences = [str(name) for name in conclusions if str(name).startswith("difference")]
    draws = found.draws().assign(measure=first)
    tornado = found.tornado.assign(measure=first)
    return {
        "conclusions": _in_units(conclusions, study, differences),
        "intervals": _in_units(intervals, study, ["base", "min", "p5", "p50", "p95", "max", "total"]),
        "tornado": _in_units(tornado, study, ["gain_low", "gain_high", "swing"]),
        "tipping": found.tipping,
        "draws": _in_units(draws, study, ["covered", "gain", "expected", "expected_gain"]),
    }


def _in_units(frame: pd.DataFrame, study: Study, columns: Sequence[str]) -> pd.DataFrame:
    per = frame["measure"].map({measure.name: measure.per for measure in study.measures})
    if (per == 1).all():
        return frame
    printed = frame.copy()
    for column in columns:
        pairs = zip(frame[column], per, strict=True)
        scaled = [value if value is None or unit == 1 else value / unit for value, unit in pairs]
        printed[column] = pd.Series(scaled, index=frame.index, dtype=object)
    return printed


def _gains(found: Robustness) -> Table:
    measure, study = sure.first_measure(found), found.region.study
    target = study.response.targets[0]
    title = f"Gain over {found.bench.scenarios[0].label}: {measure.unit} within {target.label}"
    table = _table(f"{title}, {found.count:,} draws")
    for head in ("Scenario", "Study's\nsettings", "Nine of ten draws", "All draws", "More / same\n/ fewer"):
        table.add_column(head, justify="left" if head == "Scenario" else "right")
    for kind, when in (("gain", "Units free"), ("expected", "Units busy")):
        table.add_row(Text(when, style="italic"))
        for scenario in found.bench.scenarios[1:]:
            row = sure.headline(found, kind, scenario.name)
            own, *ends = (
                words.amount(measure, round(row[f"difference{end}"]))
                for end in ("", "_p5", "_p95", "_min", "_max")
            )
            counts = f"{row['more']:,} / {row['same']:,} / {row['fewer']:,}"
            cells = (scenario.label, own, f"{ends[0]} to {ends[1]}", f"{ends[2]} to {ends[3]}", counts)
            table.add_row(*(Text(words.plain(cell)) for cell in cells))
    return table


def _matters(found: Robustness) -> Table:
    measure = sure.first_measure(found)
    label = sure.labels(found)[sure.FULLEST]
    table = _table(f"What {label} hangs on: mean gain in the lowest and highest fifth of each range")
    for head in ("Setting", "Range", "Units free", "Units busy"):
        table.add_column(head, justify="left" if head == "Setting" else "right")
    busy = sure.matters(found, "expected").set_index("setting")
    free = sure.matters(found, "covered").set_index("setting")
    widest = pd.concat([free["swing"].abs(), busy["swing"].abs()], axis=1).max(axis=1)
    for key in widest.sort_values(ascending=False, kind="stable").index[:_SETTINGS]:
        row = free.loc[key]
        spans = (
            f"{words.amount(measure, round(rows.loc[key, 'gain_low']))} → "
            f"{words.amount(measure, round(rows.loc[key, 'gain_high']))}"
            for rows in (free, busy)
        )
        span = f"{words.number(row['low'])}–{words.number(row['high'])} {row['unit']}"
        table.add_row(*(Text(words.plain(cell)) for cell in (sure.setting_label(key), span, *spans)))
    return table


def _turns(found: Robustness) -> list[Table]:
    turning = sure.turning(found)
    if turning.empty:
        return []
    table = _table("Where a conclusion turns: one setting moved, all others as in the study")
    for head in ("Conclusion", "Setting", "Turns at"):
        table.add_column(head)
    for row in records(turning.head(_TURNS)):
        about, turns = sure.turn_words(found, row)
        cells = (about, sure.setting_label(row["setting"]), turns)
        table.add_row(*(Text(words.plain(cell)) for cell in cells))
    if len(turning) > _TURNS:
        table.caption = f"{len(turning) - _TURNS:,} more in the tables"
    return [table]


def _table(title: str) -> Table:
    return Table(title=Text(words.plain(title)), title_justify="left", box=box.SIMPLE_HEAD)
