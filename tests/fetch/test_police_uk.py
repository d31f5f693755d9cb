"""Incidents come out of archives by force and month, and nothing else does."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from borderless.errors import FetchError, InputError, ProblemLog
from borderless.fetch.deadline import Deadline
from borderless.fetch.endpoints import Endpoint
from borderless.fetch.http import Client
from borderless.fetch.police_uk import check_months, fetch_incidents, force_slug
from fake_server import FakeServer, Reply

pytestmark = pytest.mark.usefixtures("empty_cache")


def fetched(server: FakeServer, target: Path, *months: str, url: str = "/police/{month}.zip") -> list[str]:
    client = Client(Deadline.after(60), ProblemLog(), sleep=lambda _: None)
    endpoint = Endpoint("police_uk", server.url + url, "", "", "", "", "test")
    files = fetch_incidents(client, endpoint, months, ("Northshire", "Southshire"), target)
    return [path.relative_to(target).as_posix() for path in files]


def test_only_wanted_forces_and_months_are_unpacked(server: FakeServer, tmp_path: Path) -> None:
    both = ["northshire", "southshire"]
    one = [f"2026-09/2026-09-{force}-street.csv" for force in both]
    assert fetched(server, tmp_path / "one", "2026-09") == one
    two = [f"2026-08/2026-08-{force}-street.csv" for force in both]
    assert fetched(server, tmp_path / "two", "2026-09", "2026-08") == two + one
    assert server.counts() == {"/police/2026-09.zip": 1}
    assert sorted(p.name for p in (tmp_path / "one").rglob("*.csv")) == [Path(name).name for name in one]


@pytest.mark.parametrize(
    ("force", "slug"),
    [
        ("Avon and Somerset", "avon-and-somerset"),
        ("Devon & Cornwall", "devon-and-cornwall"),
        ("Dyfed-Powys", "dyfed-powys"),
        ("London, City of", "city-of-london"),
        ("Metropolitan Police", "metropolitan"),
        ("Leicestershire", "leicestershire"),
    ],
)
def test_names_are_those_of_the_files(force: str, slug: str) -> None:
    assert force_slug(force) == slug


@pytest.mark.parametrize("month", ["2026-13", "2026", "latest", "26-01", "2026-1", "../2026-01"])
def test_what_is_no_month_is_refused(month: str) -> None:
    check_months(("2026-01", "2026-12"))
    with pytest.raises(InputError, match="is no month"):
        check_months((month,))


def test_an_archive_without_the_forces_is_refused(server: FakeServer, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("2026-09/2026-09-kent-street.csv", "x")
    server.routes["/police"] = lambda _: Reply(buffer.getvalue(), "application/zip")
    with pytest.raises(FetchError, match="has none of the files 2026-09-northshire-street"):
        fetched(server, tmp_path / "crime", "2026-09")


def test_an_archive_without_street_files_is_refused(server: FakeServer, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("2026-09/2026-09-northshire-outcomes.csv", "x")
    server.routes["/police"] = lambda _: Reply(buffer.getvalue(), "application/zip")
    with pytest.raises(FetchError, match="an archive without street files"):
        fetched(server, tmp_path / "crime", "2026-09")


@pytest.mark.parametrize("body", [b"PK", b"no archive", b""])
def test_what_is_no_archive_is_refused(body: bytes, server: FakeServer, tmp_path: Path) -> None:
    server.routes["/police"] = lambda _: Reply(body, "application/zip")
    with pytest.raises(FetchError, match=r"no whole ZIP archive|empty answer"):
        fetched(server, tmp_path / "crime", "2026-09")


def test_a_dangerous_archive_is_not_unpacked(server: FakeServer, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("2026-09/2026-09-northshire-street.csv", "x")
        archive.writestr("../2026-09-southshire-street.csv", "x")
    server.routes["/police"] = lambda _: Reply(buffer.getvalue(), "application/zip")
    with pytest.raises(InputError, match="leads out of the folder"):
        fetched(server, tmp_path / "crime", "2026-09")
    assert list(tmp_path.glob("**/*.csv")) == []


def test_an_address_without_a_month_is_refused(server: FakeServer, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no \{month\} in its address"):
        fetched(server, tmp_path / "crime", "2026-09", url="/police/latest.zip")
