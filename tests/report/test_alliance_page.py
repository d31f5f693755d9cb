"""The page of what an alliance is worth: answers first, a chapter behind each, and nothing that could run."""

from __future__ import annotations

from datetime import date

from borderless.maps.canvas import markup
from borderless.report.alliance_page import alliance_page
from borderless.report.chapter import Chapter
from small_regions import small_study

STUDY = small_study(("West", "East"))


def chapter(name: str, short: str = "Nothing changes.") -> Chapter:
    body = markup('<section id="{name}"><h2>{name}</h2></section>', name=name)
    return Chapter(name, f"What of {name}?", short, body)


def test_each_question_leads_to_its_chapter_in_order() -> None:
    page = alliance_page(STUDY, [chapter("levers"), chapter("aid")])
    places = [page.index(piece) for piece in ('href="#levers"', 'href="#aid"', 'id="levers"', 'id="aid"')]
    assert places == sorted(places)


def test_names_that_could_run_stay_words() -> None:
    page = alliance_page(STUDY, [chapter("<script>alert(1)</script>")])
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page


def test_a_style_sheet_that_two_chapters_share_is_there_once() -> None:
    styled = [Chapter("a", "A?", "a", markup("<p>a</p>"), style="alliance.css") for _ in range(2)]
    assert alliance_page(STUDY, styled).count("the chapters below") == 1


def test_the_date_is_the_callers() -> None:
    assert "Made on 2 January 2026 by Borderless" in alliance_page(STUDY, [], date(2026, 1, 2))
    assert "Made by Borderless" in alliance_page(STUDY, [])
