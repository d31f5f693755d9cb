"""Bad inputs that are too large, or too binary, to be kept as files: one function each, named in `cases.csv`.

Each writes the file of a case to `path`; the study of two counties lies in the same folder.
"""

from __future__ import annotations

import gzip
import sqlite3
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import osmium
import pandas as pd
import pyogrio
import shapely


def gzip_bomb(path: Path) -> None:
    """Write a hundred kilobytes that unpack to a hundred megabytes."""
    with gzip.GzipFile(path, "wb", mtime=0) as stream:
        stream.write(b"id,name,force,role,units,capacity,x,y\n")
        for _ in range(100):
            stream.write(b"0" * 1_000_000)


def folder(path: Path) -> None:
    """Put a folder where a file should be."""
    path.unlink()
    path.mkdir()


def nothing(path: Path) -> None:
    """Leave no file at all."""
    path.unlink()


def archive_that_leads_out(path: Path) -> None:
    """Write an archive whose file would land beside the folder it is unpacked to."""
    _archive(path, "../2024-01-west-street.csv")


def archive_with_an_absolute_path(path: Path) -> None:
    """Write an archive whose file would land somewhere else on the disk."""
    _archive(path, "/etc/2024-01-west-street.csv")


def archive_with_a_link(path: Path) -> None:
    """Write an archive that holds a link to another file."""
    link = zipfile.ZipInfo("2024-01-west-street.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")


def archive_bomb(path: Path) -> None:
    """Write an archive of a hundred kilobytes that unpacks to a hundred megabytes."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("2024-01-west-street.csv", "w") as stream,
    ):
        for _ in range(100):
            stream.write(b"0" * 1_000_000)


def archive_cut_short(path: Path) -> None:
    """Write an archive whose download stopped half-way."""
    _archive(path, "2024-01-west-street.csv")
    _cut(path)


def archive_without_street_files(path: Path) -> None:
    """Write an archive of outcomes, which have no street files among them."""
    _archive(path, "2024-01/2024-01-west-outcomes.csv")


def areas_without_system(path: Path) -> None:
    """Write force areas in a GeoPackage that does not say what its coordinates mean."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _areas(path).set_crs(None, allow_override=True).to_file(path)


def areas_cut_short(path: Path) -> None:
    """Write force areas whose download stopped half-way."""
    _areas(path).to_file(path)
    _cut(path)


def areas_without_shapes(path: Path) -> None:
    """Write a GeoPackage that holds a table and no areas."""
    pyogrio.write_dataframe(pd.DataFrame({"force": ["West", "East", "North"]}), path)


def areas_without_layers(path: Path) -> None:
    """Write a GeoPackage whose only layer was taken out."""
    _areas(path).to_file(path)
    with sqlite3.connect(path) as database:
        for table in ("gpkg_contents", "gpkg_geometry_columns"):
            database.execute(f"DELETE FROM {table}")
        database.execute("DROP TABLE areas")


def shapefile_without_prj(path: Path) -> None:
    """Write a shapefile sent without the file that names its coordinate system."""
    _areas(path).to_file(path)
    path.with_suffix(".prj").unlink()


def shapefile_without_dbf(path: Path) -> None:
    """Write a shapefile sent without its table."""
    _areas(path).to_file(path)
    path.with_suffix(".dbf").unlink()


def shapefile_cut_short(path: Path) -> None:
    """Write a shapefile whose shapes stop half-way."""
    _areas(path).to_file(path)
    _cut(path)


def pbf_cut_short(path: Path) -> None:
    """Write an OpenStreetMap extract whose download stopped half-way."""
    with osmium.SimpleWriter(str(path)) as writer:
        for number in range(20_000):
            node = osmium.osm.mutable.Node(id=number + 1, location=(-2 + number / 1e5, 52 + number / 1e5))
            writer.add_node(node)
        way = osmium.osm.mutable.Way(id=1, nodes=list(range(1, 1_000)), tags={"highway": "primary"})
        writer.add_way(way)
    _cut(path)


def roads_without_edges(path: Path) -> None:
    """Write a road network in a GeoPackage of which only the junctions were saved."""
    _nodes(path).to_file(path, layer="nodes")


def roads_of_points(path: Path) -> None:
    """Write a road network whose streets are points."""
    _roads(path, shapely.Point(400_000, 300_000), "B")


def roads_to_nowhere(path: Path) -> None:
    """Write a road network with a street to a junction that is not there."""
    _roads(path, shapely.LineString([(400_000, 300_000), (401_000, 300_000)]), "nowhere")


def roads_cut_short(path: Path) -> None:
    """Write a road network whose download stopped half-way."""
    roads_to_nowhere(path)
    _cut(path)


def _archive(path: Path, member: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, "Month,Longitude,Latitude\n2024-01,-1.9,52.6\n" * 100)


def _areas(path: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(path.parent / "areas.geojson")


def _nodes(path: Path) -> gpd.GeoDataFrame:
    nodes = pd.read_csv(path.parent / "nodes.csv", dtype={"id": str})
    places = gpd.points_from_xy(nodes["x"], nodes["y"])
    return gpd.GeoDataFrame({"osmid": nodes["id"]}, geometry=places, crs="EPSG:27700")


def _roads(path: Path, shape: shapely.Geometry, end: str) -> None:
    roads_without_edges(path)
    edge = {"u": ["A"], "v": [end], "highway": ["primary"], "length": [1000.0]}
    gpd.GeoDataFrame(edge, geometry=[shape], crs="EPSG:27700").to_file(path, layer="edges")


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
