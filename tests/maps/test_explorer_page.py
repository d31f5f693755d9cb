"""The what-if page, as a planner uses it: in a real browser, every number checked against Python."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

import map_results
from accessible import violations
from borderless.analysis.busy.busy import expected_table
from borderless.analysis.coverage import Coverage, cover
from borderless.analysis.results import Results
from borderless.analysis.times import ResponseTimes
from borderless.maps.explorer import explorer_page, what_if_times
from borderless.study.policy import BORDERLESS, SEPARATE, BorderPolicy, BorderRule, Scenario
from browser import Watched, open_file

MIB = 1 << 20
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def results() -> Results:
    return map_results.tame()


@pytest.fixture(scope="module")
def tame_file(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tame") / "explorer.html"
    file.write_text(explorer_page(results), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("hostile") / "explorer.html"
    file.write_text(explorer_page(map_results.hostile()), encoding="utf-8")
    return file


@pytest.fixture
def tame(page: Page, tame_file: Path) -> Watched:
    return open_file(page, tame_file)


@pytest.fixture
def hostile(page: Page, hostile_file: Path) -> Watched:
    return open_file(page, hostile_file)


def shown(page: Page) -> dict[str, list[str]]:
    """Return the headline table, rows that are hidden included: force → baseline, now, change."""
    rows: list[list[str]] = page.locator("#numbers tbody tr").evaluate_all(
        "rows => rows.map(r => [r.querySelector('th bdi').textContent,"
        " ...[...r.cells].slice(1).map(c => c.firstChild.textContent)])"
    )
    return {force: cells for force, *cells in rows}


def expected(before: Coverage, after: Coverage, measure: str = "population") -> dict[str, list[str]]:
    """Return what the headline table must show, from Python's own tables."""
    study = after.times.region.study
    per = next(m.per for m in study.measures if m.name == measure)
    rows = {}
    tables = [coverage_by_force(coverage, measure) for coverage in (before, after)]
    for force in (*study.alliance, "The alliance", *study.forces.outside):
        (covered_before, total), (covered, _) = (table[force] for table in tables)
        net = covered - covered_before
        change = "0" if net == 0 else f"{'+' if net > 0 else '−'}{round(abs(net) / per)}"
        rows[force] = [*(f"{100 * part / total:.2f} %" for part in (covered_before, covered)), change]
    return rows


def coverage_by_force(coverage: Coverage, measure: str) -> dict[str, tuple[int, int]]:
    table = coverage.table
    here = table[(table["measure"] == measure) & (table["target"] == "standard")].set_index("force")
    rows = {name: (int(here["covered"][name]), int(here["total"][name])) for name in here.index}
    partners = [rows[name] for name in coverage.times.region.study.alliance]
    return rows | {"The alliance": (sum(c for c, _ in partners), sum(t for _, t in partners))}


def asked(times: ResponseTimes, scenario: Scenario = SEPARATE, **levers: Any) -> Coverage:
    """Return Python's answer to a scenario with some levers moved."""
    return cover(times, replace(scenario, name="what_if", **levers))


def station(page: Page, name: str) -> Locator:
    """Return the row of a station in the list, which is opened."""
    opened(page, "#bases")
    for group in page.locator("#stations details").all():
        group.evaluate("d => { d.open = true; }")
    return page.locator("#stations li.station", has_text=name)


def opened(page: Page, section: str) -> Locator:
    page.locator(section).evaluate("d => { d.open = true; }")
    return page.locator(section)


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")


def test_the_page_is_small_the_same_every_time_and_readable_without_javascript(results: Results) -> None:
    html = explorer_page(results)
    assert len(html.encode()) < MIB
    assert html == explorer_page(results)
    table = re.search(r"<tbody>(.*?)</tbody>", html, re.DOTALL)
    assert table
    assert "<bdi>West</bdi><small>of 15 people</small></th><td>46.67 %</td><td>7</td>" in table[1]
    assert "<noscript>" in html


@pytest.mark.parametrize("row", range(4))
def test_a_preset_shows_what_python_counts(tame: Watched, results: Results, row: int) -> None:
    before, *others = results.coverages.values()
    tame.page.locator("#presets button").nth(row).click()
    assert shown(tame.page) == expected(before, [before, *others][row])
    pressed = tame.page.locator("#presets button[aria-pressed=true]")
    assert pressed.count() == 1
    assert tame.page.locator("#explanation").inner_text() == [before, *others][row].scenario.explanation
    assert tame.quiet, (tame.requests, tame.errors)


def test_a_station_is_closed_and_opened_and_undone(tame: Watched, results: Results) -> None:
    page = tame.page
    row = station(page, "W1 station")
    row.get_by_role("switch").uncheck()
    closed = asked(results.times, closed=("W1",))
    assert shown(page) == expected(results.coverages["separate"], closed)
    assert row.locator(".mark").inner_text() == "closed"
    assert row.get_by_label("Units at").nth(1).is_disabled()
    assert "7 fewer people" in page.locator("#headline").inner_text()
    assert "W1 station closed." in page.locator("#told").inner_text()
    assert "Closed: W1 station." in page.locator("#switched").inner_text()
    page.keyboard.press("Control+z")
    assert row.get_by_role("switch").is_checked()
    assert shown(page)["West"][2] == "0"
    page.keyboard.press("Control+Shift+z")
    assert shown(page) == expected(results.coverages["separate"], closed)
    page.click("#undo")
    page.click("#redo")
    page.click("#reset")
    assert shown(page)["West"][2] == "0"
    assert page.locator("#reset").is_disabled()


def test_units_and_roles_follow_the_stepper_and_the_choice(tame: Watched, results: Results) -> None:
    page = tame.page
    row = station(page, "W1 station")
    for _ in range(2):
        row.get_by_role("button", name="One unit fewer").click()
    none = asked(results.times, units={"W1": 0})
    assert shown(page) == expected(results.coverages["separate"], none)
    assert row.locator("select").input_value() == "none"
    row.locator("select").select_option("response")
    assert row.locator("input[type=number]").input_value() == "2"
    assert shown(page)["West"][2] == "0"
    row.locator("input[type=number]").fill("9")
    row.locator("input[type=number]").press("Enter")
    assert page.evaluate("explorerPage.state.units") == {"W1": 9}
    assert "more than its room" in row.inner_text()


def test_every_rule_of_a_border_is_pythons(tame: Watched, results: Results) -> None:
    page = tame.page
    cell = page.get_by_label("Units of East in West", exact=True)
    before = results.coverages["separate"]

    def rule(border: BorderRule) -> dict[str, list[str]]:
        return expected(before, asked(results.times, borders=BorderPolicy(pairs={("East", "West"): border})))

    cell.select_option("closest")
    assert shown(page) == rule(BorderRule.CLOSEST)
    assert shown(page)["West"] == ["46.67 %", "100.00 %", "+8"]
    cell.select_option("on_exhaustion")
    assert shown(page) == rule(BorderRule.ON_EXHAUSTION)
    cell.select_option("if_faster")
    gain = page.get_by_label("Faster by at least s", exact=True)
    for seconds in (540, 541):  # D gains 9 minutes, from 17 to 8: just enough, and a second too little
        gain.fill(str(seconds))
        gain.press("Enter")
        assert shown(page) == rule(BorderRule("if_faster", seconds))
    assert shown(page)["West"][2] == "0"
    assert cell.locator("option:checked").inner_text() == "If −541 s"
    cell.select_option("closest")
    delay = page.get_by_label("Hand-over between control rooms")
    for seconds in (480, 481):  # D is 7 minutes from E1 and urban: in time with 8 more, late a second later
        delay.fill(str(seconds))
        delay.press("Enter")
        assert shown(page) == rule(BorderRule("closest", 0, seconds))
    assert shown(page)["West"][2] == "0"
    page.get_by_label("One control room").check()
    assert delay.is_disabled()
    assert delay.input_value() == "0"
    assert shown(page)["West"][2] == "+8"
    page.get_by_role("button", name="Same the other way round").click()
    assert page.get_by_label("Units of West in East", exact=True).input_value() == "closest"


def test_all_borders_and_both_switches_make_the_full_alliance(tame: Watched, results: Results) -> None:
    page = tame.page
    page.get_by_label("All borders between partners").select_option("closest")
    page.get_by_label("One control room").check()
    page.get_by_label("Shared stations:").check()
    assert shown(page) == expected(results.coverages["separate"], results.coverages["alliance"])
    assert page.locator("#presets button[aria-pressed=true]").inner_text() == "Full alliance"
    assert page.locator("#together-state").inner_text() == "open, one room, shared stations"


def test_a_force_outside_may_be_let_in(tame: Watched, results: Results) -> None:
    page = tame.page
    page.locator("summary", has_text="Forces outside").click()
    page.get_by_label("Units of North in West", exact=True).select_option("closest")
    policy = BorderPolicy(pairs={("North", "West"): BorderRule.CLOSEST})
    assert shown(page) == expected(results.coverages["separate"], asked(results.times, borders=policy))


def with_response(times: ResponseTimes, **response: Any) -> ResponseTimes:
    study = times.region.study
    changed = replace(study, response=replace(study.response, **response))
    return replace(times, region=replace(times.region, study=changed))


def test_targets_move_with_slider_and_number_and_a_drag_is_one_step(tame: Watched, results: Results) -> None:
    page = tame.page
    opened(page, "#yardstick")
    page.locator("#presets button").nth(1).click()
    town = page.get_by_label("Target in towns, minutes from the call", exact=True)
    for minutes in ("12", "9", "7.5"):
        town.evaluate("(r, v) => { r.value = v; r.dispatchEvent(new Event('input')); }", minutes)
    town.dispatch_event("change")
    country = page.get_by_label("Target in the country, minutes from the call, as a number")
    country.fill("10")
    country.press("Enter")
    times = with_response(results.times, target_urban_min=7.5, target_rural_min=10)
    assert shown(page) == expected(asked(times), asked(times, BORDERLESS))
    assert "7.5 minutes in towns, 10 in the country" in page.locator("#caption").inner_text()
    page.click("#undo")
    assert page.evaluate("[explorerPage.state.urban_s, explorerPage.state.rural_s]") == [450, 1200]
    page.click("#undo")
    assert page.evaluate("explorerPage.state.urban_s") == 900


def test_busy_units_show_what_to_expect(tame: Watched, results: Results) -> None:
    page = tame.page
    opened(page, "#yardstick")
    assert page.locator("#numbers td small").count() == 0
    busy = page.get_by_label("Units that are busy at any time, as a number")
    busy.fill("40")
    busy.press("Enter")
    table = expected_table(results.coverages["separate"], 0.4)
    here = table[(table["measure"] == "population") & (table["target"] == "standard")].set_index("force")
    said = page.locator("#numbers tr", has_text="West").locator("small").all_inner_texts()
    assert said[1] == f"{100 * here['expected']['West'] / here['total']['West']:.2f} %"
    assert "40 % of units busy" in page.locator("#caption").inner_text()


@pytest.mark.parametrize("measure", ["area_km2", "road_km"])
def test_numbers_follow_the_measure(tame: Watched, results: Results, measure: str) -> None:
    opened(tame.page, "#yardstick")
    tame.page.locator("#presets button").nth(1).click()
    tame.page.locator("#sliders select").select_option(measure)
    before, after = results.coverages["separate"], results.coverages["borderless"]
    assert shown(tame.page) == expected(before, after, measure)


def test_a_candidate_site_is_added_and_removed(hostile: Watched) -> None:
    page = hostile.page
    times, sites = what_if_times(map_results.hostile().times)
    assert sites
    opened(page, "#sites")
    row_of = "explorerPage.model.row.get(explorerPage.model.data.meta.sites[0].id)"
    assert page.evaluate(f"explorerPage.map.visible({row_of})")
    row = page.locator("#candidates li", has_text=sites[0].name).first
    row.get_by_role("button", name="Add").click()
    assert page.evaluate("explorerPage.state.units") == {sites[0].id: 1}
    before = cover(times, map_results.hostile().region.study.scenarios[0])
    assert shown(page) == expected(before, asked(times, before.scenario, units={sites[0].id: 1}))
    assert "New stations" in page.locator("#switched").inner_text()
    row.get_by_role("button", name="Remove").click()
    assert page.evaluate("explorerPage.state.units") == {}
    page.locator("#candidates input").fill("nowhere at all")
    assert row.is_hidden()


def test_a_pinned_baseline_is_kept_in_the_link_with_everything_else(
    tame: Watched, results: Results, tame_file: Path
) -> None:
    page = tame.page
    page.locator("#presets button").nth(1).click()
    page.click("#pin")
    assert "Switch something" in page.locator("#headline").inner_text()
    row = station(page, "E1 station")
    row.get_by_role("switch").uncheck()
    after = asked(results.times, BORDERLESS, closed=("E1",))
    wanted = expected(results.coverages["borderless"], after)
    assert shown(page) == wanted
    link = page.evaluate("explorerPage.link()")
    page.wait_for_timeout(300)
    assert page.evaluate("location.href") == link
    assert "!" in link
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector("html[data-ready]", state="attached")
    assert shown(page) == wanted
    assert page.locator("#baseline").input_value() == "pinned"
    page.select_option("#baseline", "preset separate")
    assert shown(page) == expected(results.coverages["separate"], after)
    page.goto(f"{tame_file.as_uri()}#nonsense!nonsense")
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert shown(page)["West"] == ["46.67 %", "46.67 %", "0"]


def test_a_link_keeps_what_is_compared_with(tame: Watched, results: Results) -> None:
    page = tame.page
    page.select_option("#baseline", "preset alliance")
    wanted = expected(results.coverages["alliance"], results.coverages["separate"])
    assert shown(page) == wanted
    link = page.evaluate("explorerPage.link()")
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector("html[data-ready]", state="attached")
    assert shown(page) == wanted
    assert page.locator("#baseline").input_value() == "preset alliance"
    # pinned as the study has it is pinned all the same
    page.click("#pin")
    link = page.evaluate("explorerPage.link()")
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector("html[data-ready]", state="attached")
    assert page.locator("#baseline").input_value() == "pinned"


def test_numbers_and_scenario_are_saved_as_files(tame: Watched, tmp_path: Path) -> None:
    page = tame.page
    page.locator("#presets button").nth(1).click()
    opened(page, "#share")
    for button, name in (("#save-csv", "what-if.csv"), ("#save-toml", "what-if.toml")):
        with page.expect_download() as waiting:
            page.click(button)
        assert waiting.value.suggested_filename == name
        waiting.value.save_as(tmp_path / name)
    assert "baseline,West,population" in (tmp_path / "what-if.csv").read_text(encoding="utf-8")
    scenario = tomllib.loads((tmp_path / "what-if.toml").read_text(encoding="utf-8"))["scenarios"]["what_if"]
    assert {pair["responder"] for pair in scenario["pairs"]} == {"West", "East"}
    assert "borderless run what-if.toml" in page.locator("#share").inner_text()
    assert [request for request in tame.requests if not request.startswith("blob:")] == []
    assert tame.errors == []


def test_a_link_that_cannot_be_copied_is_selected_for_the_reader(tame: Watched) -> None:
    page = tame.page
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.locator("#presets button").nth(1).click()
    page.click("#copy")
    page.wait_for_selector("#link")
    assert page.locator("#link").input_value() == page.evaluate("location.href")
    assert page.evaluate("location.hash") != ""


def test_the_map_answers_three_questions(tame: Watched) -> None:
    page = tame.page
    page.locator("#presets button").nth(1).click()
    pictures = set()
    for mode, said in (("times", "Response time"), ("change", "Gained"), ("who", "East, across a border")):
        page.locator(f"input[value={mode}]").check(force=True)
        assert said in page.locator("#legend").inner_text()
        pictures.add(page.evaluate("map_main.getPane('squares').querySelector('canvas').toDataURL()"))
    assert len(pictures) == 3
    assert "D" not in {p["place"] for p in page.evaluate("explorerPage.contrast.places")}
    assert page.locator("#gained button").first.inner_text().startswith("Crossing")


def test_each_pixel_of_the_map_belongs_to_the_square_it_lies_in(tame: Watched) -> None:
    wrong, known = tame.page.evaluate(
        """() => {
          const { map } = explorerPage;
          const view = map.sheets.squares.view();
          const { runs, width } = map.theme.rasterOf(view);
          const height = view.ctx.canvas.height;
          const ids = new Int32Array(width * height).fill(-1);
          for (let r = 0; r < runs.length; r += 3) ids.fill(runs[r + 2], runs[r], runs[r + 1]);
          let [wrong, known] = [0, 0];
          for (let y = 0; y < height; y += 5) for (let x = 0; x < width; x += 5) {
            const at = (dx, dy) =>
              map.theme.cellAt((x + dx + view.left) / view.k, (y + dy + view.top) / view.k);
            const around = [at(0.5, 0.5), at(0.4, 0.4), at(0.6, 0.4), at(0.4, 0.6), at(0.6, 0.6)];
            if (new Set(around).size > 1) continue; // the pixel's middle lies on an edge
            if (around[0] >= 0) known++;
            if (ids[y * width + x] !== around[0]) wrong++;
          }
          return [wrong, known];
        }"""
    )
    assert wrong == 0
    assert known > 100


def middle_of(page: Page, people: int) -> list[float]:
    """Return where the square with so many people is on the screen."""
    spot: list[float] = page.evaluate(
        """(people) => {
          const { people: all, corners: q } = explorerPage.map.theme.cells;
          const i = 8 * all.indexOf(people);
          const at = Borderless.degrees((q[i] + q[i + 4]) / 2, (q[i + 1] + q[i + 5]) / 2);
          map_main.setView(at, 12, { animate: false });
          const p = map_main.latLngToContainerPoint(at);
          const frame = map_main.getContainer().getBoundingClientRect();
          return [frame.left + p.x, frame.top + p.y];
        }""",
        people,
    )
    return spot


def test_a_click_on_the_map_tells_the_first_stations_now_and_before(tame: Watched) -> None:
    page = tame.page
    page.locator("#presets button").nth(1).click()
    page.mouse.click(*middle_of(page, 8))
    popup = page.locator(".leaflet-popup")
    assert popup.locator("h2").inner_text() == "Crossing"
    rows = [re.sub(r"\s+", " ", row) for row in popup.locator("tbody tr").all_inner_texts()]
    assert rows == [
        "First now 8 min 00 s within the target E1 station East",
        "Second 17 min 00 s outside the target W1 station West",
        "Separate forces 17 min 00 s outside the target W1 station West",
    ]
    page.keyboard.press("Escape")
    popup.wait_for(state="detached")


def test_a_station_is_switched_on_the_map(tame: Watched, results: Results) -> None:
    page = tame.page
    spot = page.evaluate(
        """() => {
          const { id, xy } = explorerPage.map.atlas.stations;
          const i = 2 * id.indexOf("E1");
          const p = map_main.latLngToContainerPoint(Borderless.degrees(xy[i], xy[i + 1]));
          const frame = map_main.getContainer().getBoundingClientRect();
          return [frame.left + p.x, frame.top + p.y];
        }"""
    )
    page.mouse.move(*spot)
    assert "E1 station" in page.locator(".tip").inner_text()
    page.mouse.click(*spot)
    popup = page.locator(".leaflet-popup")
    popup.get_by_role("switch").uncheck()
    assert shown(page) == expected(results.coverages["separate"], asked(results.times, closed=("E1",)))
    assert "closed" in popup.inner_text()
    assert station(page, "E1 station").locator(".mark").inner_text() == "closed"


def test_a_keyboard_reaches_the_map_and_comes_back(tame: Watched) -> None:
    page = tame.page
    middle_of(page, 64)
    page.locator("#map_main").focus()
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup .popup")
    assert popup.locator("h2").inner_text() == "Gton"
    assert popup.evaluate("p => document.activeElement === p")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "map_main"
    page.fill("#find", "northam")
    page.press("#find", "Enter")
    centre = page.evaluate("[map_main.getCenter().lat, map_main.getCenter().lng]")
    assert centre == pytest.approx([52.606, -1.558], abs=0.02)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 640), (1440, 900), (2560, 1440)])
def test_everything_fits_the_width(page: Page, tame_file: Path, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    seen = open_file(page, tame_file)
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#map_main").is_visible()
    assert page.locator("#results").is_visible()
    assert (page.locator("#wide #results").count() == 1) == (width > 1750)
    assert seen.quiet


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(page: Page, tame_file: Path, scheme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    open_file(page, tame_file)
    open_all(page)
    page.locator("#presets button").nth(1).click()
    page.evaluate("explorerPage.change({ ...explorerPage.state, busy: 30, closed: ['W1'] }, '')")
    assert violations(page) == []
    page.locator("input[value=who]").check(force=True)
    page.evaluate("explorerPage.map.openStation(0)")
    assert violations(page) == []
    page.evaluate("explorerPage.map.fly([52.6, -1.99])")
    assert violations(page) == []


def test_on_paper_there_is_all_that_a_meeting_asks_for(tame: Watched) -> None:
    page = tame.page
    page.locator("#presets button").nth(1).click()
    page.locator("input[value=change]").check(force=True)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    paper = page.locator("#sheet-for-print")
    said = paper.inner_text()
    for needed in (
        "8 more people",
        "What changes against Separate forces",
        "The closest unit of any partner answers.",
        "Gained: now within the target",
        "Target: 15 minutes in towns, 20 in the country",
        "Units busy: 0 %",
        "Printed",
        "OpenStreetMap",
    ):
        assert needed in said
    assert paper.locator("figure canvas").count() == 1
    assert page.locator("#panel").is_hidden()


def test_hostile_names_are_inert_and_shown_as_they_are(hostile: Watched) -> None:
    page = hostile.page
    names = map_results.HOSTILE
    open_all(page)
    for row in range(page.locator("#presets button").count()):
        page.locator("#presets button").nth(row).click()
    station(page, names[5]).get_by_role("switch").first.uncheck()
    page.locator("#bases input[type=search]").fill(names[0][:4])
    for mode in ("change", "who", "times"):
        page.locator(f"input[value={mode}]").check(force=True)
    page.locator("#pin").click()
    page.evaluate("explorerPage.map.openStation(0)")
    assert page.locator(".leaflet-popup h2").inner_text() in names
    page.evaluate("explorerPage.map.fly([52.6, -1.99])")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.title() == f"{names[8]}: what if"
    assert page.locator("#panel h1").inner_text() == names[8]
    assert names[5] in page.locator("#stations").inner_text() + page.locator("#switched").inner_text()
    assert not re.search(r"\b49\b", page.locator("body").inner_text())
    assert page.locator("img, script[src], plaintext, [onerror], [onload]").count() == 0
    assert page.locator("svg").count() == 2
    assert hostile.quiet, (hostile.requests, hostile.errors, hostile.dialogs)


def test_memory_is_steady_after_five_hundred_clicks(tame: Watched) -> None:
    page = tame.page
    page.set_viewport_size({"width": 800, "height": 500})
    open_all(page)
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable")

    def clicks(count: int) -> None:
        page.evaluate(
            """(count) => {
              const buttons = document.querySelectorAll('#presets button, #stations [role=switch]');
              for (let i = 0; i < count; i++) buttons[i % buttons.length].click();
            }""",
            count,
        )

    def held() -> dict[str, float]:
        for _ in range(3):
            client.send("HeapProfiler.collectGarbage")
        metrics = client.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in metrics}

    # Every seven clicks pull each lever once; twice seven, and all is as before. 200 fill the history.
    clicks(210)
    before = held()
    clicks(504)
    after = held()
    assert after["JSHeapUsedSize"] <= before["JSHeapUsedSize"] + 0.5 * MIB
    assert after["Nodes"] <= before["Nodes"] + 50
    assert after["JSEventListeners"] <= before["JSEventListeners"] + 10
    assert page.evaluate("explorerPage.history.length") <= 200
    assert tame.quiet


def test_a_station_may_have_any_id_at_all(tame: Watched) -> None:
    kept = tame.page.evaluate(
        """() => {
          const model = structuredClone(explorerPage.model);
          model.data.stations.id[0] = "__proto__";
          model.row.set("__proto__", 0);
          const state = Borderless.edits.withUnits(model, explorerPage.state, 0, 7);
          const again = Borderless.states.fromFragment(model, Borderless.states.toFragment(model, state));
          return Object.entries(again.units);
        }"""
    )
    assert kept == [["__proto__", 7]]
