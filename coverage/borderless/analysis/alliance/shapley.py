"""Games between players, in whole numbers: interaction terms and Shapley values, exact."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray


def dividends(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return what each coalition adds beyond all smaller ones in it (Harsanyi 1963).

    The dividends of all subsets of a coalition add up to its value (Möbius inversion; Rota 1964).

    Parameters
    ----------
    values
        Shape (2^n, …): row r belongs to the players whose bits are set in r; row 0 to nobody.

    Returns
    -------
    ndarray
        Of the same shape, exact.
    """
    found = values.copy()
    rows = np.arange(len(values))
    for bit in range(player_count(values)):
        with_it = rows[rows >> bit & 1 == 1]
        found[with_it] -= found[with_it ^ (1 << bit)]
    return found


def shapley_values(values: NDArray[np.int64]) -> list[list[Fraction]]:
    """Return each player's mean marginal gain over all orders of joining (Shapley 1953).

    Parameters
    ----------
    values
        Shape (2^n, games), as for :func:`dividends`.

    Returns
    -------
    list of list of Fraction
        [player][game], exact; over the players they add up to the last row less the first.
    """
    n = player_count(values)
    rows = np.arange(len(values))
    size = np.bitwise_count(rows)
    orders = [math.factorial(k) * math.factorial(n - 1 - k) for k in range(n)]
    found = []
    for bit in range(n):
        without = rows[rows >> bit & 1 == 0]
        marginal = values[without | 1 << bit] - values[without]
        # Sums by size fit 64 bits; only their product with the number of orders may not.
        by_size = [marginal[size[without] == k].sum(axis=0).tolist() for k in range(n)]
        found.append([_mean(sums, orders) for sums in zip(*by_size, strict=True)])
    return found


def player_count(values: NDArray[np.int64]) -> int:
    """Return n of a game with 2^n rows.

    Raises
    ------
    ValueError
        When the number of rows is no power of two.
    """
    n = len(values).bit_length() - 1
    if len(values) != 1 << n:
        msg = f"a game needs a value for every coalition, 2^n of them, not {len(values)}"
        raise ValueError(msg)
    return n


def _mean(sums: Sequence[int], orders: Sequence[int]) -> Fraction:
    return Fraction(
        sum(total * ways for total, ways in zip(sums, orders, strict=True)), math.factorial(len(orders))
    )
