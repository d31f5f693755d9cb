"""Random regions for property tests: a few forces on a small network full of ties, loops and dead ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from borderless.analysis.times import ResponseTimes, response_times
from borderless.region import Region
from borderless.roads.network import UNREACHABLE, RoadNetwork
from borderless.study.model import Response
from borderless.study.policy import BorderPolicy, BorderRule, Scenario
from random_graphs import Arcs, arcs
from small_regions import RESPONSE, Place, Station, given_times, small_region, small_study

FORCES = ("P", "Q", "R", "S")
MINUTE = 60_000

aid_rules = st.one_of(
    st.sampled_from([BorderRule.CLOSED, BorderRule.ON_EXHAUSTION, BorderRule.CLOSEST]),
    st.integers(0, 300).map(BorderRule.if_faster),
)


@dataclass(frozen=True)
class Drawn:
    """The parts of a random region, so that a test can change one of them and build it again."""

    arcs: Arcs
    alliance: tuple[str, ...]
    outside: tuple[str, ...]
    stations: tuple[Station, ...]
    places: tuple[Place, ...]
    response: Response

    def network(self) -> RoadNetwork:
        return RoadNetwork.from_arrays(
            self.arcs.tail, self.arcs.head, self.arcs.travel_ms, *self.arcs.places()
        )

    def region(self) -> Region:
        study = small_study(self.alliance, self.outside, response=self.response)
        return small_region(study, self.network(), self.stations, self.places)

    def times(self) -> ResponseTimes:
        return response_times(self.region())

    def without_delay(self) -> Drawn:
        return replace(self, response=replace(self.response, cross_border_delay_s=0))


@st.composite
def regions(draw: st.DrawFn, *, max_forces: int = 4, gaps: bool = True) -> Drawn:
    """Draw a region; of its forces, some may be outside the alliance, have no station or no place."""
    network = draw(arcs(max_nodes=9))
    count = draw(st.integers(1, max_forces))
    partners = draw(st.integers(1, count))
    forces = FORCES[:count]
    node = st.integers(0, network.n - 1)
    return Drawn(
        arcs=network,
        alliance=forces[:partners],
        outside=forces[partners:],
        stations=draw(_stations(forces, node)),
        places=draw(_places((*forces, "") if gaps else forces, node)),
        response=draw(_responses()),
    )


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw any scenario, with rules of their own for some pairs of forces."""
    pair = st.tuples(st.sampled_from("PQRS"), st.sampled_from("PQRS"))
    delay = st.sampled_from([None, None, 0, 30, 600])
    paired = st.builds(lambda rule, delay_s: replace(rule, delay_s=delay_s), aid_rules, delay)
    borders = BorderPolicy(draw(aid_rules), draw(st.dictionaries(pair, paired, max_size=4)))
    stations = draw(st.sampled_from(["own", "shared"]))
    room = draw(st.sampled_from(["separate", "shared"]))
    return Scenario("some", "Some", "", borders, stations, room)


@st.composite
def what_ifs(draw: st.DrawFn, **kwargs: Any) -> tuple[Drawn, Scenario]:
    """Draw a region and a scenario that also moves units and closes stations of it."""
    drawn, scenario = draw(regions(**kwargs)), draw(scenarios())
    ids = st.sampled_from([station.id for station in drawn.stations])
    units = draw(st.dictionaries(ids, st.integers(0, 2), max_size=3))
    return drawn, replace(scenario, units=units, closed=tuple(draw(st.lists(ids, max_size=2))))


@st.composite
def scarce_times(draw: st.DrawFn) -> ResponseTimes:
    """Draw times of two or three partners whose units and room are too few for what they would like."""
    forces = FORCES[: draw(st.integers(2, 3))]
    small = st.integers(0, 2)
    homes = [*forces, *draw(st.lists(st.sampled_from(forces), max_size=3))]
    stations = []
    for i, force in enumerate(homes):
        units = draw(small)
        stations.append(Station(f"s{i}", force, 0, units, units + draw(small)))
    minutes = st.sampled_from([0, 5, 11, 12, 13, 17, 18, 25, -1])
    places = draw(_places(forces, st.just(0)))
    row = st.lists(minutes, min_size=len(places), max_size=len(places))
    matrix = [[UNREACHABLE if m < 0 else m * MINUTE for m in draw(row)] for _ in stations]
    return given_times(small_study(forces), stations, places, matrix)


def by_id(frame_ids: np.ndarray, values: np.ndarray) -> dict[str, object]:
    """Return values by the ids of their rows, for comparisons that do not depend on order."""
    return dict(zip(frame_ids.tolist(), values.tolist(), strict=True))


@st.composite
def _stations(draw: st.DrawFn, forces: tuple[str, ...], node: st.SearchStrategy[int]) -> tuple[Station, ...]:
    count = draw(st.integers(1, 6))
    ids = draw(st.permutations([f"s{i}" for i in range(count)]))
    found = []
    for name in ids:
        units = draw(st.integers(0, 3))
        room = draw(st.integers(0, 2))
        found.append(Station(name, draw(st.sampled_from(forces)), draw(node), units, units + room))
    return tuple(found)


@st.composite
def _places(draw: st.DrawFn, forces: tuple[str, ...], node: st.SearchStrategy[int]) -> tuple[Place, ...]:
    count = draw(st.integers(1, 7))
    return tuple(
        Place(
            id=f"p{i}",
            force=draw(st.sampled_from(forces)),
            node=draw(node),
            weight=draw(st.one_of(st.just(1 << i), st.integers(0, 10**6))),
            urban=draw(st.booleans()),
            name=draw(st.sampled_from(["Here", "There"])),
            access_ms=draw(st.sampled_from([0, 0, 1, 60_000])),
        )
        for i in range(count)
    )


@st.composite
def _responses(draw: st.DrawFn) -> Response:
    return replace(
        RESPONSE,
        target_urban_min=draw(st.sampled_from([3, 3.1, 10, 15])),
        target_rural_min=draw(st.sampled_from([4, 20])),
        cross_border_delay_s=draw(st.sampled_from([0, 0.001, 60, 240])),
        clock=draw(st.sampled_from(["response", "travel"])),
    )
