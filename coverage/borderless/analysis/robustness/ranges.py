"""What is drawn: the uncertain settings of a region with their ranges, and joint draws from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from borderless.region import Region
from borderless.study.defaults import JUNCTION
from borderless.study.ranges import UNCERTAIN

FACTOR = "factor_"
_STEPS = {"s": 1.0, "km/h": 1.0, "×": 0.01, "× limit": 0.01, "of the time": 0.01}


@dataclass(frozen=True)
class Range:
    """How far one setting may be from the study's value.

    Parameters
    ----------
    key
        Its name in a study file.
    label, unit
        Words for people.
    base
        The study's own value.
    low, high
        The ends; equal for a setting that is taken as known.
    step
        In what steps a tipping value is looked for.
    """

    key: str
    label: str
    unit: str
    base: float
    low: float
    high: float
    step: float

    @property
    def varies(self) -> bool:
        """Whether anything else than one value is tried."""
        return self.low < self.high


def ranges_of(region: Region) -> tuple[Range, ...]:
    """Return the range of every uncertain setting that times of this region can follow.

    A range that the study does not give is the likely one of the default, widened as far as the study's own
    value. Speeds of classes that the road network does not know are left out, and the access speed where
    every place stands on the network: see :func:`unheard`.
    """
    study, left_out = region.study, unheard(region)
    found = []
    for key, default in UNCERTAIN.items():
        if key in left_out:
            continue
        base = study.value_of(default)
        low, high = study.ranges.get(key) or (min(default.likely[0], base), max(default.likely[1], base))
        found.append(Range(key, default.label, default.unit, base, low, high, _STEPS[default.unit]))
    return tuple(found)


def unheard(region: Region) -> tuple[str, ...]:
    """Return the uncertain settings that make no difference to this region's times, whatever they are."""
    classes = {f"{FACTOR}{name}" for name in region.network.speed_classes}
    on_network = not (region.station_snap.access_ms.any() or region.demand_snap.access_ms.any())
    return tuple(
        key
        for key in UNCERTAIN
        if (key.startswith(FACTOR) and key not in classes)
        or (key == "access_speed_kmh" and on_network)
        or (key == "junction_blue_light_factor" and JUNCTION not in region.network.speed_classes)
    )


def latin_hypercube(ranges: Sequence[Range], count: int, seed: int) -> NDArray[np.float64]:
    """Draw values of all settings jointly.

    Every range is cut into `count` parts of equal length, and each part is drawn from exactly once, in an
    order of its own for each setting. A setting that is taken as known keeps its one value, and the draws of
    the others do not depend on it.

    Parameters
    ----------
    ranges
        Settings, d of them, independent of each other.
    count
        How many draws.
    seed
        The same seed gives the same draws.

    Returns
    -------
    numpy.ndarray
        float64, shape (count, d).

    References
    ----------
    McKay, M. D., Beckman, R. J. and Conover, W. J. (1979). A comparison of three methods for selecting values
    of input variables in the analysis of output from a computer code. Technometrics 21 (2), 239-245.
    """
    columns = []
    for one in ranges:
        # a stream of its own for each setting, whichever others there are
        random = np.random.default_rng([seed, *one.key.encode()])
        share = (random.permutation(count) + random.random(count)) / count
        columns.append(one.low + share * (one.high - one.low))
    return np.array(columns, dtype=np.float64).reshape(len(ranges), count).T


def base_values(ranges: Sequence[Range]) -> NDArray[np.float64]:
    """Return the study's own values as one draw, shape (d,)."""
    return np.array([one.base for one in ranges], dtype=np.float64)
