"""Who may respond where: rules for pairs of forces, and the words that people read."""

from __future__ import annotations

import pytest

from borderless.study.policy import (
    ALLIANCE,
    BORDERLESS,
    NAMED_SCENARIOS,
    PRESETS,
    SEPARATE,
    SHARED_STATIONS,
    BorderPolicy,
    BorderRule,
    Scenario,
    Target,
)

PARTNERS = frozenset({"P", "Q"})


def test_at_home_a_force_always_responds() -> None:
    shut = BorderPolicy(BorderRule.CLOSED, {("P", "P"): BorderRule.CLOSED})
    assert shut.rule("P", "P", PARTNERS) == BorderRule.CLOSEST
    assert shut.rule("Z", "Z", PARTNERS) == BorderRule.CLOSEST


@pytest.mark.parametrize("pair", [("P", "Z"), ("Z", "P"), ("Z", "Y"), ("P", "")])
def test_forces_outside_the_alliance_stay_closed_unless_a_pair_names_them(pair: tuple[str, str]) -> None:
    wide_open = BorderPolicy(BorderRule.CLOSEST)
    assert wide_open.rule(*pair, PARTNERS) == BorderRule.CLOSED
    named = BorderPolicy(BorderRule.CLOSED, {pair: BorderRule.CLOSEST})
    assert named.rule(*pair, PARTNERS) == BorderRule.CLOSEST
    assert named.rule(*reversed(pair), PARTNERS) == BorderRule.CLOSED


def test_a_rule_holds_for_one_direction() -> None:
    policy = BorderPolicy(pairs={("P", "Q"): BorderRule.CLOSEST})
    assert policy.rule("P", "Q", PARTNERS) == BorderRule.CLOSEST
    assert policy.rule("Q", "P", PARTNERS) == BorderRule.CLOSED


def test_only_automatic_aid_and_open_borders_cross_while_own_units_are_free() -> None:
    crossing = {rule.kind: rule.crosses for rule in (*_rules(), BorderRule.if_faster(30))}
    assert crossing == {"closed": False, "on_exhaustion": False, "closest": True, "if_faster": True}


def test_the_named_scenarios_pull_the_levers_that_their_names_say() -> None:
    levers = {s.name: (s.borders.between_partners.kind, s.stations, s.control_room) for s in NAMED_SCENARIOS}
    assert levers == {
        "separate": ("closed", "own", "separate"),
        "borderless": ("closest", "own", "separate"),
        "shared_stations": ("closed", "shared", "separate"),
        "alliance": ("closest", "shared", "shared"),
    }
    assert NAMED_SCENARIOS == (SEPARATE, BORDERLESS, SHARED_STATIONS, ALLIANCE)


@pytest.mark.parametrize("scenario", NAMED_SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_named_scenario_explains_itself_in_one_sentence(scenario: Scenario) -> None:
    assert scenario.label
    assert scenario.explanation.endswith(".")
    assert scenario.explanation.count(".") == 1


def test_targets_read_as_people_say_them() -> None:
    assert Target("10 min", 600_000, 600_000).label == "10 minutes"
    assert Target("standard", 900_000, 1_200_000).label == "15 minutes in towns, 20 in the country"
    assert Target("odd", 450_000, 450_000).label == "7.5 minutes"


def _rules() -> tuple[BorderRule, ...]:
    return BorderRule.CLOSED, BorderRule.ON_EXHAUSTION, BorderRule.CLOSEST


def test_presets_are_the_rules_that_agreements_name() -> None:
    assert {name: (rule.kind, rule.min_gain_s, rule.delay_s) for name, rule in PRESETS.items()} == {
        "closed": ("closed", 0, None),
        "mutual_aid": ("on_exhaustion", 0, None),
        "automatic_aid": ("if_faster", 120, None),
        "borderless": ("closest", 0, None),
    }
