"""The answer on border rules: words that say how little it is, and how many forces fit a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.console import Console

import two_counties
from borderless.analysis.policy import border_policy
from borderless.analysis.times import ResponseTimes, response_times
from borderless.report.answers.policy import policy_answer, sentences
from borderless.study.policy import BORDERLESS, PRESETS, SEPARATE, BorderPolicy, BorderRule, Scenario
from small_regions import Place, Station, given_times, small_study
from two_counties import MINUTE


def printed(times: ResponseTimes, scenario: Scenario) -> str:
    console = Console(width=80, record=True, file=None, quiet=False)
    with console.capture() as capture:
        for part in policy_answer(border_policy(times, scenario)).printed:
            console.print(part)
    return capture.get()


def test_what_changes_nothing_says_so() -> None:
    found = border_policy(response_times(two_counties.region()), SEPARATE)
    assert sentences(found)[0] == (
        "Separate forces: nobody more within the standard, 96.86 % as before. "
        "No first unit comes from another force than before."
    )


def test_what_loses_says_so() -> None:
    scenario = replace(SEPARATE, label="Closed W1", closed=("W1",))
    found = border_policy(response_times(two_counties.region()), scenario)
    assert (
        "0 people more within the standard and 7 people no longer, −2.75 percentage points"
        in sentences(found)[0]
    )


def test_mutual_aid_is_never_sold_as_a_gain() -> None:
    scenario = replace(SEPARATE, borders=BorderPolicy(PRESETS["mutual_aid"]))
    told = sentences(border_policy(response_times(two_counties.region()), scenario))
    assert "Mutual aid changes nothing here, since units are always free in these numbers." in told


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (30, "No unit of a partner is near enough, and only units or stations elsewhere change that."),
        # 11.5 and 3 are within 15, but not with a minute of hand-over
        (11.5, "Without any hand-over open borders would reach 40 people of them"),
    ],
)
def test_people_whom_no_rule_reaches_are_counted_with_what_would(minutes: float, told: str) -> None:
    study = small_study(("P", "Q"))
    stations = [Station("p", "P", 0), Station("q", "Q", 0)]
    rows = [[30 * MINUTE, 1 * MINUTE], [int(minutes * MINUTE), 1 * MINUTE]]
    times = given_times(study, stations, [Place("a", "P", 0, 40), Place("b", "Q", 0, 1)], rows)
    found = border_policy(times, BORDERLESS)
    start = "No preset brings anybody more within the standard; 40 people stay outside under every preset. "
    assert sentences(found)[1].startswith(start + told)
    assert found.within_reach == (1 if minutes == 30 else 41)


def test_many_forces_are_numbered_to_fit_80_columns() -> None:
    names = tuple(f"Northamptonshire {number}" for number in range(1, 6))
    study = small_study(names)
    stations = [Station(f"s{i}", name, 0) for i, name in enumerate(names)]
    places = [Place(f"p{i}", name, 0, 10) for i, name in enumerate(names)]
    matrix = [[(1 if i == j else 20) * MINUTE for j in range(5)] for i in range(5)]
    rule = Scenario("s", "S", "", BorderPolicy(BorderRule("if_faster", 120, 3_600)))
    text = printed(given_times(study, stations, places, matrix), rule)
    assert max(map(len, text.splitlines())) <= 80
    assert "Columns by the number of the force." in " ".join(text.split())
    assert "5 Northamptonshi" in text
