"""A collection, or what a search finds, in the forms that other programs read."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from io import BytesIO

from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet.community import collecting, limits
from broadsheet.community.errors import CommunityError
from broadsheet.community.models import Clipping
from broadsheet.library import LibraryError, shared
from broadsheet.library.models import Version
from broadsheet.library.reading import exported, open_versions
from broadsheet.papers.text import fold
from broadsheet.search import QueryError
from broadsheet.sources.export import EXPORTS, FOUND
from broadsheet.web.collections import SLUG
from broadsheet.web.doors import address_of, reader_of, refuse
from broadsheet.web.lists import FOLLOW_SECONDS
from broadsheet.web.narrowing import EXPORTED_FROM_PAGES, asked_sort

_FORM = rf"\.(?P<form>{'|'.join(map(re.escape, EXPORTED_FROM_PAGES))})$"


@require_safe
@cache_control(private=True, no_cache=True)
def export(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """A collection's papers in its reader's order, as a file."""
    viewer = reader_of(request) if request.user.is_authenticated else None
    try:
        collection = collecting.find(slug, viewer)
        limits.spend("download", viewer.pk if viewer else None, address_of(request))
    except CommunityError as error:
        return refuse(request, error)
    inside = Clipping.objects.filter(collection=collection)
    ids = inside.order_by("place", "pk").values_list("paper", flat=True)
    rows = {row.paper_id: row for row in open_versions("default").filter(paper__in=inside.values("paper"))}
    return _file((rows[paper] for paper in ids if paper in rows), form, collection.title)


@require_safe
@cache_control(private=True, no_cache=True)
def export_search(request: HttpRequest, form: str) -> HttpResponse:
    """The first thousand papers that a search finds, at the head or `at` a change or day, as a file."""
    viewer = reader_of(request) if request.user.is_authenticated else None
    library = shared()
    query, pinned = request.GET.get("q", "").strip(), request.GET.get("at", "").strip()
    try:
        limits.spend("download", viewer.pk if viewer else None, address_of(request))
        at = library.as_of(pinned) if pinned else None
        answer = library.search(query, limit=FOUND, at=at, budget=FOLLOW_SECONDS, sort=asked_sort(request))
    except CommunityError as error:
        return refuse(request, error)
    except (QueryError, LibraryError) as error:
        return HttpResponse(f"{error}.\n", status=HTTPStatus.BAD_REQUEST, content_type="text/plain; charset=utf-8")
    response = _file((hit.version for hit in answer.hits), form, query)
    response["X-Broadsheet-At"] = str(answer.at)
    return response


def _file(versions: Iterable[Version], form: str, title: str) -> HttpResponse:
    body = BytesIO()
    EXPORTS[form].write(map(exported, versions), body)
    response = HttpResponse(body.getvalue(), content_type=EXPORTS[form].media_type)
    response["Content-Disposition"] = f'attachment; filename="{_file_name(title)}.{form}"'
    return response


def _file_name(title: str) -> str:
    """A file's name from a title: small ASCII letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:60] or "papers"


urlpatterns = [
    re_path(rf"^collections/{SLUG}{_FORM}", export, name="export_collection"),
    re_path(rf"^search{_FORM}", export_search, name="export_search"),
]
