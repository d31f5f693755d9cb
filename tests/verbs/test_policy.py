"""`borderless policy`: matrix, gain and presets, printed, as CSV and as JSON, with the same numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

import two_counties
from borderless import cli
from capability_files import write_armed


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_counties.write_files(tmp_path_factory.mktemp("policy"))


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def said(*words: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(cli.app, ["policy", *(str(word) for word in words)])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.stderr


def told(*words: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(*words, "--json"))
    return found


def change(found: dict[str, Any], force: str = "alliance") -> int:
    (row,) = (
        row
        for row in found["gain"]
        if (row["force"], row["target"]) == (force, "standard")
        and row["measure"] in ("population", "armed_calls")
    )
    return int(row["covered"] - row["covered_before"])


def test_the_matrix_and_the_gain_are_printed_within_80_columns(study: Path) -> None:
    text = said(study)
    assert max(map(len, text.splitlines())) <= 80
    assert "Borderless response: who may respond where" in text
    assert "closest, + 1 min" in text
    assert "North: closed both ways." in text
    assert "Borderless response: 8 people more within the standard" in " ".join(text.split())
    assert "No preset does more than automatic aid: +8 people. That leaves nobody outside." in " ".join(
        text.split()
    )


def test_rules_change_the_baseline_and_presets_replace_it(study: Path) -> None:
    assert change(told(study, "--preset", "closed")) == 0
    assert change(told(study, "--preset", "borderless")) == 8
    # North's unit is nine minutes from D: 13 with its hand-over, 17 alone
    found = told(study, "--rule", "North > West: if_faster 120")
    assert (change(found), change(found, "West")) == (8, 8)
    assert found["scenario"]["border_pairs"][0]["responder"] == "North"
    assert change(told(study, "--rule", "north > west: if_faster 120, delay 300")) == 0
    assert change(told(study, "--scenario", "borderless", "--rule", "East > West: closed")) == 0


def test_files_say_what_json_says(study: Path, tmp_path: Path) -> None:
    found = told(study, "--csv", tmp_path / "tables")
    for name, key in (("policy", "policy"), ("policy_gain", "gain"), ("policy_presets", "presets")):
        table = pd.read_csv(tmp_path / "tables" / f"{name}.csv")
        assert table.columns.tolist() == list(found[key][0])
        assert len(table) == len(found[key])
    assert found["schema"] == 1
    assert {row["rule"] for row in found["policy"]} == {"closest", "closed"}
    assert [row["delay_s"] for row in found["policy"] if row["rule"] == "closed"] == [None] * 4


def test_a_capability_is_answered_by_its_own_units(tmp_path: Path) -> None:
    path = write_armed(tmp_path)
    found = told(path, "--capability", "firearms")
    assert (found["capability"], change(found)) == ("firearms", 14)
    assert {row["measure"] for row in found["gain"]} == {"armed_calls"}
    assert change(told(path, "--capability", "firearms", "--scenario", "careful")) == 14
    rules = {row["rule"] for row in told(path, "--scenario", "careful")["policy"]}
    assert rules == {"closed"}, "response units have the scenario's own borders"
    assert "(firearms units)" in said(path, "--capability", "firearms")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--preset", "open"], "is no preset"),
        (["--scenario", "boarderless"], "did you mean borderless?"),
        (["--capability", "dog"], "did you mean dogs?"),
        (["--capability", "dogs"], "add a column units_dogs"),
        (["--rule", "West > Eest: closest", "--rule", "West > East: clsest"], "2 problems"),
    ],
)
def test_what_is_asked_wrongly_is_refused(study: Path, words: list[str], why: str) -> None:
    assert why in said(study, *words, code=2)
