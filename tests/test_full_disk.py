"""A disk without room: the old result stays, and the message says which folder, how much it takes and has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from typing import Any

import pytest

import two_counties

# Runs in a namespace of its own, in which it may mount real disks of any size.
SCRIPT = r"""
import json, subprocess, sys, tempfile
from pathlib import Path
from typer.testing import CliRunner
from borderless import cli, store

folder, study = Path(sys.argv[1]), sys.argv[2]
OLD = {name: b"old " + name.encode() for name in ("coverage.csv", "index.html", "run.json")}

def mounted(name, size):
    place = folder / name
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)], check=True)
    return place

def contents(place):
    return {path.name: path.read_bytes() for path in place.iterdir()}

def run(place):
    ended = CliRunner().invoke(cli.app, ["run", study, "--out", str(place)])
    names = sorted(contents(place))
    return {
        "code": ended.exit_code, "told": ended.stderr, "names": names, "old": contents(place) == OLD,
        "bytes": sum(map(len, contents(place).values())),
    }

check_room = store._check_room
told = {"sizes": []}
for size in sys.argv[3].split(","):
    for sees_it_coming in (True, False):
        place = mounted(f"{size}-{sees_it_coming}", size)
        store.write_set(place, OLD, last="run.json")
        store._check_room = check_room if sees_it_coming else lambda *_: None
        told["sizes"].append({"size": size, "folder": str(place), "sees": sees_it_coming} | run(place))
store._check_room = check_room
if sys.argv[4]:
    out = folder / "out"
    store.write_set(out, OLD, last="run.json")
    tempfile.tempdir = str(mounted("tmp", "16k"))
    told["no room for temporary files"] = run(out)
    tempfile.tempdir = None
    import os
    os.environ["BORDERLESS_CACHE"] = str(mounted("cache", "16k"))
    told["no room for the cache"] = run(folder / "out")
print(json.dumps(told))
"""
NAMES = [
    *("alliance.html", "borderless.gpkg", "comparison.html", "coverage.csv", "explorer.html", "index.html"),
    *("places.csv", "results.json", "run.json"),
]


def in_a_namespace(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["unshare", "-Urm", *words], capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run the two counties onto disks of several sizes."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        pytest.skip("needs Linux and unshare to mount small disks")
    folder = tmp_path_factory.mktemp("disks")
    allowed = in_a_namespace("mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder))
    if allowed.returncode:
        pytest.skip(f"small disks cannot be mounted here: {allowed.stderr.strip()}")
    study = two_counties.write_files(folder / "study")
    sizes = "64k,256k,512k,4m,16m"
    ended = in_a_namespace(sys.executable, "-P", "-c", SCRIPT, str(folder), str(study), sizes, "more")
    assert ended.returncode == 0, ended.stderr
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def test_a_disk_too_small_keeps_the_old_result_and_says_how_much_it_takes(told: dict[str, Any]) -> None:
    refused = 0
    for run in told["sizes"]:
        if run["code"] == 0:
            assert run["names"] == NAMES, run
            continue
        refused += 1
        assert run["code"] == 2, run
        assert run["old"], run
        assert run["folder"] in run["told"]
        told_sizes = re.search(r"needs ([\d.]+) (kB|MB), ([\d.]+) (bytes|kB|MB) free", run["told"])
        assert told_sizes is not None, run
        unit = {"bytes": 1, "kB": 1_000, "MB": 1_000_000}
        assert float(told_sizes[3]) * unit[told_sizes[4]] < float(told_sizes[1]) * unit[told_sizes[2]]
        assert "what was there before is unchanged → make room" in run["told"]
    # both when it is seen coming and when the disk says so half-way
    assert refused >= 4
    assert told["sizes"][-1]["code"] == told["sizes"][-2]["code"] == 0


def test_a_full_disk_for_temporary_files_is_told_and_keeps_the_old_result(told: dict[str, Any]) -> None:
    run = told["no room for temporary files"]
    assert run["code"] == 2, run
    assert run["old"], run
    assert "borderless.gpkg: could not be made in " in run["told"]
    assert "TMPDIR" in run["told"]


def test_a_full_disk_for_the_cache_only_takes_time(told: dict[str, Any]) -> None:
    run = told["no room for the cache"]
    assert run["code"] == 0, run
    assert run["names"] == NAMES
    assert run["told"].count("the cache cannot be written") == run["told"].count("\n") == 1
