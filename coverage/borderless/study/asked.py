"""Scenarios asked for in a few words: one of the study's, with a preset and with rules written as text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from borderless.errors import InputError, Problem
from borderless.study.model import Study
from borderless.study.policy import (
    CAPABILITIES,
    PRESETS,
    RESPONSE,
    BorderPolicy,
    BorderRule,
    Capability,
    CapabilityPolicy,
    Scenario,
)
from borderless.study.scenario_tables import DAY_S, LONGEST_DELAY_S
from borderless.study.toml_tables import nearest

AS_ASKED = "as_asked"
_EXAMPLE = "e.g. 'East > West: closest, delay 30' or 'East > West: if_faster 120'"
_KINDS: Mapping[str, BorderRule] = MappingProxyType(
    {
        "closed": BorderRule.CLOSED,
        "on_exhaustion": BorderRule.ON_EXHAUSTION,
        "if_faster": BorderRule.if_faster(0),
        "closest": BorderRule.CLOSEST,
    }
)
_RULE = re.compile(r"(?P<kind>\w+)(?:\s+(?P<gain>\d+)\s*s?)?(?:\s*,\s*delay\s+(?P<delay>\d+)\s*s?)?")


def scenario_named(study: Study, name: str) -> Scenario:
    """Return a scenario of the study by its name.

    Raises
    ------
    InputError
        With the nearest known name.
    """
    names = tuple(scenario.name for scenario in study.scenarios)
    if name not in names:
        remedy = f"choose one of {', '.join(names)}{nearest(name, names)}"
        raise InputError([Problem("scenario", value=name, why="is no scenario of this study", remedy=remedy)])
    return study.scenarios[names.index(name)]


def capability_named(name: str) -> Capability:
    """Return a capability by its name.

    Raises
    ------
    InputError
        With the nearest known name.
    """
    for capability in CAPABILITIES:
        if capability == name:
            return capability
    remedy = f"choose one of {', '.join(CAPABILITIES)}{nearest(name, CAPABILITIES)}"
    raise InputError([Problem("capability", value=name, why="is no capability", remedy=remedy)])


def scenario_with(
    study: Study,
    base: Scenario,
    *,
    preset: str = "",
    rules: Sequence[str] = (),
    capability: Capability = RESPONSE,
) -> Scenario:
    """Return a scenario with other border rules.

    Parameters
    ----------
    study
        Whose forces the rules name.
    base
        The scenario to start from; its stations and its control room stay.
    preset
        One of :data:`borderless.study.policy.PRESETS`, in the place of all border rules of `base`.
    rules
        Rules for single directions of single borders, as :func:`parse_rule` reads them; they come on top.
    capability
        Whose borders are meant; those of response units are the scenario's own.

    Returns
    -------
    Scenario
        `base` itself when nothing else was asked for; otherwise one named ``as_asked``.

    Raises
    ------
    InputError
        With everything that is wrong with the preset and the rules.
    """
    if not preset and not rules:
        return base
    problems: list[Problem] = []
    if preset and preset not in PRESETS:
        remedy = f"choose one of {', '.join(PRESETS)}{nearest(preset, tuple(PRESETS))}"
        problems.append(Problem("preset", value=preset, why="is no preset", remedy=remedy))
    pairs: dict[tuple[str, str], BorderRule] = {}
    for text in rules:
        try:
            pair, rule = parse_rule(text, study.force_names)
        except InputError as error:
            problems += error.problems
            continue
        if pair in pairs:
            why, remedy = "this pair has a rule already", "leave one of them out"
            problems.append(Problem("rule", value=text, why=why, remedy=remedy))
        pairs[pair] = rule
    if problems:
        raise InputError(problems)
    before = base.serving(capability).borders
    start = BorderPolicy(PRESETS[preset]) if preset else before
    borders = replace(start, pairs={**start.pairs, **pairs})
    told = "; ".join([*([preset] if preset else []), *(" ".join(text.split()) for text in rules)])
    asked = replace(
        base, name=AS_ASKED, label="As asked", explanation=f"{base.label}, but {capability} units: {told}."
    )
    if capability == RESPONSE:
        return replace(asked, borders=borders)
    own = base.capabilities.get(capability)
    policy = CapabilityPolicy(borders, own.control_room if own else None)
    return replace(asked, capabilities={**base.capabilities, capability: policy})


def parse_rule(text: str, forces: Sequence[str]) -> tuple[tuple[str, str], BorderRule]:
    """Read a rule such as ``East > West: closest, delay 30``.

    Parameters
    ----------
    text
        The responding force, ``>``, the force of the place, ``:``, and ``closed``, ``on_exhaustion``,
        ``if_faster`` with the seconds that must be gained, or ``closest``; then, if wanted, ``, delay`` with
        the seconds of hand-over. Names may hold spaces, commas and colons: the first ``>`` and the last
        ``:`` divide.
    forces
        The forces that may be named; letters may be small or large.

    Returns
    -------
    pair
        Responder, force of the place.
    rule
        The rule.

    Raises
    ------
    InputError
        When it cannot be read, or names a force or a rule that nobody knows, with the nearest known one.

    Examples
    --------
    >>> parse_rule("east > West: if_faster 120, delay 30", ["West", "East"])
    (('East', 'West'), BorderRule(kind='if_faster', min_gain_s=120, delay_s=30))
    """
    ends, colon, said = text.rpartition(":")
    names = [part.strip() for part in ends.partition(">")[::2]]
    if not colon or not all(names):
        raise _wrong(text, "cannot be read", f"write 'responder > place: rule', {_EXAMPLE}")
    responder, place = (_force(text, name, forces) for name in names)
    if responder == place:
        raise _wrong(text, "names one force twice", "name two different forces")
    found = _RULE.fullmatch(said.strip())
    word = said.replace(",", " ").split()[:1]
    if word and word[0] not in _KINDS:
        remedy = f"choose one of {', '.join(_KINDS)}{nearest(word[0], tuple(_KINDS))}"
        raise _wrong(text, f"{word[0]} is no rule", remedy)
    if found is None:
        raise _wrong(text, "what follows the colon cannot be read", _EXAMPLE)
    kind, gain, delay = found["kind"], found["gain"], found["delay"]
    if (gain is None) == (kind == "if_faster"):
        why = "if_faster needs the seconds to be gained" if gain is None else f"{kind} takes no seconds"
        raise _wrong(text, why, _EXAMPLE)
    for seconds, most in ((gain, DAY_S), (delay, LONGEST_DELAY_S)):
        if seconds is not None and int(seconds) > most:
            raise _wrong(text, f"{seconds} s is too long", f"write from 0 to {most} s")
    rule = replace(_KINDS[kind], min_gain_s=int(gain or 0), delay_s=None if delay is None else int(delay))
    return (responder, place), rule


def _force(text: str, name: str, forces: Sequence[str]) -> str:
    for known in forces:
        if name in forces:
            return name
        if known.casefold() == name.casefold():
            return known
    remedy = f"forces are: {', '.join(forces)}{nearest(name, tuple(forces))}"
    raise _wrong(text, f"{name} is no force of this study", remedy)


def _wrong(text: str, why: str, remedy: str) -> InputError:
    return InputError([Problem("rule", value=text, why=why, remedy=remedy)])
