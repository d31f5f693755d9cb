"""The tests notice when engine or gate are wrong: each slip below makes the named one fail."""

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
    """What stands in a module, what a slip would make of it, and the test that notices."""

    module: str
    right: str
    wrong: str
    noticed_by: str


EQUAL = "roads/test_network.py::test_times_equal_networkx_on_the_multigraph_and_scipy_on_the_matrix"
LIMIT = "roads/test_network.py::test_a_limit_keeps_times_up_to_and_including_it"
CASE = "test_bad_inputs.py::test_a_bad_input_is_refused_or_mended_with_a_report[{}]"
SLIPS = {
    "arcs run the other way": Slip(
        "roads/topology.py",
        "climbs[arc] = head[arc] < tail[arc]",
        "climbs[arc] = head[arc] > tail[arc]",
        EQUAL,
    ),
    "the limit itself is out of reach": Slip(
        "roads/sweep.py",
        'builder.icmp_unsigned("<=", tile[b], limits)',
        'builder.icmp_unsigned("<", tile[b], limits)',
        "roads/test_network.py::test_a_town_numbered_for_sweeps_gives_the_same_times",
    ),
    "the limit itself is out of reach in another order": Slip(
        "roads/sweep.py",
        "if rows[i, lane] <= limit_ms:",
        "if rows[i, lane] < limit_ms:",
        "roads/test_network.py::test_a_town_within_a_limit_misses_nothing_and_has_nothing_extra",
    ),
    "the limit itself is out of reach in a narrow row": Slip(
        "roads/sweep.py", "time if time <= limit_ms else", "time if time < limit_ms else", LIMIT
    ),
    "only the first lane keeps a subtree open": Slip(
        "roads/sweep.py",
        "near[here] = least <= limit_ms",
        "near[here] = rows[i, 0] <= limit_ms",
        "roads/test_network.py::test_a_town_within_a_limit_misses_nothing_and_has_nothing_extra",
    ),
    "only edges that may be driven keep a subtree open": Slip(
        "roads/sweep.py",
        "enters = seed_row[p] >= 0 or _any_near(p, first_edge, above_level, near)",
        "enters = seed_row[p] >= 0\n"
        "            for edge in range(first_edge[p], first_edge[p + 1]):\n"
        "                enters = enters or (near[above_level[edge]] and descend_ms[edge] < _NEVER)",
        "roads/test_sweep.py::test_a_one_way_street_into_a_subtree_is_not_skipped",
    ),
    "parallel arcs are summed": Slip(
        "roads/arcs.py",
        "times[kept - 1] = min(times[kept - 1], travel_ms[arc])",
        "times[kept - 1] += travel_ms[arc]",
        EQUAL,
    ),
    "shortcuts take the longer way": Slip(
        "roads/hierarchy.py",
        "climb[edge] = min(climb[edge], np.uint32(from_lower + climb[j]))",
        "climb[edge] = max(climb[edge], np.uint32(from_lower + climb[j]))",
        EQUAL,
    ),
    "shortcuts mix up climbing and descending": Slip(
        "roads/hierarchy.py",
        "to_lower, from_lower = climb[i], descend[i]",
        "from_lower, to_lower = climb[i], descend[i]",
        EQUAL,
    ),
    "of equally near stations the last is taken": Slip(
        "roads/queries.py",
        "number = np.arange(len(part.node), dtype=np.uint64)",
        "number = np.arange(len(part.node), dtype=np.uint64)[::-1].copy()",
        "roads/test_network.py::test_the_nearest_of_a_group_is_the_first_with_the_least_time",
    ),
    "the last block is not written": Slip(
        "roads/sweep.py",
        "_write(rows, order[: wanted[count] - last], out",
        "_write(rows, order[:0], out",
        LIMIT,
    ),
    "an offer mends without being asked": Slip(
        "errors.py",
        "        return self.mending\n",
        "        return True\n",
        "test_errors.py::test_what_can_be_mended_is_an_error_that_offers_it_until_repairs_are_asked_for",
    ),
    "swapped columns are read as they stand": Slip(
        "sources/coordinates.py",
        'values[rows][:, ::-1] if reading == "swapped" else values[rows]',
        "values[rows]",
        CASE.format("stations: latitude longitude swapped"),
    ),
    "a row that ends early is filled up": Slip(
        "sources/csv_text.py",
        "for number, row in rows if len(row) < width]",
        "for number, row in rows if len(row) < 0]",
        CASE.format("stations: one cell too few"),
    ),
    "ground is claimed twice": Slip(
        "sources/areas.py",
        "if log.mend(table.file, why, remedy, rule=rule",
        "if not log.mend(table.file, why, remedy, rule=rule",
        "sources/test_areas.py::test_mending_gives_ground_claimed_twice_to_the_first_force_by_name",
    ),
    "whatever GDAL can open is opened": Slip(
        "sources/features.py",
        "start.startswith(_MAGIC[suffix]) if suffix in _MAGIC else _begins_as_json(start)",
        "True",
        CASE.format("stations: list of files elsewhere"),
    ),
    "a station on an island stays there": Slip(
        "roads/build.py",
        "return nodes, streets, cut_off",
        "return nodes, streets, cut_off[:0]",
        CASE.format("roads: station on an island"),
    ),
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_noticed(name: str, tmp_path: Path) -> None:
    slip = SLIPS[name]
    # with what is compiled already: only the module with the slip is compiled anew
    shutil.copytree(ROOT / "coverage" / "borderless", tmp_path / "borderless")
    file = tmp_path / "borderless" / slip.module
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
        [sys.executable, "-P", "-m", "pytest", *options, str(ROOT / "tests" / slip.noticed_by)],
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
