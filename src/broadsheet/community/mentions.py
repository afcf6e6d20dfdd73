"""Mentions: the readers that a comment names after @."""

from collections.abc import Iterable

from django.db.models import Q

from broadsheet.community.markdown import NAMED, named
from broadsheet.community.models import Reader

LIMIT = 10
"""How many readers one comment tells that it names them."""


def readers_named(text: str) -> list[Reader]:
    """The readers whom a comment names and tells, in order, at most `LIMIT`. One query."""
    found = Reader.objects.filter(username__in=named(text)[: 10 * LIMIT], is_active=True).in_bulk(field_name="username")
    return [found[handle] for handle in named(text) if handle in found][:LIMIT]


def known(texts: Iterable[str], viewer: Reader | None = None) -> frozenset[str]:
    """The handles in these texts that lead to a page this viewer may see, and so may become links. One query."""
    handles = {handle.lower() for text in texts for handle in NAMED.findall(text)}
    if not handles:
        return frozenset()
    shown = Q(is_limited=False) if viewer is None else Q(is_limited=False) | Q(pk=viewer.pk)
    return frozenset(
        Reader.objects.filter(shown, username__in=handles, is_active=True).values_list("username", flat=True)
    )
