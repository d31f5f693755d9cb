"""One table of demand points: weights side by side, the force, town or country, the nearest place name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from borderless.errors import ProblemLog
from borderless.roads.lived import LivedStreets, home_points
from borderless.roads.settlements import find_settlements
from borderless.study.model import Cells, Measure, Study

GRID = "EPSG:27700"
NO_FORCE = ""
_SLIVER_M = 200.0
_FAR_CLAIM_M = 2_000.0
_SAMPLE_M = 250.0
# with fewer of their metres residential, streets have no classes that tell where people live
_LEAST_RESIDENTIAL = 0.05
_PLACE_KINDS = ("city", "town", "village", "hamlet", "suburb", "neighbourhood", "quarter")


@dataclass(frozen=True)
class DemandPoints:
    """Places that stand for calls, people, area and roads.

    Parameters
    ----------
    table
        One row a point, EPSG:27700: id, force (empty: in a gap between areas), urban (bool), place, node
        (text), one int64 column for each measure, geometry: of an area the middle of its streets, see
        :func:`borderless.roads.lived.home_points`. Ordered by force, northing, easting.
    measures
        The measures, in the study's order.
    """

    table: gpd.GeoDataFrame
    measures: tuple[Measure, ...]

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.table)

    def weights(self, measure: Measure) -> NDArray[np.int64]:
        """Return the weights of a measure, whole numbers, shape (points,)."""
        return np.asarray(self.table[measure.column], dtype=np.int64)

    def xy(self) -> NDArray[np.float64]:
        """Return coordinates in metres, shape (points, 2)."""
        return shapely.get_coordinates(self.table.geometry.to_numpy())

    def keep(self, kept: NDArray[np.bool_]) -> DemandPoints:
        """Return only the points where `kept` is true."""
        return replace(self, table=self.table[kept].reset_index(drop=True))


def gather_demand(
    given: Sequence[tuple[Measure, pd.DataFrame]],
    areas: gpd.GeoDataFrame,
    roads: gpd.GeoSeries | None,
    places: gpd.GeoDataFrame,
    study: Study,
    *,
    lived: LivedStreets | None = None,
    log: ProblemLog,
) -> DemandPoints:
    """Bring all demand into one table.

    Parameters
    ----------
    given
        Measures with their points, as :func:`borderless.sources.demand.read_demand` returns them.
    areas
        Force areas, with neighbours where the file has them.
    roads
        Street lines whose length is demand too; not needed when the study gives its own ``road_km``.
    places
        Named places.
    study
        Which forces count, the squares and the rule for towns.
    lived
        Where people live along the streets; without it areas stand at their centres, and squares decide
        what is urban.
    log
        Where notices go.

    Returns
    -------
    DemandPoints
        Points of the study's forces and of gaps between areas. Points in other forces' areas or beyond
        all areas are left out and counted in a notice.
    """
    points = _merge(given)
    _notice_strange_forces(points, areas, log)
    home = points[["x", "y"]].to_numpy(dtype=np.float64)
    if lived is not None:
        middle = home_points(lived, home[:, 0], home[:, 1], points["area_ha"])
        home = np.where(np.isnan(middle), home, middle)
    is_urban = _towns(points.assign(x=home[:, 0], y=home[:, 1]), lived, study.cells, log)
    points["home_x"], points["home_y"] = home.T
    if "population" not in points and (points["urban"] < 0).any():
        why = "without a measure called population no place is known to be a town; the rural target holds"
        log.notice("demand", why, "name that measure population, or add an urban column")
    _refuse_far_claims(points, areas, log)
    points["force"] = force_of_points(points[["x", "y"]].to_numpy(), points["force"].to_numpy(str), areas)
    points = _at_home(_of_the_study(points, study, log), log)
    names = {measure.name for measure, _ in given}
    squares = _squares(areas[areas["force"].isin(study.force_names)], study.cells.size_km)
    if "area_km2" not in names:
        points = pd.concat([points, squares.assign(area_m2=_area_m2(squares))])
    if "road_km" not in names and roads is not None:
        points = pd.concat([points, squares.assign(road_m=_road_m(squares, roads, study.cells.size_km))])
    points = _one_row_a_place(points.drop(columns="piece", errors="ignore"), study.every_measure)
    points["urban"] = np.where(points["urban"] >= 0, points["urban"] > 0, is_urban(points)).astype(bool)
    points["place"] = np.where(points["place"] != "", points["place"], nearest_place(points, places))
    return DemandPoints(_table(points, study.every_measure), study.every_measure)


def force_of_points(
    xy: NDArray[np.float64], given: NDArray[np.str_], areas: gpd.GeoDataFrame
) -> NDArray[np.str_]:
    """Return the force each point belongs to.

    Parameters
    ----------
    xy
        Coordinates, metres, shape (points, 2).
    given
        Forces named by the file; they are believed when such an area exists.
    areas
        Columns force and geometry, sorted by force.

    Returns
    -------
    ndarray of str
        A point in two overlapping areas belongs to the first by name; one in a sliver (up to 200 m from an
        area) to the nearest area; one in a larger hole to no force (empty); one beyond all areas is ``"-"``.
    """
    names = areas["force"].to_numpy(str)
    shapes = areas.geometry.to_numpy()
    force = np.where(np.isin(given, names), given, "-").astype(object)
    open_ = np.flatnonzero(force == "-")
    tree = shapely.STRtree(shapes)
    point, area = tree.query(shapely.points(xy[open_]), predicate="intersects")
    order = np.argsort(area, kind="stable")[::-1]
    force[open_[point[order]]] = names[area[order]]
    open_ = open_[force[open_] == "-"]
    if len(open_):
        near = shapely.points(xy[open_])
        point, area = tree.query_nearest(near, max_distance=_SLIVER_M, all_matches=False)
        force[open_[point]] = names[area]
        open_ = open_[force[open_] == "-"]
    if len(open_):
        parts = shapely.get_parts(shapely.union_all(shapes))
        filled = shapely.union_all([shapely.Polygon(part.exterior) for part in parts])
        force[open_[shapely.contains_xy(filled, xy[open_])]] = NO_FORCE
    return force.astype(str)


def nearest_place(points: pd.DataFrame, places: gpd.GeoDataFrame) -> NDArray[np.str_]:
    """Return the name of the nearest settlement for each point (columns x and y, metres)."""
    named = places[places["kind"].isin(_PLACE_KINDS)]
    named = named if len(named) else places
    if named.empty:
        return np.full(len(points), "")
    ordered = named.iloc[np.lexsort((named.geometry.y, named.geometry.x, named["name"]))]
    _, row = cKDTree(shapely.get_coordinates(ordered.geometry.to_numpy())).query(
        points[["x", "y"]].to_numpy()
    )
    return np.asarray(ordered["name"].to_numpy(str)[row])


def _notice_strange_forces(points: pd.DataFrame, areas: gpd.GeoDataFrame, log: ProblemLog) -> None:
    strange = points.loc[~points["force"].isin(["", *areas["force"]]), "force"]
    if len(strange):
        why = f"{len(strange):,} points name a force that has no area; where they lie decides"
        log.notice("demand", why, "correct the name", column="force", value=", ".join(sorted(set(strange))))


def _refuse_far_claims(points: pd.DataFrame, areas: gpd.GeoDataFrame, problems: ProblemLog) -> None:
    """Refuse points that name a force but lie far from its area; tell of those in another force's area."""
    xy = np.asarray(shapely.points(points[["x", "y"]].to_numpy()), dtype=object)
    elsewhere = 0
    for force, shape in zip(areas["force"], areas.geometry, strict=True):
        rows = np.flatnonzero((points["force"] == force).to_numpy())
        shapely.prepare(shape)
        outside = rows[~shapely.dwithin(shape, xy[rows], _SLIVER_M)] if not shape.is_empty else rows[:0]
        far = outside[~shapely.dwithin(shape, xy[outside], _FAR_CLAIM_M)]
        elsewhere += len(outside) - len(far)
        if len(far):
            x, y = shapely.get_coordinates(xy[far[0]])[0]
            why = f"{len(far):,} points say they are in {force} but lie more than 2 km from its area"
            remedy = "correct their coordinates or their force"
            first = f"the first at {x:.0f}, {y:.0f}"
            many = len(far)
            problems.error("demand", why, remedy, where=first, column="force", value=force, count=many)
    if elsewhere:
        why = f"{elsewhere:,} points lie up to 2 km outside the area of the force they name; they count there"
        problems.notice("demand", why, "correct the column if that matters", column="force")


def _merge(given: Sequence[tuple[Measure, pd.DataFrame]]) -> pd.DataFrame:
    parts = [frame.rename(columns={"weight": measure.column}) for measure, frame in given]
    points = pd.concat(parts, ignore_index=True)
    return _one_row_a_place(points, [measure for measure, _ in given])


def _one_row_a_place(points: pd.DataFrame, measures: Sequence[Measure]) -> pd.DataFrame:
    columns = list(dict.fromkeys(measure.column for measure in measures))
    for column in columns:
        points[column] = points[column].fillna(0).astype(np.int64) if column in points else np.int64(0)
    for column in ("id", "place", "node"):
        points[column] = points[column].fillna("") if column in points else ""
    points["urban"] = points["urban"].fillna(-1).astype(int) if "urban" in points else -1
    points["area_ha"] = points["area_ha"].astype(float) if "area_ha" in points else np.nan
    # numbers for names: pandas takes the largest text of each group one by one
    points["place"], names = pd.factorize(points["place"], sort=True)
    rules = dict.fromkeys(columns, "sum") | dict.fromkeys(["place", "urban", "area_ha"], "max")
    one = points.groupby(["force", "y", "x", "id", "node"], as_index=False, sort=True).agg(rules)
    return one.assign(place=np.asarray(names, dtype=object)[one["place"]])


def _of_the_study(points: pd.DataFrame, study: Study, log: ProblemLog) -> pd.DataFrame:
    inside = points["force"].isin([*study.force_names, NO_FORCE]).to_numpy()
    for measure in study.every_measure:
        if measure.column not in points:
            continue
        left_out = int(points.loc[~inside, measure.column].sum())
        if left_out:
            why = f"{left_out:,} {measure.unit} lie in areas of other forces or beyond all areas: not counted"
            log.notice("demand", why, column=measure.name)
    gaps = int((points["force"] == NO_FORCE).sum())
    if gaps:
        log.notice("demand", f"{gaps} points lie in a gap between areas; they count under “all” and no force")
    return points[inside].copy()


def _at_home(points: pd.DataFrame, log: ProblemLog) -> pd.DataFrame:
    """Return points with each area at the middle of its streets, and tell how many these are."""
    sized = (points["area_ha"] > 0).to_numpy()
    moved = (points["home_x"] != points["x"]).to_numpy() | (points["home_y"] != points["y"]).to_numpy()
    if moved.any():
        off = points[["home_x", "home_y"]].to_numpy() - points[["x", "y"]].to_numpy()
        far = np.median(np.hypot(off[:, 0], off[:, 1])[moved])
        why = f"{int(moved.sum()):,} areas stand at the middle of the streets inside them, where people live"
        why += f", not at their geometric centre, half of them {far:.0f} m and more away from it"
        if (sized & ~moved).any():
            why += f"; {int((sized & ~moved).sum()):,} have no street of their own and stay there"
        log.notice("demand", why)
    return points.assign(x=points["home_x"], y=points["home_y"]).drop(columns=["home_x", "home_y"])


def _towns(
    points: pd.DataFrame, lived: LivedStreets | None, cells: Cells, log: ProblemLog
) -> Callable[[pd.DataFrame], NDArray[np.bool_]]:
    """Return what tells whether places (columns x and y) are urban: by settlements, else by squares."""
    metres = np.zeros(1) if lived is None else lived.metres
    if lived is None or "population" not in points:
        by_streets = False
    else:
        by_streets = metres[lived.residential].sum() >= _LEAST_RESIDENTIAL * max(metres.sum(), 1.0)
    if lived is None or not by_streets:
        squares = _town_squares(points, cells)
        return lambda some: _in_squares(some, squares, cells.size_km)
    settlements = find_settlements(lived)
    people = settlements.people(points[["x", "y"]], points["population"])
    # the last place stands for no settlement
    urban = np.append(people >= cells.cluster_people, False)
    if (points["urban"] < 0).any():
        why = f"{int(urban.sum()):,} settlements of {cells.cluster_people:,.0f} people and more are urban"
        log.notice("demand", f"{why}: residential streets with gaps of up to 200 m, and who lives along them")
    return lambda some: urban[settlements.of_places(some[["x", "y"]])]


def _town_squares(points: pd.DataFrame, cells: Cells) -> set[tuple[int, int]]:
    """Return the squares of towns: dense ones that touch and hold enough people together."""
    if "population" not in points or points.empty:
        return set()
    side = 1000 * cells.size_km
    column = np.floor(points["x"].to_numpy() / side).astype(int)
    row = np.floor(points["y"].to_numpy() / side).astype(int)
    people = np.zeros((row.max() - row.min() + 1, column.max() - column.min() + 1), dtype=np.int64)
    np.add.at(people, (row - row.min(), column - column.min()), points["population"].to_numpy(np.int64))
    dense = people >= cells.density_per_km2 * cells.size_km**2
    label, count = ndimage.label(dense & (people > 0), structure=np.ones((3, 3)))
    total = ndimage.sum_labels(people, label, index=np.arange(count + 1))
    total[0] = -1
    town = np.argwhere((total >= cells.cluster_people)[label])
    return {(int(c) + int(column.min()), int(r) + int(row.min())) for r, c in town}


def _in_squares(points: pd.DataFrame, squares: set[tuple[int, int]], size_km: float) -> NDArray[np.bool_]:
    side = 1000 * size_km
    column = np.floor(points["x"].to_numpy() / side).astype(int)
    row = np.floor(points["y"].to_numpy() / side).astype(int)
    return np.fromiter(
        ((c, r) in squares for c, r in zip(column.tolist(), row.tolist(), strict=True)), bool, len(points)
    )


def _squares(areas: gpd.GeoDataFrame, size_km: float) -> pd.DataFrame:
    """Cut each area into grid squares: columns force, x, y (a point inside) and the piece."""
    side = 1000 * size_km
    parts = []
    for force, shape in zip(areas["force"], areas.geometry, strict=True):
        west, south, east, north = np.array(shape.bounds) // side
        columns, rows = np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1))
        boxes = shapely.box(columns * side, rows * side, (columns + 1) * side, (rows + 1) * side).ravel()
        shapely.prepare(shape)
        boxes = boxes[shapely.intersects(shape, boxes)]
        cut = ~shapely.contains_properly(shape, boxes)
        pieces = boxes.copy()
        pieces[cut] = shapely.intersection(shape, boxes[cut])
        pieces = pieces[shapely.area(pieces) >= 0.5]
        inner = shapely.get_coordinates(shapely.point_on_surface(pieces))
        parts.append(pd.DataFrame({"force": force, "x": inner[:, 0], "y": inner[:, 1], "piece": pieces}))
    return pd.concat(parts, ignore_index=True)


def _area_m2(squares: pd.DataFrame) -> NDArray[np.int64]:
    return np.rint(shapely.area(squares["piece"].to_numpy())).astype(np.int64)


def _road_m(squares: pd.DataFrame, roads: gpd.GeoSeries, size_km: float) -> NDArray[np.int64]:
    """Return whole metres of road in each piece; the parts of a street add up to its length."""
    lines = roads.to_numpy()
    whole = np.rint(shapely.length(lines)).astype(np.int64)
    count = np.maximum(1, np.ceil(whole / _SAMPLE_M)).astype(np.int64)
    street = np.repeat(np.arange(len(lines)), count)
    part = np.arange(len(street)) - np.repeat(np.cumsum(count) - count, count)
    metres = (part + 1) * whole[street] // count[street] - part * whole[street] // count[street]
    xy = shapely.get_coordinates(
        shapely.line_interpolate_point(lines[street], (part + 0.5) / count[street], normalized=True)
    )
    pieces = squares["piece"].to_numpy()
    side = 1000 * size_km
    home = _square_key(squares[["x", "y"]].to_numpy(), side)
    order = np.argsort(home, kind="stable")
    sample = _square_key(xy, side)
    first = np.searchsorted(home[order], sample, side="left")
    shared = np.searchsorted(home[order], sample, side="right") - first
    total = np.zeros(len(squares), dtype=np.int64)
    alone = shared == 1
    whole_square = alone & (shapely.area(pieces) > 0.999 * side**2)[order[np.minimum(first, len(order) - 1)]]
    np.add.at(total, order[first[whole_square]], metres[whole_square])
    rest = np.flatnonzero((shared > 0) & ~whole_square)
    point, piece = shapely.STRtree(pieces).query(shapely.points(xy[rest]), predicate="intersects")
    _, once = np.unique(point, return_index=True)
    np.add.at(total, piece[once], metres[rest[point[once]]])
    return total


def _square_key(xy: NDArray[np.float64], side: float) -> NDArray[np.int64]:
    cell = np.floor(xy / side).astype(np.int64)
    return cell[:, 1] * 1_000_000 + cell[:, 0]


def _table(points: pd.DataFrame, measures: Sequence[Measure]) -> gpd.GeoDataFrame:
    columns = [measure.column for measure in measures]
    points = points.sort_values(["force", "y", "x", "id"], kind="stable").reset_index(drop=True)
    numbered = pd.Series([f"point-{i + 1}" for i in range(len(points))])
    points["id"] = points["id"].where(points["id"] != "", numbered)
    return gpd.GeoDataFrame(
        points[["id", "force", "urban", "place", "node", *columns]],
        geometry=gpd.points_from_xy(points["x"], points["y"]),
        crs=GRID,
    )
