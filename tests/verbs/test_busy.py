"""`borderless busy` from the command line: printed, as JSON, as CSV."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from typer.testing import CliRunner

import two_counties
from borderless.cli import app


def test_the_table_the_values_and_the_files_tell_the_same(tmp_path: Path) -> None:
    study = str(two_counties.write_files(tmp_path / "study"))
    folder = tmp_path / "csv"
    done = CliRunner().invoke(app, ["busy", study, "--busy-fraction", "0.3", "--csv", str(folder)])
    assert done.exit_code == 0, done.output
    assert "4 tables in" in done.output
    with (folder / "busy_by_force.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    told = json.loads(CliRunner().invoke(app, ["busy", study, "--busy-fraction", "0.3", "--json"]).stdout)
    assert told["assumed"] is False
    assert [float(row["expected"]) for row in rows] == [row["expected"] for row in told["by_force"]]
    assert {path.name for path in folder.iterdir()} == {
        f"busy_{name}.csv" for name in ("by_force", "workloads", "dispatch", "sweep")
    }


def test_the_hour_is_the_studys(tmp_path: Path) -> None:
    study = two_counties.write_files(tmp_path / "study")
    hours = [0.1] * 12 + [0.5] * 12
    study.write_text(f"{two_counties.STUDY}\n[busy]\nall = {hours}\n", encoding="utf-8")
    told = json.loads(CliRunner().invoke(app, ["busy", str(study), "--hour", "17", "--json"]).stdout)
    assert set(told["busy_fraction"].values()) == {0.5}
    assert CliRunner().invoke(app, ["busy", str(study), "--hour", "24"]).exit_code == 2
