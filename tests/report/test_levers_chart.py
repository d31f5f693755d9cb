"""Charts of the levers: what they draw is what they tell, to scale, and inert whatever the names."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from borderless.report.levers_chart import Part, Stairs, stairs_chart, waterfall_chart
from map_results import HOSTILE

SHAPES = {"svg", "title", "desc", "text", "line", "rect", "path"}


def bars(chart: str) -> list[tuple[str, float, float]]:
    return [
        (bar.get("class", ""), float(bar.get("x", "")), float(bar.get("width", "")))
        for bar in ET.fromstring(chart).iter("rect")
    ]


def test_each_part_begins_where_the_one_before_ends() -> None:
    parts = [Part("one", "+30", 30), Part("two", "+10", 10), Part("both", "−20", -20)]
    one, two, both, whole = bars(waterfall_chart("w", "Title", parts, Part("all", "+20", 20)))
    assert [bar[0] for bar in (one, two, both, whole)] == ["adds", "adds", "takes", "whole"]
    assert one[1] + one[2] == pytest.approx(two[1], abs=0.2)
    assert both[1] + both[2] == pytest.approx(two[1] + two[2], abs=0.2)
    assert both[2] == pytest.approx(2 * two[2], abs=0.2)
    assert (whole[1], whole[1] + whole[2]) == pytest.approx((one[1], both[1]), abs=0.2)


def test_sums_below_nothing_stay_in_the_picture() -> None:
    chart = waterfall_chart("w", "Title", [Part("one", "−5", -5), Part("two", "+8", 8)], Part("all", "+3", 3))
    assert all(x >= 0 and x + width <= 360 for _, x, width in bars(chart))


def test_nothing_is_drawn_of_nothing() -> None:
    assert waterfall_chart("w", "Title", [Part("one", "0", 0)], Part("all", "0", 0)) == ""
    assert stairs_chart("s", "Title", [Stairs("a", 0, [0], [0])], 60, unit="people") == ""


def test_steps_go_down_at_their_seconds_and_the_studys_delay_is_marked() -> None:
    chart = stairs_chart("s", "Title", [Stairs("own", 0, [0, 61, 181], [12, 8, 0])], 61, unit="people")
    tree = ET.fromstring(chart)
    [path] = [path.get("d", "") for path in tree.iter("path")]
    across = [float(piece.split("V")[0]) for piece in path.split("H")[1:]]
    [now] = [float(line.get("x1", "")) for line in tree.iter("line") if line.get("class") == "target"]
    assert across[0] == pytest.approx(now, abs=0.1)
    assert (across[1] - 48) / (across[0] - 48) == pytest.approx(181 / 61, abs=0.02)
    up = [float(piece.split("H")[0]) for piece in path.split("V")[1:]]
    assert (190 - up[1]) / (190 - up[0]) == pytest.approx(8 / 12, abs=0.01)
    assert up[2] == 190
    assert tree.findtext("desc") == (
        "own: 12 people at no delay, 8 at 61 s; the last change is at 181 s, to 0."
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_the_name_only_shapes_and_text_are_drawn(name: str) -> None:
    one = waterfall_chart("w", name, [Part(name, name, 1)], Part(name, name, 1))
    other = stairs_chart("s", name, [Stairs(name, 0, [0], [1])], 60, unit=name)
    for chart in (one, other):
        tree = ET.fromstring(chart)
        assert {element.tag for element in tree.iter()} <= SHAPES
        assert not [key for element in tree.iter() for key in element.attrib if key.startswith("on")]
        assert tree.findtext("title") == name
