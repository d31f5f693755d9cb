"""Demand gathered into grid squares, one for each force and square, at its population-weighted point."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from borderless.region import Region


def gather_cells(region: Region) -> pd.DataFrame:
    """Gather a region's demand points into squares.

    Parameters
    ----------
    region
        A full study.

    Returns
    -------
    DataFrame
        One row for each force, square and kind of place (urban or not), from south to north: force, urban,
        x, y (metres: the mean of the square's points weighted by the first measure that has any there),
        place, peopled (whether the first measure has any), and every measure's column, summed exactly.
    """
    demand = region.demand
    xy = demand.xy()
    side = 1000 * region.study.cells.size_km
    columns = [measure.column for measure in demand.measures]
    points = pd.DataFrame(demand.table[["force", "urban", "place", *columns]])
    points["row"], points["column"] = np.floor(xy[:, 1] / side), np.floor(xy[:, 0] / side)
    points["x"], points["y"] = xy[:, 0], xy[:, 1]
    key = ["row", "column", "force", "urban"]
    points["square"] = points.groupby(key, sort=True).ngroup()
    weight = _weights_that_matter(points, columns)
    total = np.bincount(points["square"], weight)
    cells = points.groupby("square", as_index=False).agg(
        {"force": "first", "urban": "first"} | dict.fromkeys(columns, "sum")
    )
    cells["x"] = np.bincount(points["square"], weight * points["x"]) / total
    cells["y"] = np.bincount(points["square"], weight * points["y"]) / total
    heaviest = points.assign(weight=weight).sort_values(
        ["square", "weight", "place"], ascending=[True, False, True]
    )
    cells["place"] = heaviest.groupby("square")["place"].first().to_numpy()
    cells["peopled"] = cells[columns[0]] > 0
    return cells.drop(columns="square")


def inside_their_area(cells: pd.DataFrame, region: Region) -> NDArray[np.bool_]:
    """Return whether each cell's point lies in its own force's area."""
    shapes = dict(zip(region.forces["force"], region.forces.geometry, strict=True))
    points = shapely.points(cells["x"].to_numpy(), cells["y"].to_numpy())
    return np.array([shapely.intersects(shapes[f], p) for f, p in zip(cells["force"], points, strict=True)])


def _weights_that_matter(points: pd.DataFrame, columns: list[str]) -> NDArray[np.float64]:
    """Return each point's weight in the first measure of which its square has any."""
    weight = np.zeros(len(points))
    open_ = np.ones(len(points), dtype=bool)
    for column in columns:
        some = points.groupby("square")[column].transform("sum").to_numpy() > 0
        weight[open_ & some] = points[column].to_numpy(float)[open_ & some]
        open_ &= ~some
    weight[open_] = 1.0
    return weight
