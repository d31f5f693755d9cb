"""Scenarios with rules by pair, units, guests and closed stations; candidate sites; files that add them."""

from __future__ import annotations

from pathlib import Path

import pytest

import two_counties
from borderless.errors import InputError, Problem
from borderless.region import check_study, load_region
from borderless.study.model import Candidate
from borderless.study.policy import BorderRule
from borderless.study.read import read_study

WHAT_IF = """
[response]
target_urban_min = 10.5
busy_fraction = 0.3

[scenarios.what_if]
label = "What if"
borders = "closed"
closed = ["N1"]
units = { "W1" = 3, "new-c" = 1 }

[[scenarios.what_if.guests]]
station = "E1"
force = "West"

[[scenarios.what_if.pairs]]
responder = "East"
place = "West"
borders = "if_faster"
min_gain_s = 60
delay_s = 30

[[scenarios.what_if.pairs]]
responder = "North"
place = "West"

[[candidates]]
id = "new-c"
name = "C"
force = "West"
x = 412000
y = 300000
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return two_counties.write_files(tmp_path)


def extra_of(study: Path, text: str, name: str = "what-if.toml") -> Path:
    path = study.parent / name
    path.write_text(text, encoding="utf-8")
    return path


def problems_with(study: Path, text: str) -> tuple[Problem, ...]:
    extra = extra_of(study, text)
    with pytest.raises(InputError) as caught:
        read_study(study, [extra])
    assert {problem.file for problem in caught.value.problems} == {str(extra)}
    assert all(problem.remedy for problem in caught.value.problems)
    return caught.value.problems


def test_a_file_adds_a_scenario_a_site_and_targets(study: Path) -> None:
    extra = extra_of(study, WHAT_IF)
    read = read_study(study, [extra])
    scenario = read.scenarios[-1]
    assert (scenario.name, scenario.label) == ("what_if", "What if")
    assert scenario.units == {"W1": 3, "new-c": 1}
    assert scenario.guests == {("E1", "West"): 1}
    assert scenario.closed == ("N1",)
    assert scenario.borders.pairs == {
        ("East", "West"): BorderRule("if_faster", 60, 30),
        ("North", "West"): BorderRule("closest"),
    }
    assert read.candidates == (Candidate("new-c", "C", "West", 412_000, 300_000),)
    assert (read.response.target_urban_min, read.response.busy_fraction) == (10.5, 0.3)
    # what the file does not say is the study's
    assert read.response.target_rural_min == read_study(study).response.target_rural_min
    assert read.extras == (extra,)


def test_a_file_of_scenarios_that_names_its_study_is_that_study_with_it(study: Path) -> None:
    extra = extra_of(study, f'study = "{study.name}"\n{WHAT_IF}')
    assert read_study(extra) == read_study(study, [extra])
    assert read_study(study, [extra]).file == study


@pytest.mark.parametrize(
    "line", ["study = 3", 'study = ""', 'study = "missing.toml"', 'study = "what-if.toml"']
)
def test_a_study_that_cannot_be_found_is_named(study: Path, line: str) -> None:
    extra = extra_of(study, line)
    with pytest.raises(InputError) as caught:
        read_study(extra)
    (problem,) = caught.value.problems
    assert problem.remedy


def test_the_same_tables_may_stand_in_the_study_itself(study: Path) -> None:
    told = WHAT_IF.replace("[response]\ntarget_urban_min = 10.5\nbusy_fraction = 0.3\n", "")
    study.write_text(two_counties.STUDY + told, encoding="utf-8")
    assert read_study(study).scenarios[-1].closed == ("N1",)


@pytest.mark.parametrize(
    ("line", "where", "key", "value"),
    [
        ("[scenarios.a]\nunits = 3", "scenarios.a", "units", "3"),
        ('[scenarios.a]\nunits = { "W1" = -1 }', "scenarios.a.units", "W1", "-1"),
        ('[scenarios.a]\nunits = { "W1" = 1.5 }', "scenarios.a.units", "W1", "1.5"),
        ('[scenarios.a]\nclosed = "W1"', "scenarios.a", "closed", "W1"),
        ("[scenarios.a]\npairs = 1", "scenarios.a", "pairs", "1"),
        ("[scenarios.a]\nguests = 1", "scenarios.a", "guests", "1"),
        (
            '[[scenarios.a.pairs]]\nresponder = "Wst"\nplace = "East"',
            "scenarios.a.pairs 1", "responder", "Wst",
        ),
        ('[[scenarios.a.pairs]]\nresponder = "East"\nplace = "East"', "scenarios.a.pairs 1", "place", "East"),
        (
            '[[scenarios.a.pairs]]\nresponder = "East"\nplace = "West"\ndelay_s = -1',
            "scenarios.a.pairs 1", "delay_s", "-1",
        ),
        ('[[scenarios.a.guests]]\nstation = "E1"\nforce = "Wst"', "scenarios.a.guests 1", "force", "Wst"),
        ('[[candidates]]\nid = "n"\nforce = "West"\nx = 1', "candidates 1", "y", ""),
        ('[[candidates]]\nid = "n"\nforce = "West"\nx = "1"\ny = 2', "candidates 1", "x", "1"),
        ('[[candidates]]\nid = "n"\nforce = "West"\nx = nan\ny = 2', "candidates 1", "x", "nan"),
        ('[[candidates]]\nid = "n"\nforce = "Wst"\nx = 1\ny = 2', "candidates 1", "force", "Wst"),
        ("candidates = 1", "candidates", "", "1"),
        ("scenarios = 1", "scenarios", "", "1"),
        ("response = 1", "response", "", "1"),
        ("[response]\nbusy_fraction = 1", "response", "busy_fraction", "1"),
        ('[roads]\nsource = "other.csv"', "", "roads", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_file_and_place(
    study: Path, line: str, where: str, key: str, value: str
) -> None:
    (problem,) = problems_with(study, line)
    assert problem.where == (f"[{where}]" if where else "")
    assert problem.column == key
    assert str(problem.value) == value


def test_a_pair_a_guest_and_a_site_are_told_once(study: Path) -> None:
    pair = '[[scenarios.a.pairs]]\nresponder = "East"\nplace = "West"\n'
    guest = '[[scenarios.a.guests]]\nstation = "E1"\nforce = "West"\n'
    site = '[[candidates]]\nid = "n"\nforce = "West"\nx = 1\ny = 2\n'
    found = problems_with(study, 2 * pair + 2 * guest + 2 * site)
    assert [problem.where for problem in found] == [
        "[scenarios.a.pairs 2]",
        "[scenarios.a.guests 2]",
        "[candidates 2]",
    ]


def test_a_scenario_of_the_study_is_not_replaced(study: Path) -> None:
    first = extra_of(study, '[scenarios.a]\nlabel = "A"', "first.toml")
    second = extra_of(study, '[scenarios.a]\nlabel = "B"', "second.toml")
    with pytest.raises(InputError) as caught:
        read_study(study, [first, second])
    (problem,) = caught.value.problems
    assert (problem.file, problem.where) == (str(second), "[scenarios.a]")


def test_a_file_that_is_not_there_or_is_no_toml_is_named(study: Path) -> None:
    for extra in (study.parent / "missing.toml", extra_of(study, "[scenarios", "broken.toml")):
        with pytest.raises(InputError) as caught:
            read_study(study, [extra])
        assert [problem.file for problem in caught.value.problems] == [str(extra)]


def test_stations_that_nobody_knows_are_refused_with_the_nearest(study: Path) -> None:
    extra = extra_of(study, '[scenarios.a]\nclosed = ["W11"]\nunits = { "X" = 1 }')
    found = check_study(study, extras=[extra])
    assert found.region is None
    told = [(p.column, p.value) for p in found.problems if p.severity == "error"]
    assert told == [("units", "X"), ("closed", "W11")]
    assert any("did you mean W1?" in problem.remedy for problem in found.problems)


def test_a_guest_at_its_own_force_is_refused(study: Path) -> None:
    guest = '[[scenarios.a.guests]]\nstation = "W1"\nforce = "West"'
    found = check_study(study, extras=[extra_of(study, guest)])
    (problem,) = [p for p in found.problems if p.severity == "error"]
    assert (problem.file, problem.column, problem.value) == ("study.toml with what-if.toml", "guests", "W1")


def test_more_units_than_room_are_told_and_used(study: Path) -> None:
    extra = extra_of(study, '[scenarios.a]\nunits = { "N1" = 40 }')
    found = check_study(study, extras=[extra])
    assert found.region is not None
    assert any("40 units start at N1" in problem.why for problem in found.problems)


def test_a_site_is_a_station_without_units(study: Path) -> None:
    region = load_region(read_study(study, [extra_of(study, WHAT_IF)]))
    assert region.stations["id"].is_monotonic_increasing
    site = region.stations.set_index("id").loc["new-c"]
    assert (site["role"], site["units"], site["capacity"], site["force"]) == ("candidate", 0, 0, "West")
    assert len(region.station_snap) == len(region.stations)


def test_a_site_must_not_take_the_id_of_a_station(study: Path) -> None:
    extra = extra_of(study, '[[candidates]]\nid = "W1"\nforce = "West"\nx = 12000\ny = 0')
    found = check_study(study, extras=[extra])
    assert [p.column for p in found.problems if p.severity == "error"] == ["id"]


def test_a_site_far_from_every_street_is_refused(study: Path) -> None:
    extra = extra_of(study, '[[candidates]]\nid = "far"\nforce = "West"\nx = 412000\ny = 390000')
    found = check_study(study, extras=[extra])
    assert any("station far" in p.where for p in found.problems if p.severity == "error")
