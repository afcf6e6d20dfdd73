r"""Units: the words of a text as displayed, where they stand and what terms they are; a formula is one unit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from broadsheet.search.analysis import analyse, analyse_spans

_LONGEST_ATOM = 400
"""Characters after which a dollar or a brace counts as left open."""

_SIGN = re.compile(r"\\[()\[\]]|\\.|\$\$?|[{}]", re.DOTALL)
_CLOSED_BY = {"\\(": "\\)", "\\[": "\\]", "$": "$", "$$": "$$", "{": "}"}
_OPENED_BY = {closer: opener for opener, closer in _CLOSED_BY.items()}
_TEX = re.compile(r"[\\{}$^_~]|--")
_FORMULA = re.compile(r"[\\^_{}=<>]")
_RUN = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Unit:
    """Characters `start` to `end` of a text and the terms they are: a word, or a whole formula or TeX group.

    `left` and `right` are where a passage that begins or ends with this unit may be cut.
    """

    start: int
    end: int
    left: int
    right: int
    terms: tuple[str, ...]
    is_tex: bool = False


def units(text: str) -> list[Unit]:
    r"""Find the units of a text as its authors wrote it. Never fails, in linear time.

    >>> [(unit.start, unit.end, unit.terms) for unit in units(r"for \"Ozel's $O(n \log n)$")]
    [(0, 3, ('for',)), (4, 12, ('ozel',)), (13, 26, ('o', 'n', 'log', 'n'))]
    """
    found: list[Unit] = []
    for start, end in _runs(text):
        run = text[start:end]
        if _TEX.search(run):
            if terms := analyse(run):
                found.append(Unit(start, end, start, end, tuple(terms), is_tex=True))
            continue
        spans = list(analyse_spans(run))
        for number, (first, last, term) in enumerate(spans):
            left = start if number == 0 else start + first
            right = end if number == len(spans) - 1 else start + last
            found.append(Unit(start + first, start + last, left, right, (term,)))
    return found


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
