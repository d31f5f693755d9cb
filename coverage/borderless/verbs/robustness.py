"""`borderless robustness`: the question asked again under a thousand settings that might be true."""

from __future__ import annotations

from typing import Annotated

import typer

from borderless.analysis.robustness.robustness import DRAWS, SEED, robustness
from borderless.region import load_region
from borderless.report.answers.robustness import robustness_answer
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


def how_sure(
    study: StudyFile = None,
    draws: Annotated[
        int, typer.Option(min=1, help="How many joint draws of the uncertain settings.")
    ] = DRAWS,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same draws.")] = SEED,
    rebase: Annotated[
        bool, typer.Option("--rebase", help="Place units of shared stations anew in every draw.")
    ] = False,
    partners: Partners = "",
    extra: With = None,
    repair: Repair = False,
    csv: CsvFolder = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Tell how sure the answers are: which hold in every draw of the settings, and what they hang on."""
    with told(debug), stages(_STAGES) as progress:
        region = load_region(
            read_question(study, partners, csv, extra or (), repair=repair),
            repair=repair,
            on_stage=progress.begin,
        )
        found = robustness(
            region, draws, seed, rebase=rebase, on_stage=progress.begin, on_draws=progress.parts
        )
        answer = robustness_answer(found)
        save_tables(answer, csv)
        progress.finish()
    tell(answer, csv, as_json=as_json)
