"""English analysis: how titles, abstracts and queries become terms, so that words that mean the same are the same term.

Text is first made searchable (TeX resolved, NFKC), then split into words, and each word folded (case, accents) and
stemmed. A hyphen parts words, so that low-rank and low rank are the same two terms. Stop words are terms too, at their
position, so that phrases can hold them; who ranks leaves them out.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

import Stemmer

from broadsheet.papers.text import fold, searchable

STOP_WORDS = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of",
    "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
    "from", "has", "have", "its", "our", "than", "we", "were", "which",
})  # fmt: skip
"""Words too common to rank by: the 33 of Lucene's English analyser, and nine more that most abstracts hold."""

ANALYSIS_VERSION = 1
"""Goes up whenever a text is analysed into other terms than before, so that indexes made before are made anew."""

MAX_TERM_LENGTH = 64
"""Characters of a word that count; what is longer is damaged text or a number, and is cut."""

_MAX_CACHED = 100_000

_MARKS = "".join(
    chr(code)
    for block in (range(0x300, 0x1E00), range(0x20D0, 0x2100), range(0xA600, 0xAC00), range(0xFB1E, 0xFE30))
    for code in block
    if unicodedata.category(chr(code))[0] == "M"
)
_JOINERS = "\u00ad\u200c\u200d"
_IDEOGRAPHS = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

WORD = re.compile(
    rf"[^\W_{_IDEOGRAPHS}]+(?:(?:[{_MARKS}{_JOINERS}]+|(?<=\d)\.(?=\d))[^\W_{_IDEOGRAPHS}]*)*(?:['\u2019][sS]\b)?"
    rf"|[{_IDEOGRAPHS}]"
)
"""A word: letters, digits and their marks, decimals whole (2.5), a possessive 's belonging to it; one ideograph."""

_DROPPED = re.compile(f"['\u2019][sS]$|[{_JOINERS}]")


def analyse(text: str) -> list[str]:
    r"""Turn text into its terms, in order, stop words among them. Never fails, whatever the text.

    >>> analyse(r"G\"odel's low-rank methods of the 1930s")
    ['godel', 'low', 'rank', 'method', 'of', 'the', '1930s']
    >>> analyse("Low rank method") == analyse("low-rank METHODS")
    True
    """
    terms: list[str] = []
    for chunk in searchable(text).lower().split():
        terms += _CHUNKS[chunk]
    return terms


def analyse_chunk(chunk: str) -> Sequence[str]:
    """Turn a stretch of searchable lower-case text into its terms: those of a text are the terms of its stretches.

    Nothing is remembered: an index that asks does so itself.

    >>> analyse_chunk("low-rank,")
    ('low', 'rank')
    """
    return tuple(_fold_and_stem(word[:MAX_TERM_LENGTH]) for word in WORD.findall(chunk))


def analyse_spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, term) for each word of a text that is searchable already, such as one without TeX.

    >>> list(analyse_spans("Two papers"))
    [(0, 3, 'two'), (4, 10, 'paper')]
    """
    for found in WORD.finditer(text):
        yield found.start(), found.end(), term_of(found[0])


def term_of(word: str) -> str:
    """Fold and stem one word; of a word longer than MAX_TERM_LENGTH, its beginning.

    >>> term_of("Methods\u2019s"), term_of("ITs")
    ('method', 'its')
    """
    return _term_of(word[:MAX_TERM_LENGTH])


@lru_cache(_MAX_CACHED)
def _term_of(word: str) -> str:
    return _fold_and_stem(word)


def _fold_and_stem(word: str) -> str:
    plain = fold(_DROPPED.sub("", word)) or word
    if plain in STOP_WORDS:
        return plain
    with _STEMMING:
        stem: str = _STEMMER.stemWord(plain)
    return plain if stem in STOP_WORDS else stem  # "ands", the logic gates, is not "and"


class _Chunks(dict[str, tuple[str, ...]]):
    """Text between spaces → its terms, worked out once for the whole process and forgotten all together when full."""

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        terms = tuple(term_of(word) for word in WORD.findall(chunk))
        if len(chunk) <= MAX_TERM_LENGTH:
            if len(self) >= _MAX_CACHED:
                self.clear()
            self[chunk] = terms
        return terms


_STEMMER = Stemmer.Stemmer("english", 0)
_STEMMING = threading.Lock()  # a PyStemmer object serves one thread at a time
_CHUNKS = _Chunks()
