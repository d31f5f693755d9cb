"""The foot of a page names the study's own sources, or the usual ones."""

from __future__ import annotations

from dataclasses import replace

from borderless.report.colophon import colophon
from small_regions import small_study

STUDY = small_study(("West", "East"))


def test_a_studys_own_sources_stand_alone() -> None:
    said = str(colophon(replace(STUDY, sources=("Ours & theirs",)), None)["attribution"])
    assert said == "Ours &amp; theirs"


def test_the_usual_sources_are_named_where_a_study_names_none() -> None:
    said = str(colophon(STUDY, None)["attribution"])
    assert "OpenStreetMap" in said
    assert "Open Government Licence" in said
