"""Streets cut at stations, and how far along them a time takes one."""

from __future__ import annotations

import numpy as np
import pytest

from borderless.analysis.isochrone.stretches import Stretches, build_stretches, place_times, reached_shares
from borderless.roads.network import UNREACHABLE
from street_regions import drawn_region, random_streets, region_with_streets, times_on_fine_streets

KMH_60 = 60 / 1.609344  # mph


def one_stretch(along_ms: int, against_ms: int) -> Stretches:
    (zero, one) = np.array([0]), np.array([1])
    ms = np.array([along_ms]), np.array([against_ms])
    return Stretches(zero, zero, one, *ms, np.ones(1), np.ones(1, bool), np.array([None]))


@pytest.mark.parametrize(
    ("along", "against", "tail", "head", "expected"),
    [
        (100, 100, 970, 980, (0.3, 0.8)),  # from both ends, with a gap between
        (100, 100, 1000, 1001, (0.0, 2.0)),  # the tail alone, exactly in time
        (100, 100, 1001, 1001, None),
        (100, 100, 900, 1000, (1.0, 1.0)),  # through, and out at the head
        (100, 100, 940, 940, (0.5, 0.5)),  # from both ends, meeting in the middle
        (100, 100, 920, 950, (0.65, 0.65)),  # meeting nearer to the later end
        (100, 300, 900, 950, (0.875, 0.875)),  # slower one way than the other
        (100, -1, 950, 960, (0.5, 1.0)),  # one-way: from its head nobody comes
        (100, -1, 800, 810, (1.0, 1.0)),
        (-1, 100, 950, 960, (0.0, 0.6)),
        (-1, 100, 800, 810, (0.0, 0.0)),
        (100, 300, 950, int(UNREACHABLE), (0.5, 2.0)),
        (0, 0, 1000, 1000, (0.0, 0.0)),  # two stations at one spot
    ],
)
def test_a_stretch_is_cut_where_the_time_is_up(
    along: int, against: int, tail: int, head: int, expected: tuple[float, float] | None
) -> None:
    times = np.array([tail, head], dtype=np.int32)
    touched, low, high = reached_shares(one_stretch(along, against), times, 1000)
    assert len(touched) == (0 if expected is None else 1)
    if expected is not None:
        assert (low[0], high[0]) == pytest.approx(expected, abs=1e-12)


def test_streets_are_cut_at_the_stations_on_them_and_add_up() -> None:
    region = drawn_region("A----------B", [(2_500, 0), (7_500, 300), (0, 0)], mph=KMH_60)
    stretches = build_stretches(region)
    n = region.network.node_count
    ends = sorted(zip(stretches.tail.tolist(), stretches.head.tolist(), strict=True))
    assert ends == [(0, n), (n, n + 1), (n + 1, 1)]
    assert stretches.street.tolist() == [0, 0, 0]
    assert sorted(stretches.along_ms.tolist()) == [150_000, 210_000, 300_000]
    assert stretches.along_ms.sum() == stretches.against_ms.sum() == 660_000
    assert [line.length for line in stretches.line] == pytest.approx(stretches.length_m.tolist())


def test_turned_stretches_are_driven_the_other_way() -> None:
    stretches = build_stretches(drawn_region("A--->B", [(0, 0)]))
    assert stretches.against_ms.tolist() == [-1]
    assert stretches.turned.along_ms.tolist() == [-1]
    assert stretches.turned.against_ms.tolist() == stretches.along_ms.tolist()


@pytest.mark.parametrize("to", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_times_at_nodes_and_stations_are_those_of_networkx(seed: int, to: bool) -> None:
    network = random_streets(seed)
    rng = np.random.default_rng(seed)
    picked = rng.choice(len(network.streets), 3, replace=False)
    lines = network.streets.geometry.to_numpy()[picked]
    at = [
        line.interpolate(share, normalized=True) for line, share in zip(lines, (0.25, 0.5, 0.75), strict=True)
    ]
    region = region_with_streets(network, [(p.x, p.y) for p in at] + [(network.x[3], network.y[3])])
    times = place_times(region, range(4), 3600.0, "to" if to else "from")
    graphs = times_on_fine_streets(region, 1000, to=to)
    for row, graph in enumerate(graphs):
        expected = [graph.nodes[n].get("ms", int(UNREACHABLE)) for n in range(network.node_count)]
        assert times[row, : network.node_count].tolist() == expected
        assert times[row, network.node_count + row] == region.station_snap.access_ms[row]
    for row, other in ((0, 1), (1, 2), (2, 0)):
        ends = network.streets.iloc[picked[other]]
        steps = max(ends["along_ms"], ends["against_ms"]) // 1000
        spot = (int(picked[other]), round(steps * (0.25, 0.5, 0.75)[other]))
        expected_ms = graphs[row].nodes[spot].get("ms", int(UNREACHABLE))
        assert times[row, network.node_count + other] == expected_ms
