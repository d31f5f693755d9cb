"""Roundabouts that no tag names: small rings of two-way streets, nearly circles, with three arms or more."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from scipy.sparse import csgraph

from borderless.roads.arrays import FloatArray, Int64Array
from borderless.roads.junctions import headings

# a circle has 1, a regular hexagon 0.91, a square block 0.79
_ROUNDNESS = 0.88
_PERIMETER_M = (25.0, 350.0)
_ARMS = 3

_Bool = npt.NDArray[np.bool_]


def with_roundabouts(
    streets: gpd.GeoDataFrame, count: int, *, clockwise: bool = True
) -> tuple[gpd.GeoDataFrame, int]:
    """Drive untagged roundabouts one way.

    Streets are taken as the edges of a plane drawing; a face of it is a roundabout when its outline is 25 to
    350 m long and nearly a circle (4π × area ÷ outline² of at least 0.88), three streets or more lead away
    from it, and every street round it is two-way and no roundabout by its tags.

    Parameters
    ----------
    streets
        Columns ``tail``, ``head``, ``oneway``, ``roundabout``, ``length_m``, ``geometry``.
    count
        How many nodes there are.
    clockwise
        The way round, as where people drive on the left.

    Returns
    -------
    streets
        With ``oneway`` and ``roundabout`` set round the rings.
    found
        How many rings there are.
    """
    open_ring = ((streets["oneway"] == 0) & ~streets["roundabout"]).to_numpy(dtype=np.bool_)
    if not open_ring.any():
        return streets, 0
    tail, head = (streets[name].to_numpy(dtype=np.int64) for name in ("tail", "head"))
    start, end = np.stack([tail, head], axis=1).ravel(), np.stack([head, tail], axis=1).ravel()
    lines = np.asarray(streets.geometry.array)
    face, faces = _faces(start, headings(lines))
    length = np.repeat(shapely.length(lines), 2)
    perimeter = np.bincount(face, length, faces)
    area = np.bincount(face, _swept(lines), faces)
    arms = np.bincount(face, np.bincount(start, minlength=count)[end] - 2, faces)
    closed = np.bincount(face, ~np.repeat(open_ring, 2), faces) == 0
    low, high = _PERIMETER_M
    round_ = 4 * np.pi * area >= _ROUNDNESS * np.maximum(perimeter, 1e-9) ** 2
    ring = round_ & closed & (perimeter >= low) & (perimeter <= high) & (arms >= _ARMS)
    dart = np.flatnonzero(ring[face])
    # faces are gone round against the clock
    way = np.where(dart % 2 == 0, -1, 1) * (1 if clockwise else -1)
    oneway, roundabout = (
        streets["oneway"].to_numpy(copy=True),
        streets["roundabout"].to_numpy(dtype=bool, copy=True),
    )
    oneway[dart // 2], roundabout[dart // 2] = way, True
    return streets.assign(oneway=oneway, roundabout=roundabout), int(ring.sum())


def _faces(start: Int64Array, leaving: FloatArray) -> tuple[Int64Array, int]:
    """Return the face to the left of each dart, and how many there are."""
    darts = np.arange(len(start))
    order = np.lexsort((leaving, start))
    place = np.empty(len(start), dtype=np.int64)
    place[order] = darts
    size = np.bincount(start)
    first = (np.cumsum(size) - size)[start[order]]
    # at its end a face goes on along the next street clockwise from the one it came by
    before = np.where(darts > first, darts - 1, first + size[start[order]] - 1)
    onward = order[before[place[darts ^ 1]]]
    steps = sparse.coo_array((np.ones(len(start), dtype=np.int8), (darts, onward)), shape=(len(start),) * 2)
    count, face = csgraph.connected_components(steps.tocsr(), directed=False)
    return face.astype(np.int64), int(count)


def _swept(lines: npt.NDArray[np.object_]) -> FloatArray:
    """Return the area that each dart sweeps around the origin, m²; round a face they add up to its own."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    points = points - points.mean(axis=0)
    here = np.flatnonzero(line[1:] == line[:-1])
    cross = points[here, 0] * points[here + 1, 1] - points[here + 1, 0] * points[here, 1]
    along = np.bincount(line[here], cross / 2, len(lines))
    swept: FloatArray = np.stack([along, -along], axis=1).astype(np.float64).ravel()
    return swept
