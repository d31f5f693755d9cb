"""How much memory and time one process needs that loads a large network and asks it what a study asks.

``travel_times.py --memory NODES`` prints it. Each part is a process of its own, since a process keeps its
highest mark, and passes it on to those it starts.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

__all__ = ["memory_table"]

_STATIONS = 60
_PLACES = 100_000
_LIMIT_MS = 20 * 60 * 1000


def memory_table(nodes: int) -> str:
    """Return a Markdown table of the steps of a process on a made network, their seconds and its memory."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "arcs.npz")
        environment = os.environ | {"BORDERLESS_CACHE": folder}
        for command in ("make", "measure", "measure"):
            program = [sys.executable, __file__, command, str(file), str(nodes)]
            found = subprocess.run(program, check=True, capture_output=True, text=True, env=environment)
            if command == "make":
                made = json.loads(found.stdout)
                title = f"## Memory of one process, made network of {nodes:,} nodes"
                tables = [f"{title}\n\nMade beforehand: {made}."]
            else:
                kind = "warm: order and shortcuts from the cache" if len(tables) > 1 else "cold: empty cache"
                tables.append(_steps_table(kind, json.loads(found.stdout)))
    return "\n\n".join(tables)


def _steps_table(kind: str, found: dict[str, dict[str, float]]) -> str:
    lines = [f"| step ({kind}) | s | highest memory so far, MB |", "|---|--:|--:|"]
    lines += [f"| {step} | {row['seconds']:.2f} | {row['peak_mb']:,.0f} |" for step, row in found.items()]
    return "\n".join(lines)


def make(file: Path, nodes: int) -> None:
    """Save the arrays of a made network; print the seconds and memory it took to make it."""
    from graphs import made_arcs  # noqa: PLC0415

    begin = time.perf_counter()
    arcs = made_arcs(nodes)
    seconds = time.perf_counter() - begin
    np.savez(file, **arcs._asdict())
    print(json.dumps({"seconds": round(seconds, 1), "peak_mb": round(_peak_mb())}))


def measure(file: Path) -> None:
    """Load the arrays, make the network, ask it; print the seconds and highest memory after each step."""
    found: dict[str, dict[str, float]] = {}
    begin = time.perf_counter()

    def done(step: str) -> None:
        nonlocal begin
        found[step] = {"seconds": time.perf_counter() - begin, "peak_mb": _peak_mb()}
        begin = time.perf_counter()

    from borderless.roads.network import RoadNetwork  # noqa: PLC0415
    from borderless.roads.queries import Seeds, shortest_times  # noqa: PLC0415

    done("import")
    with np.load(file) as arrays:
        arcs = {name: arrays[name] for name in arrays.files}
    done("load the arrays")
    network = RoadNetwork.from_arrays(**arcs)
    done("RoadNetwork.from_arrays")
    hierarchy = network.hierarchy
    done("order, fill and times")
    rng = np.random.default_rng(7)
    stations = rng.choice(network.node_count, _STATIONS, replace=False).astype(np.int32)
    places = np.sort(rng.choice(network.node_count, _PLACES, replace=False)).astype(np.int32)
    begin = time.perf_counter()
    network.nearest([stations])
    done(f"nearest of {_STATIONS} stations, every node")
    shortest_times(hierarchy, Seeds.one_each(stations), _LIMIT_MS, places)
    done(f"{_STATIONS} stations to {_PLACES:,} places within 20 min")
    print(json.dumps(found))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        measure(Path(sys.argv[2]))
