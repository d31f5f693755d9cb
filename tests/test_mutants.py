"""The engine's tests notice when the engine is wrong: each slip below makes the named one fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]


class Slip(NamedTuple):
    """What stands in a module of ``roads/``, what a slip would make of it, and the test that notices."""

    module: str
    right: str
    wrong: str
    noticed_by: str


EQUAL = "test_network.py::test_times_equal_networkx_on_the_multigraph_and_scipy_on_the_matrix"
LIMIT = "test_network.py::test_a_limit_keeps_times_up_to_and_including_it"
SLIPS = {
    "arcs run the other way": Slip(
        "topology.py", "climbs[arc] = head[arc] < tail[arc]", "climbs[arc] = head[arc] > tail[arc]", EQUAL
    ),
    "the limit itself is out of reach": Slip(
        "sweep.py",
        'builder.icmp_unsigned("<=", tile[b], limits)',
        'builder.icmp_unsigned("<", tile[b], limits)',
        "test_network.py::test_a_town_numbered_for_sweeps_gives_the_same_times",
    ),
    "the limit itself is out of reach in another order": Slip(
        "sweep.py",
        "if rows[i, lane] <= limit_ms:",
        "if rows[i, lane] < limit_ms:",
        "test_network.py::test_a_town_within_a_limit_misses_nothing_and_has_nothing_extra",
    ),
    "the limit itself is out of reach in a narrow row": Slip(
        "sweep.py", "time if time <= limit_ms else", "time if time < limit_ms else", LIMIT
    ),
    "only the first lane keeps a subtree open": Slip(
        "sweep.py",
        "near[here] = least <= limit_ms",
        "near[here] = rows[i, 0] <= limit_ms",
        "test_network.py::test_a_town_within_a_limit_misses_nothing_and_has_nothing_extra",
    ),
    "only edges that may be driven keep a subtree open": Slip(
        "sweep.py",
        "enters = seed_row[p] >= 0 or _any_near(p, first_edge, above_level, near)",
        "enters = seed_row[p] >= 0\n"
        "            for edge in range(first_edge[p], first_edge[p + 1]):\n"
        "                enters = enters or (near[above_level[edge]] and descend_ms[edge] < _NEVER)",
        "test_sweep.py::test_a_one_way_street_into_a_subtree_is_not_skipped",
    ),
    "parallel arcs are summed": Slip(
        "arcs.py",
        "times[kept - 1] = min(times[kept - 1], travel_ms[arc])",
        "times[kept - 1] += travel_ms[arc]",
        EQUAL,
    ),
    "shortcuts take the longer way": Slip(
        "hierarchy.py",
        "climb[edge] = min(climb[edge], np.uint32(from_lower + climb[j]))",
        "climb[edge] = max(climb[edge], np.uint32(from_lower + climb[j]))",
        EQUAL,
    ),
    "shortcuts mix up climbing and descending": Slip(
        "hierarchy.py",
        "to_lower, from_lower = climb[i], descend[i]",
        "from_lower, to_lower = climb[i], descend[i]",
        EQUAL,
    ),
    "of equally near stations the last is taken": Slip(
        "queries.py",
        "number = np.arange(len(part.node), dtype=np.uint64)",
        "number = np.arange(len(part.node), dtype=np.uint64)[::-1].copy()",
        "test_network.py::test_the_nearest_of_a_group_is_the_first_with_the_least_time",
    ),
    "the last block is not written": Slip(
        "sweep.py",
        "_write(rows, order[: wanted[count] - last], out",
        "_write(rows, order[:0], out",
        LIMIT,
    ),
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_in_the_engine_is_noticed(name: str, tmp_path: Path) -> None:
    slip = SLIPS[name]
    # with what is compiled already: only the module with the slip is compiled anew
    shutil.copytree(ROOT / "coverage" / "borderless", tmp_path / "borderless")
    file = tmp_path / "borderless" / "roads" / slip.module
    text = file.read_text(encoding="utf-8")
    assert text.count(slip.right) == 1
    file.write_text(text.replace(slip.right, slip.wrong), encoding="utf-8")
    options = [
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(ROOT),
        "-c",
        str(ROOT / "pyproject.toml"),
    ]
    found = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", *options, str(ROOT / "tests" / "roads" / slip.noticed_by)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "CI": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1, found.stdout + found.stderr
    assert "1 failed" in found.stdout
    # the slip was noticed by a number, not by code that no longer compiles
    assert "AssertionError" in found.stdout or "assert " in found.stdout
    assert "numba.core.errors" not in found.stdout
