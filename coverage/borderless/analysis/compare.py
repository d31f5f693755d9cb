"""What changes between two scenarios, scenario minus baseline: by force, by place, and who helps whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.aid import DRIVING, UNIT_TIME, aid_table, crossing
from borderless.analysis.coverage import ALL, Coverage, forces_and_all
from borderless.analysis.times import ResponseTimes
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import Target

PARTNERS = "alliance"
GAINED, NEARER, UNCHANGED, SLOWER, LOST = 2, 1, 0, -1, -2


@dataclass(frozen=True)
class Comparison:
    """Two coverages of the same times, side by side.

    Parameters
    ----------
    baseline, scenario
        What is compared; differences are scenario minus baseline.
    """

    baseline: Coverage
    scenario: Coverage

    @cached_property
    def by_force(self) -> pd.DataFrame:
        """Return the change of coverage.

        Returns
        -------
        DataFrame
            force, measure, target, covered_before, covered, gained, lost, total (whole units),
            share_before, share, change (shares of 1). Force ``alliance`` sums the partners, ``all`` sums all.
        """
        rows = []
        times = self.baseline.times
        forces = list(forces_alliance_and_all(times))
        for measure in times.region.study.measures:
            weights = times.region.demand.weights(measure)
            for target in self.baseline.targets:
                before, after = self.baseline.covered(target), self.scenario.covered(target)
                for force, here in forces:
                    old = int(weights[here & before].sum())
                    new = int(weights[here & after].sum())
                    gained = int(weights[here & after & ~before].sum())
                    lost = int(weights[here & before & ~after].sum())
                    rows.append(
                        (force, measure.name, target.name, old, new, gained, lost, weights[here].sum())
                    )
        columns = ["force", "measure", "target", "covered_before", "covered", "gained", "lost", "total"]
        frame = pd.DataFrame(rows, columns=columns)
        total = frame["total"].where(frame["total"] > 0)
        frame["share_before"] = frame["covered_before"] / total
        frame["share"] = frame["covered"] / total
        frame["change"] = (frame["covered"] - frame["covered_before"]) / total
        return frame

    def status(self, target: Target) -> NDArray[np.int8]:
        """Return what happens at each point: gained 2, nearer 1, unchanged 0, slower -1, lost -2."""
        before, after = self.baseline.covered(target), self.scenario.covered(target)
        old, new = self.baseline.clock_ms.astype(np.int64), self.scenario.clock_ms.astype(np.int64)
        status: NDArray[np.int8] = np.sign(old - new).astype(np.int8)
        status[after & ~before] = GAINED
        status[before & ~after] = LOST
        return status

    def places(self, target: Target) -> pd.DataFrame:
        """Return the places that gain or lose cover within a target, most people first.

        Returns
        -------
        DataFrame
            place, force, gained, lost (whole units of the study's first measure), minutes_before, minutes
            (mean of the points concerned, weighted; missing where out of reach), x, y (metres).
        """
        region = self.baseline.times.region
        status = self.status(target)
        table = region.demand.table
        weight = region.demand.weights(region.study.measures[0])
        xy = region.demand.xy()
        moved = np.flatnonzero((np.abs(status) == GAINED) & (weight > 0))
        points = pd.DataFrame(
            {
                "place": table["place"].to_numpy(str)[moved],
                "force": table["force"].to_numpy(str)[moved],
                "weight": weight[moved],
                "gained": np.where(status[moved] == GAINED, weight[moved], 0),
                "lost": np.where(status[moved] == LOST, weight[moved], 0),
                "minutes_before": _weighted_minutes(self.baseline, weight, moved),
                "minutes": _weighted_minutes(self.scenario, weight, moved),
                "x": xy[moved, 0] * weight[moved],
                "y": xy[moved, 1] * weight[moved],
            }
        )
        # Unreachable points make a mean missing rather than huge.
        grouped = points.groupby(["place", "force"], as_index=False).agg(
            {
                **dict.fromkeys(("weight", "gained", "lost", "x", "y"), "sum"),
                **dict.fromkeys(("minutes_before", "minutes"), _sum_or_missing),
            }
        )
        for column in ("minutes_before", "minutes", "x", "y"):
            grouped[column] = grouped[column] / grouped["weight"]
        ordered = grouped.sort_values(
            ["gained", "lost", "place", "force"], ascending=[False, False, True, True]
        )
        return ordered.drop(columns="weight").reset_index(drop=True)

    @cached_property
    def aid(self) -> pd.DataFrame:
        """Return who helps whom under the scenario: weights answered first by another force.

        Returns
        -------
        DataFrame
            responder, force (of the place), one whole-number column for each measure's column.
        """
        return crossing(aid_table(self.scenario)).drop(columns=[DRIVING, UNIT_TIME])

    def changing_force(self) -> int:
        """Return the weight (first measure) of places whose first unit comes from another force now."""
        times = self.baseline.times
        changed = (self.baseline.responder != self.scenario.responder) & (self.scenario.responder >= 0)
        return int(times.region.demand.weights(times.region.study.measures[0])[changed].sum())


def forces_alliance_and_all(times: ResponseTimes) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield each force with the mask of its points, then ``alliance`` for the partners, then ``all``."""
    for force, here in forces_and_all(times):
        if force == ALL:
            place = times.region.demand.table["force"].to_numpy(str)
            yield PARTNERS, np.isin(place, times.region.study.alliance)
        yield force, here


def compare(baseline: Coverage, scenario: Coverage) -> Comparison:
    """Compare two coverages of the same response times.

    Raises
    ------
    ValueError
        When they come from different times, so that a difference would mean nothing.
    """
    if baseline.times is not scenario.times:
        msg = "both coverages must come from the same response times"
        raise ValueError(msg)
    return Comparison(baseline, scenario)


def _sum_or_missing(values: pd.Series) -> float:
    return float(values.sum(skipna=False))


def _weighted_minutes(
    coverage: Coverage, weight: NDArray[np.int64], rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    clock = coverage.clock_ms[rows]
    return np.where(clock == UNREACHABLE, np.nan, clock / 60_000 * weight[rows])
