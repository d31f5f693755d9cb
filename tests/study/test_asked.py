"""Scenarios asked for in words: presets, and rules as text whose names may hold anything."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.errors import InputError
from borderless.study.asked import AS_ASKED, capability_named, parse_rule, scenario_named, scenario_with
from borderless.study.policy import (
    ALLIANCE,
    BORDERLESS,
    PRESETS,
    SEPARATE,
    BorderPolicy,
    BorderRule,
    CapabilityPolicy,
)
from small_regions import small_study

FORCES = ("West", "Thames Valley", "Devon, and Cornwall", "Ratio 1:2")
STUDY = small_study(("West", "East"), ("North",))


def refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse_rule(text, FORCES)
    (problem,) = caught.value.problems
    assert (problem.file, problem.value, problem.remedy == "") == ("rule", text, False)
    return str(problem)


@pytest.mark.parametrize(
    ("text", "pair", "rule"),
    [
        ("West > Thames Valley: closest", ("West", "Thames Valley"), BorderRule.CLOSEST),
        ("  west>THAMES VALLEY :closed", ("West", "Thames Valley"), BorderRule.CLOSED),
        (
            "Devon, and Cornwall > West: on_exhaustion, delay 30",
            ("Devon, and Cornwall", "West"),
            BorderRule("on_exhaustion", 0, 30),
        ),
        ("West > Ratio 1:2: if_faster 120", ("West", "Ratio 1:2"), BorderRule.if_faster(120)),
        (
            "Ratio 1:2 > West: if_faster 90 s , delay 0 s",
            ("Ratio 1:2", "West"),
            BorderRule("if_faster", 90, 0),
        ),
    ],
)
def test_a_rule_is_read_whatever_the_names_hold(text: str, pair: tuple[str, str], rule: BorderRule) -> None:
    assert parse_rule(text, FORCES) == (pair, rule)


@settings(max_examples=60)
@given(st.permutations(FORCES), st.sampled_from(["closed", "on_exhaustion", "closest"]), st.integers(0, 3600))
def test_every_rule_that_is_written_is_read_back(forces: list[str], kind: str, delay: int) -> None:
    responder, place, *_ = forces
    pair, rule = parse_rule(f"{responder} > {place}: {kind}, delay {delay}", FORCES)
    assert (pair, rule) == ((responder, place), BorderRule(kind, 0, delay))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Wst > Thames Valley: closest", "Wst is no force of this study → forces are: West"),
        ("West > Thames Vally: closest", "did you mean Thames Valley?"),
        ("West > Thames Valley: closst", "closst is no rule → choose one of closed, on_exhaustion"),
        ("West > Thames Valley: closst", "did you mean closest?"),
        ("West > Thames Valley", "write 'responder > place: rule'"),
        ("West: closest", "write 'responder > place: rule'"),
        ("> West: closest", "write 'responder > place: rule'"),
        ("", "write 'responder > place: rule'"),
        ("West > West: closest", "name two different forces"),
        ("West > Thames Valley: if_faster", "if_faster needs the seconds"),
        ("West > Thames Valley: closest 30", "closest takes no seconds"),
        ("West > Thames Valley: closest, delay", "what follows the colon cannot be read"),
        ("West > Thames Valley: closest, delay -5", "what follows the colon cannot be read"),
        ("West > Thames Valley: closest, delay 3601", "3601 s is too long"),
        ("West > Thames Valley: if_faster 86401", "86401 s is too long"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_write(text: str, told: str) -> None:
    assert told in refusal(text)


def test_nothing_asked_is_the_scenario_itself() -> None:
    assert scenario_with(STUDY, BORDERLESS) is BORDERLESS


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_stands_in_for_every_border_rule_and_leaves_the_other_levers(preset: str) -> None:
    asked = scenario_with(STUDY, ALLIANCE, preset=preset)
    assert asked.borders == BorderPolicy(PRESETS[preset])
    assert (asked.name, asked.stations, asked.control_room) == (AS_ASKED, "shared", "shared")
    assert preset in asked.explanation


def test_rules_come_on_top_of_a_preset_and_of_earlier_rules() -> None:
    first = scenario_with(STUDY, SEPARATE, rules=["North > West: closest, delay 5"])
    second = scenario_with(STUDY, first, rules=["East > West: if_faster 60"])
    assert second.borders.pairs == {
        ("North", "West"): BorderRule("closest", 0, 5),
        ("East", "West"): BorderRule.if_faster(60),
    }
    third = scenario_with(STUDY, second, preset="mutual_aid", rules=["West > North: closed"])
    assert third.borders == BorderPolicy(BorderRule.ON_EXHAUSTION, {("West", "North"): BorderRule.CLOSED})


def test_what_is_asked_of_one_capability_leaves_response_units_as_they_are() -> None:
    asked = scenario_with(STUDY, ALLIANCE, preset="closed", capability="dogs")
    assert asked.borders == ALLIANCE.borders
    assert asked.capabilities == {"dogs": CapabilityPolicy(BorderPolicy(BorderRule.CLOSED))}
    assert asked.serving("dogs").borders == BorderPolicy(BorderRule.CLOSED)
    assert asked.serving("roads").borders == ALLIANCE.borders


def test_everything_wrong_is_told_at_once() -> None:
    rules = ["East > West: closest", "East > West: closed", "Est > West: closest"]
    with pytest.raises(InputError) as caught:
        scenario_with(STUDY, SEPARATE, preset="automatic", rules=rules)
    whys = [problem.why for problem in caught.value.problems]
    assert whys == ["is no preset", "this pair has a rule already", "Est is no force of this study"]
    assert "did you mean automatic_aid?" in caught.value.problems[0].remedy


def test_unknown_scenarios_and_capabilities_are_refused_with_the_nearest() -> None:
    assert scenario_named(STUDY, "alliance") is ALLIANCE
    assert capability_named("dogs") == "dogs"
    with pytest.raises(InputError, match="did you mean borderless"):
        scenario_named(STUDY, "boarderless")
    with pytest.raises(InputError, match="did you mean firearms"):
        capability_named("firearm")
