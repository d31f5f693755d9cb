"""Border policies: the whole matrix, the delay as it counts, what rules gain; by hand and at random."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

import two_counties
from borderless.analysis.compare import compare
from borderless.analysis.coverage import cover
from borderless.analysis.policy import aid_sweep, border_policy, policy_table, preset_gains
from borderless.analysis.times import ResponseTimes, response_times
from borderless.study.policy import (
    ALLIANCE,
    BORDERLESS,
    PRESETS,
    SEPARATE,
    BorderPolicy,
    BorderRule,
    CapabilityPolicy,
    Scenario,
)
from random_regions import Drawn, what_ifs

repeat = settings(max_examples=40)


@pytest.fixture(scope="module")
def times() -> ResponseTimes:
    return response_times(two_counties.region())


def test_the_matrix_names_every_ordered_pair_with_its_delay(times: ResponseTimes) -> None:
    pairs = {("North", "West"): BorderRule("if_faster", 90, 30), ("West", "East"): BorderRule.CLOSED}
    scenario = Scenario("s", "S", "", BorderPolicy(BorderRule.CLOSEST, pairs))
    table = policy_table(times.region.study, scenario)
    assert table.columns.tolist() == ["responder", "force", "rule", "min_gain_s", "delay_s", "capability"]
    rows = {tuple(row[:2]): tuple(row[2:]) for row in table.to_numpy().tolist()}
    assert rows.pop(("East", "West")) == ("closest", 0, 60.0, "response")
    assert rows.pop(("North", "West")) == ("if_faster", 90, 30.0, "response")
    assert set(rows) == {("West", "East"), ("West", "North"), ("East", "North"), ("North", "East")}
    assert {(rule, gain) for rule, gain, _, _ in rows.values()} == {("closed", 0)}
    assert all(np.isnan(delay) for _, _, delay, _ in rows.values())


def test_one_room_takes_the_delay_away_between_partners_only(times: ResponseTimes) -> None:
    pairs = {("North", "West"): BorderRule("closest", 0, 30), ("East", "West"): BorderRule("closest", 0, 45)}
    one_room = replace(ALLIANCE, borders=BorderPolicy(BorderRule.CLOSEST, pairs))
    table = policy_table(times.region.study, one_room).set_index(["responder", "force"])["delay_s"]
    assert (table["East", "West"], table["North", "West"]) == (0.0, 30.0)


def test_a_capability_with_a_policy_of_its_own_has_a_block_of_its_own(times: ResponseTimes) -> None:
    own = CapabilityPolicy(BorderPolicy(BorderRule.CLOSEST), "shared")
    table = policy_table(times.region.study, replace(SEPARATE, capabilities={"dogs": own}))
    assert table["capability"].unique().tolist() == ["response", "dogs"]
    assert len(table) == 12
    crossing = table[table["rule"] == "closest"]
    assert crossing[["responder", "force", "delay_s", "capability"]].to_numpy().tolist() == [
        ["West", "East", 0.0, "dogs"],
        ["East", "West", 0.0, "dogs"],
    ]


def test_presets_gain_what_was_worked_out_by_hand(times: ResponseTimes) -> None:
    table = preset_gains(times)
    here = (table["force"] == "West") & (table["measure"] == "population")
    standard = table[here & (table["target"] == "standard")].set_index("preset")
    # D (8 people) is 17 minutes away alone and 8 with East's unit: nine minutes quicker
    assert standard["covered"].to_dict() == {
        "closed": 7,
        "mutual_aid": 7,
        "automatic_aid": 15,
        "borderless": 15,
    }
    assert standard["gained"].to_dict() == {"closed": 0, "mutual_aid": 0, "automatic_aid": 8, "borderless": 8}
    assert table["preset"].unique().tolist() == list(PRESETS)


def test_the_sweep_falls_at_the_gains_that_were_worked_out_by_hand(times: ResponseTimes) -> None:
    # borderless gains C 15 − 10 = 5 minutes and D 17 − 8 = 9 minutes; D alone crosses the standard
    found = aid_sweep(times, (0, 299, 300, 301, 540, 541))
    assert found.columns.tolist() == ["min_gain_s", "change", "crossing"]
    assert found.to_numpy().tolist() == [
        [0, 8, 12],
        [299, 8, 12],
        [300, 8, 12],
        [301, 8, 8],
        [540, 8, 8],
        [541, 0, 0],
    ]


def test_a_policy_is_held_against_the_first_scenario(times: ResponseTimes) -> None:
    found = border_policy(times, BORDERLESS)
    expected = compare(cover(times, SEPARATE), cover(times, BORDERLESS))
    assert found.comparison.by_force.equals(expected.by_force)
    assert found.matrix.equals(policy_table(times.region.study, BORDERLESS))
    assert found.presets.equals(preset_gains(times))


@repeat
@given(what_ifs())
def test_the_matrix_says_what_coverage_does(question: tuple[Drawn, Scenario]) -> None:
    drawn, scenario = question
    times = drawn.times()
    study = times.region.study
    found = cover(times, scenario)
    rules = policy_table(study, scenario).set_index(["responder", "force"])
    assert len(rules) == len(study.force_names) * (len(study.force_names) - 1)
    place = times.region.demand.table["force"].to_numpy(str)
    for point in np.flatnonzero(found.responder >= 0):
        responder = study.force_names[found.responder[point]]
        handover_ms = int(found.response_ms[point]) - int(found.travel_ms[point]) - study.response.fixed_ms
        if responder == place[point]:
            assert handover_ms == 0
        else:
            row = rules.loc[(responder, place[point])]
            assert row["rule"] in ("if_faster", "closest")
            assert handover_ms == round(1_000 * row["delay_s"])


@repeat
@given(what_ifs())
def test_presets_are_ordered_by_how_open_they_are(question: tuple[Drawn, Scenario]) -> None:
    times = question[0].without_delay().times()
    table = preset_gains(times)
    covered = {name: rows["covered"].to_numpy() for name, rows in table.groupby("preset")}
    assert (covered["closed"] == covered["mutual_aid"]).all()
    assert (covered["closed"] <= covered["automatic_aid"]).all()
    assert (covered["automatic_aid"] <= covered["borderless"]).all()
