"""What the numbers say: the facts behind the headline, and the sentences that tell them honestly."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from borderless.analysis.compare import PARTNERS, Comparison, compare
from borderless.analysis.coverage import Coverage, cover, weighted_quantile
from borderless.analysis.results import Results
from borderless.report import words
from borderless.roads.network import UNREACHABLE
from borderless.study.model import Measure, Study
from borderless.study.policy import Target

_VERDICTS = ((0.0005, "Hardly"), (0.005, "A little"), (0.02, "Somewhat"))
_NEARLY_ALL = 0.95


@dataclass(frozen=True)
class Gain:
    """What one scenario changes for the partners together, within the standard; weights in whole units.

    Parameters
    ----------
    name, label, explanation
        The scenario.
    before, after, gained, lost, total
        Weight within the standard, that comes and goes, and of all points.
    sooner, later
        Weight that is reached sooner or later than before, within the standard or not.
    """

    name: str
    label: str
    explanation: str
    before: int
    after: int
    gained: int
    lost: int
    total: int
    sooner: int
    later: int


@dataclass(frozen=True)
class Findings:
    """The facts behind the headline, for the study's first measure and the partners together.

    Parameters
    ----------
    study, measure, target
        What is counted: the first measure, the standard.
    gains
        One a scenario, in the study's order.
    best
        The scenario that gains most; of equals, the first.
    outside, outside_median_min
        Weight outside the standard under `best`, and its median time.
    reachable
        Weight that any arrangement of units over the partners' stations can reach within the standard.
    alone
        How much of what `best` gains each force would gain alone, with units at all its own stations.
    alone_needs_units
        Whether some partner has fewer units than stations, so that it could not do so.
    closed_stations
        Stations of partners that have room but no units now.
    no_handover
        For scenarios with a hand-over delay: label, change with it and change without.
    """

    study: Study
    measure: Measure
    target: Target
    gains: tuple[Gain, ...]
    best: Gain
    outside: int
    outside_median_min: float
    reachable: int
    alone: int
    alone_needs_units: bool
    closed_stations: int
    no_handover: tuple[tuple[str, int, int], ...]


def find(results: Results) -> Findings:
    """Gather the facts behind the headline."""
    study = results.region.study
    measure, target = study.measures[0], study.response.targets[0]
    weights = results.region.demand.weights(measure)
    here = partner_points(results)
    baseline, *_ = results.coverages.values()
    comparisons = results.comparisons or {baseline.scenario.name: compare(baseline, baseline)}
    gains = tuple(_gain(comparison, target, weights, here) for comparison in comparisons.values())
    best = max(gains, key=lambda gain: gain.after)
    after = comparisons[best.name].scenario
    left_out = here & ~after.covered(target)
    median = weighted_quantile(after.clock_ms[left_out], weights[left_out], 50)
    stations = results.region.stations
    partners = stations["force"].isin(study.alliance) & ((stations["capacity"] > 0) | (stations["units"] > 0))
    held = stations[partners].groupby("force")["units"].agg(["sum", "size"])
    return Findings(
        study=study,
        measure=measure,
        target=target,
        gains=gains,
        best=best,
        outside=int(weights[left_out].sum()),
        outside_median_min=float("nan") if median is None else words.minutes_of(median),
        reachable=int(weights[here & _from_any_station(results, target, own=False)].sum()),
        alone=gained_alone(results, comparisons[best.name], target),
        alone_needs_units=bool((held["sum"] < held["size"]).any()),
        closed_stations=int((partners & (stations["units"] == 0)).sum()),
        no_handover=_without_handover(results, target, weights, here),
    )


def partner_points(results: Results) -> NDArray[np.bool_]:
    """Return which demand points lie in a partner's area."""
    place = results.region.demand.table["force"].to_numpy(str)
    return np.isin(place, results.region.study.alliance)


def question(findings: Findings) -> str:
    """Return the question that the page answers."""
    partners = words.listing(findings.study.alliance)
    unit = findings.measure.unit
    if len(findings.study.alliance) == 1:
        return f"How many {unit} does {partners} reach in time?"
    return f"How many more {unit} would be reached in time if {partners} worked together?"


def verdict(findings: Findings) -> str:
    """Return the answer in a word or two."""
    best = findings.best
    change = (best.after - best.before) / best.total if best.total else 0.0
    if change <= 0:
        return "None more" if change == 0 else "Fewer"
    return next((word for limit, word in _VERDICTS if change < limit), "Clearly more")


def answer(findings: Findings) -> str:
    """Return the honest answer in one or two sentences, for the page and for the terminal alike."""
    best, measure = findings.best, findings.measure
    before, after = words.percent(best.before, best.total), words.percent(best.after, best.total)
    everybody = words.quantity(measure, best.total)
    partners = findings.study.alliance
    who = f"As separate forces the {words.spelt(len(partners))} reach"
    if len(partners) == 1:
        who = f"On its own {partners[0]} reaches"
    start = f"{who} {before} of {everybody} within the standard"
    if best.after == best.before and not best.lost:
        return f"{start}; no scenario changes that."
    more = f"{words.quantity(measure, best.gained)} more"
    fewer = f" and {words.quantity(measure, best.lost)} no longer" if best.lost else ""
    told = f"{start}; with {_in_sentence(best.label)} it would be {after}, {more}{fewer}."
    if not findings.alone:
        return told
    part = (
        "All of them" if findings.alone == best.gained else f"{words.amount(measure, findings.alone)} of them"
    )
    return f"{told} {part} need no partner, only their own force's units at stations that now have none."


def reasons(findings: Findings, results: Results) -> list[tuple[str, str]]:
    """Return what lies behind the answer: a short lead and a sentence or two each."""
    told = [
        _little_left(findings),
        _own_stations(findings),
        _too_far(findings),
        # named only where it costs somebody a place within the standard
        *(_handover(findings, *entry) for entry in findings.no_handover if entry[2] != entry[1]),
        _shorter_target(findings, results),
        _other_measure(findings, results),
    ]
    return [reason for reason in told if reason is not None]


def gained_alone(results: Results, comparison: Comparison, target: Target) -> int:
    """Return how much of what a scenario gains (first measure) each force would gain alone.

    That is the weight that comes within the target and that some station of its own force could reach in
    time, whether that station has units now or not.
    """
    new = comparison.scenario.covered(target) & ~comparison.baseline.covered(target)
    alone = partner_points(results) & new & _from_any_station(results, target, own=True)
    return int(results.region.demand.weights(results.region.study.measures[0])[alone].sum())


def rows_by_force(comparison: Comparison, measure: Measure, target: Target) -> dict[str, dict[str, int]]:
    """Return, by force, covered_before, covered, gained, lost and total in whole units."""
    table = comparison.by_force
    chosen = table[(table["measure"] == measure.name) & (table["target"] == target.name)]
    columns = ["covered_before", "covered", "gained", "lost", "total"]
    forces, numbers = chosen["force"].tolist(), chosen[columns].to_numpy(np.int64).tolist()
    return {force: dict(zip(columns, row, strict=True)) for force, row in zip(forces, numbers, strict=True)}


def _gain(
    comparison: Comparison, target: Target, weights: NDArray[np.int64], here: NDArray[np.bool_]
) -> Gain:
    scenario = comparison.scenario.scenario
    before, after = comparison.baseline.covered(target), comparison.scenario.covered(target)
    old, new = comparison.baseline.clock_ms, comparison.scenario.clock_ms

    def weigh(points: NDArray[np.bool_]) -> int:
        return int(weights[here & points].sum())

    return Gain(
        scenario.name,
        scenario.label,
        scenario.explanation,
        before=weigh(before),
        after=weigh(after),
        gained=weigh(after & ~before),
        lost=weigh(before & ~after),
        total=weigh(here),
        sooner=weigh(new < old),
        later=weigh(new > old),
    )


def _from_any_station(results: Results, target: Target, *, own: bool) -> NDArray[np.bool_]:
    """Return which points a unit could reach from some station, of their own force or of any partner."""
    region, study = results.region, results.region.study
    stations = region.stations
    usable = ((stations["capacity"] > 0) | (stations["units"] > 0)).to_numpy()
    home = stations["force"].to_numpy(str)
    place = region.demand.table["force"].to_numpy(str)
    quickest = np.full(len(place), np.int64(UNREACHABLE))
    for force in study.alliance:
        from_here = usable & ((home == force) if own else np.isin(home, study.alliance))
        here = place == force
        if from_here.any():
            quickest[here] = results.times.travel_ms[np.ix_(from_here, here)].min(axis=0)
    fixed = study.response.fixed_ms if study.response.clock == "response" else 0
    limit = np.where(region.demand.table["urban"].to_numpy(bool), target.urban_ms, target.rural_ms)
    within: NDArray[np.bool_] = (quickest + fixed <= limit) & (quickest != UNREACHABLE)
    return within


def _without_handover(
    results: Results, target: Target, weights: NDArray[np.int64], here: NDArray[np.bool_]
) -> tuple[tuple[str, int, int], ...]:
    found = []
    for comparison in results.comparisons.values():
        scenario, borders = comparison.scenario.scenario, comparison.scenario.scenario.borders
        crosses = borders.between_partners.crosses or any(rule.crosses for rule in borders.pairs.values())
        if (
            scenario.control_room == "separate"
            and crosses
            and results.region.study.response.cross_border_delay_ms
        ):
            one_room = cover(results.times, replace(scenario, control_room="shared"))
            changes = (_covered(c, target, weights, here) for c in (comparison.scenario, one_room))
            before = _covered(comparison.baseline, target, weights, here)
            with_delay, without = (after - before for after in changes)
            found.append((scenario.label, with_delay, without))
    return tuple(found)


def _covered(coverage: Coverage, target: Target, weights: NDArray[np.int64], here: NDArray[np.bool_]) -> int:
    return int(weights[here & coverage.covered(target)].sum())


def _little_left(findings: Findings) -> tuple[str, str] | None:
    best, measure = findings.best, findings.measure
    if not best.total or best.before < _NEARLY_ALL * best.total:
        return None
    left = words.quantity(measure, best.total - best.before)
    share = words.percent(best.before, best.total)
    why = (
        f"With a unit always free at each station, {share} of {measure.unit} are within the standard already."
    )
    return "There is little left to gain.", f"{why} Only {left} are not."


def _own_stations(findings: Findings) -> tuple[str, str] | None:
    best, measure = findings.best, findings.measure
    if not findings.alone or not best.gained:
        return None
    lead = "Most of the gain" if 2 * findings.alone > best.gained else "Part of the gain"
    stations = f"{findings.closed_stations} stations of the partners have no response unit now"
    units = (
        "though some force would need more units" if findings.alone_needs_units else "with the units it has"
    )
    told = (
        f"{stations}. Of the {words.quantity(measure, best.gained)} that {_in_sentence(best.label)} gains, "
        f"{words.amount(measure, findings.alone)} would be gained as well if each force put units at all of "
        f"its own stations, {units}; {words.amount(measure, best.gained - findings.alone)} need a partner."
    )
    return f"{lead} needs no partner.", told


def _too_far(findings: Findings) -> tuple[str, str] | None:
    best, measure = findings.best, findings.measure
    never = words.quantity(measure, best.total - findings.reachable)
    if best.total == findings.reachable:
        return None
    told = (
        f"Wherever the partners' units start among today's stations, {never} stay outside the standard. "
        f"Under {_in_sentence(best.label)}, half of those outside wait "
        f"{words.minutes(findings.outside_median_min)} or more {words.counted_from(findings.study)}. "
        "A quicker start to each response, or a station or a unit in another place, would change that."
    )
    return f"{never[:1].upper()}{never[1:]} are too far from every station.", told


def _handover(findings: Findings, label: str, now: int, without: int) -> tuple[str, str]:
    delay = words.number(findings.study.response.cross_border_delay_s)
    measure = findings.measure
    told = (
        f"With {delay} s of hand-over between control rooms, {_in_sentence(label)} brings "
        f"{words.quantity(measure, now, signed=True)} within the standard; with none, "
        f"{words.quantity(measure, without, signed=True)}. The delay is assumed: no police figure was found."
    )
    return "Handing calls over takes part of the gain.", told


def _shorter_target(findings: Findings, results: Results) -> tuple[str, str] | None:
    comparison = results.comparisons.get(findings.best.name)
    if comparison is None:
        return None
    rows = {
        t: rows_by_force(comparison, findings.measure, t)[PARTNERS] for t in comparison.baseline.targets[1:]
    }
    target, row = max(rows.items(), key=lambda entry: entry[1]["covered"] - entry[1]["covered_before"])
    change = row["covered"] - row["covered_before"]
    if change <= findings.best.after - findings.best.before:
        return None
    before, after = (words.percent(row[column], row["total"]) for column in ("covered_before", "covered"))
    alone = gained_alone(results, comparison, target)
    told = (
        f"Within {target.label} {words.counted_from(findings.study)}, {_in_sentence(findings.best.label)} "
        f"reaches {after} instead of {before}: {words.quantity(findings.measure, change)} more"
        f"{_of_which_alone(alone, change, findings.measure)}."
    )
    return "A shorter target shows a larger difference.", told


def _other_measure(findings: Findings, results: Results) -> tuple[str, str] | None:
    comparison = results.comparisons.get(findings.best.name)
    area = next((m for m in findings.study.measures if m.name == "area_km2"), None)
    if comparison is None or area is None or area is findings.measure:
        return None
    row = rows_by_force(comparison, area, findings.target)[PARTNERS]
    change = row["covered"] - row["covered_before"]
    people = (findings.best.after - findings.best.before) / max(findings.best.total, 1)
    if not row["total"] or change / row["total"] <= people:
        return None
    told = (
        f"By area, {words.percent(row['covered_before'], row['total'])} is within the standard before and "
        f"{words.percent(row['covered'], row['total'])} after: {words.quantity(area, change)} more, "
        "most of it where few people live."
    )
    return "Countryside gains more than people do.", told


def _of_which_alone(alone: int, change: int, measure: Measure) -> str:
    if not alone:
        return ""
    return (
        f"; {words.amount(measure, alone)} of these need no partner"
        if alone < change
        else "; none of these needs a partner"
    )


def _in_sentence(label: str) -> str:
    """Return a scenario's label inside a sentence; the article goes with our own names only."""
    lower = label[:1].lower() + label[1:]
    return f"a {lower}" if label == "Full alliance" else lower
