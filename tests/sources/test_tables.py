"""Any table file into text and grid coordinates: what is kept, and what is refused with its row."""

from __future__ import annotations

import numpy as np
import pytest

from borderless.errors import ProblemLog, counted
from borderless.sources.files import read_table
from borderless.sources.tables import numbers, whole_numbers
from table_files import Write, read, the_problem

# numbers


def test_whole_numbers_come_in_every_usual_spelling(write: Write) -> None:
    table = read(write("t.csv", 'v,w\n5,a\n 5 ,a\n+5,a\n5.0,a\n0,a\n-0,a\n1e3,a\n"12",a\n'))
    log = ProblemLog()
    assert whole_numbers(table, "v", log).tolist() == [5, 5, 5, 5, 0, 0, 1000, 12]
    assert not list(log)


@pytest.mark.parametrize(
    "cell", ["-3", "2.5", "0x10", "1_000", "True", "99999999999999999999", '"1,00"', "٣"]
)
def test_other_weights_are_named_with_row_and_value(write: Write, cell: str) -> None:
    table = read(write("t.csv", f"v,w\n1,a\n{cell},a\n"))
    log = ProblemLog()
    assert whole_numbers(table, "v", log).tolist() == [1, 0]
    (problem,) = log
    assert (problem.where, problem.column, problem.value) == ("row 3", "v", cell.strip('"'))


def test_a_row_that_ends_early_is_named(write: Write) -> None:
    problem = the_problem(write("t.csv", "id,units\na,1\nb\n"))
    assert (problem.where, problem.why) == ("row 3", "has 1 cells, the header 2")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["420,000", "120,000"], None),
        (["420,000", "7,5"], [420.0, 7.5]),
        (["0,25", "7,5"], [0.25, 7.5]),
    ],
)
def test_a_comma_is_a_decimal_point_only_where_it_can_be_nothing_else(
    write: Write, cells: list[str], expected: list[float] | None
) -> None:
    path = write("t.csv", "v\n" + "".join(f'"{cell}"\n' for cell in cells))
    log = ProblemLog(mending=True)
    found = numbers(read(path), "v", log)
    if expected is None:
        assert np.isnan(found).all()
        assert {p.why for p in log.errors} == {"can be read as a decimal number and as thousands"}
    else:
        assert found.tolist() == expected
        assert {p.rule for p in log} == {"decimal comma"}


def test_degrees_have_no_thousands_and_semicolon_files_no_commas_between_them(write: Write) -> None:
    table = read(write("t.csv", 'v\n"52,951"\n'))
    assert numbers(table, "v", ProblemLog(mending=True), degrees=True).tolist() == [52.951]
    log = ProblemLog(mending=True)
    german = read_table(write("u.csv", "v;w\n512,000;1\n"), log)
    assert numbers(german, "v", log).tolist() == [512.0]
    log = ProblemLog(mending=True)
    whole_numbers(german, "v", log)
    (error,) = log.errors
    assert (error.value, error.why) == ("512,000", "must be a whole number")


def test_a_count_of_more_rows_is_counted_in_full(write: Write) -> None:
    table = read(write("t.csv", "v\n" + '"1,000"\n' * 150))
    log = ProblemLog(mending=True)
    assert whole_numbers(table, "v", log).tolist() == [1000] * 150
    assert len(log.problems) == 101
    assert counted(log)["repair"] == 150
