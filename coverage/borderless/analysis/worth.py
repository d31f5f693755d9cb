"""All that a report says about what an alliance is worth, in one value that its chapters are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from borderless.analysis.alliance.alliance import AllianceWorth, alliance_worth
from borderless.analysis.busy.busy_comparison import (
    BusyComparison,
    busy_comparison,
    busy_sweep,
    stated_fractions,
)
from borderless.analysis.hours import DayByHour, day_by_hour
from borderless.analysis.losers import Losers, losers
from borderless.analysis.policies import Policies, find_policies
from borderless.analysis.results import Results
from borderless.analysis.robustness.robustness import Robustness, robustness

#: Draws of every report: enough to tell whether a conclusion holds, few enough to wait for.
FIRST_DRAWS = 60


@dataclass(frozen=True)
class Worth:
    """What an alliance is worth, whom it costs, and how sure that is.

    Parameters
    ----------
    results
        Coverage of every scenario.
    policies
        Who may respond where, and what rules change.
    alliance
        Levers, coalitions and shares.
    losers
        Who helps whom and who loses, one for each scenario but the baseline.
    busy, sweep
        The scenarios while units are busy, and expected coverage over all busy fractions.
    sure
        The same question under other settings.
    day
        Hour by hour.
    """

    results: Results
    policies: Policies
    alliance: AllianceWorth
    losers: tuple[Losers, ...]
    busy: BusyComparison
    sweep: pd.DataFrame
    sure: Robustness
    day: DayByHour


def find_worth(
    results: Results,
    *,
    on_stage: Callable[[str], None] = lambda _: None,
    on_draws: Callable[[int], Callable[[int], None]] = lambda _: lambda _: None,
) -> Worth:
    """Ask a study what working together is worth.

    Parameters
    ----------
    results
        What the main job found.
    on_stage
        Called with a few words when a stage begins.
    on_draws
        As for :func:`borderless.analysis.robustness.robustness.robustness`.
    """
    region, times = results.region, results.times
    on_stage("Border rules")
    policies = find_policies(times)
    on_stage("Levers and coalitions")
    alliance = alliance_worth(times)
    on_stage("Busy units")
    fractions, assumed = stated_fractions(region.study)
    busy = busy_comparison(times, region.study.scenarios, fractions, assumed=assumed)
    sweep = busy_sweep(times, region.study.scenarios)
    on_stage("Hour by hour")
    # without a table of hours every hour is the same
    day = day_by_hour(region, region.study.scenarios, None if region.study.hours.given else (0,))
    on_stage("How sure")
    sure = robustness(region, FIRST_DRAWS, tipping=False, times=times, on_draws=on_draws)
    lost = tuple(losers(comparison) for comparison in results.comparisons.values())
    return Worth(results, policies, alliance, lost, busy, sweep, sure, day)
