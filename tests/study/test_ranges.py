"""The ranges of a study: what is uncertain, what may be said about it, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import two_counties
from borderless.errors import InputError, Problem
from borderless.study.ranges import UNCERTAIN
from borderless.study.read import DEFAULT_SPEEDS, read_study


def study_file(folder: Path, *lines: str) -> Path:
    path = two_counties.write_files(folder)
    path.write_text("\n".join([two_counties.STUDY, "[ranges]", *lines]) + "\n", encoding="utf-8")
    return path


def the_problem(folder: Path, *lines: str) -> Problem:
    with pytest.raises(InputError) as caught:
        read_study(study_file(folder, *lines))
    (problem,) = caught.value.problems
    assert (problem.file, problem.where) == (str(folder / "study.toml"), "[ranges]")
    return problem


def test_speeds_delays_and_busy_units_are_uncertain_and_what_is_decided_is_not() -> None:
    factors = {f"factor_{name}" for name in DEFAULT_SPEEDS.factor}
    assert set(UNCERTAIN) - factors == {
        *("call_handling_s", "turnout_s", "cross_border_delay_s", "busy_fraction"),
        *("blue_light_factor", "junction_blue_light_factor", "access_speed_kmh"),
    }
    assert factors <= set(UNCERTAIN)


def test_a_study_narrows_a_range_and_leaves_the_others_alone(tmp_path: Path) -> None:
    path = study_file(tmp_path, "turnout_s = [30, 90]", "factor_primary = [0.8, 0.8]")
    assert read_study(path).ranges == {"turnout_s": (30.0, 90.0), "factor_primary": (0.8, 0.8)}
    assert read_study(two_counties.write_files(tmp_path / "silent")).ranges == {}


def test_an_unknown_key_is_told_with_the_nearest(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, "turnout = [30, 90]")
    assert problem.column == "turnout"
    assert "did you mean turnout_s?" in problem.remedy


@pytest.mark.parametrize(
    "value", ["[90, 30]", "[30]", "30", '["a", "b"]', "[true, 1]", "[-1, 30]", "[30, 3601]", "[nan, 30]"]
)
def test_a_range_is_two_accepted_numbers_in_their_order(tmp_path: Path, value: str) -> None:
    problem = the_problem(tmp_path, f"turnout_s = {value}")
    assert problem.column == "turnout_s"
    assert "two numbers from 0 to 3600 s" in problem.why
    assert "turnout_s = [0, 300]" in problem.remedy


def test_the_ranges_must_be_a_table(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path)
    path.write_text("ranges = 3\n" + two_counties.STUDY, encoding="utf-8")
    with pytest.raises(InputError, match="write \\[ranges\\] and its keys below"):
        read_study(path)
