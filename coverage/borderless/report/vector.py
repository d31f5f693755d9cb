"""Layers for map programs, as the bytes of a file: GeoPackage, GeoJSON or FlatGeobuf."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pyogrio

from borderless import store
from borderless.errors import OutputError

#: Ending of a file → the driver that writes it.
DRIVERS = {"gpkg": "GPKG", "geojson": "GeoJSON", "fgb": "FlatGeobuf"}
_NOT_MADE = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError)
# GeoPackages hold the date of writing; a fixed one makes equal results equal bytes.
_GPKG_DATE = "2000-01-01T00:00:00.000Z"
_OPTIONS: Mapping[str, dict[str, Any]] = {
    "gpkg": {},
    # degrees, outer rings anticlockwise
    "geojson": {"RFC7946": "YES"},
    # an index would put the rows into another order
    "fgb": {"SPATIAL_INDEX": "NO"},
}


def vector_bytes(layers: Mapping[str, gpd.GeoDataFrame], name: str) -> bytes:
    """Return layers as a file, which GDAL can only make on the disk; equal layers give equal bytes.

    Parameters
    ----------
    layers
        Name → layer; only a GeoPackage holds more than one.
    name
        What the file will be called; its ending says the format, one of :data:`DRIVERS`. GeoJSON is written
        in WGS84 degrees (RFC 7946), the others as the layers are.

    Raises
    ------
    OutputError
        When the disk refuses.
    """
    ending = name.rpartition(".")[2]
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _GPKG_DATE})
    try:
        with store.scratch() as folder:
            path = folder / name
            for layer, frame in layers.items():
                rows = frame.to_crs(4326) if ending == "geojson" else frame
                options = _shape_of(rows) | _OPTIONS[ending] | {"driver": DRIVERS[ending]}
                pyogrio.write_dataframe(rows, path, layer=layer, append=path.exists(), **options)
            return path.read_bytes()
    except (*_NOT_MADE, OSError) as error:
        why = f"{name}: could not be made in {tempfile.gettempdir()} ({error})"
        remedy = "make room there, or name another folder for temporary files in TMPDIR"
        msg = f"{why}; what was there before is unchanged → {remedy}"
        raise OutputError(msg) from error
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _shape_of(layer: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return one geometry type for a layer, so that QGIS shows one layer, not three."""
    kinds = set(layer.geometry.geom_type.dropna())
    if kinds <= {"Point"}:
        return {"geometry_type": "Point"}
    wide = "MultiLineString" if kinds <= {"LineString", "MultiLineString"} else "MultiPolygon"
    return {"geometry_type": wide, "promote_to_multi": True}
