"""A page of Daily Papers search results, copied as text: titles and abstracts in turn, between the page's own words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from broadsheet.papers import PaperError, Record, Version
from broadsheet.sources.page_lines import LONGEST_TITLE, Line, read_lines_of_page
from broadsheet.sources.paging import Found
from broadsheet.sources.source import Fault

SOURCE = "daily-papers-page"

_TWO_SENTENCES = re.compile(r"[\w)]\. +[A-Z]")


@dataclass
class _Paper:
    title: Line
    abstract: list[Line] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether the abstract is long enough to need nothing more."""
        return sum(len(line.text) for line in self.abstract) > LONGEST_TITLE


def parse_daily_papers_page(text: str, place: str) -> Iterator[Found]:
    """Yield a record for each title with its abstract, in order, and a fault for each text that belongs to neither.

    A text is judged by its shape (length, how it ends, how it begins) and by its neighbours, never by the count of
    lines, so that one lost line costs one paper and does not shift all that follow. What could belong to two papers is
    a fault. The page names no identifiers, so the records have none. Raises SourceError for a page that was wrapped so
    that nothing divides its texts.
    """
    paper: _Paper | None = None
    lines = read_lines_of_page(text, place)
    for line, after in zip_longest(lines, lines[1:]):
        if _is_title(line, after, paper):
            if paper:
                yield _finish(paper, place)
            paper = _Paper(line)
        elif paper is None:
            yield _leave_out(line, place, "an abstract without a title")
        elif paper.is_whole and line.is_long and not line.goes_on:
            yield _leave_out(line, place, "a second abstract in a row: its title may be missing")
        else:
            paper.abstract.append(line)
    if paper:
        yield _finish(paper, place)


def _is_title(line: Line, after: Line | None, paper: _Paper | None) -> bool:
    """Whether a text opens a paper: it is not prose, or it stands where only a title that ends in a full stop can."""
    if line.is_long:
        return False
    if not line.is_closed:
        return True
    is_one_sentence = not (line.has_address or line.goes_on or _TWO_SENTENCES.search(line.text))
    return is_one_sentence and (paper is None or paper.is_whole) and after is not None and after.is_long


def _finish(paper: _Paper, place: str) -> Found:
    if not paper.abstract:
        return _leave_out(paper.title, place, "a title without an abstract")
    here = f"{place} line {paper.title.number:,}"
    try:
        return Record(SOURCE, (), Version(paper.title.text, " ".join(line.text for line in paper.abstract)), place=here)
    except PaperError as error:
        return Fault(here, str(error))


def _leave_out(line: Line, place: str, reason: str) -> Fault:
    shown = line.text if len(line.text) <= 60 else line.text[:57] + "..."
    return Fault(f"{place} line {line.number:,}", f"{reason}: {shown!r}")
