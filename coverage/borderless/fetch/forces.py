"""Force areas: all of them from the portal, the ones a user names, and the area whose roads are needed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from borderless.errors import InputError, Problem, ProblemLog
from borderless.fetch.arcgis import Layer, fetch_features
from borderless.fetch.endpoints import Endpoint
from borderless.fetch.http import Client
from borderless.sources.tables import GRID, WGS84

_ARGUMENT = "PLACE"
_LAYER = Layer("force areas", code=r"PFA\d\dCD", name=r"PFA\d\dNM")
_SUFFIX = re.compile(r"\s+(police|constabulary|police service)$", re.IGNORECASE)
# Detail of the outline of the band around the forces, m; the band is kilometres wide.
_BAND_DETAIL_M = 200.0


@dataclass(frozen=True)
class Wanted:
    """The forces of a study and where they are.

    Parameters
    ----------
    alliance, outside
        Their names as the portal writes them.
    areas
        Columns force, geometry (EPSG:4326): these forces and all that reach into the band around them.
    forces, area
        The named forces together, and with the band around them, degrees.
    """

    alliance: tuple[str, ...]
    outside: tuple[str, ...]
    areas: gpd.GeoDataFrame
    forces: BaseGeometry
    area: BaseGeometry


def fetch_forces(
    client: Client, endpoint: Endpoint, alliance: Sequence[str], outside: Sequence[str], guard_band_km: float
) -> Wanted:
    """Fetch force areas and find the ones that are named.

    Parameters
    ----------
    client
        Asks for them.
    endpoint
        The layer of force areas.
    alliance, outside
        Names as a user writes them; capitals and a trailing Police or Constabulary make no difference.
    guard_band_km
        How far beyond the forces roads are needed, km.

    Returns
    -------
    Wanted

    Raises
    ------
    FetchError
        When the areas cannot be had.
    InputError
        When a name is unknown or given twice.
    """
    areas = fetch_features(client, endpoint, _LAYER).rename(columns={"name": "force"})
    areas["geometry"] = _mended(areas, endpoint.server, client.log)
    known = sorted(areas["force"])
    partners, others = match_forces(alliance, outside, known)
    named = areas[areas["force"].isin((*partners, *others))]
    plane = shapely.union_all(named.to_crs(GRID).geometry.to_numpy())
    band = shapely.simplify(shapely.buffer(plane, guard_band_km * 1000), _BAND_DETAIL_M)
    around = gpd.GeoSeries([band], crs=GRID).to_crs(WGS84).iloc[0]
    near = areas[areas.geometry.intersects(around)][["force", "geometry"]]
    return Wanted(
        alliance=partners,
        outside=others,
        areas=near.sort_values("force").reset_index(drop=True),
        forces=shapely.union_all(named.geometry.to_numpy()),
        area=around,
    )


def match_forces(
    alliance: Sequence[str], outside: Sequence[str], known: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names as the portal writes them.

    Raises
    ------
    InputError
        With every name that is unknown, and the nearest known one, or given twice.
    """
    log = ProblemLog()
    plain = {_plain(name): name for name in known}
    found: list[list[str]] = []
    taken: set[str] = set()
    for group in (alliance, outside):
        found.append([])
        for given in group:
            name = plain.get(_plain(given))
            if name is None:
                close = difflib.get_close_matches(_plain(given), plain, n=1)
                guess = f"did you mean {plain[close[0]]}? " if close else ""
                log.error(
                    _ARGUMENT, "there is no such force", f"{guess}known are: {'; '.join(known)}", value=given
                )
            elif name in taken:
                log.error(_ARGUMENT, "is named more than once", "name each force once", value=given)
            else:
                taken.add(name)
                found[-1].append(name)
    if not alliance:
        log.error(_ARGUMENT, "no force is named", f"known are: {'; '.join(known)}")
    log.raise_errors()
    return tuple(found[0]), tuple(found[1])


def _plain(name: str) -> str:
    return _SUFFIX.sub("", " ".join(name.split())).casefold().replace("&", "and")


def _mended(areas: gpd.GeoDataFrame, server: str, log: ProblemLog) -> gpd.GeoSeries:
    polygonal = areas.geom_type.isin(["Polygon", "MultiPolygon"])
    if not polygonal.all():
        kinds = ", ".join(sorted(set(areas.geom_type[~polygonal])))
        why, remedy = f"sent force areas that are no areas ({kinds})", "give the address of another layer"
        raise InputError([Problem(server, why=why, remedy=remedy)])
    shapes = areas.geometry
    invalid = ~shapes.is_valid
    for force in areas["force"][invalid]:
        log.repair(
            server, "the outline crossed itself and was mended", rule="make the outline valid", value=force
        )
    return shapes.where(~invalid, shapes.make_valid())
