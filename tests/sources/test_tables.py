"""Any table file into text and grid coordinates: what is kept, and what is refused with its row."""

from __future__ import annotations

import pytest

from borderless.errors import ProblemLog
from borderless.sources.tables import (
    whole_numbers,
)
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
