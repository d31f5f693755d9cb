"""`study.toml` into a frozen `Study`; every wrong key, type and value is named at once."""

from __future__ import annotations

import difflib
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from borderless.errors import InputError, Problem, ProblemLog
from borderless.study.defaults import DEFAULTS
from borderless.study.keys import CHOICES, LISTS, TAKEN_FORCES, TAKEN_MEASURES, TEXT, TOP
from borderless.study.model import (
    Cells,
    DemandInput,
    ForcesInput,
    PlacesInput,
    Response,
    RoadsInput,
    Speeds,
    StationsInput,
    Study,
    measure_named,
)
from borderless.study.policy import NAMED_SCENARIOS, BorderPolicy, BorderRule, Scenario

_ABSENT: dict[str, Any] = {}
_NO_SUCH = {False: "there is no such file", True: "there is no such folder"}


def read_study(path: str | Path, *, missing_ok: bool = False) -> Study:
    """Read a study file.

    Parameters
    ----------
    path
        The file; paths inside it are relative to its folder.
    missing_ok
        Return a study whose only fault is that files are not there: who reads them next tells of them
        together with what is wrong inside the others.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        With every problem found: unreadable file, unknown keys (with the nearest known one), missing keys,
        wrong types, values out of range, files that are not there.
    """
    study, problems = study_and_problems(path)
    absent = [problem for problem in problems if problem.why in _NO_SUCH.values()]
    if study is None or (problems and not (missing_ok and len(absent) == len(problems))):
        raise InputError(problems)
    return study


def study_and_problems(path: str | Path) -> tuple[Study | None, tuple[Problem, ...]]:
    """Read a study file as far as possible.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    study
        With a value of the right type in the place of each wrong one, so that the files it names can be
        looked at; None when the file cannot be read at all.
    problems
        All that is wrong with it.
    """
    log, file = ProblemLog(), Path(path)
    document = _load(file, log)
    study = None if log.errors else _Reader(file, log).study(document)
    return study, tuple(log)


def _load(path: Path, log: ProblemLog) -> dict[str, Any]:
    try:
        # Accents put together with their letters, so that names here match those in files.
        return tomllib.loads(unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        log.error(str(path), "there is no such file", "name an existing study.toml")
    except IsADirectoryError:
        log.error(str(path), "this is a folder, not a study file", f"try {path / 'study.toml'}")
    except OSError as error:
        log.error(str(path), f"cannot be read ({error.strerror})", "check the file's permissions")
    except UnicodeDecodeError as error:
        why = f"not UTF-8 text (byte {error.start})"
        log.error(str(path), why, "save the file as UTF-8")
    except RecursionError:
        log.error(str(path), "not valid TOML: brackets inside brackets without end", "mend the brackets")
    except ValueError as error:
        log.error(str(path), f"not valid TOML: {error}", "mend the line that is named")
    return {}


@dataclass
class _Reader:
    """Reads one document; problems go into `log`, and a value of the right type stands in for a wrong one."""

    path: Path
    log: ProblemLog

    def study(self, document: dict[str, Any]) -> Study:
        tables = {*TEXT, *(table for table, _ in DEFAULTS)}
        self._unknown(document, (*TOP, *sorted(tables)), "")
        name = document.get("name", self.path.parent.name)
        if not isinstance(name, str):
            self._wrong("", "name", name, "must be text", 'write name = "…"')
        sources = self._strings(document, "", "sources")
        forces = self._forces(self._table(document, "forces"))
        return Study(
            name=str(name),
            file=self.path,
            roads=self._roads(self._table(document, "roads")),
            stations=StationsInput(self._file("stations", self._table(document, "stations"), "file")),
            forces=forces,
            places=self._places(document),
            demand=self._demand(document),
            response=self._response(self._table(document, "response", optional=True)),
            speeds=self._speeds(self._table(document, "speeds", optional=True)),
            cells=self._cells(document),
            scenarios=self._scenarios(document),
            sources=sources,
            notes=self._strings(document, "", "notes"),
        )

    def _table(self, document: dict[str, Any], name: str, *, optional: bool = False) -> dict[str, Any]:
        if name not in document:
            if not optional:
                self._wrong(name, "", "", "this table is missing", f"add a [{name}] table")
            return _ABSENT
        table = document[name]
        if not isinstance(table, dict):
            self._wrong(name, "", table, "must be a table", f"write [{name}] and its keys below")
            return _ABSENT
        known = (
            *TEXT.get(name, ()),
            *LISTS.get(name, ()),
            *(key for owner, key in DEFAULTS if owner == name),
        )
        self._unknown(table, known, name)
        return table

    def _roads(self, table: dict[str, Any]) -> RoadsInput:
        return RoadsInput(
            source=self._file("roads", table, "source"),
            edges=self._optional_file("roads", table, "edges"),
            built_up=self._optional_file("roads", table, "built_up"),
            drawing=self._optional_file("roads", table, "drawing"),
            snap="nodes" if self._text("roads", table, "snap") == "nodes" else "streets",
            guard_band_km=self._number("roads", table, "guard_band_km"),
        )

    def _forces(self, table: dict[str, Any]) -> ForcesInput:
        alliance = self._strings(table, "forces", "alliance")
        outside = self._strings(table, "forces", "outside")
        if not alliance and table is not _ABSENT:
            remedy = 'list the partners: alliance = ["…", "…"]'
            self._wrong("forces", "alliance", "", "no force is in the alliance", remedy)
        for name in sorted({n for n in alliance + outside if (alliance + outside).count(n) > 1}):
            why = "named more than once among alliance and outside"
            self._wrong("forces", "alliance", name, why, "name each force once")
        for name in sorted({*alliance, *outside} & {*TAKEN_FORCES}):
            self._wrong("forces", "alliance", name, "cannot be a force's name", "rename the force")
        return ForcesInput(
            file=self._file("forces", table, "file"),
            name=self._text("forces", table, "name"),
            alliance=alliance,
            outside=outside,
            clipped=outside,
        )

    def _places(self, document: dict[str, Any]) -> PlacesInput | None:
        if "places" not in document:
            return None
        table = self._table(document, "places")
        name, kind, x, y = (self._text("places", table, key) for key in ("name", "kind", "x", "y"))
        return PlacesInput(self._file("places", table, "file"), name, kind, x, y)

    def _demand(self, document: dict[str, Any]) -> tuple[DemandInput, ...]:
        entries = document.get("demand", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self._wrong(
                "demand", "", entries, "must be a list of tables", "write [[demand]] above each entry"
            )
            return ()
        if not entries:
            remedy = "add at least one [[demand]] with measure, file and weight"
            self._wrong("demand", "", "", "no demand is given", remedy)
        given = tuple(self._one_demand(entry, f"demand {i}") for i, entry in enumerate(entries, start=1))
        for number, entry in enumerate(given):
            if entry in given[:number]:
                why = "says the same as an entry above, so everything in it would count twice"
                self._wrong(
                    f"demand {number + 1}", "measure", entry.measure.name, why, "leave one of them out"
                )
        return given

    def _one_demand(self, entry: dict[str, Any], where: str) -> DemandInput:
        self._unknown(entry, tuple(TEXT["demand"]), where)
        text = {key: self._text("demand", entry, key, where=where) for key in TEXT["demand"]}
        if bool(text["file"]) == bool(text["police_uk"]):
            why = "needs either file or police_uk, and not both"
            self._wrong(where, "file", text["file"], why, "name a point table or a folder of street files")
        if text["file"] and not text["weight"]:
            remedy = 'name the column to count, e.g. weight = "population"'
            self._wrong(where, "weight", "", "a point table needs a weight", remedy)
        if text["measure"] and not text["measure"].isidentifier():
            why = "must be one word of letters, digits and underscores"
            self._wrong(where, "measure", text["measure"], why, 'e.g. measure = "population"')
        if text["measure"] in TAKEN_MEASURES:
            remedy = 'choose another name, e.g. measure = "population"'
            self._wrong(where, "measure", text["measure"], "this name is already used", remedy)
        return DemandInput(
            measure=measure_named(text["measure"]),
            file=self._optional_file("demand", entry, "file", where=where),
            police_uk=self._optional_file("demand", entry, "police_uk", where=where, folder=True),
            weight=text["weight"],
            x=text["x"],
            y=text["y"],
        )

    def _response(self, table: dict[str, Any]) -> Response:
        numbers = {
            key: self._number("response", table, key) for owner, key in DEFAULTS if owner == "response"
        }
        clock = self._text("response", table, "clock")
        return Response(**numbers, clock="travel" if clock == "travel" else "response")

    def _speeds(self, table: dict[str, Any]) -> Speeds:
        return _speeds(
            {key: self._number("speeds", table, key) for owner, key in DEFAULTS if owner == "speeds"}
        )

    def _cells(self, document: dict[str, Any]) -> Cells:
        urban = self._table(document, "urban", optional=True)
        cells = self._table(document, "cells", optional=True)
        return Cells(
            size_km=self._number("cells", cells, "size_km"),
            density_per_km2=self._number("urban", urban, "density_per_km2"),
            cluster_people=self._number("urban", urban, "cluster_people"),
        )

    def _scenarios(self, document: dict[str, Any]) -> tuple[Scenario, ...]:
        tables = document.get("scenarios", {})
        if not isinstance(tables, dict):
            self._wrong("scenarios", "", tables, "must be tables", "write [scenarios.NAME]")
            return NAMED_SCENARIOS
        taken = {scenario.name for scenario in NAMED_SCENARIOS}
        own = []
        for name, table in tables.items():
            where = f"scenarios.{name}"
            if name in taken:
                self._wrong(where, "", name, "this name is already used", "choose another name")
            if not isinstance(table, dict):
                self._wrong(where, "", table, "must be a table", f"write [{where}] and its keys below")
                continue
            own.append(self._scenario(name, table, where))
        return (*NAMED_SCENARIOS, *own)

    def _scenario(self, name: str, table: dict[str, Any], where: str) -> Scenario:
        self._unknown(table, (*TEXT["scenarios"], "min_gain_s"), where)
        text = {key: self._text("scenarios", table, key, where=where) for key in TEXT["scenarios"]}
        gain = table.get("min_gain_s", 0)
        if isinstance(gain, bool) or not isinstance(gain, int) or not 0 <= gain <= 86_400:
            why = "must be a whole number of seconds from 0 to 86400"
            self._wrong(where, "min_gain_s", gain, why, "e.g. min_gain_s = 60")
            gain = 0
        if "min_gain_s" in table and text["borders"] != "if_faster":
            remedy = 'write borders = "if_faster", or leave it out'
            self._wrong(where, "min_gain_s", gain, 'only counts with borders = "if_faster"', remedy)
        rules = {
            "closed": BorderRule.CLOSED,
            "on_exhaustion": BorderRule.ON_EXHAUSTION,
            "if_faster": BorderRule.if_faster(gain),
            "closest": BorderRule.CLOSEST,
        }
        return Scenario(
            name=name,
            label=text["label"] or name.replace("_", " ").capitalize(),
            explanation=text["explanation"] or "A scenario of this study.",
            borders=BorderPolicy(rules.get(text["borders"], BorderRule.CLOSED)),
            stations="shared" if text["stations"] == "shared" else "own",
            control_room="shared" if text["control_room"] == "shared" else "separate",
        )

    def _text(self, kind: str, table: dict[str, Any], key: str, *, where: str = "") -> str:
        default = TEXT[kind][key]
        if key not in table:
            if default is None and table is not _ABSENT:
                self._wrong(where or kind, key, "", "this key is missing", f'add {key} = "…"')
            return default or ""
        value = table[key]
        if not isinstance(value, str):
            self._wrong(where or kind, key, value, "must be text", f'write {key} = "…"')
            return default or ""
        if default is None and not value.strip():
            self._wrong(where or kind, key, value, "must not be empty", f'write {key} = "…"')
        choices = CHOICES.get((kind, key))
        if choices and value not in choices:
            remedy = f"choose one of {', '.join(choices)}{_nearest(value, choices)}"
            self._wrong(where or kind, key, value, "is not a known choice", remedy)
            return default or ""
        return value

    def _file(self, kind: str, table: dict[str, Any], key: str) -> Path:
        return self._optional_file(kind, table, key) or self.path.parent

    def _optional_file(
        self, kind: str, table: dict[str, Any], key: str, *, where: str = "", folder: bool = False
    ) -> Path | None:
        text = self._text(kind, table, key, where=where)
        if not text:
            return None
        path = self.path.parent / text
        if _is_a_name(path) and not path.exists():
            # Copied from a Mac, a name may have its accents beside the letters.
            apart = self.path.parent / unicodedata.normalize("NFD", text)
            path = apart if apart.exists() else path
        if not _is_a_name(path):
            self._wrong(where or kind, key, text, "cannot be the name of a file", "name an existing file")
            return None
        archive = folder and path.suffix.lower() == ".zip" and path.is_file()
        if not archive and not (path.is_dir() if folder else path.is_file()):
            remedy = "paths are relative to the study file; only local files are read"
            why = "is a folder, not a file" if path.is_dir() else _NO_SUCH[folder]
            self._wrong(where or kind, key, text, why, remedy)
        return path

    def _strings(self, table: dict[str, Any], where: str, key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._wrong(where, key, value, "must be a list of texts", f'write {key} = ["…", "…"]')
            return ()
        return tuple(value)

    def _number(self, table_name: str, table: dict[str, Any], key: str) -> float:
        default = DEFAULTS[table_name, key]
        value = table.get(key, default.value)
        allowed = f"must be a number from {default.low:g} to {default.high:g} {default.unit}"
        remedy = f"the default is {default.value:g}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(table_name, key, value, allowed, remedy)
            return default.value
        if not default.low <= value <= default.high:
            self._wrong(table_name, key, value, allowed, remedy)
            return default.value
        return value

    def _unknown(self, table: dict[str, Any], known: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in known:
                guess = _nearest(key, known) or f"; known keys are {', '.join(known)}"
                self._wrong(where, key, "", "unknown key", f"remove or rename it{guess}")

    def _wrong(self, where: str, key: str, value: object, why: str, remedy: str) -> None:
        place = f"[{where}]" if where else ""
        self.log.error(str(self.path), why, remedy, where=place, column=key, value=value)


def _is_a_name(path: Path) -> bool:
    """Tell whether the system can have such a file at all; names too long or with a zero byte it cannot."""
    try:
        path.is_file()
        path.resolve()
    except (OSError, ValueError):
        return False
    return True


def _speeds(numbers: dict[str, float]) -> Speeds:
    limits = {key: value for key, value in numbers.items() if key.startswith("limit_")}
    factors = {key: value for key, value in numbers.items() if key.startswith("factor_")}
    return Speeds(
        limit_mph={key.removeprefix("limit_").removesuffix("_mph"): v for key, v in limits.items()},
        factor={key.removeprefix("factor_"): v for key, v in factors.items()},
        blue_light_factor=numbers["blue_light_factor"],
        access_speed_kmh=numbers["access_speed_kmh"],
        max_snap_m=numbers["max_snap_m"],
    )


def _nearest(word: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


DEFAULT_SPEEDS = _speeds(
    {key: default.value for (table, key), default in DEFAULTS.items() if table == "speeds"}
)
