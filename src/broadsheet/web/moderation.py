"""The moderators' pages: reports, a comment, a reader, a discussion, the audit log. For others they do not exist."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse

from broadsheet.community import comments, moderating
from broadsheet.community.errors import Missing
from broadsheet.community.models import Act, Reader, Report
from broadsheet.library import NotFound, shared
from broadsheet.library.models import Version
from broadsheet.web import remarks
from broadsheet.web.discussion import either, page
from broadsheet.web.doors import act, now, reader_of
from broadsheet.web.paging import Pager, asked_page

LOG_PAGE = 100
LATEST = 20
"""How many of a reader's comments their page shows."""

View = Callable[..., HttpResponse]


def for_moderators(view: View) -> View:
    """Answer anybody else as if there were no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not (request.user.is_authenticated and reader_of(request).is_moderator):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


# Pages


@for_moderators
@page
def queue(request: HttpRequest) -> HttpResponse:
    """The comments with open reports. Five queries."""
    cases = moderating.cases()
    written = remarks.remarks([case.comment for case in cases], reader_of(request))
    return render(
        request, "web/moderation.html", {"cases": list(zip(cases, written, strict=True)), "now": now(), **_limits()}
    )


@for_moderators
@page
def log(request: HttpRequest) -> HttpResponse:
    """The audit log, the newest first."""
    asked = asked_page(request)
    rows = list(Act.objects.order_by("-at", "-pk")[(asked - 1) * LOG_PAGE : asked * LOG_PAGE + 1])
    context = {"acts": rows[:LOG_PAGE], "pager": Pager(asked, len(rows) > LOG_PAGE), "now": now()}
    return render(request, "web/moderation_log.html", context)


@for_moderators
@page
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """A comment, its reports, and what can be done about it."""
    moderator = reader_of(request)
    found = comments.find(pk, moderator)
    reports = list(Report.objects.filter(comment=found).select_related("reader", "settled_by").order_by("at", "pk"))
    context = {
        "remark": remarks.remark(found, moderator),
        "reports": reports,
        "has_reports": any(report.settled_at is None for report in reports),
        "title": _title(found.paper_id) or found.paper.key,
        "may_remove": found.reader is None or moderating.may_act_on(moderator, found.reader),
        "now": now(),
        **_limits(),
    }
    return render(request, "web/moderation_comment.html", context)


@for_moderators
@page
def reader(request: HttpRequest, handle: str) -> HttpResponse:
    """A reader: how they stand, what they wrote last, what moderators did about them."""
    moderator = reader_of(request)
    found = Reader.objects.filter(username=handle).first()
    if found is None:
        raise Missing(f"No reader is called @{handle}")
    latest = comments.visible(moderator).filter(reader=found).select_related("reader", "paper", "parent__reader")
    acts = Act.objects.filter(Q(about=f"@{found.username}") | Q(about__contains=f"by @{found.username} "))
    context = {
        "subject": found,
        "remarks": remarks.remarks(latest.order_by("-at", "-pk")[:LATEST], moderator),
        "acts": acts.order_by("-at", "-pk")[:LATEST],
        "may_act": moderating.may_act_on(moderator, found),
        "now": now(),
        **_limits(),
    }
    return render(request, "web/moderation_reader.html", context)


@for_moderators
@page
def _discussion_page(request: HttpRequest, key: str) -> HttpResponse:
    version = _version(key)
    closed = comments.lock_of(version.paper_id)
    context = {"version": version, "closed": closed, "now": now(), **_limits()}
    return render(request, "web/moderation_discussion.html", context)


# Acts


@for_moderators
@act("moderation")
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle the reports of a comment that stays."""
    moderating.dismiss(reader_of(request), pk, _reason(request), now())
    return _back(request, "The comment stays; its reports are settled.")


@for_moderators
@act("moderation")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a comment."""
    moderating.remove(reader_of(request), pk, _reason(request), now())
    return _back(request, "The comment is removed.")


@for_moderators
@act("moderation")
def limit(request: HttpRequest, handle: str) -> HttpResponse:
    """Limit a reader, or lift the limit where the form says `limited=0`."""
    is_limited = request.POST.get("limited") != "0"
    moderating.limit(reader_of(request), handle, is_limited, _reason(request), now())
    said = f"@{handle} is limited." if is_limited else f"The limit of @{handle} is lifted."
    return _back(request, said, reverse("web:moderate_reader", args=[handle]))


@for_moderators
@act("moderation")
def close_account(request: HttpRequest, handle: str) -> HttpResponse:
    """Close a reader's account, or open it again where the form says `closed=0`."""
    is_closed = request.POST.get("closed") != "0"
    moderating.close_account(reader_of(request), handle, is_closed, _reason(request), now())
    said = f"The account of @{handle} is {'closed' if is_closed else 'open again'}."
    return _back(request, said, reverse("web:moderate_reader", args=[handle]))


@for_moderators
@act("moderation")
def _close_discussion(request: HttpRequest, key: str) -> HttpResponse:
    moderator, paper = reader_of(request), _version(key).paper
    if request.POST.get("closed") != "0":
        moderating.close_discussion(moderator, paper.pk, _reason(request), now())
    else:
        moderating.open_discussion(moderator, paper.pk, _reason(request), now())
    return HttpResponseRedirect(reverse("web:paper", args=[paper.key]) + "#discussion")


# Inside


def _reason(request: HttpRequest) -> str:
    return str(request.POST.get("reason", ""))


def _limits() -> dict[str, int]:
    return {"reason_limit": moderating.REASON_LIMIT}


def _back(request: HttpRequest, said: str, place: str = "") -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(place or reverse("web:moderation"))


def _version(key: str) -> Version:
    try:
        return shared().find(key)
    except NotFound as error:
        raise Missing("This paper is not here") from error


def _title(paper_id: int) -> str:
    title: str | None = (
        Version.objects.filter(paper=paper_id, died__isnull=True).values_list("title", flat=True).first()
    )
    return title or ""


urlpatterns = [
    path("moderation", queue, name="moderation"),
    path("moderation/log", log, name="moderation_log"),
    path("moderation/comments/<int:pk>", comment, name="moderate_comment"),
    path("moderation/comments/<int:pk>/dismiss", dismiss, name="dismiss_reports"),
    path("moderation/comments/<int:pk>/remove", remove, name="remove_comment"),
    path("moderation/readers/<str:handle>", reader, name="moderate_reader"),
    path("moderation/readers/<str:handle>/limit", limit, name="limit_reader"),
    path("moderation/readers/<str:handle>/close", close_account, name="close_account"),
    path("moderation/discussions/<path:key>", either(_discussion_page, _close_discussion), name="moderate_discussion"),
]
