"""Stations and demand on streets that cannot be used are put on others, and that is told."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

import two_counties
from borderless.analysis.isochrone.isochrones import isochrones
from borderless.analysis.times import response_times
from borderless.errors import Problem
from borderless.region import check_study, load_region
from borderless.roads.network import UNREACHABLE
from drawn_studies import ORIGIN, People, Stand, write_drawn

# A street 510 m south of station W1 that joins nothing, and a motorway 50 m south.
ISLAND = ("i1,400000,299490", "i2,400300,299490")
MOTORWAY = ("m1,399900,299950", "m2,400300,299950")


def study(folder: Path, nodes: tuple[str, ...], edges: tuple[str, ...]) -> Path:
    """Write the two counties with lengths and classes, and more nodes and edges."""
    path = two_counties.write_files(folder)
    roads, _ = two_counties.network()
    lines = ["from,to,length_m,highway"]
    streets = roads.streets
    ends = zip(
        roads.node_id[streets["tail"]], roads.node_id[streets["head"]], streets["length_m"], strict=True
    )
    lines += [f"{tail},{head},{length:.0f},primary" for tail, head, length in ends]
    (folder / "edges.csv").write_text("\n".join([*lines, *edges]) + "\n", encoding="utf-8")
    with (folder / "nodes.csv").open("a", encoding="utf-8") as file:
        file.write("".join(f"{node}\n" for node in nodes))
    return path


def move_w1(path: Path, y: int) -> None:
    file = path.parent / "stations.csv"
    text = file.read_text(encoding="utf-8").replace("400000,300000", f"400000,{y}")
    file.write_text(text, encoding="utf-8")


def about_w1(path: Path) -> list[Problem]:
    return [p for p in check_study(path).problems if p.where == "station W1"]


def test_a_station_on_an_island_starts_from_the_next_street_and_both_distances_are_told(
    tmp_path: Path,
) -> None:
    path = study(tmp_path, ISLAND, ("i1,i2,300,residential",))
    assert about_w1(path) == []
    move_w1(path, 299_505)
    (repair,) = about_w1(path)
    assert (repair.severity, repair.value, repair.after) == ("repair", "15 m", "495 m")
    assert repair.rule == "next street that is connected"
    region = load_region(path)
    assert region.station_snap.distance_m.max() == pytest.approx(495)
    assert region.network.cut_off is not None
    assert shapely.length(region.network.cut_off).tolist() == [300.0]


def test_what_was_cut_off_is_told_from_the_cache_too(tmp_path: Path, empty_cache: Path) -> None:
    path = study(tmp_path, ISLAND, ("i1,i2,300,residential",))
    move_w1(path, 299_505)
    first = about_w1(path)
    assert list(empty_cache.iterdir())
    assert about_w1(path) == first != []


def test_a_station_far_from_all_but_an_island_is_refused_and_the_island_named(tmp_path: Path) -> None:
    path = study(tmp_path, ("i1,400000,299000", "i2,400300,299000"), ("i1,i2,300,residential",))
    move_w1(path, 299_010)
    (error,) = about_w1(path)
    assert error.severity == "error"
    assert "stands 1.0 km from the nearest street that can be driven to and from" in error.why
    assert "the one 10 m away cannot" in error.why


def test_a_station_beside_a_motorway_starts_from_a_street_where_a_car_may_stop(tmp_path: Path) -> None:
    edges = ("A,m1,112,motorway_link", "m1,m2,400,motorway", "m2,A,304,motorway_link")
    path = study(tmp_path, MOTORWAY, edges)
    move_w1(path, 299_960)
    (repair,) = about_w1(path)
    assert repair.rule == "next street where a car may stop"
    assert (repair.value, repair.after) == ("10 m", "40 m")


def test_demand_beside_an_island_is_counted_and_told(tmp_path: Path) -> None:
    path = study(tmp_path, ("i1,400000,299000", "i2,400300,299000"), ("i1,i2,300,residential",))
    file = path.parent / "people.csv"
    file.write_text(
        file.read_text(encoding="utf-8").replace("1,1,400000,300000", "1,1,400000,299010"), encoding="utf-8"
    )
    found = check_study(path)
    (notice,) = [p for p in found.problems if "stand beside streets" in p.why]
    assert notice.why.startswith("1 points (1 people)")
    assert found.region is not None
    population = found.region.study.measures[0]
    assert found.region.demand.weights(population).sum() == 1023


def test_a_station_in_another_forces_area_is_told_with_where_it_stands(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path)
    file = path.parent / "stations.csv"
    text = file.read_text(encoding="utf-8") + "W2,W2 station,West,response,1,1,420000,300000\n"
    file.write_text(text, encoding="utf-8")
    (notice,) = [p for p in check_study(path).problems if p.where == "station W2"]
    assert notice.severity == "notice"
    assert notice.why == "stands 5.0 km outside the area of West, in East"


def test_nodes_count_where_they_are_given_and_the_nearest_elsewhere(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path)
    study = two_counties.on_nodes(two_counties.STUDY) + "\n[speeds]\nmax_snap_m = 9000\n"
    path.write_text(study, encoding="utf-8")
    file = path.parent / "stations.csv"
    file.write_text(two_counties.with_node(["B", "", ""])(file.read_text(encoding="utf-8")), encoding="utf-8")
    region = load_region(path)
    named = region.network.node_id[region.station_snap.node]
    assert dict(zip(region.stations["id"], named, strict=True)) == {"W1": "B", "E1": "F", "N1": "N"}


def test_nodes_that_are_not_used_are_told(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path)
    file = path.parent / "stations.csv"
    file.write_text(two_counties.with_node(["B", "", ""])(file.read_text(encoding="utf-8")), encoding="utf-8")
    (notice,) = [p for p in check_study(path).problems if p.column == "node"]
    assert notice.why == "nodes are named, but places are put on the nearest street"


# one character is 500 m: a mainland of 4 km and an island of 2 km, 1.5 km of water between them
COAST = "A-------B  H---I"
ISLANDERS = (People(5_600, 20, 4), People(7_500, 0, 8))


def coast(folder: Path, *, station: bool = True) -> Path:
    """Write a force with an island, on which a station stands or none."""
    stations = [Stand("M", "West", 0, 0), *([Stand("S", "West", 6_500, 0)] if station else [])]
    people = [People(500, 0, 1), People(3_000, 0, 2), *ISLANDERS]
    return write_drawn(folder, COAST, stations, people, metres=500)


def people_reached(path: Path) -> dict[str, list[int | None]]:
    """Return for each station the time to the people in the order of their number, ms, None for never."""
    times = response_times(load_region(path))
    table = times.region.demand.table
    rows = table.index[table["population"] > 0].to_numpy()
    rows = rows[table["population"].to_numpy()[rows].argsort()]
    return {
        str(name): [None if ms == UNREACHABLE else int(ms) for ms in row[rows]]
        for name, row in zip(times.region.stations["id"], times.travel_ms, strict=True)
    }


def test_an_island_with_a_station_serves_its_own_people_and_no_others(tmp_path: Path) -> None:
    path = coast(tmp_path)
    # 900 m and 1,000 m of road at 60 km/h, 20 m and nothing beside it at 20 km/h
    expected = {"M": [30_000, 180_000, None, None], "S": [None, None, 54_000 + 3_600, 60_000]}
    found = people_reached(path)
    assert found["M"] == expected["M"]
    assert found["S"] == expected["S"]
    told = [p.why for p in check_study(path).problems if "joined to no others" in p.why]
    assert [why.partition("no others: ")[2] for why in told] == [
        "3 people, 1 stations (M); nobody else is reached",
        "12 people, 1 stations (S); nobody else is reached",
    ]


def test_people_on_an_island_without_a_station_are_told_counted_and_never_reached(tmp_path: Path) -> None:
    path = coast(tmp_path, station=False)
    assert people_reached(path) == {"M": [30_000, 180_000, None, None]}
    found = check_study(path)
    (told,) = [p for p in found.problems if "no station" in p.why]
    assert told.where == "part 2"
    assert "12 people there cannot be reached; they count as not covered" in told.why
    assert found.region is not None
    assert found.region.demand.weights(found.region.study.measures[0]).sum() == 15


def test_where_all_roads_are_one_no_parts_are_listed(tmp_path: Path) -> None:
    path = two_counties.write_files(tmp_path)
    assert [p for p in check_study(path).problems if p.where.startswith("part ")] == []


def test_no_land_of_an_island_is_given_from_across_the_water(tmp_path: Path) -> None:
    # half a kilometre of water, which land beside a street would bridge; the island is long enough to be one
    path = write_drawn(
        tmp_path,
        "A----------B      H------------I",
        [Stand("M", "West", 0, 0), Stand("S", "West", 10_000, 0)],
        [People(0, 0)],
        metres=300,
    )
    areas = isochrones(load_region(path), (15,))
    mainland, island = (areas.of_stations([name]).geometry[0] for name in "MS")
    for area, reach in ((mainland, (0, 4_200)), (island, (4_300, 9_300))):
        assert area.bounds[0] >= ORIGIN[0] + reach[0] - 1_100
        assert area.bounds[2] <= ORIGIN[0] + reach[1] + 1_100
    # each shore has the half of the water that is nearer to it
    assert mainland.bounds[2] <= ORIGIN[0] + (3_300 + 5_400) / 2 + 100
    assert island.bounds[0] >= ORIGIN[0] + (3_300 + 5_400) / 2 - 100
