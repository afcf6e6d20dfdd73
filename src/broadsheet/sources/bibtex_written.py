"""Papers written as BibTeX: one entry each, which BibTeX, biber, bibtexparser and pybtex read alike."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field
from bibtexparser.writer import BibtexFormat

from broadsheet.papers import Identifier, Version
from broadsheet.sources.bibtex_entry import OWN_FIELDS
from broadsheet.sources.bibtex_value import MONTHS
from broadsheet.sources.citation import Citation, Kind, address_of, cite
from broadsheet.sources.citation_key import citation_key
from broadsheet.sources.citation_names import Name, read_names
from broadsheet.sources.citation_text import Piece, read_pieces

_new_format: Callable[[], Any] = BibtexFormat  # the library has no types
_MONTH_NAMES = tuple(MONTHS)
_TYPES = {Kind.PREPRINT: "misc", Kind.ARTICLE: "article", Kind.PAPER: "inproceedings", Kind.OTHER: "misc"}
_VENUES = {Kind.ARTICLE: "journal", Kind.PAPER: "booktitle"}
_ESCAPES = str.maketrans(
    {
        "\\": "\\textbackslash{}",
        "{": "\\textbraceleft{}",
        "}": "\\textbraceright{}",
        "~": "\\textasciitilde{}",
        "^": "\\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "%&#_$"},
    }
)
_SHORT_BRACES = {"\\textbraceleft{}": "\\{", "\\textbraceright{}": "\\}"}
_NAMED_BRACE = re.compile(r"\\textbrace(?:left|right)\{\}")
_VERBATIM = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", '"': "%22", " ": "%20"})


def to_bibtex(version: Version, identifiers: Sequence[Identifier], url: str = "", key: str = "") -> str:
    r"""Write one entry; `key` in place of the paper's own, where a list needs its keys told apart.

    Letters stay UTF-8, which LaTeX reads since 2018 and biber always did: an accent in TeX would be one more form for
    every other program to undo, and most alphabets have none.

    >>> print(to_bibtex(Version("100% of $n^2$"), [Identifier("arxiv", "2104.12255")]), end="")
    @misc{100arxiv210412255,
      title = {{100\% of $n^2$}},
      eprint = {2104.12255},
      archivePrefix = {arXiv},
      url = {https://arxiv.org/abs/2104.12255},
    }
    """
    citation = cite(version, identifiers, url)
    form = _new_format()
    form.indent, form.trailing_comma = "  ", True
    fields = [Field(name, value) for name, value in _fields(citation) if value != "{}"]
    entry = Entry(_TYPES[citation.kind], key or citation_key(version, identifiers), fields)
    # The library's own steps before writing would put braces around the month's macro and escape maths and addresses.
    return str(write_string(Library([entry]), unparse_stack=[], bibtex_format=form))


def escape_tex(text: str) -> str:
    r"""Plain text so that TeX sets every sign as itself.

    A brace gets its name, since BibTeX counts the one in ``\{`` and wants it closed.

    >>> escape_tex(r"A & B_{c}")
    'A \\& B\\_\\textbraceleft{}c\\textbraceright{}'
    """
    return text.translate(_ESCAPES)


def _fields(citation: Citation) -> Iterator[tuple[str, str]]:
    version = citation.version
    yield "title", f"{{{_whole(_prose(version.title))}}}"
    yield "author", _braced(" and ".join(_name(name) for name in read_names(version.authors)))
    if day := citation.day:
        yield "year", _braced(f"{day.year:04}")
        yield "month", "{}" if citation.is_year_only else _MONTH_NAMES[day.month - 1]
    if venue := _VENUES.get(citation.kind):
        yield venue, _braced(_prose(version.venue))
    yield "doi", _braced(_doi(citation.value("doi")))
    if arxiv := citation.value("arxiv"):
        yield "eprint", _braced(arxiv.translate(_VERBATIM))
        yield "archivePrefix", "{arXiv}"
        yield "primaryClass", _braced(citation.category)
    yield "pmid", _braced(citation.value("pubmed").translate(_VERBATIM))
    for scheme in OWN_FIELDS:
        yield scheme, _braced(citation.value(scheme).translate(_VERBATIM))
    yield "url", _braced(citation.url)
    yield "keywords", _braced(", ".join(_prose(_undivided(topic)) for topic in version.topics))
    yield "abstract", _braced(_prose(version.abstract))


def _braced(value: str) -> str:
    return f"{{{value}}}"


def _whole(value: str) -> str:
    r"""In braces of its own, so that no style changes its capitals or takes it apart.

    A brace with a backslash right behind it is a letter with an accent to BibTeX, and the capitals in it are changed.
    """
    return f"{{{{}}{value}}}" if value.startswith("\\") else f"{{{value}}}"


def _prose(text: str) -> str:
    r"""A text in TeX. Braces that close each other are written ``\{`` and ``\}``, which more programs read."""
    pieces = read_pieces(text) if text else []
    is_short = _is_closed("".join(piece.text for piece in pieces if not piece.is_maths))
    return "".join(_piece(piece, is_short) for piece in pieces)


def _piece(piece: Piece, is_short: bool) -> str:
    if piece.is_maths:
        return str(piece)
    written = escape_tex(piece.text)
    return _NAMED_BRACE.sub(lambda found: _SHORT_BRACES[found[0]], written) if is_short else written


def _is_closed(text: str) -> bool:
    """Whether every brace is closed by a later one."""
    depth = 0
    for brace in re.findall("[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def _name(name: Name) -> str:
    if not name.family:
        return _whole(escape_tex(name.whole))
    parts = [name.family, name.suffix, name.given] if name.has_comma else [name.family_and_suffix, name.given]
    written = ", ".join(map(escape_tex, parts))
    return f"{{}}{written}" if written.startswith("\\") else written  # bibtexparser loses an escape behind "and"


def _doi(value: str) -> str:
    """A DOI as it stands, or as its address where its signs would break the entry."""
    return value if value == value.translate(_VERBATIM) else address_of(Identifier("doi", value))


def _undivided(topic: str) -> str:
    """A topic without the signs that divide keywords; the format knows no escape for them."""
    return " ".join(topic.replace(",", " ").replace(";", " ").split())
