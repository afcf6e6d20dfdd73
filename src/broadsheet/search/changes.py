"""Changes are checked before the first is applied, so that a bad one leaves an index as it was."""

from collections.abc import Sequence
from datetime import date
from operator import index as whole

import numpy as np

from broadsheet.search.errors import ChangeError
from broadsheet.search.index import Change, Embed, Erase, Put, Vector, Withdraw

MOST_LETTERS = 2**23
"""Characters that a version may have in all."""

MOST_DIMENSIONS = 8_192
"""Dimensions that a vector may have; the largest of today's models have half of it."""

_MOST_SEQ = 2**62 - 1
_MOST_PAPER = 2**63 - 1
_MOST_SCALE = 1e30


def fresh_changes(changes: Sequence[Change], applied: int, position: int) -> list[Change]:
    """Give the changes after `applied`, checked to be in journal order, none beyond `position`, and each of them sound.

    Raises ChangeError, or TypeError for a number that is no whole one.
    """
    for change in changes:
        if not isinstance(change, Put | Embed | Withdraw | Erase):
            raise ChangeError(f"a change is a Put, an Embed, a Withdraw or an Erase, not a {type(change).__name__}")
    fresh = [change for change in changes if whole(change.seq) > applied]
    latest = 0
    for change in fresh:
        if change.seq < latest:
            raise ChangeError(f"change {change.seq:,} comes after change {latest:,}: the journal's order is broken")
        latest = change.seq
        _check(change)
    if latest > whole(position):
        raise ChangeError(f"change {latest:,} is beyond position {position:,}, to which the index was to move")
    if position > _MOST_SEQ:
        raise ChangeError(f"position {position:,} is beyond the last that a journal can have, {_MOST_SEQ:,}")
    return fresh


def _check(change: Change) -> None:
    if not -_MOST_PAPER <= whole(change.paper) <= _MOST_PAPER:
        raise ChangeError(f"change {change.seq:,} is of a paper beyond any that a library can have")
    if isinstance(change, Embed):
        _check_vector(change.vector)
    elif isinstance(change, Put):
        _check_put(change)


def _check_put(put: Put) -> None:
    texts = (put.title, put.abstract, *put.authors, *put.topics, *put.identifiers)
    if not all(isinstance(text, str) for text in texts) or not isinstance(put.day, date | None):
        raise ChangeError(f"change {put.seq:,} is damaged: a version has texts and a day, or None")
    if sum(map(len, texts)) > MOST_LETTERS:
        raise ChangeError(f"change {put.seq:,} is damaged: a version has at most {MOST_LETTERS:,} characters")


def _check_vector(vector: Vector) -> None:
    codes = getattr(vector, "codes", None)
    if not isinstance(codes, np.ndarray):
        raise ChangeError(f"a vector has one row of int8 codes in an array, not in a {type(codes).__name__}")
    if codes.dtype != np.int8 or codes.ndim != 1 or not len(codes):
        raise ChangeError(f"a vector has one row of int8 codes, this one {codes.dtype} of shape {codes.shape}")
    if len(codes) > MOST_DIMENSIONS:
        raise ChangeError(f"a vector has at most {MOST_DIMENSIONS:,} dimensions, this one {len(codes):,}")
    if not abs(vector.scale) < _MOST_SCALE:
        raise ChangeError(f"a vector's scale is a finite number, this one is {vector.scale}")
