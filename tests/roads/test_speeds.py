"""Speeds come from a street's own tags and what lies around it, and from the table in the study."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.roads.speeds import street_speeds
from borderless.study.read import DEFAULT_SPEEDS

LIMITS = {
    "restricted": 30,
    "single": 60,
    "dual": 70,
    "motorway": 70,
    "town_main": 35,
    "town_dual": 60,
    "dense_dual": 45,
    "edge": 50,
}
FACTORS = {
    "motorway": 0.95,
    "dual": 0.90,
    "trunk": 0.81,
    "primary": 0.80,
    "secondary": 0.75,
    "tertiary": 0.70,
    "unclassified": 0.50,
    "residential": 0.85,
    "built_up": 0.82,
    "link": 0.71,
    "living_street": 0.40,
}
SPEEDS = replace(DEFAULT_SPEEDS, limit_mph=LIMITS, factor=FACTORS, blue_light_factor=1.25)
TOWN = gpd.GeoSeries([shapely.box(10_000, -5, 20_000, 5)], crs="EPSG:27700")
OPEN, INSIDE = 0.0, 15_000.0
Row = dict[str, object]


def streets(*rows: Row) -> gpd.GeoDataFrame:
    """Return streets 10 m long, unconnected, from their ``x`` on the axis; what a row leaves out is empty."""
    plain: Row = {"highway": "unclassified", "maxspeed": "", "oneway": 0, "name": "", "ref": "", "x": OPEN}
    frame = pd.DataFrame([plain | row for row in rows]).fillna("")
    lines = [shapely.LineString([(x, 0), (x + 10, 0)]) for x in frame.pop("x")]
    frame = frame.assign(tail=np.arange(len(rows)) * 2, head=np.arange(len(rows)) * 2 + 1, length_m=10.0)
    return gpd.GeoDataFrame(frame, geometry=lines, crs="EPSG:27700")


@pytest.mark.parametrize(
    ("row", "mph", "evidence"),
    [
        ({"highway": "motorway"}, 70 * 0.95, "class"),
        ({"highway": "motorway", "x": INSIDE}, 70 * 0.95, "class"),
        ({"highway": "motorway", "maxspeed": "50 mph"}, 50 * 0.95, "sign"),
        ({"highway": "motorway", "maxspeed": "national"}, 70 * 0.95, "rule"),
        ({"highway": "motorway_link"}, 70 * 0.71, "class"),
        ({"highway": "trunk", "dual_carriageway": "yes"}, 70 * 0.90, "national"),
        ({"highway": "trunk", "dual_carriageway": "yes", "x": INSIDE}, 60 * 0.90, "area"),
        ({"highway": "trunk", "dual_carriageway": "yes", "maxspeed": "national", "x": INSIDE}, 63, "rule"),
        ({"highway": "trunk"}, 60 * 0.81, "national"),
        ({"highway": "trunk", "oneway": 1, "maxspeed:type": "GB:nsl_single"}, 60 * 0.81, "rule"),
        ({"highway": "trunk_link"}, 60 * 0.71, "national"),
        ({"highway": "primary", "maxspeed": "GB:nsl_single", "x": INSIDE}, 60 * 0.80, "rule"),
        ({"highway": "primary", "maxspeed": "40 mph"}, 40 * 0.82, "sign"),
        ({"highway": "primary", "x": INSIDE}, 35 * 0.82, "area"),
        ({"highway": "secondary", "maxspeed": "signals"}, 60 * 0.75, "national"),
        ({"highway": "tertiary", "maxspeed": "fast"}, 60 * 0.70, "national"),
        ({"highway": "tertiary", "lit": "yes", "sidewalk": "both"}, 30 * 0.82, "roadside"),
        ({"highway": "tertiary", "lit": "no", "x": INSIDE}, 35 * 0.82, "area"),
        ({}, 60 * 0.50, "national"),
        ({"x": INSIDE}, 30 * 0.82, "area"),
        ({"highway": "residential"}, 30 * 0.85, "class"),
        ({"highway": "residential", "lit": "no"}, 30 * 0.85, "class"),
        ({"highway": "residential", "maxspeed": "60 mph"}, 60 * 0.85, "sign"),
        ({"highway": "living_street"}, 30 * 0.40, "class"),
        ({"highway": "track"}, 60 * 0.50, "national"),
    ],
)
def test_speed_is_limit_times_class_times_blue_light(row: Row, mph: float, evidence: str) -> None:
    found = street_speeds(streets(row), SPEEDS, TOWN).iloc[0]
    assert found["speed_mph"] == found["speed_back_mph"] == pytest.approx(mph * 1.25)
    assert found["evidence"] == found["evidence_back"] == evidence


def test_each_direction_has_its_own_limit() -> None:
    row = {"highway": "tertiary", "maxspeed:forward": "20 mph", "maxspeed:backward": "60 mph"}
    found = street_speeds(streets(row), SPEEDS).iloc[0]
    assert found["speed_mph"] == pytest.approx(20 * 0.82 * 1.25)
    assert found["speed_back_mph"] == pytest.approx(60 * 0.70 * 1.25)


def test_the_midpoint_decides_what_is_built_up() -> None:
    rows = [{"highway": "primary", "x": x} for x in (9_994.0, 9_996.0)]
    assert street_speeds(streets(*rows), SPEEDS, TOWN)["built_up"].tolist() == [False, True]


def test_without_areas_and_towns_only_residential_classes_are_built_up() -> None:
    rows = [{"highway": "primary", "x": INSIDE}, {"highway": "residential", "x": INSIDE}]
    assert street_speeds(streets(*rows), SPEEDS)["built_up"].tolist() == [False, True]


ROW = st.fixed_dictionaries(
    {
        "highway": st.sampled_from(["motorway", "trunk", "primary_link", "tertiary", "living_street", "odd"]),
        "maxspeed": st.sampled_from(["", "30 mph", "national", "GB:nsl_dual", "5 knots", "none"]),
        "dual_carriageway": st.sampled_from(["", "yes", "no"]),
        "lit": st.sampled_from(["", "yes", "no"]),
        "x": st.sampled_from([0.0, 9_995.0, 15_000.0]),
    }
)


@settings(max_examples=60, deadline=None)
@given(ROW, st.lists(ROW, max_size=6), st.lists(ROW, max_size=6))
def test_a_street_has_the_same_speed_whatever_lies_far_away(
    row: Row, before: list[Row], after: list[Row]
) -> None:
    far = [[one | {"x": float(one["x"]) + 30_000} for one in some] for some in (before, after)]  # type: ignore[arg-type]
    alone = street_speeds(streets(row), SPEEDS, TOWN).iloc[0]
    among = street_speeds(streets(*far[0], row, *far[1]), SPEEDS, TOWN).iloc[len(before)]
    assert alone.tolist() == among.tolist()


def test_speeds_keep_row_order_on_any_index() -> None:
    frame = streets({"highway": "primary"}, {"highway": "residential", "x": INSIDE}).set_index(
        np.array([9, 4])
    )
    assert street_speeds(frame, SPEEDS)["limit_mph"].tolist() == [60, 30]
