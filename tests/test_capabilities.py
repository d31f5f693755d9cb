"""What asks for units of a capability is counted by these units everywhere; nothing else changes by it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import two_counties
from borderless.analysis.basing import own_basing
from borderless.analysis.coverage import cover
from borderless.analysis.results import Results, analyse
from borderless.analysis.times import ResponseTimes
from borderless.errors import BorderlessError, InputError
from borderless.maps.explorer import explorer_page
from borderless.region import check_study, load_region
from borderless.report.page import front_page
from borderless.report.tables import (
    coverage_table,
    expected_coverage,
    places_table,
    response_table,
    results_json,
)
from borderless.study.policy import NAMED_SCENARIOS, RESPONSE, BorderPolicy, BorderRule, Capability, Scenario
from borderless.study.read import read_study
from capability_files import ARMED, FIREARMS, OWN_POLICY, write_armed
from random_regions import Drawn, what_ifs

BUSY = "\n[response]\nbusy_fraction = 0.3\n"
SAID_OUT = """
[scenarios.careful]
borders = "closest"
control_room = "shared"
closed = ["W1"]

[[scenarios.careful.pairs]]
responder = "North"
place = "West"
delay_s = 600
"""


def asked(path: Path) -> Results:
    return analyse(load_region(path))


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return asked(write_armed(tmp_path_factory.mktemp("armed"), more=ARMED + OWN_POLICY + BUSY))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Return the same study without the measure that asks for firearms units."""
    return asked(write_armed(tmp_path_factory.mktemp("plain"), more=OWN_POLICY + BUSY))


@pytest.fixture(scope="module")
def swapped(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Return a study whose response units are the firearms units, with their policy as the scenario's own."""
    more = ARMED.replace('capability = "firearms"', "") + SAID_OUT + BUSY
    path = write_armed(tmp_path_factory.mktemp("swapped"), more=more)
    table = pd.read_csv(path.parent / "stations.csv")
    units = table["id"].map(FIREARMS)
    table.assign(units=units, capacity=units).to_csv(path.parent / "stations.csv", index=False)
    return asked(path)


TABLES = {
    "coverage": coverage_table,
    "expected": expected_coverage,
    "response": response_table,
    "json": lambda results: pd.DataFrame(results_json(results)["coverage"]),
    "comparison": lambda results: pd.concat(
        pd.DataFrame(found["by_force"]).assign(scenario=name)
        for name, found in results_json(results)["comparison"].items()
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_armed_calls_are_counted_as_if_only_firearms_units_were_there(
    armed: Results, swapped: Results, name: str
) -> None:
    mine, theirs = (TABLES[name](results) for results in (armed, swapped))
    mine, theirs = (
        table[table["measure"] == "armed_calls"].reset_index(drop=True) for table in (mine, theirs)
    )
    assert len(mine) > 0
    pd.testing.assert_frame_equal(mine, theirs)


@pytest.mark.parametrize("name", TABLES)
def test_everything_else_is_counted_as_without_them(armed: Results, plain: Results, name: str) -> None:
    mine, others = (TABLES[name](results) for results in (armed, plain))
    mine = mine[mine["measure"] != "armed_calls"].reset_index(drop=True)
    assert set(others["measure"]) == {"population", "area_km2", "road_km"}
    pd.testing.assert_frame_equal(mine, others.reset_index(drop=True))


def test_armed_calls_by_hand(armed: Results) -> None:
    """West's nearest firearms units are North's and East's; alone it has none."""
    table = coverage_table(armed).set_index(["scenario", "force", "measure", "target"])["covered"]
    assert table["separate", "West", "armed_calls", "standard"] == 0
    # E1 with a hand-over minute: A 22, B 15, C 10, D 8
    assert table["borderless", "West", "armed_calls", "standard"] == 2 + 4 + 8
    # one room: A 21, B 14, C 9, D 7; North's unit comes with 600 s: A 22, B 15
    assert table["careful", "West", "armed_calls", "10 min"] == 4 + 8
    assert table["separate", "West", "population", "standard"] == 7


def test_pages_and_maps_leave_armed_calls_out_and_say_so(armed: Results, plain: Results) -> None:
    told = [problem.why for problem in armed.region.problems if "firearms units only" in problem.why]
    assert len(told) == 1
    page = front_page(armed)
    assert "armed calls" not in page.lower().replace(told[0].lower(), "")
    assert told[0] in page
    assert "armed_calls" not in explorer_page(armed)
    assert "armed_calls" not in places_table(armed)
    assert places_table(armed).equals(places_table(plain))


def test_programs_are_told_who_answers_what(armed: Results) -> None:
    told: dict[str, Any] = json.loads(json.dumps(results_json(armed)))
    by_name = {measure["name"]: measure for measure in told["measures"]}
    assert by_name["armed_calls"]["capability"] == "firearms"
    assert "capability" not in by_name["population"]
    (careful,) = (scenario for scenario in told["scenarios"] if scenario["name"] == "careful")
    assert careful["capabilities"] == {
        "firearms": {
            "borders": {"rule": "closest", "min_gain_s": 0, "delay_s": None},
            "border_pairs": [
                {"responder": "North", "force": "West", "rule": "closest", "min_gain_s": 0, "delay_s": 600}
            ],
            "control_room": "shared",
        }
    }
    assert all("capabilities" not in scenario for scenario in told["scenarios"] if scenario is not careful)


# -- the view of a region that the units of a capability have


@settings(max_examples=40)
@given(what_ifs(), st.lists(st.integers(0, 2), min_size=6, max_size=6))
def test_a_view_is_the_region_with_these_units_at_home(
    question: tuple[Drawn, Scenario], units: list[int]
) -> None:
    drawn, scenario = question
    times = drawn.times()
    region = times.region
    dogs = np.array([*units[: len(region.stations) - 1], 1], dtype=np.int64)
    times = ResponseTimes(replace(region, stations=region.stations.assign(units_dogs=dogs)), times.travel_ms)
    found = cover(times.serving("dogs"), scenario)
    at_home = dict(zip(region.stations["id"], dogs.tolist(), strict=True))
    alone = replace(
        drawn, stations=tuple(s._replace(units=at_home[s.id], capacity=-1) for s in drawn.stations)
    )
    expected = cover(alone.times(), replace(scenario, stations="own", units={}, guests={}))
    for field in ("travel_ms", "response_ms", "station", "responder", "second_ms", "second_station"):
        assert (getattr(found, field) == getattr(expected, field)).all(), field
    assert (found.basing.units == own_basing(times.serving("dogs")).units * found.basing.starts()).all()


def test_response_units_see_the_region_itself(armed: Results) -> None:
    assert armed.times.serving("response") is armed.times
    view = armed.times.serving("firearms")
    assert view.serving("firearms") is view
    assert [measure.name for measure in view.region.study.measures] == ["armed_calls"]
    assert [measure.name for measure in armed.region.study.measures] == ["population", "area_km2", "road_km"]
    assert view.travel_ms is armed.times.travel_ms
    assert view.region.stations["capacity"].tolist() == view.region.stations["units"].tolist() == [1, 2, 0]
    with pytest.raises(BorderlessError, match="ask the whole region"):
        view.serving("dogs")


def test_a_capability_that_no_measure_asks_for_is_judged_by_the_others(plain: Results) -> None:
    study = plain.region.serving("firearms").study
    assert [measure.name for measure in study.measures] == ["population", "area_km2", "road_km"]


def test_a_capability_that_no_station_has_is_refused_when_it_is_asked(plain: Results) -> None:
    with pytest.raises(InputError, match=r"units_dogs.*no station has dogs units.*add a column units_dogs"):
        plain.region.serving("dogs")


@pytest.mark.parametrize("capability", ["roads", "firearms", "dogs"])
def test_scenarios_move_response_units_alone(capability: Capability) -> None:
    scenario = Scenario(
        "s",
        "S",
        "",
        BorderPolicy(BorderRule.CLOSEST),
        "shared",
        "shared",
        {"W1": 3},
        {("E1", "West"): 1},
        ("N1",),
    )
    served = scenario.serving(capability)
    assert (served.stations, served.units, served.guests, served.closed) == ("own", {}, {}, ("N1",))
    assert (served.borders, served.control_room) == (scenario.borders, "shared")
    assert scenario.serving(RESPONSE) is scenario
    assert served.serving(capability) == served


# -- the files


def problems_of(path: Path) -> list[tuple[str, str, str, str]]:
    return [(p.file, p.where, p.column, p.why) for p in check_study(path).problems if p.severity == "error"]


def test_units_that_no_station_has_are_an_error_of_the_stations(tmp_path: Path) -> None:
    path = write_armed(tmp_path, more=ARMED.replace("firearms", "dogs"))
    why = "no station has dogs units, so nobody can answer what asks for them"
    assert problems_of(path) == [("stations.csv", "", "units_dogs", why)]


def test_units_that_are_all_none_are_an_error_too(tmp_path: Path) -> None:
    path = write_armed(tmp_path)
    table = path.parent / "stations.csv"
    pd.read_csv(table).assign(units_firearms=0).to_csv(table, index=False)
    assert [problem[2] for problem in problems_of(path)] == ["units_firearms"]


def test_a_policy_for_units_that_no_station_has_is_an_error(tmp_path: Path) -> None:
    path = write_armed(tmp_path, more=OWN_POLICY.replace("firearms", "roads"))
    assert [problem[:3] for problem in problems_of(path)] == [("stations.csv", "", "units_roads")]


@pytest.mark.parametrize("cell", ["-1", "1.5", "two"])
def test_units_must_be_whole_numbers(tmp_path: Path, cell: str) -> None:
    path = write_armed(tmp_path)
    table = path.parent / "stations.csv"
    table.write_text(table.read_text().replace(",2\n", f",{cell}\n"), encoding="utf-8")
    assert [problem[:3] for problem in problems_of(path)] == [("stations.csv", "row 4", "units_firearms")]


def test_empty_cells_are_no_units_and_tables_without_the_column_have_none(tmp_path: Path) -> None:
    region = load_region(write_armed(tmp_path / "armed"))
    assert dict(zip(region.stations["id"], region.stations["units_firearms"], strict=True)) == FIREARMS
    assert region.stations["units_firearms"].dtype == np.int64
    bare = load_region(two_counties.write_files(tmp_path / "bare"))
    assert not [column for column in bare.stations if column.startswith("units_")]


def test_a_candidate_site_has_no_such_units(tmp_path: Path) -> None:
    site = '\n[[candidates]]\nid = "new"\nforce = "West"\nx = 412000\ny = 300000\n'
    region = load_region(write_armed(tmp_path, more=ARMED + site))
    assert region.serving("firearms").stations.set_index("id")["units"]["new"] == 0


@pytest.mark.parametrize(
    ("old", "new", "where", "column", "why"),
    [
        (
            'capability = "firearms"',
            'capability = "firearm"',
            "[demand 2]",
            "capability",
            "is not a known choice",
        ),
        ("capability =", "capabilty =", "[demand 2]", "capabilty", "unknown key"),
        (
            'measure = "armed_calls"',
            'measure = "population"',
            "[demand 2]",
            "capability",
            "population asks for units of another capability above",
        ),
        (
            "capabilities.firearms]\n",
            "capabilities.firearm]\n",
            "[scenarios.careful]",
            "capabilities",
            "is no capability",
        ),
        (
            "capabilities.firearms]\n",
            "capabilities.response]\n",
            "[scenarios.careful]",
            "capabilities",
            "has the scenario's own borders",
        ),
        ('preset = "closed"', 'preset = "close"', "[scenarios.careful]", "preset", "is not a known choice"),
        (
            'preset = "closed"',
            'preset = "closed"\nborders = "closed"',
            "[scenarios.careful]",
            "preset",
            "says the same as borders does",
        ),
        (
            'borders = "closest"\n',
            'borders = "closest"\nstations = "own"\n',
            "[scenarios.careful.capabilities.firearms]",
            "stations",
            "unknown key",
        ),
        (
            'responder = "North"',
            'responder = "Nrth"',
            "[scenarios.careful.capabilities.firearms.pairs 1]",
            "responder",
            "is no force of this study",
        ),
    ],
)
def test_what_is_wrong_in_the_study_file_is_named(
    tmp_path: Path, old: str, new: str, where: str, column: str, why: str
) -> None:
    path = write_armed(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert (path.name, where, column, why) in [(Path(p[0]).name, *p[1:]) for p in problems_of(path)]


def test_what_a_capability_leaves_out_is_as_in_the_scenario(tmp_path: Path) -> None:
    more = """
[scenarios.aid]
preset = "automatic_aid"
control_room = "shared"

[[scenarios.aid.pairs]]
responder = "West"
place = "East"
borders = "closed"

[scenarios.aid.capabilities.firearms]
control_room = "separate"

[scenarios.aid.capabilities.dogs]
pairs = []

[scenarios.aid.capabilities.roads]
preset = "mutual_aid"
"""
    path = two_counties.write_files(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    (aid,) = (scenario for scenario in read_study(path).scenarios if scenario not in NAMED_SCENARIOS)
    pairs = {("West", "East"): BorderRule.CLOSED}
    assert aid.borders == BorderPolicy(BorderRule.if_faster(120), pairs)
    assert aid.capabilities["firearms"].borders == aid.borders
    assert aid.serving("firearms").control_room == "separate"
    assert aid.capabilities["dogs"].borders == BorderPolicy(BorderRule.if_faster(120), {})
    assert aid.capabilities["roads"].borders == BorderPolicy(BorderRule.ON_EXHAUSTION, {})
    assert aid.serving("roads").control_room == "shared"
