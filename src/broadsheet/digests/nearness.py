"""Nearness: which papers of a window are much nearer in meaning to a text than the others are.

Models differ in how near any two texts are to each other, so the bar is told by the window itself.
"""

import numpy as np
from numpy.typing import NDArray

from broadsheet.digests.window import Numbers, Places, Vectors

NEAR = 2.5
"""By how many standard deviations a paper is nearer than the papers of the window are on average."""
FEWEST = 8
"""How many papers there must be with vectors for an average to mean anything."""


class Nearness:
    """The vectors of a window, each of length 1, or of zeros where there is none."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        self._is_known: NDArray[np.bool_] = np.any(vectors, axis=1)

    def near(self, vector: Vectors, besides: int = -1) -> tuple[Places, Numbers]:
        """The places near to a vector, that of the text itself left out, and how near from 0 (the bar) to 1."""
        others = self._is_known.copy()
        if 0 <= besides < len(others):
            others[besides] = False
        if self._vectors.shape[1] != len(vector) or np.count_nonzero(others) < FEWEST:
            return np.zeros(0, np.int64), np.zeros(0)
        cosines = self._vectors @ vector
        bar = max(float(cosines[others].mean() + NEAR * cosines[others].std()), 0.0)
        places = np.flatnonzero(others & (cosines > bar))
        return places, np.clip((cosines[places] - bar) / max(1.0 - bar, 1e-6), 0.0, 1.0).astype(np.float64)
