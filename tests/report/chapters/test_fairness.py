"""The chapter on fairness: what it says, inert whatever the names, and open to everyone."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page as Browser

from accessible import violations
from borderless.analysis.coverage import cover
from borderless.analysis.results import Results
from borderless.maps.canvas import Page, asset, markup
from borderless.report.chapters.fairness import chapter
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import BORDERLESS, SEPARATE
from browser import open_file
from map_results import HOSTILE
from small_regions import Place, Station, given_times, small_study


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\N{NO-BREAK SPACE}", " ").split())


def test_the_answer_comes_first_then_who_is_best_and_worst(tame: Results) -> None:
    told = text(chapter(list(tame.coverages.values())))
    assert told.startswith("How fair it is Borderless response: the tenth who wait longest wait 20.0 min")
    assert "within the standard: 53.33 under “Separate forces” (East 100.00 %, West 46.67 %);" in told
    assert "0.00 under “Borderless response” (" in told


def test_tables_hold_every_force_in_every_scenario(tame: Results) -> None:
    told = text(chapter(list(tame.coverages.values())))
    # tenth: D at 17 minutes, then B and C at 10; with a unit at E1, B at 10
    assert re.search(r"West 17\.0 Gini 0\.\d{3} 10\.0 Gini 0\.\d{3} 10\.0 Gini 0\.\d{3} 10\.0 Gini", told)
    assert "West 100.00 % towns 27.27 % 100.00 % towns 100.00 %" in told


def test_minutes_and_shares_are_drawn_before_and_after(tame: Results) -> None:
    html = chapter(list(tame.coverages.values()))
    charts = [ET.fromstring(svg) for svg in re.findall(r'<svg class="chart".*?</svg>', html)]
    assert len(charts) == 4
    assert "West, Borderless response: 17.0 → 10.0 min" in str(charts[0].findtext("desc"))
    assert "West, Borderless response: 100.00 % → 100.00 %" in str(charts[2].findtext("desc"))
    ticks = [t.text for t in charts[0].iter("text") if str(t.get("class")).startswith("tick")]
    assert ticks == ["10 min", "15 min", "20 min"]


def test_people_out_of_reach_are_named_and_figures_without_anybody_left_out() -> None:
    far = int(UNREACHABLE)
    places = [Place("x", "P", 0, 3), Place("y", "P", 0, 40)]
    times = given_times(small_study(("P",)), [Station("p", "P", 0)], places, [[far, 60_000]])
    told = text(chapter([cover(times, SEPARATE), cover(times, BORDERLESS)]))
    assert "3 people of the partners cannot be reached at all" in told
    assert "country changes by – points" in told
    empty = given_times(small_study(("P",)), [Station("p", "P", 0)], places[:1], [[far]])
    told = text(chapter([cover(empty, SEPARATE), cover(empty, BORDERLESS)]))
    assert "wait – min" in told
    nobody = given_times(small_study(("P",)), [Station("p", "P", 0)], [Place("x", "P", 0, 0)], [[far]])
    assert "best and the worst" not in text(chapter([cover(nobody, SEPARATE), cover(nobody, BORDERLESS)]))


def test_hostile_names_stay_text(hostile: Results) -> None:
    html = chapter(list(hostile.coverages.values()))
    assert not [bad for bad in HOSTILE if "<" in bad and bad in html]


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_and_nothing_overflows(
    page: Browser, tmp_path: Path, tame: Results, width: int
) -> None:
    sheet = Page("Fair").style(asset("palette.css")).style(asset("index.css", "borderless.report"))
    body = markup("<main><h1>Fair</h1>{chapter}</main>", chapter=chapter(list(tame.coverages.values())))
    (tmp_path / "fair.html").write_text(sheet.body(body).render(), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 900})
    open_file(page, tmp_path / "fair.html", ready="body")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
