"""What the gate found, in words and as JSON."""

from __future__ import annotations

import json

from borderless.errors import Problem
from borderless.report.checks import check_json, check_summary

ERROR = Problem("s.csv", "row 2", "units", "two", "must be a number", "give a number")
OFFER = Problem("s.csv", "row 3", "x", "1,5", "must be a number", "write a point", rule="decimal comma")
MENDED = Problem("s.csv", "row 3", "x", "1,5", "must be a number", "", "repair", "1.5", "decimal comma")
NOTICE = Problem("areas.geojson", why="these areas overlap", severity="notice")


def test_a_study_with_errors_cannot_run_and_says_how_many_could_be_mended() -> None:
    text = check_summary([ERROR, NOTICE, OFFER]).plain
    assert text.startswith("To be put right before the study can run (2)")
    assert "s.csv: row 2, column units = 'two': must be a number → give a number" in text
    assert "Worth knowing (1)" in text
    assert text.endswith("This study cannot run yet: 2 problems to put right. --repair would mend 1 of them.")


def test_a_study_without_errors_can_run_and_says_what_was_mended() -> None:
    text = check_summary([MENDED]).plain
    assert text.endswith("This study can run. The input was mended in 1 place before use: decimal comma (1).")
    assert "now '1.5'" in text
    assert check_summary([]).plain == "This study can run. Nothing had to be mended."


def test_letters_that_steer_a_terminal_do_not_reach_it() -> None:
    assert "\x1b" not in check_summary([Problem("s.csv", value="x", why="is \x1b[31mred")]).plain


def test_programs_get_every_problem_with_its_fields_and_counts() -> None:
    told = check_json([ERROR, OFFER, NOTICE])
    assert told["ok"] is False
    assert told["counts"] == {"error": 2, "repair": 0, "notice": 1}
    assert told["repairable"] == 1
    assert json.loads(json.dumps(told))["problems"][1]["rule"] == "decimal comma"
    assert check_json([MENDED])["ok"] is True
