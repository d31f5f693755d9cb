"""How sure an answer is, in every form: the same numbers, what does not hold first, within 80 columns."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest
from rich.console import Console

import two_counties
from borderless.analysis.robustness.robustness import Robustness, robustness
from borderless.report.answer import Answer
from borderless.report.answers.robustness import robustness_answer
from borderless.report.answers.robustness_words import certainties, doubts, how_much, often


@pytest.fixture(scope="module")
def found() -> Robustness:
    return robustness(two_counties.region(), 50, 3)


@pytest.fixture(scope="module")
def answer(found: Robustness) -> Answer:
    return robustness_answer(found)


def test_all_that_programs_get_is_json_and_equals_the_tables(found: Robustness, answer: Answer) -> None:
    values = json.loads(json.dumps(answer.values, allow_nan=False))
    assert (values["schema"], values["draws"], values["seed"]) == (1, 50, 3)
    assert list(answer.tables) == ["conclusions", "intervals", "tornado", "tipping", "draws"]
    for name in ("conclusions", "intervals", "tornado", "tipping"):
        assert len(values[name]) == len(answer.tables[name])
        assert list(values[name][0]) == list(answer.tables[name].columns)
    assert [one["key"] for one in values["settings"]] == [one.key for one in found.bench.ranges]


def test_whole_numbers_stay_whole_and_areas_are_printed_in_their_unit(
    found: Robustness, answer: Answer
) -> None:
    named = {"kind": "gain", "scenario": "borderless", "force": "West", "target": "standard"}
    rows = {row["measure"]: row for row in answer.values["conclusions"] if named.items() <= row.items()}
    whole = found.conclusions
    for name, value in named.items():
        whole = whole[whole[name] == value]
    whole = whole.set_index("measure")
    assert type(rows["population"]["difference_max"]) is int
    assert rows["area_km2"]["difference_max"] == whole.loc["area_km2", "difference_max"] / 1_000_000
    assert rows["road_km"]["difference_max"] == whole.loc["road_km", "difference_max"] / 1_000


def test_the_terminal_shows_what_does_not_hold_first(found: Robustness, answer: Answer) -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, color_system=None)
    for part in answer.printed:
        console.print(part)
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert " ".join(" ".join(lines).split()).startswith(" ".join(doubts(found)))
    assert "Turnout" in out.getvalue()


def test_sentences_count_draws(found: Robustness) -> None:
    row = {"more": 30, "same": 20, "fewer": 0, "difference": 8, "difference_p5": 0, "difference_p95": 12}
    assert often(found, row) == (
        "more people within the standard in 30 of 50 draws, no change in 20, fewer in none"
    )
    assert how_much(found, row) == (
        "between 0 and 12 more people in nine of ten draws, 8 more people with the study's own settings"
    )
    worse = row | {"more": 20, "fewer": 10, "difference_p5": -3}
    assert often(found, worse).endswith("no change in 20, fewer in 10")
    assert how_much(found, worse).startswith("between 3 fewer people and 12 more people in nine of ten")
    sure = row | {"more": 50, "same": 0, "difference_p5": 12}
    assert often(found, sure) == "more people within the standard in every one of 50 draws"
    assert how_much(found, sure).startswith("12 more people in nine of ten draws")


def test_a_loss_in_a_single_draw_is_told(found: Robustness) -> None:
    frame = found.conclusions
    assert not any("fewer" in line for line in doubts(found))
    # D has no neighbour's help when it is lost in one draw
    row = (frame["kind"] == "expected") & (frame["scenario"] == "alliance") & (frame["force"] == "West")
    row &= (frame["measure"] == "population") & (frame["target"] == "standard")
    changed = frame.copy()
    changed.loc[row, "fewer"] = 1
    marked = _with_conclusions(found, changed)
    assert doubts(marked)[0] == (
        "With busy units, Full alliance leaves fewer people within the standard in West (1 of 50 draws)."
    )
    assert len(certainties(marked)) == 2


def test_what_could_not_be_varied_is_told(answer: Answer) -> None:
    told = " ".join(str(part) for part in answer.printed)
    assert "Not varied, since it makes no difference here: " in told
    assert "stay where they are best under the study's own settings" in told


def _with_conclusions(found: Robustness, frame: pd.DataFrame) -> Robustness:
    other = Robustness(**{name: getattr(found, name) for name in found.__dataclass_fields__})
    vars(other)["conclusions"] = frame
    return other
