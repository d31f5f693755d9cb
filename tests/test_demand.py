"""All demand in one table: nothing counted twice, nothing lost, and the same table in any order of input."""

from __future__ import annotations

from collections.abc import Sequence
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
from borderless.study.model import Cells, DemandInput, Study, measure_named
from small_regions import NOWHERE, small_study

GRID = "EPSG:27700"
KM = 1000
WEST = shapely.box(0, 0, 10 * KM, 10 * KM)
EAST = shapely.box(10 * KM, 0, 20 * KM, 10 * KM)
NORTH = shapely.box(0, 10 * KM, 20 * KM, 20 * KM)
PEOPLE, INCIDENTS = measure_named("population"), measure_named("incidents")
NO_PLACES = gpd.GeoDataFrame({"name": [], "kind": []}, geometry=[], crs=GRID)
NO_ROADS = gpd.GeoSeries([], crs=GRID)


def force_areas(**shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    names = sorted(shapes)
    return gpd.GeoDataFrame({"force": names}, geometry=[shapes[name] for name in names], crs=GRID)


AREAS = force_areas(West=WEST, East=EAST, North=NORTH)


def points(*rows: tuple[float, float, int], **columns: Sequence[object]) -> pd.DataFrame:
    """Return points (x and y in km, weight) as the reader of demand gives them."""
    frame = pd.DataFrame(rows, columns=["x", "y", "weight"]).astype({"weight": np.int64})
    frame[["x", "y"]] *= float(KM)
    for column in ("id", "force", "place", "node"):
        frame[column] = columns.get(column, "")
    frame["urban"] = columns.get("urban", -1)
    return frame


def study(alliance: tuple[str, ...] = ("West", "East"), cells: Cells | None = None) -> Study:
    made = small_study(alliance)
    entries = [DemandInput(m, NOWHERE, None, "w", "x", "y") for m in (PEOPLE, INCIDENTS)]
    return replace(made, demand=tuple(entries), cells=cells or made.cells)


def gather(
    people: pd.DataFrame,
    incidents: pd.DataFrame | None = None,
    *,
    areas: gpd.GeoDataFrame = AREAS,
    roads: gpd.GeoSeries = NO_ROADS,
    places: gpd.GeoDataFrame = NO_PLACES,
    asked: Study | None = None,
    log: ProblemLog | None = None,
) -> DemandPoints:
    others = points() if incidents is None else incidents
    both = [(PEOPLE, people), (INCIDENTS, others)]
    return gather_demand(both, areas, roads, places, asked or study(), log=log or ProblemLog())


def given_rows(demand: DemandPoints) -> pd.DataFrame:
    """Return the rows that carry given weights, without the generated squares."""
    table = demand.table
    return table[(table["population"] > 0) | (table["incidents"] > 0)].reset_index(drop=True)


def sums(demand: DemandPoints, column: str) -> dict[str, int]:
    return {force: int(total) for force, total in demand.table.groupby("force")[column].sum().items()}


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


# area and roads


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
