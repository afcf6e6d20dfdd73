"""Papers into collections and out of them: the save button, the choice on a paper's page, notes and order."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path, re_path, reverse

from broadsheet.community import clipping, collecting
from broadsheet.community.errors import Missing
from broadsheet.community.models import Collection
from broadsheet.library import NotFound, shared
from broadsheet.library.models import Version
from broadsheet.web.collections import SLUG
from broadsheet.web.doors import act, next_page, now, reader_of, wants_json


@act("collect")
def save(request: HttpRequest, key: str) -> HttpResponse:
    """Put a paper into the reader's default collection, or out of it where the form says `save=0`."""
    version, reader = _found(key), reader_of(request)
    is_saved = request.POST.get("save") != "0"
    change = clipping.save if is_saved else clipping.unsave
    paper = change(reader, version.paper_id, now())
    if wants_json(request):
        return JsonResponse({"saves": paper.saves, "saved": is_saved})
    return HttpResponseRedirect(next_page(request, _address(paper.key)))


@act("collect")
def choose(request: HttpRequest, key: str) -> HttpResponse:
    """Put a paper into exactly those of the offered collections that are ticked, and into a new one if it is named."""
    version, reader = _found(key), reader_of(request)
    ticked, offered = request.POST.getlist("in"), request.POST.getlist("offered")
    collecting.place_in(reader, version.paper_id, ticked, offered, now())
    if title := request.POST.get("new", "").strip():
        made = collecting.create(reader, title, now())
        clipping.clip(made, version.paper_id, now())
    return HttpResponseRedirect(next_page(request, _address(version.paper.key)) + "#collections")


@act("collect")
def move(request: HttpRequest, slug: str) -> HttpResponse:
    """Move a paper up, down, to the top or to the bottom."""
    collection, paper = _own(request, slug), _paper(request)
    clipping.move(collection, paper, request.POST.get("where", ""), now())
    return _back(request, collection, f"#p{paper}")


@act("collect")
def annotate(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a paper another note."""
    collection, paper = _own(request, slug), _paper(request)
    clipping.annotate(collection, paper, request.POST.get("note", ""), now())
    return _back(request, collection, f"#p{paper}")


@act("collect")
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a paper out, also one that was withdrawn or erased."""
    collection = _own(request, slug)
    clipping.unclip(collection, _paper(request), now())
    return _back(request, collection)


def choices(request: HttpRequest, version: Version) -> dict[str, Any]:
    """The reader's collections for the form on a paper's page. One query, none for strangers."""
    if not request.user.is_authenticated:
        return {}
    return {"shelves": list(collecting.holding(reader_of(request), version.paper_id))}


def _found(key: str) -> Version:
    try:
        return shared().find(key)
    except NotFound as error:
        raise Missing("This paper is not here") from error


def _own(request: HttpRequest, slug: str) -> Collection:
    return collecting.find_own(slug, reader_of(request))


def _paper(request: HttpRequest) -> int:
    text = request.POST.get("paper", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Missing("The form does not say which paper")
    return int(text)


def _back(request: HttpRequest, collection: Collection, anchor: str = "") -> HttpResponse:
    return HttpResponseRedirect(next_page(request, reverse("web:collection", args=[collection.slug])) + anchor)


def _address(key: str) -> str:
    return reverse("web:paper", args=[key])


urlpatterns = [
    path("papers/<path:key>/save", save, name="save"),
    path("papers/<path:key>/collections", choose, name="choose_collections"),
    re_path(rf"^collections/{SLUG}/move$", move, name="move_clipping"),
    re_path(rf"^collections/{SLUG}/note$", annotate, name="annotate_clipping"),
    re_path(rf"^collections/{SLUG}/remove$", remove, name="remove_clipping"),
]
