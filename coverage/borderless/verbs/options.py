"""What the commands share: arguments and options, how a study is read, and how an answer is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from borderless import store
from borderless.errors import InputError
from borderless.region import check_study, embedded_study, input_files
from borderless.report.answer import Answer
from borderless.report.files import csv_bytes
from borderless.study.model import Study
from borderless.study.policy import CAPABILITIES, PRESETS
from borderless.study.read import read_study

StudyFile = Annotated[
    Path | None, typer.Argument(help="A study.toml; none means the East Midlands study that comes with it.")
]
StudyOption = Annotated[
    Path | None,
    typer.Option("--study", help="A study.toml; none means the East Midlands study that comes with it."),
]
OneScenario = Annotated[str, typer.Option("--scenario", help="A scenario of the study, by name.")]
Preset = Annotated[str, typer.Option(help=f"One rule between all partners: {', '.join(PRESETS)}.")]
Rules = Annotated[
    list[str] | None,
    typer.Option(
        "--rule",
        help="A rule for one direction of one border: 'Responder > Place: closest, delay 30'; also closed, "
        "on_exhaustion, if_faster 120. May be given again.",
    ),
]
CapabilityName = Annotated[str, typer.Option("--capability", help=f"Whose units: {', '.join(CAPABILITIES)}.")]
Partners = Annotated[
    str, typer.Option(help="Forces from outside to take into the alliance, separated by commas.")
]
With = Annotated[
    list[Path] | None,
    typer.Option("--with", help="A file with scenarios, such as the what-if page saves; may be given again."),
]
Repair = Annotated[
    bool, typer.Option("--repair", help="Mend what can be mended without guessing, and say what was mended.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
CsvFolder = Annotated[
    Path | None, typer.Option("--csv", help="A folder for the tables as CSV, one file each.")
]


def read_question(
    path: Path | None, partners: str, out: Path | None, extras: Sequence[Path], *, repair: bool
) -> Study:
    """Read the study, and make sure at once that its results have somewhere to go.

    Parameters
    ----------
    path
        The study file; none means the embedded one.
    partners
        Forces from outside to take in, separated by commas.
    out
        Folder for results; none where nothing will be written.
    extras
        Files with scenarios.
    repair
        Mend what can be mended.
    """
    file = path or embedded_study()
    try:
        study = read_study(file, extras, missing_ok=True)
    except InputError:
        # All files are looked at, so that nobody mends one only to hear of the next.
        found = check_study(file, extras=extras, repair=repair).problems
        raise InputError(problem for problem in found if problem.severity == "error") from None
    names = tuple(name.strip() for name in partners.split(",") if name.strip())
    study = study.with_partners(names)
    if out is not None:
        store.check_folder(out, keep=input_files(study))
    return study


def save_tables(answer: Answer, folder: Path | None) -> None:
    """Write an answer's tables into a folder, all or none; without a folder nothing is written."""
    if folder is not None:
        contents = {f"{name}.csv": csv_bytes(table) for name, table in answer.tables.items()}
        store.write_set(folder, contents, last=next(reversed(contents)))


def tell(answer: Answer, csv: Path | None, *, as_json: bool) -> None:
    """Print an answer for people or for programs."""
    if as_json:
        typer.echo(json.dumps(answer.values, ensure_ascii=False, allow_nan=False))
        return
    console = Console()
    for part in answer.printed:
        console.print(part)
    if csv is not None:
        console.print(f"{len(answer.tables)} tables in {csv}", markup=False, soft_wrap=True)
