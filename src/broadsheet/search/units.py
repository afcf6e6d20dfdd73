r"""Units: the words of a text as displayed, where they stand and what terms they are; a formula is one unit."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from broadsheet.search.analysis import WORD, analyse, analyse_chunk, analyse_spans
from broadsheet.search.traces import traces

_LONGEST_ATOM = 400
"""Characters after which a dollar or a brace counts as left open."""

_MOST_KNOWN, _LONGEST_KNOWN = 32_768, 64
"""How many stretches have their terms remembered, and how long they are at most."""

_SIGN = re.compile(r"\\[()\[\]]|\\.|\$\$?|[{}]", re.DOTALL)
_CLOSED_BY = {"\\(": "\\)", "\\[": "\\]", "$": "$", "$$": "$$", "{": "}"}
_OPENED_BY = {closer: opener for opener, closer in _CLOSED_BY.items()}
_TEX = re.compile(r"[\\{}$^_~]|--")
_FORMULA = re.compile(r"[\\^_{}=<>]")
_SPACE = re.compile(r"\s")
_STRETCH = re.compile(r"[^ ]+")
_SIGNS = '.,;:!?()[]"'
"""What words most often stand between."""


class Unit(NamedTuple):
    """Characters `start` to `end` of a text and the terms they are: a word, or a whole formula or TeX group.

    `left` and `right` are where a passage that begins or ends with this unit may be cut.
    """

    start: int
    end: int
    left: int
    right: int
    terms: tuple[str, ...]
    is_tex: bool = False


class Words:
    """The units of a text, told without making all of them: its stretches without space are looked up."""

    def __init__(self, text: str) -> None:
        """Read a text as its authors wrote it. Never fails, in linear time."""
        self._text = text
        has_tex = _TEX.search(text) is not None
        self._is_plain = text.isascii() and not has_tex
        self._flat = _flattened(_filled(text) if has_tex else text)
        self._made: dict[int, list[Unit]] = {}

    def matching(self, terms: tuple[str, ...]) -> list[Unit]:
        """The units that are one of these terms, or a formula with one of them in it, in order."""
        if not terms:
            return []
        asked, found, end = frozenset(terms), [], 0
        trace = traces(terms, is_plain=self._is_plain)
        while shown := trace.search(self._flat, end):
            start, end = self._stretch(shown.start())
            if not asked.isdisjoint(_terms_in(self._text[start:end])):
                found += [unit for unit in self._units(start, end) if not asked.isdisjoint(unit.terms)]
        return found

    def in_phrase(self, phrase: Sequence[str]) -> Iterator[Unit]:
        """The units that are part of a phrase, wherever it stands."""
        terms, starts = self._terms
        for first in (place for place, term in enumerate(terms) if term == phrase[0]):
            last = first + len(phrase)
            if terms[first:last] == list(phrase):
                for start in dict.fromkeys(starts[first:last]):
                    place = bisect_left(starts, start)
                    for unit in self._units(*self._stretch(start)):
                        if place < last and place + len(unit.terms) > first:
                            yield unit
                        place += len(unit.terms)

    def __iter__(self) -> Iterator[Unit]:
        for found in _STRETCH.finditer(self._flat):
            yield from self._units(*found.span())

    def left_from(self, place: int) -> int | None:
        """The first place from this one on that a passage may begin at; None after the last unit."""
        start, end = self._stretch(place)
        if start < place < end:
            for unit in self._units(start, end)[1:]:
                if unit.left >= place:
                    return unit.left
            place = end
        while found := _STRETCH.search(self._flat, place):
            start, place = found.span()
            if _has_unit(self._text[start:place]):
                return start
        return None

    def right_until(self, place: int) -> int:
        """The last place up to this one that a passage may end at; 0 before the first unit."""
        start, end = self._stretch(place)
        if start < place < end:
            for unit in self._units(start, end)[-2::-1]:
                if unit.right <= place:
                    return unit.right
            place = start
        while place > 0:
            start, end = self._stretch(place - 1)
            if start < end and _has_unit(self._text[start:end]):
                return end
            place = start - 1 if start < end else place - 1
        return 0

    def is_tex(self, left: int) -> bool:
        """Whether the unit that begins here is a formula or a group."""
        return any(unit.is_tex for unit in self._units(*self._stretch(left)))

    @cached_property
    def _terms(self) -> tuple[list[str], list[int]]:
        """All terms in order, and where the stretch of each begins."""
        spans = [found.span() for found in _STRETCH.finditer(self._flat)]
        found = [(term, start) for start, end in spans for term in _terms_in(self._text[start:end])]
        return [term for term, _ in found], [start for _, start in found]

    def _stretch(self, place: int) -> tuple[int, int]:
        """The stretch around a place, empty in the middle of space."""
        end = self._flat.find(" ", place)
        return self._flat.rfind(" ", 0, place) + 1, len(self._flat) if end < 0 else end

    def _units(self, start: int, end: int) -> list[Unit]:
        """The units of a stretch."""
        if start not in self._made:
            self._made[start] = list(_units_of(self._text[start:end], start))
        return self._made[start]


def units(text: str) -> list[Unit]:
    r"""Find the units of a text as its authors wrote it. Never fails, in linear time.

    >>> [(unit.start, unit.end, unit.terms) for unit in units(r"for \"Ozel's $O(n \log n)$")]
    [(0, 3, ('for',)), (4, 12, ('ozel',)), (13, 26, ('o', 'n', 'log', 'n'))]
    """
    return list(Words(text))


def _terms_in(run: str) -> tuple[str, ...]:
    """The terms of a stretch, those of its units in their order."""
    return _known_terms(run) if len(run) <= _LONGEST_KNOWN else _found_terms(run)


def _found_terms(run: str) -> tuple[str, ...]:
    if _TEX.search(run):
        return tuple(analyse(run))
    if run.isascii():
        return tuple(analyse_chunk(run.strip(_SIGNS).lower()))
    return tuple([term for _, _, terms in analyse_spans(run) for term in terms])


_known_terms = lru_cache(_MOST_KNOWN)(_found_terms)


def _has_unit(run: str) -> bool:
    return bool(_terms_in(run)) if _TEX.search(run) else WORD.search(run) is not None


def _units_of(run: str, start: int) -> Iterator[Unit]:
    """The units of a stretch that begins there."""
    end = start + len(run)
    word = run.strip(_SIGNS)
    if word.isalpha() and word.isascii():
        first = start + run.index(word)
        yield Unit(first, first + len(word), start, end, _terms_in(run))
    elif _TEX.search(run):
        if terms := _terms_in(run):
            yield Unit(start, end, start, end, terms, is_tex=True)
    else:
        spans = list(analyse_spans(run))
        for number, (first, last, terms) in enumerate(spans, start=1):
            left, right = start if number == 1 else start + first, end if number == len(spans) else start + last
            yield Unit(start + first, start + last, left, right, terms)


def _filled(text: str) -> str:
    """A text of the same length, without spaces in its formulas and groups."""
    written, done = [], 0
    for start, end in _atoms(text):
        written += [text[done:start], _SPACE.sub("_", text[start:end])]
        done = end
    return "".join([*written, text[done:]])


def _flattened(text: str) -> str:
    """A text of the same length in lower case, every space a plain one."""
    if not text.isprintable():
        text = _SPACE.sub(" ", text)
    return text.replace("\u0130", "i").lower()  # the one letter that is two in lower case


def _atoms(text: str) -> Iterator[tuple[int, int]]:
    """Where formulas and groups in braces begin and end, in order; those that nest or overlap are one."""
    start, end = 0, 0
    for first, last in sorted(_pairs(text)):
        if first >= end:
            if end:
                yield start, end
            start = first
        end = max(end, last)
    if end:
        yield start, end


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    """Each sign that opens with the sign that closes it, when not too far; in one pass, however they are mixed."""
    opened: dict[str, list[int]] = {closer: [] for closer in _OPENED_BY}
    for sign in _SIGN.finditer(text):
        starts = opened.get(sign[0])
        if starts and sign.end() - starts[-1] <= _LONGEST_ATOM and _closes(text, starts[-1], sign):
            yield starts.pop(), sign.end()
        elif sign[0] in _CLOSED_BY:
            opened[_CLOSED_BY[sign[0]]].append(sign.start())


def _closes(text: str, start: int, sign: re.Match[str]) -> bool:
    return sign[0] != "$" or _is_formula(text[start + 1 : sign.start()], text[sign.end() : sign.end() + 1])


def _is_formula(inside: str, after: str) -> bool:
    """Tell $n$ from the dollars of "$5 and $10": a price has a space before the next dollar, or a digit after it."""
    is_snug = bool(inside) and inside == inside.strip()
    is_range = after.isdigit() and inside[:1].isdigit()
    return not is_range and (is_snug or bool(inside.strip() and _FORMULA.search(inside)))
