"""Areas of responsibility tile the land, and each place goes to the station that is first at it."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import shapely

from borderless.analysis.isochrone.areas import find_reach, station_areas
from borderless.analysis.isochrone.territories import territories
from borderless.region import Region
from street_regions import drawn_region, random_streets, region_with_streets

MPH_OF_60_KMH = 60 / 1.609344
# two spacings of smoothing, and where borders of nearest streets run through a cell
NEAR_M = 200.0


def town(seed: int) -> Region:
    network = random_streets(seed)
    at = np.random.default_rng(seed).choice(network.node_count, 4, replace=False)
    return region_with_streets(network, list(zip(network.x[at], network.y[at], strict=True)))


@pytest.mark.parametrize("seed", range(4))
def test_shares_tile_the_land_and_follow_networkx(seed: int) -> None:
    region = town(seed)
    reach = find_reach(region, range(4), 7, "from", 400.0)
    areas = station_areas(reach, (7,))
    land = shapely.union_all([areas[row, 7] for row in range(4)])
    shares = territories(reach, range(4), land, 7)
    assert list(shares) == [0, 1, 2, 3]
    assert all(share.is_valid for share in shares.values())
    assert sum(share.area for share in shares.values()) == pytest.approx(land.area, rel=1e-9)
    assert shapely.union_all(list(shares.values())).area == pytest.approx(land.area, rel=1e-9)
    for share in shares.values():
        assert shapely.difference(share, land).area == pytest.approx(0, abs=1)
    graph = region.network.to_networkx()
    starts = [int(region.network.streets.at[s, "tail" if a == 0 else "head"]) for s, a in _ends(region)]
    ms = [nx.single_source_dijkstra_path_length(graph, n, weight="travel_ms") for n in starts]
    borders = shapely.union_all([share.boundary for share in shares.values()])
    checked = 0
    for node in range(region.network.node_count):
        times = [times.get(node, np.inf) for times in ms]
        point = shapely.Point(region.network.x[node], region.network.y[node])
        if min(times) <= 420_000 and point.distance(borders) > NEAR_M:
            assert shares[int(np.argmin(times))].covers(point)
            checked += 1
    assert checked > 8


def _ends(region: Region) -> list[tuple[int, float]]:
    return list(zip(region.station_snap.street.tolist(), region.station_snap.along_m.tolist(), strict=True))


def test_the_border_runs_where_both_take_as_long_and_ties_go_to_the_smaller_id() -> None:
    region = drawn_region("A--------------------B", [(0, 0), (20_000, 0)], mph=MPH_OF_60_KMH)
    reach = find_reach(region, range(2), 15, "from", 500.0)
    land = shapely.union_all(list(station_areas(reach, (15,)).values()))
    one, other = territories(reach, range(2), land, 15).values()
    assert one.bounds[2] == pytest.approx(10_000, abs=50)
    assert other.bounds[0] == pytest.approx(10_000, abs=50)
    at_one_spot = drawn_region("A--------------------B", [(0, 0), (0, 0)], mph=MPH_OF_60_KMH)
    reach = find_reach(at_one_spot, range(2), 15, "from", 500.0)
    land = station_areas(reach, (15,))[0, 15]
    one, other = territories(reach, range(2), land, 15).values()
    assert one.area == pytest.approx(land.area)
    assert other.is_empty
    assert other.geom_type == "MultiPolygon"


def test_one_station_has_all_and_none_has_nothing() -> None:
    region = drawn_region("A--B", [(0, 0), (3_000, 0)], mph=MPH_OF_60_KMH)
    reach = find_reach(region, range(2), 2, "from", 500.0)
    land = station_areas(reach, (2,))[1, 2]
    assert territories(reach, [1], land, 2) == {1: land}
    assert territories(reach, [], land, 2) == {}
    assert all(share.is_empty for share in territories(reach, [0, 1], shapely.MultiPolygon(), 2).values())


def test_stations_that_reach_no_street_share_the_ways_they_get() -> None:
    # both need more than a minute to the street
    region = drawn_region("A----------B", [(3_000, 400), (7_000, 400)], mph=MPH_OF_60_KMH)
    reach = find_reach(region, range(2), 1, "from", 500.0)
    areas = station_areas(reach, (1,))
    shares = territories(reach, range(2), shapely.union_all(list(areas.values())), 1)
    for row in range(2):
        assert shares[row].area == pytest.approx(areas[row, 1].area)
