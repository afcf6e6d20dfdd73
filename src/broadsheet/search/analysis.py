"""English analysis: how titles, abstracts and queries become terms, so that words that mean the same are the same term.

Text is first made searchable (TeX resolved, NFKC), then split into words, and each word folded (case, accents) and
stemmed. A hyphen parts words, and so does what `compounds` knows, so that low-rank, lowrank and low rank are the same
two terms; of British and American spelling one stands for both. Stop words are terms too, at their position, so that
phrases can hold them; who ranks leaves them out.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

import Stemmer

from broadsheet.papers.text import fold, searchable
from broadsheet.search.compounds import parted
from broadsheet.search.spelling import american

STOP_WORDS = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of",
    "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
    "from", "has", "have", "its", "our", "than", "we", "were", "which",
})  # fmt: skip
"""Words too common to rank by: the 33 of Lucene's English analyser, and nine more that most abstracts hold."""

ANALYSIS_VERSION = 3
"""Goes up whenever a paper is found under other terms than before, so that indexes made before are made anew."""

MAX_TERM_LENGTH = 64
"""Characters of a word that count; what is longer is damaged text or a number, and is cut."""

_MAX_CACHED = 100_000

_MARKS = "".join(
    chr(code)
    for block in (range(0x300, 0x1E00), range(0x20D0, 0x2100), range(0xA600, 0xAC00), range(0xFB1E, 0xFE30))
    for code in block
    if unicodedata.category(chr(code))[0] == "M"
)
_APOSTROPHE = "\u02bc"
_JOINERS = "\u00ad\u200c\u200d"
_IDEOGRAPHS = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

_LETTER = rf"[^\W_{_IDEOGRAPHS}{_APOSTROPHE}]"
_WITHIN = rf"[{_MARKS}{_JOINERS}]+|(?<=\d)(?:\.(?=\d)|,(?=\d{{3}}(?!\d)))"

WORD = re.compile(rf"{_LETTER}+(?:(?:{_WITHIN}){_LETTER}*)*(?:['\u2019{_APOSTROPHE}][sS]\b)?|[{_IDEOGRAPHS}]")
"""A word: letters, digits and their marks, numbers whole (2.5 and 1,000), a possessive 's belonging to it; one
ideograph."""

_DROPPED = re.compile(f"['\u2019{_APOSTROPHE}][sS]$|[,{_JOINERS}]")


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

    >>> analyse_chunk("low-rank,"), analyse_chunk("lowrank")
    (('low', 'rank'), ('low', 'rank'))
    """
    if chunk.isalpha() and chunk.isascii() and len(chunk) <= MAX_TERM_LENGTH:  # most are; nothing is to be folded
        return (chunk,) if chunk in STOP_WORDS else tuple([_stem(part) for part in parted(chunk)])
    words = WORD.findall(chunk)
    if len(words) == 1:
        return _analysed(words[0][:MAX_TERM_LENGTH])
    return tuple([term for word in words for term in _analysed(word[:MAX_TERM_LENGTH])])


def analyse_spans(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield (start, end, terms) for each word of a text that is searchable already, such as one without TeX.

    >>> list(analyse_spans("Two subtasks"))
    [(0, 3, ('two',)), (4, 12, ('sub', 'task'))]
    """
    for found in WORD.finditer(text):
        yield found.start(), found.end(), terms_of(found[0])


def terms_of(word: str) -> tuple[str, ...]:
    """The terms of one word, most often one; of a word longer than MAX_TERM_LENGTH, those of its beginning.

    >>> terms_of("Methods\u2019s"), terms_of("ITs"), terms_of("GPT4o")
    (('method',), ('its',), ('gpt', '4o'))
    """
    return _terms_of(word[:MAX_TERM_LENGTH])


def parts_of(word: str) -> Sequence[str]:
    """What each of the terms of a word was before it was stemmed: cut from the word as it is written, where it can be.

    >>> parts_of("LowRank"), parts_of("TNF\u03b1")
    (['Low', 'Rank'], ('tnf', 'alpha'))
    """
    word = word[:MAX_TERM_LENGTH]
    parts = _parts(word)
    ends = list(accumulate(map(len, parts)))
    if ends[-1] != len(word):
        return parts
    return [word[start:end] for start, end in pairwise([0, *ends])]


@lru_cache(_MAX_CACHED)
def _terms_of(word: str) -> tuple[str, ...]:
    return _analysed(word)


def _analysed(word: str) -> tuple[str, ...]:
    parts = _parts(word)
    return tuple([_stem(part) for part in parts])


def _parts(word: str) -> tuple[str, ...]:
    plain = fold(word) if word.isascii() and word.isalnum() else fold(_DROPPED.sub("", word)) or word
    return (plain,) if plain.isdigit() or plain in STOP_WORDS else parted(plain)


def _stem(plain: str) -> str:
    if plain in STOP_WORDS or plain.isdigit():
        return plain
    with _STEMMING:
        stem: str = _STEMMER.stemWord(american(plain))
    return plain if stem in STOP_WORDS else stem  # "ands", the logic gates, is not "and"


class _Chunks(dict[str, tuple[str, ...]]):
    """Text between spaces → its terms, worked out once for the whole process and forgotten all together when full."""

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        terms = tuple(term for word in WORD.findall(chunk) for term in terms_of(word))
        if len(chunk) <= MAX_TERM_LENGTH:
            if len(self) >= _MAX_CACHED:
                self.clear()
            self[chunk] = terms
        return terms


_STEMMER = Stemmer.Stemmer("english", 0)
_STEMMING = threading.Lock()  # a PyStemmer object serves one thread at a time
_CHUNKS = _Chunks()
