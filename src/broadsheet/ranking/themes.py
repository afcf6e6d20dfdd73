"""Themes: what many texts are about, as a few directions in meaning, each the middle of texts near to each other.

k-means on the sphere. It begins with texts far from each other that are not alone, so that nothing is left to chance.
Source: Dhillon, Modha, "Concept decompositions for large sparse text data using clustering", Machine Learning 42, 2001.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST = 8
"""How many themes there are at most."""
_EACH = 6
"""For how many texts there is one more."""
_ROUNDS = 20
_LOOKED_AT = 1_000
"""Out of how many texts those are taken that it begins with."""
_COMPANY = 4
"""How many others near to a text say that it is not alone."""
_SHARE = 0.4
"""The part of an even share of the texts that a theme has at least."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Theme:
    """A direction, of length 1, and the rows of the texts it is the middle of, the nearest first."""

    centre: Vectors
    rows: tuple[int, ...]


def find_themes(vectors: Vectors, most: int = MOST) -> list[Theme]:
    """The themes of texts whose vectors are rows of length 1, those of most texts first; rows of zeros are left out.

    >>> texts = np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32)
    >>> [theme.rows for theme in find_themes(texts)]
    [(1, 0, 2)]
    """
    known = np.flatnonzero(np.any(vectors, axis=1))
    if not len(known):
        return []
    texts = vectors[known]
    centres = _settle(texts, _far_apart(texts, min(most, -(-len(texts) // _EACH))))
    while len(centres) > 1:  # texts unlike all others are no theme of their own
        sizes = np.bincount(np.argmax(texts @ centres.T, axis=1), minlength=len(centres))
        if sizes.min() >= _SHARE * len(texts) / len(centres):
            break
        centres = _settle(texts, np.delete(centres, int(np.argmin(sizes)), axis=0))
    nearest = np.argmax(texts @ centres.T, axis=1)
    found = []
    for nth, centre in enumerate(centres):
        own = np.flatnonzero(nearest == nth)
        if len(own):
            order = own[np.argsort(-(texts[own] @ centre), kind="stable")]
            found.append(Theme(centre, tuple(known[order].tolist())))
    return sorted(found, key=lambda theme: (-len(theme.rows), theme.rows[0]))


def _settle(texts: Vectors, centres: Vectors) -> Vectors:
    """Move each centre to the middle of the texts that are nearest to it, until none moves."""
    nearest = np.argmax(texts @ centres.T, axis=1)
    for _ in range(_ROUNDS):
        centres = np.stack([_middle(texts[nearest == nth], centre) for nth, centre in enumerate(centres)])
        moved = np.argmax(texts @ centres.T, axis=1)
        if np.array_equal(moved, nearest):
            break
        nearest = moved
    return centres


def _far_apart(texts: Vectors, count: int) -> Vectors:
    """Rows far from each other that have others near to them: first the one nearest to the middle of all."""
    some = texts[:: -(-len(texts) // _LOOKED_AT)]
    alike = some @ some.T
    company = np.sort(alike, axis=1)[:, -_COMPANY - 1 : -1].mean(axis=1) if len(some) > 1 else np.ones(1, np.float32)
    chosen = [int(np.argmax(some @ _middle(some, some[0])))]
    while len(chosen) < count:
        apart = 1 - alike[:, chosen].max(axis=1)
        chosen.append(int(np.argmax(apart * np.maximum(company - company.min(), 0))))
    return some[chosen]


def _middle(texts: Vectors, otherwise: Vectors) -> Vectors:
    """The mean direction of some rows; another one where they have none."""
    total = texts.sum(axis=0, dtype=np.float32) if len(texts) else otherwise
    length = float(np.linalg.norm(total))
    middle: Vectors = total / np.float32(length) if length > 0 else otherwise
    return middle
