"""`borderless aid`: who helps whom under a scenario, who loses by it, and how fair it is."""

from __future__ import annotations

from typing import Annotated

import typer

from borderless.analysis.compare import compare
from borderless.analysis.coverage import cover
from borderless.analysis.losers import losers
from borderless.analysis.times import response_times
from borderless.region import load_region
from borderless.report.answers.aid import aid_answer
from borderless.study.asked import scenario_named
from borderless.study.policy import ALLIANCE
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

_STAGES = 6


def who_helps(
    study: StudyFile = None,
    scenario: Annotated[str, typer.Option(help="Which scenario of the study.")] = ALLIANCE.name,
    measure: Annotated[
        str, typer.Option(help="What counts as a call; incidents, or the study's first measure, if left out.")
    ] = "",
    partners: Partners = "",
    extra: With = None,
    repair: Repair = False,
    csv: CsvFolder = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Tell who helps whom, whose own units get farther or busier, and how fair it is."""
    with told(debug), stages(_STAGES) as progress:
        question = read_question(study, partners, csv, extra or (), repair=repair)
        asked = scenario_named(question, scenario)
        region = load_region(question, repair=repair, on_stage=progress.begin)
        progress.begin("Travel times")
        times = response_times(region)
        progress.begin("Who helps whom")
        comparison = compare(cover(times, question.scenarios[0]), cover(times, asked))
        answer = aid_answer(losers(comparison, measure))
        save_tables(answer, csv)
        progress.finish()
    tell(answer, csv, as_json=as_json)
