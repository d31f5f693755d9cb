"""Forbidden turns are not driven, whatever is joined, merged or numbered on the way to the network."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ascii_map import ascii_tables, flat_rules
from borderless.roads.network import RoadNetwork

# A to C goes straight through B, a bend at P on the way; round by D and E is longer
DRAWING = """
    A-P-B---C-F
        |   |
        D---E
"""


def half_km(kind: str | None, turn: tuple[str, str, str] = ("P", "B", "C"), *, simplify: bool = False) -> int:
    """Return how many times 500 m it is from A to C when a turn is restricted."""
    nodes, streets = ascii_tables(DRAWING, metres=500)
    number = {name: row for row, name in enumerate(nodes["id"])}
    ends = streets[["tail", "head"]].to_numpy()

    def street(one: str, other: str) -> int:
        pair = {number[one], number[other]}
        return next(row for row, both in enumerate(ends) if set(both.tolist()) == pair)

    restrictions = None
    if kind is not None:
        before, via, after = turn
        row = {"from_street": street(before, via), "via_node": number[via], "to_street": street(via, after)}
        restrictions = pd.DataFrame([row | {"kind": kind}])
    network = RoadNetwork.from_streets(
        nodes, streets, flat_rules(60), simplify=simplify, restrictions=restrictions
    )
    at = {str(name): row for row, name in enumerate(network.node_id)}
    found = network.at_junctions(network.times_from([at["A"]]))[0, at["C"]]
    return round(float(found) / (500 / (60 * 0.44704) * 1000))


@pytest.mark.parametrize("simplify", [False, True])
@pytest.mark.parametrize(
    ("kind", "turn", "pieces"),
    [
        (None, ("P", "B", "C"), 8),
        ("no", ("P", "B", "C"), 12),
        ("only", ("P", "B", "D"), 12),
        ("only", ("P", "B", "C"), 8),
        ("no", ("P", "B", "D"), 8),
        ("no", ("C", "B", "P"), 8),
        ("no", ("D", "B", "C"), 8),
    ],
)
def test_restricted_turns_are_driven_round(
    kind: str | None, turn: tuple[str, str, str], pieces: int, simplify: bool
) -> None:
    assert half_km(kind, turn, simplify=simplify) == pieces


def test_a_restriction_of_streets_that_do_not_meet_says_nothing() -> None:
    nodes, streets = ascii_tables("A-B-C-D", metres=500)
    row = {"from_street": [0], "via_node": [3], "to_street": [1], "kind": ["no"]}
    network = RoadNetwork.from_streets(
        nodes, streets, flat_rules(60), simplify=False, restrictions=pd.DataFrame(row)
    )
    assert network.counts["turns_forbidden"] == 0
    assert np.array_equal(network.junction, np.arange(network.node_count))
