"""The shapes of what goes in and out. What goes in is strict: no unknown fields, no numbers written as text."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MOST = 100
"""How many of anything one page of a list may hold."""
LARGEST = 2**63 - 1


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("the text holds a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("the text holds half a character (a lone surrogate)") from error
    return text


Text = Annotated[str, AfterValidator(_storable)]
"""Text that a database can hold."""


class Sent(BaseModel):
    """What a program sends in a body."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Problem(BaseModel):
    """Every error: a sentence, and the field it is about if there is one."""

    error: str
    where: str | None = None


class AuthorShape(BaseModel):
    """An author as the source names them."""

    name: str
    affiliation: str = ""
    orcid: str = ""


class LinkShape(BaseModel):
    """An address that belongs to a paper; it comes from the source, unchecked."""

    kind: str
    url: str


class PaperShape(BaseModel):
    """A paper as its current version stands; texts as the authors wrote them, TeX included.

    `voted` says whether the caller voted for it, null where the caller is not known.
    """

    id: str
    url: str
    title: str
    abstract: str
    authors: list[AuthorShape]
    identifiers: list[str]
    topics: list[str]
    links: list[LinkShape]
    published: date | None
    updated: date | None
    announced: date | None
    venue: str
    comment: str
    language: str
    source: str
    version: int
    day: date
    added_at: datetime
    is_featured: bool
    votes: int
    comments: int
    saves: int
    reads: int
    stars: int
    voted: bool | None


class ValueShape(BaseModel):
    """What some sources say of a field: a text or a day, or several names; and whether that is shown."""

    value: str | list[str]
    sources: list[str]
    is_shown: bool


class OriginShape(BaseModel):
    """A field of a paper and what sources say of it, what is shown first. Of identifiers and links all are shown."""

    field: str
    values: list[ValueShape]


class WholePaperShape(PaperShape):
    """A paper with the sources of its fields, and the addresses of papers that editors merged into it."""

    sources: list[OriginShape]
    merged: list[str]


class PapersShape(BaseModel):
    """A page of a list of papers; `next` is the address of the next one."""

    papers: list[PaperShape]
    next: str | None


class HitShape(BaseModel):
    """A paper that a search found; the parts of `explanation` add up to `score`."""

    paper: PaperShape
    score: float
    explanation: dict[str, Any] | None
    snippet: str


class NearShape(BaseModel):
    """The papers nearest to `examples` texts, best first."""

    examples: int
    hits: list[HitShape]


class DeepShape(BaseModel):
    """What a deep search did: it read the first `read` of the `first` papers; `reranker` is null where none is."""

    reranker: str | None
    read: int
    first: int


class SinceShape(BaseModel):
    """What became of an answer until the change `head`.

    Of its papers on this page `revised` have newer versions and `withdrawn` are gone; `later` papers match by now that
    were not here then.
    """

    head: int
    revised: int
    withdrawn: int
    later: int


class FacetShape(BaseModel):
    """A value to narrow an answer to: the query that does it, and how many papers that one matches."""

    value: str
    query: str
    papers: int


class FacetsShape(BaseModel):
    """What the answer to a query at the change `at` can be narrowed to; the best `considered` papers were looked at."""

    at: int
    total: int
    considered: int
    years: list[FacetShape]
    topics: list[FacetShape]
    authors: list[FacetShape]
    sources: list[FacetShape]


class AnswerShape(BaseModel):
    """A page of what a search found at the change `at`.

    `deep` is null unless it was asked for, `since` for an answer of now.
    """

    query: str
    at: int
    behind: int
    pending: int
    by_meaning: bool
    total: int
    sort: str
    deep: DeepShape | None
    since: SinceShape | None
    hits: list[HitShape]
    next: str | None


class VoteShape(BaseModel):
    """The votes of a paper, and whether the caller's is among them."""

    votes: int
    voted: bool | None


class ReaderShape(BaseModel):
    """A reader as others see them."""

    handle: str
    name: str


class CommentShape(BaseModel):
    """A comment: Markdown as typed. `parent` is the comment it answers, `depth` counts those above it in a list."""

    id: int
    paper: str
    parent: int | None
    depth: int | None
    writer: ReaderShape | None
    text: str
    at: datetime
    edited_at: datetime | None
    is_deleted: bool


class CommentsShape(BaseModel):
    """A piece of a discussion in reading order, and how many comments there are in all."""

    comments: list[CommentShape]
    total: int
    next: str | None


class CollectionShape(BaseModel):
    """A collection: who keeps it, who may see it, and how many papers stand in it."""

    slug: str
    url: str
    title: str
    about: str
    visibility: str
    is_default: bool
    keeper: ReaderShape
    papers: int
    created_at: datetime
    changed_at: datetime


class CollectionsShape(BaseModel):
    """A page of a reader's collections."""

    collections: list[CollectionShape]
    next: str | None


class ClippingShape(BaseModel):
    """A paper in a collection, since when, and its keeper's note."""

    paper: PaperShape
    note: str
    at: datetime


class OpenCollectionShape(CollectionShape):
    """A collection with a page of its papers, in its keeper's order."""

    clippings: list[ClippingShape]
    next: str | None


class RootShape(BaseModel):
    """Where a program that knows only the API's address begins."""

    name: str
    version: int
    openapi: str


class MeShape(ReaderShape):
    """The reader behind the call, and what the call may do."""

    role: str
    joined_at: datetime
    scopes: list[str]


Limit = Annotated[int, Field(ge=1, le=MOST)]
