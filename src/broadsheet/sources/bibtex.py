"""BibTeX: entries into records, with @string, crossref and what is broken told apart from what is not."""

import logging
import re
from collections.abc import Iterator, Mapping

from bibtexparser.entrypoint import parse_string
from bibtexparser.exceptions import ParsingException
from bibtexparser.library import Library
from bibtexparser.model import (
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ImplicitComment,
    ParsingFailedBlock,
    String,
)

from broadsheet.papers import PaperError, Record, RecordError
from broadsheet.sources.bibtex_entry import Fields, read_entry
from broadsheet.sources.bibtex_value import MONTHS, join_value
from broadsheet.sources.errors import SourceError
from broadsheet.sources.paging import Found
from broadsheet.sources.source import Fault

_STRAY_ENTRY = re.compile(r"^[ \t]*@[ \t]*[A-Za-z]+", re.M)
_NOT_INHERITED = frozenset({"abstract", "doi", "url", "eprint", "pmid", "pages", "crossref", "key"})

# The parser reports each damaged block to the log as well; here the fault on the page is that report.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)


def parse_bibtex(text: str, collection: str, place: str) -> Iterator[Found]:
    """Yield a record for each entry, in order, and a fault for each block that is none, with its line.

    An entry's key is its number in the collection. An entry takes the fields that it lacks from the one it names in
    `crossref`, whose title is its book title. Raises SourceError if the text cannot be divided at all.
    Source: O. Patashnik, BibTeXing (1988).
    """
    try:
        library = parse_string(text, parse_stack=[])
    except (ParsingException, IndexError, ValueError, RecursionError) as error:
        raise SourceError(f"{place} cannot be divided into BibTeX entries: {error}") from error
    strings = _read_strings(library)
    parents = {entry.key.lower(): entry for entry in library.entries if entry.key}
    for block in library.blocks:
        here = f"{place} line {(block.start_line or 0) + 1:,}"
        if isinstance(block, Entry):
            yield _read(block, strings, parents, collection, here)
        elif isinstance(block, DuplicateFieldKeyBlock) and isinstance(block.ignore_error_block, Entry):
            yield _read(block.ignore_error_block, strings, parents, collection, here)
        elif isinstance(block, ParsingFailedBlock) and not isinstance(block.ignore_error_block, String):
            yield Fault(here, _why_failed(block))
        elif isinstance(block, ImplicitComment) and (stray := _STRAY_ENTRY.search(block.comment)):
            line = (block.start_line or 0) + 1 + block.comment.count("\n", 0, stray.start())
            yield Fault(f"{place} line {line:,}", f"{stray[0].strip()[:40]!r} begins an entry but no brace follows")


def _read(entry: Entry, strings: Mapping[str, str], parents: Mapping[str, Entry], collection: str, place: str) -> Found:
    try:
        fields = _fields(entry, strings)
        if parent := parents.get(fields.get("crossref", "").strip().lower()):
            fields = _inherit(fields, _fields(parent, strings))
        read: Record = read_entry(entry.key, fields, collection, place)
        return read
    except PaperError as error:
        return Fault(place, f"the entry {entry.key[:60]!r} is not usable: {error}")


def _fields(entry: Entry, strings: Mapping[str, str]) -> Fields:
    """The entry's values by lower-case name; of a field given twice the first counts, as in BibTeX."""
    fields: dict[str, str] = {}
    for field in entry.fields:
        name = field.key.lower()
        if name not in fields:
            value = join_value(field.value, strings)
            fields[name] = value or (field.value if name == "month" else "")
    return fields


def _inherit(fields: Fields, parent: Fields) -> Fields:
    """A child's fields completed from its parent's; a child without any title has its parent's, as in BibTeX."""
    lent = {name: value for name, value in parent.items() if name not in _NOT_INHERITED}
    lent["booktitle"] = parent.get("booktitle") or parent.get("title", "")
    return lent | {name: value for name, value in fields.items() if value}


def _read_strings(library: Library) -> dict[str, str]:
    strings = {name: name for name in MONTHS}
    for block in library.blocks:
        string = block.ignore_error_block if isinstance(block, DuplicateBlockKeyBlock) else block
        if isinstance(string, String):
            try:
                strings[string.key.lower()] = join_value(string.value, strings)
            except RecordError:
                strings.pop(string.key.lower(), None)
    return strings


def _why_failed(block: ParsingFailedBlock) -> str:
    if isinstance(block, DuplicateBlockKeyBlock):
        line = (block.previous_block.start_line or 0) + 1
        return f"the key {block.key[:60]!r} was already used in line {line:,}; this entry was left out"
    reason = getattr(block.error, "abort_reason", "") or str(block.error)
    return f"the entry is damaged: {' '.join(reason.split())[:300]}"
