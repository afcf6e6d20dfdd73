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
    first = words.left_from(0)
    if first is None:
        return [Passage(0, min(length, len(text)))]
    chooser = _Chooser(text, words, first, marked, terms)
    one = chooser.best(length)
    if one is None:
        return [chooser.passage_from(first, length)]
    if chooser.shown(one) == chooser.all:
        return [one]
    left = chooser.best(length // 2)
    right = chooser.best(length // 2, besides=left) if left else None
    if left and right and (chooser.shown(left) | chooser.shown(right)).bit_count() > chooser.shown(one).bit_count():
        return sorted((left, right))
    return [one]


class _Chooser:
    """Chooses passages of one text. Sets of terms are numbers with a bit for each term."""

    def __init__(self, text: str, words: Words, first: int, marked: Sequence[Unit], terms: Sequence[str]) -> None:
        bits = {term: 1 << place for place, term in enumerate(terms)}
        self.text, self.words, self.first = text, words, first
        self.marked = marked
        self.marks = [unit.start for unit in marked]
        self.ends = [unit.end for unit in marked]
        self.bits = [_any_bit(bits, unit.terms) for unit in marked]
        self.all = _union(self.bits)
        self._passages: dict[tuple[int, int], Passage] = {}

    @cached_property
    def sentences(self) -> list[int]:
        """Where sentences may begin."""
        return [self.first, *(end.end() for end in _SENTENCE_END.finditer(self.text, self.first))]

    def best(self, length: int, besides: Passage | None = None) -> Passage | None:
        """The passage with most different terms that `besides` does not show, then most matches; the earliest such."""
        known = self.shown(besides) if besides else 0
        best, most = None, (0, 0, False)
        for first, last, is_sentence in dict.fromkeys(self.starts(length)):
            if self.worth(Passage(first, last + length), known, is_sentence) <= most:
                continue  # whatever begins there shows no more
            passage = self.passage_from(first if first == last else self.words.left_from(first) or last, length)
            if besides and passage.start < besides.end and besides.start < passage.end:
                continue
            worth = self.worth(passage, known, is_sentence)
            if worth[0] and worth > most:
                best, most = passage, worth
        return best

    def worth(self, passage: Passage, known: int, is_sentence: bool) -> tuple[int, int, bool]:
        """How many terms that are not known a passage shows, how many matches, and whether it begins a sentence."""
        first, last = self.matches(passage)
        return (_union(self.bits[first:last]) & ~known).bit_count(), last - first, is_sentence

    def starts(self, length: int) -> Iterator[tuple[int, int, bool]]:
        """From and until where a passage may begin that shows a match: with its sentence, or shortly before it."""
        for unit, sentence in self.placed:
            if unit.end - sentence <= length:
                yield sentence, sentence, True
            before = unit.end - length // 3
            if before <= sentence:
                yield sentence, sentence, False
            else:
                yield min(before, unit.left), unit.left, False

    @cached_property
    def placed(self) -> list[tuple[Unit, int]]:
        """The first marked units, each with the place where its sentence begins."""
        return [(unit, self.sentence_of(unit.left)) for unit in self.marked[:_MOST_STARTS]]

    def sentence_of(self, place: int) -> int:
        """Where the sentence around a place begins."""
        for number in range(bisect_right(self.sentences, place) - 1, 0, -1):
            if self.words.left_from(self.sentences[number]) == self.sentences[number]:
                return self.sentences[number]
        return self.first

    def passage_from(self, start: int, length: int) -> Passage:
        """The longest passage from a unit on that fits; of a formula that does not fit, nothing."""
        if (start, length) not in self._passages:
            end = self.words.right_until(start + length)
            if end <= start:
                end = start if self.words.is_tex(start) else start + length
            self._passages[start, length] = Passage(start, end)
        return self._passages[start, length]

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
