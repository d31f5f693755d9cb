"""The comparison page under proof: keyboard, address, paper, widths, hostile names, many clicks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

import map_results
from borderless.analysis.results import Results
from borderless.maps.comparison import comparison_page
from browser import open_file

MIB = 1 << 20
A4, A3 = (842, 595), (1191, 842)
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def results() -> Results:
    return map_results.tame()


@pytest.fixture(scope="module")
def file(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("proof") / "comparison.html"
    path.write_text(comparison_page(results), encoding="utf-8")
    return path


@pytest.fixture
def shown(page: Page, file: Path) -> Iterator[Page]:
    """Open the page, and find at the end that it asked for nothing and complained of nothing."""
    seen = open_file(page, file)
    yield page
    assert seen.quiet, (seen.requests, seen.errors, seen.dialogs)


def rings(page: Page) -> list[str]:
    rows = page.locator("#rings-table tbody tr").evaluate_all(
        "rows => rows.map((r) => [...r.cells].map((c) => c.innerText.trim()"
        ".replace(/\\s+/g, ' ')).join(' | '))"
    )
    return [str(row) for row in rows]


def test_rings_say_how_many_people_of_the_alliance_are_inside(shown: Page) -> None:
    # from the table of minutes of driving in two_counties: A, E, F, G; B too; then D with E1; then C
    assert rings(shown) == [
        "5 min | 113 44.31 % | 121 47.45 %",
        "10 min | 115 45.10 % | 127 49.80 %",
    ]
    shown.click("#swap")
    assert rings(shown)[0] == "5 min | 121 47.45 % | 113 44.31 %"


def test_ticked_rings_are_drawn_and_told_in_the_legend(shown: Page) -> None:
    drawn = "() => map_main.getPane('rings-before').querySelector('canvas').toDataURL()"
    before = shown.evaluate(drawn)
    shown.locator("#rings-table input").nth(1).check()
    assert shown.evaluate(drawn) != before
    assert "Driving-time rings" in shown.locator("#legend").inner_text()
    shown.locator("#rings-table input").nth(1).uncheck()
    assert shown.evaluate(drawn) == before


def test_areas_of_driving_time_are_coloured_like_squares_of_the_same_minutes(shown: Page) -> None:
    shown.select_option("#colour", "zones")
    legend = shown.locator("#legend li").all_inner_texts()
    assert [line for line in legend if line.startswith("within")] == ["within 5 min", "within 10 min"]
    shown.locator("input[value=change]").check(force=True)
    assert shown.locator("#colour").is_disabled()


def test_the_address_keeps_what_is_chosen_and_gives_it_back(shown: Page) -> None:
    shown.select_option("#after", "alliance")
    shown.select_option("#target", "10 min")
    shown.select_option("#measure", "area_km2")
    shown.locator("#rings-table input").first.check()
    shown.locator("input[value=change]").check(force=True)
    shown.evaluate("map_main.setView([52.6, -1.7], 12, { animate: false })")
    shown.wait_for_url(re.compile(r"mode=change.*\+12$"))
    address, headline = shown.url, shown.locator("#headline").inner_text()
    shown.goto("about:blank")
    shown.goto(address)
    shown.wait_for_selector("html[data-ready]", state="attached")
    assert shown.locator("#headline").inner_text() == headline
    assert "km²" in headline
    assert [shown.input_value(f"#{key}") for key in ("after", "measure")] == ["alliance", "area_km2"]
    assert shown.locator("#rings-table input").first.is_checked()
    assert shown.locator("input[value=change]").is_checked()
    assert shown.evaluate("[map_main.getCenter().lng, map_main.getZoom()]") == pytest.approx(
        [-1.7, 12], abs=1e-3
    )
    assert shown.url == address


def test_an_address_that_asks_for_nonsense_is_ignored(page: Page, file: Path) -> None:
    seen = open_file(page, file)
    said = page.locator("#headline").inner_text()
    page.evaluate(
        "location.hash = '#before=<img src=x>&after=__proto__&target=&measure=1&mode=constructor"
        "&colour=x&rings=NaN 999&line=-5&at=1e9 x 3'"
    )
    page.wait_for_url(re.compile("#before=separate"))
    assert page.locator("#headline").inner_text() == said
    assert seen.quiet, (seen.requests, seen.errors, seen.dialogs)


FOCUSED = """() => {
  const e = document.activeElement;
  const inner = e.className === 'divider' ? e.firstElementChild : e;
  const ringed = e.name === 'mode' ? e.nextElementSibling : inner;
  const name = e.id || e.name || e.className || e.closest('[id]')?.id || e.tagName;
  const { outlineStyle, outlineWidth } = getComputedStyle(ringed);
  return [name, outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1];
}"""


def test_everything_is_reached_by_keyboard_and_seen_to_be(shown: Page) -> None:
    reached = []
    while len(reached) < 40 and "divider" not in [name for name, _ in reached]:
        shown.keyboard.press("Tab")
        reached.append(tuple(shown.evaluate(FOCUSED)))
    names = [name for name, _ in reached]
    controls = ["before", "swap", "after", "target", "measure", "mode", "colour", "find", "rings-table"]
    assert [name for name in ["skip", *controls, "gained", "divider"] if name not in names] == []
    assert [name for name, ringed in reached if not ringed] == []


def test_a_popup_takes_the_keyboard_and_gives_it_back(shown: Page) -> None:
    button = shown.locator("#gained button").first
    button.focus()
    shown.keyboard.press("Enter")
    popup = shown.locator(".popup[role=dialog]")
    assert popup.evaluate("p => p === document.activeElement")
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.getAttribute('aria-label')") == "Close"
    shown.keyboard.press("Escape")
    assert popup.count() == 0
    assert button.evaluate("b => b === document.activeElement")


def test_enter_on_the_map_tells_what_holds_in_the_middle(shown: Page) -> None:
    shown.evaluate("map_main.setView([52.602, -1.786], 13, { animate: false })")
    shown.locator("#map_main").focus()
    shown.keyboard.press("Enter")
    assert "First unit from" in shown.locator(".popup").inner_text()


def test_a_place_chosen_on_the_way_to_another_is_the_one_that_is_told(shown: Page) -> None:
    shown.emulate_media(reduced_motion="no-preference")
    shown.evaluate(
        "() => { window.told = []; const tell = comparisonPage.explain.bind(comparisonPage);"
        " comparisonPage.explain = (at, point) => { told.push(at.lat.toFixed(2)); tell(at, point); };"
        " comparisonPage.fly([52.6, -1.7]); comparisonPage.fly([52.61, -1.6]); }"
    )
    shown.locator(".popup").wait_for()
    assert shown.evaluate("told") == ["52.61"]


def test_a_name_that_is_not_on_the_map_is_said_to_be_missing(shown: Page) -> None:
    shown.fill("#find", "Atlantis")
    shown.press("#find", "Enter")
    assert shown.locator("#find-note").inner_text() == "No such place on this map."


def test_the_line_divides_pixels_before_on_the_left_after_on_the_right(shown: Page) -> None:
    shown.select_option("#after", "alliance")
    # Crossing, which gains, left of the middle; E1, where a unit moves in, right of it
    shown.evaluate("map_main.setView([52.58, -1.775], 12.5, { animate: false })")
    box = shown.locator("#map_main").bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2
    left = {"x": box["x"] + 60, "y": 120, "width": middle - 40 - box["x"] - 60, "height": 500}
    right = {"x": middle + 40, "y": 120, "width": 300, "height": 330}
    pictures = {}
    for share in (0, 0.5, 1):
        shown.evaluate("s => comparisonPage.swipe.moveTo(s)", share)
        pictures[share] = [shown.screenshot(clip=clip) for clip in (left, right)]  # type: ignore[arg-type]
    shown.select_option("#after", "separate")  # the same on both sides: nothing of the other shines through
    assert shown.screenshot(clip=left) == pictures[0.5][0]  # type: ignore[arg-type]
    assert pictures[0.5][0] == pictures[1][0] != pictures[0][0]
    assert pictures[0.5][1] == pictures[0][1] != pictures[1][1]


@pytest.mark.parametrize(("paper", "size"), [("A4", A4), ("A3", A3)])
@pytest.mark.parametrize("mode", ["swipe", "change"])
def test_it_prints_on_one_sheet_of_the_right_size(
    shown: Page, mode: str, paper: str, size: tuple[int, int]
) -> None:
    shown.locator(f"input[value={mode}]").check(force=True)
    shown.locator("#rings-table input").first.check()
    pdf = shown.pdf(format=paper, landscape=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    found = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert [float(side) for side in found[0]] == pytest.approx(size, abs=2)
    assert len(pdf) < 4 * MIB


def test_paper_carries_legend_date_rings_and_every_setting_and_fits(shown: Page, results: Results) -> None:
    shown.locator("#rings-table input").first.check()
    shown.set_viewport_size({"width": 1123, "height": 794})
    shown.emulate_media(media="print", color_scheme="dark")
    shown.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    sheet = shown.locator("#sheet-for-print")
    said = sheet.inner_text()
    year = shown.evaluate("new Date().getFullYear()")
    for needed in ("Response time from the call", "Driving-time rings", "113", "47.45 %", f"{year}."):
        assert needed in said
    for setting in results.region.study.assumptions():
        assert f"{setting.default.label}: {setting.value:,g}" in said
    # nothing is cut off at the right edge, and paper is white however dark the screen
    assert (
        shown.evaluate(
            "[...document.querySelectorAll('#sheet-for-print *')]"
            ".filter((e) => e.getBoundingClientRect().right > innerWidth + 1).length"
        )
        == 0
    )
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert (
        shown.evaluate("getComputedStyle(document.querySelector('#sheet-for-print h1')).color")
        == "rgb(24, 35, 46)"
    )
    shown.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert sheet.locator("*").count() == 0


@pytest.mark.parametrize(("width", "height"), [(320, 640), (640, 400), (720, 450), (2560, 1440)])
def test_no_width_needs_scrolling_sideways(page: Page, file: Path, width: int, height: int) -> None:
    page.set_viewport_size(
        {"width": width, "height": height}
    )  # 1280 × 800 and 1440 × 900 at 200 % among them
    seen = open_file(page, file)
    page.locator("#gained button").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    popup = page.locator(".popup").bounding_box()
    assert popup
    assert popup["x"] >= 0
    assert popup["x"] + popup["width"] <= width
    assert seen.quiet


def test_a_wall_screen_has_larger_text_on_page_and_map(page: Page, file: Path) -> None:
    open_file(page, file)
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    text = "comparisonPage.sheets.letters.view().text"
    desk = page.evaluate(f"[{size}, {text}]")
    page.set_viewport_size({"width": 2560, "height": 1440})
    wall = page.evaluate(f"[{size}, {text}]")
    assert desk[1] == 1
    assert wall[1] == pytest.approx(1.4)
    assert wall[0] == pytest.approx(1.4 * desk[0])


def test_without_script_the_headline_table_is_read(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(file.as_uri())
    rows = page.locator("#numbers tbody tr").all_inner_texts()
    assert [re.sub(r"\s+", " ", row) for row in rows[:1]] == ["West of 15 people 46.67 % 100.00 % +8"]
    assert page.locator("#numbers").is_visible()
    assert "need JavaScript" in page.locator("noscript").inner_text()
    assert page.locator("#controls").is_hidden()
    context.close()


def test_a_browser_of_forced_colours_still_tells_what_is_chosen(page: Page, file: Path) -> None:
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    open_file(page, file)
    look = "i => getComputedStyle(i.nextElementSibling).backgroundColor"
    chosen, other = (page.locator(f"input[value={mode}]").evaluate(look) for mode in ("swipe", "change"))
    assert chosen != other


CLICKS = """async (count) => {
  const all = (query) => [...document.querySelectorAll(query)];
  const target = document.getElementById('target');
  for (let i = 0; i < count; i++) {
    const turns = [
      () => all('input[name=mode]')[i % 2].click(),
      () => all('#rings-table input')[(i >> 3) % 2].click(),
      () => document.getElementById('swap').click(),
      () => all('.places button')[0]?.click(),
      () => all('#station-list button')[i % 3].click(),
      () => all('.popup .close')[0]?.click(),
      () => { target.selectedIndex = i % target.length; target.dispatchEvent(new Event('change')); },
      () => comparisonPage.swipe.moveTo((i % 10) / 10),
    ];
    turns[i % turns.length]();
    if (i % 50 === 0) await new Promise((done) => setTimeout(done));
  }
}"""


def test_memory_is_steady_after_five_hundred_clicks(shown: Page) -> None:
    session = shown.context.new_cdp_session(shown)
    session.send("Performance.enable")

    def after(clicks: int) -> dict[str, float]:
        shown.evaluate(CLICKS, clicks)
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        metrics = session.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in metrics}

    few, many = after(96), after(504)
    assert many["JSHeapUsedSize"] - few["JSHeapUsedSize"] < 0.5 * MIB
    assert many["Nodes"] - few["Nodes"] < 100
    assert many["JSEventListeners"] - few["JSEventListeners"] < 20


SINKS = """() => {
  const all = (query) => [...document.querySelectorAll(query)];
  const said = [document.title, ...all('[aria-label]').map((e) => e.getAttribute('aria-label'))];
  const look = () => said.push(document.body.textContent, ...all('option').map((o) => o.value));
  for (const tick of all('#rings-table input')) tick.click();
  for (const mode of all('input[name=mode]').reverse()) { mode.click(); look(); }
  for (const after of [1, 2, 3]) {
    const select = document.getElementById('after');
    select.selectedIndex = after;
    select.dispatchEvent(new Event('change'));
    for (const i of all('.places button').keys()) { all('.places button')[i].click(); look(); }
  }
  for (const button of all('#station-list button')) { button.click(); look(); }
  dispatchEvent(new Event('beforeprint'));
  look();
  return said.join('\\n');
}"""


@pytest.mark.parametrize("shift", range(len(map_results.HOSTILE)))
def test_every_hostile_name_is_inert_in_every_sink(page: Page, tmp_path: Path, shift: int) -> None:
    hostile = map_results.hostile(shift)
    file = tmp_path / "comparison.html"
    file.write_text(comparison_page(hostile), encoding="utf-8")
    seen = open_file(page, file)
    said = page.evaluate(SINKS)
    study, region = hostile.region.study, hostile.region
    names = [
        *(study.name, *study.force_names, *study.sources, *study.notes),
        *(scenario.label for scenario in study.scenarios),
        *(*region.stations["name"], *region.stations["role"], *region.places["name"]),
    ]
    assert [name for name in names if name not in said and name != "response"] == []
    made = "img, svg, iframe, plaintext, script[src], [onerror], [onload], [onmouseover], #panel b"
    assert page.locator(made).count() == 0
    assert seen.quiet, (seen.requests, seen.errors, seen.dialogs)
