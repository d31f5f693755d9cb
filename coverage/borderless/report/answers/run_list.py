"""What `borderless run-list` answers: which stations are sent to a place, in order, under each scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from borderless.report import words
from borderless.report.answer import Answer
from borderless.report.tables import records
from borderless.study.model import Study
from borderless.study.policy import Capability, Scenario

_ORDER = ["condition", "rank", "station", "responder", "travel_ms", "handover_ms"]


def run_list_answer(
    found: pd.DataFrame,
    study: Study,
    scenarios: Sequence[Scenario],
    *,
    capability: Capability,
    metres_away: Mapping[str, float],
) -> Answer:
    """Return the answer to who goes where.

    Parameters
    ----------
    found
        As :func:`borderless.run_list` returns it.
    study
        The question.
    scenarios
        Those that were asked, in order.
    capability
        Whose units.
    metres_away
        Id of a demand point → how far it is from the coordinates that were asked for, if any were.

    Returns
    -------
    Answer
        Table ``run_list``: the frame in minutes (`printed_run_list`).
    """
    table = printed_run_list(found)
    values = {
        "schema": 1,
        "study": study.name,
        "capability": capability,
        "scenarios": [{"name": scenario.name, "label": scenario.label} for scenario in scenarios],
        "metres_away": dict(metres_away),
        "run_list": records(table),
    }
    labels = {scenario.name: scenario.label for scenario in scenarios}
    printed: list[RenderableType] = [
        _place(place, labels, capability, metres_away) for _, place in found.groupby("id", sort=False)
    ] or [Text("Nobody may come, or nobody can.")]
    delay = words.duration(study.response.cross_border_delay_s)
    about = (
        f"Minutes from the call, with call handling and turnout; a hand-over between control rooms takes "
        f"{delay} unless the border's own rule says otherwise. Units are free."
    )
    if study.forces.clipped:
        counts = "counts" if len(study.forces.clipped) == 1 else "count"
        about += f" {words.listing(study.forces.clipped)} {counts} only as far as the data reach."
    return Answer({"run_list": table}, values, [*printed, Text(words.plain(about))])


def printed_run_list(found: pd.DataFrame) -> pd.DataFrame:
    """Return a run list with ``travel_min`` and ``response_min`` (two decimals) and ``handover_s``.

    They stand in the places of ``travel_ms``, ``response_ms`` and ``handover_ms``.
    """
    printed = found.rename(
        columns={"travel_ms": "travel_min", "handover_ms": "handover_s", "response_ms": "response_min"}
    )
    for column in ("travel_min", "response_min"):
        printed[column] = (printed[column] + 300) // 600 / 100
    printed["handover_s"] = printed["handover_s"] / 1_000
    return printed


def alike(place: pd.DataFrame) -> Iterator[tuple[list[str], pd.DataFrame]]:
    """Yield the different lists of one place, each with the names of the scenarios that give it."""
    lists: dict[tuple[tuple[object, ...], ...], list[str]] = {}
    by_scenario = dict(list(place.groupby("scenario", sort=False)))
    for name, rows in by_scenario.items():
        key = tuple(rows[_ORDER].itertuples(index=False, name=None))
        lists.setdefault(key, []).append(str(name))
    for names in lists.values():
        yield names, by_scenario[names[0]]


def _place(
    place: pd.DataFrame,
    labels: Mapping[str, str],
    capability: Capability,
    metres_away: Mapping[str, float],
) -> Table:
    about = place.iloc[0]
    name = f"{about['place']} ({about['id']})" if about["place"] else str(about["id"])
    kind = "" if capability == "response" else f": {capability} units"
    away = metres_away.get(about["id"])
    far = "" if away is None else f"\nThe nearest point that is counted, {away:,.0f} m away"
    table = Table(
        title=Text(words.plain(f"{name}, {about['force']}{kind}{far}")), box=box.SIMPLE_HEAD, expand=True
    )
    table.add_column("#", justify="right")
    table.add_column("Station", overflow="fold", ratio=2)
    table.add_column("Force", overflow="fold", min_width=16, ratio=1)
    for head in ("Drive", "Hand-\nover", "From\ncall", "Units"):
        table.add_column(head, justify="right", no_wrap=True)
    for names, rows in alike(place):
        _heading(table, ", ".join(labels[name] for name in names), "bold")
        condition = ""
        for row in rows.to_dict("records"):
            if row["condition"] != condition:
                condition = row["condition"]
                _heading(table, condition, "italic")
            cells = (
                str(row["rank"]),
                str(row["name"]),
                str(row["responder"]),
                f"{row['travel_ms'] / 60_000:.1f}",
                words.duration(row["handover_ms"] / 1_000) if row["handover_ms"] else words.NO_NUMBER,
                f"{row['response_ms'] / 60_000:.1f}",
                str(row["units"]),
            )
            table.add_row(*(Text(words.plain(cell)) for cell in cells))
        table.add_section()
    return table


def _heading(table: Table, said: str, style: str) -> None:
    table.add_row("", Text(words.plain(said), style=style))
