"""Where units start: nobody vanishes, no station overflows, and the re-basing is the best there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings

import two_counties
from borderless.analysis.basing import Basing, own_basing, shared_basing
from borderless.analysis.coverage import cover
from borderless.analysis.times import ResponseTimes, response_times
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import SHARED_STATIONS
from random_regions import Drawn, regions, scarce_times
from small_regions import Place, Station, given_times, small_study
from two_counties import MINUTE

NO_WAY = int(UNREACHABLE)


def starts(times: ResponseTimes, basing: Basing) -> set[tuple[str, str]]:
    """Return the pairs (force, station) where units start."""
    forces, stations = times.region.study.force_names, times.region.stations["id"]
    return {(forces[f], stations[s]) for f, s in np.argwhere(basing.starts())}


def minutes(*rows: list[int]) -> list[list[int]]:
    return [[NO_WAY if m < 0 else m * MINUTE for m in row] for row in rows]


def test_own_units_start_at_their_own_stations() -> None:
    times = response_times(two_counties.region())
    # rows West, East, North; columns E1, N1, W1
    assert own_basing(times).units.tolist() == [[0, 0, 2], [1, 0, 0], [0, 1, 0]]


def test_a_spare_unit_moves_to_a_partners_station_with_room() -> None:
    times = response_times(two_counties.region())
    assert shared_basing(times).units.tolist() == [[1, 0, 1], [1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize("lever", [{"room_at_e1": 0}, {"units_at_w1": 1}])
def test_without_room_or_spare_units_everyone_stays_at_home(lever: dict[str, int]) -> None:
    times = response_times(two_counties.region(**lever))
    assert shared_basing(times).units.tolist() == own_basing(times).units.tolist()


def test_stations_of_forces_outside_the_alliance_are_not_shared() -> None:
    study = small_study(("P",), ("Q",))
    stations = [Station("a", "P", 0, 5, 5), Station("b", "Q", 0, 5, 9)]
    times = given_times(study, stations, [Place("x", "P", 0)], minutes([60], [0]))
    assert starts(times, shared_basing(times)) == {("P", "a"), ("Q", "b")}


def test_an_unstaffed_station_of_a_partner_with_room_can_be_used() -> None:
    study = small_study(("P", "Q"))
    stations = [Station("a", "P", 0, 2), Station("b", "Q", 0, 1), Station("c", "Q", 0, 0, 1)]
    times = given_times(study, stations, [Place("x", "P", 0)], minutes([60], [60], [1]))
    assert starts(times, shared_basing(times)) == {("P", "a"), ("P", "c"), ("Q", "b")}


def test_an_own_station_without_units_is_not_opened() -> None:
    study = small_study(("P", "Q"))
    stations = [Station("a", "P", 0, 3), Station("b", "Q", 0), Station("c", "P", 0, 0, 3)]
    times = given_times(study, stations, [Place("x", "P", 0)], minutes([60], [60], [1]))
    assert starts(times, shared_basing(times)) == {("P", "a"), ("Q", "b")}


def test_units_leave_the_station_that_holds_most_and_never_the_last_one() -> None:
    study = small_study(("P", "Q"))
    stations = [
        Station("a", "P", 0, 2),
        Station("b", "P", 0, 3),
        Station("c", "Q", 0, 1, 2),
        Station("d", "Q", 0, 1, 2),
    ]
    points = [Place("x", "P", 0), Place("y", "P", 0)]
    times = given_times(study, stations, points, minutes([60, 60], [60, 60], [1, 60], [60, 1]))
    # b gives the first guest (3 to 2), a and b then tie at 2 and a, the first by id, gives the second
    assert shared_basing(times).units[0].tolist() == [1, 2, 1, 1]


def test_the_last_place_in_a_station_goes_to_the_force_that_covers_more_people() -> None:
    study = small_study(("P", "Q", "R"))
    stations = [Station("a", "P", 0, 2), Station("b", "Q", 0, 2), Station("c", "R", 0, 1, 2)]
    points = [Place("x", "P", 0, 10), Place("y", "Q", 0, 11)]
    times = given_times(study, stations, points, minutes([60, 60], [60, 60], [1, 1]))
    assert starts(times, shared_basing(times)) == {("P", "a"), ("Q", "b"), ("Q", "c"), ("R", "c")}


def test_the_only_spare_unit_goes_where_it_covers_more_people_than_anywhere_else() -> None:
    study = small_study(("P", "Q"))
    stations = [Station("a", "P", 0, 2), Station("b", "Q", 0, 1, 2), Station("c", "Q", 0, 1, 2)]
    points = [Place("x", "P", 0, 4), Place("y", "P", 0, 4), Place("z", "P", 0, 7)]
    times = given_times(study, stations, points, minutes([60, 60, 60], [60, 60, 1], [1, 1, 60]))
    assert starts(times, shared_basing(times)) == {("P", "a"), ("P", "c"), ("Q", "b"), ("Q", "c")}


def test_two_units_do_not_wait_for_the_same_people() -> None:
    study = small_study(("P", "Q"))
    stations = [Station("a", "P", 0, 3), *(Station(name, "Q", 0, 1, 2) for name in "bcde")]
    points = [Place("x", "P", 0, 10), Place("y", "P", 0, 6), Place("z", "P", 0, 1)]
    far = 60
    rows = minutes([far, far, far], [1, far, far], [2, far, far], [far, 1, far], [far, far, 1])
    times = given_times(study, stations, points, rows)
    chosen = starts(times, shared_basing(times))
    assert {station for force, station in chosen if force == "P"} == {"a", "b", "d"}


def test_units_move_only_where_they_would_be_first_at_some_place() -> None:
    # b and c are both quicker than a, but b is first everywhere
    study = small_study(("P", "Q"))
    stations = [Station("a", "P", 0, 5), Station("b", "Q", 0, 1, 2), Station("c", "Q", 0, 1, 2)]
    points = [Place("x", "P", 0), Place("y", "P", 0), Place("empty", "P", 0, 0)]
    times = given_times(study, stations, points, minutes([9, 9, 9], [5, 5, 9], [6, 5, 1]))
    assert starts(times, shared_basing(times)) == {("P", "a"), ("P", "b"), ("Q", "b"), ("Q", "c")}


def test_full_stations_keep_nobody_from_one_that_has_room() -> None:
    # c is quickest but full, b has room and is quicker than a, though a is in time as well
    study = small_study(("P", "Q"))
    stations = [Station("a", "P", 0, 2), Station("b", "Q", 0, 1, 2), Station("c", "Q", 0, 1)]
    times = given_times(study, stations, [Place("x", "P", 0)], minutes([9], [5], [1]))
    assert starts(times, shared_basing(times)) == {("P", "a"), ("P", "b"), ("Q", "b"), ("Q", "c")}


def covered_people(times: ResponseTimes, basing: Basing) -> int:
    """Count people within the standard when every force answers only its own calls."""
    region = times.region
    standard = region.study.response.targets[0]
    fixed = region.study.response.fixed_ms
    total = 0
    for point, place in region.demand.table.iterrows():
        own = basing.starts()[region.study.force_names.index(place["force"])]
        limit = standard.urban_ms if place["urban"] else standard.rural_ms
        ways = [int(times.travel_ms[s, point]) for s in np.flatnonzero(own)]
        total += place["population"] * any(ms != UNREACHABLE and ms + fixed <= limit for ms in ways)
    return int(total)


def every_basing(times: ResponseTimes) -> Iterator[Basing]:
    """Yield every way to send spare units, one a force and station, to partners' stations with room."""
    own = own_basing(times)
    stations = times.region.stations
    home = stations["force"].to_numpy(str)
    room = (stations["capacity"] - stations["units"]).to_numpy()
    choices = []
    for f, force in enumerate(times.region.study.force_names):
        spare = int(own.units[f].sum() - (own.units[f] > 0).sum())
        open_ = [s for s in range(len(stations)) if home[s] != force and room[s] > 0]
        choices.append([c for k in range(spare + 1) for c in combinations(open_, min(k, len(open_)))])
    for sent in product(*choices):
        guests = np.zeros_like(own.units)
        for f, chosen in enumerate(sent):
            guests[f, list(chosen)] = 1
        if (guests.sum(axis=0) <= room).all():
            yield Basing(own.units + guests)


@settings(max_examples=80)
@given(scarce_times())
def test_shared_stations_cover_as_many_people_as_any_basing_could(times: ResponseTimes) -> None:
    best = max(covered_people(times, basing) for basing in every_basing(times))
    assert covered_people(times, shared_basing(times)) == best
    table = cover(times, SHARED_STATIONS).table
    everyone = table.query("force == 'all' and measure == 'population' and target == 'standard'")
    assert everyone["covered"].tolist() == [best]


@settings(max_examples=60)
@given(regions())
def test_sharing_stations_keeps_every_unit_and_overfills_no_station(drawn: Drawn) -> None:
    times = drawn.times()
    own, shared = own_basing(times), shared_basing(times)
    region = times.region
    assert (shared.units >= 0).all()
    assert shared.units.sum(axis=1).tolist() == own.units.sum(axis=1).tolist()
    assert (shared.units.sum(axis=0) <= region.stations["capacity"].to_numpy()).all()
    assert (shared.starts() >= own.starts()).all()
    partner = region.stations["force"].isin(region.study.alliance).to_numpy()
    for f, force in enumerate(region.study.force_names):
        if force in region.study.alliance:
            assert (shared.units[f, ~partner] == 0).all()
        else:
            assert shared.units[f].tolist() == own.units[f].tolist()


@settings(max_examples=60)
@given(regions())
def test_with_units_and_room_to_spare_people_are_as_near_as_any_shared_station(drawn: Drawn) -> None:
    plenty = tuple(s._replace(units=s.units and 9, capacity=s.units and 99) for s in drawn.stations)
    times = replace(drawn, stations=plenty).times()
    region = times.region
    home = region.stations["force"].to_numpy(str)
    manned = region.stations["units"].to_numpy() > 0
    shared = cover(times, SHARED_STATIONS)
    for point, place in region.demand.table.iterrows():
        force = place["force"]
        partner = np.isin(home, drawn.alliance) & (force in drawn.alliance) & (manned & (home == force)).any()
        open_ = manned & ((home == force) | partner)
        if place["population"] > 0:
            assert shared.travel_ms[point] == times.travel_ms[open_, point].min(initial=NO_WAY)


@settings(max_examples=60)
@given(scarce_times())
def test_scarce_units_and_room_are_respected(times: ResponseTimes) -> None:
    own, shared = own_basing(times), shared_basing(times)
    assert shared.units.sum(axis=1).tolist() == own.units.sum(axis=1).tolist()
    assert (shared.units.sum(axis=0) <= times.region.stations["capacity"].to_numpy()).all()
    assert (shared.starts() >= own.starts()).all()
