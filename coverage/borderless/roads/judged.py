"""Streets with their tags in columns, judged row by row: each distinct set of tags once."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from borderless.roads.access import (
    ACCESS_KEYS,
    CONDITIONAL_KEYS,
    LIMIT_KEYS,
    Verdict,
    first_drivable,
    turned,
)

#: Every key of a street that is read; each may also be spelt with ``_`` in the place of ``:``.
STREET_KEYS = tuple(sorted({*ACCESS_KEYS, *CONDITIONAL_KEYS, *LIMIT_KEYS, "reversed"}))
_LONGEST_LIST = 10_000
_MISSING = frozenset(("", "nan", "None", "<NA>"))
_KINDS = {"highway": object, "oneway": np.int8, "roundabout": bool, "bridge": bool, "tunnel": bool}


@dataclass(frozen=True)
class Judged:
    """What the distinct sets of tags of a file say.

    Parameters
    ----------
    verdicts
        By set of tags.
    limits
        The tags about speed limits, by set of tags.
    code
        The set of each row, shape (rows,).
    """

    verdicts: Sequence[Verdict]
    limits: Sequence[Mapping[str, str]]
    code: npt.NDArray[np.int64]

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the columns of streets that their tags decide, and the raw ones about speed limits."""
        found: dict[str, npt.NDArray[Any]] = {
            name: np.array([getattr(verdict, name) for verdict in self.verdicts], dtype=kind)[self.code]
            for name, kind in _KINDS.items()
        }
        for key in LIMIT_KEYS:
            texts = [tags.get(key, "") for tags in self.limits]
            if key == "maxspeed" or any(texts):
                found[key] = np.array(texts, dtype=object)[self.code]
        return found


def judge_rows(
    columns: Mapping[str, Sequence[object]], rows: int, judge: Callable[[Mapping[str, str]], Verdict]
) -> Judged:
    """Judge streets whose tags are in columns.

    Parameters
    ----------
    columns
        OpenStreetMap key → what each row has there: text, a truth value, a list or the text of one, or
        nothing. ``reversed`` says that a row runs against its way, as OSMnx writes it.
    rows
        How many there are.
    judge
        The rule: :func:`borderless.roads.access.judge_way` or ``judge_edge``.
    """
    keys = list(columns)
    code = np.zeros(rows, dtype=np.int64)
    number: dict[tuple[str, ...], int] = {}
    verdicts: list[Verdict] = []
    limits: list[Mapping[str, str]] = []
    for row, values in enumerate(zip(*columns.values(), strict=True)):
        key = tuple(map(str, values))
        if key not in number:
            number[key] = len(verdicts)
            tags, variants = _tags(dict(zip(keys, values, strict=True)))
            verdicts.append(_together([judge(variant) for variant in variants]))
            limits.append({name: tags[name] for name in LIMIT_KEYS if name in tags})
        code[row] = number[key]
    if not keys:
        return Judged([judge({})], [{}], code)
    return Judged(verdicts, limits, code)


def listed(value: object) -> list[str]:
    """Return an attribute as texts: a list where ways were merged, or its text; nothing where it is missing.

    Examples
    --------
    >>> listed("['residential', 'living_street']"), listed(True), listed(float("nan"))
    (['residential', 'living_street'], ['True'], [])
    """
    if isinstance(value, str):
        text = value.strip()
        if text in _MISSING:
            return []
        return _list(text) if text.startswith("[") and text.endswith("]") else [text]
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return []
    if isinstance(value, Iterable):
        return [text for part in value for text in listed(part)]
    return [str(value)]


def first_text(value: object) -> str:
    """Return the first of the texts of an attribute, empty when there is none."""
    return next(iter(listed(value)), "")


def _list(text: str) -> list[str]:
    if len(text) <= _LONGEST_LIST:
        try:
            value = ast.literal_eval(text)
            return [str(part) for part in value]
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            pass
    return [part for piece in text[1:-1].split(",") if (part := piece.strip("'\" "))]


def _tags(values: Mapping[str, object]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the tags of a row, and these with each value of merged ways in turn.

    Of merged ways a later one may be closed where the first is open, so each of them has its say.
    """
    parts = {key: found for key, value in values.items() if (found := listed(value))}
    backwards = parts.pop("reversed", ["no"])[0].lower() in {"true", "yes", "1"}
    tags = {key: found[0] for key, found in parts.items()}
    tags |= {key: ";".join(parts[key]) for key in LIMIT_KEYS if key in parts}
    tags["highway"] = first_drivable(parts.get("highway", []))
    variants = [tags]
    for key, found in parts.items():
        if len(found) > 1 and key not in LIMIT_KEYS and key != "highway":
            variants += [tags | {key: text} for text in found[1:]]
    if not backwards:
        return tags, variants
    return turned(tags), [turned(variant) for variant in variants]


def _together(verdicts: list[Verdict]) -> Verdict:
    """Return what holds of ways driven one after the other: each direction open where it is on all."""
    left_out = next((verdict for verdict in verdicts if verdict.left_out), None)
    if left_out is not None:
        return left_out
    ways = {verdict.oneway for verdict in verdicts} - {0}
    if len(ways) > 1:
        return replace(verdicts[0], left_out="closed to cars (one way against each other)")
    return replace(
        verdicts[0],
        oneway=next(iter(ways), 0),
        roundabout=any(verdict.roundabout for verdict in verdicts),
        bridge=any(verdict.bridge for verdict in verdicts),
        tunnel=any(verdict.tunnel for verdict in verdicts),
        doubts=tuple(dict.fromkeys(doubt for verdict in verdicts for doubt in verdict.doubts)),
    )
