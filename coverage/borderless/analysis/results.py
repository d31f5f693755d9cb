"""Everything that the main job finds out, in one value that pages and files are made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from borderless import cache
from borderless.analysis.compare import Comparison, compare
from borderless.analysis.coverage import Coverage, cover
from borderless.analysis.isochrone.isochrones import MINUTES, isochrones
from borderless.analysis.times import ResponseTimes, response_times
from borderless.demand import GRID
from borderless.region import Region


@dataclass(frozen=True)
class Special:
    """What units of one capability other than response achieve.

    Parameters
    ----------
    times
        The same matrix, for these units.
    coverages, comparisons
        As in `Results`.
    """

    times: ResponseTimes
    coverages: Mapping[str, Coverage]
    comparisons: Mapping[str, Comparison]


@dataclass(frozen=True)
class Results:
    """The answer to a study.

    Parameters
    ----------
    region, times
        The material and its travel times.
    coverages
        Scenario name → coverage, the baseline first.
    comparisons
        Scenario name → comparison with the baseline, for every other scenario.
    isochrones
        Areas of driving time: scenario, minutes, geometry (EPSG:27700).
    special
        The same for what asks for units of another capability; empty where nothing does.
    """

    region: Region
    times: ResponseTimes
    coverages: Mapping[str, Coverage]
    comparisons: Mapping[str, Comparison]
    isochrones: gpd.GeoDataFrame
    special: tuple[Special, ...] = ()

    @property
    def every_coverage(self) -> tuple[Coverage, ...]:
        """Return the coverages of response units, then those of the other capabilities."""
        return (*self.coverages.values(), *(c for own in self.special for c in own.coverages.values()))


def analyse(region: Region, *, on_stage: Callable[[str], None] = lambda _: None) -> Results:
    """Ask a region everything that the main job reports.

    Parameters
    ----------
    region
        The material.
    on_stage
        Called with a few words when a stage begins.
    """
    on_stage("Travel times")
    fingerprint = region.fingerprint
    times = _times(region, fingerprint)
    on_stage("Coverage of each scenario")
    coverages, comparisons = _compared(times)
    own = map(times.serving, region.study.asked_capabilities)
    special = tuple(Special(view, *_compared(view)) for view in own)
    on_stage("Isochrones")
    drawn = _isochrones(region, coverages, fingerprint)
    return Results(region, times, coverages, comparisons, drawn, special)


def _compared(times: ResponseTimes) -> tuple[dict[str, Coverage], dict[str, Comparison]]:
    coverages = {scenario.name: cover(times, scenario) for scenario in times.region.study.scenarios}
    baseline, *others = coverages.values()
    return coverages, {coverage.scenario.name: compare(baseline, coverage) for coverage in others}


def _times(region: Region, fingerprint: str) -> ResponseTimes:
    key = cache.cache_key("times", fingerprint)
    kept = cache.cached(key, lambda: {"travel_ms": response_times(region).travel_ms})
    return ResponseTimes(region, kept["travel_ms"])


def _isochrones(region: Region, coverages: Mapping[str, Coverage], fingerprint: str) -> gpd.GeoDataFrame:
    key = cache.cache_key("isochrones", MINUTES, fingerprint)
    kept = cache.cached(key, lambda: _packed(region, coverages))
    ends = np.cumsum(kept["length"])
    shapes = shapely.from_wkb([part.tobytes() for part in np.split(kept["wkb"], ends[:-1])])
    names = [name for name in coverages for _ in MINUTES]
    return gpd.GeoDataFrame(
        {"scenario": names, "minutes": list(MINUTES) * len(coverages)}, geometry=shapes, crs=GRID
    )


def _packed(region: Region, coverages: Mapping[str, Coverage]) -> dict[str, np.ndarray]:
    """Return the isochrones of each scenario and number of minutes, in that order, as bytes."""
    areas = isochrones(region, MINUTES)
    frames = [areas.of_scenario(coverage) for coverage in coverages.values()]
    shapes = [np.frombuffer(shapely.to_wkb(shape), np.uint8) for frame in frames for shape in frame.geometry]
    return {
        "length": np.array([len(shape) for shape in shapes], dtype=np.int64),
        "wkb": np.concatenate(shapes),
    }
