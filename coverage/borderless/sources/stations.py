"""The table of stations, checked."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.errors import ProblemLog
from borderless.sources.coordinates import coordinate_columns, grid_coordinates
from borderless.sources.files import read_table
from borderless.sources.tables import GRID, Table, short_names, whole_numbers
from borderless.study.policy import CAPABILITIES, RESPONSE, Capability

#: Capability → the column that says how many such units start at a station.
SPECIAL_UNITS: Mapping[Capability, str] = {c: f"units_{c}" for c in CAPABILITIES if c != RESPONSE}


def read_stations(path: Path, forces: Sequence[str], log: ProblemLog) -> gpd.GeoDataFrame:
    """Read stations.

    Parameters
    ----------
    path
        A table with ``id, name, force, role, units`` and coordinates or point geometries; ``capacity``
        (units that fit; where missing or empty, `units`), ``node`` (a node of the road file) and
        ``units_roads``, ``units_firearms``, ``units_dogs`` (units of these capabilities, besides `units`;
        where empty, none) are optional.
    forces
        The forces of the study; stations of others are left out, with a notice.
    log
        Where problems go.

    Returns
    -------
    GeoDataFrame
        Sorted by id; columns id, name, force, role, node (text), units, capacity and those of the other
        capabilities that the table has (whole numbers), geometry (points, EPSG:27700).
    """
    table = read_table(
        path,
        log,
        required=("id", "name", "force", "role", "units"),
        optional=("capacity", "node", *SPECIAL_UNITS.values()),
    )
    if table.rows.empty:
        return no_stations()
    rows = table.rows
    units = whole_numbers(table, "units", log)
    capacity = _whole_where_said(table, "capacity", units, log)
    special = {
        column: _whole_where_said(table, column, np.zeros(len(rows), dtype=np.int64), log)
        for column in SPECIAL_UNITS.values()
        if column in rows
    }
    place = grid_coordinates(table, *coordinate_columns(table), log)
    text = {
        column: rows[column].astype(str).str.strip() if column in rows else ""
        for column in ("id", "name", "force", "role", "node")
    }
    text["name"] = short_names(table, "name", log)
    stations = gpd.GeoDataFrame(
        {**text, "units": units, "capacity": capacity, **special},
        geometry=gpd.points_from_xy(place[:, 0], place[:, 1]),
        crs=GRID,
    )
    _check(table, stations, forces, log)
    twice = _said_twice(stations)
    table.note(
        twice, "id", "this station is listed twice; it counts once", "counts once", stations["id"], log
    )
    _tell_of_shared_places(table, stations[~twice], log)
    known = stations["force"].isin(forces) & np.isfinite(place).all(axis=1) & ~twice
    elsewhere = stations.loc[~stations["force"].isin(forces), "force"]
    if len(elsewhere):
        names = ", ".join(sorted(set(elsewhere)))
        log.notice(
            table.file, f"{len(elsewhere)} stations of forces outside the study were left out", value=names
        )
    return stations[known].sort_values("id").reset_index(drop=True)


def _whole_where_said(
    table: Table, column: str, otherwise: NDArray[np.int64], log: ProblemLog
) -> NDArray[np.int64]:
    """Return a column of whole numbers, with others in its empty cells, or where there is no such column."""
    if column not in table.rows:
        return otherwise
    silent = (table.rows[column].astype(str).str.strip() == "").to_numpy()
    said = replace(table, rows=table.rows.assign(**{column: table.rows[column].mask(silent, "0")}))
    return np.where(silent, otherwise, whole_numbers(said, column, log))


def _check(table: Table, stations: gpd.GeoDataFrame, forces: Sequence[str], log: ProblemLog) -> None:
    ids = stations["id"]
    table.complain(ids == "", "id", "is empty", "give each station an id", log)
    again = ids.duplicated() & (ids != "") & ~_said_twice(stations)
    table.complain(again, "id", "this id is used twice", "give each station its own id", log)
    low = stations["capacity"] < stations["units"]
    for units in sorted(set(stations.loc[low, "units"])):
        why = f"is less than the {units} units that start here"
        few = low & (stations["units"] == units)
        table.complain(
            few, "capacity", why, "raise the capacity or move units", log, values=stations["capacity"]
        )
    spelled = {force.casefold(): force for force in forces}
    folded = stations["force"].str.casefold()
    for spelling, meant in spelled.items():
        otherwise = (folded == spelling) & ~stations["force"].isin(forces)
        why = f"is not how the study writes {meant}"
        table.complain(otherwise, "force", why, f"write {meant}", log)
    for force in forces:
        if not (stations["force"] == force).any():
            close = difflib.get_close_matches(force, sorted(set(stations["force"])), n=1)
            hint = f"; is {close[0]!r} the same force?" if close else ""
            why = f"no station belongs to {force}"
            log.error(table.file, why, f"add its stations or take it out of the study{hint}", column="force")


def _said_twice(stations: gpd.GeoDataFrame) -> pd.Series:
    """Return which rows say word for word what an earlier one says."""
    said = pd.DataFrame(stations.drop(columns="geometry")).assign(
        x=stations.geometry.x, y=stations.geometry.y
    )
    return pd.Series(said.duplicated() & (stations["id"] != ""))


def _tell_of_shared_places(table: Table, stations: gpd.GeoDataFrame, log: ProblemLog) -> None:
    """Tell of stations of different ids on one spot: a site shared, or entered twice."""
    spot = [stations.geometry.x.round(0), stations.geometry.y.round(0)]
    for _, group in stations[np.isfinite(stations.geometry.x)].groupby(spot):
        if len(group) > 1:
            why = "these stations stand on the same spot; each counts"
            log.notice(table.file, why, "leave one out if it is one", value=", ".join(group["id"]))


def special_units_in(stations: pd.DataFrame) -> list[str]:
    """Return which columns of a table count units of other capabilities than response."""
    return [column for column in SPECIAL_UNITS.values() if column in stations]


def no_stations() -> gpd.GeoDataFrame:
    """Return a table of stations without any."""
    columns = ("id", "name", "force", "role", "node", "units", "capacity")
    return gpd.GeoDataFrame({column: [] for column in columns}, geometry=[], crs=GRID)
