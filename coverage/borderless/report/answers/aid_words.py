"""Who helps whom, who loses and how fair it is, in sentences that terminal and page share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from borderless.analysis.aid import UNIT_TIME, aid_table, balance_table, crossing, hosted
from borderless.analysis.compare import PARTNERS
from borderless.analysis.coverage import ALL, NONE, Coverage
from borderless.analysis.losers import BUSIER_PERCENT, Losers
from borderless.report import words

HOUR_MS = 3_600_000
# Where calls for each person are below this part of what they are elsewhere, they were not recorded.
_RECORDED = 0.1
# How many stations with guests are named in a sentence.
_HOSTS = 3


def help_said(found: Losers) -> list[str]:
    """Return how much is answered across borders, and who gives and receives most."""
    study = found.study
    measure, calls = study.measures[0], found.calls
    aid = aid_table(found.comparison.scenario, calls.name)
    across = crossing(aid)
    label = found.comparison.scenario.scenario.label
    people, work = int(across[measure.column].sum()), int(across[UNIT_TIME].sum())
    if not people and not work:
        return [f"{label}: no unit is first across a border."]
    totals = found.by_force.set_index("force")["total"]
    total = sum(int(totals[force]) for force in {*study.alliance, *across["force"]})
    told = f"{label}: a unit of another force is first for {words.quantity(measure, people)}"
    told += f" ({words.percent(people, total, 1)})"
    if calls != measure:
        told += f" and {words.quantity(calls, int(across[calls.column].sum()))}"
    share = words.percent(work, int(aid[UNIT_TIME].sum()), 1)
    told += f"; that is {hours(work)} unit-hours, {share} of all work."
    return [told, *_hosted_said(found.comparison.scenario, people), *_most_said(aid)]


def losses_said(found: Losers) -> list[str]:
    """Return who waits longer, whose own units are farther, and whose station is busier."""
    measure = found.study.measures[0]
    counts = _concerned(found)

    def many(name: str) -> str:
        return words.quantity(measure, counts[name]) if counts[name] else "nobody"

    said = [f"The first unit comes sooner for {many('sooner')} and later for {many('later')}."]
    if counts["farther"]:
        more = found.mean_more_ms()
        by = f", by {more / 60_000:.1f} min on average" if np.isfinite(more) else ""
        said.append(f"The nearest unit of their own force is farther for {many('farther')}{by}.")
    else:
        said.append("Nobody’s own units get farther.")
    if not counts["busier"] and not counts["relieved"]:
        return [*said, f"Nobody’s first station gets over {BUSIER_PERCENT} % busier, or less busy."]
    share = f" ({words.percent(counts['busier'], counts['total'], 1)})" if counts["busier"] else ""
    return [
        *said,
        f"At the station that is first, each unit has over {BUSIER_PERCENT} % more work for "
        f"{many('busier')}{share}, over {BUSIER_PERCENT} % less for {many('relieved')}.",
        _work_said(found),
    ]


def limits_said(found: Losers) -> list[str]:
    """Return what the numbers do not cover; nothing where there is nothing to say."""
    region = found.comparison.baseline.times.region
    clipped = region.study.forces.clipped
    if not clipped:
        return []
    verb = "counts" if len(clipped) == 1 else "count"
    told = f"{words.listing(clipped)} {verb} only as far as the data reach"
    there = np.isin(region.demand.table["force"].to_numpy(str), clipped)
    people, calls = (region.demand.weights(measure) for measure in (region.study.measures[0], found.calls))
    recorded = int(calls[there].sum())
    if recorded * int(people[~there].sum()) < _RECORDED * int(calls[~there].sum()) * int(people[there].sum()):
        told += f"; {words.quantity(found.calls, recorded)} are recorded there, too few to judge by"
    return [f"{told}."]


def fairness_said(before: Mapping[str, Any], after: Mapping[str, Any], label: str) -> str:
    """Return how the tenth that waits longest and the countryside fare, from two rows of `fairness_table`."""
    waits = [tenth_told(row) for row in (before, after)]
    before_that = "as before" if waits[0] == waits[1] else f"instead of {waits[0]}"
    changes = [words.points(after[f"{kind}_share"] - before[f"{kind}_share"]) for kind in ("rural", "urban")]
    return (
        f"{label}: the tenth who wait longest wait {waits[1]} min on average, {before_that}. Within the "
        f"standard, the country changes by {changes[0]} points and towns by {changes[1]}."
    )


def hours(value_ms: float, *, signed: bool = False) -> str:
    """Return work in hours with one decimal, as amounts are printed.

    Examples
    --------
    >>> hours(5_400_000), hours(-5_400_000, signed=True), hours(1), hours(0)
    ('1.5', '−1.5', '< 0.1', '0')
    """
    if not value_ms:
        return "0"
    shown = f"{abs(value_ms) / HOUR_MS:,.1f}"
    if shown == "0.0":
        shown = "< 0.1"
    sign = "+" if value_ms > 0 else "\N{MINUS SIGN}"
    return f"{sign}{shown}" if signed else shown


def tenth_told(row: Mapping[str, Any]) -> str:
    """Return a row's mean waiting time of the tenth that waits longest, in minutes."""
    mean = row["tenth_mean_ms"]
    return f"{mean / 60_000:.1f}" if np.isfinite(mean) else words.NO_NUMBER


def gini_told(row: Mapping[str, Any]) -> str:
    """Return a row's Gini coefficient."""
    return f"{row['gini']:.3f}" if np.isfinite(row["gini"]) else words.NO_NUMBER


def _hosted_said(coverage: Coverage, people: int) -> list[str]:
    """Return for how many the other force's unit starts at a station of their own force, and where."""
    region = coverage.times.region
    measure = region.study.measures[0]
    here = hosted(coverage)
    weights = region.demand.weights(measure)[here]
    near = (
        pd.Series(weights).groupby(coverage.station[here]).sum().sort_values(ascending=False, kind="stable")
    )
    if not near.sum():
        return []
    many = "all" if near.sum() == people else words.amount(measure, int(near.sum()))
    names = [str(name) for name in region.stations["name"].iloc[near.index[:_HOSTS].tolist()]]
    rest = len(near) - len(names)
    told = words.listing([*names, f"{rest} more"] if rest else names)
    return [f"For {many} of them it starts at a station of their own force, as a guest: {told}."]


def _most_said(aid: pd.DataFrame) -> list[str]:
    balance = balance_table(aid)
    work = balance[balance["quantity"] == UNIT_TIME].set_index("force")["net"]
    gives, receives = str(work.idxmax()), str(work.idxmin())
    if not work[gives]:
        return ["Every force gives as much work as it receives."]
    return [
        f"{gives} gives most, {hours(work[gives])} unit-hours more than it receives; {receives} receives "
        f"most, {hours(work[receives])} more than it gives."
    ]


def _concerned(found: Losers) -> dict[str, int]:
    """Return the sums over the partners and over forces outside for which anything changes."""
    rows = found.by_force.set_index("force").drop([PARTNERS, ALL, NONE], errors="ignore")
    changed = rows.drop(columns="total").any(axis=1).to_numpy()
    kept = rows[changed | np.isin(rows.index, found.study.alliance)]
    return {str(name): int(kept[name].sum()) for name in kept}


def _work_said(found: Losers) -> str:
    """Return how all work changes, and that units are not more than before."""
    coverages = (found.comparison.baseline, found.comparison.scenario)
    before, after = (int(aid_table(c, found.calls.name)[UNIT_TIME].sum()) for c in coverages)
    units = [coverage.basing.units for coverage in coverages]
    change = words.points((after - before) / before) if before else words.NO_NUMBER
    told = f"All work together changes by {change} %"
    if units[0].sum() == units[1].sum():
        moved = bool((units[0] != units[1]).any())
        how = "units only start elsewhere" if moved else "calls only go to other units"
        told += f": {how}, none is added"
    return f"{told}."
