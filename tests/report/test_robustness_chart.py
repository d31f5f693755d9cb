"""Spans: well-formed, inert, told aloud, and at the right place on an axis that holds zero."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borderless.report.robustness_chart import Span, axis, spans_chart
from map_results import HOSTILE


def spans(name: str = "Alliance") -> list[Span]:
    return [
        Span("Free", name, 0, (0, 200), (50, 150), 75, 100, "50 to 150"),
        Span("Busy", name, 1, (-100, 200), (-50, 150), 75, 100, "−50 to 150"),
    ]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("name", ["Alliance", *HOSTILE])
def test_whatever_the_name_only_shapes_and_text_are_drawn(name: str, narrow: bool) -> None:
    tree = ET.fromstring(spans_chart("spans", name, spans(name), narrow=narrow))
    assert {element.tag for element in tree.iter()} <= {"svg", "title", "desc", "text", "line", "circle"}
    assert not [key for element in tree.iter() for key in element.attrib if key.startswith("on")]


def test_a_screen_reader_hears_every_line() -> None:
    told = ET.fromstring(spans_chart("spans", "Gain", spans())).findtext("desc")
    assert told == "Free, Alliance: 50 to 150; Busy, Alliance: −50 to 150"


def test_everything_stands_where_the_axis_says() -> None:
    tree = ET.fromstring(spans_chart("spans", "Gain", spans()))
    zero = float(next(e for e in tree.iter("line") if e.get("class") == "zero").get("x1", ""))
    reach = next(e for e in tree.iter("line") if e.get("class") == "reach")
    width = float(reach.get("x2", "")) - float(reach.get("x1", ""))
    assert float(reach.get("x1", "")) == zero
    thick = next(e for e in tree.iter("line") if "most" in e.get("class", ""))
    assert float(thick.get("x1", "")) - zero == pytest.approx(width / 4, abs=0.11)
    assert float(thick.get("x2", "")) - zero == pytest.approx(width * 3 / 4, abs=0.11)
    ring = next(tree.iter("circle"))
    assert float(ring.get("cx", "")) - zero == pytest.approx(width * 75 / 200, abs=0.11)


def test_nothing_is_drawn_for_nothing() -> None:
    assert spans_chart("spans", "Gain", []) == ""


@given(st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=8), st.sampled_from([4, 6]))
def test_an_axis_holds_zero_and_all_ends_with_few_round_ticks(ends: list[int], most: int) -> None:
    low, high, step = axis(ends, most)
    assert low <= min(0, *ends) <= max(0, *ends) <= high
    assert step >= 1
    assert low % step == high % step == 0
    assert 1 <= round((high - low) / step) <= most + 2
    assert str(int(step)).rstrip("0") in {"1", "2", "5"}
