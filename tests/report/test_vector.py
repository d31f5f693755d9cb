"""Layers come back from every format as they went in, and the same layers give the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from borderless.report.vector import DRIVERS, vector_bytes

EVERY_FORMAT = pytest.mark.parametrize("ending", DRIVERS)
HOLED = shapely.box(440_000, 300_000, 450_000, 310_000).difference(
    shapely.Point(445_000, 305_000).buffer(2_000)
)


def table() -> gpd.GeoDataFrame:
    far = shapely.box(460_000, 300_000, 461_000, 301_000)
    return gpd.GeoDataFrame(
        {"station": ["Å", "B", "C"], "minutes": [5, 10, 15]},
        geometry=[HOLED, shapely.MultiPolygon([HOLED, far]), shapely.MultiPolygon()],
        crs="EPSG:27700",
    )


def lines() -> gpd.GeoDataFrame:
    line = shapely.LineString([(440_000, 300_000), (441_000, 300_500)])
    return gpd.GeoDataFrame({"minutes": [5]}, geometry=[shapely.MultiLineString([line])], crs="EPSG:27700")


@EVERY_FORMAT
@pytest.mark.parametrize("made", [table, lines])
def test_a_layer_comes_back_as_it_went_in(ending: str, made, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / f"areas.{ending}"
    path.write_bytes(vector_bytes({"areas": made()}, path.name))
    read = gpd.read_file(path)
    degrees = ending == "geojson"
    assert read.crs == ("EPSG:4326" if degrees else "EPSG:27700")
    kept = read.to_crs(27700) if degrees else read
    columns = [name for name in made() if name != "geometry"]
    assert kept[columns].to_dict("list") == made()[columns].to_dict("list")
    for one, other in zip(kept.geometry, made().geometry, strict=True):
        if other.is_empty:
            assert one is None or one.is_empty
        else:
            assert one.is_valid
            assert one.geom_type.startswith("Multi")
            parts, expected = (shapely.get_parts(shapely.normalize(shape)) for shape in (one, other))
            assert shapely.equals_exact(shapely.normalize(parts), expected, 0.05 if degrees else 1e-6).all()


@EVERY_FORMAT
def test_the_same_layer_gives_the_same_bytes(ending: str) -> None:
    assert vector_bytes({"areas": table()}, f"a.{ending}") == vector_bytes({"areas": table()}, f"a.{ending}")


def test_geojson_is_in_degrees_with_outer_rings_anticlockwise() -> None:
    told = json.loads(vector_bytes({"areas": table()}, "areas.geojson"))
    assert "crs" not in told
    rings = [
        ring for f in told["features"][:2] for polygon in f["geometry"]["coordinates"] for ring in polygon
    ]
    assert [shapely.LinearRing(ring).is_ccw for ring in rings] == [True, False, True, False, True]
    assert all(-3 < x < 0 and 52 < y < 53 for ring in rings for x, y in ring)
