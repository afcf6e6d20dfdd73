"""A NumPy array that grows at its end."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Growing:
    """Rows of one type and width, appended one at a time; `rows` is all of them without a copy.

    >>> column = Growing(np.int64)
    >>> column.append(7)
    >>> column.rows.tolist()
    [7]
    """

    def __init__(self, dtype: DTypeLike, *width: int) -> None:
        self._buffer: NDArray[Any] = np.zeros((8, *width), dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def rows(self) -> NDArray[Any]:
        """The rows so far, shape (len, *width); a write to them is kept, until the next append may move them."""
        return self._buffer[: self._size]

    def append(self, row: object) -> None:
        """Add one row at the end."""
        if self._size == len(self._buffer):
            larger = np.zeros((self._size * 2, *self._buffer.shape[1:]), self._buffer.dtype)
            larger[: self._size] = self._buffer
            self._buffer = larger
        self._buffer[self._size] = row
        self._size += 1
