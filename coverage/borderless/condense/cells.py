"""Demand gathered into grid squares: by force, by kind of place, and by how soon help comes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.coverage import cover
from borderless.analysis.times import ResponseTimes
from borderless.region import Region

_CLEAR_MS = 20_000
_KEY = ["row", "column", "force", "urban"]


def gather_cells(times: ResponseTimes) -> pd.DataFrame:
    """Gather a region's demand points into squares.

    The points of a square that fall on different sides of a target, in any scenario of the study, are kept
    apart, so that a share within a target does not depend on where in a square its border runs. Each group
    stands at the point of its own that is nearest to its weighted mean, of those that are clear of every
    target by some seconds, so that a small detour over links does not carry it across.

    Parameters
    ----------
    times
        Travel times of a full region.

    Returns
    -------
    DataFrame
        One row a group, from south to north: force, urban, place, x, y (metres), `answered` (whether it
        holds any of what the study's own tables count), `main` (the heaviest group of its square), and
        every measure's column, summed exactly.
    """
    region = times.region
    columns = [measure.column for measure in region.study.every_measure]
    points = _points(region, columns)
    points["when"], points["clear_ms"] = _moments(times)
    points["group"] = _groups(points)
    weight = _lead_weight(points, columns)
    cells = points.groupby("group").agg(
        dict.fromkeys(["force", "urban"], "first") | dict.fromkeys(columns, "sum")
    )
    chosen = _middle_points(points, weight)
    for column in ("x", "y", "place"):
        cells[column] = points[column].to_numpy()[chosen]
    cells["answered"] = points.groupby("group")["answered"].any()
    square = points.groupby("group")["square"].first()
    total = pd.Series(weight).groupby(points["group"]).sum()
    cells["main"] = total.groupby(square).rank(method="first", ascending=False) == 1
    return cells.reset_index(drop=True)


def _points(region: Region, columns: list[str]) -> pd.DataFrame:
    side = 1000 * region.study.cells.size_km
    points = pd.DataFrame(region.demand.table[["force", "urban", "place", *columns]])
    points[["x", "y"]] = region.demand.xy()
    points["row"], points["column"] = np.floor(points["y"] / side), np.floor(points["x"] / side)
    points["square"] = points.groupby(_KEY, sort=True).ngroup()
    given = list(dict.fromkeys(entry.measure.column for entry in region.study.demand))
    points["answered"] = (points[given] > 0).any(axis=1)
    return points


def _moments(times: ResponseTimes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return between which targets each point is reached in all scenarios, and how far from any it is."""
    study = times.region.study
    limits = sorted(
        {limit for target in study.response.targets for limit in (target.urban_ms, target.rural_ms)}
    )
    moment = np.zeros(len(times.region.demand), dtype=np.int64)
    clear = np.full(len(moment), _CLEAR_MS)
    views = [times, *map(times.serving, study.asked_capabilities)]
    for asked, scenario in ((view, scenario) for view in views for scenario in study.scenarios):
        clock = cover(asked, scenario).clock_ms.astype(np.int64)
        between = np.searchsorted(limits, clock, side="left")
        _, moment = np.unique(moment * (len(limits) + 1) + between, return_inverse=True)
        for limit in limits:
            clear = np.minimum(clear, np.abs(clock - limit))
    return moment, clear


def _groups(points: pd.DataFrame) -> NDArray[np.int64]:
    """Return the group of each point; points that nobody is asked about join a group of their square."""
    # Without people or incidents a square is one group, and beside them its area follows the likest group.
    own = points["square"].astype(str) + ":" + points["when"].astype(str)
    answered = points["answered"]
    heavy = points[answered].groupby(["square", "when"]).size().sort_values(ascending=False, kind="stable")
    first = heavy.reset_index().drop_duplicates("square").set_index("square")["when"]
    fallback = points["square"].map(first)
    joined = points["square"].astype(str) + ":" + fallback.fillna(-1).astype(int).astype(str)
    known = own.isin(set(own[answered]))
    name = own.where(answered | known, joined)
    order = points.assign(name=name).groupby(["square", "name"], sort=True).ngroup()
    return np.asarray(order, dtype=np.int64)


def _lead_weight(points: pd.DataFrame, columns: list[str]) -> NDArray[np.float64]:
    """Return each point's weight in the first measure of which its group has any."""
    weight = np.zeros(len(points))
    open_ = np.ones(len(points), dtype=bool)
    for column in columns:
        some = points.groupby("group")[column].transform("sum").to_numpy() > 0
        weight[open_ & some] = points[column].to_numpy(float)[open_ & some]
        open_ &= ~some
    weight[open_] = 1.0
    return weight


def _middle_points(points: pd.DataFrame, weight: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return, for each group in order, its point nearest to its weighted mean, clear ones first."""
    group = points["group"].to_numpy()
    total = np.bincount(group, weight)
    away = np.zeros(len(points))
    for column in ("x", "y"):
        mean = np.bincount(group, weight * points[column].to_numpy()) / total
        away += (points[column].to_numpy() - mean[group]) ** 2
    unfit = -points["clear_ms"].to_numpy()
    order = np.lexsort((np.arange(len(points)), away, unfit, weight == 0, group))
    return np.asarray(order[np.unique(group[order], return_index=True)[1]], dtype=np.int64)
