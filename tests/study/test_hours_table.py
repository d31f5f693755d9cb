"""The hours of the day are read as 24 numbers a key, and every wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

import two_counties
from borderless.errors import InputError
from borderless.study.hours_table import HoursOfDay
from borderless.study.read import read_study

ONES = ", ".join(["1"] * 24)


def study(tmp_path: Path, hours: str) -> Path:
    path = two_counties.write_files(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + hours, encoding="utf-8")
    return path


def test_factors_and_calls_are_read_hour_by_hour(tmp_path: Path) -> None:
    rush = ", ".join("0.5" if hour == 17 else "1" for hour in range(24))
    calls = ", ".join("3" if hour == 3 else "1" if hour == 17 else "0" for hour in range(24))
    text = f"[hours]\nbuilt_up = [{rush}]\nall = [{ONES}]\nincidents = [{calls}]\n"
    hours = read_study(study(tmp_path, text)).hours
    assert hours.given
    assert hours.factor(17) == {"all": 1.0, "built_up": 0.5}
    assert hours.factor(16) == {"all": 1.0, "built_up": 1.0}
    assert (hours.share(3), hours.share(17), hours.share(4)) == (0.75, 0.25, 0)


def test_without_a_table_an_hour_is_as_any_other(tmp_path: Path) -> None:
    hours = read_study(study(tmp_path, "")).hours
    assert hours == HoursOfDay()
    assert not hours.given
    assert (hours.factor(5), hours.share(5)) == ({}, 1 / 24)


@pytest.mark.parametrize(
    ("line", "column", "why"),
    [
        ("builtup = 1", "builtup", "unknown key"),
        ("built_up = 0.5", "built_up", "must be 24 numbers, one for each hour"),
        ("built_up = [1, 1]", "built_up", "must be 24 numbers, one for each hour; 2 are given"),
        (f"dual = [{ONES.replace('1', '0.05', 1)}]", "dual", r"must be a number from 0.1 to 2 \(hour 0\)"),
        (f"dual = [{ONES[:-1]}3]", "dual", r"must be a number from 0.1 to 2 \(hour 23\)"),
        (f"dual = [{ONES[:-1]}true]", "dual", "hour 23"),
        (f"all = [{ONES[:-1]}nan]", "all", "hour 23"),
        (f'all = [{ONES[:-1]}"1"]', "all", "hour 23"),
        (f"incidents = [{ONES[:-1]}-1]", "incidents", r"must be a number of at least 0 \(hour 23\)"),
        (f"incidents = [{ONES[:-1]}inf]", "incidents", "hour 23"),
        (f"incidents = [{ONES.replace('1', '0')}]", "incidents", "no call comes in any hour"),
    ],
)
def test_wrong_keys_and_numbers_are_named(tmp_path: Path, line: str, column: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        read_study(study(tmp_path, f"[hours]\n{line}\n"))
    assert [(problem.where, problem.column) for problem in caught.value.problems] == [("[hours]", column)]


def test_a_table_that_is_none_is_told(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path)
    path.write_text("hours = 3\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InputError, match="must be a table"):
        read_study(path)
