"""A real browser for tests: one Chromium a session, a fresh page each test, and a watch on what it does."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

REQUIRED = "BORDERLESS_REQUIRE_BROWSER"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass
class Watched:
    """An open page and what it did: requests beyond its own file, console errors, dialogs.

    Parameters
    ----------
    page
        Playwright's page.
    file
        The file that was opened.
    """

    page: Page
    file: Path
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    @property
    def quiet(self) -> bool:
        """Whether the page asked for nothing, complained of nothing and popped nothing up."""
        return not (self.requests or self.errors or self.dialogs)


def open_file(page: Page, file: Path, *, ready: str = "html[data-ready]") -> Watched:
    """Open a file as by a double-click, watch it, and wait until it says that it is ready."""
    seen = Watched(page, file)
    own = file.resolve().as_uri()
    page.on("request", lambda r: None if r.url.split("#")[0] == own else seen.requests.append(r.url))
    page.on("console", lambda m: seen.errors.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))

    def dismiss(dialog: object) -> None:
        seen.dialogs.append(str(getattr(dialog, "message", "")))
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", dismiss)
    page.goto(own)
    page.wait_for_selector(ready, state="attached", timeout=15_000)
    return seen


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser once; without one, skip and say why, or fail where a browser is required."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        _give_up("no Chromium found; on Debian: apt-get install chromium")
    with sync_playwright() as driver:
        try:
            started = driver.chromium.launch(executable_path=path, args=list(_QUIET))
        except Error as error:
            _give_up(f"{path} did not start: {str(error).splitlines()[0]}")
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open an empty page of 1440 × 900; it closes with the test."""
    opened = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    opened.set_default_timeout(8_000)
    yield opened
    opened.close()


def _give_up(reason: str) -> None:
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{REQUIRED}=1, but {reason}")
    pytest.skip(reason)
