"""Rows of text from a file, and the checks of their columns that every reader shares."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from borderless.errors import ProblemLog

GRID = "EPSG:27700"
WGS84 = "EPSG:4326"
#: Rows told one by one before the rest of their kind are counted.
SHOWN_ROWS = 100
#: Letters of the longest name that is shown whole. The longest place name in Britain has 58.
LONGEST_NAME = 200

_FORMULA = tuple("=+-@\t\r")
# Letters that show nothing, or turn the text around them: no name needs them.
_INVISIBLE = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u200b\u2060\u00ad]"
)
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")

_Bool = npt.NDArray[np.bool_]
_Float = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """A file as rows of text.

    Parameters
    ----------
    file
        The file as the user named it.
    rows
        Columns of text; a geometry column (EPSG:27700) when the file has one.
    unit
        What a row is called in messages: ``row`` (the header is row 1) or ``feature``.
    number
        The number of each row in the file; None when no row of the file was left out.
    comma_is_decimal
        Whether the file separates cells by something else than commas, so that one in a number can only be
        a decimal comma.
    """

    file: str
    rows: pd.DataFrame
    unit: str
    number: npt.NDArray[np.int64] | None = None
    comma_is_decimal: bool = False

    def where(self, position: int) -> str:
        """Return the name of the row at a position, for messages."""
        first = 2 if self.unit == "row" else 1
        return f"{self.unit} {first + position if self.number is None else self.number[position]}"

    def complain(
        self,
        bad: npt.ArrayLike,
        column: str,
        why: str,
        remedy: str,
        log: ProblemLog,
        *,
        values: Sequence[object] | pd.Series | None = None,
    ) -> None:
        """Record an error for each bad row; beyond the first hundred they are counted.

        Parameters
        ----------
        bad
            Which rows, bool, shape (rows,).
        column
            The column that is wrong; its cells are shown unless `values` are given.
        why, remedy
            What is wrong and what to do.
        log
            Where problems go.
        values
            What to show instead, one a row.
        """
        positions = np.flatnonzero(np.asarray(bad))
        shown = self.rows[column] if values is None and column in self.rows else values
        for position in positions[:SHOWN_ROWS]:
            value = "" if shown is None else pd.Series(shown).iloc[position]
            log.error(self.file, why, remedy, where=self.where(int(position)), column=column, value=value)
        if len(positions) > SHOWN_ROWS:
            more = f"{len(positions) - SHOWN_ROWS:,} more {self.unit}s"
            log.error(self.file, why, remedy, where=more, column=column, count=len(positions) - SHOWN_ROWS)

    def note(
        self, mended: npt.ArrayLike, column: str, why: str, rule: str, after: pd.Series, log: ProblemLog
    ) -> None:
        """Record a repair that was made without asking, for each row; beyond a hundred they are counted."""
        positions = np.flatnonzero(np.asarray(mended))
        for position in positions[:SHOWN_ROWS]:
            before, now = self.rows[column].iloc[position], after.iloc[position]
            place = self.where(int(position))
            log.repair(self.file, why, rule=rule, where=place, column=column, value=before, after=now)
        if len(positions) > SHOWN_ROWS:
            more = f"{len(positions) - SHOWN_ROWS:,} more {self.unit}s"
            rest = len(positions) - SHOWN_ROWS
            log.repair(self.file, why, rule=rule, where=more, column=column, count=rest)

    def mend(
        self,
        bad: npt.ArrayLike,
        column: str,
        why: str,
        remedy: str,
        rule: str,
        log: ProblemLog,
        *,
        before: Sequence[object] | pd.Series,
        after: Sequence[object] | pd.Series,
    ) -> bool:
        """Offer or make a repair for each bad row; beyond a hundred they are counted. Tell if it was made."""
        positions = np.flatnonzero(np.asarray(bad))
        old, new = pd.Series(before), pd.Series(after)
        for position in positions[:SHOWN_ROWS]:
            log.mend(
                *(self.file, why, remedy),
                rule=rule,
                where=self.where(int(position)),
                column=column,
                value=old[position],
                after=new[position],
            )
        if len(positions) > SHOWN_ROWS:
            more = f"{len(positions) - SHOWN_ROWS:,} more {self.unit}s"
            rest = len(positions) - SHOWN_ROWS
            log.mend(self.file, why, remedy, rule=rule, where=more, column=column, count=rest)
        return log.mending


def plain_letters(text: str) -> str:
    """Return text without letters that nobody sees, and with accents put together with their letters."""
    return unicodedata.normalize("NFC", re.sub(_INVISIBLE, "", text))


def plain_text(table: Table, log: ProblemLog) -> Table:
    """Take off what spreadsheets and word processors leave in text and nobody sees.

    An apostrophe that was put before a formula on export comes off; letters that show nothing are taken off
    and told; accents that stand beside their letters are put together (Unicode NFC), so that names match.
    """
    rows = table.rows.copy()
    for position, column in enumerate(table.rows.columns):
        text = table.rows.iloc[:, position]
        kinds = pd.Series(text.unique()).astype(str)
        guarded = kinds.str.lstrip("'").str.startswith(_FORMULA) & kinds.str.startswith("'")
        odd = kinds.str.contains(_INVISIBLE, regex=True)
        parted = np.array([not unicodedata.is_normalized("NFC", kind) for kind in kinds], dtype=np.bool_)
        if not (guarded | odd | parted).any():
            continue
        plain = {kind: kind[1:] for kind in kinds[guarded]}
        plain |= {kind: re.sub(_INVISIBLE, "", str(plain.get(kind, kind))) for kind in kinds[odd]}
        plain |= {kind: unicodedata.normalize("NFC", str(plain.get(kind, kind))) for kind in kinds[parted]}
        cleaned = text.map(lambda value, plain=plain: plain.get(value, value))
        why = "holds letters that nobody sees; they were taken off"
        table.note(text.isin(kinds[odd]), str(column), why, "invisible letters", cleaned, log)
        rows.isetitem(position, cleaned.to_numpy())
    return replace(table, rows=rows)


def numbers(
    table: Table, column: str, log: ProblemLog, *, optional: bool = False, degrees: bool = False
) -> _Float:
    """Return a column as numbers; rows with something else are reported and become NaN.

    Parameters
    ----------
    table, column
        Which column.
    log
        Where problems go; as a repair, a decimal comma is read as a point, where it can be nothing else.
    optional
        Whether a cell may be empty.
    degrees
        Whether the numbers are degrees, which have no thousands.

    Returns
    -------
    ndarray, shape (rows,)
    """
    text = table.rows[column].astype(str).str.strip()
    values = pd.to_numeric(text, errors="coerce").to_numpy(float, copy=True)
    wrong = ~np.isfinite(values)
    if optional:
        wrong &= (text != "").to_numpy()
    comma = wrong & text.str.fullmatch(_DECIMAL_COMMA.pattern).to_numpy(bool)
    grouped = comma & text.str.fullmatch(_THOUSANDS.pattern).to_numpy(bool)
    if grouped.any() and not (degrees or table.comma_is_decimal or (comma & ~grouped).any()):
        why = "can be read as a decimal number and as thousands"
        table.complain(grouped, column, why, "write it without a comma", log, values=text)
        wrong, comma = wrong & ~grouped, comma & ~grouped
    if comma.any():
        pointed = text.str.replace(",", ".", n=1, regex=False)
        why, remedy = "must be a number", "write a decimal point, not a comma"
        if table.mend(comma, column, why, remedy, "decimal comma", log, before=text, after=pointed):
            values[comma] = pd.to_numeric(pointed[comma]).to_numpy(float)
        wrong &= ~comma
    empty = (text == "").to_numpy()
    table.complain(wrong & ~empty, column, "must be a number", "give a number", log, values=text)
    table.complain(wrong & empty, column, "is empty", "give a number", log, values=text)
    return np.where(np.isfinite(values), values, np.nan)


def whole_numbers(table: Table, column: str, log: ProblemLog) -> npt.NDArray[np.int64]:
    """Return a column as whole numbers of at least 0; others are reported and become 0.

    As a repair, commas between thousands (``1,091``) are left out, where they can be nothing else.
    """
    text = table.rows[column].astype(str).str.strip()
    comma = text.str.contains(",", regex=False).to_numpy(bool)
    grouped = text.str.fullmatch(_THOUSANDS.pattern).to_numpy(bool)
    if comma.any() and (table.comma_is_decimal or (comma & ~grouped).any()):
        why, remedy = "must be a whole number", "write it without a comma"
        table.complain(comma, column, why, remedy, log, values=text)
        text = text.where(~comma, "0")
    elif grouped.any():
        plain = text.str.replace(",", "", regex=False)
        why, remedy = "must be a number", "write it without commas"
        table.mend(grouped, column, why, remedy, "commas in numbers", log, before=text, after=plain)
        text = text.where(~grouped, plain)
    said = replace(table, rows=pd.DataFrame({column: text}))
    values = numbers(said, column, log)
    wrong = np.isfinite(values) & ((values < 0) | (values != np.round(values)) | (values > 2**53))
    said.complain(wrong, column, "must be a whole number of at least 0", "round or correct it", log)
    return np.where(np.isfinite(values) & ~wrong, values, 0).astype(np.int64)


def short_names(table: Table, column: str, log: ProblemLog) -> pd.Series:
    """Return a column of names, stripped; what is longer than any name is cut, and told."""
    names = table.rows[column].astype(str).str.strip()
    long = (names.str.len() > LONGEST_NAME).to_numpy(bool)
    cut = names.where(~long, names.str.slice(0, LONGEST_NAME - 1) + "…")
    why = f"is longer than {LONGEST_NAME} letters; it is shown cut short"
    table.note(long, column, why, "cut short", cut, log)
    return cut


def check_months(table: Table, column: str, log: ProblemLog) -> None:
    """Report cells of a column that are not a month written as ``2024-01``: others can be misread."""
    text = table.rows[column].astype(str).str.strip()
    kinds = pd.Series(text.unique())
    strange = kinds[~kinds.str.fullmatch(_MONTH.pattern)]
    if len(strange):
        why = "is not a month written as YYYY-MM, so it could be misread"
        table.complain(text.isin(strange), column, why, "write 2024-01 for January 2024", log)


def nearest_column(column: str, rows: pd.DataFrame) -> str:
    """Return what to do about a missing column: rename the nearest, or choose of those there are."""
    names = {str(name).lower(): str(name) for name in rows.columns}
    close = difflib.get_close_matches(column.lower(), names, n=1, cutoff=0.5)
    return f"rename {names[close[0]]!r}" if close else f"columns are: {', '.join(map(str, rows.columns))}"


def known_columns(table: Table, required: Iterable[str], optional: Iterable[str], log: ProblemLog) -> Table:
    """Return a table whose columns are called as they are known, and tell of those that look misspelt.

    ``Capacity`` is taken for ``capacity``, and that is told; ``capactiy`` is not read, and that is told too.
    """
    known = (*required, *optional)
    here = [str(column) for column in table.rows.columns]
    renamed: dict[str, str] = {}
    for name in known:
        alike = [column for column in here if column.casefold() == name.casefold() and column != name]
        if name not in here and len(alike) == 1:
            renamed[alike[0]] = name
            why = f"is taken for {name}"
            log.repair(table.file, why, rule="column names", column=name, value=alike[0], after=name)
    table = replace(table, rows=table.rows.rename(columns=renamed))
    missing = [name for name in optional if name not in table.rows.columns]
    for column in (str(column) for column in table.rows.columns):
        close = difflib.get_close_matches(column.casefold(), missing, n=1, cutoff=0.8)
        if column not in known and close:
            why = f"this column is not read; is it meant to be {close[0]}?"
            log.notice(table.file, why, f"rename it {close[0]} if it is", column=column)
    return table
