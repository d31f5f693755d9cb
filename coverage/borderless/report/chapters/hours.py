"""The chapter that tells how coverage and its gain differ from hour to hour."""

from __future__ import annotations

from markupsafe import Markup

from borderless.analysis.compare import PARTNERS
from borderless.analysis.hours import DayByHour, day_table
from borderless.maps.canvas import markup
from borderless.report import parts, words
from borderless.report.answers.hours import gains, hours_said, limits_said, partners_share
from borderless.report.charts import mark
from borderless.report.hours_chart import hours_chart, spans_of


def chapter(found: DayByHour) -> Markup:
    """Return what scenarios cover hour by hour; without a table of hours, how to give one.

    Parameters
    ----------
    found
        All hours of the day.
    """
    given = found.region.study.hours.given
    section = '<section id="hours"><h2>Hour by hour</h2><p>{answer}</p>{details}<p class="note">{limits}</p>'
    return markup(
        f"{section}</section>",
        answer=words.tied(" ".join(hours_said(found))),
        details=_details(found) if given else "",
        limits=words.tied(" ".join(limits_said(found))),
    )


def _details(found: DayByHour) -> Markup:
    return markup(
        '{charts}{day}<div class="folds">{fold}</div>',
        charts=_charts(found),
        day=_day(found),
        fold=parts.fold("All hours", _hours(found)),
    )


def _charts(found: DayByHour) -> Markup:
    unit = found.region.study.measures[0].unit
    baseline, *others = found.scenarios
    before = list(partners_share(found, baseline.name).values())
    after = {scenario.label: list(partners_share(found, scenario.name).values()) for scenario in others}
    spans = spans_of(before, list(after.values()))
    figures = []
    for style, (label, shares) in enumerate(after.items()):
        title = f"{label}: share of {unit} in the alliance within the standard, hour by hour"
        chart = hours_chart(f"hours-{style}", title, (baseline.label, label), (before, shares), style, spans)
        figure = "<figure><figcaption>{mark} {label}</figcaption>{chart}</figure>"
        figures.append(markup(figure, mark=mark(style), label=label, chart=chart))
    note = "The upper scale does not begin at 0 %. Solid line: {label}."
    return markup(
        '<p class="note">{note}</p><div class="panels">{figures}</div>',
        note=note.format(label=baseline.label),
        figures=Markup("").join(figures),
    )


def _day(found: DayByHour) -> Markup:
    """Return the whole day by force: the share of the baseline, and what each scenario adds."""
    study = found.region.study
    table = day_table(found.table)
    measure, target = study.measures[0], study.response.targets[0]
    here = table[(table["measure"] == measure.name) & (table["target"] == target.name)]
    shares = here.set_index(["scenario", "force"])["share"].to_dict()
    baseline, *others = found.scenarios
    lines = []
    for force in (*study.alliance, PARTNERS, *study.forces.outside):
        kind = "partners" if force == PARTNERS else "outside" if force in study.forces.outside else ""
        before = shares[baseline.name, force]
        cells = [f"{100 * before:.2f} %" if before == before else words.NO_NUMBER]  # noqa: PLR0124 - NaN alone
        cells += [words.points(shares[scenario.name, force] - before) for scenario in others]
        row = '<tr class="{kind}"><th scope="row">{name}</th>{cells}</tr>'
        told = Markup("").join(markup("<td>{cell}</td>", cell=cell) for cell in cells)
        lines.append(markup(row, kind=kind, name=parts.name_of(force), cells=told))
    weigh = "hours weighed by their calls" if study.hours.incidents else "every hour alike"
    heads = ["Force", baseline.label, *(f"{scenario.label}, points" for scenario in others)]
    return parts.table(
        f"The whole day, {weigh}: {measure.unit} within the standard, and percentage points gained",
        [markup("{head}", head=head) for head in heads],
        lines,
    )


def _hours(found: DayByHour) -> Markup:
    study = found.region.study
    baseline, *others = found.scenarios
    before = partners_share(found, baseline.name)
    added = [gains(found, scenario.name) for scenario in others]
    lines = []
    for hour, share in before.items():
        cells = [f"{100 * study.hours.share(hour):.1f} %", f"{100 * share:.2f} %"]
        cells += [words.points(gain[hour]) for gain in added]
        told = Markup("").join(markup("<td>{cell}</td>", cell=cell) for cell in cells)
        lines.append(markup('<tr><th scope="row">{hour}</th>{cells}</tr>', hour=f"{hour:02d}:00", cells=told))
    heads = ["Hour", "Share of calls", baseline.label, *(f"{scenario.label}, points" for scenario in others)]
    caption = f"The alliance: {study.measures[0].unit} within the standard, hour by hour"
    return parts.table(caption, [markup("{head}", head=head) for head in heads], lines)
