"""One view a page: read the request, ask the library, hand the answer to a template."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from broadsheet.community import voting
from broadsheet.library import LibraryError, NotFound, shared
from broadsheet.search import ModelError, QueryError
from broadsheet.web import (
    addresses,
    answers,
    cards,
    claims,
    clippings,
    featuring,
    merging,
    missing,
    overview,
    remarks,
    versions,
)
from broadsheet.web.doors import reader_of
from broadsheet.web.earlier import earlier
from broadsheet.web.errors import show
from broadsheet.web.marks import marks
from broadsheet.web.narrowing import asked_sort
from broadsheet.web.origins import origins
from broadsheet.web.paging import asked_page

FOLLOW_SECONDS = 0.05
READING_SECONDS = 5.0
"""How long a deep search reads before its page shows what it has."""
_TEXT = "text/plain; charset=utf-8"
_fresh = cache_control(private=True, no_cache=True)


@require_safe
@_fresh
def search(request: HttpRequest) -> HttpResponse:
    """A search at the head of the journal, or `at` an earlier change or day; `deep` reads the first more closely."""
    query, pinned = request.GET.get("q", "").strip(), request.GET.get("at", "").strip()
    context: dict[str, Any] = {"query": query, "pinned": pinned if asked_page(request) == 1 else ""}
    if not query:
        return render(request, "web/search.html", context)
    page = asked_page(request)
    library = shared()
    try:
        at = library.as_of(pinned) if pinned else None
        offset = (page - 1) * answers.HITS
        sort = asked_sort(request)
        is_deep = request.GET.get("deep", "") == "1" and sort == "relevance"
        answer = library.search(
            query,
            limit=answers.HITS,
            offset=offset,
            at=at,
            budget=FOLLOW_SECONDS,
            deep=is_deep,
            patience=READING_SECONDS,
            sort=sort,
        )
        facets = library.facets(query, answer.at) if request.GET.get("facets") == "1" else None
    except QueryError as error:
        context["fault"] = answers.fault(query, error)
        return render(request, "web/search.html", context, status=HTTPStatus.BAD_REQUEST)
    except LibraryError as error:
        context["fault"] = answers.Fault(str(error))
        return render(request, "web/search.html", context, status=HTTPStatus.BAD_REQUEST)
    except ModelError as error:
        context["fault"] = answers.Fault(f"the papers cannot be read more closely: {error}")
        return render(request, "web/search.html", context, status=HTTPStatus.INTERNAL_SERVER_ERROR)
    return render(request, "web/search.html", context | answers.page(library, answer, page, pinned, facets))


@require_safe
@_fresh
def paper(request: HttpRequest, key: str) -> HttpResponse:
    """A paper at its one address; any other identifier of it leads there."""
    library = shared()
    try:
        version = library.find(key)
    except NotFound:
        return show(request, missing.problem(library, key))
    if version.paper.key != key:
        return HttpResponsePermanentRedirect(reverse("web:paper", args=[version.paper.key]))
    if asked := request.GET.get("version"):
        return earlier(request, library, version, asked)
    names = library.names(version.paper)
    context = {
        "version": version,
        "steps": versions.timeline(version.paper, library.history(version.paper)),
        "names": addresses.identifier_rows(names),
        "identifiers": names,
        "citation": versions.citation(version, names),
        **cards.page(request, version, names),
        "similar": library.similar(version),
        "now": _now(),
        **marks(request, [version]),
        **remarks.discussion(request, version.paper),
        **claims.signed(request, version),
        **clippings.choices(request, version),
        **featuring.desk(request, version),
        **merging.parts(request, library, version),
        **origins(library, version),
    }
    if request.user.is_authenticated and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        voting.note_read(reader_of(request), version.paper_id, _now())
    return render(request, "web/paper.html", context)


@require_safe
@never_cache
def status(request: HttpRequest) -> HttpResponse:
    """The library at a glance, for whoever runs it."""
    return render(request, "web/status.html", overview.page(shared(), _now()))


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Say "ok" if the database answers; for load balancers."""
    try:
        with connections[shared().alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database does not answer\n", status=503, content_type=_TEXT)
    return HttpResponse("ok\n", content_type=_TEXT)


def _now() -> datetime:
    return datetime.now(UTC)
