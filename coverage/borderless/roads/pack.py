"""A road network as plain arrays and back, so that it can be kept without pickling."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from borderless.roads.arms import Arms
from borderless.roads.network import RoadNetwork
from borderless.roads.speed_mix import SpeedMix
from borderless.roads.streets import COLUMNS, Streets

_ARRAYS = ("first_arc", "head", "travel_ms", "x", "y")
_OF_ARCS = ("arc_street", "arc_forward")
_TEXTS = ("highway", "name", "ref")
_NUMBERS = ("tail", "head", "along_ms", "against_ms", "speed_mph", "built_up", "snappable", "length_m")
_GRID = "EPSG:27700"


def pack(network: RoadNetwork) -> dict[str, npt.NDArray[Any]]:
    """Return a network as named arrays of numbers."""
    arrays: dict[str, npt.NDArray[Any]] = {name: getattr(network, name) for name in _ARRAYS + _OF_ARCS}
    arrays["node_id"] = _bytes(network.node_id.tolist())
    for name in _NUMBERS:
        arrays[f"street_{name}"] = network.streets[name].to_numpy()
    for name in _TEXTS:
        codes, texts = pd.factorize(network.streets[name].astype(str))
        arrays[f"street_{name}_code"] = codes.astype(np.int32)
        arrays[f"street_{name}_text"] = _bytes(list(texts))
    mix = network.street_layout.mix
    if mix is not None:
        arrays["mix_share"], arrays["mix_row"] = mix.share, mix.row
    arms, arc_entry = network.street_layout.arms, network.street_layout.arc_entry
    if arms is not None and arc_entry is not None:
        arrays |= {f"arms_{field.name}": getattr(arms, field.name) for field in fields(Arms)}
        arrays["arc_entry"] = arc_entry
    lines = network.streets.geometry.to_numpy()
    arrays["line_points"] = shapely.get_num_coordinates(lines)
    arrays["line_xy"] = shapely.get_coordinates(lines)
    if network.cut_off is not None:
        arrays["cut_points"] = shapely.get_num_coordinates(network.cut_off)
        arrays["cut_xy"] = shapely.get_coordinates(network.cut_off)
    arrays["numbered_for_sweeps"] = np.array([network.numbered_for_sweeps])
    arrays["count_name"] = _bytes(list(network.counts))
    arrays["count_value"] = np.array(list(network.counts.values()), dtype=float)
    arrays["count_whole"] = np.array([isinstance(value, int) for value in network.counts.values()])
    return arrays


def unpack(arrays: Mapping[str, npt.NDArray[Any]]) -> RoadNetwork:
    """Return the network that :func:`pack` turned into `arrays`, equal in every number."""
    columns: dict[str, Any] = {name: arrays[f"street_{name}"] for name in _NUMBERS}
    for name in _TEXTS:
        texts = np.array(_texts(arrays[f"street_{name}_text"]), dtype=object)
        columns[name] = texts[arrays[f"street_{name}_code"]] if len(texts) else ""
    lines = _lines(arrays["line_points"], arrays["line_xy"])
    cut_off = _lines(arrays["cut_points"], arrays["cut_xy"]) if "cut_points" in arrays else None
    streets = gpd.GeoDataFrame(columns, geometry=lines, crs=_GRID)[list(COLUMNS)]
    mix = SpeedMix(arrays["mix_share"], arrays["mix_row"]) if "mix_row" in arrays else None
    arms = None
    if "arc_entry" in arrays:
        arms = Arms(**{field.name: arrays[f"arms_{field.name}"] for field in fields(Arms)})
    layout = arrays["arc_street"], arrays["arc_forward"], mix, arms, arrays.get("arc_entry")
    values = zip(arrays["count_value"].tolist(), arrays["count_whole"].tolist(), strict=True)
    counts = [int(value) if whole else value for value, whole in values]
    return RoadNetwork(
        **{name: arrays[name] for name in _ARRAYS},
        names=np.array(_texts(arrays["node_id"]), dtype=object),
        drawn=Streets(streets, *layout),
        counts=dict(zip(_texts(arrays["count_name"]), counts, strict=True)),
        numbered_for_sweeps=bool(arrays["numbered_for_sweeps"][0]),
        cut_off=cut_off,
    )


def _lines(count: npt.NDArray[np.int64], xy: npt.NDArray[np.float64]) -> npt.NDArray[np.object_]:
    return np.asarray(shapely.linestrings(xy, indices=np.repeat(np.arange(len(count)), count)), dtype=object)


def _bytes(texts: list[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(json.dumps(texts).encode(), dtype=np.uint8)


def _texts(packed: npt.NDArray[np.uint8]) -> list[str]:
    texts: list[str] = json.loads(packed.tobytes())
    return texts
