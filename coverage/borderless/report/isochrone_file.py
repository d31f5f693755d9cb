"""Isochrones as one file: where it goes, and that it is there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from borderless import store
from borderless.errors import InputError, Problem
from borderless.region import input_files
from borderless.report.vector import DRIVERS, vector_bytes
from borderless.study.model import Study

_LAYER = "isochrones"
_DEFAULT = "gpkg"


def isochrone_file(out: Path, file_format: str, study: Study) -> Path:
    """Return the file that isochrones go to, before any work is done for them.

    Parameters
    ----------
    out
        A file whose ending names a format, or a folder for ``isochrones.gpkg`` or the like.
    file_format
        One of ``gpkg``, ``geojson`` and ``fgb``; empty to follow the ending of `out`, else ``gpkg``.
    study
        The study, whose files are not overwritten.

    Raises
    ------
    InputError
        When the format is unknown or not that of the ending, or the file cannot go there.
    """
    ending = out.suffix.lower().removeprefix(".")
    chosen = file_format or (ending if ending in DRIVERS else _DEFAULT)
    formats = ", ".join(DRIVERS)
    if chosen not in DRIVERS:
        raise _refusal("--format", f"unknown format {chosen}", f"formats are: {formats}")
    if out.is_dir() or not ending:
        file = out / f"{_LAYER}.{chosen}"
    elif ending not in DRIVERS:
        raise _refusal(str(out), f"files that end in .{ending} are not written", f"name one of: {formats}")
    elif ending != chosen:
        raise _refusal(str(out), f"ends in .{ending}, but --format is {chosen}", "leave one of them out")
    else:
        file = out
    if file.is_dir():
        raise _refusal(str(file), "is a folder", "name another file with --out")
    if file.resolve() in {path.resolve() for path in input_files(study)}:
        raise _refusal(str(file), "is input of the study", "name another file with --out")
    store.check_folder(file.parent, keep=())
    return file


def write_isochrones(table: gpd.GeoDataFrame, file: Path) -> None:
    """Write isochrones as a layer of that name; the ending of the file says the format.

    Raises
    ------
    OutputError
        When the disk refuses; what stood there before is untouched.
    """
    store.write_atomically(file, vector_bytes({_LAYER: table}, f"{_LAYER}{file.suffix.lower()}"))


def _refusal(what: str, why: str, remedy: str) -> InputError:
    return InputError([Problem(what, why=why, remedy=remedy)])
