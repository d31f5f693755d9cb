"""The chapters of the alliance page, for studies of every shape."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from playwright.sync_api import Page

from accessible import assert_for_everyone
from borderless.analysis.compare import compare
from borderless.analysis.coverage import cover
from borderless.analysis.results import Results
from borderless.analysis.worth import find_worth
from borderless.report.alliance_chapters import chapters
from borderless.report.alliance_page import alliance_page
from borderless.study.read import DEFAULT_SPEEDS
from map_results import HOSTILE
from random_regions import Drawn, regions


def results_of(drawn: Drawn) -> Results:
    times = drawn.times()
    study = replace(times.region.study, speeds=DEFAULT_SPEEDS)
    times = replace(times, region=replace(times.region, study=study))
    coverages = {scenario.name: cover(times, scenario) for scenario in study.scenarios}
    baseline, *others = coverages.values()
    comparisons = {coverage.scenario.name: compare(baseline, coverage) for coverage in others}
    return Results(times.region, times, coverages, comparisons, gpd.GeoDataFrame(geometry=[]))


def test_every_answer_in_short_says_something_and_has_its_section(tame: Results) -> None:
    for chapter in chapters(find_worth(tame)):
        assert chapter.short.strip().endswith("."), chapter.name
        assert f'id="{chapter.name}"' in chapter.body, chapter.name


def test_ids_are_unique_over_all_chapters(tame: Results) -> None:
    page = alliance_page(tame.region.study, chapters(find_worth(tame)))
    ids = re.findall(r' id="([^"]*)"', page)
    assert len(ids) == len(set(ids))


def test_hostile_names_stay_words(hostile: Results) -> None:
    page = alliance_page(hostile.region.study, chapters(find_worth(hostile)))
    assert "<script" not in page
    assert "{{7*7}}" not in page
    assert not [text for text in HOSTILE if "<" in text and text in page]


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_whole_page_is_for_everyone(
    page: Page, tame: Results, tmp_path: Path, scheme: str, width: int
) -> None:
    file = tmp_path / "alliance.html"
    file.write_text(alliance_page(tame.region.study, chapters(find_worth(tame))), encoding="utf-8")
    assert_for_everyone(page, file, scheme, width)


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(regions())
def test_a_study_of_any_shape_gets_its_page(drawn: Drawn) -> None:
    results = results_of(drawn)
    page = alliance_page(results.region.study, chapters(find_worth(results)))
    words = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert not re.search(r"\bnan\b|\{[a-z_]+\}", words)
