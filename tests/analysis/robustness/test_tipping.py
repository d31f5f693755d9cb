"""Tipping values: on one side of each the verdict is the study's, on the other it is not."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import two_counties
from borderless.analysis.robustness.bench import Bench, Outcome, bench_of
from borderless.analysis.robustness.conclusions import Conclusion, verdicts, whole
from borderless.analysis.robustness.outcomes import outcomes
from borderless.analysis.robustness.ranges import Range, base_values, latin_hypercube, ranges_of
from borderless.analysis.robustness.tipping import stepped, steps, tipping_frame
from borderless.analysis.times import response_times
from borderless.region import Region
from random_regions import Drawn, regions


def tipped(region: Region, draws: int = 40) -> tuple[Bench, pd.DataFrame, list[int]]:
    """Return the tipping values, and how many rows were asked for each time."""
    bench = bench_of(response_times(region), ranges_of(region))
    base = bench(base_values(bench.ranges))
    drawn = outcomes(bench, latin_hypercube(bench.ranges, draws, 1))
    asked: list[int] = []

    def ask(values: np.ndarray) -> Outcome:
        asked.append(len(values))
        return outcomes(bench, values)

    return bench, tipping_frame(bench, base, drawn, ask), asked


def verdict_at(bench: Bench, row: dict[str, object], value: float) -> str:
    values = base_values(bench.ranges)
    values[[one.key for one in bench.ranges].index(str(row["setting"]))] = value
    about = Conclusion(*(str(row[name]) for name in Conclusion.__dataclass_fields__))
    found = {
        entry.about: str(entry.said[0]) for entry in verdicts(bench, whole(bench(values)), headline=True)
    }
    return found[about]


@settings(max_examples=15)
@given(regions())
def test_both_sides_of_a_tipping_value_say_so(drawn: Drawn) -> None:
    bench, frame, _ = tipped(drawn.region(), draws=12)
    ranges = {one.key: one for one in bench.ranges}
    for row in frame.to_dict("records"):
        one = ranges[row["setting"]]
        assert verdict_at(bench, row, one.base) == row["verdict"]
        for side, sign, far in (("below", -1, steps(one)[0]), ("above", 1, steps(one)[1])):
            value = row[side]
            if math.isnan(value):
                assert row[f"verdict_{side}"] == ""
                assert verdict_at(bench, row, stepped(one, far)) == row["verdict"]
                continue
            assert one.low <= value <= one.high
            assert verdict_at(bench, row, value) == row[f"verdict_{side}"] != row["verdict"]
            assert verdict_at(bench, row, round(value - sign * one.step, 9)) == row["verdict"]


def test_two_counties_tip_where_the_hand_says() -> None:
    bench, frame, asked = tipped(two_counties.region())
    chosen = frame[
        (frame["kind"] == "gain") & (frame["scenario"] == "borderless") & (frame["force"] == "West")
    ]
    rows = chosen.set_index("setting")
    # D is 14 minutes from W1 and has 15 with 3 of them gone: quicker by 14/12 = 1.167 it needs no neighbour
    assert rows.loc["blue_light_factor", "above"] == 1.17
    assert rows.loc["blue_light_factor", "verdict_above"] == "the same"
    # whatever else changes alone, D stays out of reach of W1 and within reach of E1
    others = rows.drop(index=["blue_light_factor", *(key for key in rows.index if key.startswith("factor_"))])
    assert others[["below", "above"]].isna().all(axis=None)
    # the conclusions share what is asked, so that there are few rounds
    assert len(asked) <= 10
    assert {one.key for one in bench.ranges} == set(rows.index)


def test_what_holds_in_every_draw_is_not_looked_at() -> None:
    _, frame, _ = tipped(two_counties.region())
    assert not ((frame["kind"] == "gain") & (frame["force"] == "North")).any()
    still = two_counties.region()
    known = {one.key: (one.base, one.base) for one in ranges_of(still)}
    _, none, asked = tipped(replace(still, study=replace(still.study, ranges=known)))
    assert none.empty
    assert asked == []


@pytest.mark.parametrize(
    ("base", "low", "high", "expected"),
    [(60, 0, 300, (-60, 240)), (60, 60, 60, (0, 0)), (400, 0, 300, (-400, 0)), (1.25, 1.0, 1.45, (-25, 20))],
)
def test_steps_are_whole_and_stay_in_the_range(
    base: float, low: float, high: float, expected: tuple[int, int]
) -> None:
    step = 0.01 if base < 2 else 1.0
    one = Range("k", "k", "s", base, low, high, step)
    assert steps(one) == expected
    assert stepped(one, expected[0]) == (low if low <= base else base)
