"""What is told of busy units: hand-worked on the two counties, in words, values and tables."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

import two_counties
from borderless.analysis.busy.busy_comparison import (
    BusyComparison,
    busy_comparison,
    busy_sweep,
    stated_fractions,
)
from borderless.analysis.times import response_times
from borderless.report.answers.busy import busy_answer, busy_said, headline
from borderless.study.policy import BORDERLESS, NAMED_SCENARIOS, SEPARATE
from small_regions import RESPONSE

TIMES = response_times(two_counties.region())
THIRD = {"West": 0.3, "East": 0.3, "North": 0.3}


@pytest.fixture(scope="module")
def found() -> BusyComparison:
    return busy_comparison(TIMES, NAMED_SCENARIOS, THIRD)


def test_the_two_counties_by_hand_at_fixed_workloads(found: BusyComparison) -> None:
    # A, B and C have W1's two units: 7 people at 1 - 0.09; D is too far from them. East has one unit for 240.
    west = headline(found, "borderless", "West")
    assert west["expected_before"] == pytest.approx(7 * 0.91)
    # A as before; B and C have three units; D has E1 first, and W1's units are too late
    assert west["expected"] == pytest.approx(1 * 0.91 + 6 * 0.973 + 8 * 0.7)
    assert (west["covered_before"], west["covered"]) == (7, 15)
    east = headline(found, "borderless", "East")
    assert east["expected"] == east["expected_before"] == pytest.approx(240 * 0.7)


def test_everything_is_plain_json_and_the_table_fits(found: BusyComparison) -> None:
    answer = busy_answer(found, busy_sweep(TIMES, NAMED_SCENARIOS))
    values = json.loads(json.dumps(answer.values, allow_nan=False))
    assert (values["schema"], values["baseline"], values["assumed"]) == (1, "separate", False)
    assert values["busy_fraction"] == THIRD
    assert len(values["sweep"]) == 15 * 4 * 5 * 3
    area = [row for row in values["by_force"] if row["measure"] == "area_km2" and row["force"] == "West"]
    assert {row["total"] for row in area} == {4.0}
    assert list(answer.tables) == ["busy_by_force", "busy_workloads", "busy_dispatch", "busy_sweep"]
    out = io.StringIO()
    console = Console(file=out, width=80)
    for part in answer.printed:
        console.print(part)
    assert max(map(len, out.getvalue().splitlines())) <= 80
    assert all(force in out.getvalue() for force in ("West", "East", "The alliance", "North"))
    assert "…" not in out.getvalue()


def test_what_is_assumed_and_what_reaches_only_so_far_is_said() -> None:
    study = TIMES.region.study
    busy, assumed = stated_fractions(study)
    assert (busy, assumed) == (THIRD, True)
    sweep = busy_sweep(TIMES, [SEPARATE, BORDERLESS])
    said = busy_said(busy_comparison(TIMES, [SEPARATE, BORDERLESS], busy, assumed=assumed), sweep)
    assert said[0] == "Assumed, since the study says nothing: units are busy 30 % of the time."
    assert said[1].startswith("Borderless response: +8 people within the standard while units are always")
    assert "North: only as far as the data reach" in said[-1]
    given = replace(study, response=replace(RESPONSE, busy_fraction=0.1), busy_given={"West": (0.5,) * 24})
    assert stated_fractions(given, 3) == ({"West": 0.5, "East": 0.1, "North": 0.1}, False)


def test_who_loses_is_named() -> None:
    # East's one unit is at work for most of the time, and West's go to help it far from home
    found = busy_comparison(TIMES, [SEPARATE, BORDERLESS], {"West": 0.05, "East": 0.9, "North": 0.3})
    said = " ".join(busy_said(found, busy_sweep(TIMES, [SEPARATE, BORDERLESS])))
    losers = found.losers["force"].tolist()
    for force in losers:
        assert f"Under “Borderless response” {force}" in said
    assert ("No force is reached less often" in said) == (not losers)
    # the mark of a moved load: West works more than it said it would
    after = found.workloads.set_index("force")["workload"]
    assert after["West"] > 0.2
    assert after["East"] < 0.9
