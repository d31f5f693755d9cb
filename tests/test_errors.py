"""Problems that a reader can mend: one line each, all told at once."""

from __future__ import annotations

import pytest

from borderless.errors import BorderlessError, InputError, OutputError, Problem, ProblemLog, counted, describe

FULL = Problem("s.csv", "row 3", "units", "-1", "must be at least 0", "correct it")


def test_a_problem_is_one_line_with_file_place_column_value_reason_and_remedy() -> None:
    assert str(FULL) == "s.csv: row 3, column units = '-1': must be at least 0 → correct it"


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (Problem("s.csv", why="is empty"), "s.csv: is empty"),
        (Problem("s.csv", where="row 3", why="is empty"), "s.csv: row 3: is empty"),
        (Problem("s.csv", column="id", why="is empty"), "s.csv: column id: is empty"),
        (Problem("s.csv", value="x", why="is odd", remedy="mend it"), "s.csv = 'x': is odd → mend it"),
    ],
)
def test_parts_that_do_not_apply_leave_no_trace(problem: Problem, line: str) -> None:
    assert str(problem) == line


def test_a_problem_turns_into_plain_text_fields() -> None:
    assert FULL.as_dict() == {
        "severity": "error",
        "file": "s.csv",
        "where": "row 3",
        "column": "units",
        "value": "-1",
        "why": "must be at least 0",
        "remedy": "correct it",
        "after": "",
        "rule": "",
        "count": 1,
    }


def test_line_breaks_in_a_value_do_not_break_the_line() -> None:
    assert "\n" not in str(Problem("s.csv", value="a\nb", why="is odd"))


def test_a_log_tells_errors_from_repairs_and_notices_and_keeps_their_order() -> None:
    found = ProblemLog()
    found.notice("a", "first")
    found.error("b", "second", "mend it", where="row 1", column="c", value=7)
    found.repair("c", "third", rule="halved", value=1.5, after=0.75)
    found.extend([Problem("d", why="fourth")])
    assert [p.severity for p in found] == ["notice", "error", "repair", "error"]
    assert [p.file for p in found] == ["a", "b", "c", "d"]
    assert [p.value for p in found] == ["", "7", "1.5", ""]
    assert [p.file for p in found.errors] == ["b", "d"]


def test_long_values_are_cut() -> None:
    found = ProblemLog()
    found.error("a", "too long", "shorten it", value="x" * 500)
    assert found.errors[0].value == "x" * 79 + "…"


def test_all_errors_are_raised_together_and_notices_are_not() -> None:
    found = ProblemLog()
    found.notice("a", "fine")
    found.raise_errors()
    found.error("b", "one", "mend it")
    found.error("c", "two", "mend it")
    with pytest.raises(InputError) as caught:
        found.raise_errors()
    assert [p.file for p in caught.value.problems] == ["b", "c"]
    assert str(caught.value) == "b: one → mend it\nc: two → mend it"


def test_beyond_twenty_problems_the_rest_is_counted() -> None:
    problems = [Problem("s.csv", f"row {i}", why="is empty") for i in range(25)]
    lines = describe(problems).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "… and 5 more like these"
    assert len(describe(problems[:20]).splitlines()) == 20
    assert len(InputError(problems).problems) == 25


def test_many_problems_of_one_file_do_not_hide_those_of_another() -> None:
    many = [Problem("people.csv", f"row {i}", why="is empty") for i in range(1025)]
    lines = describe([*many, FULL]).splitlines()
    assert lines[9:] == ["people.csv: row 9: is empty", "… and 1,015 more like these", str(FULL)]
    different = [Problem("s.csv", why=f"reason {i}") for i in range(30)]
    lines = describe([*different, FULL, FULL]).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "… and 12 problems of other kinds"


def test_every_error_of_ours_is_a_borderless_error() -> None:
    assert issubclass(InputError, BorderlessError)
    assert issubclass(OutputError, BorderlessError)


def test_a_repair_tells_what_stood_there_and_what_stands_there_now() -> None:
    found = ProblemLog()
    found.repair("s.csv", "was odd", rule="halved", where="row 2", value=1.5, after=0.75)
    assert str(*found) == "s.csv: row 2 = '1.5': was odd; now '0.75'"
    assert found.problems[0].rule == "halved"


def test_what_can_be_mended_is_an_error_that_offers_it_until_repairs_are_asked_for() -> None:
    words = {"rule": "swap", "where": "row 2", "value": "52, -1", "after": "-1, 52"}
    found = ProblemLog()
    assert not found.mend("s.csv", "looks swapped", "swap it", **words)
    (error,) = found.errors
    assert str(error) == "s.csv: row 2 = '52, -1': looks swapped → swap it, or run again with --repair"
    asked = ProblemLog(mending=True)
    assert asked.fresh().mending
    assert asked.mend("s.csv", "looks swapped", "swap it", **words)
    assert asked.errors == ()
    assert (asked.problems[0].after, asked.problems[0].rule) == ("-1, 52", "swap")


def test_problems_are_counted_by_severity() -> None:
    notice = Problem("b", severity="notice")
    found = [Problem("a", severity="repair"), notice, notice]
    assert counted(found) == {"error": 0, "repair": 1, "notice": 2}
