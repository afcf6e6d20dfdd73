"""What editors do where one work became two papers, or two became one: a page that shows both, and the acts."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from broadsheet.community import merging
from broadsheet.community.errors import CommunityError, Missing, NotAllowed
from broadsheet.library import Library, NotFound, shared
from broadsheet.library.models import Paper, Version
from broadsheet.web.doors import act, now, reader_of, refuse, sign_in, status_of


def merge(request: HttpRequest, key: str) -> HttpResponse:
    """Ask whether two papers are one work; make them one when the form of that page is sent."""
    return _merge(request, key) if request.method == "POST" else _page(request, key)


@act("edit")
def split(request: HttpRequest, key: str) -> HttpResponse:
    """Take what the form names out of a paper: identifiers, or the address of a paper that was merged into it."""
    library, names = shared(), request.POST.getlist("name")
    other = merging.split(reader_of(request), library, key, names, now())
    messages.success(request, f"{other.key} is a paper of its own now: this one.")
    return HttpResponseRedirect(reverse("web:paper", args=[other.key]))


def parts(request: HttpRequest, library: Library, version: Version) -> dict[str, Any]:
    """What an editor's form on a paper's page needs to take papers apart; nothing for others."""
    if not request.user.is_authenticated or not reader_of(request).is_editor:
        return {}
    merged = library.merges(version)
    came = {name for row in merged for name in row.names}
    own = [name for name in version.names if name.key != version.paper.key and str(name) not in came]
    is_known = len(own) < len(version.names)
    return {"merged": [row.absorbed for row in merged], "separable": own if is_known else []}


def _refused(request: HttpRequest, key: str, error: CommunityError) -> HttpResponse:
    return _ask(request, key, error) if not isinstance(error, NotAllowed) else refuse(request, error)


@act("edit", refused=_refused)
def _merge(request: HttpRequest, key: str) -> HttpResponse:
    other = request.POST.get("other", "")
    kept = merging.merge(reader_of(request), shared(), key, other, now())
    messages.success(request, "The two are one now. The other address leads here.")
    return HttpResponseRedirect(reverse("web:paper", args=[kept.key]))


@require_safe
@never_cache
def _page(request: HttpRequest, key: str) -> HttpResponse:
    return _ask(request, key)


def _ask(request: HttpRequest, key: str, error: CommunityError | None = None) -> HttpResponse:
    """Both papers side by side, or the field that asks for the other, with what is wrong with what it held."""
    if not request.user.is_authenticated:
        return sign_in(request)
    if not reader_of(request).is_editor:
        return refuse(request, NotAllowed("This page is for editors"))
    library = shared()
    asked = (request.POST if request.method == "POST" else request.GET).get("other", "").strip()
    try:
        version = library.find(key)
    except NotFound as gone:
        return refuse(request, Missing(str(gone)))
    other = None
    try:
        other = _other(library, version.paper, asked) if asked and not error else None
    except CommunityError as problem:
        error = problem
    context = {"version": version, "other": other, "asked": asked, "error": error}
    status = status_of(error) if error else HTTPStatus.OK
    return render(request, "web/merge.html", context, status=status)


def _other(library: Library, paper: Paper, text: str) -> Version:
    """The paper that an editor names as the same work. Raises CommunityError for this one, and for none that stands."""
    found = merging.find_other(library, text)
    if found == paper:
        raise CommunityError("This is the paper itself, or part of it already")
    try:
        return library.find(found.key)
    except NotFound as error:
        raise Missing(str(error)) from error


urlpatterns = [
    path("papers/<path:key>/merge", merge, name="merge"),
    path("papers/<path:key>/split", split, name="split"),
]
