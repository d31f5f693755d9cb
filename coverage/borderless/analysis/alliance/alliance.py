"""What an alliance is worth: levers, hand-over, coalitions and shares of one study, in one value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from borderless.analysis.alliance.coalitions import (
    Game,
    asked_next,
    coalition_game,
    coalitions_table,
    most_missed,
    shapley_table,
)
from borderless.analysis.alliance.handover import Handover, handovers
from borderless.analysis.alliance.levers import levers_table, with_levers
from borderless.analysis.alliance.partitions import Partition, partitions_table
from borderless.analysis.compare import Comparison, compare
from borderless.analysis.coverage import cover
from borderless.analysis.times import ResponseTimes
from borderless.study.model import Study
from borderless.study.policy import ALLIANCE, Scenario


@dataclass(frozen=True)
class AllianceWorth:
    """The worth of an alliance.

    Parameters
    ----------
    scenario
        How partners work together.
    levers
        From `levers_table`.
    handovers
        From `handovers`: units at their own stations, and at shared ones.
    game
        From `coalition_game`.
    coalitions, shapley, asked, missed
        From `coalitions_table`, `shapley_table`, `asked_next` and `most_missed`.
    named
        Partitions that were asked for.
    partitions
        From `partitions_table`.
    comparison
        The alliance with all its levers against none.
    """

    scenario: Scenario
    levers: pd.DataFrame
    handovers: tuple[Handover, ...]
    game: Game
    coalitions: pd.DataFrame
    shapley: pd.DataFrame
    asked: pd.DataFrame
    missed: pd.DataFrame
    named: tuple[Partition, ...]
    partitions: pd.DataFrame
    comparison: Comparison

    @property
    def study(self) -> Study:
        """Return the study that was asked."""
        return self.game.study

    @property
    def break_even(self) -> pd.DataFrame:
        """Return the tables of all hand-overs below each other."""
        return pd.concat([found.table for found in self.handovers], ignore_index=True)


def alliance_worth(
    times: ResponseTimes,
    scenario: Scenario = ALLIANCE,
    *,
    named: Sequence[Partition] = (),
    on_stage: Callable[[str], None] = lambda _: None,
) -> AllianceWorth:
    """Ask what the alliance of a study is worth, lever by lever and coalition by coalition.

    Parameters
    ----------
    times
        Travel times of a region.
    scenario
        How partners work together.
    named
        Partitions into alliances to tell of in any case.
    on_stage
        Called with a few words when a stage begins; in between, with the name of every coalition.
    """
    on_stage("Levers and hand-over")
    levers, delays = levers_table(times, scenario), handovers(times, scenario)
    game = coalition_game(
        times, scenario, also=[block for partition in named for block in partition], on_coalition=on_stage
    )
    on_stage("Shares and partitions")
    return AllianceWorth(
        scenario=scenario,
        levers=levers,
        handovers=delays,
        game=game,
        coalitions=coalitions_table(game),
        shapley=shapley_table(game),
        asked=asked_next(game),
        missed=most_missed(game),
        named=tuple(named),
        partitions=partitions_table(game, named),
        comparison=compare(cover(times, with_levers(scenario, ())), cover(times, scenario)),
    )
