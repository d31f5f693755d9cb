"""`alliance.html`: what working together is worth, to whom, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from borderless.maps.canvas import Page, asset, markup
from borderless.report import words
from borderless.report.chapter import Chapter, asked
from borderless.report.colophon import colophon
from borderless.study.model import Study

_PACKAGE = "borderless.report"


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
    body = markup(
        asset("alliance.html", _PACKAGE).source,
        study=study.name,
        partners=words.listing(study.alliance),
        asked=asked(chapters),
        chapters=Markup("\n").join(chapter.body for chapter in chapters),
        **colophon(study, made_on),
    )
    page = Page(f"{study.name}: what the alliance is worth").style(asset("palette.css"))
    for style in dict.fromkeys(("index.css", "alliance.css", *(c.style for c in chapters if c.style))):
        page = page.style(asset(style, _PACKAGE))
    return page.body(body).render()
