"""Where a road network itself shows a town: how closely residential streets, junctions and dead ends lie."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import ndimage

from borderless.roads.arrays import FloatArray, Int64Array

#: How much of a town there is, in ascending order; a street has one of these levels.
COUNTRY, EDGE, TOWN, DENSE = range(4)
# km of residential street per km², and one for twenty junctions or dead ends per km², from which a level
# begins; chosen on the signed roads of Rutland, where villages begin to be signed 30 mph at about 1.5
_LEAST = {EDGE: 0.05, TOWN: 1.5, DENSE: 8.0}
_PER_JUNCTION = 0.05
# as wide as a block or two, so that a street's own houses count and the next village's do not
_SMOOTHED_OVER_M = 150.0
# gaps in a town that are closed: shops, parks, stations and ring roads
_GAP_M = 400.0
_HOLE_M2 = 4_000_000.0
_CELL_M = 50.0
_MOST_CELLS = 60_000_000
_MARGIN_M = 1_000.0
_HOMES = ("residential", "living_street")
# Roman roads are called Street all the way across the country
_LONG_DISTANCE = ("motorway", "trunk")
_TOWN_NAME = re.compile(
    r"(street|close|avenue|crescent|court|gardens|terrace|green|row|square"
    r"|main road|mill lane|back lane|church (road|lane))$",
    re.IGNORECASE,
)

_Bool = npt.NDArray[np.bool_]
_Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Grid:
    """Square cells over a network.

    Parameters
    ----------
    west, south
        Its corner, m.
    cell_m
        Side of a cell, m.
    shape
        Rows from the south, columns from the west.
    """

    west: float
    south: float
    cell_m: float
    shape: tuple[int, int]

    @classmethod
    def over(cls, xy: FloatArray) -> Grid:
        """Return the grid that covers places, shape (n, 2), with a margin; coarser for a whole country."""
        low, high = xy.min(axis=0) - _MARGIN_M, xy.max(axis=0) + _MARGIN_M
        cell_m = _CELL_M
        while np.prod((high - low) / cell_m) > _MOST_CELLS:
            cell_m *= 2
        west, south = np.floor(low / cell_m) * cell_m
        columns, rows = (np.floor((high - (west, south)) / cell_m).astype(int) + 1).tolist()
        return cls(float(west), float(south), cell_m, (rows, columns))

    def cells(self, xy: FloatArray) -> Int64Array:
        """Return the number of the cell that each place lies in."""
        column = ((xy[:, 0] - self.west) // self.cell_m).astype(np.int64)
        row = ((xy[:, 1] - self.south) // self.cell_m).astype(np.int64)
        return row * self.shape[1] + column


@dataclass(frozen=True)
class Towns:
    """The levels of town over a grid.

    Parameters
    ----------
    grid
        The cells.
    level
        :data:`COUNTRY` to :data:`DENSE`, int8, shape of the grid.
    """

    grid: Grid
    level: npt.NDArray[np.int8]

    def of_streets(self, samples: Samples, count: int) -> npt.NDArray[np.int8]:
        """Return the highest level that at least half of each street's length lies in, shape (count,)."""
        here = self.level.ravel()[self.grid.cells(samples.xy)]
        whole = np.bincount(samples.street, samples.length_m, count)
        found = np.zeros(count, dtype=np.int8)
        for level in _LEAST:
            inside = np.bincount(samples.street, samples.length_m * (here >= level), count)
            found[(inside >= whole / 2) & (whole > 0)] = level
        return found


@dataclass(frozen=True)
class Samples:
    """Pieces of streets, each shorter than a cell: the street's row, the middle (m) and the length (m)."""

    street: Int64Array
    xy: FloatArray
    length_m: FloatArray


def sampled(lines: npt.NDArray[np.object_], longest_m: float = _CELL_M) -> Samples:
    """Return lines cut into pieces of at most `longest_m`, m."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    inner = np.flatnonzero(line[1:] == line[:-1])
    start, step = points[inner], points[inner + 1] - points[inner]
    length = np.hypot(step[:, 0], step[:, 1])
    parts = np.maximum(1, np.ceil(length / longest_m)).astype(np.int64)
    segment = np.repeat(np.arange(len(inner)), parts)
    nth = np.arange(len(segment)) - np.repeat(np.cumsum(parts) - parts, parts)
    xy = start[segment] + step[segment] * ((nth + 0.5) / parts[segment])[:, None]
    return Samples(line[inner][segment].astype(np.int64), xy, (length / parts)[segment])


def towns_of(streets: pd.DataFrame, samples: Samples) -> Towns:
    """Find towns and villages in a road network, without knowing who lives there.

    Kilometres of residential street per km², and a twentieth for each junction and each dead end of such
    streets per km², are smoothed over 150 m; 1.5 is a town or village, 8 a dense one, and from 0.05 on, some
    300 m from the last home, begins its edge.
    Streets count as residential by class or, off trunk roads, by a name such as High Street. Gaps up to
    400 m and holes up to 4 km² inside a town belong to it.

    Parameters
    ----------
    streets
        Columns ``tail``, ``head``, ``highway``, ``name``, ``length_m``, ``geometry`` (m); a street may be
        listed twice, once in each direction.
    samples
        Of their lines, in the same order.
    """
    grid = Grid.over(samples.xy)
    once = _listed_once(streets)
    highway = streets["highway"].to_numpy(dtype=object)
    homes = np.isin(highway, _HOMES) | (_named_like_a_town(streets) & ~np.isin(highway, _LONG_DISTANCE))
    along = (homes & once)[samples.street]
    marks, weights = [grid.cells(samples.xy[along])], [samples.length_m[along] / 1000]
    meeting = _crossings_and_ends(streets, once)
    marks.append(grid.cells(meeting))
    weights.append(np.full(len(meeting), _PER_JUNCTION))
    count = np.bincount(np.concatenate(marks), np.concatenate(weights), int(np.prod(grid.shape)))
    per_km2 = count.reshape(grid.shape).astype(np.float32) * np.float32(1e6 / grid.cell_m**2)
    density = ndimage.gaussian_filter(per_km2, _SMOOTHED_OVER_M / grid.cell_m, mode="constant")
    level = np.zeros(grid.shape, dtype=np.int8)
    for name, least in _LEAST.items():
        level[_closed(density >= least, grid) if name >= TOWN else density >= least] = name
    return Towns(grid, level)


def _listed_once(streets: pd.DataFrame) -> _Bool:
    """Return which rows are not the other direction of a row before."""
    tail, head = streets["tail"].to_numpy(), streets["head"].to_numpy()
    key = pd.DataFrame({"low": np.minimum(tail, head), "high": np.maximum(tail, head)})
    key["length"] = streets["length_m"].to_numpy().round(1)
    return ~key.duplicated().to_numpy()


def _named_like_a_town(streets: pd.DataFrame) -> _Bool:
    code, names = pd.factorize(streets["name"].astype(object))
    fits = np.array([bool(_TOWN_NAME.search(str(name))) for name in names] + [False])
    return np.asarray(fits[code], dtype=np.bool_)


def _crossings_and_ends(streets: pd.DataFrame, once: _Bool) -> FloatArray:
    """Return where three arms or more meet, a street of homes among them, and where one ends, m."""
    lines = np.asarray(streets["geometry"], dtype=object)
    node = np.concatenate([streets["tail"].to_numpy(), streets["head"].to_numpy()])
    place = shapely.get_coordinates(np.concatenate([shapely.get_point(lines, end) for end in (0, -1)]))
    count, single = int(node.max()) + 1, np.tile(once, 2)
    homes = np.tile(streets["highway"].isin(_HOMES).to_numpy(), 2)
    arms = np.bincount(node[single], minlength=count)
    of_homes = np.bincount(node[single & homes], minlength=count)
    chosen = ((arms >= 3) & (of_homes >= 1)) | ((arms == 1) & (of_homes == 1))
    number, first = np.unique(node, return_index=True)
    found: FloatArray = place[first[chosen[number]]]
    return found


def _closed(mask: _Bool, grid: Grid) -> _Bool:
    """Return a mask with its narrow gaps and small holes filled."""
    # grown and shrunk by squares: rows and columns one after the other, which is quick
    size = 2 * round(_GAP_M / 2 / grid.cell_m) + 1
    grown = ndimage.maximum_filter(mask.astype(np.uint8), size, mode="constant")
    closed = mask | (ndimage.minimum_filter(grown, size, mode="constant") > 0)
    holes, count = ndimage.label(~closed)
    size_m2 = np.bincount(holes.ravel(), minlength=count + 1) * grid.cell_m**2
    open_country = np.unique(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]))
    small = size_m2 <= _HOLE_M2
    small[open_country] = False
    small[0] = False
    return closed | small[holes]
