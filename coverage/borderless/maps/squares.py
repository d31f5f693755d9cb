"""Demand points gathered into 1 km squares of the British grid, for drawing only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from borderless.analysis.coverage import Coverage
from borderless.demand import GRID
from borderless.region import Region
from borderless.roads.network import UNREACHABLE

CELL_M = 1_000


def cells(region: Region, coverages: Sequence[Coverage]) -> dict[str, Any]:
    """Gather the demand points into 1 km squares of the British grid, one for each force in a square.

    Times are means weighted by the study's first measure (by points where it is nought), in whole seconds;
    -1 where nothing reaches. The station is the one that answers most of it.

    Returns
    -------
    dict
        Columns, one entry a square: ``east``, ``north`` (km, as differences), ``force``, ``part`` and
        ``parts`` (a square shared by several forces is drawn in strips), ``people``, ``urban``, ``place``
        (row in ``placeNames``); ``seconds``, ``station`` and ``responder`` (the force whose unit it is) by
        scenario; ``grid``, see `grid_to_degrees`.
    """
    table = region.demand.table
    square, inside, cell = squares(region)
    people = region.demand.weights(region.study.measures[0])[inside]
    total = np.bincount(cell, people, len(square)).astype(np.int64)
    weight = np.where(total[cell] > 0, people, 1)
    heaviest = np.lexsort((-weight, cell))[np.searchsorted(np.sort(cell), np.arange(len(square)))]
    name_row, names = pd.factorize(table["place"].to_numpy()[inside][heaviest])
    urban = np.bincount(cell, weight * table["urban"].to_numpy(dtype=bool)[inside], len(square))
    part, parts = _strips(square)
    return {
        "east": _differences(square[:, 0]).tolist(),
        "north": _differences(square[:, 1]).tolist(),
        "force": square[:, 2].tolist(),
        "part": part.tolist(),
        "parts": parts.tolist(),
        "people": total.tolist(),
        "urban": (2 * urban > np.bincount(cell, weight, len(square))).astype(int).tolist(),
        "place": name_row.tolist(),
        "placeNames": ["" if pd.isna(name) else str(name) for name in names],
        "seconds": {c.scenario.name: _mean_seconds(c.clock_ms[inside], cell, weight) for c in coverages},
        "station": {c.scenario.name: c.station[inside][heaviest].tolist() for c in coverages},
        "responder": {c.scenario.name: c.responder[inside][heaviest].tolist() for c in coverages},
        "grid": grid_to_degrees(square[:, :2]),
    }


def squares(region: Region) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the squares that `cells` draws, and the points in them.

    Returns
    -------
    square
        East and north in km, row of the force; shape (squares, 3).
    inside
        Points in a force's area, shape (n,).
    cell
        The square of each of these, shape (n,).
    """
    table = region.demand.table
    force = table["force"].map({name: row for row, name in enumerate(region.study.force_names)})
    inside = np.flatnonzero(force.notna().to_numpy())
    xy = shapely.get_coordinates(table.geometry.to_numpy())[inside]
    key = np.column_stack([np.floor(xy / CELL_M).astype(np.int64), force.to_numpy()[inside].astype(np.int64)])
    square, cell = np.unique(key, axis=0, return_inverse=True)
    return square, inside, cell.ravel()


def grid_to_degrees(corners_km: NDArray[np.int64]) -> dict[str, Any]:
    """Fit the British grid to degrees by cubic polynomials, right to a metre over a region.

    Parameters
    ----------
    corners_km
        Squares' south-west corners in km, shape (n, 2).

    Returns
    -------
    dict
        ``origin`` and ``scale`` in km; ``lon``, ``lat``: coefficients of 1, e, n, e², en, n², e³, e²n,
        en², n³ with e and n measured from the origin in units of the scale.
    """
    low, high = corners_km.min(axis=0), corners_km.max(axis=0) + 1
    origin, scale = (low + high) / 2, float(max((high - low).max() / 2, 1))
    axis = np.linspace(-1, 1, 12)
    e, n = (grid.ravel() for grid in np.meshgrid(axis, axis))
    to_wgs84 = Transformer.from_crs(GRID, 4326, always_xy=True)
    lon, lat = to_wgs84.transform((origin[0] + e * scale) * 1_000, (origin[1] + n * scale) * 1_000)
    terms = np.column_stack([np.ones_like(e), e, n, e * e, e * n, n * n, e**3, e * e * n, e * n * n, n**3])
    fit = np.linalg.lstsq(terms, np.column_stack([lon, lat]), rcond=None)[0]
    return {"origin": origin.tolist(), "scale": scale, "lon": fit[:, 0].tolist(), "lat": fit[:, 1].tolist()}


def _strips(square: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    _, first, which, parts = np.unique(
        square[:, :2], axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    which = which.ravel()
    return np.arange(len(square)) - first[which], parts[which]


def _differences(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.diff(values, prepend=np.int64(0)).astype(np.int64)


def _mean_seconds(
    clock_ms: NDArray[np.int32], cell: NDArray[np.int64], weight: NDArray[np.int64]
) -> list[int]:
    reached = clock_ms != UNREACHABLE
    count = int(cell.max()) + 1 if len(cell) else 0
    known = np.bincount(cell, weight * reached, count)
    summed = np.bincount(cell, np.where(reached, clock_ms, 0) / 1_000 * weight, count)
    mean: list[int] = np.where(known > 0, np.rint(summed / np.maximum(known, 1)), -1).astype(int).tolist()
    return mean
