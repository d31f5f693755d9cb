"""Busy units before and after their work has moved, and the case in which opening a border hurts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from borderless.analysis.busy.busy_comparison import BusyComparison, busy_comparison, busy_sweep
from borderless.analysis.busy.hypercube import hypercube
from borderless.analysis.coverage import cover
from borderless.analysis.times import ResponseTimes
from borderless.study.policy import ALLIANCE, BORDERLESS, NAMED_SCENARIOS, SEPARATE, Scenario
from random_regions import FORCES, MINUTE, Drawn, what_ifs
from small_regions import RESPONSE, Place, Station, given_times, small_study

PEOPLE = {"Quiet": 1000, "Busy": 6000}
BUSY = {"Quiet": 0.1, "Busy": 0.6}


def neighbours() -> ResponseTimes:
    """Return two towns 15 minutes apart with one unit each, the one quiet, the other busy.

    Neither unit can be in time in the other town (15 minutes of driving, 3 of fixed times, 1 of hand-over).
    An open border helps nobody to be covered, but sends either unit across while the other is busy.
    """
    stations = [Station("q", "Quiet", 0, 1), Station("b", "Busy", 0, 1)]
    places = [Place("quiet", "Quiet", 0, PEOPLE["Quiet"]), Place("busy", "Busy", 0, PEOPLE["Busy"])]
    matrix = [[0, 15 * MINUTE], [15 * MINUTE, 0]]
    response = replace(RESPONSE, on_scene_s=86_400)
    return given_times(small_study(["Quiet", "Busy"], response=response), stations, places, matrix)


def row_of(found: BusyComparison, force: str) -> dict[str, float]:
    rows = found.by_force
    (row,) = rows[
        (rows["force"] == force) & (rows["measure"] == "population") & (rows["target"] == "standard")
    ].to_dict("records")
    return row


def test_opening_a_border_can_hurt_the_force_that_has_less_to_do() -> None:
    found = busy_comparison(neighbours(), [SEPARATE, BORDERLESS], BUSY)
    quiet, busy = row_of(found, "Quiet"), row_of(found, "Busy")
    # by the static count, and while units are as busy as before, nothing changes
    for row, fraction in ((quiet, 0.1), (busy, 0.6)):
        assert row["covered_before"] == row["covered"] == row["total"]
        assert row["expected_before"] == row["expected"] == pytest.approx((1 - fraction) * row["total"])
    # once work has moved, Quiet's unit is away 28 % of the time instead of 10 %
    exact = hypercube([0.1, 0.6], [[0, 1], [1, 0]], 1.0)
    assert exact.workload.round(4).tolist() == [0.2792, 0.4208]
    assert quiet["moved_before"] == pytest.approx(900)
    assert quiet["moved"] == pytest.approx(1000 * (1 - exact.workload[0]), rel=0.03)
    assert busy["moved_before"] == pytest.approx(2400)
    assert busy["moved"] == pytest.approx(6000 * (1 - exact.workload[1]), rel=0.03)
    assert found.losers["force"].tolist() == ["Quiet"]
    after = found.workloads.set_index("force")
    assert after["workload"].tolist() == pytest.approx(exact.workload.tolist(), abs=0.02)
    assert after["workload_before"].to_dict() == pytest.approx(BUSY, abs=1e-6)
    # but 18 % of all calls wait, instead of 10 % of Quiet's and 60 % of Busy's
    assert after["waits_before"].to_dict() == pytest.approx(BUSY, abs=1e-6)
    assert after["waits"].tolist() == pytest.approx([exact.waits] * 2, abs=0.01)


def test_the_exact_state_chances_of_the_counter_example_by_hand() -> None:
    # M/M/2 with 0.7 calls: none busy 0.65/1.35, one busy 0.7 times that, the rest at least two
    none = 0.65 / 1.35
    two = none * 0.7**2 / 2
    quiet_alone = (0.1 * none + two) / (0.7 + 1)
    waits = 1 - none - 0.7 * none
    exact = hypercube([0.1, 0.6], [[0, 1], [1, 0]], 1.0)
    assert exact.workload[0] == pytest.approx(quiet_alone + waits)
    assert exact.waits == pytest.approx(waits)


def test_whoever_is_within_reach_of_both_gains() -> None:
    times = neighbours()
    near = ResponseTimes(times.region, np.where(times.travel_ms > 0, 5 * MINUTE, 0).astype(np.int32))
    found = busy_comparison(near, [SEPARATE, BORDERLESS], BUSY)
    assert found.losers.empty == (row_of(found, "Quiet")["moved"] >= row_of(found, "Quiet")["moved_before"])
    assert row_of(found, "alliance")["moved"] > row_of(found, "alliance")["moved_before"]


@settings(max_examples=40)
@given(what_ifs())
def test_units_that_are_never_busy_change_nothing_but_static_coverage(asked: tuple[Drawn, Scenario]) -> None:
    drawn, _ = asked
    times = drawn.times()
    found = busy_comparison(times, [SEPARATE, BORDERLESS, ALLIANCE], dict.fromkeys(FORCES, 0.0))
    rows = found.by_force
    for suffix in ("", "_before"):
        for kind in ("expected", "moved"):
            assert rows[f"{kind}{suffix}"].tolist() == rows[f"covered{suffix}"].tolist()
    single = rows[rows["force"].isin(times.region.study.force_names) | (rows["force"] == "none")]
    added = single.groupby(["scenario", "measure", "target"])[["covered", "total"]].sum()
    everything = rows[rows["force"] == "all"].set_index(["scenario", "measure", "target"])
    assert added.to_dict() == everything[["covered", "total"]].to_dict()


def test_a_scenario_that_changes_nothing_changes_nothing() -> None:
    found = busy_comparison(neighbours(), [SEPARATE, replace(SEPARATE, name="same")], BUSY)
    rows = found.by_force
    for kind in ("covered", "expected", "moved"):
        assert rows[kind].tolist() == rows[f"{kind}_before"].tolist()
    assert found.losers.empty


def test_the_sweep_begins_with_static_coverage_and_falls() -> None:
    times = neighbours()
    sweep = busy_sweep(times, NAMED_SCENARIOS, (0.0, 0.3, 0.7))
    people = sweep[sweep["measure"] == "population"]
    people = people.set_index(["scenario", "force", "busy_fraction"]).sort_index()
    for scenario in NAMED_SCENARIOS:
        static = cover(times, scenario).table
        static = static[(static["target"] == "standard") & (static["measure"] == "population")]
        for force, covered in zip(static["force"], static["covered"], strict=True):
            assert people.loc[(scenario.name, force, 0.0), "expected"] == covered
    assert people.loc[("separate", "all"), "expected"].tolist() == pytest.approx([7000, 4900, 2100])
    assert people.loc[("separate", "alliance"), "total"].tolist() == [7000] * 3
