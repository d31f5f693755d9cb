"""The keys that a study file may have, beside the numbers of the defaults."""

from __future__ import annotations

from borderless.study.policy import CAPABILITIES, PRESETS

_RULES = ("closed", "on_exhaustion", "if_faster", "closest")
#: The keys that hold text, by table: key -> default; None means that the study must give it.
TEXT: dict[str, dict[str, str | None]] = {
    "roads": {
        "source": None,
        "edges": "",
        "built_up": "",
        "drawing": "",
        "snap": "streets",
        "bus_gates": "open",
    },
    "stations": {"file": None},
    "forces": {"file": None, "name": "force"},
    "places": {"file": None, "name": "name", "kind": "place", "x": "lon", "y": "lat"},
    "demand": {
        "measure": None,
        "file": "",
        "police_uk": "",
        "weight": "",
        "x": "lon",
        "y": "lat",
        "area": "area_ha",
        "capability": "response",
    },
    "response": {"clock": "response"},
    "scenarios": {
        "label": "",
        "explanation": "",
        "preset": "",
        "borders": "closed",
        "stations": "own",
        "control_room": "separate",
    },
    "capabilities": {"preset": "", "borders": "closed", "control_room": ""},
    "pairs": {"responder": None, "place": None, "borders": "closest"},
    "guests": {"station": None, "force": None},
    "candidates": {"id": None, "name": "", "force": None},
}
#: The words that some keys allow.
CHOICES = {
    ("roads", "snap"): ("streets", "nodes"),
    ("roads", "bus_gates"): ("open", "closed"),
    ("response", "clock"): ("response", "travel"),
    ("demand", "capability"): CAPABILITIES,
    ("scenarios", "preset"): tuple(PRESETS),
    ("scenarios", "borders"): _RULES,
    ("capabilities", "preset"): tuple(PRESETS),
    ("capabilities", "borders"): _RULES,
    ("capabilities", "control_room"): ("separate", "shared"),
    ("pairs", "borders"): _RULES,
    ("scenarios", "stations"): ("own", "shared"),
    ("scenarios", "control_room"): ("separate", "shared"),
}
#: The keys that hold lists of names.
LISTS = {"forces": ("alliance", "outside")}
#: The keys above all tables.
TOP = ("name", "sources", "notes", "endpoints", "ranges")
#: Columns of the demand table, and the rows that stand beside forces in results.
TAKEN_MEASURES = (
    "id",
    "force",
    "urban",
    "place",
    "node",
    "area_ha",
    "home_x",
    "home_y",
    "geometry",
    "x",
    "y",
    "piece",
    "weight",
    "area_m2",
    "road_m",
)
TAKEN_FORCES = ("", "-", "all", "alliance", "none")
