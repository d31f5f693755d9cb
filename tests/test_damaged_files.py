"""A damaged file of any format ends in success or an error of the project, soon and in little memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import damaged_files
from damaged_files import CACHE, SAMPLES, damaged, write_samples

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux to watch over memory")
LARGEST_KB = 1_500_000


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a sound sample of every format."""
    folder = tmp_path_factory.mktemp("samples") / "sound"
    write_samples(folder)
    return folder


def read(samples: Path, folder: Path, names: list[str], count: int) -> dict[str, dict[str, Any]]:
    """Read damaged files in processes of their own; return an account and the faults for every name."""
    jobs: list[tuple[str, int, int]] = [(name, 0, count) for name in names]
    told: dict[str, dict[str, Any]] = {name: {"faults": {}} for name in names}
    for turn in range(50):
        words = [
            sys.executable,
            damaged_files.__file__,
            str(samples),
            str(folder / str(turn)),
            json.dumps(jobs),
        ]
        environment = os.environ | {"BORDERLESS_THREADS": "1"}
        ended = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
        name, seed = names[0], -1
        for what in map(json.loads, ended.stdout.splitlines()):
            name, seed = what.get("name", name), what.get("seed", -1 if "name" in what else seed)
            if "fault" in what:
                told[name]["faults"][seed] = what["fault"]
            if "largest_kb" in what:
                told[name] |= what
        if ended.returncode == 0:
            break
        # goes on after the file that ended the process
        told[name]["faults"][seed] = f"ended with {ended.returncode}: {ended.stderr[-1000:]}"
        jobs = [(name, seed + 1, count), *jobs[[job[0] for job in jobs].index(name) + 1 :]]
        if turn == 49 or seed < 0:
            break
    return told


@pytest.mark.parametrize(
    "count",
    [
        20,
        pytest.param(250, marks=pytest.mark.slow),
        pytest.param(1000, marks=[pytest.mark.slow, pytest.mark.long]),
    ],
)
def test_damaged_files_end_in_success_or_an_error_of_the_project(
    samples: Path, tmp_path: Path, count: int
) -> None:
    # side by side, because a process under watch uses one processor
    groups = [list(SAMPLES[0::2]), list(SAMPLES[1::2])]
    with ThreadPoolExecutor(len(groups)) as pool:
        halves = pool.map(lambda names: read(samples, tmp_path / names[0], names, count), groups)
        told = {name: account for half in halves for name, account in half.items()}
    assert {name: account["faults"] for name, account in told.items() if account["faults"]} == {}
    for name, account in told.items():
        assert account["largest_kb"] < LARGEST_KB, name
        # the samples are small, so much of the damage matters; what is cached is read again
        expected = (0, count) if name == CACHE else (account["refused"], 0)
        assert (account["refused"], account["warned"]) == expected, name
        assert name == CACHE or account["refused"] >= count // 10, name


def test_damage_is_the_same_for_the_same_seed_and_keeps_the_wrapping_of_every_other(samples: Path) -> None:
    content = (samples / "edges.csv.gz").read_bytes()
    several = [damaged("edges.csv.gz", content, seed) for seed in range(20)]
    assert several == [damaged("edges.csv.gz", content, seed) for seed in range(20)]
    assert len(set(several)) >= 19
    for odd in several[1::2]:
        assert odd.startswith(b"\x1f\x8b")
