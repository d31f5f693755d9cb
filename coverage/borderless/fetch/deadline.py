"""One point in time that a whole command must be done by."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Deadline:
    """When servers must be done, whatever they do; reading what has arrived is not cut short.

    Parameters
    ----------
    end_s
        Reading of `clock` at the end, s.
    allowed_s
        How long it was from the beginning, s.
    clock
        A clock that never goes back.
    """

    end_s: float
    allowed_s: float
    clock: Clock = time.monotonic

    @classmethod
    def after(cls, allowed_s: float, clock: Clock = time.monotonic) -> Deadline:
        """Return a deadline so many seconds from now."""
        return cls(clock() + allowed_s, allowed_s, clock)

    def left_s(self) -> float:
        """Return the seconds that are left, 0 when it has passed."""
        return max(0.0, self.end_s - self.clock())
