"""Everything the page says of border policies: rules, what they gain, and who is sent first."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from borderless.analysis.policy import Policy, aid_sweep, border_policy
from borderless.analysis.run_list import changed_places, run_list
from borderless.analysis.times import ResponseTimes
from borderless.study.asked import scenario_with
from borderless.study.model import Study
from borderless.study.policy import RESPONSE


@dataclass(frozen=True)
class Policies:
    """The border policies of a study.

    Parameters
    ----------
    study
        The question.
    rules_alone
        The baseline with open borders between all partners, and nothing else changed.
    policies
        One for each scenario, the baseline first.
    special
        The same for each other capability that the study speaks of, one after the other.
    sweep
        As :func:`borderless.analysis.policy.aid_sweep`.
    lists
        Run lists under every scenario, as :func:`borderless.run_list`, of the place in each force where most
        people would be answered by another force under `rules_alone`. Empty where that changes nothing.
    """

    study: Study
    rules_alone: Policy
    policies: tuple[Policy, ...]
    special: tuple[Policy, ...]
    sweep: pd.DataFrame
    lists: pd.DataFrame


def find_policies(times: ResponseTimes) -> Policies:
    """Judge the border policy of every scenario of a study, for every capability it speaks of.

    Parameters
    ----------
    times
        Travel times of a region.
    """
    study = times.region.study
    policies = tuple(border_policy(times, scenario) for scenario in study.scenarios)
    special = tuple(
        border_policy(times, scenario, capability)
        for capability in study.capabilities
        if capability != RESPONSE
        for scenario in study.scenarios
    )
    opened = scenario_with(study, study.scenarios[0], preset="borderless")
    rules_alone = border_policy(times, replace(opened, label="Open borders"))
    places = changed_places(rules_alone.comparison.baseline, rules_alone.comparison.scenario)
    lists = run_list(times, study.scenarios, places)
    return Policies(study, rules_alone, policies, special, aid_sweep(times), lists)
