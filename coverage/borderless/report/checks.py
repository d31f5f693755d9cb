"""What the gate found, for people in a terminal and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from borderless.errors import Problem, Severity, counted, describe, repairs_in_words
from borderless.report.words import plain

#: The version of the JSON that ``borderless check`` prints.
SCHEMA = 1
_SHOWN = 40
_HEADINGS: dict[Severity, tuple[str, str]] = {
    "error": ("To be put right before the study can run", "bold red"),
    "repair": ("Mended", "bold yellow"),
    "notice": ("Worth knowing", "bold"),
}


def check_json(problems: Sequence[Problem]) -> dict[str, Any]:
    """Return what was found as plain values.

    Returns
    -------
    dict
        ``schema``; ``ok``, whether the study can run; ``counts`` by severity; ``repairable``, the number of
        errors that ``--repair`` would mend; ``problems``, each with ``severity``, ``file``, ``where``,
        ``column``, ``value``, ``why``, ``remedy``, ``after`` and ``rule``.
    """
    counts = counted(problems)
    return {
        "schema": SCHEMA,
        "ok": counts["error"] == 0,
        "counts": counts,
        "repairable": _repairable(problems),
        "problems": [problem.as_dict() for problem in problems],
    }


def check_summary(problems: Sequence[Problem]) -> Text:
    """Return what was found as text: errors, repairs and notices under their headings, and a count."""
    told = Text()
    for severity, (heading, style) in _HEADINGS.items():
        alike = [problem for problem in problems if problem.severity == severity]
        if alike:
            told.append(f"{heading} ({counted(alike)[severity]:,})\n", style=style)
            told.append(plain(describe(alike, _SHOWN)) + "\n\n")
    return told.append(_verdict(problems))


def _verdict(problems: Sequence[Problem]) -> str:
    counts = counted(problems)
    if counts["error"]:
        offered = _repairable(problems)
        mend = f" --repair would mend {offered:,} of them." if offered else ""
        return f"This study cannot run yet: {_count(counts['error'], 'problem')} to put right.{mend}"
    repairs = repairs_in_words(problems)
    return f"This study can run. {repairs or 'Nothing had to be mended.'}"


def _repairable(problems: Sequence[Problem]) -> int:
    return sum(p.count for p in problems if p.severity == "error" and p.rule)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' if number != 1 else ''}"
