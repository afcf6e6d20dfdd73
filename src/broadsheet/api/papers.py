"""Papers: one, several by name, lists by day, week or month, and search."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router
from pydantic import BaseModel, Field

from broadsheet.api import lists
from broadsheet.api.callers import Caller, caller_of
from broadsheet.api.errors import Refusal
from broadsheet.api.paging import lead_on
from broadsheet.api.responses import PUBLIC, READING
from broadsheet.api.shapes import (
    MOST,
    AnswerShape,
    AuthorShape,
    FacetsShape,
    HitShape,
    Limit,
    LinkShape,
    OriginShape,
    PaperShape,
    PapersShape,
    SinceShape,
    Text,
    WholePaperShape,
)
from broadsheet.community.voting import voted
from broadsheet.library import Library, NotFound, shared
from broadsheet.library.matching import by_preference
from broadsheet.library.models import Name, Paper, Version
from broadsheet.library.sorting import Sort
from broadsheet.search.engine import WINDOW

router = Router(tags=["papers"])
last = Router(tags=["papers"])
"""A paper's own address: tried after all others, since an identifier may hold slashes."""
BUDGET = 0.05
"""Seconds that a search spends on following the journal before it answers with what it has."""
PATIENCE = 5.0
"""Seconds that a deep search spends on reading before it answers with what it has."""


class Asked(BaseModel):
    """Which papers: those named by `id`, or one list, or without any of these everything."""

    id: Annotated[list[Text], Field(max_length=MOST)] = []
    day: lists.Day | None = None
    week: lists.Week | None = None
    month: lists.Month | None = None
    sort: lists.Sort | None = None
    cursor: Annotated[Text, Field(max_length=200)] = ""
    limit: Limit = 20


class Searched(BaseModel):
    """What is searched for, as of when, and which part of the ranking is wanted."""

    q: Annotated[Text, Field(max_length=1_000)]
    at: Annotated[Text, Field(max_length=40)] = ""
    limit: Limit = 20
    offset: Annotated[int, Field(ge=0, le=WINDOW - MOST)] = 0
    deep: bool = False
    sort: Sort = "relevance"


class Narrowed(BaseModel):
    """Which answer is to be narrowed."""

    q: Annotated[Text, Field(max_length=1_000)]
    at: Annotated[Text, Field(max_length=40)] = ""


@router.get("/papers", response={200: PapersShape, **READING}, openapi_extra=PUBLIC)
def list_papers(request: HttpRequest, response: HttpResponse, asked: Query[Asked]) -> PapersShape:
    """Papers of a list, a page at a time, or those that `id` names, in that order.

    `day`, `week` and `month` give the papers of these, by votes unless `sort` says otherwise; without them the list is
    of all papers, the newest first. Papers of a day to come are in no list. `id` may be any identifier in any written
    form, up to 100 times; those that are not here are left out.
    """
    library, caller = shared(), caller_of(request)
    chosen = [name for name in ("id", "day", "week", "month") if getattr(asked, name)]
    if len(chosen) > 1:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"Ask for one list: {' or '.join(chosen)}", chosen[1])
    if asked.id:
        found = lists.named(library, asked.id)
        return PapersShape(papers=write_papers(request, library, found, caller), next=None)
    span = lists.span_of(asked.day, asked.week, asked.month)
    sort = asked.sort or ("votes" if span else "newest")
    versions, cursor = lists.page(library, span, sort, asked.cursor, asked.limit)
    return PapersShape(
        papers=write_papers(request, library, versions, caller),
        next=lead_on(request, response, cursor=cursor) if cursor else None,
    )


@router.get("/search", response={200: AnswerShape, **READING}, openapi_extra=PUBLIC)
def search(request: HttpRequest, response: HttpResponse, asked: Query[Searched]) -> AnswerShape:
    """Papers by words and by meaning, best first; the query language is that of the search page.

    `at` repeats a search as of an earlier change (48211) or day (2026-11-01). `next` keeps the change of this answer,
    so that the pages of one search agree with each other. With `deep=true` a model reads the first 20 papers together
    with the query and has a say in their order, which takes about a second; `deep` in the answer tells how many it
    read. `sort` puts the best 2,000 in order of their date or of what trends now. An answer as of an earlier change
    says in `since` what became of it.
    """
    library = shared()
    at = library.as_of(asked.at) if asked.at else None
    answer = library.search(
        asked.q,
        limit=asked.limit,
        offset=asked.offset,
        at=at,
        budget=BUDGET,
        deep=asked.deep,
        patience=PATIENCE,
        sort=asked.sort,
    )
    since = library.since(answer) if asked.at else None
    papers = write_papers(request, library, [hit.version for hit in answer.hits], caller_of(request))
    end = asked.offset + asked.limit
    has_more = end < answer.length and end <= WINDOW - MOST
    said = answer.to_json()
    hits = [
        HitShape(paper=paper, score=hit["score"], explanation=hit["explanation"], snippet=hit["snippet"])
        for paper, hit in zip(papers, said.pop("hits"), strict=True)
    ]
    return AnswerShape(
        **said,
        since=SinceShape(**since.to_json()) if since else None,
        hits=hits,
        next=lead_on(request, response, offset=end, at=answer.at) if has_more else None,
    )


@router.get("/search/facets", response={200: FacetsShape, **READING}, openapi_extra=PUBLIC)
def read_facets(request: HttpRequest, asked: Query[Narrowed]) -> FacetsShape:
    """The years, topics and authors that a search can be narrowed to, each with the query that does it.

    The counts are of all papers that the narrower query matches by words; topics and authors are those of the best
    1,000 papers.
    """
    library = shared()
    found = library.facets(asked.q, library.as_of(asked.at) if asked.at else None, BUDGET)
    return FacetsShape(**found.to_json())


@last.get("/papers/{path:paper_id}", response={200: WholePaperShape, **READING}, openapi_extra=PUBLIC)
def read_paper(request: HttpRequest, paper_id: str) -> WholePaperShape:
    """A paper by any of its identifiers, in any written form, with what each source says of its fields.

    A paper that an editor merged into another is that other one: its `id` is another than the one asked for.
    The names `comments` and `vote` at the end of an address belong to the API; a paper whose identifier ends so is
    read by `GET /papers?id=…`.
    """
    library = shared()
    version = find_version(library, paper_id)
    paper = write_papers(request, library, [version], caller_of(request))[0]
    sources = [OriginShape(**origin.to_json()) for origin in library.provenance(version)]
    merged = [row.absorbed.key for row in library.merges(version)]
    return WholePaperShape(**paper.model_dump(), sources=sources, merged=merged)


def find_version(library: Library, paper_id: str) -> Version:
    """What stands in the library of a paper. Raises Refusal: 404 for an unknown one, 410 for one that is gone."""
    paper = find_paper(library, paper_id)
    try:
        return library.find(paper.key)
    except NotFound:
        raise Refusal(HTTPStatus.GONE, "This paper was withdrawn") from None


def find_paper(library: Library, paper_id: str) -> Paper:
    """A paper that stands. Raises Refusal: 404 for an unknown one, 410, without a word of it, for one that is gone."""
    paper = find_any_paper(library, paper_id)
    if paper.erased_at:
        raise Refusal(HTTPStatus.GONE, "This paper was erased")
    if paper.withdrawn_at:
        raise Refusal(HTTPStatus.GONE, "This paper was withdrawn")
    return paper


def find_any_paper(library: Library, paper_id: str) -> Paper:
    """A paper, withdrawn or not. Raises Refusal."""
    try:
        return library.find_paper(paper_id)
    except NotFound:
        raise Refusal(HTTPStatus.NOT_FOUND, "No paper here has this identifier") from None


def write_papers(
    request: HttpRequest, library: Library, versions: Iterable[Version], caller: Caller
) -> list[PaperShape]:
    """Papers as programs see them; two queries, whatever their number."""
    versions = list(versions)
    ids = {version.paper_id for version in versions}
    names: dict[int, list[Name]] = {}
    for name in Name.objects.using(library.alias).filter(paper__in=ids):
        names.setdefault(name.paper_id, []).append(name)
    given = voted(caller.reader, ids) if caller.reader else set()
    return [_paper(request, version, names.get(version.paper_id, []), caller, given) for version in versions]


def own_votes(votes: int, is_given: bool, caller: Caller) -> int:
    """The votes that a caller sees: a limited reader's own is counted for that reader."""
    return votes + (is_given and caller.reader is not None and caller.reader.is_limited)


def _identifiers(version: Version, names: list[Name]) -> list[str]:
    """The names of a paper; of one that is shown as of an earlier change, those that it had then."""
    if version.died is not None:
        return list(version.identifiers)
    return [str(name) for name in by_preference(name.identifier for name in names)]


def _paper(request: HttpRequest, version: Version, names: list[Name], caller: Caller, given: set[int]) -> PaperShape:
    paper = version.paper
    is_given = paper.pk in given
    return PaperShape(
        id=paper.key,
        url=request.build_absolute_uri(reverse("web:paper", args=[paper.key])),
        title=version.title,
        abstract=version.abstract,
        authors=[AuthorShape(**author) for author in version.authors],
        identifiers=_identifiers(version, names),
        topics=version.topics,
        links=[LinkShape(**link) for link in version.links],
        published=version.published,
        updated=version.updated,
        announced=version.announced,
        venue=version.venue,
        comment=version.comment,
        language=version.language,
        source=version.source,
        version=version.number,
        day=paper.day,
        added_at=paper.added_at,
        is_featured=paper.is_featured,
        votes=own_votes(paper.votes, is_given, caller),
        comments=paper.comments,
        saves=paper.saves,
        reads=paper.reads,
        stars=paper.stars,
        voted=is_given if caller.reader else None,
    )
