"""What axe-core, the accessibility checker, finds wrong with an open page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from browser import REQUIRED, open_file

AXE = Path(__file__).parent / "javascript" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page) -> list[str]:
    """Return one line for each rule that the page breaks, as it stands: rule, impact, elements, reason.

    Every rule counts, best practice included. Without axe-core the test is skipped, or fails where a browser
    is required. The page's policy forbids foreign scripts; what the driver evaluates is not subject to it.
    """
    if not AXE.exists():
        reason = "axe-core is not installed; run: npm --prefix tests/javascript ci"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{REQUIRED}=1, but {reason}")
        pytest.skip(reason)
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations)")
    return [
        f"{rule['id']} ({rule['impact']}) at {', '.join(str(node['target'][0]) for node in nodes[:5])}: "
        f"{' '.join(nodes[0].get('failureSummary', rule['help']).split())}"
        for rule in found
        if (nodes := rule["nodes"])
    ]


def assert_for_everyone(page: Page, file: Path, scheme: str, width: int) -> None:
    """Open a page, unfold all of it, and hold that axe finds nothing and that it fits the screen's width."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    open_file(page, file, ready="body")
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
