"""The answer about an alliance: whole numbers for programs, printed units in tables, 80 columns in print."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from rich.console import Console
from rich.measure import Measurement

import map_results
import two_counties
from borderless.analysis.alliance.alliance import AllianceWorth, alliance_worth
from borderless.analysis.alliance.partitions import read_partition
from borderless.analysis.times import response_times
from borderless.report.answer import Answer
from borderless.report.answers.alliance import alliance_answer, handover_curves
from borderless.report.tables import records

FLOATS = {"value", "home", "given", "share", "error"}


@pytest.fixture(scope="module")
def worth() -> AllianceWorth:
    named = read_partition("East,North", ("West", "East", "North"))
    return alliance_worth(response_times(two_counties.region()), named=[named])


@pytest.fixture(scope="module")
def answer(worth: AllianceWorth) -> Answer:
    study = worth.study
    return alliance_answer(worth, study.measures[0], study.response.targets[0])


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from leaves(inside, (*path, str(key)))
    elif isinstance(value, list):
        for inside in value:
            yield from leaves(inside, path)
    else:
        yield path, value


def test_every_number_is_whole_but_shares_and_shapley_values(answer: Answer) -> None:
    told = json.loads(json.dumps(answer.values, allow_nan=False))
    numbers = [(path, value) for path, value in leaves(told) if isinstance(value, (int, float))]
    assert len(numbers) > 500
    for path, value in numbers:
        assert isinstance(value, float) == (path[0] == "shapley" or path[-1] in FLOATS), path
        assert not isinstance(value, bool)


def test_what_programs_are_promised(answer: Answer) -> None:
    told = answer.values
    assert told["schema"] == 1
    promised = {
        "coalitions",
        "partitions",
        "shapley",
        "shapley_by",
        "levers",
        "break_even",
        "asked_next",
        "aid",
    }
    assert promised <= set(told)
    row = {"forces": ["West", "East"], "measure": "population", "target": "10 min", "size": 2}
    assert {**row, "covered": 639, "gain": 12} in told["coalitions"]
    assert told["shapley"] == {"West": pytest.approx(16 / 3), "East": pytest.approx(4 / 3), "North": 4 / 3}
    assert sum(told["shapley"].values()) == pytest.approx(8)
    best = next(row for row in told["partitions"] if row["target"] == "10 min" and row["rank"] == 1)
    assert best["partition"] == [["West", "East", "North"]]
    # E1's guest from West answers there, so nobody crosses
    assert told["aid"] == []


def test_area_is_whole_in_json_and_decimal_in_tables(answer: Answer) -> None:
    where = {"force": "alliance", "measure": "area_km2", "target": "10 min", "levers": "borders"}
    [whole] = [r for r in answer.values["levers"] if where.items() <= r.items()]
    [printed] = [r for r in records(answer.tables["levers"]) if where.items() <= r.items()]
    assert (whole["gain"], whole["total"]) == (2_000_000, 8_000_000)
    assert (printed["gain"], printed["total"]) == (2.0, 8.0)
    assert isinstance(records(answer.tables["levers"])[0]["gain"], int)


def test_each_table_tells_the_same_rows_as_the_values(answer: Answer) -> None:
    for name in ("levers", "break_even", "coalitions", "partitions", "asked_next"):
        assert len(answer.tables[name]) == len(answer.values[name]) > 0


def test_curves_begin_at_what_the_break_even_table_says(worth: AllianceWorth) -> None:
    key = ["levers", "force", "measure", "target"]
    curves = handover_curves(worth)
    first = curves[curves["delay_s"] == 0].set_index(key)["gain"]
    assert first.to_dict() == worth.break_even.set_index(key)["gain_at_0"].to_dict()
    over = worth.break_even[worth.break_even["break_even_s"].notna()].set_index(key)["break_even_s"]
    last = curves.groupby(key)["delay_s"].max()
    assert last[over.index].to_dict() == over.to_dict()


@pytest.mark.parametrize("hostile", [False, True])
@pytest.mark.parametrize("target", range(5))
def test_the_terminal_has_80_columns(worth: AllianceWorth, hostile: bool, target: int) -> None:
    asked = alliance_worth(map_results.hostile().times) if hostile else worth
    study = asked.study
    console = Console(width=80, record=True, file=io.StringIO())
    wide = console.options.update(width=300)
    for part in alliance_answer(asked, study.measures[0], study.response.targets[target]).printed:
        # what needs more is cut off at the edge
        assert Measurement.get(console, wide, part).minimum <= 80
        console.print(part)
    told = console.export_text()
    assert max(map(len, told.splitlines())) <= 80
    assert "…" not in told
    for title in ("The three levers", "Hand-over", "Coalitions", "side by side", "Shapley", "asked next"):
        assert title in told


def test_tables_can_be_empty_where_nobody_is_outside() -> None:
    found = alliance_worth(response_times(two_counties.region(partners=("North",))))
    study = found.study
    told = alliance_answer(found, study.measures[0], study.response.targets[0])
    assert told.values["asked_next"] == []
    assert isinstance(told.tables["asked_next"], pd.DataFrame)
