"""Every default carries a value, a unit, a range and a source, and can be overridden in a study."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import two_counties
from borderless.study.defaults import DEFAULTS, Default
from borderless.study.read import DEFAULT_SPEEDS, read_study

every_default = pytest.mark.parametrize(
    "default", DEFAULTS.values(), ids=lambda default: f"{default.table}.{default.key}"
)


@every_default
def test_a_default_lies_in_its_ranges(default: Default) -> None:
    assert math.isfinite(default.low)
    assert math.isfinite(default.high)
    assert default.low <= default.value <= default.high
    least, most = default.likely
    assert default.low <= least <= default.value <= most <= default.high


@every_default
def test_a_default_says_what_it_is_and_where_it_comes_from(default: Default) -> None:
    assert default.label.strip()
    assert default.unit.strip()
    assert len(default.source.strip()) > 5
    assert default.label[0].isupper()


def test_no_two_defaults_share_a_label() -> None:
    labels = [default.label for default in DEFAULTS.values()]
    assert len(set(labels)) == len(labels)


@every_default
def test_a_default_is_reported_and_can_be_overridden(default: Default, tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path)
    plain = {a.default.key: a for a in read_study(path).assumptions()}
    assert plain[default.key].value == default.value
    assert plain[default.key].is_default
    other = default.high if default.value != default.high else default.low
    text = path.read_text(encoding="utf-8")
    header = f"[{default.table}]\n"
    line = f"{default.key} = {other}\n"
    changed = text.replace(header, header + line) if header in text else f"{text}\n{header}{line}"
    path.write_text(changed, encoding="utf-8")
    told = {(a.default.table, a.default.key): a for a in read_study(path).assumptions()}
    assert told[default.table, default.key].value == other
    assert not told[default.table, default.key].is_default
    assert [key for key, a in told.items() if not a.is_default] == [(default.table, default.key)]


@every_default
@pytest.mark.parametrize("side", ["below", "above"])
def test_a_value_outside_its_range_is_refused_and_the_range_is_named(
    default: Default, side: str, tmp_path: Path
) -> None:
    path = two_counties.write_files(tmp_path)
    value = default.low - 0.01 if side == "below" else default.high + 0.01
    text = path.read_text(encoding="utf-8")
    header = f"[{default.table}]\n"
    line = f"{default.key} = {value!r}\n"
    path.write_text(text.replace(header, header + line) if header in text else f"{text}\n{header}{line}")
    with pytest.raises(Exception, match="must be a number from") as caught:
        read_study(path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.where, problem.column) == (str(path), f"[{default.table}]", default.key)
    assert f"{default.low:g} to {default.high:g} {default.unit}" in problem.why
    assert f"{default.value:g}" in problem.remedy


def test_the_speeds_of_a_study_without_a_table_are_the_defaults(tmp_path: Path) -> None:
    assert read_study(two_counties.write_files(tmp_path)).speeds == DEFAULT_SPEEDS


def test_speed_limits_are_those_of_the_highway_code() -> None:
    law = {"restricted": 30, "single": 60, "dual": 70, "motorway": 70}
    limit = DEFAULT_SPEEDS.limit_mph
    assert {name: limit[name] for name in law} == law
    # what is taken where no sign is known lies between them
    inferred = limit.keys() - law.keys()
    assert inferred == {"town_main", "town_dual", "dense_dual", "edge"}
    assert all(30 < limit[name] < 70 for name in inferred)
