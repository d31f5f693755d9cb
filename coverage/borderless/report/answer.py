"""What a command answers, in the three forms it can be had: printed, as tables, and as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from rich.console import RenderableType


@dataclass(frozen=True)
class Answer:
    """The answer to one question.

    Parameters
    ----------
    tables
        Name of the file, without ending → documented frame, for CSV.
    values
        The same numbers for programs: plain values that JSON knows, missing numbers None.
    printed
        What the terminal shows, in order; it fits 80 columns.
    """

    tables: Mapping[str, pd.DataFrame]
    values: Mapping[str, Any]
    printed: Sequence[RenderableType]
