"""What tags say of a limit is read in every form in which people write it."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.roads.limits import (
    UNKNOWN,
    distinct_tags,
    looks_built_up,
    parse_maxspeed,
    said_dual,
    said_limit,
    unknown_maxspeeds,
    unlit,
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
        ("GB_nsl:single", "single"),
        ("gb:national", "national"),
        ("GB-ENG:nsl_single", "single"),
        ("GB:rural", "national"),
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


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({}, None, None),
        ({"maxspeed": "30 mph"}, 30.0, 30.0),
        ({"maxspeed:forward": "20 mph", "maxspeed:backward": "60 mph"}, 20.0, 60.0),
        ({"maxspeed": "60 mph", "maxspeed:backward": "30 mph"}, 60.0, 30.0),
        ({"maxspeed": "60 mph", "maxspeed:backward": "signals"}, 60.0, 60.0),
        ({"maxspeed": "GB:nsl_single", "maxspeed:forward": "40 mph"}, 40.0, "single"),
        ({"maxspeed:type": "GB:nsl_dual"}, "dual", "dual"),
        ({"maxspeed:type": "sign", "source:maxspeed": "UK:nsl_single"}, "single", "single"),
        ({"maxspeed:type:forward": "GB:nsl_restricted"}, "restricted", None),
        ({"source:maxspeed": "survey"}, None, None),
        ({"zone:maxspeed": "GB:20"}, 20.0, 20.0),
        ({"zone:maxspeed": "20 mph"}, 20.0, 20.0),
        ({"zone:traffic": "GB:urban"}, "restricted", "restricted"),
        ({"zone:traffic": "GB:rural"}, "national", "national"),
        ({"maxspeed": "fast", "maxspeed:type": "GB:zone30"}, 30.0, 30.0),
    ],
)
def test_the_first_tag_that_says_something_counts(
    tags: dict[str, str], forward: object, backward: object
) -> None:
    assert said_limit(tags, "forward") == forward
    assert said_limit(tags, "backward") == backward


@pytest.mark.parametrize(
    ("tags", "built_up", "dark"),
    [
        ({}, False, False),
        ({"lit": "yes"}, True, False),
        ({"lit": "24/7"}, True, False),
        ({"lit": "no"}, False, True),
        ({"lit": "no;yes"}, True, False),
        ({"sidewalk": "both"}, True, False),
        ({"sidewalk": "no", "lit": "no"}, False, True),
        ({"sidewalk:left": "separate"}, True, False),
        ({"abutters": "residential"}, True, False),
        ({"abutters": "farm"}, False, False),
    ],
)
def test_lights_pavements_and_houses_make_a_built_up_roadside(
    tags: dict[str, str], built_up: bool, dark: bool
) -> None:
    assert looks_built_up(tags) == built_up
    assert unlit(tags) == dark


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, None),
        ({"dual_carriageway": "yes"}, True),
        ({"dual_carriageway": "no", "maxspeed:type": "GB:nsl_dual"}, False),
        ({"maxspeed:type": "GB:nsl_single"}, False),
        ({"source:maxspeed": "UK:nsl_dual"}, True),
        ({"maxspeed": "national"}, None),
    ],
)
def test_tags_may_say_what_a_dual_carriageway_is(tags: dict[str, str], expected: object) -> None:
    assert said_dual(tags) is expected


def test_sets_of_tags_are_told_apart_and_found_again() -> None:
    frame = pd.DataFrame(
        {
            "maxspeed": ["30 mph", None, "30 mph", ["30 mph", "20 mph"]],
            "lit": ["yes", float("nan"), "yes", ""],
        },
        index=[7, 7, 1, 0],
    )
    code, tags = distinct_tags(frame, ("maxspeed", "lit", "abutters"))
    assert code.tolist() == [0, 1, 0, 2]
    assert tags == [
        {"maxspeed": "30 mph", "lit": "yes"},
        {"maxspeed": "", "lit": ""},
        {"maxspeed": "30 mph;20 mph", "lit": ""},
    ]


def test_values_nobody_understands_are_counted() -> None:
    texts = pd.Series(["fast", "30 mph", "5 knots", "fast", "none", ""])
    assert unknown_maxspeeds(texts) == {"fast": 2, "5 knots": 1}
