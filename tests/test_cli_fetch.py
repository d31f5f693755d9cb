"""The command that fetches: what it prints, writes and returns."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from borderless.cli import app
from borderless.fetch.http import Client
from fake_server import FakeServer, serving
from open_data import environment, routes, town

pytestmark = pytest.mark.usefixtures("empty_cache")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    folder = tmp_path / "country"
    folder.mkdir()
    country = town(folder)
    shutil.rmtree(folder)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    with serving(routes(country)) as running:
        for name, value in environment(running.url).items():
            monkeypatch.setenv(name, value)
        yield running


def ran(*words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["fetch", *map(str, words)])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


@pytest.mark.usefixtures("server")
def test_it_says_what_it_made_and_what_to_do_next(tmp_path: Path) -> None:
    out = tmp_path / "study"
    told = ran("Northshire", "--outside", "Southshire", "--out", out, "--crime-month", "2026-09")
    assert f"borderless run {out / 'study.toml'}" in told.stdout
    assert f"{sum(range(100, 136)):,} people" in told.stdout
    assert "2 police sites" in told.stdout
    assert "draft" in told.stdout
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    crime = {f"crime/2026-09/2026-09-{force}shire-street.csv" for force in ("north", "south")}
    tables = {"forces.geojson", "places.csv", "population.csv", "roads.osm.pbf", "stations.csv"}
    assert names == crime | tables | {"README.md", "sources.json", "study.toml"}
    checked = CliRunner().invoke(app, ["run", str(out / "study.toml"), "--out", str(tmp_path / "maps")])
    assert checked.exit_code == 0, checked.output


@pytest.mark.usefixtures("server")
def test_json_is_the_record_of_sources(tmp_path: Path) -> None:
    told = ran("Northshire", "Southshire", "--out", tmp_path / "study", "--overpass", "--json")
    record = json.loads(told.stdout)
    assert record == json.loads((tmp_path / "study" / "sources.json").read_text(encoding="utf-8"))
    assert {one["endpoint"] for one in record["sources"]} == {"forces", "overpass", "centroids", "population"}


@pytest.mark.usefixtures("server")
def test_an_unknown_force_returns_2_with_the_nearest_name(tmp_path: Path) -> None:
    told = ran("Northshir", "--out", tmp_path / "study", code=2)
    assert "did you mean Northshire?" in told.stderr
    assert not (tmp_path / "study").exists()


def test_a_server_that_fails_returns_2_with_its_name_and_a_way_out(
    server: FakeServer, tmp_path: Path
) -> None:
    server.always["/extracts"] = "403"
    told = ran("Northshire", "--out", tmp_path / "study", code=2)
    assert server.url.removeprefix("http://") in told.stderr
    assert "answered 403 Forbidden" in told.stderr
    assert "use a local extract" in told.stderr
    assert "nothing was written" in told.stderr
    assert not (tmp_path / "study").exists()


@pytest.mark.usefixtures("server")
def test_an_interruption_returns_130_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "_take", interrupt)
    ran("Northshire", "--out", tmp_path / "study", code=130)
    assert not (tmp_path / "study").exists()


@pytest.mark.usefixtures("server")
def test_files_of_an_earlier_study_are_kept_unless_told_otherwise(tmp_path: Path) -> None:
    ran("Northshire", "--out", tmp_path / "study")
    assert "--force" in ran("Northshire", "--out", tmp_path / "study", code=2).stderr
    ran("Northshire", "--out", tmp_path / "study", "--force")


def test_a_study_names_other_servers(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = tmp_path / "servers.toml"
    study.write_text(f'[endpoints]\nextracts = "{server.url}/index-v1.json"\n')
    monkeypatch.delenv("BORDERLESS_ENDPOINT_EXTRACTS")
    ran("Northshire", "--out", tmp_path / "study", "--study", study)
    assert server.counts()["/index-v1.json"] == 1


@pytest.mark.usefixtures("server")
def test_a_deadline_that_has_passed_is_an_error_and_no_crash(tmp_path: Path) -> None:
    assert (
        "all the time there was"
        in ran("Northshire", "--out", tmp_path / "s", "--deadline-min", 0, code=2).stderr
    )
