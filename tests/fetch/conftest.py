"""What tests of downloads share: a country, its server on this machine, and no proxy before it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fake_server import FakeServer, serving
from open_data import Country, routes, town


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach 127.0.0.1 directly, whatever proxy the user has."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Country:
    """Return a country of one town on the border of two forces."""
    return town(tmp_path_factory.mktemp("town"))


@pytest.fixture
def server(country: Country) -> Iterator[FakeServer]:
    """Serve what that country publishes."""
    with serving(routes(country)) as running:
        yield running
