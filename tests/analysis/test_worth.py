"""All that a report says of an alliance is what the single questions say."""

from __future__ import annotations

import pandas as pd

import two_counties
from borderless.analysis.alliance.alliance import alliance_worth
from borderless.analysis.results import analyse
from borderless.analysis.worth import FIRST_DRAWS, find_worth


def test_a_report_asks_the_same_questions_as_the_commands() -> None:
    results = analyse(two_counties.region())
    stages: list[str] = []
    worth = find_worth(results, on_stage=stages.append)
    assert stages == ["Border rules", "Levers and coalitions", "Busy units", "Hour by hour", "How sure"]
    pd.testing.assert_frame_equal(worth.alliance.levers, alliance_worth(results.times).levers)
    assert [found.comparison for found in worth.losers] == list(results.comparisons.values())
    assert worth.sure.count == FIRST_DRAWS
    assert not worth.sure.looked
    assert worth.busy.assumed
    assert worth.day.table["hour"].unique().tolist() == [0]
