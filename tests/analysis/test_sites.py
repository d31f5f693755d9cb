"""Candidate sites: where many people are far from stations; their times as if the study had named them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

import two_counties
from borderless.analysis.basing import basing_of, own_basing
from borderless.analysis.coverage import cover
from borderless.analysis.sites import proposed_sites, with_sites
from borderless.analysis.times import ResponseTimes, response_times
from borderless.errors import BorderlessError, InputError
from borderless.region import load_region
from borderless.study.model import Candidate
from borderless.study.policy import SEPARATE
from borderless.study.read import read_study


@pytest.fixture(scope="module")
def times(tmp_path_factory: pytest.TempPathFactory) -> ResponseTimes:
    """Return the two counties with a name at every junction."""
    region = load_region(two_counties.write_files(tmp_path_factory.mktemp("two")))
    spots = region.demand.table[region.demand.table["population"] > 0]
    places = gpd.GeoDataFrame(
        {"name": spots["place"], "kind": "village"}, geometry=spots.geometry, crs=spots.crs
    )
    return response_times(replace(region, places=places))


def test_the_place_with_most_people_far_from_stations_comes_first(times: ResponseTimes) -> None:
    sites = proposed_sites(times, per_force=2)
    # East: H is 17 minutes from E1, and G just five, which is not far. West: C is 6 minutes from E1, D 4, and
    # B is 2 from N1. North: M is 2 minutes from W1.
    assert [(site.name, site.force) for site in sites] == [("Crossing", "West"), ("Hton", "East")]
    assert all(site.x == int(site.x) and site.y == int(site.y) for site in sites)


def test_sites_keep_apart_from_stations_and_each_other(times: ResponseTimes) -> None:
    sites = proposed_sites(times)
    assert len({site.id for site in sites}) == len(sites)
    assert not {site.id for site in sites} & {*times.region.stations["id"]}
    spots = [np.array([site.x, site.y]) for site in sites]
    spots += [np.array([p.x, p.y]) for p in times.region.stations.geometry]
    gaps = [np.hypot(*(a - b)) for i, a in enumerate(spots) for b in spots[:i]]
    assert min(gaps) >= 3_000


def test_without_places_there_are_no_sites(times: ResponseTimes) -> None:
    bare = replace(times.region, places=times.region.places.iloc[:0])
    assert proposed_sites(ResponseTimes(bare, times.travel_ms)) == ()


def test_added_sites_have_the_times_that_a_study_with_them_has(times: ResponseTimes, tmp_path: Path) -> None:
    sites = (*proposed_sites(times), Candidate("AAA", "Between", "West", 413_000, 300_000))
    wider = with_sites(times, sites)
    path = two_counties.write_files(tmp_path)
    extra = path.parent / "sites.toml"
    lines = [
        f'[[candidates]]\nid = "{s.id}"\nname = "{s.name}"\nforce = "{s.force}"\nx = {s.x}\ny = {s.y}'
        for s in sites
    ]
    extra.write_text("\n".join(lines), encoding="utf-8")
    named = response_times(load_region(read_study(path, [extra])))
    assert list(wider.region.stations["id"]) == list(named.region.stations["id"])
    assert np.array_equal(wider.travel_ms, named.travel_ms)
    for name, values in vars(named.region.station_snap).items():
        assert np.array_equal(getattr(wider.region.station_snap, name), values), name


def test_nothing_changes_until_a_unit_starts_at_a_site(times: ResponseTimes) -> None:
    wider = with_sites(times, proposed_sites(times))
    before, after = cover(times, SEPARATE), cover(wider, SEPARATE)
    assert np.array_equal(before.response_ms, after.response_ms)
    opened = cover(wider, replace(SEPARATE, units={"new-crossing": 1}))
    # where most people are within 2 km of C
    there = (wider.region.demand.table["id"] == "D").to_numpy()
    # three minutes of call handling and turnout, and no way to drive
    assert opened.response_ms[there].tolist() == [180_000]


def test_a_site_with_a_taken_id_is_refused(times: ResponseTimes) -> None:
    with pytest.raises(InputError, match="already"):
        with_sites(times, [Candidate("W1", "W1", "West", 413_000, 300_000)])


def test_units_guests_and_closed_stations_are_placed_as_the_scenario_says(times: ResponseTimes) -> None:
    forces = times.region.study.force_names
    row = {name: s for s, name in enumerate(times.region.stations["id"])}
    scenario = replace(SEPARATE, units={"W1": 5}, guests={("E1", "West"): 2}, closed=("N1",))
    units = basing_of(times, scenario).units
    assert units[forces.index("West"), row["W1"]] == 5
    assert units[forces.index("West"), row["E1"]] == 2
    assert units[forces.index("East"), row["E1"]] == own_basing(times).units[forces.index("East"), row["E1"]]
    assert units[:, row["N1"]].sum() == 0
    with pytest.raises(BorderlessError, match="unknown station X"):
        basing_of(times, replace(SEPARATE, closed=("X",)))
