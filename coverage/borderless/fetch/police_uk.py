"""Incidents: street-level crime of the wanted forces and months, from an archive of data.police.uk."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from borderless.errors import FetchError, InputError, Problem, ProblemLog
from borderless.fetch.endpoints import Endpoint
from borderless.fetch.http import BadAnswerError, Client, Request
from borderless.sources.archive import unpack

REMEDY = "try again later, or unpack an archive by hand and name its folder as police_uk in study.toml"
_OPTION = "--crime-month"
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_ARCHIVE_LIMIT_BYTES = 6_000_000_000
# Where the names of data.police.uk are not the portal's in small letters with hyphens.
_SLUGS = {"london, city of": "city-of-london", "metropolitan police": "metropolitan"}


def check_months(months: Sequence[str]) -> None:
    """Refuse what is no month.

    Raises
    ------
    InputError
    """
    log = ProblemLog()
    for month in months:
        if not _MONTH.fullmatch(month):
            log.error(_OPTION, "is no month", "write it as YYYY-MM, e.g. 2024-02", value=month)
    log.raise_errors()


def force_slug(force: str) -> str:
    """Return a force's name as data.police.uk writes it in file names."""
    plain = force.casefold()
    return _SLUGS.get(plain) or re.sub(r"[^a-z]+", "-", plain.replace("&", "and")).strip("-")


def fetch_incidents(
    client: Client, endpoint: Endpoint, months: Sequence[str], forces: Sequence[str], target: Path
) -> list[Path]:
    """Fetch the archive of the last month and take the street files of forces and months out of it.

    Parameters
    ----------
    client
        Asks for it; archives are larger than 1 GB.
    endpoint
        The archives' address, with ``{month}`` in it.
    months
        As ``YYYY-MM``; an archive holds the three years before its month.
    forces
        Names as the portal writes them.
    target
        The folder to make.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    FetchError
        When the archive cannot be had or has none of the files.
    InputError
        When it is dangerous to unpack.
    """
    wanted = {f"{month}-{force_slug(force)}-street.csv" for month in months for force in forces}
    if "{month}" not in endpoint.url:
        why, remedy = "has no {month} in its address", "write {month} where YYYY-MM belongs"
        raise InputError(
            [Problem(endpoint.given_by, column=endpoint.name, value=endpoint.url, why=why, remedy=remedy)]
        )
    request = Request(
        what=f"incidents up to {max(months)}",
        endpoint=endpoint.name,
        url=endpoint.url.replace("{month}", max(months)),
        check=_check_archive,
        remedy=REMEDY,
        limit_bytes=_ARCHIVE_LIMIT_BYTES,
        resumable=True,
        sized=True,
    )
    archive = client.get(request).path
    with zipfile.ZipFile(archive) as opened:
        there = {PurePosixPath(name).name for name in opened.namelist()}
    for name in sorted(wanted - there):
        client.log.notice(f"archive of {max(months)}", "has no such file", "choose another month", value=name)
    if not wanted & there:
        why = f"has none of the files {', '.join(sorted(wanted))}"
        raise FetchError("incidents", endpoint.server, why, "choose another month")
    return list(unpack(archive, target, lambda name: PurePosixPath(name).name in wanted))


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as opened:
            names = opened.namelist()
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError) as error:
        raise BadAnswerError(f"sent something that is no whole ZIP archive ({error})") from error
    if not any(name.endswith("-street.csv") for name in names):
        raise BadAnswerError("sent an archive without street files")
