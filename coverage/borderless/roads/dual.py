"""Which one-way streets are one half of a dual carriageway: those with the other half beside them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import KDTree

from borderless.roads.arrays import FloatArray, Int64Array

# halves farther apart are two roads: in a town a block lies between them
_APART_TOWN_M = 25.0
_APART_COUNTRY_M = 35.0
_CLOSEST_M = 2.0
_AHEAD_M = 40.0
_EVERY_M = 50.0
# the cosine of 148 degrees: curves are sampled at different places on either half
_OPPOSITE = -0.85
# shorter ones are the flared arms of a junction
_SHORTEST_M = 300.0
_CAN_BE_DUAL = ("trunk", "primary", "secondary", "tertiary")

_Bool = npt.NDArray[np.bool_]
_Lines = npt.NDArray[np.object_]


def dual_carriageways(
    streets: pd.DataFrame, lines: _Lines, in_town: _Bool, *, opposite_on_right: bool = True
) -> _Bool:
    """Find the halves of dual carriageways by their shape.

    A half is a one-way trunk, A, B or C road that has, along half of its length or more, a road driven the
    other way to the right of it, up to 35 m away in the country and 25 m in a town; connected halves are
    together at least 300 m long. So a one-way street in a town is none, and two one-way streets round a
    block are none.

    Parameters
    ----------
    streets
        Columns ``tail``, ``head``, ``oneway``, ``highway``, ``length_m``.
    lines
        Their lines, m.
    in_town
        Which of them lie in a town.
    opposite_on_right
        Whether the other half lies to the right, as it does where people drive on the left.
    """
    found = np.zeros(len(streets), dtype=np.bool_)
    oneway = streets["oneway"].to_numpy()
    row = np.flatnonzero((oneway != 0) & streets["highway"].isin(_CAN_BE_DUAL).to_numpy())
    if not len(row):
        return found
    piece, place, heading = _sampled(lines[row], oneway[row])
    accompanied = _accompanied(place, heading, in_town[row][piece], 1.0 if opposite_on_right else -1.0)
    share = np.bincount(piece, accompanied, len(row)) / np.bincount(piece, minlength=len(row))
    half = row[share >= 0.5]
    tail, head = streets["tail"].to_numpy()[half], streets["head"].to_numpy()[half]
    found[half] = _connected_m(tail, head, streets["length_m"].to_numpy()[half]) >= _SHORTEST_M
    return found


def _sampled(
    lines: _Lines, oneway: npt.NDArray[np.signedinteger]
) -> tuple[Int64Array, FloatArray, FloatArray]:
    """Return places along one-way lines: which line, where (m), and the unit vector cars drive along."""
    length = shapely.length(lines)
    parts = np.maximum(1, np.ceil(length / _EVERY_M)).astype(np.int64)
    piece = np.repeat(np.arange(len(lines)), parts)
    share = (np.arange(len(piece)) - np.repeat(np.cumsum(parts) - parts, parts) + 0.5) / parts[piece]
    near = np.minimum(5.0 / np.maximum(length, 1.0), 0.25)[piece]
    at = [
        shapely.get_coordinates(shapely.line_interpolate_point(lines[piece], where, normalized=True))
        for where in (share, share - near, share + near)
    ]
    step = (at[2] - at[1]) * np.sign(oneway)[piece][:, None]
    return piece, at[0], step / np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]


def _accompanied(place: FloatArray, heading: FloatArray, in_town: _Bool, side: float) -> _Bool:
    """Return which places have one driven the other way on the given side of them."""
    reach = float(np.hypot(_APART_COUNTRY_M, _AHEAD_M))
    pairs = KDTree(place).query_pairs(reach, output_type="ndarray")
    found = np.zeros(len(place), dtype=np.bool_)
    apart = np.where(in_town, _APART_TOWN_M, _APART_COUNTRY_M)
    for one, other in (pairs.T, pairs.T[::-1]):
        way = place[other] - place[one]
        here = heading[one]
        right_m = side * (here[:, 1] * way[:, 0] - here[:, 0] * way[:, 1])
        ahead_m = np.abs((here * way).sum(axis=1))
        opposite = (here * heading[other]).sum(axis=1) < _OPPOSITE
        beside = (right_m > _CLOSEST_M) & (right_m < apart[one]) & (ahead_m < _AHEAD_M)
        found[one[opposite & beside]] = True
    return found


def _connected_m(tail: Int64Array, head: Int64Array, length_m: FloatArray) -> FloatArray:
    """Return for each street the length of all that it is connected to, m."""
    ends, number = np.unique(np.concatenate([tail, head]), return_inverse=True)
    start, end = np.split(number, 2)
    joined = sparse.coo_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(len(ends),) * 2)
    _, part = csgraph.connected_components(joined.tocsr(), directed=False)
    total = np.bincount(part[start], length_m)[part[start]]
    return np.asarray(total, dtype=np.float64)
