"""Passages: which stretch of a text shows most of what was looked for."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from broadsheet.search.units import Unit

_SENTENCE_END = re.compile(r"[.!?][\"')\]\u201d\u2019]*\s+$")
_MOST_STARTS = 200
"""Matches that a passage is tried around; a text with more has found its best long before."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Characters `start` to `end` of a text."""

    start: int
    end: int


def choose(
    text: str, words: Sequence[Unit], marked: Sequence[Unit], terms: Sequence[str], length: int
) -> list[Passage]:
    """The best passage of at most `length` characters, or the two best of half of it if they show more of `terms`.

    `words` are the units of the text, `marked` those of them that match. Passages come in the order of the text, cut
    between units and never within a formula; without a match, the beginning of the text.
    """
    if not words:
        return [Passage(0, min(length, len(text)))]
    chooser = _Chooser(text, words, marked, frozenset(terms))
    one = chooser.best(length)
    if one is None:
        return [chooser.from_unit(0, length)]
    first = chooser.best(length // 2)
    second = chooser.best(length // 2, besides=first) if first else None
    if first and second and len(chooser.shown(first) | chooser.shown(second)) > len(chooser.shown(one)):
        return sorted((first, second), key=lambda passage: passage.start)
    return [one]


class _Chooser:
    def __init__(self, text: str, words: Sequence[Unit], marked: Sequence[Unit], terms: frozenset[str]) -> None:
        self.words, self.marked, self.terms = words, marked, terms
        self.lefts = [unit.left for unit in words]
        self.rights = [unit.right for unit in words]
        self.marks = [unit.start for unit in marked]
        self.sentences = [
            number
            for number, unit in enumerate(words)
            if number == 0 or _SENTENCE_END.search(text, self.rights[number - 1] - 5, unit.left)
        ]

    def best(self, length: int, besides: Passage | None = None) -> Passage | None:
        """The passage with most different terms that `besides` does not show, then most matches; the earliest such."""
        known = self.shown(besides) if besides else frozenset()
        best, most = None, (0, 0, False)
        for number, is_sentence in self.starts(length):
            passage = self.from_unit(number, length)
            if besides and passage.start < besides.end and besides.start < passage.end:
                continue
            new = len(self.shown(passage) - known)
            worth = (new, len(self.matches(passage)), is_sentence)
            if new and worth > most:
                best, most = passage, worth
        return best

    def starts(self, length: int) -> Iterator[tuple[int, bool]]:
        """Units that a passage may begin with to show a match: the first of its sentence, or one shortly before it."""
        for unit in self.marked[:_MOST_STARTS]:
            number = bisect_left(self.lefts, unit.left)
            sentence = self.sentences[bisect_right(self.sentences, number) - 1]
            if unit.end - self.lefts[sentence] <= length:
                yield sentence, True
            yield max(sentence, min(number, bisect_left(self.lefts, unit.end - length // 3))), False

    def from_unit(self, number: int, length: int) -> Passage:
        """The longest passage from a unit on that fits; of a formula that does not fit, nothing."""
        start = self.lefts[number]
        last = bisect_right(self.rights, start + length) - 1
        if last < number:
            return Passage(start, start if self.words[number].is_tex else start + length)
        return Passage(start, self.rights[last])

    def matches(self, passage: Passage) -> Sequence[Unit]:
        """The marked units that a passage shows whole."""
        first, last = bisect_left(self.marks, passage.start), bisect_left(self.marks, passage.end)
        return [unit for unit in self.marked[first:last] if unit.end <= passage.end]

    def shown(self, passage: Passage) -> frozenset[str]:
        """The terms that a passage shows."""
        return self.terms.intersection(term for unit in self.matches(passage) for term in unit.terms)
