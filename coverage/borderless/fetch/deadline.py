"""One point in time that a whole command must be done by."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from borderless.errors import FetchError

Clock = Callable[[], float]
Thing = TypeVar("Thing")
# so many things are gone through between two looks at the clock
_STRIDE = 1_000


@dataclass(frozen=True, slots=True)
class Deadline:
    """When all must be done, whatever servers do; going through what has arrived stops then as well.

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

    def check(self) -> None:
        """Raise :class:`FetchError` when it has passed."""
        if not self.left_s():
            late = f"was not done after {self.allowed_s:g} s, which is all the time there was"
            remedy = (
                "allow more with --deadline-min: what came whole is kept, and the next run begins there; "
                "or use a local extract"
            )
            raise FetchError("the study", "this computer", late, remedy)

    def watched(self, things: Iterable[Thing]) -> Iterator[Thing]:
        """Yield things as long as there is time."""
        for number, thing in enumerate(things):
            if number % _STRIDE == 0:
                self.check()
            yield thing


#: A deadline that never comes.
NEVER = Deadline(math.inf, math.inf)
