"""One deadline for all: servers, and going through what they sent."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from borderless.errors import FetchError
from borderless.fetch.deadline import NEVER, Deadline
from borderless.fetch.pbf import check_streets, join
from open_data import EAST, NORTH, SOUTH, WEST, grid_elements, write_pbf


def test_a_deadline_that_has_passed_says_so_and_what_to_do() -> None:
    now = [0.0]
    deadline = Deadline.after(30, lambda: now[0])
    deadline.check()
    now[0] = 29.0
    assert deadline.left_s() == 1.0
    now[0] = 31.0
    assert deadline.left_s() == 0.0
    with pytest.raises(FetchError, match=r"was not done after 30 s.*--deadline-min"):
        deadline.check()


def test_things_are_gone_through_only_as_long_as_there_is_time() -> None:
    now = [0.0]
    deadline = Deadline.after(5, lambda: now[0])
    seen = []
    with pytest.raises(FetchError):
        for number in deadline.watched(range(100_000)):
            seen.append(number)
            now[0] += 0.001
    assert 5_000 <= len(seen) <= 6_000
    assert list(NEVER.watched(range(2_500))) == list(range(2_500))


def test_joining_and_checking_stop_at_the_deadline(tmp_path: Path) -> None:
    file = tmp_path / "town.osm.pbf"
    write_pbf(file, grid_elements(WEST, SOUTH, EAST, NORTH))
    area, over = shapely.box(WEST, SOUTH, EAST, NORTH), Deadline.after(0)
    with pytest.raises(FetchError):
        check_streets(file, area, over)
    with pytest.raises(FetchError):
        join([file], area, tmp_path / "joined.osm.pbf", "", over)
    now = [0.0]

    def later() -> float:
        now[0] += 1.0
        return now[0]

    # late enough to have begun with writing
    with pytest.raises(FetchError):
        join([file], area, tmp_path / "joined.osm.pbf", "", Deadline.after(2, later))
    assert not (tmp_path / "joined.osm.pbf").exists()
    assert join([file], area, tmp_path / "whole.osm.pbf", "") > 0
