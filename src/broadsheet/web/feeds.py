"""Feeds: the newest papers, or those of a search, as Atom, RSS 2.0 and JSON Feed 1.1.

Sources: RFC 4287, RFC 4151 (tag addresses), the RSS 2.0 specification, jsonfeed.org/version/1.1.
"""

import html
import json
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import re_path, reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed, get_tag_uri
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet.library import Library, LibraryError, shared
from broadsheet.library.models import Version
from broadsheet.search import QueryError
from broadsheet.web.prose import plain

PAPERS = 100
REACH = 200
"""How far down its ranking a search is looked through for what is new."""

_XML: dict[str, tuple[type[SyndicationFeed], str]] = {
    "atom": (Atom1Feed, "application/atom+xml; charset=utf-8"),
    "rss": (Rss201rev2Feed, "application/rss+xml; charset=utf-8"),
}
_TEXT = "text/plain; charset=utf-8"
_fresh = cache_control(no_cache=True)


@require_safe
@_fresh
def daily(request: HttpRequest, form: str) -> HttpResponse:
    """The newest papers, the latest day first."""
    library = shared()
    return _feed(request, form, "Broadsheet", reverse("web:today"), library, library.newest(PAPERS))


@require_safe
@_fresh
def search(request: HttpRequest, form: str) -> HttpResponse:
    """The best that a search finds, the newest first: a reader of feeds asks what is new."""
    query = request.GET.get("q", "").strip()
    library = shared()
    try:
        found = [hit.version for hit in library.search(query, limit=REACH, budget=0.05).hits]
    except (QueryError, LibraryError) as error:
        return HttpResponse(f"{error}\n", status=HTTPStatus.BAD_REQUEST, content_type=_TEXT)
    found.sort(key=lambda version: (version.paper.day, version.paper_id), reverse=True)
    page = f"{reverse('web:search')}?{urlencode({'q': query})}"
    return _feed(request, form, f"Broadsheet: {query}", page, library, found[:PAPERS])


def _feed(
    request: HttpRequest, form: str, title: str, page: str, library: Library, versions: Sequence[Version]
) -> HttpResponse:
    stored = library.stored_at(versions)
    if form == "json":
        return _json(request, title, page, versions, stored)
    kind, content_type = _XML[form]
    feed = kind(
        title=title,
        link=request.build_absolute_uri(page),
        description="Fresh research papers",
        feed_url=request.build_absolute_uri(),
        language="en",
    )
    for version in versions:
        link = _link(request, version)
        heading = plain(version.title)
        feed.add_item(
            title=html.escape(heading) if form == "rss" and "<" in heading else heading,  # RSS readers expect HTML
            link=link,
            description=html.escape(plain(version.abstract)),
            unique_id=get_tag_uri(link, version.paper.added_at),
            unique_id_is_permalink=False,
            author_name=", ".join(version.author_names) or None,
            categories=version.topics,
            pubdate=version.paper.added_at,
            updateddate=stored[version.pk],
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=content_type)


def _json(
    request: HttpRequest, title: str, page: str, versions: Sequence[Version], stored: dict[int, datetime]
) -> HttpResponse:
    entries = [
        {
            "id": get_tag_uri(_link(request, version), version.paper.added_at),
            "url": _link(request, version),
            "title": plain(version.title),
            "content_text": plain(version.abstract) or plain(version.title),
            "date_published": version.paper.added_at.isoformat(),
            "date_modified": stored[version.pk].isoformat(),
            "authors": [{"name": name} for name in version.author_names],
            "tags": version.topics,
        }
        for version in versions
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": request.build_absolute_uri(page),
        "feed_url": request.build_absolute_uri(),
        "language": "en",
        "items": entries,
    }
    return HttpResponse(json.dumps(feed, ensure_ascii=False), content_type="application/feed+json; charset=utf-8")


def _link(request: HttpRequest, version: Version) -> str:
    return request.build_absolute_uri(reverse("web:paper", args=[version.paper.key]))


urlpatterns = [
    re_path(r"^feeds/daily\.(?P<form>atom|rss|json)$", daily, name="daily_feed"),
    re_path(r"^feeds/search\.(?P<form>atom|rss|json)$", search, name="search_feed"),
]
