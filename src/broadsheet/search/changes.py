"""Changes are checked before the first is applied, so that a bad one leaves an index as it was."""

import math
from collections.abc import Sequence

import numpy as np

from broadsheet.search.errors import ChangeError
from broadsheet.search.index import Change, Embed, Vector


def check_changes(changes: Sequence[Change], position: int) -> None:
    """Raise ChangeError unless the changes are in journal order, none beyond `position`, and every vector is sound."""
    latest = 0
    for change in changes:
        if change.seq < latest:
            raise ChangeError(f"change {change.seq:,} comes after change {latest:,}: the journal's order is broken")
        latest = change.seq
        if isinstance(change, Embed):
            check_vector(change.vector)
    if latest > position:
        raise ChangeError(f"change {latest:,} is beyond position {position:,}, to which the index was to move")


def check_vector(vector: Vector) -> None:
    """Raise ChangeError unless the codes are one row of int8 and the scale is a number."""
    codes = vector.codes
    if codes.dtype != np.int8 or codes.ndim != 1 or not len(codes):
        raise ChangeError(f"a vector has one row of int8 codes, this one {codes.dtype} of shape {codes.shape}")
    if not math.isfinite(vector.scale):
        raise ChangeError(f"a vector's scale is a finite number, this one is {vector.scale}")
