"""Ordinary driving from census areas to hospitals, against published minutes: slopes, correlation, residuals.

Run by hand: ``python benchmarks/published_times.py STUDY TIMES_FOLDER``, where STUDY names a full street
network and TIMES_FOLDER holds ``hospitals.csv`` (postcode, BNG_E, BNG_N) and ``lsoa_hospital_minutes.csv``
(hospital_postcode, lsoa11nm, published_min). Everything is driven without blue lights. The makers of the
published times rescaled them linearly, so that a constant between them and ours says nothing. The settings
were fitted on one half of the hospitals, every second one by postcode; the other half is shown beside it.
``--speed built_up=0.9`` and so on drives classes of roads at other speeds; ``--scatter FILE.png`` draws, with
matplotlib.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import Transformer

import borderless as bl
from borderless.errors import ProblemLog
from borderless.network_files import study_network
from borderless.roads.network import UNREACHABLE, RoadNetwork
from borderless.roads.point_times import point_times
from borderless.roads.snap import snap_points

TOWN_KM, COUNTRY_KM = 8.0, 30.0
# beyond the roads, a straight leg says nothing about driving
FARTHEST_LEG_M = 1_500.0


def ordinary(study: bl.Study) -> bl.Study:
    """Return a study driven without blue lights."""
    speeds = replace(study.speeds, blue_light_factor=1.0, junction_blue_light_factor=1.0)
    return replace(study, speeds=speeds)


def published(folder: Path, areas: Path) -> pd.DataFrame:
    """Return the published pairs with both ends, m, and their straight distance, km."""
    pairs = pd.read_csv(folder / "lsoa_hospital_minutes.csv")
    hospitals = pd.read_csv(folder / "hospitals.csv").rename(columns={"postcode": "hospital_postcode"})
    homes = pd.read_csv(areas)
    to_grid = Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
    homes["x"], homes["y"] = to_grid.transform(homes["X"].to_numpy(), homes["Y"].to_numpy())
    pairs = pairs.merge(homes[["lsoa11nm", "x", "y"]]).merge(hospitals, on="hospital_postcode")
    return pairs.assign(km=np.hypot(pairs["x"] - pairs["BNG_E"], pairs["y"] - pairs["BNG_N"]) / 1000)


def driven(network: RoadNetwork, pairs: pd.DataFrame, access_speed_kmh: float) -> pd.DataFrame:
    """Return the pairs that the roads reach, with our minutes."""
    homes = pairs[["lsoa11nm", "x", "y"]].drop_duplicates("lsoa11nm")
    hospitals = pairs[["hospital_postcode", "BNG_E", "BNG_N"]].drop_duplicates("hospital_postcode")
    here = snap_points(network, homes["x"], homes["y"], access_speed_kmh)
    there = snap_points(network, hospitals["BNG_E"], hospitals["BNG_N"], access_speed_kmh)
    times = point_times(network, here, there)
    row = pd.Series(np.arange(len(homes)), index=homes["lsoa11nm"]).loc[pairs["lsoa11nm"]].to_numpy()
    column = pd.Series(np.arange(len(hospitals)), index=hospitals["hospital_postcode"])
    ms = times[row, column.loc[pairs["hospital_postcode"]].to_numpy()]
    reached = (ms != UNREACHABLE) & (here.distance_m[row] < FARTHEST_LEG_M)
    return pairs[reached].assign(minutes=ms[reached] / 60_000)


def measures(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return what can be held against the published times, for pairs in towns and in the country."""
    rows = {}
    near = {
        f"towns, under {TOWN_KM:g} km": pairs["km"] < TOWN_KM,
        f"country, {TOWN_KM:g} to {COUNTRY_KM:g} km": pairs["km"].between(TOWN_KM, COUNTRY_KM, "left"),
    }
    for name, chosen in near.items():
        km, told, ours = (pairs.loc[chosen, key].to_numpy() for key in ("km", "published_min", "minutes"))
        per_km, ours_per_km = np.polyfit(km, told, 1)[0], np.polyfit(km, ours, 1)[0]
        rows[name] = {
            "pairs": len(km),
            "published min/km": per_km,
            "ours min/km": ours_per_km,
            "ratio": ours_per_km / per_km,
            "published on ours": np.polyfit(ours, told, 1)[0],
            "correlation": np.corrcoef(ours, told)[0, 1],
        }
    return pd.DataFrame(rows).T


def residual_sd(pairs: pd.DataFrame, within_min: float = 20.0) -> float:
    """Return the spread of published times around the straight line through ours, minutes."""
    near = pairs[pairs["published_min"] < within_min]
    line = np.polyfit(near["minutes"], near["published_min"], 1)
    return float(np.std(near["published_min"] - np.polyval(line, near["minutes"])))


def minutes_by_class(network: RoadNetwork, pairs: pd.DataFrame, access_speed_kmh: float) -> pd.DataFrame:
    """Return how many of our minutes each class of road takes, from what slowing it by 1 % adds."""
    rows = {}
    for name in network.speed_classes:
        slowed = driven(network.with_speeds({name: 1 / 1.01}), pairs, access_speed_kmh)
        rows[name] = 100 * (slowed["minutes"] - pairs["minutes"]).clip(lower=0)
    return pd.DataFrame(rows)


def scatter(pairs: pd.DataFrame, by_class: pd.DataFrame, file: Path) -> None:
    """Draw published on our minutes, by distance and by the class that takes most of the way."""
    import matplotlib.pyplot as plt  # noqa: PLC0415

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 5), sharex=True, sharey=True)
    near, far = pairs["km"] < TOWN_KM, pairs["km"].between(TOWN_KM, COUNTRY_KM, "left")
    left.plot([0, 45], [0, 45], color="0.7", lw=1)
    right.plot([0, 45], [0, 45], color="0.7", lw=1)
    offset = float((pairs.loc[near | far, "published_min"] - pairs.loc[near | far, "minutes"]).mean())
    for chosen, colour, label in (
        (far, "#7aa6c2", "8 to 30 km: country"),
        (near, "#b5432a", "under 8 km: towns"),
    ):
        left.scatter(pairs.loc[chosen, "minutes"], pairs.loc[chosen, "published_min"] - offset, s=3, c=colour)
        left.scatter([], [], s=20, c=colour, label=label)
    main_class = by_class.idxmax(axis=1)
    shown = main_class[near | far].value_counts().index[:6]
    for name, colour in zip(shown, plt.get_cmap("tab10").colors, strict=False):
        chosen = (near | far) & (main_class == name)
        minutes, told = pairs.loc[chosen, "minutes"], pairs.loc[chosen, "published_min"] - offset
        right.scatter(minutes, told, s=3, color=colour)
        right.scatter(
            [],
            [],
            s=20,
            color=colour,
            label=f"{name.replace('_', ' ')}: {told.mean() - minutes.mean():+.1f} min",
        )
    left.set_title("By distance")
    right.set_title("By the class that takes most time")
    left.set_ylabel(f"published minutes, less {offset:.1f}")
    for axes in (left, right):
        axes.set_xlabel("our minutes, ordinary driving")
        axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(file, dpi=90)


def halves(pairs: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return all pairs, those that the settings were fitted on, and the others."""
    order = sorted(pairs["hospital_postcode"].unique())
    fitted = pairs["hospital_postcode"].isin(order[::2])
    return {"all hospitals": pairs, "fitted": pairs[fitted], "held out": pairs[~fitted]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("times", type=Path)
    parser.add_argument(
        "--areas", type=Path, help="population-weighted centroids; by default beside the times"
    )
    parser.add_argument("--speed", action="append", default=[], help="class=factor")
    parser.add_argument("--scatter", type=Path)
    given = parser.parse_args()
    study = ordinary(bl.read_study(given.study))
    areas = given.areas or given.times.parent / "demand" / "lsoa2011_pwc_population.csv"
    network = study_network(study, ProblemLog())
    if network is None:
        raise SystemExit("the roads cannot be read; run borderless check")
    factor = {name: float(value) for name, value in (text.split("=") for text in given.speed)}
    pairs = published(given.times, areas)
    network = network.with_speeds(factor)
    found = driven(network, pairs, study.speeds.access_speed_kmh)
    for name, part in halves(found).items():
        print(f"\n{name}: {part['hospital_postcode'].nunique()} hospitals, {len(part):,} pairs")
        print(measures(part).round(3).to_string())
        print(f"residual sd of pairs within 20 published minutes: {residual_sd(part):.2f} min")
    if given.scatter:
        by_class = minutes_by_class(network, found, study.speeds.access_speed_kmh)
        scatter(found, by_class, given.scatter)


if __name__ == "__main__":
    main()
