"""What opening borders does while units are busy: before their work has moved across, and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.busy.busy import expected_cover
from borderless.analysis.busy.shared_load import SharedLoad, call_rates, share_load
from borderless.analysis.compare import PARTNERS
from borderless.analysis.coverage import Coverage, cover, forces_and_all
from borderless.analysis.times import ResponseTimes
from borderless.study.model import Study
from borderless.study.policy import Scenario

#: Busy fractions of the sweep; published ones of other services reach 0.7.
FRACTIONS = tuple(round(0.05 * step, 2) for step in range(15))
#: A change of coverage below this share is within the error of the approximation.
NOTICEABLE = 0.005
#: What is assumed of a study that says that units are never busy.
ASSUMED = 0.3


@dataclass(frozen=True)
class BusyComparison:
    """Scenarios compared with the first of them while units are busy.

    Parameters
    ----------
    times
        The response times.
    busy
        Force → the share of the time its units are busy while each force answers its own calls.
    coverages
        Scenario by scenario, the baseline first.
    loads
        How the calls settle on the units in each.
    assumed
        Whether `busy` is an assumption, the study saying that units are never busy.
    """

    times: ResponseTimes
    busy: Mapping[str, float]
    coverages: tuple[Coverage, ...]
    loads: tuple[SharedLoad, ...]
    assumed: bool = False

    @cached_property
    def by_force(self) -> pd.DataFrame:
        """Return coverage before and after, at fixed busy fractions and with the work moved.

        Returns
        -------
        DataFrame
            scenario, force (each, ``alliance``, ``all``), measure, target; covered_before, covered (whole
            units: static coverage, units always free); expected_before, expected (every unit as busy as
            `busy` says, wherever it goes); moved_before, moved (as busy as the calls make it that come to it
            under the scenario, a call that waits not counted as reached); total.
        """
        rows = []
        base, *others = self._reached
        for coverage, reached in zip(self.coverages[1:], others, strict=True):
            for measure in self.times.region.study.measures:
                weights = self.times.region.demand.weights(measure)
                for target in coverage.targets:
                    for force, here in _forces_and_sums(self.times):
                        own = weights[here]
                        row: dict[str, object] = {
                            "scenario": coverage.scenario.name,
                            "force": force,
                            "measure": measure.name,
                            "target": target.name,
                        }
                        for kind, before in base[target.name].items():
                            row[f"{kind}_before"] = (own * before[here]).sum()
                            row[kind] = (own * reached[target.name][kind][here]).sum()
                        rows.append({**row, "total": int(own.sum())})
        frame = pd.DataFrame(rows)
        return frame.astype({"covered_before": np.int64, "covered": np.int64})

    @cached_property
    def _reached(self) -> list[dict[str, dict[str, NDArray[np.float64]]]]:
        """Return for each scenario target → kind → chance of each point."""
        return [
            {
                target.name: {
                    "covered": coverage.covered(target).astype(np.int64),
                    "expected": expected_cover(coverage, target, self.busy),
                    "moved": load.chance(target),
                }
                for target in coverage.targets
            }
            for coverage, load in zip(self.coverages, self.loads, strict=True)
        ]

    @cached_property
    def workloads(self) -> pd.DataFrame:
        """Return how busy each force's units are before and after.

        Returns
        -------
        DataFrame
            scenario, force, units, busy_fraction (as given), workload_before, workload (mean shares of the
            time), waits_before, waits (shares of the calls in its area that find every unit busy),
            travel_ms_before, travel_ms (mean drive to the others).
        """
        frames = []
        base = self.loads[0].by_force
        for load in self.loads[1:]:
            after = load.by_force
            frame = after[["scenario", "force", "units"]].copy()
            frame["busy_fraction"] = [self.busy[force] for force in after["force"]]
            for column in ("workload", "waits", "travel_ms"):
                frame[f"{column}_before"], frame[column] = base[column], after[column]
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def dispatch(self) -> pd.DataFrame:
        """Return who answers the calls of whom in every scenario, as :attr:`SharedLoad.dispatch` tells it."""
        return pd.concat([load.dispatch for load in self.loads], ignore_index=True)

    @cached_property
    def losers(self) -> pd.DataFrame:
        """Return the forces whose area is reached less often once work has moved.

        Returns
        -------
        DataFrame
            The rows of `by_force` of single forces, for the study's first measure and standard, in which
            `moved` falls by at least 0.5 % of the total while the force's units have more to do. Smaller
            falls, and falls of a force that is relieved, are within the error of the approximation.
        """
        study = self.times.region.study
        rows = self.by_force
        rows = rows[(rows["measure"] == study.measures[0].name) & (rows["target"] == "standard")]
        work = self.workloads.set_index(["scenario", "force"])
        more = (work["workload"] > work["workload_before"]).to_dict()
        busier = np.array([more.get(key, False) for key in zip(rows["scenario"], rows["force"], strict=True)])
        falls = (
            busier
            & (rows["moved_before"] - rows["moved"] >= NOTICEABLE * rows["total"])
            & (rows["total"] > 0)
        )
        return rows[falls & rows["force"].isin(study.force_names)].reset_index(drop=True)


def stated_fractions(study: Study, hour: int | None = None) -> tuple[dict[str, float], bool]:
    """Return force → busy fraction as the study says, and whether it was assumed because it says never.

    Parameters
    ----------
    study
        The question.
    hour
        0 to 23; None: the plain mean of the day.
    """
    busy = study.busy.by_force(study.force_names, hour)
    return (busy, False) if any(busy.values()) else (dict.fromkeys(study.force_names, ASSUMED), True)


def busy_comparison(
    times: ResponseTimes, scenarios: Sequence[Scenario], busy: Mapping[str, float], *, assumed: bool = False
) -> BusyComparison:
    """Compare scenarios with the first of them while units are busy.

    Static coverage, and expected coverage at fixed busy fractions, never fall when a border opens at no
    hand-over delay. But an open border also moves work: the units of a force that has little to do go to the
    calls of a neighbour that has much, and are missing at home. With the work moved a force can lose.

    Parameters
    ----------
    times
        Travel times of a region.
    scenarios
        The baseline first.
    busy
        Force → share of the time that its units are busy while each force answers its own calls.
    assumed
        Whether that is an assumption.

    Raises
    ------
    BorderlessError
        When units have more work than time, or workloads do not settle.
    """
    rates = call_rates(times, busy)
    coverages = tuple(cover(times, scenario) for scenario in scenarios)
    loads = tuple(share_load(times, scenario, rates) for scenario in scenarios)
    return BusyComparison(times, busy, coverages, loads, assumed)


def busy_sweep(
    times: ResponseTimes, scenarios: Sequence[Scenario], fractions: Sequence[float] = FRACTIONS
) -> pd.DataFrame:
    """Return expected coverage while all units are busy for one fraction, from never to most of the time.

    Returns
    -------
    DataFrame
        busy_fraction, scenario, force (each, ``alliance``, ``all``), measure, expected (in the measure's
        column's units, with fractions), total; for the study's standard. At 0 it is static coverage.
    """
    rows = []
    for coverage in (cover(times, scenario) for scenario in scenarios):
        for fraction in fractions:
            chance = expected_cover(coverage, coverage.targets[0], fraction)
            for measure in times.region.study.measures:
                weights = times.region.demand.weights(measure)
                for force, here in _forces_and_sums(times):
                    expected, total = float((weights[here] * chance[here]).sum()), int(weights[here].sum())
                    rows.append((fraction, coverage.scenario.name, force, measure.name, expected, total))
    columns = ["busy_fraction", "scenario", "force", "measure", "expected", "total"]
    return pd.DataFrame(rows, columns=columns)


def _forces_and_sums(times: ResponseTimes) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield each force with the mask of its points, the partners together, and all."""
    *forces, everything = forces_and_all(times)
    yield from forces
    place = times.region.demand.table["force"].to_numpy(str)
    yield PARTNERS, np.isin(place, times.region.study.alliance)
    yield everything
