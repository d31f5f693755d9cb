"""The worth of an alliance holds together: one game, the same gains everywhere."""

from __future__ import annotations

from hypothesis import given, settings

import two_counties
from borderless.analysis.alliance.alliance import alliance_worth
from borderless.analysis.alliance.partitions import partition_name, read_partition, today
from borderless.analysis.compare import PARTNERS
from borderless.analysis.times import response_times
from random_regions import Drawn, regions


@settings(max_examples=20)
@given(regions(gaps=False))
def test_levers_coalitions_shares_partitions_and_comparison_tell_one_gain(drawn: Drawn) -> None:
    worth = alliance_worth(drawn.times())
    levers = worth.levers[worth.levers["levers"] == "borders + stations + control_room"]
    key = ["measure", "target"]
    gain = levers[levers["force"] == PARTNERS].set_index(key)["gain"].to_dict()
    mine = worth.coalitions[worth.coalitions["coalition"] == " + ".join(drawn.alliance)]
    assert mine.set_index(key)["gain"].to_dict() == gain
    now = worth.partitions[worth.partitions["partition"] == partition_name(today(worth.study))]
    assert now.set_index(key)["gain"].to_dict() == gain
    changed = worth.comparison.by_force.assign(gain=lambda f: f["covered"] - f["covered_before"])
    assert changed[changed["force"] == PARTNERS].set_index(key)["gain"].to_dict() == gain
    shares = worth.shapley[worth.shapley["among"] == PARTNERS].groupby(key)["value"].sum()
    assert {kind: round(value) for kind, value in shares.items()} == gain


def test_every_step_is_announced_and_named_partitions_are_kept() -> None:
    told: list[str] = []
    named = read_partition("East, North", ("West", "East", "North"))
    worth = alliance_worth(response_times(two_counties.region()), named=[named], on_stage=told.append)
    assert told[0] == "Levers and hand-over"
    assert told[-1] == "Shares and partitions"
    assert len(told) == 2 + 8
    assert worth.named == (named,)
    assert set(worth.break_even["levers"]) == {"borders", "borders + stations"}
