"""The matrix that everything else asks: travel times from stations to demand points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from borderless.region import Region
from borderless.roads.point_times import point_times
from borderless.study.policy import Capability


@dataclass(frozen=True)
class ResponseTimes:
    """Travel times of a region.

    Parameters
    ----------
    region
        What the times belong to.
    travel_ms
        Driving and access legs, int32 milliseconds, shape (stations, demand points) in the region's order;
        unreachable pairs hold :data:`borderless.roads.network.UNREACHABLE`.
    """

    region: Region
    travel_ms: NDArray[np.int32]

    def serving(self, capability: Capability) -> ResponseTimes:
        """Return the same times for the units of another capability, as :meth:`Region.serving` sees them."""
        region = self.region.serving(capability)
        return self if region is self.region else ResponseTimes(region, self.travel_ms)


def response_times(region: Region) -> ResponseTimes:
    """Compute the travel times from every station to every demand point.

    Examples
    --------
    >>> import borderless as bl
    >>> region = bl.load_region(bl.embedded_study())  # doctest: +SKIP
    >>> bl.response_times(region).travel_ms.shape  # doctest: +SKIP
    (67, 12345)
    """
    return ResponseTimes(region, point_times(region.network, region.station_snap, region.demand_snap))
