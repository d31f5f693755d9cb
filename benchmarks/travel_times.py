"""How fast travel times are found, beside the libraries that people use instead, on the same graphs.

Run by hand, on a quiet machine, where the peers are installed; those that are not are left out::

    python -P benchmarks/travel_times.py                        # the real network and one of 200,000 nodes
    python -P benchmarks/travel_times.py --no-real --sizes 1000000,4000000 --peers scipy
    python -P benchmarks/travel_times.py --memory 4000000       # memory and seconds of one process
    python -P benchmarks/travel_times.py --valhalla FOLDER --pbf FILE    # Valhalla alone, real network

Engines take turns, so that a machine that grows slow grows slow for all. Each number is the median of five
turns after one to warm up; a call of less than 0.2 s is made once more just before it counts, so that every
engine finds its data where its own last call left them. Times include what a call returns: new arrays, lists
or mappings in the engine's own form. Slow engines are asked fewer questions. Ratios are an engine's time over
that of Borderless on one thread; above 1, Borderless is quicker. Answers are compared before they are timed.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

# read when libraries are loaded: those that use OpenMP start with one thread, like all others
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["BORDERLESS_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import numpy.typing as npt
from graphs import REAL_STUDY, made_arcs, real_network, renumbered, sweep_order
from memory import memory_table
from peers import LIMIT_S, PEERS, Engine, Peer, borderless, resorted, route_ms, scipy_engine
from pyproj import Transformer
from valhalla_service import valhalla

from borderless.roads.network import UNREACHABLE, RoadNetwork
from borderless.roads.topology import build_topology

_TURNS = 5
_SHORT_S = 0.2
# what one call of a slow engine may take
_PATIENCE_S = 5.0
# larger answers are compared for a few sources only
_ALL_CHECKED_NODES = 500_000
_ALL_THREADS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_SORTED, _IN_ORDER = "nodes sorted by x", "nodes in sweep order"

Numbers = npt.NDArray[np.int64]
#: What to do before the clock runs, and while it runs.
Job = tuple[Callable[[], None], Callable[[], Any]]


@dataclass(frozen=True)
class Questions:
    """Nodes drawn at random: sources, stations, and start and end of routes."""

    sources: Numbers
    stations: Numbers
    pairs: Numbers

    @classmethod
    def about(cls, network: RoadNetwork) -> Questions:
        """Return the same questions for the same network."""
        rng = np.random.default_rng(7)
        drawn = rng.choice(network.node_count, size=192, replace=False)
        return cls(drawn[:64], drawn[64:128], drawn[128:].reshape(-1, 2))


@dataclass(frozen=True)
class Work:
    """What is timed: a title, the question behind it, the calls for so many of it, how many there are."""

    title: str
    question: str
    calls: Callable[[Questions, int], list[tuple[Any, ...]]]
    most: int = 64


@dataclass(frozen=True)
class Row:
    """A line of a table; seconds are those of one question in each turn."""

    work: str
    engine: str
    threads: int
    asked: int
    seconds: list[float]
    ratio: float | None = None
    remark: str = ""


WORKS = (
    Work("sources to all nodes, together (per source)", "everywhere", lambda q, k: [(q.sources[:k],)]),
    Work("nodes within 20 min, together (per source)", "within", lambda q, k: [(q.sources[:k],)]),
    Work("one source alone to all nodes", "everywhere", lambda q, k: [(s,) for s in q.sources[:k, None]], 16),
    Work("nearest of 64 stations, every node", "nearest", lambda q, _: [(q.stations,)], 1),
    Work("route between two nodes", "route", lambda q, k: [tuple(pair) for pair in q.pairs[:k]], 16),
)


def compared(network: RoadNetwork, peers: list[Peer], order: Numbers, how: str) -> list[Row]:
    """Return the rows of every work for Borderless and peers on a network, its nodes in two orders."""
    questions = Questions.about(network)
    engines = [borderless(network, 1), borderless(network, _ALL_THREADS)]
    rows, engines = _with_peers(network, questions, peers, engines)
    other = replace(renumbered(network, order), numbered_for_sweeps=how == _IN_ORDER)
    engines.insert(2, resorted(borderless(other, 1), order, f"Borderless, {how}"))
    engines.append(resorted(scipy_engine(other, questions.stations), order, f"scipy, {how}"))
    remarks = {id(engine): differences(network, engine, questions) for engine in engines}
    for work in WORKS:
        rows += [
            replace(row, remark=remarks[key][work.question]) for key, row in _timed(work, engines, questions)
        ]
    return rows + own_rows(network, engines[0].label) + own_rows(other, engines[2].label)


def _with_peers(
    network: RoadNetwork, questions: Questions, peers: list[Peer], engines: list[Engine]
) -> tuple[list[Row], list[Engine]]:
    """Return how long each peer's graph took to make, and the engines with the peers added."""
    rows, engines = [], list(engines)
    for peer in peers:
        if network.node_count > peer.most_nodes:
            continue
        if find_spec(peer.package) is None:
            rows.append(Row("graph made, once", peer.package, 1, 0, [], remark="not installed"))
            continue
        import_module(peer.package)
        begin = time.perf_counter()
        engine = peer.make(network, questions.stations)
        rows.append(Row("graph made, once", engine.label, 1, 1, [time.perf_counter() - begin]))
        engines.append(engine)
        if engine.name == "networkit":
            engines.append(peer.make(network, questions.stations, _ALL_THREADS))
    return rows, engines


def differences(network: RoadNetwork, engine: Engine, questions: Questions) -> dict[str, str]:
    """Return by question, in a few words, how an engine's answers differ from those of Borderless."""
    engine.use()
    sources, stations, few = questions.sources, questions.stations, min(engine.most, 8)
    some = engine.most if network.node_count < _ALL_CHECKED_NODES else few
    # all sources together, as they are timed: the engine takes other ways with few
    right = {
        "everywhere": (sources[:some], lambda: network.times_from(sources)[:some]),
        "within": (sources[:some], lambda: network.times_from(sources, limit_s=LIMIT_S)[:some]),
        "nearest": (stations, lambda: network.nearest([stations]).travel_ms[0]),
    }
    found = {
        question: _apart(engine.in_ms(engine.answers[question](asked)), expected())
        for question, (asked, expected) in right.items()
        if question in engine.answers
    }
    if "route" in engine.answers:
        pairs = questions.pairs[:few]
        taken = np.array([route_ms(network, engine.answers["route"](*pair)) for pair in pairs])
        found["route"] = _apart(taken, network.times_from(pairs[:, 0])[np.arange(few), pairs[:, 1]])
    return found


def _apart(found: Numbers, expected: npt.NDArray[Any]) -> str:
    unlike = ((found == UNREACHABLE) != (expected == UNREACHABLE)).sum()
    gap = np.abs(found - expected)[(found != UNREACHABLE) & (expected != UNREACHABLE)]
    words = [f"reach differs at {unlike:,} nodes"] if unlike else []
    if gap.any():
        words.append(f"{np.count_nonzero(gap):,} of {gap.size:,} differ, by up to {gap.max()} ms")
    return "; ".join(words) or "exact"


def _timed(work: Work, engines: list[Engine], questions: Questions) -> list[tuple[int, Row]]:
    """Return an engine's id and row for each that knows the question, Borderless on one thread first."""
    able = [engine for engine in engines if work.question in engine.answers]
    asked = [_asked(work, engine, questions) for engine in able]
    jobs = [_job(work, engine, questions, count) for engine, count in zip(able, asked, strict=True)]
    rows, base = [], 0.0
    for engine, count, turns in zip(able, asked, alternated(jobs), strict=True):
        each = [spent / count for spent in turns]
        base = base or statistics.median(each)
        ratio = statistics.median(each) / base
        rows.append((id(engine), Row(work.title, engine.label, engine.threads, count, each, ratio)))
    return rows


def _asked(work: Work, engine: Engine, questions: Questions) -> int:
    """Return how many questions of a work an engine answers without trying our patience.

    Twice as many each time: those that answer many together take less for each the more there are.
    """
    _seconds(_job(work, engine, questions, 1))
    count, most = 1, min(work.most, engine.most)
    while count < most and _seconds(_job(work, engine, questions, count)) < _PATIENCE_S / 2:
        count *= 2
    return count


def _job(work: Work, engine: Engine, questions: Questions, count: int) -> Job:
    answer, calls = engine.answers[work.question], work.calls(questions, count)

    def run() -> None:
        for call in calls:
            answer(*call)

    return engine.use, run


def alternated(jobs: list[Job]) -> list[list[float]]:
    """Return the seconds of each job in every turn but the first; all have their turn before the next."""
    spent: list[list[float]] = [[] for _ in jobs]
    for turn in range(_TURNS + 1):
        for job, seconds in zip(jobs, spent, strict=True):
            if turn and seconds[-1] < _SHORT_S:
                _seconds(job)
            seconds.append(_seconds(job))
    return [seconds[1:] for seconds in spent]


def _seconds(job: Job) -> float:
    prepare, run = job
    prepare()
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def own_rows(network: RoadNetwork, name: str) -> list[Row]:
    """Return rows of what only a hierarchy has to do: order and shortcuts, and new speeds."""
    rng = np.random.default_rng(8)
    slower = np.ceil(network.travel_ms * rng.uniform(0.8, 1.25, network.arc_count)).astype(np.int64)
    layout = network.first_arc, network.head, network.x, network.y

    def order_and_fill() -> None:
        build_topology(*layout, in_order=network.numbered_for_sweeps)

    def new_speeds() -> None:
        _ = network.with_travel_ms(slower).hierarchy

    ready = "fill (nodes are numbered in order)" if network.numbered_for_sweeps else "order and fill"
    with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ):
        os.environ["BORDERLESS_CACHE"] = folder

        def forget() -> None:
            os.environ["BORDERLESS_CACHE"] = tempfile.mkdtemp(dir=folder)

        works: dict[str, Job] = {
            f"{ready}, first time": (forget, order_and_fill),
            f"{ready}, from the cache": (lambda: None, order_and_fill),
            "new speeds on the same roads": (lambda: None, new_speeds),
        }
        return [Row(work, name, 1, 1, alternated([job])[0]) for work, job in works.items()]


def valhalla_rows(network: RoadNetwork, folder: Path, pbf: Path) -> list[Row]:
    """Return rows of Valhalla beside Borderless; it has its own speeds, so answers are not compared."""
    questions = Questions.about(network)
    nodes = np.random.default_rng(9).choice(network.node_count, size=1000, replace=False)
    to_degrees = Transformer.from_crs(27700, 4326, always_xy=True)
    start, *targets = (
        dict(zip(("lon", "lat"), to_degrees.transform(network.x[node], network.y[node]), strict=True))
        for node in [questions.stations[0], *nodes]
    )
    station = questions.stations[:1]
    ours = borderless(network, 1)
    with valhalla(folder, pbf) as service:
        works: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
            "within 20 min of one place (Valhalla: polygons)": (
                lambda: ours.answers["within"](station),
                lambda: service.isochrone(start, LIMIT_S),
            ),
            "one place to 1,000": (
                lambda: ours.answers["everywhere"](station)[0, nodes],
                lambda: service.matrix(start, targets),
            ),
        }
        rows = [Row("tiles made, once", f"valhalla {service.release}", 1, 1, [service.build_s])]
        for work, (mine, theirs) in works.items():
            turns = alternated([(ours.use, mine), (lambda: None, theirs)])
            ratio = statistics.median(turns[1]) / statistics.median(turns[0])
            rows.append(Row(work, ours.label, 1, 1, turns[0], 1.0))
            rows.append(
                Row(
                    work,
                    f"valhalla {service.release}, HTTP",
                    1,
                    1,
                    turns[1],
                    ratio,
                    "own speeds, not compared",
                )
            )
    return rows


def table(rows: list[Row]) -> str:
    """Return rows as a Markdown table, those of one work together."""
    lines = [
        "| work | engine | threads | asked | median ms | least to most | ratio | answers |",
        "|---|---|--:|--:|--:|--:|--:|---|",
    ]
    for row in rows:
        figures = ["–", "–", "–"]
        if row.seconds:
            least, median, most = (
                1000 * value for value in (min(row.seconds), statistics.median(row.seconds), max(row.seconds))
            )
            spread = f"{_short(least)} to {_short(most)}" if len(row.seconds) > 1 else "once"
            figures = [_short(median), spread, "–" if row.ratio is None else _short(row.ratio)]
        cells = [row.work, row.engine, str(row.threads), str(row.asked), *figures, row.remark or "–"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _short(value: float) -> str:
    """Return a number with three digits that count."""
    return f"{value:,.{max(0, 2 - int(np.floor(np.log10(value)))) if value > 0 else 0}f}"


def machine() -> str:
    """Return what the figures were measured on and with."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    model = named[0] if named else platform.processor() or platform.machine()
    packages = ("numpy", "scipy", "numba", *(peer.package for peer in PEERS if peer.package != "scipy"))
    releases = [f"{name} {version(name)}" for name in packages if find_spec(name)]
    git = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    return (
        f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}, {', '.join(releases)}; "
        f"Borderless at {commit}; {time.strftime('%d %B %Y, %H:%M')}"
    )


def _report(title: str, network: RoadNetwork, rows: list[Row], load: float) -> None:
    per_node = network.arc_count / network.node_count
    edges = len(network.hierarchy.climb_ms) / network.node_count
    print(f"\n## {title}\n")
    size = f"{network.node_count:,} nodes, {network.arc_count:,} arcs ({per_node:.2f} a node)"
    print(f"{size}, {edges:.2f} edges a node in the hierarchy.")
    print(f"Load of the machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after.\n")
    print(table(rows), flush=True)


def main() -> None:
    """Print the machine and a table for each graph that was asked for."""
    given = _arguments()
    print(machine())
    if given.memory:
        print(memory_table(given.memory))
        return
    peers = [peer for peer in PEERS if given.peers is None or peer.package in given.peers.split(",")]
    if given.real:
        title, network = real_network(given.study)
        load = os.getloadavg()[0]
        if given.valhalla and given.pbf:
            _report(f"{title}, Valhalla", network, valhalla_rows(network, given.valhalla, given.pbf), load)
            return
        _report(title, network, compared(network, peers, np.lexsort((network.y, network.x)), _SORTED), load)
    for nodes in (int(size) for size in given.sizes.split(",") if size):
        network = RoadNetwork.from_arrays(*made_arcs(nodes))
        load = os.getloadavg()[0]
        rows = compared(network, peers, sweep_order(network), _IN_ORDER)
        _report(f"made network of {nodes:,} nodes", network, rows, load)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--real", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--study", type=Path, default=REAL_STUDY, help="whose network is the real one")
    parser.add_argument("--sizes", default="200000", help="nodes of made networks, commas between")
    parser.add_argument("--peers", help="packages, commas between; all by default")
    parser.add_argument("--valhalla", type=Path, help="folder of an unpacked wheel of pyvalhalla")
    parser.add_argument("--pbf", type=Path, help="OpenStreetMap extract for Valhalla")
    parser.add_argument("--memory", type=int, metavar="NODES", help="only measure the memory of one process")
    return parser.parse_args()


if __name__ == "__main__":
    main()
