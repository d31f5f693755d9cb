"""What is concluded from each draw: words, counts and percentiles, worked out by hand on two counties."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import two_counties
from borderless.analysis.compare import PARTNERS
from borderless.analysis.robustness.bench import Bench, Outcome, bench_of
from borderless.analysis.robustness.conclusions import (
    NOBODY,
    conclusions_frame,
    intervals_frame,
    verdicts,
    whole,
)
from borderless.analysis.robustness.ranges import base_values, ranges_of
from borderless.analysis.times import response_times

# as in the study, all in time without the alliance, and half the speed: see test_bench
WORLDS = ({}, {"turnout_s": 0.0, "call_handling_s": 60.0}, {"blue_light_factor": 0.5})


@pytest.fixture(scope="module")
def bench() -> Bench:
    region = two_counties.region()
    return bench_of(response_times(region), ranges_of(region))


def joined(found: list[Outcome]) -> Outcome:
    return Outcome(*(np.stack([getattr(one, field.name) for one in found]) for field in fields(Outcome)))


@pytest.fixture(scope="module")
def drawn(bench: Bench) -> Outcome:
    rows = [[world.get(one.key, one.base) for one in bench.ranges] for world in WORLDS]
    return joined([bench(np.array(row)) for row in rows])


@pytest.fixture(scope="module")
def frame(bench: Bench, drawn: Outcome) -> pd.DataFrame:
    return conclusions_frame(bench, bench(base_values(bench.ranges)), drawn)


def the_row(frame: pd.DataFrame, **named: str) -> pd.Series:
    chosen = frame
    for name, value in {"measure": "population", "target": "standard", **named}.items():
        chosen = chosen[chosen[name] == value]
    (number,) = chosen.index
    return frame.loc[number]


def test_a_gain_is_counted_in_every_draw(frame: pd.DataFrame) -> None:
    row = the_row(frame, kind="gain", scenario="borderless", force="West")
    # 15 - 7 in the study, 15 - 15 when all is quicker, 13 - 1 at half the speed
    assert (row["verdict"], row["agree"], row["draws"], row["otherwise"]) == ("more", 2, 3, "the same")
    assert row[["fewer", "same", "more"]].tolist() == [0, 1, 2]
    assert row[[f"difference{end}" for end in ("", "_min", "_p5", "_p50", "_p95", "_max")]].tolist() == [
        *(8, 0, 0, 8, 12, 12)
    ]
    assert type(row["difference_max"]) is int
    east = the_row(frame, kind="gain", scenario="borderless", force="East")
    assert (east["verdict"], east["agree"], east["otherwise"]) == ("the same", 3, "")


def test_scenarios_are_ranked_in_every_draw(frame: pd.DataFrame) -> None:
    row = the_row(frame, kind="ranking")
    assert row["verdict"] == "borderless = shared_stations = alliance > separate"
    assert row["otherwise"] == "separate = borderless = shared_stations = alliance"
    assert (row["agree"], row["difference"]) == (2, None)
    pair = the_row(frame, kind="order", scenario="borderless", other="alliance")
    assert (pair["verdict"], pair["agree"]) == ("the same", 3)


def test_who_gains_most_and_by_which_lever(frame: pd.DataFrame) -> None:
    most = the_row(frame, kind="most", scenario="alliance")
    assert (most["verdict"], most["agree"], most["otherwise"]) == ("West", 2, NOBODY)
    lever = the_row(frame, kind="lever")
    assert (lever["verdict"], lever["agree"]) == (NOBODY, 3)


def test_the_headline_is_the_first_measure_within_the_standard(bench: Bench, drawn: Outcome) -> None:
    every = {entry.about for entry in verdicts(bench, drawn)}
    headline = {entry.about for entry in verdicts(bench, drawn, headline=True)}
    first = {about for about in every if (about.measure, about.target) == ("population", "standard")}
    assert headline == first
    assert len(every) == len(list(verdicts(bench, drawn)))


def test_intervals_hold_what_the_draws_cover(bench: Bench, drawn: Outcome) -> None:
    frame = intervals_frame(bench, bench(base_values(bench.ranges)), drawn)
    row = the_row(frame, scenario="separate", force="West", count="covered")
    assert row[["base", "min", "p5", "p50", "p95", "max", "total"]].tolist() == [7, 1, 1, 7, 15, 15, 15]
    partners = the_row(frame, scenario="alliance", force=PARTNERS, count="expected")
    # units are never busy in these three
    assert partners[["min", "p50", "max"]].tolist() == [125, 255, 255]


@settings(max_examples=15)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=60), st.integers(-5, 5))
def test_percentiles_and_counts_are_those_of_the_sorted_draws(gains: list[int], base: int) -> None:
    region = two_counties.region()
    bench = bench_of(response_times(region), ranges_of(region))
    one = bench(base_values(bench.ranges))
    g = bench.groups.index("West")
    drawn = joined([one] * len(gains))
    drawn.covered[:, 1, g, 0, 0] = drawn.covered[:, 0, g, 0, 0] + gains
    one.covered[1, g, 0, 0] = one.covered[0, g, 0, 0] + base
    row = the_row(conclusions_frame(bench, one, drawn), kind="gain", scenario="borderless", force="West")
    ordered = sorted(gains)
    at = {percent: ordered[max(1, math.ceil(percent * len(gains) / 100)) - 1] for percent in (5, 50, 95)}
    assert row["difference"] == base
    assert [row["difference_min"], row["difference_max"]] == [min(gains), max(gains)]
    assert [row["difference_p5"], row["difference_p50"], row["difference_p95"]] == list(at.values())
    signs = [sum(gain < 0 for gain in gains), gains.count(0), sum(gain > 0 for gain in gains)]
    assert row[["fewer", "same", "more"]].tolist() == signs
    assert row["agree"] == signs[1 + (base > 0) - (base < 0)]


def test_one_draw_is_many(bench: Bench) -> None:
    base = bench(base_values(bench.ranges))
    assert whole(base).covered.shape == (1, *base.covered.shape)
    frame = conclusions_frame(bench, base, whole(base))
    assert (frame["agree"] == 1).all()
    assert (frame["otherwise"] == "").all()
