"""Scenarios and measures for programs: plain values, without a word that a plain study never had."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from borderless.report.scenario_values import levers, measure_values
from borderless.study.model import measure_named
from borderless.study.policy import (
    ALLIANCE,
    NAMED_SCENARIOS,
    BorderPolicy,
    BorderRule,
    CapabilityPolicy,
    Scenario,
)


@pytest.mark.parametrize("scenario", NAMED_SCENARIOS)
def test_a_plain_scenario_speaks_of_no_capability(scenario: Scenario) -> None:
    told = levers(scenario)
    assert json.loads(json.dumps(told)) == told
    assert list(told) == [
        *("name", "label", "explanation", "borders", "border_pairs"),
        *("units", "guests", "closed", "stations", "control_room"),
    ]


def test_a_capability_without_a_room_of_its_own_has_the_scenarios() -> None:
    own = CapabilityPolicy(BorderPolicy(BorderRule.if_faster(60), {("A", "B"): BorderRule("closest", 0, 5)}))
    told = levers(replace(ALLIANCE, capabilities={"dogs": own}))["capabilities"]
    assert told == {
        "dogs": {
            "borders": {"rule": "if_faster", "min_gain_s": 60, "delay_s": None},
            "border_pairs": [
                {"responder": "A", "force": "B", "rule": "closest", "min_gain_s": 0, "delay_s": 5}
            ],
            "control_room": "shared",
        }
    }


def test_only_a_measure_that_asks_says_for_what() -> None:
    people = measure_named("population")
    assert measure_values(people) == {"name": "population", "label": "People", "unit": "people"}
    assert measure_values(replace(people, capability="dogs"))["capability"] == "dogs"
