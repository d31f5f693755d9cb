"""`explorer.html`: what if a station closed, a border opened, a target moved; one file, no server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from borderless.analysis.basing import shared_basing
from borderless.analysis.compare import PARTNERS, compare
from borderless.analysis.coverage import Coverage
from borderless.analysis.results import Results
from borderless.analysis.sites import proposed_sites, with_sites
from borderless.analysis.times import ResponseTimes
from borderless.maps import layers, squares
from borderless.maps.canvas import Page, asset, markup
from borderless.maps.frame import add_map, attribution, note_list, notes, percent
from borderless.maps.times_code import encode_times
from borderless.region import Region
from borderless.study.defaults import DEFAULTS
from borderless.study.embedded import EMBEDDED, embedded_study
from borderless.study.model import Candidate, Study
from borderless.study.policy import Scenario

NO_FORCE = 255
_LARGEST = 2**32
# Each builds on those before it.
_SCRIPTS = (
    *("atlas", "lettering", "symbols", "theme", "sheet", "words", "legend", "paper"),
    *("explorer-model", "explorer-engine", "explorer-contrast", "explorer-state", "explorer-edits"),
    *("explorer-controls", "explorer-borders", "explorer-squares", "explorer-map", "explorer-popups"),
    *("explorer-charts", "explorer-paper", "explorer"),
)


def explorer_page(results: Results) -> str:
    """Return the what-if page of a study.

    Parameters
    ----------
    results
        What `analyse` found.

    Returns
    -------
    str
        HTML, complete in itself. It carries the travel times from every station and candidate site to every
        demand point, and computes what Python would, to the last person.
    """
    times, sites = what_if_times(results.times)
    region = times.region
    first = next(iter(results.coverages.values()))
    page = Page(f"{region.study.name}: what if")
    page.style(asset("comparison.css")).style(asset("explorer.css"))
    page.body(_body(first))
    page.data("explorer", explorer_data(times, sites))
    page.arrays("explorer-times", explorer_arrays(times))
    add_map(page, region)
    for name in _SCRIPTS:
        page.script(asset(f"{name}.js"))
    return page.render()


def what_if_times(times: ResponseTimes) -> tuple[ResponseTimes, tuple[Candidate, ...]]:
    """Return the times with candidate sites, and the sites proposed where the study has none of its own."""
    study = times.region.study
    own = len(study.candidates) - study.added_candidates
    sites = () if own else proposed_sites(times)
    return with_sites(times, sites), sites


def explorer_data(times: ResponseTimes, proposed: Sequence[Candidate]) -> dict[str, Any]:
    """Return what the page needs besides arrays: names, levers, lines, squares.

    Parameters
    ----------
    times, proposed
        From `what_if_times`.
    """
    region = times.region
    sites = {site.id for site in region.study.candidates}
    force, station = np.nonzero(units := shared_basing(times).units)
    stations = layers.stations(region, []) | {
        "candidate": [int(name in sites) for name in region.stations["id"]],
        "shared": [[int(s), int(f), int(units[f, s])] for f, s in zip(force, station, strict=True)],
    }
    return {
        "meta": _meta(region, proposed),
        "bounds": layers.bounds(region),
        "roads": layers.roads(region.drawing),
        "areas": layers.force_areas(region),
        "places": layers.places(region),
        "stations": stations,
        "cells": squares.cells(region, []),
        "names": _names(region)[1],
        "isochrones": {},
    }


def explorer_arrays(times: ResponseTimes) -> dict[str, NDArray[Any]]:
    """Return the arrays of the page: times (see `encode_times`) and what holds at each demand point.

    Returns
    -------
    dict
        ``force`` (row; 255: none), ``urban``, ``cell`` and ``place`` (1 + row; 0: none), ``x``, ``y``
        (metres) and ``weight0``, ``weight1``, … in the order of the study's measures, all of shape (points,).
    """
    region = times.region
    table = region.demand.table
    row = {name: number for number, name in enumerate(region.study.force_names)}
    _, inside, cell = squares.squares(region)
    cells = np.zeros(len(table), dtype=np.uint32)
    cells[inside] = cell + 1
    weights = [region.demand.weights(measure) for measure in region.study.measures]
    xy = region.demand.xy()
    return {
        **encode_times(times.travel_ms, xy),
        "force": np.array([row.get(name, NO_FORCE) for name in table["force"]], dtype=np.uint8),
        "urban": table["urban"].to_numpy(np.uint8),
        "cell": cells,
        "place": _names(region)[0],
        "x": np.rint(xy[:, 0]).astype(np.int32),
        "y": np.rint(xy[:, 1]).astype(np.int32),
        **{
            f"weight{i}": values.astype(np.uint32 if values.max(initial=0) < _LARGEST else np.float64)
            for i, values in enumerate(weights)
        },
    }


def state_of(scenario: Scenario, study: Study) -> dict[str, Any]:
    """Return a scenario, with the study's targets, as the page keeps what is chosen.

    Returns
    -------
    dict
        ``units``, ``guests`` (station, row of the force, units), ``closed``, ``borders``
        (``"responder>place"`` by rows of the forces → ``rule``, ``gain_s``, ``delay_s``), ``sharing``,
        ``room``, ``urban_s``, ``rural_s``, ``busy`` (percent) and ``measure``.
    """
    response, partners = study.response, frozenset(study.alliance)
    row = {name: number for number, name in enumerate(study.force_names)}
    target = response.targets[0]
    borders = {}
    for r, responder in enumerate(study.force_names):
        for p, place in enumerate(study.force_names):
            if r != p:
                rule = scenario.borders.rule(responder, place, partners)
                delay = response.cross_border_delay_ms / 1_000 if rule.delay_s is None else rule.delay_s
                borders[f"{r}>{p}"] = {"rule": rule.kind, "gain_s": rule.min_gain_s, "delay_s": delay}
    return {
        "units": dict(sorted(scenario.units.items())),
        "guests": sorted([station, row[force], n] for (station, force), n in scenario.guests.items()),
        "closed": sorted(set(scenario.closed)),
        "borders": borders,
        "sharing": scenario.stations == "shared",
        "room": scenario.control_room == "shared",
        "urban_s": target.urban_ms / 1_000,
        "rural_s": target.rural_ms / 1_000,
        "busy": round(100 * response.busy_fraction, 6),
        "measure": study.measures[0].name,
    }


def _meta(region: Region, proposed: Sequence[Candidate]) -> dict[str, Any]:
    study = region.study
    response = study.response
    named = study.candidates[: len(study.candidates) - len(proposed)]
    added = named[len(named) - study.added_candidates :]
    return {
        "study": study.name,
        "file": EMBEDDED if study.file == embedded_study() else study.file.name,
        "forces": [{"name": name, "alliance": name in study.alliance} for name in study.force_names],
        "measures": [
            {"name": m.name, "label": m.label, "unit": m.unit, "per": m.per} for m in study.measures
        ],
        "targets": [{"name": "standard", "urban": 0, "rural": 0}],
        "clock": response.clock,
        "fixed_s": response.fixed_ms / 1_000,
        "delay_s": response.cross_border_delay_ms / 1_000,
        "presets": [
            {"name": s.name, "label": s.label, "explanation": s.explanation, "state": state_of(s, study)}
            for s in study.scenarios
        ],
        "sites": [
            {"id": site.id, "name": site.name, "force": site.force, "x": site.x, "y": site.y}
            for site in (*added, *proposed)
        ],
        # what the study's file does not say, so that a file that the page saves can say it
        "response": _response(study) if study.extras else {},
        "joined": [name for name in study.alliance if name in study.forces.clipped],
        "grid": squares.grid_to_degrees(np.floor(region.demand.xy() / 1_000).astype(np.int64)),
        "notes": notes(study, region.problems, what_if=True),
        "attribution": attribution(study),
    }


def _response(study: Study) -> dict[str, float | str]:
    numbers = {key: getattr(study.response, key) for table, key in DEFAULTS if table == "response"}
    return {**numbers, "clock": study.response.clock}


def _names(region: Region) -> tuple[NDArray[np.uint32], list[str]]:
    """Return each point's place (1 + row of the names; 0: none) and the names."""
    row, names = pd.factorize(region.demand.table["place"].replace("", None))
    return (row + 1).astype(np.uint32), [str(name) for name in names]


def _body(first: Coverage) -> Markup:
    study = first.times.region.study
    measure, target = study.measures[0], study.response.targets[0]
    return markup(
        asset("explorer.html").source,
        study=study.name,
        partners=", ".join(study.alliance),
        measure=measure.label,
        target=target.label,
        before=first.scenario.label,
        rows=_rows(first),
        notes=note_list(notes(study, first.times.region.problems, what_if=True)),
        attribution=" · ".join(attribution(study)),
    )


def _rows(first: Coverage) -> Markup:
    """Return the baseline's coverage by force for readers without JavaScript."""
    study = first.times.region.study
    measure = study.measures[0]
    table = compare(first, first).by_force
    headline = table[(table["measure"] == measure.name) & (table["target"] == "standard")].set_index("force")
    row = (
        '<tr><th scope="row"><bdi>{force}</bdi><small>of {total} {unit}</small></th>'
        "<td>{share}</td><td>{covered}</td></tr>"
    )
    return Markup("\n").join(
        markup(
            row,
            force="The alliance" if force == PARTNERS else force,
            total=f"{headline['total'][force] / measure.per:,.0f}",
            unit=measure.unit,
            share=percent(headline["covered"][force], headline["total"][force]),
            covered=f"{headline['covered'][force] / measure.per:,.0f}",
        )
        for force in (*study.alliance, PARTNERS, *study.forces.outside)
        if force in headline.index
    )
