"""Who may respond where, from which stations, and at what delay: the vocabulary of scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import ClassVar, Literal

RuleKind = Literal["closed", "on_exhaustion", "if_faster", "closest"]
StationUse = Literal["own", "shared"]
ControlRoom = Literal["separate", "shared"]
Capability = Literal["response", "roads", "firearms", "dogs"]

#: What units can do; those of `RESPONSE` answer whatever does not ask for another.
RESPONSE: Capability = "response"
CAPABILITIES: tuple[Capability, ...] = (RESPONSE, "roads", "firearms", "dogs")


@dataclass(frozen=True, slots=True)
class BorderRule:
    """What one force may do in another's area.

    Parameters
    ----------
    kind
        ``closed``: nothing. ``on_exhaustion``: only when the own units are all busy (mutual aid); with
        units that are always free this equals ``closed``. ``if_faster``: when at least `min_gain_s`
        quicker than the own force (automatic aid). ``closest``: whenever quicker (borderless).
    min_gain_s
        Seconds that must be gained, for ``if_faster``.
    delay_s
        Hand-over across this border, in whole seconds; None: the study's own delay. One control room for both
        sides makes it 0.
    """

    kind: RuleKind
    min_gain_s: int = 0
    delay_s: int | None = None

    CLOSED: ClassVar[BorderRule]
    ON_EXHAUSTION: ClassVar[BorderRule]
    CLOSEST: ClassVar[BorderRule]

    @classmethod
    def if_faster(cls, min_gain_s: int) -> BorderRule:
        """Return the rule of automatic aid: respond when at least `min_gain_s` seconds quicker."""
        return cls("if_faster", min_gain_s)

    @property
    def crosses(self) -> bool:
        """Whether a free unit may answer while the own force also has one free."""
        return self.kind in ("if_faster", "closest")


BorderRule.CLOSED = BorderRule("closed")
BorderRule.ON_EXHAUSTION = BorderRule("on_exhaustion")
BorderRule.CLOSEST = BorderRule("closest")

#: Rules between all partners under the names that agreements have.
PRESETS: Mapping[str, BorderRule] = MappingProxyType(
    {
        "closed": BorderRule.CLOSED,
        "mutual_aid": BorderRule.ON_EXHAUSTION,
        "automatic_aid": BorderRule.if_faster(120),
        "borderless": BorderRule.CLOSEST,
    }
)


@dataclass(frozen=True)
class BorderPolicy:
    """A border rule for each ordered pair (responding force, force of the place).

    Parameters
    ----------
    between_partners
        The rule for every pair of different partners that `pairs` does not name.
    pairs
        Rules for single ordered pairs ``(responder, place)``; they hold for forces outside the alliance too.
    """

    between_partners: BorderRule = BorderRule.CLOSED
    pairs: Mapping[tuple[str, str], BorderRule] = field(default_factory=lambda: MappingProxyType({}))

    def rule(self, responder: str, place: str, partners: frozenset[str]) -> BorderRule:
        """Return the rule for `responder` in the area of `place`.

        Forces outside `partners` stay closed unless `pairs` names them.
        """
        if responder == place:
            return BorderRule.CLOSEST
        both_partners = responder in partners and place in partners
        return self.pairs.get(
            (responder, place), self.between_partners if both_partners else BorderRule.CLOSED
        )


@dataclass(frozen=True)
class CapabilityPolicy:
    """How the units of one capability work together, where it is not as response units do.

    Parameters
    ----------
    borders
        Who may respond across which border.
    control_room
        None: as the scenario says.
    """

    borders: BorderPolicy
    control_room: ControlRoom | None = None


@dataclass(frozen=True)
class Scenario:
    """One way of working together, in three levers that are pulled apart from each other.

    Parameters
    ----------
    name
        The name in files and on the command line.
    label
        The name people read.
    explanation
        One sentence that says what it means.
    borders
        Lever 1: who may respond across which border.
    stations
        Lever 2: ``own`` stations, or ``shared``: units may also start at partners' stations with room.
    control_room
        Lever 3: ``separate`` rooms hand cross-border calls over with a delay, a ``shared`` one does not; it
        serves the partners.
    units
        Station id → units of its own force that start there, where the stations' table says otherwise.
    guests
        (station id, another force) → units of that force that start there.
    closed
        Ids of stations where nobody starts, neither own units nor guests.
    capabilities
        Policies of their own, by capability; the others follow `borders` and `control_room`.
    """

    name: str
    label: str
    explanation: str
    borders: BorderPolicy = BorderPolicy()
    stations: StationUse = "own"
    control_room: ControlRoom = "separate"
    units: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    guests: Mapping[tuple[str, str], int] = field(default_factory=lambda: MappingProxyType({}))
    closed: tuple[str, ...] = ()
    capabilities: Mapping[Capability, CapabilityPolicy] = field(default_factory=lambda: MappingProxyType({}))

    def serving(self, capability: Capability) -> Scenario:
        """Return the scenario as units of a capability work in it.

        Only response units are re-based: others start at their own stations, but not at closed ones.
        """
        if capability == RESPONSE:
            return self
        own = self.capabilities.get(capability) or CapabilityPolicy(self.borders)
        return replace(
            self,
            borders=own.borders,
            control_room=own.control_room or self.control_room,
            stations="own",
            units={},
            guests={},
            capabilities={},
        )


SEPARATE = Scenario(
    "separate",
    "Separate forces",
    "Each force answers its own calls from its own stations.",
)
BORDERLESS = Scenario(
    "borderless",
    "Borderless response",
    "The closest unit of any partner answers; calls across a border are handed over between control rooms.",
    borders=BorderPolicy(BorderRule.CLOSEST),
)
SHARED_STATIONS = Scenario(
    "shared_stations",
    "Shared stations",
    "Each force answers its own calls; its units may also start at partners' stations that have room.",
    stations="shared",
)
ALLIANCE = Scenario(
    "alliance",
    "Full alliance",
    "The closest unit answers, partners' stations are shared, and one control room serves all.",
    borders=BorderPolicy(BorderRule.CLOSEST),
    stations="shared",
    control_room="shared",
)
NAMED_SCENARIOS = (SEPARATE, BORDERLESS, SHARED_STATIONS, ALLIANCE)


@dataclass(frozen=True, slots=True)
class Target:
    """A time within which a place should be reached.

    Parameters
    ----------
    name
        ``standard`` or, for example, ``10 min``.
    urban_ms, rural_ms
        The limit in milliseconds in towns and in the country; the limit itself still counts as reached.
    """

    name: str
    urban_ms: int
    rural_ms: int

    @property
    def label(self) -> str:
        """Return the target as people read it."""
        if self.urban_ms == self.rural_ms:
            return f"{self.urban_ms / 60_000:g} minutes"
        return f"{self.urban_ms / 60_000:g} minutes in towns, {self.rural_ms / 60_000:g} in the country"
