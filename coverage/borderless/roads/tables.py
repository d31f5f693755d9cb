"""What a road file becomes: tables of nodes, streets and turn restrictions, and what is left out, counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from borderless.errors import ProblemLog
from borderless.roads.access import DRIVABLE, LADDER, Verdict
from borderless.roads.judged import Judged

_SHOWN = 8
_DECIDING = (*LADDER, "emergency", "bus")


def no_restrictions() -> pd.DataFrame:
    """Return an empty table of turn restrictions."""
    columns = ("from_street", "via_node", "to_street")
    return pd.DataFrame({name: np.zeros(0, dtype=np.int64) for name in columns}).assign(kind="")


@dataclass(frozen=True)
class RoadTables:
    """The tables that networks are built from; iterating gives nodes and streets.

    Parameters
    ----------
    nodes
        Columns ``id`` (str), ``x``, ``y`` (m, EPSG:27700), ``control`` (what holds cars up there, see
        :func:`borderless.roads.barriers.control_at`); the row number is the node number.
    streets
        One row for each piece between two nodes: ``tail``, ``head`` (rows of `nodes`), ``oneway`` (1 along
        the line, -1 against it, 0 both ways), ``highway``, ``roundabout``, ``bridge``, ``tunnel``, ``name``,
        ``ref``, ``length_m``, ``geometry``, and as raw text ``maxspeed`` and those of
        :data:`borderless.roads.access.LIMIT_KEYS` that the file has.
    restrictions
        Forbidden (``kind`` "no") or only allowed ("only") turns: ``from_street``, ``via_node``,
        ``to_street``, all row numbers.
    """

    nodes: pd.DataFrame
    streets: gpd.GeoDataFrame
    restrictions: pd.DataFrame = field(default_factory=no_restrictions)

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Iterate over nodes and streets."""
        return iter((self.nodes, self.streets))


@dataclass
class LeftOut:
    """Counts what of a file is not driven or not followed, and tells it once.

    Parameters
    ----------
    file
        The file.
    """

    file: str
    ways: Counter[str] = field(default_factory=Counter)
    metres: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    unknown: Counter[str] = field(default_factory=Counter)
    doubts: Counter[str] = field(default_factory=Counter)
    things: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)

    def take(self, verdict: Verdict, metres: float, count: int = 1) -> None:
        """Count ways with one verdict, and how long they are together."""
        if verdict.left_out:
            self.ways[verdict.left_out] += count
            self.metres[verdict.left_out] += metres
            if not verdict.known:
                self.unknown[verdict.highway or "none"] += count
        else:
            for doubt in verdict.doubts:
                self.doubts[doubt] += count

    def take_all(self, judged: Judged, metres: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Count all rows of a table; return which of them are driven, shape (rows,)."""
        verdicts, code = judged.verdicts, judged.code
        count = np.bincount(code, minlength=len(verdicts))
        total = np.bincount(code, weights=metres, minlength=len(verdicts))
        for verdict, rows, length in zip(verdicts, count.tolist(), total.tolist(), strict=True):
            self.take(verdict, length, rows)
        driven = np.array([not verdict.left_out for verdict in verdicts], dtype=np.bool_)
        return driven[code]

    def tell(self, log: ProblemLog) -> None:
        """Tell what was counted, each kind in one line."""
        parts = []
        for reason, count in self.ways.most_common():
            parts.append(f"{_many(count, 'way')}, {self.metres[reason] / 1000:,.1f} km {reason}")
        shown, rest = parts[:_SHOWN], list(self.ways.most_common())[_SHOWN:]
        if rest:
            count, metres = sum(n for _, n in rest), sum(self.metres[reason] for reason, _ in rest)
            shown.append(f"{_many(count, 'way')}, {metres / 1000:,.1f} km for {len(rest)} other reasons")
        shown += [_many(count, name) for name, count in sorted(self.things.items()) if count]
        if shown:
            log.notice(self.file, f"left out: {'; '.join(shown)}")
        if self.unknown:
            many = self.unknown.total()
            verbs = ("has", "is") if many == 1 else ("have", "are")
            why = f"{_many(many, 'way')} {verbs[0]} a class that is not known, and {verbs[1]} left out"
            known = f"{_listed(self.unknown)}; those driven are {', '.join(DRIVABLE)}"
            log.repair(self.file, f"{why}: {known}", rule="left out", column="highway")
        if self.doubts:
            why = f"tags that are not followed: {_listed(self.doubts)}"
            log.notice(self.file, why, "conditions and unknown values are taken as not being there")
        barriers = [f"{verb} {_listed(kinds)}" for verb, kinds in self._barriers() if kinds]
        if barriers:
            log.notice(self.file, f"barriers: {'; '.join(barriers)}")

    def _barriers(self) -> tuple[tuple[str, Counter[str]], ...]:
        return (("stopped by", self.stopped), ("passed", self.passed))


def tell_unsaid(file: str, here: Container[str], log: ProblemLog) -> None:
    """Tell which tags that decide who may drive a file has nowhere."""
    unsaid = [key for key in _DECIDING if key not in here and key.replace(":", "_") not in here]
    if unsaid:
        why = f"says nothing of {', '.join(unsaid)}, nor of barriers: streets count as open to a police car"
        log.notice(file, why, "use an .osm.pbf extract where that matters")


def _listed(counts: Counter[str]) -> str:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{name} ({count:,})" for name, count in ranked[:_SHOWN])
    rest = len(counts) - _SHOWN
    return f"{shown} and {rest} more kinds" if rest > 0 else shown


def _many(count: int, name: str) -> str:
    plural = {"ferry": "ferries"}.get(name) or name.replace("restriction", "restrictions")
    plural = plural if plural != name else f"{name}s"
    return f"{count:,} {name if count == 1 else plural}"
