"""The charts of the front page, made from results: shares before and after, and curves of time."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from borderless.analysis.compare import PARTNERS, forces_alliance_and_all
from borderless.analysis.results import Results
from borderless.maps.canvas import markup
from borderless.report import parts, words
from borderless.report.charts import Curve, Step, curves_chart, mark, steps_chart
from borderless.report.findings import rows_by_force
from borderless.report.tables import reached_by

_MINUTES = np.arange(0, 30.01, 0.5)


def steps_figure(results: Results) -> Markup:
    """Return the before-and-after chart by force, for the first measure within the standard."""
    study = results.region.study
    measure, target = study.measures[0], study.response.targets[0]
    steps = []
    for force in (PARTNERS, *study.alliance):
        for style, comparison in enumerate(results.comparisons.values()):
            row = rows_by_force(comparison, measure, target)[force]
            change = row["covered"] - row["covered_before"]
            amount = words.quantity(measure, change, signed=True) if change else "no change"
            said = f"{words.percent(row['covered'], row['total'])}, {amount}"
            label = comparison.scenario.scenario.label
            before, after = (_share(row[part], row["total"]) for part in ("covered_before", "covered"))
            steps.append(Step(parts.name_of(force), label, style, before, after, said))
    if not steps:
        return Markup("")
    title = f"Share of {measure.unit} within the standard, before and after"
    baseline = next(iter(results.coverages.values())).scenario.label
    figure = (
        "<figure><figcaption>{title}</figcaption>"
        '<p class="note">{ring} {baseline}. The scale does not begin at 0 %.</p>'
        '<div class="wide">{wide}</div><div class="narrow">{narrow}</div></figure>'
    )
    return markup(
        figure,
        title=title,
        ring=mark(-1),
        baseline=baseline,
        wide=steps_chart("steps-wide", title, steps),
        narrow=steps_chart("steps-narrow", title, steps, narrow=True),
    )


def curves_figures(results: Results, force: str) -> Markup:
    """Return one chart a scenario: the share of a force (or of the partners) reached within x minutes."""
    study = results.region.study
    measure, target = study.measures[0], study.response.targets[0]
    masks = dict(forces_alliance_and_all(results.times))
    here = masks[force]
    targets = sorted({target.urban_ms / 60_000, target.rural_ms / 60_000})
    baseline = next(iter(results.coverages.values()))
    before = Curve(baseline.scenario.label, -1, reached_by(baseline, measure, here, _MINUTES))
    figures = []
    for style, (name, comparison) in enumerate(results.comparisons.items()):
        label = comparison.scenario.scenario.label
        after = Curve(label, style, reached_by(comparison.scenario, measure, here, _MINUTES))
        title = f"{parts.name_of(force)}, {label}: share of {measure.unit} reached within so many minutes"
        chart_id = f"curve-{list(masks).index(force)}-{list(results.comparisons).index(name)}"
        figures.append(
            markup(
                '<figure><figcaption>{mark} {label}</figcaption>{chart}<p class="note">{widest}</p></figure>',
                mark=mark(style),
                label=label,
                chart=curves_chart(chart_id, title, (before, after), _MINUTES, targets),
                widest=_widest(before, after),
            )
        )
    return markup('<div class="panels">{figures}</div>', figures=Markup("").join(figures))


def _widest(before: Curve, after: Curve) -> str:
    """Return where two curves differ most, in words."""
    difference = after.share - before.share
    at = int(np.argmax(np.abs(difference)))
    if not difference[at]:
        return "No difference at any time."
    change = words.points(float(difference[at]))
    return words.tied(f"Largest difference: {change} percentage points, at {_MINUTES[at]:g} min.")


def _share(part: int, total: int) -> float:
    return part / total if total else float("nan")
