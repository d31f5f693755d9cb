"""What must hold for every region, however odd: the invariants of static coverage on random networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borderless.analysis.basing import own_basing, shared_basing
from borderless.analysis.compare import compare
from borderless.analysis.coverage import Coverage, cover
from borderless.roads.network import UNREACHABLE
from borderless.study.policy import (
    ALLIANCE,
    BORDERLESS,
    NAMED_SCENARIOS,
    SEPARATE,
    SHARED_STATIONS,
    BorderPolicy,
    BorderRule,
    Scenario,
    Target,
)
from random_graphs import Arcs
from random_regions import Drawn, by_id, regions, scenarios
from small_regions import RESPONSE, Place, Station

FIELDS = ("travel_ms", "response_ms", "station", "responder", "second_ms", "second_station")
FAR = int(UNREACHABLE)

repeat = settings(max_examples=40)


def with_rule(rule: BorderRule) -> Scenario:
    return Scenario("ruled", "Ruled", "", BorderPolicy(rule))


def assert_identical(one: Coverage, other: Coverage) -> None:
    for field in FIELDS:
        left, right = getattr(one, field), getattr(other, field)
        assert left.dtype == right.dtype
        assert left.tobytes() == right.tobytes(), field


def by_point(coverage: Coverage) -> dict[str, tuple[object, ...]]:
    """Return everything that holds at a point, by the ids of points and stations."""
    stations = [*coverage.times.region.stations["id"], None]
    forces = [*coverage.times.region.study.force_names, None]
    rows = zip(*(getattr(coverage, field).tolist() for field in FIELDS), strict=True)
    found = [
        (travel, response, stations[station], forces[responder], second, stations[next_])
        for travel, response, station, responder, second, next_ in rows
    ]
    return dict(zip(coverage.times.region.demand.table["id"], found, strict=True))


@repeat
@given(regions())
def test_borderless_is_the_best_of_every_partners_own_time_and_its_hand_over(drawn: Drawn) -> None:
    times = drawn.times()
    delay = times.region.study.response.cross_border_delay_ms
    place = times.region.demand.table["force"].to_numpy(str)
    starts = own_basing(times).starts()
    own, open_ = cover(times, SEPARATE), cover(times, BORDERLESS)
    for point, force in enumerate(place):
        allowed = drawn.alliance if force in drawn.alliance else (force,)
        best = FAR
        for f, responder in enumerate(times.region.study.force_names):
            rows = times.travel_ms[starts[f], point]
            if responder in allowed and len(rows) and rows.min() != FAR:
                best = min(best, int(rows.min()) + 180_000 + (0 if responder == force else delay))
        assert open_.response_ms[point] == best
    assert (open_.response_ms <= own.response_ms).all()
    for target in own.targets:
        assert (open_.covered(target) >= own.covered(target)).all()


@repeat
@given(regions())
def test_merging_the_partners_into_one_force_gives_borderless_without_hand_over(drawn: Drawn) -> None:
    drawn = drawn.without_delay()
    merged = replace(
        drawn,
        alliance=("P",),
        stations=tuple(s._replace(force="P") if s.force in drawn.alliance else s for s in drawn.stations),
        places=tuple(p._replace(force="P") if p.force in drawn.alliance else p for p in drawn.places),
    )
    one, many = cover(merged.times(), SEPARATE), cover(drawn.times(), BORDERLESS)
    for field in ("travel_ms", "response_ms", "station", "second_ms", "second_station"):
        assert np.array_equal(getattr(one, field), getattr(many, field))


@repeat
@given(regions(max_forces=3), st.permutations(["P", "Q", "R"]), scenarios())
def test_the_names_of_forces_do_not_matter(drawn: Drawn, names: list[str], scenario: Scenario) -> None:
    scenario = replace(scenario, borders=BorderPolicy(scenario.borders.between_partners), stations="own")
    new = dict(zip("PQR", names, strict=True)) | {"": ""}
    renamed = replace(
        drawn,
        alliance=tuple(new[f] for f in drawn.alliance),
        outside=tuple(new[f] for f in drawn.outside),
        stations=tuple(s._replace(force=new[s.force]) for s in drawn.stations),
        places=tuple(p._replace(force=new[p.force]) for p in drawn.places),
    )
    assert_identical(cover(renamed.times(), scenario), cover(drawn.times(), scenario))


@repeat
@given(regions(), scenarios(), st.lists(st.integers(0, 40 * 60_000), min_size=2, max_size=2))
def test_covered_places_are_nested_in_the_target(drawn: Drawn, scenario: Scenario, limits: list[int]) -> None:
    coverage = cover(drawn.times(), scenario)
    short, long = sorted(limits)
    inner, outer = Target("short", short, short), Target("long", long, long)
    assert (coverage.covered(inner) <= coverage.covered(outer)).all()
    assert coverage.covered(Target("exact", short, short)).tolist() == [
        ms <= short for ms in coverage.clock_ms.tolist()
    ]


@repeat
@given(regions(), st.sampled_from([SEPARATE, BORDERLESS, with_rule(BorderRule.if_faster(60))]), st.data())
def test_another_station_never_hurts(drawn: Drawn, scenario: Scenario, data: st.DataObject) -> None:
    force = data.draw(st.sampled_from((*drawn.alliance, *drawn.outside)))
    node = data.draw(st.integers(0, drawn.arcs.n - 1))
    # An own unit next door may end automatic aid, but only when it saves all but the gain that was asked for.
    drawn = drawn.without_delay()
    new = Station(data.draw(st.sampled_from(["a", "s99"])), force, node, 1)
    more = replace(drawn, stations=(*drawn.stations, new))
    before, after = cover(drawn.times(), scenario), cover(more.times(), scenario)
    if scenario.borders.between_partners.kind == "if_faster":
        gain = 1000 * scenario.borders.between_partners.min_gain_s
        assert (after.response_ms <= before.response_ms.astype(np.int64) + gain).all()
    else:
        assert (after.response_ms <= before.response_ms).all()
        assert (after.second_ms <= before.second_ms).all()


@repeat
@given(regions(), st.tuples(st.sampled_from("PQRS"), st.sampled_from("PQRS")), scenarios())
def test_opening_a_border_never_hurts(drawn: Drawn, pair: tuple[str, str], scenario: Scenario) -> None:
    scenario = replace(scenario, stations="own")
    opened = BorderPolicy(
        scenario.borders.between_partners, {**scenario.borders.pairs, pair: BorderRule.CLOSEST}
    )
    times = drawn.times()
    before, after = cover(times, scenario), cover(times, replace(scenario, borders=opened))
    assert (after.response_ms <= before.response_ms).all()
    for target in before.targets:
        assert (after.covered(target) >= before.covered(target)).all()


@repeat
@given(regions())
def test_each_lever_helps_or_does_nothing(drawn: Drawn) -> None:
    times = drawn.times()
    own, open_, shared, alliance = (cover(times, scenario) for scenario in NAMED_SCENARIOS)
    assert (open_.response_ms <= own.response_ms).all()
    assert (shared.response_ms <= own.response_ms).all()
    assert (alliance.response_ms <= open_.response_ms).all()
    assert (alliance.response_ms <= shared.response_ms).all()


@repeat
@given(regions(), scenarios())
def test_a_shorter_hand_over_never_hurts(drawn: Drawn, scenario: Scenario) -> None:
    late = cover(drawn.times(), scenario)
    prompt = cover(drawn.without_delay().times(), scenario)
    assert (prompt.response_ms <= late.response_ms).all()


@repeat
@given(regions(), scenarios())
def test_one_control_room_is_no_hand_over_between_partners(drawn: Drawn, scenario: Scenario) -> None:
    pairs = {pair: rule for pair, rule in scenario.borders.pairs.items() if {*pair} <= {*drawn.alliance}}
    scenario = replace(scenario, borders=replace(scenario.borders, pairs=pairs))
    prompt = cover(drawn.without_delay().times(), scenario)
    one_room = cover(drawn.times(), replace(scenario, control_room="shared"))
    assert_identical(one_room, cover(drawn.without_delay().times(), replace(scenario, control_room="shared")))
    assert np.array_equal(one_room.response_ms, prompt.response_ms)


@repeat
@given(regions(), st.integers(0, 86_400))
def test_automatic_aid_lies_between_closed_and_open(drawn: Drawn, gain_s: int) -> None:
    times = drawn.times()
    closed, aid = cover(times, SEPARATE), cover(times, with_rule(BorderRule.if_faster(gain_s)))
    open_ = cover(times, BORDERLESS)
    assert (open_.response_ms <= aid.response_ms).all()
    assert (aid.response_ms <= closed.response_ms).all()


@repeat
@given(regions())
def test_mutual_aid_equals_closed_borders(drawn: Drawn) -> None:
    times = drawn.times()
    assert_identical(cover(times, with_rule(BorderRule.ON_EXHAUSTION)), cover(times, SEPARATE))


@repeat
@given(regions())
def test_automatic_aid_for_any_gain_equals_open_borders(drawn: Drawn) -> None:
    times = drawn.times()
    assert_identical(cover(times, with_rule(BorderRule.if_faster(0))), cover(times, BORDERLESS))


@repeat
@given(regions())
def test_automatic_aid_for_an_impossible_gain_equals_closed_borders_where_the_own_force_can_come(
    drawn: Drawn,
) -> None:
    times = drawn.times()
    aid, closed = cover(times, with_rule(BorderRule.if_faster(10**6))), cover(times, SEPARATE)
    open_ = cover(times, BORDERLESS)
    reached = closed.station >= 0
    for field in ("travel_ms", "response_ms", "station", "responder"):
        expected = np.where(reached, getattr(closed, field), getattr(open_, field))
        assert np.array_equal(getattr(aid, field), expected)


@repeat
@given(regions(), scenarios())
def test_a_scenario_that_changes_nothing_reproduces_the_baseline_bit_for_bit(
    drawn: Drawn, scenario: Scenario
) -> None:
    times = drawn.times()
    same = replace(scenario, name="copy", label="Copy", explanation="The same again.")
    one, other = cover(times, scenario), cover(times, same)
    assert_identical(one, other)
    assert one.table.drop(columns="scenario").equals(other.table.drop(columns="scenario"))
    assert one.response_summary.drop(columns="scenario").equals(
        other.response_summary.drop(columns="scenario")
    )
    assert_identical(one, cover(drawn.times(), scenario))
    assert (compare(one, other).by_force[["gained", "lost"]] == 0).all(axis=None)


@repeat
@given(regions())
def test_levers_without_effect_reproduce_the_baseline_bit_for_bit(drawn: Drawn) -> None:
    full = replace(drawn, stations=tuple(s._replace(capacity=s.units) for s in drawn.stations))
    times = full.times()
    assert_identical(cover(times, SHARED_STATIONS), cover(times, SEPARATE))
    one_room = replace(SEPARATE, control_room="shared")
    assert_identical(cover(times, one_room), cover(times, SEPARATE))
    alone = replace(full, alliance=full.alliance[:1], outside=full.alliance[1:] + full.outside).times()
    for scenario in NAMED_SCENARIOS:
        assert_identical(cover(alone, scenario), cover(alone, SEPARATE))


@repeat
@given(regions(), scenarios(), st.data())
def test_the_order_of_stations_roads_and_places_changes_nothing(
    drawn: Drawn, scenario: Scenario, data: st.DataObject
) -> None:
    arcs = drawn.arcs
    number = data.draw(st.permutations(range(arcs.n)))
    lines = list(zip(arcs.tail, arcs.head, arcs.travel_ms, strict=True))
    moved = data.draw(st.permutations([(number[u], number[v], ms) for u, v, ms in lines]))
    columns = list(zip(*moved, strict=True)) or [(), (), ()]
    stations = data.draw(st.permutations(drawn.stations))
    places = data.draw(st.permutations(drawn.places))
    shuffled = replace(
        drawn,
        arcs=Arcs(arcs.n, *(list(column) for column in columns)),
        stations=tuple(s._replace(node=number[s.node]) for s in stations),
        places=tuple(p._replace(node=number[p.node]) for p in places),
    )
    one, other = cover(drawn.times(), scenario), cover(shuffled.times(), scenario)
    assert by_point(one) == by_point(other)
    assert one.table.equals(other.table)
    assert one.response_summary.equals(other.response_summary)
    ids = one.times.region.stations["id"].to_numpy()
    assert by_id(ids, one.basing.units.T) == by_id(
        other.times.region.stations["id"].to_numpy(), other.basing.units.T
    )


@repeat
@given(regions(), scenarios())
def test_sums_by_force_add_up_and_nothing_drops_out_of_the_total(drawn: Drawn, scenario: Scenario) -> None:
    times = drawn.times()
    coverage = cover(times, scenario)
    table = coverage.table
    everyone = table["force"] == "all"
    keys = ["measure", "target"]
    parts = table[~everyone].groupby(keys)[["covered", "total"]].sum()
    sums = table[everyone].set_index(keys)[["covered", "total"]].sort_index()
    assert parts.equals(sums)
    people = table[everyone & (table["measure"] == "population")]
    assert set(people["total"]) == {sum(place.weight for place in drawn.places)}
    assert (table["covered"] <= table["total"]).all()
    assert table["covered"].dtype == table["total"].dtype == np.int64


@repeat
@given(regions(), scenarios())
def test_gains_and_losses_balance_the_change(drawn: Drawn, scenario: Scenario) -> None:
    times = drawn.times()
    comparison = compare(cover(times, SEPARATE), cover(times, scenario))
    table = comparison.by_force
    assert (table["covered"] - table["covered_before"] == table["gained"] - table["lost"]).all()
    forces = table[~table["force"].isin(["all", "alliance"])]
    sums = forces.groupby(["measure", "target"])[["gained", "lost", "total"]].sum()
    everyone = table[table["force"] == "all"].set_index(["measure", "target"])
    assert sums.equals(everyone[["gained", "lost", "total"]].sort_index())
    partners = forces[forces["force"].isin(drawn.alliance)]
    sums = partners.groupby(["measure", "target"])[["gained", "lost", "total"]].sum()
    alliance = table[table["force"] == "alliance"].set_index(["measure", "target"])
    assert sums.equals(alliance[["gained", "lost", "total"]].sort_index())


@repeat
@given(regions(), scenarios())
def test_people_listed_by_place_are_those_gained_and_lost(drawn: Drawn, scenario: Scenario) -> None:
    times = drawn.times()
    comparison = compare(cover(times, SEPARATE), cover(times, scenario))
    table = comparison.by_force.query("force == 'all' and measure == 'population'").set_index("target")
    for target in comparison.baseline.targets:
        listed = comparison.places(target)
        assert (
            listed[["gained", "lost"]].sum().tolist() == table.loc[target.name, ["gained", "lost"]].tolist()
        )


@repeat
@given(regions(), scenarios())
def test_aid_and_change_of_force_are_sums_over_the_places(drawn: Drawn, scenario: Scenario) -> None:
    times = drawn.times()
    comparison = compare(cover(times, SEPARATE), cover(times, scenario))
    forces = [*times.region.study.force_names, None]
    expected: dict[tuple[str, str], int] = {}
    for place, responder in zip(drawn.places, comparison.scenario.responder, strict=True):
        helper = forces[responder]
        if helper is not None and helper != place.force:
            expected[helper, place.force] = expected.get((helper, place.force), 0) + place.weight
    aid = comparison.aid
    assert (
        dict(zip(zip(aid["responder"], aid["force"], strict=True), aid["population"], strict=True))
        == expected
    )
    if scenario.stations == "own":
        assert comparison.changing_force() == sum(expected.values())


@repeat
@given(regions())
def test_doubled_stations_and_slower_parallel_roads_change_no_time(drawn: Drawn) -> None:
    twins = tuple(s._replace(id=f"{s.id}-twin") for s in drawn.stations)
    arcs = drawn.arcs
    slower = Arcs(
        arcs.n,
        arcs.tail * 2 + [0],
        arcs.head * 2 + [0],
        arcs.travel_ms + [ms + 1 for ms in arcs.travel_ms] + [1],
    )
    doubled = replace(drawn, stations=drawn.stations + twins, arcs=slower)
    one, other = cover(drawn.times(), BORDERLESS), cover(doubled.times(), BORDERLESS)
    assert np.array_equal(one.travel_ms, other.travel_ms)
    assert np.array_equal(one.station >= 0, other.station >= 0)
    ids = one.times.region.stations["id"].to_numpy(str)
    twin_ids = other.times.region.stations["id"].to_numpy(str)
    reached = one.station >= 0
    assert ids[one.station[reached]].tolist() == twin_ids[other.station[reached]].tolist()


@repeat
@given(regions())
def test_alliance_equals_the_nearest_start_of_any_partner(drawn: Drawn) -> None:
    times = drawn.times()
    coverage = cover(times, ALLIANCE)
    forces = times.region.study.force_names
    starts = shared_basing(times).starts()
    place = times.region.demand.table["force"].to_numpy(str)
    for point, force in enumerate(place):
        allowed = drawn.alliance if force in drawn.alliance else (force,)
        rows = [starts[f] for f, responder in enumerate(forces) if responder in allowed]
        open_ = np.any(rows, axis=0) if rows else np.zeros(len(times.travel_ms), dtype=bool)
        expected = times.travel_ms[open_, point].min(initial=FAR)
        assert coverage.travel_ms[point] == expected


def test_with_one_force_every_scenario_is_the_same() -> None:
    arcs = Arcs(3, [0, 1, 1, 2], [1, 0, 2, 1], [60_000, 60_000, 90_000, 90_000])
    stations = (Station("s", "P", 0, 2, 5),)
    places = (Place("x", "P", 2, 3), Place("y", "P", 0, 4))
    times = Drawn(arcs, ("P",), (), stations, places, RESPONSE).times()
    assert cover(times, SEPARATE).travel_ms.tolist() == [150_000, 0]
    for scenario in NAMED_SCENARIOS:
        assert_identical(cover(times, scenario), cover(times, SEPARATE))


@pytest.mark.parametrize("scenario", NAMED_SCENARIOS, ids=lambda scenario: scenario.name)
def test_times_and_weights_stay_whole_numbers(scenario: Scenario) -> None:
    arcs = Arcs(2, [0, 1], [1, 0], [60_000, 60_000])
    drawn = Drawn(arcs, ("P",), (), (Station("s", "P", 0),), (Place("x", "P", 1),), RESPONSE)
    coverage = cover(drawn.times(), scenario)
    for field in FIELDS:
        assert getattr(coverage, field).dtype == np.int32
