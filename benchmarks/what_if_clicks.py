"""How soon the what-if page answers a click, plain and with the processor slowed down four times.

Run by hand after ``borderless run``: ``python benchmarks/what_if_clicks.py out/explorer.html``. A click is
over when numbers, map and charts are brought up to date (script), and when the next frame stands (frame).
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
from playwright.sync_api import CDPSession, Page, sync_playwright

CLICK = """async (count) => {
  const seen = [];
  for (const control of [...document.querySelectorAll("#stations [role=switch]")].slice(0, count)) {
    const begun = performance.now();
    control.click();
    const script = performance.now() - begun;
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    seen.push([script, performance.now() - begun]);
  }
  return seen;
}"""


def clicks(page: Page, client: CDPSession, slowed: int, count: int = 40) -> None:
    """Close stations one after the other and print what each click took."""
    client.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    page.click("#reset")
    took = np.array(page.evaluate(CLICK, count))
    page.wait_for_timeout(500)
    for name, column in zip(("script", "frame"), took.T, strict=True):
        median, slowest = np.median(column), column.max()
        print(
            f"{slowed} x slower, {name}: median {median:.0f} ms, slowest {slowest:.0f} ms of {count} clicks"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    given = parser.parse_args()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        page.goto(given.page.resolve().as_uri())
        page.wait_for_selector("html[data-ready]", state="attached")
        size = page.evaluate("[explorerPage.model.P, explorerPage.model.S]")
        megabytes = given.page.stat().st_size / 1e6
        print(f"{size[0]:,} demand points, {size[1]} stations and sites, {megabytes:.2f} MB")
        page.locator("#presets button").nth(1).click()
        client = page.context.new_cdp_session(page)
        for slowed in (1, 4):
            clicks(page, client, slowed)
        browser.close()


if __name__ == "__main__":
    main()
