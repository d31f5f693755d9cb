"""Results as frames and plain values, in printed units: what goes into CSV, JSON, pages and the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Transformer
from rich import box
from rich.table import Table
from rich.text import Text

from borderless.analysis.basing import own_basing
from borderless.analysis.busy.busy import expected_table
from borderless.analysis.compare import PARTNERS, Comparison, forces_alliance_and_all
from borderless.analysis.coverage import Coverage, weighted_quantile
from borderless.analysis.results import Results
from borderless.demand import GRID
from borderless.report import words
from borderless.report.findings import answer, find
from borderless.report.scenario_values import levers, measure_values
from borderless.roads.network import UNREACHABLE
from borderless.study.model import Measure, Study
from borderless.study.policy import NAMED_SCENARIOS

SCHEMA = 1
#: The columns of `Comparison.by_force` that count weights.
CHANGE_WEIGHTS = ("covered_before", "covered", "gained", "lost", "total")
_TERMINAL_SCENARIOS = 3


def coverage_table(results: Results) -> pd.DataFrame:
    """Return coverage of every scenario, tidy, in printed units.

    Parameters
    ----------
    results
        What the analysis found.

    Returns
    -------
    DataFrame
        scenario, force, measure, target, covered, total (whole numbers, or exact decimals of km² and km),
        share (0 to 1; missing where the total is 0). Force ``all`` is the sum of the others.
    """
    table = pd.concat([coverage.table for coverage in results.every_coverage], ignore_index=True)
    return printed(table, _study(results), ("covered", "total"))


def expected_coverage(results: Results) -> pd.DataFrame:
    """Return coverage with units that are busy as often as the study says, in printed units.

    Returns
    -------
    DataFrame
        scenario, force, measure, target, expected, total, share; no rows where units are always free.
    """
    study = _study(results)
    busy = study.busy.by_force(study.force_names)
    found = results.every_coverage if any(busy.values()) else ()
    columns = ["scenario", "force", "measure", "target", "expected", "total"]
    tables = [expected_table(coverage, busy) for coverage in found]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    per = table["measure"].map({measure.name: measure.per for measure in study.every_measure})
    return table.assign(
        expected=table["expected"] / per,
        total=table["total"] / per,
        share=table["expected"] / table["total"].where(table["total"] > 0),
    )


def response_table(results: Results) -> pd.DataFrame:
    """Return the median and 90th percentile of the judged time in every scenario.

    Returns
    -------
    DataFrame
        scenario, force (each, ``alliance``, ``all``), measure, median_min, p90_min; missing where so much
        weight is out of reach.
    """
    rows = []
    for coverage in results.every_coverage:
        for measure in coverage.times.region.study.measures:
            weights = results.region.demand.weights(measure)
            for force, here in forces_alliance_and_all(results.times):
                median, p90 = (
                    _minutes(weighted_quantile(coverage.clock_ms[here], weights[here], percent))
                    for percent in (50, 90)
                )
                rows.append((coverage.scenario.name, force, measure.name, median, p90))
    return pd.DataFrame(rows, columns=["scenario", "force", "measure", "median_min", "p90_min"])


def places_table(results: Results) -> pd.DataFrame:
    """Return one row a demand point: where it is, what it weighs, who comes, and how soon.

    Returns
    -------
    DataFrame
        id, place, force, urban (0 or 1), lon, lat (WGS84), each measure's weight in its printed unit; then
        for each scenario its name with ``_min`` (the time that targets are judged on, missing where nobody
        comes), ``_station`` (id), ``_force``, ``_second_min``, ``_second_station`` and ``_covered`` (within
        the standard, 0 or 1).
    """
    region = results.region
    table = region.demand.table
    lon, lat = _degrees(region.demand.xy())
    columns: dict[str, Any] = {
        "id": table["id"].to_numpy(object),
        "place": table["place"].to_numpy(object),
        "force": table["force"].to_numpy(object),
        "urban": table["urban"].to_numpy(np.int8),
        "lon": lon,
        "lat": lat,
    }
    for measure in region.study.measures:
        weights = region.demand.weights(measure)
        columns[measure.name] = weights if measure.per == 1 else weights / measure.per
    station = np.append(region.stations["id"].to_numpy(object), "")
    force = np.append(np.array(_study(results).force_names, dtype=object), "")
    for name, coverage in results.coverages.items():
        columns[f"{name}_min"] = _hundredths(coverage.clock_ms)
        columns[f"{name}_station"] = station[coverage.station]
        columns[f"{name}_force"] = force[coverage.responder]
        columns[f"{name}_second_min"] = _hundredths(_second_clock_ms(coverage))
        columns[f"{name}_second_station"] = station[coverage.second_station]
        columns[f"{name}_covered"] = coverage.covered(coverage.targets[0]).astype(np.int8)
    return pd.DataFrame(columns)


def comparison_table(comparison: Comparison, study: Study) -> pd.DataFrame:
    """Return :attr:`Comparison.by_force` in printed units."""
    return printed(comparison.by_force, study, CHANGE_WEIGHTS)


def aid_table(comparison: Comparison, study: Study) -> pd.DataFrame:
    """Return who helps whom in printed units: responder, force, one column for each measure's name."""
    aid = comparison.aid
    columns: dict[str, Any] = {"responder": aid["responder"], "force": aid["force"]}
    for measure in study.measures:
        columns[measure.name] = _column([measure.printed(int(whole)) for whole in aid[measure.column]])
    return pd.DataFrame(columns)


def moves_table(results: Results) -> pd.DataFrame:
    """Return how units are re-based.

    Returns
    -------
    DataFrame
        scenario, force (whose units), station (id), name, station_force, before, units: one row for each
        station where the number of the force's units differs from its own basing.
    """
    stations = results.region.stations
    own = own_basing(results.times).units
    rows = []
    for name, coverage in results.coverages.items():
        units = coverage.basing.units
        for f, s in np.argwhere(units != own):
            row = stations.iloc[int(s)]
            force = _study(results).force_names[int(f)]
            rows.append((name, force, row["id"], row["name"], row["force"], int(own[f, s]), int(units[f, s])))
    columns = ["scenario", "force", "station", "name", "station_force", "before", "units"]
    return pd.DataFrame(rows, columns=columns)


def gained_places(comparison: Comparison) -> pd.DataFrame:
    """Return :meth:`Comparison.places` within the standard, with lon and lat for x and y."""
    places = comparison.places(comparison.baseline.targets[0])
    lon, lat = _degrees(places[["x", "y"]].to_numpy(np.float64))
    return places.drop(columns=["x", "y"]).assign(lon=lon, lat=lat)


def results_json(results: Results) -> dict[str, Any]:
    """Return the results as plain values for programs, with the same numbers as the tables.

    Returns
    -------
    dict
        Keys ``schema``, ``study``, ``forces``, ``alliance``, ``clock``, ``measures``, ``targets``,
        ``scenarios``, ``coverage``, ``expected`` (empty where units are always free), ``response``,
        ``comparison``, ``basing``, ``problems``. Missing numbers are None.
    """
    study = _study(results)
    return {
        "schema": SCHEMA,
        "study": study.name,
        "forces": list(study.force_names),
        "alliance": list(study.alliance),
        "clock": study.response.clock,
        "measures": [measure_values(measure) for measure in study.every_measure],
        "targets": [
            {
                "name": target.name,
                "label": target.label,
                "urban_min": target.urban_ms / 60_000,
                "rural_min": target.rural_ms / 60_000,
            }
            for target in study.response.targets
        ],
        "scenarios": [levers(coverage.scenario) for coverage in results.coverages.values()],
        "coverage": records(coverage_table(results)),
        "expected": records(expected_coverage(results)),
        "response": records(response_table(results)),
        "comparison": {
            name: {
                "baseline": comparison.baseline.scenario.name,
                "by_force": [
                    row
                    for own in (comparison, *(special.comparisons[name] for special in results.special))
                    for row in records(comparison_table(own, study))
                ],
                f"{study.measures[0].name}_changing_force": comparison.changing_force(),
                "aid": records(aid_table(comparison, study)),
                "places": records(gained_places(comparison)),
            }
            for name, comparison in results.comparisons.items()
        },
        "basing": records(moves_table(results)),
        "problems": [problem.as_dict() for problem in results.region.problems],
    }


def terminal_summary(results: Results) -> Table:
    """Return the headline for the terminal: share within the standard by force, and each scenario's change.

    Returns
    -------
    rich.table.Table
        Fits 80 columns: the baseline and three scenarios, the study's own before the named ones. The answer
        in words stands below, and which scenarios are only on the pages.
    """
    study = _study(results)
    measure, target = study.measures[0], study.response.targets[0]
    baseline, *_ = results.coverages.values()
    shown, left_out = _fitting(results)
    rest = f"\nOn the pages, but not here: {', '.join(left_out)}." if left_out else ""
    table = Table(
        title=Text(words.plain(f"{study.name}\n{measure.label} within {target.label}")),
        caption=Text(words.plain(answer(find(results))) + words.plain(rest)),
        caption_style="",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
    )
    # Many scenarios may squeeze the numbers, never the names.
    table.add_column("Force", overflow="fold", min_width=min(16, max(map(len, study.force_names))))
    for label in (measure.label, baseline.scenario.label):
        table.add_column(_head(label), justify="right", no_wrap=True)
    changes = []
    for comparison in shown:
        table.add_column(_head(comparison.scenario.scenario.label), justify="right", no_wrap=True)
        rows = comparison.by_force
        chosen = (rows["measure"] == measure.name) & (rows["target"] == target.name)
        changes.append(rows[chosen].set_index("force"))
    for force in (*study.alliance, PARTNERS, *study.forces.outside):
        name = "The alliance" if force == PARTNERS else force
        style = "bold" if force == PARTNERS else "dim" if force in study.forces.outside else ""
        told = (_change(measure, rows.loc[[force]].iloc[0]) for rows in changes)
        first = baseline.table
        chosen = (first["measure"] == measure.name) & (first["target"] == target.name)
        own = first[chosen & first["force"].isin(study.alliance if force == PARTNERS else [force])]
        covered, total = int(own["covered"].sum()), int(own["total"].sum())
        head = (name, words.amount(measure, total), words.percent(covered, total))
        table.add_row(*(Text(words.plain(cell)) for cell in (*head, *told)), style=style)
    return table


def _fitting(results: Results) -> tuple[list[Comparison], list[str]]:
    """Return the comparisons that fit into a terminal, own scenarios first, and the labels of the others."""
    named = {scenario.name for scenario in NAMED_SCENARIOS}
    by_right = sorted(results.comparisons, key=lambda name: name in named)
    chosen = {*by_right[:_TERMINAL_SCENARIOS]}
    kept = [comparison for name, comparison in results.comparisons.items() if name in chosen]
    labels = [c.scenario.scenario.label for name, c in results.comparisons.items() if name not in chosen]
    return kept, labels


def reached_by(
    coverage: Coverage, measure: Measure, here: NDArray[np.bool_], minutes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the share of weight at the points `here` that is reached within each of `minutes`, 0 to 1."""
    weights = coverage.times.region.demand.weights(measure)[here]
    clock = coverage.clock_ms[here]
    order = np.argsort(clock, kind="stable")
    sums = np.concatenate([[0], np.cumsum(weights[order])])
    # the missing marker is later than any minute asked for
    within = np.searchsorted(clock[order], np.rint(60_000 * minutes), side="right")
    return sums[within] / max(int(weights.sum()), 1)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame as plain rows; missing numbers become None."""
    columns = [cells(frame[name]) for name in frame]
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def cells(column: pd.Series) -> list[Any]:
    """Return a column as plain Python values; missing ones become None."""
    values = column.tolist()
    return [None if value != value else value for value in values]  # noqa: PLR0124 - NaN alone differs from itself


def _head(label: str) -> Text:
    """Return a column's head in lines short enough for six columns in a terminal of 80."""
    return Text("\n".join(textwrap.wrap(words.plain(label), 10)))


def _change(measure: Measure, row: pd.Series) -> str:
    change = int(row["covered"]) - int(row["covered_before"])
    share = words.percent(int(row["covered"]), int(row["total"]))
    if not change:
        return f"{share}\nno change"
    people = words.amount(measure, change, signed=True)
    return f"{share}\n{words.points(float(row['change']))} pt\n{people}"


def _study(results: Results) -> Study:
    return results.region.study


def printed(table: pd.DataFrame, study: Study, columns: Sequence[str]) -> pd.DataFrame:
    """Return a table with these columns in the printed unit of each row's measure, whole where it is."""
    measures: dict[str, Measure] = {measure.name: measure for measure in study.every_measure}
    told = table.copy()
    for column in columns:
        told[column] = _column(
            [
                measures[name].printed(int(whole))
                for name, whole in zip(table["measure"], table[column], strict=True)
            ]
        )
    return told


def _column(values: list[int | float]) -> pd.Series:
    """Keep whole numbers whole beside decimals."""
    return pd.Series(values, dtype=object)


def _second_clock_ms(coverage: Coverage) -> NDArray[np.int32]:
    """Return the next best unit's time on the clock that targets are judged on."""
    if coverage.times.region.study.response.clock == "response":
        return coverage.second_ms
    points = np.arange(len(coverage.second_station))
    travel = coverage.times.travel_ms[coverage.second_station, points]
    return np.where(coverage.second_station < 0, UNREACHABLE, travel)


def _hundredths(times_ms: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return minutes with two decimals, missing where out of reach."""
    hundredths = (times_ms.astype(np.int64) + 300) // 600
    return np.where(times_ms == UNREACHABLE, np.nan, hundredths / 100)


def _degrees(xy: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    lon, lat = Transformer.from_crs(GRID, "EPSG:4326", always_xy=True).transform(xy[:, 0], xy[:, 1])
    return np.round(lon, 6), np.round(lat, 6)


def _minutes(value_ms: int | None) -> float:
    return np.nan if value_ms is None else value_ms / 60_000
