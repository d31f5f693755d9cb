"""What stands on a street: barriers that stop a police car, and signals and signs that hold it up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from borderless.roads.access import LADDER, access_says

#: What each kind of barrier does to a car when its node says nothing of access. Kinds that are not here
#: let it pass, as in Valhalla and GraphHopper, and are counted as such.
BARRIERS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("bollard", "block", "jersey_barrier", "planter", "tank_trap", "log", "debris"), "stops"
        ),
        **dict.fromkeys(("cycle_barrier", "motorcycle_barrier", "bus_trap", "sump_buster", "chain"), "stops"),
        **dict.fromkeys(
            ("rope", "stile", "horse_stile", "kissing_gate", "turnstile", "wicket_gate"), "stops"
        ),
        **dict.fromkeys(("full-height_turnstile", "fence", "wall", "hedge", "ditch", "guard_rail"), "stops"),
        **dict.fromkeys(("gate", "lift_gate", "swing_gate", "sliding_gate", "sliding_beam"), "passes"),
        **dict.fromkeys(("hampshire_gate", "bump_gate", "sally_port", "entrance", "toll_booth"), "passes"),
        **dict.fromkeys(("border_control", "checkpoint", "cattle_grid", "kerb", "arch", "no"), "passes"),
        **dict.fromkeys(("height_restrictor", "width_restrictor", "spikes"), "passes"),
    }
)
#: The keys of a node that are read.
NODE_KEYS = frozenset(
    (
        *("barrier", "highway", "crossing", "crossing_ref", "direction", "traffic_signals:direction"),
        *(*LADDER, "emergency", "bus", "psv", "bollard", "locked", "maxheight", "maxwidth"),
    )
)

# wide enough for buses alone, whatever the law says
_ONLY_BUSES_FIT = frozenset(("bus_trap", "sump_buster"))
# a marked police car with its lights on the roof, and its width without mirrors
_CAR_HEIGHT_M = 1.8
_CAR_WIDTH_M = 1.9
_METRES = re.compile(r"(\d+(?:\.\d+)?)\s*m?")
_FEET = re.compile(r"(\d+)\s*(?:'|ft|feet)\s*(?:(\d+)\s*(?:\"|''|in|inches)?)?")
_CONTROLS = ("mini_roundabout", "stop", "give_way")
_MARKED = frozenset(("zebra", "uncontrolled", "marked"))
_SIDES = frozenset(("forward", "backward"))


def barrier_stops(tags: Mapping[str, str], *, bus_gates: bool = True) -> bool:
    """Tell whether a barrier stops a police car.

    ``emergency`` decides, then the access keys of the node, the most specific first, then the kind. Buses
    that pass show that a car can, but for traps that only they are wide enough for.

    Parameters
    ----------
    tags
        Tags of the node; without ``barrier`` nothing stops.
    bus_gates
        Whether a police car passes where buses do and cars do not.

    Examples
    --------
    >>> barrier_stops({"barrier": "bollard"}), barrier_stops({"barrier": "gate"})
    (True, False)
    >>> barrier_stops({"barrier": "gate", "access": "private"})
    True
    """
    kind = _plain(tags, "barrier")
    if not kind or kind == "no":
        return False
    emergency = access_says(_plain(tags, "emergency"))
    if emergency in {"open", "closed"}:
        return emergency == "closed"
    says = next((s for key in reversed(LADDER) if (s := access_says(_plain(tags, key)))), "")
    if says == "open":
        return False
    buses = says == "bus" or any(access_says(_plain(tags, key)) in {"open", "bus"} for key in ("bus", "psv"))
    if bus_gates and buses and kind not in _ONLY_BUSES_FIT:
        return False
    return bool(says) or _plain(tags, "locked") == "yes" or _stops_by_itself(kind, tags)


def control_at(tags: Mapping[str, str]) -> str:
    """Return what holds cars up at a node of a street, and for whom along its way; empty for nothing.

    Returns
    -------
    str
        ``signals``, ``signal_crossing``, ``mini_roundabout``, ``stop``, ``give_way`` or ``crossing``, with
        ``:forward`` or ``:backward`` where it faces one direction of the way only.

    Examples
    --------
    >>> control_at({"highway": "traffic_signals", "traffic_signals:direction": "forward"})
    'signals:forward'
    >>> control_at({"highway": "crossing", "crossing": "zebra"})
    'crossing'
    """
    highway, crossing = _plain(tags, "highway"), _plain(tags, "crossing")
    if highway == "traffic_signals":
        found = "signals"
    elif crossing == "traffic_signals":
        found = "signal_crossing"
    elif highway in _CONTROLS:
        found = highway
    elif highway == "crossing" and (crossing in _MARKED or _plain(tags, "crossing_ref") == "zebra"):
        found = "crossing"
    else:
        return ""
    keys = ("traffic_signals:direction", "direction") if found.startswith("signal") else ("direction",)
    side = next((s for key in keys if (s := _plain(tags, key)) in _SIDES), "")
    return f"{found}:{side}" if side else found


def _stops_by_itself(kind: str, tags: Mapping[str, str]) -> bool:
    if kind == "bollard" and _plain(tags, "bollard") == "rising":
        return False
    low, narrow = _metres(_plain(tags, "maxheight")), _metres(_plain(tags, "maxwidth"))
    return BARRIERS.get(kind) == "stops" or low < _CAR_HEIGHT_M or narrow < _CAR_WIDTH_M


def _plain(tags: Mapping[str, str], key: str) -> str:
    return tags.get(key, "").strip().lower()


def _metres(text: str) -> float:
    """Return a height or width; infinite where none is given."""
    metres, feet = _METRES.fullmatch(text), _FEET.fullmatch(text)
    if metres:
        return float(metres[1])
    return int(feet[1]) * 0.3048 + int(feet[2] or 0) * 0.0254 if feet else float("inf")
