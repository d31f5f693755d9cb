"""`borderless robustness` tells how sure a study's answers are, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import two_counties
from borderless.cli import app


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_counties.write_files(tmp_path_factory.mktemp("study"))


def ask(*words: object) -> tuple[int, str, str]:
    found = CliRunner().invoke(app, ["robustness", *map(str, words)])
    return found.exit_code, found.stdout, found.stderr


def test_people_read_it_and_find_the_tables(study: Path, tmp_path: Path) -> None:
    code, out, _ = ask(study, "--draws", 20, "--csv", tmp_path / "tables")
    assert code == 0
    assert "20 draws" in out
    assert "5 tables in" in " ".join(out.split())
    draws = pd.read_csv(tmp_path / "tables" / "draws.csv")
    assert len(draws) == 21 * 4
    assert sorted(path.stem for path in (tmp_path / "tables").iterdir()) == [
        *("conclusions", "draws", "intervals", "tipping", "tornado")
    ]


def test_programs_get_the_same_numbers_for_the_same_seed(study: Path) -> None:
    one, again, other = (
        json.loads(ask(study, "--draws", 20, "--seed", seed, "--json")[1]) for seed in (4, 4, 5)
    )
    assert one == again
    assert one["conclusions"] != other["conclusions"]
    assert one["draws"] == 20


def test_units_may_be_placed_anew(study: Path) -> None:
    assert json.loads(ask(study, "--draws", 5, "--rebase", "--json")[1])["rebased"] is True


def test_a_folder_for_tables_is_refused_before_any_work(study: Path) -> None:
    code, _, told = ask(study, "--draws", 5, "--csv", study.parent)
    assert code == 2
    assert "holds input of the study" in told


def test_a_range_out_of_bounds_is_told_with_its_remedy(study: Path, tmp_path: Path) -> None:
    two_counties.write_files(tmp_path)
    file = tmp_path / "study.toml"
    file.write_text(two_counties.STUDY + "\n[ranges]\nturnout_s = [90, 30]\n", encoding="utf-8")
    code, _, told = ask(file)
    assert code == 2
    assert "the lower one first" in told
    assert study.exists()
