r"""Road networks drawn as text, so that a test begins with a map.

Upper-case letters and digits are nodes; runs of ``-``, ``|``, ``/`` and ``\`` between two nodes are
streets, driven both ways. An arrow in a run makes it one-way: ``>`` and ``<`` along a row, ``^`` and
``v`` up or down otherwise.
One character is `metres` wide and high, the first column is x = 0 and the last line y = 0:

>>> network, node = ascii_network('''
...     A--->B
...     |    |
...     C----D
... ''', metres=100)
>>> network.node_count, network.arc_count, sorted(node)
(4, 7, ['A', 'B', 'C', 'D'])
"""

from __future__ import annotations

import textwrap
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from borderless.roads.network import RoadNetwork
from borderless.roads.streets import Streets
from borderless.study.model import Speeds
from borderless.study.read import DEFAULT_SPEEDS

# right, down, down-right, down-left: line sign, arrows (forward, backward)
_DIRECTIONS = {(1, 0): "-><", (0, 1): "|v^", (1, 1): "\\v^", (-1, 1): "/v^"}


def flat_rules(mph: float) -> Speeds:
    """Return rules by which every street without a limit is driven at `mph`, and nobody waits."""
    limits = dict.fromkeys(DEFAULT_SPEEDS.limit_mph, mph)
    factors = dict.fromkeys(DEFAULT_SPEEDS.factor, 1.0)
    nothing = dict.fromkeys(DEFAULT_SPEEDS.delay_s, 0.0)
    return replace(DEFAULT_SPEEDS, limit_mph=limits, factor=factors, blue_light_factor=1.0, delay_s=nothing)


def ascii_tables(
    text: str, *, metres: float = 1000, highway: str = "unclassified", origin: tuple[float, float] = (0, 0)
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Return the node and street tables of a drawing, as the readers in ``borderless.sources`` do."""
    lines = textwrap.dedent(text).strip("\n").splitlines()
    sign = {(x, y): c for y, line in enumerate(lines) for x, c in enumerate(line) if not c.isspace()}
    places = {c: at for at, c in sign.items() if c.isdigit() or c.isupper()}
    if len(places) < sum(c.isdigit() or c.isupper() for c in sign.values()):
        raise ValueError("a node is drawn twice")
    node = {name: number for number, name in enumerate(sorted(places))}
    x = np.array([origin[0] + places[name][0] * metres for name in node], dtype=float)
    y = np.array([origin[1] + (len(lines) - 1 - places[name][1]) * metres for name in node], dtype=float)
    found = [(node[a], node[b], way) for a in node for b, way in _streets_from(places[a], sign)]
    tail, head = (np.array([street[i] for street in found], dtype=np.int64) for i in (0, 1))
    ends = np.stack([np.column_stack([x[tail], y[tail]]), np.column_stack([x[head], y[head]])], axis=1)
    geometry = shapely.linestrings(ends.reshape(-1, 2, 2))
    streets = gpd.GeoDataFrame(
        {"tail": tail, "head": head, "oneway": np.array([way for _, _, way in found], dtype=np.int8)}
        | {"highway": highway, "maxspeed": "", "name": "", "ref": "", "length_m": shapely.length(geometry)}
        | dict.fromkeys(("roundabout", "dual_carriageway", "bridge", "tunnel"), False),
        geometry=geometry,
        crs="EPSG:27700",
    )
    return pd.DataFrame({"id": list(node), "x": x, "y": y}), streets


def ascii_network(
    text: str,
    *,
    metres: float = 1000,
    mph: float = 60,
    highway: str = "unclassified",
    origin: tuple[float, float] = (0, 0),
    simplify: bool = False,
) -> tuple[RoadNetwork, dict[str, int]]:
    """Return the network of a drawing, every street driven at `mph`, and each letter's node number."""
    nodes, streets = ascii_tables(text, metres=metres, highway=highway, origin=origin)
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(mph), simplify=simplify)
    return network, {str(name): number for number, name in enumerate(network.node_id)}


def _streets_from(at: tuple[int, int], sign: dict[tuple[int, int], str]) -> list[tuple[str, int]]:
    """Return the nodes that runs right and down from a node lead to, and their one-way state."""
    found = []
    for (dx, dy), (line, forward, backward) in _DIRECTIONS.items():
        x, y, run = at[0] + dx, at[1] + dy, ""
        while (step := sign.get((x, y), " ")) in {line, forward, backward}:
            x, y, run = x + dx, y + dy, run + step
        if run and (step.isdigit() or step.isupper()):
            found.append((step, (forward in run) - (backward in run)))
        elif run and line in run:
            raise ValueError(f"a street from {sign[at]} ends at {step!r} in column {x + 1}, line {y + 1}")
    return found


def with_streets(network: RoadNetwork, table: gpd.GeoDataFrame) -> RoadNetwork:
    """Return a network whose streets have other columns; their times stay those of the arcs."""
    return replace(network, drawn=Streets(table, network.arc_street, network.arc_forward))
