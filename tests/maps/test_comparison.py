"""The comparison page, as a planner uses it: in a real browser, with the hand-worked two counties."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

import map_results
from borderless.analysis.compare import Comparison, compare
from borderless.analysis.coverage import cover
from borderless.analysis.results import Results
from borderless.errors import Problem
from borderless.maps.canvas import text
from borderless.maps.comparison import comparison_page, draw
from borderless.maps.frame import notes
from borderless.study.policy import SEPARATE
from browser import Watched, open_file

MIB = 1 << 20


@pytest.fixture(scope="module")
def results() -> Results:
    return map_results.tame()


@pytest.fixture(scope="module")
def tame_file(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tame") / "comparison.html"
    file.write_text(comparison_page(results), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("hostile") / "comparison.html"
    file.write_text(comparison_page(map_results.hostile()), encoding="utf-8")
    return file


@pytest.fixture
def tame(page: Page, tame_file: Path) -> Watched:
    return open_file(page, tame_file)


@pytest.fixture
def hostile(page: Page, hostile_file: Path) -> Watched:
    return open_file(page, hostile_file)


def shown_rows(page: Page) -> dict[str, tuple[str, str, str]]:
    rows = page.locator("#numbers tbody tr").evaluate_all(
        "rows => rows.map(r => [r.querySelector('th bdi').textContent,"
        " ...[...r.cells].slice(1).map(c => c.textContent)])"
    )
    return {force: (before, after, change) for force, before, after, change in rows}


def expected_rows(comparison: Comparison, measure: str, target: str) -> dict[str, tuple[str, str, str]]:
    table = comparison.by_force
    rows = table[(table["measure"] == measure) & (table["target"] == target) & (table["force"] != "all")]
    per = next(m.per for m in comparison.baseline.times.region.study.measures if m.name == measure)
    expected: dict[str, tuple[str, str, str]] = {}
    for row in rows.to_dict("records"):
        net = (row["covered"] - row["covered_before"]) // per
        name = "The alliance" if row["force"] == "alliance" else row["force"]
        before, after = (f"{100 * row[key] / row['total']:.2f} %" for key in ("covered_before", "covered"))
        change = "0" if net == 0 else f"{'+' if net > 0 else '−'}{abs(net)}"
        expected[name] = (before, after, change)
    return expected


def test_the_page_is_small_and_the_same_every_time(results: Results) -> None:
    page = comparison_page(results)
    assert len(page.encode()) < MIB
    assert page == comparison_page(results)


def test_without_javascript_the_headline_table_is_there(results: Results) -> None:
    page = comparison_page(results)
    table = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    assert table
    west = "<bdi>West</bdi><small>of 15 people</small></th><td>46.67 %</td><td>100.00 %</td><td>+8</td>"
    assert west in table[1]
    assert "<noscript>" in page


def test_the_notes_state_the_studys_own_values(results: Results) -> None:
    said = " ".join(notes(results.region.study, ()))
    assert "2 min call handling + 1 min turnout + driving" in said
    assert "1 min hand-over" in said
    assert "North is shown paler: not in the alliance; as far as the data reach." in said


def test_a_draft_says_so_first_and_repairs_are_counted_last(results: Results) -> None:
    study = replace(results.region.study, notes=("Draft: stations are a guess", "a copied notice"))
    repair = Problem("s.csv", severity="repair", rule="decimal comma")
    first, *rest, last = notes(study, (repair, repair))
    assert first == "Draft: stations are a guess"
    assert "a copied notice" not in rest
    assert last.startswith("The input was mended in 2 places before use: decimal comma (2).")


def test_a_drawing_is_saved_whole_and_shown_in_a_notebook(results: Results, tmp_path: Path) -> None:
    drawing = draw(results.comparisons["borderless"])
    saved = drawing.save(tmp_path / "gain.html")
    assert saved.read_text(encoding="utf-8") == drawing.html
    frame = drawing._repr_html_()
    assert frame.startswith("<iframe")
    assert "<script" not in frame


def test_a_scenario_compared_with_itself_can_be_drawn(results: Results) -> None:
    alone = cover(results.times, SEPARATE)
    assert "Separate forces" in draw(compare(alone, alone)).html


@pytest.mark.browser
def test_nothing_leaves_the_page_and_nothing_complains(tame: Watched) -> None:
    tame.page.select_option("#after", "alliance")
    tame.page.locator("input[value=change]").check(force=True)
    tame.page.mouse.move(900, 400)
    tame.page.mouse.wheel(0, -300)
    assert tame.quiet, (tame.requests, tame.errors, tame.dialogs)


@pytest.mark.browser
@pytest.mark.parametrize("target", ["standard", "5 min", "10 min", "15 min", "20 min"])
def test_numbers_follow_the_target_to_the_last_person(tame: Watched, results: Results, target: str) -> None:
    tame.page.select_option("#target", target)
    assert shown_rows(tame.page) == expected_rows(results.comparisons["borderless"], "population", target)


@pytest.mark.browser
@pytest.mark.parametrize("measure", ["area_km2", "road_km"])
def test_numbers_follow_the_measure(tame: Watched, results: Results, measure: str) -> None:
    tame.page.select_option("#measure", measure)
    assert shown_rows(tame.page) == expected_rows(results.comparisons["borderless"], measure, "standard")


@pytest.mark.browser
def test_any_two_scenarios_can_be_compared_in_either_order(tame: Watched, results: Results) -> None:
    for before, after in (("borderless", "alliance"), ("alliance", "separate"), ("separate", "separate")):
        tame.page.select_option("#before", before)
        tame.page.select_option("#after", after)
        tame.page.select_option("#target", "10 min")
        there = compare(results.coverages[before], results.coverages[after])
        assert shown_rows(tame.page) == expected_rows(there, "population", "10 min")
        people = there.changing_force()
        said = tame.page.locator("#changing").inner_text()
        assert said.startswith(f"For {people} people" if people else "Nobody's")


@pytest.mark.browser
def test_swapping_turns_gains_into_losses(tame: Watched) -> None:
    assert "8 more people" in tame.page.locator("#headline").inner_text()
    assert "Crossing" in tame.page.locator("#gained").inner_text()
    tame.page.click("#swap")
    assert "8 fewer people" in tame.page.locator("#headline").inner_text()
    assert "Crossing" in tame.page.locator("#lost").inner_text()
    assert "None" in tame.page.locator("#gained").inner_text()


@pytest.mark.browser
def test_the_headline_says_when_nothing_changes(tame: Watched) -> None:
    tame.page.select_option("#target", "20 min")
    assert tame.page.locator("#headline").inner_text().startswith("Nothing changes: 100.00 % of 255 people")


@pytest.mark.browser
def test_the_line_moves_with_the_mouse_and_clips_squares_rings_and_stations(tame: Watched) -> None:
    page = tame.page
    handle = page.locator(".divider")
    box = page.locator("#map_main").bounding_box()
    grip = handle.bounding_box()
    assert box
    assert grip
    page.mouse.move(grip["x"] + 17, 500)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, 480, steps=3)
    page.mouse.up()
    assert handle.get_attribute("aria-valuenow") == "25"
    for pane in ("theme", "rings", "stations"):
        left, right = (edges(page, f"{pane}-{side}") for side in ("before", "after"))
        assert left[1] == right[0] == pytest.approx(box["width"] * 0.25, abs=1)


def edges(page: Page, pane: str) -> tuple[float, float]:
    """Return the left and right edge of a clipped pane, in pixels of the map's frame."""
    clip = page.evaluate(
        "name => [map_main.getPane(name).style.clipPath, map_main.containerPointToLayerPoint([0, 0]).x]", pane
    )
    xs = [float(x) - clip[1] for x in re.findall(r"(-?[\d.]+)px -?[\d.]+px", clip[0])]
    return min(xs), max(xs)


@pytest.mark.browser
def test_the_line_moves_with_the_keyboard_to_both_ends(tame: Watched) -> None:
    handle = tame.page.locator(".divider")
    handle.focus()
    steps = {"ArrowRight": "52", "PageUp": "62", "ArrowLeft": "60", "End": "100", "Home": "0"}
    for key, value in steps.items():
        handle.press(key)
        assert handle.get_attribute("aria-valuenow") == value
    assert "Separate forces" in (handle.get_attribute("aria-label") or "")


@pytest.mark.browser
def test_the_two_sides_show_different_times(tame: Watched) -> None:
    drawn = "name => [...map_main.getPane(name).querySelectorAll('canvas')].map(c => c.toDataURL()).join()"
    before, after = (tame.page.evaluate(drawn, f"theme-{side}") for side in ("before", "after"))
    assert len(before) > 1000
    assert before != after


@pytest.mark.browser
def test_what_changes_replaces_both_sides_and_comes_back(tame: Watched) -> None:
    page = tame.page
    page.locator("input[value=change]").check(force=True)
    assert page.locator(".divider").is_hidden()
    assert page.locator(".side.right").is_hidden()
    legend = page.locator("#legend").inner_text()
    assert "Gained" in legend
    assert "Lost" in legend
    kinds = page.evaluate(
        "() => { const t = comparisonPage.theme; return t.cells.people.map((p, i) =>"
        " [p, t.change(i, 'separate', 'borderless', 'standard')]) }"
    )
    assert dict(map(tuple, kinds)) == {
        **{1 << bit: "same" for bit in range(10)},
        4: "nearer",
        8: "gained",
    }
    page.locator("input[value=swipe]").check(force=True)
    assert page.locator(".divider").is_visible()
    assert "Response time" in page.locator("#legend").inner_text()


@pytest.mark.browser
def test_a_place_in_the_list_flies_there_and_says_what_holds(tame: Watched) -> None:
    tame.page.locator("#gained button").first.click()
    popup = tame.page.locator(".leaflet-popup")
    assert popup.locator("h2").inner_text() == "Crossing"
    rows = popup.locator("tbody tr").all_inner_texts()
    assert [re.sub(r"\s+", " ", row) for row in rows[:2]] == [
        "Separate forces 17 min 00 s outside target W1 station West, own force",
        "Borderless response 8 min 00 s within target "
        "E1 station East, another force includes 1 min hand-over",
    ]
    assert tame.page.evaluate("map_main.getZoom()") == 12


@pytest.mark.browser
def test_a_click_on_the_map_tells_place_people_times_and_station(tame: Watched) -> None:
    spot = tame.page.evaluate(
        "() => { const c = comparisonPage.theme.cells; const i = c.people.indexOf(64); const q = c.corners;"
        " const at = Borderless.degrees((q[8*i] + q[8*i+4]) / 2, (q[8*i+1] + q[8*i+5]) / 2);"
        " map_main.setView(at, 13, {animate: false}); const p = map_main.latLngToContainerPoint(at);"
        " const frame = map_main.getContainer().getBoundingClientRect();"
        " return [frame.left + p.x + 25, frame.top + p.y] }"
    )
    tame.page.mouse.click(*spot)  # beside the line, which stands in the middle
    said = tame.page.locator(".leaflet-popup").inner_text()
    assert "Gton" in said
    assert "64 people" in said
    assert "8 min 00 s" in said


@pytest.mark.browser
def test_a_place_can_be_found_by_name(tame: Watched) -> None:
    tame.page.fill("#find", "northam")
    tame.page.press("#find", "Enter")
    centre = tame.page.evaluate("[map_main.getCenter().lat, map_main.getCenter().lng]")
    assert centre == pytest.approx([52.606, -1.558], abs=0.02)


@pytest.mark.browser
def test_units_at_stations_follow_the_scenario(tame: Watched) -> None:
    tame.page.select_option("#after", "shared_stations")
    tame.page.locator("summary", has_text="Stations").click()
    said = tame.page.locator("#station-list").inner_text()
    assert "1 unit before, 2 units after (1 of West)" in said


@pytest.mark.browser
def test_on_a_telephone_everything_fits_the_width(page: Page, tame_file: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    seen = open_file(page, tame_file)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#map_main").bounding_box()["y"] == 0  # type: ignore[index]
    assert seen.quiet


@pytest.mark.browser
def test_on_paper_both_maps_the_legend_the_date_and_the_settings_are_there(tame: Watched) -> None:
    tame.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    tame.page.emulate_media(media="print")
    paper = tame.page.locator("#sheet-for-print")
    assert paper.locator("figure canvas").count() == 2
    said = paper.inner_text()
    for needed in (
        "Before: Separate forces",
        "After: Borderless response",
        "up to 5 min",
        "Printed",
        "Target: 15",
        "OpenStreetMap",
    ):
        assert needed in said
    assert tame.page.locator("#panel").is_hidden()


@pytest.mark.browser
def test_hostile_names_are_inert_and_shown_as_they_are(hostile: Watched) -> None:
    page = hostile.page
    names = map_results.HOSTILE
    page.locator("summary", has_text="Stations").click()
    stations = page.locator("#station-list").inner_text()
    assert names[5] in stations
    assert names[0] in stations
    page.locator("input[value=change]").check(force=True)
    assert names[6] in page.locator("#legend").inner_text() + page.locator("#numbers").inner_text()
    page.locator("input[value=swipe]").check(force=True)
    page.locator("#gained button").first.click()
    assert page.locator(".leaflet-popup h2").inner_text() in names
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.evaluate("map_main.setView(comparisonPage.map.getCenter(), 12, {animate: false})")
    assert page.title() == f"{names[8]}: before and after"
    assert page.locator("#panel h1").inner_text() == names[8]
    assert page.locator("#before option").first.inner_text() == f"Separate forces {names[0]}"
    assert page.locator(".credit").inner_text() == f"{names[5]} · {names[9]}"
    page.evaluate("document.getElementById('rings').remove()")  # where 49 people really are
    assert not re.search(r"\b49\b", page.locator("body").inner_text())
    assert page.locator("img, svg, script[src], plaintext").count() == 0
    assert hostile.quiet, (hostile.requests, hostile.errors, hostile.dialogs)


@pytest.mark.browser
def test_every_hostile_place_name_is_literal_in_its_popup(hostile: Watched) -> None:
    shown = hostile.page.evaluate(
        "() => { const { theme, data, state } = comparisonPage; return theme.cells.people.map((_, i) =>"
        " Borderless.panel.cellPopup(theme, i, data.meta.scenarios, state).querySelector('h2').textContent) }"
    )
    expected = set(map_results.hostile().region.demand.table["place"])
    assert set(shown) == expected
    listed = hostile.page.locator("#place-names option").evaluate_all("list => list.map(o => o.value)")
    assert set(listed) == set(map_results.HOSTILE)
    assert hostile.quiet


@pytest.mark.browser
def test_a_tooltip_names_a_hostile_station_literally(hostile: Watched) -> None:
    page = hostile.page
    spot = page.evaluate(
        "() => { const s = comparisonPage.atlas.stations; const i = s.id.indexOf('W1');"
        " const p = map_main.latLngToContainerPoint(Borderless.degrees(s.xy[2*i], s.xy[2*i+1]));"
        " const b = map_main.getContainer().getBoundingClientRect(); return [b.left + p.x, b.top + p.y] }"
    )
    page.mouse.move(*spot)
    tip = page.locator(".tip").inner_text()
    names = dict(map_results.hostile().region.stations.set_index("id")["name"])
    assert names["W1"] in tip
    assert hostile.quiet


def test_hostile_names_reach_the_static_page_escaped() -> None:
    page = comparison_page(map_results.hostile())
    for name in (map_results.HOSTILE[0], map_results.HOSTILE[8]):
        assert str(text(name)) in page
        assert name not in page
