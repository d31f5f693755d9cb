"""Who may respond across which border, and what a policy gains against the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from borderless.analysis.compare import Comparison, compare
from borderless.analysis.coverage import Coverage, cover, handover_ms
from borderless.analysis.times import ResponseTimes
from borderless.study.asked import scenario_with
from borderless.study.model import Study
from borderless.study.policy import (
    CAPABILITIES,
    PRESETS,
    RESPONSE,
    BorderPolicy,
    BorderRule,
    Capability,
    Scenario,
)

#: Gains to try, in seconds: none to ten minutes.
SWEEP_S = tuple(range(0, 601, 60))


@dataclass(frozen=True)
class Policy:
    """A border policy and what it changes.

    Parameters
    ----------
    times
        Travel times, as the units of one capability see them.
    scenario
        The policy with its other levers, as the study gives it.
    comparison
        The scenario against the study's first one.
    """

    times: ResponseTimes
    scenario: Scenario
    comparison: Comparison

    @property
    def study(self) -> Study:
        """Return the question, as the units of the capability see it."""
        return self.times.region.study

    @cached_property
    def matrix(self) -> pd.DataFrame:
        """Return the rules for units of the capability alone, as :func:`policy_table` does."""
        table = policy_table(self.study, self.comparison.scenario.scenario)
        return table[table["capability"] == self.study.capability].reset_index(drop=True)

    @cached_property
    def presets(self) -> pd.DataFrame:
        """Return what each preset would change instead, as :func:`preset_gains` does."""
        return preset_gains(self.times, self.study.capability)

    @cached_property
    def within_reach(self) -> int:
        """Return the alliance's weight within the standard under open borders without any hand-over.

        First measure, whole units of its column; from where units start in the study's first scenario.
        """
        first = self.comparison.baseline.scenario
        opened = replace(first, borders=BorderPolicy(BorderRule.CLOSEST), control_room="shared")
        return _covered_by_partners(cover(self.times, opened))


def border_policy(times: ResponseTimes, scenario: Scenario, capability: Capability = RESPONSE) -> Policy:
    """Judge a border policy against the study's first scenario.

    Parameters
    ----------
    times
        Travel times of a region.
    scenario
        What is asked.
    capability
        Whose policy; only what asks for these units is counted.

    Raises
    ------
    InputError
        When no station has such units.
    """
    view = times.serving(capability)
    baseline = cover(view, view.region.study.scenarios[0])
    return Policy(view, scenario, compare(baseline, cover(view, scenario)))


def policy_table(study: Study, scenario: Scenario) -> pd.DataFrame:
    """Return the rule of every ordered pair of forces.

    Parameters
    ----------
    study
        Its forces, its alliance and its hand-over delay.
    scenario
        Its borders and its control room.

    Returns
    -------
    DataFrame
        responder, force (of the place), rule (``closed``, ``on_exhaustion``, ``if_faster``, ``closest``),
        min_gain_s (whole seconds; 0: no condition), delay_s (seconds of hand-over as it counts: 0 under one
        control room, missing where the border is closed), capability. One block a capability: response, and
        those that the study's measures or the scenario speak of.
    """
    partners = frozenset(study.alliance)
    rows = []
    for capability in _capabilities(study, scenario):
        served = scenario.serving(capability)
        for responder in study.force_names:
            for force in study.force_names:
                if responder == force:
                    continue
                rule = served.borders.rule(responder, force, partners)
                closed = rule.kind == "closed"
                delay_s = np.nan if closed else handover_ms(study, served, responder, force) / 1_000
                rows.append((responder, force, rule.kind, rule.min_gain_s, delay_s, capability))
    columns = ["responder", "force", "rule", "min_gain_s", "delay_s", "capability"]
    return pd.DataFrame(rows, columns=columns).astype({"min_gain_s": np.int64, "delay_s": np.float64})


def preset_gains(times: ResponseTimes, capability: Capability = RESPONSE) -> pd.DataFrame:
    """Return what each preset would change if it held between all partners and nothing else changed.

    Parameters
    ----------
    times
        Travel times of a region.
    capability
        Whose borders.

    Returns
    -------
    DataFrame
        preset, and the columns of :attr:`Comparison.by_force` against the study's first scenario.
    """
    view = times.serving(capability)
    study = view.region.study
    first = study.scenarios[0]
    baseline = cover(view, first)
    parts = []
    for preset in PRESETS:
        # The view's scenarios are those of its units, so that their own borders are the ones to replace.
        changed = compare(baseline, cover(view, scenario_with(study, first, preset=preset)))
        frame = changed.by_force
        frame.insert(0, "preset", preset)
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def aid_sweep(times: ResponseTimes, gains_s: Sequence[int] = SWEEP_S) -> pd.DataFrame:
    """Return what is left of borderless response when a unit must be quicker by some time to cross.

    Parameters
    ----------
    times
        Travel times of a region.
    gains_s
        How much quicker, in whole seconds; 0 is borderless response.

    Returns
    -------
    DataFrame
        min_gain_s, change (weight within the standard that the alliance gains against the study's first
        scenario) and crossing (weight whose first unit comes from another force); both of the first measure,
        whole units of its column.
    """
    study = times.region.study
    first = cover(times, study.scenarios[0])
    weight = times.region.demand.weights(study.measures[0])
    place = times.region.demand.table["force"].to_numpy(str)
    row = np.array([study.force_names.index(force) if force else -1 for force in place])
    before = _covered_by_partners(first)
    rows = []
    for gain in gains_s:
        found = cover(times, replace(study.scenarios[0], borders=BorderPolicy(BorderRule.if_faster(gain))))
        covered = _covered_by_partners(found)
        crossing = (found.responder >= 0) & (found.responder != row)
        rows.append((gain, covered - before, int(weight[crossing].sum())))
    return pd.DataFrame(rows, columns=["min_gain_s", "change", "crossing"])


def _covered_by_partners(coverage: Coverage) -> int:
    """Return how much of the first measure in the alliance is within the standard."""
    region = coverage.times.region
    here = np.isin(region.demand.table["force"].to_numpy(str), region.study.alliance)
    weight = region.demand.weights(region.study.measures[0])
    return int(weight[here & coverage.covered(coverage.targets[0])].sum())


def _capabilities(study: Study, scenario: Scenario) -> tuple[Capability, ...]:
    if study.capability != RESPONSE:
        return (study.capability,)
    return tuple(c for c in CAPABILITIES if c in study.capabilities or c in scenario.capabilities)
