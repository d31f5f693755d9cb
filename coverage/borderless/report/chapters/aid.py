"""The chapter that tells who helps whom, and who loses by it."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from borderless.analysis.aid import UNIT_TIME, aid_table, balance_table
from borderless.analysis.compare import PARTNERS
from borderless.analysis.coverage import ALL, NONE
from borderless.analysis.losers import BUSIER_PERCENT, Losers, workload_change
from borderless.maps.canvas import markup
from borderless.report import parts, words
from borderless.report.answers.aid_words import help_said, hours, limits_said, losses_said
from borderless.report.balance_chart import Balance, balance_chart
from borderless.study.model import Measure

_STATIONS = 12
_PLACES = 20


def chapter(found: Sequence[Losers]) -> Markup:
    """Return who helps whom and who loses, under one scenario after the other.

    Parameters
    ----------
    found
        One for each scenario, all with the same baseline.
    """
    return markup(
        '<section id="aid"><h2>Who helps whom, and who loses</h2>{scenarios}<p class="note">{note}</p>'
        "</section>",
        scenarios=Markup("").join(_scenario(losers, f"aid-{number}") for number, losers in enumerate(found)),
        note=words.tied(" ".join(_notes(found[0]))) if found else "",
    )


def _scenario(found: Losers, name: str) -> Markup:
    scenario = found.comparison.scenario
    crosses = (scenario.responder >= 0).any() and len(found.comparison.aid)
    return markup(
        "<h3>{label}</h3><p>{help}</p>{charts}{matrix}<p>{losses}</p>{forces}{stations}"
        '<div class="folds">{farther}{busier}</div>',
        label=scenario.scenario.label,
        help=words.tied(" ".join(help_said(found))),
        charts=_charts(found, name),
        matrix=parts.help_matrix(found.comparison, found.study) if crosses else "",
        losses=words.tied(" ".join(losses_said(found))),
        forces=_forces(found),
        stations=_stations(found),
        farther=_farther(found),
        busier=_busier(found),
    )


def _notes(found: Losers) -> list[str]:
    study = found.study
    scene = words.duration(study.response.on_scene_s)
    return [
        f"Work is for the {found.calls.unit} counted: each keeps one unit for its turnout, the drive and "
        f"{scene} at the scene. Units are taken to be free whenever a call comes, so no call is passed on; "
        "stations that get busier would in truth pass some on, and lose part of what is gained.",
        *limits_said(found),
    ]


def _charts(found: Losers, name: str) -> Markup:
    measure, label = found.study.measures[0], found.comparison.scenario.scenario.label
    balance = balance_table(aid_table(found.comparison.scenario, found.calls.name))
    titles = {
        measure.column: f"{label}: {measure.unit} first answered for other forces, and by them",
        UNIT_TIME: f"{label}: unit-hours worked for other forces, and by them",
    }
    return Markup("").join(
        _chart(found, balance, quantity, title, name) for quantity, title in titles.items()
    )


def _chart(found: Losers, balance: pd.DataFrame, quantity: str, title: str, name: str) -> Markup:
    rows = []
    for row in balance[balance["quantity"] == quantity].to_dict("records"):
        given, received, net = (int(row[side]) for side in ("given", "received", "net"))
        if row["force"] in found.study.alliance or given or received:
            said = (_said(found, quantity, given), _said(found, quantity, received))
            rows.append(
                Balance(row["force"], given, received, (*said, _said(found, quantity, net, signed=True)))
            )
    wide = balance_chart(f"{name}-{quantity}-wide", title, rows)
    if not wide:
        return wide
    return markup(
        '<figure><figcaption>{title}</figcaption><div class="wide">{wide}</div>'
        '<div class="narrow">{narrow}</div></figure>',
        title=title,
        wide=wide,
        narrow=balance_chart(f"{name}-{quantity}-narrow", title, rows, narrow=True),
    )


def _said(found: Losers, quantity: str, whole: int, *, signed: bool = False) -> str:
    if quantity == UNIT_TIME:
        return f"{hours(whole, signed=signed)} h"
    return words.amount(found.study.measures[0], whole, signed=signed)


def _forces(found: Losers) -> Markup:
    measure, study = found.study.measures[0], found.study
    heads = {
        "sooner": "First unit sooner",
        "later": "First unit later",
        "farther": "Own units farther",
        "busier": f"Over {BUSIER_PERCENT} % busier",
        "relieved": f"Over {BUSIER_PERCENT} % less busy",
    }
    lines = []
    for row in found.by_force.to_dict("records"):
        force = row["force"]
        if force in (ALL, NONE) or (force in study.forces.outside and not any(row[name] for name in heads)):
            continue
        cells = [markup('<th scope="row">{name}</th>', name=parts.name_of(force))]
        cells += [_people(measure, int(row[name]), int(row["total"])) for name in heads]
        kind = "partners" if force == PARTNERS else "outside" if force in study.forces.outside else ""
        lines.append(_line(cells, kind))
    caption = f"{found.comparison.scenario.scenario.label}: {measure.unit} for whom something changes"
    return _table(caption, ("Force", *heads.values()), lines, kind="numbers")


def _people(measure: Measure, whole: int, total: int) -> Markup:
    if not whole:
        return Markup("<td>none</td>")
    share = words.percent(whole, total, 1)
    return markup("<td>{n}<small>{share}</small></td>", n=words.amount(measure, whole), share=share)


def _stations(found: Losers) -> Markup:
    """Return the stations that are first where the first unit is busier than before, most people first."""
    measure = found.study.measures[0]
    places = found.busier_places()
    if places.empty:
        return Markup("")
    who = ["responder_before", "station_before", "responder", "station"]
    same = dict.fromkeys(("load_before_ms", "load_ms", "percent"), "first")
    busiest = places.groupby(who, as_index=False).agg({measure.column: "sum", **same})
    busiest = busiest.sort_values(measure.column, ascending=False, kind="stable")
    change = workload_change(found.comparison.baseline, found.comparison.scenario, found.calls.name)
    work = {(row["responder"], row["station"]): row for row in change.to_dict("records")}
    most = int(busiest[measure.column].max())
    lines = []
    for row in busiest.head(_STATIONS).to_dict("records"):
        old = work[row["responder_before"], row["station_before"]]
        new = work[row["responder"], row["station"]]
        number = int(row[measure.column])
        hours_told = " → ".join(hours(row[name]) for name in ("load_before_ms", "load_ms"))
        cells = [
            _named(_change(old["name"], new["name"]), _change(old["responder"], new["responder"])),
            markup("<td>{n}{bar}</td>", n=words.amount(measure, number), bar=_amount(number / most)),
            markup("<td>{before} → {now}</td>", before=old["units_before"], now=new["units"]),
            markup("<td>{hours}<small>{more}</small></td>", hours=hours_told, more=_more(row["percent"])),
        ]
        lines.append(_line(cells))
    shown = "" if len(busiest) <= _STATIONS else f"; the {_STATIONS} with most {measure.unit} are shown"
    caption = (
        f"{found.comparison.scenario.scenario.label}: stations that are first for {measure.unit} whose first "
        f"unit has over {BUSIER_PERCENT} % more work than before ({len(busiest)}{shown})"
    )
    heads = ("First station, and whose units", measure.label, "Units there", "Hours of work for each unit")
    return _table(caption, heads, lines)


def _change(before: str, now: str) -> str:
    return now if before == now else f"{before} → {now}"


def _more(percent: float) -> str:
    return f"+{percent:.0f} %" if math.isfinite(percent) else "no work before"


def _amount(share: float) -> Markup:
    """Return a bar below a number that says the same; screen readers pass over it."""
    return markup(
        '<svg class="amount" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{width}" height="6"/></svg>',
        width=f"{100 * share:.1f}",
    )


def _farther(found: Losers) -> Markup:
    """Return the places whose own units get farther, folded."""
    measure, places = found.study.measures[0], found.farther_places
    lines = []
    for row in places.head(_PLACES).to_dict("records"):
        after = words.minutes(None if pd.isna(row["own_ms"]) else row["own_ms"] / 60_000)
        minutes = f"{words.minutes(row['own_before_ms'] / 60_000)} → {after}"
        lines.append(_place(row, measure, minutes))
    heads = ("Nearest named place", measure.label, "Nearest own unit, at the point that loses most")
    return _fold(found, "places whose own units get farther", len(places), heads, lines)


def _busier(found: Losers) -> Markup:
    """Return the places whose first unit gets busier, folded."""
    measure, places = found.study.measures[0], found.busier_places()
    lines = []
    for row in places.head(_PLACES).to_dict("records"):
        work = " → ".join(hours(row[name]) for name in ("load_before_ms", "load_ms"))
        lines.append(_place(row, measure, work, f"{row['station_before']} → {row['station']}"))
    heads = ("Nearest named place", measure.label, "Hours of work of the first unit")
    title = f"places whose first unit gets over {BUSIER_PERCENT} % busier"
    return _fold(found, title, len(places), heads, lines)


def _fold(found: Losers, title: str, count: int, heads: Sequence[str], lines: Sequence[Markup]) -> Markup:
    if not count:
        return Markup("")
    title = f"{found.comparison.scenario.scenario.label}: {title} ({count:,})"
    caption = f"{title}; the {len(lines)} with most people" if len(lines) < count else title
    return parts.fold(title, _table(caption, heads, lines))


def _table(caption: str, heads: Sequence[str], lines: Sequence[Markup], kind: str = "short") -> Markup:
    return parts.table(caption, [markup("{head}", head=head) for head in heads], lines, kind)


def _place(row: Mapping[Hashable, Any], measure: Measure, said: str, detail: str = "") -> Markup:
    cells = [
        _named(row["place"] or "unnamed", row["force"]),
        markup("<td>{n}</td>", n=words.amount(measure, int(row[measure.column]))),
        markup("<td>{said}<small>{detail}</small></td>", said=said, detail=detail),
    ]
    return _line(cells)


def _named(name: str, force: str) -> Markup:
    return markup('<th scope="row"><bdi>{name}</bdi><small>{force}</small></th>', name=name, force=force)


def _line(cells: Sequence[Markup], kind: str = "") -> Markup:
    return markup('<tr class="{kind}">{cells}</tr>', kind=kind, cells=Markup("").join(cells))
