"""`borderless run-list`: places by name, id and coordinates; lists printed, as CSV and as JSON."""

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
    return two_counties.write_files(tmp_path_factory.mktemp("run-list"))


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def said(study: Path, *words: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(cli.app, ["run-list", "--study", str(study), *(str(word) for word in words)])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.stderr


def told(study: Path, *words: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(study, *words, "--json"))
    return found


def stations(found: dict[str, Any], scenario: str, place: str) -> list[str]:
    return [row["station"] for row in found["run_list"] if (row["scenario"], row["id"]) == (scenario, place)]


def test_alike_lists_are_printed_once_and_fit_80_columns(study: Path) -> None:
    text = said(study, "C")
    assert max(map(len, text.splitlines())) <= 80
    assert "Crossing (C), West" in text
    assert "Shared stations, Full alliance" in " ".join(text.split())
    assert text.count("E1 station") == 2
    assert "North counts only as far as the data reach." in " ".join(text.split())


def test_mutual_aid_is_printed_with_its_condition(study: Path) -> None:
    text = said(study, "C", "--preset", "mutual_aid", "--scenario", "separate")
    lines = [line.strip() for line in text.splitlines()]
    after = lines[lines.index("when own units are busy") + 1]
    assert after.split()[:3] == ["1", "E1", "station"]
    assert "As asked" in text


def test_places_come_by_name_by_id_and_by_coordinates(study: Path) -> None:
    found = told(study, "crossing", "C", "--at", "418030,299960", "--first", "1")
    assert list(dict.fromkeys(row["id"] for row in found["run_list"])) == ["D", "C", "F"]
    assert found["metres_away"] == {"F": 50.0}
    assert stations(found, "separate", "C") == ["W1"]
    every = told(study, "Crossing", "--all", "--scenario", "borderless")
    assert stations(every, "borderless", "C") == ["E1", "W1"]
    assert stations(every, "borderless", "D") == ["E1", "W1"]


def test_files_say_what_json_says(study: Path, tmp_path: Path) -> None:
    found = told(study, "C", "--csv", tmp_path / "tables")["run_list"]
    table = pd.read_csv(tmp_path / "tables" / "run_list.csv", keep_default_na=False)
    assert table.to_dict("records") == found
    assert found[1] == {
        "scenario": "borderless",
        "id": "C",
        "place": "Crossing",
        "force": "West",
        "condition": "",
        "rank": 1,
        "station": "E1",
        "name": "E1 station",
        "responder": "East",
        "travel_min": 6.0,
        "handover_s": 60.0,
        "response_min": 10.0,
        "units": 1,
    }


def test_a_capability_lists_its_own_units(tmp_path: Path) -> None:
    path = write_armed(tmp_path)
    found = told(path, "C", "--capability", "firearms")
    assert stations(found, "separate", "C") == []
    assert stations(found, "borderless", "C") == ["E1"]
    # North's unit is seven minutes away, with ten minutes of hand-over
    assert stations(found, "careful", "C") == ["E1", "N1"]
    assert "C" in said(path, "C", "--capability", "firearms")


def test_where_nobody_comes_that_is_said(tmp_path: Path) -> None:
    path = write_armed(tmp_path)
    assert "Nobody may come" in said(path, "C", "--capability", "firearms", "--scenario", "separate")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "no place is named"),
        (["Crosing", "Ashbi"], "2 problems"),
        (["Crosing"], "did you mean Crossing"),
        (["--at", "12"], "is no easting,northing"),
        (["--at", "nan,5"], "is no easting,northing"),
        (["C", "--scenario", "both"], "is no scenario of this study"),
        (["C", "--rule", "West > West: closest"], "name two different forces"),
    ],
)
def test_what_is_asked_wrongly_is_refused(study: Path, words: list[str], why: str) -> None:
    assert why in said(study, *words, code=2)
