"""A condensed study as files: it asks the same question as the study it was made from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import two_counties
from borderless.condense.condense import condense_region
from borderless.condense.write import write_condensed
from borderless.region import load_region
from borderless.study.read import read_study

MORE = """
[response]
target_urban_min = 12.3456789
turnout_s = 61

[urban]
cluster_people = 1234567

[scenarios."a \\"b\\u007f"]
label = "Ünï"
borders = "if_faster"
min_gain_s = 90
control_room = "shared"

[scenarios.plain]
explanation = "Own words."
borders = "on_exhaustion"
stations = "shared"
"""


def test_a_small_study_keeps_every_setting_and_scenario(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path / "full")
    path.write_text(two_counties.STUDY + MORE, encoding="utf-8")
    full = read_study(path)
    small = read_study(write_condensed(condense_region(load_region(full)), tmp_path / "small"))
    assert [scenario.name for scenario in full.scenarios[4:]] == ['a "b\x7f', "plain"]
    assert small.scenarios == full.scenarios
    assert (small.response, small.speeds, small.cells) == (full.response, full.speeds, full.cells)
    assert replace(small.forces, file=full.forces.file) == full.forces
