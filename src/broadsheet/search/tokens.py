"""The tokens of a query as typed: where each stands, its field, its value, and whether it is excluded or quoted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from broadsheet.search.errors import QueryError

FIELDS = ("title", "author", "topic", "source", "id", "after", "before")
"""The words that mean a field when a colon follows; any other word with a colon is plain text."""

MAX_LENGTH = 1_000

_QUOTES = '"\u201c\u201d\u201e\u201f\uff02'
_MINUS = "-\u2212"
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_DAMAGED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_FIELD = re.compile(rf"({'|'.join(FIELDS)}):", re.IGNORECASE)
_BARE = re.compile(rf"[^\s{_QUOTES}]*")


@dataclass(frozen=True, slots=True)
class Token:
    """One part of a query: characters `start` to `end` of the text as typed; `field` is empty for plain text."""

    value: str
    start: int
    end: int
    field: str = ""
    is_excluded: bool = False
    is_quoted: bool = False


def tokenize(text: str) -> Iterator[Token]:
    """Yield the tokens of a query. Raises QueryError for damaged text, an open quote or a field without a value.

    >>> [(token.field, token.value, token.is_excluded) for token in tokenize('low-rank -title:"a survey"')]
    [('', 'low-rank', False), ('title', 'a survey', True)]
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(
            f"a query has at most {MAX_LENGTH:,} characters, this one has {len(text):,}", MAX_LENGTH, len(text)
        )
    if damaged := _DAMAGED.search(text):
        message = (
            f"character {damaged.start() + 1} is a control character or half a character (U+{ord(damaged[0]):04X})"
        )
        raise QueryError(message, damaged.start(), damaged.end())
    text = _INVISIBLE.sub(" ", text)
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
        else:
            token = _read(text, place)
            yield token
            place = token.end


def _read(text: str, start: int) -> Token:
    place = start
    is_excluded = text[place] in _MINUS and not text[place + 1 : place + 2].isspace() and place + 1 < len(text)
    if is_excluded:
        place += 1
    field = ""
    if found := _FIELD.match(text, place):
        field = found[1].lower()
        place = found.end()
    is_quoted = text[place : place + 1] != "" and text[place] in _QUOTES
    if is_quoted:
        end = next((at for at in range(place + 1, len(text)) if text[at] in _QUOTES), None)
        if end is None:
            raise QueryError(f"the quote opened at character {place + 1} is not closed", place, len(text))
        value, end = text[place + 1 : end], end + 1
    else:
        bare = _BARE.match(text, place)
        value, end = (bare[0], bare.end()) if bare else ("", place)
    if field and not value.strip():
        raise QueryError(
            f"{field}: needs a value right after the colon; to search for the word, leave the colon out", start, end
        )
    return Token(value, start, end, field, is_excluded, is_quoted)
