"""The chapter on border rules: the numbers of the commands, nothing that a name could run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from markupsafe import Markup
from playwright.sync_api import Page as Tab

import map_results
import two_counties
from accessible import assert_for_everyone
from borderless.analysis.policies import Policies, find_policies
from borderless.analysis.times import response_times
from borderless.maps.canvas import Page, asset, markup
from borderless.region import load_region
from borderless.report.chapters.policy import chapter, sweep_words
from capability_files import write_armed

PACKAGE = "borderless.report"


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> Policies:
    return find_policies(response_times(load_region(write_armed(tmp_path_factory.mktemp("armed")))))


def paged(body: Markup) -> str:
    page = Page("Rules").style(asset("palette.css"))
    page.style(asset("index.css", PACKAGE)).style(asset("policy.css", PACKAGE))
    return page.body(markup("<main><h1>Rules</h1>{body}</main>", body=body)).render()


def test_the_chapter_says_what_was_worked_out_by_hand(armed: Policies) -> None:
    told = str(chapter(armed))
    assert told.startswith('<section id="policy"><h2>')
    assert "Open borders: 8\N{NO-BREAK SPACE}people more within the standard" in told
    assert "8 people more come within the standard and 12 people get their first unit" in told.replace(
        "\xa0", " "
    )
    assert "Asking for a gain of 9 min brings as many within the standard, with 8 people" in told.replace(
        "\xa0", " "
    )
    assert "North counts only as far as the data reach." in told


def test_each_capability_has_rules_and_numbers_of_its_own(armed: Policies) -> None:
    told = str(chapter(armed))
    firearms = told.split("<summary>Rules: Careful, firearms units</summary>")[1]
    assert "closest, + 10 min" in firearms.split("</table>")[0]
    assert told.count("closest, + 10 min") == 1
    assert "Firearms units of the alliance" in told


def test_alike_rules_stand_once(armed: Policies) -> None:
    told = str(chapter(armed))
    assert told.count("<summary>Rules: Separate forces, Shared stations and Careful</summary>") == 1


def test_where_no_partner_is_quicker_that_is_said(armed: Policies) -> None:
    shut = replace(armed, sweep=armed.sweep.assign(change=0, crossing=0), lists=armed.lists[:0])
    assert "no difference what is asked" in sweep_words(shut)
    assert "Run lists" not in str(chapter(shut))


@pytest.mark.parametrize("shift", [0, 5, 10])
def test_names_run_nothing(shift: int) -> None:
    found = find_policies(map_results.hostile(shift).times)
    told = str(chapter(found))
    assert "<script" not in told
    assert "<img" not in told
    assert "onload=alert" not in told.replace("&lt;svg onload=alert", "")
    assert told.count("<svg") == 2


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_chapter_is_for_everyone(
    page: Tab, armed: Policies, tmp_path: Path, scheme: str, width: int
) -> None:
    file = tmp_path / "rules.html"
    file.write_text(paged(chapter(armed)), encoding="utf-8")
    assert_for_everyone(page, file, scheme, width)


def test_two_counties_without_capabilities_need_none() -> None:
    found = find_policies(response_times(two_counties.region()))
    assert "units of the alliance" not in str(chapter(found))
