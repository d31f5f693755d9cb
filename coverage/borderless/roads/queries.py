"""Questions to a hierarchy: times from many starts, and who is nearest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from borderless.executor import map_threads, worker_count
from borderless.roads.arrays import UNREACHABLE, Int32Array, Int64Array
from borderless.roads.climb import MS, MS_AND_SEED, climb, sweep_nearest
from borderless.roads.hierarchy import Hierarchy
from borderless.roads.room import empty_rows, empty_times
from borderless.roads.sweep import BLOCK, sweep, sweep_within

# Sources swept side by side. More share the cost of reading the hierarchy, but crowd the cache.
_LANES = 64
# Fewer where single times are picked out of the rows.
_LANES_SCATTERED = 16
# Lanes come in whole vectors, as the compiler lays them out; a few are quicker one by one.
_VECTOR = 16
_FEW = 6
# Below this many times, a thread costs more than it saves.
_LEAST_FOR_THREADS = 500_000
# Room for times by place while they wait to be put in the order of nodes, in numbers, for all threads;
# more is taken where it would be less than a vector for each.
_WAITING = 64_000_000


class Nearest(NamedTuple):
    """How soon each node is reached from a group of nodes, and from which of them.

    Parameters
    ----------
    travel_ms
        Whole ms, int32, shape (groups, n); ``UNREACHABLE`` where there is no way.
    source
        Place in its group of the node it is from, the first of equally near ones, -1 where there is no way;
        int32, shape (groups, n).
    """

    travel_ms: Int32Array
    source: Int32Array


@dataclass(frozen=True, eq=False)
class Seeds:
    """Where lanes start: lane k at the nodes ``node[first[k]:first[k + 1]]``, after `ms`.

    Parameters
    ----------
    first
        int64, shape (lanes + 1,).
    node
        Node numbers, int32.
    ms
        Whole ms from 0 to below ``UNREACHABLE``, int32.
    """

    first: Int64Array
    node: Int32Array
    ms: Int32Array

    @classmethod
    def one_each(cls, nodes: Int32Array) -> Seeds:
        """Return lanes that start at one node each, at once."""
        return cls(np.arange(len(nodes) + 1), nodes, np.zeros(len(nodes), dtype=np.int32))

    def __len__(self) -> int:
        """Return the number of lanes."""
        return len(self.first) - 1

    def padded(self) -> Seeds:
        """Return these lanes, and so many without a seed that vector instructions leave no remainder."""
        width = len(self) if len(self) < _FEW else -(-len(self) // _VECTOR) * _VECTOR
        return Seeds(np.pad(self.first, (0, width - len(self)), mode="edge"), self.node, self.ms)

    def take(self, lanes: Int64Array) -> Seeds:
        """Return some of the lanes, in that order."""
        size = self.first[lanes + 1] - self.first[lanes]
        first = np.concatenate([[0], np.cumsum(size)])
        every = np.arange(first[-1]) + np.repeat(self.first[lanes] - first[:-1], size)
        return Seeds(first, self.node[every], self.ms[every])


def shortest_times(
    hierarchy: Hierarchy, seeds: Seeds, limit_ms: int | None = None, nodes: Int32Array | None = None
) -> Int32Array:
    """Return the shortest time from each lane's seeds to nodes.

    Parameters
    ----------
    hierarchy
        The roads; reversed, times are those to the seeds.
    seeds
        Where lanes start.
    limit_ms
        Longer times count as unreachable.
    nodes
        Which nodes to return, all by default, int32 without repeats.

    Returns
    -------
    numpy.ndarray
        Whole ms, int32, shape (lanes, nodes), ``UNREACHABLE`` where there is no way.
    """
    place = hierarchy.topology.place
    at = place if nodes is None else place[nodes]
    if not len(seeds) or not len(at):
        return np.empty((len(seeds), len(at)), dtype=np.int32)
    ordered = hierarchy.topology.in_order if nodes is None else bool((np.diff(at) > 0).all())
    times = empty_times(len(seeds), len(at))
    if limit_ms is None and nodes is None:
        lanes = _LANES if ordered else max(_VECTOR, min(_LANES, _WAITING // worker_count() // len(at)))

        def find(rows: Int64Array) -> None:
            _sweep_everywhere(hierarchy, seeds.take(rows), None if ordered else at, times, rows)
    else:
        lanes = _LANES if ordered else _LANES_SCATTERED
        limit = min(int(UNREACHABLE) - 1, int(UNREACHABLE) if limit_ms is None else limit_ms)
        wanted, column = _columns(at, len(place), ordered=ordered)

        def find(rows: Int64Array) -> None:
            if not ordered:
                times[rows] = UNREACHABLE
            _sweep_wanted(hierarchy, seeds.take(rows), limit, (wanted, column), times, rows)

    map_threads(find, _batches(place, seeds, lanes, len(at)))
    return times[:, : len(at)].view(np.int32)


def nearest_seeds(hierarchy: Hierarchy, seeds: Seeds) -> Nearest:
    """Return for each lane the shortest time to every node, and the number within the lane of its seed."""
    topology = hierarchy.topology
    times = np.empty((len(seeds), len(topology.place)), dtype=np.uint32)
    seed = np.empty(times.shape, dtype=np.int32)
    never, shift = MS_AND_SEED

    def find(lane: int) -> None:
        part = seeds.take(np.array([lane]))
        number = np.arange(len(part.node), dtype=np.uint64)
        start = (part.ms.astype(np.uint64) << shift) | number
        row, climbed = _climb(hierarchy, part, start, never, shift)
        tree = (topology.level, topology.first_edge, topology.above_level, hierarchy.descend_ms)
        sweep_nearest(*tree, row, climbed, topology.place, times[lane], seed[lane])

    map_threads(find, range(len(seeds)))
    return Nearest(times.view(np.int32), seed)


def _batches(place: Int32Array, seeds: Seeds, lanes: int, columns: int) -> list[Int64Array]:
    """Return lanes to be swept together: near ones, since what is far from all of them may be skipped."""
    start = np.full(len(seeds), -1, dtype=np.int64)
    some = np.diff(seeds.first) > 0
    start[some] = place[seeds.node[seeds.first[:-1][some]]]
    order = np.argsort(start, kind="stable")
    workers = worker_count() if len(seeds) * columns >= _LEAST_FOR_THREADS else 1
    count = -(-len(order) // lanes)
    return np.array_split(order, min(len(order), -(-count // workers) * workers))


def _columns(at: Int32Array, places: int, *, ordered: bool) -> tuple[Int32Array, Int32Array]:
    """Return how many wanted places come before each, and their columns if these are in another order."""
    wanted = np.zeros(places + 1, dtype=np.int32)
    wanted[at + 1] = 1
    before = np.cumsum(wanted, dtype=np.int32)
    column = np.empty(0 if ordered else len(at), dtype=np.int32)
    if not ordered:
        column[before[at]] = np.arange(len(at), dtype=np.int32)
    return before, column


def _climb(
    hierarchy: Hierarchy,
    seeds: Seeds,
    start: npt.NDArray[np.unsignedinteger],
    never: np.unsignedinteger,
    shift: np.unsignedinteger,
) -> tuple[Int32Array, npt.NDArray[np.unsignedinteger]]:
    topology = hierarchy.topology
    up = (topology.parent, topology.first_edge, topology.above, hierarchy.climb_ms)
    found: tuple[Int32Array, npt.NDArray[np.unsignedinteger]] = climb(
        *up, seeds.first, topology.place[seeds.node], start, never, shift
    )
    return found


def _climb_in_ms(hierarchy: Hierarchy, seeds: Seeds) -> tuple[Int32Array, npt.NDArray[np.unsignedinteger]]:
    """Return what sweeps begin with, in whole vectors of lanes."""
    lanes = seeds.padded()
    return _climb(hierarchy, lanes, lanes.ms.view(np.uint32), *MS)


def _sweep_everywhere(
    hierarchy: Hierarchy,
    seeds: Seeds,
    place: Int32Array | None,
    times: npt.NDArray[np.uint32],
    rows: Int64Array,
) -> None:
    """Write rows of times to all nodes, numbered as places or standing at `place`."""
    topology = hierarchy.topology
    climbed = _climb_in_ms(hierarchy, seeds)
    order = np.arange(BLOCK, dtype=np.int32) if place is None else place
    room = empty_rows(len(order), climbed[1].shape[1])
    tree = (topology.level, topology.first_edge, topology.above_level, hierarchy.descend_ms)
    sweep(*tree, *climbed, room, order, times, rows)


def _sweep_wanted(
    hierarchy: Hierarchy,
    seeds: Seeds,
    limit: int,
    columns: tuple[Int32Array, Int32Array],
    times: npt.NDArray[np.uint32],
    rows: Int64Array,
) -> None:
    """Write rows of times to wanted places; see :func:`_columns`."""
    topology = hierarchy.topology
    climbed = _climb_in_ms(hierarchy, seeds)
    tree = (topology.level, topology.after, topology.first_edge, topology.above_level, hierarchy.descend_ms)
    sweep_within(*tree, *climbed, np.uint32(limit), *columns, times, rows)
