"""The table of servers, `endpoints.toml`, and other addresses a user gives for them."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from borderless.errors import ProblemLog

_VARIABLE = "BORDERLESS_ENDPOINT_"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One server.

    Parameters
    ----------
    name
        How studies and environment variables call it.
    url
        Its address.
    what
        What comes from there.
    licence, attribution, edition
        What to say where its data are used.
        The edition of another address is read from it where possible.
    given_by
        Where another address was given; empty for the one in the table.
    """

    name: str
    url: str
    what: str
    licence: str
    attribution: str
    edition: str
    given_by: str = ""

    @property
    def server(self) -> str:
        """Return the name of the server."""
        return urlsplit(self.url).netloc


def endpoint_table() -> dict[str, Endpoint]:
    """Return every endpoint as it comes with the program, by name."""
    text = files("borderless.fetch").joinpath("endpoints.toml").read_text(encoding="utf-8")
    return {name: Endpoint(name=name, **entry) for name, entry in tomllib.loads(text).items()}


def read_endpoints(study: Path | None, environment: Mapping[str, str] | None = None) -> dict[str, Endpoint]:
    """Return every endpoint, with other addresses where they are given.

    Parameters
    ----------
    study
        A study file whose ``[endpoints]`` table names other addresses; None when there is none.
    environment
        Variables ``BORDERLESS_ENDPOINT_<NAME>``, which count more than the study; the process's own when
        left out.

    Raises
    ------
    InputError
        For an unknown name, an address that is not on the web, or a study that cannot be read.
    """
    log, table = ProblemLog(), endpoint_table()
    variables = os.environ if environment is None else environment
    given: list[tuple[str, str, Any]] = []
    if study is not None:
        given += [(study.name, name, url) for name, url in _study_table(study, log).items()]
    named = sorted(name for name in variables if name.startswith(_VARIABLE))
    given += [(name, name.removeprefix(_VARIABLE).lower(), variables[name]) for name in named]
    for where, name, url in given:
        if name not in table:
            close = difflib.get_close_matches(name, table, n=1)
            guess = f"; did you mean {close[0]}?" if close else ""
            log.error(where, "there is no such endpoint", f"known are {', '.join(table)}{guess}", value=name)
        elif (
            not isinstance(url, str)
            or urlsplit(url).scheme not in {"http", "https"}
            or not urlsplit(url).netloc
        ):
            log.error(where, "is not a web address", "write https://…", column=name, value=url)
        else:
            table[name] = replace(table[name], url=url, given_by=where, edition=_edition(url))
    log.raise_errors()
    return table


def _edition(url: str) -> str:
    """Return the edition that an address tells of: a layer's service is named after it."""
    service = re.search(r"/services/([^/]+)/\w+Server\b", url)
    return service[1].replace("_", " ") if service else "edition not known"


def _study_table(study: Path, log: ProblemLog) -> Mapping[str, Any]:
    try:
        table = tomllib.loads(study.read_text(encoding="utf-8-sig")).get("endpoints", {})
    except (OSError, ValueError) as error:
        log.error(str(study), f"cannot be read as a study ({error})", "name an existing study.toml")
        return {}
    if not isinstance(table, dict):
        log.error(str(study), "[endpoints] must be a table", "write [endpoints] and its keys below")
        return {}
    return table
