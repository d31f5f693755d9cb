"""Places onto the network: the nearest street a car may stop on, or the nearest node."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import KDTree

from borderless.errors import BorderlessError, InputError, Problem
from borderless.roads.arrays import FloatArray, Int32Array
from borderless.roads.network import RoadNetwork

# a place this close to a street's end stands on the junction
_END_M = 0.001
_NEIGHBOURS = 4
_MS_PER_HOUR = 3_600_000


@dataclass(frozen=True, eq=False)
class Snap:
    """Where p places stand on the network.

    Parameters
    ----------
    street
        Row of ``network.streets``, -1 for a place on a node, int32, shape (p,).
    along_m
        Distance from the street's tail, m, between 0 and the street's ``length_m``, shape (p,).
    node
        Node number, -1 for a place on a street, int32, shape (p,).
    distance_m
        Straight line from the place to the network, m, shape (p,).
    x, y
        The place on the network, m in EPSG:27700, shape (p,).
    access_ms
        Time to cover `distance_m` at the access speed, whole ms, int32, shape (p,).
    """

    street: Int32Array
    along_m: FloatArray
    node: Int32Array
    distance_m: FloatArray
    x: FloatArray
    y: FloatArray
    access_ms: Int32Array

    def __len__(self) -> int:
        """Return the number of places."""
        return len(self.street)

    def take(self, rows: npt.ArrayLike) -> Snap:
        """Return the places in `rows` (numbers or a mask), in that order."""
        wanted = np.asarray(rows)
        return Snap(**{name: getattr(self, name)[wanted] for name in self.__dataclass_fields__})

    def with_access(self, factor: float) -> Snap:
        """Return the same places, reached from the network `factor` times as fast.

        Raises
        ------
        BorderlessError
            If the factor is not a number above 0.
        """
        if not (np.isfinite(factor) and factor > 0):
            msg = (
                f"the factor {factor} on the access speed makes no sense → give a number above 0, 1 = as now"
            )
            raise BorderlessError(msg)
        return self if factor == 1 else replace(self, access_ms=_whole_ms(self.access_ms / factor))


def snap_points(
    network: RoadNetwork,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    access_speed_kmh: float,
    *,
    on: str = "streets",
    node: npt.ArrayLike | None = None,
) -> Snap:
    """Put places onto the network.

    Parameters
    ----------
    network
        The road network.
    x, y
        Places, m in EPSG:27700, shape (p,).
    access_speed_kmh
        Speed between a place and its street.
    on
        ``"streets"``: the nearest street that is not a motorway, link, bridge or tunnel, anywhere along
        it; of equally near streets the one with the smallest number. ``"nodes"``: the nearest node.
    node
        With ``on="nodes"``, the nodes to use instead of the nearest, shape (p,).

    Raises
    ------
    InputError
        If a coordinate is not finite, the speed is not positive, or there is nothing to snap to.
    """
    place_x, place_y = (np.asarray(values, dtype=np.float64).reshape(-1) for values in (x, y))
    if not (np.isfinite(place_x).all() and np.isfinite(place_y).all()):
        raise _failure("a place to snap has no coordinates", "give x and y in metres, EPSG:27700")
    if not access_speed_kmh > 0:
        raise _failure("the access speed is not positive", "give a speed in km/h above 0")
    if on == "nodes" or node is not None:
        return _on_nodes(network, place_x, place_y, access_speed_kmh, node)
    return _on_streets(network, place_x, place_y, access_speed_kmh)


def _on_streets(network: RoadNetwork, x: FloatArray, y: FloatArray, speed_kmh: float) -> Snap:
    streets = network.streets
    allowed = np.flatnonzero(streets["snappable"].to_numpy(dtype=np.bool_))
    if not len(allowed):
        raise _failure("no street to snap to", "the network holds only motorways, links, bridges and tunnels")
    lines = np.asarray(streets.geometry.array)[allowed]
    points = shapely.points(x, y)
    place, found = shapely.STRtree(lines).query_nearest(points, all_matches=True)
    street = np.full(len(x), len(allowed), dtype=np.int64)
    np.minimum.at(street, place, found)
    line = lines[street]
    along = shapely.line_locate_point(line, points)
    foot = shapely.line_interpolate_point(line, along)
    drawn_m = shapely.length(line)
    length_m = streets["length_m"].to_numpy(dtype=np.float64)[allowed][street]
    along = np.where(along < _END_M, 0.0, np.where(along > drawn_m - _END_M, drawn_m, along))
    # a street's stated length may differ from its drawn length; positions follow the stated one
    share = np.divide(along, drawn_m, out=np.zeros(len(x)), where=drawn_m > 0)
    distance = shapely.distance(points, line)
    return Snap(
        street=allowed[street].astype(np.int32),
        along_m=np.where(share >= 1, length_m, share * length_m),
        node=np.full(len(x), -1, dtype=np.int32),
        distance_m=distance,
        x=shapely.get_x(foot),
        y=shapely.get_y(foot),
        access_ms=_access_ms(distance, speed_kmh),
    )


def _on_nodes(
    network: RoadNetwork, x: FloatArray, y: FloatArray, speed_kmh: float, node: npt.ArrayLike | None
) -> Snap:
    if not network.node_count:
        raise _failure("no node to snap to", "the network is empty")
    chosen = _nearest_nodes(network, x, y) if node is None else np.asarray(node, dtype=np.int64).reshape(-1)
    if len(chosen) != len(x) or np.any((chosen < 0) | (chosen >= network.node_count)):
        raise _failure(
            "node numbers do not fit the places or the network", "give one node number for each place"
        )
    distance = np.hypot(network.x[chosen] - x, network.y[chosen] - y)
    return Snap(
        street=np.full(len(x), -1, dtype=np.int32),
        along_m=np.zeros(len(x)),
        node=chosen.astype(np.int32),
        distance_m=distance,
        x=network.x[chosen],
        y=network.y[chosen],
        access_ms=_access_ms(distance, speed_kmh),
    )


def _nearest_nodes(network: RoadNetwork, x: FloatArray, y: FloatArray) -> npt.NDArray[np.int64]:
    """Return the nearest node, of equally near ones the smallest number."""
    tree = KDTree(np.column_stack([network.x, network.y]))
    neighbours = range(1, min(_NEIGHBOURS, network.node_count) + 1)
    found = tree.query(np.column_stack([x, y]), k=list(neighbours))
    distance, node = np.asarray(found[0]), np.asarray(found[1], dtype=np.int64)
    nearest: npt.NDArray[np.int64] = np.where(distance == distance[:, :1], node, network.node_count).min(
        axis=1
    )
    return nearest


def _access_ms(distance_m: FloatArray, speed_kmh: float) -> Int32Array:
    return _whole_ms(distance_m / 1000 / speed_kmh * _MS_PER_HOUR)


def _whole_ms(exact_ms: FloatArray) -> Int32Array:
    return np.minimum(np.rint(exact_ms), np.iinfo(np.int32).max - 1).astype(np.int32)


def _failure(why: str, remedy: str) -> InputError:
    return InputError([Problem("roads", why=why, remedy=remedy)])
