"""What the command line shows while it works, and how it ends: progress, messages and exit codes."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, NoReturn

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
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from borderless.cache import CacheWarning
from borderless.errors import BorderlessError, InputError, OutputError, Problem

# how long until an interruption that was swallowed is tried again
_AGAIN_S = 0.02


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

    def parts(self, total: int) -> Callable[[int], None]:
        """Show how far the stage is and how long it will take; return what is told how many more are done."""
        task = self._progress.add_task("", total=total, parts=True)

        def done(count: int) -> None:
            self._progress.advance(task, count)
            if self._progress.tasks[task].finished:
                self._progress.update(task, visible=False)

        return done

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


@contextmanager
def told(debug: bool) -> Iterator[None]:
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
    """Let the first Ctrl-C unwind, so that work in hand is put in order; a second one ends it at once.

    Libraries that call Python from C swallow what is raised there, and only print it. Then it is raised
    once more, a moment later, when they are likely to be done.
    """
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return
    printed, swallowed = sys.excepthook, sys.unraisablehook

    def unwind(*_: object) -> NoReturn:
        signal.signal(signal.SIGINT, before)
        raise KeyboardInterrupt

    def stay_silent(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            printed(kind, error, trace)

    def try_again(what: Any) -> None:
        if not issubclass(what.exc_type, KeyboardInterrupt):
            swallowed(what)
            return
        signal.signal(signal.SIGINT, unwind)
        threading.Timer(_AGAIN_S, _thread.interrupt_main).start()

    try:
        sys.excepthook, sys.unraisablehook = stay_silent, try_again
        signal.signal(signal.SIGINT, unwind)
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        sys.excepthook, sys.unraisablehook = printed, swallowed


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


class _Left(TimeRemainingColumn):
    """How much longer the parts of a stage will take; nothing for stages, which differ in length."""

    def render(self, task: Task) -> Text:
        if not task.fields.get("parts"):
            return Text()
        return (
            Text(f"{task.completed:,.0f} of {task.total or 0:,.0f}, ") + super().render(task) + Text(" left")
        )


@contextmanager
def stages(total: int) -> Iterator[Stages]:
    """Show a bar over a number of stages."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), _Left())
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
def downloads() -> Iterator[Downloads]:
    """Show a bar for each download."""
    columns = (TextColumn("{task.description}"), BarColumn(), _Size(), _Rate())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bars:
        yield Downloads(bars)
