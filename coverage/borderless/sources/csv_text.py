"""CSV files into rows of text: the encoding, the separator, and rows that do not fit the header."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from borderless.errors import ProblemLog
from borderless.sources.content import content_of, other_kind
from borderless.sources.tables import SHOWN_ROWS, Table, plain_letters, plain_text

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_SAVE = "save it as “CSV UTF-8”"
_SEPARATOR_LINE = re.compile(r"sep=.\r?\n", re.IGNORECASE)
_WIDE = (b"\xff\xfe", b"\xfe\xff")
# A letter of two or more bytes, as UTF-8 writes it.
_UTF8_LETTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
# Shapes as text, which are not read, can be long.
csv.field_size_limit(2**31 - 1)


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
    rows = None if separator is None else _rows(path.name, text, separator, log)
    return empty if rows is None else _table(path.name, rows, log, comma_is_decimal=separator != ",")


def _decoded(name: str, content: bytes, log: ProblemLog) -> str | None:
    """Return content as text: UTF-8 with or without its mark, other encodings only as a repair."""
    if content[:4096].count(b"\0") * 5 > len(content[:4096]) and not content.startswith(_WIDE):
        log.error(name, "is not UTF-8 text but UTF-16 or UTF-32 without its mark, or no text", _SAVE)
        return None
    if content.startswith(_WIDE):
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
        cut = error.reason == "unexpected end of data"
        byte = content[error.start]
        row = content.count(b"\n", 0, error.start) + 1
        why = f"is not UTF-8 text (byte {error.start} is 0x{byte:02x})"
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    # A file that is UTF-8 elsewhere, or was cut within a letter, is not Windows-1252.
    mixed = cut or _UTF8_LETTER.search(content) is not None
    if not text or _looks_binary(content) or mixed:
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
    header = re.sub(r'"[^"]*"', "", _without_mark(text).lstrip("\r\n").partition("\n")[0])
    if "," in header:
        return ","
    found = max(_SEPARATORS, key=header.count)
    if not header.count(found):
        return ","
    why = f"{_SEPARATORS[found]} stand between the cells of row 1, not commas"
    rule = f"read with {_SEPARATORS[found]}"
    mended = log.mend(name, why, _SAVE, rule=rule, where="row 1", value=found, after=",")
    return found if mended else None


def _without_mark(text: str) -> str:
    """Return text without the line in which Excel may name the separator."""
    return text.partition("\n")[2] if _SEPARATOR_LINE.match(text) else text


def _rows(name: str, text: str, separator: str, log: ProblemLog) -> list[tuple[int, list[str]]] | None:
    """Return the rows that hold anything with their numbers, the header first, all of its width.

    Cells too many that are empty are left out. Cells that are missing at the end, as Excel leaves out empty
    ones, are a repair: one in the middle may be missing as well.
    """
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=separator, strict=True)
    try:
        rows = [(number, row) for number, row in enumerate(reader, start=1) if any(map(str.strip, row))]
    except csv.Error as error:
        log.error(name, f"is not a CSV table: {error}", "check the quotes", where=f"line {reader.line_num}")
        return None
    if rows and _SEPARATOR_LINE.match(text):
        del rows[0]
    if not rows:
        log.error(name, "the file is empty", "give a header and rows")
        return None
    width = len(rows[0][1])
    while (
        width > 1 and not rows[0][1][width - 1].strip() and not any(any(row[width - 1 :]) for _, row in rows)
    ):
        width -= 1
    wide = [(number, len(row)) for number, row in rows if any(row[width:])]
    narrow = [(number, len(row)) for number, row in rows if len(row) < width]
    for number, has in wide[:SHOWN_ROWS]:
        remedy = "put quotes around cells with commas"
        log.error(name, f"has {has} cells, the header {width}", remedy, where=f"row {number}")
    for number, has in narrow[:SHOWN_ROWS]:
        _offer_empty_cells(name, f"has {has} cells, the header {width}", f"row {number}", 1, log)
    for bad, told in ((wide, "more"), (narrow, "fewer")):
        rest = len(bad) - SHOWN_ROWS
        why, where = f"have {told} cells than the header", f"{rest:,} more rows"
        if rest > 0 and bad is wide:
            log.error(name, why, "put quotes around cells with commas", where=where, count=rest)
        elif rest > 0:
            _offer_empty_cells(name, why, where, rest, log)
    if wide or (narrow and not log.mending):
        return None
    return [(number, [*row[:width], *[""] * (width - len(row))]) for number, row in rows]


def _offer_empty_cells(name: str, why: str, where: str, count: int, log: ProblemLog) -> None:
    remedy = "write every cell, empty ones too"
    log.mend(name, why, remedy, rule="empty cells at the end", where=where, count=count)


def _table(name: str, rows: list[tuple[int, list[str]]], log: ProblemLog, *, comma_is_decimal: bool) -> Table:
    empty = Table(name, pd.DataFrame(), "row")
    header = [
        plain_letters(cell).strip() or f"(column {place})" for place, cell in enumerate(rows[0][1], start=1)
    ]
    twice = sorted(name for name, count in Counter(header).items() if count > 1)
    for column in twice:
        log.error(name, "two columns have this name", "rename one of them", column=column)
    if twice:
        return empty
    frame = pd.DataFrame([row for _, row in rows[1:]], columns=header, dtype=str)
    if "geometry" in frame:
        # What geopandas writes; the places of rows are told by columns of numbers.
        log.notice(name, "shapes in a CSV file are not read", "use GeoPackage or GeoJSON", column="geometry")
        frame = frame.drop(columns="geometry")
    number = np.array([number for number, _ in rows[1:]], dtype=np.int64)
    return plain_text(Table(name, frame, "row", number, comma_is_decimal), log)
