"""The command line: what it prints, what it returns, and what it never touches."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from contextlib import suppress
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from typer.testing import CliRunner

import two_counties
from borderless import cli
from borderless.errors import OutputError
from borderless.verbs import options
from drawn_studies import write_county

PROGRAM = [sys.executable, "-P", "-c", "from borderless.cli import main; main()"]
REAL_STUDY = Path(__file__).parents[2] / "shared" / "real" / "study.toml"
CENSUS_2011 = {"Nottinghamshire": 1_091_482, "Leicestershire": 1_017_697, "Northamptonshire": 691_952}
FILES = {
    "index.html",
    "alliance.html",
    "comparison.html",
    "explorer.html",
    "coverage.csv",
    "places.csv",
    "borderless.gpkg",
    "results.json",
    "run.json",
}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return two_counties.write_files(tmp_path / "study")


def call(*words: str | Path) -> tuple[int, str]:
    """Return the exit code and what went to standard error."""
    result = CliRunner().invoke(cli.app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stderr


def ran(*words: str | Path) -> Any:
    """Return what a call that succeeds prints; nothing but the answer goes anywhere."""
    result = CliRunner().invoke(cli.app, [str(word) for word in words])
    assert result.exception is None, result.output
    assert result.exit_code == 0
    assert result.stderr == ""
    return result


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def assert_same_numbers(folder: Path) -> list[dict[str, Any]]:
    """Assert that coverage.csv says what results.json says, and return the latter's rows."""
    told = json.loads((folder / "results.json").read_text(encoding="utf-8"))["coverage"]
    with (folder / "coverage.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["scenario", "force", "measure", "target", "covered", "total", "share"]
    assert len(rows) == len(told) > 0
    for row, record in zip(rows, told, strict=True):
        assert row == {key: "" if value is None else str(value) for key, value in record.items()}
    return told


# -- the gate


def test_a_check_tells_everything_and_writes_nothing(study: Path) -> None:
    before = contents(study.parent)
    result = ran("check", study)
    assert "This study can run. Nothing had to be mended." in result.stdout
    assert "Worth knowing" in result.stdout
    assert contents(study.parent) == before


def test_a_check_of_a_bad_study_ends_with_2_and_offers_repairs(study: Path) -> None:
    stations = study.parent / "stations.csv"
    stations.write_bytes(stations.read_bytes().replace(b",", b";"))
    result = CliRunner().invoke(cli.app, ["check", str(study)])
    assert result.exit_code == 2
    assert "semicolons stand between the cells" in " ".join(result.stdout.split())
    assert "--repair would mend 1 of them" in " ".join(result.stdout.split())
    told = json.loads(CliRunner().invoke(cli.app, ["check", str(study), "--json"]).stdout)
    assert (told["ok"], told["counts"]["error"], told["repairable"]) == (False, 1, 1)
    told = json.loads(ran("check", study, "--repair", "--json").stdout)
    assert (told["ok"], told["counts"]["repair"]) == (True, 1)


def test_repairs_are_told_in_the_terminal_on_both_pages_and_in_the_manifest(
    study: Path, tmp_path: Path
) -> None:
    stations = study.parent / "stations.csv"
    stations.write_bytes(stations.read_bytes().replace(b",", b";"))
    code, said = call("run", study, "--out", tmp_path / "out")
    assert (code, "or run again with --repair" in said) == (2, True)
    result = ran("run", study, "--out", tmp_path / "out", "--repair")
    mended = "The input was mended in 1 place before use: read with semicolons (1)."
    assert mended in " ".join(result.stdout.split())
    for page in ("index.html", "comparison.html", "explorer.html"):
        assert mended in (tmp_path / "out" / page).read_text(encoding="utf-8")
    manifest = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    (repair,) = [problem for problem in manifest["problems"] if problem["severity"] == "repair"]
    assert (repair["where"], repair["value"], repair["after"]) == ("row 1", ";", ",")
    assert repair["rule"] == "read with semicolons"


# -- the main job


WHAT_IF = """
[response]
busy_fraction = 0.3

[scenarios.what_if]
label = "What if"
closed = ["N1"]

[[scenarios.what_if.pairs]]
responder = "East"
place = "West"
delay_s = 0
"""


def test_a_file_of_the_what_if_page_is_run_beside_the_study(study: Path, tmp_path: Path) -> None:
    extra = tmp_path / "what-if.toml"
    extra.write_text(WHAT_IF, encoding="utf-8")
    told = json.loads(ran("run", study, "--with", extra, "--out", tmp_path / "out", "--json").stdout)
    (scenario,) = [entry for entry in told["scenarios"] if entry["name"] == "what_if"]
    assert scenario["closed"] == ["N1"]
    assert scenario["border_pairs"] == [
        {"responder": "East", "force": "West", "rule": "closest", "min_gain_s": 0, "delay_s": 0}
    ]

    def people(table: str, column: str, force: str) -> float:
        (row,) = [
            row
            for row in told[table]
            if (row["scenario"], row["force"], row["measure"], row["target"])
            == ("what_if", force, "population", "standard")
        ]
        return row[column]

    # all of West's 15 within the standard once East may come; nobody starts in North
    assert people("coverage", "covered", "West") == 15
    assert people("coverage", "covered", "North") == 0
    # W1's two units alone reach A in time, these and E1's one reach B and C, E1's alone reaches D
    west = 1 * (1 - 0.3**2) + (2 + 4) * (1 - 0.3**3) + 8 * (1 - 0.3)
    assert people("expected", "expected", "West") == pytest.approx(west)
    manifest = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert extra.name in {Path(entry["file"]).name for entry in manifest["inputs"]}
    assert manifest["parameters"]["response.busy_fraction"] == 0.3


def test_check_and_run_refuse_a_wrong_file_of_scenarios(study: Path, tmp_path: Path) -> None:
    extra = tmp_path / "what-if.toml"
    extra.write_text(WHAT_IF.replace("N1", "N7"), encoding="utf-8")
    assert call("check", study, "--with", extra)[0] == 2
    code, said = call("run", study, "--out", tmp_path / "out", "--with", extra)
    assert code == 2
    assert "is no station or candidate of this study" in " ".join(said.split())
    assert not (tmp_path / "out").exists()


def test_a_run_writes_every_file_and_says_where(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "maps"
    result = ran("run", study, "--out", out)
    assert set(contents(out)) == FILES
    assert str(out / "index.html") in result.stdout
    assert "West" in result.stdout
    assert "The alliance" in result.stdout
    for page in ("index.html", "comparison.html", "explorer.html"):
        text = (out / page).read_text(encoding="utf-8")
        assert text.startswith("<!DOCTYPE html>")
        assert text.rstrip().endswith("</html>")
    layers = pyogrio.list_layers(out / "borderless.gpkg")[:, 0].tolist()
    assert layers == ["isochrones", "demand_points", "stations", "forces"]
    manifest = json.loads((out / "run.json").read_text(encoding="utf-8"))
    hashes = {entry["file"]: entry["sha256"] for entry in manifest["outputs"]}
    assert hashes == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in contents(out).items()
        if name != "run.json"
    }
    assert len(manifest["timings_s"]) >= 6


def test_a_run_tells_the_numbers_worked_out_by_hand(study: Path, tmp_path: Path) -> None:
    ran("run", study, "--out", tmp_path / "out")
    rows = assert_same_numbers(tmp_path / "out")
    people = {
        (row["scenario"], row["force"], row["target"]): two_counties.letters(row["covered"])
        for row in rows
        if row["measure"] == "population"
    }
    assert people["separate", "West", "standard"] == "ABC"
    assert people["borderless", "West", "standard"] == "ABCD"
    assert people["separate", "all", "5 min"] == "AEFN"
    assert people["borderless", "West", "10 min"] == "ABCD"
    totals = {row["force"]: row["total"] for row in rows if row["measure"] == "population"}
    assert totals == {"West": 15, "East": 240, "North": 768, "all": 1023}


def test_json_on_standard_output_is_results_json(study: Path, tmp_path: Path) -> None:
    result = ran("run", study, "--out", tmp_path / "out", "--json")
    written = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert json.loads(result.stdout) == written
    assert result.stdout.count("\n") == 1


def test_a_second_run_gives_the_same_bytes_but_for_its_timings(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Today(date):
        @classmethod
        def today(cls) -> Today:
            return cls(2025, 2, 3)

    monkeypatch.setattr(cli, "date", Today)
    monkeypatch.setenv("BORDERLESS_CACHE", str(tmp_path / "cache"))
    for name in ("cold", "warm"):
        ran("run", study, "--out", tmp_path / name)
        assert list((tmp_path / "cache").iterdir())
    cold, warm = (contents(tmp_path / name) for name in ("cold", "warm"))
    manifests = [json.loads(files.pop("run.json")) for files in (cold, warm)]
    assert cold == warm
    timings = [manifest.pop("timings_s") for manifest in manifests]
    assert manifests[0] == manifests[1]
    assert list(timings[0]) == list(timings[1])


def test_a_run_into_the_same_folder_replaces_the_files(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "coverage.csv").write_text("old")
    (out / "mine.txt").write_text("mine")
    ran("run", study, "--out", out)
    assert set(contents(out)) == FILES | {"mine.txt"}
    assert contents(out)["mine.txt"] == b"mine"
    assert_same_numbers(out)


def test_without_a_study_the_embedded_one_is_run(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert options.embedded_study().parts[-3:] == ("data", "east_midlands", "study.toml")
    monkeypatch.setattr(options, "embedded_study", lambda: study)
    monkeypatch.chdir(tmp_path)
    assert "Two counties" in ran("run").stdout
    assert set(contents(tmp_path / "maps")) == FILES


def test_partners_join_the_alliance(study: Path, tmp_path: Path) -> None:
    ran("run", study, "--out", tmp_path / "out", "--partners", " North ,")
    written = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert written["alliance"] == ["West", "East", "North"]
    # N1 is two minutes from B
    rows = assert_same_numbers(tmp_path / "out")
    five = next(
        row
        for row in rows
        if (row["scenario"], row["force"], row["measure"], row["target"])
        == ("alliance", "West", "population", "5 min")
    )
    assert "B" in two_counties.letters(five["covered"])


def test_an_unknown_partner_is_named_with_the_known_ones(study: Path, tmp_path: Path) -> None:
    code, told = call("run", study, "--out", tmp_path / "out", "--partners", "North,Wessex")
    assert code == 2
    assert "unknown partner Wessex" in told
    assert "North" in told
    assert not (tmp_path / "out").exists()


# -- a small study


def test_condense_makes_a_study_that_runs(tmp_path: Path) -> None:
    full = write_county(tmp_path / "full", 4)
    words = (
        "--out",
        tmp_path / "small",
        "--name",
        "A small county",
        "--source",
        "© One",
        "--source",
        "© Two",
    )
    result = ran("condense", full, *words)
    assert str(tmp_path / "small" / "study.toml") in result.stdout
    ran("run", tmp_path / "small" / "study.toml", "--out", tmp_path / "out")
    ran("run", full, "--out", tmp_path / "before")
    totals = [
        {(row["force"], row["measure"]): row["total"] for row in assert_same_numbers(tmp_path / name)}
        for name in ("before", "out")
    ]
    assert totals[0] == totals[1]
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "A small county" in page
    assert "© One" in page
    assert "© Two" in page


def test_condensing_a_small_study_again_is_refused(tmp_path: Path) -> None:
    ran("condense", write_county(tmp_path / "full", 4), "--out", tmp_path / "small")
    code, told = call("condense", tmp_path / "small" / "study.toml", "--out", tmp_path / "smaller")
    assert code == 2
    assert "has no streets → condense the full study" in told
    assert not (tmp_path / "smaller").exists()


# -- isochrones


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb"])
def test_isochrones_are_written_in_the_format_of_the_file(
    study: Path, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "new" / f"areas.{ending}"
    words = ("isochrones", study, "--out", file, "--minutes", "10, 5", "--by", "force", "--mode", "split")
    result = ran(*words, "--shape", "ring", "--only", "West", "--only", "East")
    assert result.stdout == f"4 areas in {file}\n"
    _, _, _, fields = pyogrio.raw.read(file)
    assert [column.tolist() for column in fields] == [
        ["West", "West", "East", "East"],
        ["W1", "W1", "E1", "E1"],
        [0, 5, 0, 5],
        [5, 10, 5, 10],
    ]
    first = file.read_bytes()
    monkeypatch.setenv("BORDERLESS_THREADS", "3")
    ran(*words, "--shape", "ring", "--only", "West", "--only", "East")
    assert file.read_bytes() == first


def test_isochrones_of_scenarios_go_to_a_folder_and_to_the_stations(study: Path, tmp_path: Path) -> None:
    result = ran("isochrones", study, "--out", tmp_path / "new", "--by", "scenario", "--direction", "to")
    assert result.stdout == f"16 areas in {tmp_path / 'new' / 'isochrones.gpkg'}\n"


def test_isochrones_may_be_lines(tmp_path: Path) -> None:
    county = write_county(tmp_path / "county", 2)
    result = ran(
        "isochrones", county, "--out", tmp_path / "l.fgb", "--lines", "--minutes", "4", "--only", "S0"
    )
    assert result.stdout == f"1 lines in {tmp_path / 'l.fgb'}\n"
    assert pyogrio.read_info(tmp_path / "l.fgb")["geometry_type"] == "MultiLineString"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--minutes", "5,x"), "isochrone minutes must be whole numbers from 1 to 240, not 5, x"),
        (("--by", "county"), "by is 'county'; it may be: station, force, scenario"),
        (("--mode", "melt"), "mode is 'melt'"),
        (("--shape", "cube"), "shape is 'cube'"),
        (("--direction", "up"), "unknown direction up; directions are: from, to"),
        (("--buffer-m", "9"), "a buffer of 9 m makes no picture → give 150 to 2500 m"),
        (("--only", "X9"), "unknown station X9; ids are: E1, N1, W1"),
        (("--by", "force", "--only", "Wessex"), "unknown force Wessex; forces are: West, East, North"),
        (("--by", "scenario", "--only", "x"), "unknown scenario x; scenarios are: separate"),
        (("--format", "kml"), "unknown format kml"),
    ],
)
def test_isochrones_that_cannot_be_drawn_are_told_and_nothing_is_written(
    study: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    code, said = call("isochrones", study, "--out", tmp_path / "new", *words)
    assert code == 2
    assert told in " ".join(said.split())
    assert not (tmp_path / "new").exists()


# -- the cache


def test_the_cache_is_listed_and_cleared(study: Path, tmp_path: Path, empty_cache: Path) -> None:
    ran("run", study, "--out", tmp_path / "out")
    (empty_cache / "downloads").mkdir()
    (empty_cache / "downloads" / "roads.osm.pbf").write_bytes(bytes(2000))
    told = json.loads(ran("cache", "--json").stdout)
    assert {entry["kind"] for entry in told["entries"]} == {"draws", "isochrones", "network", "times"}
    assert told["downloads"] == {"files": 1, "bytes": 2000}
    size_bytes = sum(path.stat().st_size for path in empty_cache.rglob("*") if path.is_file())
    assert told["bytes"] == size_bytes
    assert told["folder"] == str(empty_cache)
    for entry in told["entries"]:
        assert (empty_cache / entry["file"]).stat().st_size == entry["bytes"]
        assert datetime.fromisoformat(entry["made"]) <= datetime.fromisoformat(entry["used"])
    table = ran("cache").stdout
    for word in (
        "network",
        "times",
        "isochrones",
        "downloads",
        "2.0 kB",
        "1 file",
        str(empty_cache),
        "5.0 GB",
    ):
        assert word in table
    assert json.loads(ran("cache", "--clear", "--json").stdout)["freed_bytes"] == size_bytes
    assert list(empty_cache.iterdir()) == []
    assert ran("cache", "--clear").stdout == f"0 bytes freed in {empty_cache}\n"
    assert "0 bytes in" in ran("cache").stdout


def test_damage_in_the_cache_is_told_once_and_changes_no_number(
    study: Path, tmp_path: Path, empty_cache: Path
) -> None:
    ran("run", study, "--out", tmp_path / "before")
    (damaged,) = empty_cache.glob("times-*")
    damaged.write_bytes(b"{}")
    code, told = call("run", study, "--out", tmp_path / "out")
    assert code == 0
    why = "this part of the cache cannot be used (its checksum is wrong)"
    assert told == f"{damaged}: {why} → it is computed again\n"
    assert assert_same_numbers(tmp_path / "out") == assert_same_numbers(tmp_path / "before")
    ran("run", study, "--out", tmp_path / "out")


def test_a_cache_that_cannot_be_written_is_told_once(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_bytes(b"")
    monkeypatch.setenv("BORDERLESS_CACHE", str(tmp_path / "taken"))
    code, told = call("run", study, "--out", tmp_path / "out")
    assert code == 0
    assert told.count("the cache cannot be written") == told.count("\n") == 1


def test_a_limit_that_is_no_number_is_bad_input(
    study: Path, tmp_path: Path, empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BORDERLESS_CACHE_MAX_MB", "much")
    code, told = call("run", study, "--out", tmp_path / "out")
    assert code == 2
    assert "BORDERLESS_CACHE_MAX_MB is 'much'" in told
    assert not (tmp_path / "out").exists()
    assert list(empty_cache.glob("*")) == []


# -- what it says


def test_the_version_is_that_of_the_distribution() -> None:
    assert ran("--version").stdout == f"borderless {version('borderless-coverage')}\n"


@pytest.mark.parametrize("words", [["run", "--help"], ["condense", "--help"], ["--help"]])
def test_help_names_the_study_and_the_folder(words: list[str]) -> None:
    told = ran(*words).stdout
    assert "Usage" in told
    assert words == ["--help"] or "--out" in told


@pytest.mark.parametrize("words", [["walk"], ["run", "--outt", "x"], ["run", "a", "b"]])
def test_words_that_are_not_known_return_2(words: list[str]) -> None:
    code, told = call(*words)
    assert code == 2
    assert "Usage" in told


def test_every_problem_of_every_table_is_listed_at_once(study: Path, tmp_path: Path) -> None:
    folder = study.parent
    (folder / "stations.csv").write_text(
        "id,name,force,role,units,capacity,x,y\n"
        "W1,One,West,response,2,2,400000,300000\n"
        "W1,Two,West,response,-1,2,400000,300000\n"
        "E1,Three,Eest,response,1,2,418000,300000\n"
    )
    (folder / "people.csv").write_text("id,people,x,y\nA,seven,400000,300000\nB,7,,300000\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index.html").write_text("before")
    code, told = call("run", study, "--out", tmp_path / "out")
    assert code == 2
    first, *problems = told.rstrip("\n").split("\n")
    assert first == f"Borderless stopped; nothing was written. {len(problems)} problems:"
    for file, value in (("stations.csv", "W1"), ("stations.csv", "-1"), ("people.csv", "seven")):
        assert any(line.startswith(file) and repr(value) in line for line in problems), (file, value)
    assert any(line.startswith("people.csv: row 3") for line in problems)
    assert "Eest" in told
    assert all(" → " in line for line in problems)
    assert contents(tmp_path / "out") == {"index.html": b"before"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[stations]", "[statons]", "did you mean stations?"),
        ('alliance = ["West", "East"]', "alliance = 7", "must be a list of texts"),
        ('file = "people.csv"', 'file = "peple.csv"', "there is no such file"),
        ("name =", "name", "not valid TOML"),
    ],
)
def test_a_bad_study_file_is_told_by_name(
    study: Path, tmp_path: Path, old: str, new: str, expected: str
) -> None:
    text = study.read_text(encoding="utf-8")
    assert old in text
    study.write_text(text.replace(old, new, 1), encoding="utf-8")
    code, told = call("run", study, "--out", tmp_path / "out")
    assert code == 2
    assert expected in told
    assert "study.toml" in told
    assert "Traceback" not in told
    assert not (tmp_path / "out").exists()


def test_a_study_that_is_not_there_is_told_as_it_was_named(tmp_path: Path) -> None:
    code, told = call("run", tmp_path / "nowhere.toml", "--out", tmp_path / "out")
    assert code == 2
    assert told.startswith("Borderless stopped; nothing was written. 1 problem:\n")
    assert "nowhere.toml: there is no such file" in told


# -- as a program of its own


def program(*words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *map(str, words)], capture_output=True, text=True, check=False, timeout=120, **more
    )


def test_a_bad_study_shows_a_traceback_only_with_debug(study: Path, tmp_path: Path) -> None:
    (study.parent / "people.csv").write_text("id\n")
    plain, debug = (program("run", study, "--out", tmp_path / "out", *more) for more in ([], ["--debug"]))
    assert plain.returncode == 2
    assert plain.stdout == ""
    assert "Traceback" not in plain.stderr
    assert "people.csv" in plain.stderr
    assert debug.returncode not in {0, 2}
    assert "Traceback" in debug.stderr
    assert "InputError" in debug.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_progress_goes_to_a_terminal_on_standard_error(study: Path, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    words = [*PROGRAM, "run", str(study), "--out", str(tmp_path / "out"), "--json"]
    with (
        (tmp_path / "told").open("wb") as told,
        subprocess.Popen(words, stdout=told, stderr=theirs) as running,
    ):
        os.close(theirs)
        shown = _until_closed(ours)
    assert running.returncode == 0
    assert "Writing files" in shown
    assert json.loads((tmp_path / "told").read_bytes())["study"] == "Two counties"


def _until_closed(terminal: int) -> str:
    """Return what is written to a terminal until nobody writes any more."""
    shown = b""
    with suppress(OSError), os.fdopen(terminal, "rb", buffering=0) as stream:
        while block := stream.read(4096):
            shown += block
    return shown.decode()


# -- things that must not happen


@pytest.mark.parametrize("verb", ["run", "condense"])
def test_a_folder_that_holds_input_is_refused_and_left_alone(study: Path, verb: str) -> None:
    before = {path.name: path.read_bytes() for path in study.parent.iterdir()}
    code, told = call(verb, study, "--out", study.parent)
    assert code == 2
    assert "holds input" in told
    assert {path.name: path.read_bytes() for path in study.parent.iterdir()} == before


@pytest.mark.parametrize("out", ["file", "file/below/it"])
def test_an_output_that_cannot_be_a_folder_is_told_before_any_work(
    study: Path, tmp_path: Path, out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "load_region", lambda *_, **__: pytest.fail("it worked for nothing"))
    (tmp_path / "file").write_text("mine")
    code, told = call("run", study, "--out", tmp_path / out)
    assert code == 2
    assert "not a folder" in told
    assert "nothing was written" in told
    assert (tmp_path / "file").read_text() == "mine"


def test_a_disk_that_refuses_is_not_called_bad_input(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OutputError("coverage.csv: no space")

    monkeypatch.setattr(cli, "write_all", full)
    code, told = call("run", study, "--out", tmp_path / "out")
    assert code == 2
    assert "nothing was written" not in told
    assert "coverage.csv: no space" in told


def test_a_fault_of_the_program_shows_a_traceback_only_with_debug(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(cli, "analyse", fail)
    assert call("run", study, "--out", tmp_path / "out") == (
        1,
        "Borderless failed: ZeroDivisionError: by nought\n"
        "This is a fault of the program. --debug shows where.\n",
    )
    debug = CliRunner().invoke(cli.app, ["run", str(study), "--out", str(tmp_path / "out"), "--debug"])
    assert isinstance(debug.exception, ZeroDivisionError)


def test_an_interruption_returns_130_and_leaves_nothing(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "analyse", interrupt)
    assert call("run", study, "--out", tmp_path / "out")[0] == 130
    assert not (tmp_path / "out").exists()


def test_bad_input_returns_2_and_makes_no_folder(study: Path, tmp_path: Path) -> None:
    (study.parent / "people.csv").write_text("id\n")
    code, told = call("run", study, "--out", tmp_path / "out")
    assert code == 2
    assert "nothing was written" in told
    assert "Traceback" not in told
    assert not (tmp_path / "out").exists()


@pytest.mark.real
@pytest.mark.skipif(not REAL_STUDY.is_file(), reason="the real data are not beside the repository")
def test_the_real_three_counties_run_from_files_to_maps(tmp_path: Path) -> None:
    result = ran("run", REAL_STUDY, "--out", tmp_path)
    assert set(contents(tmp_path)) == FILES
    for force in CENSUS_2011:
        assert force in result.stdout
    rows = assert_same_numbers(tmp_path)
    people = [row for row in rows if row["measure"] == "population"]
    for row in people:
        assert row["total"] == CENSUS_2011.get(row["force"], row["total"])
        assert 0 <= row["covered"] <= row["total"]
    scenarios = ("separate", "borderless", "shared_stations", "alliance")
    assert len(people) == len(scenarios) * 6 * 5
    covered = {(row["scenario"], row["force"], row["target"]): row["covered"] for row in people}
    for force in CENSUS_2011:
        for scenario in scenarios:
            times = [covered[scenario, force, f"{m} min"] for m in (5, 10, 15, 20)]
            assert times == sorted(times)
            for target in ("standard", "5 min", "10 min", "15 min", "20 min"):
                assert covered["separate", force, target] <= covered[scenario, force, target]
                assert covered[scenario, force, target] <= covered["alliance", force, target]
    assert all(file.stat().st_size < 6_000_000 for file in tmp_path.glob("*.html"))
