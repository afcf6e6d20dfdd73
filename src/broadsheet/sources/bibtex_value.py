r"""BibTeX values: what a field's writing comes to once its pieces are joined, and how a title and names read in it.

Source: O. Patashnik, BibTeXing (1988), sections 2 and 4, and the grammar of the BibTeX 0.99 program.
"""

import re
from collections.abc import Mapping
from datetime import date

from bibtexparser.middlewares.names import split_multiple_persons_names

from broadsheet.papers import Author, RecordError
from broadsheet.papers.tex import tex_to_unicode

MAX_VALUE = 500_000
"""Longest value after joining: strings may be made of strings, each twice the one before it."""

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}

_MAX_TITLE = 5_000
_MAX_LAYERS = 4
_SPECIAL = re.compile(r'[\\{}"#]')
_MONTH = re.compile(r"(?<![A-Za-z])(" + "|".join(MONTHS) + r")[a-z]*", re.I)
_YEAR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_AND_BACKSLASH = re.compile(r"(?<=\sand\s)(?=\\)", re.I)
_COMMAND_ONLY = re.compile(r"\{\\[A-Za-z]+\\?\s*\}")
_PROTECTED = re.compile(
    r"(?P<kept>\$[^$]*\$|\\[A-Za-z]+\*?(?:\[[^\[\]]*\])*(?:\{[^{}]*\})*|\\.(?:\{[^{}]*\})?|[\^_]\{[^{}]*\})"
    r"|\{(?P<word>\$[^${}]*(?:\{[^{}]*\}[^${}]*)*\$|[^{}\\$]*)\}"
)


def join_value(raw: str, strings: Mapping[str, str]) -> str:
    """Evaluate a field as written: braces or quotes around, pieces joined by "#", names of strings replaced.

    A name that no @string defines comes to nothing, as in BibTeX. Raises RecordError over MAX_VALUE characters.

    >>> join_value('"Proc. Fifteenth Annual ACM" # STOC', {"stoc": " Symposium"})
    'Proc. Fifteenth Annual ACM Symposium'
    """
    pieces = [_evaluate(piece, strings) for piece in _split_pieces(raw)]
    if sum(map(len, pieces)) > MAX_VALUE:
        raise RecordError(f"a value grows to more than {MAX_VALUE:,} characters")
    return "".join(pieces)


def read_title(text: str) -> str:
    r"""A title for display: braces that only protect capitals go, those that belong to a command stay.

    >>> read_title(r"{Fighting {\TeX} with {VLSI} in \emph{Oz}: An {$O(n)$} {F}rench Story}")
    'Fighting {\\TeX} with VLSI in \\emph{Oz}: An $O(n)$ French Story'
    """
    text = " ".join(text.split())
    if len(text) > _MAX_TITLE:
        return text
    for _ in range(_MAX_LAYERS):
        if _COMMAND_ONLY.fullmatch(text) or not _is_enclosed(text):
            break
        text = text[1:-1].strip()
    return _PROTECTED.sub(lambda found: found["kept"] or found["word"], text)


def read_names(text: str) -> tuple[Author, ...]:
    r"""Authors of a list joined by "and"; braces keep an organisation's name together, "others" names nobody.

    >>> [author.name for author in read_names(r"Last, Jr., First and {B and N, Inc.} and Ren{\'e} X and others")]
    ['First Last, Jr.', 'B and N, Inc.', 'René X']
    """
    # Behind an "and" the library loses the sign that a backslash escapes: "and \\'Etienne" came back as "Etienne".
    text = _AND_BACKSLASH.sub("{}", " ".join(text.split()))
    names = (name.strip() for name in split_multiple_persons_names(text))
    return tuple(_read_name(name) for name in names if name and name != "others")


def read_date(year: str, month: str) -> date | None:
    r"""The first day that a year and month leave open; None without a year ("in press", "c. 1900s").

    >>> read_date(r"{\noopsort{1973b}}1973", "10~jan")
    datetime.date(1973, 1, 1)
    """
    years = _YEAR.findall(year)
    if not years or years[-1] == "0000":
        return None
    named = _MONTH.search(month)
    digits = month.strip()
    if named:
        number = MONTHS[named[1].lower()]
    else:
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 3 else 1
    return date(int(years[-1]), number if 1 <= number <= len(MONTHS) else 1, 1)


def _read_name(name: str) -> Author:
    plain = tex_to_unicode(name)
    return Author(plain) if _is_enclosed(name) else Author.parse(plain)


def _split_pieces(raw: str) -> list[str]:
    if "#" not in raw:
        return [raw]
    pieces, start, depth, quoted, skip = [], 0, 0, False, -1
    for found in _SPECIAL.finditer(raw):
        at, sign = found.start(), found[0]
        if at == skip:
            continue
        if sign == "\\":
            skip = at + 1
        elif sign == "{":
            depth += 1
        elif sign == "}":
            depth = max(depth - 1, 0)
        elif depth == 0 and sign == '"':
            quoted = not quoted
        elif depth == 0 and not quoted and sign == "#":
            pieces.append(raw[start:at])
            start = at + 1
    return [*pieces, raw[start:]]


def _evaluate(piece: str, strings: Mapping[str, str]) -> str:
    piece = piece.strip()
    if len(piece) > 1 and piece[0] + piece[-1] in ("{}", '""'):
        return piece[1:-1]
    if piece.isdigit():
        return piece
    return strings.get(piece.lower(), "")


def _is_enclosed(text: str) -> bool:
    """Whether the brace that opens the text is closed by the one that ends it."""
    if not (text.startswith("{") and text.endswith("}")):
        return False
    depth = 0
    for found in re.finditer(r"\\.|[{}]", text):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.end() == len(text)
    return False
