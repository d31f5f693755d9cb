"""Numbers as they leave the program: by hand, exact, and the same in every form."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from rich.console import Console

from borderless.analysis.compare import compare
from borderless.analysis.results import Results
from borderless.report.files import csv_bytes
from borderless.report.findings import answer, find
from borderless.report.tables import (
    coverage_table,
    moves_table,
    places_table,
    reached_by,
    response_table,
    results_json,
    terminal_summary,
)
from borderless.roads.network import UNREACHABLE

KEY = ("scenario", "force", "measure", "target")


def read_back(results: Results) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_bytes(coverage_table(results)).decode())))


def test_coverage_counts_what_was_worked_out_by_hand(tame: Results) -> None:
    covered = {
        tuple(row[k] for k in KEY): (row["covered"], row["total"])
        for row in coverage_table(tame).to_dict("records")
    }
    assert covered["separate", "West", "population", "standard"] == (7, 15)
    assert covered["borderless", "West", "population", "10 min"] == (15, 15)
    assert covered["separate", "all", "population", "5 min"] == (561, 1023)
    assert covered["separate", "West", "area_km2", "standard"] == (3.0, 4.0)
    assert covered["separate", "West", "road_km", "standard"] == (3.0, 4.0)


def test_no_number_in_the_csv_differs_from_the_json(tame: Results) -> None:
    told = json.loads(json.dumps(results_json(tame), allow_nan=False))["coverage"]
    rows = read_back(tame)
    assert len(rows) == len(told) > 0
    for row, plain in zip(rows, told, strict=True):
        assert list(row) == list(plain)
        assert [row[k] for k in KEY] == [plain[k] for k in KEY]
        assert [row[k] for k in ("covered", "total", "share")] == [
            repr(plain[k]) for k in ("covered", "total", "share")
        ]


def test_forces_add_up_to_all_exactly_as_printed(tame: Results) -> None:
    parts: dict[tuple[str, ...], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    whole = {}
    for row in read_back(tame):
        key = (row["scenario"], row["measure"], row["target"])
        numbers = [Decimal(row["covered"]), Decimal(row["total"])]
        if row["force"] == "all":
            whole[key] = numbers
        else:
            parts[key] = [a + b for a, b in zip(parts[key], numbers, strict=True)]
    assert whole == parts
    assert len(whole) == 4 * 3 * 5


def test_square_metres_leave_as_square_kilometres_with_every_digit(tame: Results) -> None:
    table = tame.region.demand.table.assign(area_m2=np.int64(1_234_567), road_m=np.int64(1_001))
    rows = _with_demand(tame, table)
    totals = {(row["force"], row["measure"]): row["total"] for row in read_back(rows)}
    assert totals["West", "area_km2"] == "4.938268"
    assert totals["all", "area_km2"] == "12.34567"
    assert totals["West", "road_km"] == "4.004"
    assert totals["West", "population"] == "15"


def test_a_measure_without_weight_has_an_empty_share(tame: Results) -> None:
    results = _with_demand(tame, tame.region.demand.table.assign(road_m=np.int64(0)))
    empty = [row for row in read_back(results) if row["measure"] == "road_km"]
    assert {(row["covered"], row["total"], row["share"]) for row in empty} == {("0.0", "0.0", "")}
    told = [row["share"] for row in results_json(results)["coverage"] if row["measure"] == "road_km"]
    assert set(told) == {None}


def test_places_say_who_comes_from_where_and_when(tame: Results) -> None:
    places = places_table(tame).set_index("id")
    c = places.loc["C"]
    assert (c["place"], c["force"], c["urban"], c["population"], c["area_km2"]) == (
        "Crossing",
        "West",
        0,
        4,
        1.0,
    )
    assert (c["separate_min"], c["separate_station"], c["separate_force"]) == (15.0, "W1", "West")
    assert (c["borderless_min"], c["borderless_station"], c["borderless_force"]) == (10.0, "E1", "East")
    assert (c["borderless_second_min"], c["borderless_second_station"]) == (15.0, "W1")
    assert places.loc["D", ["separate_covered", "borderless_covered"]].tolist() == [0, 1]
    assert np.isnan(places.loc["A", "separate_second_min"])
    assert places.loc["A", "separate_second_station"] == ""
    assert -2.01 < c["lon"] < -1.5
    assert 52.5 < c["lat"] < 52.7


def test_a_place_that_nobody_reaches_has_empty_times(tame: Results) -> None:
    times = replace(tame.times, travel_ms=np.full_like(tame.times.travel_ms, UNREACHABLE))
    cut = replace(
        tame.coverages["separate"],
        times=times,
        travel_ms=np.full(10, UNREACHABLE),
        response_ms=np.full(10, UNREACHABLE),
        station=np.full(10, -1),
        responder=np.full(10, -1),
    )
    places = places_table(replace(tame, coverages={"separate": cut}))
    assert places["separate_min"].isna().all()
    assert set(places["separate_station"]) == set(places["separate_force"]) == {""}
    assert "nan" not in csv_bytes(places).decode()


def test_medians_hold_for_forces_and_for_the_partners_together(tame: Results) -> None:
    people = response_table(tame).query("measure == 'population'").set_index(["scenario", "force"])
    assert people.loc[("separate", "West"), "median_min"] == 17
    assert people.loc[("borderless", "West"), "median_min"] == 8
    assert people.loc[("separate", "alliance"), ["median_min", "p90_min"]].tolist() == [20, 20]
    assert people.loc[("separate", "all"), "median_min"] == 3


def test_moved_units_are_listed_where_they_come_from_and_go_to(tame: Results) -> None:
    moves = moves_table(tame)
    shared = moves[moves["scenario"] == "shared_stations"]
    told = [tuple(row) for row in shared[["force", "station", "station_force", "before", "units"]].to_numpy()]
    assert sorted(told) == [("West", "E1", "East", 0, 1), ("West", "W1", "West", 2, 1)]
    assert set(moves["scenario"]) == {"shared_stations", "alliance"}


def test_the_json_tells_gains_by_force_place_and_helper(tame: Results) -> None:
    told = results_json(tame)
    assert told["schema"] == 1
    assert told["alliance"] == ["West", "East"]
    gain = told["comparison"]["borderless"]
    together = [
        row
        for row in gain["by_force"]
        if (row["force"], row["measure"], row["target"]) == ("alliance", "population", "standard")
    ]
    assert [(row["covered_before"], row["covered"], row["gained"], row["lost"]) for row in together] == [
        (247, 255, 8, 0)
    ]
    assert [
        (row["place"], row["gained"], row["minutes_before"], row["minutes"]) for row in gain["places"]
    ] == [("Crossing", 8, 17.0, 8.0)]
    assert gain["aid"] == [
        {"responder": "East", "force": "West", "population": 12, "area_km2": 2.0, "road_km": 2.0}
    ]
    assert gain["population_changing_force"] == 12


def test_a_curve_steps_where_places_are_reached(tame: Results) -> None:
    separate = tame.coverages["separate"]
    west = tame.region.demand.table["force"].to_numpy(str) == "West"
    shares = reached_by(separate, tame.region.study.measures[0], west, np.array([0.0, 3.0, 10.0, 16.9, 17.0]))
    assert (shares * 15).tolist() == [0, 1, 3, 7, 15]


def test_the_terminal_says_what_the_page_says_in_100_columns(tame: Results) -> None:
    shown = _printed(tame)
    assert max(map(len, shown.splitlines())) <= 100
    assert " ".join(answer(find(tame)).split()) in " ".join(shown.split())
    line = next(line for line in shown.splitlines() if "The alliance" in line)
    assert line.split()[2:7] == ["255", "96.86", "%", "100.00", "%"]
    assert (shown.count("+3.14 pt"), shown.count("+8")) == (3, 6)


@pytest.mark.parametrize("width", [80, 100])
def test_long_names_push_no_number_out_of_the_terminal(hostile: Results, width: int) -> None:
    shown = _printed(hostile, width=width)
    assert max(map(len, shown.splitlines())) <= width
    line = next(line for line in shown.splitlines() if "The alliance" in line)
    assert line.split() == ["The", "alliance", "255", "96.86", "%"] + ["100.00", "%"] * 3


def test_the_studys_own_scenario_is_shown_before_the_named_ones_that_fit(tame: Results) -> None:
    own = replace(tame.coverages["alliance"].scenario, name="mine", label="My own")
    coverages = {**tame.coverages, "mine": replace(tame.coverages["alliance"], scenario=own)}
    comparisons = {**tame.comparisons, "mine": compare(coverages["separate"], coverages["mine"])}
    shown = _printed(replace(tame, coverages=coverages, comparisons=comparisons), width=80)
    head = next(line for line in shown.splitlines() if line.split()[:2] == ["Force", "People"])
    assert head.split()[-2:] == ["My", "own"]
    assert "On the pages, but not here: Full alliance." in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_hostile_names_cannot_steer_a_terminal(hostile: Results) -> None:
    study = replace(hostile.region.study, name="[red]\x1b[31mname[/red]")
    shown = _printed(replace(hostile, region=replace(hostile.region, study=study)))
    assert "\x1b" not in shown
    assert "[red]" in shown


def _printed(results: Results, width: int = 100) -> str:
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    console.print(terminal_summary(results))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    return text


def _with_demand(results: Results, table: object) -> Results:
    region = replace(results.region, demand=replace(results.region.demand, table=table))
    times = replace(results.times, region=region)
    coverages = {name: replace(coverage, times=times) for name, coverage in results.coverages.items()}
    return replace(results, region=region, times=times, coverages=coverages)
