"""The table of busy fractions: by force, by hour, with everything wrong in it named."""

from __future__ import annotations

from pathlib import Path

import pytest

import two_counties
from borderless.errors import InputError, Problem
from borderless.study.busy_table import BusyFractions
from borderless.study.read import read_study

DAY = [round(0.01 * hour, 2) for hour in range(24)]


def study_with(folder: Path, *lines: str) -> Path:
    path = two_counties.write_files(folder)
    path.write_text("\n".join([two_counties.STUDY, *lines]) + "\n", encoding="utf-8")
    return path


def problem_with(folder: Path, *lines: str) -> Problem:
    path = study_with(folder, *lines)
    with pytest.raises(InputError) as caught:
        read_study(path)
    (problem,) = caught.value.problems
    assert problem.file == str(path)
    assert problem.where == "[busy]"
    assert problem.remedy
    return problem


def test_without_a_table_every_force_is_as_busy_as_the_response_table_says(tmp_path: Path) -> None:
    study = read_study(study_with(tmp_path, "[response]", "busy_fraction = 0.25"))
    assert {study.busy.of(force, hour) for force in study.force_names for hour in (None, 0, 23)} == {0.25}
    assert BusyFractions(0.25) == study.busy


def test_a_force_the_hours_and_all_others_are_told_apart(tmp_path: Path) -> None:
    lines = ["[response]", "busy_fraction = 0.9", "[busy]", "all = 0.3", f"West = {DAY}"]
    busy = read_study(study_with(tmp_path, *lines)).busy
    assert [busy.of("West", hour) for hour in range(24)] == DAY
    assert busy.of("West") == pytest.approx(0.01 * 23 / 2)
    assert (busy.of("East", 5), busy.of("North")) == (0.3, 0.3)


def test_all_may_have_hours_and_a_named_force_none(tmp_path: Path) -> None:
    busy = read_study(study_with(tmp_path, "[busy]", f"all = {DAY}", "East = 0")).busy
    assert (busy.of("West", 7), busy.of("East", 7)) == (0.07, 0.0)


def test_a_mean_of_equal_hours_is_that_fraction_to_the_last_bit() -> None:
    for fraction in (0.1, 0.3, 0.7, 0.95):
        assert BusyFractions(0, {"P": (fraction,) * 24}).of("P") == fraction


@pytest.mark.parametrize("hour", [-1, 24])
def test_an_hour_that_is_none_is_refused(hour: int) -> None:
    with pytest.raises(ValueError, match="hour must be"):
        BusyFractions(0.3).of("P", hour)


def test_an_unknown_force_is_told_with_the_nearest(tmp_path: Path) -> None:
    problem = problem_with(tmp_path, "[busy]", "Wst = 0.3")
    assert (problem.column, problem.value) == ("Wst", "0.3")
    assert "did you mean West?" in problem.remedy


@pytest.mark.parametrize("count", [0, 1, 23, 25])
def test_a_list_must_have_24_numbers(tmp_path: Path, count: int) -> None:
    problem = problem_with(tmp_path, "[busy]", f"West = {[0.3] * count}")
    assert problem.column == "West"
    assert f"{count} are given" in problem.why


@pytest.mark.parametrize("value", ["1", "-0.1", "0.951", "nan", '"0.3"', "true"])
def test_a_number_out_of_range_or_none_is_refused(tmp_path: Path, value: str) -> None:
    assert "from 0 to 0.95" in problem_with(tmp_path, "[busy]", f"all = {value}").why


def test_the_hour_of_a_wrong_number_is_told(tmp_path: Path) -> None:
    problem = problem_with(tmp_path, "[busy]", f"East = {[*DAY[:-1], 7]}")
    assert "hour 23" in problem.why
    assert problem.value == "7"


def test_something_else_than_a_table_is_refused(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path)
    path.write_text(f"busy = 3\n{two_counties.STUDY}", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_study(path)
    assert [problem.why for problem in caught.value.problems] == ["must be a table"]
