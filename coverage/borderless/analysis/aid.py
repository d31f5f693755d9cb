"""Who answers for whom under a scenario: weight and unit time for each pair of forces, and the balance."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from borderless.analysis.coverage import Coverage
from borderless.errors import BorderlessError
from borderless.study.model import Measure, Study

DRIVING, UNIT_TIME = "driving_ms", "unit_ms"
_CALLS = "incidents"
_LARGEST = np.iinfo(np.int64).max


def aid_table(coverage: Coverage, calls: str = "") -> pd.DataFrame:
    """Return what each force's units answer first in each force's area, its own included.

    Parameters
    ----------
    coverage
        The scenario.
    calls
        The measure that unit time is counted for; empty: incidents, or the first measure where the study
        has none.

    Returns
    -------
    DataFrame
        responder, force (of the place), one whole-number column for each measure's column, ``driving_ms``
        (Σ calls × driving, one way) and ``unit_ms`` (Σ calls × what one call keeps a unit busy, see
        :func:`busy_ms`). One row for each ordered pair of the study's forces, in its order.

    Raises
    ------
    BorderlessError
        When the study has no such measure, or the sums are too large for 64 bits.

    Notes
    -----
    Each column sums to the weight that anybody answers at all: unreachable places and places in gaps
    between areas are in no row.
    """
    region = coverage.times.region
    study = region.study
    weights = {m.column: region.demand.weights(m) for m in study.measures}
    counted = region.demand.weights(calls_measure(study, calls))
    answered = coverage.responder >= 0
    columns = weights | {
        DRIVING: whole_product(counted, np.where(answered, coverage.travel_ms, 0)),
        UNIT_TIME: whole_product(counted, busy_ms(coverage)),
    }
    place = region.demand.table["force"].to_numpy(str)
    rows = []
    for r, responder in enumerate(study.force_names):
        by_them = coverage.responder == r
        for force in study.force_names:
            here = by_them & (place == force)
            sums = {name: int(values[here].sum()) for name, values in columns.items()}
            rows.append({"responder": responder, "force": force, **sums})
    return pd.DataFrame(rows, columns=["responder", "force", *columns])


def crossing(aid: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of an :func:`aid_table` in which a force answers something outside its own area."""
    others = aid["responder"] != aid["force"]
    weights = aid.drop(columns=["responder", "force"])
    return aid[others & (weights > 0).any(axis=1)].reset_index(drop=True)


def balance_table(aid: pd.DataFrame) -> pd.DataFrame:
    """Return what each force gives to others, receives from them, and gives more than it receives.

    Parameters
    ----------
    aid
        An :func:`aid_table`.

    Returns
    -------
    DataFrame
        force, quantity (a measure's column, ``driving_ms`` or ``unit_ms``), given, received, net (given −
        received), whole numbers. For each quantity, all that is given is received, and net sums to 0.
    """
    forces = list(dict.fromkeys(aid["responder"]))
    others = aid[aid["responder"] != aid["force"]]
    rows = []
    for force in forces:
        for quantity in aid.columns.drop(["responder", "force"]):
            given = int(others.loc[others["responder"] == force, quantity].sum())
            received = int(others.loc[others["force"] == force, quantity].sum())
            rows.append((force, quantity, given, received, given - received))
    return pd.DataFrame(rows, columns=["force", "quantity", "given", "received", "net"])


def hosted(coverage: Coverage) -> NDArray[np.bool_]:
    """Return where another force's unit is first, from a station of the place's own force.

    Returns
    -------
    numpy.ndarray
        bool, shape (points,).
    """
    region = coverage.times.region
    place = region.demand.table["force"].to_numpy(str)
    responder = np.array([*region.study.force_names, ""])[coverage.responder]
    host = np.append(region.stations["force"].to_numpy(str), "")[coverage.station]
    found: NDArray[np.bool_] = (responder != place) & (responder != "") & (host == place)
    return found


def calls_measure(study: Study, name: str = "") -> Measure:
    """Return the measure that counts calls: the named one, else incidents, else the study's first.

    Raises
    ------
    BorderlessError
        When the study has no measure of that name.
    """
    known = {measure.name: measure for measure in study.measures}
    if not name:
        return known.get(_CALLS, study.measures[0])
    if name not in known:
        msg = f"unknown measure {name}; this study counts: {', '.join(known)}"
        raise BorderlessError(msg)
    return known[name]


def busy_ms(coverage: Coverage) -> NDArray[np.int64]:
    """Return how long one call at each point keeps the unit that answers it first.

    Turnout, the drive there, and `Response.on_scene_s` from arrival until the unit is free again. Calls are
    taken before a unit turns out, so call handling and hand-over keep no unit.

    Returns
    -------
    numpy.ndarray
        Milliseconds, int64, shape (points,); 0 where nobody answers.
    """
    response = coverage.times.region.study.response
    fixed = round(1000 * response.turnout_s) + round(1000 * response.on_scene_s)
    return np.where(coverage.responder >= 0, coverage.travel_ms.astype(np.int64) + fixed, 0)


def whole_product(weights: NDArray[np.int64], each_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return weights × milliseconds, exactly, so that any of them may be added up.

    Raises
    ------
    BorderlessError
        When the sum of all might not fit into 64 bits.
    """
    if int(weights.sum()) * int(each_ms.max(initial=0)) > _LARGEST:
        msg = f"{int(weights.sum()):,} calls are too many to add up their unit time; count in larger units"
        raise BorderlessError(msg)
    return weights * each_ms.astype(np.int64)
