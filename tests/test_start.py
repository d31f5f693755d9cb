"""Ctrl-C ends the program with one line and exit code 130, whenever it comes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

import two_counties

# It says when it can be interrupted; what Python does before is not ours.
PROGRAM = "import borderless_start; print('ready', flush=True); borderless_start.main()"
LINE = "Interrupted; nothing half-written was left.\n"
SEED = 20150203
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")


class Ended(NamedTuple):
    """How a run ended."""

    code: int
    stdout: str
    stderr: str
    seconds: float


def run(folder: Path, out: Path, *, interrupt_after_s: float | None = None) -> Ended:
    """Run the study of a folder in a process of its own, and interrupt it after a while."""
    words = [sys.executable, "-P", "-c", PROGRAM, "run", str(folder / "study.toml"), "--out", str(out)]
    environment = os.environ | {"BORDERLESS_CACHE": str(folder / "cache")}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        since = time.perf_counter()
        if interrupt_after_s is not None:
            time.sleep(interrupt_after_s)
            running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=120)
        return Ended(running.returncode, stdout, stderr, time.perf_counter() - since)


def scripted(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script that changes the program a little, on the study of a folder."""
    words = [sys.executable, "-P", "-c", script, "run", f"{folder}/study.toml", "--out", f"{folder}/out"]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=50)


@pytest.mark.parametrize("times", [4, pytest.param(50, marks=pytest.mark.slow)])
def test_an_interruption_at_any_time_ends_with_one_line(tmp_path: Path, times: int) -> None:
    two_counties.write_files(tmp_path)
    run(tmp_path, tmp_path / "first")
    whole = run(tmp_path, tmp_path / "whole")
    assert (whole.code, whole.stderr) == (0, "")
    names = {path.name for path in (tmp_path / "whole").iterdir()}
    chance = random.Random(SEED)
    # from the first moment, in equal steps with chance, to the end
    moments = [whole.seconds * (number + chance.random()) / times for number in range(times)]

    def interrupted(number: int) -> bool:
        out = tmp_path / f"out{number}"
        ended = run(tmp_path, out, interrupt_after_s=moments[number])
        left = {path.name for path in out.iterdir()} if out.exists() else set()
        if ended.code == 130:
            assert ended.stderr == LINE, (number, ended)
            assert left in (set(), names), (number, ended)
            return True
        # all was said and done, and Python was leaving
        assert ended.code in (0, -signal.SIGINT), (number, ended)
        assert ended.stderr == "", (number, ended)
        assert "in a browser." in ended.stdout
        assert left == names
        return False

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(interrupted, range(times))) >= times // 2
    assert run(tmp_path, tmp_path / "out0").code == 0
    assert {path.name for path in (tmp_path / "out0").iterdir()} == names


def test_where_the_shell_ignores_interruptions_they_stay_ignored(tmp_path: Path) -> None:
    two_counties.write_files(tmp_path)
    script = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "import borderless_start\n"
        "import borderless.cli as cli\n"
        "load = cli.load_region\n"
        "cli.load_region = lambda *a, **k: (os.kill(os.getpid(), signal.SIGINT), load(*a, **k))[1]\n"
        "borderless_start.main()\n"
    )
    ended = scripted(script, tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_second_interruption_does_not_wait_for_the_first(tmp_path: Path) -> None:
    two_counties.write_files(tmp_path)
    script = (
        "import os, signal, sys, time\n"
        "import borderless_start\n"
        "import borderless.cli as cli\n"
        "def stuck(*_, **__):\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        time.sleep(60)\n"
        "    finally:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        time.sleep(60)\n"
        "cli.load_region = stuck\n"
        "borderless_start.main()\n"
    )
    ended = scripted(script, tmp_path)
    assert (ended.returncode, ended.stderr) == (130, LINE)


def test_an_output_that_lacks_letters_gets_question_marks_and_no_traceback(tmp_path: Path) -> None:
    two_counties.write_files(tmp_path)
    words = [sys.executable, "-P", "-c", "import borderless_start; borderless_start.main()"]
    ended = subprocess.run(
        [*words, "check", f"{tmp_path}/study.toml"],
        capture_output=True,
        check=False,
        timeout=50,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"may be too long ? cut the roads with a wider margin" in ended.stdout


def test_an_interruption_that_a_library_swallows_is_not_lost(tmp_path: Path) -> None:
    two_counties.write_files(tmp_path)
    script = (
        "import ctypes, os, signal\n"
        "import borderless_start\n"
        "import borderless.cli as cli\n"
        "load = cli.load_region\n"
        "@ctypes.CFUNCTYPE(None)\n"
        "def called_from_c():\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    for _ in range(100_000): pass\n"
        "def interrupted(*a, **k):\n"
        "    called_from_c()\n"
        "    while True: load(*a, **k)\n"
        "cli.load_region = interrupted\n"
        "borderless_start.main()\n"
    )
    ended = scripted(script, tmp_path)
    assert (ended.returncode, ended.stderr) == (130, LINE)
    assert not (tmp_path / "out").exists()
