"""How long the main job takes, cold and warm, and how much memory: each run is a process of its own.

Run by hand, on a quiet machine: ``python benchmarks/main_job.py STUDY``; without a study, the embedded one.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_RUN = "from borderless.cli import main; main()"


def timed(study: list[str], out: Path, cache: Path) -> tuple[float, dict[str, float]]:
    """Return the seconds of one run, and those of its stages."""
    command = [sys.executable, "-P", "-c", _RUN, "run", *study, "--out", str(out)]
    begin = time.perf_counter()
    subprocess.run(
        command, check=True, capture_output=True, env={**os.environ, "BORDERLESS_CACHE": str(cache)}
    )
    seconds = time.perf_counter() - begin
    return seconds, json.loads((out / "run.json").read_text(encoding="utf-8"))["timings_s"]


def main() -> None:
    """Print the median, least and most of cold and warm runs, and the stages of the last of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", nargs="*")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    found: dict[str, list[float]] = {"cold": [], "warm": []}
    stages: dict[str, dict[str, float]] = {}
    for _ in range(given.runs):
        with tempfile.TemporaryDirectory() as folder:
            for kind, measured in found.items():
                seconds, stages[kind] = timed(given.study, Path(folder, "out"), Path(folder, "cache"))
                measured.append(seconds)
    for kind, measured in found.items():
        spread = f"{min(measured):.1f} to {max(measured):.1f}"
        print(f"{kind}: median {statistics.median(measured):.1f} s of {len(measured)} runs ({spread})")
        print("  " + ", ".join(f"{stage.lower()} {value:.1f}" for stage, value in stages[kind].items()))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    print(f"peak memory of a run: {peak:.2f} GB")


if __name__ == "__main__":
    main()
