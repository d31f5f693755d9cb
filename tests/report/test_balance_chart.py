"""The balance chart: well-formed, to scale, told in words, and readable without colour."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from borderless.report.balance_chart import Balance, balance_chart
from map_results import HOSTILE

EAST = Balance("East", 40, 10, ("40", "10", "+30"))
WEST = Balance("West", 10, 40, ("10", "40", "−30"))


def bars(chart: str, kind: str) -> list[tuple[float, float]]:
    """Return where the bars of a kind begin and end."""
    found = [bar for bar in ET.fromstring(chart).iter("rect") if bar.get("class") == kind]
    ends = [(float(bar.get("x", "")), float(bar.get("width", ""))) for bar in found]
    return [(start, start + length) for start, length in ends]


@pytest.mark.parametrize("narrow", [False, True])
def test_what_is_given_lies_left_of_the_middle_and_to_scale(narrow: bool) -> None:
    chart = balance_chart("b", "Balance", [EAST, WEST], narrow=narrow)
    given, received = bars(chart, "given"), bars(chart, "received")
    middle = given[0][1]
    assert middle == given[1][1] == received[0][0] == received[1][0]
    lengths = [end - start for start, end in (*given, *received)]
    assert lengths == pytest.approx([lengths[0], lengths[0] / 4, lengths[0] / 4, lengths[0]], abs=0.2)
    nets = [path.get("transform", "") for path in ET.fromstring(chart).iter("path")]
    places = [float(net.removeprefix("translate(").split()[0]) for net in nets]
    # East gives 30 more, so its mark stands three quarters of the way to the left
    assert places == pytest.approx([middle - 0.75 * lengths[0], middle + 0.75 * lengths[0]], abs=0.2)


def test_a_screen_reader_hears_every_force() -> None:
    told = ET.fromstring(balance_chart("b", "Balance", [EAST, WEST])).findtext("desc")
    assert told == "East gives 40, receives 10, net +30; West gives 10, receives 40, net −30"


def test_nothing_is_drawn_where_nothing_is_given() -> None:
    assert balance_chart("b", "Balance", [Balance("East", 0, 0, ("0", "0", "0"))]) == ""
    assert balance_chart("b", "Balance", []) == ""


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_the_name_only_shapes_and_text_are_drawn(name: str, narrow: bool) -> None:
    tree = ET.fromstring(balance_chart("b", name, [Balance(name, 1, 2, (name, name, name))], narrow=narrow))
    assert {element.tag for element in tree.iter()} <= {
        "svg",
        "title",
        "desc",
        "text",
        "line",
        "rect",
        "path",
    }
    assert not [key for element in tree.iter() for key in element.attrib if key.startswith("on")]
