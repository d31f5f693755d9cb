"""The command line: parse, call, print."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from borderless.analysis.results import analyse
from borderless.cache import (
    CacheWarning,
    cache_entries,
    cache_folder,
    cached_downloads,
    clear_cache,
    limit_bytes,
)
from borderless.condense.condense import condense_region
from borderless.condense.write import write_condensed
from borderless.errors import BorderlessError, InputError, OutputError, Problem, repairs_in_words
from borderless.maps.comparison import comparison_page
from borderless.region import check_study, embedded_study, input_files, load_region
from borderless.report.checks import check_json, check_summary
from borderless.report.files import write_all
from borderless.report.page import front_page
from borderless.report.tables import results_json, terminal_summary
from borderless.store import check_folder, size_text
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


@app.command("cache")
def show_cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove all of it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    debug: Debug = False,
) -> None:
    """List what is kept to make the next run quicker, or clear it."""
    with _told(debug):
        told: dict[str, Any] = {"folder": str(cache_folder())}
        if clear:
            told["freed_bytes"] = clear_cache()
        else:
            told |= _kept()
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    elif clear:
        typer.echo(f"{size_text(told['freed_bytes'])} freed in {told['folder']}")
    else:
        _print_kept(told)


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


def _kept() -> dict[str, Any]:
    """Return what the cache holds, as plain values."""
    entries, downloads = cache_entries(), cached_downloads()
    rows = [
        {
            "kind": entry.kind,
            "file": entry.path.name,
            "bytes": entry.size_bytes,
            "made": _moment(entry.made_s),
            "used": _moment(entry.used_s),
        }
        for entry in entries
    ]
    size_bytes = sum(path.lstat().st_size for path in downloads)
    return {
        "limit_bytes": limit_bytes(),
        "bytes": size_bytes + sum(entry.size_bytes for entry in entries),
        "entries": rows,
        "downloads": {"files": len(downloads), "bytes": size_bytes},
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _print_kept(told: dict[str, Any]) -> None:
    table = Table("What", "Size", "Made", "Last used", "File", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for entry in told["entries"]:
        moments = (entry[key][:16].replace("T", " ") for key in ("made", "used"))
        # the kind and eight characters are enough to know a file by
        name = entry["file"].removeprefix(f"{entry['kind']}-")[:8] + "…"
        table.add_row(entry["kind"], size_text(entry["bytes"]), *moments, name)
    downloads = told["downloads"]
    if count := downloads["files"]:
        files = f"{count} file{'s' if count != 1 else ''}"
        table.add_row("downloads", size_text(downloads["bytes"]), "", "", files)
    console = Console()
    if table.row_count:
        console.print(table)
    limit = f"at most {size_text(told['limit_bytes'])} are kept besides downloads"
    console.print(
        f"{size_text(told['bytes'])} in {escape(told['folder'])}; {limit}. Times are UTC.", soft_wrap=True
    )


@contextmanager
def _told(debug: bool) -> Iterator[None]:
    """Turn errors into a message and an exit code, and warnings of the cache into plain lines.

    2 for bad input or an output that cannot be written, 130 when interrupted, 1 for a fault of the program.
    """
    try:
        with _interruptible(), _warnings_told():
            yield
    except OutputError as error:
        if debug:
            raise
        typer.echo("Borderless stopped while writing.", err=True)
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
def _interruptible() -> Iterator[None]:
    """Let the first Ctrl-C unwind, so that work in hand is put in order; a second one ends it at once."""
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return

    def unwind(*_: object) -> NoReturn:
        signal.signal(signal.SIGINT, before)
        raise KeyboardInterrupt

    try:
        signal.signal(signal.SIGINT, unwind)
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _warnings_told() -> Iterator[None]:
    """Tell warnings of the cache once each, in plain words; others are shown as ever."""
    told: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("always", CacheWarning)
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *more: Any, **named: Any) -> None:
            if not issubclass(category, CacheWarning):
                others(message, category, *more, **named)
            elif str(message) not in told:
                told.add(str(message))
                typer.echo(str(message), err=True)

        warnings.showwarning = show
        yield


@contextmanager
def _stages(total: int) -> Iterator[Stages]:
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        yield Stages(progress, total)
