"""Area, roads and towns come in squares: they add up to each force, and dense ones that touch are urban."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.demand import gather_demand
from borderless.errors import ProblemLog
from borderless.study.model import Cells, DemandInput, measure_named
from small_demand import (
    AREAS,
    GRID,
    INCIDENTS,
    KM,
    NO_PLACES,
    NO_ROADS,
    PEOPLE,
    force_areas,
    gather,
    given_rows,
    points,
    study,
    sums,
)
from small_regions import NOWHERE


def test_area_adds_up_to_each_force_exactly_on_whole_squares() -> None:
    demand = gather(points((5, 5, 1)))
    assert sums(demand, "area_m2") == {"East": 100_000_000, "West": 100_000_000}
    assert (demand.table["area_m2"] > 0).sum() == 200


def test_squares_cut_by_a_border_give_each_force_its_piece() -> None:
    border = 10.25 * KM
    areas = force_areas(West=shapely.box(0, 0, border, KM), East=shapely.box(border, 0, 20 * KM, KM))
    demand = gather(points((5, 0.5, 1)), areas=areas)
    assert sums(demand, "area_m2") == {"East": 9_750_000, "West": 10_250_000}
    cut = demand.table[demand.table["area_m2"].isin([250_000, 750_000])]
    assert sorted(cut["force"]) == ["East", "West"]
    for force, point in zip(cut["force"], cut.geometry, strict=True):
        assert areas.set_index("force").geometry[force].contains(point)


@st.composite
def _partitions(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Cut a rectangle by straight lines and deal the pieces out to three forces."""
    whole = shapely.box(0, 0, draw(st.integers(2_000, 6_000)), draw(st.integers(2_000, 6_000)))
    pieces = [whole]
    at = st.integers(-500, 6_500)
    for _ in range(draw(st.integers(1, 4))):
        line = shapely.LineString([(draw(at), -500), (draw(at), 6_500)])
        if draw(st.booleans()):
            line = shapely.LineString([(y, x) for x, y in line.coords])
        pieces = [part for piece in pieces for part in shapely.ops.split(piece, line).geoms]
    owner = [draw(st.sampled_from(["East", "North", "West"])) for _ in pieces]
    parts = {f: [p for p, o in zip(pieces, owner, strict=True) if o == f] for f in set(owner)}
    return force_areas(**{force: shapely.union_all(found) for force, found in parts.items()})


@settings(max_examples=25)
@given(_partitions(), st.sampled_from([0.5, 1, 2]))
def test_area_adds_up_to_each_force_within_rounding(areas: gpd.GeoDataFrame, size_km: float) -> None:
    asked = study(tuple(areas["force"]), Cells(size_km, 300, 10_000))
    demand = gather(points((0.5, 0.5, 1)), areas=areas, asked=asked)
    squares = demand.table[demand.table["area_m2"] > 0]
    for force, shape in zip(areas["force"], areas.geometry, strict=True):
        mine = squares[squares["force"] == force]
        assert abs(mine["area_m2"].sum() - shape.area) <= 1 + len(mine)
        assert shapely.distance(shape, mine.geometry.to_numpy()).max(initial=0) < 0.001


def road(*ends: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(x * KM, y * KM) for x, y in ends])


def test_road_length_lies_in_the_squares_it_runs_through() -> None:
    roads = gpd.GeoSeries([road((0.1, 0.5), (3.1, 0.5)), road((1.5, 0.2), (1.5, 0.8))], crs=GRID)
    table = gather(points((5, 5, 1)), roads=roads).table
    found = table[table["road_m"] > 0]
    lengths = dict(zip(found.geometry.x, found["road_m"], strict=True))
    # 12 parts of 250 m with their middles at 0.225, 0.475 ... 2.975 km: four in each square
    assert lengths == {500: 1000, 1500: 1000 + 600, 2500: 1000}


def test_road_length_adds_up_to_the_streets_inside_the_areas() -> None:
    inside = [road((1, 1), (9, 8.7)), road((11.01, 2), (19, 9.99)), road((2, 2), (2.0001, 2))]
    elsewhere = [road((1, 11), (9, 19)), road((30, 1), (40, 1))]
    demand = gather(points((5, 5, 1)), roads=gpd.GeoSeries([*inside, *elsewhere], crs=GRID))
    west, east, speck = (round(line.length) for line in inside)
    assert sums(demand, "road_m") == {"East": east, "West": west + speck}


def test_a_street_across_a_border_is_shared_to_within_one_part() -> None:
    demand = gather(points((5, 5, 1)), roads=gpd.GeoSeries([road((7.1, 5.5), (14.3, 5.5))], crs=GRID))
    shares = sums(demand, "road_m")
    assert shares["East"] + shares["West"] == 7_200
    assert abs(shares["West"] - 2_900) <= 250


@settings(max_examples=25)
@given(_partitions(), st.lists(st.tuples(*[st.floats(0.1, 1.9)] * 4), min_size=1, max_size=12))
def test_no_road_is_lost_or_counted_twice(
    areas: gpd.GeoDataFrame, ends: list[tuple[float, float, float, float]]
) -> None:
    # the rectangle is at least 2 km wide and high, so every street lies inside it
    roads = gpd.GeoSeries([road((a, b), (c, d)) for a, b, c, d in ends], crs=GRID)
    demand = gather(points((0.5, 0.5, 1)), areas=areas, roads=roads, asked=study(tuple(areas["force"])))
    assert demand.table["road_m"].sum() == np.rint(roads.length).sum()


def test_area_and_roads_of_the_studys_own_are_not_generated_again() -> None:
    names = ("population", "area_km2", "road_km")
    entries = tuple(DemandInput(measure_named(n), NOWHERE, None, "w", "x", "y") for n in names)
    asked = replace(study(), demand=entries)
    given_weights = [(entry.measure, points((5, 5, i + 1))) for i, entry in enumerate(entries)]
    roads = gpd.GeoSeries([road((1, 1), (9, 1))], crs=GRID)
    demand = gather_demand(given_weights, AREAS, roads, NO_PLACES, asked, log=ProblemLog())
    assert demand.table[["population", "area_m2", "road_m"]].to_numpy().tolist() == [[1, 2, 3]]


def test_without_streets_there_is_no_road_weight() -> None:
    both = [(PEOPLE, points((5, 5, 1))), (INCIDENTS, points())]
    demand = gather_demand(both, AREAS, None, NO_PLACES, study(), log=ProblemLog())
    assert demand.table["road_m"].sum() == 0
    assert demand.table["area_m2"].sum() == 200_000_000


# town and country


def urban_at(people: pd.DataFrame, cells: Cells, *where: tuple[float, float]) -> list[bool]:
    """Return whether the squares at these places (km) are urban."""
    demand = gather(people, asked=study(cells=cells))
    squares = demand.table[demand.table["area_m2"] > 0]
    place = list(zip(squares.geometry.x, squares.geometry.y, strict=True))
    urban = dict(zip(place, squares["urban"], strict=True))
    return [bool(urban[x * KM, y * KM]) for x, y in where]


def test_dense_squares_that_touch_and_hold_enough_people_are_urban() -> None:
    cells = Cells(1, 300, 1_000)
    # two dense squares that touch at a corner, a sparse neighbour, and a dense square alone
    people = points((2.1, 2.1, 600), (3.9, 3.9, 400), (4.5, 3.5, 299), (7.5, 7.5, 999))
    found = urban_at(people, cells, (2.5, 2.5), (3.5, 3.5), (4.5, 3.5), (7.5, 7.5), (3.5, 2.5))
    assert found == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("density", "enough", "urban"), [(600, 600, True), (601, 600, False), (600, 601, False)]
)
def test_the_limits_of_density_and_people_count_as_urban(density: float, enough: float, urban: bool) -> None:
    assert urban_at(points((2.5, 2.4, 600)), Cells(1, density, enough), (2.5, 2.5)) == [urban]


def test_density_is_people_for_each_square_kilometre_whatever_the_size_of_squares() -> None:
    assert urban_at(points((3.4, 3.4, 1_200)), Cells(2, 300, 1), (3, 3)) == [True]
    assert urban_at(points((3.4, 3.4, 1_199)), Cells(2, 300, 1), (3, 3)) == [False]


def test_people_of_a_neighbouring_force_make_a_town_too() -> None:
    people = points((9.4, 9.4, 600), (9.4, 10.4, 600))
    assert urban_at(people, Cells(1, 300, 1_200), (9.5, 9.5)) == [True]


def test_points_in_an_urban_square_are_urban_and_squares_without_people_are_not() -> None:
    rows = given_rows(
        gather(
            points((2.1, 2.1, 900)),
            points((2.9, 2.9, 1), (3.1, 2.9, 1)),
            asked=study(cells=Cells(1, 300, 900)),
        )
    )
    assert dict(zip(rows.geometry.x, rows["urban"], strict=True)) == {2100: True, 2900: True, 3100: False}
    assert urban_at(points((2.5, 2.4, 600)), Cells(1, 0, 0), (3.5, 3.5)) == [False]


def test_what_the_file_says_of_town_and_country_stands() -> None:
    people = points((2.1, 2.1, 900), (2.9, 2.9, 900), (5.1, 5.1, 1), urban=[0, -1, 1])
    rows = given_rows(gather(people, asked=study(cells=Cells(1, 300, 900))))
    assert rows["urban"].tolist() == [False, True, True]


def test_without_population_everything_is_country() -> None:
    only = [(INCIDENTS, points((2.1, 2.1, 9_000)))]
    asked = replace(study(cells=Cells(1, 0, 0)), demand=(study().demand[1],))
    demand = gather_demand(only, AREAS, NO_ROADS, NO_PLACES, asked, log=ProblemLog())
    assert not demand.table["urban"].any()
