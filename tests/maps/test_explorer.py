"""The what-if page against Python: the same question, the same numbers, to the last person."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from borderless.analysis.coverage import cover
from borderless.analysis.times import ResponseTimes, response_times
from borderless.errors import ProblemLog
from borderless.fit import check_scenarios, put_on_network
from borderless.maps.explorer import explorer_arrays, explorer_data, state_of, what_if_times
from borderless.region import Region, embedded_study, load_region, with_candidates
from borderless.study.model import Study
from borderless.study.policy import NAMED_SCENARIOS
from borderless.study.read import read_study
from page_engine import answers, open_model, with_engine
from what_if_cases import FILE, answer_of, as_text, make_cases

pytestmark = pytest.mark.browser


def test_the_cases_are_what_python_answers_now() -> None:
    assert FILE.read_text(encoding="utf-8") == as_text(make_cases()), "run: python tests/what_if_cases.py"


def test_the_page_answers_every_case_as_python_does(page: Page) -> None:
    regions = json.loads(FILE.read_text(encoding="utf-8"))["regions"]
    assert sum(len(region["cases"]) for region in regions) >= 200
    with_engine(page)
    for region in regions:
        found = answers(page, region, [case["state"] for case in region["cases"]])
        for case, answer in zip(region["cases"], found, strict=True):
            expected = case["answer"]
            groups = {*answer["total"]}
            assert groups == {*expected["total"]}
            assert {*expected["expected"]} == groups - {"alliance"}
            answer["expected"].pop("alliance")
            assert answer == expected, case["state"]


@pytest.fixture(scope="module")
def embedded() -> ResponseTimes:
    return response_times(load_region(embedded_study()))


def random_states(data: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """Return states such as a planner might make, of the study's stations, borders and targets."""
    rng = np.random.default_rng(2016)
    base = data["meta"]["presets"][0]["state"]
    ids, candidate = data["stations"]["id"], data["stations"]["candidate"]
    sites = [name for name, yes in zip(ids, candidate, strict=True) if yes]
    states = []
    for _ in range(count):
        units = {str(name): int(rng.integers(0, 5)) for name in rng.choice(ids, 4, replace=False)}
        units |= {str(name): 1 for name in rng.choice(sites, int(rng.integers(0, 4)), replace=False)}
        borders = {
            key: {
                "rule": str(rng.choice(["closed", "on_exhaustion", "if_faster", "closest"])),
                "gain_s": int(rng.choice([0, 30, 120])),
                "delay_s": int(rng.choice([0, 60, 60, 180])),
            }
            for key in base["borders"]
        }
        states.append(
            base
            | {
                "units": units,
                "guests": [guest(data, rng)],
                "closed": sorted(
                    str(name) for name in rng.choice(ids, int(rng.integers(0, 6)), replace=False)
                ),
                "borders": borders,
                "sharing": bool(rng.random() < 0.5),
                "room": bool(rng.random() < 0.5),
                "urban_s": float(rng.choice([600, 720, 900, 990])),
                "rural_s": float(rng.choice([900, 1050, 1200])),
                "busy": int(rng.choice([0, 0, 15, 40])),
            }
        )
    return states


def guest(data: dict[str, Any], rng: np.random.Generator) -> list[Any]:
    """Return a station, another force than its own, and units."""
    s = int(rng.integers(len(data["stations"]["id"])))
    forces = len(data["meta"]["forces"])
    other = (data["stations"]["force"][s] + int(rng.integers(1, forces))) % forces
    return [data["stations"]["id"][s], other, int(rng.integers(0, 3))]


def test_a_what_if_of_the_embedded_study_comes_back_from_its_file_with_the_same_numbers(
    page: Page, embedded: ResponseTimes, tmp_path: Path
) -> None:
    times, sites = what_if_times(embedded)
    data = explorer_data(times, sites)
    open_model(page, data, explorer_arrays(times), tmp_path)
    for state in random_states(data, 12):
        toml, answer = page.evaluate(
            """(state) => [
              Borderless.states.toToml(model, state),
              asPython(model, Borderless.answer(model, state)),
            ]""",
            state,
        )
        extra = tmp_path / "what-if.toml"
        extra.write_text(toml, encoding="utf-8")
        study = read_study(extra)
        assert (study.file, study.extras) == (embedded_study(), (extra,))
        region = with_study(embedded.region, study)
        scenario = study.scenarios[-1]
        assert scenario.name == "what_if"
        python = answer_of(cover(response_times(region), scenario))
        # the file names only the sites that are used, so its region has fewer stations than the page
        kept = np.flatnonzero(times.region.stations["id"].isin(region.stations["id"])).tolist()
        python["station"] = [kept[s] if s >= 0 else -1 for s in python["station"]]
        answer["expected"].pop("alliance")
        assert answer == python


def with_study(region: Region, study: Study) -> Region:
    """Return the region that a study with other scenarios and candidate sites makes of the same files."""
    log = ProblemLog()
    stations = with_candidates(region.stations, study.candidates, study, log)
    check_scenarios(study, stations, log)
    snap = put_on_network(study, region.network, stations, "stations.csv", log)
    log.raise_errors()
    return replace(region, study=study, stations=stations, station_snap=snap)


def test_sites_that_a_file_added_stand_beside_those_that_the_page_proposes(
    embedded: ResponseTimes, tmp_path: Path
) -> None:
    _, first = what_if_times(embedded)
    chosen = first[0]
    extra = tmp_path / "what-if.toml"
    extra.write_text(
        f'study = "embedded"\n[[candidates]]\nid = "mine"\nname = "Mine"\nforce = "{chosen.force}"\n'
        f"x = {chosen.x}\ny = {chosen.y}\n",
        encoding="utf-8",
    )
    region = with_study(embedded.region, read_study(extra))
    times, proposed = what_if_times(response_times(region))
    told = [site["id"] for site in explorer_data(times, proposed)["meta"]["sites"]]
    assert told == ["mine", *(site.id for site in proposed)]
    assert len(proposed) >= len(first) - 1
    assert chosen.id not in told
    own = replace(region, study=replace(region.study, added_candidates=0))
    assert what_if_times(response_times(own))[1] == ()


@pytest.mark.parametrize("row", range(len(NAMED_SCENARIOS)))
def test_a_named_scenario_of_the_study_is_a_preset(embedded: ResponseTimes, row: int) -> None:
    times, _ = what_if_times(embedded)
    scenario = NAMED_SCENARIOS[row]
    preset = explorer_data(times, ())["meta"]["presets"][row]
    assert preset["name"] == scenario.name
    assert preset["state"] == state_of(scenario, times.region.study)


def test_a_what_if_of_a_what_if_needs_the_study_alone(
    page: Page, embedded: ResponseTimes, tmp_path: Path
) -> None:
    first = tmp_path / "first.toml"
    first.write_text(
        """study = "embedded"
[response]
target_urban_min = 12
cross_border_delay_s = 90
[scenarios.what_if.units]
"new" = 1
[[scenarios.what_if.guests]]
station = "LE-LOU"
force = "Nottinghamshire"
[[candidates]]
id = "new"
force = "Derbyshire"
x = 443472
y = 346467
""",
        encoding="utf-8",
    )
    study = read_study(first).with_partners(("Lincolnshire",))
    times, sites = what_if_times(response_times(with_study(embedded.region, study)))
    data = explorer_data(times, sites)
    open_model(page, data, explorer_arrays(times), tmp_path)
    state = state_of(study.scenarios[-1], study) | {"room": True, "urban_s": 600}
    toml, answer = page.evaluate(
        "(s) => [Borderless.states.toToml(model, s), asPython(model, Borderless.answer(model, s))]",
        state,
    )
    assert 'borderless run what-if.toml --partners "Lincolnshire"' in toml
    second = tmp_path / "second.toml"
    second.write_text(toml, encoding="utf-8")
    again = read_study(second).with_partners(("Lincolnshire",))
    assert again.response == replace(study.response, target_urban_min=10)
    region = with_study(embedded.region, again)
    python = answer_of(cover(response_times(region), again.scenarios[-1]))
    answer["expected"].pop("alliance")
    assert answer == python
