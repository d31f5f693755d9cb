"""What a draw costs beside the parts it cannot do without, and whether memory stays flat, in one run.

Run by hand: ``python benchmarks/robustness.py [STUDY] [DRAWS]``. Ratios of one run, since machines differ.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import borderless as bl
from borderless.analysis.busy.busy import expected_cover
from borderless.analysis.robustness.bench import bench_of
from borderless.analysis.robustness.drawn import drawn_times
from borderless.analysis.robustness.outcomes import outcomes
from borderless.analysis.robustness.ranges import latin_hypercube, ranges_of

_REPEATS = 5


def main(study: Path, draws: int) -> None:
    """Print a Markdown table of seconds and memory."""
    region = bl.load_region(study)
    times = bl.response_times(region)
    ranges = ranges_of(region)
    bench = bench_of(times, ranges)
    values = latin_hypercube(ranges, draws, 1)
    bench(values[0])
    world = drawn_times(times, ranges, values[1])

    def ordinary() -> None:
        for scenario in bench.scenarios:
            coverage = bl.cover(world, scenario)
            expected_cover(coverage, coverage.targets[0], world.region.study.response.busy_fraction)
            _ = coverage.table

    one = _seconds(lambda: bench(values[1]))
    retimed = _seconds(lambda: drawn_times(times, ranges, values[1]))
    print(f"{len(times.travel_ms)} stations, {times.travel_ms.shape[1]:,} places, {len(ranges)} settings\n")
    print("| | s | of one draw |\n|---|--:|--:|")
    for name, seconds in (
        ("one draw, alone", one),
        ("of it roads at other speeds, and the matrix", retimed),
        ("of it counting all scenarios", one - retimed),
        ("the same counted by the ordinary functions", _seconds(ordinary)),
    ):
        print(f"| {name} | {seconds:.3f} | {seconds / one:.2f} |")
    before = _peak_mb()
    start = time.perf_counter()
    outcomes(bench, values[: draws // 10])
    tenth = _peak_mb()
    outcomes(bench, values[draws // 10 :])
    each = (time.perf_counter() - start) / draws
    print(f"| each of {draws:,} draws, side by side | {each:.3f} | {each / one:.2f} |\n")
    marks = f"{before:,.0f} MB before, {tenth:,.0f} MB after a tenth, {_peak_mb():,.0f} MB at the end"
    print(f"Highest memory: {marks}.")


def _seconds(what: Callable[[], object]) -> float:
    found = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        what()
        found.append(time.perf_counter() - start)
    return min(found)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    given = sys.argv[1:]
    main(Path(given[0]) if given else bl.embedded_study(), int(given[1]) if len(given) > 1 else 200)
