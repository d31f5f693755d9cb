"""The answer by hour says what was worked out by hand on two counties, and what it does not know."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

import two_counties
from borderless.analysis.hours import day_by_hour
from borderless.region import Region
from borderless.report.answer import Answer
from borderless.report.answers.hours import hours_answer, hours_said, limits_said
from borderless.study.hours_table import HoursOfDay
from borderless.study.policy import BORDERLESS, SEPARATE

RUSH = tuple(0.5 if hour == 17 else 1.0 for hour in range(24))
CALLS = tuple({3: 3.0, 17: 1.0}.get(hour, 0.0) for hour in range(24))


def region(hours: HoursOfDay) -> Region:
    counties = two_counties.region()
    return replace(counties, study=replace(counties.study, hours=hours))


def told(answer: Answer) -> str:
    out = io.StringIO()
    console = Console(file=out, width=80)
    for part in answer.printed:
        console.print(part)
    return out.getvalue()


@pytest.fixture(scope="module")
def answer() -> Answer:
    return hours_answer(day_by_hour(region(HoursOfDay({"built_up": RUSH}, CALLS)), (SEPARATE, BORDERLESS)))


def test_the_words_are_those_worked_out_by_hand(answer: Answer) -> None:
    words = " ".join(told(answer).split())
    # 113 of 255 at half speed, 247 else; gains of 12 and 8
    assert "lowest at 17:00, 44.31 %, and highest at 00:00, 96.86 %." in words
    assert "Borderless response: from +3.14 percentage points at 00:00 to +4.71 at 17:00." in words
    # (3 × 247 + 113) / 4 and (3 × 255 + 125) / 4 of 255
    assert "by the calls of each hour: Separate forces 83.73 % and Borderless response 87.25 %." in words
    assert "17:00 25.0 % 44.31 % +4.71" in words
    assert "North counts" in words


def test_the_terminal_shows_it_in_80_columns(answer: Answer) -> None:
    assert max(map(len, told(answer).splitlines())) <= 80


def test_values_for_programs_are_plain_and_whole(answer: Answer) -> None:
    values = json.loads(json.dumps(answer.values, allow_nan=False))
    assert values["schema"] == 1
    assert values["hours_given"] is True
    (row,) = [
        row
        for row in values["hours"]
        if (row["hour"], row["scenario"], row["force"], row["measure"], row["target"])
        == (17, "borderless", "West", "population", "standard")
    ]
    assert (row["covered"], row["total"], row["calls"]) == (13, 15, 0.25)
    # hours, scenarios, three forces and two sums, targets
    rows = 24 * 2 * 5 * 5 * len(two_counties.region().study.measures)
    assert len(values["hours"]) == len(answer.tables["hours"]) == rows
    assert values["day"][0]["lowest_hour"] == 17


def test_some_hours_have_no_day() -> None:
    found = day_by_hour(region(HoursOfDay({"built_up": RUSH})), (SEPARATE, BORDERLESS), (3, 17))
    answer = hours_answer(found)
    assert list(answer.tables) == ["hours"]
    assert "whole day" not in told(answer)
    assert "00:00" not in told(answer)


def test_without_hours_the_answer_says_so_and_how_to_give_them() -> None:
    found = day_by_hour(region(HoursOfDay()), (SEPARATE, BORDERLESS))
    (said,) = hours_said(found)
    assert (
        "one hour stands for the whole day: Separate forces 96.86 % and Borderless response 100.00 %" in said
    )
    assert "add a table [hours] to study.toml" in said
    assert limits_said(found) == ["North counts only as far as the data reach."]
    assert hours_answer(found).values["hours_given"] is False


def test_classes_that_change_nothing_and_hours_that_are_alike_are_told() -> None:
    flat = HoursOfDay({"motorway": RUSH})
    found = day_by_hour(region(flat), (SEPARATE, BORDERLESS))
    said = " ".join([*hours_said(found), *limits_said(found)])
    assert "96.86 % of people in the alliance are within the standard in every hour." in said
    assert "Borderless response: +3.14 percentage points in every hour." in said
    assert "weighing every hour alike" in said
    assert "do not tell “motorway” apart" in said
