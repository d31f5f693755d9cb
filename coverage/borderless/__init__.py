"""Borderless coverage analysis: how much coverage improves when units respond across borders."""

from borderless.analysis.compare import Comparison, compare
from borderless.analysis.coverage import Coverage, cover
from borderless.analysis.hours import DayByHour, day_by_hour, day_table, hours_table
from borderless.analysis.isochrone_table import View, isochrone_table
from borderless.analysis.isochrones import Isochrones, isochrones
from borderless.analysis.results import Results, analyse
from borderless.analysis.times import ResponseTimes, response_times
from borderless.demand import DemandPoints
from borderless.errors import BorderlessError, InputError, Problem
from borderless.maps.comparison import draw
from borderless.region import Check, Region, check_study, embedded_study, load_network, load_region
from borderless.roads.network import UNREACHABLE, RoadNetwork
from borderless.study.model import Study
from borderless.study.policy import (
    ALLIANCE,
    BORDERLESS,
    SEPARATE,
    SHARED_STATIONS,
    BorderPolicy,
    BorderRule,
    Scenario,
    Target,
)
from borderless.study.read import read_study

__all__ = [
    "ALLIANCE",
    "BORDERLESS",
    "SEPARATE",
    "SHARED_STATIONS",
    "UNREACHABLE",
    "BorderPolicy",
    "BorderRule",
    "BorderlessError",
    "Check",
    "Comparison",
    "Coverage",
    "DayByHour",
    "DemandPoints",
    "InputError",
    "Isochrones",
    "Problem",
    "Region",
    "ResponseTimes",
    "Results",
    "RoadNetwork",
    "Scenario",
    "Study",
    "Target",
    "View",
    "analyse",
    "check_study",
    "compare",
    "cover",
    "day_by_hour",
    "day_table",
    "draw",
    "embedded_study",
    "hours_table",
    "isochrone_table",
    "isochrones",
    "load_network",
    "load_region",
    "read_study",
    "response_times",
]
