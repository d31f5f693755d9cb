"""What the gain hangs on: how it moves with each setting while all the others move too."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from borderless.analysis.compare import PARTNERS
from borderless.analysis.robustness.bench import Bench, Outcome

Floats = NDArray[np.float64]


def tornado_frame(bench: Bench, values: Floats, drawn: Outcome) -> pd.DataFrame:
    """Return what the partners' gain hangs on: the study's first measure within the standard.

    Parameters
    ----------
    bench, values, drawn
        The settings that were drawn and what came of them.

    Returns
    -------
    DataFrame
        scenario, count (``covered``, or ``expected`` with busy units), setting, label, unit, low, high (ends
        of its range); gain_low, gain_high (mean gain in the fifth of the draws with the lowest and with the
        highest values, whole units with fractions), swing (their difference), rank_correlation (Spearman) and
        partial_correlation (of ranks, the other settings held; missing where there are too few draws or the
        gain never changes). The widest swing first; settings that do not vary are left out.

    References
    ----------
    Saltelli, A., Tarantola, S., Campolongo, F. and Ratto, M. (2004). Sensitivity Analysis in Practice. Wiley.
    """
    varied = [i for i, one in enumerate(bench.ranges) if one.varies]
    g = bench.groups.index(PARTNERS)
    rows = []
    for s, scenario in enumerate(bench.scenarios[1:], start=1):
        counts = {"covered": drawn.covered[:, :, g, 0, 0], "expected": drawn.expected[:, :, g, 0]}
        for count, found in counts.items():
            gain = (found[:, s] - found[:, 0]).astype(np.float64)
            plain, partial = correlations(values[:, varied], gain)
            found_rows = []
            for i, one, rest in zip(varied, plain, partial, strict=True):
                setting = bench.ranges[i]
                low, high = _fifths(values[:, i], gain)
                named = (scenario.name, count, setting.key, setting.label, setting.unit)
                found_rows.append((*named, setting.low, setting.high, low, high, high - low, one, rest))
            rows += sorted(found_rows, key=lambda row: -abs(row[9]))
    columns = ["scenario", "count", "setting", "label", "unit", "low", "high"]
    numbers = ["gain_low", "gain_high", "swing", "rank_correlation", "partial_correlation"]
    return pd.DataFrame(rows, columns=[*columns, *numbers])


def correlations(values: Floats, outcome: Floats) -> tuple[Floats, Floats]:
    """Return the rank correlation of each column with an outcome, and the partial one.

    The partial correlation of two columns, the others held, is −p_ij / √(p_ii p_jj) with p the inverse of the
    matrix of rank correlations of all columns.

    Parameters
    ----------
    values
        Shape (draws, settings), each column with different values.
    outcome
        Shape (draws,).

    Returns
    -------
    plain, partial
        Shape (settings,); NaN where the outcome never changes, partial also where there are too few draws.
    """
    draws, settings = values.shape
    missing = np.full(settings, np.nan)
    if settings == 0 or draws < 3 or (outcome == outcome[0]).all():
        return missing, missing
    ranks = np.column_stack([rankdata(column) for column in (*values.T, outcome)])
    matrix = np.corrcoef(ranks, rowvar=False)
    # with as many draws as columns anything fits
    if draws < settings + 3 or np.linalg.cond(matrix) > 1e10:
        return matrix[:-1, -1], missing
    inverse = np.linalg.inv(matrix)
    partial = -inverse[:-1, -1] / np.sqrt(np.diag(inverse)[:-1] * inverse[-1, -1])
    return matrix[:-1, -1], partial


def _fifths(values: Floats, gain: Floats) -> tuple[float, float]:
    order = np.argsort(values, kind="stable")
    some = max(1, len(order) // 5)
    return float(gain[order[:some]].mean()), float(gain[order[-some:]].mean())
