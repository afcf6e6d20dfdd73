"""The comments of a page as readers see them: written out, indented, and with what this reader may do to each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from broadsheet.community import comments, mentions
from broadsheet.community.models import Comment, Reader
from broadsheet.library.models import Paper
from broadsheet.web.doors import now, reader_of
from broadsheet.web.paging import Pager, asked_page
from broadsheet.web.prose import comment_html

PAGE = 100
"""How many comments stand on a page."""
DEEPEST = 4
"""How far replies are indented; deeper ones say whom they answer instead."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment as it is shown. `answers` is the comment above it where the page does not show that by its place."""

    comment: Comment
    html: SafeString
    indent: int = 0
    answers: Comment | None = None
    is_own: bool = False
    may_answer: bool = False
    may_edit: bool = False
    may_moderate: bool = False


def viewer_of(request: HttpRequest) -> Reader | None:
    """The reader who looks, if one is signed in."""
    return reader_of(request) if request.user.is_authenticated else None


def discussion(request: HttpRequest, paper: Paper) -> dict[str, Any]:
    """The discussion of a paper for its page. Four queries, however long it is."""
    viewer, closed = viewer_of(request), comments.lock_of(paper.pk)
    places = comments.outline(paper.pk, viewer)
    pages = max(1, -(-len(places) // PAGE))
    page = min(asked_page(request), pages)
    nodes = comments.walk(comments.nodes(places[(page - 1) * PAGE : page * PAGE]))
    is_open = viewer is not None and (closed is None or viewer.is_moderator)
    return {
        "remarks": _remarks(list(nodes), viewer, is_open),
        "comments": paper.comments + _own_hidden(paper, viewer),
        "closed": closed,
        "is_open": is_open,
        "comment_pager": Pager(page, page < pages, pages=pages),
        "length_limit": comments.LENGTH_LIMIT,
        "now": now(),
    }


def remark(comment: Comment, viewer: Reader | None) -> Remark:
    """One comment by itself."""
    return remarks([comment], viewer)[0]


def remarks(rows: Iterable[Comment], viewer: Reader | None) -> list[Remark]:
    """Comments by themselves, out of their discussions. One query, if each came with its parent and their readers."""
    return _remarks([comments.Node(row, 0) for row in rows], viewer, is_open=False)


def written(rows: Iterable[Comment], viewer: Reader | None) -> dict[int, SafeString]:
    """The texts of comments as HTML, by number. One query."""
    rows = list(rows)
    known = mentions.known((row.text for row in rows), viewer)
    return {row.pk: comment_html(row.text, known) for row in rows}


def address(comment: Comment, viewer: Reader | None) -> str:
    """Where a comment stands: the paper's page, at the right page of the discussion. One query."""
    places = [pk for pk, _ in comments.outline(comment.paper_id, viewer)]
    page = places.index(comment.pk) // PAGE + 1 if comment.pk in places else 1
    return f"{reverse('web:paper', args=[comment.paper.key])}{f'?page={page}' if page > 1 else ''}#c{comment.pk}"


def _remarks(nodes: list[comments.Node], viewer: Reader | None, is_open: bool) -> list[Remark]:
    html = written((node.comment for node in nodes), viewer)
    on_page = {node.comment.pk for node in nodes}
    return [
        Remark(
            comment=(comment := node.comment),
            html=html[comment.pk],
            indent=min(node.depth, DEEPEST),
            answers=_answered(node, on_page),
            is_own=(is_own := viewer is not None and comment.reader_id == viewer.pk),
            may_answer=is_open and not comment.deleted_at and (comment.is_shown or is_own),
            may_edit=is_open and is_own and not comment.deleted_at,
            may_moderate=viewer is not None and viewer.is_moderator and not is_own,
        )
        for node in nodes
    ]


def _answered(node: comments.Node, on_page: set[int]) -> Comment | None:
    """The comment that one answers, where its place on the page does not show it."""
    if node.depth <= DEEPEST and node.comment.parent_id in on_page:
        return None
    parent = node.comment.parent
    return parent if parent is not None and parent.is_shown else None


def _own_hidden(paper: Paper, viewer: Reader | None) -> int:
    """How many of a limited reader's comments the counter leaves out, so that they notice nothing."""
    if viewer is None or not viewer.is_limited:
        return 0
    return Comment.objects.filter(paper=paper, reader=viewer, is_shown=False, deleted_at__isnull=True).count()
