"""The chapters on levers and coalitions: the answer first, fit for everyone, inert whatever the names."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup
from playwright.sync_api import Page as BrowserPage

import map_results
import two_counties
from accessible import violations
from borderless.analysis.alliance.alliance import AllianceWorth, alliance_worth
from borderless.analysis.alliance.partitions import read_partition
from borderless.analysis.times import response_times
from borderless.maps.canvas import Page, asset, markup
from borderless.report import alliance_words as said
from borderless.report.chapters import coalitions, levers
from borderless.study.policy import SEPARATE
from browser import open_file


@pytest.fixture(scope="module")
def worth() -> AllianceWorth:
    named = read_partition("East,North", ("West", "East", "North"))
    return alliance_worth(response_times(two_counties.region()), named=[named])


def both(worth: AllianceWorth) -> Markup:
    return markup(
        "<main><h1>Worth</h1>{one}{two}</main>", one=levers.chapter(worth), two=coalitions.chapter(worth)
    )


def seen(chapter: str) -> str:
    """Return what is read of a chapter, spaces as one."""
    return " ".join("".join(ET.fromstring(chapter).itertext()).split())


def test_the_answer_in_words_stands_before_the_charts(worth: AllianceWorth) -> None:
    measure, target = worth.study.measures[0], worth.study.response.targets[0]
    for chapter, told in (
        (levers.chapter(worth), said.levers_said(worth, measure, target)),
        (coalitions.chapter(worth), said.coalitions_said(worth, measure, target)),
    ):
        text = seen(chapter)
        assert " ".join(told.split()) in text
        assert chapter.index("</p>") < chapter.index("<svg")


def test_the_numbers_of_the_two_counties_stand_in_the_tables(worth: AllianceWorth) -> None:
    text = seen(levers.chapter(worth))
    assert "the study: 60 s" in text
    assert "180 s" in text
    assert "181 s" in text
    text = seen(coalitions.chapter(worth))
    assert "West + North2+260" in text
    assert "North joins" in text
    assert "5.3 (67 %)" in text


def test_every_id_is_there_once(worth: AllianceWorth) -> None:
    ids = re.findall(r' id="([^"]+)"', both(worth))
    assert len(ids) == len(set(ids)) > 10


def test_where_nothing_changes_no_chart_is_drawn_and_it_is_said() -> None:
    nothing = alliance_worth(response_times(two_counties.region()), SEPARATE)
    assert "<svg" not in both(nothing)
    text = seen(levers.chapter(nothing))
    assert "No lever changes anything within the standard: 96.86 % are reached as it is." in text
    assert "There is no gain to share." in seen(coalitions.chapter(nothing))


def test_names_stay_text(worth: AllianceWorth) -> None:
    hostile = both(alliance_worth(map_results.hostile().times))
    tags = set(re.findall(r"<([a-z0-9]+)", both(worth)))
    assert set(re.findall(r"<([a-z0-9]+)", hostile)) <= tags | {"bdi"}
    assert not re.search(r"<[^>]* on\w+=", hostile)


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_everyone_can_read_them(
    worth: AllianceWorth, page: BrowserPage, tmp_path: Path, width: int, scheme: str
) -> None:
    file = tmp_path / "chapters.html"
    styles = [
        asset("palette.css"),
        *(asset(name, "borderless.report") for name in ("index.css", "levers.css")),
    ]
    sheet = Page("Worth")
    for style in styles:
        sheet.style(style)
    file.write_text(sheet.body(both(worth)).render(), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    watched = open_file(page, file, ready="main")
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert watched.quiet
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    sizes = "[...document.querySelectorAll('svg text')].map((t) => parseFloat(getComputedStyle(t).fontSize))"
    assert min(page.evaluate(sizes)) >= 12
