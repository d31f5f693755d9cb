"""CSV files into rows of text: the encoding, the separator, and rows that do not fit the header."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd

from borderless.errors import ProblemLog
from borderless.sources.content import content_of, other_kind
from borderless.sources.tables import SHOWN_ROWS, Table, plain_text

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_SAVE = "save it as “CSV UTF-8”"


def read_csv(path: Path, log: ProblemLog) -> Table:
    """Read a CSV file, plain or packed with gzip; the header is row 1.

    Text of other encodings and with other separators is read only when repairs were asked for. An
    apostrophe that was put before a formula on export is taken off again.

    Parameters
    ----------
    path
        A ``.csv`` or ``.csv.gz`` file.
    log
        Where problems go; an unreadable file gives an empty table.
    """
    empty = Table(path.name, pd.DataFrame(), "row")
    content = content_of(path, log)
    if content is None:
        return empty
    kind = other_kind(content)
    if kind:
        log.error(path.name, f"is not a CSV table but {kind[0]}", kind[1])
        return empty
    text = _decoded(path.name, content, log)
    if text is None:
        return empty
    if not text.strip():
        log.error(path.name, "the file is empty", "give a header and rows")
        return empty
    separator = _separator(path.name, text, log)
    if separator is None or not _fit_the_header(path.name, text, separator, log):
        return empty
    cells = _cells(path.name, text, separator, log)
    return empty if cells is None else _table(path.name, cells, log)


def _decoded(name: str, content: bytes, log: ProblemLog) -> str | None:
    """Return content as text: UTF-8 with or without its mark, other encodings only as a repair."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        why = "is not UTF-8 text but UTF-16"
        mended = log.mend(name, why, _SAVE, rule="read as UTF-16", value="UTF-16", after="UTF-8")
        try:
            return content.decode("utf-16") if mended else None
        except UnicodeDecodeError as error:
            log.error(name, f"is not UTF-16 text either (byte {error.start})", _SAVE)
            return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = content[error.start]
        row = content.count(b"\n", 0, error.start) + 1
        why = f"is not UTF-8 text (byte {error.start} is 0x{byte:02x})"
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if not text or _looks_binary(content):
        log.error(name, why, _SAVE, where=f"row {row}")
        return None
    letter = bytes([byte]).decode("cp1252")
    mended = log.mend(
        *(name, f"{why}; in Windows-1252 it is {letter}", _SAVE),
        rule="read as Windows-1252",
        where=f"row {row}",
        value=f"0x{byte:02x}",
        after=letter,
    )
    return text if mended else None


def _looks_binary(content: bytes) -> bool:
    return b"\0" in content[:4096] or content[:1] == b"\x89"


def _separator(name: str, text: str, log: ProblemLog) -> str | None:
    """Return what stands between cells: the comma, or as a repair what the header has instead; else None."""
    header = text.partition("\n")[0]
    if "," in header:
        return ","
    found = max(_SEPARATORS, key=header.count)
    if not header.count(found):
        return ","
    why = f"{_SEPARATORS[found]} stand between the cells of row 1, not commas"
    rule = f"read with {_SEPARATORS[found]}"
    mended = log.mend(name, why, _SAVE, rule=rule, where="row 1", value=found, after=",")
    return found if mended else None


def _fit_the_header(name: str, text: str, separator: str, log: ProblemLog) -> bool:
    """Tell whether every row has as many cells as the header, and report those that have not."""
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=separator, strict=True)
    try:
        widths = [len(row) for row in reader]
    except csv.Error as error:
        log.error(name, f"is not a CSV table: {error}", "check the quotes", where=f"line {reader.line_num}")
        return False
    wrong = [(number, width) for number, width in enumerate(widths, start=1) if width not in (0, widths[0])]
    remedy = "put quotes around cells with commas, and write empty cells too"
    for number, width in wrong[:SHOWN_ROWS]:
        why = f"has {width} cells, the header {widths[0]}"
        log.error(name, why, remedy, where=f"row {number}")
    if len(wrong) > SHOWN_ROWS:
        why = f"do not have {widths[0]} cells as the header has"
        log.error(name, why, remedy, where=f"{len(wrong) - SHOWN_ROWS:,} more rows")
    return not wrong


def _cells(name: str, text: str, separator: str, log: ProblemLog) -> pd.DataFrame | None:
    """Return all rows, the header first; blank rows are empty throughout."""
    try:
        # The header is read as a row: pandas would else take the first column of a wider table as row names.
        return pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, OverflowError, ValueError) as error:
        why = f"is not a CSV table: {str(error).strip()}"
        log.error(name, why, "check the quotes and the number of columns")
    return None


def _table(name: str, cells: pd.DataFrame, log: ProblemLog) -> Table:
    empty = Table(name, pd.DataFrame(), "row")
    header = cells.iloc[0].fillna("").str.strip().rename(None)
    header = pd.Series([name or f"(column {place})" for place, name in enumerate(header, start=1)])
    twice = sorted(set(header[header.duplicated()]))
    for column in twice:
        log.error(name, "two columns have this name", "rename one of them", column=column)
    if twice:
        return empty
    rows = cells.iloc[1:].set_axis(header, axis="columns")
    filled = (rows != "").any(axis=1).to_numpy()
    number = np.flatnonzero(filled) + 2
    rows = rows[filled].reset_index(drop=True)
    if "geometry" in rows:
        # What geopandas writes; the places of rows are told by columns of numbers.
        log.notice(name, "shapes in a CSV file are not read", "use GeoPackage or GeoJSON", column="geometry")
        rows = rows.drop(columns="geometry")
    table = Table(name, rows, "row", number)
    return plain_text(table, log)
