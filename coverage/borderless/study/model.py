"""The question that is asked: frozen values read from `study.toml`, knowing nothing of files' contents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from borderless.errors import BorderlessError
from borderless.study.busy_table import BusyFractions
from borderless.study.defaults import DEFAULTS, Default
from borderless.study.hours_table import HoursOfDay
from borderless.study.policy import CAPABILITIES, NAMED_SCENARIOS, RESPONSE, Capability, Scenario, Target

Clock = Literal["response", "travel"]
SnapTo = Literal["streets", "nodes"]
#: The column of demand tables that is taken for a size in hectares where the study names no other.
AREA_COLUMN = "area_ha"


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted at demand points.

    Parameters
    ----------
    name
        Name in files: ``population``, ``incidents``, ``area_km2``, ``road_km`` or a name of the study's own.
    column
        Column of whole numbers in the demand table.
    label, unit
        Words for people.
    per
        How many of the column's whole units make one printed unit (1,000,000 m² make 1 km²).
    capability
        What a unit must be able to do to answer.
    """

    name: str
    column: str
    label: str
    unit: str
    per: int = 1
    capability: Capability = RESPONSE

    def printed(self, whole: int) -> int | float:
        """Return a whole-number sum in the printed unit, exactly."""
        return whole if self.per == 1 else whole / self.per


KNOWN_MEASURES: Mapping[str, Measure] = {
    "population": Measure("population", "population", "People", "people"),
    "incidents": Measure("incidents", "incidents", "Incidents", "incidents"),
    "area_km2": Measure("area_km2", "area_m2", "Area", "km²", 1_000_000),
    "road_km": Measure("road_km", "road_m", "Roads", "km", 1_000),
}


def measure_named(name: str) -> Measure:
    """Return the measure of that name; unknown names count plain units of their own."""
    return KNOWN_MEASURES.get(name) or Measure(name, name, name.replace("_", " ").capitalize(), name)


@dataclass(frozen=True, slots=True)
class RoadsInput:
    """Where the roads are: one file, or a table of nodes (`source`) with a table of `edges`.

    `bus_gates` says whether a police car passes where buses do and cars do not.
    """

    source: Path
    edges: Path | None
    built_up: Path | None
    drawing: Path | None
    snap: SnapTo
    guard_band_km: float
    bus_gates: bool = True


@dataclass(frozen=True, slots=True)
class StationsInput:
    """The table of stations."""

    file: Path


@dataclass(frozen=True, slots=True)
class ForcesInput:
    """The force areas, and which of them form the alliance.

    Parameters
    ----------
    file, name
        The areas, and the column that names the force.
    alliance
        The partners.
    outside
        Forces that were asked and stayed outside.
    clipped
        Forces that the material may cover only in part: those the file names as outside, partners or not.
    """

    file: Path
    name: str
    alliance: tuple[str, ...]
    outside: tuple[str, ...]
    clipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlacesInput:
    """Named places, for labels and lists."""

    file: Path
    name: str
    kind: str
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A site where a station might be opened; no unit starts there unless a scenario says so.

    Parameters
    ----------
    id, name, force
        As in the table of stations.
    x, y
        Easting and northing, metres (EPSG:27700).
    """

    id: str
    name: str
    force: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class DemandInput:
    """One measure of demand: a table of weighted points, or a folder of data.police.uk street files.

    Parameters
    ----------
    measure, file, police_uk
        What is counted, and where.
    weight, x, y
        Columns of the table: how much stands at a point, and where that is.
    area
        Column with the size in hectares of the area whose centre a point is; empty for points that stand
        where people live already. The table may lack the column of the default name.
    """

    measure: Measure
    file: Path | None
    police_uk: Path | None
    weight: str
    x: str
    y: str
    area: str = AREA_COLUMN


@dataclass(frozen=True, slots=True)
class Response:
    """What the clock counts besides driving, and the targets."""

    target_urban_min: float
    target_rural_min: float
    call_handling_s: float
    turnout_s: float
    cross_border_delay_s: float
    clock: Clock
    busy_fraction: float = 0.0
    on_scene_s: float = 3600.0

    @property
    def fixed_ms(self) -> int:
        """Return call handling and turnout together, in milliseconds."""
        return round(1000 * self.call_handling_s) + round(1000 * self.turnout_s)

    @property
    def cross_border_delay_ms(self) -> int:
        """Return the hand-over between two control rooms, in milliseconds."""
        return round(1000 * self.cross_border_delay_s)

    @property
    def targets(self) -> tuple[Target, ...]:
        """Return the standard (urban and rural together), then 5, 10, 15 and 20 minutes."""
        standard = Target(
            "standard", round(60_000 * self.target_urban_min), round(60_000 * self.target_rural_min)
        )
        plain = (Target(f"{m} min", 60_000 * m, 60_000 * m) for m in (5, 10, 15, 20))
        return (standard, *plain)


@dataclass(frozen=True, slots=True)
class Speeds:
    """How fast units drive.

    Parameters
    ----------
    limit_mph
        Speed limits of the law by kind of road: restricted, single, dual, motorway.
    factor
        Ordinary driving as a share of the limit, by class of road.
    blue_light_factor
        Multiplier for emergency driving.
    access_speed_kmh
        Speed between a street and a place beside it.
    max_snap_m
        Farthest a station may stand from a street.
    delay_s
        What ordinary driving waits at junctions, by the keys of ``[junctions]``.
    junction_blue_light_factor
        How many times as fast a response car is through them.
    """

    limit_mph: Mapping[str, float]
    factor: Mapping[str, float]
    blue_light_factor: float
    access_speed_kmh: float
    max_snap_m: float
    delay_s: Mapping[str, float] = field(default_factory=dict)
    junction_blue_light_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Cells:
    """The squares that gather area and road length, and the rule that tells town from country."""

    size_km: float
    density_per_km2: float
    cluster_people: float


@dataclass(frozen=True, slots=True)
class Assumption:
    """One setting as it was used, beside its default."""

    default: Default
    value: float

    @property
    def is_default(self) -> bool:
        """Whether the study left it alone."""
        return self.value == self.default.value


@dataclass(frozen=True)
class Study:
    """A study: where the material is and what is asked of it.

    Parameters
    ----------
    name
        Title for pages.
    file
        The study file; every path in the study was made from its folder.
    roads, stations, forces, places, demand
        Where the material is.
    response, speeds, cells
        Settings.
    scenarios
        Named ways of working together; the first is the baseline.
    sources
        Attribution lines that every page prints.
    notes
        What readers should know about the material, printed with the problems.
    candidates
        Sites where stations might be opened.
    extras
        Files that added scenarios, candidates or response settings to the study file.
    added_candidates
        How many of the candidates these files added; they come last.
    capability
        Whose question it is: `measures` and `scenarios` are those of units of this capability.
    busy_given
        What the ``[busy]`` table says: force, or ``all`` → one busy fraction or 24.
    ranges
        Key of an uncertain setting → lowest and highest value worth trying, where the study says so.
    hours
        How speeds and calls differ from hour to hour.
    """

    name: str
    file: Path
    roads: RoadsInput
    stations: StationsInput
    forces: ForcesInput
    places: PlacesInput | None
    demand: tuple[DemandInput, ...]
    response: Response
    speeds: Speeds
    cells: Cells
    scenarios: tuple[Scenario, ...] = NAMED_SCENARIOS
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    extras: tuple[Path, ...] = ()
    added_candidates: int = 0
    capability: Capability = RESPONSE
    busy_given: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: MappingProxyType({}))
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=lambda: MappingProxyType({}))
    hours: HoursOfDay = field(default_factory=HoursOfDay)

    @property
    def busy(self) -> BusyFractions:
        """Return how much of the time units are busy, by force and hour."""
        return BusyFractions(self.response.busy_fraction, self.busy_given)

    @property
    def alliance(self) -> tuple[str, ...]:
        """Return the partners, in the study's order."""
        return self.forces.alliance

    @property
    def force_names(self) -> tuple[str, ...]:
        """Return every force of the study: the partners, then those outside."""
        return self.forces.alliance + self.forces.outside

    @property
    def every_measure(self) -> tuple[Measure, ...]:
        """Return the measures: those of the demand tables, then area and road length."""
        given = tuple(dict.fromkeys(entry.measure for entry in self.demand))
        names = {measure.name for measure in given}
        generated = (KNOWN_MEASURES["area_km2"], KNOWN_MEASURES["road_km"])
        return given + tuple(measure for measure in generated if measure.name not in names)

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Return the measures that ask for the study's capability; where none does, those of response units.

        What one capability answers is never summed by the coverage of another.
        """
        asking = tuple(m for m in self.every_measure if m.capability == self.capability)
        return asking or tuple(m for m in self.every_measure if m.capability == RESPONSE)

    @property
    def asked_capabilities(self) -> tuple[Capability, ...]:
        """Return which other capabilities than response the measures ask for."""
        asked = {measure.capability for measure in self.every_measure}
        return tuple(c for c in CAPABILITIES if c in asked and c != RESPONSE)

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """Return the capabilities that are spoken of: response, and those of measures and scenarios."""
        own = {capability for scenario in self.scenarios for capability in scenario.capabilities}
        return tuple(c for c in CAPABILITIES if c == RESPONSE or c in own or c in self.asked_capabilities)

    def serving(self, capability: Capability) -> Study:
        """Return the same question asked of the units of another capability."""
        if capability == self.capability:
            return self
        served = tuple(scenario.serving(capability) for scenario in self.scenarios)
        return replace(self, capability=capability, scenarios=served)

    def with_partners(self, partners: tuple[str, ...]) -> Study:
        """Return the study with forces from outside taken into the alliance.

        Raises
        ------
        BorderlessError
            When a name is not one of the forces outside.
        """
        unknown = [name for name in partners if name not in self.force_names]
        if unknown:
            known = ", ".join(self.forces.outside) or "none"
            msg = f"unknown partner {', '.join(unknown)}; forces outside the alliance are: {known}"
            raise BorderlessError(msg)
        joined = self.alliance + tuple(p for p in dict.fromkeys(partners) if p not in self.alliance)
        return self.with_alliance(joined)

    def with_alliance(self, partners: tuple[str, ...]) -> Study:
        """Return the study with exactly these forces in the alliance, every other one outside."""
        outside = tuple(force for force in self.force_names if force not in partners)
        return replace(self, forces=replace(self.forces, alliance=partners, outside=outside))

    def assumptions(self) -> tuple[Assumption, ...]:
        """Return every setting with a default, as this study uses it."""
        return tuple(Assumption(default, self.value_of(default)) for default in DEFAULTS.values())

    def value_of(self, default: Default) -> float:
        """Return a setting as this study uses it, in the unit of its default."""
        if default.table == "speeds" and default.key.startswith("factor_"):
            return self.speeds.factor[default.key.removeprefix("factor_")]
        if default.table == "speeds" and default.key.startswith("limit_"):
            return self.speeds.limit_mph[default.key.removeprefix("limit_").removesuffix("_mph")]
        if default.table == "junctions":
            return self.speeds.delay_s.get(default.key, self.speeds.junction_blue_light_factor)
        owner = {
            "response": self.response,
            "speeds": self.speeds,
            "cells": self.cells,
            "urban": self.cells,
            "roads": self.roads,
        }[default.table]
        return float(getattr(owner, default.key))
