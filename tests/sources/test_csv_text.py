"""CSV files as people save them: nothing is shifted, nothing is guessed unless asked for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from borderless.errors import Problem, ProblemLog
from borderless.report.files import csv_bytes
from borderless.sources.csv_text import read_csv

TEXT = "id,name,note\n007,Café £5,NA\n1e5,Ōundle,\n"


def read(path: Path, content: bytes, *, mending: bool = False) -> tuple[pd.DataFrame, list[Problem]]:
    path.write_bytes(content)
    log = ProblemLog(mending=mending)
    return read_csv(path, log).rows, list(log)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (TEXT.encode("utf-16"), "read as UTF-16"),
        (TEXT.replace("Ō", "O").encode("cp1252"), "read as Windows-1252"),
        (TEXT.replace(",", ";").encode(), "read with semicolons"),
        (TEXT.replace(",", "\t").encode(), "read with tabs"),
        (TEXT.replace(",", "|").encode(), "read with bars"),
    ],
)
def test_another_encoding_or_separator_is_read_only_when_repairs_are_asked_for(
    tmp_path: Path, content: bytes, rule: str
) -> None:
    _, refused = read(tmp_path / "t.csv", content)
    assert [(p.severity, p.rule) for p in refused] == [("error", rule)]
    rows, mended = read(tmp_path / "t.csv", content, mending=True)
    assert [(p.severity, p.rule) for p in mended] == [("repair", rule)]
    assert rows["id"].tolist() == ["007", "1e5"]
    assert rows["name"].iloc[0] == "Café £5"
    assert rows["note"].tolist() == ["NA", ""]


def test_the_row_and_byte_of_a_strange_letter_are_told(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path / "t.csv", b"id,name\n1,a\n2,\xa35\n")
    assert (problem.where, problem.value) == ("row 3", "0xa3")
    assert "byte 14 is 0xa3" in problem.why
    assert "in Windows-1252 it is £" in problem.why


def test_a_letter_that_no_encoding_knows_cannot_be_mended(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path / "t.csv", b"id,name\n1,\x81\n", mending=True)
    assert (problem.severity, problem.rule) == ("error", "")


def test_every_row_that_does_not_fit_the_header_is_named(tmp_path: Path) -> None:
    _, wide = read(tmp_path / "t.csv", b"a,b\n1,2\n1,2,3\n1,2\n1,2,3,4\n")
    assert [p.where for p in wide] == ["row 3", "row 5"]
    _, narrow = read(tmp_path / "t.csv", b'a,b\n1,2\n1\n"1,2"\n1,2\n')
    assert [p.where for p in narrow] == ["row 3", "row 4"]


def test_hundreds_of_bad_rows_are_told_in_a_hundred_lines_and_a_count(tmp_path: Path) -> None:
    _, wide = read(tmp_path / "t.csv", b"a,b\n" + b"1,2,3\n" * 250)
    assert len(wide) == 101
    assert wide[-1].where == "150 more rows"
    _, narrow = read(tmp_path / "t.csv", b"a,b\n" + b"1\n" * 250)
    assert len(narrow) == 101
    assert narrow[-1].where == "150 more rows"


def test_what_was_guarded_on_export_comes_back_as_it_was(tmp_path: Path) -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "'quoted'", "O'Neill", "plain", "'=1"]
    text = csv_bytes(pd.DataFrame({"name": names, "change": [-1, 2, -3, 4, 5, 6, 7, 8, 9]}))
    lines = text.decode().splitlines()
    assert all(line.startswith("'") for line in lines[1:5])
    rows, problems = read(tmp_path / "t.csv", text)
    assert problems == []
    assert rows["name"].tolist() == names
    assert rows["change"].tolist() == ["-1", "2", "-3", "4", "5", "6", "7", "8", "9"]


def test_letters_that_nobody_sees_are_taken_off_and_told(tmp_path: Path) -> None:
    rows, (first, second) = read(tmp_path / "t.csv", "id,name\n1,a\x07b\n2,\u202eabc\n3,d\n".encode())
    assert rows["name"].tolist() == ["ab", "abc", "d"]
    assert (first.severity, first.where, first.after) == ("repair", "row 2", "ab")
    assert (second.where, second.after) == ("row 3", "abc")


def test_line_ends_of_every_system_are_read(tmp_path: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        rows, problems = read(tmp_path / "t.csv", f"id,name{end}1,a{end}2,b{end}".encode())
        assert problems == []
        assert rows["name"].tolist() == ["a", "b"]


def test_accents_beside_their_letters_are_put_together_so_that_names_match(tmp_path: Path) -> None:
    rows, problems = read(tmp_path / "t.csv", "id,name\n1,Ynys Mo\u0302n\n2,Ynys Môn\n".encode())
    assert problems == []
    assert rows["name"].tolist() == ["Ynys Môn", "Ynys Môn"]
