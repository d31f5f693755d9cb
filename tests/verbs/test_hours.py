"""`borderless hours`: from a study's files to the answer, or a plain word on what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import two_counties
from borderless import cli


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = two_counties.write_files(tmp_path_factory.mktemp("counties"))
    rush = ", ".join("0.5" if hour == 17 else "1" for hour in range(24))
    path.write_text(f"{path.read_text(encoding='utf-8')}\n[hours]\nall = [{rush}]\n", encoding="utf-8")
    return path


def called(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["hours", *(str(word) for word in words)])


def test_the_hours_that_are_asked_are_told(study: Path) -> None:
    found = json.loads(called(study, "--hour", "17", "--hour", "3", "--json").stdout)
    wanted = ("West", "population", "standard")
    rows = [r for r in found["hours"] if (r["force"], r["measure"], r["target"]) == wanted]
    west = {(r["hour"], r["scenario"]): r["covered"] for r in rows}
    # times of a file have no class, and so know the factor on all alone
    assert (west[3, "separate"], west[17, "separate"]) == (7, 1)
    assert west[17, "borderless"] == 13
    assert {hour for hour, _ in west} == {3, 17}
    assert "day" not in found


def test_the_whole_day_is_told_if_no_hour_is_named(study: Path, tmp_path: Path) -> None:
    told = called(study, "--csv", tmp_path / "tables")
    assert told.exit_code == 0, told.output
    assert "17:00" in told.stdout
    assert {path.stem for path in (tmp_path / "tables").iterdir()} == {"hours", "day"}


def test_an_hour_that_is_none_is_refused(study: Path) -> None:
    assert called(study, "--hour", "24").exit_code == 2
