"""The pages of collections: the lists of them, one of them, and the forms that make, change and delete one."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, re_path, reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from broadsheet.community import collecting
from broadsheet.community.errors import CommunityError, Missing
from broadsheet.community.models import Clipping, Collection, Reader
from broadsheet.library.reading import open_versions
from broadsheet.web import feed_links
from broadsheet.web.doors import act, now, reader_of, refuse
from broadsheet.web.marks import marks
from broadsheet.web.paging import PAPERS, asked_page, numbered, open_ended

SLUG = r"(?P<slug>[\w-]{22})"
_VISIBILITIES = (
    (Collection.Visibility.PRIVATE, "Private: you alone"),
    (Collection.Visibility.LINK, "By link: whoever has the address"),
    (Collection.Visibility.PUBLIC, "Public: listed for everybody"),
)
_fresh = cache_control(private=True, no_cache=True)


class CollectionForm(forms.Form):
    """What a collection is called, what it says of itself, and who may see it."""

    title = forms.CharField(max_length=collecting.TITLE_LIMIT, widget=forms.TextInput({"dir": "auto"}))
    about = forms.CharField(
        label="Description",
        max_length=collecting.ABOUT_LIMIT,
        required=False,
        widget=forms.Textarea({"rows": 4, "dir": "auto"}),
    )
    visibility = forms.ChoiceField(
        label="Who may see it", choices=_VISIBILITIES, widget=forms.RadioSelect, initial=Collection.Visibility.PRIVATE
    )


@require_safe
@_fresh
def collections(request: HttpRequest) -> HttpResponse:
    """A reader's own collections, and the public ones, those changed last first."""
    viewer, page = _viewer(request), asked_page(request)
    start = (page - 1) * PAPERS
    listed, pager = open_ended(page, list(collecting.listed(viewer)[start : start + PAPERS + 1]))
    own = list(collecting.own(viewer)) if viewer and page == 1 else []
    context = {"own": own, "listed": listed, "pager": pager, "now": now()}
    return render(request, "web/collections.html", context)


@require_safe
@_fresh
def collection(request: HttpRequest, slug: str) -> HttpResponse:
    """One collection in its reader's order, with notes. Its reader sees stubs of what was withdrawn or erased."""
    viewer, page = _viewer(request), asked_page(request)
    try:
        shown = collecting.find(slug, viewer)
    except Missing as error:
        return refuse(request, error)
    is_own = shown.reader == viewer
    clippings = Clipping.objects.filter(collection=shown).select_related("paper").order_by("place", "pk")
    if not is_own:
        clippings = clippings.filter(paper__withdrawn_at__isnull=True, paper__erased_at__isnull=True)
    total = clippings.count()
    pager = numbered(page, total)
    rows = list(clippings[(page - 1) * PAPERS : page * PAPERS])
    papers = [row.paper_id for row in rows]
    versions = {version.paper_id: version for version in open_versions("default").filter(paper__in=papers)}
    context = {
        "collection": shown,
        "is_own": is_own,
        "rows": [(row, versions.get(row.paper_id)) for row in rows if is_own or row.paper_id in versions],
        "total": total,
        "pager": pager,
        "feed": feed_links.of("collection", slug) if shown.visibility != Collection.Visibility.PRIVATE else (),
        "now": now(),
        **marks(request, versions.values()),
    }
    return render(request, "web/collection.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """A new collection."""
    if request.method == "POST":
        return _make(request)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    return _form(request, CollectionForm())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Another title, description or visibility."""
    if request.method == "POST":
        return _edit(request, slug)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    try:
        changed = collecting.find_own(slug, reader_of(request))
    except Missing as error:
        return refuse(request, error)
    told = {"title": changed.title, "about": changed.about, "visibility": changed.visibility}
    return _form(request, CollectionForm(initial=told), changed)


@act("collect")
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete a collection and lead to the others."""
    collecting.delete(collecting.find_own(slug, reader_of(request)))
    return HttpResponseRedirect(reverse("web:collections"))


@act("collect")
def _make(request: HttpRequest) -> HttpResponse:
    form = CollectionForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=HTTPStatus.BAD_REQUEST)
    try:
        made = collecting.create(reader_of(request), now=now(), **form.cleaned_data)
    except CommunityError as error:
        form.add_error(None, f"{error}.")
        return _form(request, form, status=HTTPStatus.BAD_REQUEST)
    return HttpResponseRedirect(reverse("web:collection", args=[made.slug]))


@act("collect")
def _edit(request: HttpRequest, slug: str) -> HttpResponse:
    changed, form = collecting.find_own(slug, reader_of(request)), CollectionForm(request.POST)
    if not form.is_valid():
        return _form(request, form, changed, HTTPStatus.BAD_REQUEST)
    try:
        collecting.change(changed, now=now(), **form.cleaned_data)
    except CommunityError as error:
        form.add_error(None, f"{error}.")
        return _form(request, form, changed, HTTPStatus.BAD_REQUEST)
    return HttpResponseRedirect(reverse("web:collection", args=[slug]))


def _form(
    request: HttpRequest, form: CollectionForm, changed: Collection | None = None, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "collection": changed}
    return render(request, "web/collection_form.html", context, status=status)


def _viewer(request: HttpRequest) -> Reader | None:
    return reader_of(request) if request.user.is_authenticated else None


urlpatterns = [
    path("collections", collections, name="collections"),
    path("collections/new", make, name="new_collection"),
    re_path(rf"^collections/{SLUG}$", collection, name="collection"),
    re_path(rf"^collections/{SLUG}/edit$", edit, name="edit_collection"),
    re_path(rf"^collections/{SLUG}/delete$", delete, name="delete_collection"),
]
