"""Reading a discussion: who may see which comment, and in which order they stand."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from broadsheet.community.errors import Missing
from broadsheet.community.models import Comment, Reader

Place = tuple[int, int]
"""A comment's number and how many comments it stands under."""


@dataclass(slots=True)
class Node:
    """A comment in its thread: `depth` counts the comments above it, `replies` are those right under it."""

    comment: Comment
    depth: int
    replies: list["Node"] = field(default_factory=list)


def visible(viewer: Reader | None) -> "QuerySet[Comment]":
    """The comments that a reader may see: all that are shown, their own, and for moderators every one.

    None stands under a paper that was withdrawn or erased.
    """
    if viewer is not None and viewer.is_moderator:
        return _standing()
    return _standing().filter(Q(is_shown=True) | Q(reader=viewer) if viewer is not None else Q(is_shown=True))


def find(comment_id: int, viewer: Reader | None) -> Comment:
    """A comment with its reader and paper. Raises Missing where there is none that the viewer may see."""
    found = visible(viewer).select_related("reader", "paper", "parent__reader").filter(pk=comment_id).first()
    if found is None:
        raise Missing("There is no such comment")
    return found


def thread(paper_id: int, viewer: Reader | None, offset: int = 0, limit: int | None = None) -> list[Node]:
    """The discussion of a paper as this viewer may see it: threads oldest first, replies under what they answer.

    `offset` and `limit` count comments in reading order; a comment whose parent is not in the piece stands at its head
    with its true depth. Two queries, however many comments.
    """
    places = outline(paper_id, viewer)
    return nodes(places[offset : None if limit is None else offset + limit])


def outline(paper_id: int, viewer: Reader | None) -> list[Place]:
    """The comments of a discussion in reading order, without their texts. One query.

    Replies to a comment that the viewer may not see keep their place and depth.
    """
    rows = _standing().filter(paper=paper_id).order_by("at", "pk").values_list("pk", "parent_id", "is_shown", "reader")
    under: dict[int | None, list[int]] = defaultdict(list)
    seen = set()
    for pk, parent, is_shown, reader in rows:
        under[parent].append(pk)
        if is_shown or (viewer is not None and (viewer.is_moderator or viewer.pk == reader)):
            seen.add(pk)
    places = []
    waiting = [(pk, 0) for pk in reversed(under[None])]
    while waiting:
        pk, depth = waiting.pop()
        if pk in seen:
            places.append((pk, depth))
        waiting.extend((reply, depth + 1) for reply in reversed(under[pk]))
    return places


def nodes(places: list[Place]) -> list[Node]:
    """The comments at these places with their readers, as a tree. One query."""
    found = Comment.objects.select_related("reader", "parent__reader").in_bulk([pk for pk, _ in places])
    heads: list[Node] = []
    known: dict[int | None, Node] = {}
    for pk, depth in places:
        if comment := found.get(pk):
            known[pk] = Node(comment, depth)
            above = known.get(comment.parent_id)
            (above.replies if above else heads).append(known[pk])
    return heads


def walk(heads: list[Node]) -> Iterator[Node]:
    """All comments of a tree in reading order, however deep it is."""
    waiting = list(reversed(heads))
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.replies))


def _standing() -> "QuerySet[Comment]":
    return Comment.objects.filter(paper__withdrawn_at__isnull=True, paper__erased_at__isnull=True)
