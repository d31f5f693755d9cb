"""The study of the East Midlands that comes with Borderless."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

#: What a file of scenarios calls it.
EMBEDDED = "embedded"


def embedded_study() -> Path:
    """Return the study file of the East Midlands that comes with Borderless."""
    packaged = Path(str(files("borderless"))) / "data"
    in_the_clone = Path(__file__).parents[3] / "data"
    return (packaged if packaged.is_dir() else in_the_clone) / "east_midlands" / "study.toml"
