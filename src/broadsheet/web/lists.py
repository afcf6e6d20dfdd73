"""The lists of papers: day, week, month, trending, newest, and those of a topic or an author."""

from collections.abc import Callable, Sequence
from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.text import capfirst
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet.library import Library, shared
from broadsheet.library.models import Version
from broadsheet.search import Query, QueryError
from broadsheet.search.conditions import condition
from broadsheet.web import addresses, days, feed_links, trends
from broadsheet.web.marks import marks
from broadsheet.web.paging import PAPERS, asked_page, numbered, open_ended
from broadsheet.web.spans import SPANS, Span, read_day, read_month, read_week
from broadsheet.web.tabs import Dateline, Way, tabs
from broadsheet.web.words import counted, long_day

FOLLOW_SECONDS = 0.05
_fresh = cache_control(private=True, no_cache=True)


@require_safe
@_fresh
def today(request: HttpRequest) -> HttpResponse:
    """The latest day that has papers."""
    return _day_page(request, None)


@require_safe
@_fresh
def day(request: HttpRequest, text: str) -> HttpResponse:
    """The papers of one day."""
    return _day_page(request, read_day(text))


@require_safe
def choose_day(request: HttpRequest) -> HttpResponse:
    """Where the calendar's form leads: to the day chosen, or to the week or month that it is in."""
    chosen, kind = read_day(request.GET.get("day", "")), request.GET.get("list", "")
    return HttpResponseRedirect(
        SPANS[kind](chosen).address if kind in SPANS else reverse("web:day", args=[chosen.isoformat()])
    )


@require_safe
@_fresh
def week(request: HttpRequest, text: str = "") -> HttpResponse:
    """The papers of a week, this one unless told otherwise."""
    library = shared()
    return _span_page(request, library, read_week(text) if text else SPANS["week"](library.today()))


@require_safe
@_fresh
def month(request: HttpRequest, text: str = "") -> HttpResponse:
    """The papers of a month, this one unless told otherwise."""
    library = shared()
    return _span_page(request, library, read_month(text) if text else SPANS["month"](library.today()))


@require_safe
@_fresh
def trending(request: HttpRequest) -> HttpResponse:
    """The papers that deserve attention most, each with the parts of its sum."""
    library, number = shared(), asked_page(request)
    today = library.today()
    found, pager = open_ended(number, library.trending(PAPERS + 1, (number - 1) * PAPERS))
    context = {
        "dateline": Dateline(tabs("trending", today), f"Trending · {long_day(today)}", "trending"),
        "sentence": trends.sentence(found),
        "rows": trends.reasons(found, today),
        "pager": pager,
        "feed": feed_links.of("trending"),
    }
    return render(request, "web/list.html", context | marks(request, found))


@require_safe
@_fresh
def newest(request: HttpRequest) -> HttpResponse:
    """The papers in order of their day, the latest first."""
    library, number = shared(), asked_page(request)
    found, pager = open_ended(number, library.newest(PAPERS + 1, (number - 1) * PAPERS))
    context = {
        "dateline": Dateline(tabs("newest", library.today()), "Newest papers", "newest"),
        "rows": _rows(found),
        "pager": pager,
        "feed": feed_links.of("newest"),
    }
    return render(request, "web/list.html", context | marks(request, found))


@require_safe
@_fresh
def topic(request: HttpRequest, topic: str = "") -> HttpResponse:
    """The newest papers of a topic; one that a path cannot hold comes as `t`."""
    topic = topic or request.GET.get("t", "")
    return _named_page(request, Query.of_topic, topic, "topic", {"t": topic})


@require_safe
@_fresh
def author(request: HttpRequest, name: str = "") -> HttpResponse:
    """The newest papers by an author; a name that a path cannot hold comes as `name`."""
    name = name or request.GET.get("name", "")
    return _named_page(request, Query.of_author, name, "author", {"name": name})


def is_listed(version: Version, today: date) -> bool:
    """Whether the paper of a version that the index gave stands now, and its day has come."""
    paper = version.paper
    return paper.withdrawn_at is None and paper.erased_at is None and paper.day <= today


def _day_page(request: HttpRequest, day: date | None) -> HttpResponse:
    is_editor = bool(request.user.is_authenticated and request.user.is_editor)
    context = days.page(shared(), day, asked_page(request), is_editor)
    return render(request, "web/today.html", context | marks(request, context["page"].versions))


def _span_page(request: HttpRequest, library: Library, span: Span) -> HttpResponse:
    today, number = library.today(), asked_page(request)
    if span.first > today:
        raise Http404(f"This {span.kind} has not come yet.")
    found = library.span_page(span.first, span.last, PAPERS, (number - 1) * PAPERS)
    pager = numbered(number, found.total)
    earlier, later = (SPANS[span.kind](day) if day else None for day in (found.earlier, found.later))
    context = {
        "dateline": Dateline(
            tabs=tabs(span.kind, today, min(span.last, today)),
            heading=span.title,
            kind=span.kind,
            total=counted(found.total, "paper") if found.total else "",
            earlier=Way(earlier.address, f"← {earlier.name_beside(span)}") if earlier else None,
            later=Way(later.address, f"{later.name_beside(span)} →") if later else None,
            day=min(span.last, today),
        ),
        "rows": _rows(found.versions),
        "pager": pager,
        "feed": feed_links.of(span.kind),
        "nothing": f"No papers were listed in this {span.kind}",
    }
    return render(request, "web/list.html", context | marks(request, found.versions))


def _named_page(
    request: HttpRequest, read: Callable[[str], Query], name: str, kind: str, arguments: dict[str, str]
) -> HttpResponse:
    library, number = shared(), asked_page(request)
    try:
        query = read(name)
    except QueryError as error:
        raise Http404(f"{capfirst(str(error)[:300])}.") from error
    answer = library.search(query, PAPERS, (number - 1) * PAPERS, budget=FOLLOW_SECONDS)
    found = [hit.version for hit in answer.hits if is_listed(hit.version, library.today())]
    query_string = f"{urlencode(arguments)}&" if request.GET.keys() & arguments else ""
    context = {
        "dateline": Dateline(
            tabs=tabs("", library.today()),
            heading="Topic" if kind == "topic" else "Papers by",
            kind=kind,
            subject=name,
            total=counted(answer.total, "paper"),
        ),
        "rows": _rows(found),
        "pager": numbered(number, answer.length, query_string),
        "feed": feed_links.of(kind, **arguments),
        "nothing": "No papers here have this topic" if kind == "topic" else "No papers here are by such an author",
        "among": addresses.search_address(f"{condition(kind, name)} ") if found else "",
        "is_searched": True,
    }
    status = 200 if answer.hits else 404
    return render(request, "web/list.html", context | marks(request, found), status=status)


def _rows(versions: Sequence[Version]) -> list[tuple[Version, None]]:
    """The rows of a list whose order needs no telling why."""
    return [(version, None) for version in versions]


urlpatterns = [
    path("", today, name="today"),
    path("date", choose_day, name="choose_day"),
    path("date/<str:text>", day, name="day"),
    path("week", week, name="this_week"),
    path("week/<str:text>", week, name="week"),
    path("month", month, name="this_month"),
    path("month/<str:text>", month, name="month"),
    path("trending", trending, name="trending"),
    path("newest", newest, name="newest"),
    path("topics", topic, name="topics"),
    path("topics/<path:topic>", topic, name="topic"),
    path("authors", author, name="authors"),
    path("authors/<path:name>", author, name="author"),
]
