"""The files of a run: everything is made first, then written whole, the manifest last."""

from __future__ import annotations

import csv
import io
import json
import os
import platform
import warnings
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from pandas.api.types import is_numeric_dtype
from pyproj.transformer import TransformerGroup

from borderless import store
from borderless.analysis.results import Results
from borderless.region import input_files
from borderless.report.scenario_values import levers
from borderless.report.tables import SCHEMA, cells, coverage_table, places_table, results_json
from borderless.report.vector import vector_bytes

MANIFEST = "run.json"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LIBRARIES = ("numpy", "pandas", "geopandas", "shapely", "scipy", "pyogrio", "pyproj", "osmium", "folium")


def write_all(
    results: Results,
    out_dir: Path,
    pages: Mapping[str, str],
    timings: Mapping[str, float],
) -> tuple[Path, ...]:
    """Write every file of a run, all of them or none, ``run.json`` last.

    The same results and pages give the same bytes, but for ``run.json``, which holds the timings.

    Parameters
    ----------
    results
        What the analysis found.
    out_dir
        Folder to write to; made when missing.
    pages
        File name → HTML.
    timings
        Stage → seconds, for the manifest.

    Returns
    -------
    tuple of Path
        What was written, in order.

    Raises
    ------
    OutputError
        When the disk refuses; the files of the run before are as they were.
    """
    coverage, places = coverage_table(results), places_table(results)
    made = results_json(results)
    layers = _layers(results, places)
    contents: dict[str, bytes] = {
        "coverage.csv": csv_bytes(coverage),
        "places.csv": csv_bytes(places),
        "borderless.gpkg": vector_bytes(layers, "borderless.gpkg"),
        "results.json": _json_bytes(made),
        **{name: page.encode("utf-8", "replace") for name, page in pages.items()},
    }
    rows = {
        "coverage.csv": len(coverage),
        "places.csv": len(places),
        "borderless.gpkg": {name: len(layer) for name, layer in layers.items()},
        "results.json": len(made["coverage"]),
    }
    contents[MANIFEST] = _json_bytes(_manifest(results, contents, rows, timings))
    return store.write_set(out_dir, contents, last=MANIFEST)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    r"""Return a frame as CSV: UTF-8, ``\n`` line ends, missing numbers empty.

    Text that a spreadsheet would read as a formula gets a leading apostrophe.

    Examples
    --------
    >>> csv_bytes(pd.DataFrame({"name": ["=1+1", "Oundle"], "minutes": [7.5, float("nan")]}))
    b"name,minutes\n'=1+1,7.5\nOundle,\n"
    """
    columns = [
        cells(frame[name]) if is_numeric_dtype(frame[name]) else [_guarded(v) for v in frame[name].tolist()]
        for name in frame
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_guarded(str(name)) for name in frame.columns])
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode("utf-8", "replace")


def _guarded(value: Any) -> Any:
    if not isinstance(value, str):
        return None if value != value else value  # noqa: PLR0124 - NaN alone differs from itself
    # One apostrophe more before those that are there already, so that reading takes off just what was put on.
    safe = f"'{value}" if value.lstrip("'").startswith(_FORMULA) else value
    return safe.replace("\r", " ").replace("\x00", " ")


def _json_bytes(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode("utf-8", "replace")


def _layers(results: Results, places: pd.DataFrame) -> dict[str, gpd.GeoDataFrame]:
    region = results.region
    points = region.demand.table.geometry.reset_index(drop=True)
    isochrones = results.isochrones[["scenario", "minutes", "geometry"]]
    return {
        "isochrones": isochrones.reset_index(drop=True),
        "demand_points": gpd.GeoDataFrame(places, geometry=points, crs=points.crs),
        "stations": _stations(results),
        "forces": region.forces[["force", "alliance", "geometry"]],
    }


def _stations(results: Results) -> gpd.GeoDataFrame:
    """Return the stations with the units that start there in each scenario."""
    stations = results.region.stations[["id", "name", "force", "role", "units", "capacity", "geometry"]]
    units = {f"{name}_units": c.basing.units.sum(axis=0) for name, c in results.coverages.items()}
    return stations.assign(**units)


def _manifest(
    results: Results, contents: Mapping[str, bytes], rows: Mapping[str, Any], timings: Mapping[str, float]
) -> dict[str, Any]:
    study = results.region.study
    return {
        "schema": SCHEMA,
        "program": {"name": "borderless-coverage", "version": version("borderless-coverage")},
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "projection": _projection(),
        "study": {"name": study.name, "file": study.file.name, "alliance": list(study.alliance)},
        "inputs": [
            {"file": _from(study.file.parent, path), "sha256": store.sha256_of(path)}
            for path in input_files(study)
            if path.exists()
        ],
        "parameters": {
            "clock": study.response.clock,
            "snap": study.roads.snap,
            "bus_gates": "open" if study.roads.bus_gates else "closed",
            **{f"{a.default.table}.{a.default.key}": a.value for a in study.assumptions()},
        },
        "scenarios": [levers(coverage.scenario) for coverage in results.coverages.values()],
        "timings_s": {stage: round(seconds, 3) for stage, seconds in timings.items()},
        "problems": [problem.as_dict() for problem in results.region.problems],
        "outputs": [
            {
                "file": name,
                "sha256": store.sha256_of_bytes(content),
                "bytes": len(content),
                "rows": rows.get(name),
            }
            for name, content in contents.items()
        ],
    }


def _projection() -> dict[str, Any]:
    """Return how degrees became metres here: without Ordnance Survey's grid shifts, a little less exactly."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup("EPSG:4326", "EPSG:27700", always_xy=True)
    used = group.transformers[0]
    return {"system": "EPSG:27700", "operation": used.description, "accuracy_m": used.accuracy}


def _from(folder: Path, path: Path) -> str:
    """Return a path as the study file would name it; never the machine's own folders."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return path.name
