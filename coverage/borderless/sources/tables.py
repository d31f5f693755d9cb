"""Any table file (CSV, GeoJSON, GeoPackage) into rows of text with British National Grid coordinates."""

from __future__ import annotations

import difflib
import gzip
import io
import warnings
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from borderless.errors import ProblemLog

GRID = "EPSG:27700"
WGS84 = "EPSG:4326"
_GEO_SUFFIXES = (".geojson", ".json", ".gpkg", ".geojson.gz")
# The National Grid's area of use, a little widened.
_LON, _LAT = (-9.5, 3.0), (49.0, 61.5)
_X, _Y = (-100_000.0, 800_000.0), (-100_000.0, 1_400_000.0)
_COORDINATE_NAMES = (("lon", "lat"), ("x", "y"), ("easting", "northing"), ("longitude", "latitude"))


@dataclass(frozen=True)
class Table:
    """A file as rows of text.

    Parameters
    ----------
    file
        The file as the user named it.
    rows
        Columns of text; a geometry column (EPSG:27700) when the file has one.
    unit
        What a row is called in messages: ``row`` (the header is row 1) or ``feature``.
    number
        The number of each row in the file; None when no row of the file was left out.
    """

    file: str
    rows: pd.DataFrame
    unit: str
    number: NDArray[np.int64] | None = None

    def where(self, position: int) -> str:
        """Return the name of the row at a position, for messages."""
        first = 2 if self.unit == "row" else 1
        return f"{self.unit} {first + position if self.number is None else self.number[position]}"


def read_table(path: Path, log: ProblemLog, *, required: Iterable[str] = ()) -> Table:
    """Read a table; problems go into the log and leave the table empty.

    Parameters
    ----------
    path
        ``.csv``, ``.csv.gz``, ``.geojson``, ``.geojson.gz`` or ``.gpkg``, on this machine.
    log
        Where problems go.
    required
        Columns that must be there.

    Returns
    -------
    Table
    """
    name = path.name
    if not path.is_file():
        log.error(name, "there is no such file", "check its name in study.toml; only local files are read")
        return Table(name, pd.DataFrame(), "row")
    geographic = name.lower().endswith(_GEO_SUFFIXES)
    if not geographic and not name.lower().endswith((".csv", ".csv.gz")):
        log.error(name, "this kind of file is not known", "use CSV, GeoJSON or GeoPackage")
        return Table(name, pd.DataFrame(), "row")
    with warnings.catch_warnings():
        # What GDAL remarks on damaged features is told as a problem.
        warnings.simplefilter("ignore", RuntimeWarning)
        table = _read_features(path, log) if geographic else _read_csv(path, log)
    rows = table.rows
    if rows.columns.empty:
        return table
    missing = [column for column in required if column not in rows.columns]
    for column in missing:
        log.error(name, "this column is missing", f"add it, or {_nearest(column, rows)}", column=column)
    if rows.empty:
        log.error(name, "the file has no rows", "give at least one")
    return Table(name, pd.DataFrame(), table.unit) if missing else table


def grid_coordinates(
    table: Table, x: str, y: str, log: ProblemLog, *, optional: bool = False
) -> NDArray[np.float64]:
    """Return the coordinates of every row in metres on the British National Grid.

    Parameters
    ----------
    table
        Rows with point geometries, or with columns `x` and `y` in degrees (WGS 84) or metres (EPSG:27700).
    x, y
        Column names, used when there is no geometry.
    log
        Where problems go.
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
        for position in np.flatnonzero((geometry.geom_type != "Point").to_numpy()):
            kind = geometry.geom_type.iloc[position]
            log.error(
                table.file, "must be a point", "give points", where=table.where(int(position)), value=kind
            )
        points = geometry.where(geometry.geom_type == "Point")
        return np.column_stack([points.x.to_numpy(float), points.y.to_numpy(float)])
    if not {x, y} <= set(rows.columns):
        for column in (x, y):
            if column not in rows.columns:
                why = "this coordinate column is missing"
                log.error(table.file, why, f"add it, or {_nearest(column, rows)}", column=column)
        return np.full((len(rows), 2), np.nan)
    east = numbers(table, x, log, optional=optional)
    north = numbers(table, y, log, optional=optional)
    return _to_grid(table, (x, y), np.column_stack([east, north]), log)


def coordinate_columns(table: Table) -> tuple[str, str]:
    """Return the first known pair of coordinate columns of a table (lon and lat when there is none)."""
    lower = {str(column).lower(): str(column) for column in table.rows.columns}
    for x, y in _COORDINATE_NAMES:
        if x in lower and y in lower:
            return lower[x], lower[y]
    return "lon", "lat"


def numbers(table: Table, column: str, log: ProblemLog, *, optional: bool = False) -> NDArray[np.float64]:
    """Return a column as numbers; rows with something else are reported and become NaN."""
    text = table.rows[column].astype(str).str.strip()
    values = pd.to_numeric(text, errors="coerce").to_numpy(float)
    wrong = ~np.isfinite(values)
    if optional:
        wrong &= (text != "").to_numpy()
    for position in np.flatnonzero(wrong):
        value = text.iloc[position]
        why = "must be a number" if value else "is empty"
        remedy = "write a decimal point, not a comma" if "," in value else "give a number"
        log.error(table.file, why, remedy, where=table.where(int(position)), column=column, value=value)
    return np.where(np.isfinite(values), values, np.nan)


def whole_numbers(table: Table, column: str, log: ProblemLog) -> NDArray[np.int64]:
    """Return a column as whole numbers of at least 0; others are reported and become 0."""
    values = numbers(table, column, log)
    wrong = np.isfinite(values) & ((values < 0) | (values != np.round(values)) | (values > 2**53))
    for position in np.flatnonzero(wrong):
        value = table.rows[column].iloc[position]
        why = "must be a whole number of at least 0"
        log.error(
            table.file,
            why,
            "round or correct it",
            where=table.where(int(position)),
            column=column,
            value=value,
        )
    return np.where(np.isfinite(values) & ~wrong, values, 0).astype(np.int64)


def _nearest(column: str, rows: pd.DataFrame) -> str:
    names = [str(name) for name in rows.columns]
    close = difflib.get_close_matches(column, names, n=1, cutoff=0.5)
    return f"rename {close[0]!r}" if close else f"columns are: {', '.join(names)}"


def _read_csv(path: Path, log: ProblemLog) -> Table:
    empty = Table(path.name, pd.DataFrame(), "row")
    try:
        # The header is read as a row: pandas would else take the first column of a wider table as row names.
        text = pd.read_csv(
            path, header=None, dtype=str, keep_default_na=False, encoding="utf-8-sig", skip_blank_lines=False
        )
    except UnicodeDecodeError as error:
        why = f"is not UTF-8 text (byte {error.start} is 0x{error.object[error.start]:02x})"
        log.error(path.name, why, "save it as “CSV UTF-8”")
    except pd.errors.EmptyDataError:
        log.error(path.name, "the file is empty", "give a header and rows")
    except pd.errors.ParserError as error:
        why = f"is not a CSV table: {str(error).strip()}"
        log.error(path.name, why, "check the quotes and the number of columns")
    except (OSError, EOFError, zlib.error) as error:
        log.error(path.name, f"cannot be read ({error})", "the file may be truncated; fetch it again")
    else:
        header = text.iloc[0].rename(None)
        twice = sorted(set(header[header.duplicated() & (header != "")]))
        for column in twice:
            log.error(path.name, "two columns have this name", "rename one of them", column=column)
        if twice:
            return empty
        rows = text.iloc[1:].set_axis(header, axis="columns")
        filled = (rows != "").any(axis=1).to_numpy()
        return Table(path.name, rows[filled].reset_index(drop=True), "row", np.flatnonzero(filled) + 2)
    return empty


def _read_features(path: Path, log: ProblemLog) -> Table:
    empty = Table(path.name, pd.DataFrame(), "feature")
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else None
        layer = _only_layer(path, log)
        frame = gpd.read_file(path if content is None else io.BytesIO(content), layer=layer)
    except shapely.errors.GEOSException:
        _report_shapes(path.name, path if content is None else io.BytesIO(content), layer, log)
        return empty
    except (OSError, EOFError, zlib.error, ValueError, RuntimeError) as error:
        kind = path.name.partition(".")[2]
        why = f"cannot be read as {kind} ({error})"
        log.error(path.name, why, "the file may be truncated or of another kind")
        return empty
    if not isinstance(frame, gpd.GeoDataFrame) or frame.geometry.isna().all():
        log.error(path.name, "has no geometries", "give features with geometries")
        return empty
    if frame.crs is None:
        why = "does not say which coordinates it uses"
        log.error(path.name, why, "save it with its coordinate system")
        return empty
    absent = (frame.geometry.isna() | frame.geometry.is_empty).to_numpy()
    for position in np.flatnonzero(absent):
        log.error(path.name, "has no geometry", "draw it or remove it", where=f"feature {position + 1}")
    frame = frame[~absent].reset_index(drop=True)
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    text = {column: frame[column].map(_as_text) for column in frame.columns if column != "geometry"}
    rows = pd.DataFrame({**text, "geometry": frame["geometry"].to_crs(GRID)})
    table = Table(path.name, rows, "feature", np.flatnonzero(~absent) + 1)
    _check_places(table, frame, log)
    return table


def _report_shapes(name: str, source: Path | io.BytesIO, layer: str | None, log: ProblemLog) -> None:
    """Report the features whose shape cannot be made at all, such as an outline that does not close."""
    for position, shape in enumerate(pyogrio.raw.read(source, layer=layer)[2]):
        try:
            shapely.from_wkb(shape)
        except shapely.errors.GEOSException as error:
            why = f"the outline is damaged ({error})"
            log.error(name, why, "draw it again, and close it", where=f"feature {position + 1}")


def _only_layer(path: Path, log: ProblemLog) -> str | None:
    """Return the first layer of a GeoPackage, with a notice when there are more."""
    if path.suffix.lower() != ".gpkg":
        return None
    layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    if len(layers) > 1:
        log.notice(path.name, f"has several layers ({', '.join(layers)}); {layers[0]} is read")
    return layers[0] if layers else None


def _as_text(value: object) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    # A column of whole numbers with a gap comes as decimal numbers.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _check_places(table: Table, given: gpd.GeoDataFrame, log: ProblemLog) -> None:
    """Report features beyond Great Britain: their numbers mean something else than the file says."""
    west, south, east, north = gpd.GeoSeries(table.rows["geometry"], crs=GRID).bounds.to_numpy().T
    inside = _within(west, _X) & _within(east, _X) & _within(south, _Y) & _within(north, _Y)
    for position in np.flatnonzero(~inside):
        x, y = shapely.get_coordinates(given.geometry.iloc[position])[0]
        log.error(
            table.file,
            f"does not lie in Great Britain when read as {given.crs.to_string()}",
            "name the coordinate system that the numbers are in; GeoJSON has longitude before latitude",
            where=table.where(int(position)),
            value=f"{x:g}, {y:g}",
        )


def _to_grid(
    table: Table, columns: tuple[str, str], values: NDArray[np.float64], log: ProblemLog
) -> NDArray[np.float64]:
    given = np.isfinite(values).all(axis=1)
    if not given.any():
        return np.full(values.shape, np.nan)
    x, y = values[:, 0], values[:, 1]
    degrees = given & (np.abs(x) <= 180) & (np.abs(y) <= 90)
    as_degrees = int(degrees.sum()) * 2 >= int(given.sum())
    if as_degrees:
        inside = given & _within(x, _LON) & _within(y, _LAT)
        swapped = given & _within(y, _LON) & _within(x, _LAT)
        expected = "longitude and latitude in Great Britain"
    else:
        inside = given & _within(x, _X) & _within(y, _Y)
        swapped = np.zeros(len(x), dtype=bool)
        expected = "easting and northing of the British National Grid, in metres"
    wrong = given & ~inside
    if swapped.sum() > 0.95 * given.sum():
        why = "latitude and longitude look swapped"
        log.error(table.file, why, "swap the two columns", column=f"{columns[0]}, {columns[1]}")
    else:
        for position in np.flatnonzero(wrong):
            log.error(
                table.file,
                f"is not {expected}",
                "correct the coordinates",
                where=table.where(int(position)),
                column=f"{columns[0]}, {columns[1]}",
                value=f"{x[position]:g}, {y[position]:g}",
            )
    result = np.full(values.shape, np.nan)
    if as_degrees:
        to_grid = Transformer.from_crs(WGS84, GRID, always_xy=True)
        east, north = to_grid.transform(x[inside], y[inside])
        result[inside] = np.column_stack([east, north])
    else:
        result[inside] = values[inside]
    return result


def _within(values: NDArray[np.float64], bounds: tuple[float, float]) -> NDArray[np.bool_]:
    return (values >= bounds[0]) & (values <= bounds[1])
