"""Where people live along the streets: points on the streets, and the middle one of an area's own."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from numba import njit
from scipy.spatial import cKDTree

from borderless.roads.arrays import BoolArray, FloatArray, Int64Array

#: Residential streets stand for the people along them by one point for each of so many metres.
SAMPLE_M = 50.0
# other streets by fewer points, which are there for areas without residential ones
_COARSE_M = 100.0
_HA_M2 = 10_000.0
_RESIDENTIAL = ("residential", "living_street")
# through roads in built-up land have houses beside them only where smaller streets have them too
_HOUSES_IF_BUILT_UP = ("unclassified", "tertiary")


@dataclass(frozen=True, eq=False)
class LivedStreets:
    """Points along the streets where a car may stop.

    Parameters
    ----------
    xy
        Coordinates, m in EPSG:27700, shape (s, 2).
    metres
        Length of street each stands for, shape (s,).
    residential
        Whether people live there: a residential street, or a small road in built-up land, shape (s,).
    """

    xy: FloatArray
    metres: FloatArray
    residential: BoolArray


def lived_streets(streets: gpd.GeoDataFrame) -> LivedStreets:
    """Return points along streets, each in the middle of a piece of at most :data:`SAMPLE_M`.

    Streets where nobody is known to live are cut into pieces twice as long.

    Parameters
    ----------
    streets
        As in :attr:`borderless.roads.network.RoadNetwork.streets`.
    """
    some = streets[streets["snappable"].to_numpy(dtype=np.bool_)]
    highway = some["highway"].astype(str)
    small = highway.isin(_HOUSES_IF_BUILT_UP) & some["built_up"].astype(bool)
    residential = (highway.isin(_RESIDENTIAL) | small).to_numpy(dtype=np.bool_)
    lines = some.geometry.to_numpy()
    length = shapely.length(lines)
    piece_m = np.where(residential, SAMPLE_M, _COARSE_M)
    count = np.maximum(1, np.ceil(length / piece_m)).astype(np.int64)
    street = np.repeat(np.arange(len(lines)), count)
    nth = np.arange(len(street)) - np.repeat(np.cumsum(count) - count, count)
    along = (nth + 0.5) / count[street]
    middle = shapely.line_interpolate_point(lines[street], along, normalized=True)
    return LivedStreets(
        shapely.get_coordinates(middle).reshape(-1, 2), (length / count)[street], residential[street]
    )


def home_points(
    lived: LivedStreets, x: npt.ArrayLike, y: npt.ArrayLike, area_ha: npt.ArrayLike
) -> FloatArray:
    """Return the middle of each area's streets: the point on them with the least way to all the others.

    An area is taken for a disc of its size round its centre. A piece of street in several discs belongs to
    the smallest of them, where people live closest together. Of an area's pieces the residential ones count,
    where it has some; each weighs as much as it is long.

    Parameters
    ----------
    lived
        Points along the streets.
    x, y
        Centres of areas, m in EPSG:27700, shape (a,).
    area_ha
        Their sizes, hectares, shape (a,); NaN or 0 for a place that has none.

    Returns
    -------
    numpy.ndarray
        m, shape (a, 2), NaN for places without size and areas without a street of their own.
    """
    centre = np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    size = np.nan_to_num(np.asarray(area_ha, dtype=np.float64))
    home = np.full(centre.shape, np.nan)
    sized = np.flatnonzero(size > 0)
    if not len(sized) or not len(lived.xy):
        return home
    owner = _owners(lived.xy, centre, np.sqrt(size * _HA_M2 / np.pi), sized)
    owned = np.flatnonzero(owner >= 0)
    housed = np.zeros(len(centre), dtype=np.bool_)
    housed[owner[owned[lived.residential[owned]]]] = True
    owned = owned[lived.residential[owned] | ~housed[owner[owned]]]
    owned = owned[np.argsort(owner[owned], kind="stable")]
    areas, first = np.unique(owner[owned], return_index=True)
    ends = np.append(first, len(owned)).astype(np.int64)
    middle = _medians(lived.xy[owned], lived.metres[owned], ends)
    home[areas] = lived.xy[owned[middle]]
    return home


def _owners(xy: FloatArray, centre: FloatArray, radius_m: FloatArray, sized: Int64Array) -> Int64Array:
    """Return the smallest disc that each point lies in, -1 for none."""
    # the smallest comes last and so keeps what it shares; of equally large ones the southernmost
    order = sized[np.lexsort((-centre[sized, 0], -centre[sized, 1], -radius_m[sized]))]
    inside = cKDTree(xy).query_ball_point(centre[order], radius_m[order], return_sorted=True)
    owner = np.full(len(xy), -1, dtype=np.int64)
    count = np.fromiter(map(len, inside), dtype=np.int64, count=len(inside))
    if count.sum():
        owner[np.concatenate([np.asarray(found, dtype=np.int64) for found in inside])] = np.repeat(
            order, count
        )
    return owner


@njit(cache=True)
def _medians(xy: FloatArray, weight: FloatArray, ends: Int64Array) -> Int64Array:
    """Return of each run of points the one with the least weighted sum of distances to the others."""
    chosen = np.empty(len(ends) - 1, np.int64)
    for k in range(len(ends) - 1):
        least = np.inf
        for i in range(ends[k], ends[k + 1]):
            total = 0.0
            for j in range(ends[k], ends[k + 1]):
                total += weight[j] * np.hypot(xy[i, 0] - xy[j, 0], xy[i, 1] - xy[j, 1])
                if total >= least:
                    break
            if total < least:
                least, chosen[k] = total, i
    return chosen
