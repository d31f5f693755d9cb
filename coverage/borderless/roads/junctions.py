"""What a driver waits at junctions: at the end of each street, and more for turns across traffic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import KDTree

from borderless.roads.arrays import FloatArray, Int64Array

#: Controls of nodes, as readers name them.
SIGNALS, CROSSING_SIGNALS, MINI_ROUNDABOUT = "signals", "signal_crossing", "mini_roundabout"
CONTROLS = (SIGNALS, CROSSING_SIGNALS, MINI_ROUNDABOUT)

_RANK = {"motorway": 6, "trunk": 5, "primary": 4, "secondary": 3, "tertiary": 2}
_C_ROAD, _B_ROAD, _A_ROAD = 2, 3, 4
# several signals this close are one junction, however many stop lines it is drawn with
_ONE_JUNCTION_M = 40.0
# turns by less than this go straight on
_STRAIGHT = np.pi / 5

_Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Waits:
    """What is waited at junctions, whole ms; dart 2s drives street s along its line, dart 2s + 1 against it.

    Parameters
    ----------
    end_ms
        On reaching the end of a dart, before anything is entered, int64, shape (2 s,).
    before, after, turn_ms
        Pairs of darts that follow each other and cost more, with how much more; -1: a forbidden turn.
    """

    end_ms: Int64Array
    before: Int64Array
    after: Int64Array
    turn_ms: Int64Array


def no_waits(count: int) -> Waits:
    """Return that nothing is waited for at the ends of that many streets."""
    none = np.empty(0, dtype=np.int64)
    return Waits(np.zeros(2 * count, dtype=np.int64), none, none, none)


def junction_waits(
    nodes: pd.DataFrame,
    streets: gpd.GeoDataFrame,
    delay_s: Mapping[str, float],
    blue_light_factor: float,
    forbidden: tuple[Int64Array, Int64Array] | None = None,
) -> Waits:
    """Find what is waited at every junction of a network.

    A junction is a node where three streets or more meet, or that has a control. On reaching it costs

    - ``signals_s`` at traffic signals, ``signal_crossing_s`` at those of pedestrians, ``mini_roundabout_s``;
    - ``roundabout_s`` on entering a roundabout, nothing on leaving it;
    - ``give_way_a_s``, ``give_way_bc_s`` on a road smaller than the largest one there, by the class of that;
    - ``main_crossing_s`` on the largest road where another main road meets it, in files without any signals;
    - ``small_junction_s`` where only small streets meet.

    Where an A or B road passes without signals and roundabout, turning right across its traffic costs
    ``right_turn_s`` more and going straight over it ``straight_over_s``.

    Parameters
    ----------
    nodes
        Columns ``x``, ``y`` (m), and ``control`` where the file has any.
    streets
        Columns ``tail``, ``head``, ``along_ms``, ``against_ms`` (-1: closed), ``highway``, ``roundabout``,
        ``name``, ``ref``, ``geometry``.
    delay_s
        The delays, s of ordinary driving; see ``[junctions]`` in the defaults.
    blue_light_factor
        How many times as fast a response car is through a junction.
    forbidden
        Darts before and after turns that may not be made.
    """
    darts = _Darts.of(streets, len(nodes))
    seconds = {name: value / blue_light_factor for name, value in delay_s.items()}
    control = control_of(nodes)
    end_s = _approach_s(darts, control, nodes, seconds)
    before, after, turn_s = _turns(darts, control, seconds)
    turn_ms = np.rint(1000 * turn_s).astype(np.int64)
    costly = turn_ms > 0
    before, after, turn_ms = before[costly], after[costly], turn_ms[costly]
    if forbidden is not None and len(forbidden[0]):
        # the first of a pair counts: forbidden ones come first
        before, after = (np.concatenate(both) for both in zip(forbidden, (before, after), strict=True))
        turn_ms = np.concatenate([np.full(len(forbidden[0]), -1), turn_ms])
        first = np.unique(before * np.int64(len(darts.start)) + after, return_index=True)[1]
        before, after, turn_ms = before[first], after[first], turn_ms[first]
    return Waits(np.rint(1000 * end_s).astype(np.int64), before, after, turn_ms)


@dataclass(frozen=True)
class _Darts:
    """Each street twice: dart 2s drives street s along its line, dart 2s + 1 against it."""

    start: Int64Array
    end: Int64Array
    open: _Bool
    rank: Int64Array
    ring: _Bool
    road: Int64Array
    leaving: FloatArray
    arriving: FloatArray
    degree: Int64Array
    top: Int64Array

    @classmethod
    def of(cls, streets: gpd.GeoDataFrame, count: int) -> _Darts:
        tail, head = (streets[name].to_numpy(dtype=np.int64) for name in ("tail", "head"))
        start, end = np.stack([tail, head], axis=1).ravel(), np.stack([head, tail], axis=1).ravel()
        drivable = streets[["along_ms", "against_ms"]].to_numpy().ravel() >= 0
        base = streets["highway"].astype(str).str.removesuffix("_link")
        rank = np.repeat(base.map(_RANK).fillna(1).to_numpy(dtype=np.int64), 2)
        named = np.where(streets["ref"] != "", streets["ref"], streets["name"])
        top = np.zeros(count, dtype=np.int64)
        np.maximum.at(top, start, rank)
        leaving = headings(np.asarray(streets.geometry.array))
        ring = np.repeat(streets["roundabout"].to_numpy(dtype=np.bool_), 2)
        degree = np.bincount(start, minlength=count)
        road = np.repeat(pd.factorize(named)[0], 2)
        # who arrives along a dart looks away from where its other dart sets off
        arriving = leaving[np.arange(len(start)) ^ 1] + np.pi
        return cls(start, end, drivable, rank, ring, road, leaving, arriving, degree, top)

    def any_at(self, which: _Bool) -> _Bool:
        """Return for each node whether one of some darts starts there."""
        found = np.zeros(len(self.degree), dtype=np.bool_)
        found[self.start[which]] = True
        return found


def headings(lines: npt.NDArray[np.object_]) -> FloatArray:
    """Return the direction in which lines are left at their start and at their end in turn, radians."""
    points = shapely.get_coordinates(lines)
    size = shapely.get_num_points(lines).astype(np.int64)
    first = np.cumsum(size) - size
    last = first + size - 1
    step = np.stack([points[first + 1] - points[first], points[last - 1] - points[last]], axis=1).reshape(
        -1, 2
    )
    return np.asarray(np.arctan2(step[:, 1], step[:, 0]), dtype=np.float64)


def control_of(nodes: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return the control of each node without its direction, empty where there is none."""
    if "control" not in nodes:
        return np.full(len(nodes), "", dtype=object)
    return nodes["control"].astype(str).str.partition(":")[0].to_numpy(dtype=object)


def _approach_s(
    darts: _Darts, control: npt.NDArray[np.object_], nodes: pd.DataFrame, seconds: Mapping[str, float]
) -> FloatArray:
    """Return what is waited at the end of each dart, s."""
    end, top = darts.end, darts.top[darts.end]
    junction = darts.degree[end] >= 3
    to_ring = darts.any_at(darts.ring)[end]
    main_roads = _main_roads(darts)
    no_signals = not (control == SIGNALS).any()
    lower = darts.rank < top
    conditions: list[tuple[_Bool, npt.ArrayLike]] = [
        (control[end] == SIGNALS, (seconds["signals_s"] * _share_of_signals(control, nodes))[end]),
        (control[end] == CROSSING_SIGNALS, seconds["signal_crossing_s"]),
        (control[end] == MINI_ROUNDABOUT, seconds["mini_roundabout_s"]),
        (~junction, 0.0),
        (to_ring & ~darts.ring, seconds["roundabout_s"]),
        (to_ring, 0.0),
        (lower & (top >= _A_ROAD), seconds["give_way_a_s"]),
        (lower & (top >= _C_ROAD), seconds["give_way_bc_s"]),
        (top < _C_ROAD, seconds["small_junction_s"]),
        ((main_roads[end] >= 2) & no_signals, seconds["main_crossing_s"]),
    ]
    waited = np.select(
        [where for where, _ in conditions], [np.broadcast_to(value, len(end)) for _, value in conditions], 0.0
    )
    return np.where(darts.open, waited, 0.0)


def _main_roads(darts: _Darts) -> Int64Array:
    """Return how many different roads of C class and above meet at each node, slip roads included."""
    main = darts.rank >= _C_ROAD
    many = np.int64(darts.road.max(initial=0) + 2)
    pair = np.unique(darts.start[main] * many + darts.road[main] + 1)
    return np.bincount(pair // many, minlength=len(darts.degree))


def _share_of_signals(control: npt.NDArray[np.object_], nodes: pd.DataFrame) -> FloatArray:
    """Return what share of a junction's wait falls to each of its signals: 1 / √n of n close to each other.

    A crossing drawn with four signals, one at each stop line or each crossing of two carriageways, is
    passed over two of them.
    """
    share = np.ones(len(nodes))
    at = np.flatnonzero(control == SIGNALS)
    if len(at):
        xy = nodes[["x", "y"]].to_numpy(dtype=np.float64)[at]
        close = KDTree(xy).query_ball_point(xy, _ONE_JUNCTION_M, return_length=True)
        share[at] = 1.0 / np.sqrt(np.asarray(close, dtype=np.float64))
    return share


def _turns(
    darts: _Darts, control: npt.NDArray[np.object_], seconds: Mapping[str, float]
) -> tuple[Int64Array, Int64Array, FloatArray]:
    """Return pairs of darts at crossings of A and B roads, and what turning across traffic costs more, s."""
    plain = (darts.degree >= 3) & (darts.top >= _B_ROAD) & (control == "") & ~darts.any_at(darts.ring)
    # a lone carriageway of a dual one has nobody to turn across
    two_way = darts.open & darts.open[np.arange(len(darts.open)) ^ 1] & (darts.rank == darts.top[darts.start])
    plain &= np.bincount(darts.start[two_way], minlength=len(plain)) >= 2
    before, after = _pairs(darts, plain)
    if not len(before):
        return before, after, np.empty(0)
    turn = _wrapped(darts.leaving[after] - darts.arriving[before])
    top = darts.top[darts.end[before]]
    right, straight = turn < -_STRAIGHT, np.abs(turn) <= _STRAIGHT
    from_minor, to_minor = darts.rank[before] < top, darts.rank[after] < top
    across = np.where(
        right & (from_minor | to_minor),
        seconds["right_turn_s"],
        np.where(straight & from_minor & to_minor, seconds["straight_over_s"], 0.0),
    )
    return before, after, across


def _pairs(darts: _Darts, chosen: _Bool) -> tuple[Int64Array, Int64Array]:
    """Return every pair of open darts that follow each other at some nodes, but for turning round."""
    number = np.arange(len(darts.start))
    coming = number[darts.open & chosen[darts.end]]
    going = number[darts.open & chosen[darts.start]]
    going = going[np.argsort(darts.start[going], kind="stable")]
    first = np.searchsorted(darts.start[going], darts.end[coming], side="left")
    size = np.searchsorted(darts.start[going], darts.end[coming], side="right") - first
    before = np.repeat(coming, size)
    nth = np.arange(len(before)) - np.repeat(np.cumsum(size) - size, size)
    after = going[np.repeat(first, size) + nth]
    onward = after != (before ^ 1)
    return before[onward], after[onward]


def _wrapped(angle: FloatArray) -> FloatArray:
    """Return angles between -π and π."""
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi, dtype=np.float64)
