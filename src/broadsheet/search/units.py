r"""Units: the words of a text as displayed, where they stand and what terms they are; a formula is one unit."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, count
from operator import add, sub
from threading import Lock
from typing import ClassVar, NamedTuple

from broadsheet.search.analysis import analyse, analyse_spans, terms_of

_LONGEST_ATOM = 400
"""Characters after which a dollar or a brace counts as left open."""

_MOST_KNOWN = 6_000_000
"""Characters of stretches whose units are remembered, about a hundred thousand of them; then all are forgotten."""
_EACH = 50

_SIGN = re.compile(r"\\[()\[\]]|\\.|\$\$?|[{}]", re.DOTALL)
_CLOSED_BY = {"\\(": "\\)", "\\[": "\\]", "$": "$", "$$": "$$", "{": "}"}
_OPENED_BY = {closer: opener for opener, closer in _CLOSED_BY.items()}
_TEX = re.compile(r"[\\{}$^_~]|--")
_FORMULA = re.compile(r"[\\^_{}=<>]")
_RUN = re.compile(r"\S+")
_PLAIN_RUN = re.compile(r"[(\[\"]?([A-Za-z]+)[.,;:!?)\]\"]*")
"""What most stretches are: one word of plain letters, and signs."""


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

    def moved(self, by: int) -> "Unit":
        """The same unit so many characters further on."""
        start, end, left, right, terms, is_tex = self
        return Unit(start + by, end + by, left + by, right + by, terms, is_tex)


class Words:
    """The units of a text, told without making all of them: its stretches without space are looked up."""

    def __init__(self, text: str) -> None:
        """Read a text as its authors wrote it. Never fails, in linear time."""
        self._text = text
        self._known = _Known.latest()
        self._spans: list[tuple[int, int]] | None = None
        if _TEX.search(text):
            self._spans = list(_runs(text))
            self._runs = [text[start:end] for start, end in self._spans]
        else:
            self._runs = text.split()
        self._different = set(self._runs)
        self._known.learn(self._different)

    def matching(self, terms: Sequence[str]) -> list[Unit]:
        """The units that are one of these terms, or a formula with one of them in it, in order."""
        asked, known = frozenset(terms), self._known.units
        runs = self._different & self._known.holding(terms)
        if not runs:
            return []
        starts = self._bounds[0]
        numbers = [number for number, run in enumerate(self._runs) if run in runs]
        return [
            unit.moved(starts[number])
            for number in numbers
            for unit in known[self._runs[number]]
            if not asked.isdisjoint(unit.terms)
        ]

    @property
    def starts(self) -> list[int]:
        """Where each stretch begins."""
        return self._bounds[0]

    @property
    def ends(self) -> list[int]:
        """Where each stretch ends."""
        return self._bounds[1]

    @cached_property
    def _bounds(self) -> tuple[list[int], list[int]]:
        if self._spans is None and " ".join(self._runs) == self._text:
            sizes = list(map(len, self._runs))
            ends = list(map(add, accumulate(sizes), count()))
            return list(map(sub, ends, sizes)), ends
        spans = self._spans or [run.span() for run in _RUN.finditer(self._text)]
        return [start for start, _ in spans], [end for _, end in spans]

    def units_of(self, number: int) -> list[Unit]:
        """The units of one stretch."""
        by = self._bounds[0][number]
        return [unit.moved(by) for unit in self._known.units[self._runs[number]]]

    def __iter__(self) -> Iterator[Unit]:
        for number in range(len(self._runs)):
            yield from self.units_of(number)

    def left_from(self, place: int) -> int | None:
        """The first place from this one on that a passage may begin at; None after the last unit."""
        starts, ends = self._bounds
        number = bisect_left(starts, place)
        if number and ends[number - 1] > place:
            for unit in self.units_of(number - 1)[1:]:
                if unit.left >= place:
                    return unit.left
        for later in range(number, len(starts)):
            if self._known.units[self._runs[later]]:
                return starts[later]
        return None

    def right_until(self, place: int) -> int:
        """The last place up to this one that a passage may end at; 0 before the first unit."""
        starts, ends = self._bounds
        number = bisect_right(ends, place)
        if number < len(ends) and starts[number] < place:
            for unit in self.units_of(number)[-2::-1]:
                if unit.right <= place:
                    return unit.right
        for earlier in range(number - 1, -1, -1):
            if self._known.units[self._runs[earlier]]:
                return ends[earlier]
        return 0

    def is_tex(self, left: int) -> bool:
        """Whether the unit that begins here is a formula or a group."""
        return any(unit.is_tex for unit in self.units_of(bisect_right(self.starts, left) - 1))


def units(text: str) -> list[Unit]:
    r"""Find the units of a text as its authors wrote it. Never fails, in linear time.

    >>> [(unit.start, unit.end, unit.terms) for unit in units(r"for \"Ozel's $O(n \log n)$")]
    [(0, 3, ('for',)), (4, 12, ('ozel',)), (13, 26, ('o', 'n', 'log', 'n'))]
    """
    return list(Words(text))


class _Known:
    """Stretches of text without space with their units, and for each term the stretches that hold it."""

    _latest: ClassVar["_Known | None"] = None

    @classmethod
    def latest(cls) -> "_Known":
        """What is known to this process; who reads a text holds on to it when it is replaced for its size."""
        if cls._latest is None or cls._latest.size > _MOST_KNOWN:
            cls._latest = cls()
        return cls._latest

    def __init__(self) -> None:
        self.units: dict[str, tuple[Unit, ...]] = {}
        self.size = 0
        self._holding: dict[str, str | set[str]] = {}  # most terms are held by one
        self._learning = Lock()

    def learn(self, runs: set[str]) -> None:
        """Work out the units of what was never met."""
        if fresh := runs.difference(self.units):
            with self._learning:
                for run in fresh:
                    found = _units_of(run)
                    for unit in found:
                        for term in unit.terms:
                            self._note(term, run)
                    self.units[run] = found
                    self.size += len(run) + _EACH

    def holding(self, terms: Iterable[str]) -> set[str]:
        """The stretches that hold one of these terms."""
        found: set[str] = set()
        for term in terms:
            held = self._holding.get(term, ())
            found.update((held,) if isinstance(held, str) else held)
        return found

    def _note(self, term: str, run: str) -> None:
        held = self._holding.get(term)
        if held is None:
            self._holding[term] = run
        elif isinstance(held, set):
            held.add(run)
        elif held != run:
            self._holding[term] = {held, run}


def _units_of(run: str) -> tuple[Unit, ...]:
    size = len(run)
    if plain := _PLAIN_RUN.fullmatch(run):
        return (Unit(*plain.span(1), 0, size, terms_of(plain[1])),)
    if _TEX.search(run):
        terms = tuple(analyse(run))
        return (Unit(0, size, 0, size, terms, is_tex=True),) if terms else ()
    spans = list(analyse_spans(run))
    last = len(spans) - 1
    return tuple(
        Unit(start, end, start if number else 0, size if number == last else end, terms)
        for number, (start, end, terms) in enumerate(spans)
    )


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """The stretches of a text without space, formulas and groups with the spaces inside them."""
    atoms = _atoms(text)
    atom = next(atoms, None)
    position = 0
    while run := _RUN.search(text, position):
        start, end = run.span()
        while atom and atom[0] < end:
            if atom[1] > end:
                more = _RUN.match(text, atom[1])
                end = more.end() if more else atom[1]
            atom = next(atoms, None)
        yield start, end
        position = end


def _atoms(text: str) -> Iterator[tuple[int, int]]:
    """Where formulas and groups in braces begin and end, in order; those that nest or overlap are one."""
    start, end = 0, 0
    for first, last in sorted(_pairs(text)) if _TEX.search(text) else ():
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
