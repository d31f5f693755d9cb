"""The chapter on border rules: who may respond where, what each rule is worth, who is sent first."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from borderless.analysis.compare import PARTNERS
from borderless.analysis.policies import Policies
from borderless.analysis.policy import Policy
from borderless.maps.canvas import markup
from borderless.report import words
from borderless.report.answers.policy import PRESET_LABELS, open_forces, rule_words, sentences
from borderless.report.answers.run_list import alike
from borderless.report.findings import rows_by_force
from borderless.report.parts import fold, name_of, table
from borderless.report.policy_chart import bars_chart
from borderless.study.policy import PRESETS, RESPONSE

_SECTION = (
    '<section id="policy"><h2>Who may respond where</h2>{answer}'
    "<h3>How much quicker must a partner be?</h3><p>{sweep}</p>{charts}{presets}{special}{lists}"
    '<div class="folds">{matrices}</div></section>\n'
)
_UNIT = (
    '<tr><th scope="row">{rank}</th><td><bdi>{station}</bdi><small>{force}</small></td>'
    "<td>{drive}</td><td>{call}<small>{delay}</small></td></tr>"
)


def chapter(found: Policies) -> Markup:
    """Return the section on border rules.

    Parameters
    ----------
    found
        What `find_policies` found.
    """
    return markup(
        _SECTION,
        answer=Markup("").join(
            markup("<p>{said}</p>", said=words.tied(said)) for said in sentences(found.rules_alone)
        ),
        sweep=words.tied(sweep_words(found)),
        charts=_charts(found),
        presets=_presets(found.rules_alone),
        special=_special(found.special),
        lists=_lists(found),
        matrices=Markup("").join(_matrices([*found.policies, *found.special])),
    )


def sweep_words(found: Policies) -> str:
    """Return what asking for a gain costs and saves, in words."""
    measure = found.study.measures[0]
    sweep = found.sweep
    none = sweep.iloc[0]
    keeping = sweep[sweep["change"] == none["change"]].iloc[-1]
    start = (
        f"If the closest unit always goes, {words.quantity(measure, int(none['change']))} more come "
        f"within the standard and {words.quantity(measure, int(none['crossing']))} get their first unit from "
        "another force"
    )
    if not none["crossing"]:
        return "No unit of a partner is quicker anywhere, so it makes no difference what is asked of it."
    if not keeping["min_gain_s"]:
        return f"{start}. Asking for a gain of a minute or more already costs some of them."
    asked = words.duration(int(keeping["min_gain_s"]))
    fewer = words.quantity(measure, int(keeping["crossing"]))
    brings = f"Asking for a gain of {asked} brings as many within the standard"
    return f"{start}. {brings}, with {fewer} across a border."


def _charts(found: Policies) -> Markup:
    measure = found.study.measures[0]
    charts = (
        ("change", f"{measure.label} more within the standard", 0),
        ("crossing", f"{measure.label} whose first unit crosses a border", 1),
    )
    figure = "<figure><figcaption>{title}</figcaption>{chart}</figure>"
    figures = [
        markup(
            figure,
            title=title,
            chart=bars_chart(
                f"sweep-{column}",
                f"{title}, by how much quicker a partner must be",
                [
                    (_asked(gain), max(whole, 0), words.amount(measure, whole))
                    for gain, whole in zip(found.sweep["min_gain_s"], found.sweep[column], strict=True)
                ],
                style=style,
            ),
        )
        for column, title, style in charts
    ]
    return markup('<div class="panels">{figures}</div>', figures=Markup("").join(figures))


def _asked(gain_s: int) -> str:
    return words.duration(gain_s) if gain_s else "any"


def _presets(baseline: Policy) -> Markup:
    study = baseline.study
    measure, target = study.measures[0], study.response.targets[0]
    frame = baseline.presets
    chosen = frame[(frame["measure"] == measure.name) & (frame["target"] == target.name)]
    lines = []
    for force in (*study.alliance, PARTNERS):
        rows = chosen[chosen["force"] == force].set_index("preset")
        cells = [
            _cell(words.amount(measure, change, signed=True) if change else "no change")
            for change in (int(rows["covered"][p]) - int(rows["covered_before"][p]) for p in PRESETS)
        ]
        lines.append(_line(name_of(force), cells, partners=force == PARTNERS))
    heads = [Markup("Force"), *(markup("{label}", label=PRESET_LABELS[preset]) for preset in PRESETS)]
    caption = (
        f"If one rule held between all partners: change in {measure.unit} {words.within(target)}. Units are "
        "always free here, so mutual aid, which waits until own units are busy, changes nothing"
    )
    return table(caption, heads, lines)


def _special(policies: Sequence[Policy]) -> Markup:
    """Return what each scenario changes for units of other capabilities, one table a capability."""
    tables = []
    for capability in dict.fromkeys(policy.study.capability for policy in policies):
        own = [policy for policy in policies if policy.study.capability == capability]
        measure, target = own[0].study.measures[0], own[0].study.response.targets[0]
        lines = []
        for policy in own:
            row = rows_by_force(policy.comparison, measure, target)[PARTNERS]
            cells = [
                _cell(words.percent(row["covered"], row["total"])),
                _cell(words.amount(measure, row["covered"] - row["covered_before"], signed=True)),
                _cell(words.amount(measure, policy.comparison.changing_force())),
            ]
            lines.append(_line(policy.scenario.label, cells, partners=False))
        heads = [
            Markup("Scenario"),
            markup("{label} {within}", label=measure.label, within=words.within(target)),
            Markup("Change"),
            Markup("First unit from another force"),
        ]
        caption = f"{words.capital(capability)} units of the alliance: {measure.unit} they answer"
        tables.append(table(caption, heads, lines))
    return Markup("").join(tables)


def _lists(found: Policies) -> Markup:
    if found.lists.empty:
        return Markup("")
    labels = {policy.scenario.name: policy.scenario.label for policy in found.policies}
    lead = (
        "Who is sent first, second and third to the place in each force where most people would be answered "
        "by another force; scenarios with the same list stand together. Minutes count from the call."
    )
    tables = [_list(place, labels) for _, place in found.lists.groupby("id", sort=False)]
    return markup("<h3>Run lists</h3><p>{lead}</p>{tables}", lead=lead, tables=Markup("").join(tables))


def _list(place: pd.DataFrame, labels: dict[str, str]) -> Markup:
    about = place.iloc[0]
    lines = []
    for names, rows in alike(place):
        label = ", ".join(labels[name] for name in names)
        lines.append(
            markup('<tr class="group"><th scope="rowgroup" colspan="4">{label}</th></tr>', label=label)
        )
        lines += [_unit(row) for row in rows.to_dict("records")]
    heads = [Markup(head) for head in ("Order", "Station", "Driving", "From the call")]
    caption = f"{about['place'] or about['id']}, {about['force']}: minutes of the units that are sent"
    return table(caption, heads, lines, kind="short runs")


def _unit(row: Mapping[Hashable, Any]) -> Markup:
    return markup(
        _UNIT,
        rank=f"{row['rank']}, {row['condition']}" if row["condition"] else row["rank"],
        station=row["name"],
        force=row["responder"],
        drive=f"{row['travel_ms'] / 60_000:.1f}",
        call=f"{row['response_ms'] / 60_000:.1f}",
        delay=_delay(int(row["handover_ms"])),
    )


def _delay(handover_ms: int) -> str:
    return f"hand-over {words.duration(handover_ms / 1_000)}" if handover_ms else ""


def _matrices(policies: Sequence[Policy]) -> list[Markup]:
    """Return each different matrix once, folded, with the scenarios that have it."""
    alike_: dict[tuple[tuple[object, ...], ...], list[Policy]] = {}
    for policy in policies:
        # missing delays differ from themselves
        rows = policy.matrix.fillna(-1.0).itertuples(index=False, name=None)
        alike_.setdefault(tuple(rows), []).append(policy)
    return [_matrix(group) for group in alike_.values()]


def _matrix(policies: Sequence[Policy]) -> Markup:
    first = policies[0]
    study, matrix = first.study, first.matrix
    forces = open_forces(matrix, study)
    said = {
        (row["responder"], row["force"]): rule_words(row["rule"], row["min_gain_s"], row["delay_s"])
        for row in matrix.to_dict("records")
    }
    lines = []
    for responder in forces:
        cells = [
            markup('<td class="{kind}">{said}</td>', kind="own" if r == responder else "", said=rule)
            for r, rule in ((force, said.get((responder, force), "own")) for force in forces)
        ]
        lines.append(_line(responder, cells, partners=False))
    heads = [Markup("Units of ↓ answer in →"), *(markup("{force}", force=force) for force in forces)]
    labels = words.listing([policy.scenario.label for policy in policies])
    labels = labels if study.capability == RESPONSE else f"{labels}, {study.capability} units"
    closed = [force for force in study.force_names if force not in forces]
    outside = f"; {words.listing(closed)}: closed both ways" if closed else ""
    caption = f"{labels}: who may respond, and what a hand-over between control rooms adds{outside}"
    return fold(f"Rules: {labels}", table(caption, heads, lines, kind="matrix"))


def _cell(said: str) -> Markup:
    return markup("<td>{said}</td>", said=said)


def _line(head: str, cells: Sequence[Markup], *, partners: bool) -> Markup:
    line = '<tr class="{kind}"><th scope="row">{head}</th>{cells}</tr>'
    kind = "partners" if partners else ""
    return markup(line, kind=kind, head=head, cells=Markup("").join(cells))
