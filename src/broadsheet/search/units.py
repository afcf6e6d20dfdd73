r"""Units: the words of a text as displayed, where they stand and what terms they are; a formula is one unit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from broadsheet.search.analysis import analyse, analyse_spans

_LONGEST_ATOM = 400
"""Characters after which a dollar or a brace counts as left open."""

_LONGEST_KNOWN, _MOST_KNOWN = 40, 50_000
"""Characters of a stretch without space that is remembered, and how many are; then all are forgotten together."""

_SIGN = re.compile(r"\\[()\[\]]|\\.|\$\$?|[{}]", re.DOTALL)
_CLOSED_BY = {"\\(": "\\)", "\\[": "\\]", "$": "$", "$$": "$$", "{": "}"}
_OPENED_BY = {closer: opener for opener, closer in _CLOSED_BY.items()}
_TEX = re.compile(r"[\\{}$^_~]|--")
_FORMULA = re.compile(r"[\\^_{}=<>]")
_RUN = re.compile(r"\S+")


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


@dataclass(frozen=True, slots=True)
class Words:
    """The units of a text in columns: where each may be cut, and the unit as counted from the start of its stretch."""

    lefts: list[int]
    rights: list[int]
    found: list[Unit]
    starts: list[int]

    @classmethod
    def of(cls, text: str) -> "Words":
        """Find the units of a text as its authors wrote it. Never fails, in linear time."""
        spans = list(_runs(text)) if _TEX.search(text) else [run.span() for run in _RUN.finditer(text)]
        runs = [_RUNS[text[start:end]] for start, end in spans]
        starts, ends = [start for start, _ in spans], [end for _, end in spans]
        lefts, rights, found, begins = [], [], [], []
        done = 0
        for number in [number for number, run in enumerate(runs) if len(run) != 1] + [len(runs)]:
            lefts += starts[done:number]
            rights += ends[done:number]
            found += [run[0] for run in runs[done:number]]
            begins += starts[done:number]
            done = number + 1
            for unit in runs[number] if number < len(runs) else ():
                lefts.append(starts[number] + unit.left)
                rights.append(starts[number] + unit.right)
                found.append(unit)
                begins.append(starts[number])
        return cls(lefts, rights, found, begins)

    def unit(self, number: int) -> Unit:
        """One of the units, as it stands in the text."""
        start, end, left, right, terms, is_tex = self.found[number]
        by = self.starts[number]
        return Unit(start + by, end + by, left + by, right + by, terms, is_tex)


def units(text: str) -> list[Unit]:
    r"""Find the units of a text as its authors wrote it. Never fails, in linear time.

    >>> [(unit.start, unit.end, unit.terms) for unit in units(r"for \"Ozel's $O(n \log n)$")]
    [(0, 3, ('for',)), (4, 12, ('ozel',)), (13, 26, ('o', 'n', 'log', 'n'))]
    """
    words = Words.of(text)
    return [words.unit(number) for number in range(len(words.found))]


class _Runs(dict[str, tuple[Unit, ...]]):
    """A stretch of text without space → its units, worked out once for the whole process."""

    def __missing__(self, run: str) -> tuple[Unit, ...]:
        found = tuple(_units_of(run))
        if len(run) <= _LONGEST_KNOWN:
            if len(self) >= _MOST_KNOWN:
                self.clear()
            self[run] = found
        return found


def _units_of(run: str) -> Iterator[Unit]:
    size = len(run)
    if _TEX.search(run):
        if terms := analyse(run):
            yield Unit(0, size, 0, size, tuple(terms), is_tex=True)
        return
    spans = list(analyse_spans(run))
    for number, (first, last, term) in enumerate(spans):
        is_last = number == len(spans) - 1
        yield Unit(first, last, first if number else 0, size if is_last else last, (term,))


_RUNS = _Runs()


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
