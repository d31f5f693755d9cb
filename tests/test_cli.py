"""The command line: what it prints, what it returns, and what it never touches."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import two_counties
from borderless import cli
from borderless.errors import OutputError


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return two_counties.write_files(tmp_path / "study")


def call(*words: str | Path) -> tuple[int, str]:
    """Return the exit code and what went to standard error."""
    result = CliRunner().invoke(cli.app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stderr


@pytest.mark.parametrize("verb", ["run", "condense"])
def test_a_folder_that_holds_input_is_refused_and_left_alone(study: Path, verb: str) -> None:
    before = {path.name: path.read_bytes() for path in study.parent.iterdir()}
    code, told = call(verb, study, "--out", study.parent)
    assert code == 2
    assert "holds input" in told
    assert {path.name: path.read_bytes() for path in study.parent.iterdir()} == before


@pytest.mark.parametrize("out", ["file", "file/below/it"])
def test_an_output_that_cannot_be_a_folder_is_told_before_any_work(
    study: Path, tmp_path: Path, out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "load_region", lambda *_, **__: pytest.fail("it worked for nothing"))
    (tmp_path / "file").write_text("mine")
    code, told = call("run", study, "--out", tmp_path / out)
    assert code == 2
    assert "not a folder" in told
    assert "nothing was written" in told
    assert (tmp_path / "file").read_text() == "mine"


def test_a_disk_that_refuses_is_not_called_bad_input(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OutputError("coverage.csv: no space")

    monkeypatch.setattr(cli, "write_all", full)
    code, told = call("run", study, "--out", tmp_path / "out")
    assert code == 2
    assert "nothing was written" not in told
    assert "coverage.csv: no space" in told


def test_a_fault_of_the_program_shows_a_traceback_only_with_debug(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(cli, "analyse", fail)
    assert call("run", study, "--out", tmp_path / "out") == (
        1,
        "Borderless failed: ZeroDivisionError: by nought\n"
        "This is a fault of the program. --debug shows where.\n",
    )
    debug = CliRunner().invoke(cli.app, ["run", str(study), "--out", str(tmp_path / "out"), "--debug"])
    assert isinstance(debug.exception, ZeroDivisionError)


def test_an_interruption_returns_130_and_leaves_nothing(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "analyse", interrupt)
    assert call("run", study, "--out", tmp_path / "out")[0] == 130
    assert not (tmp_path / "out").exists()


def test_bad_input_returns_2_and_makes_no_folder(study: Path, tmp_path: Path) -> None:
    (study.parent / "people.csv").write_text("id\n")
    code, told = call("run", study, "--out", tmp_path / "out")
    assert code == 2
    assert "nothing was written" in told
    assert "Traceback" not in told
    assert not (tmp_path / "out").exists()
