"""Likeness: whether two texts without a common name are one work, told by their titles, authors and years.

Sources write one work in many ways: authors in another order or by initials, a subtitle more, a letter wrong. Texts are
compared only if they share a block; then a weighted sum of what they have in common gives how likely they are one.
Source: Fellegi, Sunter, "A theory for record linkage", 1969, with the weights of a logistic regression; how they were
found, and what they are worth, is told in docs/explanation/one-paper.md.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations
from math import exp

from broadsheet.papers import Author, Version
from broadsheet.papers.text import title_key

LIKELY = 0.4
"""From here on two texts are taken for one work."""
COMMON = 100
"""A block that more papers are in tells nothing."""
_BIAS = -20.1
_WEIGHTS = {"letters": 5.0, "letters of the shorter": 12.0, "authors": 3.7, "years apart": -8.6, "length": 6.3}
_UNKNOWN = 0.5
_LONG, _FAR = 8, 3
"""Words from which on a title is long, and years that are as far apart as any."""
_PICKED, _TOGETHER = 4, 3
_SHORT_NAME = 3
_TELLING = 5
_LITTLE = frozenset("a an the of and in on for to with from by at is are its using via as or".split())
_PARTS = frozenset("part parts volume vol number no chapter section".split())
_NUMERAL = re.compile(r"\d{1,3}|\d{5,}|[ivx]+")
"""What tells parts of one work apart; not the year of a meeting."""


@dataclass(frozen=True)
class Traits:
    """What a text is compared by."""

    title: str
    families: frozenset[str]
    names: frozenset[str]
    year: int | None

    @classmethod
    def of(cls, text: Version) -> "Traits":
        """Take the traits of a text."""
        return cls.read(text.title, (author.name for author in text.authors), text.day.year if text.day else None)

    @classmethod
    def read(cls, title: str, names: Iterable[str], year: int | None) -> "Traits":
        """Take the traits of a title, the names of its authors and its year."""
        return _read(title, tuple(names), year)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the title that say what it is about."""
        return tuple(word for word in self.title.split() if word not in _LITTLE)

    @cached_property
    def letters(self) -> Counter[str]:
        """How often each three letters stand side by side in the title."""
        row = f" {self.title.replace(' ', '')} "
        return Counter(row[place : place + 3] for place in range(len(row) - 2))

    @cached_property
    def numerals(self) -> frozenset[str]:
        """The numbers in the title, Roman ones too, but for years."""
        return frozenset(word for word in self.title.split() if _NUMERAL.fullmatch(word))

    @cached_property
    def blocks(self) -> frozenset[int]:
        """What like texts share one of, as numbers of 63 bits: three of the longest four words, or two authors and the
        year.
        """
        return frozenset(
            int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) >> 1 for key in self._keys()
        )

    def _keys(self) -> Iterator[str]:
        longest = sorted(sorted(set(self.words), key=lambda word: (-len(word), word))[:_PICKED])
        for together in combinations(longest, _TOGETHER) if len(longest) == _PICKED else [tuple(longest)]:
            yield f"words {' '.join(together)}"
        if self.families:
            yield f"authors {min(self.families)} {max(self.families)} {self.year}"


@lru_cache(2_048)
def _read(title: str, names: tuple[str, ...], year: int | None) -> Traits:
    families = frozenset(key for name in names if (key := Author(name).key))
    words = frozenset(word for word in title_key(" ".join(names)).split() if len(word) >= _SHORT_NAME)
    return Traits(title_key(title), families, words, year)


def likeness(one: Traits, other: Traits) -> float:
    """How likely two texts are of one work, 0 to 1; 0 for parts numbered otherwise, and where no author is shared.

    >>> whole = Traits.read("Efficient and tunable similar set retrieval", ["A. Gionis", "N. Koudas"], 2001)
    >>> likeness(whole, Traits.read("Efficient and tumble similar set retrieval", ["Koudas", "Gionis"], 2001)) > LIKELY
    True
    >>> likeness(whole, Traits.read("Efficient and tunable similar set retrieval II", ["Gionis", "Koudas"], 2001))
    0.0
    """
    if _are_parts(one, other) or _are_strangers(one, other):
        return 0.0
    same, few, many = _shared_families(one.families, other.families)
    shared = (one.letters & other.letters).total()
    sizes = sorted((one.letters.total(), other.letters.total()))
    found = {
        "letters": 2 * shared / max(1, sum(sizes)),
        "letters of the shorter": shared / max(1, sizes[0]),
        "authors": same / (few + many - same) if few else _UNKNOWN,
        "years apart": min(abs(one.year - other.year), _FAR) if one.year and other.year else _UNKNOWN,
        "length": min(len(one.words), len(other.words), _LONG) / _LONG,
    }
    return 1 / (1 + exp(-_BIAS - sum(_WEIGHTS[name] * value for name, value in found.items())))


def _are_parts(one: Traits, other: Traits) -> bool:
    """Whether two titles have other numbers, or one has some and the other none, while all else is equal."""
    if one.numerals == other.numerals:
        return False
    is_all_equal = set(one.words) - one.numerals - _PARTS == set(other.words) - other.numerals - _PARTS
    return is_all_equal or bool(one.numerals and other.numerals)


def _are_strangers(one: Traits, other: Traits) -> bool:
    """Whether two texts share no word of their authors' names, given ones too.

    Names are mistaken, too: not where the titles are equal and so long that two works would hardly have them; where one
    side has no authors, not where its title holds the other or is held by it.
    """
    if not one.names.isdisjoint(other.names):
        return False
    short, long = sorted((one.title, other.title), key=len)
    is_same = short == long if one.names and other.names else short in long
    return not is_same or short.count(" ") < _TELLING


def _shared_families(ours: frozenset[str], theirs: frozenset[str]) -> tuple[int, int, int]:
    """How many family names two texts share, and how many the shorter and the longer list have."""
    few, many = sorted((ours, theirs), key=len)
    return sum(name in many or any(_is_slip(name, other) for other in many) for name in few), len(few), len(many)


def _is_slip(name: str, other: str) -> bool:
    """Whether two long names differ by one letter: wrong, missing or too much.

    >>> _is_slip("rosneblatt", "rosenblatt"), _is_slip("gonzales", "gonzalez"), _is_slip("chen", "cheng")
    (False, True, True)
    """
    sizes = sorted((len(name), len(other)))
    if sizes[0] < _SHORT_NAME or sizes[1] - sizes[0] > 1:
        return False
    start = next((place for place in range(sizes[0]) if name[place] != other[place]), sizes[0])
    rest = next((place for place in range(sizes[0] - start) if name[-1 - place] != other[-1 - place]), sizes[0] - start)
    return sizes[1] - start - rest <= 1
