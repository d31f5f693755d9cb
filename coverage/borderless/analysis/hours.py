"""The day hour by hour: what a scenario covers when roads are slower at 17:00 than at 03:00."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from borderless.analysis.basing import basing_of
from borderless.analysis.compare import PARTNERS
from borderless.analysis.coverage import ALL, Coverage, cover
from borderless.analysis.times import response_times
from borderless.region import Region
from borderless.study.hours_table import DAY, EVERY
from borderless.study.policy import Scenario

_KEYS = ["scenario", "force", "measure", "target"]


@dataclass(frozen=True)
class DayByHour:
    """What scenarios cover in each hour.

    Parameters
    ----------
    region
        The region at the speeds of its study.
    scenarios
        The baseline first.
    table
        As :func:`hours_table` returns it.
    """

    region: Region
    scenarios: tuple[Scenario, ...]
    table: pd.DataFrame

    @property
    def whole(self) -> bool:
        """Whether all hours of the day were asked."""
        return self.table["hour"].nunique() == DAY

    @property
    def unheard(self) -> tuple[str, ...]:
        """Return the speed classes that the study varies and these roads do not tell apart."""
        known = (EVERY, *self.region.network.speed_classes)
        return tuple(name for name in self.region.study.hours.speed if name not in known)


def day_by_hour(
    region: Region, scenarios: Sequence[Scenario], hours: Sequence[int] | None = None
) -> DayByHour:
    """Return what scenarios cover in each hour; see :func:`hours_table`."""
    return DayByHour(region, tuple(scenarios), hours_table(region, scenarios, hours))


def hours_table(
    region: Region,
    scenarios: Sequence[Scenario],
    hours: Sequence[int] | None = None,
    *,
    count: Callable[[Coverage, int], pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Return coverage in each hour, at the speeds that the study's ``[hours]`` table gives it.

    Every hour has the roads of the region at its own speeds. Places, people and where units start are those
    of the whole day: units are not based anew from hour to hour.

    Parameters
    ----------
    region
        A region at the speeds of its study.
    scenarios
        What is asked.
    hours
        Numbers from 0 to 23; all by default.
    count
        What is counted of a coverage at an hour, with the columns of `Coverage.table`; that table by default.
        Expected coverage by busy fractions of the hour goes in here.

    Returns
    -------
    DataFrame
        hour, calls (share of the day's calls in that hour), scenario, force, measure, target, covered, total
        (whole units of the measure's column), share (missing where the total is 0). Force ``alliance`` sums
        the partners, ``all`` sums all.

    Raises
    ------
    ValueError
        When an hour is not from 0 to 23.
    """
    asked = range(DAY) if hours is None else hours
    wrong = [hour for hour in asked if hour not in range(DAY)]
    if wrong:
        msg = f"hours must be whole numbers from 0 to {DAY - 1}, not {wrong[0]}"
        raise ValueError(msg)
    day, partners = region.study.hours, region.study.alliance
    usual = response_times(region)
    basings = [basing_of(usual, scenario) for scenario in scenarios]
    # hours that are driven alike are computed once
    alike: dict[tuple[tuple[str, float], ...], list[Coverage]] = {}
    tables = []
    for hour in sorted(set(asked)):
        key = tuple(sorted(day.factor(hour).items()))
        if key not in alike:
            at = region.with_speeds(day.factor(hour))
            times = usual if at.network is region.network else response_times(at)
            pairs = zip(scenarios, basings, strict=True)
            alike[key] = [cover(times, scenario, basing) for scenario, basing in pairs]
        for coverage in alike[key]:
            table = coverage.table if count is None else count(coverage, hour)
            table = _with_alliance(table, partners)
            table.insert(0, "hour", hour)
            table.insert(1, "calls", day.share(hour))
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def day_table(hours: pd.DataFrame) -> pd.DataFrame:
    """Return the whole day of a table by hour, every hour counting as many calls come in it.

    Parameters
    ----------
    hours
        All 24 hours, as :func:`hours_table` returns them.

    Returns
    -------
    DataFrame
        scenario, force, measure, target, covered (expected, with fractions), total, share, and the hours with
        the lowest and highest share, the first of equals: lowest, lowest_hour, highest, highest_hour.

    Raises
    ------
    ValueError
        When an hour is missing.
    """
    if hours["hour"].nunique() != DAY:
        msg = "the day can only be summed when all its hours are there"
        raise ValueError(msg)
    ordered = hours.sort_values("hour", kind="stable")
    rows = []
    for key, rows_of in ordered.groupby(_KEYS, sort=False):
        total, share = int(rows_of["total"].iloc[0]), rows_of["share"].to_numpy(float)
        covered = float(np.sum(rows_of["calls"].to_numpy() * rows_of["covered"].to_numpy(float)))
        low, high = (int(find(share)) if total else 0 for find in (np.argmin, np.argmax))
        rows.append(
            (*key, covered, total, covered / total if total else np.nan, share[low], low, share[high], high)
        )
    columns = [*_KEYS, "covered", "total", "share", "lowest", "lowest_hour", "highest", "highest_hour"]
    return pd.DataFrame(rows, columns=columns)


def _with_alliance(table: pd.DataFrame, partners: Sequence[str]) -> pd.DataFrame:
    """Return a table by force with a row for the partners together before that for all."""
    together = table[table["force"].isin(partners)]
    keys = ["scenario", "measure", "target"]
    sums = together.groupby(keys, sort=False, as_index=False)[["covered", "total"]].sum()
    sums = sums.assign(force=PARTNERS, share=sums["covered"] / sums["total"].where(sums["total"] > 0))
    whole = table["force"] == ALL
    both = pd.concat([table[~whole], sums, table[whole]])[list(table.columns)]
    order = {key: place for place, key in enumerate(table.groupby(keys, sort=False).groups)}
    place = [order[key] for key in both[keys].itertuples(index=False, name=None)]
    return both.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)
