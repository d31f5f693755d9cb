"""Every way to go wrong, many times over: a download ends well, or with an error, and always in time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from borderless.errors import FetchError, ProblemLog
from borderless.fetch.deadline import Deadline
from borderless.fetch.http import Client
from fake_server import FakeServer, Route, serving

SEEDS = range(20)
_SIDE_BY_SIDE = 8

#: Fetches roads with a client from a server's address into a file.
Fetch = Callable[[Client, str, Path], object]


@dataclass(frozen=True)
class Outcome:
    """How one case ended.

    Parameters
    ----------
    fault, seed
        The case.
    bad
        How many bad answers stood before the first good one.
    error
        What was said; empty when there was none.
    roads
        What was written, None: nothing.
    over_s
        How long after its deadline it was over, s.
    asked
        Requests, and how often the same one was made at most.
    waited
        Whether waits were real.
    """

    fault: str
    seed: int
    bad: int
    error: str
    roads: bytes | None
    over_s: float
    asked: int
    waited: bool


def outcomes(
    served: Mapping[str, Route],
    faults: Sequence[str],
    paths: Sequence[str],
    fetch: Fetch,
    folder: Path,
    *,
    seeds: Sequence[int] = SEEDS,
    side_by_side: int = _SIDE_BY_SIDE,
) -> list[Outcome]:
    """Return how every fault ended with every seed; the seed chooses where, how often and how patient."""
    cases = [(fault, seed) for fault in faults for seed in seeds]

    def run(case: tuple[str, int]) -> Outcome:
        fault, seed = case
        chance = random.Random(f"{fault} {seed}")
        bad = chance.randint(1, 7)
        allowed_s = chance.choice((0.5, 1.0))
        with serving(served, seed) as server:
            server.faults[chance.choice(tuple(paths))] = [fault] * bad
            return _outcome(fault, seed, bad, allowed_s, server, fetch, folder / f"{fault}-{seed}.osm.pbf")

    with ThreadPoolExecutor(side_by_side) as pool:
        return list(pool.map(run, cases))


def _outcome(
    fault: str, seed: int, bad: int, allowed_s: float, server: FakeServer, fetch: Fetch, target: Path
) -> Outcome:
    waited = seed % 4 == 0
    began = time.monotonic()
    sleep = time.sleep if waited else lambda _: None
    # without waits the deadline only has to end what never ends by itself
    allowed_s = allowed_s if waited or "drip" in fault or fault == "silence" else 10_000.0
    client = Client(Deadline.after(allowed_s), ProblemLog(), chance=random.Random(seed), sleep=sleep)
    error = ""
    try:
        fetch(client, server.url, target)
    except FetchError as caught:
        error = str(caught)
    over_s = time.monotonic() - began - allowed_s
    roads = target.read_bytes() if target.exists() else None
    return Outcome(fault, seed, bad, error, roads, over_s, max(server.counts().values(), default=0), waited)
