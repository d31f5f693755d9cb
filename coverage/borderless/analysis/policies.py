"""Everything the page says of border policies: rules, what they gain, and who is sent first."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from borderless.analysis.policy import Policy, aid_sweep, border_policy
from borderless.analysis.run_list import changed_places, run_list
from borderless.analysis.times import ResponseTimes
from borderless.study.model import Study
from borderless.study.policy import RESPONSE


@dataclass(frozen=True)
class Policies:
    """The border policies of a study.

    Parameters
    ----------
    study
        The question.
    policies
        One for each scenario, the baseline first.
    special
        The same for each other capability that the study speaks of, one after the other.
    sweep
        As :func:`borderless.analysis.policy.aid_sweep`.
    lists
        Run lists, as :func:`borderless.run_list`, of the place in each force where most people would be
        answered by another force; under every scenario. Empty where no scenario changes that.
    """

    study: Study
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
    most = max(policies, key=lambda policy: policy.comparison.changing_force()).comparison
    places = changed_places(most.baseline, most.scenario)
    lists = run_list(times, study.scenarios, places)
    return Policies(study, policies, special, aid_sweep(times), lists)
