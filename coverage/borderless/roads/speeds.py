"""How fast a response car drives a street: its limit, by sign, law or what lies around, times factors."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from borderless.roads.dual import dual_carriageways
from borderless.roads.limits import (
    DUAL,
    MOTORWAY,
    NATIONAL,
    RESTRICTED,
    SINGLE,
    distinct_tags,
    looks_built_up,
    said_dual,
    said_limit,
    unlit,
)
from borderless.roads.towns import COUNTRY, DENSE, EDGE, TOWN, sampled, towns_of
from borderless.study.defaults import SPEED_CLASSES
from borderless.study.model import Speeds

#: Metres per second in a mile per hour.
MPH = 0.44704
#: What a limit can be known from, in the order in which it is asked; the last speak where nobody else does.
EVIDENCE = ("sign", "rule", "roadside", "class", "area", "town", "national")
#: Evidence that comes from a tag about the limit itself; the rest is inferred.
SIGNED = ("sign", "rule")
#: Keys of tags that tell of limits, lights and carriageways.
TAGS = (
    *("maxspeed", "maxspeed:forward", "maxspeed:backward", "maxspeed:type", "maxspeed:type:forward"),
    *("maxspeed:type:backward", "source:maxspeed", "zone:maxspeed", "zone:traffic", "lit", "abutters"),
    *("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right", "dual_carriageway"),
)

# a street with a limit up to this is driven as in a built-up area, whatever its class
_BUILT_UP_LIMIT_MPH = 45.0
_HOMES = ("residential", "living_street")
_MAIN = ("trunk", "primary", "secondary", "tertiary")

_Bool = npt.NDArray[np.bool_]
_Float = npt.NDArray[np.float64]
_Object = npt.NDArray[np.object_]


def street_speeds(
    streets: pd.DataFrame, speeds: Speeds, built_up: gpd.GeoSeries | None = None
) -> pd.DataFrame:
    """Give every street the speed of a response car, along its line and against it.

    Speed is limit × driving factor of the class × blue-light factor. The limit is the first that is known of:

    1. ``sign``: a number in ``maxspeed:forward`` or ``maxspeed:backward``, else in ``maxspeed``;
    2. ``rule``: a rule of the law, named there or in ``maxspeed:type``, ``source:maxspeed``,
       ``zone:maxspeed``, ``zone:traffic`` (national: 60 or 70 mph by carriageway);
    3. ``class``: motorways 70, residential and living streets 30;
    4. ``roadside``: lights, a pavement or houses beside it make 30; a street said to have no lights is under
       the national limit;
    5. ``area``: the middle of it lies in built-up land that the study names;
    6. ``town``: residential streets and junctions around it show a town, or the edge of one, where limits
       from 30 to 60 are met;
    7. ``national``: nothing shows a town: dual carriageways 70, others 60.

    In towns (5 and 6) limits are the middle of what is usual: main roads, dual carriageways and other streets
    apart, see ``[speeds]`` in the defaults. People are not looked at: speeds do not depend on who is counted.

    Parameters
    ----------
    streets
        Columns ``tail``, ``head``, ``oneway``, ``highway``, ``name``, ``length_m``, ``geometry`` (lines,
        EPSG:27700), and those of :data:`TAGS` that the file has.
    speeds
        Limits and factors.
    built_up
        Polygons of built-up land, EPSG:27700.

    Returns
    -------
    pandas.DataFrame
        Row by row as `streets`: ``speed_mph`` and ``speed_back_mph`` (float), ``evidence`` and
        ``evidence_back`` (one of :data:`EVIDENCE`), ``speed_class`` and ``speed_class_back`` (whose factor
        it takes, a place in :data:`SPEED_CLASSES`, int8), ``limit_mph``, ``limit_back_mph``, ``dual``
        (whether it is half of a dual carriageway) and ``built_up``.
    """
    lines = np.asarray(streets["geometry"], dtype=object)
    highway = streets["highway"].to_numpy(dtype=object)
    code, tags = distinct_tags(streets, TAGS)
    level, in_area = _surroundings(streets, lines, built_up)
    dual = _dual(streets, lines, level >= TOWN, code, tags)
    inferred, why = _inferred(highway, dual, (level, in_area), _roadside(code, tags), speeds)
    found = {"dual": dual, "built_up": (why != "national") & (inferred <= _BUILT_UP_LIMIT_MPH)}
    for direction, suffix in (("forward", ""), ("backward", "_back")):
        limit, evidence = _said(code, tags, direction, highway, dual, speeds)
        silent = np.isnan(limit)
        limit = np.where(silent, inferred, limit)
        speed_class = _classes(highway, dual, limit)
        factor = np.array([speeds.factor[name] for name in SPEED_CLASSES])[speed_class]
        found[f"limit{suffix}_mph"] = limit
        found[f"speed{suffix}_mph"] = limit * factor * speeds.blue_light_factor
        found[f"evidence{suffix}"] = np.where(silent, why, evidence)
        found[f"speed_class{suffix}"] = speed_class
    return pd.DataFrame(found)


def _surroundings(
    streets: pd.DataFrame, lines: _Object, built_up: gpd.GeoSeries | None
) -> tuple[npt.NDArray[np.int8], _Bool]:
    """Return how much of a town the network shows around each street, and which lie in the study's areas."""
    level, inside = np.full(len(lines), COUNTRY, dtype=np.int8), np.zeros(len(lines), dtype=np.bool_)
    samples = sampled(lines)
    if len(samples.street):
        level = towns_of(streets, samples).of_streets(samples, len(lines))
    if built_up is not None and len(built_up):
        inside = _inside(lines, built_up)
    return np.where(inside, np.maximum(level, TOWN), level).astype(np.int8), inside


def _inside(lines: _Object, built_up: gpd.GeoSeries) -> _Bool:
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    # polygons ask the tree of points: GEOS then prepares each polygon once
    found = shapely.STRtree(middle).query(np.asarray(built_up, dtype=object), predicate="intersects")[1]
    inside = np.zeros(len(lines), dtype=np.bool_)
    inside[found] = True
    return inside


def _dual(
    streets: pd.DataFrame,
    lines: _Object,
    in_town: _Bool,
    code: npt.NDArray[np.int64],
    tags: list[dict[str, str]],
) -> _Bool:
    """Return halves of dual carriageways: by tag, else by shape."""
    said = np.array([{True: 1, False: 0, None: -1}[said_dual(one)] for one in tags])[code]
    return np.where(said >= 0, said == 1, dual_carriageways(streets, lines, in_town))


def _roadside(code: npt.NDArray[np.int64], tags: list[dict[str, str]]) -> npt.NDArray[np.int64]:
    """Return 1 where tags show a built-up roadside, -1 where they say there are no lights, else 0."""
    return np.array([1 if looks_built_up(one) else -int(unlit(one)) for one in tags], dtype=np.int64)[code]


def _inferred(
    highway: _Object,
    dual: _Bool,
    surroundings: tuple[npt.NDArray[np.int8], _Bool],
    roadside: npt.NDArray[np.int64],
    speeds: Speeds,
) -> tuple[_Float, _Object]:
    """Return the limit where no tag names it, mph, and what it is taken from."""
    mph = speeds.limit_mph
    base = pd.Series(highway).str.removesuffix("_link")
    home = np.isin(highway, _HOMES)
    level, in_area = surroundings
    national = np.where(dual, mph["dual"], mph["single"])
    in_town = np.where(base.isin(_MAIN), mph["town_main"], mph["restricted"])
    divided = np.where(level == DENSE, mph["dense_dual"], mph["town_dual"])
    rules: list[tuple[_Bool, npt.ArrayLike, str]] = [
        ((base == "motorway").to_numpy(), mph["motorway"], "class"),
        (home, mph["restricted"], "class"),
        ((roadside > 0) & ~dual, mph["restricted"], "roadside"),
        ((roadside < 0) & ~in_area, national, "roadside"),
        (in_area, np.where(dual, divided, in_town), "area"),
        (level >= TOWN, np.where(dual, divided, in_town), "town"),
        ((level == EDGE) & ~dual, mph["edge"], "town"),
    ]
    conditions = [where for where, _, _ in rules]
    limit = np.select(conditions, [np.broadcast_to(value, len(highway)) for _, value, _ in rules], national)
    why = np.select(conditions, [np.full(len(highway), name, dtype=object) for *_, name in rules], "national")
    return limit.astype(np.float64), why.astype(object)


def _said(
    code: npt.NDArray[np.int64],
    tags: list[dict[str, str]],
    direction: str,
    highway: _Object,
    dual: _Bool,
    speeds: Speeds,
) -> tuple[_Float, _Object]:
    """Return the limit that tags give, mph or NaN, and whether as a ``sign`` or a ``rule``."""
    said = [said_limit(one, direction) for one in tags]
    number = np.array([value if isinstance(value, float) else np.nan for value in said])[code]
    rule = np.array([value if isinstance(value, str) else "" for value in said], dtype=object)[code]
    motorway = np.isin(highway, ("motorway", "motorway_link"))
    national = np.where(motorway, MOTORWAY, np.where(dual, DUAL, SINGLE))
    rule = np.where(rule == NATIONAL, national, rule)
    for name in (RESTRICTED, SINGLE, DUAL, MOTORWAY):
        number = np.where((rule == name) & np.isnan(number), speeds.limit_mph[name], number)
    return number, np.where(rule == "", "sign", "rule").astype(object)


def _classes(highway: _Object, dual: _Bool, limit: _Float) -> npt.NDArray[np.int8]:
    """Return each street's place in SPEED_CLASSES; a class without a factor drives as unclassified."""
    base = pd.Series(highway).str.removesuffix("_link").to_numpy(dtype=object)
    conditions = {
        "link": highway != base,
        "living_street": highway == "living_street",
        "motorway": highway == "motorway",
        "residential": highway == "residential",
        "built_up": limit <= _BUILT_UP_LIMIT_MPH,
        "dual": dual,
        **{name: base == name for name in _MAIN},
    }
    number = {name: np.int8(place) for place, name in enumerate(SPEED_CLASSES)}
    values = [number[name] for name in conditions]
    return np.select(list(conditions.values()), values, default=number["unclassified"]).astype(np.int8)
