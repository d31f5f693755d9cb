"""What holds for every test: a cache of its own, random cases that can be repeated, one browser for all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import two_counties
from browser import browser, page

__all__ = ["browser", "page"]

# A failing case prints a blob that @reproduce_failure takes; in CI every run tries the same cases.
settings.register_profile("here", deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's cache out of the tests, and the tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BORDERLESS_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("BORDERLESS_CACHE_MAX_MB", raising=False)
        yield


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a test an empty cache and return its folder."""
    monkeypatch.setenv("BORDERLESS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def edit(tmp_path: Path) -> two_counties.Edit:
    """Return a function that changes one file of the two counties and returns the study's path."""
    path = two_counties.write_files(tmp_path / "study")

    def change(name: str, how: Callable[[str], str]) -> Path:
        file = path.parent / name
        before = file.read_text(encoding="utf-8")
        after = how(before)
        assert after != before
        file.write_text(after, encoding="utf-8")
        return path

    return change
