"""Areas: force areas, built-up land and roads to draw, checked."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from shapely.validation import explain_validity

from borderless.errors import ProblemLog
from borderless.sources.tables import GRID, Table, read_table

_OVERLAP_M2 = 10_000.0


def read_force_areas(path: Path, name: str, wanted: Sequence[str], log: ProblemLog) -> gpd.GeoDataFrame:
    """Read force areas.

    Parameters
    ----------
    path
        Polygons; several features of one force are joined.
    name
        The column with the force's name.
    wanted
        Forces that must be there. Others are kept: they tell where a study's area ends.
    log
        Where problems go.

    Returns
    -------
    GeoDataFrame
        Columns force, geometry (EPSG:27700), one row a force, sorted by name.
    """
    table = read_table(path, log, required=(name,))
    if table.rows.empty or "geometry" not in table.rows:
        if not table.rows.empty:
            log.error(table.file, "has no areas", "use GeoJSON or GeoPackage with polygons")
        return gpd.GeoDataFrame({"force": []}, geometry=[], crs=GRID)
    areas = gpd.GeoDataFrame(
        {"force": table.rows[name].str.strip()}, geometry=table.rows["geometry"].to_numpy(), crs=GRID
    )
    _check_polygons(table, areas, log)
    known = sorted(set(areas["force"]))
    for force in wanted:
        if force not in known:
            close = difflib.get_close_matches(force, known, n=1)
            guess = f"; did you mean {close[0]}?" if close else f"; areas are: {', '.join(known)}"
            why = "the study names a force that has no area"
            log.error(table.file, why, f"correct the name{guess}", column=name, value=force)
    if log.errors:
        return areas
    joined = areas.dissolve(by="force", as_index=False)[["force", "geometry"]]
    _report_overlaps(table, joined, log)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=GRID)


def read_built_up(path: Path, log: ProblemLog) -> gpd.GeoSeries:
    """Read built-up areas: polygons, EPSG:27700; invalid ones are mended, with a note."""
    table = read_table(path, log)
    if "geometry" not in table.rows:
        if not table.rows.empty:
            log.error(table.file, "has no areas", "use GeoJSON or GeoPackage with polygons")
        return gpd.GeoSeries([], crs=GRID)
    shapes = gpd.GeoSeries(table.rows["geometry"].to_numpy(), crs=GRID)
    invalid = ~shapes.is_valid
    if invalid.any():
        log.repair(table.file, f"{int(invalid.sum())} built-up areas crossed themselves and were mended")
        shapes = shapes.where(~invalid, shapes.make_valid())
    return shapes[shapes.geom_type.isin(["Polygon", "MultiPolygon"])].reset_index(drop=True)


def read_drawing(path: Path, log: ProblemLog) -> gpd.GeoDataFrame:
    """Read roads that are only drawn: lines with highway, ref and name, EPSG:27700."""
    table = read_table(path, log, required=("highway",))
    rows = table.rows
    if "geometry" not in rows:
        if not rows.empty:
            log.error(table.file, "has no lines", "use GeoJSON or GeoPackage with lines")
        return gpd.GeoDataFrame({"highway": [], "ref": [], "name": []}, geometry=[], crs=GRID)
    columns = {column: rows.get(column, "") for column in ("highway", "ref", "name")}
    return gpd.GeoDataFrame(columns, geometry=rows["geometry"].to_numpy(), crs=GRID)


def _check_polygons(table: Table, areas: gpd.GeoDataFrame, log: ProblemLog) -> None:
    polygonal = areas.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    for position in np.flatnonzero(~polygonal):
        kind = areas.geom_type.iloc[position]
        log.error(
            table.file, "must be a polygon", "draw an area", where=table.where(int(position)), value=kind
        )
    for position in np.flatnonzero(polygonal & ~areas.is_valid.to_numpy()):
        log.error(
            table.file,
            f"the outline crosses itself ({explain_validity(areas.geometry.iloc[position])})",
            "mend the outline",
            where=table.where(int(position)),
            value=areas["force"].iloc[position],
        )


def _report_overlaps(table: Table, areas: gpd.GeoDataFrame, log: ProblemLog) -> None:
    shapes = areas.geometry.to_numpy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = left[left < right], right[left < right]
    overlap = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    wide = np.flatnonzero(overlap > _OVERLAP_M2)
    if not len(wide):
        return
    largest = wide[overlap[wide].argmax()]
    pair = f"{areas['force'].iloc[first[largest]]} and {areas['force'].iloc[second[largest]]}"
    more = "" if len(wide) == 1 else f", and {len(wide) - 1} pairs more by less"
    log.notice(
        table.file,
        f"these areas overlap by {overlap[largest] / 1e6:.2f} km²{more}; "
        "a place in two areas counts for the first by name",
        "mend the outlines if that matters",
        value=pair,
    )
