"""How faithful a condensed study is to the full one: shares by force and target, and times between nodes.

Run by hand: ``python benchmarks/condense_fidelity.py FULL_STUDY SMALL_STUDY``.
"""

from __future__ import annotations

import argparse
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("full", type=Path)
    parser.add_argument("small", type=Path)
    given = parser.parse_args()
    full, small = bl.load_region(given.full), bl.load_region(given.small)
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


if __name__ == "__main__":
    main()
