"""The bar of a stage's parts: how many are done, and how much longer it will take."""

from __future__ import annotations

import io

from rich.console import Console
from rich.progress import Progress, TextColumn

from borderless.terminal import Stages, stages


def test_parts_are_counted_and_their_bar_goes_when_all_are_done() -> None:
    with Progress(TextColumn("{task.completed}"), console=Console(file=io.StringIO())) as progress:
        bar = Stages(progress, 3)
        bar.begin("Drawing")
        done = bar.parts(50)
        done(20)
        stage, parts = progress.tasks
        assert (parts.completed, parts.total, parts.visible) == (20, 50, True)
        done(30)
        assert not parts.visible
        assert stage.completed == 0


def test_the_time_left_is_told_of_parts_alone() -> None:
    with stages(2) as bar:
        done = bar.parts(1000)
        done(250)
        (left,) = [column for column in bar._progress.columns if type(column).__name__ == "_Left"]
        stage, parts = bar._progress.tasks
        assert str(left(stage)) == ""
        assert str(left(parts)).startswith("250 of 1,000, ")
        assert str(left(parts)).endswith(" left")
