"""A condensed study as files: the same format that every study has, small."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import mapping

from borderless.condense.condense import Condensed
from borderless.sources.stations import special_units_in
from borderless.sources.tables import WGS84
from borderless.store import write_set
from borderless.study.busy_table import BUSY
from borderless.study.defaults import TIME_CLASSES
from borderless.study.hours_table import HOURS, INCIDENTS
from borderless.study.model import Measure, Study
from borderless.study.policy import NAMED_SCENARIOS, RESPONSE, BorderPolicy, BorderRule, Scenario

_DECIMALS = 4


def write_condensed(small: Condensed, out: Path, *, name: str = "", sources: tuple[str, ...] = ()) -> Path:
    """Write a condensed study into a folder.

    Parameters
    ----------
    small
        The study.
    out
        The folder; made when missing. ``study.toml`` is written last.
    name
        Its title; the full study's when empty.
    sources
        Attribution lines for every page, besides those of the full study.

    Returns
    -------
    Path
        The study file.

    Raises
    ------
    OutputError
        When the disk refuses; the files that stood there before are as they were.
    """
    study = small.region.study
    tables = {
        "nodes.csv.gz": _nodes(small),
        "links.csv.gz": _links(small),
        "cells.csv.gz": _cells(small),
        "stations.csv": _stations(small),
    }
    if len(small.places):
        tables["places.csv.gz"] = _places(small)
    files = {name: table.to_csv(index=False, lineterminator="\n").encode() for name, table in tables.items()}
    files["forces.geojson"] = _geojson(small.outlines, ["force"])
    if len(small.roads):
        files["roads.geojson.gz"] = _geojson(small.roads, ["highway", "ref", "name"])
    files["study.toml"] = _study_toml(small, name or study.name, study.sources + sources).encode()
    # No time stamp inside, so that the same study gives the same bytes.
    files |= {n: gzip.compress(content, 9, mtime=0) for n, content in files.items() if n.endswith(".gz")}
    return write_set(out, files, last="study.toml")[-1]


def _nodes(small: Condensed) -> pd.DataFrame:
    place = _tenths(small.nodes)
    return pd.DataFrame({"id": np.arange(len(place)), "x": place["x"], "y": place["y"]})


def _links(small: Condensed) -> pd.DataFrame:
    links = small.links.rename(columns={"tail": "from", "head": "to"})
    classes = [f"percent_{name}" for name in TIME_CLASSES if f"percent_{name}" in links]
    # an empty cell is none, and shorter
    return links.assign(**{name: links[name].astype(object).where(links[name] > 0, "") for name in classes})


def _cells(small: Condensed) -> pd.DataFrame:
    columns = [measure.column for measure in small.region.study.every_measure]
    cells = small.cells.assign(urban=small.cells["urban"].astype(int))
    cells[["x", "y"]] = _tenths(cells[["x", "y"]])
    return cells[["x", "y", "force", "urban", "place", "node", *columns]]


def _tenths(place: pd.DataFrame) -> pd.DataFrame:
    """Return metres cut to tenths: the leg from a place to its node is part of every time.

    Cut, not rounded, so that a point keeps its square.
    """
    return pd.DataFrame({name: (np.floor(10 * place[name]) / 10).round(1) for name in place})


def _stations(small: Condensed) -> pd.DataFrame:
    place = small.stations.to_crs(WGS84).geometry
    columns = ["id", "name", "force", "role", "units", "capacity", *special_units_in(small.stations), "node"]
    table = pd.DataFrame(small.stations[columns])
    table.insert(3, "lon", place.x.round(5))
    table.insert(4, "lat", place.y.round(5))
    return table


def _places(small: Condensed) -> pd.DataFrame:
    place = small.places.to_crs(WGS84).geometry
    table = pd.DataFrame(small.places[["name", "kind"]])
    return table.assign(lon=place.x.round(_DECIMALS), lat=place.y.round(_DECIMALS))


def _geojson(frame: gpd.GeoDataFrame, columns: list[str]) -> bytes:
    # Rounded coordinates keep shared borders shared: both sides round alike.
    shapes = shapely.transform(frame.to_crs(WGS84).geometry.to_numpy(), lambda xy: np.round(xy, _DECIMALS))
    features = [
        {"type": "Feature", "properties": dict(zip(columns, row, strict=True)), "geometry": mapping(shape)}
        for row, shape in zip(frame[columns].itertuples(index=False), shapes, strict=True)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


def _study_toml(small: Condensed, name: str, sources: tuple[str, ...]) -> str:
    study = small.region.study
    notes = tuple(str(replace(problem, remedy="")) for problem in small.region.problems)
    lines = [
        f"# A small study, made by `borderless condense` from {_text(study.name)}.",
        f"name = {_text(name)}",
        _list("sources", sources),
        _list("notes", notes),
        "",
        "[roads]",
        'source = "nodes.csv.gz"',
        'edges = "links.csv.gz"',
        'snap = "nodes"',
        *(['drawing = "roads.geojson.gz"'] if len(small.roads) else []),
        f"guard_band_km = {_number(study.roads.guard_band_km)}",
        "",
        "[stations]",
        'file = "stations.csv"',
        "",
        "[forces]",
        'file = "forces.geojson"',
        _list("alliance", study.alliance),
        _list("outside", study.forces.outside),
    ]
    if len(small.places):
        lines += ["", "[places]", 'file = "places.csv.gz"', 'kind = "kind"']
    for measure in study.every_measure:
        lines += _demand(measure)
    for table in ("response", "speeds", "junctions", "urban", "cells"):
        lines += ["", f"[{table}]", *_settings(study, table)]
    if study.busy_given:
        lines += ["", f"[{BUSY}]", *(_busy(name, given) for name, given in study.busy_given.items())]
    lines += _hours(study)
    for scenario in study.scenarios:
        if scenario not in NAMED_SCENARIOS:
            lines += _scenario(scenario)
    return "\n".join(lines) + "\n"


def _demand(measure: Measure) -> list[str]:
    return [
        "",
        "[[demand]]",
        f"measure = {_text(measure.name)}",
        'file = "cells.csv.gz"',
        f"weight = {_text(measure.column)}",
        'x = "x"',
        'y = "y"',
        *([f'capability = "{measure.capability}"'] if measure.capability != RESPONSE else []),
    ]


def _settings(study: Study, table: str) -> list[str]:
    own = (used for used in study.assumptions() if used.default.table == table)
    lines = [f"{used.default.key} = {_number(used.value)}" for used in own]
    return [*lines, f'clock = "{study.response.clock}"'] if table == "response" else lines


def _busy(force: str, fractions: tuple[float, ...]) -> str:
    numbers = ", ".join(map(_number, fractions))
    return f"{_text(force)} = [{numbers}]" if len(fractions) > 1 else f"{_text(force)} = {numbers}"


def _hours(study: Study) -> list[str]:
    hours = study.hours
    keys = {**hours.speed, **({INCIDENTS: hours.incidents} if hours.incidents else {})}
    lines = [f"{key} = [{', '.join(map(_number, numbers))}]" for key, numbers in keys.items()]
    return ["", f"[{HOURS}]", *lines] if lines else []


def _scenario(scenario: Scenario) -> list[str]:
    name = f"scenarios.{_text(scenario.name)}"
    lines = [
        "",
        f"[{name}]",
        f"label = {_text(scenario.label)}",
        f"explanation = {_text(scenario.explanation)}",
        *_rule(scenario.borders.between_partners),
        f'stations = "{scenario.stations}"',
        f'control_room = "{scenario.control_room}"',
        *([_list("closed", scenario.closed)] if scenario.closed else []),
    ]
    if scenario.units:
        lines += ["", f"[{name}.units]", *(f"{_text(key)} = {n}" for key, n in scenario.units.items())]
    lines += _pairs(name, scenario.borders)
    for (station, force), units in scenario.guests.items():
        guest = [f"station = {_text(station)}", f"force = {_text(force)}", f"units = {units}"]
        lines += ["", f"[[{name}.guests]]", *guest]
    for capability, own in scenario.capabilities.items():
        table = f"{name}.capabilities.{capability}"
        room = [f'control_room = "{own.control_room}"'] if own.control_room else []
        lines += ["", f"[{table}]", *_rule(own.borders.between_partners), *room]
        # named even when empty, so that the scenario's own pairs do not stand in for them
        lines += _pairs(table, own.borders) or ["pairs = []"]
    return lines


def _pairs(table: str, borders: BorderPolicy) -> list[str]:
    lines = []
    for (responder, place), rule in borders.pairs.items():
        ends = [f"responder = {_text(responder)}", f"place = {_text(place)}"]
        lines += ["", f"[[{table}.pairs]]", *ends, *_rule(rule)]
    return lines


def _rule(rule: BorderRule) -> list[str]:
    gain = [f"min_gain_s = {rule.min_gain_s}"] if rule.kind == "if_faster" else []
    delay = [] if rule.delay_s is None else [f"delay_s = {rule.delay_s}"]
    return [f'borders = "{rule.kind}"', *gain, *delay]


def _number(value: float) -> str:
    """Return a number in full; whole ones without a decimal point."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _list(key: str, values: tuple[str, ...]) -> str:
    if not values:
        return f"{key} = []"
    return "\n".join([f"{key} = [", *(f"  {_text(value)}," for value in values), "]"])


def _text(value: str) -> str:
    # A JSON string is a TOML basic string, but for the control character 127.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
