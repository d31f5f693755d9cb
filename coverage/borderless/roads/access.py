"""Who may drive where: the one rule that reads the OpenStreetMap tags of a way, whatever file they are in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Literal

#: The UK classes that a response car drives on, main roads first.
DRIVABLE = (
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
)
#: Known classes that are left out, by reason; any other class is unknown, and left out as well.
LEFT_OUT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "leads to one place only": ("service", "services", "rest_area", "emergency_bay", "escape"),
        "no road for cars": (
            *("track", "footway", "path", "cycleway", "bridleway", "steps", "pedestrian", "corridor"),
            *("elevator", "platform", "ladder", "via_ferrata", "raceway", "busway", "bus_guideway"),
        ),
        "not there": (
            *("construction", "proposed", "planned", "abandoned", "disused", "razed", "demolished", "no"),
        ),
        "of no known class": ("road",),
    }
)
#: Keys that say how fast a way may be driven; readers hand their text on as it is.
LIMIT_KEYS = (
    *("maxspeed", "maxspeed:forward", "maxspeed:backward"),
    *("maxspeed:type", "maxspeed:type:forward", "maxspeed:type:backward"),
    *("source:maxspeed", "zone:traffic", "zone:maxspeed", "lit"),
    *("sidewalk", "sidewalk:left", "sidewalk:right", "sidewalk:both", "abutters"),
    *("dual_carriageway", "lanes", "surface", "width", "traffic_calming", "maxspeed:conditional"),
)

Says = Literal["open", "closed", "bus", ""]
#: What each value of an access key means to a police car on its way to a call. Where no single rule of law
#: helps, what most routers let a car do counts: OSRM, Valhalla and GraphHopper close agricultural, forestry
#: and military. Who lives, works or shops there, or holds a permit, makes no difference to the police.
ACCESS: Mapping[str, Says] = MappingProxyType(
    {
        **dict.fromkeys(("yes", "true", "1", "designated", "official", "public", "permissive"), "open"),
        **dict.fromkeys(("destination", "customers", "delivery", "permit", "residents", "hov"), "open"),
        **dict.fromkeys(("discouraged", "emergency", "vehicle", "motor_vehicle", "motorcar"), "open"),
        **dict.fromkeys(("no", "false", "0", "private", "agricultural", "forestry", "military"), "closed"),
        **dict.fromkeys(("use_sidepath", "dismount", "foot", "bicycle", "hgv", "goods", "taxi"), "closed"),
        **dict.fromkeys(("bus", "psv"), "bus"),
        **dict.fromkeys(("", "unknown", "variable"), ""),
    }
)
#: What each value of a ``oneway`` key means: 1 along the way, -1 against it, 0 both ways.
ONEWAY: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(("yes", "true", "1", "1.0"), 1),
        **dict.fromkeys(("-1", "-1.0", "reverse"), -1),
        **dict.fromkeys(("no", "false", "0", "0.0", "reversible", "alternating"), 0),
    }
)

#: The ladder of access keys; a later one is about fewer vehicles and wins.
LADDER = ("access", "vehicle", "motor_vehicle", "motorcar")
# emergency=fire_hydrant and many others say nothing about access
_EMERGENCY_OPEN = frozenset(
    ("yes", "true", "1", "designated", "official", "permissive", "destination", "only")
)
_EMERGENCY_CLOSED = frozenset(("no", "false", "0"))
_BUS = ("bus", "psv")
_ONEWAY_KEYS = ("oneway:emergency", *(f"oneway:{key}" for key in reversed(LADDER[1:])), "oneway")
_ALTERNATING = frozenset(("reversible", "alternating"))
_ROUND = frozenset(("roundabout", "circular"))
_ABSENT = frozenset(("", "no", "false", "none", "nan", "0", "0.0"))
_SIDES = ("forward", "backward")
_OPPOSITE = {"forward": "backward", "backward": "forward"}
_SIDED = (*LADDER, "emergency", *_BUS)
#: Every key that decides whether and which way a way is driven; conditional ones are only counted.
ACCESS_KEYS = frozenset(
    (
        *("highway", "junction", "area", "bridge", "tunnel"),
        *_SIDED,
        *(f"{key}:{side}" for key in _SIDED for side in _SIDES),
        *_ONEWAY_KEYS,
        *(f"oneway:{key}" for key in _BUS),
    )
)
#: Keys whose rules hold at some hours only; times are those of a quiet street, so they are counted.
CONDITIONAL_KEYS = frozenset(
    f"{key}{side}:conditional"
    for key in (*_SIDED, *_ONEWAY_KEYS, "maxspeed")
    for side in ("", *(f":{side}" for side in _SIDES))
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the tags of a way say.

    Parameters
    ----------
    highway
        Its class, one of :data:`DRIVABLE` unless it is left out.
    left_out
        Why it is not driven; empty when it is.
    known
        Whether its class is a known one.
    oneway
        1 driven along the way, -1 against it, 0 both ways.
    roundabout, bridge, tunnel
        What it is.
    doubts
        Tags that were not followed, to be counted.
    """

    highway: str
    left_out: str = ""
    known: bool = True
    oneway: int = 0
    roundabout: bool = False
    bridge: bool = False
    tunnel: bool = False
    doubts: tuple[str, ...] = ()


def judge_way(tags: Mapping[str, str], *, bus_gates: bool = True) -> Verdict:
    """Decide whether a police car drives a way, and in which direction.

    The access of each direction is what ``emergency`` says, else the last key of :data:`LADDER` that says
    anything, that of the direction (``:forward``, ``:backward``) before that of the way. What it closes
    may be open to buses, and so to the police.

    Parameters
    ----------
    tags
        OpenStreetMap keys and their values. In a list such as ``agricultural;forestry`` each value names
        somebody who may pass.
    bus_gates
        Whether a police car passes where buses do and cars do not.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> judge_way({"highway": "residential", "access": "no", "bus": "yes"}).left_out
    ''
    >>> judge_way({"highway": "primary", "vehicle:backward": "no"}).oneway
    1
    >>> judge_way({"highway": "service"}).left_out
    'service'
    """
    highway = _plain(tags, "highway")
    if highway not in _DRIVABLE:
        known = highway in _KNOWN
        return Verdict(highway, highway if known else "unknown class", known=known)
    if _plain(tags, "area") == "yes":
        return Verdict(highway, "area")
    doubts = [key for key in tags if key in CONDITIONAL_KEYS]
    roundabout = _plain(tags, "junction") in _ROUND
    oneway = _oneway(tags, implied=int(roundabout or highway == "motorway"), doubts=doubts)
    tell = partial(_closed_by, tags, bus_gates=bus_gates, doubts=doubts)
    closed = {side: tell(side) for side in _SIDES}
    # a lane against the traffic: for buses, or said to be for those with blue lights
    contraflow = bus_gates and any(ONEWAY.get(_plain(tags, f"oneway:{key}")) == 0 for key in _BUS)
    for side, way in (("forward", -1), ("backward", 1)):
        freed = contraflow or _plain(tags, f"emergency:{side}") in _EMERGENCY_OPEN
        if oneway == way and not freed:
            closed[side] = closed[side] or "one way"
    told = tuple(dict.fromkeys(doubts))
    if all(closed.values()):
        why = next(reason for reason in (*closed.values(), "one way") if reason != "one way")
        return Verdict(highway, f"closed to cars ({why})", doubts=told)
    return Verdict(
        highway,
        oneway=int(bool(closed["backward"])) - int(bool(closed["forward"])),
        roundabout=roundabout,
        bridge=_plain(tags, "bridge") not in _ABSENT,
        tunnel=_plain(tags, "tunnel") not in _ABSENT,
        doubts=told,
    )


def judge_edge(tags: Mapping[str, str], *, bus_gates: bool = True) -> Verdict:
    """Decide the same for a directed edge, which is driven from its first node to its second.

    Its ``oneway`` says only whether there is another edge back, so -1 means no more than yes. Where a key
    opens a one-way street to cars in both directions there is none, and the edge stands for both.
    """
    if oneway_of(tags.get("oneway", "")) in {1, -1}:
        return judge_way({**tags, "oneway": "yes"}, bus_gates=bus_gates)
    found = judge_way({**tags, "oneway": "no"}, bus_gates=bus_gates)
    return found if found.left_out or found.oneway else replace(found, oneway=1)


def turned(tags: Mapping[str, str]) -> dict[str, str]:
    """Return tags as they read from the other end of the way; ``oneway`` itself stays as it is."""
    found = {}
    for key, value in tags.items():
        base, _, side = key.rpartition(":")
        if side in _OPPOSITE:
            found[f"{base}:{_OPPOSITE[side]}"] = value
        elif key.startswith("oneway:") and ONEWAY.get(value.strip().lower()) in {1, -1}:
            found[key] = str(-ONEWAY[value.strip().lower()])
        else:
            found[key] = value
    return found


def oneway_of(text: str) -> int | None:
    """Return what a value of ``oneway`` means; None when nobody knows."""
    return ONEWAY.get(text.strip().lower())


def access_says(text: str) -> Says | None:
    """Return what a value of an access key means; None when nobody knows.

    Of a list every value names somebody who may pass; ``no;bus=yes`` is read as ``no`` and ``bus``.
    """
    found: list[Says] = []
    for part in text.lower().split(";"):
        who, _, allowed = part.strip().partition("=")
        word = who.strip() if not allowed or ACCESS.get(allowed.strip()) == "open" else allowed.strip()
        if word in ACCESS:
            found.append(ACCESS[word])
    for says in ("open", "bus", "closed", ""):
        if says in found:
            return says
    return None


def is_yes(text: str) -> bool:
    """Return whether a tag such as ``bridge`` says that there is one."""
    return text.strip().lower() not in _ABSENT


def first_drivable(classes: Iterable[str]) -> str:
    """Return the first drivable class of a list, else its first one; empty for an empty list."""
    found = [name.strip().lower() for name in classes]
    return next((name for name in found if name in _DRIVABLE), found[0] if found else "")


_DRIVABLE = frozenset(DRIVABLE)
_KNOWN = frozenset((*DRIVABLE, *(name for names in LEFT_OUT.values() for name in names)))


def _plain(tags: Mapping[str, str], key: str) -> str:
    return tags.get(key, "").strip().lower()


def _oneway(tags: Mapping[str, str], implied: int, doubts: list[str]) -> int:
    for key in _ONEWAY_KEYS:
        value = _plain(tags, key)
        if value in ONEWAY:
            if value in _ALTERNATING:
                doubts.append(f"{key}={value}")
            return ONEWAY[value]
        if value not in _ABSENT:
            doubts.append(f"{key}={value}")
    return implied


def _closed_by(tags: Mapping[str, str], side: str, *, bus_gates: bool, doubts: list[str]) -> str:
    """Return the tag that closes one direction to a police car; empty when it is open."""
    for key in (f"emergency:{side}", "emergency"):
        value = _plain(tags, key)
        if value in _EMERGENCY_OPEN:
            return ""
        if value in _EMERGENCY_CLOSED:
            return f"{key}={value}"
    for key in (name for base in reversed(LADDER) for name in (f"{base}:{side}", base)):
        value = _plain(tags, key)
        if not value:
            continue
        says = access_says(value)
        if says is None:
            doubts.append(f"{key}={value}")
        elif says == "open":
            return ""
        elif says:
            open_to_buses = says == "bus" or any(
                access_says(_plain(tags, name)) in {"open", "bus"}
                for base in _BUS
                for name in (f"{base}:{side}", base)
                if _plain(tags, name)
            )
            return "" if bus_gates and open_to_buses else f"{key}={value}"
    return ""
