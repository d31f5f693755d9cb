"""Borderless coverage analysis: how much coverage improves when units respond across borders."""

from borderless.analysis.alliance import AllianceWorth, alliance_worth
from borderless.analysis.coalitions import (
    Game,
    asked_next,
    coalition_game,
    coalitions_table,
    most_missed,
    shapley_table,
)
from borderless.analysis.compare import Comparison, compare
from borderless.analysis.coverage import Coverage, cover
from borderless.analysis.handover import Handover, handover
from borderless.analysis.isochrone_table import View, isochrone_table
from borderless.analysis.isochrones import Isochrones, isochrones
from borderless.analysis.levers import levers_table, with_levers
from borderless.analysis.partitions import partitions_table, read_partition
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
    "AllianceWorth",
    "BorderPolicy",
    "BorderRule",
    "BorderlessError",
    "Check",
    "Comparison",
    "Coverage",
    "DemandPoints",
    "Game",
    "Handover",
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
    "alliance_worth",
    "analyse",
    "asked_next",
    "check_study",
    "coalition_game",
    "coalitions_table",
    "compare",
    "cover",
    "draw",
    "embedded_study",
    "handover",
    "isochrone_table",
    "isochrones",
    "levers_table",
    "load_network",
    "load_region",
    "most_missed",
    "partitions_table",
    "read_partition",
    "read_study",
    "response_times",
    "shapley_table",
    "with_levers",
]
