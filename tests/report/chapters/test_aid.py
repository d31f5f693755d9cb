"""The chapter on help and losers: what it says, inert whatever the names, and open to everyone."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Page as Browser

import two_counties
from accessible import assert_for_everyone
from borderless.analysis.compare import compare
from borderless.analysis.coverage import cover
from borderless.analysis.losers import Losers, losers
from borderless.analysis.results import Results
from borderless.maps.canvas import Page, asset, markup
from borderless.report.chapters.aid import chapter
from borderless.study.policy import SEPARATE, Scenario
from map_results import HOSTILE

SIZES = ((1440, 900), (390, 844))


def asked(results: Results) -> list[Losers]:
    return [losers(comparison) for comparison in results.comparisons.values()]


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\N{NO-BREAK SPACE}", " ").split())


def test_each_scenario_tells_who_helps_and_who_loses(tame: Results) -> None:
    told = text(chapter(asked(tame)))
    assert "a unit of another force is first for 12 people (4.7 %)" in told
    assert "Shared stations: no unit is first across a border." in told
    assert "W1 station → E1 station West → East 12 2 → 1 9.1 → 299.3" in told
    # under shared stations W1 keeps one of its two units, and the other stands at E1
    assert "W1 station → E1 station West 12 2 → 1 9.1 → 13.1 +45 %" in told
    assert "The first unit comes sooner for 12 people and later for nobody." in told
    assert "North counts only as far as the data reach." in told


def test_charts_stand_where_something_crosses_and_only_there(tame: Results) -> None:
    borderless, shared, alliance = (chapter([found]) for found in asked(tame))
    assert borderless.count('<svg class="chart"') == 4
    assert "Units of ↓ answer in →" in borderless
    for closed in (shared, alliance):
        assert '<svg class="chart"' not in closed
        assert "Units of ↓ answer in →" not in closed


def test_places_whose_own_units_are_gone_are_listed(tame: Results) -> None:
    closed = Scenario("c", "Closed", "", closed=("W1",))
    comparison = compare(cover(tame.times, SEPARATE), cover(tame.times, closed))
    told = text(chapter([losers(comparison)]))
    assert "Closed: places whose own units get farther (3)" in told
    assert "with most people" not in told
    assert "Borton West 2 10.0 min → out of reach" in told
    assert "First unit later" in told
    assert "All work together changes by" not in told


def test_ids_are_unique(tame: Results) -> None:
    borderless, *_ = asked(tame)
    ids = re.findall(r'\bid="([^"]+)"', chapter([borderless, borderless]))
    assert len(ids) == len(set(ids)) > 4


def test_hostile_names_stay_text(hostile: Results) -> None:
    tags: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            assert not [name for name, _ in attrs if name.startswith("on")]

    html = chapter(asked(hostile))
    Reader().feed(html)
    assert not tags & {"img", "script", "plaintext", "iframe"}
    assert not [bad for bad in HOSTILE if "<" in bad and bad in html]


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_nothing_overflows(
    page: Browser, tmp_path: Path, tame: Results, scheme: str, size: tuple[int, int]
) -> None:
    package = "borderless.report"
    sheet = Page("Aid").style(asset("palette.css")).style(asset("index.css", package))
    body = markup("<main><h1>Aid</h1>{chapter}</main>", chapter=chapter(asked(tame)))
    html = sheet.style(asset("aid.css", package)).body(body).render()
    (tmp_path / "aid.html").write_text(html, encoding="utf-8")
    assert_for_everyone(page, tmp_path / "aid.html", scheme, size[0])


def test_the_people_of_the_drawing_are_those_of_the_table(tame: Results) -> None:
    found = losers(tame.comparisons["borderless"])
    row = found.by_force.set_index("force").loc["West"]
    assert two_counties.letters(row["sooner"]) == two_counties.letters(row["busier"]) == "CD"
