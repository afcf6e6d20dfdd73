"""Snippets: the passages of an abstract that show why it was found, and the matched words in them."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from broadsheet.search.passages import Passage, choose
from broadsheet.search.query import Query
from broadsheet.search.units import Unit, Words

Segments = tuple[tuple[str, bool], ...]
"""Text in pieces, each with whether it matches the query."""

LENGTH = 300
"""Characters of a snippet, ellipses not counted."""

_ELLIPSIS = "…"
_KNOWN = 8_192
"""How many answers are kept of each kind: pages of what many ask for show the same passages again and again."""
_JOINT = re.compile(r"[\s-]?")


@lru_cache(_KNOWN)
def highlight(text: str, query: Query) -> Segments:
    """Cut a text into what matches the query and what does not; together the pieces are the text. Never fails.

    >>> highlight("Simultaneous updates", Query.parse("update"))
    (('Simultaneous ', False), ('updates', True))
    """
    words = Words(text)
    return _segments(text, 0, len(text), _marked(words, query))


@lru_cache(_KNOWN)
def snippet(text: str, query: Query, length: int = LENGTH) -> Segments:
    """Choose the passage of at most `length` characters that shows most of the query's words, matches marked.

    Two passages of half the length are chosen where they show more different words than one. A passage begins with a
    sentence if it can and is cut between words, never within a formula; an ellipsis stands where text is left out.
    A text that matches nowhere shows its beginning.

    >>> snippet("Caches are old. Paging is older. Nothing is new.", Query.parse("paging"), 20)
    (('… ', False), ('Paging', True), (' is older. …', False))
    """
    words = Words(text)
    marked = _marked(words, query)
    passages = [Passage(0, len(text))] if len(text) <= length else choose(text, words, marked, query.terms, length)
    pieces: list[tuple[str, bool]] = []
    end = 0
    for passage in passages:
        left_out = text[end : passage.start].strip()
        gap = f"{_ELLIPSIS} " if left_out and not end else f" {_ELLIPSIS} " if left_out else text[end : passage.start]
        pieces += [(gap, False), *_segments(text, passage.start, passage.end, marked)]
        end = passage.end
    if text[end:].strip():
        pieces.append((f" {_ELLIPSIS}" if end else _ELLIPSIS, False))
    return _folded(pieces)


def forget_passages() -> None:
    """Keep nothing of any text that was shown, since one of them was erased."""
    highlight.cache_clear()
    snippet.cache_clear()


def _marked(words: Words, query: Query) -> list[Unit]:
    """The units that hold a term of the query or are part of one of its phrases, in order."""
    marked = words.matching(query.terms)
    phrases = [clause.terms for clause in query.phrases if len(clause.terms) > 1 or clause.terms[0] not in query.terms]
    return sorted({*marked, *(unit for phrase in phrases for unit in words.in_phrase(phrase))}) if phrases else marked


def _segments(text: str, start: int, end: int, marked: Sequence[Unit]) -> Segments:
    """A stretch of a text in pieces; marked units with nothing but a space or a hyphen between them are one."""
    spans: list[list[int]] = []
    for unit in marked:
        if start <= unit.start and unit.end <= end:
            if spans and _JOINT.fullmatch(text, spans[-1][1], unit.start):
                spans[-1][1] = unit.end
            else:
                spans.append([unit.start, unit.end])
    pieces, done = [], start
    for first, last in spans:
        pieces += [(text[done:first], False), (text[first:last], True)]
        done = last
    return _folded([*pieces, (text[done:end], False)])


def _folded(pieces: Iterable[tuple[str, bool]]) -> Segments:
    """The same text in as few pieces as can be."""
    folded: list[tuple[str, bool]] = []
    for text, is_match in pieces:
        if folded and folded[-1][1] == is_match:
            folded[-1] = folded[-1][0] + text, is_match
        elif text:
            folded.append((text, is_match))
    return tuple(folded)
