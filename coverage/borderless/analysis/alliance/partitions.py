"""Every way to divide the forces into alliances side by side, and what each is worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.alliance.coalitions import Game, coalition_name, subsets
from borderless.errors import BorderlessError
from borderless.study.model import Study

MOST_LISTED = 8
BETWEEN = " | "

Partition = tuple[tuple[str, ...], ...]


def partitions(forces: Sequence[str]) -> Iterator[Partition]:
    """Yield every partition of the forces, Bell(n) of them, blocks in the order of their first member."""
    if not forces:
        yield ()
        return
    *others, last = forces
    for partition in partitions(others):
        yield (*partition, (last,))
        for number, block in enumerate(partition):
            yield (*partition[:number], (*block, last), *partition[number + 1 :])


def read_partition(text: str, forces: Sequence[str]) -> Partition:
    """Return a partition that is written ``A, B | C, D``; forces that are not named stay alone.

    Raises
    ------
    BorderlessError
        When a name is not one of the forces, or stands there twice.
    """
    blocks = [[name.strip() for name in block.split(",") if name.strip()] for block in text.split("|")]
    named = [name for block in blocks for name in block]
    unknown = [name for name in named if name not in forces]
    twice = sorted({name for name in named if named.count(name) > 1})
    for wrong, why in ((unknown, "unknown force"), (twice, "force in two alliances or twice in one")):
        if wrong:
            msg = (
                f"--partition {text!r}: {why} {', '.join(wrong)} → name each force at most once, as in "
                f"'A,B|C,D'; the forces are: {', '.join(forces)}"
            )
            raise BorderlessError(msg)
    blocks += [[force] for force in forces if force not in named]
    ordered = (tuple(force for force in forces if force in block) for block in blocks if block)
    return tuple(sorted(ordered, key=lambda block: forces.index(block[0])))


def partition_name(partition: Partition) -> str:
    """Return a partition as one name: alliances side by side, forces that stay alone among them."""
    return BETWEEN.join(coalition_name(block) for block in partition)


def partitions_table(game: Game, named: Sequence[Partition] = ()) -> pd.DataFrame:
    """Return what partitions into alliances gain: the sum of what their alliances gain, exactly.

    Parameters
    ----------
    game
        With every coalition, or at least those of `named`.
    named
        Partitions to tell of in any case.

    Returns
    -------
    DataFrame
        partition (alliances joined by `` | ``), alliances (how many with two members or more), measure,
        target, gain (whole units of the measure's column, over no alliance), rank (1: most gain, fewest
        alliances among equals, then by name). Up to :data:`MOST_LISTED` forces every partition is told;
        beyond, `named`, the alliance as it is, and the best one of each measure and target, which is rank 1;
        others have no rank there.
    """
    listed = _lists_all(game)
    chosen, best = _told(game, named)
    gains = {partition: _gain(game, partition) for partition in (*chosen, *best.values())}
    rows = []
    for m, measure, t, target in game.kinds():
        here = dict.fromkeys([*chosen, *([best[m, t]] if best else [])])
        keys = {p: (-int(gains[p][m, t]), _allied(p), partition_name(p)) for p in here}
        for rank, partition in enumerate(sorted(here, key=lambda p: keys[p]), start=1):
            told = rank if listed or (best and rank == 1) else None
            name, count = partition_name(partition), _allied(partition)
            rows.append((name, count, measure, target, int(gains[partition][m, t]), told))
    columns = ["partition", "alliances", "measure", "target", "gain", "rank"]
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    return table.astype({"alliances": np.int64, "gain": np.int64})


def told_partitions(game: Game, named: Sequence[Partition] = ()) -> tuple[Partition, ...]:
    """Return the partitions that `partitions_table` tells of."""
    chosen, best = _told(game, named)
    return tuple(dict.fromkeys((*chosen, *best.values())))


def today(study: Study) -> Partition:
    """Return the partition as it is: the alliance, and every force outside alone."""
    return tuple(block for block in (study.alliance, *((force,) for force in study.forces.outside)) if block)


def _lists_all(game: Game) -> bool:
    return len(game.forces) <= MOST_LISTED and not game.orders


def _told(game: Game, named: Sequence[Partition]) -> tuple[list[Partition], dict[tuple[int, int], Partition]]:
    """Return the partitions told for every measure and target, and the best one of each where it is added."""
    if _lists_all(game):
        return list(partitions(game.forces)), {}
    return list(dict.fromkeys((*named, today(game.study)))), {} if game.orders else _best(game)


def _allied(partition: Partition) -> int:
    return sum(len(block) > 1 for block in partition)


def _gain(game: Game, partition: Partition) -> NDArray[np.int64]:
    """Return a partition's gain, shape (measures, targets)."""
    none = np.zeros(game.alone.shape[1:], dtype=np.int64)
    return sum((game.gain(block).sum(axis=0) for block in partition), none)


def _best(game: Game) -> dict[tuple[int, int], Partition]:
    """Return the best partition for every (measure, target), by dynamic programming over subsets.

    The best partition of a set takes the block of its first member that leaves most for the rest to gain
    (Rothkopf, Pekeč and Harstad 1998); 3^n sums.
    """
    worth = np.array([game.gain(members).sum(axis=0) for members in subsets(game.forces)])
    best = np.zeros_like(worth)
    block = np.zeros_like(worth)
    for row in range(1, len(worth)):
        first = row & -row
        rest = row ^ first
        # Every subset of the rest, the empty one last: fewest alliances win among equals.
        subs = np.array(list(_subsets(rest)))
        total = worth[subs | first] + best[rest ^ subs]
        choice = total.argmax(axis=0)
        best[row] = np.take_along_axis(total, choice[None], axis=0)[0]
        block[row] = (subs | first)[choice]
    found = {}
    for m, _, t, _ in game.kinds():
        parts, row = [], len(worth) - 1
        while row:
            taken = int(block[row, m, t])
            parts.append(tuple(force for bit, force in enumerate(game.forces) if taken >> bit & 1))
            row ^= taken
        found[m, t] = tuple(parts)
    return found


def _subsets(row: int) -> Iterator[int]:
    sub = row
    while True:
        yield sub
        if not sub:
            return
        sub = (sub - 1) & row
