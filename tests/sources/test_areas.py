"""Force areas, built-up land and drawn roads: joined, checked, and named where they cannot be used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from borderless.errors import Problem, ProblemLog
from borderless.sources.areas import read_built_up, read_drawing, read_force_areas

WEST = shapely.box(400_000, 300_000, 410_000, 310_000)
EAST = shapely.box(410_000, 300_000, 420_000, 310_000)
FAR_EAST = shapely.box(430_000, 300_000, 440_000, 310_000)
LINE = shapely.LineString([(400_000, 300_000), (410_000, 310_000)])
BOW_TIE = shapely.Polygon(
    [(400_000, 300_000), (410_000, 310_000), (410_000, 300_000), (400_000, 310_000), (400_000, 300_000)]
)


def write(path: Path, shapes: list[shapely.Geometry], **columns: list[str]) -> Path:
    gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:27700").to_file(path)
    return path


def read(
    tmp_path: Path,
    areas: Mapping[str, shapely.Geometry],
    wanted: tuple[str, ...] = ("West", "East"),
) -> tuple[gpd.GeoDataFrame, list[Problem]]:
    path = write(tmp_path / "areas.gpkg", list(areas.values()), force=list(areas))
    log = ProblemLog()
    return read_force_areas(path, "force", wanted, log), list(log)


def test_areas_come_one_row_a_force_sorted_by_name(tmp_path: Path) -> None:
    path = write(
        tmp_path / "areas.gpkg",
        [WEST, EAST, FAR_EAST],
        force=["West", " East ", "East"],
    )
    log = ProblemLog()
    areas = read_force_areas(path, "force", ("West", "East"), log)
    assert not list(log)
    assert areas["force"].tolist() == ["East", "West"]
    assert areas.area.tolist() == [2e8, 1e8]
    assert areas.columns.tolist() == ["force", "geometry"]
    assert areas.crs == "EPSG:27700"


def test_degrees_and_metres_give_the_same_areas(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"force": ["West", "East"]}, geometry=[WEST, EAST], crs="EPSG:27700")
    (tmp_path / "a.geojson").write_text(frame.to_crs("EPSG:4326").to_json(), encoding="utf-8")
    log = ProblemLog()
    areas = read_force_areas(tmp_path / "a.geojson", "force", ("West", "East"), log)
    assert not list(log)
    assert areas.area.tolist() == pytest.approx([1e8, 1e8], rel=1e-6)


def test_areas_of_forces_nobody_asked_for_are_kept(tmp_path: Path) -> None:
    areas, none = read(tmp_path, {"West": WEST, "East": EAST}, ("West",))
    assert none == []
    assert areas["force"].tolist() == ["East", "West"]


def test_a_force_without_an_area_is_named_with_the_nearest(tmp_path: Path) -> None:
    _, found = read(tmp_path, {"Westshire": WEST, "East": EAST}, ("Westshyre", "Nowhere"))
    assert [(p.value, p.column) for p in found] == [("Westshyre", "force"), ("Nowhere", "force")]
    assert "did you mean Westshire?" in found[0].remedy
    assert "areas are: East, Westshire" in found[1].remedy


def test_a_bow_tie_is_refused_with_the_crossing_point(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path, {"East": EAST, "West": BOW_TIE})
    assert (problem.where, problem.value) == ("feature 2", "West")
    assert "the outline of West crosses itself" in problem.why
    assert "would change 0 m² into 50,000,000 m²" in problem.why
    assert problem.rule == ""
    assert "405000 305000" in problem.why


def test_an_outline_that_does_not_close_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "areas.geojson", [WEST, EAST], force=["West", "East"])
    closed = json.loads(path.read_text(encoding="utf-8"))
    closed["features"][1]["geometry"]["coordinates"][0].pop()
    path.write_text(json.dumps(closed), encoding="utf-8")
    log = ProblemLog()
    read_force_areas(path, "force", ("West", "East"), log)
    (problem,) = log
    assert (problem.file, problem.where, problem.severity) == ("areas.geojson", "feature 2", "error")
    assert "closed" in problem.why


def test_lines_and_points_are_refused(tmp_path: Path) -> None:
    shapes = {"West": LINE, "East": EAST}
    _, (problem,) = read(tmp_path, shapes)
    assert (problem.where, problem.why, problem.value) == ("feature 1", "must be a polygon", "LineString")


def test_every_wrong_outline_is_told_at_once(tmp_path: Path) -> None:
    _, found = read(tmp_path, {"West": BOW_TIE, "East": WEST.centroid}, ("West", "East", "North"))
    assert [p.value for p in found] == ["Point", "West", "North"]


def test_overlaps_are_told_with_their_size_and_slivers_are_not(tmp_path: Path) -> None:
    wide = shapely.box(408_000, 300_000, 420_000, 310_000)
    _, (error,) = read(tmp_path, {"West": WEST, "East": wide})
    assert (error.severity, error.value) == ("error", "East and West")
    assert error.why == "both areas claim the same 20.00 km²"
    (tmp_path / "areas.gpkg").unlink()
    narrow = shapely.box(409_910, 300_000, 420_000, 310_000)
    _, (notice,) = read(tmp_path, {"West": WEST, "East": narrow})
    assert (notice.severity, notice.value) == ("notice", "East and West")
    assert "overlap by 0.90 km²" in notice.why
    (tmp_path / "areas.gpkg").unlink()
    sliver = shapely.box(409_999, 300_000, 420_000, 310_000)
    assert read(tmp_path, {"West": WEST, "East": sliver})[1] == []


def test_an_overlap_of_two_neighbours_outside_the_study_stops_nobody(tmp_path: Path) -> None:
    shapes = {"West": WEST, "South": shapely.box(400_000, 200_000, 410_000, 210_000)}
    shapes["Sea"] = shapely.box(405_000, 200_000, 420_000, 210_000)
    _, (notice,) = read(tmp_path, shapes, ("West",))
    assert (notice.severity, notice.value) == ("notice", "Sea and South")


def test_mending_gives_ground_claimed_twice_to_the_first_force_by_name(tmp_path: Path) -> None:
    wide = shapely.box(408_000, 300_000, 420_000, 310_000)
    path = write(tmp_path / "areas.gpkg", [WEST, wide], force=["West", "East"])
    log = ProblemLog(mending=True)
    areas = read_force_areas(path, "force", ("West", "East"), log)
    (repair,) = log
    assert (repair.severity, repair.value, repair.after) == ("repair", "East and West", "East")
    assert areas.area.tolist() == [1.2e8, 8e7]


def test_mending_takes_off_a_small_crossing_and_tells_both_areas(tmp_path: Path) -> None:
    corners = [(0, 0), (10_000, 0), (10_000, 10_000), (10, 10_000), (120, 10_100), (50, 10_200), (10, 10_100)]
    corners += [(120, 10_000), (0, 10_000)]
    crossed = shapely.Polygon([(400_000 + x, 300_000 + y) for x, y in corners])
    assert not crossed.is_valid
    path = write(tmp_path / "areas.gpkg", [crossed], force=["West"])
    log = ProblemLog()
    read_force_areas(path, "force", ("West",), log)
    (offer,) = log
    assert (offer.severity, offer.rule) == ("error", "make the outline valid")
    log = ProblemLog(mending=True)
    areas = read_force_areas(path, "force", ("West",), log)
    (repair,) = log
    assert (repair.where, repair.severity) == ("feature 1", "repair")
    assert repair.value != repair.after
    assert areas.is_valid.all()


def test_gaps_between_the_areas_of_the_study_are_told_with_their_size(tmp_path: Path) -> None:
    hole = shapely.box(402_000, 302_000, 403_000, 303_000)
    _, (notice,) = read(tmp_path, {"West": WEST.difference(hole), "East": EAST})
    assert notice.severity == "notice"
    assert "1 gaps between the areas belong to no force: 1.00 km²" in notice.why


def test_a_missing_name_column_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "areas.gpkg", [WEST], forces=["West"])
    log = ProblemLog()
    read_force_areas(path, "force", ("West",), log)
    (problem,) = log
    assert (problem.column, problem.remedy) == ("force", "add it, or rename 'forces'")


def test_a_table_of_numbers_has_no_areas(tmp_path: Path) -> None:
    (tmp_path / "areas.csv").write_text("force,x,y\nWest,1,2\n", encoding="utf-8")
    log = ProblemLog()
    assert read_force_areas(tmp_path / "areas.csv", "force", ("West",), log).empty
    (problem,) = log
    assert problem.why == "has no areas"


def test_built_up_land_that_crosses_itself_is_mended_with_a_note(tmp_path: Path) -> None:
    path = write(tmp_path / "land.gpkg", [WEST, BOW_TIE, LINE], kind=["a", "b", "c"])
    log = ProblemLog()
    shapes = read_built_up(path, log)
    line, repair = log
    assert (line.severity, line.why) == ("notice", "1 features are no areas and do not count as built-up")
    assert (repair.severity, repair.why) == ("repair", "the outline crossed itself and was mended")
    assert (repair.where, repair.value, repair.after) == ("feature 2", "0 m²", "50,000,000 m²")
    assert shapes.is_valid.all()
    assert shapes.area.tolist() == [1e8, 5e7]


def test_a_built_up_file_without_areas_is_refused(tmp_path: Path) -> None:
    (tmp_path / "land.csv").write_text("kind\nx\n", encoding="utf-8")
    log = ProblemLog()
    assert read_built_up(tmp_path / "land.csv", log).empty
    assert [p.why for p in log.errors] == ["has no areas"]


def test_roads_to_draw_carry_class_number_and_name(tmp_path: Path) -> None:
    path = write(tmp_path / "roads.gpkg", [LINE], highway=["primary"], ref=["A1"])
    log = ProblemLog()
    roads = read_drawing(path, log)
    assert not list(log)
    assert roads.drop(columns="geometry").to_dict("records") == [
        {"highway": "primary", "ref": "A1", "name": ""}
    ]


def test_roads_to_draw_need_a_class_and_a_line(tmp_path: Path) -> None:
    log = ProblemLog()
    assert read_drawing(write(tmp_path / "r.gpkg", [LINE], ref=["A1"]), log).empty
    assert [p.column for p in log.errors] == ["highway"]
    (tmp_path / "roads.csv").write_text("highway\nprimary\n", encoding="utf-8")
    log = ProblemLog()
    assert read_drawing(tmp_path / "roads.csv", log).empty
    assert [p.why for p in log.errors] == ["has no lines"]


FLAT = shapely.Polygon([(400_000, 300_000), (410_000, 300_000), (400_000, 300_000), (400_000, 300_000)])


@pytest.mark.parametrize("second", [WEST, shapely.box(402_000, 302_000, 404_000, 304_000)])
def test_an_area_inside_another_is_never_mended_into_nothing(tmp_path: Path, second: shapely.Polygon) -> None:
    path = write(tmp_path / "areas.gpkg", [WEST, second], force=["East", "West"])
    log = ProblemLog(mending=True)
    read_force_areas(path, "force", ("West", "East"), log)
    (error,) = log.errors
    assert error.why.endswith("which is all of West")


def test_an_outline_without_area_is_an_error_for_a_force_of_the_study_and_nothing_for_a_neighbour(
    tmp_path: Path,
) -> None:
    log = ProblemLog(mending=True)
    path = write(tmp_path / "own.gpkg", [FLAT, EAST], force=["West", "East"])
    read_force_areas(path, "force", ("West", "East"), log)
    (error,) = log.errors
    assert error.value == "West"
    log = ProblemLog()
    path = write(tmp_path / "far.gpkg", [WEST, EAST, FLAT], force=["West", "East", "Far"])
    areas = read_force_areas(path, "force", ("West", "East"), log)
    assert areas["force"].tolist() == ["East", "West"]
    assert [p.severity for p in log] == ["repair"]


def test_of_a_collection_only_its_area_counts(tmp_path: Path) -> None:
    both = shapely.GeometryCollection([WEST, LINE])
    path = write(tmp_path / "areas.gpkg", [both, EAST], force=["West", "East"])
    log = ProblemLog()
    areas = read_force_areas(path, "force", ("West", "East"), log)
    assert areas.area.tolist() == [EAST.area, WEST.area]
    assert [(p.severity, p.rule) for p in log] == [("repair", "only the area counts")]
