"""`borderless alliance` from files: table, JSON, CSV, and every wrong question refused before any work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import two_counties
from borderless import cli


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = two_counties.write_files(tmp_path_factory.mktemp("study"))
    path.write_text(two_counties.on_nodes(path.read_text(encoding="utf-8")), encoding="utf-8")
    return path


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["alliance", *map(str, words)], env={"COLUMNS": "80"})


def test_json_is_all_that_is_printed(study: Path) -> None:
    told = call(study, "--json", "--partition", "East,North")
    assert told.exit_code == 0, told.output
    values = json.loads(told.stdout)
    assert values["alliance"] == ["West", "East"]
    assert sum(values["shapley"].values()) == pytest.approx(
        next(
            row["gain"]
            for row in values["coalitions"]
            if row["size"] == 3 and (row["measure"], row["target"]) == ("population", "standard")
        )
    )


def test_tables_are_written_and_people_are_told(study: Path, tmp_path: Path) -> None:
    told = call(study, "--csv", tmp_path / "tables", "--target", "10 min", "--partners", "North")
    assert told.exit_code == 0, told.output
    assert "Together, West, East and North gain" in " ".join(told.stdout.split())
    names = {path.stem for path in (tmp_path / "tables").iterdir()}
    assert names == {
        "levers",
        "break_even",
        "handover",
        "coalitions",
        "partitions",
        "shapley",
        "asked_next",
        "missed",
    }


@pytest.mark.parametrize("scenario", ["borderless", "shared_stations", "alliance"])
def test_the_scenario_says_what_pulling_the_levers_means(study: Path, scenario: str) -> None:
    values = json.loads(call(study, "--json", "--scenario", scenario).stdout)
    gain = {
        row["levers"]: row["gain"]
        for row in values["levers"]
        if (row["force"], row["measure"], row["target"]) == ("alliance", "population", "standard")
    }
    assert (gain["borders"] > 0) == (scenario != "shared_stations")
    assert (gain["stations"] > 0) == (scenario != "borderless")


@pytest.mark.parametrize(
    ("option", "value", "why"),
    [
        (
            "--target",
            "7 min",
            "--target '7 min': the study has no such target → give one of: standard, 5 min",
        ),
        ("--measure", "sheep", "give one of: population, area_km2, road_km"),
        ("--scenario", "nobody", "give one of: separate, borderless, shared_stations, alliance"),
        ("--partition", "East,Rutland", "unknown force Rutland"),
    ],
)
def test_a_wrong_question_is_refused(study: Path, option: str, value: str, why: str) -> None:
    told = call(study, option, value)
    assert told.exit_code == 2
    assert why in told.stderr
    assert told.stdout == ""


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(study: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert call(study, "--csv", tmp_path / "file").exit_code == 2
