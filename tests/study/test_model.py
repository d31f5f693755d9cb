"""The frozen values of a study: targets and delays in whole milliseconds, measures, partners."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from borderless.errors import BorderlessError
from borderless.study.model import KNOWN_MEASURES, DemandInput, Measure, measure_named
from small_regions import NOWHERE, RESPONSE, small_study


def test_targets_are_the_standard_then_5_10_15_and_20_minutes() -> None:
    response = replace(RESPONSE, target_urban_min=7.5, target_rural_min=0.1)
    targets = [(t.name, t.urban_ms, t.rural_ms) for t in response.targets]
    assert targets == [
        ("standard", 450_000, 6_000),
        ("5 min", 300_000, 300_000),
        ("10 min", 600_000, 600_000),
        ("15 min", 900_000, 900_000),
        ("20 min", 1_200_000, 1_200_000),
    ]


def test_delays_are_whole_milliseconds() -> None:
    response = replace(RESPONSE, call_handling_s=0.1, turnout_s=0.2, cross_border_delay_s=0.0015)
    assert response.fixed_ms == 300
    assert response.cross_border_delay_ms == 2
    assert isinstance(response.fixed_ms, int)


def test_square_kilometres_appear_only_in_print() -> None:
    area = KNOWN_MEASURES["area_km2"]
    assert area.column == "area_m2"
    assert area.printed(2_500_000) == 2.5
    assert KNOWN_MEASURES["population"].printed(12) == 12
    assert isinstance(KNOWN_MEASURES["population"].printed(12), int)


def test_a_measure_of_the_studys_own_counts_plain_units() -> None:
    assert measure_named("burglary_calls") == Measure(
        "burglary_calls", "burglary_calls", "Burglary calls", "burglary_calls", 1
    )
    assert measure_named("road_km") is KNOWN_MEASURES["road_km"]


def test_area_and_roads_follow_the_given_measures_unless_they_are_given() -> None:
    study = small_study(("P",))
    assert [m.name for m in study.measures] == ["population", "area_km2", "road_km"]
    entries = [DemandInput(measure_named(n), NOWHERE, None, "w", "x", "y") for n in ("road_km", "population")]
    given = replace(study, demand=(*entries, entries[0]))
    assert [m.name for m in given.measures] == ["road_km", "population", "area_km2"]


def test_partners_join_from_outside_in_the_order_they_are_named() -> None:
    study = small_study(("P", "Q"), ("R", "S", "T"))
    wider = study.with_partners(("T", "R", "T"))
    assert wider.alliance == ("P", "Q", "T", "R")
    assert wider.forces.outside == ("S",)
    assert wider.force_names == ("P", "Q", "T", "R", "S")
    # material about them is still as incomplete as it was
    assert wider.forces.clipped == ("R", "S", "T")
    assert study.alliance == ("P", "Q")


def test_a_partner_that_is_already_in_changes_nothing() -> None:
    study = small_study(("P",), ("R",))
    assert study.with_partners(("P",)) == study
    assert study.with_partners(()) == study


def test_an_unknown_partner_is_named_with_those_that_are_known() -> None:
    with pytest.raises(BorderlessError, match=r"unknown partner X, Y; forces outside the alliance are: R, S"):
        small_study(("P",), ("R", "S")).with_partners(("X", "R", "Y"))
    with pytest.raises(BorderlessError, match="are: none"):
        small_study(("P",)).with_partners(("X",))


def test_a_study_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        small_study(("P",)).name = "Other"  # type: ignore[misc]
