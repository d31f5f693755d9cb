"""What is drawn: every part of every range once, whatever else is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import two_counties
from borderless.analysis.robustness.ranges import Range, base_values, latin_hypercube, ranges_of, unheard
from borderless.region import Region
from borderless.study.ranges import UNCERTAIN


def one(key: str, low: float, high: float) -> Range:
    return Range(key, key, "s", low, low, high, 1.0)


def by_key(region: Region) -> dict[str, Range]:
    return {entry.key: entry for entry in ranges_of(region)}


@given(st.integers(1, 200), st.integers(0, 2**63), st.integers(1, 5))
def test_each_part_of_each_range_is_drawn_from_once(count: int, seed: int, settings: int) -> None:
    ranges = [one(f"s{i}", 10.0 * i, 10.0 * i + 1 + i) for i in range(settings)]
    values = latin_hypercube(ranges, count, seed)
    assert values.shape == (count, settings)
    for column, entry in zip(values.T, ranges, strict=True):
        share = (column - entry.low) / (entry.high - entry.low)
        assert sorted(np.floor(share * count + 1e-9).astype(int).tolist()) == list(range(count))


def test_a_draw_of_one_setting_depends_on_the_seed_and_on_no_other_setting() -> None:
    pair = [one("a", 0, 1), one("b", 0, 1)]
    values = latin_hypercube(pair, 50, 3)
    assert (values == latin_hypercube(pair, 50, 3)).all()
    assert (values[:, ::-1] == latin_hypercube(pair[::-1], 50, 3)).all()
    assert (values[:, :1] == latin_hypercube(pair[:1], 50, 3)).all()
    assert (values != latin_hypercube(pair, 50, 4)).all()
    # settings are drawn apart from each other
    assert abs(np.corrcoef(latin_hypercube(pair, 2000, 1), rowvar=False)[0, 1]) < 0.1


def test_what_is_taken_as_known_keeps_its_value() -> None:
    assert latin_hypercube([one("a", 7, 7)], 3, 1).tolist() == [[7.0]] * 3
    assert not one("a", 7, 7).varies


def test_a_range_is_the_likely_one_widened_to_the_studys_value_or_the_studys_own() -> None:
    region = two_counties.region()
    assert (by_key(region)["turnout_s"].low, by_key(region)["turnout_s"].high) == (0, 300)
    slow = two_counties.region(response=replace(two_counties.RESPONSE, turnout_s=400))
    assert (by_key(slow)["turnout_s"].low, by_key(slow)["turnout_s"].high) == (0, 400)
    own = replace(region, study=replace(region.study, ranges={"turnout_s": (70.0, 90.0)}))
    assert (by_key(own)["turnout_s"].low, by_key(own)["turnout_s"].high) == (70, 90)
    assert base_values(ranges_of(own)).tolist() == [entry.base for entry in ranges_of(region)]


def test_what_the_region_cannot_follow_is_left_out_and_told() -> None:
    region = two_counties.region()
    heard = set(by_key(region))
    assert heard | set(unheard(region)) == set(UNCERTAIN)
    assert not heard & set(unheard(region))
    # its streets have one class, and every place stands on a junction
    assert {f"factor_{name}" for name in region.network.speed_classes} <= heard
    assert "factor_motorway" in unheard(region)
    assert "access_speed_kmh" in unheard(region)
    apart = replace(region.demand_snap, access_ms=region.demand_snap.access_ms + 1)
    assert "access_speed_kmh" in by_key(replace(region, demand_snap=apart))
