"""The command line: parse, call, print."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from borderless.analysis.results import analyse
from borderless.condense.condense import condense_region
from borderless.condense.write import write_condensed
from borderless.errors import BorderlessError, InputError, OutputError, Problem, repairs_in_words
from borderless.maps.comparison import comparison_page
from borderless.region import check_study, embedded_study, input_files, load_region
from borderless.report.checks import check_json, check_summary
from borderless.report.files import write_all
from borderless.report.page import front_page
from borderless.report.tables import results_json, terminal_summary
from borderless.store import check_folder
from borderless.study.model import Study
from borderless.study.read import read_study

app = typer.Typer(
    help="Borderless coverage analysis: what changes when units respond across force borders.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_RUN_STAGES = 9
_CHECK_STAGES = 4
_CONDENSE_STAGES = 9

StudyFile = Annotated[
    Path | None, typer.Argument(help="A study.toml; none means the East Midlands study that comes with it.")
]
Partners = Annotated[
    str, typer.Option(help="Forces from outside to take into the alliance, separated by commas.")
]
Repair = Annotated[
    bool, typer.Option("--repair", help="Mend what can be mended without guessing, and say what was mended.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


class Stages:
    """A progress bar over named stages, on standard error; silent when that is not a terminal."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("Starting", total=total)
        self._now = ""
        self._since = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def begin(self, stage: str) -> None:
        """Begin a stage; the one before is done."""
        if self._now:
            self.finish()
        self._now, self._since = stage, time.perf_counter()
        self._progress.update(self._task, description=escape(stage))

    def finish(self) -> None:
        """End the stage that is running."""
        self.seconds[self._now] = round(time.perf_counter() - self._since, 3)
        self._progress.advance(self._task)


@app.callback(invoke_without_command=True)
def about(show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Answer how much coverage improves when forces work together."""
    if show:
        typer.echo(f"borderless {version('borderless-coverage')}")
        raise typer.Exit


@app.command()
def run(
    study: StudyFile = None,
    out: Annotated[Path, typer.Option(help="Folder for pages and tables.")] = Path("maps"),
    partners: Partners = "",
    repair: Repair = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print results.json instead of the table.")] = False,
    debug: Debug = False,
) -> None:
    """Run a study: from files to maps, tables and a front page."""
    with _told(debug), _stages(_RUN_STAGES) as stages:
        region = load_region(_study(study, partners, out), repair=repair, on_stage=stages.begin)
        results = analyse(region, on_stage=stages.begin)
        stages.begin("Drawing pages")
        comparison = comparison_page(results)
        pages = {"index.html": front_page(results, date.today()), "comparison.html": comparison}
        stages.begin("Writing files")
        write_all(results, out, pages, stages.seconds)
        stages.finish()
    if as_json:
        typer.echo(json.dumps(results_json(results), ensure_ascii=False))
        return
    console = Console()
    console.print(terminal_summary(results))
    mended = repairs_in_words(region.problems)
    if mended:
        console.print(escape(mended), soft_wrap=True)
    console.print(f"Open [bold]{escape(str(out / 'index.html'))}[/bold] in a browser.", soft_wrap=True)


@app.command()
def condense(
    study: StudyFile = None,
    out: Annotated[Path, typer.Option(help="Folder for the small study.")] = Path("condensed"),
    name: Annotated[str, typer.Option(help="Its title; the full study's when left out.")] = "",
    source: Annotated[
        list[str] | None, typer.Option(help="An attribution line for every page; may be given again.")
    ] = None,
    repair: Repair = False,
    debug: Debug = False,
) -> None:
    """Turn a full study into a small one of the same format that gives the same answers."""
    with _told(debug), _stages(_CONDENSE_STAGES) as stages:
        region = load_region(_study(study, "", out), repair=repair, on_stage=stages.begin)
        small = condense_region(region, on_stage=stages.begin)
        stages.begin("Writing files")
        written = write_condensed(small, out, name=name, sources=tuple(source or ()))
        stages.finish()
    size = sum(file.stat().st_size for file in out.iterdir() if file.is_file())
    kept = f"{len(small.cells):,} squares, {len(small.nodes):,} nodes, {len(small.links):,} links"
    typer.echo(f"{kept}; {size / 1e6:.2f} MB in {out}")
    typer.echo(f"Run it with: borderless run {written}")


@app.command()
def check(
    study: StudyFile = None,
    repair: Repair = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print every problem as JSON.")] = False,
    debug: Debug = False,
) -> None:
    """Read everything a study names, and tell all that is wrong, was mended, or is worth knowing."""
    with _told(debug), _stages(_CHECK_STAGES) as stages:
        found = check_study(study or embedded_study(), repair=repair, on_stage=stages.begin)
        stages.finish()
    if as_json:
        typer.echo(json.dumps(check_json(found.problems), ensure_ascii=False))
    else:
        Console().print(check_summary(found.problems))
    if found.region is None:
        raise typer.Exit(2)


def main() -> None:
    """Run the command line."""
    app()


def _study(path: Path | None, partners: str, out: Path) -> Study:
    """Read the study, and make sure at once that its results have somewhere to go."""
    file = path or embedded_study()
    try:
        study = read_study(file, missing_ok=True)
    except InputError:
        # All files are looked at, so that nobody mends one only to hear of the next.
        found = check_study(file).problems
        raise InputError(problem for problem in found if problem.severity == "error") from None
    names = tuple(name.strip() for name in partners.split(",") if name.strip())
    study = study.with_partners(names)
    check_folder(out, keep=input_files(study))
    return study


@contextmanager
def _told(debug: bool) -> Iterator[None]:
    """Turn errors into a message and an exit code.

    2 for bad input or an output that cannot be written, 130 when interrupted, 1 for a fault of the program.
    """
    try:
        yield
    except OutputError as error:
        if debug:
            raise
        typer.echo("Borderless stopped while writing; what it had not reached is as before.", err=True)
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    except BorderlessError as error:
        if debug:
            raise
        problems = error.problems if isinstance(error, InputError) else (Problem("", why=str(error)),)
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        typer.echo(f"Borderless stopped; nothing was written. {count}:\n{error}", err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        typer.echo("Interrupted; nothing half-written was left.", err=True)
        raise typer.Exit(130) from None
    except Exception as error:
        if debug:
            raise
        typer.echo(f"Borderless failed: {type(error).__name__}: {error}", err=True)
        typer.echo("This is a fault of the program. --debug shows where.", err=True)
        raise typer.Exit(1) from None


@contextmanager
def _stages(total: int) -> Iterator[Stages]:
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        yield Stages(progress, total)
