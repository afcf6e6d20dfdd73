"""A made-up language: words that can be said, few of them common and most of them rare.

The shares follow Zipf's law as Mandelbrot bent it, share ∝ 1 / (rank + 2.7) ** 1.13, which gives a paper of 175 words
about as many different ones as an abstract in English has. No word loses an ending to an English stemmer or is a stop
word, so every engine has the same terms whatever it does to text.
"""

from functools import cache
from itertools import islice, product

import numpy as np
from numpy.typing import NDArray

SIZE = 400_000
"""How many words the language has."""

_SHIFT, _EXPONENT = 2.7, 1.13
_DRAWS = 1 << 22
_SYLLABLES = ["".join(letters) for letters in product("bdfgklmnprtvz", "aou", "bfgkmpxz")]


def words(size: int = SIZE) -> list[str]:
    """The language's words, the commonest, which are the shortest, first.

    >>> words(2), words(313)[-1]
    (['bab', 'baf'], 'babbab')
    """
    lengths = (product(_SYLLABLES, repeat=length) for length in range(1, 4))
    return list(islice(("".join(syllables) for combined in lengths for syllables in combined), size))


def marker(number: int) -> str:
    """A word that the language does not have, another one for each number; one word, so no name with a number.

    >>> marker(17)
    'z17ux'
    """
    return f"z{number}ux"


@cache
def lots(size: int = SIZE) -> NDArray[np.int32]:
    """Ranks of words, each as often as its share says: a uniform draw of one of them draws a word."""
    shares = (np.arange(1, size + 1) + _SHIFT) ** -_EXPONENT
    bounds = np.rint(np.cumsum(shares) / shares.sum() * _DRAWS).astype(np.int64)
    return np.repeat(np.arange(size, dtype=np.int32), np.diff(bounds, prepend=0))
