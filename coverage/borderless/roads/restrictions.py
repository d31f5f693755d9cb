"""Turn restrictions, carried from the streets of a file to those of a network by where and how they turn."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from borderless.roads.arrays import FloatArray, Int64Array
from borderless.roads.junctions import headings

# streets keep their first points when others are joined to them, so directions agree to rounding
_SAME_HEADING = 1e-6


@dataclass(frozen=True)
class Turns:
    """Restricted turns by place: what is cut, turned and joined leaves them as they are.

    Parameters
    ----------
    via
        Name of the node, shape (turns,).
    coming, going
        In which direction the streets before and after the turn lead away from there, radians.
    only
        Whether this is the only turn allowed, rather than one that is not.
    """

    via: npt.NDArray[np.object_]
    coming: FloatArray
    going: FloatArray
    only: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, nodes: pd.DataFrame, streets: gpd.GeoDataFrame, restrictions: pd.DataFrame) -> Turns:
        """Return the restrictions of :class:`borderless.roads.tables.RoadTables` by place.

        One whose streets do not both end at its node says nothing and is left out.
        """
        leads = headings(np.asarray(streets.geometry.array)).reshape(-1, 2)
        ends = streets[["tail", "head"]].to_numpy(dtype=np.int64)
        via = restrictions["via_node"].to_numpy(dtype=np.int64)
        before, after = (restrictions[name].to_numpy(dtype=np.int64) for name in ("from_street", "to_street"))
        at = [ends[street] == via[:, None] for street in (before, after)]
        sound = at[0].any(axis=1) & at[1].any(axis=1)
        coming, going = (
            leads[street[sound], there[sound].argmax(axis=1)]
            for street, there in zip((before, after), at, strict=True)
        )
        names = nodes["id"].to_numpy(dtype=object)[via[sound]]
        return cls(names, coming, going, (restrictions["kind"] == "only").to_numpy()[sound])

    def darts(self, nodes: pd.DataFrame, streets: gpd.GeoDataFrame) -> tuple[Int64Array, Int64Array]:
        """Return the darts before and after each forbidden turn in a network; see ``Waits``."""
        leads = headings(np.asarray(streets.geometry.array))
        start = streets[["tail", "head"]].to_numpy(dtype=np.int64).ravel()
        node = pd.Index(nodes["id"]).get_indexer(pd.Index(self.via))
        order = np.argsort(start, kind="stable")
        first = np.searchsorted(start[order], np.arange(len(nodes) + 1))
        before: list[int] = []
        after: list[int] = []
        for turn in np.flatnonzero(node >= 0):
            here = order[first[node[turn]] : first[node[turn] + 1]]
            came = here[_alike(leads[here], self.coming[turn])]
            goes = _alike(leads[here], self.going[turn])
            barred = here[~goes] if self.only[turn] and goes.any() else here[goes & ~self.only[turn]]
            for street in came:
                onward = barred[barred != street]
                before += [int(street) ^ 1] * len(onward)
                after += onward.tolist()
        return np.array(before, dtype=np.int64), np.array(after, dtype=np.int64)


def _alike(headings_here: FloatArray, heading: float) -> npt.NDArray[np.bool_]:
    apart = (headings_here - heading + np.pi) % (2 * np.pi) - np.pi
    return np.asarray(np.abs(apart) < _SAME_HEADING, dtype=np.bool_)
