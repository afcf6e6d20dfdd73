"""Semantic Scholar: its bulk search over papers of all fields, as JSON, into records."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from broadsheet.papers import Author, Identifier, Link, Record, RecordError, Version
from broadsheet.sources.asking import ask, collect, count_in, parse_answer
from broadsheet.sources.errors import SourceError
from broadsheet.sources.identifiers import name_work
from broadsheet.sources.json_members import Members, day_in, number_or_text_in, object_in, objects_in, text_in, texts_in
from broadsheet.sources.markup import strip_markup
from broadsheet.sources.source import Page
from broadsheet.sources.transport import Transport
from broadsheet.sources.walking import walk

SOURCE = "semantic-scholar"
ENDPOINT = "https://api.semanticscholar.org/graph/v1/paper/search/bulk"

_FIELDS = (
    "paperId,corpusId,externalIds,title,abstract,authors,venue,year,publicationDate,fieldsOfStudy,s2FieldsOfStudy,"
    "openAccessPdf"
)
_EXTERNAL = (("arxiv", "ArXiv"), ("doi", "DOI"), ("acl", "ACL"), ("pubmed", "PubMed"))


def parse_semantic_scholar(payload: bytes, place: str) -> Page:
    """Read an answer of Semantic Scholar, a list of papers or one alone, into a page of records in order.

    The cursor is the token of the next page. Raises SourceError for anything else. Source: Semantic Scholar Academic
    Graph API.
    """
    answer = parse_answer(payload, place)
    if "data" not in answer and answer.get("paperId"):
        return collect([answer], _read, place)
    papers = answer.get("data")
    if not isinstance(papers, list):
        raise SourceError(f"{place} did not answer with a list of papers")
    token = answer.get("token")
    return replace(
        collect(papers, _read, place),
        cursor=token if isinstance(token, str) and token and papers else None,
        total=count_in(answer, "total"),
    )


@dataclass
class SemanticScholar:
    """The papers of Semantic Scholar that match a query, of those published since a day if one is given.

    There is no list of what changed, only of what was published. `key` is an API key of theirs; without one all
    strangers share one pool. Raises SourceError at once without a query.
    """

    transport: Transport
    query: str = ""
    since: date | None = None
    key: str = ""
    limit: int | None = None
    endpoint: str = ENDPOINT
    name: str = SOURCE

    def __post_init__(self) -> None:
        if not self.query.strip():
            raise SourceError("Semantic Scholar needs a query")

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield a page for each answer, from the first match or from a cursor. Raises SourceError."""
        return walk(self._fetch, self.endpoint, cursor, self.limit)

    def _fetch(self, token: str | None) -> Page:
        question = {
            "query": self.query.strip(),
            "fields": _FIELDS,
            "publicationDateOrYear": f"{self.since.isoformat()}:" if self.since else "",
            "token": token or "",
        }
        headers = {"x-api-key": self.key} if self.key else {}
        return parse_semantic_scholar(ask(self.transport, self.endpoint, question, headers), self.endpoint)


def _read(paper: Members, place: str) -> Record:
    names = _names(paper)
    if not names:
        raise RecordError("the paper has no name of a known kind")
    version = Version(
        title=strip_markup(text_in(paper, ("title",))),
        abstract=strip_markup(text_in(paper, ("abstract",))),
        authors=tuple(Author(text_in(one, ("name",))) for one in objects_in(paper, "authors")),
        topics=tuple(_topics(paper)),
        published=day_in(paper, ("publicationDate", "year")),
        venue=text_in(paper, ("venue",)),
        links=_links(paper),
    )
    return Record(SOURCE, names, version, place=str(names[0]))


def _names(paper: Members) -> tuple[Identifier, ...]:
    external = object_in(paper, "externalIds")
    corpus = number_or_text_in(paper, "corpusId") or number_or_text_in(external, "CorpusId")
    return name_work(
        [
            *((scheme, number_or_text_in(external, name)) for scheme, name in _EXTERNAL),
            ("s2", text_in(paper, ("paperId",))),
            ("s2corpus", corpus),
        ]
    )


def _topics(paper: Members) -> list[str]:
    fields = texts_in(paper, ("fieldsOfStudy",))
    return [*fields, *(text_in(field, ("category",)) for field in objects_in(paper, "s2FieldsOfStudy"))]


def _links(paper: Members) -> tuple[Link, ...]:
    url = text_in(object_in(paper, "openAccessPdf"), ("url",))
    return (Link("pdf", url),) if url.lower().startswith(("http://", "https://")) else ()
