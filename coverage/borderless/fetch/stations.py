"""A draft of stations, and named places, from what OpenStreetMap knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely

from borderless.errors import ProblemLog
from borderless.sources.tables import GRID, WGS84
from borderless.study.defaults import DEFAULTS

_DECIMALS = 6
# One unit is a stand-in for everything that only the forces know.
DRAFT_UNITS = 1
_PLACE_KINDS = (
    "city",
    "town",
    "village",
    "hamlet",
    "suburb",
    "neighbourhood",
    "quarter",
    "borough",
    "locality",
)
# How a spreadsheet knows a formula; no name begins like that.
_FORMULA = "=+-@\t\r\n '"
_COLUMNS = ("id", "name", "force", "role", "units", "lon", "lat")


def read_points(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return police sites and named places of a file of OpenStreetMap.

    Parameters
    ----------
    path
        An ``.osm.pbf`` file.

    Returns
    -------
    sites
        Columns id (``n`` or ``w`` and the number), name (may be empty), street, lon, lat; outlines stand for
        the middle of their corners.
    places
        Columns name, place (city, town, village, …), lon, lat.
    """
    sites, places = [], []
    things = (
        osmium.FileProcessor(str(path))
        .with_locations("flex_mem")
        .with_filter(osmium.filter.EntityFilter(osmium.osm.NODE | osmium.osm.WAY))
        .with_filter(osmium.filter.KeyFilter("amenity", "place"))
    )
    for thing in cast("Iterable[Any]", things):
        tags = dict(thing.tags)
        lon, lat = _middle(thing)
        if not np.isfinite(lon):
            continue
        name = _clean(tags.get("name") or tags.get("official_name") or "")
        if tags.get("amenity") == "police":
            street = _clean(tags.get("addr:street", ""))
            sites.append((f"{thing.type_str()}{thing.id}", name, street, lon, lat))
        elif tags.get("place") in _PLACE_KINDS and name and thing.is_node():
            places.append((name, tags["place"], lon, lat))
    return (
        pd.DataFrame(sites, columns=["id", "name", "street", "lon", "lat"]),
        pd.DataFrame(places, columns=["name", "place", "lon", "lat"]),
    )


def draft_stations(
    sites: pd.DataFrame,
    places: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    forces: Sequence[str],
    streets: gpd.GeoSeries,
    log: ProblemLog,
) -> pd.DataFrame:
    """Return a table of stations to be corrected by someone who knows them.

    Parameters
    ----------
    sites, places
        As :func:`read_points` returns them.
    areas
        Columns force, geometry (EPSG:4326), neighbours too.
    forces
        Whose stations are wanted.
    streets
        Lines, EPSG:27700.
    log
        Takes notices of what was left out and of forces without a station.

    Returns
    -------
    DataFrame
        Columns id, name, force, role (empty), units (1), lon, lat, sorted by force and id.
    """
    points = gpd.GeoDataFrame(sites, geometry=gpd.points_from_xy(sites["lon"], sites["lat"]), crs=WGS84)
    joined = points.sjoin(areas, predicate="within").drop_duplicates("id")
    inside = joined[joined["force"].isin(forces)]
    far = _far_from(streets, inside.to_crs(GRID).geometry)
    for row in inside[far].itertuples():
        log.notice(
            "stations.csv", "a police site far from any street was left out", value=f"{row.id} {row.name}"
        )
    kept = inside[~far].sort_values(["force", "id"]).reset_index(drop=True)
    kept["name"] = _names(kept, places)
    for force in forces:
        if not (kept["force"] == force).any():
            why = f"OpenStreetMap knows no police site in {force}"
            log.notice("stations.csv", why, "add its stations before you run the study")
    return pd.DataFrame(kept.assign(role="", units=DRAFT_UNITS)[list(_COLUMNS)])


def _middle(thing: Any) -> tuple[float, float]:
    if thing.is_node():
        return round(thing.location.lon, _DECIMALS), round(thing.location.lat, _DECIMALS)
    corners = {(node.lon, node.lat) for node in thing.nodes if node.location.valid()}
    if not corners:
        return np.nan, np.nan
    lon, lat = np.array(sorted(corners)).mean(axis=0).round(_DECIMALS)
    return float(lon), float(lat)


def _clean(name: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(printable.split()).lstrip(_FORMULA)


def _far_from(streets: gpd.GeoSeries, points: gpd.GeoSeries) -> np.ndarray:
    if points.empty:
        return np.zeros(0, dtype=np.bool_)
    farthest_m = DEFAULTS["speeds", "max_snap_m"].value
    tree = shapely.STRtree(streets.to_numpy())
    nearest = tree.geometries[tree.nearest(points.to_numpy())]
    return np.asarray(shapely.distance(points.to_numpy(), nearest) > farthest_m)


def _names(sites: pd.DataFrame, places: pd.DataFrame) -> list[str]:
    """Return names; who has none is called after its street or the nearest place, and numbered if need be."""
    near = _nearest_names(sites, places)
    names: list[str] = []
    for name, street, place in zip(sites["name"], sites["street"], near, strict=True):
        parts = list(dict.fromkeys(filter(None, (street, place))))
        called = name or ", ".join(["Police", *parts])
        again = names.count(called) + sum(other.startswith(f"{called} (") for other in names)
        names.append(called if name or not again else f"{called} ({again + 1})")
    return names


def _nearest_names(sites: pd.DataFrame, places: pd.DataFrame) -> list[str]:
    if places.empty or sites.empty:
        return [""] * len(sites)
    there = gpd.GeoSeries(gpd.points_from_xy(places["lon"], places["lat"]), crs=WGS84).to_crs(GRID)
    here = gpd.GeoSeries(gpd.points_from_xy(sites["lon"], sites["lat"]), crs=WGS84).to_crs(GRID)
    return list(places["name"].to_numpy()[shapely.STRtree(there.to_numpy()).nearest(here.to_numpy())])
