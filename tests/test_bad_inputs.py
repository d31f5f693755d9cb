"""Every bad input is refused or mended with a report, by API and command line, and nothing is written."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

import two_counties
from borderless.cli import app
from borderless.errors import InputError, Problem
from borderless.region import Check, check_study, load_region

FOLDER = Path(__file__).parent / "bad_inputs"
CRIME = '\n[[demand]]\nmeasure = "incidents"\npolice_uk = "crime.zip"\n'
ROADS = '"nodes.csv"\nedges = "edges.csv"'
#: What stops a run, what is mended, and what is only told.
SEVERITY = {"refused": "error", "repaired": "error", "mended": "repair", "told": "notice"}
LIMIT_S = 5.0
# Of many problems the terminal shows some of each kind.
SHOWN = 20


@dataclass(frozen=True)
class Case:
    """One row of `cases.csv`."""

    name: str
    puts: str
    called: str
    outcome: str
    file: str
    where: str
    column: str
    value: str
    says: str

    def is_told(self, problem: Problem) -> bool:
        """Tell whether a problem says what the row wants said."""
        return (
            self.file in problem.file
            and self.where in problem.where
            and self.column in problem.column
            and self.value in problem.value
            and self.says in problem.why
        )


def _cases() -> list[Case]:
    with (FOLDER / "cases.csv").open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream, strict=True)
        next(rows)
        return [Case(*row) for row in rows]


CASES = _cases()


@pytest.fixture(scope="module")
def made() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bad_inputs_made", FOLDER / "made.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_counties.write_files(tmp_path_factory.mktemp("good")).parent


def put(case: Case, folder: Path, made: ModuleType) -> Path:
    """Put a case's files into a study and return the study file."""
    study, source = folder / "study.toml", FOLDER / case.puts
    if case.puts.startswith("made:"):
        getattr(made, case.puts.removeprefix("made:"))(folder / case.called)
    elif source.is_dir():
        shutil.copytree(source, folder, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, folder / case.called)
    stem = case.called.partition(".")[0]
    text = study.read_text(encoding="utf-8") if case.called != "study.toml" else ""
    if stem == "roads":
        study.write_text(text.replace(ROADS, f'"{case.called}"'), encoding="utf-8")
    elif stem == "crime":
        study.write_text(text + CRIME, encoding="utf-8")
    elif stem in {"stations", "areas", "people"}:
        name = {"stations": "stations.csv", "areas": "areas.geojson", "people": "people.csv"}[stem]
        study.write_text(text.replace(f'"{name}"', f'"{case.called}"'), encoding="utf-8")
    return study


def hashes(folder: Path) -> dict[str, str]:
    """Return the hash of every file in a folder, however deep."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {f.relative_to(folder).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


@contextmanager
def soon() -> Iterator[None]:
    """Fail when something takes five seconds of this process's own time."""
    began = time.process_time()
    yield
    assert time.process_time() - began < LIMIT_S


def called(*words: str | Path) -> tuple[int, str]:
    """Return the exit code of a call of the program and all it said."""
    with soon():
        result = CliRunner().invoke(app, [str(word) for word in words], terminal_width=400)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert "fault of the program" not in result.output
    return result.exit_code, " ".join(result.output.split())


def checked(study: Path, *, repair: bool = False) -> Check:
    with soon():
        return check_study(study, repair=repair)


def test_the_table_is_whole() -> None:
    assert len(CASES) >= 150
    assert len({case.name for case in CASES}) == len(CASES)
    assert {case.outcome for case in CASES} == set(SEVERITY)
    named = {case.puts for case in CASES}
    files = {p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*") if p.is_file()}
    unused = [f for f in files if "/" in f and not any(f == n or f.startswith(f"{n}/") for n in named)]
    assert [file for file in unused if "__pycache__" not in file] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_input_is_refused_or_mended_with_a_report(
    case: Case, good: Path, made: ModuleType, tmp_path: Path
) -> None:
    shutil.copytree(good, tmp_path / "study")
    study, out = put(case, tmp_path / "study", made), tmp_path / "out"
    out.mkdir()
    for name in ("index.html", "run.json", "notes.txt"):
        (out / name).write_text(f"an earlier {name}", encoding="utf-8")
    before = hashes(tmp_path)

    found = checked(study)
    alike = [p for p in found.problems if case.is_told(p) and p.severity == SEVERITY[case.outcome]]
    assert alike, "nothing says so among:\n" + "\n".join(map(str, found.problems))
    assert alike[0].why
    if case.outcome in {"refused", "repaired"}:
        assert_refused(study, out, alike[0], found)
    if case.outcome == "repaired":
        assert_mended_when_asked(study, alike[0])
    if case.outcome in {"mended", "told"}:
        assert_told(study, alike[0], found)

    assert hashes(tmp_path) == before


def assert_refused(study: Path, out: Path, told: Problem, found: Check) -> None:
    assert found.region is None
    assert told.remedy
    with pytest.raises(InputError) as caught, soon():
        load_region(study)
    assert told in caught.value.problems
    code, said = called("run", study, "--out", out)
    assert code == 2
    assert Path(told.file).name in said or len(found.problems) > SHOWN
    assert " ".join(told.why.split())[:60] in said


def assert_mended_when_asked(study: Path, told: Problem) -> None:
    assert told.rule
    mended = checked(study, repair=True)
    assert mended.region is not None, "\n".join(map(str, mended.problems))
    repairs = [p for p in mended.problems if p.severity == "repair" and p.rule == told.rule]
    assert (told.file, told.where, told.value) in {(p.file, p.where, p.value) for p in repairs}
    assert all(p.after != p.value for p in repairs)
    code, said = called("check", study, "--repair")
    assert code == 0
    assert told.rule in said


def assert_told(study: Path, told: Problem, found: Check) -> None:
    assert found.region is not None, "\n".join(map(str, found.problems))
    assert told in found.region.problems
    code, said = called("check", study)
    assert code == 0
    assert " ".join(told.why.split())[:60] in said
