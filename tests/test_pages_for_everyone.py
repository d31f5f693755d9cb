"""Pages for everyone: axe-core finds nothing in light or dark, on a desk or on a telephone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

import map_results
from accessible import violations
from borderless.maps.comparison import comparison_page
from borderless.report.page import front_page
from browser import open_file

SCHEMES = ("light", "dark")
SIZES = {"desk": (1440, 900), "telephone": (390, 844)}
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    results = map_results.tame()
    (folder / "index.html").write_text(front_page(results), encoding="utf-8")
    (folder / "comparison.html").write_text(comparison_page(results), encoding="utf-8")
    return folder


def opened(page: Page, file: Path, scheme: str = "light", size: tuple[int, int] = (1440, 900)) -> Page:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    open_file(page, file, ready="body" if file.stem == "index" else "html[data-ready]")
    return page


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_on_the_front_page(page: Page, pages: Path, scheme: str, size: str) -> None:
    opened(page, pages / "index.html", scheme, SIZES[size])
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert violations(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_on_the_comparison(page: Page, pages: Path, scheme: str, size: str) -> None:
    opened(page, pages / "comparison.html", scheme, SIZES[size])
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert violations(page) == []
    page.locator("#gained button").first.click()
    assert page.locator(".leaflet-popup").is_visible()
    page.locator("#rings-table input").first.check()
    page.locator("input[value=change]").check(force=True)
    page.locator("#gained button").first.click()
    assert violations(page) == []
