"""A chapter of the report: a question, its answer in short, and what stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from borderless.maps.canvas import markup
from borderless.report import words


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


def asked(chapters: Sequence[Chapter], page: str = "") -> Markup:
    """Return the questions with their answers in short, each a link to its chapter.

    Parameters
    ----------
    chapters
        In order.
    page
        The file that holds the chapters; empty where they stand on the same page.
    """
    item = '<li><h3><a href="{page}#{name}">{question}</a></h3><p>{short}</p></li>'
    return Markup("\n").join(
        markup(item, page=page, name=c.name, question=c.question, short=words.tied(c.short)) for c in chapters
    )
