"""Scenarios and measures as plain values for programs."""

from __future__ import annotations

from typing import Any

from borderless.study.model import Measure
from borderless.study.policy import RESPONSE, BorderPolicy, BorderRule, Scenario


def levers(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario's name, words and three levers as plain values."""
    return {
        "name": scenario.name,
        "label": scenario.label,
        "explanation": scenario.explanation,
        **_borders(scenario.borders),
        "units": dict(scenario.units),
        "guests": [
            {"station": station, "force": force, "units": units}
            for (station, force), units in scenario.guests.items()
        ],
        "closed": list(scenario.closed),
        "stations": scenario.stations,
        "control_room": scenario.control_room,
        **_capabilities(scenario),
    }


def measure_values(measure: Measure) -> dict[str, str]:
    """Return a measure's name, label and unit, and the capability it asks for if it asks for one."""
    asked = {} if measure.capability == RESPONSE else {"capability": measure.capability}
    return {"name": measure.name, "label": measure.label, "unit": measure.unit, **asked}


def _capabilities(scenario: Scenario) -> dict[str, Any]:
    """Return the policies of other units than response units, where the scenario has any."""
    policies = {
        capability: {**_borders(own.borders), "control_room": own.control_room or scenario.control_room}
        for capability, own in scenario.capabilities.items()
    }
    return {"capabilities": policies} if policies else {}


def _borders(borders: BorderPolicy) -> dict[str, Any]:
    return {
        "borders": _rule(borders.between_partners),
        "border_pairs": [
            {"responder": responder, "force": force, **_rule(rule)}
            for (responder, force), rule in borders.pairs.items()
        ],
    }


def _rule(rule: BorderRule) -> dict[str, Any]:
    return {"rule": rule.kind, "min_gain_s": rule.min_gain_s, "delay_s": rule.delay_s}
