"""`borderless run-list`: which stations are sent to a place, in order, under each scenario."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from borderless.analysis.run_list import point_at, points_named, run_list
from borderless.analysis.times import response_times
from borderless.errors import InputError, Problem
from borderless.region import Region, load_region
from borderless.report.answers.run_list import run_list_answer
from borderless.study.asked import capability_named, scenario_named, scenario_with
from borderless.terminal import stages, told
from borderless.verbs.options import (
    AsJson,
    CapabilityName,
    CsvFolder,
    Debug,
    Partners,
    Preset,
    Repair,
    Rules,
    StudyOption,
    With,
    read_question,
    save_tables,
    tell,
)

_STAGES = 6


def show_run_list(
    place: Annotated[
        list[str] | None, typer.Argument(help="Names of places, or ids of demand points (see places.csv).")
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(help="Easting,northing in metres: 451234,305678. May be given again."),
    ] = None,
    study: StudyOption = None,
    scenario: Annotated[
        list[str] | None, typer.Option(help="A scenario by name; may be given again. All when left out.")
    ] = None,
    preset: Preset = "",
    rule: Rules = None,
    capability: CapabilityName = "response",
    first: Annotated[int, typer.Option(min=1, max=50, help="How many stations in each list.")] = 3,
    every: Annotated[
        bool, typer.Option("--all", help="All points of a place, not only the heaviest.")
    ] = False,
    partners: Partners = "",
    extra: With = None,
    csv: CsvFolder = None,
    repair: Repair = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List the stations that are sent to a place, first, second, third, under each scenario."""
    with told(debug), stages(_STAGES) as progress:
        spots = [_spot(text) for text in at or ()]
        if not place and not spots:
            why, remedy = "no place is named", "name a place, or give --at with easting,northing"
            raise InputError([Problem("run-list", why=why, remedy=remedy)])
        question = read_question(study, partners, csv, extra or (), repair=repair)
        units = capability_named(capability)
        asked = [scenario_named(question, name) for name in scenario or ()] or list(question.scenarios)
        changed = scenario_with(question, asked[0], preset=preset, rules=rule or (), capability=units)
        if preset or rule:
            asked.append(changed)
        region = load_region(question, repair=repair, on_stage=progress.begin)
        points, metres_away = _points(region, place or (), spots, every=every)
        progress.begin("Travel times")
        times = response_times(region)
        progress.begin("Ranking stations")
        found = run_list(times, asked, points, first=first, capability=units)
        answer = run_list_answer(found, question, asked, capability=units, metres_away=metres_away)
        save_tables(answer, csv)
        progress.finish()
    tell(answer, csv, as_json=as_json)


def _points(
    region: Region, names: list[str] | tuple[str, ...], spots: list[tuple[float, float]], *, every: bool
) -> tuple[NDArray[np.int64], dict[str, float]]:
    """Return the demand points that are asked for, each once, and how far some are from coordinates."""
    problems: list[Problem] = []
    points: list[int] = []
    for name in names:
        try:
            points += points_named(region, name, every=every).tolist()
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    metres_away: dict[str, float] = {}
    for x, y in spots:
        point, metres = point_at(region, x, y)
        points.append(point)
        metres_away[str(region.demand.table["id"].iloc[point])] = round(metres, 1)
    return np.array(list(dict.fromkeys(points)), dtype=np.int64), metres_away


def _spot(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        x = y = np.nan
    if not (np.isfinite(x) and np.isfinite(y)):
        why, remedy = "is no easting,northing", "write two numbers in metres, e.g. --at 451234,305678"
        raise InputError([Problem("--at", value=text, why=why, remedy=remedy)])
    return x, y
