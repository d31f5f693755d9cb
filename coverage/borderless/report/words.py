"""Numbers and names as people read them: one way of printing each, for pages and the terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from borderless.roads.network import UNREACHABLE
from borderless.study.model import Measure, Study
from borderless.study.policy import Target

NO_NUMBER = "–"
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def amount(measure: Measure, whole: int, *, signed: bool = False) -> str:
    """Return a whole-number sum of a measure's column in its printed unit, without the unit.

    Examples
    --------
    >>> from borderless.study.model import measure_named
    >>> amount(measure_named("population"), 5295, signed=True)
    '+5,295'
    >>> amount(measure_named("area_km2"), 114_269_477)
    '114.3'
    """
    digits = 0 if measure.per == 1 else 1
    shown = f"{abs(whole) / measure.per:,.{digits}f}"
    if whole and float(shown.replace(",", "")) == 0:
        shown = "< 0.1"
    if whole < 0:
        return f"\N{MINUS SIGN}{shown}"
    return f"+{shown}" if signed and whole else shown


def quantity(measure: Measure, whole: int, *, signed: bool = False) -> str:
    """Return a sum with its unit: ``5,295 people``, ``114.3 km²``."""
    return f"{amount(measure, whole, signed=signed)} {measure.unit}"


def percent(part: int, total: int, digits: int = 2) -> str:
    """Return a share; what is not everything never rounds up to everything, nor something down to nothing.

    Examples
    --------
    >>> percent(2782501, 2801131), percent(99_999_999, 100_000_000), percent(0, 0)
    ('99.33 %', '> 99.99 %', '–')
    """
    if not total:
        return NO_NUMBER
    shown = f"{100 * part / total:.{digits}f}"
    edge = 10.0**-digits
    if 0 < part < total and float(shown) == 100:
        return f"> {100 - edge:.{digits}f} %"
    if 0 < part < total and float(shown) == 0:
        return f"< {edge:.{digits}f} %"
    return f"{shown} %"


def points(change: float, digits: int = 2) -> str:
    """Return a change of share (-1 to 1) in percentage points, with its sign.

    Examples
    --------
    >>> points(0.00189), points(-0.02), points(0.0)
    ('+0.19', '−2.00', '0.00')
    """
    if change != change:  # noqa: PLR0124 - NaN alone differs from itself
        return NO_NUMBER
    shown = f"{abs(100 * change):.{digits}f}"
    if float(shown) == 0:
        return shown if change == 0 else f"< {10.0**-digits:.{digits}f}"
    return f"{'+' if change > 0 else chr(0x2212)}{shown}"


def minutes(value: float | None, unit: bool = True) -> str:
    """Return minutes with one decimal; missing ones are out of reach."""
    if value is None or not np.isfinite(value):
        return "out of reach"
    return f"{value:.1f} min" if unit else f"{value:.1f}"


def minutes_of(time_ms: int) -> float:
    """Return milliseconds as minutes, missing where out of reach."""
    return float("nan") if time_ms == UNREACHABLE else time_ms / 60_000


def number(value: float) -> str:
    """Return a setting as short as it can be said: ``15``, ``1.25``, ``10,000``."""
    return f"{value:,.10g}"


def duration(seconds: float) -> str:
    """Return seconds as people say them: ``2 min``, ``45 s``."""
    return f"{number(seconds / 60)} min" if seconds and seconds % 30 == 0 else f"{number(seconds)} s"


def tied(sentence: str) -> str:
    """Return a sentence whose numbers do not part from their units at the end of a line."""
    return re.sub(r"(?<=\d) (?=%|min\b|s\b|km|people\b)", "\N{NO-BREAK SPACE}", sentence)


def listing(names: Sequence[str]) -> str:
    """Return names as in a sentence.

    Examples
    --------
    >>> listing(["Nottinghamshire", "Leicestershire", "Northamptonshire"])
    'Nottinghamshire, Leicestershire and Northamptonshire'
    """
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def spelt(count: int) -> str:
    """Return a small number as a word."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else f"{count:,}"


def capital(words: str) -> str:
    """Return words with a capital first letter, the rest untouched."""
    return words[:1].upper() + words[1:]


def within(target: Target) -> str:
    """Return a target as part of a sentence: ``within the standard``, ``within 10 minutes``."""
    return "within the standard" if target.name == "standard" else f"within {target.label}"


def counted_from(study: Study) -> str:
    """Return what the clock counts, as part of a sentence."""
    return "from the call" if study.response.clock == "response" else "of driving"


def plain(text: str) -> str:
    """Return text without characters that steer a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)
