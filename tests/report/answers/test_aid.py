"""The answer on aid in its three forms: the same numbers, in printed units, in 80 columns."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from rich.console import Console

from borderless.analysis.losers import losers
from borderless.analysis.results import Results
from borderless.report.answer import Answer
from borderless.report.answers.aid import aid_answer
from borderless.study.policy import BORDERLESS


@pytest.fixture(scope="module")
def answer(tame: Results) -> Answer:
    return aid_answer(losers(tame.comparisons["borderless"]))


def shown(answer: Answer) -> str:
    console = Console(file=StringIO(), width=80)
    for part in answer.printed:
        console.print(part)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_work_is_told_in_hours_and_land_in_its_units(answer: Answer) -> None:
    aid = answer.tables["aid"].set_index(["responder", "force"])
    row = aid.loc[("East", "West")]
    assert (row["population"], row["area_km2"], row["road_km"]) == (12, 2, 2)
    assert row["unit_hours"] == pytest.approx(788 / 60)
    assert row["driving_hours"] == pytest.approx(56 / 60)
    balance = answer.tables["balance"].set_index(["force", "quantity"])
    assert balance.loc[("West", "population")].tolist() == [0, 12, -12]
    assert balance.loc[("East", "unit_hours"), "net"] == pytest.approx(788 / 60)
    assert balance.loc[("East", "area_km2"), "given"] == 2


def test_waiting_is_told_in_minutes(answer: Answer) -> None:
    fairness = answer.tables["fairness"].set_index(["scenario", "force", "measure"])
    assert fairness.loc[("separate", "West", "population"), "tenth_mean_min"] == 17
    assert fairness.loc[("borderless", "West", "population"), "tenth_from_min"] == 10
    assert fairness.loc[("separate", "West", "area_km2"), "total"] == 4
    assert not [name for table in answer.tables.values() for name in table if "_ms" in name]


def test_stations_and_busier_places_are_told_in_hours(answer: Answer) -> None:
    stations = answer.tables["stations"].set_index("station")
    assert stations.loc["W1", "unit_hours_before"] == pytest.approx(1089 / 60)
    assert stations.loc["W1", "per_unit_hours"] == pytest.approx(197 / 2 / 60)
    (place,) = answer.tables["busier"].to_dict("records")
    assert (place["population"], place["load_hours"]) == (12, pytest.approx(17_956 / 60))
    assert answer.tables["losers"].set_index("force").loc["alliance", "busier"] == 12


def test_values_are_plain_and_hold_every_table(answer: Answer) -> None:
    values = json.loads(json.dumps(answer.values, allow_nan=False))
    assert values["schema"] == 1
    assert (values["baseline"], values["scenario"], values["calls"]) == (
        "separate",
        "borderless",
        "population",
    )
    assert values["clipped"] == ["North"]
    for name, table in answer.tables.items():
        assert len(values[name]) == len(table), name
    assert {"responder": "East", "force": "West"}.items() <= values["aid"][3].items()


def test_the_terminal_shows_numbers_whole_in_80_columns(answer: Answer) -> None:
    told = shown(answer)
    assert max(map(len, told.splitlines())) <= 80
    assert "East 12 0 +12 13.1 0 +13.1" in " ".join(told.split())
    assert "17.0 → 10.0" in told
    assert "27.27 → 100.00" in told
    assert "North counts only as far as the data reach." in told


def test_a_scenario_against_itself_has_its_rows_once(tame: Results) -> None:
    same = tame.comparisons["borderless"].__class__(
        tame.coverages["borderless"], tame.coverages["borderless"]
    )
    tables = aid_answer(losers(same)).tables
    assert set(tables["fairness"]["scenario"]) == {BORDERLESS.name}
    assert not tables["fairness"].duplicated(["scenario", "force", "measure"]).any()


def test_hostile_names_are_printed_as_text(hostile: Results) -> None:
    told = shown(aid_answer(losers(hostile.comparisons["alliance"])))
    assert "\x1b" not in told
    assert "\u202e" not in told
