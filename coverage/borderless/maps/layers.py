"""Results → compact dictionaries that a page's script can draw: pure functions, no HTML.

Coordinates leave as whole numbers of 0.00001 degrees (about a metre), each after the first as the
difference from the one before, so that they pack well. Demand is gathered into 1 km squares for
drawing only: what is counted comes from the comparison's own tables, never from these squares.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from borderless.analysis.compare import Comparison, compare
from borderless.analysis.coverage import Coverage
from borderless.analysis.isochrone.isochrones import driving_ms
from borderless.region import Region
from borderless.roads.network import UNREACHABLE

ROAD_CLASSES = ("motorway", "trunk", "primary", "secondary")
PLACE_KINDS = ("city", "town", "suburb", "village")
PLACES_LISTED = 15
SMALLEST_RING_M2 = 1_500_000

_DEGREE = 100_000
_TO_WGS84 = Transformer.from_crs(27700, 4326, always_xy=True)


def roads(drawing: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Join the drawn roads of one class and number into long lines.

    Parameters
    ----------
    drawing
        ``Region.drawing``: highway, ref, geometry in EPSG:27700.

    Returns
    -------
    list of dict
        ``class``, ``ref``, ``lines``; the quietest class first, so that main roads are drawn over it.
    """
    kind = drawing["highway"].astype(str).str.removesuffix("_link")
    kept = drawing[kind.isin(ROAD_CLASSES)].assign(kind=kind)
    drawn = []
    for name in reversed(ROAD_CLASSES):
        for ref, rows in kept[kept["kind"] == name].groupby(kept["ref"].fillna(""), sort=True):
            merged = shapely.line_merge(shapely.union_all(rows.geometry.to_numpy()))
            lines = [shapely.get_coordinates(part) for part in shapely.get_parts(merged)]
            drawn.append({"class": name, "ref": str(ref), "lines": encode(lines)})
    return drawn


def force_areas(region: Region) -> list[dict[str, Any]]:
    """Return the outlines of the study's forces, partners first, each with a point for its name."""
    order = {name: row for row, name in enumerate(region.study.force_names)}
    areas = region.forces[region.forces["force"].isin(order)]
    areas = areas.iloc[np.argsort([order[name] for name in areas["force"]], kind="stable")]
    return [
        {
            "force": order[name],
            "name": str(name),
            "alliance": bool(alliance),
            "rings": encode(_rings(geometry)),
            "label": encode([shapely.get_coordinates(_label_point(geometry))])[0],
        }
        for name, alliance, geometry in zip(areas["force"], areas["alliance"], areas.geometry, strict=True)
    ]


def places(region: Region) -> dict[str, list[Any]]:
    """Return the names a map shows, the most important first: by kind, then by people within 3 km.

    Returns
    -------
    dict of list
        ``name``, ``kind`` (row in `PLACE_KINDS`), ``people``, ``at`` (coordinates, each by itself).
    """
    rank = {kind: row for row, kind in enumerate(PLACE_KINDS)}
    named = region.places[region.places["kind"].isin(rank) & region.places["name"].astype(bool)]
    area = shapely.union_all(region.forces.geometry.to_numpy()).buffer(5_000)
    shapely.prepare(area)
    named = named[shapely.intersects(area, named.geometry.to_numpy())]
    people = _people_near(region, named)
    kind = named["kind"].map(rank).to_numpy(dtype=np.int64)
    best = np.lexsort((named["name"].to_numpy(dtype=str), -people, kind))
    at = _degrees(shapely.get_coordinates(named.geometry.to_numpy()))[best]
    return {
        "name": [str(name) for name in named["name"].to_numpy()[best]],
        "kind": kind[best].tolist(),
        "people": people[best].tolist(),
        "at": at.ravel().tolist(),
    }


def stations(region: Region, coverages: Sequence[Coverage]) -> dict[str, Any]:
    """Return the stations, with the units that start there in each scenario.

    Returns
    -------
    dict
        Columns, one entry a station; ``unitsIn``: scenario → units of any force; ``guests``: scenario →
        [station, force, units] of units that start at another force's station.
    """
    table = region.stations
    force = {name: row for row, name in enumerate(region.study.force_names)}
    return {
        "id": [str(value) for value in table["id"]],
        "name": [str(value) for value in table["name"]],
        "force": [force.get(name, -1) for name in table["force"]],
        "role": [str(value) for value in table["role"]],
        "units": table["units"].tolist(),
        "capacity": table["capacity"].tolist(),
        "at": _degrees(shapely.get_coordinates(table.geometry.to_numpy())).ravel().tolist(),
        "unitsIn": {c.scenario.name: c.basing.units.sum(axis=0).tolist() for c in coverages},
        "guests": {c.scenario.name: _guests(region, c) for c in coverages},
    }


def isochrones(table: gpd.GeoDataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return the driving-time polygons of each scenario, the widest first, without gaps and islets.

    Parameters
    ----------
    table
        scenario, minutes, geometry (EPSG:27700), as in ``Results.isochrones``.
    """
    drawn: dict[str, list[dict[str, Any]]] = {}
    widest_first = table.sort_values("minutes", ascending=False, kind="stable")
    for scenario, minutes, shape in zip(
        widest_first["scenario"], widest_first["minutes"], widest_first.geometry, strict=True
    ):
        rings = _rings(shapely.simplify(shape, 80))
        kept = [ring for ring in rings if shapely.area(shapely.polygons(ring)) >= SMALLEST_RING_M2]
        drawn.setdefault(str(scenario), []).append({"minutes": int(minutes), "rings": encode(kept)})
    return drawn


def inside_rings(coverage: Coverage, minutes: Sequence[int]) -> dict[str, list[int]]:
    """Return how much of the alliance a unit that may respond there can drive to within each limit.

    Counted at the demand points, never from polygons; the limit itself counts.

    Returns
    -------
    dict
        measure → one whole number for each of `minutes`.
    """
    region = coverage.times.region
    partners = region.study.alliance or region.study.force_names
    here = region.demand.table["force"].isin(partners).to_numpy(dtype=bool)
    drive = driving_ms(coverage)
    within = [here & (drive <= 60_000 * limit) & (drive != UNREACHABLE) for limit in minutes]
    return {
        measure.name: [int(region.demand.weights(measure)[mask].sum()) for mask in within]
        for measure in region.study.measures
    }


def typical(coverage: Coverage) -> dict[str, list[float | None]]:
    """Return, by force, the minutes within which half and nine in ten of the first measure are reached."""
    table = coverage.response_summary
    first = table[table["measure"] == coverage.times.region.study.measures[0].name]
    return {
        str(row["force"]): [_tenth(row["median_min"]), _tenth(row["p90_min"])]
        for row in first.to_dict("records")
    }


def numbers(comparison: Comparison) -> dict[str, Any]:
    """Return the counts of a comparison just as its table has them.

    Returns
    -------
    dict
        ``rows``: force → measure → target → [covered before, covered, total, gained, lost], whole numbers.
        ``changing``: people whose first unit comes from another force than before; ``changingBack``: the same
        the other way round.
    """
    rows: dict[str, dict[str, dict[str, list[int]]]] = {}
    for row in comparison.by_force.to_dict("records"):
        counts = [int(row[name]) for name in ("covered_before", "covered", "total", "gained", "lost")]
        rows.setdefault(row["force"], {}).setdefault(row["measure"], {})[row["target"]] = counts
    back = compare(comparison.scenario, comparison.baseline)
    return {"rows": rows, "changing": comparison.changing_force(), "changingBack": back.changing_force()}


def aid(coverage: Coverage) -> list[list[Any]]:
    """Return who answers whom across a border: [responder, force, people], the most people first."""
    column = coverage.times.region.study.measures[0].column
    rows = compare(coverage, coverage).aid.sort_values(column, ascending=False, kind="stable")
    columns = (rows["responder"], rows["force"], rows[column])
    return [[str(r), str(f), int(n)] for r, f, n in zip(*columns, strict=True) if n]


def listed_places(comparison: Comparison, region: Region) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return, for each target, the places where most people gain and where most lose.

    Returns
    -------
    dict
        target → ``gained`` and ``lost`` → place, force, people, minutes before and after, ``at``.
    """
    listed = {}
    for target in region.study.response.targets:
        table = comparison.places(target)
        listed[target.name] = {
            side: _place_rows(table.nlargest(PLACES_LISTED, side, keep="first"), side)
            for side in ("gained", "lost")
        }
    return listed


def encode(lines: Iterable[NDArray[np.float64]]) -> list[list[int]]:
    """Turn lines in EPSG:27700 into whole 0.00001 degrees: longitude, latitude, then differences.

    Parameters
    ----------
    lines
        Coordinates of each line, metres, shape (n, 2).

    Returns
    -------
    list of list of int
        Each line flat; points that fall together are dropped.
    """
    encoded = []
    for line in lines:
        step = np.diff(_degrees(line), axis=0, prepend=0)
        moves = np.any(step != 0, axis=1)
        moves[0] = True
        encoded.append(step[moves].ravel().tolist())
    return encoded


def bounds(region: Region) -> list[float]:
    """Return west, south, east, north of the alliance's area, in degrees."""
    partners = region.forces[region.forces["alliance"].to_numpy(dtype=bool)]
    area = partners if len(partners) else region.forces
    return [round(float(v), 5) for v in area.to_crs(4326).total_bounds]


def _degrees(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    lon, lat = _TO_WGS84.transform(xy[:, 0], xy[:, 1])
    whole: NDArray[np.int64] = np.rint(np.column_stack([lon, lat]) * _DEGREE).astype(np.int64)
    return whole


def _rings(geometry: Any) -> list[NDArray[np.float64]]:
    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    return [shapely.get_coordinates(ring) for ring in rings]


def _label_point(geometry: Any) -> Any:
    largest = max(shapely.get_parts(geometry), key=lambda part: part.area)
    return shapely.maximum_inscribed_circle(largest, tolerance=500).interpolate(0)


def _guests(region: Region, coverage: Coverage) -> list[list[int]]:
    home = np.array([region.study.force_names.index(name) for name in region.stations["force"]], dtype=int)
    force, station = np.nonzero(coverage.basing.units)
    found = zip(force.tolist(), station.tolist(), strict=True)
    return [[s, f, int(coverage.basing.units[f, s])] for f, s in found if home[s] != f]


def _people(region: Region) -> NDArray[np.int64]:
    return region.demand.weights(region.study.measures[0])


def _people_near(region: Region, named: gpd.GeoDataFrame) -> NDArray[np.int64]:
    points = region.demand.table.geometry.to_numpy()
    tree = shapely.STRtree(points)
    place, point = tree.query(named.geometry.to_numpy(), predicate="dwithin", distance=3_000)
    people = np.zeros(len(named), dtype=np.int64)
    np.add.at(people, place, _people(region)[point])
    return people


def _place_rows(table: pd.DataFrame, column: str) -> list[dict[str, Any]]:
    rows = table[table[column] > 0]
    at = _degrees(rows[["x", "y"]].to_numpy(dtype=np.float64)).tolist() if len(rows) else []
    return [
        {
            "place": str(row["place"]),
            "force": str(row["force"]),
            "people": int(row[column]),
            "before": _tenth(row["minutes_before"]),
            "after": _tenth(row["minutes"]),
            "at": position,
        }
        for row, position in zip(rows.to_dict("records"), at, strict=True)
    ]


def _tenth(minutes: float) -> float | None:
    return None if np.isnan(minutes) else round(float(minutes), 1)
