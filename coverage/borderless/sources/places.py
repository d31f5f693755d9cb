"""Named places, for labels and lists."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from borderless.errors import ProblemLog
from borderless.sources.coordinates import grid_coordinates
from borderless.sources.files import read_table
from borderless.sources.tables import GRID, short_names
from borderless.study.model import PlacesInput


def read_places(given: PlacesInput, log: ProblemLog) -> gpd.GeoDataFrame:
    """Read places.

    Parameters
    ----------
    given
        The file and its columns.
    log
        Where problems go.

    Returns
    -------
    GeoDataFrame
        Columns name, kind (city, town, village, …), geometry (points, EPSG:27700); places without a name
        are left out.
    """
    table = read_table(given.file, log, required=(given.name, given.kind))
    if table.rows.empty:
        return gpd.GeoDataFrame({"name": [], "kind": []}, geometry=[], crs=GRID)
    place = grid_coordinates(table, given.x, given.y, log)
    frame = gpd.GeoDataFrame(
        {"name": short_names(table, given.name, log), "kind": table.rows[given.kind].str.strip()},
        geometry=gpd.points_from_xy(place[:, 0], place[:, 1]),
        crs=GRID,
    )
    kept = (frame["name"] != "") & np.isfinite(place).all(axis=1)
    return frame[kept].reset_index(drop=True)
