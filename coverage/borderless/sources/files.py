"""Any table file (CSV, GeoJSON, GeoPackage, shapefile) into rows of text with the columns it must have."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from borderless.errors import ProblemLog
from borderless.sources.content import is_local_file, remarks_told
from borderless.sources.csv_text import read_csv
from borderless.sources.features import FEATURE_FILES, read_features
from borderless.sources.tables import Table, known_columns, nearest_column

#: The names that table files end in.
TABLE_FILES = (".csv", ".csv.gz", *FEATURE_FILES)


def read_table(
    path: Path,
    log: ProblemLog,
    *,
    required: Iterable[str] = (),
    optional: Iterable[str] = (),
    may_be_empty: bool = False,
) -> Table:
    """Read a table; problems go into the log and leave the table empty.

    Parameters
    ----------
    path
        One of :data:`TABLE_FILES`, on this machine.
    log
        Where problems go.
    required
        Columns that must be there; other capitals will do.
    optional
        Columns that may be there.
    may_be_empty
        Whether the file may have no rows.

    Returns
    -------
    Table
    """
    name = path.name
    if not is_local_file(path, log, TABLE_FILES):
        return Table(name, pd.DataFrame(), "row")
    geographic = name.lower().endswith(FEATURE_FILES)
    with remarks_told(name, log):
        table = read_features(path, log) if geographic else read_csv(path, log)
    if table.rows.columns.empty:
        return table
    required = tuple(required)
    table = known_columns(table, required, tuple(optional), log)
    rows = table.rows
    missing = [column for column in required if column not in rows.columns]
    for column in missing:
        log.error(name, "this column is missing", f"add it, or {nearest_column(column, rows)}", column=column)
    if rows.empty and not may_be_empty:
        log.error(name, "the file has no rows", "give at least one")
    return Table(name, pd.DataFrame(), table.unit) if missing else table
