"""An answer is told whole in each form: printed, as CSV files, and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from borderless.errors import InputError
from borderless.report.answer import Answer
from borderless.verbs.options import read_question, save_tables, tell

ANSWER = Answer(
    tables={"one": pd.DataFrame({"force": ["=West"], "people": [3]}), "two": pd.DataFrame({"n": [1]})},
    values={"people": 3, "share": None},
    printed=["Three people"],
)


def test_each_table_becomes_a_file_with_formulas_guarded(tmp_path: Path) -> None:
    save_tables(ANSWER, tmp_path / "tables")
    assert (tmp_path / "tables" / "one.csv").read_text() == "force,people\n'=West,3\n"
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == ["one.csv", "two.csv"]


def test_without_a_folder_no_file_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_tables(ANSWER, None)
    assert not list(tmp_path.iterdir())


def test_json_is_all_that_programs_get(capsys: pytest.CaptureFixture[str]) -> None:
    tell(ANSWER, None, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"people": 3, "share": None}


def test_people_read_the_answer_and_where_the_tables_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(ANSWER, tmp_path, as_json=False)
    assert capsys.readouterr().out == f"Three people\n2 tables in {tmp_path}\n"


def test_every_problem_of_a_study_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("[roadz]\n[forcez]\n")
    with pytest.raises(InputError) as refused:
        read_question(tmp_path / "study.toml", "", None, (), repair=False)
    assert {"roadz", "forcez"} <= {problem.column for problem in refused.value.problems}
