"""OpenAlex: an open catalogue of scholarly works, as JSON, into records."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from broadsheet.papers import Author, Identifier, Link, Record, RecordError, Version
from broadsheet.papers.record import ABSTRACT_LIMIT, TITLE_LIMIT
from broadsheet.sources.asking import ask, collect, count_in, mail_in, parse_answer
from broadsheet.sources.crossref import orcid_in
from broadsheet.sources.errors import SourceError
from broadsheet.sources.identifiers import name_work
from broadsheet.sources.json_members import Members, day_in, object_in, objects_in, text_in, texts_in
from broadsheet.sources.markup import strip_markup
from broadsheet.sources.source import Page
from broadsheet.sources.transport import Transport
from broadsheet.sources.walking import walk

SOURCE = "openalex"
ENDPOINT = "https://api.openalex.org/works"
PER_PAGE = 100

_HEADING = re.compile(r"\A(?:Abstract|ABSTRACT|Summary)[.:]?\s+(?=[A-Z])")
_ARXIV = ("https://arxiv.org/abs/", "http://arxiv.org/abs/")


def parse_openalex(payload: bytes, place: str) -> Page:
    """Read an answer of OpenAlex, a list of works or one alone, into a page of records in order.

    A retracted work is a withdrawn record. Raises SourceError for anything else. Source: developers.openalex.org.
    """
    answer = parse_answer(payload, place)
    if "results" not in answer and text_in_or_nothing(answer, "id"):
        return collect([answer], _read, place)
    works = answer.get("results")
    if not isinstance(works, list):
        raise SourceError(f"{place} did not answer with a list of works")
    about = object_in(answer, "meta")
    cursor = about.get("next_cursor")
    return replace(
        collect(works, _read, place),
        cursor=cursor if isinstance(cursor, str) and cursor and works else None,
        total=count_in(about, "count"),
    )


def read_inverted(index: Any) -> str:
    """The text whose words an inverted index lists with their places. Raises RecordError for anything else.

    >>> read_inverted({"found": [1], "We": [0], "it": [2, 4], "and": [3]})
    'We found it and it'
    """
    if not index:
        return ""
    if not isinstance(index, dict):
        raise RecordError("the abstract is not an index of words")
    placed: list[tuple[int, str]] = []
    for word, places in index.items():
        for place in places if isinstance(places, list) else [places]:
            if type(place) is not int or place < 0:
                raise RecordError(f"the abstract's word {word[:40]!r} stands at no number")
            placed.append((place, word))
        if len(placed) > ABSTRACT_LIMIT:
            raise RecordError(f"the abstract has more than {ABSTRACT_LIMIT:,} words")
    return strip_markup(" ".join(word for _, word in sorted(placed)))


@dataclass
class OpenAlex:
    """The works of OpenAlex that match a search or a filter of its own, or that changed since a day.

    `key` is OpenAlex's API key; without one it answers some ten pages a day. Raises SourceError at once where nothing
    is named: all of OpenAlex is some hundred million works.
    """

    transport: Transport
    query: str = ""
    since: date | None = None
    filters: str = ""
    key: str = ""
    limit: int | None = None
    endpoint: str = ENDPOINT
    name: str = SOURCE

    def __post_init__(self) -> None:
        if not (self.query.strip() or self.since or self.filters.strip()):
            raise SourceError("OpenAlex needs a query, a filter or a first day")

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield a page for each answer, from the first match or from a cursor. Raises SourceError."""
        return walk(self._fetch, self.endpoint, cursor, self.limit)

    def _fetch(self, place: str | None) -> Page:
        since = f"from_updated_date:{self.since.isoformat()}" if self.since else ""
        question = {
            "search": self.query.strip(),
            "filter": ",".join(one for one in (self.filters.strip(), since, "is_paratext:false") if one),
            "per_page": str(PER_PAGE),
            "cursor": place or "*",
            "mailto": mail_in(self.transport.contact),
            "api_key": self.key,
        }
        return parse_openalex(ask(self.transport, self.endpoint, question, secret=self.key), self.endpoint)


def text_in_or_nothing(members: Members, name: str) -> str:
    """The text that a key holds, or nothing where it holds anything else."""
    value = members.get(name)
    return value if isinstance(value, str) else ""


def _read(work: Members, place: str) -> Record:
    names = _names(work)
    if not names:
        raise RecordError("the work has no name of a known kind")
    if work.get("is_retracted") is True:  # by the names of others first: it takes back only what it brought itself
        return Record(SOURCE, names[1:] or names, None, place=place)
    version = Version(
        title=strip_markup(text_in(work, ("title", "display_name"))),
        abstract=_HEADING.sub("", read_inverted(work.get("abstract_inverted_index")), count=1),
        authors=tuple(_author(one) for one in objects_in(work, "authorships")),
        topics=tuple(text_in(topic, ("display_name",)) for topic in objects_in(work, "topics")),
        published=day_in(work, ("publication_date",)),
        venue=text_in(object_in(object_in(work, "primary_location"), "source"), ("display_name",)),
        language=text_in(work, ("language",)),
        links=_links(work),
    )
    return Record(SOURCE, names, version, place=str(names[0]))


def _names(work: Members) -> tuple[Identifier, ...]:
    ids = object_in(work, "ids")
    pages = [text_in_or_nothing(one, "landing_page_url") for one in objects_in(work, "locations")]
    return name_work(
        [
            ("openalex", text_in_or_nothing(work, "id")),
            ("doi", text_in_or_nothing(work, "doi") or text_in_or_nothing(ids, "doi")),
            ("pubmed", text_in_or_nothing(ids, "pmid")),
            *(("arxiv", page) for page in pages if page.startswith(_ARXIV)),
        ]
    )


def _author(one: Members) -> Author:
    about = object_in(one, "author")
    name = text_in(one, ("raw_author_name",)) or text_in(about, ("display_name",))
    places = "; ".join(dict.fromkeys(texts_in(one, ("raw_affiliation_strings",))))
    if not places or len(places) > TITLE_LIMIT:
        places = "; ".join(text_in(place, ("display_name",)) for place in objects_in(one, "institutions"))
    return Author(Author.parse(strip_markup(name)).name, strip_markup(places), orcid_in(text_in(about, ("orcid",))))


def _links(work: Members) -> tuple[Link, ...]:
    places = [object_in(work, "best_oa_location"), object_in(work, "primary_location")]
    urls = dict.fromkeys(text_in_or_nothing(place, "pdf_url") for place in places)
    return tuple(Link("pdf", url) for url in urls if url.lower().startswith(("http://", "https://")))
