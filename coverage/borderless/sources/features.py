"""GeoJSON, GeoPackage and shapefiles into rows of text with shapes on the British National Grid."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely
from pyproj.exceptions import ProjError

from borderless.errors import ProblemLog
from borderless.sources.content import content_of, other_kind
from borderless.sources.coordinates import READINGS, Reading, fitting, is_whole_column, on_the_grid
from borderless.sources.tables import GRID, WGS84, Table, plain_text

#: The names that files with shapes end in.
FEATURE_FILES = (".geojson", ".json", ".geojson.gz", ".gpkg", ".shp")
#: What reading a damaged file of shapes may raise.
UNREADABLE = (
    *(pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.GeometryError),
    *(shapely.errors.GEOSException, OSError, EOFError, zlib.error, ValueError, RuntimeError, OverflowError),
)
# How each kind begins: GDAL would else open whatever it finds, such as a list of files elsewhere.
_MAGIC = {".gpkg": b"SQLite format 3\x00", ".shp": b"\x00\x00\x27\x0a"}
_NO_SYSTEM = "does not say which coordinates it uses"

_Bool = npt.NDArray[np.bool_]


def read_features(path: Path, log: ProblemLog, *, layer: str | None = None) -> Table:
    """Read a file of shapes.

    Parameters
    ----------
    path
        One of :data:`FEATURE_FILES`; of a GeoPackage with several layers the first is read.
    log
        Where problems go. As repairs, coordinates are read as they must be meant: swapped, or in another
        system than the file says.
    layer
        The layer to read instead of the first.

    Returns
    -------
    Table
        Empty when the file cannot be read at all.
    """
    name = path.name if layer is None else f"{path.name}, layer {layer}"
    empty = Table(name, pd.DataFrame(), "feature")
    source = _source(path, log)
    if source is None:
        return empty
    try:
        wanted = _only_layer(path, log) if layer is None else layer
        frame = gpd.read_file(source, layer=wanted)
    except shapely.errors.GEOSException:
        _report_shapes(name, source, wanted, log)
        return empty
    except UNREADABLE as error:
        kind = path.name.partition(".")[2]
        why = f"cannot be read as {kind} ({_one_line(error)})"
        log.error(name, why, "the file may be truncated or of another kind")
        return empty
    if not isinstance(frame, gpd.GeoDataFrame) or frame.geometry.isna().all():
        log.error(name, "has no geometries", "give features with geometries")
        return empty
    return _table(name, frame, log)


def _source(path: Path, log: ProblemLog) -> Path | io.BytesIO | None:
    """Return what to read: the file itself when it begins as its kind must, or what it unpacks to."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        content = content_of(path, log)
        if content is None:
            return None
        start, source = content[:4096], io.BytesIO(content)
    else:
        try:
            with path.open("rb") as stream:
                start = stream.read(4096)
        except OSError as error:
            log.error(path.name, f"cannot be read ({error.strerror or error})", "check the permissions")
            return None
        source = None
    kind = path.name.partition(".")[2]
    other = other_kind(start, but="GeoPackage" if suffix == ".gpkg" else "")
    right = start.startswith(_MAGIC[suffix]) if suffix in _MAGIC else _begins_as_json(start)
    if not right:
        seen = (
            "it is empty" if not start else f"it is {other[0]}" if other else f"it begins with {start[:12]!r}"
        )
        remedy = other[1] if other else "the file may be truncated or of another kind"
        log.error(path.name, f"cannot be read as {kind} ({seen})", remedy)
        return None
    beside = [end for end in (".shx", ".dbf") if suffix == ".shp" and not path.with_suffix(end).is_file()]
    if beside:
        why = f"comes without {' and '.join(path.with_suffix(end).name for end in beside)}"
        log.error(path.name, why, "a shapefile is several files: put all of them into the folder")
        return None
    return path if source is None else source


def _begins_as_json(start: bytes) -> bool:
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def _only_layer(path: Path, log: ProblemLog) -> str | None:
    """Return the first layer of a GeoPackage, with a notice when there are more."""
    if path.suffix.lower() != ".gpkg":
        return None
    layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    if not layers:
        raise ValueError("it has no layers")
    if len(layers) > 1:
        log.notice(path.name, f"has several layers ({', '.join(layers)}); {layers[0]} is read")
    return layers[0] if layers else None


def _report_shapes(name: str, source: Path | io.BytesIO, layer: str | None, log: ProblemLog) -> None:
    """Report the features whose shape cannot be made at all, such as an outline that does not close."""
    if isinstance(source, io.BytesIO):
        source.seek(0)
    for position, shape in enumerate(pyogrio.raw.read(source, layer=layer)[2]):
        try:
            shapely.from_wkb(shape)
        except shapely.errors.GEOSException as error:
            why = f"the outline is damaged ({_one_line(error)})"
            log.error(name, why, "draw it again, and close it", where=f"feature {position + 1}")


def _table(name: str, frame: gpd.GeoDataFrame, log: ProblemLog) -> Table:
    empty = Table(name, pd.DataFrame(), "feature")
    if frame.geometry.name != "geometry":
        frame = frame.drop(columns="geometry", errors="ignore").rename_geometry("geometry")
    absent = (frame.geometry.isna() | frame.geometry.is_empty).to_numpy()
    bare = Table(name, pd.DataFrame(index=frame.index), "feature")
    bare.complain(absent, "", "has no geometry", "draw it or remove it", log)
    frame = frame[~absent].reset_index(drop=True)
    if frame.empty:
        return empty
    columns = [column for column in frame.columns if column != "geometry"]
    rows = pd.DataFrame({column: frame[column].map(_as_text) for column in columns}, index=frame.index)
    table = plain_text(Table(name, rows, "feature", np.flatnonzero(~absent) + 1), log)
    shapes = _on_the_grid(table, gpd.GeoSeries(frame.geometry), log)
    if shapes is None:
        return empty
    return Table(name, table.rows.assign(geometry=shapes), "feature", table.number)


def _as_text(value: Any) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    # A column of whole numbers with a gap comes as decimal numbers.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _on_the_grid(table: Table, shapes: gpd.GeoSeries, log: ProblemLog) -> gpd.GeoSeries | None:
    """Return shapes in EPSG:27700; None when there is no telling what their numbers mean."""
    west, south, east, north = shapes.bounds.to_numpy().T
    fits = {name: low & high for (name, low), high in zip(
        fitting(west, south).items(), fitting(east, north).values(), strict=True
    )}  # fmt: skip
    everyone = np.ones(len(shapes), dtype=np.bool_)
    if shapes.crs is None:
        system = next(
            (s for n, s in (("degrees", WGS84), ("metres", GRID)) if is_whole_column(fits[n], everyone)), ""
        )
        if not system:
            log.error(table.file, _NO_SYSTEM, "save it with its coordinate system")
            return None
        why, remedy = f"{_NO_SYSTEM}; the numbers look like {system}", "save it with its coordinate system"
        if not log.mend(table.file, why, remedy, rule=f"read as {system}", value="none", after=system):
            return None
        shapes = shapes.set_crs(system)
    try:
        placed = shapes.to_crs(GRID)
    except (ProjError, RuntimeError) as error:
        why = f"cannot be brought to the British National Grid ({_one_line(error)})"
        log.error(table.file, why, "save it as EPSG:27700 or EPSG:4326", value=shapes.crs.to_string())
        return None
    return _outside(table, shapes, placed, fits, log)


def _outside(
    table: Table, given: gpd.GeoSeries, placed: gpd.GeoSeries, fits: dict[str, _Bool], log: ProblemLog
) -> gpd.GeoSeries:
    """Report features beyond Great Britain: their numbers mean something else than the file says."""
    west, south, east, north = placed.bounds.to_numpy().T
    declared = "degrees" if given.crs.is_geographic else "metres"
    wrong = ~(on_the_grid(west, south) & on_the_grid(east, north))
    if declared == "metres":
        # Degrees read as metres would lie in the sea off Scilly.
        wrong |= fits["degrees"]
    if not wrong.any():
        return placed
    nowhere = wrong.copy()
    first = np.array([shapely.get_coordinates(shape)[0] for shape in given], dtype=float).reshape(-1, 2)
    shown = pd.Series([f"{x:g}, {y:g}" for x, y in first], dtype=object)
    for name, reading in READINGS.items():
        rows = wrong & fits[name]
        if name == declared or (name == "swapped" and declared == "metres") or not rows.any():
            continue
        wrong &= ~rows
        if _offered(table, reading, rows, shown, name, log):
            placed = placed.where(~rows, _read_otherwise(given, name))
            nowhere &= ~rows
    system = given.crs.to_string()
    table.complain(
        wrong,
        "",
        f"does not lie in Great Britain when read as {system if len(system) < 40 else 'the file says'}",
        "name the coordinate system that the numbers are in; GeoJSON has longitude before latitude",
        log,
        values=shown,
    )
    shapes = placed.to_numpy().copy()
    # What lies nowhere must not reach the sums of those who look for more problems.
    shapes[nowhere] = [shapely.from_wkt(f"{kind} EMPTY") for kind in given.geom_type[nowhere].str.upper()]
    return gpd.GeoSeries(shapes, index=placed.index, crs=GRID)


def _offered(
    table: Table, reading: Reading, rows: _Bool, shown: pd.Series, name: str, log: ProblemLog
) -> bool:
    turned = shown.map(lambda pair: ", ".join(reversed(pair.split(", "))))
    after = turned if name == "swapped" else shown + f" (as {name})"
    if not is_whole_column(rows, np.ones(len(rows), dtype=np.bool_)):
        return table.mend(rows, "", reading.why, reading.remedy, reading.rule, log, before=shown, after=after)
    first = int(np.flatnonzero(rows)[0])
    where = f"{int(rows.sum()):,} features, the first {table.where(first)}"
    return log.mend(
        *(table.file, reading.why, reading.remedy),
        rule=reading.rule,
        where=where,
        value=shown.iloc[first],
        after=after.iloc[first],
    )


def _read_otherwise(given: gpd.GeoSeries, name: str) -> gpd.GeoSeries:
    shapes = given.to_numpy()
    if name == "swapped":
        shapes = shapely.transform(shapes, lambda pairs: pairs[:, ::-1])
    system = GRID if name == "metres" else WGS84
    return gpd.GeoSeries(shapes, index=given.index, crs=system).to_crs(GRID)


def _one_line(error: BaseException) -> str:
    """Return what a library says of an error, without the folders of this machine."""
    return str(error).splitlines()[0].replace("/vsimem/", "")[:200] if str(error) else type(error).__name__
