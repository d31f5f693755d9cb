"""The chapter on coalitions: who gains with whom, whose doing it is, and who should be asked next."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from borderless.analysis.alliance.alliance import AllianceWorth
from borderless.analysis.alliance.levers import TOGETHER
from borderless.analysis.alliance.partitions import partition_name, today
from borderless.analysis.compare import PARTNERS
from borderless.analysis.coverage import ALL
from borderless.maps.canvas import markup
from borderless.report import alliance_words as said
from borderless.report import parts, words
from borderless.report.coalitions_chart import Dot, Portion, coalitions_chart, portions_chart
from borderless.study.model import Measure
from borderless.study.policy import Target

_MOST_DOTS = 26
_PARTITIONS = 8


def chapter(worth: AllianceWorth) -> Markup:
    """Return what coalitions gain for the study's first measure within the standard, and elsewhere in folds.

    Parameters
    ----------
    worth
        What was found.
    """
    measure, (standard, *others) = worth.study.measures[0], worth.study.response.targets
    more = (
        parts.fold(f"{measure.label} {words.within(target)}", _everything(worth, measure, target))
        for target in others
    )
    return markup(
        '<section id="coalitions"><h2>Who gains with whom</h2>{standard}<div class="folds">{more}</div>'
        '<p class="note">{note}</p></section>',
        standard=_everything(worth, measure, standard),
        more=Markup("").join(more),
        note=words.tied(said.caveat(worth, measure)),
    )


def _everything(worth: AllianceWorth, measure: Measure, target: Target) -> Markup:
    return markup(
        "<p>{coalitions}</p><p>{shares}</p>"
        '<div class="pair">{dots}{portions}</div><p>{partitions}</p>{sides}<p>{asked}</p>{joins}',
        coalitions=words.tied(said.coalitions_said(worth, measure, target)),
        shares=words.tied(said.shapley_said(worth, measure, target)),
        dots=_dots(worth, measure, target),
        portions=_portions(worth, measure, target),
        partitions=words.tied(said.partitions_said(worth, measure, target)),
        sides=_partitions_table(worth, measure, target),
        asked=words.tied(said.asked_said(worth, measure, target)),
        joins=_asked_table(worth, measure, target),
    )


def _dots(worth: AllianceWorth, measure: Measure, target: Target) -> Markup:
    forces = worth.game.forces
    members = {TOGETHER.join(coalition): coalition for coalition in worth.game.gains}
    allied = [row for row in said.rows_of(worth.coalitions, measure, target) if row["size"] > 1]
    ordered = sorted(allied, key=lambda row: (-row["gain"], row["size"]))
    mine = worth.study.alliance
    kept = [
        row for place, row in enumerate(ordered) if place < _MOST_DOTS or members[row["coalition"]] == mine
    ]
    dots = [
        Dot(
            [forces.index(force) for force in members[row["coalition"]]],
            row["gain"] / measure.per,
            words.amount(measure, row["gain"], signed=True),
            marked=members[row["coalition"]] == mine,
        )
        for row in kept
    ]
    title = f"{measure.label} gained {words.within(target)} by each coalition; the alliance is marked"
    name = f"coalitions-{target.name.replace(' ', '-')}"
    return _figure(title, coalitions_chart(name, title, forces, dots))


def _portions(worth: AllianceWorth, measure: Measure, target: Target) -> Markup:
    groups = {PARTNERS: "The alliance", ALL: "If all forces were partners"}
    rows = said.rows_of(worth.shapley, measure, target)
    portions = [
        Portion(
            groups[row["among"]],
            row["force"],
            row["home"] / measure.per,
            row["given"] / measure.per,
            said.portion_said(row, measure),
        )
        for row in rows
        if row["among"] == PARTNERS or worth.study.forces.outside
    ]
    title = f"Whose doing the gain is (Shapley), {measure.label.lower()} {words.within(target)}: "
    title += "full for its own, hollow for those of others"
    name = f"shares-{target.name.replace(' ', '-')}"
    return _figure(title, portions_chart(name, title, portions))


def _partitions_table(worth: AllianceWorth, measure: Measure, target: Target) -> Markup:
    found = said.rows_of(worth.partitions, measure, target)
    asked = {partition_name(partition) for partition in (today(worth.study), *worth.named)}
    now = partition_name(today(worth.study))
    lines = [
        _line(
            "partners" if row["partition"] == now else "",
            said.division(row["partition"]),
            [str(row["rank"] or words.NO_NUMBER), _signed(measure, row["gain"])],
        )
        for place, row in enumerate(found)
        if place < _PARTITIONS or row["partition"] in asked
    ]
    caption = f"Alliances side by side: {measure.label.lower()} gained {words.within(target)}"
    if len(lines) < len(found):
        caption += f"; {len(lines)} of {len(found)} ways to divide the forces"
    return parts.table(caption, _heads(["Alliances", "Rank", "Gain"]), lines, kind="short names")


def _asked_table(worth: AllianceWorth, measure: Measure, target: Target) -> Markup:
    lines = []
    for row in said.rows_of(worth.asked, measure, target):
        name = "all outside join" if row["force"] == ALL else f"{row['force']} joins"
        cells = [_signed(measure, row[column]) for column in ("gain", "own", "others")]
        lines.append(_line("", name, cells))
    for row in said.rows_of(worth.missed, measure, target):
        cells = [_signed(measure, -row[column]) for column in ("loss", "own", "others")]
        lines.append(_line("", f"{row['force']} leaves", cells))
    heads = ["If …", "Change", "Its own", "Others"]
    caption = f"{measure.label} {words.within(target)}, if one force joined or left"
    return parts.table(caption, _heads(heads), lines, kind="short names")


def _line(kind: str, name: str, cells: Sequence[str]) -> Markup:
    return markup(
        '<tr class="{kind}"><th scope="row">{name}</th>{cells}</tr>',
        kind=kind,
        name=name,
        cells=Markup("").join(markup("<td>{cell}</td>", cell=cell) for cell in cells),
    )


def _heads(heads: Sequence[str]) -> list[Markup]:
    return [markup("{head}", head=head) for head in heads]


def _figure(title: str, drawn: Markup) -> Markup:
    if not drawn:
        return Markup("")
    return markup("<figure><figcaption>{title}</figcaption>{drawn}</figure>", title=title, drawn=drawn)


def _signed(measure: Measure, whole: int) -> str:
    return words.amount(measure, whole, signed=True)
