"""Numbers in words: rounding never tells a lie at the edges."""

from __future__ import annotations

import pytest

from borderless.report import words
from borderless.study.model import measure_named


@pytest.mark.parametrize(
    ("part", "total", "said"),
    [
        (0, 7, "0.00 %"),
        (7, 7, "100.00 %"),
        (1, 10_000_000, "< 0.01 %"),
        (9_999_999, 10_000_000, "> 99.99 %"),
        (0, 0, "–"),
    ],
)
def test_all_and_none_are_only_said_when_true(part: int, total: int, said: str) -> None:
    assert words.percent(part, total) == said


def test_a_small_change_is_never_printed_as_nothing() -> None:
    assert words.points(1e-6) == "< 0.01"
    assert words.amount(measure_named("area_km2"), 1) == "< 0.1"
    assert words.points(float("nan")) == "–"


def test_falls_have_a_minus_sign_and_units_stay_beside_their_numbers() -> None:
    assert words.quantity(measure_named("population"), -1200, signed=True) == "−1,200 people"
    assert words.tied("99.52 % in 5 min of 12 people") == "99.52\u00a0% in 5\u00a0min of 12\u00a0people"
    assert (words.duration(120), words.duration(45), words.duration(0)) == ("2 min", "45 s", "0 s")
    assert words.minutes(float("nan")) == "out of reach"
