"""`borderless busy`: what scenarios are worth while units are busy, and where their work goes."""

from __future__ import annotations

from typing import Annotated

import typer

from borderless.analysis.busy.busy_comparison import busy_comparison, busy_sweep, stated_fractions
from borderless.analysis.times import response_times
from borderless.region import load_region
from borderless.report.answers.busy import busy_answer
from borderless.study.defaults import DEFAULTS
from borderless.terminal import stages, told
from borderless.verbs.options import (
    AsJson,
    CsvFolder,
    Debug,
    Partners,
    Repair,
    StudyFile,
    With,
    read_question,
    save_tables,
    tell,
)

_STAGES = 7


def busy_units_worth(
    study: StudyFile = None,
    busy_fraction: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=DEFAULTS["response", "busy_fraction"].high,
            help="Share of the time every unit is busy; the study's, or else 0.3, when left out.",
        ),
    ] = None,
    hour: Annotated[
        int | None, typer.Option(min=0, max=23, help="Hour of the day; the mean of the day when left out.")
    ] = None,
    partners: Partners = "",
    extra: With = None,
    repair: Repair = False,
    csv: CsvFolder = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Tell what scenarios are worth while units are busy, who works for whom, and who loses."""
    with told(debug), stages(_STAGES) as progress:
        question = read_question(study, partners, csv, extra or (), repair=repair)
        region = load_region(question, repair=repair, on_stage=progress.begin)
        progress.begin("Travel times")
        times = response_times(region)
        progress.begin("Busy units")
        busy, assumed = stated_fractions(question, hour)
        if busy_fraction is not None:
            busy, assumed = dict.fromkeys(question.force_names, busy_fraction), False
        found = busy_comparison(times, question.scenarios, busy, assumed=assumed)
        answer = busy_answer(found, busy_sweep(times, question.scenarios))
        save_tables(answer, csv)
        progress.finish()
    tell(answer, csv, as_json=as_json)
