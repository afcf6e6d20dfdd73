"""The first page of a paper into what it says of itself: title, authors, abstract, names and day.

Papers look alike: the title is in the largest letters near the top, the authors stand under it, the abstract under the
word for it. What does not look like that is left out, since nothing is better than a wrong name on a paper.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from broadsheet.papers import Author, Identifier
from broadsheet.papers.text import fold, title_key
from broadsheet.sources.identifiers import name_work, parse_dois
from broadsheet.sources.pdf_abstract import find_abstract
from broadsheet.sources.pdf_lines import Line, Span, join, lines_of, usual_size, words_with_hyphen
from broadsheet.sources.pdf_names import find_authors, parse_names

TITLE_LETTERS = 300
_LARGER = 1.12
_BANNER = re.compile(
    r"(?i)^(?:(?:research|original|review|short|regular|full|invited)\s+)*(?:article|paper|letter|communication|report"
    r"|research|review|preprint)s?$|open access|contents lists|\b(?:journal|proceedings|transactions|letters|bulletin"
    r"|annals|procedia|magazine|preprint|issn|workshop)\b|\bvol(?:ume|\.)?\s*\d|https?:|www\.|arxiv"
)
_ABOVE, _BELOW = re.compile(r"(?i)contents lists available"), re.compile(r"(?i)journal homepage")
_HEADING = re.compile(
    r"(?i)^(?:abstract|summary|(?:table of )?contents|(?:\d+\.?\s*)?introduction|references|appendix)$"
)
_NOT_A_TITLE = re.compile(
    r"(?i)microsoft (?:word|powerpoint)|^untitled|\.(?:docx?|tex|dvi|pdf|indd|rtf|odt|pptx?|ps)\b|^layout \d|^paper$"
    r"|^\(anonymous\)|^title$|^manuscript|^doi:|^10\.\d{4}|^template|^slide \d|latex"
)
_STAMP = re.compile(
    r"arXiv:\s?(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?\s*\[(?P<topic>[\w.-]+)\]"
    r"(?:\s*(?P<day>\d{1,2})\s*(?P<month>[A-Z][a-z]{2})\s*(?P<year>\d{4}))?"
)
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>{}|\\^`\[\]]+")
_OF_OTHERS = re.compile(
    r"(?i)\b(?:data|datasets?|code|software|supplement\w*|available (?:at|from|on)|see|zenodo|figshare|dryad|osf)\b"
    r"|10\.(?:5281|6084|5061|17605|7910|17632)/"
)
"""What a line says whose DOI is that of data or of another work."""
_DAY = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?\s+([A-Z][a-z]{2,8})\.?,?|([A-Z][a-z]{2,8})\.?\s+(\d{1,2}),?)\s+(\d{4})"
)
_PUBLISHED = re.compile(r"(?i)(?:published(?: online)?|available online|date of publication)\b[^\d]{0,12}(?=[\d A-Z])")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read of a PDF: what it tells of itself, and the pieces of text of its first pages."""

    told: dict[str, str]
    pages: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a first page says; the title is "" where none is to be found."""

    title: str
    authors: tuple[Author, ...] = ()
    abstract: str = ""
    identifiers: tuple[Identifier, ...] = ()
    topics: tuple[str, ...] = ()
    day: date | None = None
    has_text: bool = True


def read_sheet(sheet: Sheet) -> Reading:
    """Read the first page that has text."""
    spans = next((spans for spans in sheet.pages if any(span.text.strip() for span in spans)), ())
    lines = lines_of(spans)
    size = usual_size(lines)
    heads = _title_lines(lines, size)
    known = words_with_hyphen(lines)
    title = _choose_title(join([line.text for line in heads], known), sheet.told.get("Title", ""))
    abstract, heading = find_abstract(lines, size, known)
    authors = find_authors(lines, heads, heading, size) or _told_authors(sheet.told.get("Author", ""), lines)
    texts = [span.text for span in spans if span.angle] + [line.text for line in lines]
    names, topics, day = _find_names(texts, sheet.told)
    return Reading(
        title if is_title(title) else "",
        tuple(map(Author, authors)),
        abstract,
        names,
        topics,
        day or _find_day(lines, heads, heading),
        bool(lines),
    )


def is_title(text: str) -> bool:
    """Whether a text may be a paper's title: words, not a file's name or a heading that all papers have.

    >>> is_title("Attention Is All You Need"), is_title("Microsoft Word - final.docx"), is_title("Abstract")
    (True, False, False)
    """
    letters = sum(char.isalpha() for char in text)
    wide = sum(ord(char) > 0x2E80 for char in text)
    if len(text) > TITLE_LETTERS or letters < 0.6 * len(text.replace(" ", "")):
        return False
    if _HEADING.match(text.strip()) or _NOT_A_TITLE.search(text) or "@" in text:
        return False
    return wide >= 4 or (letters >= 6 and len(text.split()) >= 2)


def _title_lines(lines: Sequence[Line], size: float) -> list[Line]:
    """The lines of the largest text in the upper part that may be a title."""
    if not lines:
        return []
    top, bottom = lines[0].baseline, lines[-1].baseline
    upper = [line for line in lines if line.baseline > bottom + 0.3 * (top - bottom) and line.size > _LARGER * size]
    groups: list[list[Line]] = []
    for line in upper:
        last = groups[-1][-1] if groups else None
        if last and abs(last.size - line.size) < 0.08 * line.size and last.baseline - line.baseline < 2.2 * line.size:
            groups[-1].append(line)
        else:
            groups.append([line])
    titles = [group for group in groups if is_title(join([line.text for line in group]))]
    titles.sort(key=lambda group: -group[0].size)
    plain = [group for group in titles if not _is_banner(group, lines)]
    if plain and plain[0][0].size >= 0.6 * titles[0][0].size:
        return plain[0]
    return titles[0] if titles else []


def _is_banner(group: Sequence[Line], lines: Sequence[Line]) -> bool:
    """Whether large text is rather a journal's name or the kind of article."""
    if _BANNER.search(join([line.text for line in group])):
        return True
    first, last = lines.index(group[0]), lines.index(group[-1])
    above = any(_ABOVE.search(line.text) for line in lines[max(0, first - 1) : first])
    return above or any(_BELOW.search(line.text) for line in lines[last + 1 : last + 2])


def _choose_title(read: str, told: str) -> str:
    """The title as the page has it; as the file tells it where that is the same with fewer slips, or the only one."""
    told = " ".join(told.split())
    if not is_title(told):
        return read
    is_same = title_key(read).replace(" ", "") == title_key(told).replace(" ", "")
    return told if not read or is_same else read


def _told_authors(told: str, lines: Sequence[Line]) -> list[str]:
    """The authors that the file tells, if they are names and stand on the page."""
    names = parse_names(told)
    page = fold(" ".join(line.text for line in lines))
    return names if all(fold(name.split()[-1]) in page for name in names) else []


def _find_names(
    texts: Sequence[str], told: dict[str, str]
) -> tuple[tuple[Identifier, ...], tuple[str, ...], date | None]:
    """The names that the page gives the paper itself, its topic and its day: arXiv's stamp, and the only DOI."""
    found: list[tuple[str, str]] = []
    topics: tuple[str, ...] = ()
    day = None
    stamp = next(filter(None, map(_STAMP.search, texts)), None)
    if stamp:
        found.append(("arxiv", stamp["id"]))
        topics = (stamp["topic"],)
        day = _day(stamp["year"], stamp["month"], stamp["day"]) if stamp["day"] else None
    elif told.get("arXivID"):
        found.append(("arxiv", told["arXivID"]))
    own = {name for text in (told.get("DOI", ""), told.get("Subject", "")) for name in _dois(text)}
    shown = own or {name for text in texts if not _OF_OTHERS.search(text) for name in _dois(text)}
    if len(shown) == 1:  # of several, all but one are of other works
        found += [("doi", name.value) for name in shown]
    return name_work(found), topics, day


def _dois(text: str) -> list[Identifier]:
    cut = (found[0].rstrip(".,;:)’”'") for found in _DOI.finditer(text))
    return [name for doi in cut for name in parse_dois(doi)]


def _find_day(lines: Sequence[Line], heads: Sequence[Line], heading: Line | None) -> date | None:
    """The day that stands alone between title and abstract, or that the page calls the one of publication."""
    for line in lines:
        said = _PUBLISHED.search(line.text)
        if said and (found := _DAY.match(line.text[said.end() :].strip())):
            return _day(found[5], found[2] or found[3], found[1] or found[4])
    if not heads:
        return None
    low = heading.baseline if heading else heads[-1].baseline - 20 * heads[-1].size
    for line in lines:
        if low < line.baseline < heads[-1].baseline and (found := _DAY.fullmatch(line.text.strip("() "))):
            return _day(found[5], found[2] or found[3], found[1] or found[4])
    return None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), _MONTHS.index(month[:3].title()) + 1, int(day))
    except ValueError:
        return None
