"""One table of a study file at a time: texts, numbers, lists and files, each wrong one named."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from borderless.errors import ProblemLog
from borderless.study.defaults import DEFAULTS
from borderless.study.keys import CHOICES, LISTS, TEXT

ABSENT: dict[str, Any] = {}
NO_SUCH = {False: "there is no such file", True: "there is no such folder"}


@dataclass
class TomlTables:
    """Reads tables; problems go into `log`, and a value of the right type stands in for a wrong one.

    Parameters
    ----------
    path
        The study file; paths are relative to its folder.
    log
        Where problems go.
    given_by
        Table → the file that added it, where that is not the study file.
    force_names
        The forces of the study, which rules and sites may name.
    """

    path: Path
    log: ProblemLog
    given_by: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    force_names: tuple[str, ...] = ()

    def table(self, document: dict[str, Any], name: str, *, optional: bool = False) -> dict[str, Any]:
        """Return a table of the document, or an empty one that stands in for it."""
        if name not in document:
            if not optional:
                self.wrong(name, "", "", "this table is missing", f"add a [{name}] table")
            return ABSENT
        table = document[name]
        if not isinstance(table, dict):
            self.wrong(name, "", table, "must be a table", f"write [{name}] and its keys below")
            return ABSENT
        known = (
            *TEXT.get(name, ()),
            *LISTS.get(name, ()),
            *(key for owner, key in DEFAULTS if owner == name),
        )
        self.unknown(table, known, name)
        return table

    def text(self, kind: str, table: dict[str, Any], key: str, *, where: str = "") -> str:
        """Return the text of a key, one of its choices where it has some; `kind` names its row of `TEXT`."""
        default = TEXT[kind][key]
        if key not in table:
            if default is None and table is not ABSENT:
                self.wrong(where or kind, key, "", "this key is missing", f'add {key} = "…"')
            return default or ""
        value = table[key]
        if not isinstance(value, str):
            self.wrong(where or kind, key, value, "must be text", f'write {key} = "…"')
            return default or ""
        if default is None and not value.strip():
            self.wrong(where or kind, key, value, "must not be empty", f'write {key} = "…"')
        choices = CHOICES.get((kind, key))
        if choices and value not in choices:
            remedy = f"choose one of {', '.join(choices)}{nearest(value, choices)}"
            self.wrong(where or kind, key, value, "is not a known choice", remedy)
            return default or ""
        return value

    def file(self, kind: str, table: dict[str, Any], key: str) -> Path:
        """Return the path of a file that must be there; where none is named, the study's folder."""
        return self.optional_file(kind, table, key) or self.path.parent

    def optional_file(
        self, kind: str, table: dict[str, Any], key: str, *, where: str = "", folder: bool = False
    ) -> Path | None:
        """Return the path of a file (or folder) that must be there if it is named at all."""
        text = self.text(kind, table, key, where=where)
        if not text:
            return None
        path = self.path.parent / text
        if _is_a_name(path) and not path.exists():
            # Copied from a Mac, a name may have its accents beside the letters.
            apart = self.path.parent / unicodedata.normalize("NFD", text)
            path = apart if apart.exists() else path
        if not _is_a_name(path):
            self.wrong(where or kind, key, text, "cannot be the name of a file", "name an existing file")
            return None
        archive = folder and path.suffix.lower() == ".zip" and path.is_file()
        if not archive and not (path.is_dir() if folder else path.is_file()):
            remedy = "paths are relative to the study file; only local files are read"
            why = "is a folder, not a file" if path.is_dir() else NO_SUCH[folder]
            self.wrong(where or kind, key, text, why, remedy)
        return path

    def strings(self, table: dict[str, Any], where: str, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.wrong(where, key, value, "must be a list of texts", f'write {key} = ["…", "…"]')
            return ()
        return tuple(value)

    def number(self, table_name: str, table: dict[str, Any], key: str) -> float:
        """Return a number within the range of its default."""
        default = DEFAULTS[table_name, key]
        value = table.get(key, default.value)
        allowed = f"must be a number from {default.low:g} to {default.high:g} {default.unit}"
        remedy = f"the default is {default.value:g}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(table_name, key, value, allowed, remedy)
            return default.value
        if not default.low <= value <= default.high:
            self.wrong(table_name, key, value, allowed, remedy)
            return default.value
        return value

    def whole(self, table: dict[str, Any], key: str, where: str, *, most: int, default: int) -> int:
        """Return a whole number from 0 to `most`."""
        value = table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            why = f"must be a whole number from 0 to {most}"
            self.wrong(where, key, value, why, f"e.g. {key} = 60" if key.endswith("_s") else "e.g. 2")
            return default
        return value

    def unknown(self, table: dict[str, Any], known: tuple[str, ...], where: str) -> None:
        """Tell of keys that nobody knows, with the nearest known one."""
        for key in table:
            if key not in known:
                guess = nearest(key, known) or f"; known keys are {', '.join(known)}"
                self.wrong(where, key, "", "unknown key", f"remove or rename it{guess}")

    def wrong(self, where: str, key: str, value: object, why: str, remedy: str) -> None:
        """Tell that something is wrong, and where."""
        place = f"[{where}]" if where else ""
        owner = next((self.given_by[name] for name in _names(where, key) if name in self.given_by), self.path)
        self.log.error(str(owner), why, remedy, where=place, column=key, value=value)


def _names(where: str, key: str) -> tuple[str, ...]:
    """Return what a place in the document may be called in `given_by`, the narrowest first."""
    parts = where.split(".")
    # a scenario's own tables belong to it: scenarios.NAME.pairs 2
    return (f"{where}.{key}", where, ".".join(parts[:2]))


def _is_a_name(path: Path) -> bool:
    """Tell whether the system can have such a file at all; names too long or with a zero byte it cannot."""
    try:
        path.is_file()
        path.resolve()
    except (OSError, ValueError):
        return False
    return True


def nearest(word: str, known: tuple[str, ...]) -> str:
    """Return a question that offers the known word most like this one, or nothing."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""
