"""Squares: what is gathered adds up, stays apart where a target divides it, and stands where people live."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from borderless.analysis.coverage import cover
from borderless.analysis.times import ResponseTimes, response_times
from borderless.condense.cells import gather_cells
from borderless.region import Region
from borderless.roads.network import UNREACHABLE, RoadNetwork
from condense.conftest import County
from small_regions import Place, Station, small_region, small_study

MINUTE = 60_000
FIXED = 3  # minutes before a unit drives off


def times(places: list[tuple[float, float, str, int, bool, float]]) -> ResponseTimes:
    """Return times to places of (x, y, force, people, urban, minutes from the call)."""
    x, y = (np.array([place[i] for place in places], dtype=float) for i in (0, 1))
    network = RoadNetwork.from_arrays([], [], [], x, y)
    points = [
        Place(f"p{i}", force, i, people, urban, f"V{i}")
        for i, (_, _, force, people, urban, _) in enumerate(places)
    ]
    region = small_region(
        small_study(("A", "B")), network, [Station("S", "A", 0), Station("T", "B", 0)], points
    )
    # nobody's area or roads unless a test asks for them
    table = region.demand.table.assign(area_m2=0, road_m=0)
    region = replace(region, demand=replace(region.demand, table=table))
    minutes = np.array([place[5] for place in places])
    row = np.where(np.isfinite(minutes), (minutes - FIXED) * MINUTE, UNREACHABLE).astype(np.int32)
    return ResponseTimes(region, np.stack([row, row]))


def gathered(*places: tuple[float, float, str, int, bool, float]) -> pd.DataFrame:
    return gather_cells(times(list(places)))


def test_the_points_of_a_square_become_one_at_the_heaviest_middle() -> None:
    cells = gathered((100, 100, "A", 1, True, 6), (500, 500, "A", 60, True, 6), (550, 500, "A", 40, True, 6))
    # the mean lies at 516 east
    assert cells[["x", "y", "population", "place"]].to_numpy().tolist() == [[500, 500, 101, "V1"]]


@pytest.mark.parametrize(
    "other",
    [
        (1100, 100, "A", 1, True, 6),  # another square
        (900, -1, "A", 1, True, 6),  # just below the square
        (900, 100, "B", 1, True, 6),  # another force
        (900, 100, "A", 1, False, 6),  # in the country
        (900, 100, "A", 1, True, 11),  # on the other side of ten minutes
        (900, 100, "A", 1, True, np.inf),  # out of reach
    ],
    ids=["east", "south", "force", "country", "target", "unreachable"],
)
def test_what_differs_stays_apart(other: tuple[float, float, str, int, bool, float]) -> None:
    assert len(gathered((100, 100, "A", 1, True, 6), other)) == 2
    assert len(gathered((100, 100, "A", 1, True, 6), (900, 100, "A", 1, True, 6))) == 1


def test_a_place_exactly_at_a_target_goes_with_those_inside() -> None:
    cells = gathered(
        (100, 100, "A", 1, True, 9), (200, 100, "A", 2, True, 10), (300, 100, "A", 4, True, 10.01)
    )
    assert sorted(cells["population"]) == [3, 4]


def test_a_group_stands_clear_of_the_targets() -> None:
    # the middle is a second before the limit: an overlay may lose it; the third place is clear by more
    near, clear = 10 - 1 / 60, 9.0
    cells = gathered(
        (400, 100, "A", 50, True, near), (500, 100, "A", 50, True, near), (900, 100, "A", 1, True, clear)
    )
    assert cells[["x", "population"]].to_numpy().tolist() == [[900, 101]]


def test_an_empty_place_never_stands_for_people() -> None:
    cells = gathered((500, 500, "A", 0, True, 6), (100, 500, "A", 5, True, 6), (900, 500, "A", 5, True, 6))
    assert cells["x"].tolist() in ([100], [900])


def test_area_without_people_is_one_group_and_beside_people_joins_theirs() -> None:
    here = [(100, 100, "A", 0, False, 4), (900, 900, "A", 0, False, 11)]
    found = times([*here, (1500, 100, "A", 7, False, 4), (1600, 100, "A", 0, False, 11)])
    table = found.region.demand.table.assign(area_m2=[10, 20, 40, 80])
    region = replace(found.region, demand=replace(found.region.demand, table=table))
    cells = gather_cells(replace(found, region=region)).sort_values("x")
    assert cells[["population", "area_m2", "answered"]].to_numpy().tolist() == [
        [0, 30, False],
        [7, 120, True],
    ]


def test_the_heaviest_group_of_a_square_is_the_main_one() -> None:
    cells = gathered((100, 100, "A", 5, True, 6), (200, 100, "A", 9, True, 11), (1200, 100, "A", 1, True, 6))
    assert dict(zip(cells["population"], cells["main"], strict=True)) == {5: False, 9: True, 1: True}


def test_squares_are_as_large_as_the_study_says() -> None:
    found = times([(100, 100, "A", 1, True, 6), (1900, 1900, "A", 2, True, 6)])
    study = replace(found.region.study, cells=replace(found.region.study.cells, size_km=2))
    wide = replace(found, region=replace(found.region, study=study))
    assert (len(gather_cells(found)), len(gather_cells(wide))) == (2, 1)


def test_gathering_keeps_sums_and_every_covered_person(county: County) -> None:
    region: Region = county.full
    all_times = response_times(region)
    cells = gather_cells(all_times)
    columns = [measure.column for measure in region.study.measures]
    keys = ["force", "urban"]
    expected = pd.DataFrame(region.demand.table).groupby(keys)[columns].sum()
    pd.testing.assert_frame_equal(cells.groupby(keys)[columns].sum(), expected, check_dtype=False)
    here = {tuple(xy): row for row, xy in enumerate(region.demand.xy().tolist())}
    chosen = np.array([here[x, y] for x, y in cells[["x", "y"]].to_numpy().tolist()])
    for scenario in region.study.scenarios:
        coverage = cover(all_times, scenario)
        for target in coverage.targets:
            within = coverage.covered(target)
            people = region.demand.table["population"].to_numpy()[within].sum()
            assert cells["population"].to_numpy()[within[chosen]].sum() == people


def test_the_order_of_points_changes_nothing(county: County) -> None:
    region = county.full
    table = region.demand.table.sample(frac=1, random_state=3).reset_index(drop=True)
    turn = table["id"].map({name: row for row, name in enumerate(region.demand.table["id"])}).to_numpy()
    again = replace(region, demand=replace(region.demand, table=table))
    before = response_times(region)
    after = gather_cells(ResponseTimes(again, before.travel_ms[:, turn]))
    columns = ["force", "urban", "x", "y", *(measure.column for measure in region.study.measures)]
    one, other = (
        cells[columns].sort_values(columns).reset_index(drop=True) for cells in (gather_cells(before), after)
    )
    pd.testing.assert_frame_equal(one, other)
