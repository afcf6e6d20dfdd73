"""Passages: which stretch of a text shows most of what was looked for."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, reduce
from operator import or_
from typing import NamedTuple

from broadsheet.search.units import Unit, Words

_SENTENCE_END = re.compile(r"[.!?][\"')\]\u201d\u2019]*\s+(?=\S)")
_MOST_STARTS = 200
"""Matches that a passage is tried around; a text with more has found its best long before."""


class Passage(NamedTuple):
    """Characters `start` to `end` of a text."""

    start: int
    end: int


def choose(text: str, words: Words, marked: Sequence[Unit], terms: Sequence[str], length: int) -> list[Passage]:
    """The best passage of at most `length` characters, or the two best of half of it if they show more of `terms`.

    `words` are the units of the text, `marked` those of them that match. Passages come in the order of the text, cut
    between units and never within a formula; without a match, the beginning of the text.
    """
    if not words.found:
        return [Passage(0, min(length, len(text)))]
    chooser = _Chooser(text, words, marked, terms)
    one = chooser.best(length)
    if one is None:
        return [chooser.from_unit(0, length)]
    if chooser.shown(one) == chooser.all:
        return [one]
    first = chooser.best(length // 2)
    second = chooser.best(length // 2, besides=first) if first else None
    if first and second and (chooser.shown(first) | chooser.shown(second)).bit_count() > chooser.shown(one).bit_count():
        return sorted((first, second), key=lambda passage: passage.start)
    return [one]


class _Chooser:
    """Chooses passages of one text. Sets of terms are numbers with a bit for each term."""

    def __init__(self, text: str, words: Words, marked: Sequence[Unit], terms: Sequence[str]) -> None:
        bits = {term: 1 << place for place, term in enumerate(terms)}
        self.text, self.words = text, words
        self.lefts, self.rights = words.lefts, words.rights
        self.marked = marked[:_MOST_STARTS]
        self.marks = [unit.start for unit in marked]
        self.ends = [unit.end for unit in marked]
        self.bits = [_any_bit(bits, unit.terms) for unit in marked]
        self.all = _union(self.bits)

    @cached_property
    def sentences(self) -> list[int]:
        """The numbers of the units that sentences begin with."""
        lefts = self.lefts
        ends = [end.end() for end in _SENTENCE_END.finditer(self.text, self.rights[0] - 1)]
        places = [(bisect_left(lefts, end), end) for end in ends]
        return [0, *(number for number, end in places if 0 < number < len(lefts) and lefts[number] == end)]

    def best(self, length: int, besides: Passage | None = None) -> Passage | None:
        """The passage with most different terms that `besides` does not show, then most matches; the earliest such."""
        known = self.shown(besides) if besides else 0
        best, most = None, (0, 0, False)
        for number, is_sentence in dict.fromkeys(self.starts(length)):
            passage = self.from_unit(number, length)
            if besides and passage.start < besides.end and besides.start < passage.end:
                continue
            first, last = self.matches(passage)
            new = (_union(self.bits[first:last]) & ~known).bit_count()
            worth = (new, last - first, is_sentence)
            if new and worth > most:
                best, most = passage, worth
        return best

    def starts(self, length: int) -> Iterator[tuple[int, bool]]:
        """Units that a passage may begin with to show a match: the first of its sentence, or one shortly before it."""
        lefts, sentences = self.lefts, self.sentences
        for unit in self.marked:
            number = bisect_left(lefts, unit.left)
            sentence = sentences[bisect_right(sentences, number) - 1]
            if unit.end - lefts[sentence] <= length:
                yield sentence, True
            yield max(sentence, min(number, bisect_left(lefts, unit.end - length // 3))), False

    def from_unit(self, number: int, length: int) -> Passage:
        """The longest passage from a unit on that fits; of a formula that does not fit, nothing."""
        start = self.lefts[number]
        last = bisect_right(self.rights, start + length) - 1
        if last < number:
            return Passage(start, start if self.words.found[number].is_tex else start + length)
        return Passage(start, self.rights[last])

    def matches(self, passage: Passage) -> tuple[int, int]:
        """The first and the end of the marked units that a passage shows whole."""
        first = bisect_left(self.marks, passage.start)
        return first, max(first, bisect_right(self.ends, passage.end))

    def shown(self, passage: Passage) -> int:
        """The terms that a passage shows."""
        first, last = self.matches(passage)
        return _union(self.bits[first:last])


def _any_bit(bits: Mapping[str, int], terms: Sequence[str]) -> int:
    return bits.get(terms[0], 0) if len(terms) == 1 else _union([bits.get(term, 0) for term in terms])


def _union(bits: Iterable[int]) -> int:
    return reduce(or_, bits, 0)
