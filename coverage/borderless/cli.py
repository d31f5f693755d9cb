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
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from borderless.analysis.results import analyse
from borderless.condense.condense import condense_region
from borderless.condense.write import write_condensed
from borderless.errors import BorderlessError, InputError, OutputError, Problem, ProblemLog
from borderless.fetch.deadline import Deadline
from borderless.fetch.endpoints import read_endpoints
from borderless.fetch.fetch import Plan, fetch_study
from borderless.fetch.http import Client
from borderless.maps.comparison import comparison_page
from borderless.region import embedded_study, input_files, load_region
from borderless.report.files import write_all
from borderless.report.page import front_page
from borderless.report.tables import results_json, terminal_summary
from borderless.store import check_folder
from borderless.study.defaults import DEFAULTS
from borderless.study.model import Study
from borderless.study.read import read_study

app = typer.Typer(
    help="Borderless coverage analysis: what changes when units respond across force borders.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_RUN_STAGES = 9
_CONDENSE_STAGES = 9

StudyFile = Annotated[
    Path | None, typer.Argument(help="A study.toml; none means the East Midlands study that comes with it.")
]
Partners = Annotated[
    str, typer.Option(help="Forces from outside to take into the alliance, separated by commas.")
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


class Downloads:
    """Bars of downloads with size and rate, on standard error; silent when that is not a terminal."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._stage = bars.add_task("Starting", total=None)
        self._now = ("", TaskID(0))

    def begin(self, stage: str) -> None:
        """Begin a stage."""
        self._bars.update(self._stage, description=escape(stage))

    def progress(self, what: str, done: int, total: int | None) -> None:
        """Tell how far a download is."""
        if self._now[0] != what:
            if self._now[0]:
                self._bars.remove_task(self._now[1])
            self._now = (what, self._bars.add_task(escape(what), total=total))
        self._bars.update(self._now[1], completed=done, total=total)


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
    as_json: Annotated[bool, typer.Option("--json", help="Print results.json instead of the table.")] = False,
    debug: Debug = False,
) -> None:
    """Run a study: from files to maps, tables and a front page."""
    with _told(debug), _stages(_RUN_STAGES) as stages:
        region = load_region(_study(study, partners, out), on_stage=stages.begin)
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
    console.print(f"Open [bold]{escape(str(out / 'index.html'))}[/bold] in a browser.", soft_wrap=True)


@app.command()
def condense(
    study: StudyFile = None,
    out: Annotated[Path, typer.Option(help="Folder for the small study.")] = Path("condensed"),
    name: Annotated[str, typer.Option(help="Its title; the full study's when left out.")] = "",
    source: Annotated[
        list[str] | None, typer.Option(help="An attribution line for every page; may be given again.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Turn a full study into a small one of the same format that gives the same answers."""
    with _told(debug), _stages(_CONDENSE_STAGES) as stages:
        region = load_region(_study(study, "", out), on_stage=stages.begin)
        small = condense_region(region, on_stage=stages.begin)
        stages.begin("Writing files")
        written = write_condensed(small, out, name=name, sources=tuple(source or ()))
        stages.finish()
    size = sum(file.stat().st_size for file in out.iterdir() if file.is_file())
    kept = f"{len(small.cells):,} squares, {len(small.nodes):,} nodes, {len(small.links):,} links"
    typer.echo(f"{kept}; {size / 1e6:.2f} MB in {out}")
    typer.echo(f"Run it with: borderless run {written}")


@app.command()
def fetch(
    place: Annotated[list[str], typer.Argument(help="Forces of the alliance, e.g. Nottinghamshire.")],
    out: Annotated[Path, typer.Option(help="Folder for the study.")],
    outside: Annotated[
        list[str] | None, typer.Option(help="A neighbouring force outside the alliance; may be given again.")
    ] = None,
    guard_band_km: Annotated[
        float, typer.Option(min=0, max=500, help="Roads are kept this far beyond the forces.")
    ] = DEFAULTS["roads", "guard_band_km"].value,
    overpass: Annotated[
        bool, typer.Option("--overpass", help="Roads from Overpass instead of extracts.")
    ] = False,
    crime_month: Annotated[
        list[str] | None, typer.Option(help="Incidents of a month, YYYY-MM; an archive of over 1 GB.")
    ] = None,
    study: Annotated[
        Path | None, typer.Option(help="A study whose endpoints table names other servers.")
    ] = None,
    deadline_min: Annotated[float, typer.Option(min=0, help="When all must be done, in minutes.")] = 30,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask again for what is kept from earlier runs.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files of an earlier study.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the record of sources.")] = False,
    debug: Debug = False,
) -> None:
    """Make a study folder from open data: roads, force areas, a draft of stations, population."""
    plan = Plan(
        tuple(place), tuple(outside or ()), out, guard_band_km, overpass, tuple(crime_month or ()), force
    )
    log = ProblemLog()
    with _told(debug), _downloads() as bars:
        deadline = Deadline.after(deadline_min * 60)
        client = Client(deadline, log, progress=bars.progress, refresh=refresh)
        made = fetch_study(plan, client, read_endpoints(study), bars.begin)
    for problem in log:
        typer.echo(str(problem), err=True)
    if as_json:
        typer.echo((out / "sources.json").read_text(encoding="utf-8"))
        return
    typer.echo(
        f"{made.streets:,} street pieces, {made.people:,} people, {made.stations:,} police sites; in {out}"
    )
    typer.echo(f"{out / 'stations.csv'} is a draft: each site has 1 unit. README.md says what to fill in.")
    typer.echo(f"Then run it with: borderless run {made.study}")


def main() -> None:
    """Run the command line."""
    app()


def _study(path: Path | None, partners: str, out: Path) -> Study:
    """Read the study, and make sure at once that its results have somewhere to go."""
    study = read_study(path or embedded_study(), missing_ok=True)
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


class _Size(DownloadColumn):
    """Bytes of a download; nothing for a stage that has none."""

    def render(self, task: Task) -> Text:
        return super().render(task) if task.completed else Text()


class _Rate(TransferSpeedColumn):
    """Bytes per second of a download; nothing for a stage that has none."""

    def render(self, task: Task) -> Text:
        return super().render(task) if task.completed else Text()


@contextmanager
def _downloads() -> Iterator[Downloads]:
    columns = (TextColumn("{task.description}"), BarColumn(), _Size(), _Rate())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bars:
        yield Downloads(bars)
