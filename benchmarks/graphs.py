"""Road networks to measure on: the real one, and made ones of any size.

A made network has the shape that matters to an engine: planar, about 2.34 arcs a node, towns that differ
in size, quick roads between them, thin countryside, a share of streets one-way, every node reachable from
every other. How many dead ends it has is chosen so that its hierarchy is about as dense as the real one's:
3.3 edges a node at 200,000 nodes and 3.5 at a million, against 2.9 at 433,000. It is not a map: its streets
are straight, more of its nodes lie on the way along a street (31 % against 12 %), fewer are dead ends (23 %
against 35 %); there are no motorways, rivers or bridges. Figures on the real network come first; those on
made ones tell how they grow with size.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.spatial import Delaunay

import borderless as bl
from borderless.roads.network import RoadNetwork
from borderless.roads.topology import places_in_order

__all__ = ["REAL_STUDY", "Arcs", "made_arcs", "real_network", "renumbered", "sweep_order"]

REAL_STUDY = Path(__file__).resolve().parents[2] / "shared" / "real" / "study.toml"

_ARCS_PER_NODE = 2.34
_ONE_WAY = 0.15
# ends of cul-de-sacs, beside those that a spanning tree has anyway
_DEAD_ENDS = 0.2
# longer edges, most of them at the rim, are no streets unless the tree needs them
_LONGEST_M = 3_000.0
# as many junctions to the square kilometre as the East Midlands have, and as a British town has
_NODES_PER_KM2 = 20.0
_TOWN_NODES_PER_KM2 = 120.0
_NODES_PER_TOWN = 2000
_IN_TOWNS = 0.65
_CORRIDOR_STEP_M = 200.0
# streets are longer than the straight line
_DETOUR = 1.15
_COUNTRY, _TOWN, _CORRIDOR = 0, 1, 2
_SPEED_M_PER_S = {_COUNTRY: 18.0, _TOWN: 12.0, _CORRIDOR: 27.0}
# a triangulation needs about 2 kB a point: more points are taken in strips, which overlap by a margin
_STRIP_NODES = 250_000
_MARGIN_M = 5_000.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Arcs(NamedTuple):
    """What ``RoadNetwork.from_arrays`` takes."""

    tail: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    travel_ms: npt.NDArray[np.int32]
    x: Floats
    y: Floats


def real_network(study: Path = REAL_STUDY) -> tuple[str, RoadNetwork]:
    """Return the name and the network of a study, of the embedded one where its file is missing."""
    if study.exists():
        return f"real network ({study.parent.name}/{study.name})", bl.load_region(study).network
    return "embedded study", bl.load_region(bl.embedded_study()).network


def renumbered(network: RoadNetwork, order: Ints) -> RoadNetwork:
    """Return the same arcs with node ``order[i]`` numbered i."""
    number = np.empty(network.node_count, dtype=np.int32)
    number[order] = np.arange(network.node_count, dtype=np.int32)
    tail = np.repeat(number, np.diff(network.first_arc))
    places = network.x[order], network.y[order]
    return RoadNetwork.from_arrays(tail, number[network.head], network.travel_ms, *places)


def sweep_order(network: RoadNetwork) -> Ints:
    """Return the nodes in the order that Borderless gives those that it reads from streets itself."""
    tail = np.repeat(np.arange(network.node_count), np.diff(network.first_arc))
    xy = np.column_stack([network.x, network.y])
    return np.argsort(places_in_order(network.node_count, tail, network.head, xy))


def made_arcs(nodes: int, seed: int = 0) -> Arcs:
    """Return a made road network, its nodes numbered along a Hilbert curve.

    Parameters
    ----------
    nodes
        How many.
    seed
        The same seed gives the same network.
    """
    rng = np.random.default_rng(seed)
    side_m = 1000.0 * np.sqrt(nodes / _NODES_PER_KM2)
    xy, kind = _places(nodes, side_m, rng)
    order = np.argsort(_along_hilbert(xy, side_m), kind="stable")
    xy, kind = xy[order], kind[order]
    low, high, long = _street_edges(xy)
    length_m = np.hypot(*(xy[high] - xy[low]).T)
    tail, head, street = _thinned(len(xy), low, high, length_m, long, kind, rng)
    travel_ms = _travel_ms(length_m[street], kind[tail], kind[head])
    return Arcs(tail, head, travel_ms, xy[:, 0].copy(), xy[:, 1].copy())


def _places(nodes: int, side_m: float, rng: np.random.Generator) -> tuple[Floats, npt.NDArray[np.int8]]:
    """Return where nodes lie, m, shape (nodes, 2), and whether in a town, on a corridor or neither."""
    towns = max(4, nodes // _NODES_PER_TOWN)
    centre = rng.random((towns, 2)) * side_m
    corridor = _corridors(centre, rng)
    in_towns = round(_IN_TOWNS * (nodes - len(corridor)))
    weight = 1.0 + rng.pareto(1.5, towns).clip(max=60.0)
    town = rng.choice(towns, size=in_towns, p=weight / weight.sum())
    # a normal cloud as wide as its nodes need room
    area_m2 = np.bincount(town, minlength=towns) / _TOWN_NODES_PER_KM2 * 1e6
    spread_m = np.sqrt(area_m2 / (2 * np.pi))[town, None]
    urban = centre[town] + rng.standard_normal((in_towns, 2)) * spread_m
    rural = rng.random((nodes - len(corridor) - in_towns, 2)) * side_m
    xy = np.concatenate([rural, urban, corridor])
    # what fell off the map comes back in at its rim
    xy = np.abs(xy)
    xy = side_m - np.abs(side_m - xy)
    kind = np.repeat(
        np.array([_COUNTRY, _TOWN, _CORRIDOR], dtype=np.int8), [len(rural), len(urban), len(corridor)]
    )
    return xy, kind


def _corridors(centre: Floats, rng: np.random.Generator) -> Floats:
    """Return points along roads that join the towns: a spanning tree and a third of the other neighbours."""
    low, high, _ = _street_edges(centre)
    length = np.hypot(*(centre[high] - centre[low]).T)
    kept = _in_tree(len(centre), low, high, length) | (rng.random(len(low)) < 1 / 3)
    low, high, length = low[kept], high[kept], length[kept]
    points = np.maximum(1, (length / _CORRIDOR_STEP_M).astype(np.int64))
    road = np.repeat(np.arange(len(points)), points)
    step = np.arange(len(road)) - np.repeat(np.cumsum(points) - points, points)
    share = ((step + 0.5) / points[road])[:, None]
    along = centre[low[road]] * (1 - share) + centre[high[road]] * share
    # Qhull dislikes points on one line
    return along + rng.uniform(-15.0, 15.0, along.shape)


def _along_hilbert(xy: Floats, side_m: float) -> Ints:
    """Return each place's number along a Hilbert curve of 65,536 × 65,536 cells."""
    last = np.int32(65_535)
    x, y = (xy.T / side_m * last).astype(np.int32).clip(0, last)
    number = np.zeros(len(xy), dtype=np.int64)
    for bit in range(15, -1, -1):
        right, up = (x >> bit) & 1, (y >> bit) & 1
        number += ((3 * right) ^ up).astype(np.int64) << (2 * bit)
        # each quarter's curve is the whole curve, turned
        mirror = (up == 0) & (right == 1)
        x, y = np.where(mirror, last - x, x), np.where(mirror, last - y, y)
        x, y = np.where(up == 0, y, x), np.where(up == 0, x, y)
    return number


def _street_edges(xy: Floats) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Return the ends of possible streets, lower number first, sorted, and which are long.

    The edges of a Delaunay triangulation; long is the longest edge of any triangle. The others, an Urquhart
    graph, hold the shortest spanning tree and leave blocks of many sides, as streets do.
    """
    count = len(xy)
    every, longest = [], []
    for corner in _triangles(xy):
        ends = corner[:, [[0, 1], [1, 2], [2, 0]]]
        length = np.hypot(*np.moveaxis(xy[ends[..., 0]] - xy[ends[..., 1]], -1, 0))
        key = ends.min(axis=2) * count + ends.max(axis=2)
        every.append(np.unique(key))
        longest.append(np.unique(key[np.arange(len(key)), length.argmax(axis=1)]))
    keys = np.unique(np.concatenate(every))
    long = np.zeros(len(keys), dtype=np.bool_)
    long[np.searchsorted(keys, np.concatenate(longest))] = True
    return *np.divmod(keys, count), long


def _triangles(xy: Floats) -> Iterator[Ints]:
    """Yield the triangles of a Delaunay triangulation, strip by strip, shape (any, 3)."""
    by_x = np.argsort(xy[:, 0], kind="stable")
    sorted_x = xy[by_x, 0]
    strips = -(-len(xy) // _STRIP_NODES)
    bound = np.quantile(sorted_x, np.linspace(0, 1, strips + 1))
    bound[[0, -1]] = -np.inf, np.inf
    for left, right in itertools.pairwise(bound):
        begin, end = np.searchsorted(sorted_x, [left - _MARGIN_M, right + _MARGIN_M])
        here = by_x[begin:end]
        corner = Delaunay(xy[here] - xy[here].mean(axis=0)).simplices
        yield here[corner[_owned(xy[here][corner], left, right)]]


def _owned(corner: Floats, left: float, right: float) -> npt.NDArray[np.bool_]:
    """Return which triangles, shape (any, 3, 2), belong to a strip.

    Those whose circle has its centre inside and reaches no farther than the margin: no point beyond it can
    spoil them, so they are triangles of the whole map, and each is in one strip.
    """
    to_b, to_c = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    twice = 2 * (to_b[:, 0] * to_c[:, 1] - to_b[:, 1] * to_c[:, 0])
    square_b, square_c = (to_b**2).sum(axis=1), (to_c**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre_x = (to_c[:, 1] * square_b - to_b[:, 1] * square_c) / twice
        centre_y = (to_b[:, 0] * square_c - to_c[:, 0] * square_b) / twice
    radius, centre_x = np.hypot(centre_x, centre_y), centre_x + corner[:, 0, 0]
    inside = (centre_x >= left) & (centre_x < right)
    return inside & (centre_x - radius >= left - _MARGIN_M) & (centre_x + radius <= right + _MARGIN_M)


def _in_tree(count: int, low: Ints, high: Ints, length: Floats) -> npt.NDArray[np.bool_]:
    """Return which edges, sorted by their ends, make a shortest spanning tree."""
    graph = sparse.csr_array((length, (low, high)), shape=(count, count))
    tree = sparse.csgraph.minimum_spanning_tree(graph).tocoo()
    keys = tree.row.astype(np.int64) * count + tree.col
    found = np.zeros(len(low), dtype=np.bool_)
    found[np.searchsorted(low * count + high, keys)] = True
    return found


def _thinned(
    count: int,
    low: Ints,
    high: Ints,
    length_m: Floats,
    long: npt.NDArray[np.bool_],
    kind: npt.NDArray[np.int8],
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Ints]:
    """Return tail, head and edge of each arc: a spanning tree both ways, and some of the other edges.

    Corridors come whole; beyond these, chance says which edges are streets and which of them are one-way.
    """
    dead_end = (rng.random(count) < _DEAD_ENDS) & (kind != _CORRIDOR)
    ends = dead_end[low].astype(np.int8) + dead_end[high]
    # a tree that joins all other nodes before it takes a dead end
    in_tree = _in_tree(count, low, high, length_m + 1e7 * ends)
    tree = np.flatnonzero(in_tree)
    if len(tree) != count - 1:
        msg = "the strips of the map do not hang together → widen _MARGIN_M"
        raise RuntimeError(msg)
    others = np.flatnonzero(~in_tree & (ends == 0) & (length_m < _LONGEST_M))
    corridor = (kind[low[others]] == _CORRIDOR) & (kind[high[others]] == _CORRIDOR)
    corridor &= length_m[others] < 2 * _CORRIDOR_STEP_M
    wanted = round((_ARCS_PER_NODE * count - 2 * len(tree)) / (2 - _ONE_WAY))
    luck = np.where(corridor, -1.0, rng.random(len(others)) + long[others])
    chosen = others[np.argpartition(luck, wanted)[:wanted]]
    one_way = rng.random(wanted) < _ONE_WAY
    turned = rng.random(wanted) < 0.5
    onward = np.concatenate([tree, chosen[~(one_way & turned)]])
    back = np.concatenate([tree, chosen[~(one_way & ~turned)]])
    tail = np.concatenate([low[onward], high[back]]).astype(np.int32)
    head = np.concatenate([high[onward], low[back]]).astype(np.int32)
    return tail, head, np.concatenate([onward, back])


def _travel_ms(
    length_m: Floats, tail_kind: npt.NDArray[np.int8], head_kind: npt.NDArray[np.int8]
) -> npt.NDArray[np.int32]:
    """Return whole ms: a corridor's speed between two of its points, a town's where either end is in one."""
    speed = np.full(len(length_m), _SPEED_M_PER_S[_COUNTRY])
    speed[(tail_kind == _TOWN) | (head_kind == _TOWN)] = _SPEED_M_PER_S[_TOWN]
    speed[(tail_kind == _CORRIDOR) & (head_kind == _CORRIDOR)] = _SPEED_M_PER_S[_CORRIDOR]
    return np.maximum(1, np.rint(1000 * _DETOUR * length_m / speed)).astype(np.int32)
