"""Borderless coverage analysis: how much coverage improves when units respond across borders."""

from borderless.analysis.aid import aid_table, balance_table
from borderless.analysis.alliance.alliance import AllianceWorth, alliance_worth
from borderless.analysis.alliance.coalitions import (
    Game,
    asked_next,
    coalition_game,
    coalitions_table,
    most_missed,
    shapley_table,
)
from borderless.analysis.alliance.handover import Handover, handover
from borderless.analysis.alliance.levers import levers_table, with_levers
from borderless.analysis.alliance.partitions import partitions_table, read_partition
from borderless.analysis.busy.busy import expected_cover
from borderless.analysis.busy.busy_comparison import BusyComparison, busy_comparison, busy_sweep
from borderless.analysis.busy.hypercube import Hypercube, hypercube
from borderless.analysis.busy.shared_load import SharedLoad, call_rates, share_load
from borderless.analysis.compare import Comparison, compare
from borderless.analysis.coverage import Coverage, cover
from borderless.analysis.fairness import fairness_table, gap_table
from borderless.analysis.hours import DayByHour, day_by_hour, day_table, hours_table
from borderless.analysis.isochrone.isochrone_table import View, isochrone_table
from borderless.analysis.isochrone.isochrones import Isochrones, isochrones
from borderless.analysis.losers import Losers, losers, station_workload
from borderless.analysis.policy import Policy, border_policy, policy_table, preset_gains
from borderless.analysis.results import Results, analyse
from borderless.analysis.robustness.robustness import Robustness, robustness
from borderless.analysis.run_list import point_at, points_named, run_list
from borderless.analysis.times import ResponseTimes, response_times
from borderless.demand import DemandPoints
from borderless.errors import BorderlessError, InputError, Problem
from borderless.maps.comparison import draw
from borderless.region import Check, Region, check_study, embedded_study, load_network, load_region
from borderless.roads.network import UNREACHABLE, RoadNetwork
from borderless.study.asked import capability_named, parse_rule, scenario_named, scenario_with
from borderless.study.model import Study
from borderless.study.policy import (
    ALLIANCE,
    BORDERLESS,
    CAPABILITIES,
    PRESETS,
    SEPARATE,
    SHARED_STATIONS,
    BorderPolicy,
    BorderRule,
    CapabilityPolicy,
    Scenario,
    Target,
)
from borderless.study.read import read_study

__all__ = [
    "ALLIANCE",
    "BORDERLESS",
    "CAPABILITIES",
    "PRESETS",
    "SEPARATE",
    "SHARED_STATIONS",
    "UNREACHABLE",
    "AllianceWorth",
    "BorderPolicy",
    "BorderRule",
    "BorderlessError",
    "BusyComparison",
    "CapabilityPolicy",
    "Check",
    "Comparison",
    "Coverage",
    "DayByHour",
    "DemandPoints",
    "Game",
    "Handover",
    "Hypercube",
    "InputError",
    "Isochrones",
    "Losers",
    "Policy",
    "Problem",
    "Region",
    "ResponseTimes",
    "Results",
    "RoadNetwork",
    "Robustness",
    "Scenario",
    "SharedLoad",
    "Study",
    "Target",
    "View",
    "aid_table",
    "alliance_worth",
    "analyse",
    "asked_next",
    "balance_table",
    "border_policy",
    "busy_comparison",
    "busy_sweep",
    "call_rates",
    "capability_named",
    "check_study",
    "coalition_game",
    "coalitions_table",
    "compare",
    "cover",
    "day_by_hour",
    "day_table",
    "draw",
    "embedded_study",
    "expected_cover",
    "fairness_table",
    "gap_table",
    "handover",
    "hours_table",
    "hypercube",
    "isochrone_table",
    "isochrones",
    "levers_table",
    "load_network",
    "load_region",
    "losers",
    "most_missed",
    "parse_rule",
    "partitions_table",
    "point_at",
    "points_named",
    "policy_table",
    "preset_gains",
    "read_partition",
    "read_study",
    "response_times",
    "robustness",
    "run_list",
    "scenario_named",
    "scenario_with",
    "shapley_table",
    "share_load",
    "station_workload",
    "with_levers",
]
