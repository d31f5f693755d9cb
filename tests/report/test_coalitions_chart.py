"""Charts of coalitions: members are seen, gains are to scale, and names stay text."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from borderless.report.coalitions_chart import Dot, Portion, coalitions_chart, portions_chart
from map_results import HOSTILE

SHAPES = {"svg", "title", "desc", "text", "line", "rect", "circle"}
DOTS = [Dot([0, 2], 40, "+40"), Dot([0, 1], 10, "+10", marked=True), Dot([1, 2], 0, "0")]


def test_each_line_shows_its_members_and_its_gain_to_scale() -> None:
    tree = ET.fromstring(coalitions_chart("c", "Title", ["West", "East", "North"], DOTS))
    circles = [(c.get("class"), float(c.get("cx", "")), c.get("cy")) for c in tree.iter("circle")]
    rows = list(dict.fromkeys(y for *_, y in circles))
    members = [[x for kind, x, at in circles if at == y and kind == "member"] for y in rows]
    assert members == [[8, 40], [8, 24], [24, 40]]
    most, some, none = (x for kind, x, _ in circles if str(kind).startswith("share-dot"))
    assert (most - none) == pytest.approx(4 * (some - none), abs=0.2)
    assert [kind for kind, *_ in circles].count("share-dot marked") == 1
    assert tree.findtext("desc") == "West with North: +40; West with East: +10; East with North: 0"


def test_full_and_hollow_bars_are_to_scale() -> None:
    portions = [Portion("All", "West", 6, 2, "8"), Portion("All", "East", 0, 4, "4")]
    tree = ET.fromstring(portions_chart("p", "Title", portions))
    widths = [(bar.get("class"), float(bar.get("width", ""))) for bar in tree.iter("rect")]
    assert [kind for kind, _ in widths] == ["adds", "takes", "takes"]
    home, given, other = (width for _, width in widths)
    assert home == pytest.approx(3 * given, abs=0.2)
    assert other == pytest.approx(2 * given, abs=0.2)
    assert tree.findtext("desc") == "All, West: 8; All, East: 4"


def test_nothing_is_drawn_of_nothing() -> None:
    assert coalitions_chart("c", "Title", ["West"], []) == ""
    assert coalitions_chart("c", "Title", ["West", "East"], [Dot([0, 1], 0, "0")]) == ""
    assert portions_chart("p", "Title", [Portion("All", "West", 0, 0, "0")]) == ""


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_the_name_only_shapes_and_text_are_drawn(name: str) -> None:
    one = coalitions_chart("c", name, [name, name], [Dot([0, 1], 1, name)])
    other = portions_chart("p", name, [Portion(name, name, 1, 1, name)])
    for chart in (one, other):
        tree = ET.fromstring(chart)
        assert {element.tag for element in tree.iter()} <= SHAPES
        assert not [key for element in tree.iter() for key in element.attrib if key.startswith("on")]
        assert tree.findtext("title") == name
