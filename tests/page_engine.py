"""The what-if page's own modules in an empty page, to ask them what Python is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from borderless.maps.canvas import Asset, asset
from borderless.maps.canvas import Page as Sheet

MODULES = ("explorer-model.js", "explorer-engine.js", "explorer-contrast.js", "explorer-state.js")
GLUE = Path(__file__).with_suffix(".js")


def with_engine(page: Page) -> Page:
    """Load the modules that need no page into this one."""
    page.goto("about:blank")
    for name in MODULES:
        page.add_script_tag(content=asset(name).source)
    page.add_script_tag(content=GLUE.read_text(encoding="utf-8"))
    return page


def open_model(page: Page, data: dict[str, Any], arrays: dict[str, Any], folder: Path) -> None:
    """Open a page that carries a study as the what-if page does, and leave its model in `model`."""
    carrier = Sheet("A model").data("explorer", data).arrays("explorer-times", arrays)
    for name in MODULES:
        carrier.script(asset(name))
    carrier.script(Asset(GLUE.name, GLUE.read_text(encoding="utf-8")))
    file = folder / "model.html"
    file.write_text(carrier.render(), encoding="utf-8")
    page.goto(file.as_uri())
    page.evaluate(
        "async () => { globalThis.model = await Borderless.loadModel('explorer', 'explorer-times'); }"
    )


def answers(page: Page, region: dict[str, Any], states: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return JavaScript's answers to several states of one region."""
    found: list[dict[str, Any]] = page.evaluate(
        """([data, arrays, states]) => {
          const model = Borderless.makeModel(data, typed(arrays));
          return states.map((state) => asPython(model, Borderless.answer(model, state)));
        }""",
        [region["data"], region["arrays"], states],
    )
    return found
