"""Who loses between two scenarios: whose own units get farther, whose first station gets busier."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.aid import busy_ms, calls_measure, whole_product
from borderless.analysis.compare import Comparison, forces_alliance_and_all
from borderless.analysis.coverage import Coverage
from borderless.roads.network import UNREACHABLE
from borderless.study.model import Measure, Study

#: How much busier a station must get, in percent, before those who depend on it count as losing.
BUSIER_PERCENT = 10


@dataclass(frozen=True)
class Losers:
    """What a scenario takes from people, besides coverage.

    Parameters
    ----------
    comparison
        Scenario and baseline.
    calls
        The measure whose calls make units busy.
    """

    comparison: Comparison
    calls: Measure

    @property
    def study(self) -> Study:
        """Return the study that was asked."""
        return self.comparison.baseline.times.region.study

    @cached_property
    def own_ms(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the response time of the nearest unit of the place's own force: baseline, scenario."""
        return nearest_own_ms(self.comparison.baseline), nearest_own_ms(self.comparison.scenario)

    @cached_property
    def load_ms(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the work of each unit at the station that answers each point first: baseline, scenario.

        Unit time (:func:`borderless.analysis.aid.busy_ms`) for each unit there, milliseconds over the
        period that the calls were counted in; missing where nobody answers.
        """
        baseline, scenario = self.comparison.baseline, self.comparison.scenario
        return _load_of_first(baseline, self.calls), _load_of_first(scenario, self.calls)

    @property
    def farther(self) -> NDArray[np.bool_]:
        """Return at which points the nearest own unit is farther than before, or none is left."""
        before, after = self.own_ms
        return after > before

    def busier(self, percent: int = BUSIER_PERCENT) -> NDArray[np.bool_]:
        """Return at which points each unit of the first station works over `percent` % more than before.

        The first station may be another one than before: what counts is how busy the unit is that comes.
        """
        before, after = self.load_ms
        return 100 * after > (100 + percent) * before

    def relieved(self, percent: int = BUSIER_PERCENT) -> NDArray[np.bool_]:
        """Return at which points each unit of the first station works over `percent` % less than before."""
        before, after = self.load_ms
        return 100 * after < (100 - percent) * before

    @cached_property
    def by_force(self) -> pd.DataFrame:
        """Return for how many it gets worse, and better.

        Returns
        -------
        DataFrame
            force (each, ``alliance``, ``all``), total, later, sooner (whom the first unit reaches later or
            sooner), farther (own units), busier, relieved (first station by over 10 %), whole units of the
            study's first measure.
        """
        before, after = self.comparison.baseline.clock_ms, self.comparison.scenario.clock_ms
        found = {
            "later": after > before,
            "sooner": after < before,
            "farther": self.farther,
            "busier": self.busier(),
            "relieved": self.relieved(),
        }
        rows = []
        for force, here in forces_alliance_and_all(self.comparison.baseline.times):
            sums = {name: int(self._weights[here & mask].sum()) for name, mask in found.items()}
            rows.append({"force": force, "total": int(self._weights[here].sum()), **sums})
        return pd.DataFrame(rows, columns=["force", "total", *found])

    @cached_property
    def farther_places(self) -> pd.DataFrame:
        """Return the places whose own units get farther, most people first.

        Returns
        -------
        DataFrame
            place, force, the first measure's column (whole weight of the points concerned), own_before_ms,
            own_ms (at the point there that loses most; missing where no own unit is left).
        """
        before, after = self.own_ms
        points = self._points(self.farther).assign(
            own_before_ms=before[self.farther], own_ms=after[self.farther]
        )
        points["more_ms"] = points["own_ms"] - points["own_before_ms"]
        column = self._column
        points = points.sort_values(["more_ms", column], ascending=False, kind="stable")
        grouped = points.groupby(["place", "force"], as_index=False, sort=True).agg(
            {column: "sum", "own_before_ms": "first", "own_ms": "first"}
        )
        grouped["own_ms"] = grouped["own_ms"].astype("Int64").mask(grouped["own_ms"] == int(UNREACHABLE))
        return _most_first(grouped, column)

    def busier_places(self, percent: int = BUSIER_PERCENT) -> pd.DataFrame:
        """Return the places whose first station gets over `percent` % busier, most people first.

        Returns
        -------
        DataFrame
            place, force, the first measure's column (whole weight of the points concerned), responder_before,
            station_before, responder, station (force and station, by id, that answer first), load_before_ms,
            load_ms (unit time for each unit there, whole milliseconds), percent (more than before; missing
            where there was no work before). A place with several first stations has a row for each.
        """
        mask = self.busier(percent)
        before, after = self.load_ms
        points = self._points(mask).assign(load_before_ms=before[mask], load_ms=after[mask])
        firsts = (("_before", self.comparison.baseline), ("", self.comparison.scenario))
        for ending, coverage in firsts:
            stations = coverage.times.region.stations["id"].to_numpy(str)
            forces = np.array(coverage.times.region.study.force_names)
            points[f"responder{ending}"] = forces[coverage.responder[mask]]
            points[f"station{ending}"] = stations[coverage.station[mask]]
        who = ["place", "force", "responder_before", "station_before", "responder", "station"]
        column = self._column
        grouped = points.groupby(who, as_index=False, sort=True).agg(
            {column: "sum", "load_before_ms": "first", "load_ms": "first"}
        )
        grouped["percent"] = percent_more(grouped["load_before_ms"], grouped["load_ms"])
        for name in ("load_before_ms", "load_ms"):
            grouped[name] = grouped[name].round().astype(np.int64)
        return _most_first(grouped, column)[["place", "force", column, *who[2:], *grouped.columns[-3:]]]

    def mean_more_ms(self) -> float:
        """Return by how much own units are farther where they are, weighted by people.

        Places where no own unit is left count in `farther`, but not here.

        Returns
        -------
        float
            Milliseconds; missing where nobody's own units are farther.
        """
        before, after = self.own_ms
        here = self.farther & (after != UNREACHABLE)
        weights = self._weights[here]
        total = int(weights.sum())
        return float((weights * (after - before)[here]).sum()) / total if total else np.nan

    @property
    def _column(self) -> str:
        return self.study.measures[0].column

    @property
    def _weights(self) -> NDArray[np.int64]:
        return self.comparison.baseline.times.region.demand.weights(self.study.measures[0])

    def _points(self, mask: NDArray[np.bool_]) -> pd.DataFrame:
        table = self.comparison.baseline.times.region.demand.table
        names = {name: table[name].to_numpy(str)[mask] for name in ("place", "force")}
        return pd.DataFrame(names | {self._column: self._weights[mask]})


def losers(comparison: Comparison, calls: str = "") -> Losers:
    """Ask a comparison who loses.

    Parameters
    ----------
    comparison
        Scenario and baseline.
    calls
        The measure whose calls make units busy; empty: incidents, or the first measure where the study has
        none.

    Raises
    ------
    BorderlessError
        When the study has no such measure.
    """
    return Losers(comparison, calls_measure(comparison.baseline.times.region.study, calls))


def station_workload(coverage: Coverage, calls: str = "") -> pd.DataFrame:
    """Return the work of every station's units when each call goes to the unit that is first.

    Returns
    -------
    DataFrame
        station (id), name, responder (whose units), units, calls (whole), driving_ms, unit_ms (exact), and
        per_unit_ms (float). One row for each station and force with units there, in the order of the
        region's stations.

    Notes
    -----
    Units are always free here: what a busy unit passes on to others is not moved.
    """
    region = coverage.times.region
    measure = calls_measure(region.study, calls)
    answered, driving, unit_time = _sums(coverage, measure)
    rows = []
    for s, f in np.argwhere(coverage.basing.units.T > 0):
        units = int(coverage.basing.units[f, s])
        station = region.stations.iloc[int(s)]
        sums = [int(values[f, s]) for values in (answered, driving, unit_time)]
        who = (station["id"], station["name"], region.study.force_names[int(f)], units)
        rows.append((*who, *sums, sums[-1] / units))
    names = ["station", "name", "responder", "units", "calls", "driving_ms", "unit_ms", "per_unit_ms"]
    return pd.DataFrame(rows, columns=names)


def workload_change(baseline: Coverage, scenario: Coverage, calls: str = "") -> pd.DataFrame:
    """Return every station's work before and after.

    All work together changes only by driving: who comes first decides how far the drive is, not how long
    the call takes at the scene.

    Returns
    -------
    DataFrame
        station (id), name, responder, then units, calls, unit_ms, per_unit_ms, each with ``_before`` first
        and 0 where nobody starts, and percent (of per_unit_ms, more than before; missing where it was 0).
    """
    keys = ["station", "name", "responder"]
    before, after = (station_workload(coverage, calls) for coverage in (baseline, scenario))
    both = before.merge(after, on=keys, how="outer", suffixes=("_before", ""))
    ordered = [*keys]
    for name in ("units", "calls", "unit_ms", "per_unit_ms"):
        kind = np.float64 if name == "per_unit_ms" else np.int64
        for column in (f"{name}_before", name):
            both[column] = both[column].fillna(0).astype(kind)
            ordered.append(column)
    both["percent"] = percent_more(both["per_unit_ms_before"], both["per_unit_ms"])
    return both[[*ordered, "percent"]]


def percent_more(before: pd.Series, after: pd.Series) -> pd.Series:
    """Return how many percent more there is than before; missing where there was nothing."""
    return 100 * (after - before) / before.where(before > 0)


def nearest_own_ms(coverage: Coverage) -> NDArray[np.int64]:
    """Return the response time of the nearest unit of each place's own force, wherever it starts.

    Returns
    -------
    numpy.ndarray
        Milliseconds, int64, shape (points,); UNREACHABLE where no own unit can come.
    """
    times = coverage.times
    place = times.region.demand.table["force"].to_numpy(str)
    nearest = np.full(len(place), int(UNREACHABLE), dtype=np.int64)
    for force, starts in zip(times.region.study.force_names, coverage.basing.starts(), strict=True):
        here = np.flatnonzero(place == force)
        travel = times.travel_ms[np.ix_(starts, here)].astype(np.int64)
        nearest[here] = travel.min(axis=0, initial=int(UNREACHABLE))
    fixed = times.region.study.response.fixed_ms
    return np.where(nearest == UNREACHABLE, nearest, nearest + fixed)


def _load_of_first(coverage: Coverage, calls: Measure) -> NDArray[np.float64]:
    *_, unit_time = _sums(coverage, calls)
    per_unit = unit_time / np.maximum(coverage.basing.units, 1)
    first = per_unit[coverage.responder, coverage.station]
    return np.where(coverage.responder >= 0, first, np.nan)


def _sums(coverage: Coverage, calls: Measure) -> tuple[NDArray[np.int64], ...]:
    """Return calls, driving and unit time of each force at each station, shape (forces, stations)."""
    weights = coverage.times.region.demand.weights(calls)
    answered = coverage.responder >= 0
    columns = (
        np.where(answered, weights, 0),
        whole_product(weights, np.where(answered, coverage.travel_ms, 0)),
        whole_product(weights, busy_ms(coverage)),
    )
    sums = tuple(np.zeros_like(coverage.basing.units) for _ in columns)
    for total, values in zip(sums, columns, strict=True):
        np.add.at(total, (coverage.responder[answered], coverage.station[answered]), values[answered])
    return sums


def _most_first(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the rows with weight, most of it first, then by name."""
    return frame[frame[column] > 0].sort_values(column, ascending=False, kind="stable").reset_index(drop=True)
