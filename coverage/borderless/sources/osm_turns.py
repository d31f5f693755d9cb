"""Turn restrictions of OpenStreetMap: which of them hold for a police car, and for which street pieces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from borderless.roads.tables import no_restrictions

#: Relations that have one of these keys are looked at.
TURN_KEYS = (
    *("restriction:motorcar", "restriction:motor_vehicle", "restriction:vehicle", "restriction"),
    "restriction:conditional",
)
_EXEMPT = frozenset(("emergency", "motorcar", "motor_vehicle", "vehicle"))
_BUSES = frozenset(("bus", "psv"))

_Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Turn:
    """A restriction between ways: from any of some, by a node, to any of others."""

    kind: str
    sources: tuple[int, ...]
    via: int
    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends of every street piece: way, keys and rows of nodes, and which way it is driven."""

    way: _Int64
    tail: _Int64
    head: _Int64
    tail_row: _Int64
    head_row: _Int64
    oneway: npt.NDArray[np.int8]


def read_turn(
    tags: Mapping[str, str], members: Iterable[tuple[str, str, int]], *, bus_gates: bool
) -> Turn | str:
    """Return the restriction of a relation, or why there is none that can be followed.

    Parameters
    ----------
    tags
        Tags of the relation.
    members
        Role, kind (``n``, ``w``, ``r``) and id of each member.
    bus_gates
        Whether what does not hold for buses does not hold for the police.

    Returns
    -------
    Turn or str
        Empty text where the restriction does not hold for a police car.
    """
    value = next((tags[key].strip().lower() for key in TURN_KEYS[:-1] if key in tags), "")
    if not value:
        return "conditional turn restriction"
    exempt = {word.strip().lower() for word in tags.get("except", "").split(";")}
    if exempt & (_EXEMPT | _BUSES if bus_gates else _EXEMPT):
        return ""
    kind = value.partition("_")[0]
    if kind not in {"no", "only"}:
        return "turn restriction of an unknown kind"
    by_role: dict[str, list[tuple[str, int]]] = {"from": [], "via": [], "to": []}
    for role, thing, number in members:
        if role in by_role:
            by_role[role].append((thing, number))
    if any(thing == "w" for thing, _ in by_role["via"]):
        return "turn restriction by way of a street"
    sources, targets = (tuple(n for thing, n in by_role[role] if thing == "w") for role in ("from", "to"))
    if len(by_role["via"]) != 1 or not sources or not targets:
        return "incomplete turn restriction"
    return Turn(kind, sources, by_role["via"][0][1], targets)


def turn_table(turns: Sequence[Turn], ends: Ends, left_out: Counter[str]) -> pd.DataFrame:
    """Return the restrictions between street pieces; what cannot be placed is counted.

    Returns
    -------
    pandas.DataFrame
        ``from_street``, ``via_node``, ``to_street`` (rows) and ``kind`` (no, only).
    """
    pieces = _pieces_of({way for turn in turns for way in (*turn.sources, *turn.targets)}, ends.way)
    rows = []
    for turn in turns:
        found = []
        for source, target in product(turn.sources, turn.targets):
            arriving = [p for p in pieces.get(source, ()) if _drives(ends, p, turn.via, toward=True)]
            leaving = [p for p in pieces.get(target, ()) if _drives(ends, p, turn.via, toward=False)]
            # a way that runs on through the node does not say which of its halves is meant
            if len(arriving) == 1 and len(leaving) == 1:
                piece = arriving[0]
                at_head = ends.head[piece] == turn.via
                via = int(ends.head_row[piece] if at_head else ends.tail_row[piece])
                found.append((piece, via, leaving[0], turn.kind))
        if not found:
            left_out["incomplete turn restriction"] += 1
        rows += found
    if not rows:
        return no_restrictions()
    return pd.DataFrame(rows, columns=["from_street", "via_node", "to_street", "kind"])


def _pieces_of(ways: set[int], way: _Int64) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    wanted = np.fromiter(ways, dtype=np.int64, count=len(ways))
    for piece in np.flatnonzero(np.isin(way, wanted)).tolist():
        found.setdefault(int(way[piece]), []).append(piece)
    return found


def _drives(ends: Ends, piece: int, node: int, *, toward: bool) -> bool:
    """Tell whether a piece may be driven toward a node at its end, or away from it."""
    along, against = (ends.head, ends.tail) if toward else (ends.tail, ends.head)
    oneway = ends.oneway[piece]
    return bool((along[piece] == node and oneway >= 0) or (against[piece] == node and oneway <= 0))
