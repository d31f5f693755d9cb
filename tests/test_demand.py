"""All demand in one table: nothing counted twice, nothing lost, and the same table in any order of input."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.demand import DemandPoints, force_of_points, gather_demand, nearest_place
from borderless.errors import ProblemLog
from borderless.roads.lived import LivedStreets
from borderless.study.model import Cells, DemandInput, measure_named
from small_demand import (
    AREAS,
    EAST,
    GRID,
    KM,
    NO_PLACES,
    NO_ROADS,
    PEOPLE,
    WEST,
    force_areas,
    gather,
    given_rows,
    points,
    study,
    sums,
)
from small_regions import NOWHERE

# joining measures


def test_measures_at_the_same_place_share_a_row() -> None:
    rows = given_rows(gather(points((1.5, 1.5, 7), (1.5, 1.5, 1)), points((1.5, 1.5, 3), (2.5, 1.5, 4))))
    assert rows[["population", "incidents"]].to_numpy().tolist() == [[8, 3], [0, 4]]


def test_points_with_ids_of_their_own_keep_a_row_each() -> None:
    rows = given_rows(gather(points((1.5, 1.5, 7), (1.5, 1.5, 1), id=["a", "b"])))
    assert rows[["id", "population"]].to_numpy().tolist() == [["a", 7], ["b", 1]]


def test_a_measure_given_in_two_files_is_added_up() -> None:
    both = [(PEOPLE, points((1.5, 1.5, 7))), (PEOPLE, points((1.5, 1.5, 5), (3.5, 3.5, 1)))]
    one = replace(study(), demand=(study().demand[0],))
    demand = gather_demand(both, AREAS, NO_ROADS, NO_PLACES, one, log=ProblemLog())
    assert sums(demand, "population") == {"East": 0, "West": 13}
    assert [measure.name for measure in demand.measures] == ["population", "area_km2", "road_km"]


def test_every_row_has_whole_numbers_for_every_measure_and_a_name() -> None:
    table = gather(points((1.5, 1.5, 7)), points((12.5, 1.5, 3))).table
    for column in ("population", "incidents", "area_m2", "road_m"):
        assert table[column].dtype == np.int64
        assert (table[column] >= 0).all()
    assert table["urban"].dtype == bool
    assert table["id"].is_unique
    assert table.crs == GRID
    assert list(table["id"]) == [f"point-{i + 1}" for i in range(len(table))]


def test_rows_are_ordered_by_force_then_northing_then_easting() -> None:
    table = gather(points((1.5, 1.2, 7), (1.2, 1.5, 7), (12.5, 1.5, 3))).table
    keys = list(zip(table["force"], table.geometry.y, table.geometry.x, strict=True))
    assert keys == sorted(keys)


@settings(max_examples=10)
@given(st.permutations(range(8)))
def test_the_order_of_the_input_does_not_matter(rows: list[int]) -> None:
    people = points(
        (1.5, 1.5, 900), (1.5, 1.5, 3), (2.5, 1.5, 800), (3.5, 2.5, 700), (15, 5, 6), (15, 10.2, 5),
        (10, 5, 4), (30, 5, 2),
        id=["", "a", "", "", "", "b", "c", "d"],
    )  # fmt: skip
    shuffled = people.iloc[rows].reset_index(drop=True)
    cells = Cells(1, 300, 2_000)
    one, other = (gather(frame, asked=study(cells=cells)) for frame in (people, shuffled))
    pd.testing.assert_frame_equal(pd.DataFrame(one.table), pd.DataFrame(other.table))


# forces


@pytest.mark.parametrize(
    ("x", "y", "force"),
    [
        (5, 5, "West"),
        (15, 5, "East"),
        (10, 5, "East"),
        (5, 15, "North"),
        (-0.2, 5, "West"),
        (-0.201, 5, "-"),
        (25, 5, "-"),
    ],
)
def test_a_point_belongs_to_the_area_it_lies_in_or_just_beside(x: float, y: float, force: str) -> None:
    # on a shared border the first by name counts; up to 200 m from an area is a sliver of the outline
    xy = np.array([[x, y]]) * KM
    assert force_of_points(xy, np.array([""]), AREAS).tolist() == [force]


def test_the_file_is_believed_where_it_names_a_force_with_an_area() -> None:
    xy = np.array([[5.0, 5.0]] * 3) * KM
    given_forces = np.array(["East", "Elsewhere", ""])
    assert force_of_points(xy, given_forces, AREAS).tolist() == ["East", "West", "West"]


def test_in_overlapping_areas_the_first_by_name_counts() -> None:
    areas = force_areas(B=shapely.box(0, 0, 2 * KM, KM), A=shapely.box(KM, 0, 3 * KM, KM))
    xy = np.array([[500.0, 500], [1500, 500], [2500, 500]])
    assert force_of_points(xy, np.array([""] * 3), areas).tolist() == ["B", "A", "A"]


def test_a_hole_in_an_area_belongs_to_no_force() -> None:
    ring = shapely.difference(WEST, shapely.box(4 * KM, 4 * KM, 6 * KM, 6 * KM))
    xy = np.array([[5.0, 5.0], [4.1, 5.0]]) * KM
    assert force_of_points(xy, np.array(["", ""]), force_areas(West=ring)).tolist() == ["", "West"]


def test_a_gap_enclosed_by_two_areas_belongs_to_no_force_either() -> None:
    gap = shapely.box(9 * KM, 4 * KM, 11 * KM, 6 * KM)
    areas = force_areas(West=shapely.difference(WEST, gap), East=shapely.difference(EAST, gap))
    xy = np.array([[10.0, 5.0], [9.1, 5.0], [30.0, 5.0]]) * KM
    assert force_of_points(xy, np.array([""] * 3), areas).tolist() == ["", "West", "-"]


def test_points_in_a_gap_are_kept_and_told() -> None:
    gap = shapely.box(9 * KM, 4 * KM, 11 * KM, 6 * KM)
    areas = force_areas(West=shapely.difference(WEST, gap), East=shapely.difference(EAST, gap))
    log = ProblemLog()
    demand = gather(points((10, 5, 7), (1, 1, 2)), areas=areas, log=log)
    assert sums(demand, "population") == {"": 7, "East": 0, "West": 2}
    (notice,) = log
    assert notice.severity == "notice"
    assert notice.why.startswith("1 points lie in a gap between areas")


def test_points_of_other_forces_and_beyond_all_areas_are_counted_in_a_notice() -> None:
    log = ProblemLog()
    demand = gather(points((5, 5, 1), (5, 15, 1_200), (50, 50, 34)), points((5, 15, 9)), log=log)
    assert sums(demand, "population") == {"East": 0, "West": 1}
    assert [(p.severity, p.column, p.why.split(" lie ")[0]) for p in log] == [
        ("notice", "population", "1,234 people"),
        ("notice", "incidents", "9 incidents"),
    ]


def test_a_force_without_an_area_is_told_and_the_place_decides() -> None:
    log = ProblemLog()
    demand = gather(points((1, 1, 2), (2, 1, 3), force=["Wset", "West"]), log=log)
    assert sums(demand, "population") == {"East": 0, "West": 5}
    (notice,) = log
    assert (notice.severity, notice.column, notice.value) == ("notice", "force", "Wset")


def test_without_people_the_missing_towns_are_told() -> None:
    residents = measure_named("residents")
    asked = replace(study(), demand=(DemandInput(residents, NOWHERE, None, "w", "x", "y"),))
    for urban, told in ((-1, True), (1, False)):
        log = ProblemLog()
        given = [(residents, points((1, 1, 2), urban=[urban]))]
        gather_demand(given, AREAS, NO_ROADS, NO_PLACES, asked, log=log)
        assert any("town" in problem.why for problem in log) == told


def test_forces_outside_the_alliance_are_counted_too() -> None:
    asked = replace(study(), forces=replace(study().forces, outside=("North",)))
    assert sums(gather(points((5, 15, 7)), asked=asked), "population")["North"] == 7


# place names


def places(*rows: tuple[str, str, float, float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": [row[0] for row in rows], "kind": [row[1] for row in rows]},
        geometry=[shapely.Point(row[2] * KM, row[3] * KM) for row in rows],
        crs=GRID,
    )


def test_a_point_is_named_after_the_nearest_settlement() -> None:
    named = places(("Town", "town", 0, 0), ("Farm", "farm", 5, 5), ("Thorpe", "hamlet", 8, 8))
    xy = pd.DataFrame({"x": [1_000.0, 5_000.0, 9_000.0], "y": [1_000.0, 5_100.0, 9_000.0]})
    assert nearest_place(xy, named).tolist() == ["Town", "Thorpe", "Thorpe"]
    assert nearest_place(xy, named.iloc[[1]]).tolist() == ["Farm"] * 3
    assert nearest_place(xy, NO_PLACES).tolist() == [""] * 3
    assert nearest_place(xy.iloc[:0], named).tolist() == []


@given(st.permutations([("B", "town", 1.0, 0.0), ("A", "town", -1.0, 0.0), ("C", "town", 0.0, 1.0)]))
@settings(max_examples=6)
def test_the_order_of_equally_near_places_does_not_matter(rows: list[tuple[str, str, float, float]]) -> None:
    xy = pd.DataFrame({"x": [0.0], "y": [0.0]})
    ordered = places(("A", "town", -1, 0), ("B", "town", 1, 0), ("C", "town", 0, 1))
    assert nearest_place(xy, places(*rows)).tolist() == nearest_place(xy, ordered).tolist()


def test_a_place_given_by_the_file_stands() -> None:
    people = points((1.5, 1.5, 1), (2.5, 2.5, 1), place=["Given", ""])
    rows = given_rows(gather(people, places=places(("Near", "town", 1, 1))))
    assert rows["place"].tolist() == ["Given", "Near"]


# the value itself


def test_demand_points_answer_for_weights_coordinates_and_a_part_of_them() -> None:
    demand = gather(points((1.5, 1.5, 7), (2.5, 1.5, 9)))
    assert len(demand) == len(demand.table)
    weights = demand.weights(PEOPLE)
    assert (weights.sum(), weights.dtype) == (16, np.int64)
    assert demand.xy().shape == (len(demand), 2)
    kept = demand.keep(weights > 0)
    assert kept.weights(PEOPLE).tolist() == [7, 9]
    assert kept.table.index.tolist() == [0, 1]
    assert kept.measures == demand.measures
    assert len(demand) > 2


def residential(*squares: tuple[float, float]) -> LivedStreets:
    """Return residential streets through places, each a piece of 50 m; x and y in km."""
    xy = np.array(squares, dtype=float).reshape(-1, 2) * KM
    return LivedStreets(xy, np.full(len(xy), 50.0), np.ones(len(xy), dtype=bool))


def gathered(people: pd.DataFrame, lived: LivedStreets, log: ProblemLog | None = None) -> DemandPoints:
    """Return one measure gathered where people live along streets."""
    asked = study(cells=Cells(1, 0, 10_000))
    given = [(PEOPLE, people)]
    log = ProblemLog() if log is None else log
    return gather_demand(given, AREAS, NO_ROADS, NO_PLACES, asked, lived=lived, log=log)


def people_of(demand: DemandPoints) -> pd.DataFrame:
    table = demand.table[demand.table["population"] > 0]
    places = zip(table.geometry.x, table.geometry.y, strict=True)
    return pd.DataFrame({"at": list(places), "urban": table["urban"], "people": table["population"]})


def test_an_area_is_moved_to_its_streets_and_a_point_stays() -> None:
    log = ProblemLog()
    frame = points((5, 5, 3), (7, 7, 4), area_ha=[100.0, np.nan])
    found = people_of(gathered(frame, residential((5.3, 5.0)), log))
    assert found["at"].tolist() == [(5_300, 5_000), (7_000, 7_000)]
    assert found["people"].tolist() == [3, 4]
    (why,) = [problem.why for problem in log if "middle of the streets" in problem.why]
    assert why.startswith("1 areas stand at the middle")


def test_an_area_belongs_to_the_force_of_its_centre_wherever_its_streets_are() -> None:
    frame = points((9.9, 5, 3), area_ha=[100.0])
    table = gathered(frame, residential((10.2, 5.0))).table
    (row,) = table.index[table["population"] > 0]
    assert table["force"][row] == "West"
    assert table.geometry.x[row] == 10_200


# a town of 10,000 people in two parts 200 m apart, and a village of 400 a kilometre and a half beyond
TOWN = tuple((5 + 0.1 * step, 5.0) for step in (0, 1, 2, 5, 6))
VILLAGE = ((7.5, 5.0), (7.6, 5.0))


def test_a_village_beside_a_town_is_country_and_the_town_across_a_gap_is_one() -> None:
    people = points((5.05, 5.05, 6_000), (5.65, 5.05, 4_000), (7.55, 5.05, 400), (6.0, 5.05, 1))
    found = people_of(gathered(people, residential(*TOWN, *VILLAGE)))
    assert dict(zip(found["people"], found["urban"], strict=True)) == {
        6_000: True,
        4_000: True,
        400: False,
        1: False,
    }
    fewer = points((5.05, 5.05, 6_000), (5.65, 5.05, 3_999), (7.55, 5.05, 400))
    assert not people_of(gathered(fewer, residential(*TOWN, *VILLAGE)))["urban"].any()


def test_what_a_file_says_about_town_and_country_is_kept() -> None:
    people = points((5.05, 5.05, 12_000), (5.15, 5.05, 3), (7.55, 5.05, 400), urban=[-1, 0, 1])
    found = people_of(gathered(people, residential(*TOWN, *VILLAGE)))
    assert dict(zip(found["people"], found["urban"], strict=True)) == {12_000: True, 3: False, 400: True}


def test_streets_without_residential_classes_leave_squares_to_decide() -> None:
    streets = residential(*TOWN)
    main = replace(streets, residential=np.zeros(len(TOWN), dtype=bool))
    people = points((5.05, 5.05, 12_000), (7.55, 5.05, 400))
    by_squares = people_of(gathered(people, main))
    expected = gather(people, asked=study(cells=Cells(1, 0, 10_000))).table
    assert by_squares["urban"].tolist() == expected.loc[expected["population"] > 0, "urban"].tolist()
