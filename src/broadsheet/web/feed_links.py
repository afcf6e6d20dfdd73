"""Where the feeds of a list are, for the head of its page and for its readers."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

FORMS = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}
_TITLES = {
    "daily": "Broadsheet",
    "newest": "Newest papers",
    "week": "This week",
    "month": "This month",
    "trending": "Trending",
    "topic": "This topic",
    "author": "This author",
    "search": "This search",
    "collection": "This collection",
}


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed of a list in one form."""

    title: str
    content_type: str
    address: str


def of(name: str, slug: str = "", /, **arguments: str) -> list[FeedLink]:
    """The feeds of a list, Atom first: of("topic", t="cs.IR"), of("collection", "a-slug")."""
    query = f"?{urlencode(arguments)}" if arguments else ""
    suffixes = {"atom": "", "rss": " (RSS)", "json": " (JSON)"}
    return [
        FeedLink(
            f"{_TITLES[name]}{suffixes[form]}",
            content_type,
            reverse(f"web:{name}_feed", args=[slug, form] if slug else [form]) + query,
        )
        for form, content_type in FORMS.items()
    ]
