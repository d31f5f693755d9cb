"""`index.html`: the front page for chief officers, the honest answer first and every assumption below."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from markupsafe import Markup

from borderless.analysis.aid import hosted
from borderless.analysis.compare import PARTNERS, Comparison
from borderless.analysis.results import Results
from borderless.errors import Problem, repairs_in_words
from borderless.maps.canvas import Page, asset, markup
from borderless.report import figures, parts, words
from borderless.report.chapter import Chapter, asked
from borderless.report.charts import STYLES, mark
from borderless.report.colophon import colophon
from borderless.report.findings import Findings, Gain, answer, find, question, reasons, verdict
from borderless.report.tables import moves_table
from borderless.study.model import Study

_PACKAGE = "borderless.report"
_UNITS = (
    "Each force may place units at partners’ stations that have room, wherever that brings help nearer "
    "to some place of its own. Every own station keeps a unit and no force gains or loses any. "
    "* marks a station that has no response unit now."
)


def front_page(results: Results, made_on: date | None = None, chapters: Sequence[Chapter] = ()) -> str:
    """Return the front page of a study.

    Parameters
    ----------
    results
        What `analyse` found.
    made_on
        The date to print; none leaves it out, so that equal results give equal pages.
    chapters
        What `alliance.html` asks and answers; the answers in short are printed here.

    Returns
    -------
    str
        HTML, complete in itself, without script.
    """
    found = find(results)
    study = results.region.study
    body = markup(
        asset("index.html", _PACKAGE).source,
        **_first_screen(found, results),
        worth=_worth(chapters),
        **_coverage(results),
        **_times_and_places(found, results),
        **_help_and_units(results),
        **_foundations(results, made_on),
    )
    page = Page(f"{study.name}: what working together would change")
    return page.style(asset("palette.css")).style(asset("index.css", _PACKAGE)).body(body).render()


def _first_screen(found: Findings, results: Results) -> dict[str, object]:
    study = found.study
    response = study.response
    from_the_call = (
        f"Counted from the call: {words.duration(response.call_handling_s)} to answer and dispatch, "
        f"{words.duration(response.turnout_s)} to turn out, then the drive."
    )
    gain = found.best.after - found.best.before
    more = f": {words.quantity(found.measure, gain, signed=True)}" if gain else ""
    told = reasons(found, results)
    return {
        "study": study.name,
        "question": question(found),
        "verdict": words.tied(f"{verdict(found)}{more}"),
        "answer": words.tied(answer(found)),
        "standard": words.capital(found.target.label),
        "clock": from_the_call if response.clock == "response" else "Counted while a unit drives.",
        "tiles": _join(_tile(gain, style, found) for style, gain in enumerate(found.gains)),
        "reasons": _join(
            markup("<li><p><strong>{lead}</strong> {why}</p></li>", lead=lead, why=words.tied(why))
            for lead, why in told
        ),
    }


def _worth(chapters: Sequence[Chapter]) -> Markup:
    if not chapters:
        return Markup("")
    return markup(
        '<section id="worth"><h2>What the alliance is worth</h2>'
        '<p>Behind each answer stands a chapter of <a href="alliance.html">alliance.html</a>.</p>'
        '<ol class="asked">{asked}</ol></section>',
        asked=asked(chapters, "alliance.html"),
    )


def _tile(gain: Gain, style: int, found: Findings) -> Markup:
    measure = found.measure
    change = gain.after - gain.before
    sooner = f"{words.quantity(measure, gain.sooner)} ({words.percent(gain.sooner, gain.total, 1)})"
    return markup(
        '<li class="tile s{style}"><h2>{mark} {label}</h2><p class="big"><span>{change}</span> '
        "<span>{before} → {after}</span></p><p>Reached sooner at all: {sooner}; later: {later}.</p>"
        "<p>{explanation}</p></li>",
        style=style % STYLES,
        mark=mark(style),
        label=gain.label,
        change=words.quantity(measure, change, signed=True) if change else "No change",
        before=words.percent(gain.before, gain.total),
        after=words.percent(gain.after, gain.total),
        sooner=words.tied(sooner),
        later=words.quantity(measure, gain.later) if gain.later else "none",
        explanation=gain.explanation,
    )


def _coverage(results: Results) -> dict[str, object]:
    study = results.region.study
    first, *others = study.measures
    standard, *targets = study.response.targets
    partners = words.listing(study.alliance)
    measures = (
        parts.fold(
            f"{m.label} {words.within(standard)}, in {m.unit}", parts.force_table(results, m, standard)
        )
        for m in others
    )
    by_target = (
        parts.fold(f"By force, {words.within(t)}", parts.force_table(results, first, t)) for t in targets
    )
    return {
        "forces_intro": f"{first.label} {words.within(standard)}. The alliance is {partners} together.",
        "force_chart": figures.steps_figure(results),
        "force_table": parts.force_table(results, first, standard),
        "outside_note": _outside(study),
        "other_measures": _join(measures),
        "target_table": parts.target_table(results),
        "other_targets": _join(by_target),
    }


def _outside(study: Study) -> str:
    outside, clipped = study.forces.outside, study.forces.clipped
    if outside and outside == clipped:
        return (
            f"{words.listing(outside)} stay separate in every scenario, and the data cover them only in part."
        )
    apart = f"{words.listing(outside)} stay separate in every scenario. " if outside else ""
    return f"{apart}The data cover {words.listing(clipped)} only in part." if clipped else apart


def _times_and_places(found: Findings, results: Results) -> dict[str, object]:
    study = results.region.study
    standard = study.response.targets[0]
    shorter = next(t for t in study.response.targets if t.name == "10 min")
    best = results.comparisons.get(found.best.name)
    others = [c for c in results.comparisons.values() if c is not best]
    asked = [(c, standard) for c in others] + [(c, shorter) for c in (best, *others) if c is not None]
    folds = (
        parts.fold(f"{c.scenario.scenario.label}, {words.within(t)}", parts.places_table(c, t, study))
        for c, t in asked
    )
    curves = (
        parts.fold(f"The same curves for {force}", figures.curves_figures(results, force))
        for force in study.alliance
    )
    return {
        "curves": figures.curves_figures(results, PARTNERS),
        "waiting_table": parts.waiting_table(results),
        "force_curves": _join(curves),
        "places": parts.places_table(best, standard, study) if best else Markup(""),
        "more_places": _join(folds),
    }


def _help_and_units(results: Results) -> dict[str, object]:
    study = results.region.study
    crossing = [c for c in results.comparisons.values() if len(c.aid)]
    moves = moves_table(results)
    basings = {
        name: rows.drop(columns="scenario").to_csv(index=False)
        for name, rows in moves.groupby("scenario", sort=False)
    }
    alike = len(set(basings.values())) == 1
    shown = [str(name) for name in basings][-1:] if alike else [str(name) for name in basings]
    labels = [results.coverages[str(name)].scenario.label.lower() for name in basings]
    both = f" The table holds for {words.listing(labels)} alike." if alike and len(labels) > 1 else ""
    return {
        "help_intro": _join(_crossing(c, study) for c in crossing)
        or markup("<p>No unit answers across a border in these scenarios.</p>"),
        "help": _join(parts.help_matrix(c, study) for c in crossing),
        "units_intro": f"{_UNITS}{both}" if basings else "No unit starts anywhere else than now.",
        "units": _join(parts.units_table(results, name) for name in shown),
    }


def _crossing(comparison: Comparison, study: Study) -> Markup:
    """Return for how many another force comes first, and for how many of them from a near station."""
    measure = study.measures[0]
    coverage = comparison.scenario
    guest = hosted(coverage)
    changing = words.quantity(measure, comparison.changing_force())
    told = f"{coverage.scenario.label}: for {changing} the first unit comes from another force than before"
    if guest.any():
        near = int(coverage.times.region.demand.weights(measure)[guest].sum())
        close = "all" if near == comparison.changing_force() else words.amount(measure, near)
        told += f"; for {close} of them it is a partner’s unit standing at a station of their own force"
    return markup("<p>{told}.</p>", told=words.tied(told))


def _foundations(results: Results, made_on: date | None) -> dict[str, object]:
    study = results.region.study
    changed = sum(not a.is_default for a in study.assumptions())
    set_here = (
        f"this study changed {changed} of them" if changed else "this study leaves all at their defaults"
    )
    return {
        "set_here": set_here,
        "assumptions": parts.assumptions_table(study),
        "problems": _problems(results.region.problems),
        **colophon(study, made_on),
    }


def _problems(problems: Sequence[Problem]) -> Markup:
    """Return problems as a list, the count of repairs first; many of one kind fold into one line."""
    if not problems:
        return markup("<li>Nothing was found that needs telling.</li>")
    kinds: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        kinds.setdefault((problem.file, re.sub(r"\d[\d.,]*", "#", problem.why)), []).append(problem)
    mended = repairs_in_words(problems)
    lines = [markup("<li><strong>{mended}</strong></li>", mended=mended)] if mended else []
    for alike in kinds.values():
        items = _join(markup("<li>{said}</li>", said=_told(problem)) for problem in alike)
        if len(alike) > 3:
            title = f"{len(alike)} like this: {_told(alike[0])}"
            items = markup("<li>{fold}</li>", fold=parts.fold(title, markup("<ul>{items}</ul>", items=items)))
        lines.append(items)
    return _join(lines)


def _told(problem: Problem) -> str:
    """Return a problem as a sentence; repairs say so."""
    kind = "Mended: " if problem.severity == "repair" else ""
    file = re.split(r"[/\\]", problem.file)[-1]
    value = f"“{problem.value}”" if problem.value else ""
    place = ", ".join(part for part in (file, problem.where, problem.column, value) if part)
    now = f"; now “{problem.after}”" if problem.after else ""
    mend = f"; {problem.remedy}" if problem.remedy else ""
    return f"{kind}{place}: {problem.why}{now}{mend}."


def _join(pieces: Iterable[Markup]) -> Markup:
    return Markup("\n").join(pieces)
