"""A network whose junctions are split into arms where it matters along which street one arrives."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from borderless.roads.arrays import Int32Array, Int64Array
from borderless.roads.junctions import Waits


@dataclass(frozen=True, eq=False)
class Arms:
    """Where the darts of streets lead: dart 2s drives street s along its line, dart 2s + 1 against it.

    Parameters
    ----------
    goal
        The node that each dart arrives at, shape (2 s,): the junction, or an arm of it.
    end_ms
        What is waited there, whole ms, shape (2 s,).
    first, node, turn_ms
        Dart d is entered from the nodes ``node[first[d]:first[d + 1]]``, each after `turn_ms`: first from the
        junction itself, then from the arms of it whose turn into d is allowed.
    of_arm
        The junction that each arm belongs to, shape (arms,).
    arm_node
        The node that each arm is, shape (arms,).
    """

    goal: Int64Array
    end_ms: Int64Array
    first: Int64Array
    node: Int64Array
    turn_ms: Int64Array
    of_arm: Int64Array
    arm_node: Int64Array

    @property
    def entry_dart(self) -> Int64Array:
        """Return the dart of each entry."""
        return np.repeat(np.arange(len(self.goal)), np.diff(self.first))

    def folded(self, times: Int32Array) -> Int32Array:
        """Return times to nodes, shape (…, n), each at the earliest of all arms of its junction."""
        if not len(self.of_arm):
            return times
        order = np.argsort(self.of_arm, kind="stable")
        base, first = np.unique(self.of_arm[order], return_index=True)
        earliest = np.minimum.reduceat(times[..., self.arm_node[order]], first, axis=-1)
        found = times.copy()
        found[..., base] = np.minimum(found[..., base], earliest)
        found[..., self.arm_node] = found[..., self.of_arm]
        return found

    def renumbered(self, number: Int64Array) -> Arms:
        """Return the same with other numbers of nodes, ``number[old]``."""
        return replace(
            self,
            goal=number[self.goal],
            node=number[self.node],
            of_arm=number[self.of_arm],
            arm_node=number[self.arm_node],
        )


def plain_arms(tail: Int64Array, head: Int64Array) -> Arms:
    """Return streets that meet at nodes where nothing is waited and every turn is allowed."""
    start = np.stack([tail, head], axis=1).ravel()
    none = np.zeros(len(start), dtype=np.int64)
    goal = np.stack([head, tail], axis=1).ravel()
    return Arms(goal, none, np.arange(len(start) + 1), start, none, none[:0], none[:0])


def split_junctions(
    start: Int64Array, end: Int64Array, is_open: npt.NDArray[np.bool_], waits: Waits, count: int
) -> Arms:
    """Split junctions into arms, only where a turn is forbidden or costs more than another.

    Parameters
    ----------
    start, end
        Nodes of every dart, shape (2 s,).
    is_open
        Which darts may be driven.
    waits
        What is waited.
    count
        How many nodes there are.
    """
    end_ms = waits.end_ms.copy()
    goal = end.copy()
    own = np.unique(waits.before[is_open[waits.before]])
    arm = np.full(len(start), -1, dtype=np.int64)
    arm[own] = count + np.arange(len(own))
    goal[own] = arm[own]
    # every way on from an arm, turning round left out
    going = np.flatnonzero(is_open)
    going = going[np.argsort(start[going], kind="stable")]
    low = np.searchsorted(start[going], end[own], side="left")
    size = np.searchsorted(start[going], end[own], side="right") - low
    before = np.repeat(own, size)
    nth = np.arange(len(before)) - np.repeat(np.cumsum(size) - size, size)
    after = going[np.repeat(low, size) + nth]
    before, after = before[after != (before ^ 1)], after[after != (before ^ 1)]
    key = waits.before * np.int64(len(start)) + waits.after
    order = np.argsort(key)
    asked = before * np.int64(len(start)) + after
    at = np.minimum(np.searchsorted(key[order], asked), max(len(key) - 1, 0))
    turn_ms = np.zeros(len(asked), dtype=np.int64)
    if len(key):
        turn_ms = np.where(key[order][at] == asked, waits.turn_ms[order][at], 0)
    allowed = turn_ms >= 0
    darts = np.arange(len(start))
    dart = np.concatenate([darts, after[allowed]])
    node = np.concatenate([start, arm[before[allowed]]])
    extra = np.concatenate([np.zeros(len(start), dtype=np.int64), turn_ms[allowed]])
    entry = np.lexsort((node, dart))
    first = np.concatenate([[0], np.cumsum(np.bincount(dart, minlength=len(start)))]).astype(np.int64)
    return Arms(goal, end_ms, first, node[entry], extra[entry], end[own], arm[own])
