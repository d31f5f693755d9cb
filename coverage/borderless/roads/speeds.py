"""How fast a response car drives a street: its limit, by tag or law, times factors of class and lights."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from borderless.study.defaults import SPEED_CLASSES
from borderless.study.model import Speeds

#: Metres per second in a mile per hour.
MPH = 0.44704
#: What :func:`parse_maxspeed` returns for a value that says nothing it understands.
UNKNOWN = "unknown"

_KMH_PER_MPH = 1.609344
_HIGHEST_MPH = 100.0
# below this a number is a slip or says "walking pace"; the class decides
_LOWEST = 5.0
_BUILT_UP_LIMIT_MPH = 40.0
_ALWAYS_BUILT_UP = ("residential", "living_street")
_SILENT = frozenset(
    ("", "none", "signals", "variable", "walk", "sign", "unposted", "default", "living_street", "nan", "[]")
)
_RULES = {
    "national": "national",
    "nsl": "national",
    "rural": "national",
    "nsl_single": "single",
    "nsl_dual": "dual",
    "motorway": "motorway",
    "nsl_restricted": "restricted",
    "restricted": "restricted",
    "urban": "restricted",
}
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(mph|km/?h|kmph|kph)?")
_ZONE = re.compile(r"zone:?(\d+)|(\d+)(?:\s*mph)?")


@dataclass(frozen=True)
class SpeedRules:
    """The table that speeds come from; nothing else about a download or a force enters them.

    Parameters
    ----------
    limit_mph
        Speed limits of the law, mph: ``restricted`` (built-up), ``single``, ``dual``, ``motorway``.
    driving_factor
        Ordinary driving as a share of the limit, for each of :data:`SPEED_CLASSES`; ``built_up`` is any
        street with a limit up to 40 mph.
    blue_light_factor
        Multiplier for emergency driving.
    """

    limit_mph: Mapping[str, float]
    driving_factor: Mapping[str, float]
    blue_light_factor: float


def rules_of(speeds: Speeds) -> SpeedRules:
    """Return the table that a study's speeds make."""
    return SpeedRules(speeds.limit_mph, speeds.factor, speeds.blue_light_factor)


def parse_maxspeed(text: object) -> float | str | None:
    """Read one value of the tag ``maxspeed`` as it is written in the United Kingdom.

    Parameters
    ----------
    text
        The value; of a list (``30 mph;20 mph``, ``['30 mph', '20 mph']`` or a Python list) the lowest
        number counts. A number without a unit is in km/h.

    Returns
    -------
    float or str or None
        The limit in mph, the rule it names (``restricted``, ``single``, ``dual``, ``motorway``,
        ``national``), None where the class of the road decides (``none``, ``signals``, empty, below 5),
        or :data:`UNKNOWN`.

    Examples
    --------
    >>> parse_maxspeed("30 mph"), parse_maxspeed("GB:nsl_single"), parse_maxspeed("signals")
    (30.0, 'single', None)
    """
    if isinstance(text, list | tuple | set):
        parts = [str(part) for part in text]
    else:
        parts = re.split(r"[;,|]", str(text).strip().strip("[]"))
    found = [_parse_one(part.strip().strip("'\"").strip().lower()) for part in parts]
    numbers = [value for value in found if isinstance(value, float)]
    if numbers:
        return min(numbers)
    rules = [value for value in found if isinstance(value, str) and value != UNKNOWN]
    if rules:
        return rules[0]
    return UNKNOWN if UNKNOWN in found else None


def street_speeds(
    streets: pd.DataFrame, rules: SpeedRules, built_up: gpd.GeoSeries | None = None
) -> pd.DataFrame:
    """Give every street the speed of a response car; it depends on that street's tags and place alone.

    The limit is the tag's, else the law's by class and built-up or not: motorways and their links 70,
    built-up streets 30, dual carriageways 70, others 60 mph with the usual rules. Speed is limit ×
    driving factor of the class × blue-light factor.

    Parameters
    ----------
    streets
        Columns ``highway``, ``maxspeed`` and ``geometry`` (lines, EPSG:27700), and where there are any
        ``maxspeed:type``, ``dual_carriageway`` (text), ``oneway`` and ``roundabout``.
    rules
        Limits and factors.
    built_up
        Polygons of built-up land, EPSG:27700. A street is built-up when its midpoint lies in one;
        residential and living streets are built-up wherever they are.

    Returns
    -------
    pandas.DataFrame
        Row by row as `streets`: ``speed_mph`` (float), ``built_up`` (bool), ``limit_source``
        (``tagged`` a number, ``implied`` a rule such as ``national``, ``class`` no usable tag),
        ``speed_class`` (whose factor it takes, a place in :data:`SPEED_CLASSES`, int8).
    """
    highway = streets["highway"].to_numpy(dtype=object)
    limits = limit_texts(streets)
    dual = _dual_carriageway(streets, limits)
    base = pd.Series(highway).str.removesuffix("_link").to_numpy(dtype=object)
    inside = np.isin(highway, _ALWAYS_BUILT_UP)
    if built_up is not None:
        inside = inside | _inside(streets, built_up)
    limit, source = _limits(limits, base, dual, inside, rules)
    speed_class = _classes(highway, base, dual, limit)
    factor = np.array([rules.driving_factor[name] for name in SPEED_CLASSES])[speed_class]
    speed = limit * factor * rules.blue_light_factor
    columns = {"speed_mph": speed, "built_up": inside, "limit_source": source, "speed_class": speed_class}
    return pd.DataFrame(columns)


def limit_texts(streets: pd.DataFrame) -> pd.Series:
    """Return what each street's tags say of its limit: ``maxspeed``, else ``maxspeed:type``."""
    given = streets["maxspeed"]
    if "maxspeed:type" not in streets:
        return given
    return given.where(given.astype(str).str.strip() != "", streets["maxspeed:type"])


def unknown_maxspeeds(maxspeed: pd.Series) -> dict[str, int]:
    """Count the values that no rule understands, the most frequent first."""
    counts = maxspeed.value_counts()
    unknown = {str(text): int(count) for text, count in counts.items() if parse_maxspeed(text) == UNKNOWN}
    return dict(sorted(unknown.items(), key=lambda item: (-item[1], item[0])))


def _dual_carriageway(streets: pd.DataFrame, limits: pd.Series) -> npt.NDArray[np.bool_]:
    """Return which streets have a carriageway for each direction: the tag's word, else one-way A roads."""
    rows = len(streets)
    if "dual_carriageway" in streets:
        said = streets["dual_carriageway"].astype(str).str.strip().str.lower().to_numpy(dtype=object)
    else:
        said = np.full(rows, "", dtype=object)
    oneway = streets["oneway"].to_numpy() != 0 if "oneway" in streets else np.zeros(rows, dtype=np.bool_)
    divided = oneway & np.isin(streets["highway"].to_numpy(dtype=object), ("trunk", "primary"))
    if "roundabout" in streets:
        divided &= ~streets["roundabout"].to_numpy(dtype=np.bool_)
    single = {text for text in limits.unique() if parse_maxspeed(text) == "single"}
    divided &= ~limits.isin(single).to_numpy(dtype=np.bool_)
    return np.isin(said, ("yes", "true", "1")) | (divided & ~np.isin(said, ("no", "false", "0")))


def _parse_one(text: str) -> float | str | None:
    country, _, rest = text.rpartition(":") if text.startswith(("gb:", "uk:")) else ("", "", text)
    if country:
        rest = text[3:]
        zone = _ZONE.fullmatch(rest)
        if zone:
            return _plausible(float(zone[1] or zone[2]), float(zone[1] or zone[2]))
    if rest in _SILENT:
        return None
    if rest in _RULES:
        return _RULES[rest]
    number = _NUMBER.fullmatch(rest)
    if not number:
        return UNKNOWN
    value = float(number[1])
    return _plausible(value, value if number[2] == "mph" else value / _KMH_PER_MPH)


def _plausible(written: float, mph: float) -> float | str | None:
    if written < _LOWEST:
        return None
    return mph if mph <= _HIGHEST_MPH else UNKNOWN


def _inside(streets: pd.DataFrame, built_up: gpd.GeoSeries) -> npt.NDArray[np.bool_]:
    lines = np.asarray(streets["geometry"], dtype=object)
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    # polygons ask the tree of points: GEOS then prepares each polygon once
    found = shapely.STRtree(middle).query(np.asarray(built_up, dtype=object), predicate="intersects")[1]
    inside = np.zeros(len(lines), dtype=np.bool_)
    inside[found] = True
    return inside


def _limits(
    maxspeed: pd.Series,
    base: npt.NDArray[np.object_],
    dual: npt.NDArray[np.bool_],
    inside: npt.NDArray[np.bool_],
    rules: SpeedRules,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.object_]]:
    """Return the limit in mph and where it comes from."""
    code, texts = pd.factorize(maxspeed.astype(object))
    parsed = [parse_maxspeed(text) for text in texts]
    tagged = np.array([value if isinstance(value, float) else np.nan for value in parsed] + [np.nan])[code]
    rule = np.array(
        [value if isinstance(value, str) and value != UNKNOWN else "" for value in parsed] + [""],
        dtype=object,
    )[code]
    motorway = base == "motorway"
    national = np.where(motorway, "motorway", np.where(dual, "dual", "single"))
    by_class = np.where(inside & ~motorway, "restricted", national)
    chosen = np.where(rule == "national", national, np.where(rule == "", by_class, rule))
    names = ("restricted", "single", "dual", "motorway")
    limit = np.select([chosen == name for name in names], [rules.limit_mph[name] for name in names])
    source = np.where(~np.isnan(tagged), "tagged", np.where(rule != "", "implied", "class"))
    return np.where(np.isnan(tagged), limit, tagged), source.astype(object)


def _classes(
    highway: npt.NDArray[np.object_],
    base: npt.NDArray[np.object_],
    dual: npt.NDArray[np.bool_],
    limit: npt.NDArray[np.float64],
) -> npt.NDArray[np.int8]:
    """Return each street's place in SPEED_CLASSES; a class without a factor drives as unclassified."""
    by_name = ("trunk", "primary", "secondary", "tertiary", "residential")
    conditions = {
        "link": highway != base,
        "living_street": highway == "living_street",
        "motorway": highway == "motorway",
        "built_up": limit <= _BUILT_UP_LIMIT_MPH,
        "dual": dual,
        **{name: base == name for name in by_name},
    }
    number = {name: np.int8(place) for place, name in enumerate(SPEED_CLASSES)}
    values = [number[name] for name in conditions]
    return np.select(list(conditions.values()), values, default=number["unclassified"]).astype(np.int8)
