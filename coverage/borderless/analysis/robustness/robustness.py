"""How sure a study's answers are: the question asked again under many settings that might be true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.compare import PARTNERS
from borderless.analysis.robustness.bench import Bench, Outcome, bench_of
from borderless.analysis.robustness.conclusions import conclusions_frame, intervals_frame, whole
from borderless.analysis.robustness.outcomes import outcomes
from borderless.analysis.robustness.ranges import base_values, latin_hypercube, ranges_of, unheard
from borderless.analysis.robustness.tipping import tipping_frame
from borderless.analysis.robustness.tornado import tornado_frame
from borderless.analysis.times import ResponseTimes, response_times
from borderless.errors import BorderlessError
from borderless.region import Region

DRAWS, SEED = 1000, 1


@dataclass(frozen=True, eq=False)
class Robustness:
    """What the scenarios achieve under many joint draws of the uncertain settings.

    Parameters
    ----------
    bench
        What the draws share: the region, the ranges, the scenarios as they were counted.
    values
        What was drawn, float64, shape (draws, settings), in the order of ``bench.ranges``.
    base
        What the scenarios achieve under the study's own settings, as one draw.
    drawn
        What they achieve under the draws, which are the first dimension.
    tipping
        One row for each headline conclusion that does not hold in every draw and each setting: kind,
        scenario, other, force, measure, target, verdict (as in `conclusions`), setting, unit, base; below and
        above (the first value on either side, others as in the study, at which the verdict is another;
        missing where there is none in the range), verdict_below, verdict_above.
    looked
        Whether tipping values were looked for.
    seed, rebased
        How the draws were made; whether units were placed anew in each of them.
    unheard
        Uncertain settings that make no difference here: classes the road network does not know.
    """

    bench: Bench
    values: NDArray[np.float64]
    base: Outcome
    drawn: Outcome
    tipping: pd.DataFrame
    looked: bool
    seed: int
    rebased: bool
    unheard: tuple[str, ...]

    @property
    def region(self) -> Region:
        """Return the region under the study's own settings."""
        return self.bench.times.region

    @property
    def count(self) -> int:
        """Return how many draws there are."""
        return len(self.values)

    @cached_property
    def conclusions(self) -> pd.DataFrame:
        """Return every conclusion and in how many draws it holds; see :func:`conclusions_frame`."""
        return conclusions_frame(self.bench, self.base, self.drawn)

    @cached_property
    def intervals(self) -> pd.DataFrame:
        """Return how far what is covered reaches over the draws; see :func:`intervals_frame`."""
        return intervals_frame(self.bench, self.base, self.drawn)

    @cached_property
    def tornado(self) -> pd.DataFrame:
        """Return what the gain hangs on; see :func:`tornado_frame`."""
        return tornado_frame(self.bench, self.values, self.drawn)

    def draws(self, force: str = PARTNERS, measure: str = "", target: str = "standard") -> pd.DataFrame:
        """Return one row for each draw and scenario.

        Parameters
        ----------
        force, measure, target
            What is counted: of the alliance, the study's first measure, within the standard by default.

        Returns
        -------
        DataFrame
            draw (0: the study's own settings), scenario, one column for each setting, covered, gain (whole
            units of the measure's column), expected, expected_gain (the same within the standard with busy
            units, with fractions), median_min (first measure; missing where out of reach).
        """
        bench, study = self.bench, self.region.study
        g = bench.groups.index(force)
        names = [one.name for one in study.measures]
        m = names.index(measure) if measure else 0
        t = [one.name for one in study.response.targets].index(target)
        keys = [one.key for one in bench.ranges]
        tables = []
        for first, values, found in (
            (0, base_values(bench.ranges)[None], whole(self.base)),
            (1, self.values, self.drawn),
        ):
            for s, scenario in enumerate(bench.scenarios):
                covered, expected = found.covered[:, :, g, m, t], found.expected[:, :, g, m]
                median = found.median_ms[:, s, g]
                table = pd.DataFrame({"draw": np.arange(len(values)) + first, "scenario": scenario.name})
                table[keys] = values
                table["covered"] = covered[:, s]
                table["gain"] = covered[:, s] - covered[:, 0]
                table["expected"] = expected[:, s]
                table["expected_gain"] = expected[:, s] - expected[:, 0]
                known = (median >= 0) & (median < np.iinfo(np.int32).max)
                table["median_min"] = np.where(known, median / 60_000, np.nan)
                tables.append(table)
        joined = pd.concat(tables, ignore_index=True)
        return joined.sort_values("draw", kind="stable").reset_index(drop=True)


def robustness(
    region: Region,
    draws: int = DRAWS,
    seed: int = SEED,
    *,
    rebase: bool = False,
    tipping: bool = True,
    times: ResponseTimes | None = None,
    on_stage: Callable[[str], None] = lambda _: None,
    on_draws: Callable[[int], Callable[[int], None]] = lambda _: lambda _: None,
) -> Robustness:
    """Ask a study's question again under many settings that might be true.

    All uncertain settings (see :func:`borderless.analysis.robustness.ranges.ranges_of`) are drawn together by
    a Latin hypercube, independently and evenly over their ranges. Each draw drives the same roads at other
    speeds and counts every scenario anew. Draws are kept in the cache; a run that was stopped goes on.

    Parameters
    ----------
    region
        The material.
    draws, seed
        How many, and which.
    rebase
        Place units anew in every draw where a scenario shares stations, instead of once.
    tipping
        Look for the values at which conclusions turn; this asks about as often as some hundred draws do.
    times
        The region's travel times, where somebody has them already.
    on_stage
        Called with a few words when a stage begins.
    on_draws
        Called with how many draws a stage has at most; what it returns is called with how many more are done.

    Returns
    -------
    Robustness

    Raises
    ------
    BorderlessError
        When there is nothing to draw.

    Examples
    --------
    >>> import borderless as bl
    >>> region = bl.load_region(bl.embedded_study())  # doctest: +SKIP
    >>> bl.robustness(region, draws=100).conclusions  # doctest: +SKIP
    """
    if draws < 1 or seed < 0:
        msg = f"{draws} draws with seed {seed} → give at least 1 draw, and a seed from 0 on"
        raise BorderlessError(msg)
    on_stage("Travel times")
    bench = bench_of(times or response_times(region), ranges_of(region), rebase=rebase)
    fingerprint = region.fingerprint
    on_stage("Drawing settings")
    values = latin_hypercube(bench.ranges, draws, seed)
    base = bench(base_values(bench.ranges))
    drawn = outcomes(bench, values, fingerprint=fingerprint, on_done=on_draws(draws))

    def ask(asked: NDArray[np.float64]) -> Outcome:
        return outcomes(bench, asked, fingerprint=fingerprint)

    if tipping:
        on_stage("Looking for tipping values")
    turns = tipping_frame(bench, base, drawn, ask, look=tipping)
    return Robustness(bench, values, base, drawn, turns, tipping, seed, rebase, unheard(region))
