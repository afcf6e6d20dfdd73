"""Notifications: what happened to a reader's comments, and who named them."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse

from broadsheet.community import notifications
from broadsheet.community.models import Notification
from broadsheet.library.models import Version
from broadsheet.web import remarks
from broadsheet.web.discussion import page, signed_in
from broadsheet.web.doors import act, now, reader_of, wants_json
from broadsheet.web.paging import Pager, asked_page
from broadsheet.web.remarks import Remark

PAGE = 30


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification with the comment it is about and the title of the paper."""

    told: Notification
    remark: Remark
    title: str


@page
@signed_in
def shown(request: HttpRequest) -> HttpResponse:
    """What a reader was told, the newest first. Five queries."""
    reader, asked = reader_of(request), asked_page(request)
    rows = list(notifications.told(reader)[(asked - 1) * PAGE : asked * PAGE + 1])
    written = remarks.remarks([row.comment for row in rows[:PAGE]], reader)
    papers = {row.comment.paper_id for row in rows}
    titles = dict(Version.objects.filter(paper__in=papers, died__isnull=True).values_list("paper", "title"))
    context = {
        "notices": [
            Notice(row, remark, titles.get(row.comment.paper_id, row.comment.paper.key))
            for row, remark in zip(rows, written, strict=False)
        ],
        "unseen": notifications.unseen_count(reader),
        "pager": Pager(asked, len(rows) > PAGE),
        "now": now(),
    }
    return render(request, "web/notifications.html", context)


@act("edit")
def seen(request: HttpRequest) -> HttpResponse:
    """Mark all as seen."""
    marked = notifications.mark_seen(reader_of(request), now())
    if wants_json(request):
        return JsonResponse({"seen": marked})
    return HttpResponseRedirect(reverse("web:notifications"))


urlpatterns = [
    path("notifications", shown, name="notifications"),
    path("notifications/seen", seen, name="notifications_seen"),
]
