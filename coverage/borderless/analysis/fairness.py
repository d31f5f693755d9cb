"""How fair a scenario is: the tenth who wait longest, Gini, country and town, best and worst partner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.compare import forces_alliance_and_all
from borderless.analysis.coverage import Coverage
from borderless.roads.network import UNREACHABLE


class Tenth(NamedTuple):
    """The tenth of the weight that waits longest.

    Parameters
    ----------
    mean_ms
        Weighted mean of those in it who can be reached; missing where none can.
    from_ms
        The shortest time in it; None where nobody in it can be reached.
    unreachable
        How much of the weight cannot be reached at all; it waits longest and fills the tenth first.
    """

    mean_ms: float
    from_ms: int | None
    unreachable: int


def fairness_table(coverages: Sequence[Coverage]) -> pd.DataFrame:
    """Return figures of fairness for each scenario, on the clock that targets are judged on.

    Parameters
    ----------
    coverages
        Of the same times, for example the baseline and a scenario.

    Returns
    -------
    DataFrame
        scenario, force (each, ``alliance``, ``all``), measure, total, unreachable (whole units), then
        tenth_mean_ms and tenth_from_ms (see :func:`worst_tenth`), gini (see :func:`gini`), and
        rural_covered, rural_total, rural_share, urban_covered, urban_total, urban_share within the standard
        target. Shares are 0 to 1, missing where the total is 0; tenth and Gini are missing where nobody can
        be reached.
    """
    rows = []
    for coverage in coverages:
        region = coverage.times.region
        urban = region.demand.table["urban"].to_numpy(bool)
        within = coverage.covered(coverage.targets[0])
        for measure in region.study.measures:
            weights = region.demand.weights(measure)
            for force, here in forces_alliance_and_all(coverage.times):
                tenth = worst_tenth(coverage.clock_ms[here], weights[here])
                row = {
                    "scenario": coverage.scenario.name,
                    "force": force,
                    "measure": measure.name,
                    "total": int(weights[here].sum()),
                    "unreachable": tenth.unreachable,
                    "tenth_mean_ms": tenth.mean_ms,
                    "tenth_from_ms": np.nan if tenth.from_ms is None else tenth.from_ms,
                    "gini": gini(coverage.clock_ms[here], weights[here]),
                }
                for kind, mask in (("rural", here & ~urban), ("urban", here & urban)):
                    covered, total = int(weights[mask & within].sum()), int(weights[mask].sum())
                    row[f"{kind}_covered"], row[f"{kind}_total"] = covered, total
                    row[f"{kind}_share"] = covered / total if total else np.nan
                rows.append(row)
    return pd.DataFrame(rows)


def gap_table(coverages: Sequence[Coverage]) -> pd.DataFrame:
    """Return how far the partners are apart within the standard target.

    Returns
    -------
    DataFrame
        scenario, measure, best, best_share, worst, worst_share, gap (best − worst, 0 to 1): the partners with
        the largest and the smallest share; of equals the first in the study. Empty names and missing
        numbers where no partner has any of the measure.
    """
    rows = []
    for coverage in coverages:
        study = coverage.times.region.study
        table = coverage.table
        standard = table[(table["target"] == coverage.targets[0].name) & table["force"].isin(study.alliance)]
        for measure in study.measures:
            shares = standard[standard["measure"] == measure.name].set_index("force")["share"].dropna()
            found = (
                (shares.idxmax(), shares.max(), shares.idxmin(), shares.min())
                if len(shares)
                else ("", np.nan, "", np.nan)
            )
            rows.append((coverage.scenario.name, measure.name, *found, found[1] - found[3]))
    names = ["scenario", "measure", "best", "best_share", "worst", "worst_share", "gap"]
    return pd.DataFrame(rows, columns=names)


def worst_tenth(times_ms: NDArray[np.int32], weights: NDArray[np.int64]) -> Tenth:
    """Return how long the tenth of the weight waits that waits longest.

    The tenth is exact: of the place on its edge only the part that is needed counts.

    Parameters
    ----------
    times_ms
        Milliseconds; UNREACHABLE where nobody comes.
    weights
        Whole numbers, of the same shape.
    """
    time, weight, unreachable = _by_time(times_ms, weights)
    # In tenths of a person, so that a tenth of the weight is a whole number.
    wanted = max(int(weights.sum()) - 10 * unreachable, 0)
    longer = np.cumsum(10 * weight[::-1])[::-1] - 10 * weight
    taken = np.clip(wanted - longer, 0, 10 * weight)
    if not taken.any():
        return Tenth(np.nan, None, unreachable)
    waited = sum(int(part) * int(ms) for part, ms in zip(taken, time, strict=True) if part)
    return Tenth(waited / int(taken.sum()), int(time[taken > 0][0]), unreachable)


def gini(times_ms: NDArray[np.int32], weights: NDArray[np.int64]) -> float:
    """Return how unequally those who can be reached wait: 0 all alike, towards 1 one waits for all.

    The mean difference between two people drawn with replacement, over twice the mean:
    G = Σᵢ Σⱼ wᵢ wⱼ |tᵢ − tⱼ| / (2 W² t̄). Sorted by time this is Σⱼ wⱼ tⱼ (Cⱼ + Cⱼ₋₁ − W) / (W Σⱼ wⱼ tⱼ), with
    Cⱼ the weight up to and with j.

    Parameters
    ----------
    times_ms, weights
        As for :func:`worst_tenth`.

    Returns
    -------
    float
        0 where everybody waits no time at all; missing where nobody can be reached.

    References
    ----------
    Gini, C. (1912). Variabilità e mutabilità. Bologna. With weights: Lerman, R. I. and Yitzhaki, S. (1989).
    Improving the accuracy of estimates of Gini coefficients. Journal of Econometrics 42 (1), 43-47.
    """
    time, weight, _ = _by_time(times_ms, weights)
    total = int(weight.sum())
    if not total:
        return np.nan
    upto = np.cumsum(weight)
    waited = weight.astype(np.float64) * time
    if not waited.any():
        return 0.0
    return float((waited * (2 * upto - weight - total)).sum() / (total * waited.sum()))


def _by_time(
    times_ms: NDArray[np.int32], weights: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return each time that occurs, rising, with its weight, and the weight that cannot be reached."""
    reached = (times_ms != UNREACHABLE) & (weights > 0)
    time, which = np.unique(times_ms[reached].astype(np.int64), return_inverse=True)
    weight = np.zeros(len(time), dtype=np.int64)
    np.add.at(weight, which, weights[reached])
    return time, weight, int(weights[~reached].sum())
