"""Settlements: ground beside residential streets, gaps closed as the ONS closes them, and who lives there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from borderless.roads.arrays import FloatArray, Int64Array
from borderless.roads.lived import LivedStreets

#: Ground is built up where a residential street runs through a square of this side.
CELL_M = 100.0
#: Built-up ground with gaps up to this wide is one settlement (ONS, Built-up Areas 2011: 200 m).
GAP_M = 200.0
#: A place this near to a settlement's ground belongs to it.
NEAR_M = 200.0


@dataclass(frozen=True, eq=False)
class Settlements:
    """Built-up squares and the settlement each belongs to.

    Parameters
    ----------
    xy
        Middles of the squares, m in EPSG:27700, shape (c, 2).
    number
        Settlement of each square, from 0, shape (c,).
    """

    xy: FloatArray
    number: Int64Array

    def __len__(self) -> int:
        """Return the number of settlements."""
        return int(self.number.max(initial=-1)) + 1

    def of_places(self, xy: npt.ArrayLike) -> Int64Array:
        """Return the settlement each place lies in or beside, -1 for none.

        Parameters
        ----------
        xy
            Places, m in EPSG:27700, shape (p, 2).
        """
        places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        if not len(self.xy) or not len(places):
            return np.full(len(places), -1, dtype=np.int64)
        far, cell = cKDTree(self.xy).query(places, distance_upper_bound=NEAR_M + CELL_M / 2)
        near = np.isfinite(far)
        return np.where(near, self.number[np.where(near, cell, 0)], -1)

    def people(self, xy: npt.ArrayLike, weight: npt.ArrayLike) -> Int64Array:
        """Return how many people live in each settlement, shape (settlements,).

        Parameters
        ----------
        xy
            Where they live, m, shape (p, 2).
        weight
            How many live there, whole numbers, shape (p,).
        """
        number = self.of_places(xy)
        total = np.zeros(len(self), dtype=np.int64)
        np.add.at(total, number[number >= 0], np.asarray(weight, dtype=np.int64)[number >= 0])
        return total


def find_settlements(lived: LivedStreets) -> Settlements:
    """Return the settlements that residential streets make.

    Parameters
    ----------
    lived
        Points along the streets.
    """
    every = np.floor(lived.xy[lived.residential] / CELL_M).astype(np.int64)
    if not len(every):
        return Settlements(np.empty((0, 2)), np.empty(0, dtype=np.int64))
    low = every.min(axis=0)
    width = int(every[:, 1].max() - low[1]) + 2 * _steps() + 1
    key = np.unique((every[:, 0] - low[0]) * width + (every[:, 1] - low[1]))
    cell = np.column_stack(np.divmod(key, width)) + low
    start, end = [], []
    # squares that touch are one step apart: `_steps` of them leave a gap of GAP_M
    for right in range(_steps() + 1):
        for up in range(-_steps(), _steps() + 1):
            if (right, up) > (0, 0):
                place = np.searchsorted(key, key + right * width + up)
                found = key[np.minimum(place, len(key) - 1)] == key + right * width + up
                start.append(np.flatnonzero(found))
                end.append(place[found])
    ends = np.concatenate(start), np.concatenate(end)
    joined = sparse.coo_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(len(cell), len(cell)))
    _, number = csgraph.connected_components(joined.tocsr(), directed=False)
    return Settlements((cell + 0.5) * CELL_M, np.asarray(number, dtype=np.int64))


def _steps() -> int:
    return int(GAP_M // CELL_M) + 1
