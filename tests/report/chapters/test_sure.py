"""The chapter on how sure the answers are, in a real browser: for everyone, and no wider than the screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup
from playwright.sync_api import Page as Tab

import two_counties
from accessible import violations
from borderless.analysis.robustness.robustness import Robustness, robustness
from borderless.maps.canvas import Page, asset
from borderless.report.chapters.sure import chapter
from borderless.report.robustness_chart import spans_chart
from map_results import HOSTILE


@pytest.fixture(scope="module")
def found() -> Robustness:
    return robustness(two_counties.region(), 50, 3)


def page_of(section: Markup) -> str:
    page = Page("Alliance").style(asset("palette.css"))
    for name in ("index.css", "sure.css"):
        page = page.style(asset(name, "borderless.report"))
    return page.body(Markup("<main><h1>Alliance</h1>") + section + Markup("</main>")).render()


def test_the_answer_comes_before_the_charts_and_the_doubts_before_both(found: Robustness) -> None:
    section = chapter(found)
    assert ET.fromstring(str(section)).get("id") == "sure"
    order = [section.index(piece) for piece in ("Not in every draw", "Full alliance against", "<svg")]
    assert order == sorted(order)
    assert section.count("<svg") == 4


def test_hostile_names_stay_words(found: Robustness) -> None:
    for name in HOSTILE:
        study = found.region.study
        scenarios = tuple(replace(one, label=name) for one in found.bench.scenarios)
        region = replace(found.region, study=replace(study, scenarios=scenarios))
        times = replace(found.bench.times, region=region)
        bench = replace(found.bench, times=times, scenarios=scenarios)
        parts = {key: getattr(found, key) for key in found.__dataclass_fields__}
        section = chapter(Robustness(**(parts | {"bench": bench})))
        assert "<script" not in section
        assert "<img" not in section
    assert spans_chart("x", "y", []) == ""


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_chapter_is_for_everyone(
    found: Robustness, page: Tab, tmp_path: Path, width: int, scheme: str
) -> None:
    file = tmp_path / "page.html"
    file.write_text(page_of(chapter(found)), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(file.as_uri())
    for fold in page.locator("details").all():
        fold.locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
