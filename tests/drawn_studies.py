r"""Studies with streets, as files: drawn as text, or a random county of three forces.

Stations and people stand anywhere, beside streets or on them, as in life.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ascii_map import ascii_tables

GRID = "EPSG:27700"
ORIGIN = (440_000.0, 300_000.0)
_ONEWAY = {1: "yes", 0: "no", -1: "-1"}


class Stand(NamedTuple):
    """A station; x and y are metres from the origin."""

    id: str
    force: str
    x: float
    y: float
    units: int = 1
    capacity: int = -1


class People(NamedTuple):
    """People at a place; x and y are metres from the origin."""

    x: float
    y: float
    people: int = 1


def write_drawn(
    folder: Path,
    drawing: str,
    stations: Sequence[Stand],
    people: Sequence[People],
    *,
    metres: float = 1000,
    kmh: float = 60,
    highway: str = "unclassified",
    areas: Mapping[str, shapely.Geometry] | None = None,
    more: str = "",
) -> Path:
    """Write a drawing as a study of one force, or of those in `areas`; every street is driven at `kmh`."""
    nodes, streets = ascii_tables(drawing, metres=metres, highway=highway, origin=ORIGIN)
    streets["travel_ms"] = np.rint(streets["length_m"] / kmh * 3600).astype(int)
    reach = shapely.box(*streets.total_bounds).buffer(3_000)
    return write_study(folder, nodes, streets, stations, people, areas or {stations[0].force: reach}, more)


def write_study(
    folder: Path,
    nodes: pd.DataFrame,
    streets: gpd.GeoDataFrame,
    stations: Sequence[Stand],
    people: Sequence[People],
    areas: Mapping[str, shapely.Geometry],
    more: str = "",
) -> Path:
    """Write tables as a study's files; `more` goes to the end of the study file."""
    folder.mkdir(parents=True, exist_ok=True)
    nodes.to_csv(folder / "nodes.csv", index=False)
    ids = nodes["id"].to_numpy(str)
    edges = pd.DataFrame({"from": ids[streets["tail"]], "to": ids[streets["head"]]})
    for column in ("travel_ms", "length_m", "highway", "name", "ref"):
        if column in streets:
            edges[column] = streets[column].to_numpy()
    edges["oneway"] = streets["oneway"].map(_ONEWAY).to_numpy()
    edges.to_csv(folder / "edges.csv", index=False)
    own = pd.DataFrame(stations).assign(role="response")
    own["name"] = [f"{name} station" for name in own["id"]]
    own["capacity"] = np.maximum(own["capacity"], own["units"])
    _placed(own).to_csv(folder / "stations.csv", index=False)
    _placed(pd.DataFrame(people)).to_csv(folder / "people.csv", index=False)
    shapes = gpd.GeoDataFrame({"force": list(areas)}, geometry=list(areas.values()), crs=GRID)
    shapes.to_file(folder / "areas.gpkg")
    (folder / "study.toml").write_text(_toml(list(areas)) + more, encoding="utf-8")
    return folder / "study.toml"


def write_county(folder: Path, seed: int, *, size: int = 9, more: str = "", hole: bool = False) -> Path:
    """Write a random county: bent, missing and one-way streets, villages, a sliver and an overlap of areas.

    Parameters
    ----------
    folder
        Where its files go.
    seed
        Of everything random.
    size
        Junctions along a side, 1.5 km apart.
    more
        Goes to the end of the study file.
    hole
        Whether a square kilometre of the first force belongs to nobody.
    """
    rng = np.random.default_rng(seed)
    nodes, streets = _streets(rng, size)
    side = 1500.0 * (size - 1)
    stations = [
        Stand(f"S{i}", force, x, y, int(rng.integers(0, 4)) if i > 2 else 2, 4)
        for i, (force, x, y) in enumerate(
            zip("ABCABC", side * _thirds(rng), rng.uniform(0, side, 6), strict=True)
        )
    ]
    towns = rng.uniform(0, side, (5, 2))
    spread = rng.normal(0, 500, (220, 2)) + towns[rng.integers(0, 5, 220)]
    spread = np.vstack([spread, rng.uniform(0, side, (60, 2))])
    people = [People(x, y, int(n)) for (x, y), n in zip(spread, rng.integers(0, 400, 280), strict=True)]
    people += [People(side / 6, side / 2, 1000)]
    areas = _strips(side)
    if hole:
        middle = shapely.Point(ORIGIN[0] + side / 6, ORIGIN[1] + side / 2)
        areas["A"] = areas["A"].difference(middle.buffer(600, cap_style="square"))
    villages = pd.DataFrame(towns, columns=["x", "y"]).assign(
        name=[f"Village {'ÄBCDE'[i]}" for i in range(5)], place=["city", "town", "village", "hamlet", "town"]
    )
    folder.mkdir(parents=True, exist_ok=True)
    _placed(villages).to_csv(folder / "places.csv", index=False)
    table = '\n[places]\nfile = "places.csv"\nx = "x"\ny = "y"\n'
    return write_study(folder, nodes, streets, stations, people, areas, table + more)


def _streets(rng: np.random.Generator, size: int) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    count = size * size
    row, column = np.divmod(np.arange(count), size)
    x = ORIGIN[0] + np.round(1500 * column + rng.uniform(-500, 500, count), 1)
    y = ORIGIN[1] + np.round(1500 * row + rng.uniform(-500, 500, count), 1)
    right = np.flatnonzero(column < size - 1)
    up = np.flatnonzero(row < size - 1)
    tail, head = np.concatenate([right, up]), np.concatenate([right + 1, up + size])
    kept = rng.random(len(tail)) > 0.18
    tail, head = tail[kept], head[kept]
    main = np.where(tail + 1 == head, row[tail] % 3 == 1, column[tail] % 4 == 2)
    ends = np.stack([np.column_stack([x[tail], y[tail]]), np.column_stack([x[head], y[head]])], axis=1)
    lines = shapely.linestrings(ends)
    frame = {
        "tail": tail,
        "head": head,
        "highway": np.where(main, "primary", "unclassified"),
        "name": np.where(main, "", "High Street"),
        "ref": np.where(main, np.where(tail + 1 == head, "A1", "A2"), ""),
        "oneway": np.where(main, 0, rng.choice([0, 0, 0, 0, 0, 1, -1], len(tail))),
        "length_m": shapely.length(lines) * rng.uniform(1.0, 1.4, len(tail)),
    }
    return pd.DataFrame({"id": [f"n{i}" for i in range(count)], "x": x, "y": y}), gpd.GeoDataFrame(
        frame, geometry=lines, crs=GRID
    )


def _thirds(rng: np.random.Generator) -> np.ndarray:
    """Return places from west to east, two in each third."""
    return np.array([0, 1, 2, 0, 1, 2]) / 3 + rng.uniform(0.03, 0.3, 6)


def _strips(side: float) -> dict[str, shapely.Geometry]:
    """Return three areas side by side: a sliver of 60 m, then an overlap of 60 m, between them."""
    west, south = ORIGIN
    step = np.linspace(south - 2000, south + side + 2000, 60)
    borders = []
    bend = 400 * np.sin((step - south) / 900)
    wide = 60 * np.sin(np.linspace(0, np.pi, 60))  # nothing at either end
    for share, shift in ((1 / 3, -wide), (1 / 3, 0 * wide), (2 / 3, wide), (2 / 3, 0 * wide)):
        borders.append(np.column_stack([west + share * side + bend + shift, step]))
    left, right = west - 2000, west + side + 2000
    edges = [(np.column_stack([np.full(60, left), step]), borders[0]), (borders[1], borders[2])]
    edges += [(borders[3], np.column_stack([np.full(60, right), step]))]
    return {
        force: shapely.Polygon(np.vstack([one, other[::-1]]))
        for force, (one, other) in zip("ABC", edges, strict=True)
    }


def _placed(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(x=table["x"] + ORIGIN[0], y=table["y"] + ORIGIN[1])


def _toml(forces: list[str]) -> str:
    alliance, outside = (forces, []) if len(forces) < 3 else (forces[:2], forces[2:])
    return f"""name = "Drawn"
sources = ["© Nobody"]

[roads]
source = "nodes.csv"
edges = "edges.csv"

[stations]
file = "stations.csv"

[forces]
file = "areas.gpkg"
alliance = {alliance}
outside = {outside}

[speeds]
max_snap_m = 2000

[[demand]]
measure = "population"
file = "people.csv"
weight = "people"
x = "x"
y = "y"
"""
