"""Hide the limit signs of a tagged road file and predict them from all else: signed × predicted, by km.

Run by hand: ``python benchmarks/signed_limits.py ROADS [--only-network]``. All tags that name a limit or a
rule of the law are hidden; lights, pavements and houses stay, unless ``--only-network`` hides them too.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from borderless.errors import ProblemLog
from borderless.network_files import read_roads
from borderless.roads.speeds import TAGS, street_speeds
from borderless.study.model import RoadsInput
from borderless.study.read import DEFAULT_SPEEDS

ROADSIDE = ("lit", "abutters", "sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")
SLOW_MPH, FAST_MPH = 40.0, 60.0


def signed_and_predicted(path: Path, *, only_network: bool = False) -> pd.DataFrame:
    """Return the signed streets of a file: ``signed`` and ``predicted`` limit, mph, and ``km``."""
    tables = read_roads(RoadsInput(path, None, None, None, "streets", 0.0), ProblemLog())
    streets = tables.streets
    hidden = [key for key in TAGS if only_network or key not in ROADSIDE]
    blank = streets.assign(**dict.fromkeys((key for key in hidden if key in streets), ""))
    told, guessed = (street_speeds(table, DEFAULT_SPEEDS) for table in (streets, blank))
    signed = (told["evidence"] == "sign").to_numpy()
    columns = {
        "signed": told["limit_mph"],
        "predicted": guessed["limit_mph"],
        "km": streets["length_m"].to_numpy() / 1000,
    }
    return pd.DataFrame(columns)[signed].reset_index(drop=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("roads", type=Path)
    parser.add_argument("--only-network", action="store_true")
    given = parser.parse_args()
    found = signed_and_predicted(given.roads, only_network=given.only_network)
    off, km = found["predicted"] - found["signed"], found["km"]
    table = found.assign(signed=found["signed"].round(), predicted=found["predicted"].round())
    print(
        table.pivot_table(index="signed", columns="predicted", values="km", aggfunc="sum")
        .round(1)
        .to_string(na_rep="")
    )
    slow = found["signed"] <= SLOW_MPH
    taken = km[slow & (found["predicted"] >= FAST_MPH)].sum()
    print(f"{km.sum():,.1f} km signed, {km[np.abs(off) <= 10].sum() / km.sum():.1%} predicted within 10 mph")
    print(f"mean error {(off * km).sum() / km.sum():+.2f} mph")
    print(f"of {km[slow].sum():,.1f} km signed at {SLOW_MPH:g} mph or less, {taken:,.1f} km ", end="")
    print(f"({taken / km[slow].sum():.1%}) are taken for {FAST_MPH:g} mph or more")


if __name__ == "__main__":
    main()
