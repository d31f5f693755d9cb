"""What can go wrong, said so that the reader can mend it: problems, and the errors that carry them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Severity = Literal["error", "repair", "notice"]

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, was mended, or is worth knowing about the input.

    Parameters
    ----------
    file
        The file as the user named it, or the part of the study it belongs to.
    where
        Row number (the header is row 1), feature id or key; empty when the whole file is meant.
    column
        The column or key, empty when none applies.
    value
        The offending value as text, empty when none applies.
    why
        What is wrong with it.
    remedy
        What to do about it.
    severity
        ``"error"`` stops the run, ``"repair"`` was mended, ``"notice"`` is for information.
    after
        What stands in the place of `value` after a repair.
    rule
        The name of the rule that mended it; of an error, the rule that would if repairs were asked for.
    count
        How many places it stands for, where one line is told of many.
    """

    file: str
    where: str = ""
    column: str = ""
    value: str = ""
    why: str = ""
    remedy: str = ""
    severity: Severity = "error"
    after: str = ""
    rule: str = ""
    count: int = 1

    def __str__(self) -> str:
        """Return the problem on one line: file, place, column, value, why, what to do or what was done."""
        place = ", ".join(part for part in (self.where, self.column and f"column {self.column}") if part)
        head = f"{self.file}: {place}" if place else self.file
        shown = f" = {self.value!r}" if self.value else ""
        now = f"; now {self.after!r}" if self.after else ""
        offer = ", or run again with --repair" if self.rule and self.severity == "error" else ""
        mend = f" → {self.remedy}{offer}" if self.remedy else ""
        return f"{head}{shown}: {self.why}{now}{mend}"

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as plain fields, for JSON."""
        fields = asdict(self)
        return {"severity": fields.pop("severity"), **fields}


class BorderlessError(Exception):
    """Every error that Borderless raises on purpose."""


class InputError(BorderlessError):
    """Input that cannot be used, with every problem found.

    Parameters
    ----------
    problems
        At least one problem of severity ``"error"``.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(describe(self.problems))


class OutputError(BorderlessError):
    """A result that could not be written."""


class FetchError(BorderlessError):
    """Something that a server did not give, with the server, what it answered and what to do instead.

    Parameters
    ----------
    what
        What was asked for, in a few words.
    server
        The server's name.
    why
        What it answered, how often it was asked and how long that took.
    remedy
        What to do instead.
    """

    def __init__(self, what: str, server: str, why: str, remedy: str) -> None:
        self.what, self.server, self.why, self.remedy = what, server, why, remedy
        super().__init__(f"{what}: {server} {why} → {remedy}")


def counted(problems: Iterable[Problem]) -> dict[Severity, int]:
    """Return how many problems there are of each severity: error, repair, notice."""
    count: Counter[str] = Counter()
    for problem in problems:
        count[problem.severity] += problem.count
    return {severity: count[severity] for severity in ("error", "repair", "notice")}


def repairs_in_words(problems: Iterable[Problem]) -> str:
    """Return how many repairs were made and by which rules, as a sentence; empty when there were none.

    Examples
    --------
    >>> repairs_in_words([Problem("s.csv", severity="repair", rule="decimal comma")] * 2)
    'The input was mended in 2 places before use: decimal comma (2).'
    """
    rules: Counter[str] = Counter()
    for problem in problems:
        if problem.severity == "repair":
            rules[problem.rule] += problem.count
    if not rules:
        return ""
    told = ", ".join(f"{rule} ({count:,})" for rule, count in rules.most_common())
    count = rules.total()
    return f"The input was mended in {count:,} place{'s' if count != 1 else ''} before use: {told}."


def describe(problems: Iterable[Problem], shown: int = _SHOWN) -> str:
    """Return problems as text, one a line; beyond `shown`, some of each kind are told, the rest counted."""
    every = list(problems)
    kinds: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in every:
        kinds.setdefault((problem.file, problem.column, problem.why), []).append(problem)
    if len(every) <= shown:
        return "\n".join(map(str, every))
    each = max(1, shown // len(kinds))
    lines: list[str] = []
    for alike in list(kinds.values())[:shown]:
        lines += map(str, alike[:each])
        if len(alike) > each:
            lines.append(f"… and {len(alike) - each:,} more like these")
    untold = sum(map(len, list(kinds.values())[shown:]))
    return "\n".join([*lines, f"… and {untold:,} problems of other kinds"] if untold else lines)


@dataclass
class ProblemLog:
    """A place to collect problems while reading, so that all of them are told at once.

    Parameters
    ----------
    problems
        What was found so far.
    mending
        Whether repairs that change what the input says were asked for.
    """

    problems: list[Problem] = field(default_factory=list)
    mending: bool = False

    def fresh(self) -> ProblemLog:
        """Return an empty log that allows the same repairs."""
        return ProblemLog(mending=self.mending)

    def error(
        self,
        file: str,
        why: str,
        remedy: str,
        *,
        where: str = "",
        column: str = "",
        value: object = "",
        count: int = 1,
    ) -> None:
        """Record something that stops the run."""
        self.problems.append(Problem(file, where, column, _shorten(value), why, remedy, count=count))

    def notice(
        self, file: str, why: str, remedy: str = "", *, where: str = "", column: str = "", value: object = ""
    ) -> None:
        """Record something the reader should know and that does not stop the run."""
        self.problems.append(Problem(file, where, column, _shorten(value), why, remedy, "notice"))

    def repair(
        self,
        file: str,
        why: str,
        *,
        rule: str,
        where: str = "",
        column: str = "",
        value: object = "",
        after: object = "",
        count: int = 1,
    ) -> None:
        """Record something that was mended without asking, since no other reading makes sense."""
        before, now = _shorten(value), _shorten(after)
        self.problems.append(Problem(file, where, column, before, why, "", "repair", now, rule, count))

    def mend(
        self,
        file: str,
        why: str,
        remedy: str,
        *,
        rule: str,
        where: str = "",
        column: str = "",
        value: object = "",
        after: object = "",
        count: int = 1,
    ) -> bool:
        """Record something that can be mended, and tell whether to do so.

        Returns
        -------
        bool
            True when repairs were asked for: the caller mends it, and the repair is on record. Otherwise
            an error is, which offers the repair.
        """
        if self.mending:
            place = {"where": where, "column": column}
            self.repair(file, why, rule=rule, value=value, after=after, count=count, **place)
        else:
            problem = Problem(file, where, column, _shorten(value), why, remedy, rule=rule, count=count)
            self.problems.append(problem)
        return self.mending

    def extend(self, problems: Iterable[Problem]) -> None:
        """Take over problems found elsewhere."""
        self.problems.extend(problems)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return the problems that stop the run."""
        return tuple(p for p in self.problems if p.severity == "error")

    def raise_errors(self) -> None:
        """Raise :class:`InputError` with every error found so far, if there is one."""
        if self.errors:
            raise InputError(self.errors)

    def __iter__(self) -> Iterator[Problem]:
        """Iterate over the problems in the order they were found."""
        return iter(self.problems)


def _shorten(value: object, limit: int = 80) -> str:
    text = str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
