"""Speeds come from the street's own tags and place, and from the table in the study."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.roads.speeds import UNKNOWN, SpeedRules, parse_maxspeed, street_speeds, unknown_maxspeeds

RULES = SpeedRules(
    {"restricted": 30, "single": 60, "dual": 70, "motorway": 70},
    {
        "motorway": 0.95,
        "dual": 0.90,
        "trunk": 0.80,
        "primary": 0.80,
        "secondary": 0.75,
        "tertiary": 0.70,
        "unclassified": 0.50,
        "residential": 0.85,
        "built_up": 0.80,
        "link": 0.70,
        "living_street": 0.40,
    },
    1.25,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 mph", 30.0),
        ("30mph", 30.0),
        (" 30 MPH ", 30.0),
        ("5 mph", 5.0),
        ("48", 48 / 1.609344),
        ("48 km/h", 48 / 1.609344),
        ("48kmh", 48 / 1.609344),
        ("GB:nsl_single", "single"),
        ("UK:nsl_dual", "dual"),
        ("gb:motorway", "motorway"),
        ("UK:motorway", "motorway"),
        ("GB:nsl_restricted", "restricted"),
        ("GB:urban", "restricted"),
        ("GB:20", 20.0),
        ("GB:zone20", 20.0),
        ("GB:zone:20", 20.0),
        ("national", "national"),
        ("30 mph;20 mph", 20.0),
        ("30 mph; 20 mph", 20.0),
        ("['30 mph', '20 mph']", 20.0),
        (["40 mph", "30 mph"], 30.0),
        ("30 mph;signals", 30.0),
        ("GB:nsl_single;40 mph", 40.0),
        ("none", None),
        ("signals", None),
        ("variable", None),
        ("walk", None),
        ("", None),
        ("0", None),
        ("4", None),
        ("4 mph", None),
        ("5 knots", UNKNOWN),
        ("fast", UNKNOWN),
        ("-10", UNKNOWN),
        ("inf", UNKNOWN),
        ("700 mph", UNKNOWN),
        ("1" * 400, UNKNOWN),
    ],
)
def test_maxspeed_in_all_forms(text: object, expected: object) -> None:
    found = parse_maxspeed(text)
    assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)


@settings(max_examples=300)
@given(st.text(max_size=30))
def test_any_text_is_a_limit_a_rule_nothing_or_unknown(text: str) -> None:
    found = parse_maxspeed(text)
    if isinstance(found, float):
        assert 3 < found <= 100
    else:
        assert found in {None, UNKNOWN, "restricted", "single", "dual", "motorway", "national"}


def streets(*rows: tuple[str, str, bool, float]) -> gpd.GeoDataFrame:
    """Return streets of class, maxspeed and dual carriageway, 10 m long from x on the axis."""
    frame = pd.DataFrame([row[:3] for row in rows], columns=["highway", "maxspeed", "dual_carriageway"])
    lines = [shapely.LineString([(x, 0), (x + 10, 0)]) for *_, x in rows]
    return gpd.GeoDataFrame(frame, geometry=lines, crs="EPSG:27700")


TOWN = gpd.GeoSeries([shapely.box(100, -5, 200, 5)], crs="EPSG:27700")


@pytest.mark.parametrize(
    ("highway", "maxspeed", "dual", "in_town", "mph", "source"),
    [
        ("motorway", "", False, False, 70 * 0.95, "class"),
        ("motorway", "", False, True, 70 * 0.95, "class"),
        ("motorway", "50 mph", False, False, 50 * 0.95, "tagged"),
        ("motorway", "national", False, False, 70 * 0.95, "implied"),
        ("motorway_link", "", False, False, 70 * 0.70, "class"),
        ("trunk", "", True, False, 70 * 0.90, "class"),
        ("trunk", "", True, True, 30 * 0.80, "class"),
        ("trunk", "national", True, True, 70 * 0.90, "implied"),
        ("trunk", "", False, False, 60 * 0.80, "class"),
        ("trunk_link", "", False, False, 60 * 0.70, "class"),
        ("primary", "GB:nsl_single", False, True, 60 * 0.80, "implied"),
        ("primary", "40 mph", False, False, 40 * 0.80, "tagged"),
        ("secondary", "signals", False, False, 60 * 0.75, "class"),
        ("tertiary", "fast", False, False, 60 * 0.70, "class"),
        ("unclassified", "", False, False, 60 * 0.50, "class"),
        ("unclassified", "", False, True, 30 * 0.80, "class"),
        ("residential", "", False, False, 30 * 0.80, "class"),
        ("residential", "60 mph", False, False, 60 * 0.85, "tagged"),
        ("living_street", "", False, False, 30 * 0.40, "class"),
        ("track", "", False, False, 60 * 0.50, "class"),
    ],
)
def test_speed_is_limit_times_class_times_blue_light(
    highway: str, maxspeed: str, dual: bool, in_town: bool, mph: float, source: str
) -> None:
    found = street_speeds(streets((highway, maxspeed, dual, 150 if in_town else 0)), RULES, TOWN).iloc[0]
    assert found["speed_mph"] == pytest.approx(mph * 1.25)
    assert found["limit_source"] == source
    assert found["built_up"] == (in_town or highway in {"residential", "living_street"})


def test_the_midpoint_decides_what_is_built_up() -> None:
    found = street_speeds(streets(("primary", "", False, 94), ("primary", "", False, 96)), RULES, TOWN)
    assert found["built_up"].tolist() == [False, True]


def test_without_polygons_only_residential_classes_are_built_up() -> None:
    found = street_speeds(streets(("primary", "", False, 150), ("residential", "", False, 150)), RULES)
    assert found["built_up"].tolist() == [False, True]


ROW = st.tuples(
    st.sampled_from(["motorway", "trunk", "primary_link", "tertiary", "residential", "living_street", "odd"]),
    st.sampled_from(["", "30 mph", "national", "GB:nsl_dual", "5 knots", "none"]),
    st.booleans(),
    st.sampled_from([0.0, 95.0, 150.0]),
)


@settings(max_examples=60, deadline=None)
@given(ROW, st.lists(ROW, max_size=6), st.lists(ROW, max_size=6))
def test_a_street_has_the_same_speed_whatever_else_is_in_the_download(
    row: tuple[str, str, bool, float],
    before: list[tuple[str, str, bool, float]],
    after: list[tuple[str, str, bool, float]],
) -> None:
    alone = street_speeds(streets(row), RULES, TOWN).iloc[0]
    among = street_speeds(streets(*before, row, *after), RULES, TOWN).iloc[len(before)]
    assert alone.tolist() == among.tolist()


def test_values_nobody_understands_are_counted() -> None:
    texts = pd.Series(["fast", "30 mph", "5 knots", "fast", "none", ""])
    assert unknown_maxspeeds(texts) == {"fast": 2, "5 knots": 1}


def test_speeds_keep_row_order_on_any_index() -> None:
    frame = streets(("primary", "", False, 0), ("residential", "", False, 0)).set_index(np.array([9, 4]))
    assert street_speeds(frame, RULES)["speed_mph"].tolist() == pytest.approx([60, 30])
