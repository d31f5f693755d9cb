"""Borderless coverage analysis: how much coverage improves when units respond across borders."""

from borderless.analysis.aid import aid_table, balance_table
from borderless.analysis.compare import Comparison, compare
from borderless.analysis.coverage import Coverage, cover
from borderless.analysis.fairness import fairness_table, gap_table
from borderless.analysis.isochrone_table import View, isochrone_table
from borderless.analysis.isochrones import Isochrones, isochrones
from borderless.analysis.losers import Losers, losers, station_workload
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
    "DemandPoints",
    "InputError",
    "Isochrones",
    "Losers",
    "Problem",
    "Region",
    "ResponseTimes",
    "Results",
    "RoadNetwork",
    "Scenario",
    "Study",
    "Target",
    "View",
    "aid_table",
    "analyse",
    "balance_table",
    "check_study",
    "compare",
    "cover",
    "draw",
    "embedded_study",
    "fairness_table",
    "gap_table",
    "isochrone_table",
    "isochrones",
    "load_network",
    "load_region",
    "losers",
    "read_study",
    "response_times",
    "station_workload",
]
