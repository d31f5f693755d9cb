r"""Two counties in an alliance and one outside it, drawn so that every number can be worked out by hand.

One character of the drawing is 1 km, and every street is driven at 60 km/h: a character is a minute. ::

        M      N                 North (outside): station N1 at N
        |      |
        A------B----C-D-E-F----G-----------H
        West: W1 at A     |  East: E1 at F        the border runs half-way between D and E

========  ==== ==== ==== ==== ==== ==== ==== ==== ==== ====
place       A    B    C    D    E    F    G    H    M    N
people      1    2    4    8   16   32   64  128  256  512
kind        u    u    r    u    u    u    u    r    r    u      urban, rural
from W1     0    7   12   14   16   18   23   35    2    9      minutes of driving
from E1    18   11    6    4    2    0    5   17   20   13
from N1     9    2    7    9   11   13   18   30   11    0
========  ==== ==== ==== ==== ==== ==== ==== ==== ==== ====

Call handling (2) and turnout (1) add 3 minutes, a hand-over between control rooms 1 more. From the call:

==================  ==== ==== ==== ==== ==== ==== ==== ==== ==== ====
place                 A    B    C    D    E    F    G    H    M    N
separate              3   10   15   17    5    3    8   20   14    3
borderless            3   10   10   8     5    3    8   20   14    3    C: min(15, 6+3+1), D: min(17, 4+3+1)
shared stations       3   10    9   7     5    3    8   20   14    3    West's second unit waits at E1
alliance              3   10    9   7     5    3    8   20   14    3
==================  ==== ==== ==== ==== ==== ==== ==== ==== ==== ====

People within a target, who are known from the sum because each place has its own power of two. The standard
is 15 minutes for urban and 20 for rural places; the limit itself counts.

==================  ========  =====  ======  ======  ======   =========================================
separate            standard  5 min  10 min  15 min  20 min
West  (of 15)              7      1       3       7      15   D at 17 misses the standard, C at 15 meets it
East  (of 240)           240     48     112     112     240   E at 5 and H at 20 are just in time
North (of 768)           768    512     512     768     768
all   (of 1023)         1015    561     627     887    1023
borderless: West          15      1      15      15      15   C is just in time for 10 minutes
==================  ========  =====  ======  ======  ======   =========================================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from ascii_map import ascii_network
from borderless.region import Region
from borderless.roads.network import RoadNetwork
from borderless.study.model import Response
from small_regions import RESPONSE, Place, Station, small_region, small_study

#: Changes one file of the study by its name and returns the study's path.
Edit = Callable[[str, Callable[[str], str]], Path]

MAP = """
    M      N
    |      |
    A------B----C-D-E-F----G-----------H
"""
KM_PER_CHARACTER = 1
ORIGIN = (400_000.0, 300_000.0)
SIXTY_KMH = 60 / 1.609344
MINUTE = 60_000
AREAS = {
    "West": shapely.box(399_500, 299_500, 415_000, 300_500),
    "East": shapely.box(415_000, 299_500, 436_000, 300_500),
    "North": shapely.box(399_500, 300_500, 436_000, 302_500),
}
FORCE_OF = dict.fromkeys("ABCD", "West") | dict.fromkeys("EFGH", "East") | dict.fromkeys("MN", "North")
WEIGHT = {name: 1 << bit for bit, name in enumerate("ABCDEFGHMN")}
RURAL = "CHM"
STUDY = """
name = "Two counties"

[roads]
source = "nodes.csv"
edges = "edges.csv"

[stations]
file = "stations.csv"

[forces]
file = "areas.geojson"
alliance = ["West", "East"]
outside = ["North"]

[[demand]]
measure = "population"
file = "people.csv"
weight = "people"
x = "x"
y = "y"
"""
VILLAGE = {"A": "Ashby", "B": "Borton", "C": "Crossing", "D": "Crossing"} | {n: f"{n}ton" for n in "EFGHMN"}


def network() -> tuple[RoadNetwork, dict[str, int]]:
    """Return the roads and each letter's node."""
    return ascii_network(MAP, metres=1000 * KM_PER_CHARACTER, mph=SIXTY_KMH, origin=ORIGIN)


def stations(node: dict[str, int]) -> list[Station]:
    """Return W1 with two units, E1 with one unit and room for another, N1 with one."""
    return [
        Station("W1", "West", node["A"], 2),
        Station("E1", "East", node["F"], 1, 2),
        Station("N1", "North", node["N"], 1),
    ]


def places(node: dict[str, int]) -> list[Place]:
    """Return the ten places in the order of the alphabet."""
    return [
        Place(name, FORCE_OF[name], node[name], WEIGHT[name], name not in RURAL, VILLAGE[name])
        for name in WEIGHT
    ]


def region(
    *,
    partners: tuple[str, ...] = (),
    response: Response = RESPONSE,
    room_at_e1: int = 1,
    units_at_w1: int = 2,
) -> Region:
    """Return the region of the drawing, with a few levers for tests."""
    roads, node = network()
    west, east, north = stations(node)
    own = [west._replace(units=units_at_w1), east._replace(capacity=1 + room_at_e1), north]
    study = small_study(("West", "East"), ("North",), response=response)
    return small_region(study.with_partners(partners), roads, own, places(node), AREAS)


def delayed(seconds: float) -> Response:
    """Return the response settings with another hand-over time."""
    return replace(RESPONSE, cross_border_delay_s=seconds)


def letters(weight: int) -> str:
    """Return which places add up to a sum of people."""
    return "".join(name for name, bit in WEIGHT.items() if weight & bit)


def write_files(folder: Path) -> Path:
    """Write the same region as files and return its study file.

    The areas add up by hand: West 15.5 km x 1 km, East 21 km x 1 km, North 36.5 km x 2 km. So do the roads:
    West 14 + 1 + 0.5 + 0.5 km, East 20 km, North 1.5 + 1.5 km.
    """
    folder.mkdir(parents=True, exist_ok=True)
    roads, node = network()
    tail = np.repeat(np.arange(roads.node_count), np.diff(roads.first_arc))
    nodes = [f"{n},{x:.0f},{y:.0f}" for n, x, y in zip(roads.node_id, roads.x, roads.y, strict=True)]
    ends = zip(roads.node_id[tail], roads.node_id[roads.head], roads.travel_ms, strict=True)
    _write_lines(folder / "nodes.csv", "id,x,y", nodes)
    _write_lines(folder / "edges.csv", "from,to,travel_ms", [f"{u},{v},{ms}" for u, v, ms in ends])
    here = {letter: f"{roads.x[i]:.0f},{roads.y[i]:.0f}" for letter, i in node.items()}
    own = [
        f"{s.id},{s.id} station,{s.force},response,{s.units},{max(s.capacity, s.units)},"
        f"{roads.x[s.node]:.0f},{roads.y[s.node]:.0f}"
        for s in stations(node)
    ]
    _write_lines(folder / "stations.csv", "id,name,force,role,units,capacity,x,y", own)
    people = [f"{p.id},{p.force},{p.name},{int(p.urban)},{p.weight},{here[p.id]}" for p in places(node)]
    _write_lines(folder / "people.csv", "id,force,place,urban,people,x,y", people)
    areas = gpd.GeoDataFrame({"force": list(AREAS)}, geometry=list(AREAS.values()), crs="EPSG:27700")
    (folder / "areas.geojson").write_text(areas.to_json(drop_id=True), encoding="utf-8")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder / "study.toml"


def on_nodes(text: str) -> str:
    """Return a study file whose places stand on nodes."""
    return text.replace("[roads]", '[roads]\nsnap = "nodes"')


def with_node(column: list[str]) -> Callable[[str], str]:
    """Return a change that adds a column of nodes to a table."""

    def add(text: str) -> str:
        lines = text.splitlines()
        return "\n".join(f"{line},{cell}" for line, cell in zip(lines, ["node", *column], strict=True)) + "\n"

    return add


def _write_lines(path: Path, header: str, lines: list[str]) -> None:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
