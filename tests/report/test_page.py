"""The front page: the same numbers as the files, every assumption, and nothing that a name could run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from borderless.analysis.results import Results
from borderless.errors import Problem
from borderless.report.findings import answer, find
from borderless.report.page import front_page
from borderless.report.tables import coverage_table
from borderless.report.words import percent, tied
from borderless.study.defaults import DEFAULTS
from map_results import HOSTILE


class Reader(HTMLParser):
    """Reads a page as a browser would: tags, attributes, and the text of each table row."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip("\n")


@pytest.fixture(scope="module")
def page(tame: Results) -> str:
    return front_page(tame)


def test_the_page_says_the_answer_and_the_question_first(page: str, tame: Results) -> None:
    read = Reader(page)
    assert read.text.index("if West and East worked together?") < read.text.index(tied(answer(find(tame))))
    assert "Clearly more: +8\u00a0people" in read.text


def test_the_table_by_force_has_the_numbers_of_coverage_csv(page: str, tame: Results) -> None:
    table = coverage_table(tame)
    people = table[(table["measure"] == "population") & (table["target"] == "standard")]
    rows = {row[0].split(" people")[0]: row for row in reversed(Reader(page).rows) if len(row) == 5}
    for force, total in (("West", 15), ("East", 240), ("North", 768)):
        shown = rows[f"{force}{total}"]
        mine = people[people["force"] == force].set_index("scenario")["covered"]
        expected = [percent(mine[name], total) for name in tame.coverages]
        assert [cell.split(" %")[0] + " %" for cell in shown[1:]] == expected


def test_every_measure_and_target_has_a_table(page: str) -> None:
    read = Reader(page)
    for title in (
        "Area within the standard, in km²",
        "Roads within the standard, in km",
        "By force, within 5 minutes",
    ):
        assert title in read.text
    assert read.tags["details"] >= 2 + 4


def test_every_assumption_is_there_with_its_source(page: str) -> None:
    read = Reader(page)
    for default in DEFAULTS.values():
        assert default.label in read.text
        assert default.source in read.text


def test_what_the_study_changed_is_marked(tame: Results, again: Callable[..., Results]) -> None:
    response = replace(tame.region.study.response, turnout_s=90)
    changed = Reader(front_page(again(tame, response=response)))
    row = next(row for row in changed.rows if row and row[0] == "From dispatch to wheels rolling")
    assert row[1] == "90 sset by this study; default 60"
    assert "this study changed 1 of them" in changed.text


def test_places_that_gain_are_named_with_their_minutes(page: str) -> None:
    row = next(row for row in Reader(page).rows if row and row[0] == "CrossingWest")
    assert row[1:] == ["+8", "17.0 min → 8.0 min"]


def test_help_across_the_border_is_counted(page: str) -> None:
    rows = [row for row in Reader(page).rows if len(row) == 3 and row[0] == "East"]
    assert rows[0][1:] == ["1280.0 %", "240100.0 %"]


def test_forces_outside_say_that_they_are(page: str) -> None:
    rows = [row[0] for row in Reader(page).rows if row and row[0].startswith("North768")]
    assert rows[0] == "North768 people; not in the alliance; counted only as far as the data reach"


def test_the_page_is_whole_small_and_without_script(page: str) -> None:
    read = Reader(page)
    assert len(page.encode()) < 400_000
    assert read.tags["script"] == read.tags["img"] == read.tags["iframe"] == 0
    links = {value for name, value in read.attributes if name in ("href", "src")}
    files = {
        "comparison.html",
        "alliance.html",
        "alliance.html#busy",
        "alliance.html#hours",
        "explorer.html",
        "coverage.csv",
        "places.csv",
        "borderless.gpkg",
        "results.json",
        "run.json",
    }
    anchors = {f"#{value}" for name, value in read.attributes if name == "id"}
    assert links - anchors == files | {"data:,"}
    assert not re.search(r"nan\b|None\b|\{[a-z_]+\}", re.sub(r"<style>.*?</style>", "", page, flags=re.S))


def test_ids_are_unique_so_that_charts_have_their_own_words(page: str) -> None:
    ids = Counter(value for name, value in Reader(page).attributes if name == "id")
    assert [name for name, count in ids.items() if count > 1] == []


def test_equal_results_give_equal_pages_and_the_date_is_the_callers(page: str, tame: Results) -> None:
    assert front_page(tame) == page
    assert "Made on 2 January 2026 by Borderless" in front_page(tame, date(2026, 1, 2))
    assert "Made by Borderless" in page


def test_hostile_names_stay_words(hostile: Results, page: str) -> None:
    problems = tuple(Problem("demand", value=text, why=text, severity="notice") for text in HOSTILE)
    results = replace(hostile, region=replace(hostile.region, problems=problems))
    raw = front_page(results)
    read = Reader(raw)
    assert set(read.tags) <= {*Reader(page).tags, "ul"}
    assert read.tags["script"] == 0
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    assert not [value for name, value in read.attributes if name in ("href", "src") and "script" in value]
    for text in HOSTILE:
        assert " ".join(text.split()) in " ".join(read.text.split())
    assert "{{7*7}}" not in raw
    assert "${alert" not in raw


def test_problems_of_one_kind_fold_into_one_line(tame: Results) -> None:
    many = [
        Problem("areas", value=f"pair {i}", why=f"overlap by {i}.5 km²", severity="notice") for i in range(9)
    ]
    one = Problem("/some/folder/roads.pbf", why="a gap was closed", severity="repair", rule="closed")
    read = Reader(front_page(replace(tame, region=replace(tame.region, problems=(*many, one)))))
    assert "9 like this: areas, “pair 0”: overlap by 0.5 km²." in read.text
    assert "Mended: roads.pbf: a gap was closed." in read.text
    assert "The input was mended in 1 place before use: closed (1)." in read.text
    assert "/some/folder" not in read.text


def test_a_study_with_one_scenario_still_has_a_page(tame: Results) -> None:
    alone = replace(tame, coverages={"separate": tame.coverages["separate"]}, comparisons={})
    read = Reader(front_page(alone))
    assert "no scenario changes that" in read.text
    assert "No unit starts anywhere else than now." in read.text
