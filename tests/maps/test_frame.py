"""What stands round the maps: words that are true of the page they are on."""

from __future__ import annotations

import pytest

from borderless.maps.frame import attribution, note_list, notes, percent
from small_regions import small_study

STUDY = small_study(["P", "Q"], ["R", "S"])


def test_the_what_if_page_says_nothing_of_isochrones_and_that_units_may_be_busy() -> None:
    said = " ".join(notes(STUDY, (), what_if=True))
    assert "sochrone" not in said
    assert "unless the slider says how often they are busy" in said
    compared = " ".join(notes(STUDY, ()))
    assert "Isochrones show driving time alone." in compared
    assert "Units are always free in this comparison" in compared


@pytest.mark.parametrize("what_if", [False, True])
def test_both_pages_count_and_colour_alike(what_if: bool) -> None:
    said = " ".join(notes(STUDY, (), what_if=what_if))
    assert "2 min call handling + 1 min turnout + driving, and 1 min hand-over" in said
    assert "R and S are shown paler" in said


def test_notes_become_items_through_the_gate() -> None:
    assert note_list(["a < b", "c"]) == "<li>a &lt; b</li><li>c</li>"


def test_a_study_without_sources_names_the_usual_ones() -> None:
    assert "OpenStreetMap" in attribution(STUDY)[0]


def test_nothing_of_nothing_is_no_percentage() -> None:
    assert (percent(1, 8), percent(0, 0)) == ("12.50 %", "–")
