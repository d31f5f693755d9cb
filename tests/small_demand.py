"""Demand made in memory: points at kilometres, three square forces, and everything gathered from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from borderless.demand import DemandPoints, gather_demand
from borderless.errors import ProblemLog
from borderless.study.model import Cells, DemandInput, Study, measure_named
from small_regions import NOWHERE, small_study

GRID = "EPSG:27700"
KM = 1000
WEST = shapely.box(0, 0, 10 * KM, 10 * KM)
EAST = shapely.box(10 * KM, 0, 20 * KM, 10 * KM)
NORTH = shapely.box(0, 10 * KM, 20 * KM, 20 * KM)
PEOPLE, INCIDENTS = measure_named("population"), measure_named("incidents")
NO_PLACES = gpd.GeoDataFrame({"name": [], "kind": []}, geometry=[], crs=GRID)
NO_ROADS = gpd.GeoSeries([], crs=GRID)


def force_areas(**shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    names = sorted(shapes)
    return gpd.GeoDataFrame({"force": names}, geometry=[shapes[name] for name in names], crs=GRID)


AREAS = force_areas(West=WEST, East=EAST, North=NORTH)


def points(*rows: tuple[float, float, int], **columns: Sequence[object]) -> pd.DataFrame:
    """Return points (x and y in km, weight) as the reader of demand gives them."""
    frame = pd.DataFrame(rows, columns=["x", "y", "weight"]).astype({"weight": np.int64})
    frame[["x", "y"]] *= float(KM)
    for column in ("id", "force", "place", "node"):
        frame[column] = columns.get(column, "")
    frame["urban"] = columns.get("urban", -1)
    frame["area_ha"] = columns.get("area_ha", np.nan)
    return frame


def study(alliance: tuple[str, ...] = ("West", "East"), cells: Cells | None = None) -> Study:
    made = small_study(alliance)
    entries = [DemandInput(m, NOWHERE, None, "w", "x", "y") for m in (PEOPLE, INCIDENTS)]
    return replace(made, demand=tuple(entries), cells=cells or made.cells)


def gather(
    people: pd.DataFrame,
    incidents: pd.DataFrame | None = None,
    *,
    areas: gpd.GeoDataFrame = AREAS,
    roads: gpd.GeoSeries = NO_ROADS,
    places: gpd.GeoDataFrame = NO_PLACES,
    asked: Study | None = None,
    log: ProblemLog | None = None,
) -> DemandPoints:
    others = points() if incidents is None else incidents
    both = [(PEOPLE, people), (INCIDENTS, others)]
    return gather_demand(both, areas, roads, places, asked or study(), log=log or ProblemLog())


def given_rows(demand: DemandPoints) -> pd.DataFrame:
    """Return the rows that carry given weights, without the generated squares."""
    table = demand.table
    return table[(table["population"] > 0) | (table["incidents"] > 0)].reset_index(drop=True)


def sums(demand: DemandPoints, column: str) -> dict[str, int]:
    return {force: int(total) for force, total in demand.table.groupby("force")[column].sum().items()}
