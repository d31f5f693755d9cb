"""`alliance.html`: what working together is worth, to whom, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from borderless.maps.canvas import Page, asset, markup
from borderless.report import words
from borderless.report.colophon import colophon
from borderless.study.model import Study

_PACKAGE = "borderless.report"


@dataclass(frozen=True)
class Chapter:
    """One question of the page and its answer.

    Parameters
    ----------
    name
        The id of its section.
    question
        What is asked, for the list at the top.
    short
        The answer in a sentence or two.
    body
        The section: heading, chart and tables.
    style
        The style sheet it needs besides the front page's; none where that is enough.
    """

    name: str
    question: str
    short: str
    body: Markup
    style: str = ""


def alliance_page(study: Study, chapters: Sequence[Chapter], made_on: date | None = None) -> str:
    """Return the page of what an alliance is worth.

    Parameters
    ----------
    study
        Its name, sources and partners are printed.
    chapters
        In the order of the page.
    made_on
        The date to print; none leaves it out.

    Returns
    -------
    str
        HTML, complete in itself, without script.
    """
    asked = (
        markup(
            '<li><h2><a href="#{name}">{question}</a></h2><p>{short}</p></li>',
            name=chapter.name,
            question=chapter.question,
            short=words.tied(chapter.short),
        )
        for chapter in chapters
    )
    body = markup(
        asset("alliance.html", _PACKAGE).source,
        study=study.name,
        partners=words.listing(study.alliance),
        asked=Markup("\n").join(asked),
        chapters=Markup("\n").join(chapter.body for chapter in chapters),
        **colophon(study, made_on),
    )
    page = Page(f"{study.name}: what the alliance is worth").style(asset("palette.css"))
    for style in dict.fromkeys(("index.css", "alliance.css", *(c.style for c in chapters if c.style))):
        page = page.style(asset(style, _PACKAGE))
    return page.body(body).render()
