"""A chapter's answer in short leads to the chapter, on the same page or on another."""

from __future__ import annotations

from markupsafe import Markup

from borderless.report.chapter import Chapter, asked

LEVERS = Chapter("levers", "What is each lever worth?", "8 people more.", Markup(""))


def test_an_answer_leads_to_its_chapter_on_the_same_page() -> None:
    assert 'href="#levers"' in asked([LEVERS])


def test_an_answer_leads_to_its_chapter_on_another_page() -> None:
    assert 'href="alliance.html#levers"' in asked([LEVERS], "alliance.html")


def test_numbers_do_not_part_from_their_units() -> None:
    assert "8\u00a0people more." in asked([LEVERS])
