"""`comparison.html`: before and after on one map, for the meeting; one file, no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import geopandas as gpd
from markupsafe import Markup

from borderless.analysis.compare import PARTNERS, Comparison, compare
from borderless.analysis.coverage import Coverage
from borderless.analysis.results import Results
from borderless.maps import layers, squares
from borderless.maps.canvas import Page, asset, markup
from borderless.maps.frame import add_map, attribution, note_list, notes, percent
from borderless.region import Region
from borderless.store import write_atomically
from borderless.study.model import Assumption, Study
from borderless.study.policy import Target

TILE_HOST = "https://tile.openstreetmap.org"
# Each builds on those before it.
_SCRIPTS = (
    *("atlas", "lettering", "symbols", "theme", "sheet", "words"),
    *("fragment", "pairs", "finder", "legend", "panel", "paper", "comparison"),
)


@dataclass(frozen=True)
class Drawing:
    """A page that is ready to be saved or shown in a notebook.

    Parameters
    ----------
    html
        The whole page.
    """

    html: str

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, whole or not at all, and return its path."""
        target = Path(path)
        write_atomically(target, self.html.encode("utf-8"))
        return target

    def _repr_html_(self) -> str:
        frame = '<iframe title="Map" srcdoc="{page}" width="100%" height="640" style="border:0"></iframe>'
        return str(markup(frame, page=self.html))


def draw(comparison: Comparison) -> Drawing:
    """Draw one comparison: its baseline and its scenario.

    Parameters
    ----------
    comparison
        Two coverages of the same times.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> import borderless as bl
    >>> bl.draw(gain).save("maps/gain.html")  # doctest: +SKIP
    """
    before, after = comparison.baseline, comparison.scenario
    coverages = [before] if before.scenario.name == after.scenario.name else [before, after]
    pair = {(before.scenario.name, after.scenario.name): comparison}
    return Drawing(_page(before.times.region, coverages, pair, None))


def comparison_page(results: Results) -> str:
    """Return the comparison page of a study: any two scenarios side by side.

    Parameters
    ----------
    results
        What `analyse` found.

    Returns
    -------
    str
        HTML, complete in itself.
    """
    known = {(c.baseline.scenario.name, c.scenario.scenario.name): c for c in results.comparisons.values()}
    return _page(results.region, list(results.coverages.values()), known, results.isochrones)


def _page(
    region: Region,
    coverages: Sequence[Coverage],
    known: Mapping[tuple[str, str], Comparison],
    isochrones: gpd.GeoDataFrame | None,
) -> str:
    before, after = coverages[0], coverages[1 if len(coverages) > 1 else 0]
    pairs = {
        (a.scenario.name, b.scenario.name): known.get((a.scenario.name, b.scenario.name)) or compare(a, b)
        for a, b in combinations(coverages, 2)
    } or {(before.scenario.name, before.scenario.name): compare(before, before)}
    shown = pairs[before.scenario.name, after.scenario.name]
    page = Page(f"{region.study.name}: before and after", tile_host=TILE_HOST)
    page.style(asset("comparison.css"))
    page.body(_body(region, coverages, shown))
    page.data("comparison", _data(region, coverages, pairs, isochrones))
    add_map(page, region)
    for name in _SCRIPTS:
        page.script(asset(f"{name}.js"))
    return page.render()


def _data(
    region: Region,
    coverages: Sequence[Coverage],
    pairs: Mapping[tuple[str, str], Comparison],
    isochrones: gpd.GeoDataFrame | None,
) -> dict[str, Any]:
    minutes = [] if isochrones is None else sorted({int(cutoff) for cutoff in isochrones["minutes"]})
    return {
        "meta": _meta(region, coverages),
        "bounds": layers.bounds(region),
        "roads": layers.roads(region.drawing),
        "areas": layers.force_areas(region),
        "places": layers.places(region),
        "stations": layers.stations(region, coverages),
        "cells": squares.cells(region, coverages),
        "isochrones": {} if isochrones is None else layers.isochrones(isochrones),
        "inside": {c.scenario.name: layers.inside_rings(c, minutes) for c in coverages},
        "aid": {c.scenario.name: layers.aid(c) for c in coverages},
        "pairs": [
            {
                "before": before,
                "after": after,
                **layers.numbers(comparison),
                "places": layers.listed_places(comparison, region),
            }
            for (before, after), comparison in pairs.items()
        ],
    }


def _meta(region: Region, coverages: Sequence[Coverage]) -> dict[str, Any]:
    study = region.study
    return {
        "study": study.name,
        "forces": [{"name": name, "alliance": name in study.alliance} for name in study.force_names],
        "scenarios": [
            {
                "name": s.name,
                "label": s.label,
                "explanation": s.explanation,
                "handover": 0 if s.control_room == "shared" else study.response.cross_border_delay_s,
            }
            for s in (c.scenario for c in coverages)
        ],
        "targets": [
            {"name": t.name, "label": t.label, "urban": t.urban_ms / 1_000, "rural": t.rural_ms / 1_000}
            for t in study.response.targets
        ],
        "measures": [
            {"name": m.name, "label": m.label, "unit": m.unit, "per": m.per} for m in study.measures
        ],
        "typical": {c.scenario.name: layers.typical(c) for c in coverages},
        "clock": study.response.clock,
        "notes": notes(study, region.problems),
        "settings": [_setting(assumption) for assumption in study.assumptions()],
        "attribution": attribution(study),
    }


def _body(region: Region, coverages: Sequence[Coverage], shown: Comparison) -> Markup:
    study = region.study
    before, after = shown.baseline.scenario, shown.scenario.scenario
    return markup(
        asset("comparison.html").source,
        study=study.name,
        partners=", ".join(study.alliance),
        before=before.label,
        after=after.label,
        options_before=_options([(c.scenario.name, c.scenario.label) for c in coverages], before.name),
        options_after=_options([(c.scenario.name, c.scenario.label) for c in coverages], after.name),
        targets=_options([(t.name, _target_label(t)) for t in study.response.targets], "standard"),
        measures=_options(
            [
                (m.name, m.label if m.label.lower() == m.unit else f"{m.label} ({m.unit})")
                for m in study.measures
            ],
            study.measures[0].name,
        ),
        target=study.response.targets[0].label,
        measure=study.measures[0].label,
        rows=_rows(study, shown),
        notes=note_list(notes(study, region.problems)),
        attribution=" · ".join(attribution(study)),
    )


def _rows(study: Study, comparison: Comparison) -> Markup:
    """Return the headline table for readers without JavaScript: first measure, standard target."""
    table = comparison.by_force
    measure = study.measures[0]
    headline = table[(table["measure"] == measure.name) & (table["target"] == "standard")]
    by_force = {row["force"]: row for row in headline.to_dict("records")}
    cells = (
        '<tr><th scope="row"><bdi>{force}</bdi><small>of {total} {unit}</small></th>'
        "<td>{before}</td><td>{after}</td><td>{change}</td></tr>"
    )
    return Markup("\n").join(
        markup(
            cells,
            force="The alliance" if force == PARTNERS else force,
            total=f"{row['total'] / measure.per:,.0f}",
            unit=measure.unit,
            before=percent(row["covered_before"], row["total"]),
            after=percent(row["covered"], row["total"]),
            change=_signed((row["covered"] - row["covered_before"]) / measure.per),
        )
        for force in (*study.alliance, PARTNERS, *study.forces.outside)
        if (row := by_force.get(force)) is not None
    )


def _options(choices: Sequence[tuple[str, str]], chosen: str) -> Markup:
    plain = '<option value="{value}">{label}</option>'
    picked = '<option value="{value}" selected>{label}</option>'
    return Markup("").join(
        markup(picked if value == chosen else plain, value=value, label=label) for value, label in choices
    )


def _target_label(target: Target) -> str:
    if target.name != "standard":
        return target.label
    return f"Standard: {target.urban_ms / 60_000:g} / {target.rural_ms / 60_000:g} min"


def _signed(number: float) -> str:
    return f"{number:+,.0f}".replace("-", "−") if number else "0"


def _setting(assumption: Assumption) -> dict[str, str]:
    said = {"×": "times", "× limit": "of the limit"}
    unit = said.get(assumption.default.unit, assumption.default.unit)
    return {"label": assumption.default.label, "value": f"{assumption.value:,g} {unit}"}
