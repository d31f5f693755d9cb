"""Sample files of every format, damaged in a thousand ways, and a process that reads them under watch."""

from __future__ import annotations

import faulthandler
import gzip
import json
import os
import random
import resource
import shutil
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

HANGS_AFTER_S = 10
#: Beyond what the process takes before the first file.
MEMORY_LIMIT_BYTES = 4_000_000_000
#: What is damaged; the other files of its study are sound.
NETWORKS = (
    *("roads.osm.pbf", "plain.osm.pbf", "roads.osm", "roads.graphml", "roads.gpkg"),
    *("nodes.csv", "edges.csv.gz"),
)
TABLES = (
    *("areas.gpkg", "areas.geojson", "areas.geojson.gz", "stations.csv", "people.csv.gz"),
    "study.toml",
)
CACHE = "cache entry"
SAMPLES = (*NETWORKS, *TABLES, CACHE)


def damaged(name: str, content: bytes, seed: int) -> bytes:
    """Return a file with some bytes changed, cut off, left out or doubled; the same for the same seed.

    Of compressed files, every other is damaged inside a sound wrapping.
    """
    chance = random.Random(f"{name} {seed}")
    if seed % 2 and name.endswith(".gz"):
        return gzip.compress(_damaged(gzip.decompress(content), chance), 1, mtime=0)
    return _damaged(content, chance)


def _damaged(content: bytes, chance: random.Random) -> bytes:
    how, at = chance.random(), chance.randrange(len(content))
    if how < 0.25:
        return content[:at]
    length = min(chance.choice((1, 4, 64, 4096)), len(content) - at)
    if how < 0.35:
        return content[:at] + content[at + length :]
    if how < 0.45:
        return content[: at + length] + content[at:]
    changed = bytearray(content)
    for _ in range(chance.choice((1, 2, 8, 64))):
        # near each other, so that some of them meet in one number or name
        place = min(max(0, int(chance.gauss(at, 40))), len(content) - 1)
        changed[place] ^= chance.randrange(1, 256)
    return bytes(changed)


def write_samples(folder: Path) -> None:
    """Write a sound sample of every format."""
    import geopandas as gpd  # noqa: PLC0415 - the imports of the process under watch are told apart from its work
    import networkx as nx  # noqa: PLC0415
    import osmium  # noqa: PLC0415

    import two_counties  # noqa: PLC0415
    from ascii_map import ascii_tables  # noqa: PLC0415

    two_counties.write_files(folder)
    for name in ("people.csv", "edges.csv", "areas.geojson"):
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes(), mtime=0))
    gpd.read_file(folder / "areas.geojson").to_file(folder / "areas.gpkg")
    nodes, streets = ascii_tables(two_counties.MAP, highway="primary", origin=two_counties.ORIGIN)
    nodes = gpd.GeoDataFrame(nodes, geometry=gpd.points_from_xy(nodes["x"], nodes["y"]), crs="EPSG:27700")
    place = nodes.to_crs("EPSG:4326").geometry
    ends = list(zip(streets["tail"], streets["head"], streets["length_m"], strict=True))
    graph: Any = nx.MultiDiGraph(crs="EPSG:4326")
    for number, point in enumerate(place):
        graph.add_node(number, x=point.x, y=point.y)
    for tail, head, length in ends:
        line = f"LINESTRING ({place[tail].x} {place[tail].y}, {place[head].x} {place[head].y})"
        named = {"highway": "['primary', 'trunk']", "maxspeed": "30 mph", "geometry": line, "length": length}
        graph.add_edge(int(tail), int(head), **named)
        graph.add_edge(int(head), int(tail), **named)
    nx.write_graphml(graph, folder / "roads.graphml")
    nodes.rename(columns={"id": "osmid"})[["osmid", "geometry"]].to_file(folder / "roads.gpkg", layer="nodes")
    edges = streets.assign(
        u=nodes["id"].to_numpy()[streets["tail"]], v=nodes["id"].to_numpy()[streets["head"]]
    )
    edges = edges.assign(length=edges["length_m"], oneway="no")
    edges[["u", "v", "highway", "oneway", "length", "geometry"]].to_file(folder / "roads.gpkg", layer="edges")
    plain = osmium.io.File(str(folder / "plain.osm.pbf"), "pbf,pbf_compression=none,pbf_dense_nodes=false")
    for file in (str(folder / "roads.osm.pbf"), str(folder / "roads.osm"), plain):
        with osmium.SimpleWriter(file, overwrite=True) as writer:
            for number, point in enumerate(place):
                at = (point.x, point.y)
                writer.add_node(osmium.osm.mutable.Node(id=number + 1, version=1, location=at))
            for number, (tail, head, _) in enumerate(ends):
                tags = {"highway": "primary", "maxspeed": "GB:nsl_single", "name": "Ü", "ref": "A 6"}
                way = osmium.osm.mutable.Way(
                    id=number + 1, version=1, nodes=[int(tail) + 1, int(head) + 1], tags=tags
                )
                writer.add_way(way)


def _reader(name: str, folder: Path) -> tuple[Path, Callable[[], object]]:
    """Return which file is damaged, and what reads it."""
    import borderless as bl  # noqa: PLC0415

    study = folder / "study.toml"
    if name == "nodes.csv":
        return folder / name, lambda: bl.load_network(folder / name, folder / "edges.csv")
    if name == "edges.csv.gz":
        return folder / name, lambda: bl.load_network(folder / "nodes.csv", folder / name)
    if name in NETWORKS:
        return folder / name, lambda: bl.load_network(folder / name)
    text = study.read_text(encoding="utf-8")
    for plain in ("areas.geojson", "people.csv"):
        if name.startswith(plain.partition(".")[0]):
            text = text.replace(plain, name)
    study.write_text(text, encoding="utf-8")
    bl.load_region(study)
    if name == CACHE:
        (entry,) = Path(os.environ["BORDERLESS_CACHE"]).glob("network-*")
        return entry, lambda: bl.load_region(study)
    return folder / name, lambda: bl.load_region(study)


def read_damaged(name: str, folder: Path, seeds: range) -> None:
    """Read damaged files one after another, and print what each ends in, a line of JSON each.

    A seed comes before its file, a fault after one that ends in anything but success or an error of the
    project, and an account at the end. A hang or a crash ends the process.
    """
    from borderless.cache import CacheWarning  # noqa: PLC0415
    from borderless.errors import BorderlessError  # noqa: PLC0415

    file, read = _reader(name, folder)
    sound = file.read_bytes()
    read()
    refused = warned = 0
    for seed in seeds:
        _say(seed=seed)
        file.write_bytes(damaged(name, sound, seed))
        faulthandler.dump_traceback_later(HANGS_AFTER_S, exit=True)
        try:
            with warnings.catch_warnings(record=True) as told:
                # what libraries warn of is no fault
                warnings.simplefilter("ignore")
                warnings.simplefilter("always", CacheWarning)
                read()
        except BorderlessError as error:
            refused += 1
            if not str(error).strip():
                _say(fault=_described(error))
        except Exception as error:  # noqa: BLE001 - all of them are what is looked for
            _say(fault=_described(error))
        finally:
            faulthandler.cancel_dump_traceback_later()
        warned += len(told)
    _say(refused=refused, warned=warned, largest_kb=_largest_kb())


def _largest_kb() -> int:
    """Return the most memory this program ever had; what the kernel counts goes back to who started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def _address_space() -> int:
    pages: Any = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    return int(pages) * resource.getpagesize()


def _described(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "borderless" in frame.filename] or frames
    place = f"{Path(own[-1].filename).name}:{own[-1].lineno} in {own[-1].name}"
    return f"{type(error).__name__}: {error} ({place})"[:400]


def _say(**what: object) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201


def _main(samples: str, place: str, jobs: str) -> None:
    faulthandler.enable()
    limited = False
    for name, first, end in json.loads(jobs):
        _say(name=name)
        folder = Path(place) / name / "study"
        shutil.copytree(samples, folder)
        os.environ["BORDERLESS_CACHE"] = str(Path(place) / name / "cache")
        if not limited:
            import borderless  # noqa: F401, PLC0415 - its libraries take room of their own

            limit = _address_space() + MEMORY_LIMIT_BYTES
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            limited = True
        read_damaged(name, folder, range(first, end))


if __name__ == "__main__":
    _main(*sys.argv[1:])
