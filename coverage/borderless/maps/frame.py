"""What map pages have round their maps: where they open, what a reader must know, whose data they show."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from borderless.errors import Problem, repairs_in_words
from borderless.maps import layers
from borderless.maps.canvas import Page, markup
from borderless.region import Region
from borderless.study.model import Study

_ATTRIBUTION = ("© OpenStreetMap contributors (ODbL)", "Contains National Statistics data (OGL v3)")


def add_map(page: Page, region: Region) -> None:
    """Add the map to a page, opened at the middle of the alliance."""
    west, south, east, north = layers.bounds(region)
    page.map(
        (south + north) / 2,
        (west + east) / 2,
        9,
        zoomSnap=0.25,
        attributionControl=False,
        fadeAnimation=False,  # a pop-up that fades keeps the keyboard while it goes
        minZoom=7,
        maxZoom=14,
    )


def attribution(study: Study) -> list[str]:
    """Return whose data the page shows: the study's own words, or those of the usual sources."""
    return list(study.sources or _ATTRIBUTION)


def notes(study: Study, problems: Sequence[Problem], *, what_if: bool = False) -> list[str]:
    """Return what a reader must know to read a map rightly, in the study's own values.

    The what-if page has a slider for busy units, and no isochrones.
    """
    response = study.response
    delay = f"{_minutes(response.cross_border_delay_s)} hand-over between separate control rooms"
    fixed = (
        f"{_minutes(response.call_handling_s)} call handling + {_minutes(response.turnout_s)} turnout + "
        f"driving, and {delay} when a unit of another force comes"
    )
    counted = (
        f"Coverage counts response time from the call ({fixed})."
        if response.clock == "response"
        else f"Coverage counts driving time alone (a response also takes {fixed})."
    )
    squares = "The map gathers people into 1 km squares, coloured by their average time"
    exactly = "the numbers are counted point by point, exactly."
    said = [
        f"Isochrones show driving time alone. {counted}",
        "Units are always free in this comparison: it shows where help stands, not how busy it is.",
        f"{squares}, and leaves out gaps of isochrones under 1.5 km²; {exactly}",
    ]
    if what_if:
        free = "Units are always free, unless the slider says how often they are busy"
        said = [counted, f"{free}; the map shows them free.", f"{squares}; {exactly}"]
    if study.forces.outside:
        outside = " and ".join(study.forces.outside)
        is_are = "is" if len(study.forces.outside) == 1 else "are"
        said.append(f"{outside} {is_are} shown paler: not in the alliance; as far as the data reach.")
    # A study made from open data says that its stations are a draft; nobody may overlook that in a meeting.
    said = [*(note for note in study.notes if note.startswith("Draft")), *said]
    mended = repairs_in_words(problems)
    return [*said, f"{mended} index.html and run.json list each."] if mended else said


def note_list(said: Sequence[str]) -> Markup:
    """Return notes as the items of a list."""
    return Markup("").join(markup("<li>{note}</li>", note=note) for note in said)


def percent(part: int, total: int) -> str:
    """Return a share as a percentage, a dash where there is nothing to share."""
    return f"{100 * part / total:.2f} %" if total else "–"


def _minutes(seconds: float) -> str:
    return f"{seconds:g} s" if seconds % 30 else f"{seconds / 60:g} min"
