"""Forces are found by the names people use, and their areas are fit for a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

from borderless.errors import InputError, ProblemLog
from borderless.fetch.deadline import Deadline
from borderless.fetch.endpoints import Endpoint
from borderless.fetch.forces import Wanted, fetch_forces, match_forces
from borderless.fetch.http import Client
from fake_server import serving
from open_data import Country, routes

KNOWN = ("Avon and Somerset", "Leicestershire", "London, City of", "Metropolitan Police", "Nottinghamshire")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("Leicestershire", "Leicestershire"),
        ("leicestershire  POLICE", "Leicestershire"),
        ("Leicestershire Constabulary", "Leicestershire"),
        ("Avon & Somerset", "Avon and Somerset"),
        ("Metropolitan Police", "Metropolitan Police"),
        ("Metropolitan", "Metropolitan Police"),
        ("London, City of", "London, City of"),
    ],
)
def test_names_are_found_as_people_write_them(given: str, meant: str) -> None:
    assert match_forces([given], [], KNOWN) == ((meant,), ())
    assert match_forces([next(one for one in KNOWN if one != meant)], [given], KNOWN)[1] == (meant,)


def test_unknown_names_are_told_together_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        match_forces(["Nottingamshire", "Narnia"], ["Leicestershir"], KNOWN)
    told = [problem.remedy for problem in caught.value.problems]
    assert told[0].startswith("did you mean Nottinghamshire?")
    assert told[1].startswith("known are: Avon and Somerset; Leicestershire;")
    assert told[2].startswith("did you mean Leicestershire?")


def test_an_alliance_of_nobody_is_refused() -> None:
    with pytest.raises(InputError, match="no force is named"):
        match_forces([], ["Leicestershire"], KNOWN)


def fetched(country: Country, log: ProblemLog, alliance: Sequence[str], band_km: float) -> Wanted:
    with serving(routes(country)) as server:
        endpoint = Endpoint("forces", f"{server.url}/forces/0", "", "", "", "")
        client = Client(Deadline.after(60), log, sleep=lambda _: None)
        return fetch_forces(client, endpoint, alliance, (), band_km)


@pytest.mark.usefixtures("empty_cache")
def test_the_area_has_a_band_of_the_given_width_around_the_forces(country: Country) -> None:
    wanted = fetched(country, ProblemLog(), ["Southshire"], 5.0)
    plane = gpd.GeoSeries([wanted.forces, wanted.area], crs="EPSG:4326").to_crs("EPSG:27700")
    gap = plane.iloc[0].boundary.hausdorff_distance(plane.iloc[1].boundary)
    assert 4_700 < plane.iloc[1].boundary.distance(plane.iloc[0]) <= 5_000
    assert gap < 5_500
    assert wanted.areas["force"].tolist() == ["Northshire", "Southshire"]


@pytest.mark.usefixtures("empty_cache")
def test_an_outline_that_crosses_itself_is_mended_and_told(country: Country) -> None:
    bow = shapely.Polygon([(-0.66, 52.63), (-0.60, 52.65), (-0.60, 52.63), (-0.66, 52.65)])
    log = ProblemLog()
    wanted = fetched(replace(country, forces={**country.forces, "Southshire": bow}), log, ["Southshire"], 1.0)
    assert wanted.areas.geometry.is_valid.all()
    assert [problem.value for problem in log if problem.severity == "repair"] == ["Southshire"]


@pytest.mark.usefixtures("empty_cache")
def test_points_instead_of_areas_are_refused(country: Country) -> None:
    point = shapely.Point(-0.6, 52.64)
    with pytest.raises(InputError, match=r"no areas \(Point"):
        fetched(replace(country, forces={"Southshire": point}), ProblemLog(), ["Southshire"], 1.0)
