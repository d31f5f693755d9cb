"""Gaps in the file are closed by straight ways of stated speed; the sea is not."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from ascii_map import ascii_tables, flat_rules
from borderless.errors import ProblemLog
from borderless.roads.joins import JOIN, SHORT_GAP_M, SMALL_KM, WIDE_GAP_M
from borderless.roads.network import UNREACHABLE, RoadNetwork
from borderless.roads.point_times import point_times
from borderless.roads.snap import snap_points


def joined(
    drawing: str, metres: float = 100, kmh: float = 20, **change: object
) -> tuple[RoadNetwork, list[str]]:
    """Return the roads of a drawing, driven at 60 mph, and the notice of what was joined."""
    nodes, streets = ascii_tables(drawing, metres=metres)
    log = ProblemLog()
    network = RoadNetwork.from_streets(
        nodes, streets.assign(**change), flat_rules(60), access_speed_kmh=kmh, log=log
    )
    return network, [problem.why for problem in log if "joined" in problem.why]


def test_a_part_beside_the_middle_of_a_street_is_joined_there_at_the_access_speed() -> None:
    network, told = joined(
        """
        A-------B
        |       |
        D-------E

        I---J
        """
    )
    assert told == [
        "1 parts of the roads, 0.4 km, are joined by straight ways across gaps of up to 100 m, "
        "small parts up to 500 m, driven at 20 km/h"
    ]
    way = network.streets[network.streets["highway"] == JOIN]
    assert way["length_m"].tolist() == [200]
    assert way["along_ms"].tolist() == way["against_ms"].tolist() == [36_000]
    assert not way["snappable"].any()
    assert not network.part.any()
    here = snap_points(network, [0, 400], [200, 0], 20)
    # D to I stands straight above: 200 m at 20 km/h, then 400 m of street at 60 mph
    assert point_times(network, here, here)[0, 1] == 36_000 + round(400 / 26.8224 * 1000)


def test_times_of_a_street_that_a_way_cuts_add_up() -> None:
    network, _ = joined("A----------B\n\n   I\n   |\n   J", metres=77)
    node = {name: row for row, name in enumerate(network.node_id)}
    times = network.times_from([node["A"]])[0]
    cut = next(name for name in node if name.startswith("join"))
    assert cut == "join 231 308"
    assert times[node["B"]] == round(11 * 77 / 26.8224 * 1000)
    assert times[node[cut]] == round(3 * 77 / 26.8224 * 1000)
    assert network.streets["length_m"].sum() == pytest.approx(77 * (11 + 2 + 2))


@pytest.mark.parametrize(
    ("gap_m", "km", "parts"),
    [
        (SHORT_GAP_M, SMALL_KM + 1, 1),
        (SHORT_GAP_M + 1, SMALL_KM + 1, 2),
        (WIDE_GAP_M, SMALL_KM - 0.01, 1),
        (WIDE_GAP_M + 1, SMALL_KM - 0.01, 2),
        (WIDE_GAP_M, SMALL_KM, 2),
    ],
)
def test_short_gaps_are_closed_and_wider_ones_to_a_small_part(gap_m: float, km: float, parts: int) -> None:
    nodes, streets = ascii_tables("A-----------B  H---I", metres=1000)
    x = np.array([0, 12_000, 12_000 + gap_m, 12_000 + gap_m + 1000 * km])
    nodes["x"] = x
    streets["geometry"] = shapely.linestrings(np.array([[[x[0], 0], [x[1], 0]], [[x[2], 0], [x[3], 0]]]))
    streets["length_m"] = streets.length
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(60))
    assert int(network.part.max()) + 1 == parts
    assert network.counts["gaps_joined"] == 2 - parts


def test_fragments_in_a_row_are_joined_one_to_the_next() -> None:
    network, _ = joined("A-----B  H-I  J-K  X-Y", metres=100)
    assert network.counts["gaps_joined"] == 3
    assert not network.part.any()
    ways = network.streets[network.streets["highway"] == JOIN]
    assert sorted(ways["length_m"]) == [300, 300, 300]


def test_streets_that_touch_without_a_junction_are_joined_where_they_touch() -> None:
    nodes, streets = ascii_tables("A---B\n\nI---J", metres=100)
    crossing = [shapely.LineString([(0, 0), (400, 0)]), shapely.LineString([(200, -200), (200, 200)])]
    nodes[["x", "y"]] = [(0, 0), (400, 0), (200, -200), (200, 200)]
    streets = streets.assign(length_m=400.0).set_geometry(crossing, crs=streets.crs)
    network = RoadNetwork.from_streets(nodes, streets, flat_rules(60))
    assert not network.part.any()
    times = network.times_from([0])[0]
    assert (times < UNREACHABLE).all()
    assert network.streets.loc[network.streets["highway"] == JOIN, "along_ms"].tolist() == [1]


def test_nobody_is_joined_to_a_bridge_or_a_motorway() -> None:
    drawing = "A---B\n\nI---J"
    for change in ({"bridge": [True, False]}, {"highway": ["motorway", "residential"]}):
        network, told = joined(drawing, **change)  # type: ignore[arg-type]
        assert told == []
        assert network.counts["gaps_joined"] == 0


def test_joined_roads_do_not_depend_on_the_order_of_the_file() -> None:
    nodes, streets = ascii_tables("A---B---C\n|   |\nD---E  X--Y\n\nI---J", metres=100)
    one = RoadNetwork.from_streets(nodes, streets, flat_rules(60))
    other = RoadNetwork.from_streets(nodes, streets.iloc[::-1].reset_index(drop=True), flat_rules(60))
    for name in ("first_arc", "head", "travel_ms", "x", "y"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
