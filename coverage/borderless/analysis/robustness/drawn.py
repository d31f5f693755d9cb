"""The world under one draw: the same region with other values of its uncertain settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from borderless.analysis.basing import basing_of
from borderless.analysis.robustness.ranges import FACTOR, Range
from borderless.analysis.times import ResponseTimes, response_times
from borderless.study.defaults import JUNCTION
from borderless.study.model import Study
from borderless.study.policy import Scenario

_RESPONSE = ("call_handling_s", "turnout_s", "cross_border_delay_s", "busy_fraction")
_BLUE, _ACCESS, _JUNCTIONS = "blue_light_factor", "access_speed_kmh", "junction_blue_light_factor"


def drawn_times(
    times: ResponseTimes, ranges: tuple[Range, ...], values: NDArray[np.float64]
) -> ResponseTimes:
    """Return the travel times of a region whose uncertain settings have other values.

    Parameters
    ----------
    times
        Under the study's own settings.
    ranges, values
        The settings and their values, shape (ranges,).
    """
    value = {one.key: float(number) for one, number in zip(ranges, values, strict=True)}
    base = {one.key: one.base for one in ranges}
    region = times.region
    factor = {
        key.removeprefix(FACTOR): number / base[key]
        for key, number in value.items()
        if key.startswith(FACTOR)
    }
    factor["all"] = value[_BLUE] / base[_BLUE]
    # blue lights have a factor of their own at junctions, so the one on the road is taken back there
    factor[JUNCTION] = value.get(_JUNCTIONS, 1.0) / base.get(_JUNCTIONS, 1.0) / factor["all"]
    access = value.get(_ACCESS, 1.0) / base.get(_ACCESS, 1.0)
    study = _study_with(region.study, value)
    if access == 1 and all(number == 1 for number in factor.values()):
        return ResponseTimes(replace(region, study=study), times.travel_ms)
    return response_times(replace(region.with_speeds(factor, access), study=study))


def held(times: ResponseTimes, scenario: Scenario) -> Scenario:
    """Return a scenario in which every unit starts where it does now, whatever the times."""
    units = basing_of(times, scenario).units
    stations, forces = times.region.stations, times.region.study.force_names
    guests = {}
    own = {}
    for s, (station, home) in enumerate(zip(stations["id"], stations["force"], strict=True)):
        for f, force in enumerate(forces):
            if force == home:
                own[station] = int(units[f, s])
            elif units[f, s]:
                guests[station, force] = int(units[f, s])
    return replace(scenario, stations="own", units=own, guests=guests)


def _study_with(study: Study, value: Mapping[str, float]) -> Study:
    """Return the study with its uncertain settings at other values."""
    response: dict[str, Any] = {key: value[key] for key in _RESPONSE if key in value}
    speeds: dict[str, Any] = {key: value[key] for key in (_BLUE, _ACCESS, _JUNCTIONS) if key in value}
    factor = {key.removeprefix(FACTOR): number for key, number in value.items() if key.startswith(FACTOR)}
    return replace(
        study,
        response=replace(study.response, **response),
        speeds=replace(study.speeds, **speeds, factor={**study.speeds.factor, **factor}),
    )
