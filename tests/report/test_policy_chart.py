"""Bars: as long as their numbers, readable without colour, and inert whatever the names."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from borderless.report.policy_chart import bars_chart
from map_results import HOSTILE

BARS = [("any", 16_033, "16,033"), ("2 min", 8_016, "8,016"), ("10 min", 0, "0")]


def test_bars_are_as_long_as_their_numbers() -> None:
    tree = ET.fromstring(bars_chart("b", "People", BARS))
    widths = [float(bar.attrib["width"]) for bar in tree.iter("rect")]
    assert widths[1] / widths[0] == pytest.approx(8_016 / 16_033, abs=0.01)
    assert widths[2] == 1.0
    right = max(float(bar.attrib["x"]) + float(bar.attrib["width"]) for bar in tree.iter("rect"))
    assert right < float(tree.attrib["viewBox"].split()[2]) - 60, "room for what is said"


def test_everything_is_said_in_words_too() -> None:
    tree = ET.fromstring(bars_chart("b", "People", BARS))
    assert [text.text for text in tree.iter("text")] == [word for bar in BARS for word in (bar[0], bar[2])]
    assert tree.findtext("desc") == "any: 16,033; 2 min: 8,016; 10 min: 0"
    assert (tree.attrib["role"], tree.attrib["aria-labelledby"]) == ("img", "b-t b-d")


def test_nothing_but_noughts_is_drawn_too() -> None:
    tree = ET.fromstring(bars_chart("b", "Nobody", [("any", 0, "0")]))
    assert [bar.attrib["width"] for bar in tree.iter("rect")] == ["1.0"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_only_shape_text(name: str) -> None:
    tree = ET.fromstring(bars_chart("b", name, [(name, 1, name)]))
    assert {element.tag for element in tree.iter()} == {"svg", "title", "desc", "text", "rect"}
    assert tree.findtext("title") == name
