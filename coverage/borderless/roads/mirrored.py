"""Two pieces on the same line, driven in opposite directions, made one street."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from borderless.roads.arrays import Int64Array

# two lines are one street driven both ways when their points agree to this many metres
_SAME_PLACE_M = 0.01


def merge_mirrored(streets: gpd.GeoDataFrame, counts: dict[str, int | float]) -> gpd.GeoDataFrame:
    """Make one street of two pieces on the same line that are driven in opposite directions.

    Directed sources such as OSMnx list a two-way street twice. Exact copies of a street go the same way.

    Parameters
    ----------
    streets
        Columns as in :class:`RoadNetwork`, without self-loops.
    counts
        ``mirrored`` is set to the number of pieces merged away, copies included.
    """
    tail, head = streets["tail"].to_numpy(), streets["head"].to_numpy()
    low, high, turned = np.minimum(tail, head), np.maximum(tail, head), tail > head
    along, against = streets["along_ms"].to_numpy(), streets["against_ms"].to_numpy()
    low_high, high_low = np.where(turned, against, along), np.where(turned, along, against)
    lines = np.asarray(streets.geometry.array)
    lines = np.where(turned, shapely.reverse(lines), lines)
    length = shapely.length(lines)
    kind = pd.factorize(streets["highway"], sort=True)[0] * 2 + streets["snappable"].to_numpy(dtype=np.int64)
    named = [_text_rank(streets[name]) for name in ("ref", "name")]
    order = np.lexsort([streets["mix"], *named, high_low, -low_high, length.round(3), kind, high, low])
    place = np.column_stack([low, high, kind])
    copy = _alike(order, place, lines) & (np.diff(low_high[order]) == 0) & (np.diff(high_low[order]) == 0)
    order = order[np.append(True, ~copy)[: len(order)]]
    opposite = _alike(order, place, lines) & (high_low[order[:-1]] < 0) & (low_high[order[1:]] < 0)
    first, second = order[:-1][opposite], order[1:][opposite]
    high_low[first] = high_low[second]
    counts["mirrored"] = len(streets) - len(order) + len(first)
    kept = np.zeros(len(streets), dtype=np.bool_)
    kept[order] = True
    kept[second] = False
    # the first of two is driven along its line, which runs from low to high
    mix_back = streets["mix_back"].to_numpy(copy=True)
    mix_back[first] = streets["mix"].to_numpy()[second]
    both = streets.assign(
        along_ms=np.where(turned, high_low, low_high),
        against_ms=np.where(turned, low_high, high_low),
        mix_back=mix_back,
    )
    return both[kept].reset_index(drop=True)


def _alike(order: Int64Array, place: Int64Array, lines: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Return which pieces, taken in order, follow one with the same ends, class and line."""
    before, after = order[:-1], order[1:]
    alike = np.asarray((place[before] == place[after]).all(axis=1))
    alike[alike] = shapely.equals_exact(lines[before[alike]], lines[after[alike]], tolerance=_SAME_PLACE_M)
    return alike


def _text_rank(texts: pd.Series) -> Int64Array:
    """Return the place of each text in the alphabet, empty ones last."""
    code, different = pd.factorize(texts.astype(object), sort=True)
    return np.where(texts == "", len(different), code).astype(np.int64)
