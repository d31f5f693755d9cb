"""`study.toml` into a frozen `Study`; every wrong key, type and value is named at once."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from borderless.errors import InputError, Problem, ProblemLog
from borderless.study.busy_table import BUSY, read_busy
from borderless.study.defaults import DEFAULTS
from borderless.study.embedded import EMBEDDED, embedded_study
from borderless.study.hours_table import HOURS, read_hours
from borderless.study.keys import TAKEN_FORCES, TAKEN_MEASURES, TEXT, TOP
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
from borderless.study.policy import CAPABILITIES
from borderless.study.ranges import read_ranges
from borderless.study.scenario_tables import BASE, read_candidates, read_scenarios, with_extras
from borderless.study.toml_tables import ABSENT, NO_SUCH, TomlTables


def read_study(path: str | Path, extras: Sequence[str | Path] = (), *, missing_ok: bool = False) -> Study:
    """Read a study file.

    Parameters
    ----------
    path
        The file; paths inside it are relative to its folder. A file of scenarios that names its ``study`` is
        that study with the file among `extras`.
    extras
        Files with scenarios, candidate sites and ``[response]`` settings to add to it, such as the what-if
        page saves.
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
    study, problems = study_and_problems(path, extras)
    absent = [problem for problem in problems if problem.why in NO_SUCH.values()]
    if study is None or (problems and not (missing_ok and len(absent) == len(problems))):
        raise InputError(problems)
    return study


def study_and_problems(
    path: str | Path, extras: Sequence[str | Path] = ()
) -> tuple[Study | None, tuple[Problem, ...]]:
    """Read a study file as far as possible.

    Parameters
    ----------
    path, extras
        As for :func:`read_study`.

    Returns
    -------
    study
        With a value of the right type in the place of each wrong one, so that the files it names can be
        looked at; None when the file cannot be read at all.
    problems
        All that is wrong with it.
    """
    log, file, added = ProblemLog(), Path(path), tuple(Path(extra) for extra in extras)
    document = _load(file, log)
    if BASE in document:
        file, document, added = _base_of(file, document, added, log)
    tables = [(extra, _load(extra, log)) for extra in added]
    if log.errors:
        return None, tuple(log)
    document, given_by = with_extras(document, tables, log)
    return _Reader(file, log, given_by).study(document, added), tuple(log)


def _base_of(
    file: Path, document: dict[str, Any], extras: tuple[Path, ...], log: ProblemLog
) -> tuple[Path, dict[str, Any], tuple[Path, ...]]:
    """Return the study that a file of scenarios belongs to, with that file as the first of its extras."""
    name = document[BASE]
    if not isinstance(name, str) or not name.strip():
        remedy = f'write study = "study.toml", or "{EMBEDDED}" for the study that comes with Borderless'
        log.error(str(file), "must be the path of a study file", remedy, column=BASE, value=name)
        return file, {}, extras
    base = embedded_study() if name == EMBEDDED else file.parent / name
    base_document = _load(base, log)
    if BASE in base_document:
        why = "is itself a file of scenarios for another study"
        log.error(str(file), why, "name the study itself", column=BASE, value=name)
    return base, base_document, (file, *extras)


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


class _Reader(TomlTables):
    """Reads one document."""

    def study(self, document: dict[str, Any], extras: tuple[Path, ...]) -> Study:
        """Return the study that a document describes."""
        tables = {*TEXT, *(table for table, _ in DEFAULTS)} - {"pairs", "guests", "capabilities"}
        self.unknown(document, (*TOP, BUSY, HOURS, *sorted(tables)), "")
        name = document.get("name", self.path.parent.name)
        if not isinstance(name, str):
            self.wrong("", "name", name, "must be text", 'write name = "…"')
        sources = self.strings(document, "", "sources")
        forces = self._forces(self.table(document, "forces"))
        self.force_names = forces.alliance + forces.outside
        return Study(
            name=str(name),
            file=self.path,
            roads=self._roads(self.table(document, "roads")),
            stations=StationsInput(self.file("stations", self.table(document, "stations"), "file")),
            forces=forces,
            places=self._places(document),
            demand=self._demand(document),
            response=self._response(self.table(document, "response", optional=True)),
            speeds=self._speeds(document),
            cells=self._cells(document),
            scenarios=read_scenarios(self, document),
            sources=sources,
            notes=self.strings(document, "", "notes"),
            candidates=read_candidates(self, document),
            extras=extras,
            added_candidates=sum(name.startswith("candidates ") for name in self.given_by),
            busy_given=read_busy(self, document),
            ranges=read_ranges(self, document),
            hours=read_hours(self, document),
        )

    def _roads(self, table: dict[str, Any]) -> RoadsInput:
        return RoadsInput(
            source=self.file("roads", table, "source"),
            edges=self.optional_file("roads", table, "edges"),
            built_up=self.optional_file("roads", table, "built_up"),
            drawing=self.optional_file("roads", table, "drawing"),
            snap="nodes" if self.text("roads", table, "snap") == "nodes" else "streets",
            guard_band_km=self.number("roads", table, "guard_band_km"),
            bus_gates=self.text("roads", table, "bus_gates") == "open",
        )

    def _forces(self, table: dict[str, Any]) -> ForcesInput:
        alliance = self.strings(table, "forces", "alliance")
        outside = self.strings(table, "forces", "outside")
        if not alliance and table is not ABSENT:
            remedy = 'list the partners: alliance = ["…", "…"]'
            self.wrong("forces", "alliance", "", "no force is in the alliance", remedy)
        for name in sorted({n for n in alliance + outside if (alliance + outside).count(n) > 1}):
            why = "named more than once among alliance and outside"
            self.wrong("forces", "alliance", name, why, "name each force once")
        for name in sorted({*alliance, *outside} & {*TAKEN_FORCES}):
            self.wrong("forces", "alliance", name, "cannot be a force's name", "rename the force")
        return ForcesInput(
            file=self.file("forces", table, "file"),
            name=self.text("forces", table, "name"),
            alliance=alliance,
            outside=outside,
            clipped=outside,
        )

    def _places(self, document: dict[str, Any]) -> PlacesInput | None:
        if "places" not in document:
            return None
        table = self.table(document, "places")
        name, kind, x, y = (self.text("places", table, key) for key in ("name", "kind", "x", "y"))
        return PlacesInput(self.file("places", table, "file"), name, kind, x, y)

    def _demand(self, document: dict[str, Any]) -> tuple[DemandInput, ...]:
        entries = document.get("demand", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self.wrong("demand", "", entries, "must be a list of tables", "write [[demand]] above each entry")
            return ()
        if not entries:
            remedy = "add at least one [[demand]] with measure, file and weight"
            self.wrong("demand", "", "", "no demand is given", remedy)
        given = tuple(self._one_demand(entry, f"demand {i}") for i, entry in enumerate(entries, start=1))
        for number, entry in enumerate(given):
            if entry in given[:number]:
                why = "says the same as an entry above, so everything in it would count twice"
                self.wrong(
                    f"demand {number + 1}", "measure", entry.measure.name, why, "leave one of them out"
                )
        for number, entry in enumerate(given):
            other = next((e for e in given[:number] if e.measure.name == entry.measure.name), entry)
            if other.measure != entry.measure:
                why = f"{entry.measure.name} asks for units of another capability above"
                remedy = "give it another name, or the same capability"
                self.wrong(f"demand {number + 1}", "capability", entry.measure.capability, why, remedy)
        return given

    def _one_demand(self, entry: dict[str, Any], where: str) -> DemandInput:
        self.unknown(entry, tuple(TEXT["demand"]), where)
        text = {key: self.text("demand", entry, key, where=where) for key in TEXT["demand"]}
        if bool(text["file"]) == bool(text["police_uk"]):
            why = "needs either file or police_uk, and not both"
            self.wrong(where, "file", text["file"], why, "name a point table or a folder of street files")
        if text["file"] and not text["weight"]:
            remedy = 'name the column to count, e.g. weight = "population"'
            self.wrong(where, "weight", "", "a point table needs a weight", remedy)
        if text["measure"] and not text["measure"].isidentifier():
            why = "must be one word of letters, digits and underscores"
            self.wrong(where, "measure", text["measure"], why, 'e.g. measure = "population"')
        if text["measure"] in TAKEN_MEASURES:
            remedy = 'choose another name, e.g. measure = "population"'
            self.wrong(where, "measure", text["measure"], "this name is already used", remedy)
        capability = next(known for known in CAPABILITIES if known == text["capability"])
        return DemandInput(
            measure=replace(measure_named(text["measure"]), capability=capability),
            file=self.optional_file("demand", entry, "file", where=where),
            police_uk=self.optional_file("demand", entry, "police_uk", where=where, folder=True),
            weight=text["weight"],
            x=text["x"],
            y=text["y"],
            area=text["area"],
        )

    def _response(self, table: dict[str, Any]) -> Response:
        numbers = {key: self.number("response", table, key) for owner, key in DEFAULTS if owner == "response"}
        clock = self.text("response", table, "clock")
        return Response(**numbers, clock="travel" if clock == "travel" else "response")

    def _speeds(self, document: dict[str, Any]) -> Speeds:
        tables = {name: self.table(document, name, optional=True) for name in _SPEED_TABLES}
        return _speeds({(owner, key): self.number(owner, tables[owner], key) for owner, key in _SPEED_KEYS})

    def _cells(self, document: dict[str, Any]) -> Cells:
        urban = self.table(document, "urban", optional=True)
        cells = self.table(document, "cells", optional=True)
        return Cells(
            size_km=self.number("cells", cells, "size_km"),
            density_per_km2=self.number("urban", urban, "density_per_km2"),
            cluster_people=self.number("urban", urban, "cluster_people"),
        )


_SPEED_TABLES = ("speeds", "junctions")
_SPEED_KEYS = tuple(key for key in DEFAULTS if key[0] in _SPEED_TABLES)


def _speeds(numbers: dict[tuple[str, str], float]) -> Speeds:
    given = {key: value for (table, key), value in numbers.items() if table == "speeds"}
    waits = {key: value for (table, key), value in numbers.items() if table == "junctions"}
    limits = {key: value for key, value in given.items() if key.startswith("limit_")}
    factors = {key: value for key, value in given.items() if key.startswith("factor_")}
    return Speeds(
        limit_mph={key.removeprefix("limit_").removesuffix("_mph"): v for key, v in limits.items()},
        factor={key.removeprefix("factor_"): v for key, v in factors.items()},
        blue_light_factor=given["blue_light_factor"],
        access_speed_kmh=given["access_speed_kmh"],
        max_snap_m=given["max_snap_m"],
        junction_blue_light_factor=waits.pop("junction_blue_light_factor"),
        delay_s=waits,
    )


DEFAULT_SPEEDS = _speeds({key: DEFAULTS[key].value for key in _SPEED_KEYS})
