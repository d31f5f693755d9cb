"""What a street's tags say about its speed limit, in each direction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

#: What :func:`parse_maxspeed` returns for a value that says nothing it understands.
UNKNOWN = "unknown"
#: Rules of the law that a tag can name.
RESTRICTED, SINGLE, DUAL, MOTORWAY, NATIONAL = "restricted", "single", "dual", "motorway", "national"

_KMH_PER_MPH = 1.609344
_HIGHEST_MPH = 100.0
# below this a number is a slip or says "walking pace"; other evidence decides
_LOWEST = 5.0
_SILENT = frozenset(
    ("", "none", "signals", "variable", "walk", "sign", "unposted", "default", "living_street", "nan", "[]")
)
_RULES = {
    "national": NATIONAL,
    "nsl": NATIONAL,
    "rural": NATIONAL,
    "nsl_single": SINGLE,
    "nsl:single": SINGLE,
    "single": SINGLE,
    "nsl_dual": DUAL,
    "nsl:dual": DUAL,
    "dual": DUAL,
    "motorway": MOTORWAY,
    "nsl_restricted": RESTRICTED,
    "restricted": RESTRICTED,
    "urban": RESTRICTED,
    "built_up": RESTRICTED,
}
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(mph|km/?h|kmph|kph)?")
_ZONE = re.compile(r"zone:?(\d+)|(\d+)(?:\s*mph)?")
# as people write it: GB:, UK:, gb_, GB-ENG:
_COUNTRY = re.compile(r"(gb|uk)(-[a-z]{3})?[:_]")
#: Keys that name a rule instead of a number, in the order in which they are asked.
_RULE_KEYS = ("maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic")
_LIT = frozenset(("yes", "24/7", "automatic", "limited", "interval", "dusk-dawn", "sunset-sunrise"))
_PAVED = frozenset(("yes", "both", "left", "right", "separate"))
_BUILT_BESIDE = frozenset(("residential", "retail", "commercial", "industrial", "mixed", "shops", "built_up"))
_SIDEWALKS = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")


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
        ``national``), None where other evidence decides (``none``, ``signals``, empty, below 5),
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


def unknown_maxspeeds(maxspeed: pd.Series) -> dict[str, int]:
    """Count the values that no rule understands, the most frequent first."""
    counts = maxspeed.value_counts()
    unknown = {str(text): int(count) for text, count in counts.items() if parse_maxspeed(text) == UNKNOWN}
    return dict(sorted(unknown.items(), key=lambda item: (-item[1], item[0])))


def said_limit(tags: Mapping[str, str], direction: str) -> float | str | None:
    """Return the limit in mph or the rule of the law that tags give for one direction, None for neither.

    The first that says something counts: ``maxspeed:forward`` (or ``:backward``), ``maxspeed``,
    ``maxspeed:type`` with and without direction, ``source:maxspeed``, ``zone:maxspeed``, ``zone:traffic``.

    Parameters
    ----------
    tags
        Key → value.
    direction
        ``forward`` or ``backward``.

    Examples
    --------
    >>> said_limit({"maxspeed": "60 mph", "maxspeed:backward": "30 mph"}, "backward")
    30.0
    >>> said_limit({"source:maxspeed": "GB:nsl_dual"}, "forward")
    'dual'
    """
    for key in (f"maxspeed:{direction}", "maxspeed", f"maxspeed:type:{direction}", *_RULE_KEYS):
        value = parse_maxspeed(tags.get(key, ""))
        # where a rule is looked for, a number is one of a zone; a bare one would be a date or a survey
        if value not in (None, UNKNOWN):
            return value
    return None


def looks_built_up(tags: Mapping[str, str]) -> bool:
    """Tell whether a street has lights, pavements or houses beside it.

    In Great Britain a system of street lights makes a restricted road, 30 mph unless signs say otherwise
    (Road Traffic Regulation Act 1984, section 82).
    """
    lit = bool(_LIT & _values(tags, "lit"))
    paved = any(_PAVED & _values(tags, key) for key in _SIDEWALKS)
    return lit or paved or bool(_BUILT_BESIDE & _values(tags, "abutters"))


def unlit(tags: Mapping[str, str]) -> bool:
    """Tell whether a street is said to have no lights."""
    return _values(tags, "lit") == {"no"}


def said_dual(tags: Mapping[str, str]) -> bool | None:
    """Return whether tags say that a street is one half of a dual carriageway; None where they do not say."""
    tagged = _values(tags, "dual_carriageway")
    if tagged & {"yes", "true", "1"}:
        return True
    if tagged & {"no", "false", "0"}:
        return False
    rules = {parse_maxspeed(tags.get(key, "")) for key in ("maxspeed", *_RULE_KEYS)}
    if DUAL in rules:
        return True
    return False if SINGLE in rules else None


def distinct_tags(
    streets: pd.DataFrame, keys: tuple[str, ...]
) -> tuple[npt.NDArray[np.int64], list[dict[str, str]]]:
    """Return the number of each street's set of tags, and these sets, so that each is judged once.

    Parameters
    ----------
    streets
        A column of text for each key that occurs; lists and truth values are understood too.
    keys
        The keys that count.
    """
    present = [key for key in keys if key in streets]
    if not present or not len(streets):
        return np.zeros(len(streets), dtype=np.int64), [{}]
    texts = pd.DataFrame({key: _texts(streets[key]) for key in present})
    code = np.asarray(texts.groupby(present, sort=False).ngroup(), dtype=np.int64)
    sets = texts.drop_duplicates().to_numpy()
    return code, [dict(zip(present, row, strict=True)) for row in sets]


def _texts(column: pd.Series) -> npt.NDArray[np.object_]:
    try:
        code, different = pd.factorize(column.astype(object), use_na_sentinel=False)
    except TypeError:  # lists cannot be told apart before they are text
        code, different = pd.factorize(column.map(_text))
    return np.array([_text(value) for value in different], dtype=object)[code]


def _text(value: Any) -> str:
    if isinstance(value, list | tuple | set):
        return ";".join(map(str, value))
    if isinstance(value, bool | np.bool_):
        return "yes" if value else ""
    return "" if pd.isna(value) else str(value)


def _values(tags: Mapping[str, str], key: str) -> set[str]:
    """Return the values of a tag, lower case; several are parted by semicolons."""
    return {part.strip() for part in tags.get(key, "").lower().split(";")} - {""}


def _parse_one(text: str) -> float | str | None:
    country = _COUNTRY.match(text)
    rest = text[country.end() :] if country else text
    if country:
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
