"""What times and numbers of the road network are made of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

#: The time to a place that cannot be reached, ms. The only marker of a missing time.
UNREACHABLE = np.int32(2**31 - 1)

Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
