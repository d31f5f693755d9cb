"""Borderless coverage analysis: how much coverage improves when units respond across borders."""

from borderless.analysis.busy import expected_cover
from borderless.analysis.busy_comparison import BusyComparison, busy_comparison, busy_sweep
from borderless.analysis.compare import Comparison, compare
from borderless.analysis.coverage import Coverage, cover
from borderless.analysis.hypercube import Hypercube, hypercube
from borderless.analysis.isochrone_table import View, isochrone_table
from borderless.analysis.isochrones import Isochrones, isochrones
from borderless.analysis.results import Results, analyse
from borderless.analysis.shared_load import SharedLoad, call_rates, share_load
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
    "BusyComparison",
    "Check",
    "Comparison",
    "Coverage",
    "DemandPoints",
    "Hypercube",
    "InputError",
    "Isochrones",
    "Problem",
    "Region",
    "ResponseTimes",
    "Results",
    "RoadNetwork",
    "Scenario",
    "SharedLoad",
    "Study",
    "Target",
    "View",
    "analyse",
    "busy_comparison",
    "busy_sweep",
    "call_rates",
    "check_study",
    "compare",
    "cover",
    "draw",
    "embedded_study",
    "expected_cover",
    "hypercube",
    "isochrone_table",
    "isochrones",
    "load_network",
    "load_region",
    "read_study",
    "response_times",
    "share_load",
]
