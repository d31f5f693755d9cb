"""What the quickest way that a link stands for is made of: percent of its time by speed class."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.condense.overlay import Overlay
from borderless.condense.placed import PlacedNetwork
from borderless.condense.search import time_by_class
from borderless.roads.speed_mix import SpeedMix
from borderless.study.defaults import TIME_CLASSES

#: Percents are told in steps of so many: single ones would make a third of the file.
STEP = 5


def with_classes(overlay: Overlay, placed: PlacedNetwork, mix: SpeedMix | None) -> pd.DataFrame:
    """Return the links of an overlay with the percent of their time in each class.

    Of equally quick ways one is taken, always the same.

    Parameters
    ----------
    overlay
        Kept nodes and their links, ordered by tail.
    placed
        The network they were made from.
    mix
        The speed classes of its streets; None leaves the links as they are.

    Returns
    -------
    pandas.DataFrame
        The links, with a column ``percent_…`` for each class that occurs, int64. A row adds up to 100 where
        the classes of all its streets are known.
    """
    if mix is None:
        return overlay.links
    tail, head = (overlay.links[name].to_numpy(np.int64) for name in ("tail", "head"))
    rows, start = np.unique(tail, return_index=True)
    first = np.append(start, len(tail)).astype(np.int64)
    # the last row is for streets of unknown class, which have -1
    share = np.vstack([mix.share, np.zeros(len(TIME_CLASSES))])
    of_arc = mix.row.astype(np.int64)[(~placed.forward).astype(np.int64), placed.street] % len(share)
    arcs = (placed.first_arc, placed.head, placed.travel_ms, placed.waited_ms, of_arc, share)
    by_class, time = time_by_class(*arcs, overlay.node[rows], first, overlay.node[head])
    percent = whole_percent(by_class, time, STEP)
    known = {f"percent_{name}": percent[:, k] for k, name in enumerate(TIME_CLASSES) if percent[:, k].any()}
    return overlay.links.assign(**known)


def whole_percent(part: NDArray[np.float64], whole: NDArray[np.int64], step: int = 1) -> NDArray[np.int64]:
    """Return parts as whole percent of their whole; what rounding leaves goes to the largest remainders.

    Parameters
    ----------
    part
        Shape (rows, parts), each at least 0; a row adds up to its whole or less.
    whole
        Above 0, shape (rows,).
    step
        Percents are multiples of it; a divisor of 100.
    """
    rest = np.maximum(whole - part.sum(axis=1), 0)
    exact = 100 / step * np.column_stack([part, rest]) / whole[:, None]
    percent = np.floor(exact + 1e-9).astype(np.int64)
    missing = 100 // step - percent.sum(axis=1)
    rank = np.argsort(np.argsort(percent - exact, axis=1, kind="stable"), axis=1, kind="stable")
    whole_parts: NDArray[np.int64] = (step * (percent + (rank < missing[:, None])))[:, :-1]
    return whole_parts
