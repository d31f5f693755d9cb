"""The chart of gains over the busy fraction: every line named, at its height, also where nothing changes."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from borderless.report.busy_chart import Gain, sweep_chart

FRACTIONS, SHARES = [0.0, 0.35, 0.7], [0.99, 0.97, 0.9]


@pytest.mark.parametrize("narrow", [False, True])
def test_lines_are_named_and_better_is_higher(narrow: bool) -> None:
    gains = [Gain("Up", 0, [0.0, 0.01, 0.02]), Gain("Down <&>", 1, [0.0, 0.0, -0.01])]
    tree = ElementTree.fromstring(str(sweep_chart("c", "Title", gains, FRACTIONS, SHARES, narrow=narrow)))
    words = [text.text or "" for text in tree.iter("text")]
    assert "Up +2.00" in words
    assert "Down <&> −1.00" in words
    # on a telephone every second one is left out
    assert {"0 %", "99.0 %"} <= set(words)
    assert narrow or {"70 %", "90.0 %"} <= set(words)
    ends = [float(re.findall(r",([\d.]+)", path.get("d") or "")[-1]) for path in tree.iter("path") if "curve" in (path.get("class") or "")]  # noqa: E501  # fmt: skip
    assert ends[0] < ends[1]
    told = tree.findtext("desc") or ""
    assert "Up, percentage points: 0.00 at 0 %, +1.00 at 35 %, +2.00 at 70 %" in told
    assert tree.get("role") == "img"


def test_names_of_equal_lines_do_not_cover_each_other() -> None:
    gains = [Gain(name, style, [0.0, 0.0, 0.0]) for style, name in enumerate("ABC")]
    tree = ElementTree.fromstring(str(sweep_chart("c", "Title", gains, FRACTIONS, SHARES)))
    heights = sorted(float(t.get("y") or 0) for t in tree.iter("text") if (t.text or "")[:1] in "ABC")
    assert min(b - a for a, b in pairwise(heights)) >= 14
