"""A run that is killed, or refused by the disk, leaves whole files of one result; the next is as ever."""

from __future__ import annotations

import errno
import json
import random
import shutil
import signal
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import two_counties
from borderless.store import sha256_of_bytes, write_set
from warm_program import WarmProgram

SEED = 20150203
MANIFEST = "run.json"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and copies of a process")
Files = dict[str, bytes]


class Place:
    """Two studies, the results they give when nobody disturbs them, and a program to run them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.study = {"one": two_counties.write_files(folder / "one")}
        self.study["two"] = two_counties.write_files(folder / "two")
        people = folder / "two" / "people.csv"
        people.write_text(people.read_text(encoding="utf-8").replace(",1,1,", ",1,1000,"), encoding="utf-8")
        self.program = WarmProgram(folder, ["run", str(self.study["one"]), "--out", str(folder / "warm")])
        self.good: dict[str, Files] = {}
        self.seconds, self.steps = 0.0, 0
        for name in self.study:
            shutil.rmtree(self.program.cache)
            self.run(name, folder / name / "good")
            self.good[name] = files(folder / name / "good")
        assert self.good["one"] != self.good["two"]

    def run(self, name: str, out: Path) -> None:
        """Run a study to its end; nothing of what was killed before may be noticed."""
        ended = self.program.run("run", self.study[name], "--out", out)
        assert (ended.code, ended.stderr) == (0, "")
        self.seconds, self.steps = ended.seconds, ended.steps

    def assert_as_undisturbed(self, name: str, out: Path) -> None:
        """Assert that a result is that of a run nobody disturbed, but for its timings, and nothing more."""
        found = files(out)
        assert without_timings(found) == without_timings(self.good[name])
        left = [path for path in self.program.cache.iterdir() if path.name.startswith(".")]
        assert left + list(self.program.temporary.iterdir()) == []


def files(folder: Path) -> Files:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def without_timings(found: Files) -> Files:
    manifest = json.loads(found[MANIFEST])
    assert manifest.pop("timings_s")
    return found | {MANIFEST: json.dumps(manifest).encode()}


def assert_whole(found: Files, results: list[Files]) -> str:
    """Assert that files are whole and of one result; return which, and whether it is complete."""
    visible = {name: content for name, content in found.items() if not name.startswith(".borderless-")}
    content = {name: text for name, text in visible.items() if name != MANIFEST}
    of = [number for number, result in enumerate(results) if content.items() <= result.items()]
    assert of, sorted(visible)
    if MANIFEST not in visible:
        return "without a manifest" if content else "nothing"
    told = {entry["file"]: entry["sha256"] for entry in json.loads(visible[MANIFEST])["outputs"]}
    assert told == {name: sha256_of_bytes(text) for name, text in content.items()}
    return f"the {('new', 'old')[of[0]]} result"


def series(folder: Path, kills: int, seed: int) -> Counter[str]:
    """Kill runs one after another, and return what they left and how often."""
    moments = random.Random(seed)
    out, left = folder / "out", Counter[str]()
    place = Place(folder)
    with place.program:
        for number in range(2 * kills):
            new, other = ("one", "two") if number // 2 % 2 else ("two", "one")
            if number % 5 == 4:
                shutil.rmtree(out, ignore_errors=True)
            if number % 4 == 1:
                shutil.rmtree(place.program.cache, ignore_errors=True)
            # in turn at a random moment of the whole run, and at one of its steps on the disk
            after_s = place.seconds * moments.random() if number % 2 else None
            step = None if number % 2 else moments.randrange(place.steps)
            words = ("run", place.study[new], "--out", out)
            ended = place.program.run(*words, kill_after_s=after_s, stop_at=step)
            assert ended.code in (-signal.SIGKILL, 0), (seed, number, ended)
            state = assert_whole(files(out), [place.good[new], place.good[other]])
            if ended.code:
                left[state] += 1
            # every third is killed upon what the one before left
            if number % 3 != 2:
                place.run(new, out)
                place.assert_as_undisturbed(new, out)
            if left.total() == kills:
                break
        place.run("one", out)
        place.assert_as_undisturbed("one", out)
    return left


@pytest.mark.parametrize(
    "kills",
    [
        8,
        pytest.param(40, marks=pytest.mark.slow),
        pytest.param(200, marks=[pytest.mark.slow, pytest.mark.long]),
    ],
)
def test_a_kill_at_any_moment_leaves_whole_files_of_one_result(tmp_path: Path, kills: int) -> None:
    side_by_side = 2 if kills > 8 else 1
    with ThreadPoolExecutor(side_by_side) as pool:
        each = pool.map(
            lambda n: series(tmp_path / str(n), kills // side_by_side, SEED + n), range(side_by_side)
        )
        left = sum(each, Counter[str]())
    assert left.total() == kills
    # the moments are spread over the whole run
    assert len(left) >= (4 if kills > 8 else 2), left


@pytest.mark.parametrize("every", [30, pytest.param(5, marks=pytest.mark.slow)])
def test_a_run_that_the_disk_refuses_at_one_step_keeps_the_old_result_or_gives_the_new(
    tmp_path: Path, every: int
) -> None:
    place, out = Place(tmp_path), tmp_path / "out"
    ends: Counter[str] = Counter()
    with place.program:
        place.run("one", out)
        for step in range(0, 10_000, every):
            shutil.rmtree(place.program.cache, ignore_errors=True)
            words = ("run", place.study["two"], "--out", out)
            ended = place.program.run(*words, stop_at=step, number=errno.EIO)
            found = files(out)
            visible = {name: content for name, content in found.items() if not name.startswith(".")}
            if ended.code:
                ends["refused"] += 1
                assert (ended.code, found) == (2, place.good["one"]), (step, ended)
                assert str(out) in ended.stderr
                assert "(Input/output error); what was there before is unchanged" in ended.stderr
            else:
                assert without_timings(visible) == without_timings(place.good["two"]), (step, ended)
                kind = "a warning" if ended.stderr else "unnoticed"
                ends[kind] += 1
                assert not ended.stderr or "the cache cannot be written" in ended.stderr
            if ended.steps <= step:
                break
            write_set(out, place.good["one"], last=MANIFEST)
            assert files(out) == place.good["one"]
    assert min(ends["refused"], ends["a warning"]) >= max(1, 12 // every), ends
