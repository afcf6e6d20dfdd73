"""Queries of collections are texts, not typed here: every word counts, no sign is a command, no length too much."""

import re

from broadsheet.search import Query, QueryError
from broadsheet.search.analysis import STOP_WORDS
from broadsheet.search.tokens import FIELDS

_MOST_TERMS = 1_024
"""What an index ranks by at once; no abstract has so many."""
_SIGNS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\"\u201c\u201d\u201e\u201f\uff02]")
_FIELD = re.compile(rf"\b({'|'.join(FIELDS)}):", re.IGNORECASE)
_MINUS = re.compile(r"(?<!\S)[-\u2212]+")


def words_alone(text: str) -> Query:
    """Read a text as words to rank by, without phrases, exclusions and conditions; it may be as long as an abstract.

    The words are read as those of any query. A text without letters or digits gives a query without terms.

    >>> words_alone('Is the "low-rank" title: -worth it?').terms
    ('low', 'rank', 'titl', 'worth')
    """
    plain = " ".join(_MINUS.sub(" ", _FIELD.sub(r"\1 ", _SIGNS.sub(" ", text))).split())
    words: dict[str, str] = {}
    for query in _read(plain):
        for term, word in zip(query.terms, query.words, strict=True):
            words.setdefault(term, word)
    terms = (tuple(term for term in words if term not in STOP_WORDS) or tuple(words))[:_MOST_TERMS]
    return Query(text, " ".join(text.split()), terms, tuple(words[term] for term in terms))


def _read(plain: str) -> list[Query]:
    """A text as one query, or as those of its halves where it is too long for one."""
    try:
        return [Query.parse(plain)]
    except QueryError:
        middle = len(plain) // 2
        if not middle:
            return []
        parted = plain.rfind(" ", 0, middle + 1)
        place = parted if parted > 0 else middle
        return _read(plain[:place].strip()) + _read(plain[place:].strip())
