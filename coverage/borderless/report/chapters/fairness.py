"""The chapter that tells how fair each scenario is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from borderless.analysis.compare import PARTNERS, Comparison
from borderless.analysis.coverage import Coverage
from borderless.analysis.fairness import gap_table
from borderless.maps.canvas import markup
from borderless.report import parts, words
from borderless.report.answers.aid import fairness_rows
from borderless.report.answers.aid_words import fairness_said, gini_told, tenth_told
from borderless.report.charts import Step, mark, steps_chart
from borderless.study.model import Measure

_Rows = Mapping[str, Mapping[str, Any]]


def chapter(coverages: Sequence[Coverage]) -> Markup:
    """Return how fair each scenario is.

    Parameters
    ----------
    coverages
        The baseline, then the scenarios that are held against it.
    """
    study = coverages[0].times.region.study
    measure = study.measures[0]
    rows = [fairness_rows(coverage, measure) for coverage in coverages]
    labels = [coverage.scenario.label for coverage in coverages]
    said = [
        fairness_said(rows[0][PARTNERS], after[PARTNERS], label)
        for after, label in zip(rows[1:], labels[1:], strict=True)
    ]
    return markup(
        '<section id="fairness"><h2>How fair it is</h2>{said}<p>{gap}</p>{tenth}{country}{waits}{shares}'
        '<p class="note">{note}</p></section>',
        said=Markup("").join(markup("<p>{sentence}</p>", sentence=words.tied(sentence)) for sentence in said),
        gap=words.tied(_gap_said(coverages, measure)),
        tenth=_figure(
            "tenth", f"Mean minutes of the tenth of {measure.unit} who wait longest", coverages, rows
        ),
        country=_figure(
            "country", f"Share of {measure.unit} in the country within the standard", coverages, rows
        ),
        waits=_table(
            coverages,
            rows,
            f"The tenth of {measure.unit} who wait longest: mean minutes {words.counted_from(study)}; "
            "below it the Gini coefficient of everybody’s time",
            (tenth_told, lambda row: f"Gini {gini_told(row)}"),
        ),
        shares=_table(
            coverages,
            rows,
            f"{measure.label} within the standard: in the country; below it, in towns",
            (lambda row: _share(row, "rural"), lambda row: f"towns {_share(row, 'urban')}"),
        ),
        note=words.tied(_note(rows[0], measure)),
    )


def short(comparison: Comparison) -> str:
    """Return in a sentence or two how fair one scenario is."""
    measure = comparison.scenario.times.region.study.measures[0]
    before, after = (
        fairness_rows(coverage, measure)[PARTNERS] for coverage in (comparison.baseline, comparison.scenario)
    )
    return fairness_said(before, after, comparison.scenario.scenario.label)


def _gap_said(coverages: Sequence[Coverage], measure: Measure) -> str:
    gaps = gap_table(coverages)
    rows = gaps[gaps["measure"] == measure.name].to_dict("records")
    if any(not row["best"] for row in rows):
        return ""
    told = []
    for coverage, row in zip(coverages, rows, strict=True):
        ends = (f"{row[end]} {100 * row[f'{end}_share']:.2f} %" for end in ("best", "worst"))
        told.append(f"{100 * row['gap']:.2f} under “{coverage.scenario.label}” ({', '.join(ends)})")
    return f"Points between the best and the worst partner within the standard: {'; '.join(told)}."


def _note(rows: _Rows, measure: Measure) -> str:
    lost = rows[PARTNERS]["unreachable"]
    told = (
        "The Gini coefficient is 0 where all wait alike and nears 1 where one waits for all. It compares "
        "waits with their mean: it rises where those who are near get nearer still, though nobody loses."
    )
    if lost:
        told += (
            f" {words.quantity(measure, lost)} of the partners cannot be reached at all; they fill the tenth "
            "first, and are in no mean."
        )
    return told


def _figure(kind: str, title: str, coverages: Sequence[Coverage], rows: Sequence[_Rows]) -> Markup:
    study = coverages[0].times.region.study
    steps = []
    for force in (PARTNERS, *study.alliance):
        for style, (coverage, after) in enumerate(zip(coverages[1:], rows[1:], strict=True)):
            before, now = (_end(kind, row[force]) for row in (rows[0], after))
            told = tenth_told if kind == "tenth" else lambda row: _share(row, "rural")
            said = f"{told(rows[0][force])} → {told(after[force])}"
            said += " min" if kind == "tenth" else ""
            steps.append(Step(parts.name_of(force), coverage.scenario.label, style, before, now, said))
    wide = steps_chart(f"fair-{kind}-wide", title, steps, minutes=kind == "tenth")
    if not wide:
        return wide
    return markup(
        '<figure><figcaption>{title}</figcaption><p class="note">{ring} {baseline}. The scale does not begin '
        'at 0.</p><div class="wide">{wide}</div><div class="narrow">{narrow}</div></figure>',
        title=title,
        ring=mark(-1),
        baseline=coverages[0].scenario.label,
        wide=wide,
        narrow=steps_chart(f"fair-{kind}-narrow", title, steps, narrow=True, minutes=kind == "tenth"),
    )


def _end(kind: str, row: Mapping[str, Any]) -> float:
    return float(row["tenth_mean_ms"]) / 60_000 if kind == "tenth" else float(row["rural_share"])


def _table(
    coverages: Sequence[Coverage],
    rows: Sequence[_Rows],
    caption: str,
    told: tuple[Callable[[Mapping[str, Any]], str], Callable[[Mapping[str, Any]], str]],
) -> Markup:
    study = coverages[0].times.region.study
    lines = []
    for force in (*study.alliance, PARTNERS, *study.forces.outside):
        cells = [markup('<th scope="row">{name}</th>', name=parts.name_of(force))]
        for row in rows:
            main, small = (part(row[force]) for part in told)
            cells.append(markup("<td>{main}<small>{small}</small></td>", main=main, small=small))
        kind = "partners" if force == PARTNERS else "outside" if force in study.forces.outside else ""
        lines.append(markup('<tr class="{kind}">{cells}</tr>', kind=kind, cells=Markup("").join(cells)))
    heads = [Markup("Force"), *(markup("{label}", label=c.scenario.label) for c in coverages)]
    return parts.table(caption, heads, lines)


def _share(row: Mapping[str, Any], kind: str) -> str:
    return words.percent(int(row[f"{kind}_covered"]), int(row[f"{kind}_total"]))
