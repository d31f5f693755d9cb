"""The chart of the day stands where its numbers say, on scales that charts beside it share."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from borderless.report.hours_chart import hours_chart, spans_of

BEFORE = [0.5] * 17 + [0.25] + [0.5] * 6
AFTER = [0.75] * 17 + [0.125] + [0.75] * 6
LABELS = ("Separate <b>", "Open")


def drawn(after: list[float] = AFTER, **more: object) -> ET.Element:
    return ET.fromstring(str(hours_chart("h", "Day", LABELS, (BEFORE, after), 1, **more)))  # type: ignore[arg-type]


def places(chart: ET.Element, kind: str) -> list[tuple[float, float]]:
    (path,) = [p for p in chart.iter("path") if p.get("class") == kind]
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+),([\d.]+)", path.get("d") or "")]


def test_lines_stay_level_through_each_hour_and_fall_where_the_share_does() -> None:
    before, after = places(drawn(), "curve before"), places(drawn(), "curve s1")
    assert len(before) == len(after) == 48
    for line, shares in ((before, BEFORE), (after, AFTER)):
        for hour in range(24):
            assert line[2 * hour][1] == line[2 * hour + 1][1]
        # the scale is straight: a quarter is a quarter everywhere
        heights = {shares[hour]: line[2 * hour][1] for hour in range(24)}
        low, high = sorted(heights)
        both = dict(zip(BEFORE, (y for _, y in before[::2]), strict=True))
        slope = (both[0.25] - both[0.5]) / 0.25
        assert heights[low] - heights[high] == pytest.approx(slope * (high - low), abs=0.2)
    assert before[0][0] < before[1][0] == before[2][0]


def test_bars_of_gains_stand_up_and_losses_hang_down() -> None:
    bars = list(drawn().iter("rect"))
    heights = [float(b.get("height") or 0) for b in bars]
    assert len(bars) == 24
    assert heights[17] == pytest.approx(heights[0] / 2, abs=0.1)
    zero = float(bars[0].get("y") or 0) + heights[0]
    assert float(bars[17].get("y") or 0) == pytest.approx(zero, abs=0.1)


def test_every_hour_is_told_to_those_who_cannot_see_it() -> None:
    chart = drawn()
    assert chart.get("role") == "img"
    told = next(e for e in chart.iter("desc")).text or ""
    assert "17:00 25.00 % before, 12.50 % after" in told
    assert told.count("before") == 24
    assert "Separate <b>" in [t.text for t in chart.iter("text")]


def test_charts_beside_each_other_share_their_scales() -> None:
    small = [share + 0.001 for share in BEFORE]
    spans = spans_of(BEFORE, [AFTER, small])
    # a quarter lost at 17:00 is an eighth of all, and never less than 0 on the other side
    assert spans == ((12.5, 75.0), (-12.5, 25.0))
    own, shared = drawn(small), drawn(small, spans=spans)
    assert places(shared, "curve before") == places(drawn(AFTER, spans=spans), "curve before")
    tall = [max(float(b.get("height") or 0) for b in chart.iter("rect")) for chart in (own, shared)]
    assert tall[0] > 20
    assert tall[1] < 1


def test_a_day_without_any_change_has_a_scale_all_the_same() -> None:
    chart = ET.fromstring(str(hours_chart("h", "Day", LABELS, ([1.0] * 24, [1.0] * 24), 0)))
    assert {b.get("height") for b in chart.iter("rect")} == {"0.0"}


def test_nothing_is_drawn_where_a_share_is_missing() -> None:
    assert hours_chart("h", "Day", LABELS, ([float("nan")] * 24, AFTER), 0) == ""
    assert spans_of([0.5] * 24, [[float("nan")] * 24]) == ((50.0, 50.0), (0.0, 0.0))
