"""What editors do: feature a paper today or on a day to come, and the page of what waits for them."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from broadsheet.community import claims, featuring
from broadsheet.community.errors import CommunityError, Missing, NotAllowed
from broadsheet.library import NotFound, shared
from broadsheet.library.models import Version
from broadsheet.library.reading import open_versions
from broadsheet.web.claims import Case, case
from broadsheet.web.doors import act, next_page, now, reader_of, refuse, sign_in


@act("edit")
def feature(request: HttpRequest, key: str) -> HttpResponse:
    """Feature a paper on the day that the form names, or no longer where it says `feature=0`."""
    library, editor = shared(), reader_of(request)
    try:
        paper = library.find_paper(key)
    except NotFound as error:
        raise Missing("This paper is not here") from error
    if request.POST.get("feature") == "0":
        featuring.unfeature(editor, paper.pk, now())
    else:
        note = request.POST.get("note", "")
        featuring.feature(editor, paper.pk, _day(request.POST.get("day", "")), note, now(), library.today())
    return HttpResponseRedirect(next_page(request, reverse("web:paper", args=[paper.key])))


@require_safe
@never_cache
def editing(request: HttpRequest) -> HttpResponse:
    """What is scheduled and which claims are open, for editors."""
    if not request.user.is_authenticated:
        return sign_in(request)
    if not reader_of(request).is_editor:
        return refuse(request, NotAllowed("This page is for editors"))
    features, waiting = featuring.scheduled(shared().today()), claims.open_claims()
    papers = {row.paper_id for row in features} | {claim.paper_id for claim in waiting}
    versions = {version.paper_id: version for version in open_versions("default").filter(paper__in=papers)}
    cases: list[Case] = [case(claim, versions.get(claim.paper_id)) for claim in waiting]
    context: dict[str, Any] = {
        "features": [(row, versions.get(row.paper_id)) for row in features],
        "cases": cases,
        "today": shared().today(),
        "now": now(),
    }
    return render(request, "web/feature_desk.html", context)


def desk(request: HttpRequest, version: Version) -> dict[str, Any]:
    """What an editor's form on a paper's page needs; nothing for others."""
    if not request.user.is_authenticated or not reader_of(request).is_editor:
        return {}
    today = shared().today()
    return {"desk": {"today": today, "last": today + featuring.AHEAD}}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommunityError("Write the day as year, month and day, such as 2026-11-21") from error


urlpatterns = [
    path("editing", editing, name="editing"),
    path("papers/<path:key>/feature", feature, name="feature"),
]
