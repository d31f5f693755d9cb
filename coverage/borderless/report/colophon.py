"""The foot of every page of the report: whose data it shows, and how and when it was made."""

from __future__ import annotations

from datetime import date
from importlib.metadata import version

from markupsafe import Markup

from borderless.maps.canvas import markup
from borderless.study.model import Study

_ATTRIBUTION = (
    "Roads, stations and place names: © OpenStreetMap contributors, Open Database Licence 1.0.",
    "Contains public sector information licensed under the Open Government Licence v3.0 "
    "(Office for National Statistics; Ordnance Survey; data.police.uk).",
)


def colophon(study: Study, made_on: date | None) -> dict[str, object]:
    """Return the lines ``attribution`` and ``made`` of a page.

    Parameters
    ----------
    study
        Its own sources are named; the usual ones where it names none.
    made_on
        The date to print; none leaves it out, so that equal results give equal pages.
    """
    when = f" on {made_on.day} {made_on:%B %Y}" if made_on else ""
    lines = (markup("{line}", line=line) for line in study.sources or _ATTRIBUTION)
    return {
        "attribution": Markup("<br>").join(lines),
        "made": f"Made{when} by Borderless {version('borderless-coverage')} from {study.file.name}.",
    }
