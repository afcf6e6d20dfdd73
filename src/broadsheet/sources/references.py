"""A reader's own list of references: a BibTeX, RIS or CSL-JSON file from a stranger, read within bounds."""

import re
from collections.abc import Iterator

from broadsheet.sources.bibtex import parse_bibtex
from broadsheet.sources.csl_read import parse_csl
from broadsheet.sources.errors import SourceError
from broadsheet.sources.paging import Found
from broadsheet.sources.payload import decode
from broadsheet.sources.ris import parse_ris

FILE_LIMIT = 5_000_000
"""Bytes of a file at most."""
MOST = 5_000
"""References in it at most."""
_NAME = "references"
_SIGNS = (
    ("csl", re.compile(r"\s*[\[{]")),
    ("ris", re.compile(r"(?m)^TY  -")),
    ("bibtex", re.compile(r"(?m)^\s*@\s*[A-Za-z]+\s*[{(]")),
)
_BEGINS = {"bibtex": re.compile(r"@\s{0,9}[A-Za-z]+\s{0,9}[{(]"), "ris": re.compile(r"(?m)^TY  -")}
_MARKS = '{}"=#@'
_OFTEN, _ALWAYS = 120, 2_000
"""How many marks of BibTeX stand in a file at most for each reference, and besides."""


def read_references(payload: bytes, place: str = "the file") -> list[Found]:
    """What is in a file, whatever it is called. Raises SourceError for one that is too large, or none of the three.

    A file that would keep the parser busy for long, such as one of braces alone, is refused before it is parsed.

    >>> [found.version.title for found in read_references(b"@article{a, title={On Offices}}")]
    ['On Offices']
    """
    if len(payload) > FILE_LIMIT:
        raise SourceError(f"{place} has more than {FILE_LIMIT // 1_000_000} MB; send it in parts")
    text = decode(payload, place)
    form = next((form for form, sign in _SIGNS if (sign.match if form == "csl" else sign.search)(text)), None)
    if form is None:
        raise SourceError(f"{place} is neither BibTeX nor RIS nor CSL-JSON; export one of these")
    if form in _BEGINS:
        _require_few(sum(1 for _ in _BEGINS[form].finditer(text)), place)
    if form == "bibtex":
        _require_usual(text, place)
    found = list(_parse(form, text, place))
    _require_few(len(found), place)
    return found


def _parse(form: str, text: str, place: str) -> Iterator[Found]:
    parse = {"csl": parse_csl, "ris": parse_ris, "bibtex": parse_bibtex}[form]
    return parse(text, _NAME, place)


def _require_few(count: int, place: str) -> None:
    if count > MOST:
        raise SourceError(f"{place} holds more than {MOST:,} references; send a part of them")


def _require_usual(text: str, place: str) -> None:
    begun = sum(1 for _ in _BEGINS["bibtex"].finditer(text))
    if sum(map(text.count, _MARKS)) > _OFTEN * begun + _ALWAYS:
        raise SourceError(f"{place} is not BibTeX as programs write it: it is mostly marks")
