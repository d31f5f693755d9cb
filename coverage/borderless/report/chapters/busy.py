"""The chapter on busy units: what alliances are worth then, where work goes, and who loses."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from borderless.analysis.busy.busy_comparison import BusyComparison
from borderless.analysis.compare import PARTNERS
from borderless.maps.canvas import markup
from borderless.report import words
from borderless.report.answers.busy import busy_said, headline, share_of
from borderless.report.busy_chart import Gain, sweep_chart
from borderless.report.parts import fold, name_of, table

_METHOD = (
    "At fixed workloads every unit is busy for the stated share of the time, whatever it is asked to do "
    "(Daskin 1983). With work moved, calls are as many as keep each force that busy while it works alone; "
    "they go to the first free unit in the order of the scenario and wait while there is none; how busy each "
    "unit then is, is found by the hypercube approximation (Larson 1975)."
)


def chapter(found: BusyComparison, sweep: pd.DataFrame) -> Markup:
    """Return the chapter.

    Parameters
    ----------
    found
        Scenarios at the study's busy fractions, or at those assumed.
    sweep
        Expected coverage over all fractions, from `busy_sweep`.
    """
    said = [markup("<p>{said}</p>", said=words.tied(sentence)) for sentence in busy_said(found, sweep)]
    return markup(
        '<section id="busy"><h2>When units are busy</h2>\n{said}\n{chart}\n'
        "{forces}{help}{method}</section>\n",
        said=Markup("\n").join(said),
        chart=_chart(found, sweep),
        forces=Markup("").join(_forces(found, coverage.scenario.name) for coverage in found.coverages[1:]),
        help=_dispatch(found),
        method=fold("How this is reckoned", markup("<p>{method}</p>", method=_METHOD)),
    )


def _chart(found: BusyComparison, sweep: pd.DataFrame) -> Markup:
    study = found.times.region.study
    rows = sweep[(sweep["force"] == PARTNERS) & (sweep["measure"] == study.measures[0].name)]
    share = (rows["expected"] / rows["total"].where(rows["total"] > 0)).fillna(0.0)
    table_ = rows.assign(share=share).pivot_table(index="busy_fraction", columns="scenario", values="share")
    base, *others = (coverage.scenario for coverage in found.coverages)
    if not others:
        return Markup("")
    gains = [
        Gain(one.label, style, (table_[one.name] - table_[base.name]).tolist())
        for style, one in enumerate(others)
    ]
    title = f"{study.measures[0].label} of the alliance within the standard: gain against “{base.label}”, "
    title += "percentage points, by the share of the time that units are busy"
    fractions, shares = table_.index.tolist(), table_[base.name].tolist()
    return markup(
        '<figure><figcaption>{title}</figcaption><div class="wide">{wide}</div>'
        '<div class="narrow">{narrow}</div></figure>',
        title=title,
        wide=sweep_chart("busy-wide", title, gains, fractions, shares),
        narrow=sweep_chart("busy-narrow", title, gains, fractions, shares, narrow=True),
    )


def _forces(found: BusyComparison, scenario: str) -> Markup:
    """Return shares by force before and after: always free, at fixed workloads, with work moved."""
    study = found.times.region.study
    measure = study.measures[0]
    label = next(c.scenario.label for c in found.coverages if c.scenario.name == scenario)
    work = found.workloads[found.workloads["scenario"] == scenario].set_index("force")
    lines = []
    for force in (*study.alliance, PARTNERS, *study.forces.outside):
        row = headline(found, scenario, force)
        cells = [
            markup(
                "<td>{before} → {after}<small>{change}</small></td>",
                before=share_of(row, f"{kind}_before"),
                after=share_of(row, kind),
                change=words.quantity(measure, round(row[kind] - row[f"{kind}_before"]), signed=True),
            )
            for kind in ("covered", "expected", "moved")
        ]
        busy = words.NO_NUMBER
        if force != PARTNERS:
            busy = " → ".join(_share(float(work[c][force])) for c in ("workload_before", "workload"))
        kind = "partners" if force == PARTNERS else "outside" if force in study.forces.outside else ""
        note = "only as far as the data reach" if force in study.forces.clipped else ""
        head = markup('<th scope="row">{name}<small>{note}</small></th>', name=name_of(force), note=note)
        lines.append(
            markup(
                '<tr class="{kind}">{head}<td>{busy}</td>{cells}</tr>',
                kind=kind,
                head=head,
                busy=busy,
                cells=Markup("").join(cells),
            )
        )
    heads = ("Force", "Units busy", "Units always free", "Workloads fixed", "Work moved")
    caption = f"{label}: {measure.unit} reached within the standard, before → after"
    return table(caption, [markup("{head}", head=head) for head in heads], lines)


def _dispatch(found: BusyComparison) -> Markup:
    """Return who answers the calls of whom in the last scenario: responders by row, places by column."""
    study = found.times.region.study
    scenario = found.coverages[-1].scenario
    rows = found.dispatch[found.dispatch["scenario"] == scenario.name]
    share = rows.set_index(["responder", "force"])["share"]
    lines = []
    for responder in study.alliance:
        cells = [
            markup(
                '<td class="{kind}">{share}</td>',
                kind="own" if responder == force else "",
                share=_share(share[responder, force]),
            )
            for force in study.alliance
        ]
        head = markup('<th scope="row">{name}</th>', name=responder)
        lines.append(markup("<tr>{head}{cells}</tr>", head=head, cells=Markup("").join(cells)))
    heads = [Markup("Units of ↓ answer in →"), *(markup("{name}", name=name) for name in study.alliance)]
    caption = f"{scenario.label}: share of each force's calls that each force's units answer"
    return table(caption, heads, lines, kind="matrix")


def _share(value: float) -> str:
    """Return a share with one decimal; something never rounds down to nothing."""
    if value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return words.NO_NUMBER
    return "none" if value == 0 else "< 0.1 %" if value < 0.0005 else f"{100 * value:.1f} %"
