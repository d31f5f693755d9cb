"""The chapter on the three levers: what each is worth, and how long a hand-over may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from markupsafe import Markup

from borderless.analysis.alliance.alliance import AllianceWorth
from borderless.analysis.alliance.levers import LEVERS, TOGETHER
from borderless.analysis.compare import PARTNERS
from borderless.maps.canvas import markup
from borderless.report import alliance_words as said
from borderless.report import parts, words
from borderless.report.levers_chart import Part, Stairs, stairs_chart, waterfall_chart
from borderless.study.model import Measure
from borderless.study.policy import Target

_ALL_LEVERS = TOGETHER.join(LEVERS)
_Table = Callable[[AllianceWorth, Measure, Target], Markup]
_WHOSE = {"borders": "own stations", f"borders{TOGETHER}stations": "shared stations"}


def chapter(worth: AllianceWorth) -> Markup:
    """Return what each lever gains for the study's first measure: within the standard first, then the rest.

    Parameters
    ----------
    worth
        What was found.
    """
    study = worth.study
    measure, (standard, *others) = study.measures[0], study.response.targets
    shown = list(dict.fromkeys((standard, said.busiest(worth, measure))))
    return markup(
        '<section id="levers"><h2>What each lever is worth</h2><p>{levers}</p><div class="pair">{falls}</div>'
        '{table}<div class="folds">{more}</div><h3>How long a hand-over may take</h3><p>{handover}</p>'
        '<div class="pair">{stairs}</div>{delays}<div class="folds">{more_delays}</div>'
        '<p class="note">{note}</p></section>',
        levers=words.tied(said.levers_said(worth, measure, standard)),
        falls=Markup("").join(_waterfall(worth, measure, target) for target in shown),
        table=_levers_table(worth, measure, standard),
        more=_folds(worth, measure, others, _levers_table),
        handover=words.tied(said.handover_said(worth, measure, standard)),
        stairs=Markup("").join(_stairs(worth, measure, target) for target in shown),
        delays=_delays_table(worth, measure, standard),
        more_delays=_folds(worth, measure, others, _delays_table),
        note=words.tied(said.caveat(worth, measure)),
    )


def _folds(worth: AllianceWorth, measure: Measure, targets: list[Target], table: _Table) -> Markup:
    folds = (
        parts.fold(f"{measure.label} {words.within(target)}", table(worth, measure, target))
        for target in targets
    )
    return Markup("").join(folds)


def _waterfall(worth: AllianceWorth, measure: Measure, target: Target) -> Markup:
    rows = said.levers_by_name(worth, measure, target)
    kept = [
        Part(
            said.lever_label(name) if TOGETHER not in name else _interplay(name),
            words.amount(measure, row["interaction"], signed=True),
            row["interaction"] / measure.per,
        )
        for name, row in sorted(rows.items(), key=lambda pair: pair[0].count(TOGETHER))
        if name in LEVERS or row["interaction"]
    ]
    gain = rows[_ALL_LEVERS]["gain"]
    whole = Part("all three together", words.amount(measure, gain, signed=True), gain / measure.per)
    title = f"{measure.label} gained {words.within(target)}, lever by lever"
    return _figure(title, waterfall_chart(f"levers-{_id(target)}", title, kept, whole))


def _stairs(worth: AllianceWorth, measure: Measure, target: Target) -> Markup:
    place = worth.game.times.region.demand.table["force"].to_numpy(str)
    here = np.isin(place, worth.study.alliance)
    lines = []
    for style, found in enumerate(worth.handovers):
        curve = found.curve(here, measure, target)
        gain = [whole / measure.per for whole in curve["gain"].tolist()]
        lines.append(Stairs(_WHOSE[found.scenario.name], style, curve["delay_s"].tolist(), gain))
    title = f"{measure.label} gained by open borders {words.within(target)}, by hand-over"
    now = worth.study.response.cross_border_delay_s
    drawn = stairs_chart(f"handover-{_id(target)}", title, lines, now, unit=measure.unit)
    return _figure(title, drawn)


def _levers_table(worth: AllianceWorth, measure: Measure, target: Target) -> Markup:
    forces = [*worth.study.alliance, PARTNERS]
    found = {force: said.levers_by_name(worth, measure, target, force) for force in forces}
    lines = []
    for name in found[PARTNERS]:
        row = [markup('<th scope="row">{label}</th>', label=_label(name))]
        row += [_cell(_signed(measure, found[force][name]["gain"])) for force in forces]
        row.append(_cell(_signed(measure, found[PARTNERS][name]["interaction"])))
        row.append(_cell(_signed(measure, -found[PARTNERS][name]["last"])))
        kind = "partners" if name == _ALL_LEVERS else ""
        lines.append(markup('<tr class="{kind}">{row}</tr>', kind=kind, row=Markup("").join(row)))
    heads = ["Levers", *map(parts.name_of, forces), "Interaction", "If taken away last"]
    caption = f"{measure.label} {words.within(target)}: gain over no lever, in {measure.unit}"
    return parts.table(caption, _heads(heads), lines, kind="levers")


def _delays_table(worth: AllianceWorth, measure: Measure, target: Target) -> Markup:
    now = words.duration(worth.study.response.cross_border_delay_s)
    lines = []
    for row in said.rows_of(worth.break_even, measure, target):
        if row["force"] != PARTNERS and not (row["gain_at_0"] and row["force"] in worth.study.alliance):
            continue
        head = '<th scope="row">{force}<small>{whose}</small></th>'
        cells = [
            markup(head, force=parts.name_of(row["force"]), whose=_WHOSE[row["levers"]]),
            _cell(_signed(measure, row["gain_at_0"])),
            _cell(_signed(measure, row["gain"])),
            _cell(_seconds(row, "half_s")),
            _cell(_seconds(row, "break_even_s")),
        ]
        lines.append(markup("<tr>{cells}</tr>", cells=Markup("").join(cells)))
    heads = ["Gain of open borders", "At no hand-over", f"At {now}", "Half is left up to", "Nothing from"]
    caption = f"{measure.label} {words.within(target)}, by hand-over between control rooms, in {measure.unit}"
    return parts.table(caption, _heads(heads), lines)


def _heads(heads: list[str]) -> list[Markup]:
    return [markup("{head}", head=head) for head in heads]


def _cell(shown: str) -> Markup:
    return markup("<td>{shown}</td>", shown=shown)


def _figure(title: str, drawn: Markup) -> Markup:
    if not drawn:
        return Markup("")
    frame = "<figure><figcaption>{title}</figcaption>{drawn}</figure>"
    return markup(frame, title=title, drawn=drawn)


def _signed(measure: Measure, whole: int) -> str:
    return words.amount(measure, whole, signed=True)


def _seconds(row: Mapping[str, Any], column: str) -> str:
    if row[column] is not None:
        return f"{row[column]:,} s"
    return "never" if row["gain_at_0"] and column == "break_even_s" else words.NO_NUMBER


def _label(name: str) -> str:
    return words.capital(name.replace("_", " "))


def _interplay(name: str) -> str:
    """Return what a combination adds beyond its parts, in words short enough for the chart."""
    return "all three at once" if name == _ALL_LEVERS else name.replace(TOGETHER, " with ").replace("_", " ")


def _id(target: Target) -> str:
    return target.name.replace(" ", "-")
