"""A study file into a frozen study; everything wrong with it is named at once, with what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import two_counties
from borderless.errors import InputError, Problem
from borderless.study.model import PlacesInput, Study
from borderless.study.policy import NAMED_SCENARIOS, BorderRule
from borderless.study.read import read_study

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a study file beside the two counties' other files."""
    path = two_counties.write_files(tmp_path)

    def study(text: str) -> Path:
        path.write_text(text, encoding="utf-8")
        return path

    return study


def edited(*changes: tuple[str, str]) -> str:
    """Return the two counties' study with pieces of text replaced, each of which must be there."""
    text = two_counties.STUDY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def problems_of(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        read_study(path)
    return caught.value.problems


def the_problem(path: Path) -> Problem:
    (problem,) = problems_of(path)
    assert problem.file == str(path)
    assert problem.severity == "error"
    assert problem.remedy
    return problem


def with_lines(*lines: str) -> str:
    return "\n".join([two_counties.STUDY, *lines]) + "\n"


def test_bus_gates_may_be_closed(write: Write) -> None:
    closed = write(edited(("[roads]", '[roads]\nbus_gates = "closed"')))
    assert not read_study(closed).roads.bus_gates


def test_a_study_is_read_with_paths_from_its_own_folder(write: Write) -> None:
    path = write(two_counties.STUDY)
    study = read_study(path)
    assert isinstance(study, Study)
    assert study.name == "Two counties"
    assert study.file == path
    assert study.roads.source == path.parent / "nodes.csv"
    assert study.roads.edges == path.parent / "edges.csv"
    assert study.roads.snap == "streets"
    assert study.roads.bus_gates
    assert study.stations.file == path.parent / "stations.csv"
    assert (study.alliance, study.forces.outside) == (("West", "East"), ("North",))
    assert study.forces.clipped == ("North",)
    assert study.force_names == ("West", "East", "North")
    assert study.places is None
    (people,) = study.demand
    assert (people.measure.name, people.weight, people.x, people.y) == ("population", "people", "x", "y")
    assert study.scenarios == NAMED_SCENARIOS
    assert study.response.clock == "response"


def test_settings_override_defaults(write: Write) -> None:
    lines = ("[response]", "turnout_s = 90", 'clock = "travel"', "[speeds]", "factor_trunk = 0.5")
    study = read_study(write(with_lines(*lines)))
    assert (study.response.turnout_s, study.response.clock) == (90, "travel")
    assert study.speeds.factor["trunk"] == 0.5
    assert [a.default.key for a in study.assumptions() if not a.is_default] == ["turnout_s", "factor_trunk"]


def test_without_a_name_the_folder_names_the_study(write: Write) -> None:
    path = write(edited(('name = "Two counties"', "")))
    assert read_study(path).name == path.parent.name


def test_a_byte_order_mark_is_no_obstacle(write: Write) -> None:
    path = write("\ufeff" + two_counties.STUDY)
    assert read_study(path).name == "Two counties"


def test_places_have_default_columns(write: Write) -> None:
    path = write(with_lines("[places]", 'file = "people.csv"'))
    assert read_study(path).places == PlacesInput(path.parent / "people.csv", "name", "place", "lon", "lat")


def test_attribution_lines_are_kept(write: Write) -> None:
    path = write('sources = ["A, OGL", "B, ODbL"]\n' + two_counties.STUDY)
    assert read_study(path).sources == ("A, OGL", "B, ODbL")


def test_own_scenarios_follow_the_named_ones(write: Write) -> None:
    path = write(
        with_lines(
            "[scenarios.quick_help]",
            'borders = "if_faster"',
            "min_gain_s = 90",
            'control_room = "shared"',
            "[scenarios.mutual]",
            'label = "Mutual aid"',
            'explanation = "Only when busy."',
            'borders = "on_exhaustion"',
            'stations = "shared"',
        )
    )
    *named, quick, mutual = read_study(path).scenarios
    assert tuple(named) == NAMED_SCENARIOS
    assert quick.label == "Quick help"
    assert quick.borders.between_partners == BorderRule.if_faster(90)
    assert (quick.stations, quick.control_room) == ("own", "shared")
    assert (mutual.label, mutual.explanation) == ("Mutual aid", "Only when busy.")
    assert mutual.borders.between_partners == BorderRule.ON_EXHAUSTION
    assert (mutual.stations, mutual.control_room) == ("shared", "separate")


@pytest.mark.parametrize(
    ("where", "known", "written"),
    [
        ("", "response", "respones"),
        ("[response]", "turnout_s", "turn_out_s"),
        ("[roads]", "source", "sorce"),
        ("[forces]", "alliance", "aliance"),
        ("[demand 1]", "weight", "wieght"),
        ("[scenarios.s]", "borders", "border"),
        ("[response]", "clock", "klock"),
        ("[speeds]", "factor_trunk", "factor_truck"),
        ("[urban]", "density_per_km2", "density_km2"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known_one(
    write: Write, where: str, known: str, written: str
) -> None:
    full = with_lines(
        "[response]",
        "turnout_s = 60",
        'clock = "travel"',
        "[speeds]",
        "factor_trunk = 0.8",
        "[urban]",
        "density_per_km2 = 200",
        "[scenarios.s]",
        'borders = "closest"',
    )
    place = f"\n[{known}]" if not where else f"\n{known} ="
    assert place in full
    found = problems_of(write(full.replace(place, place.replace(known, written), 1)))
    (problem,) = [p for p in found if p.why == "unknown key"]
    assert (problem.where, problem.column) == (where, written)
    assert f"did you mean {known}?" in problem.remedy


def test_a_key_like_no_other_is_answered_with_the_known_ones(write: Write) -> None:
    problem = the_problem(write(edited(("[stations]", "[stations]\nzzz = 1"))))
    assert problem.column == "zzz"
    assert "known keys are file" in problem.remedy


@pytest.mark.parametrize("table", ["roads", "stations", "forces"])
def test_a_missing_table_is_named(write: Write, table: str) -> None:
    start = two_counties.STUDY.index(f"[{table}]")
    stop = two_counties.STUDY.index("\n\n", start)
    problem = the_problem(write(two_counties.STUDY[:start] + two_counties.STUDY[stop:]))
    assert (problem.where, problem.why) == (f"[{table}]", "this table is missing")
    assert f"[{table}]" in problem.remedy


@pytest.mark.parametrize(
    ("line", "where", "key"),
    [
        ('source = "nodes.csv"\nedges = "edges.csv"', "[roads]", "source"),
        ('file = "stations.csv"', "[stations]", "file"),
        ('measure = "population"', "[demand 1]", "measure"),
    ],
)
def test_a_missing_key_is_named_even_in_an_empty_table(write: Write, line: str, where: str, key: str) -> None:
    found = problems_of(write(edited((line, ""))))
    assert [(p.where, p.column, p.why) for p in found] == [(where, key, "this key is missing")]


def test_an_empty_table_of_forces_lacks_its_file_and_its_alliance(write: Write) -> None:
    forces = 'file = "areas.geojson"\nalliance = ["West", "East"]\noutside = ["North"]'
    found = problems_of(write(edited((forces, ""))))
    assert {p.column for p in found} == {"file", "alliance"}


@pytest.mark.parametrize(
    ("line", "where", "key"),
    [
        ('file = "stations.csv"', "[stations]", "file"),
        ('source = "nodes.csv"', "[roads]", "source"),
        ('measure = "population"', "[demand 1]", "measure"),
    ],
)
def test_a_required_text_must_not_be_empty(write: Write, line: str, where: str, key: str) -> None:
    problem = the_problem(write(edited((line, f'{key} = ""'))))
    assert (problem.where, problem.column) == (where, key)


def test_without_demand_there_is_nothing_to_cover(write: Write) -> None:
    problem = the_problem(write(two_counties.STUDY[: two_counties.STUDY.index("[[demand]]")]))
    assert (problem.where, problem.why) == ("[demand]", "no demand is given")


@pytest.mark.parametrize(
    ("line", "new", "where_and_key", "why"),
    [
        ('name = "Two counties"', "name = 7", ("", "name"), "must be text"),
        ('name = "Two counties"', 'name = "x"\nsources = "one"', ("", "sources"), "must be a list of texts"),
        ('file = "stations.csv"', "file = 3", ("[stations]", "file"), "must be text"),
        ('alliance = ["West", "East"]', 'alliance = ["West", 2]', ("[forces]", "alliance"), "list of texts"),
        ('weight = "people"', "weight = true", ("[demand 1]", "weight"), "must be text"),
        ("[roads]", '[roads]\nsnap = "node"', ("[roads]", "snap"), "not a known choice"),
        ("[roads]", '[roads]\nbus_gates = "yes"', ("[roads]", "bus_gates"), "not a known choice"),
        ("[roads]", "[roads]\nbus_gates = true", ("[roads]", "bus_gates"), "must be text"),
        ("[roads]", '[roads]\nguard_band_km = "20"', ("[roads]", "guard_band_km"), "must be a number"),
        ("[roads]", "[roads]\nguard_band_km = true", ("[roads]", "guard_band_km"), "must be a number"),
        ("[roads]", "[roads]\nguard_band_km = nan", ("[roads]", "guard_band_km"), "must be a number"),
        ("[roads]", "[roads]\nguard_band_km = inf", ("[roads]", "guard_band_km"), "must be a number"),
        ("[roads]", f"[roads]\nguard_band_km = {10**400}", ("[roads]", "guard_band_km"), "must be a number"),
    ],
)
def test_a_wrong_type_is_named_with_its_value(
    write: Write, line: str, new: str, where_and_key: tuple[str, str], why: str
) -> None:
    where, key = where_and_key
    found = problems_of(write(edited((line, new))))
    (problem,) = [p for p in found if p.column == key and why in p.why]
    assert problem.where == where
    assert problem.value


def test_a_wrong_choice_is_answered_with_the_choices_and_the_nearest(write: Write) -> None:
    problem = the_problem(write(with_lines("[response]", 'clock = "responce"')))
    assert problem.value == "responce"
    assert "response, travel" in problem.remedy
    assert "did you mean response?" in problem.remedy


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("roads = 3\n[stations]", "[roads]"),
        ("demand = 3\n[stations]", "[demand]"),
        ("scenarios = 3\n[stations]", "[scenarios]"),
        ("scenarios = {s = 3}\n[stations]", "[scenarios.s]"),
        ("demand = [3]\n[stations]", "[demand]"),
        ("places = []\n[stations]", "[places]"),
        ("response = 1\n[stations]", "[response]"),
    ],
)
def test_what_should_be_a_table_is_said_so(write: Write, text: str, where: str) -> None:
    found = problems_of(write(text + '\nfile = "stations.csv"\n'))
    assert any(p.where == where and "must be" in p.why for p in found)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('source = "nodes.csv"', "source"),
        ('edges = "edges.csv"', "edges"),
        ('file = "stations.csv"', "file"),
        ('file = "areas.geojson"', "file"),
        ('file = "people.csv"', "file"),
    ],
)
def test_a_file_that_is_not_there_is_named(write: Write, line: str, key: str) -> None:
    problem = the_problem(write(edited((line, f'{key} = "gone.csv"'))))
    assert (problem.column, problem.value, problem.why) == (key, "gone.csv", "there is no such file")
    assert "relative to the study file" in problem.remedy


@pytest.mark.parametrize("name", ["http://example.org/s.csv", "/vsicurl/http://example.org/s.csv", "."])
def test_only_local_files_are_taken(write: Write, name: str) -> None:
    problem = the_problem(write(edited(("stations.csv", name))))
    assert problem.value == name


def test_a_folder_of_street_files_must_be_there(write: Write) -> None:
    lines = ("[[demand]]", 'measure = "incidents"', 'police_uk = "crime"')
    problem = the_problem(write(with_lines(*lines)))
    assert (problem.where, problem.column, problem.value) == ("[demand 2]", "police_uk", "crime")
    assert problem.why == "there is no such folder"


@pytest.mark.parametrize(
    "lines",
    [
        ('measure = "incidents"',),
        ('measure = "incidents"', 'file = "people.csv"', 'weight = "people"', 'police_uk = "."'),
    ],
)
def test_demand_comes_from_a_table_or_a_folder_and_not_both(write: Write, lines: tuple[str, ...]) -> None:
    problem = the_problem(write(with_lines("[[demand]]", *lines)))
    assert (problem.where, problem.column) == ("[demand 2]", "file")
    assert "either file or police_uk" in problem.why


def test_a_point_table_needs_a_weight(write: Write) -> None:
    problem = the_problem(write(edited(('weight = "people"', ""))))
    assert (problem.where, problem.column) == ("[demand 1]", "weight")


@pytest.mark.parametrize("name", ["two words", "1st", "a-b", "{{7*7}}"])
def test_a_measure_is_one_word(write: Write, name: str) -> None:
    problem = the_problem(write(edited(('measure = "population"', f'measure = "{name}"'))))
    assert (problem.column, problem.value) == ("measure", name)


@pytest.mark.parametrize("name", ["force", "id", "urban", "place", "node", "geometry", "x", "y", "area_m2"])
def test_a_measure_must_not_take_the_name_of_a_column_of_the_demand_table(write: Write, name: str) -> None:
    problem = the_problem(write(edited(('measure = "population"', f'measure = "{name}"'))))
    assert (problem.where, problem.column, problem.value) == ("[demand 1]", "measure", name)


def test_a_force_is_named_once(write: Write) -> None:
    twice = edited(('outside = ["North"]', 'outside = ["North", "East"]'))
    problem = the_problem(write(twice))
    assert (problem.where, problem.value) == ("[forces]", "East")


@pytest.mark.parametrize("name", ["", "all", "none", "alliance"])
def test_a_force_must_not_take_the_name_of_a_sum(write: Write, name: str) -> None:
    problem = the_problem(write(edited(('outside = ["North"]', f'outside = ["{name}"]'))))
    assert (problem.where, problem.value) == ("[forces]", name)


def test_an_alliance_needs_a_force(write: Write) -> None:
    problem = the_problem(write(edited(('alliance = ["West", "East"]', "alliance = []"))))
    assert (problem.where, problem.column) == ("[forces]", "alliance")


def test_a_scenario_must_not_take_a_name_that_is_used(write: Write) -> None:
    problem = the_problem(write(with_lines("[scenarios.borderless]", 'borders = "closed"')))
    assert (problem.where, problem.why) == ("[scenarios.borderless]", "this name is already used")


@pytest.mark.parametrize("gain", ["-1", "86401", "1.5", '"60"', "true"])
def test_a_gain_is_a_whole_number_of_seconds(write: Write, gain: str) -> None:
    lines = ("[scenarios.s]", 'borders = "if_faster"', f"min_gain_s = {gain}")
    problem = the_problem(write(with_lines(*lines)))
    assert (problem.where, problem.column) == ("[scenarios.s]", "min_gain_s")


def test_a_gain_that_no_rule_asks_for_is_refused(write: Write) -> None:
    problem = the_problem(write(with_lines("[scenarios.s]", 'borders = "closest"', "min_gain_s = 60")))
    assert (problem.where, problem.column) == ("[scenarios.s]", "min_gain_s")


def test_every_problem_is_told_at_once(write: Write) -> None:
    text = edited(
        ("[roads]", "[roads]\nguard_band_km = -1\nbridges = 1"),
        ('file = "stations.csv"', 'file = "gone.csv"'),
        ('weight = "people"', "weight = 5"),
    )
    found = problems_of(write(text + "[response]\nturnout_s = 1e9\nclock = 3\n[speed]\n"))
    assert {(p.where, p.column) for p in found} >= {
        ("[roads]", "guard_band_km"),
        ("[roads]", "bridges"),
        ("[stations]", "file"),
        ("[demand 1]", "weight"),
        ("[response]", "turnout_s"),
        ("[response]", "clock"),
        ("", "speed"),
    }
    assert all(p.file.endswith("study.toml") and p.why and p.remedy for p in found)


def test_text_that_is_not_toml_is_refused_with_its_line(write: Write) -> None:
    problem = the_problem(write('name = "x"\n[roads\n'))
    assert "not valid TOML" in problem.why
    assert "line 2" in problem.why


def test_bytes_that_are_not_text_are_refused(write: Write) -> None:
    path = write("")
    path.write_bytes(b'name = "\xa3"')
    assert "not UTF-8 text (byte 8)" in the_problem(path).why


def test_a_missing_study_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    assert the_problem(tmp_path / "none.toml").why == "there is no such file"
    folder = the_problem(tmp_path)
    assert "this is a folder" in folder.why
    assert "study.toml" in folder.remedy


def test_the_path_may_be_text(write: Write) -> None:
    path = write(two_counties.STUDY)
    assert read_study(str(path)) == read_study(path)


def test_brackets_without_end_are_refused(write: Write) -> None:
    assert "brackets" in the_problem(write("a = " + "[" * 5000 + "]" * 5000)).why
