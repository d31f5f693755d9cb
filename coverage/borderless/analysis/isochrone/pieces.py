"""Pieces of road that stations reach within a number of minutes, cut exactly where the time is up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from borderless.analysis.isochrone.areas import Reach, leg_share
from borderless.analysis.isochrone.stretches import reached_shares


def reached_lines(
    reach: Reach, stations: Sequence[int], cutoff_ms: int, after_ms: int = 0, *, split: bool = False
) -> Mapping[int, shapely.Geometry]:
    """Return the road that the first of some stations reaches by a cutoff, and not before another.

    The streets in full and in part, and the way from each station to its street.

    Parameters
    ----------
    reach
        Times of the stations; on streets, since an overlay of nodes has no lines.
    stations
        Rows of ``region.stations``.
    cutoff_ms, after_ms
        Reached by the one, but not yet by the other; 0 for all that is reached.
    split
        Give each piece to the station that is first on it, of equal ones to the smaller row; otherwise all
        belongs to the first of `stations`.

    Returns
    -------
    mapping
        Station → multi-line, empty where there is nothing, EPSG:27700.
    """
    rows = np.array(sorted(stations), dtype=np.int64)
    found: dict[int, list[shapely.Geometry]] = {int(row): [] for row in rows}
    if not len(rows):
        return {}
    earliest_ms, owner = reach.first(rows.tolist())
    if not split:
        owner = np.full_like(owner, rows[0])
    lines = reach.ground.lines
    touched, low, high = reached_shares(lines, earliest_ms, cutoff_ms)
    before_low, before_high = np.zeros(len(touched)), np.ones(len(touched))
    if after_ms:
        inner, before, after = reached_shares(lines, earliest_ms, after_ms)
        # what was reached before is among what is reached now
        at = np.searchsorted(touched, inner)
        before_low[at], before_high[at] = np.maximum(before, 0), np.minimum(after, 1)
    tail, head = owner[lines.tail[touched]], owner[lines.head[touched]]
    # a stretch that one station reaches from both ends, all of it, stays in one piece
    joined = (low >= high) & (tail == head) & (before_low == 0) & (before_high == 1)
    from_tail = np.where(joined, 1.0, low)
    from_head = np.where(joined, 1.0, high)
    for station, begin, end in ((tail, before_low, from_tail), (head, from_head, before_high)):
        there = np.flatnonzero(end > begin)
        cut = _between(lines.line[touched[there]], begin[there], end[there])
        for row in np.unique(station[there]):
            found[int(row)] += cut[station[there] == row].tolist()
    for row in rows.tolist():
        found[row if split else int(rows[0])] += _leg(reach, row, cutoff_ms, after_ms)
    return {row: multi_line(np.array(parts, dtype=object)) for row, parts in found.items()}


def multi_line(lines: NDArray[np.object_]) -> shapely.Geometry:
    """Return lines as one geometry."""
    return (
        cast("shapely.Geometry", shapely.multilinestrings(lines)) if len(lines) else shapely.MultiLineString()
    )


def _leg(reach: Reach, row: int, cutoff_ms: int, after_ms: int) -> list[shapely.Geometry]:
    """Return the way from a station to its street, as far as it is driven between two times."""
    begin = leg_share(reach, row, after_ms) if after_ms else 0.0
    end = leg_share(reach, row, cutoff_ms)
    line = shapely.LineString(reach.leg[row])
    return [
        part for part in _between(np.array([line]), np.array([begin]), np.array([end])) if part.length > 0
    ]


def _between(
    lines: NDArray[np.object_], begin: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Return the parts of lines between two shares of their lengths."""
    cut = lines.copy()
    length = shapely.length(lines)
    for k in np.flatnonzero((begin > 0) | (end < 1)):
        cut[k] = substring(lines[k], begin[k] * length[k], end[k] * length[k])
    # a piece that is shorter than numbers are exact comes as a point
    points = np.flatnonzero(shapely.get_type_id(cut) == 0)
    for k in points:
        cut[k] = shapely.LineString([cut[k], cut[k]])
    return cut
