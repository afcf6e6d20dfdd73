"""Files as sources: which format a file is in, and one source for each."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from broadsheet.papers import Record
from broadsheet.papers.record import SOURCE_LIMIT
from broadsheet.sources.arxiv import SOURCE as ARXIV
from broadsheet.sources.arxiv_atom import read_atom
from broadsheet.sources.arxiv_oai import read_oai
from broadsheet.sources.bibtex import parse_bibtex
from broadsheet.sources.csl_read import parse_csl
from broadsheet.sources.daily_papers_page import SOURCE as PAGE
from broadsheet.sources.daily_papers_page import parse_daily_papers_page
from broadsheet.sources.errors import SourceError
from broadsheet.sources.jsonl import JsonLines
from broadsheet.sources.paging import Found, paged, position_in
from broadsheet.sources.payload import MAX_BYTES, decode, read_head, read_payload
from broadsheet.sources.ris import parse_ris
from broadsheet.sources.source import Page, Source
from broadsheet.sources.xml import name_of, parse_xml

FORMATS = {
    "jsonl": "JSON Lines",
    "bibtex": "BibTeX",
    "ris": "RIS",
    "csl": "CSL-JSON",
    "arxiv": "arXiv's OAI-PMH or Atom XML",
    "daily-papers-page": "a Daily Papers page as text",
}
"""The formats that open_file reads, by name, each with its words for people."""

_SUFFIXES = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".bib": "bibtex", ".bibtex": "bibtex",
    ".ris": "ris", ".xml": "arxiv", ".atom": "arxiv", ".txt": "daily-papers-page",
}  # fmt: skip
_SIGNS = {
    "jsonl": re.compile(r"\s*\{"),
    "arxiv": re.compile(r"\s*<"),
    "ris": re.compile(r"(?m)^TY  - "),
    "bibtex": re.compile(r"(?m)^\s*@\s*[A-Za-z]+\s*[{(]"),
    "daily-papers-page": re.compile(r"(?m)^(?:Daily Papers|Get trending papers in your email inbox)"),
}
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_GENERIC_STEMS = ("docs", "papers")


@dataclass
class WholeFile:
    """A file that must be read whole, up to MAX_BYTES after inflation. A page's cursor counts what was found."""

    path: Path
    name: str
    parse: Callable[[bytes, str], Iterable[Found]]

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield pages from the first record, or from the place the cursor names. Raises SourceError."""
        start = position_in(cursor)
        found = list(self.parse(read_payload(self.path, MAX_BYTES), self.path.name))
        if start > len(found):
            raise SourceError(
                f"{self.path} has changed: it holds {len(found):,} papers, {start:,} were taken in before"
            )
        total = sum(isinstance(one, Record) for one in found)
        done = sum(isinstance(one, Record) for one in found[:start])
        yield from paged(enumerate(found[start:], start + 1), done=done, total=total)


def open_file(path: str | Path, collection: str | None = None, format: str | None = None) -> Source:
    """Return the source that reads a file, chosen by its suffix, else by its first bytes; gzip is seen by its magic.

    `collection` names the source and numbers its papers; by default it is the file's name without suffixes, or the
    folder's for docs* and papers*. XML from arXiv and Daily Papers pages are named after where they come from instead.
    `format` is a key of FORMATS. Raises SourceError for a file that is missing, empty, not text, or in no known format.
    """
    path = Path(path)
    head = read_head(path)
    if not head.strip():
        raise SourceError(f"{path} is empty")
    if head.startswith(_WIDE_MARKS):
        raise SourceError(f"{path} is written in UTF-16; save it as UTF-8")
    name = check_collection(collection or collection_of(path))
    kind = _check_format(format) if format else _format_of(path, head)
    if len(_CONTROLS.findall(head)) * 20 > len(head):
        raise SourceError(f"{path} is not a text file; {_what_is_read()}")
    if kind == "jsonl":
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            raise SourceError(f"{path} is one JSON list; say that it is CSL-JSON (csl), or write it as JSON Lines")
        return JsonLines(path, name)
    if kind == "arxiv":
        return WholeFile(path, ARXIV, _parse_arxiv)
    if kind == "daily-papers-page":
        return WholeFile(path, PAGE, _parse_text(parse_daily_papers_page))
    parse = {"bibtex": parse_bibtex, "ris": parse_ris, "csl": parse_csl}[kind]
    return WholeFile(path, name, _parse_text(lambda text, place: parse(text, name, place)))


def collection_of(path: Path) -> str:
    """The name of the collection that a file holds.

    >>> collection_of(Path("/data/scifact/docs_2026.jsonl.gz")), collection_of(Path("refs/my.thesis.bib"))
    ('scifact', 'my.thesis')
    """
    stem = path.name
    for suffix in (".gz", *_SUFFIXES, ".csl"):
        if stem.lower().endswith(suffix):
            stem = stem[: -len(suffix)]
    if not stem or stem.lower().startswith(_GENERIC_STEMS):
        return path.resolve().parent.name or "papers"
    return stem


def _parse_text(parse: Callable[[str, str], Iterable[Found]]) -> Callable[[bytes, str], Iterable[Found]]:
    """A parser of bytes from one of text; text in which it finds nothing at all is not in its format."""

    def parse_payload(payload: bytes, place: str) -> Iterable[Found]:
        if found := list(parse(decode(payload, place), place)):
            return found
        raise SourceError(f"{place} holds no papers; {_what_is_read()}")

    return parse_payload


def _parse_arxiv(payload: bytes, place: str) -> Iterator[Found]:
    root = parse_xml(payload, place, MAX_BYTES)
    read = {"OAI-PMH": read_oai, "record": read_oai, "feed": read_atom}.get(name_of(root))
    if read is None:
        raise SourceError(f"{place} begins with <{name_of(root)[:40]}>; only arXiv's OAI-PMH and Atom XML is read")
    page = read(root, place)
    yield from page.records
    yield from page.faults


def _format_of(path: Path, head: bytes) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    if suffixes[-2:] == [".csl", ".json"]:
        return "csl"
    if suffixes and (kind := _SUFFIXES.get(suffixes[-1])):
        return kind
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "ignore")
    for kind, sign in _SIGNS.items():
        if sign.match(text) or (kind not in ("jsonl", "arxiv") and sign.search(text)):
            return kind
    raise SourceError(f"{path} is in no known format; {_what_is_read()}")


def check_collection(name: str) -> str:
    """The name of a collection on one line. Raises SourceError for one that is too long or not printable."""
    name = " ".join(name.split())
    if not name.isprintable() or not 1 <= len(name) <= SOURCE_LIMIT:
        raise SourceError(f"a collection's name has 1 to {SOURCE_LIMIT} plain characters; {name[:40]!r} has not")
    return name


def _check_format(name: str) -> str:
    if name not in FORMATS:
        raise SourceError(f"there is no format {name!r}; {_what_is_read()}")
    return name


def _what_is_read() -> str:
    return "what can be read is " + ", ".join(f"{words} ({name})" for name, words in FORMATS.items())
