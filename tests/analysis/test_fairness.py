"""Fairness against brute force: every pair of people, and everybody in a row."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import two_counties
from borderless.analysis.coverage import cover
from borderless.analysis.fairness import fairness_table, gap_table, gini, worst_tenth
from borderless.analysis.times import ResponseTimes, response_times
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import BORDERLESS, SEPARATE
from random_regions import Drawn, regions
from small_regions import Place, Station, given_times, small_study
from two_counties import MINUTE

FAR = int(UNREACHABLE)
waits = st.lists(
    st.tuples(st.sampled_from([0, 1, 2, 7, 60_000, 61_000, 4_000_000, FAR]), st.integers(0, 12)), max_size=9
)


def arrays(rows: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return table[:, 0].astype(np.int32), table[:, 1]


@pytest.fixture(scope="module")
def times() -> ResponseTimes:
    return response_times(two_counties.region())


def test_gini_of_three_places_by_hand() -> None:
    # 1 person waits 1 minute, 1 waits 2, 2 wait 5: all pairs differ by 2 (1 + 2 x 4 + 2 x 3) = 30 in sum,
    # and the mean is 13/4, so 30 / (2 x 16 x 13/4)
    assert gini(*arrays([(1, 1), (2, 1), (5, 2)])) == pytest.approx(30 / 104)


@given(waits)
def test_gini_is_the_mean_difference_over_every_pair(rows: list[tuple[int, int]]) -> None:
    reached = [(t, w) for t, w in rows if t != FAR]
    total = sum(w for _, w in reached)
    found = gini(*arrays(rows))
    if not total:
        assert np.isnan(found)
        return
    differences = sum(a * b * abs(s - t) for s, a in reached for t, b in reached)
    waited = sum(t * w for t, w in reached)
    assert found == pytest.approx(
        float(Fraction(differences, 2 * total * waited)) if waited else 0.0, abs=1e-12
    )


@given(waits, st.integers(2, 9))
def test_gini_knows_neither_the_unit_nor_the_number_nor_the_order(
    rows: list[tuple[int, int]], by: int
) -> None:
    found = gini(*arrays(rows))
    more = [(t if t == FAR else by * t, by * w) for t, w in rows[::-1]]
    assert gini(*arrays(more)) == pytest.approx(found, abs=1e-12, nan_ok=True)


@given(waits)
def test_the_tenth_is_the_end_of_everybody_in_a_row(rows: list[tuple[int, int]]) -> None:
    # Ten tenths of each person, in the order of waiting: as many as there are people are the tenth.
    row = sorted(t for t, w in rows for _ in range(10 * w))
    tenth = row[len(row) - len(row) // 10 :]
    reached = [t for t in tenth if t != FAR]
    found = worst_tenth(*arrays(rows))
    assert found.unreachable == sum(w for t, w in rows if t == FAR)
    if reached:
        assert found.mean_ms == pytest.approx(float(Fraction(sum(reached), len(reached))))
        assert found.from_ms == reached[0]
    else:
        assert np.isnan(found.mean_ms)
        assert found.from_ms is None


def test_two_counties_before_and_after(times: ResponseTimes) -> None:
    table = fairness_table([cover(times, SEPARATE), cover(times, BORDERLESS)])
    people = table[table["measure"] == "population"].set_index(["scenario", "force"])
    before, after = people.loc[("separate", "West")], people.loc[("borderless", "West")]
    # A tenth of 15 people are 1.5: of the 8 in D at 17 minutes; then of the 6 in B and C at 10.
    assert (before["tenth_mean_ms"], before["tenth_from_ms"]) == (17 * MINUTE, 17 * MINUTE)
    assert (after["tenth_mean_ms"], after["tenth_from_ms"]) == (10 * MINUTE, 10 * MINUTE)
    # A, B and D are towns: 3 of 11 people in time before, all after; C was in time
    assert (before["urban_covered"], before["urban_total"], after["urban_covered"]) == (3, 11, 11)
    assert before["urban_share"] == pytest.approx(3 / 11)
    assert (before["rural_covered"], before["rural_total"], after["rural_share"]) == (4, 4, 1)
    # A 3, B 10, C 15, D 17 minutes for 1, 2, 4, 8 people
    minutes = {3: 1, 10: 2, 15: 4, 17: 8}
    pairs = sum(a * b * abs(s - t) for s, a in minutes.items() for t, b in minutes.items())
    assert before["gini"] == pytest.approx(pairs / (2 * 15 * (3 + 20 + 60 + 136)))
    assert people.loc["separate"].index.tolist() == ["West", "East", "North", "alliance", "all"]
    assert people.loc[("separate", "alliance"), "total"] == 255


def test_the_gap_between_the_partners_closes(times: ResponseTimes) -> None:
    gap = gap_table([cover(times, SEPARATE), cover(times, BORDERLESS)])
    people = gap[gap["measure"] == "population"].set_index("scenario")
    assert people.loc["separate", ["best", "worst"]].tolist() == ["East", "West"]
    assert people.loc["separate", "gap"] == pytest.approx(1 - 7 / 15)
    # North, outside, is not asked
    assert people.loc["borderless", ["best_share", "worst_share", "gap"]].tolist() == [1, 1, 0]


def test_people_out_of_reach_are_counted_and_not_averaged() -> None:
    places = [Place("near", "P", 0, 90), Place("far", "P", 0, 8), Place("island", "P", 0, 2)]
    times = given_times(small_study(("P",)), [Station("p", "P", 0)], places, [[0, 7 * MINUTE, FAR]])
    table = fairness_table([cover(times, SEPARATE)])
    row = table[(table["measure"] == "population") & (table["force"] == "P")].iloc[0]
    assert (row["unreachable"], row["tenth_mean_ms"]) == (2, 10 * MINUTE)
    assert row["gini"] == pytest.approx(90 * 8 * 2 * 7 / (2 * 98 * (90 * 3 + 8 * 10)))


def test_where_nobody_can_be_reached_figures_are_missing() -> None:
    times = given_times(small_study(("P", "Q")), [Station("p", "P", 0)], [Place("x", "P", 0, 3)], [[FAR]])
    coverage = cover(times, SEPARATE)
    table = fairness_table([coverage])
    people = table[table["measure"] == "population"].set_index("force")
    assert people.loc["P", "unreachable"] == 3
    assert people.loc["P", ["tenth_mean_ms", "tenth_from_ms", "gini"]].isna().all()
    # Q has no place: no share, and it is neither best nor worst
    assert people.loc["Q", ["rural_share", "urban_share"]].isna().all()
    gap = gap_table([coverage]).iloc[0]
    assert (gap["best"], gap["worst"], gap["gap"]) == ("P", "P", 0)


def test_only_partners_with_people_are_best_or_worst() -> None:
    study = small_study(("P",), ("Q",))
    places = [Place("x", "P", 0, 0), Place("y", "Q", 0, 5)]
    times = given_times(study, [Station("p", "P", 0)], places, [[0, 0]])
    nobody, ground, _ = gap_table([cover(times, SEPARATE)]).to_dict("records")
    assert (nobody["best"], nobody["worst"], np.isnan(nobody["gap"])) == ("", "", True)
    # P's only place is in time, outside Q nobody comes
    assert (ground["best"], ground["worst"], ground["worst_share"]) == ("P", "P", 1)


@settings(max_examples=60, deadline=None)
@given(regions())
def test_opening_borders_without_delay_makes_no_tenth_wait_longer(drawn: Drawn) -> None:
    times = drawn.without_delay().times()
    before, after = (fairness_table([cover(times, scenario)]) for scenario in (SEPARATE, BORDERLESS))
    assert (after["unreachable"] <= before["unreachable"]).all()
    alike = (after["unreachable"] == before["unreachable"]) & before["tenth_from_ms"].notna()
    assert (after["tenth_from_ms"] <= before["tenth_from_ms"])[alike].all()
    assert (after["tenth_mean_ms"] <= before["tenth_mean_ms"] * (1 + 1e-12))[alike].all()
    for kind in ("rural", "urban"):
        assert (after[f"{kind}_covered"] >= before[f"{kind}_covered"]).all()
        assert (after[f"{kind}_total"] == before[f"{kind}_total"]).all()
