"""What a barrier does depends on who its node lets pass, then on what it is."""

from __future__ import annotations

import pytest

from borderless.roads.barriers import barrier_stops, control_at


@pytest.mark.parametrize(
    ("tags", "stops"),
    [
        ({}, False),
        ({"barrier": "bollard"}, True),
        ({"barrier": "bollard", "access": "yes"}, False),
        ({"barrier": "bollard", "motor_vehicle": "private"}, True),
        ({"barrier": "bollard", "foot": "yes", "bicycle": "yes"}, True),
        ({"barrier": "bollard", "bollard": "removable"}, True),
        ({"barrier": "gate", "locked": "no"}, False),
        ({"barrier": "gate", "locked": "yes", "emergency": "yes"}, False),
        ({"barrier": "kissing_gate"}, True),
        ({"barrier": "chain"}, True),
        ({"barrier": "bus_trap", "bus": "yes"}, True),
        ({"barrier": "bus_trap", "emergency": "yes"}, False),
        ({"barrier": "height_restrictor", "maxheight": "5'6\""}, True),
        ({"barrier": "height_restrictor", "maxheight": "7 ft"}, False),
        ({"barrier": "width_restrictor", "maxwidth": "1.5 m"}, True),
        ({"barrier": "width_restrictor"}, False),
    ],
)
def test_barriers(tags: dict[str, str], stops: bool) -> None:
    assert barrier_stops(tags) == stops


def test_buses_that_pass_count_only_where_bus_gates_are_open() -> None:
    tags = {"barrier": "bollard", "motor_vehicle": "no", "bus": "yes"}
    assert not barrier_stops(tags)
    assert barrier_stops(tags, bus_gates=False)


def test_nothing_at_a_node_is_no_control() -> None:
    assert control_at({}) == control_at({"highway": "street_lamp"}) == control_at({"crossing": "no"}) == ""
