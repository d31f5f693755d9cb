"""Pieces of road are cut where the time is up: their lengths are those of streets in steps of a second."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from borderless.analysis.isochrone.areas import find_reach
from borderless.analysis.isochrone.pieces import reached_lines
from borderless.region import Region
from street_regions import drawn_region, random_streets, region_with_streets, times_on_fine_streets

STEP_MS = 1000
MPH_OF_60_KMH = 60 / 1.609344


def town(seed: int) -> Region:
    network = random_streets(seed)
    lines = network.streets.geometry.to_numpy()
    at = [lines[k].interpolate(0.25, normalized=True) for k in (2, 11, 29)]
    return region_with_streets(network, [(p.x, p.y) for p in at])


def brute_force(region: Region, cutoff_ms: int, *, to: bool) -> list[dict[tuple[int, float], float]]:
    """Return for each station the steps of streets that are driven within a cutoff, with their lengths."""
    found = []
    for graph in times_on_fine_streets(region, STEP_MS, to=to):
        steps = {}
        for u, v, edge in graph.edges(data=True):
            start = graph.nodes[v if to else u].get("ms", np.inf)
            if start + STEP_MS <= cutoff_ms:
                steps[edge["street"], edge["share"][0]] = edge["length_m"]
        found.append(steps)
    return found


@pytest.mark.parametrize("direction", ["from", "to"])
@pytest.mark.parametrize("seed", range(3))
def test_the_road_within_a_time_is_as_long_as_its_steps(seed: int, direction: str) -> None:
    region = town(seed)
    reach = find_reach(region, range(3), 10, direction, 500.0)
    for minutes in (1, 3, 10):
        steps = brute_force(region, 60_000 * minutes, to=direction == "to")
        for row in range(3):
            (lines,) = reached_lines(reach, [row], 60_000 * minutes).values()
            assert lines.length == pytest.approx(sum(steps[row].values()))
        joined = {key: length for each in steps for key, length in each.items()}
        every = reached_lines(reach, range(3), 60_000 * minutes)
        assert sum(lines.length for lines in every.values()) == pytest.approx(sum(joined.values()))


@pytest.mark.parametrize("seed", range(3))
def test_rings_of_road_add_up_and_do_not_meet(seed: int) -> None:
    reach = find_reach(town(seed), range(3), 9, "from", 500.0)
    parts = [reached_lines(reach, [1], 60_000 * m, 60_000 * (m - 3))[1] for m in (3, 6, 9)]
    whole = reached_lines(reach, [1], 540_000)[1]
    assert sum(part.length for part in parts) == pytest.approx(whole.length)
    for one, other in ((0, 1), (1, 2), (0, 2)):
        assert shapely.intersection(parts[one], parts[other]).length == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_split_road_goes_to_the_station_that_is_first_on_it(seed: int) -> None:
    region = town(seed)
    reach = find_reach(region, range(3), 10, "from", 500.0)
    shares = reached_lines(reach, range(3), 600_000, split=True)
    together = reached_lines(reach, range(3), 600_000)
    assert sum(s.length for s in shares.values()) == pytest.approx(sum(t.length for t in together.values()))
    graphs = times_on_fine_streets(region, STEP_MS)
    expected = dict.fromkeys(range(3), 0.0)
    seen = set()
    for u, v, edge in graphs[0].edges(data=True):
        key = edge["street"], edge["share"][0]
        if key in seen:
            continue
        seen.add(key)
        middle = []
        for graph in graphs:
            ways = [graph.nodes[u].get("ms", np.inf)]
            ways += [graph.nodes[v].get("ms", np.inf)] if graph.has_edge(v, u) else []
            middle.append(min(ways))
        if min(middle) + STEP_MS <= 600_000:
            expected[int(np.argmin(middle))] += edge["length_m"]
    for row in range(3):
        # where two stations meet within a step, it counts for one of them
        assert shares[row].length == pytest.approx(expected[row], rel=0.02, abs=150)


def test_a_street_reached_from_both_ends_has_a_gap() -> None:
    region = drawn_region("A----B----------C----D", [(0, 0), (21_000, 0)], mph=MPH_OF_60_KMH)
    reach = find_reach(region, range(2), 8, "from", 500.0)
    lines = reached_lines(reach, range(2), 480_000)[0]
    assert lines.length == pytest.approx(16_000)
    spots = shapely.points([7_900, 8_100, 12_900, 13_100], 0)
    assert shapely.distance(lines, spots).round(3).tolist() == [0, 100, 100, 0]


def test_the_way_to_the_street_is_part_of_the_road() -> None:
    # 400 m at 20 km/h take 72 s
    region = drawn_region("A----------B", [(5_000, 400)], mph=MPH_OF_60_KMH)
    reach = find_reach(region, [0], 2, "from", 500.0)
    assert reached_lines(reach, [0], 60_000)[0].length == pytest.approx(400 / 72 * 60, rel=1e-4)
    assert reached_lines(reach, [0], 120_000)[0].length == pytest.approx(400 + 2 * 800, rel=1e-4)
    ring = reached_lines(reach, [0], 120_000, 60_000)[0]
    assert ring.length == pytest.approx(400 / 72 * 12 + 2 * 800, rel=1e-4)


def test_where_it_is_even_the_smaller_row_has_the_road() -> None:
    region = drawn_region("A----------B", [(5_000, 0), (5_000, 0)], mph=MPH_OF_60_KMH)
    one, other = reached_lines(
        find_reach(region, range(2), 2, "from", 500.0), [1, 0], 120_000, split=True
    ).values()
    assert one.length == pytest.approx(4_000)
    assert other.is_empty


def test_no_stations_reach_no_road() -> None:
    reach = find_reach(drawn_region("A-B", [(0, 0)]), [0], 1, "from", 500.0)
    assert reached_lines(reach, [], 60_000) == {}
