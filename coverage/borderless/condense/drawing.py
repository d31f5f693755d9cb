"""What a small study is drawn with: outlines whose shared borders stay shared, and generalised main roads."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from borderless.demand import GRID
from borderless.region import Region

_OUTLINE_TOLERANCE_M = 120.0
_SLIVER_M = 300.0
_ROAD_TOLERANCE_M = 50.0
_SHORTEST_ROAD_M = 300.0
_BESIDE_M = 3_000.0
_TWIN_M = 45.0


def simple_outlines(region: Region) -> gpd.GeoDataFrame:
    """Return the force areas with fewer points: force, geometry (EPSG:27700).

    Slivers and overlaps between neighbours are closed first, so that two neighbours keep one border.
    """
    shapes = region.forces.geometry.to_numpy()
    clean = shapely.coverage_clean(shapes, gap_width=_SLIVER_M)  # type: ignore[attr-defined]  # newer than stubs
    simple = shapely.coverage_simplify(clean, _OUTLINE_TOLERANCE_M)
    return gpd.GeoDataFrame({"force": region.forces["force"]}, geometry=simple, crs=GRID)


def simple_roads(region: Region) -> gpd.GeoDataFrame:
    """Return the main roads in and near the force areas, generalised: highway, ref, name, geometry."""
    near = shapely.union_all(region.forces.geometry.simplify(500).to_numpy()).buffer(_BESIDE_M)
    roads = region.drawing.clip(near, keep_geom_type=True).explode(ignore_index=True)
    parts = []
    for (highway, ref, name), lines in roads.groupby(["highway", "ref", "name"], sort=True)["geometry"]:
        joined = shapely.line_merge(shapely.multilinestrings(_one_carriageway(lines.to_numpy())))
        for line in shapely.get_parts(joined):
            if line.length >= _SHORTEST_ROAD_M:
                road = (highway, ref, name, line.simplify(_ROAD_TOLERANCE_M))
                parts.append(road)
    columns = ("highway", "ref", "name", "geometry")
    frame = {column: [part[i] for part in parts] for i, column in enumerate(columns)}
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=GRID)


def _one_carriageway(lines: np.ndarray) -> np.ndarray:
    """Leave out lines that run beside a longer one of the same road all along, as second carriageways do."""
    order = np.argsort(-shapely.length(lines), kind="stable")
    kept: list[int] = []
    beside = shapely.buffer(lines, _TWIN_M, quad_segs=2)
    tree = shapely.STRtree(lines)
    taken = np.zeros(len(lines), dtype=bool)
    for i in order:
        if taken[i]:
            continue
        kept.append(int(i))
        inside = tree.query(beside[i], predicate="contains")
        taken[inside] = True
    return lines[sorted(kept)]
