"""What is concluded from the scenarios, and whether the same is concluded from every draw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.compare import PARTNERS
from borderless.analysis.coverage import ALL, NONE
from borderless.analysis.robustness.bench import Bench, Outcome

Numbers = NDArray[np.int64] | NDArray[np.float64]

PERCENTS = (0, 5, 50, 95, 100)
_ENDS = ("min", "p5", "p50", "p95", "max")
_DIFFERENCES = tuple(f"difference_{end}" for end in _ENDS)
_COUNTS = ("fewer", "same", "more")
#: Verdicts of a comparison, by sign.
FEWER, SAME, MORE = SIGNS = ("fewer", "the same", "more")
NOBODY = "nobody alone"
# A difference of expected values below half of one whole unit is none.
_LEAST_EXPECTED = 0.5


@dataclass(frozen=True)
class Conclusion:
    """One thing that is concluded.

    Parameters
    ----------
    kind
        ``gain``: whether a scenario covers more than the baseline. ``expected``: the same with busy units.
        ``order``: whether it covers more than another scenario. ``ranking``: the order of all scenarios.
        ``most``: which partner gains most. ``lever``: which of the levers that a scenario pulls alone gains
        most.
    scenario, other
        What is compared; empty where it is all of them, or the baseline.
    force, measure, target
        Where and what is counted.
    """

    kind: str
    scenario: str
    other: str
    force: str
    measure: str
    target: str


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What is concluded in each of n draws.

    Parameters
    ----------
    about
        The conclusion.
    said
        The verdict in each draw: a word or a name, shape (n,).
    difference
        The difference it rests on, whole units of the measure's column (expected ones with fractions); None
        where it rests on several.
    """

    about: Conclusion
    said: NDArray[np.str_]
    difference: Numbers | None


_NAMES = tuple(field.name for field in fields(Conclusion))


def whole(outcome: Outcome) -> Outcome:
    """Return the outcome of one draw as one of many."""
    return Outcome(*(getattr(outcome, field.name)[None] for field in fields(Outcome)))


def verdicts(bench: Bench, found: Outcome, *, headline: bool = False) -> Iterator[Verdicts]:
    """Yield every conclusion with its verdict in each draw.

    Parameters
    ----------
    bench, found
        The draws as first dimension.
    headline
        Only those on the study's first measure within the standard.
    """
    study = bench.times.region.study
    measures = study.measures[:1] if headline else study.measures
    targets = study.response.targets[:1] if headline else study.response.targets
    forces = [name for name in bench.groups if name not in (NONE, ALL)]
    for s, scenario in enumerate(bench.scenarios[1:], start=1):
        for force in forces:
            g = bench.groups.index(force)
            for m, measure in enumerate(measures):
                named = (scenario.name, "", force, measure.name)
                for t, target in enumerate(targets):
                    gain = found.covered[:, s, g, m, t] - found.covered[:, 0, g, m, t]
                    yield _signed(Conclusion("gain", *named, target.name), gain)
                more = found.expected[:, s, g, m] - found.expected[:, 0, g, m]
                yield _signed(Conclusion("expected", *named, targets[0].name), more)
    for t, target in enumerate(targets):
        yield from _orders(bench, found, t, target.name)
    yield from _largest(bench, found)


def conclusions_frame(bench: Bench, base: Outcome, drawn: Outcome) -> pd.DataFrame:
    """Return every conclusion, and in how many draws the same is concluded.

    Parameters
    ----------
    bench, base, drawn
        Under the study's own settings, and the draws.

    Returns
    -------
    DataFrame
        kind, scenario, other, force, measure, target (see `Conclusion`); verdict (under the study's own
        settings), agree (draws with the same verdict), draws, otherwise (the verdict that is most frequent
        among the others, or nothing). Where the verdict rests on one difference, else missing: fewer, same,
        more (draws in which it is below, at and above zero); difference (in the study) and difference_min,
        _p5, _p50, _p95, _max, in whole units of the measure's column, with fractions for ``expected``.
        Percentiles are values that occur.
    """
    rows = []
    for own, every in zip(verdicts(bench, whole(base)), verdicts(bench, drawn), strict=True):
        verdict = str(own.said[0])
        agree = every.said == verdict
        others, counts = np.unique(every.said[~agree], return_counts=True)
        otherwise = str(others[counts.argmax()]) if len(others) else ""
        row: dict[str, Any] = dict(zip(_NAMES, astuple(own.about), strict=True))
        row |= {"verdict": verdict, "agree": int(agree.sum()), "draws": len(agree), "otherwise": otherwise}
        row |= dict.fromkeys((*_COUNTS, "difference", *_DIFFERENCES))
        if own.difference is not None and every.difference is not None:
            row |= {name: int((every.said == sign).sum()) for name, sign in zip(_COUNTS, SIGNS, strict=True)}
            row["difference"] = own.difference[0].item()
            row |= dict(zip(_DIFFERENCES, _percentiles(every.difference), strict=True))
        rows.append(row)
    # whole numbers stay whole beside fractions and missing ones
    frame = pd.DataFrame(rows, dtype=object)
    return frame.astype({"agree": np.int64, "draws": np.int64})


def intervals_frame(bench: Bench, base: Outcome, drawn: Outcome) -> pd.DataFrame:
    """Return how far what is covered reaches over the draws.

    Returns
    -------
    DataFrame
        scenario, force, measure, target, count (``covered``, or ``expected`` with busy units, within the
        standard alone); base (under the study's own settings), min, p5, p50, p95, max, total: whole units of
        the measure's column, with fractions for ``expected``. Divided by total they are shares.
    """
    study = bench.times.region.study
    rows = []
    for s, scenario in enumerate(bench.scenarios):
        for g, force in enumerate(bench.groups):
            for m, measure in enumerate(study.measures):
                named, total = (scenario.name, force, measure.name), int(bench.total[g, m])
                for t, target in enumerate(study.response.targets):
                    own, every = base.covered[s, g, m, t], drawn.covered[:, s, g, m, t]
                    rows.append((*named, target.name, "covered", own.item(), *_percentiles(every), total))
                own, likely = base.expected[s, g, m], drawn.expected[:, s, g, m]
                standard = study.response.targets[0].name
                rows.append((*named, standard, "expected", own.item(), *_percentiles(likely), total))
    columns = ["scenario", "force", "measure", "target", "count", "base", *_ENDS, "total"]
    return pd.DataFrame(rows, columns=columns, dtype=object).astype({"total": np.int64})


def _percentiles(values: Numbers) -> list[int | float]:
    found: list[int | float] = np.percentile(values, PERCENTS, method="inverted_cdf").tolist()
    return found


def _signed(about: Conclusion, difference: Numbers) -> Verdicts:
    least = _LEAST_EXPECTED if about.kind == "expected" else 0
    sign = np.where(np.abs(difference) > least, np.sign(difference), 0).astype(int)
    return Verdicts(about, np.array(SIGNS)[sign + 1], difference)


def _orders(bench: Bench, found: Outcome, t: int, target: str) -> Iterator[Verdicts]:
    """Yield how the scenarios stand to each other, and all in one, for the partners' first measure."""
    measure = bench.times.region.study.measures[0].name
    g = bench.groups.index(PARTNERS)
    names = [scenario.name for scenario in bench.scenarios]
    covered = found.covered[:, :, g, 0, t]
    for s in range(1, len(names)):
        for other in range(s + 1, len(names)):
            about = Conclusion("order", names[s], names[other], PARTNERS, measure, target)
            yield _signed(about, covered[:, s] - covered[:, other])
    said = np.array([_ranking(names, row) for row in covered.tolist()])
    yield Verdicts(Conclusion("ranking", "", "", PARTNERS, measure, target), said, None)


def _ranking(names: list[str], covered: list[int]) -> str:
    """Return names from most to fewest, equal ones joined by an equals sign."""
    text, last = "", None
    for name, number in sorted(zip(names, covered, strict=True), key=lambda pair: -pair[1]):
        text += f"{'' if last is None else ' = ' if number == last else ' > '}{name}"
        last = number
    return text


def _largest(bench: Bench, found: Outcome) -> Iterator[Verdicts]:
    """Yield which partner gains most under each scenario, and which lever pulled alone gains most."""
    study = bench.times.region.study
    measure, target = study.measures[0].name, study.response.targets[0].name
    gain = found.covered[:, :, :, 0, 0] - found.covered[:, :1, :, 0, 0]
    partners = [bench.groups.index(name) for name in study.alliance]
    for s, scenario in enumerate(bench.scenarios[1:], start=1):
        about = Conclusion("most", scenario.name, "", PARTNERS, measure, target)
        yield Verdicts(about, _winner(gain[:, s, partners], study.alliance), None)
    alone = [s for s in range(1, len(bench.scenarios)) if _pulls_one_lever(bench, s)]
    if len(alone) > 1:
        about = Conclusion("lever", "", "", PARTNERS, measure, target)
        names = tuple(bench.scenarios[s].name for s in alone)
        yield Verdicts(about, _winner(gain[:, alone, bench.groups.index(PARTNERS)], names), None)


def _pulls_one_lever(bench: Bench, s: int) -> bool:
    # as the study has them: units that are held have lost their lever
    baseline, scenario = (bench.times.region.study.scenarios[row] for row in (0, s))
    levers = ("borders", "stations", "control_room")
    moved = scenario.units or scenario.guests or scenario.closed
    return not moved and sum(getattr(scenario, name) != getattr(baseline, name) for name in levers) == 1


def _winner(gain: NDArray[np.int64], names: tuple[str, ...]) -> NDArray[np.str_]:
    best = gain.max(axis=1)
    alone = (best > 0) & ((gain == best[:, None]).sum(axis=1) == 1)
    return np.where(alone, np.array(names)[gain.argmax(axis=1)], NOBODY)
