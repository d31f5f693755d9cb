"""The run list of a place: which station is sent first, second and third, under each scenario."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.basing import basing_of
from borderless.analysis.coverage import FAR, Coverage, costs, ways_to
from borderless.analysis.times import ResponseTimes
from borderless.errors import InputError, Problem
from borderless.region import Region
from borderless.study.policy import RESPONSE, Capability, Scenario

WHEN_BUSY = "when own units are busy"
COLUMNS = (
    *("scenario", "id", "place", "force", "condition", "rank", "station", "name", "responder"),
    *("travel_ms", "handover_ms", "response_ms", "units"),
)


def run_list(
    times: ResponseTimes,
    scenarios: Sequence[Scenario],
    points: Sequence[int] | NDArray[np.int64],
    *,
    first: int = 3,
    capability: Capability = RESPONSE,
) -> pd.DataFrame:
    """Return the stations that are sent to some places, in order.

    Parameters
    ----------
    times
        Travel times of a region.
    scenarios
        Ways of working together.
    points
        Rows of demand points, as :func:`points_named` and :func:`point_at` find them.
    first
        How many stations at most in each list.
    capability
        Whose units.

    Returns
    -------
    DataFrame
        scenario, id, place, force (of the place), condition, rank, station, name, responder (force of the
        unit), travel_ms, handover_ms, response_ms (whole milliseconds; call handling and turnout are the
        rest), units (of the responder at that station). Ranked as :func:`borderless.cover` ranks: rank 1 and
        2 are its first and second station; a border that asks for a gain is held against the nearest own
        unit. Mutual aid has a list of its own, with ranks from 1 and the condition
        ``when own units are busy``; it has none where no own unit could come at all.

    Raises
    ------
    InputError
        When no station has units of the capability.
    """
    view = times.serving(capability)
    asked = np.asarray(points, dtype=np.int64)
    place = view.region.demand.table["force"].to_numpy(str)[asked]
    rows = []
    for number, scenario in enumerate(scenarios):
        for force in view.region.study.force_names:
            here = np.flatnonzero(place == force)
            for position, row in _lists(view, scenario.serving(capability), force, asked[here], first):
                rows.append((int(here[position]), number, *row))
    frame = pd.DataFrame(rows, columns=["point", "number", *COLUMNS])
    ordered = frame.sort_values(["point", "number"], kind="stable")
    return ordered[list(COLUMNS)].reset_index(drop=True)


def _lists(
    times: ResponseTimes, scenario: Scenario, force: str, here: NDArray[np.int64], first: int
) -> Iterator[tuple[int, tuple[object, ...]]]:
    """Yield the rows of points that lie in one force's area, each with the position of its point."""
    region = times.region
    demand, stations = region.demand.table, region.stations
    ways = ways_to(force, times, scenario, basing_of(times, scenario), when_busy=True)
    travel, cost = costs(times, ways, here)
    fixed = region.study.response.fixed_ms
    for column, point in enumerate(here.tolist()):
        about = demand.iloc[point]
        for aid in (False, True):
            if aid and not (cost[ways.own, column] < FAR).any():
                continue
            ranked = _in_order(np.where(ways.when_busy == aid, cost[:, column], FAR), ways.station, first)
            for rank, way in enumerate(ranked, start=1):
                station = stations.iloc[int(ways.station[way])]
                responder = region.study.force_names[int(ways.responder[way])]
                drive, delay = int(travel[way, column]), int(ways.delay_ms[way])
                yield (
                    column,
                    (
                        *(scenario.name, about["id"], about["place"], force, WHEN_BUSY if aid else "", rank),
                        *(station["id"], station["name"], responder),
                        *(drive, delay, fixed + delay + drive, int(ways.units[way])),
                    ),
                )


def _in_order(cost: NDArray[np.int64], station: NDArray[np.int64], first: int) -> list[int]:
    """Return the quickest way from each station, the quickest station first; ties as the ways stand."""
    chosen: dict[int, int] = {}
    for way in np.argsort(cost, kind="stable").tolist():
        if cost[way] >= FAR or len(chosen) == first:
            break
        chosen.setdefault(int(station[way]), way)
    return list(chosen.values())


def points_named(region: Region, name: str, *, every: bool = False) -> NDArray[np.int64]:
    """Return the demand points that a name stands for.

    Parameters
    ----------
    region
        Where to look.
    name
        The id of a point, or the name of a place, in small or large letters.
    every
        All points gathered under the place's name, instead of the one with most weight (first measure; of
        equals, the first).

    Raises
    ------
    InputError
        When there is none, with the nearest names.
    """
    table = region.demand.table
    known = table["id"].to_numpy(str) == name
    if known.any():
        return np.flatnonzero(known)
    places = table["place"].to_numpy(str)
    folded = np.array([place.casefold() for place in places], dtype=object)
    found = np.flatnonzero(folded == name.strip().casefold()) if name.strip() else np.empty(0, np.int64)
    if not len(found):
        raise InputError([_unknown(name, places)])
    if every:
        return found
    weight = region.demand.weights(region.study.measures[0])[found]
    return found[[int(weight.argmax())]]


def point_at(region: Region, x: float, y: float) -> tuple[int, float]:
    """Return the demand point of a force that is nearest to a place, and how far it is.

    Parameters
    ----------
    region
        Where to look.
    x, y
        Easting and northing, metres (EPSG:27700).

    Returns
    -------
    point
        Its row; of equals, the first.
    metres
        As the crow flies.
    """
    away = np.hypot(*(region.demand.xy() - (x, y)).T)
    away[~region.demand.table["force"].isin(region.study.force_names).to_numpy()] = np.inf
    point = int(away.argmin())
    return point, float(away[point])


def changed_places(before: Coverage, after: Coverage) -> NDArray[np.int64]:
    """Return where each force depends most on a first unit that comes from another force than before.

    Parameters
    ----------
    before, after
        Coverages of the same times.

    Returns
    -------
    ndarray of int64
        One demand point a force, in the forces' order; none where nothing changes. The place of the force
        with most such weight (first measure) is chosen, and in it the heaviest of these points.
    """
    region = before.times.region
    table = region.demand.table
    weight = region.demand.weights(region.study.measures[0])
    changed = (before.responder != after.responder) & (after.responder >= 0) & (weight > 0)
    moved = pd.DataFrame({"force": table["force"].to_numpy(str), "place": table["place"].to_numpy(str)})
    moved = moved.assign(weight=weight)[changed]
    found = []
    for force in region.study.force_names:
        own = moved[moved["force"] == force]
        if len(own):
            place = own.groupby("place")["weight"].sum().idxmax()
            found.append(int(own.loc[own["place"] == place, "weight"].idxmax()))
    return np.array(found, dtype=np.int64)


def _unknown(name: str, places: NDArray[np.str_]) -> Problem:
    spelled = {place.casefold(): place for place in sorted(set(places.tolist())) if place}
    close = difflib.get_close_matches(name.casefold(), list(spelled), n=3, cutoff=0.5)
    meant = f"did you mean {' or '.join(spelled[word] for word in close)}?" if close else "see places.csv"
    remedy = f"name a place of the study or the id of a demand point; {meant}"
    return Problem("place", value=name, why="is no place of this study", remedy=remedy)
