r"""Author names as one line of text: who stands in it, and with which affiliation."""

import re

from broadsheet.papers import Author
from broadsheet.papers.tex import tex_to_unicode

_SEPARATOR = re.compile(r"\s*(?:[,;]|:(?=\s|$)|(?<!\S)(?:and|&)(?!\S))\s*")
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.I)
_LEGEND = re.compile(r"\(([^()]{1,10})\)\s*([^()]*)")
_NOTE = re.compile(r"\s*(?:,|;|&|\band\b)\s*")


def is_name(text: str) -> bool:
    """Whether a text can name somebody at all: a list may hold a stray ":" where a collaboration's name ends."""
    return any(char.isalpha() for char in text)


def parse_author_line(text: str) -> tuple[Author, ...]:
    r"""Read "A. One, B. Two and C. Three", "One, A.; Two, B." or "One, Ann and Two, Bob", with arXiv's affiliations.

    Affiliations stand in parentheses behind a name, or as a number that a list at the end explains. Never fails: what
    names nobody is left out. Source: arXiv, "How to format the author field" (info.arxiv.org/help/prep).

    >>> [author.name for author in parse_author_line("ATLAS Collaboration: G. Aad, P. Erd\\H{o}s Jr. and C. Yuan")]
    ['ATLAS Collaboration', 'G. Aad', 'P. Erdős Jr.', 'C. Yuan']
    >>> parse_author_line("A. One (1), B. Two (2) ((1) Rome, (2) Oslo)")[1]
    Author(name='B. Two', affiliation='Oslo', orcid='')
    """
    text = " ".join(tex_to_unicode(text).split())
    if "(" not in text:
        return tuple(Author.parse(name) for name in _split(text) if is_name(name))
    plain, notes, legend = _lift_parentheses(text)
    authors, seen = [], 0
    for part in _split(plain):
        marks, name = part.count("\ufffc"), part.replace("\ufffc", " ")
        if is_name(name):
            affiliation = "; ".join(_resolve(note, legend) for note in notes[seen : seen + marks])
            authors.append(Author(Author.parse(name).name, affiliation))
        seen += marks
    return tuple(authors)


def _split(text: str) -> list[str]:
    if ";" in text:
        return [part.strip() for part in text.split(";")]
    pairs = re.split(r"\s+and\s+", text)
    if len(pairs) > 1 and all(_is_inverted(pair) for pair in pairs):
        return pairs
    names: list[str] = []
    for part in _SEPARATOR.split(text):
        if _SUFFIX.fullmatch(part) and names:
            names[-1] = f"{names[-1]}, {part}"
        else:
            names.append(part)
    return names


def _is_inverted(name: str) -> bool:
    """Whether this reads as one "Family, Given" rather than as several names in reading order."""
    family, comma, given = name.partition(",")
    return bool(comma) and "," not in given and bool(given.strip()) and len(family.split()) <= len(given.split()) + 1


def _lift_parentheses(text: str) -> tuple[str, list[str], dict[str, str]]:
    """Put a mark in the place of each outermost parenthesis; a list of (number) place becomes the legend."""
    plain: list[str] = []
    notes: list[str] = []
    legend: dict[str, str] = {}
    depth, start = 0, 0
    for at, char in enumerate(text):
        if char == "(":
            if depth == 0:
                plain.append(text[start:at])
                start = at + 1
            depth += 1
        elif char == ")" and depth:
            depth -= 1
            if depth == 0:
                inside, start = text[start:at], at + 1
                if inside.lstrip().startswith("("):
                    legend.update({number.strip(): place.strip(" ,;.") for number, place in _LEGEND.findall(inside)})
                else:
                    notes.append(inside.strip())
                    plain.append("\ufffc")
    if not depth:
        plain.append(text[start:])
    return "".join(plain), notes, legend


def _resolve(note: str, legend: dict[str, str]) -> str:
    if note in legend:
        return legend[note]
    parts = [legend.get(part, "") for part in _NOTE.split(note)]
    return "; ".join(part for part in parts if part) or ("" if note.isdigit() else note)
