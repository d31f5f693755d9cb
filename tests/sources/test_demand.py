"""Demand tables and police.uk folders: whole weights at places, and what cannot be counted named."""

from __future__ import annotations

import gzip
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from borderless.errors import Problem, ProblemLog
from borderless.sources.demand import read_demand
from borderless.study.model import DemandInput, measure_named

POLICE_HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)


def table_input(path: Path) -> DemandInput:
    return DemandInput(measure_named("population"), path, None, "people", "x", "y")


def read(tmp_path: Path, text: str, name: str = "people.csv") -> tuple[pd.DataFrame, list[Problem]]:
    (tmp_path / name).write_bytes(text.encode())
    log = ProblemLog()
    return read_demand(table_input(tmp_path / name), log), list(log)


def the_problem(tmp_path: Path, text: str) -> Problem:
    _, (problem,) = read(tmp_path, text)
    assert (problem.file, problem.severity) == ("people.csv", "error")
    assert problem.remedy
    return problem


def test_points_have_whole_weights_and_room_for_what_is_not_given(tmp_path: Path) -> None:
    points, none = read(tmp_path, "people,x,y\n3,400000,300000\n0,400001,300000\n")
    assert none == []
    assert points["weight"].tolist() == [3, 0]
    assert points["weight"].dtype == np.int64
    assert points[["id", "force", "place", "node"]].to_numpy().tolist() == [[""] * 4] * 2
    assert points["urban"].tolist() == [-1, -1]


def test_what_is_given_is_used_as_it_is(tmp_path: Path) -> None:
    text = (
        "id,people,x,y,force,urban,place,node\n007,3,400000,300000, West ,1,NA,n1\n8,1,400000,300000,,0,,\n"
    )
    points, none = read(tmp_path, text)
    assert none == []
    assert points["id"].tolist() == ["007", "8"]
    assert points["force"].tolist() == ["West", ""]
    assert points["place"].tolist() == ["NA", ""]
    assert points["node"].tolist() == ["n1", ""]
    assert points["urban"].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("word", "urban"), [("1", 1), ("TRUE", 1), ("yes", 1), ("Urban", 1), ("0", 0), ("no", 0), ("rural", 0)]
)
def test_town_and_country_may_be_said_in_words(tmp_path: Path, word: str, urban: int) -> None:
    points, none = read(tmp_path, f"people,x,y,urban\n3,400000,300000,{word}\n")
    assert none == []
    assert points["urban"].tolist() == [urban]


def test_another_word_for_town_and_country_is_named(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, "people,x,y,urban\n3,400000,300000,1\n3,400000,300000,2\n")
    assert (problem.where, problem.column, problem.value) == ("row 3", "urban", "2")


@pytest.mark.parametrize("weight", ["-1", "0.5", "", "many"])
def test_a_weight_that_cannot_be_counted_is_named(tmp_path: Path, weight: str) -> None:
    problem = the_problem(tmp_path, f"people,x,y\n3,400000,300000\n{weight},400000,300000\n")
    assert (problem.where, problem.column, problem.value) == ("row 3", "people", weight)


def test_weights_that_add_up_to_nothing_are_refused(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, "people,x,y\n0,400000,300000\n0,400000,300000\n")
    assert (problem.column, problem.why) == ("people", "the column adds up to 0")


def test_a_sum_of_nothing_is_told_even_when_other_files_have_errors(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("people,x,y\n0,400000,300000\n", encoding="utf-8")
    log = ProblemLog([Problem("other.csv", why="wrong", remedy="mend it")])
    read_demand(table_input(tmp_path / "people.csv"), log)
    assert [p.file for p in log.errors] == ["other.csv", "people.csv"]


def test_missing_columns_are_named_with_the_nearest(tmp_path: Path) -> None:
    _, found = read(tmp_path, "peeple,x,y\n1,400000,300000\n")
    assert [(p.column, p.remedy) for p in found] == [("people", "add it, or rename 'peeple'")]
    _, found = read(tmp_path, "people,xx,y\n1,400000,300000\n")
    assert [(p.column, p.remedy) for p in found] == [("x", "add it, or rename 'xx'")]


def test_packed_tables_are_read(tmp_path: Path) -> None:
    path = tmp_path / "people.csv.gz"
    path.write_bytes(gzip.compress(b"people,x,y\n3,400000,300000\n"))
    log = ProblemLog()
    assert read_demand(table_input(path), log)["weight"].tolist() == [3]
    assert not list(log)


# data.police.uk


def police(tmp_path: Path, **files: list[str]) -> tuple[pd.DataFrame, list[Problem]]:
    """Read a folder of street files; a row is ``lon,lat``."""
    for name, rows in files.items():
        path = tmp_path / "crime" / name[:7] / f"{name}-street.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [
            f"{name}-{number},{name[:7]},F,F,{row},On or near X,E01,L,Burglary,,"
            for number, row in enumerate(rows)
        ]
        path.write_text("\n".join([POLICE_HEADER, *lines]) + "\n", encoding="utf-8")
    log = ProblemLog()
    given = DemandInput(measure_named("incidents"), None, tmp_path / "crime", "", "lon", "lat")
    (tmp_path / "crime").mkdir(exist_ok=True)
    return read_demand(given, log), list(log)


def test_street_files_are_counted_by_place_over_all_months_and_folders(tmp_path: Path) -> None:
    here, there = "-1.15,52.95", "-1.16,52.96"
    months = {"2024-01-west": [here, here, there], "2024-02-west": [here], "2024-02-east": [there]}
    points, none = police(tmp_path, **months)
    assert none == []
    assert sorted(points["weight"]) == [2, 3]
    assert points["weight"].dtype == np.int64


@pytest.mark.parametrize(("crime", "weight"), [("a" * 64, 1), ("b1", 1), ("", 3)])
def test_a_crime_that_is_there_word_for_word_again_counts_once(
    tmp_path: Path, crime: str, weight: int
) -> None:
    row = f"{crime},2024-01,F,F,-1.15,52.95,On or near X,E01,L,Anti-social behaviour,Unknown,"
    other = "c2,2024-01,F,F,-1.15,52.95,On or near X,E01,L,Burglary,Unknown,"
    path = tmp_path / "crime" / "2024-01-west-street.csv"
    path.parent.mkdir()
    again = other.replace("Unknown", "Charged")
    path.write_text("\n".join([POLICE_HEADER, row, other, row, row, again]) + "\n", encoding="utf-8")
    points, told = police(tmp_path)
    # the same id with another outcome is told apart, as the file tells it
    assert points["weight"].tolist() == [weight + 2]
    assert [problem.severity for problem in told] == ["notice"] * (weight == 1)
    if told:
        assert "2 rows repeat an earlier one word for word; each crime counts once" in told[0].why


def test_incidents_without_coordinates_are_counted_in_a_notice(tmp_path: Path) -> None:
    months = {"2024-01-west": ["-1.15,52.95", ",", ","], "2024-02-west": ["-1.15,52.95"]}
    points, (notice,) = police(tmp_path, **months)
    assert points["weight"].tolist() == [2]
    assert (notice.file, notice.severity) == ("2024-01-west-street.csv", "notice")
    assert "2 of 3 incidents" in notice.why


def test_other_files_of_the_archive_are_not_counted(tmp_path: Path) -> None:
    folder = tmp_path / "crime" / "2024-01"
    folder.mkdir(parents=True)
    for kind in ("outcomes", "stop-and-search"):
        path = folder / f"2024-01-west-{kind}.csv"
        path.write_text(f"{POLICE_HEADER}\na,b,c,d,-1.1,52.9,,,,,,\n", encoding="utf-8")
    points, none = police(tmp_path, **{"2024-01-west": ["-1.15,52.95"]})
    assert none == []
    assert points["weight"].tolist() == [1]


def test_a_folder_without_street_files_is_refused(tmp_path: Path) -> None:
    points, (problem,) = police(tmp_path)
    assert points.empty
    assert (problem.file, problem.severity) == ("crime", "error")
    assert "no street files" in problem.why


def test_a_folder_without_any_located_incident_is_refused(tmp_path: Path) -> None:
    _, found = police(tmp_path, **{"2024-01-west": [",", ","]})
    assert [p.severity for p in found] == ["notice", "error"]
    assert found[1].why == "no incident has coordinates"


def test_wrong_coordinates_of_an_incident_are_named(tmp_path: Path) -> None:
    _, found = police(tmp_path, **{"2024-01-west": ["-1.15,52.95", "-1.15,52.96", "-1.15,north"]})
    (problem,) = (p for p in found if p.severity == "error")
    assert (problem.file, problem.where) == ("2024-01-west-street.csv", "row 4")
    assert (problem.column, problem.value) == ("Latitude", "north")


def test_an_archive_gives_the_same_incidents_as_its_files(tmp_path: Path) -> None:
    months = {"2024-01-west": ["-1.15,52.95", "-1.15,52.95"], "2024-02-west": ["-1.16,52.95", ","]}
    points, notices = police(tmp_path, **months)
    archive = tmp_path / "crime.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(tmp_path.rglob("*-street.csv")):
            packed.write(file, f"{file.name[:7]}/{file.name}")
        packed.writestr("2024-01/2024-01-west-outcomes.csv", "not,read\n")
    log = ProblemLog()
    given = DemandInput(measure_named("incidents"), None, archive, "", "lon", "lat")
    pd.testing.assert_frame_equal(read_demand(given, log), points)
    assert list(log) == notices


def test_an_archive_without_located_incidents_is_named(tmp_path: Path) -> None:
    archive = tmp_path / "crime.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("2024-01-west-street.csv", f"{POLICE_HEADER}\na,2024-01,,,,,,,,,,\n")
    log = ProblemLog()
    read_demand(DemandInput(measure_named("incidents"), None, archive, "", "lon", "lat"), log)
    (error,) = log.errors
    assert (error.file, error.why) == ("crime.zip", "no incident has coordinates")


def test_a_month_that_can_be_read_two_ways_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x-street.csv").write_text(
        "Month,Longitude,Latitude\n2024-01,-1.15,52.95\n03/04/2024,-1.15,52.95\n", encoding="utf-8"
    )
    log = ProblemLog()
    read_demand(DemandInput(measure_named("incidents"), None, tmp_path, "", "lon", "lat"), log)
    (error,) = log.errors
    assert (error.where, error.column, error.value) == ("row 3", "Month", "03/04/2024")


def test_what_macs_and_quiet_months_leave_in_a_folder_stops_nobody(tmp_path: Path) -> None:
    points, none = police(tmp_path, **{"2024-01-west": ["-1.15,52.95"]})
    assert none == []
    (tmp_path / "crime" / "2024-01" / "._2024-01-west-street.csv").write_bytes(b"\0\x05\x16\x07")
    (tmp_path / "crime" / "2024-02-west-street.csv").write_text(POLICE_HEADER + "\n", encoding="utf-8")
    log = ProblemLog()
    given = DemandInput(measure_named("incidents"), None, tmp_path / "crime", "", "lon", "lat")
    pd.testing.assert_frame_equal(read_demand(given, log), points)
    assert [(p.severity, p.why) for p in log] == [("notice", "holds no incidents")]


def test_zero_and_zero_stand_for_no_coordinates(tmp_path: Path) -> None:
    points, (notice,) = police(tmp_path, **{"2024-01-west": ["-1.15,52.95", "0,0", "0.0,0.0"]})
    assert points["weight"].tolist() == [1]
    assert notice.why.startswith("2 of 3 incidents have no coordinates")


def sized(tmp_path: Path, text: str, column: str) -> tuple[list[float], list[Problem]]:
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    log = ProblemLog()
    frame = read_demand(replace(table_input(tmp_path / "people.csv"), area=column), log)
    return [] if log.errors else frame["area_ha"].tolist(), list(log)


def test_the_sizes_of_areas_are_read_where_the_file_has_them(tmp_path: Path) -> None:
    text = "people,x,y,area_ha\n3,400000,300000,12.5\n1,400001,300000,\n2,400002,300000,0\n"
    sizes, none = sized(tmp_path, text, "area_ha")
    assert none == []
    assert sizes[0] == 12.5
    assert np.isnan(sizes[1:]).all()
    for column, written in (("", text), ("area_ha", text.replace("area_ha", "other"))):
        sizes, none = sized(tmp_path, written, column)
        assert none == []
        assert np.isnan(sizes).all()


def test_a_column_of_sizes_that_the_study_names_must_be_there(tmp_path: Path) -> None:
    text = "people,x,y,hectares\n3,400000,300000,12.5\n"
    assert sized(tmp_path, text, "hectares") == ([12.5], [])
    _, (problem,) = sized(tmp_path, text, "size")
    assert (problem.severity, problem.column, problem.why) == ("error", "size", "this column is missing")


@pytest.mark.parametrize("written", ["-1", "many", "inf", "1e9"])
def test_a_size_that_cannot_be_is_refused(tmp_path: Path, written: str) -> None:
    _, (problem,) = sized(tmp_path, f"people,x,y,area_ha\n3,400000,300000,{written}\n", "area_ha")
    assert (problem.severity, problem.where, problem.column) == ("error", "row 2", "area_ha")
    assert problem.remedy
