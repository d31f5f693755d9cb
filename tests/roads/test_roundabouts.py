"""Small rings that no tag names are driven one way round; blocks, closes and tagged rings are left alone."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from ascii_map import flat_rules
from borderless.errors import ProblemLog
from borderless.roads.network import RoadNetwork
from borderless.roads.roundabouts import with_roundabouts


def ring(
    corners: int, radius_m: float, arms: int, *, oneway: int = 0, turned: bool = False
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Return a ring of straight streets with arms of 500 m, and its node table."""
    angle = 2 * np.pi * np.arange(corners) / corners
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    at = np.arange(corners) * arms // corners
    leads = np.flatnonzero(np.diff(at, prepend=-1))
    xy = np.vstack([circle * radius_m, circle[leads] * (radius_m + 500)])
    number = np.arange(corners)
    tail = np.concatenate([number, leads])
    head = np.concatenate([(number + 1) % corners, corners + np.arange(len(leads))])
    if turned:
        tail[:corners], head[:corners] = head[:corners].copy(), tail[:corners].copy()
    lines = shapely.linestrings(np.stack([xy[tail], xy[head]], axis=1))
    ways = np.where(np.arange(len(tail)) < corners, oneway, 0).astype(np.int8)
    streets = gpd.GeoDataFrame(
        {"tail": tail, "head": head, "oneway": ways, "length_m": shapely.length(lines)}
        | {"highway": "tertiary", "maxspeed": "", "name": "", "ref": ""}
        | dict.fromkeys(("roundabout", "bridge", "tunnel"), False),
        geometry=lines,
        crs="EPSG:27700",
    )
    nodes = pd.DataFrame({"id": np.arange(len(xy)).astype(str), "x": xy[:, 0], "y": xy[:, 1]})
    return nodes, streets


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("corners", "radius_m"), [(6, 20.0), (12, 20.0), (16, 50.0)])
def test_a_small_ring_is_driven_clockwise(corners: int, radius_m: float, turned: bool) -> None:
    nodes, streets = ring(corners, radius_m, 3, turned=turned)
    found, count = with_roundabouts(streets, len(nodes))
    assert count == 1
    # the corners are numbered against the clock
    assert found["oneway"].tolist()[:corners] == [1 if turned else -1] * corners
    assert found["roundabout"].tolist() == [True] * corners + [False] * 3
    assert found["oneway"].tolist()[corners:] == [0] * 3
    other, _ = with_roundabouts(streets, len(nodes), clockwise=False)
    assert (other["oneway"] == -found["oneway"]).all()


@pytest.mark.parametrize(
    ("corners", "radius_m", "arms", "oneway"),
    [
        (4, 20.0, 4, 0),  # a square block
        (12, 80.0, 4, 0),  # too large
        (12, 2.0, 3, 0),  # too small
        (12, 20.0, 2, 0),  # a close with two ways in
        (12, 20.0, 3, 1),  # one-way already: somebody has looked at it
    ],
)
def test_other_rings_are_left_alone(corners: int, radius_m: float, arms: int, oneway: int) -> None:
    nodes, streets = ring(corners, radius_m, arms, oneway=oneway)
    found, count = with_roundabouts(streets, len(nodes))
    assert count == 0
    pd.testing.assert_frame_equal(found, streets)


def test_the_network_drives_round_and_tells() -> None:
    nodes, streets = ring(12, 20.0, 3)
    log = ProblemLog()
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(60), simplify=False, log=log)
    there, back = network.times_from([0, 1])[[0, 1], [1, 0]]
    assert there == 11 * back
    assert any("1 small rings without a tag" in problem.why for problem in log)
