"""From servers to a study folder that runs: the whole way, and every way it can end."""

from __future__ import annotations

import json
import random
import re
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from borderless.cli import app
from borderless.errors import FetchError, InputError, ProblemLog
from borderless.fetch import arcgis, extracts, overpass, police_uk, population
from borderless.fetch.deadline import Deadline
from borderless.fetch.endpoints import endpoint_table, read_endpoints
from borderless.fetch.fetch import Fetched, Plan, fetch_study
from borderless.fetch.http import BadAnswerError, Client
from borderless.fetch.pbf import check_streets
from borderless.region import load_region
from borderless.sources.osm import read_osm
from borderless.store import sha256_of
from borderless.study.read import read_study
from fake_server import Asked, FakeServer, Reply, serving
from open_data import (
    CHANGED,
    DATE,
    EAST,
    NORTH,
    SOUTH,
    WEST,
    Country,
    answer_of,
    divided,
    environment,
    grid_elements,
    routes,
    write_pbf,
)

pytestmark = pytest.mark.usefixtures("empty_cache")


@dataclass(frozen=True)
class World:
    """A country, its server, and a place for studies."""

    country: Country
    server: FakeServer
    folder: Path
    log: ProblemLog

    def fetch(
        self, *alliance: str, deadline_s: float = 60.0, refresh: bool = False, **more: object
    ) -> Fetched:
        given = {"outside": (), "out": self.folder / "study", "guard_band_km": 0.5, **more}
        plan = Plan(alliance or ("Northshire", "Southshire"), **given)  # type: ignore[arg-type]
        client = Client(Deadline.after(deadline_s), self.log, refresh=refresh, sleep=lambda _: None)
        return fetch_study(plan, client, read_endpoints(None, environment(self.server.url)))


@pytest.fixture
def world(country: Country, tmp_path: Path) -> Iterator[World]:
    with serving(routes(country)) as server:
        yield World(country, server, tmp_path, ProblemLog())


@pytest.mark.parametrize("use_overpass", [False, True])
def test_the_folder_loads_as_a_study(use_overpass: bool, world: World) -> None:
    made = world.fetch(use_overpass=use_overpass, months=("2026-09",))
    region = load_region(made.study)
    assert region.study.alliance == ("Northshire", "Southshire")
    everyone = sum(people for _, _, people in world.country.people.values())
    assert region.demand.table["population"].sum() == made.people == everyone
    assert region.demand.table["incidents"].sum() == 4
    assert list(region.stations["name"]) == ["Northtown Police Station", "Police, Gridby"]
    assert list(region.stations["force"]) == ["Northshire", "Southshire"]
    assert region.stations["units"].tolist() == [1, 1]


@pytest.mark.parametrize("use_overpass", [False, True])
def test_roads_are_those_of_the_whole_country_whatever_they_came_in(
    use_overpass: bool, world: World, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.osm.pbf"
    write_pbf(whole, world.country.elements)
    made = world.fetch(use_overpass=use_overpass)
    nodes, streets = read_osm(made.study.with_name("roads.osm.pbf"), ProblemLog())
    all_nodes, all_streets = read_osm(whole, ProblemLog())
    pd.testing.assert_frame_equal(nodes, all_nodes)
    pd.testing.assert_frame_equal(pd.DataFrame(streets), pd.DataFrame(all_streets))
    assert made.streets == len(all_streets)


def test_a_second_run_asks_nothing_and_gives_the_same_bytes(world: World) -> None:
    first = world.fetch(months=("2026-08", "2026-09"))
    asked = len(world.server.requests)
    second = world.fetch(months=("2026-08", "2026-09"), out=world.folder / "again")
    assert len(world.server.requests) == asked
    assert max(world.server.counts().values()) == world.server.counts()["/centroids/0/query"]
    assert len({(one.path, tuple(one.query.items())) for one in world.server.requests}) == asked
    for before, after in zip(first.files, second.files, strict=True):
        assert before.name == "sources.json" or before.read_bytes() == after.read_bytes()
    world.fetch(months=("2026-08", "2026-09"), out=world.folder / "anew", refresh=True)
    assert len(world.server.requests) == 2 * asked


def test_every_source_is_recorded_with_licence_checksum_and_date(world: World) -> None:
    made = world.fetch()
    record = json.loads(made.study.with_name("sources.json").read_text(encoding="utf-8"))
    table = endpoint_table()
    assert {one["endpoint"] for one in record["sources"]} == {"extracts", "forces", "centroids", "population"}
    for one in record["sources"]:
        assert one["licence"] == table[one["endpoint"]].licence
        assert one["url"].startswith(world.server.url)
        assert len(one["sha256"]) == 64
        assert one["bytes"] > 0
        assert datetime.fromisoformat(one["fetched"])
    roads = [one for one in record["sources"] if one["what"].startswith("extract of")]
    assert {one["source_date"] for one in roads} == {DATE}
    assert {one["last_modified"] for one in roads} == {CHANGED}
    assert record["files"] == {
        path.name: sha256_of(path) for path in made.files if path.name != "sources.json"
    }
    study = tomllib.loads(made.study.read_text(encoding="utf-8"))
    assert study["sources"] == [
        table[name].attribution for name in ("forces", "extracts", "centroids", "population")
    ]
    assert study["endpoints"]["forces"] == f"{world.server.url}/forces/0"
    readme = made.study.with_name("README.md").read_text(encoding="utf-8")
    assert all(line in readme for line in study["sources"])
    assert "**draft**" in readme


def test_stations_are_a_draft_whose_names_no_spreadsheet_takes_for_formulas(world: World) -> None:
    table = pd.read_csv(world.fetch().study.with_name("stations.csv"), dtype=str, keep_default_na=False)
    assert list(table.columns) == ["id", "name", "force", "role", "units", "lon", "lat"]
    assert set(table["role"]) == {""}
    assert set(table["units"]) == {"1"}
    assert table["name"].tolist() == ["Northtown Police Station", "Police, Gridby"]
    assert table["id"].str.match(r"[nw]\d+").all()


def test_neighbours_count_only_when_they_are_named(world: World) -> None:
    made = world.fetch("Northshire Police", outside=("SOUTHSHIRE",))
    study = read_study(made.study)
    assert (study.alliance, study.forces.outside) == (("Northshire",), ("Southshire",))
    alone = read_study(world.fetch("Northshire", out=world.folder / "alone").study)
    assert alone.forces.outside == ()
    # the neighbour's area is there all the same, so that its people do not count as one's own
    areas = json.loads((world.folder / "alone" / "forces.geojson").read_text(encoding="utf-8"))
    assert [one["properties"]["force"] for one in areas["features"]] == ["Northshire", "Southshire"]


@pytest.mark.parametrize(
    ("alliance", "outside", "why"),
    [
        (("Northshir",), (), "did you mean Northshire?"),
        (("Atlantis",), (), "known are: Farshire; Northshire; Southshire"),
        (("Northshire", "northshire police"), (), "named more than once"),
        (("Northshire",), ("Northshire",), "named more than once"),
    ],
)
def test_forces_are_known_by_name(
    alliance: tuple[str, ...], outside: tuple[str, ...], why: str, world: World
) -> None:
    with pytest.raises(InputError, match=re.escape(why)):
        world.fetch(*alliance, outside=outside)
    assert not (world.folder / "study").exists()


def test_files_are_only_overwritten_when_told_so_and_nothing_is_asked_before(world: World) -> None:
    out = world.folder / "study"
    out.mkdir()
    (out / "stations.csv").write_text("mine")
    with pytest.raises(InputError, match=r"already holds stations\.csv.*--force"):
        world.fetch()
    assert world.server.requests == []
    assert (out / "stations.csv").read_text() == "mine"
    world.fetch(force=True)
    assert (out / "stations.csv").read_text().startswith("id,name")


@pytest.mark.parametrize(
    ("path", "use_overpass"),
    [
        ("/forces/0", False),
        ("/forces/0/query", False),
        ("/index-v1.json", False),
        ("/extracts/Northshire-latest.osm.pbf", False),
        ("/overpass", True),
        ("/centroids/0", False),
        ("/population", False),
        ("/police", False),
    ],
)
@pytest.mark.parametrize("fault", ["504", "403", "web page"])
def test_whatever_cannot_be_had_nothing_is_written(
    path: str, use_overpass: bool, fault: str, world: World
) -> None:
    world.server.always[path] = fault
    with pytest.raises(FetchError, match=r"127\.0\.0\.1:\d+ (answered|sent).* → .*local|unpack"):
        world.fetch(use_overpass=use_overpass, months=("2026-09",))
    assert not (world.folder / "study").exists()


def test_an_extract_without_a_checksum_is_taken_with_a_notice(world: World) -> None:
    del world.server.routes["/extracts/Northshire-latest.osm.pbf.md5"]
    world.server.routes["/extracts/Northshire-latest.osm.pbf.md5"] = lambda _: Reply(b"", status=404)
    world.fetch()
    assert [one.file for one in world.log if "no checksum" in one.why] == ["Northshire"]


def test_an_extract_that_is_not_the_one_of_its_checksum_is_refused(world: World) -> None:
    md5 = Reply(b"0" * 32 + b"  Northshire-latest.osm.pbf")
    world.server.routes["/extracts/Northshire-latest.osm.pbf.md5"] = lambda _: md5
    with pytest.raises(FetchError, match="not the one of its checksum; asked 5 times"):
        world.fetch()


def test_a_checksum_of_the_day_before_is_asked_for_again(world: World) -> None:
    path = "/extracts/Northshire-latest.osm.pbf.md5"
    today, yesterday = world.server.routes[path], Reply(b"0" * 32)
    world.server.routes[path] = lambda asked: yesterday if world.server.counts()[path] == 1 else today(asked)
    world.fetch()
    assert world.server.counts()[path] == 2


def test_a_force_without_a_police_site_or_a_month_without_a_file_is_told(world: World) -> None:
    country = replace(
        world.country,
        elements=tuple(one for one in world.country.elements if "=Northtown" not in str(one["tags"])),
        months=("2026-09",),
    )
    world.server.routes.update(routes(country))
    made = world.fetch(use_overpass=True, months=("2026-08", "2026-09"))
    told = [f"{problem.why}{problem.value}" for problem in world.log]
    assert "OpenStreetMap knows no police site in Northshire" in told
    assert "has no such file2026-08-northshire-street.csv" in told
    assert made.stations == 1


def test_months_are_months(world: World) -> None:
    with pytest.raises(InputError, match="is no month"):
        world.fetch(months=("2026-13", "September"))
    with pytest.raises(FetchError, match="answered 404"):
        world.fetch(months=("2019-01",))
    assert not (world.folder / "study").exists()


def test_the_deadline_is_for_the_whole_command(world: World) -> None:
    world.server.always["/centroids"] = "drip in the headers"
    began = time.monotonic()
    with pytest.raises(FetchError, match="all the time there was"):
        world.fetch(deadline_s=4)
    assert time.monotonic() - began < 5
    assert not (world.folder / "study").exists()


def test_a_force_without_a_street_is_refused(world: World) -> None:
    between_streets = shapely.box(-0.6595, 52.6305, -0.6585, 52.6315)
    forces = {**world.country.forces, "Isleshire": between_streets}
    world.server.routes.update(routes(replace(world.country, forces=forces)))
    with pytest.raises(FetchError, match="has no street in Isleshire"):
        world.fetch("Isleshire", "Northshire")


def test_roads_that_a_study_could_not_read_are_refused(world: World, tmp_path: Path) -> None:
    abroad = (-12.0, 52.63, -11.94, 52.67)
    write_pbf(tmp_path / "abroad.osm.pbf", grid_elements(*abroad))
    world.server.routes.update(routes(divided(tmp_path / "abroad.osm.pbf", abroad, 52.65, tmp_path)))
    with pytest.raises(FetchError, match=r"roads that cannot be read: .*outside Great Britain"):
        world.fetch(use_overpass=True)


RUTLAND = Path(__file__).parents[3] / "shared" / "real" / "roads" / "rutland.osm.pbf"


@pytest.mark.real
@pytest.mark.skipif(not RUTLAND.is_file(), reason="the real data are not beside the repository")
@pytest.mark.parametrize("use_overpass", [False, True])
def test_rutland_comes_out_of_its_two_halves_and_runs(use_overpass: bool, tmp_path: Path) -> None:
    country = divided(RUTLAND, (-0.823, 52.524, -0.428, 52.761), 52.69, tmp_path)
    with serving(routes(country)) as server:
        world = World(country, server, tmp_path, ProblemLog())
        made = world.fetch(use_overpass=use_overpass, guard_band_km=1)
    fetched, whole = (
        read_osm(path, ProblemLog()) for path in (made.study.with_name("roads.osm.pbf"), RUTLAND)
    )
    (nodes, streets), (all_nodes, all_streets) = fetched, whole
    # barriers, signals and signs come along
    assert len(nodes) == len(all_nodes)
    assert (nodes["control"] != "").sum() == (all_nodes["control"] != "").sum() > 0
    # OSMnx's queries for Overpass ask for no relations
    assert len(fetched.restrictions) == (0 if use_overpass else len(whole.restrictions))
    assert streets["length_m"].sum() == pytest.approx(all_streets["length_m"].sum(), rel=1e-9)
    assert load_region(made.study).study.alliance == ("Northshire", "Southshire")
    if use_overpass:
        return
    done = CliRunner().invoke(app, ["run", str(made.study), "--out", str(tmp_path / "maps")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "maps" / "index.html").stat().st_size > 100_000


GARBAGE = (b"null", b"{}", b"[]", b"-1", b"1e999", b'""', b"NaN", b"true", b"\x00", b"\xff\xfe", b",", b"\n")


def garbled(body: bytes, chance: random.Random) -> bytes:
    """Return a body with a few places flipped, replaced, put in or cut out."""
    raw = bytearray(body)
    for _ in range(chance.randint(1, 3)):
        place, how = chance.randrange(len(raw)), chance.randrange(4)
        if how == 0:
            raw[place] ^= 1 << chance.randrange(8)
        else:
            end = place + (0, chance.randint(1, 20), chance.randint(1, 200))[how - 1]
            raw[place:end] = chance.choice(GARBAGE) if how < 3 else b""
    return bytes(raw) or b" "


def test_garbled_answers_are_told_as_bad_and_as_nothing_else(country: Country, tmp_path: Path) -> None:
    served, file = routes(country), tmp_path / "answer"
    area = shapely.box(WEST, SOUTH, EAST, NORTH)
    rows = {"resultOffset": "0", "resultRecordCount": "9", "orderByFields": "PFA26CD"}
    rows["outFields"] = "PFA26CD,PFA26NM"
    people = {"recordoffset": "0", "recordlimit": "99"}
    few = answer_of(grid_elements(WEST, SOUTH, WEST + 0.004, SOUTH + 0.004))
    page = served["/forces/0"](Asked("/forces/0/query", rows, {}, {})).body
    checks: list[tuple[bytes, Callable[[Path], None]]] = [
        (served["/index-v1.json"](Asked("", {}, {}, {})).body, extracts.check_index),
        (few, lambda path: overpass.check_answer(path, area, streets=True, must=True)),
        (page, arcgis._page_check("PFA26CD", "PFA26NM", {}, 3)),
        (served["/forces/0"](Asked("/forces/0", {}, {}, {})).body, arcgis._check_layer),
        (served["/population"](Asked("", people, {}, {})).body, population._page_check({})),
        (served["/police"](Asked("/police/2026-09.zip", {}, {}, {})).body, police_uk._check_archive),
        (country.extracts["Northshire"][1], lambda path: check_streets(path, area)),
    ]
    for number, (body, check) in enumerate(checks):
        file.write_bytes(body)
        check(file)
        refused = 0
        for seed in range(100):
            file.write_bytes(garbled(body, random.Random(f"{number} {seed}")))
            try:
                check(file)
            except BadAnswerError:
                refused += 1
        assert refused > 20, number
