"""`borderless alliance`: what the alliance of a study is worth, lever by lever and coalition by coalition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

import typer

from borderless.analysis.alliance.alliance import alliance_worth
from borderless.analysis.alliance.coalitions import MOST_FORCES
from borderless.analysis.alliance.partitions import read_partition
from borderless.analysis.times import response_times
from borderless.errors import BorderlessError
from borderless.region import load_region
from borderless.report.answers.alliance import alliance_answer
from borderless.study.model import Measure
from borderless.study.policy import ALLIANCE, Scenario, Target
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

_STAGES = 8
Named = TypeVar("Named", Measure, Scenario, Target)


def alliance(
    study: StudyFile = None,
    measure: Annotated[str, typer.Option(help="What is counted; the study's first when left out.")] = "",
    target: Annotated[str, typer.Option(help="standard, or for example '10 min'.")] = "standard",
    scenario: Annotated[str, typer.Option(help="How partners work together.")] = ALLIANCE.name,
    partition: Annotated[
        list[str] | None, typer.Option(help="Alliances side by side, 'A,B|C,D'; may be given again.")
    ] = None,
    partners: Partners = "",
    extra: With = None,
    repair: Repair = False,
    csv: CsvFolder = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Tell what an alliance is worth: its levers, every coalition, fair shares, and who to ask next."""
    with told(debug):
        question = read_question(study, partners, csv, extra or (), repair=repair)
        counted = _named(question.measures, measure or question.measures[0].name, "measure")
        within = _named(question.response.targets, target, "target")
        own = question.scenarios
        known = own if any(one.name == ALLIANCE.name for one in own) else (*own, ALLIANCE)
        together = _named(known, scenario, "scenario")
        named = [read_partition(text, question.force_names) for text in partition or ()]
        count = len(question.force_names)
        with stages(_STAGES + (1 << count if count <= MOST_FORCES else 0)) as progress:
            region = load_region(question, repair=repair, on_stage=progress.begin)
            progress.begin("Travel times")
            times = response_times(region)
            worth = alliance_worth(times, together, named=named, on_stage=progress.begin)
            progress.begin("Writing files")
            answer = alliance_answer(worth, counted, within)
            save_tables(answer, csv)
            progress.finish()
    tell(answer, csv, as_json=as_json)


def _named(known: Sequence[Named], name: str, kind: str) -> Named:
    for one in known:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in known)
    msg = f"--{kind} {name!r}: the study has no such {kind} → give one of: {names}"
    raise BorderlessError(msg)
