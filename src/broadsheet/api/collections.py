"""Collections: one's own, those that others share, and the papers in them."""

import re
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Body, Query, Router
from pydantic import Field

from broadsheet.api.callers import caller_of, now
from broadsheet.api.paging import Piece, lead_on
from broadsheet.api.papers import find_any_paper, find_paper, write_papers
from broadsheet.api.responses import CHANGING, PUBLIC, READING, Status
from broadsheet.api.shapes import (
    ClippingShape,
    CollectionShape,
    CollectionsShape,
    OpenCollectionShape,
    ReaderShape,
    Sent,
    Text,
)
from broadsheet.community import clipping, collecting
from broadsheet.community.errors import Missing
from broadsheet.community.models import Clipping, Collection, Reader
from broadsheet.library import shared
from broadsheet.library.reading import open_versions

router = Router(tags=["collections"])
_SLUG = re.compile(r"[A-Za-z0-9_-]{1,22}")

Visibility = Literal["private", "link", "public"]
Title = Annotated[Text, Field(min_length=1, max_length=collecting.TITLE_LIMIT)]
About = Annotated[Text, Field(max_length=collecting.ABOUT_LIMIT)]


class CollectionDraft(Sent):
    """A collection to make."""

    title: Title
    about: About = ""
    visibility: Visibility = "private"


class CollectionEdit(Sent):
    """What is to change of a collection; what is not named stays."""

    title: Title = ""
    about: About = ""
    visibility: Visibility = "private"


class ClippingDraft(Sent):
    """What a reader notes about a paper in a collection; without it the note stays as it is."""

    note: Annotated[Text, Field(max_length=clipping.NOTE_LIMIT)] | None = None


@router.get("/collections", response={200: CollectionsShape, **READING})
def list_collections(request: HttpRequest, response: HttpResponse, asked: Query[Piece]) -> CollectionsShape:
    """The caller's own collections, the one that takes what is saved by one key first, then by title."""
    mine = collecting.own(caller_of(request).known()).select_related("reader")
    end = asked.offset + asked.limit
    found = list(mine[asked.offset : end + 1])
    return CollectionsShape(
        collections=[_shape(request, one) for one in found[: asked.limit]],
        next=lead_on(request, response, offset=end) if len(found) > asked.limit else None,
    )


@router.post("/collections", response={201: CollectionShape, **CHANGING})
def create_collection(request: HttpRequest, response: HttpResponse, draft: CollectionDraft) -> Status[CollectionShape]:
    """Make a collection: `private`, open to whoever has its `link`, or `public`."""
    reader = caller_of(request).acts("collect")
    made = collecting.create(reader, draft.title, now(), draft.about, draft.visibility)
    response["Location"] = request.build_absolute_uri(reverse("api:read_collection", args=[made.slug]))
    return Status(201, _shape(request, _own(made.slug, reader)))


@router.get(
    "/collections/{slug}",
    response={200: OpenCollectionShape, **READING},
    url_name="read_collection",
    openapi_extra=PUBLIC,
)
def read_collection(
    request: HttpRequest, response: HttpResponse, slug: str, asked: Query[Piece]
) -> OpenCollectionShape:
    """A collection that the caller may open, with its papers in order; `limit` and `offset` count papers."""
    library, caller = shared(), caller_of(request)
    found = _open(slug, caller.reader)
    inside = Clipping.objects.filter(
        collection=found, paper__withdrawn_at__isnull=True, paper__erased_at__isnull=True
    ).order_by("place", "pk")
    end = asked.offset + asked.limit
    clippings = list(inside[asked.offset : end + 1])
    ids = [one.paper_id for one in clippings[: asked.limit]]
    versions = {one.paper_id: one for one in open_versions(library.alias).filter(paper__in=ids)}
    standing = [one for one in clippings[: asked.limit] if one.paper_id in versions]
    papers = write_papers(request, library, [versions[one.paper_id] for one in standing], caller)
    return OpenCollectionShape(
        **_shape(request, found).model_dump(),
        clippings=[
            ClippingShape(paper=paper, note=one.note, at=one.at) for one, paper in zip(standing, papers, strict=True)
        ],
        next=lead_on(request, response, offset=end) if len(clippings) > asked.limit else None,
    )


@router.patch("/collections/{slug}", response={200: CollectionShape, **CHANGING})
def edit_collection(request: HttpRequest, slug: str, draft: CollectionEdit) -> CollectionShape:
    """Change title, description or visibility of an own collection."""
    reader = caller_of(request).acts("collect")
    found = _own(slug, reader)
    standing = {"title": found.title, "about": found.about, "visibility": found.visibility}
    collecting.change(found, **(standing | draft.model_dump(exclude_unset=True)), now=now())
    return _shape(request, found)


@router.delete("/collections/{slug}", response={204: None, **CHANGING})
def delete_collection(request: HttpRequest, slug: str) -> Status[None]:
    """Delete an own collection with its notes."""
    reader = caller_of(request).acts("collect")
    collecting.delete(_own(slug, reader))
    return Status(204, None)


@router.put("/collections/{slug}/papers/{path:paper_id}", response={200: ClippingShape, **CHANGING})
def put_into_collection(
    request: HttpRequest,
    slug: str,
    paper_id: str,
    draft: Body[ClippingDraft | None] = None,
) -> ClippingShape:
    """Put a paper into an own collection, with a note if one is sent; twice is once."""
    library, caller = shared(), caller_of(request)
    reader = caller.acts("collect")
    found, paper = _own(slug, reader), find_paper(library, paper_id)
    clipping.clip(found, paper.pk, now())
    if draft is not None and draft.note is not None:
        clipping.annotate(found, paper.pk, draft.note, now())
    inside = Clipping.objects.filter(collection=found, paper=paper.pk).first()
    if inside is None:
        raise Missing("This paper is not in the collection any more")
    written = write_papers(request, library, [library.find(paper.key)], caller)
    return ClippingShape(paper=written[0], note=inside.note, at=inside.at)


@router.delete("/collections/{slug}/papers/{path:paper_id}", response={204: None, **CHANGING})
def take_out_of_collection(request: HttpRequest, slug: str, paper_id: str) -> Status[None]:
    """Take a paper out of an own collection; nothing changes if it was not in it."""
    library, reader = shared(), caller_of(request).acts("collect")
    clipping.unclip(_own(slug, reader), find_any_paper(library, paper_id).pk, now())
    return Status(204, None)


def _open(slug: str, viewer: Reader | None) -> Collection:
    """A collection that the viewer may open, with `papers`, how many stand in it. Raises Missing."""
    _require_slug(slug)
    return _with_papers(collecting.find(slug, viewer))


def _own(slug: str, reader: Reader) -> Collection:
    _require_slug(slug)
    return _with_papers(collecting.find_own(slug, reader))


def _with_papers(found: Collection) -> Collection:
    return collecting.counted(Collection.objects.filter(pk=found.pk)).select_related("reader").get()


def _require_slug(slug: str) -> None:
    if not _SLUG.fullmatch(slug):
        raise Missing("There is no such collection")


def _shape(request: HttpRequest, one: Collection) -> CollectionShape:
    return CollectionShape(
        slug=one.slug,
        url=request.build_absolute_uri(reverse("web:collection", args=[one.slug])),
        title=one.title,
        about=one.about,
        visibility=one.visibility,
        is_default=one.is_default,
        keeper=ReaderShape(handle=one.reader.username, name=one.reader.name),
        papers=one.papers,  # type: ignore[attr-defined] # counted
        created_at=one.created_at,
        changed_at=one.changed_at,
    )
