"""The two counties with firearms units, as files: who answers armed calls, beside who answers the rest."""

from __future__ import annotations

from pathlib import Path

import two_counties

#: Station → firearms units: West has none of its own.
FIREARMS = {"W1": 0, "E1": 1, "N1": 2}
#: Calls for firearms units stand where people are, one for each.
ARMED = """
[[demand]]
measure = "armed_calls"
file = "people.csv"
weight = "people"
x = "x"
y = "y"
capability = "firearms"
"""
OWN_POLICY = """
[scenarios.careful]
label = "Careful"
preset = "closed"
stations = "shared"
closed = ["W1"]

[scenarios.careful.capabilities.firearms]
borders = "closest"
control_room = "shared"

[[scenarios.careful.capabilities.firearms.pairs]]
responder = "North"
place = "West"
delay_s = 600
"""


def write_armed(folder: Path, *, more: str = ARMED + OWN_POLICY) -> Path:
    """Write the two counties with a column of firearms units and more tables; return the study file."""
    study = two_counties.write_files(folder)
    table = folder / "stations.csv"
    head, *rows = table.read_text(encoding="utf-8").splitlines()
    armed = [f"{row},{FIREARMS[row.partition(',')[0]] or ''}" for row in rows]
    table.write_text("\n".join([f"{head},units_firearms", *armed]) + "\n", encoding="utf-8")
    study.write_text(study.read_text(encoding="utf-8") + more, encoding="utf-8")
    return study
