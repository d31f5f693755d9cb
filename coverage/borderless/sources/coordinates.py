"""Numbers into places on the British National Grid: degrees, metres, and what has been mixed up."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import Transformer

from borderless.errors import ProblemLog
from borderless.sources.tables import GRID, WGS84, Table, nearest_column, numbers

# The National Grid's area of use, a little widened.
_LON, _LAT = (-9.5, 3.0), (49.0, 61.5)
_X, _Y = (-100_000.0, 800_000.0), (-100_000.0, 1_400_000.0)
_COORDINATE_NAMES = (
    ("lon", "lat"),
    ("x", "y"),
    ("easting", "northing"),
    ("eastings", "northings"),
    ("longitude", "latitude"),
    ("lng", "lat"),
    ("long", "lat"),
)
_DEGREE_NAMES = frozenset(("lon", "lat", "lng", "long", "longitude", "latitude"))
_METRE_NAMES = frozenset(("easting", "northing", "eastings", "northings"))
# As many rows as this, of those with numbers, make a mistake of the whole column and not of a row.
_WHOLE_COLUMN = 0.95

# The numbers of places in metres are far beyond those of degrees.
_LEAST_METRES = 1_000.0

_Float = npt.NDArray[np.float64]
_Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Reading:
    """A way in which two numbers can be meant, when they are not meant as they are given.

    Parameters
    ----------
    why
        What is wrong with numbers that fit only this reading.
    remedy
        What to do about it.
    rule
        The repair that reads them so.
    """

    why: str
    remedy: str
    rule: str


#: The readings of a pair of numbers by name; a pair is given as ``degrees`` or ``metres``.
READINGS: Mapping[str, Reading] = {
    "swapped": Reading("latitude and longitude look swapped", "swap the two", "swap latitude and longitude"),
    "metres": Reading(
        "these are easting and northing in metres, not longitude and latitude in degrees",
        "name EPSG:27700 as the coordinate system, or the columns easting and northing",
        "read as EPSG:27700",
    ),
    "degrees": Reading(
        "these are longitude and latitude in degrees, not easting and northing in metres",
        "name EPSG:4326 as the coordinate system, or the columns lon and lat",
        "read as EPSG:4326",
    ),
}


def grid_coordinates(table: Table, x: str, y: str, log: ProblemLog, *, optional: bool = False) -> _Float:
    """Return the coordinates of every row in metres on the British National Grid.

    Parameters
    ----------
    table
        Rows with point geometries, or with columns `x` and `y` in degrees (WGS 84) or metres (EPSG:27700).
    x, y
        Column names, used when there is no geometry.
    log
        Where problems go; as a repair, swapped columns and metres among degrees are read as they are meant.
    optional
        Whether a row may have no coordinates.

    Returns
    -------
    ndarray, shape (rows, 2)
        NaN where a row has none or a wrong one.
    """
    rows = table.rows
    if "geometry" in rows:
        geometry = gpd.GeoSeries(rows["geometry"], crs=GRID)
        kinds = geometry.geom_type
        # QGIS likes to save single points as sets of one.
        single = ((kinds == "MultiPoint") & (shapely.get_num_geometries(geometry.to_numpy()) == 1)).to_numpy()
        geometry = geometry.where(
            ~single, gpd.GeoSeries(shapely.get_geometry(geometry.to_numpy(), 0), crs=GRID)
        )
        kinds = geometry.geom_type
        table.complain(kinds != "Point", "", "must be a point", "give points", log, values=kinds)
        points = geometry.where(kinds == "Point")
        return np.column_stack([points.x.to_numpy(float), points.y.to_numpy(float)])
    if not {x, y} <= set(rows.columns):
        for column in (x, y):
            if column not in rows.columns:
                why, remedy = (
                    "this coordinate column is missing",
                    f"add it, or {nearest_column(column, rows)}",
                )
                log.error(table.file, why, remedy, column=column)
        return np.full((len(rows), 2), np.nan)
    degrees = {x.lower(), y.lower()} <= _DEGREE_NAMES
    east = numbers(table, x, log, optional=optional, degrees=degrees)
    north = numbers(table, y, log, optional=optional, degrees=degrees)
    return _to_grid(table, (x, y), np.column_stack([east, north]), log)


def coordinate_columns(table: Table) -> tuple[str, str]:
    """Return the first known pair of coordinate columns of a table (lon and lat when there is none)."""
    lower = {str(column).lower(): str(column) for column in table.rows.columns}
    for x, y in _COORDINATE_NAMES:
        if x in lower and y in lower:
            return lower[x], lower[y]
    return "lon", "lat"


def fitting(x: _Float, y: _Float) -> dict[str, _Bool]:
    """Return for each reading of :data:`READINGS` which pairs lie in Great Britain when read so."""
    return {
        "degrees": within(x, _LON) & within(y, _LAT),
        "swapped": within(y, _LON) & within(x, _LAT),
        "metres": on_the_grid(x, y) & (np.maximum(np.abs(x), np.abs(y)) > _LEAST_METRES),
    }


def on_the_grid(x: _Float, y: _Float) -> _Bool:
    """Return which places in metres (EPSG:27700) lie in Great Britain."""
    return within(x, _X) & within(y, _Y)


def within(values: _Float, bounds: tuple[float, float]) -> _Bool:
    """Return which values lie within bounds; NaN does not."""
    return (values >= bounds[0]) & (values <= bounds[1])


def is_whole_column(rows: _Bool, of: _Bool) -> bool:
    """Tell whether a mistake is one of the whole column: nearly all rows make it."""
    return bool(rows.sum() >= _WHOLE_COLUMN * of.sum())


def _to_grid(table: Table, columns: tuple[str, str], values: _Float, log: ProblemLog) -> _Float:
    given = np.asarray(np.isfinite(values).all(axis=1), dtype=np.bool_)
    result = np.full(values.shape, np.nan)
    if not given.any():
        return result
    fits = fitting(values[:, 0], values[:, 1])
    expected = _expected(columns, values[given])
    if expected == "metres":
        # Degrees read as metres would lie in the sea off Scilly.
        fits["metres"] = on_the_grid(values[:, 0], values[:, 1]) & ~fits["degrees"]
    # What stands for “not known” in many files, and is a place in the sea.
    fits["metres"] &= (values != 0).any(axis=1)
    read = {expected: fits[expected]}
    wrong = given & ~fits[expected]
    for reading in READINGS:
        rows = np.asarray(wrong & fits[reading], dtype=np.bool_)
        if reading != expected and rows.any():
            if _offer(table, columns, values, rows, given, reading, log):
                read[reading] = rows
            wrong &= ~rows
    meant = {
        "degrees": "longitude and latitude in Great Britain",
        "metres": "easting and northing of the British National Grid, in metres",
    }[expected]
    pair = f"{columns[0]}, {columns[1]}"
    if wrong.any():
        table.complain(wrong, pair, f"is not {meant}", "correct the coordinates", log, values=_shown(values))
    for reading, rows in read.items():
        pairs = values[rows][:, ::-1] if reading == "swapped" else values[rows]
        placed = pairs if reading == "metres" else np.column_stack(_to_grid_of_degrees().transform(*pairs.T))
        result[rows] = placed
    return result


@functools.cache
def _to_grid_of_degrees() -> Transformer:
    """Return what turns longitude and latitude into metres; to make it takes longer than to use it."""
    return Transformer.from_crs(WGS84, GRID, always_xy=True)


def _expected(columns: tuple[str, str], values: _Float) -> str:
    """Return how a table means its numbers: as its columns are called, or as most of them look."""
    names = {column.strip().lower() for column in columns}
    if names <= _DEGREE_NAMES:
        return "degrees"
    if names <= _METRE_NAMES:
        return "metres"
    degrees = (np.abs(values[:, 0]) <= 180) & (np.abs(values[:, 1]) <= 90)
    return "degrees" if 2 * int(degrees.sum()) >= len(values) else "metres"


def _offer(
    table: Table,
    columns: tuple[str, str],
    values: _Float,
    rows: _Bool,
    given: _Bool,
    reading: str,
    log: ProblemLog,
) -> bool:
    """Offer to read rows otherwise, or do so; tell which."""
    other, pair = READINGS[reading], f"{columns[0]}, {columns[1]}"
    if is_whole_column(rows, given):
        first = int(np.flatnonzero(rows)[0])
        where = f"{int(rows.sum()):,} {table.unit}s, the first {table.where(first)}"
        shown = _shown(values[first : first + 1])[0]
        return log.mend(
            *(table.file, other.why, other.remedy),
            rule=other.rule,
            where=where,
            column=pair,
            value=shown,
            after=", ".join(reversed(shown.split(", ")))
            if reading == "swapped"
            else f"{shown} (as {reading})",
        )
    after = _shown(values[:, ::-1]) if reading == "swapped" else _shown(values) + f" (as {reading})"
    return table.mend(
        rows, pair, other.why, other.remedy, other.rule, log, before=_shown(values), after=after
    )


def _shown(values: _Float) -> pd.Series:
    return pd.Series([f"{x:.9g}, {y:.9g}" for x, y in values], dtype=object)
