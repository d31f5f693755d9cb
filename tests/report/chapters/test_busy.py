"""The chapter on busy units: whole, escaped, readable on a telephone and by a screen reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markupsafe import Markup
from playwright.sync_api import Page as BrowserPage

import two_counties
from accessible import violations
from borderless.analysis.busy.busy_comparison import busy_comparison, busy_sweep
from borderless.analysis.times import response_times
from borderless.maps.canvas import Page, asset, markup
from borderless.report.chapters.busy import chapter
from borderless.study.policy import BORDERLESS, NAMED_SCENARIOS, SEPARATE, Scenario

HOSTILE = "<b>&amp; {{7*7}} ${1}"
BUSY = {"West": 0.3, "East": 0.5, "North": 0.3}


def made(*scenarios: Scenario) -> Markup:
    times = response_times(two_counties.region())
    chosen = scenarios or NAMED_SCENARIOS
    return chapter(busy_comparison(times, chosen, BUSY), busy_sweep(times, chosen, (0.0, 0.3, 0.7)))


def test_the_chapter_is_whole_and_shows_every_scenario() -> None:
    told = str(made())
    tree = ElementTree.fromstring(told)
    assert (tree.tag, tree.get("id")) == ("section", "busy")
    assert len(tree.findall(".//svg")) == 2
    captions = [caption.text or "" for caption in tree.iter("caption")]
    assert sum("before → after" in caption for caption in captions) == 3
    assert captions[-1].startswith("Full alliance: share of each force's calls")
    assert "30 to 50 % of the time" in told.replace("\N{NO-BREAK SPACE}", " ")


def test_hostile_names_stay_text() -> None:
    told = str(made(SEPARATE, replace(BORDERLESS, label=HOSTILE)))
    assert "<b>" not in told
    assert "{{7*7}}" not in told
    assert "${1}" not in told


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_it_fits_and_breaks_no_rule(page: BrowserPage, tmp_path: Path, width: int) -> None:
    body = markup("<main><h1>Test</h1>{chapter}</main>", chapter=made())
    sheet = Page("Test").style(asset("palette.css")).style(asset("index.css", "borderless.report")).body(body)
    file = tmp_path / "page.html"
    file.write_text(sheet.render(), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
