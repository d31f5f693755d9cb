"""Areas: force areas, built-up land and roads to draw, checked."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.validation import explain_validity

from borderless.errors import ProblemLog
from borderless.sources.files import read_table
from borderless.sources.tables import GRID, Table

# Overlaps narrower than this come from simplified outlines; in a wider one two forces claim the same ground.
_SLIVER_M = 100.0
# Overlaps up to a hectare, or up to this share of the smaller area, are too small to matter.
_OVERLAP_M2, _OVERLAP_SHARE = 10_000.0, 0.0001
# Mending a damaged outline may change its area by this share.
_MENDED_SHARE = 0.001
_POLYGONS = ("Polygon", "MultiPolygon")


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
    table.complain(areas["force"] == "", name, "is empty", "give each area its force", log)
    areas["geometry"] = _whole_polygons(table, areas, wanted, log)
    known = sorted(set(areas["force"]))
    for force in wanted:
        if force not in known:
            close = difflib.get_close_matches(force, known, n=1)
            guess = f"; did you mean {close[0]}?" if close else f"; areas are: {', '.join(known)}"
            why = "the study names a force that has no area"
            log.error(table.file, why, f"correct the name{guess}", column=name, value=force)
    # A neighbour of whom nothing is left has no say.
    areas = areas[areas["force"].isin(wanted) | ~areas.is_empty]
    if not areas.is_valid.all() or not areas.geom_type.isin(_POLYGONS).all():
        return areas
    joined = areas.dissolve(by="force", as_index=False)[["force", "geometry"]]
    apart = _without_overlaps(table, joined, wanted, log)
    _report_gaps(table, apart, wanted, log)
    return gpd.GeoDataFrame(apart, geometry="geometry", crs=GRID)


def read_built_up(path: Path, log: ProblemLog) -> gpd.GeoSeries:
    """Read built-up areas: polygons, EPSG:27700; invalid ones are mended, with a note."""
    table = read_table(path, log)
    if "geometry" not in table.rows:
        if not table.rows.empty:
            log.error(table.file, "has no areas", "use GeoJSON or GeoPackage with polygons")
        return gpd.GeoSeries([], crs=GRID)
    shapes = gpd.GeoSeries(table.rows["geometry"].to_numpy(), crs=GRID)
    polygonal = shapes.geom_type.isin(_POLYGONS).to_numpy()
    if not polygonal.any():
        log.error(table.file, "has no areas", "use GeoJSON or GeoPackage with polygons")
    elif not polygonal.all():
        why = f"{int((~polygonal).sum()):,} features are no areas and do not count as built-up"
        log.notice(table.file, why, "leave them out")
    invalid = polygonal & ~shapes.is_valid.to_numpy()
    mended = _mended(shapes, invalid)
    why = "the outline crossed itself and was mended"
    sizes = Table(table.file, pd.DataFrame({"area": _sizes(shapes)}), table.unit, table.number)
    sizes.note(invalid, "area", why, "make the outline valid", _sizes(mended), log)
    return mended[polygonal & ~mended.is_empty.to_numpy()].reset_index(drop=True)


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


def _whole_polygons(
    table: Table, areas: gpd.GeoDataFrame, wanted: Sequence[str], log: ProblemLog
) -> gpd.GeoSeries:
    """Return outlines without crossings.

    Those that mending hardly changes are mended, if asked for; those of forces outside the study anyway.
    """
    shapes = areas.geometry
    kinds = areas.geom_type
    mixed = (kinds == "GeometryCollection").to_numpy(dtype=np.bool_, copy=True)
    shapes = _mended(shapes, mixed)
    mixed = np.asarray(mixed & (shapes.area > 0).to_numpy(), dtype=np.bool_)
    why = "holds lines or points beside its area; they were left out"
    said = Table(table.file, pd.DataFrame({"area": kinds}), table.unit, table.number)
    said.note(mixed, "area", why, "only the area counts", shapes.geom_type, log)
    polygonal = shapes.geom_type.isin(_POLYGONS).to_numpy() & ~(
        shapes.is_empty & (kinds == "GeometryCollection")
    )
    table.complain(~polygonal, "", "must be a polygon", "draw an area", log, values=kinds)
    invalid = np.asarray(polygonal & ~shapes.is_valid.to_numpy(), dtype=np.bool_)
    mended = _mended(shapes, invalid)
    before, after = shapes.area.to_numpy(), mended.area.to_numpy()
    near = (np.abs(after - before) <= _MENDED_SHARE * after) & (after > 0)
    result = shapes.copy()
    for position in np.flatnonzero(invalid):
        reason = explain_validity(shapes.iloc[position])
        where, force = table.where(int(position)), areas["force"].iloc[position]
        why = f"the outline of {force} crosses itself ({reason})"
        sizes = (f"{before[position]:,.0f} m²", f"{after[position]:,.0f} m²")
        if force in wanted and not near[position]:
            why += f"; mending it would change {sizes[0]} into {sizes[1]}"
            log.error(table.file, why, "draw the outline again", where=where, value=force)
            continue
        told: dict[str, Any] = {"rule": "make the outline valid", "where": where}
        told |= {"value": sizes[0], "after": sizes[1]}
        if force not in wanted:
            log.repair(table.file, why, **told)
        if force not in wanted or log.mend(table.file, why, "mend the outline", **told):
            result.iloc[position] = mended.iloc[position]
    return result


def _mended(shapes: gpd.GeoSeries, invalid: npt.NDArray[np.bool_]) -> gpd.GeoSeries:
    """Return shapes of which the invalid ones are made valid, and are areas only."""
    valid = shapely.make_valid(shapes.to_numpy()[invalid])
    parts, owner = shapely.get_parts(valid, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    owner = owner[inner]
    flat = np.isin(shapely.get_type_id(parts), (3, 6))
    whole = [shapely.union_all(parts[flat & (owner == row)]) for row in range(len(valid))]
    result = shapes.to_numpy().copy()
    result[invalid] = whole
    return gpd.GeoSeries(result, index=shapes.index, crs=shapes.crs)


def _sizes(shapes: gpd.GeoSeries) -> pd.Series:
    return pd.Series(shapes.area).map(lambda square_metres: f"{square_metres:,.0f} m²")


def _without_overlaps(
    table: Table, areas: gpd.GeoDataFrame, wanted: Sequence[str], log: ProblemLog
) -> gpd.GeoDataFrame:
    """Return areas of which no two claim the same ground, but for slivers; those are told of.

    A wide overlap that touches a force of the study is an error; as a repair, the first force by name
    keeps the ground.
    """
    shapes, names = areas.geometry.to_numpy().copy(), areas["force"].to_numpy(str)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = left[left < right], right[left < right]
    shared = shapely.intersection(shapes[first], shapes[second])
    size = shapely.area(shared)
    smaller = np.minimum(shapely.area(shapes[first]), shapely.area(shapes[second]))
    large = (size > _OVERLAP_M2) & (size > _OVERLAP_SHARE * smaller)
    ours = np.isin(names[first], wanted) | np.isin(names[second], wanted)
    deep = large & ours & ~shapely.is_empty(shapely.buffer(shared, -_SLIVER_M / 2))
    for pair in np.flatnonzero(deep):
        both = f"{names[first[pair]]} and {names[second[pair]]}"
        why = f"both areas claim the same {size[pair] / 1e6:.2f} km²"
        rest = shapely.difference(shapes[second[pair]], shared[pair])
        if rest.geom_type not in _POLYGONS or rest.area < _OVERLAP_M2:
            why += f", which is all of {names[second[pair]]}"
            log.error(table.file, why, "correct the outlines", value=both)
            continue
        remedy = f"correct the outlines, or give the ground to {names[first[pair]]}"
        rule = "first force by name keeps the ground"
        if log.mend(table.file, why, remedy, rule=rule, value=both, after=names[first[pair]]):
            shapes[second[pair]] = rest
    slivers = np.flatnonzero((size > _OVERLAP_M2) & ~deep)
    if len(slivers):
        largest = slivers[size[slivers].argmax()]
        more = "" if len(slivers) == 1 else f", and {len(slivers) - 1} pairs more by less"
        log.notice(
            table.file,
            f"these areas overlap by {size[largest] / 1e6:.2f} km²{more}; "
            "a place in two areas counts for the first by name",
            "mend the outlines if that matters",
            value=f"{names[first[largest]]} and {names[second[largest]]}",
        )
    return areas.set_geometry(gpd.GeoSeries(shapes, index=areas.index, crs=GRID))


def _report_gaps(table: Table, areas: gpd.GeoDataFrame, wanted: Sequence[str], log: ProblemLog) -> None:
    """Tell of ground between the study's areas that belongs to nobody."""
    whole = shapely.union_all(areas.geometry.to_numpy())
    rings = [ring for part in shapely.get_parts(whole) for ring in part.interiors]
    if not rings:
        return
    ours = shapely.union_all(areas.geometry[areas["force"].isin(wanted)].to_numpy())
    holes = shapely.polygons(rings)
    holes = holes[shapely.intersects(holes, ours)]
    size = shapely.area(holes)
    if size.sum() > _OVERLAP_M2:
        why = (
            f"{len(holes):,} gaps between the areas belong to no force: {size.sum() / 1e6:.2f} km², "
            f"the largest {size.max() / 1e6:.2f} km²"
        )
        log.notice(table.file, why, "mend the outlines if that matters")
