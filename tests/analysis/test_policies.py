"""What the page says of border policies: every scenario, every capability, and places that change."""

from __future__ import annotations

from pathlib import Path

import two_counties
from borderless.analysis.policies import find_policies
from borderless.analysis.times import response_times
from borderless.region import load_region
from capability_files import write_armed


def test_every_scenario_is_judged_for_every_capability(tmp_path: Path) -> None:
    found = find_policies(response_times(load_region(write_armed(tmp_path))))
    names = ["separate", "borderless", "shared_stations", "alliance", "careful"]
    assert [policy.scenario.name for policy in found.policies] == names
    assert [policy.scenario.name for policy in found.special] == names
    assert {policy.study.capability for policy in found.special} == {"firearms"}
    careful = (found.policies[-1], found.special[-1])
    assert [set(policy.matrix["rule"]) for policy in careful] == [{"closed"}, {"closed", "closest"}]
    assert [len(policy.matrix) for policy in careful] == [6, 6]


def test_run_lists_are_of_the_places_that_open_borders_change() -> None:
    found = find_policies(response_times(two_counties.region()))
    assert found.lists["id"].unique().tolist() == ["D"]
    assert found.lists["scenario"].unique().tolist() == [s.name for s in found.study.scenarios]
    assert found.rules_alone.comparison.changing_force() == 12
    assert found.sweep["crossing"].tolist() == [12] * 6 + [8] * 4 + [0]
