"""`borderless aid`: from a study's files to the answer, or a plain word on what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import two_counties
from borderless import cli


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_counties.write_files(tmp_path_factory.mktemp("counties"))


def called(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["aid", *(str(word) for word in words)])


def test_the_two_counties_from_files(study: Path) -> None:
    found = json.loads(called(study, "--scenario", "borderless", "--json").stdout)
    (row,) = [r for r in found["aid"] if (r["responder"], r["force"]) == ("East", "West")]
    assert row["population"] == 12
    assert (found["scenario"], found["calls"]) == ("borderless", "population")


def test_the_full_alliance_is_asked_if_no_scenario_is_named(study: Path) -> None:
    told = called(study)
    assert told.exit_code == 0, told.output
    assert "Full alliance" in told.stdout


def test_tables_go_into_a_folder(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    assert called(study, "--csv", folder).exit_code == 0
    names = {"aid", "balance", "losers", "farther", "busier", "stations", "fairness", "gap"}
    assert {path.stem for path in folder.iterdir()} == names


def test_another_measure_and_another_partner_may_be_asked(study: Path) -> None:
    found = json.loads(called(study, "--measure", "road_km", "--partners", "North", "--json").stdout)
    assert found["calls"] == "road_km"
    assert found["clipped"] == ["North"]
    pairs = {
        (r["responder"], r["force"]) for r in found["aid"] if r["responder"] != r["force"] and r["population"]
    }
    assert pairs == {("West", "North"), ("North", "West")}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--scenario", "aliance"), "is no scenario of this study → choose one of separate, borderless"),
        (("--measure", "crimes"), "unknown measure crimes; this study counts: population"),
    ],
)
def test_what_the_study_does_not_know_is_refused(study: Path, words: tuple[str, str], said: str) -> None:
    told = called(study, *words)
    assert told.exit_code == 2
    assert said in " ".join(told.stderr.split())
