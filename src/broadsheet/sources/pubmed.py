"""PubMed: citations of the life sciences, as XML, into records."""

import re
from datetime import date
from itertools import chain
from xml.etree.ElementTree import Element

from broadsheet.papers import Author, Identifier, PaperError, Record, RecordError, Version
from broadsheet.papers.record import TITLE_LIMIT
from broadsheet.sources.asking import check_size
from broadsheet.sources.crossref import orcid_in
from broadsheet.sources.errors import SourceError
from broadsheet.sources.identifiers import name_work
from broadsheet.sources.source import Fault, Page
from broadsheet.sources.xml import child, children, name_of, parse_xml, text_of, texts_of, whole_text

SOURCE = "pubmed"

_DOCTYPE = re.compile(
    rb'(\s{0,99}(?:<\?xml[^<>]{0,200}\?>)?)\s{0,99}<!DOCTYPE\s+\w{1,40}\s+PUBLIC\s+"[^"<>]{0,200}"\s+"[^"<>]{0,200}"\s*>'
)
_TRANSLATED = re.compile(r"\[(.+)\]\.?")
_YEAR = re.compile(r"(?:1[5-9]|20|21)[0-9]{2}")
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_LONGEST_TOPIC, _MOST_TOPICS = 200, 100
_RETRACTED = frozenset({"D016441"})
"""PubMed's type of publication for a paper that was retracted; the notice that retracts it has another."""
_SCHEMES = {"doi": "doi", "pubmed": "pubmed"}


class NoCitations(SourceError):
    """PubMed answered with an error, such as that it forgot a search."""


def parse_pubmed(payload: bytes, place: str) -> Page:
    """Read an answer of PubMed's EFetch into a page of records in order.

    Retracted and deleted citations are withdrawn records. The document type that PubMed names is left out unread.
    Raises SourceError for anything else, as NoCitations where PubMed names an error. Source: NLM, PubMed DTD 2025.
    """
    typed = _DOCTYPE.match(payload)
    root = parse_xml(typed[1] + payload[typed.end() :] if typed else payload, place)
    if name_of(root) != "PubmedArticleSet":
        words = text_of(root, "ERROR") or whole_text(root)
        raise NoCitations(f"{place} did not answer with citations: {words[:300] or name_of(root)[:40]!r}")
    check_size(len(root), place)
    records: list[Record] = []
    faults: list[Fault] = []
    for number, element in enumerate(root, 1):
        here = f"{place} citation {number:,}"
        try:
            records.extend(_read(element, here))
        except PaperError as error:
            faults.append(Fault(here, str(error)))
    return Page(tuple(records), tuple(faults), done=len(records) + len(faults))


def _read(element: Element, place: str) -> list[Record]:
    kind = name_of(element)
    if kind == "PubmedArticle":
        return [_read_article(element, place)]
    if kind == "PubmedBookArticle":
        return [_read_chapter(element, place)]
    if kind == "DeleteCitation":
        gone = [name_work([("pubmed", number)]) for number in texts_of(element, "PMID")]
        return [Record(SOURCE, names, None, place=str(names[0])) for names in gone if names]
    raise RecordError(f"<{kind[:40]}> is not a citation")


def _read_article(element: Element, place: str) -> Record:
    citation, about = _child(element, "MedlineCitation"), _child(element, "PubmedData")
    article = _child(citation, "Article")
    names = _names(citation, article, about)
    if _is_retracted(citation, article):
        return Record(SOURCE, names, None, place=str(names[0]))
    journal = _child(article, "Journal")
    version = Version(
        title=_title(text_of(article, "ArticleTitle")) or text_of(article, "VernacularTitle"),
        abstract=_abstract(_child(article, "Abstract")),
        authors=_authors(children(_child(article, "AuthorList"), "Author")),
        topics=_topics(citation),
        published=_published(article, journal, about),
        updated=_day(child(citation, "DateRevised")),
        venue=text_of(journal, "Title") or text_of(journal, "ISOAbbreviation"),
        language=text_of(article, "Language"),
    )
    return Record(SOURCE, names, version, place=str(names[0]))


def _read_chapter(element: Element, place: str) -> Record:
    chapter, about = _child(element, "BookDocument"), _child(element, "PubmedBookData")
    names = _names(chapter, chapter, about)
    book = _child(chapter, "Book")
    authors = children(chapter, "AuthorList") or children(book, "AuthorList")
    version = Version(
        title=text_of(chapter, "ArticleTitle") or text_of(book, "BookTitle"),
        abstract=_abstract(_child(chapter, "Abstract")),
        authors=_authors(list(chain.from_iterable(children(names, "Author") for names in authors))),
        topics=_topics(chapter),
        published=_day(child(chapter, "ContributionDate")) or _day(child(book, "PubDate")),
        updated=_day(child(chapter, "DateRevised")),
        venue=text_of(book, "BookTitle"),
        language=text_of(chapter, "Language"),
    )
    return Record(SOURCE, names, version, place=str(names[0]))


def _child(element: Element, name: str) -> Element:
    """The first child of this name, or an empty one."""
    found = child(element, name)
    return Element(name) if found is None else found


def _names(citation: Element, article: Element, about: Element) -> tuple[Identifier, ...]:
    """The PubMed number first, then the DOI; those of the works that a citation refers to stand deeper, and stay."""
    listed = children(_child(about, "ArticleIdList"), "ArticleId")
    electronic = [one for one in children(article, "ELocationID") if one.get("ValidYN", "Y") == "Y"]
    named = [(one.get("EIdType", ""), one) for one in electronic] + [(one.get("IdType", ""), one) for one in listed]
    names = name_work(
        [
            ("pubmed", text_of(citation, "PMID")),
            *((_SCHEMES[kind], whole_text(one)) for kind, one in named if kind in _SCHEMES),
        ]
    )
    if not names:
        raise RecordError("the citation has no PubMed number")
    return names


def _is_retracted(citation: Element, article: Element) -> bool:
    kinds = children(_child(article, "PublicationTypeList"), "PublicationType")
    notes = children(_child(citation, "CommentsCorrectionsList"), "CommentsCorrections")
    return any(kind.get("UI") in _RETRACTED for kind in kinds) or any(
        note.get("RefType") == "RetractionIn" for note in notes
    )


def _title(text: str) -> str:
    """A title without the brackets that say that it was translated."""
    found = _TRANSLATED.fullmatch(text)
    return found[1] if found and "[" not in found[1] else text


def _abstract(element: Element) -> str:
    """The parts of a structured abstract, each behind its own heading."""
    parts = []
    for part in children(element, "AbstractText"):
        label, text = part.get("Label", ""), whole_text(part)
        if text:
            parts.append(f"{label.strip(' :')}: {text}" if label and label != "UNLABELLED" else text)
    return " ".join(parts)


def _authors(elements: list[Element]) -> tuple[Author, ...]:
    return tuple(_author(one) for one in elements if one.get("ValidYN", "Y") == "Y")


def _author(one: Element) -> Author:
    given = text_of(one, "ForeName") or text_of(one, "Initials")
    name = " ".join(part for part in (given, text_of(one, "LastName")) if part)
    suffix = text_of(one, "Suffix")
    places = "; ".join(
        chain.from_iterable(texts_of(place, "Affiliation") for place in children(one, "AffiliationInfo"))
    )
    orcids = (whole_text(each) for each in children(one, "Identifier") if each.get("Source", "").upper() == "ORCID")
    return Author(
        f"{name}, {suffix}" if suffix and name else name or text_of(one, "CollectiveName"),
        places if len(places) <= TITLE_LIMIT else places[:TITLE_LIMIT].rpartition(";")[0],
        orcid_in(next(orcids, "")),
    )


def _topics(citation: Element) -> tuple[str, ...]:
    """The subject headings, those of which the paper is mainly about first; else the authors' own keywords."""
    headings = [_child(one, "DescriptorName") for one in children(_child(citation, "MeshHeadingList"), "MeshHeading")]
    ordered = sorted(headings, key=lambda heading: heading.get("MajorTopicYN") != "Y")
    topics = [whole_text(one) for one in ordered] or texts_of(_child(citation, "KeywordList"), "Keyword")
    return tuple(topic for topic in topics if len(topic) <= _LONGEST_TOPIC)[:_MOST_TOPICS]


def _published(article: Element, journal: Element, about: Element) -> date | None:
    """The day on the web, else that of the issue; where an issue has a year only, the day PubMed heard of it."""
    issue = _child(_child(journal, "JournalIssue"), "PubDate")
    electronic = (_day(one) for one in children(article, "ArticleDate"))
    first = next((day for day in electronic if day), None)
    if first or child(issue, "Month") is not None:
        return first or _day(issue)
    heard = [one for one in children(_child(about, "History"), "PubMedPubDate") if one.get("PubStatus") == "pubmed"]
    day, year = next((_day(one) for one in heard), None), _day(issue)
    return day if day and year and day.year == year.year else year or day


def _day(element: Element | None) -> date | None:
    """A day in parts, of which the month may be a word or missing; "1998 Dec-1999 Jan" counts as its first year."""
    if element is None:
        return None
    year = _YEAR.search(text_of(element, "Year") or text_of(element, "MedlineDate"))
    if year is None:
        return None
    month, day = text_of(element, "Month"), text_of(element, "Day")
    number = int(month) if month.isascii() and month.isdigit() and len(month) < 3 else _MONTHS.get(month[:3].lower(), 1)
    try:
        return date(int(year[0]), number, int(day) if day.isascii() and day.isdigit() and len(day) < 3 else 1)
    except ValueError as error:
        raise RecordError(f"{year[0]}-{month[:10]}-{day[:10]} is not a day") from error
