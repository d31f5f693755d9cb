"""CSV files as people save them: nothing is shifted, nothing is guessed unless asked for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from borderless.errors import Problem, ProblemLog, counted
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
    assert [(p.where, p.rule) for p in wide] == [("row 3", ""), ("row 5", "")]
    _, narrow = read(tmp_path / "t.csv", b'a,b\n1,2\n1\n"1,2"\n1,2\n')
    assert [(p.where, p.rule) for p in narrow] == [
        ("row 3", "empty cells at the end"),
        ("row 4", "empty cells at the end"),
    ]
    rows, mended = read(tmp_path / "t.csv", b"a,b\n1,2\n3\n", mending=True)
    assert rows.to_numpy().tolist() == [["1", "2"], ["3", ""]]
    assert [p.severity for p in mended] == ["repair"]


def test_hundreds_of_bad_rows_are_told_in_a_hundred_lines_and_a_count(tmp_path: Path) -> None:
    for content in (b"a,b\n" + b"1,2,3\n" * 250, b"a,b\n" + b"1\n" * 250):
        _, told = read(tmp_path / "t.csv", content)
        assert len(told) == 101
        assert told[-1].where == "150 more rows"
        assert counted(told)["error"] == 250


@pytest.mark.parametrize(
    "text",
    [
        "id,name\n1,a\n2,b\n",
        "\n\nid,name\n1,a\n2,b\n",
        "sep=,\nid,name\n1,a\n2,b\n",
        "id,name,\n1,a,\n2,b,\n",
        "id,name\n1,a,,\n2,b,\n",
        "id,name\n1,a\n , \n2,b\n,\n",
        "id\u200b, name \n1,a\n2,b\n",
    ],
)
def test_what_spreadsheets_leave_around_a_table_changes_nothing(tmp_path: Path, text: str) -> None:
    rows, problems = read(tmp_path / "t.csv", text.encode())
    assert problems == []
    assert rows.columns.tolist() == ["id", "name"]
    assert rows.to_numpy().tolist() == [["1", "a"], ["2", "b"]]


def test_rows_keep_their_numbers_below_what_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("sep=,\n\nid,name\n1,a\n,\n2,b\n", encoding="utf-8")
    table = read_csv(tmp_path / "t.csv", ProblemLog())
    assert [table.where(0), table.where(1)] == ["row 4", "row 6"]


def test_a_semicolon_table_may_have_commas_in_its_quoted_header(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path / "t.csv", b'id;"name, full"\n1;a\n')
    assert problem.rule == "read with semicolons"


def test_long_shapes_in_a_column_are_passed_over(tmp_path: Path) -> None:
    text = 'id,geometry\n1,"' + "POLYGON " * 50_000 + '"\n'
    rows, (notice,) = read(tmp_path / "t.csv", text.encode())
    assert rows.columns.tolist() == ["id"]
    assert notice.why == "shapes in a CSV file are not read"


def test_text_that_is_utf8_elsewhere_is_never_taken_for_windows_1252(tmp_path: Path) -> None:
    for content in ("id,name\n1,Café\n2,".encode() + b"Caf\xe9\n", "id,name\n1,Café".encode()[:-1]):
        _, (problem,) = read(tmp_path / "t.csv", content, mending=True)
        assert (problem.severity, problem.rule) == ("error", "")


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
