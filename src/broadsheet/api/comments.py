"""Comments: the discussion of a paper as a flat list with parents, and a reader's own words in it."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router
from pydantic import Field

from broadsheet.api.callers import caller_of, now
from broadsheet.api.paging import Piece, lead_on
from broadsheet.api.papers import find_paper
from broadsheet.api.responses import CHANGING, PUBLIC, READING, Status
from broadsheet.api.shapes import LARGEST, CommentShape, CommentsShape, ReaderShape, Sent, Text
from broadsheet.community import comments, threads
from broadsheet.community.errors import Missing
from broadsheet.community.models import Comment
from broadsheet.library import shared

router = Router(tags=["comments"])


class CommentDraft(Sent):
    """A comment to write: Markdown, and the number of the comment that it answers."""

    text: Annotated[Text, Field(min_length=1, max_length=2 * comments.LENGTH_LIMIT)]
    parent: Annotated[int, Field(ge=1, le=LARGEST)] | None = None


class CommentEdit(Sent):
    """The text that a comment is to have."""

    text: Annotated[Text, Field(min_length=1, max_length=2 * comments.LENGTH_LIMIT)]


@router.get("/papers/{path:paper_id}/comments", response={200: CommentsShape, **READING}, openapi_extra=PUBLIC)
def list_comments(request: HttpRequest, response: HttpResponse, paper_id: str, asked: Query[Piece]) -> CommentsShape:
    """The discussion of a paper in reading order: threads oldest first, replies under what they answer.

    `text` is Markdown as its writer typed it, from a stranger: clean it before you show it as HTML. A deleted comment
    has no text and no writer, and keeps its place.
    """
    reader, paper = caller_of(request).reader, find_paper(shared(), paper_id)
    places = threads.outline(paper.pk, reader)
    end = asked.offset + asked.limit
    nodes = threads.walk(threads.nodes(places[asked.offset : end]))
    return CommentsShape(
        comments=[write_comment(request, node.comment, paper.key, node.depth) for node in nodes],
        total=len(places),
        next=lead_on(request, response, offset=end) if end < len(places) else None,
    )


@router.post("/papers/{path:paper_id}/comments", response={201: CommentShape, **CHANGING})
def add_comment(
    request: HttpRequest, response: HttpResponse, paper_id: str, draft: CommentDraft
) -> Status[CommentShape]:
    """Write a comment, or a reply to the comment `parent`. The same words sent again within a minute are one."""
    library = shared()
    paper = find_paper(library, paper_id)
    reader = caller_of(request).acts("comment")
    comment = comments.write(reader, paper.pk, draft.text, now(), draft.parent)
    response["Location"] = request.build_absolute_uri(reverse("api:read_comment", args=[comment.pk]))
    return Status(201, _found(request, comment.pk))


@router.get(
    "/comments/{int:comment_id}", response={200: CommentShape, **READING}, url_name="read_comment", openapi_extra=PUBLIC
)
def read_comment(request: HttpRequest, comment_id: int) -> CommentShape:
    """A comment by its number."""
    return _found(request, comment_id)


@router.patch("/comments/{int:comment_id}", response={200: CommentShape, **CHANGING})
def edit_comment(request: HttpRequest, comment_id: int, draft: CommentEdit) -> CommentShape:
    """Give an own comment another text; the one before stays readable on the site."""
    reader = caller_of(request).acts("edit")
    comments.edit(reader, _number(comment_id), draft.text, now())
    return _found(request, comment_id)


@router.delete("/comments/{int:comment_id}", response={204: None, **CHANGING})
def delete_comment(request: HttpRequest, comment_id: int) -> Status[None]:
    """Erase the text and history of an own comment; its place stays. Twice is once."""
    reader = caller_of(request).acts("edit")
    comments.delete(reader, _number(comment_id), now())
    return Status(204, None)


def write_comment(request: HttpRequest, comment: Comment, paper: str, depth: int | None = None) -> CommentShape:
    """A comment as programs see it; nothing of a deleted one but its place."""
    writer = comment.reader if not comment.deleted_at else None
    return CommentShape(
        id=comment.pk,
        paper=paper,
        parent=comment.parent_id,
        depth=depth,
        writer=ReaderShape(handle=writer.username, name=writer.name) if writer else None,
        text=comment.text,
        at=comment.at,
        edited_at=comment.edited_at if not comment.deleted_at else None,
        is_deleted=comment.deleted_at is not None,
    )


def _found(request: HttpRequest, comment_id: int) -> CommentShape:
    comment = comments.find(_number(comment_id), caller_of(request).reader)
    return write_comment(request, comment, comment.paper.key)


def _number(comment_id: int) -> int:
    """A number that a comment may have. Raises Missing."""
    if comment_id > LARGEST:
        raise Missing("There is no such comment")
    return comment_id
