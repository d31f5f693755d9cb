"""The tables and figures of the front page, each as markup made from results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from markupsafe import Markup

from borderless.analysis.aid import aid_table
from borderless.analysis.compare import PARTNERS, Comparison
from borderless.analysis.coverage import ALL
from borderless.analysis.results import Results
from borderless.maps.canvas import markup
from borderless.report import words
from borderless.report.charts import mark
from borderless.report.findings import rows_by_force
from borderless.report.tables import moves_table, response_table
from borderless.study.model import Assumption, Measure, Study
from borderless.study.policy import Target

_OUTSIDE = "not in the alliance; counted only as far as the data reach"
_CURVE_MINUTES = np.arange(0, 30.01, 0.5)
_PLACES = 12
_SHADES = (0.01, 0.05)
_GROUPS = {
    "response": "Response and targets",
    "speeds": "Driving",
    "junctions": "Junctions",
    "urban": "Town or country",
    "cells": "Counting",
    "roads": "Road data",
}


def force_table(results: Results, measure: Measure, target: Target) -> Markup:
    """Return shares within a target by force: before, and after with the change, for each scenario."""
    baseline = next(iter(results.coverages.values())).scenario
    rows: dict[str, dict[str, dict[str, int]]] = {
        name: rows_by_force(c, measure, target) for name, c in results.comparisons.items()
    }
    lines = []
    for force, kind in _forces(results):
        found = [row[force] for row in rows.values()]
        cells = [_row_head(force, kind, *(words.quantity(measure, row["total"]) for row in found[:1]))]
        cells += [_cell(words.percent(row["covered_before"], row["total"])) for row in found[:1]]
        cells += [_changed(row, measure) for row in found]
        lines.append(_line(kind, cells))
    heads = [
        Markup("Force"),
        markup("{label}<small>as it is</small>", label=baseline.label),
        *_scenario_heads(results),
    ]
    caption = f"{measure.label} {words.within(target)} ({target.label}): share, and change in {measure.unit}"
    return table(caption, heads, lines)


def target_table(results: Results) -> Markup:
    """Return the partners' shares within every target, for the study's first measure."""
    study = results.region.study
    baseline = next(iter(results.coverages.values())).scenario
    lines = []
    for target in study.response.targets:
        measure = study.measures[0]
        rows = [rows_by_force(c, measure, target)[PARTNERS] for c in results.comparisons.values()]
        head = "The standard" if target.name == "standard" else words.capital(target.label)
        detail = target.label if target.name == "standard" else ""
        cells = [markup('<th scope="row">{head}<small>{detail}</small></th>', head=head, detail=detail)]
        cells += [_cell(words.percent(row["covered_before"], row["total"])) for row in rows[:1]]
        cells += [_changed(row, measure) for row in rows]
        lines.append(_line("partners" if target.name == "standard" else "", cells))
    heads = [
        Markup("Target"),
        markup("{label}<small>as it is</small>", label=baseline.label),
        *_scenario_heads(results),
    ]
    first = study.measures[0]
    caption = f"{first.label} of the alliance within each target: share, and change in {first.unit}"
    return table(caption, heads, lines)


def waiting_table(results: Results) -> Markup:
    """Return median and 90th percentile by force in every scenario, for the study's first measure."""
    study = results.region.study
    frame = response_table(results)
    frame = frame[frame["measure"] == study.measures[0].name]
    pairs = frame[["median_min", "p90_min"]].to_numpy(np.float64).tolist()
    typical = dict(zip(zip(frame["scenario"], frame["force"], strict=True), pairs, strict=True))
    scenarios = [coverage.scenario for coverage in results.coverages.values()]
    heads = [Markup("Force"), *(markup("{label}", label=scenario.label) for scenario in scenarios)]
    lines = []
    for force, kind in _forces(results):
        cells = [_row_head(force, kind)]
        for name in results.coverages:
            half, most = (words.minutes(value) for value in typical[name, force])
            cells.append(markup("<td>{half}<small>{most}</small></td>", half=half, most=most))
        lines.append(_line(kind, cells))
    caption = (
        f"Minutes {words.counted_from(study)} within which half of the {study.measures[0].unit} are reached, "
    )
    caption += "and below it nine in ten"
    return table(caption, heads, lines)


def places_table(comparison: Comparison, target: Target, study: Study) -> Markup:
    """Return the places that gain or lose most within a target, with their minutes before and after."""
    measure = study.measures[0]
    found = comparison.places(target)
    gaining, losing = (
        found[found["gained"] > 0],
        found[found["lost"] > 0].sort_values("lost", ascending=False),
    )
    shown = pd.concat([gaining.head(_PLACES), losing.head(_PLACES)])
    shown = shown[~shown.index.duplicated()]
    if shown.empty:
        return markup("<p>No place changes sides of this target.</p>")
    lines = []
    for row in shown.to_dict("records"):
        name, gained, lost = row["place"] or "unnamed", int(row["gained"]), int(row["lost"])
        cells = [
            markup(
                '<th scope="row"><bdi>{name}</bdi><small>{force}</small></th>', name=name, force=row["force"]
            ),
            _cell(words.amount(measure, gained, signed=True) if gained else words.NO_NUMBER),
            *([_cell(words.amount(measure, -lost) if lost else words.NO_NUMBER)] if len(losing) else []),
            _cell(f"{words.minutes(row['minutes_before'])} → {words.minutes(row['minutes'])}"),
        ]
        lines.append(_line("", cells))
    caption = f"{comparison.scenario.scenario.label}, {words.within(target)}: {_count(len(gaining))}, "
    caption += "none loses" if losing.empty else "1 loses" if len(losing) == 1 else f"{len(losing):,} lose"
    if len(shown) < len(found):
        caption += f"; the {len(shown)} with most {measure.unit} are shown"
    heads = [
        "Nearest named place",
        f"{measure.label} who gain",
        f"{measure.label} who lose",
        "Before → after",
    ]
    kept = [head for head in heads if len(losing) or head != heads[2]]
    return table(caption, [markup("{head}", head=head) for head in kept], lines, kind="short")


def help_matrix(comparison: Comparison, study: Study) -> Markup:
    """Return who answers for whom: responding force by row, force of the place by column."""
    measure = study.measures[0]
    coverage = comparison.scenario
    region = coverage.times.region
    weights = region.demand.weights(measure)
    place = region.demand.table["force"].to_numpy(str)
    first = aid_table(coverage).set_index(["responder", "force"])[measure.column]
    heads = [Markup("Units of ↓ answer in →"), *(markup("{name}", name=name) for name in study.alliance)]
    lines = []
    for responder in study.alliance:
        cells = [markup('<th scope="row">{name}</th>', name=responder)]
        for force in study.alliance:
            answered, total = int(first[responder, force]), int(weights[place == force].sum())
            cells.append(_answered(measure, answered, total, own=responder == force))
        lines.append(_line("", cells))
    label = coverage.scenario.label
    caption = f"{label}: {measure.unit} whose first unit comes from each force, and their share"
    return table(caption, heads, lines, kind="matrix")


def units_table(results: Results, scenario: str) -> Markup:
    """Return which force's units would start at which partners' stations; names of unused stations marked."""
    moves = moves_table(results)
    guests = moves[(moves["scenario"] == scenario) & (moves["units"] > moves["before"])]
    if guests.empty:
        return Markup("")
    now = results.region.stations.set_index("id")["units"]
    lines = []
    for (force, host), rows in guests.groupby(["force", "station_force"], sort=False):
        stations = [
            markup(
                "<bdi>{name}</bdi>{star}",
                name=row["name"],
                star=("*" if now[row["station"]] == 0 else "")
                + (f" ({row['units']})" if row["units"] > 1 else ""),
            )
            for row in rows.to_dict("records")
        ]
        cells = [
            markup('<th scope="row">{force}</th>', force=force),
            markup("<td>{host}</td>", host=host),
            _cell(words.number(int((rows["units"] - rows["before"]).sum()))),
            markup("<td>{stations}</td>", stations=Markup(", ").join(stations)),
        ]
        lines.append(_line("", cells))
    label = results.coverages[scenario].scenario.label
    heads = [
        Markup("Units of"),
        Markup("At stations of"),
        Markup("Units"),
        Markup("Stations"),
    ]
    return table(f"{label}: units that start at a partner's station", heads, lines, kind="units")


def assumptions_table(study: Study) -> Markup:
    """Return every setting with its value, the range worth trying and its source, in groups."""
    lines = []
    for group, title in _GROUPS.items():
        lines.append(
            markup('<tr class="group"><th scope="rowgroup" colspan="4">{title}</th></tr>', title=title)
        )
        lines += [_assumption(a) for a in study.assumptions() if a.default.table == group]
    heads = [Markup(head) for head in ("Setting", "Value", "Range worth trying", "Source")]
    return table("Settings of the model", heads, lines, kind="settings")


def table(caption: str, heads: Sequence[Markup], lines: Sequence[Markup], kind: str = "numbers") -> Markup:
    """Return a table that scrolls by itself on a narrow screen."""
    return markup(
        '<div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table class="{kind}">'
        "<caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>\n",
        caption=caption,
        kind=kind,
        heads=Markup("").join(markup('<th scope="col">{head}</th>', head=head) for head in heads),
        lines=Markup("\n").join(lines),
    )


def fold(title: str, inside: Markup) -> Markup:
    """Return a part that opens on request, without script."""
    return markup("<details><summary>{title}</summary>{inside}</details>", title=title, inside=inside)


def name_of(force: str) -> str:
    """Return a force's name as printed; the sums of the partners and of everything have their own."""
    return {PARTNERS: "The alliance", ALL: "All in the data"}.get(force, force)


def _count(gaining: int) -> str:
    return (
        "no place gains" if not gaining else "1 place gains" if gaining == 1 else f"{gaining:,} places gain"
    )


def _forces(results: Results) -> list[tuple[str, str]]:
    """Return the rows of a table by force: partners, their sum, those outside, everything."""
    study = results.region.study
    inside = [(force, "") for force in study.alliance]
    outside = [(force, "outside") for force in study.forces.outside]
    everything = [(ALL, "outside")] if outside else []
    return [*inside, (PARTNERS, "partners"), *outside, *everything]


def _row_head(force: str, kind: str, detail: str = "") -> Markup:
    if kind == "outside" and force != ALL:
        detail = f"{detail}; {_OUTSIDE}" if detail else _OUTSIDE
    return markup('<th scope="row">{name}<small>{detail}</small></th>', name=name_of(force), detail=detail)


def _scenario_heads(results: Results) -> list[Markup]:
    return [
        markup("{mark} {label}", mark=mark(style), label=comparison.scenario.scenario.label)
        for style, comparison in enumerate(results.comparisons.values())
    ]


def _changed(row: Mapping[str, int], measure: Measure) -> Markup:
    change = row["covered"] - row["covered_before"]
    kind = "more" if change > 0 else "less" if change < 0 else ""
    said = words.amount(measure, change, signed=True) if change else "no change"
    share = words.percent(row["covered"], row["total"])
    return markup("<td>{share}{small}</td>", share=share, small=_small(kind, said))


def _answered(measure: Measure, answered: int, total: int, *, own: bool) -> Markup:
    share = answered / total if total else 0.0
    shade = (
        "own"
        if own
        else "h3"
        if share > _SHADES[1]
        else "h2"
        if share > _SHADES[0]
        else "h1"
        if answered
        else ""
    )
    return markup(
        '<td class="{shade}">{answered}<small>{share}</small></td>',
        shade=shade,
        answered=words.amount(measure, answered) if answered else "none",
        share=words.percent(answered, total, 1) if answered else "",
    )


def _assumption(assumption: Assumption) -> Markup:
    default = assumption.default
    low, high = (words.number(value) for value in default.likely)
    changed = "" if assumption.is_default else f"set by this study; default {words.number(default.value)}"
    return markup(
        '<tr><th scope="row">{label}</th><td class="{kind}">{value} {unit}<small>{changed}</small></td>'
        "<td>{span} {unit}</td><td>{source}</td></tr>",
        label=default.label,
        kind="" if assumption.is_default else "changed",
        value=words.number(assumption.value),
        unit=default.unit,
        changed=changed,
        span=low if low == high else f"{low} to {high}",
        source=default.source,
    )


def _small(kind: str, said: str) -> Markup:
    return markup('<small class="{kind}">{said}</small>', kind=kind, said=said)


def _cell(said: str) -> Markup:
    return markup("<td>{said}</td>", said=said)


def _line(kind: str, cells: Sequence[Markup]) -> Markup:
    return markup('<tr class="{kind}">{cells}</tr>', kind=kind, cells=Markup("").join(cells))
