"""Random counties, condensed once for all tests that only look at them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from borderless.condense.condense import Condensed, condense_region
from borderless.condense.write import write_condensed
from borderless.region import Region, load_region
from drawn_studies import write_county

OWN_SCENARIO = """
[scenarios.aid]
label = "Automatic aid"
explanation = "A partner's unit answers when it gains “two minutes”."
borders = "if_faster"
min_gain_s = 120
stations = "shared"
control_room = "shared"
"""


@dataclass(frozen=True)
class County:
    """A full study, the small one made of it in memory, its study file, and what is read back from that."""

    full: Region
    small: Condensed
    file: Path
    again: Region


@pytest.fixture(scope="package", params=[1, 2, 3])
def county(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> County:
    """Return a county of two partners and one outside; the third has people in a gap that is nobody's."""
    folder = tmp_path_factory.mktemp("county")
    hole = request.param == 3
    full = load_region(write_county(folder / "full", request.param, more=OWN_SCENARIO, hole=hole))
    small = condense_region(full)
    file = write_condensed(small, folder / "small", sources=("© Somebody “else”",))
    return County(full, small, file, load_region(file))
