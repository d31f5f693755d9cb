"""Each value of each key means one thing to a police car."""

from __future__ import annotations

import pytest

from borderless.roads.access import (
    ACCESS,
    DRIVABLE,
    LADDER,
    LEFT_OUT,
    access_says,
    judge_edge,
    judge_way,
    turned,
)

STREET = {"highway": "residential"}


@pytest.mark.parametrize("key", LADDER)
@pytest.mark.parametrize("value", ACCESS)
def test_every_value_of_the_table_does_what_it_says(key: str, value: str) -> None:
    for gates in (True, False):
        driven = not judge_way(STREET | {key: value}, bus_gates=gates).left_out
        assert driven == (ACCESS[value] in ({"open", "bus", ""} if gates else {"open", ""}))


@pytest.mark.parametrize("specific", range(1, 4))
def test_the_key_about_fewer_vehicles_wins(specific: int) -> None:
    for general in range(specific):
        opened = {LADDER[general]: "no", LADDER[specific]: "yes"}
        assert not judge_way(STREET | opened).left_out
        closed = {LADDER[general]: "yes", LADDER[specific]: "no"}
        assert judge_way(STREET | closed).left_out == f"closed to cars ({LADDER[specific]}=no)"


def test_no_class_is_both_driven_and_left_out() -> None:
    left_out = [name for names in LEFT_OUT.values() for name in names]
    assert len(left_out) == len(set(left_out))
    assert not set(left_out) & set(DRIVABLE)
    assert all(judge_way({"highway": name}).left_out == name for name in left_out)
    assert not any(judge_way({"highway": name}).left_out for name in DRIVABLE)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("YES ", "open"),
        ("destination;delivery", "open"),
        ("agricultural; forestry", "closed"),
        ("no;bus=yes", "bus"),
        ("no; emergency=yes", "open"),
        ("bus=no", "closed"),
        ("unknown", ""),
        ("perhaps", None),
    ],
)
def test_lists_name_whom_they_let_pass(text: str, says: str | None) -> None:
    assert access_says(text) == says


def test_the_direction_of_a_key_goes_before_the_key_itself() -> None:
    assert judge_way(STREET | {"motor_vehicle": "no", "motor_vehicle:forward": "yes"}).oneway == 1
    assert judge_way(STREET | {"vehicle:forward": "no", "motorcar": "yes"}).oneway == 0


def test_tags_read_from_the_other_end() -> None:
    tags = {"oneway": "yes", "maxspeed:forward": "20 mph", "oneway:motorcar": "-1", "access": "yes"}
    assert turned(tags) == {
        "oneway": "yes",
        "maxspeed:backward": "20 mph",
        "oneway:motorcar": "1",
        "access": "yes",
    }
    assert turned(turned(tags)) == tags | {"oneway:motorcar": "-1"}


@pytest.mark.parametrize(
    ("tags", "oneway"),
    [
        ({}, 1),
        ({"oneway": "True"}, 1),
        ({"oneway": "-1"}, 1),
        ({"oneway": "False", "vehicle:backward": "no"}, 1),
        ({"oneway": "yes", "oneway:motorcar": "no"}, 0),
        ({"vehicle:forward": "no"}, -1),
    ],
)
def test_a_directed_edge_stands_for_both_directions_only_where_no_other_can(
    tags: dict[str, str], oneway: int
) -> None:
    assert judge_edge(STREET | tags).oneway == oneway


def test_conditions_are_counted_and_not_followed() -> None:
    tags = {"access:conditional": "no @ Su", "maxspeed:conditional": "20 mph @ Mo", "name:conditional": "x"}
    verdict = judge_way(STREET | tags)
    assert not verdict.left_out
    assert verdict.doubts == ("access:conditional", "maxspeed:conditional")
