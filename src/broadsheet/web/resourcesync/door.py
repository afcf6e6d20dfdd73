"""The doors of ResourceSync: descriptions, lists, archives, and the resources themselves; open to everybody."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, re_path, reverse
from django.utils.http import http_date
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet.library import shared, unions
from broadsheet.library.changes_since import head_moment
from broadsheet.library.models import Paper
from broadsheet.library.reading import open_versions, stored_at
from broadsheet.web.addresses import paper_address
from broadsheet.web.resourcesync import changes, dump, lists, records
from broadsheet.web.resourcesync.lists import Gone, Part
from broadsheet.web.resourcesync.writing import Listing, moment

_XML = "application/xml; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_More = ParamSpec("_More")
_View = Callable[Concatenate[HttpRequest, _More], HttpResponse]


def _door(view: "Callable[Concatenate[Asked, _More], bytes]", content_type: str = _XML) -> "_View[_More]":
    """A view of what a function writes; what there is no more is said in a sentence."""

    @require_safe
    @cache_control(public=True, no_cache=True)
    def answer(request: HttpRequest, /, *args: _More.args, **more: _More.kwargs) -> HttpResponse:
        try:
            return HttpResponse(view(Asked(request), *args, **more), content_type=content_type)
        except Gone:
            said = f"This part of a list is not here any more. Begin again at {reverse('web:resync_description')}\n"
            return HttpResponse(said, status=HTTPStatus.NOT_FOUND, content_type=_TEXT)

    return answer


class Asked:
    """A request, the library it is about, and the whole addresses of what there is."""

    def __init__(self, request: HttpRequest) -> None:
        self.alias = shared().alias
        self._request = request
        self._resources = self.at("resync_resource", 1).removesuffix("1.json")

    def at(self, name: str, *args: object) -> str:
        """The whole address of a document."""
        return self._request.build_absolute_uri(reverse(f"web:{name}", args=args))

    def resource(self, paper: int) -> str:
        """The whole address of a paper's resource."""
        return f"{self._resources}{paper}.json"

    @property
    def up(self) -> str:
        """The document above every list."""
        return self.at("resync_capabilities")


def describe(asked: Asked) -> bytes:
    """The description of the source: one set of resources."""
    listing = Listing("description", {})
    listing.add(asked.up, {"capability": "capabilitylist"})
    return listing.finish()


def list_capabilities(asked: Asked) -> bytes:
    """What can be had of the set."""
    listing = Listing("capabilitylist", {}, asked.at("resync_description"))
    for capability, name in (
        ("resourcelist", "resync_resources"),
        ("changelist", "resync_changes"),
        ("resourcedump", "resync_dump"),
    ):
        listing.add(asked.at(name), {"capability": capability})
    return listing.finish()


def index_resources(asked: Asked) -> bytes:
    """The parts of the list of resources as of this moment."""
    return _index(asked, "resourcelist", "resync_resource_part", is_index=True)


def index_archives(asked: Asked) -> bytes:
    """The archives of the dump as of this moment."""
    return _index(asked, "resourcedump", "resync_archive", {"type": dump.MEDIA_TYPE})


def _index(
    asked: Asked, capability: str, part: str, description: dict[str, str] | None = None, is_index: bool = False
) -> bytes:
    head, at = head_moment(asked.alias)
    listing = Listing(capability, _as_of(at), asked.up, is_index)
    for number in range(lists.count_parts(head)):
        listing.add(asked.at(part, head, f"{number:06}"), (description or {}) | _as_of(at))
    return listing.finish()


def _as_of(at: datetime | None) -> dict[str, str]:
    return {"at": moment(at)} if at else {}


def list_resources(asked: Asked, bound: str, number: str) -> bytes:
    """A part of the list of resources."""
    part = Part.find(asked.alias, int(bound), int(number))
    return lists.write_part(part, asked.alias, asked.up, asked.at("resync_resources"), asked.resource)


def pack_resources(asked: Asked, bound: str, number: str) -> bytes:
    """A part of the resources as an archive."""
    part = Part.find(asked.alias, int(bound), int(number))
    return dump.write_archive(part, asked.alias, asked.up, asked.resource)


def index_changes(asked: Asked) -> bytes:
    """The parts of the list of changes."""
    head, _ = head_moment(asked.alias)
    return changes.write_index(
        asked.alias, head, asked.up, lambda number: asked.at("resync_change_part", f"{number:06}")
    )


def list_changes(asked: Asked, number: str) -> bytes:
    """A part of the list of changes."""
    head, _ = head_moment(asked.alias)
    return _changes(asked, changes.Stretch.part(int(number), head))


def list_latest(asked: Asked) -> bytes:
    """The latest changes in one list."""
    head, _ = head_moment(asked.alias)
    return _changes(asked, changes.Stretch.latest(head))


def _changes(asked: Asked, stretch: changes.Stretch) -> bytes:
    return changes.write_changes(asked.alias, stretch, asked.up, asked.at("resync_changes"), asked.resource)


@require_safe
@cache_control(public=True, no_cache=True)
def resource(request: HttpRequest, number: str) -> HttpResponse:
    """A paper's record; one that is gone is said to be. Two queries."""
    alias = shared().alias
    version = open_versions(alias).filter(paper=int(number)).first()
    if version is None:
        return _absent(alias, number)
    found = records.Resource.of(version)
    response = HttpResponse(found.body, content_type=records.MEDIA_TYPE)
    response["ETag"] = f'"{found.sha256}"'
    response["Last-Modified"] = http_date(stored_at(alias, [version])[version.pk].timestamp())
    return response


@require_safe
@cache_control(public=True, no_cache=True)
def page(_request: HttpRequest, number: str) -> HttpResponse:
    """The way from a paper's number, by which copies of it know it, to its page, or that of what it became part of.

    One query, and two more where the paper does not stand.
    """
    alias, asked = shared().alias, int(number)
    version = open_versions(alias).filter(paper=asked).first()
    if version is None and (kept := unions.leads(alias, [asked]).get(asked)):
        version = open_versions(alias).filter(paper=kept).first()
    return _absent(alias, number) if version is None else HttpResponseRedirect(paper_address(version.paper.key))


def _absent(alias: str, number: str) -> HttpResponse:
    if Paper.objects.using(alias).filter(pk=int(number)).exists():
        return HttpResponse("This paper was withdrawn.\n", status=HTTPStatus.GONE, content_type=_TEXT)
    return HttpResponse("There is no paper of this number.\n", status=HTTPStatus.NOT_FOUND, content_type=_TEXT)


_PART = r"(?P<bound>[1-9][0-9]{0,17})/(?P<number>[0-9]{6})"
urlpatterns = [
    path(".well-known/resourcesync", _door(describe), name="resync_description"),
    path("resync/capabilitylist.xml", _door(list_capabilities), name="resync_capabilities"),
    path("resync/resourcelist.xml", _door(index_resources), name="resync_resources"),
    re_path(rf"^resync/resourcelist/{_PART}\.xml$", _door(list_resources), name="resync_resource_part"),
    path("resync/resourcedump.xml", _door(index_archives), name="resync_dump"),
    re_path(rf"^resync/resourcedump/{_PART}\.zip$", _door(pack_resources, dump.MEDIA_TYPE), name="resync_archive"),
    path("resync/changelists.xml", _door(index_changes), name="resync_changes"),
    re_path(r"^resync/changelists/(?P<number>[0-9]{6})\.xml$", _door(list_changes), name="resync_change_part"),
    path("resync/changelist.xml", _door(list_latest), name="resync_latest_changes"),
    path("changelist.xml", _door(list_latest)),
    re_path(r"^resync/papers/(?P<number>[1-9][0-9]{0,17})\.json$", resource, name="resync_resource"),
    re_path(r"^resync/papers/(?P<number>[1-9][0-9]{0,17})$", page, name="resync_page"),
]
