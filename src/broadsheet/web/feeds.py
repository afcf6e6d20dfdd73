"""Feeds of every list: a table of lists, each of which becomes Atom, RSS 2.0 and JSON Feed 1.1.

A feed is the same for everybody: it looks at no cookie, and holds nothing private, withdrawn, erased or to come.
"""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import re_path, reverse
from django.utils.http import http_date
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet.community import collecting
from broadsheet.community.errors import Missing
from broadsheet.community.models import Clipping
from broadsheet.library import Library, LibraryError, reading, shared
from broadsheet.library.models import Version
from broadsheet.search import Query, QueryError
from broadsheet.web import addresses
from broadsheet.web.doors import now
from broadsheet.web.feed_ages import FeedAges
from broadsheet.web.feed_forms import Feed, write
from broadsheet.web.feed_links import FORMS
from broadsheet.web.lists import FOLLOW_SECONDS, is_listed
from broadsheet.web.spans import SPANS

PAPERS = 100
REACH = 200
"""How far down its ranking a search is looked through for what is new."""

_TEXT = "text/plain; charset=utf-8"
ages = FeedAges()
"""What this process remembers of the feeds it sent."""
_fresh = cache_control(public=True, no_cache=True)


def daily(library: Library, asked: QueryDict) -> Feed:
    """The list of the latest day."""
    shown = library.day_page(limit=PAPERS)
    return _feed(library, "Broadsheet", reverse("web:today"), shown.versions)


def newest(library: Library, asked: QueryDict) -> Feed:
    """The newest papers, the latest day first."""
    return _feed(library, "Broadsheet: newest", reverse("web:newest"), library.newest(PAPERS))


def week(library: Library, asked: QueryDict) -> Feed:
    """This week's papers, by votes."""
    return _span(library, "week")


def month(library: Library, asked: QueryDict) -> Feed:
    """This month's papers, by votes."""
    return _span(library, "month")


def trending(library: Library, asked: QueryDict) -> Feed:
    """The papers that deserve attention most."""
    return _feed(library, "Broadsheet: trending", reverse("web:trending"), library.trending(PAPERS))


def topic(library: Library, asked: QueryDict) -> Feed:
    """The newest papers of a topic."""
    name = asked.get("t", "")
    found = _found(library, Query.of_topic(name))
    return _feed(library, f"Broadsheet: {name}", addresses.topic_address(name), found, t=name)


def author(library: Library, asked: QueryDict) -> Feed:
    """The newest papers by an author."""
    name = asked.get("name", "")
    found = _found(library, Query.of_author(name))
    return _feed(library, f"Broadsheet: {name}", addresses.author_address(name), found, name=name)


def search(library: Library, asked: QueryDict) -> Feed:
    """The best that a search finds, the newest first: a reader of feeds asks what is new."""
    query = asked.get("q", "").strip()
    found = _found(library, query)
    found.sort(key=lambda version: (version.paper.day, version.paper_id), reverse=True)
    return _feed(library, f"Broadsheet: {query}", addresses.search_address(query), found[:PAPERS], q=query)


def collection(library: Library, slug: str) -> Feed:
    """The papers that came into a collection last, in its order, with its reader's notes. Raises Missing."""
    shown = collecting.find(slug, None)
    latest = Clipping.objects.filter(collection=shown).order_by("-at", "-pk")[:PAPERS]
    rows = {row.paper_id: row for row in sorted(latest, key=lambda row: (row.place, row.pk))}
    standing = {version.paper_id: version for version in reading.open_versions("default").filter(paper__in=rows)}
    versions = [standing[paper] for paper in rows if paper in standing and is_listed(standing[paper], library.today())]
    stored = library.stored_at(versions)
    return Feed(
        title=f"Broadsheet: {shown.title}",
        page=reverse("web:collection", args=[slug]),
        versions=versions,
        stored={version.pk: max(stored[version.pk], rows[version.paper_id].at) for version in versions},
        notes={paper: row.note for paper, row in rows.items()},
        about=shown.about or "Papers that a reader keeps",
        changed_at=shown.changed_at,
    )


LISTS: dict[str, Callable[[Library, QueryDict], Feed]] = {
    "daily": daily,
    "newest": newest,
    "week": week,
    "month": month,
    "trending": trending,
    "topic": topic,
    "author": author,
    "search": search,
}


@require_safe
@_fresh
def feed(request: HttpRequest, form: str, name: str) -> HttpResponse:
    """A list of the table as a feed."""
    try:
        found = LISTS[name](shared(), request.GET)
    except (QueryError, LibraryError) as error:
        return HttpResponse(f"{error}\n", status=HTTPStatus.BAD_REQUEST, content_type=_TEXT)
    query = f"?{urlencode(found.arguments)}" if found.arguments else ""
    return answer(request, found, form, reverse(f"web:{name}_feed", args=[form]) + query)


@require_safe
@_fresh
def collection_feed(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """A shared collection as a feed."""
    try:
        found = collection(shared(), slug)
    except Missing as error:
        return HttpResponse(f"{error}\n", status=HTTPStatus.NOT_FOUND, content_type=_TEXT)
    return answer(request, found, form, reverse("web:collection_feed", args=[slug, form]))


def _feed(library: Library, title: str, page: str, versions: Sequence[Version], **arguments: str) -> Feed:
    return Feed(title, page, versions, library.stored_at(versions), arguments=arguments)


def _span(library: Library, kind: str) -> Feed:
    span = SPANS[kind](library.today())
    found = library.span_page(span.first, span.last, PAPERS)
    return _feed(library, f"Broadsheet: this {kind}", reverse(f"web:this_{kind}"), found.versions)


def _found(library: Library, query: Query | str) -> list[Version]:
    limit = REACH if isinstance(query, str) else PAPERS
    hits = library.search(query, limit, budget=FOLLOW_SECONDS).hits
    return [hit.version for hit in hits if is_listed(hit.version, library.today())]


def answer(request: HttpRequest, found: Feed, form: str, address: str) -> HttpResponse:
    """A feed in one form, with when it changed last."""
    body = write(found, form, address, request.build_absolute_uri)
    response = HttpResponse(body, content_type=f"{FORMS[form]}; charset=utf-8")
    changed_at = ages.changed_at(request.build_absolute_uri(address), body, now())
    response["Last-Modified"] = http_date(changed_at.timestamp())
    return response


_FORM = r"\.(?P<form>atom|rss|json)$"
urlpatterns = [
    *(re_path(rf"^feeds/{name}{_FORM}", feed, {"name": name}, name=f"{name}_feed") for name in LISTS),
    re_path(rf"^feeds/collections/(?P<slug>[\w-]+){_FORM}", collection_feed, name="collection_feed"),
]
