"""How faithful a condensed study is to the full one: shares by force and target, and times between nodes.

Run by hand: ``python benchmarks/condense_fidelity.py FULL_STUDY SMALL_STUDY``. With ``--speed built_up=0.9``
and so on both are driven at other speeds; the small study's links then keep to the ways that were quickest
before.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import borderless as bl
from borderless.region import Region
from borderless.roads.point_times import point_times
from borderless.roads.snap import snap_points

SCENARIOS = (bl.SEPARATE, bl.BORDERLESS, bl.SHARED_STATIONS, bl.ALLIANCE)


def shares(region: Region) -> pd.DataFrame:
    """Return the share covered by scenario, force, measure and target."""
    times = bl.response_times(region)
    tables = [bl.cover(times, scenario).table for scenario in SCENARIOS]
    return pd.concat(tables).set_index(["scenario", "force", "measure", "target"])[["total", "share"]]


def stretch(full: Region, small: Region) -> np.ndarray:
    """Return time over links by time on the full network, from stations to kept nodes within 30 minutes."""
    kept = snap_points(full.network, small.network.x, small.network.y, 1000.0)
    near = np.flatnonzero(kept.distance_m < 2.0)
    here = type(kept)(**{name: values[near] for name, values in vars(kept).items()})
    true = point_times(full.network, full.station_snap, here).astype(float)
    over = small.network.times_from(small.station_snap.node)[:, near]
    over = over + full.station_snap.access_ms[:, None]
    asked = (true > 60_000) & (true < 30 * 60_000)
    return over[asked] / true[asked]


def off_by(full: Region, small: Region, scenario: bl.Scenario) -> np.ndarray:
    """Return the response time of each square with people, over links by on the full network."""
    xy = small.demand.xy()
    here = snap_points(full.network, xy[:, 0], xy[:, 1], full.study.speeds.access_speed_kmh)
    at_squares = point_times(full.network, full.station_snap, here)
    true = bl.cover(replace(bl.response_times(small), travel_ms=at_squares), scenario).response_ms
    told = bl.cover(bl.response_times(small), scenario).response_ms
    peopled = small.demand.weights(small.study.measures[0]) > 0
    return told[peopled] / true[peopled]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("full", type=Path)
    parser.add_argument("small", type=Path)
    parser.add_argument("--speed", action="append", default=[], help="class=factor")
    given = parser.parse_args()
    factor = {name: float(value) for name, value in (text.split("=") for text in given.speed)}
    full, small = (bl.load_region(path).with_speeds(factor) for path in (given.full, given.small))
    both = shares(full).join(shares(small), suffixes=("_full", "_small")).reset_index()
    both["points"] = 100 * (both["share_small"] - both["share_full"])
    people = both[both["measure"] == "population"]
    print(
        people.pivot_table(index=["force", "target"], columns="scenario", values="points")
        .round(3)
        .to_string()
    )
    for measure, rows in both.groupby("measure"):
        totals = "equal" if (rows["total_full"] == rows["total_small"]).all() else "DIFFER"
        print(f"{measure}: largest difference {rows['points'].abs().max():.3f} points; totals {totals}")
    ratio = stretch(full, small)
    shown = ", ".join(f"{q} % {np.percentile(ratio, q):.4f}" for q in (50, 90, 99))
    print(f"stretch of {len(ratio):,} times: {shown}")
    for scenario in (bl.SEPARATE, bl.BORDERLESS):
        ratio = off_by(full, small, scenario)
        far = 100 * np.mean([np.abs(ratio - 1) > share for share in (0.01, 0.03, 0.1)], axis=1)
        print(f"{scenario.name}: squares with people off by over 1, 3, 10 %: {np.round(far, 2).tolist()} %")


if __name__ == "__main__":
    main()
