"""`borderless hours`: what each scenario covers at 03:00 and at 17:00."""

from __future__ import annotations

from typing import Annotated

import typer

from borderless.analysis.hours import day_by_hour
from borderless.region import load_region
from borderless.report.answers.hours import hours_answer
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

_STAGES = 5


def hour_by_hour(
    study: StudyFile = None,
    hour: Annotated[
        list[int] | None,
        typer.Option(min=0, max=23, help="Only this hour, 0 to 23; may be given again. All by default."),
    ] = None,
    partners: Partners = "",
    extra: With = None,
    repair: Repair = False,
    csv: CsvFolder = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Tell what each scenario covers hour by hour, at the speeds that the study gives the hours."""
    with told(debug), stages(_STAGES) as progress:
        question = read_question(study, partners, csv, extra or (), repair=repair)
        region = load_region(question, repair=repair, on_stage=progress.begin)
        progress.begin("Hour by hour")
        answer = hours_answer(day_by_hour(region, question.scenarios, hour or None))
        save_tables(answer, csv)
        progress.finish()
    tell(answer, csv, as_json=as_json)
