"""The chapter by hour: the numbers of the command, nothing that a name could run, readable for everyone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from markupsafe import Markup
from playwright.sync_api import Page as Tab

import map_results
import two_counties
from accessible import assert_for_everyone
from borderless.analysis.hours import DayByHour, day_by_hour
from borderless.maps.canvas import Page, asset, markup
from borderless.region import Region
from borderless.report.chapters.hours import chapter
from borderless.study.hours_table import HoursOfDay

RUSH = tuple(0.5 if hour == 17 else 1.0 for hour in range(24))
CALLS = tuple({3: 3.0, 17: 1.0}.get(hour, 0.0) for hour in range(24))


def day(region: Region, hours: HoursOfDay) -> DayByHour:
    asked = replace(region, study=replace(region.study, hours=hours))
    return day_by_hour(asked, asked.study.scenarios)


@pytest.fixture(scope="module")
def counties() -> DayByHour:
    return day(two_counties.region(), HoursOfDay({"built_up": RUSH}, CALLS))


def test_answer_charts_and_tables_stand_in_one_section(counties: DayByHour) -> None:
    told = str(chapter(counties)).replace("\N{NO-BREAK SPACE}", " ")
    assert told.startswith('<section id="hours"><h2>')
    assert told.endswith("</section>")
    assert "lowest at 17:00, 44.31 %, and highest at 00:00, 96.86 %." in told
    assert told.count('role="img"') == len(counties.scenarios) - 1
    # West on the whole day: 5.5 of 15, and 9 more with open borders
    assert '<th scope="row">West</th><td>36.67 %</td><td>+60.00</td>' in told
    assert '<th scope="row">17:00</th><td>25.0 %</td><td>44.31 %</td><td>+4.71</td>' in told


def test_without_hours_it_says_how_to_give_them_and_draws_nothing() -> None:
    told = str(chapter(day(two_counties.region(), HoursOfDay())))
    assert "one hour stands for the whole day" in told
    assert "add a table [hours]" in told
    assert "<svg" not in told
    assert "<table" not in told


@pytest.mark.parametrize("shift", [0, 5])
def test_names_run_nothing(shift: int) -> None:
    region = map_results.hostile(shift).region
    told = str(chapter(day(region, HoursOfDay({"all": RUSH}, CALLS))))
    assert "<script" not in told
    assert "<img" not in told
    assert told.count("<svg") == 2 * (len(region.study.scenarios) - 1)


def paged(body: Markup) -> str:
    page = Page("Hours").style(asset("palette.css")).style(asset("index.css", "borderless.report"))
    return page.body(markup("<main><h1>Hours</h1>{body}</main>", body=body)).render()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_chapter_is_for_everyone(
    page: Tab, counties: DayByHour, tmp_path: Path, scheme: str, width: int
) -> None:
    file = tmp_path / "hours.html"
    file.write_text(paged(chapter(counties)), encoding="utf-8")
    assert_for_everyone(page, file, scheme, width)
