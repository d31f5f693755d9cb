"""What-if questions with Python's answers for the page, made here and kept in `maps/what_if_cases.json`.

``python tests/what_if_cases.py`` writes the file again; a test holds that it would write the same.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from borderless.analysis.basing import shared_basing
from borderless.analysis.busy.busy import expected_table
from borderless.analysis.compare import compare
from borderless.analysis.coverage import Coverage, cover
from borderless.analysis.times import ResponseTimes
from borderless.maps.explorer import explorer_arrays, explorer_data, state_of
from borderless.roads.network import UNREACHABLE
from borderless.study.model import Study
from borderless.study.policy import BorderPolicy, BorderRule, Scenario, Target
from small_regions import RESPONSE, Place, Station, given_times, small_study

FILE = Path(__file__).parent / "maps" / "what_if_cases.json"
REGIONS, SCENARIOS = 10, 25
LEFT_OUT = ("grid", "notes", "attribution")
KINDS = ("closed", "on_exhaustion", "if_faster", "closest")


def random_times(rng: np.random.Generator) -> ResponseTimes:
    """Return times of a few forces, full of ties, with places out of reach and in gaps between areas."""
    count = int(rng.integers(2, 6))
    forces = ["P", "Q", "R", "S", "T"][:count]
    partners = int(rng.integers(2, count + 1))
    response = replace(RESPONSE, clock=str(rng.choice(["response", "response", "travel"])))
    study = small_study(forces[:partners], forces[partners:], response=response)
    stations = []
    for i in range(int(rng.integers(4, 9))):
        units = int(rng.integers(0, 4))
        stations.append(Station(f"s{i}", str(rng.choice(forces)), 0, units, units + int(rng.integers(0, 3))))
    places = [
        Place(
            f"p{i}",
            str(rng.choice([*forces, *forces, ""])),
            0,
            int(rng.integers(0, 3000)),
            bool(rng.random() < 0.5),
        )
        for i in range(int(rng.integers(6, 16)))
    ]
    minutes = rng.choice([1, 3, 5, 8, 11, 12, 13, 16, 17, 21, 30, 70, -1], (len(stations), len(places)))
    odd = rng.integers(-1, 2, minutes.shape)
    matrix = np.where(minutes < 0, UNREACHABLE, 60_000 * minutes + odd)
    return given_times(study, stations, places, matrix.tolist())


def random_question(times: ResponseTimes, rng: np.random.Generator) -> tuple[ResponseTimes, Scenario]:
    """Return a scenario with rules of its own for every pair, and the times under other targets."""
    study = times.region.study
    ids = list(times.region.stations["id"])
    pairs = {}
    for responder in study.force_names:
        for place in study.force_names:
            if responder != place:
                kind = str(rng.choice(KINDS))
                gain = int(rng.choice([0, 60, 180])) if kind == "if_faster" else 0
                delay = None if rng.random() < 0.5 else int(rng.choice([0, 30, 120, 600]))
                pairs[responder, place] = BorderRule(kind, gain, delay)  # type: ignore[arg-type]
    chosen = rng.permutation(ids)
    scenario = Scenario(
        name="what_if",
        label="What if",
        explanation="",
        borders=BorderPolicy(BorderRule.CLOSED, pairs),
        stations="shared" if rng.random() < 0.4 else "own",
        control_room="shared" if rng.random() < 0.4 else "separate",
        units={str(name): int(rng.integers(0, 4)) for name in chosen[: int(rng.integers(0, 4))]},
        guests={
            (str(name), str(rng.choice(study.force_names))): int(rng.integers(0, 3))
            for name in chosen[: int(rng.integers(0, 3))]
        },
        closed=tuple(sorted(str(name) for name in chosen[-int(rng.integers(0, 3)) :][:2]))
        if rng.random() < 0.5
        else (),
    )
    response = replace(
        study.response,
        target_urban_min=float(rng.choice([5, 10.5, 15, 16])),
        target_rural_min=float(rng.choice([15, 20, 24.5])),
        busy_fraction=float(rng.choice([0, 0, 0.1, 0.3, 0.55, 0.95])),
    )
    return asked(times, replace(study, response=response)), scenario


def asked(times: ResponseTimes, study: Study) -> ResponseTimes:
    """Return the same times of the same region, asked by another study."""
    return ResponseTimes(replace(times.region, study=study), times.travel_ms)


def spelt_out(times: ResponseTimes, scenario: Scenario) -> Scenario:
    """Return a scenario whose shared stations hold what is best for the targets of `times`, whoever asks."""
    if scenario.stations == "own":
        return scenario
    study, stations = times.region.study, times.region.stations
    home = [study.force_names.index(force) for force in stations["force"]]
    units = shared_basing(times).units
    own = {name: int(units[f, s]) for s, (name, f) in enumerate(zip(stations["id"], home, strict=True))}
    guests = {
        (str(stations["id"].iloc[s]), study.force_names[f]): int(units[f, s])
        for f, s in np.argwhere(units)
        if home[s] != f
    }
    units, guests = own | dict(scenario.units), guests | dict(scenario.guests)
    return replace(scenario, stations="own", units=units, guests=guests)


def answer_of(coverage: Coverage) -> dict[str, Any]:
    """Return Python's numbers as the page's engine gives them; floats to the last bit."""
    times = coverage.times
    study = times.region.study
    target: Target = study.response.targets[0]
    within = coverage.covered(target)
    table = compare(coverage, coverage).by_force
    standard = table[table["target"] == "standard"].set_index(["force", "measure"])
    expected = expected_table(coverage, study.response.busy_fraction)
    chance = expected[expected["target"] == "standard"].set_index(["force", "measure"])["expected"]
    measures = [measure.name for measure in study.measures]
    aid = compare(coverage, coverage).aid.set_index(["responder", "force"])
    return {
        "clock": np.where(coverage.clock_ms == UNREACHABLE, -1, coverage.clock_ms).tolist(),
        "station": coverage.station.tolist(),
        "responder": coverage.responder.tolist(),
        "within": within.astype(int).tolist(),
        "total": {f: [int(standard["total"][f, m]) for m in measures] for f in dict(standard.index)},
        "covered": {f: [int(standard["covered"][f, m]) for m in measures] for f in dict(standard.index)},
        "expected": {f: [float(chance[f, m]) for m in measures] for f in dict(chance.index)},
        "aid": [
            [int(aid.loc[(r, f), m.column]) if (r, f) in aid.index else 0 for m in study.measures]
            for r in study.force_names
            for f in study.force_names
        ],
    }


def make_cases() -> dict[str, Any]:
    """Return every case: regions as the page packs them, questions, and Python's answers."""
    rng = np.random.default_rng(20160401)
    regions = []
    for _ in range(REGIONS):
        times = random_times(rng)
        data = explorer_data(times, ())
        cases = []
        for _ in range(SCENARIOS):
            question, scenario = random_question(times, rng)
            state = state_of(scenario, question.region.study)
            placed = spelt_out(times, scenario)
            cases.append({"state": state, "answer": answer_of(cover(question, placed))})
        # not the fitted grid, whose last digits are the machine's, nor words
        kept = {key: data[key] for key in ("stations", "names")}
        kept["meta"] = {key: value for key, value in data["meta"].items() if key not in LEFT_OUT}
        kept["cells"] = {"people": data["cells"]["people"]}
        arrays = {name: values.tolist() for name, values in explorer_arrays(times).items()}
        regions.append({"data": kept, "arrays": arrays, "cases": cases})
    return {"regions": regions}


def as_text(cases: dict[str, Any]) -> str:
    """Return the file's text."""
    return json.dumps(cases, separators=(",", ":"), sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_text(make_cases()), encoding="utf-8")
