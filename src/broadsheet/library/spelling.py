"""Did you mean: a word of a query that hardly any paper has, and one that many have and that is spelled almost so."""

import re
from collections.abc import Iterator
from functools import lru_cache

from broadsheet.library.library import Library
from broadsheet.library.vocabulary import Vocabulary
from broadsheet.papers.text import fold
from broadsheet.search import Query, parse
from broadsheet.search.analysis import analyse
from broadsheet.search.engine import count_matching
from broadsheet.search.index import Index
from broadsheet.search.tokens import tokenize

RARE = 2
"""Papers that a word may have to be taken for misspelled."""
COMMON = 5
"""Papers that a word has at least to be offered instead, and ten times as many as the other."""
_SHORTEST, _TWICE = 4, 7
"""Letters of a word that is looked at, and of one that two mistakes are allowed in."""
_MOST_WORDS = 16
_WORD = re.compile(r"[^\W\d_]+")


def did_you_mean(library: Library, text: str, at: int) -> str:
    """The query with its misspelled words put right; "" where there is none.

    Words in plain text and in titles are looked at, a word costs a search of the index. What is offered are words of
    titles; until they are read for the first time, none. Raises QueryError.
    """
    index = library.follower.index
    rare = [(start, end) for start, end in _places(text) if _papers(index, text[start:end], at) <= RARE]
    if not rare:
        return ""
    library.vocabulary.follow(index.position)
    corrected = text
    for start, end in reversed(rare):
        word = text[start:end]
        if instead := _nearest(index, library.vocabulary, fold(word), at):
            corrected = f"{corrected[:start]}{instead}{corrected[end:]}"
    if corrected == text or len(corrected) > len(text) + _MOST_WORDS or not count_matching(index, parse(corrected), at):
        return ""
    return corrected


def _places(text: str) -> list[tuple[int, int]]:
    """Where the words stand that may be misspelled."""
    found = []
    for token in tokenize(text):
        if token.is_excluded or token.field not in ("", "title"):
            continue
        start = token.end - len(token.value) - token.is_quoted
        found += [(start + word.start(), start + word.end()) for word in _WORD.finditer(token.value)]
    return [(start, end) for start, end in found if end - start >= _SHORTEST][:_MOST_WORDS]


def _papers(index: Index, word: str, at: int) -> int:
    """How many papers have a word; many, if it is of no use for a search."""
    terms = tuple(dict.fromkeys(analyse(word)))
    query = Query(word, terms=terms, words=terms)
    return count_matching(index, query, at) if terms else RARE + 1


def _nearest(index: Index, vocabulary: Vocabulary, word: str, at: int) -> str:
    """The common word that is nearest in spelling, of equally near ones the commonest."""
    best = min(_near(vocabulary, word), default=None)
    least = max(COMMON, 10 * _papers(index, word, at))
    return best[2] if best and _papers(index, best[2], at) >= least else ""


def _near(vocabulary: Vocabulary, word: str) -> Iterator[tuple[int, int, str]]:
    """Words spelled almost so as (mistakes, minus papers, word)."""
    most = 2 if len(word) >= _TWICE else 1
    letters = _letters(word)
    for other, papers in vocabulary.common(word[0], COMMON):
        if abs(len(other) - len(word)) > most or (letters ^ _letters(other)).bit_count() > 2 * most:
            continue
        if 0 < (apart := mistakes(word, other)) <= most:
            yield apart, -papers, other


@lru_cache(1 << 17)
def _letters(word: str) -> int:
    """Which letters a word has, a bit for each; letters that share a bit only let more words through."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31)
    return bits


def mistakes(one: str, other: str) -> int:
    """How many letters are wrong, missing, too much or swapped with the next.

    Source: "optimal string alignment", Damerau 1964.

    >>> mistakes("pagnig", "paging"), mistakes("predicton", "prediction"), mistakes("same", "same")
    (1, 1, 0)
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, facing in enumerate(other, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != facing))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == facing:
                least = min(least, earlier[j - 2] + 1)
            row.append(least)
    return row[-1]
