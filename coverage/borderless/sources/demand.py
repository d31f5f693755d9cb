"""Demand: tables of weighted points and folders or archives of data.police.uk street files, checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from borderless.errors import InputError, ProblemLog
from borderless.sources.archive import unpack
from borderless.sources.coordinates import grid_coordinates
from borderless.sources.files import read_table
from borderless.sources.tables import Table, check_months, numbers, whole_numbers
from borderless.store import scratch
from borderless.study.model import AREA_COLUMN, DemandInput

# Whole numbers beyond this are not exact in every program that reads the results.
_LARGEST_SUM = 2**53
# no area of a census is larger than Britain
_LARGEST_HA = 25_000_000
_TEXTS = ("id", "force", "place", "node")
_OPTIONAL = (*_TEXTS, "urban")
_STREET_FILE = "-street.csv"
_YES = ("1", "1.0", "true", "yes", "urban")
_NO = ("0", "0.0", "false", "no", "rural")


def read_demand(given: DemandInput, log: ProblemLog) -> pd.DataFrame:
    """Read one measure of demand.

    Parameters
    ----------
    given
        The file or folder and its columns. A point table may also carry ``id``, ``force``, ``urban``
        (1 or 0), ``place`` and ``node``; these are then used as they are.
    log
        Where problems go.

    Returns
    -------
    DataFrame
        Columns x, y (metres, EPSG:27700), weight (int64), id, force, place, node (text, empty when not
        given), urban (-1 not given, 0, 1), area_ha (size of the area whose centre the point is, NaN for a
        point). Rows without weight are kept: they cost nothing.
    """
    if given.police_uk is not None and given.police_uk.is_file():
        return _read_archive(given.police_uk, log)
    if given.police_uk is not None:
        return _read_police_uk(given.police_uk, given.police_uk.name, log)
    if given.file is None:
        return _frame(np.empty((0, 2)), np.empty(0, np.int64))
    # a column that the study names must be there, one of the usual name may be
    named = (given.area,) if given.area not in ("", AREA_COLUMN) else ()
    usual = tuple(column for column in (given.area,) if column and not named)
    optional = (given.x, given.y, *usual, *_OPTIONAL)
    table = read_table(given.file, log, required=(given.weight, *named), optional=optional)
    if table.rows.empty:
        return _frame(np.empty((0, 2)), np.empty(0, np.int64))
    before = len(log.errors)
    weight = whole_numbers(table, given.weight, log)
    frame = _frame(grid_coordinates(table, given.x, given.y, log), weight)
    for column in _TEXTS:
        if column in table.rows:
            frame[column] = table.rows[column].str.strip().to_numpy()
    if "urban" in table.rows:
        frame["urban"] = _urban(table, log)
    if given.area and given.area in table.rows:
        frame["area_ha"] = _sizes(table, given.area, log)
    frame = _once(table, frame, log)
    if sum(weight.tolist()) > _LARGEST_SUM:
        why = f"the column adds up to more than {_LARGEST_SUM:,}, which cannot be counted exactly"
        log.error(table.file, why, "check the unit of the weights", column=given.weight)
    if weight.sum() == 0 and len(log.errors) == before:
        log.error(table.file, "the column adds up to 0", "name a column with weights", column=given.weight)
    return frame


def _once(table: Table, frame: pd.DataFrame, log: ProblemLog) -> pd.DataFrame:
    """Return points of which none is there twice; two of one id that differ are an error."""
    named = frame["id"] != ""
    same = frame.duplicated()
    table.note(
        same & named, "id", "this point is listed twice; it counts once", "counts once", frame["id"], log
    )
    again = frame["id"].duplicated() & named & ~same
    table.complain(again, "id", "this id is used twice", "give each point its own id", log)
    alike = int((same & ~named & (frame["weight"] > 0)).sum())
    if alike:
        why = (
            f"{alike:,} rows say the same as earlier ones, which have no ids to tell them apart; each counts"
        )
        log.notice(table.file, why, "leave them out if they were pasted twice")
    return frame[~(same & named)].reset_index(drop=True)


def _read_archive(archive: Path, log: ProblemLog) -> pd.DataFrame:
    """Read the street files of a ZIP archive as data.police.uk sends it."""
    try:
        with scratch() as folder:
            unpack(
                archive,
                folder / "crime",
                lambda member: member.endswith(_STREET_FILE) and "__MACOSX" not in member,
            )
            return _read_police_uk(folder / "crime", archive.name, log)
    except InputError as error:
        log.extend(error.problems)
        return _frame(np.empty((0, 2)), np.empty(0, np.int64))


def _read_police_uk(folder: Path, name: str, log: ProblemLog) -> pd.DataFrame:
    # Macs put a file of their own beside each.
    files = sorted(p for p in folder.rglob(f"*{_STREET_FILE}") if not p.name.startswith("._"))
    twice = sorted(file for file, count in Counter(path.name for path in files).items() if count > 1)
    for file in twice:
        why = "lies in two folders, so its incidents would count twice"
        log.error(name, why, "remove one of the two", value=file)
    if not files:
        log.error(
            name,
            "no street files (YYYY-MM-force-street.csv) in this folder",
            "unpack the archive here",
        )
    parts = []
    for path in files:
        table = read_table(path, log, required=("Longitude", "Latitude"), may_be_empty=True)
        if table.rows.empty:
            if len(table.rows.columns):
                log.notice(table.file, "holds no incidents")
            continue
        table = _without_null_island(_each_crime_once(table, log))
        if "Month" in table.rows:
            check_months(table, "Month", log)
        spot = grid_coordinates(table, "Longitude", "Latitude", log, optional=True)
        located = np.isfinite(spot).all(axis=1)
        if not located.all():
            count = int((~located).sum())
            log.notice(
                table.file, f"{count} of {located.size} incidents have no coordinates and are not counted"
            )
        parts.append(spot[located])
    place = np.concatenate([np.empty((0, 2)), *parts])
    if parts and not len(place):
        log.error(name, "no incident has coordinates", "name a folder with located incidents")
    # Street-level crimes stand at shared, anonymised points: one row a point.
    unique, counts = np.unique(place, axis=0, return_counts=True)
    return _frame(unique.reshape(-1, 2), counts.astype(np.int64))


def _each_crime_once(table: Table, log: ProblemLog) -> Table:
    """Return a table without the rows that repeat a crime word for word; those without an id are many."""
    rows = table.rows
    if "Crime ID" not in rows:
        return table
    again = (rows.duplicated() & (rows["Crime ID"].str.strip() != "")).to_numpy()
    if not again.any():
        return table
    count = int(again.sum())
    why = (
        f"{count:,} rows repeat an earlier one word for word"
        if count > 1
        else "a row repeats an earlier one word for word"
    )
    log.notice(table.file, f"{why}; each crime counts once", value=rows["Crime ID"][again].iloc[0])
    # rows of a table are numbered from 2, below the header
    number = np.arange(2, len(rows) + 2) if table.number is None else table.number
    return replace(table, rows=rows[~again].reset_index(drop=True), number=number[~again])


def _without_null_island(table: Table) -> Table:
    """Return a table in which 0, 0, which stands for no coordinates, is empty."""
    pair = ["Longitude", "Latitude"]
    zero = (table.rows[pair].apply(pd.to_numeric, errors="coerce") == 0).all(axis=1)
    return replace(table, rows=table.rows.assign(**{name: table.rows[name].mask(zero, "") for name in pair}))


def _frame(place: np.ndarray, weight: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame({"x": place[:, 0], "y": place[:, 1], "weight": weight})
    for column in ("id", "force", "place", "node"):
        frame[column] = ""
    frame["urban"] = -1
    frame["area_ha"] = np.nan
    return frame


def _sizes(table: Table, column: str, log: ProblemLog) -> np.ndarray:
    """Return sizes in hectares; an empty cell or 0 is a point without size."""
    blank = (table.rows[column].astype(str).str.strip() == "").to_numpy(bool)
    filled = table.rows[column].mask(blank, "0")
    said = replace(table, rows=pd.DataFrame({column: filled}))
    sizes = numbers(said, column, log)
    wrong = np.isfinite(sizes) & ((sizes < 0) | (sizes > _LARGEST_HA))
    said.complain(wrong, column, "is not the size of an area in hectares", "correct it, or empty it", log)
    return np.where(wrong | (sizes == 0), np.nan, sizes)


def _urban(table: Table, log: ProblemLog) -> np.ndarray:
    text = table.rows["urban"].str.strip().str.lower()
    table.complain(
        ~text.isin((*_YES, *_NO)),
        "urban",
        "must be 1 (town) or 0 (country)",
        "write 1 or 0",
        log,
        values=text,
    )
    return text.isin(_YES).astype(int).to_numpy()
