"""Isochrones as a table: whose they are, how they are joined, as discs or rings, areas or lines."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import shapely

import two_counties
from borderless.analysis.coverage import cover
from borderless.analysis.isochrone.isochrone_table import View, isochrone_table, tabulate
from borderless.analysis.isochrone.isochrones import isochrones
from borderless.analysis.times import response_times
from borderless.errors import BorderlessError
from borderless.region import Region, load_region
from borderless.study.policy import ALLIANCE, SEPARATE
from drawn_studies import write_county
from street_regions import overlay

MINUTES = (3, 6, 9)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return load_region(write_county(tmp_path_factory.mktemp("county"), 5))


def by_minutes(table, minutes: int):  # type: ignore[no-untyped-def]
    return table[table["minutes"] == minutes]


def test_by_station_each_has_its_own_area(county: Region) -> None:
    table = isochrone_table(county, minutes=MINUTES)
    assert table.columns.tolist() == ["station", "over_minutes", "minutes", "geometry"]
    assert table["station"].tolist() == [f"S{i}" for i in range(6) for _ in MINUTES]
    assert table["minutes"].tolist() == list(MINUTES) * 6
    assert set(table["over_minutes"]) == {0}
    assert table.crs == "EPSG:27700"
    areas = isochrones(county, MINUTES)
    for row in range(6):
        assert table.geometry.iloc[3 * row + 1].equals(areas.areas[row, 6])


@pytest.mark.parametrize("by", ["station", "force", "scenario"])
def test_split_areas_tile_the_joined_one_and_rings_the_disc(county: Region, by: str) -> None:
    joined, split, ring, split_ring = (
        isochrone_table(county, View(by, mode, shape), minutes=MINUTES)
        for mode, shape in (("dissolve", "disc"), ("split", "disc"), ("dissolve", "ring"), ("split", "ring"))
    )
    group = [] if by == "station" else [by]
    assert split.columns.tolist() == [*group, "station", "over_minutes", "minutes", "geometry"]
    assert ring.columns.tolist() == [*group, "over_minutes", "minutes", "geometry"]
    keys = [*group, "minutes"]
    for table in (joined, split, ring, split_ring):
        assert table.is_valid.all()
        assert set(table.geom_type) <= {"Polygon", "MultiPolygon"}
    whole = joined.set_index(keys).geometry
    parts = split.groupby(keys)["geometry"]
    for key, shapes in parts:
        union = shapely.union_all(shapes.to_numpy())
        assert shapes.area.sum() == pytest.approx(whole[key if group else key[0]].area, abs=1)
        assert shapely.symmetric_difference(union, whole[key if group else key[0]]).area < 1
    rings = ring.set_index(keys).geometry
    assert ring["over_minutes"].tolist() == [0, 3, 6] * (len(ring) // 3)
    for name in joined[by].unique() if group else [None]:
        discs, bands = ([t[(name, m) if group else m] for m in MINUTES] for t in (whole, rings))
        assert shapely.area(bands).sum() == pytest.approx(discs[-1].area)
        for less, more in pairwise(discs):
            assert shapely.difference(less, more).area < 1e-3
    assert split_ring.area.sum() == pytest.approx(ring.area.sum(), abs=10)


def test_a_scenario_shows_stations_only_where_they_may_respond(county: Region) -> None:
    areas = isochrones(county, MINUTES)
    times = response_times(county)
    coverages = [cover(times, scenario) for scenario in (SEPARATE, ALLIANCE)]
    joined = tabulate(areas, View("scenario"), coverages=coverages)
    for coverage in coverages:
        own = joined[joined["scenario"] == coverage.scenario.name].geometry.to_numpy()
        for one, other in zip(own, areas.of_scenario(coverage).geometry, strict=True):
            assert shapely.symmetric_difference(one, other).area < 1
    each = tabulate(areas, View("scenario", "overlap"), coverages=coverages[:1])
    forces = county.forces.set_index("force").geometry
    for station, area in zip(each["station"], each.geometry, strict=True):
        force = county.stations.set_index("id")["force"][station]
        assert shapely.difference(area, forces[force]).area < 1


def test_names_choose_what_is_drawn(county: Region) -> None:
    assert isochrone_table(county, minutes=(3,), only=["S4", "S1"])["station"].tolist() == ["S1", "S4"]
    forces = isochrone_table(county, View("force"), minutes=(3,), only=["B"])
    assert forces["force"].tolist() == ["B"]
    assert forces.geometry.iloc[0].equals(isochrones(county, (3,)).of_force("B").geometry.iloc[0])
    named = isochrone_table(county, View("scenario"), minutes=(3,), only=["alliance"])
    assert named["scenario"].tolist() == ["alliance"]


@pytest.mark.parametrize("by", ["force", "scenario"])
def test_lines_of_all_modes_are_the_same_road(county: Region, by: str) -> None:
    joined, split, ring = (
        isochrone_table(county, View(by, mode, shape, "line"), minutes=MINUTES)
        for mode, shape in (("dissolve", "disc"), ("split", "disc"), ("dissolve", "ring"))
    )
    for table in (joined, split, ring):
        assert set(table.geom_type) == {"MultiLineString"}
    for key, lines in split.groupby([by, "minutes"])["geometry"]:
        assert lines.length.sum() == pytest.approx(joined.set_index([by, "minutes"]).geometry[key].length)
    for name, lines in ring.groupby(by)["geometry"]:
        longest = joined[(joined[by] == name) & (joined["minutes"] == 9)].geometry.iloc[0]
        assert lines.length.sum() == pytest.approx(longest.length)
    areas = isochrone_table(county, View(by), minutes=MINUTES)
    for lines, area in zip(joined.geometry, areas.geometry, strict=True):
        assert area.buffer(0.01).covers(lines)


def test_to_the_stations_differs_from_them(county: Region) -> None:
    out, back = (isochrone_table(county, minutes=(6,), direction=d) for d in ("from", "to"))
    odd = shapely.symmetric_difference(out.geometry.to_numpy(), back.geometry.to_numpy())
    assert shapely.area(odd).max() > 100_000


def test_a_force_without_units_has_empty_areas(tmp_path: Path) -> None:
    region = load_region(two_counties.write_files(tmp_path))
    region.stations.loc[region.stations["force"] == "North", "units"] = 0
    for view in (View("force"), View("force", "dissolve", "ring")):
        table = isochrone_table(region, view, minutes=(5,), only=["North"])
        assert table.geometry.is_empty.tolist() == [True]
        assert table.geom_type.tolist() == ["MultiPolygon"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"by": "town"}, "by is 'town'; it may be: station, force, scenario"),
        ({"mode": "melt"}, "mode is 'melt'; it may be: overlap, dissolve, split"),
        ({"shape": "cube"}, "shape is 'cube'; it may be: disc, ring"),
        ({"kind": "dot"}, "kind is 'dot'; it may be: polygon, line"),
    ],
)
def test_words_that_are_none_are_told_with_those_that_are(words: dict[str, str], told: str) -> None:
    with pytest.raises(BorderlessError, match=told):
        View(**words)


@pytest.mark.parametrize(
    ("view", "only", "told"),
    [
        (View(), ["S9"], "unknown station S9; ids are: S0, S1"),
        (View("force"), ["Z"], "unknown force Z; forces are: A, B, C"),
        (View("scenario"), ["peace"], "unknown scenario peace; scenarios are: separate"),
    ],
)
def test_unknown_names_are_told_with_the_known_ones(
    county: Region, view: View, only: list[str], told: str
) -> None:
    with pytest.raises(BorderlessError, match=told):
        isochrone_table(county, view, only=only)


def test_an_overlay_has_no_lines() -> None:
    with pytest.raises(BorderlessError, match="overlay without streets"):
        isochrone_table(overlay([0.0], [0.0]), View(kind="line"))
