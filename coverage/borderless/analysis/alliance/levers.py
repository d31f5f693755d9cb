"""The three levers apart: what each gains alone, in pairs and together, and how they depend on each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.alliance.shapley import dividends
from borderless.analysis.compare import PARTNERS
from borderless.analysis.coverage import ALL, Coverage, cover, forces_and_all
from borderless.analysis.times import ResponseTimes
from borderless.executor import map_threads
from borderless.study.policy import ALLIANCE, BorderPolicy, Scenario

LEVERS = ("borders", "stations", "control_room")
NO_LEVER = "none"
TOGETHER = " + "


def with_levers(scenario: Scenario, levers: Collection[str]) -> Scenario:
    """Return a scenario in which only these levers are pulled; what is no lever stays as it is.

    Parameters
    ----------
    scenario
        Says what pulling a lever means: its border rules, its use of stations, its control room.
    levers
        Some of :data:`LEVERS`.
    """
    name = TOGETHER.join(lever for lever in LEVERS if lever in levers) or NO_LEVER
    return replace(
        scenario,
        name=name,
        borders=scenario.borders if "borders" in levers else BorderPolicy(),
        stations=scenario.stations if "stations" in levers else "own",
        control_room=scenario.control_room if "control_room" in levers else "separate",
    )


def levers_table(times: ResponseTimes, scenario: Scenario = ALLIANCE) -> pd.DataFrame:
    """Return what every combination of the three levers gains over none of them.

    Parameters
    ----------
    times
        Travel times of a region.
    scenario
        Says what pulling each lever means.

    Returns
    -------
    DataFrame
        levers (``none``, or names joined by `` + ``), force (each, ``alliance``, ``all``; ``none`` for gaps
        between areas), measure, target; in whole units of the measure's column: covered, gain (over
        ``none``), interaction (what exactly this combination adds beyond its parts: the interactions of all
        combinations within one add up to its gain), last (what is lost when these levers alone are taken
        away from the three), total.
    """
    combinations = [tuple(lever for bit, lever in enumerate(LEVERS) if row >> bit & 1) for row in range(8)]
    coverages = map_threads(lambda chosen: cover(times, with_levers(scenario, chosen)), combinations)
    groups = list(force_groups(times))
    covered = np.array([covered_sums(coverage, groups) for coverage in coverages])
    gain = covered - covered[0]
    interaction = dividends(gain)
    last = gain[-1] - gain[::-1]
    study = times.region.study
    rows = []
    for row, coverage in enumerate(coverages):
        for f, (force, here) in enumerate(groups):
            for m, measure in enumerate(study.measures):
                total = int(times.region.demand.weights(measure)[here].sum())
                for t, target in enumerate(study.response.targets):
                    numbers = (int(table[row, f, m, t]) for table in (covered, gain, interaction, last))
                    rows.append((coverage.scenario.name, force, measure.name, target.name, *numbers, total))
    columns = ["levers", "force", "measure", "target", "covered", "gain", "interaction", "last", "total"]
    return pd.DataFrame(rows, columns=columns)


def force_groups(times: ResponseTimes) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield what `forces_and_all` yields, with ``alliance`` for the points of all partners before ``all``."""
    for force, here in forces_and_all(times):
        if force == ALL:
            place = times.region.demand.table["force"].to_numpy(str)
            yield PARTNERS, np.isin(place, times.region.study.alliance)
        yield force, here


def covered_sums(coverage: Coverage, groups: list[tuple[str, NDArray[np.bool_]]]) -> NDArray[np.int64]:
    """Return covered weight in whole units, shape (groups, measures, targets)."""
    region = coverage.times.region
    within = np.array([coverage.covered(target) for target in coverage.targets])
    weights = [region.demand.weights(measure) for measure in region.study.measures]
    return np.array(
        [
            [np.where(within[:, here], weight[here], 0).sum(axis=1) for weight in weights]
            for _, here in groups
        ],
        dtype=np.int64,
    )
