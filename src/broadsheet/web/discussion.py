"""The discussion of a paper: write, reply, edit, delete, report. Each is a plain page and a plain form."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from broadsheet.community import comments, mentions, moderating
from broadsheet.community.errors import CommunityError, NotAllowed
from broadsheet.community.models import Comment, CommentText
from broadsheet.library import NotFound, shared
from broadsheet.library.models import Paper
from broadsheet.web import missing, remarks
from broadsheet.web.doors import act, now, reader_of, refuse, status_of, told, wants_json
from broadsheet.web.errors import show
from broadsheet.web.prose import comment_html

View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """Let a page be read; what it may not show is told as what a form may not do is."""

    @require_safe
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except CommunityError as error:
            return refuse(request, error)

    return guarded


def signed_in(view: View) -> View:
    """Lead readers who are not signed in to where they can, and back."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded


def either(shown: View, done: View) -> View:
    """A page with a form that is sent to the page's own address."""

    def view(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return (done if request.method == "POST" else shown)(request, *args, **kwargs)

    return view


@page
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a comment stands, for links that live as long as it does."""
    viewer = remarks.viewer_of(request)
    return HttpResponseRedirect(remarks.address(comments.find(pk, viewer), viewer))


@page
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """What an edited comment said before, the newest first."""
    viewer = remarks.viewer_of(request)
    found = comments.find(pk, viewer)
    earlier = list(CommentText.objects.filter(comment=found).order_by("-at", "-pk"))
    said = [(found.edited_at or found.at, found.text), *((row.at, row.text) for row in earlier)]
    known = mentions.known((text for _, text in said), viewer)
    texts = [(at, comment_html(text, known)) for at, text in said if text]
    return render(request, "web/comment_history.html", {"comment": found, "texts": texts, "now": now()})


# Writing


def _write_again(request: HttpRequest, key: str, error: CommunityError) -> HttpResponse:
    try:
        return _form(request, _paper(key), parent=_parent(request), error=error)
    except CommunityError:
        return refuse(request, error)


@act("edit")
def _preview(request: HttpRequest, key: str) -> HttpResponse:
    return _form(request, _paper(key), parent=_parent(request), is_preview=True)


@act("comment", _write_again)
def _write(request: HttpRequest, key: str) -> HttpResponse:
    try:
        paper = shared().find(key).paper
    except NotFound:
        return show(request, missing.problem(shared(), key))
    reader, parent = reader_of(request), request.POST.get("parent") or ""
    if parent and not _is_number(parent):
        raise CommunityError("There is no such comment to reply to")
    text = request.POST.get("text", "")
    written = comments.write(reader, paper.pk, text, now(), int(parent) if parent else None)
    return _done(request, written)


def write(request: HttpRequest, key: str) -> HttpResponse:
    """Write a comment or a reply, or look at it first."""
    return (_preview if "preview" in request.POST else _write)(request, key)


@page
@signed_in
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """A page to reply to a comment on."""
    parent = comments.find(pk, reader_of(request))
    if parent.deleted_at:
        raise NotAllowed("This comment was deleted, so nobody can reply to it")
    return _form(request, parent.paper, parent=parent)


# Editing and deleting


@page
@signed_in
def _edit_page(request: HttpRequest, pk: int) -> HttpResponse:
    own = _own(request, pk)
    return _form(request, own.paper, own=own, text=own.text)


def _edit_again(request: HttpRequest, pk: int, error: CommunityError) -> HttpResponse:
    try:
        own = _own(request, pk)
    except CommunityError:
        return refuse(request, error)
    return _form(request, own.paper, own=own, error=error)


@act("edit", _edit_again)
def _edit(request: HttpRequest, pk: int) -> HttpResponse:
    if "preview" in request.POST:
        own = _own(request, pk)
        return _form(request, own.paper, own=own, is_preview=True)
    return _done(request, comments.edit(reader_of(request), pk, request.POST.get("text", ""), now()))


@page
@signed_in
def _delete_page(request: HttpRequest, pk: int) -> HttpResponse:
    own = _own(request, pk)
    return render(request, "web/comment_delete.html", {"remark": remarks.remark(own, reader_of(request)), "now": now()})


@act("edit")
def _delete(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, comments.delete(reader_of(request), pk, now()))


# Reporting


@page
@signed_in
def _report_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _report_form(request, comments.find(pk, reader_of(request)))


def _report_again(request: HttpRequest, pk: int, error: CommunityError) -> HttpResponse:
    try:
        reported = comments.find(pk, reader_of(request))
    except CommunityError:
        return refuse(request, error)
    return _report_form(request, reported, error)


@act("report", _report_again)
def _report(request: HttpRequest, pk: int) -> HttpResponse:
    reader = reader_of(request)
    moderating.report(reader, pk, request.POST.get("reason", ""), now())
    if wants_json(request):
        return JsonResponse({"reported": True})
    messages.info(request, "Thank you. The moderators see your report; others do not.")
    return HttpResponseRedirect(remarks.address(comments.find(pk, reader), reader))


def _report_form(request: HttpRequest, reported: Comment, error: CommunityError | None = None) -> HttpResponse:
    context = {
        "remark": remarks.remark(reported, reader_of(request)),
        "reason": request.POST.get("reason", ""),
        "error": told(error) if error else "",
        "limit": moderating.REPORT_LIMIT,
        "now": now(),
    }
    return render(request, "web/comment_report.html", context, status=status_of(error) if error else 200)


# Inside


def _form(
    request: HttpRequest,
    paper: Paper,
    parent: Comment | None = None,
    own: Comment | None = None,
    text: str | None = None,
    error: CommunityError | None = None,
    is_preview: bool = False,
) -> HttpResponse:
    """The page of the comment form: for a reply, an edit, a look before sending, or what was refused."""
    viewer = reader_of(request)
    text = request.POST.get("text", "") if text is None else text
    if is_preview:
        text = comments.clean(text)
    context: dict[str, Any] = {
        "paper": paper,
        "title": shared().find(paper.key).title,
        "parent": remarks.remark(parent, viewer) if parent else None,
        "own": own,
        "action": reverse("web:edit_comment", args=[own.pk]) if own else reverse("web:comments", args=[paper.key]),
        "text": text,
        "preview": comment_html(text, mentions.known([text], viewer)) if is_preview else "",
        "error": told(error) if error else "",
        "length_limit": comments.LENGTH_LIMIT,
        "now": now(),
    }
    return render(request, "web/comment_page.html", context, status=status_of(error) if error else 200)


def _done(request: HttpRequest, changed: Comment) -> HttpResponse:
    viewer = reader_of(request)
    place = remarks.address(comments.find(changed.pk, viewer), viewer)
    if wants_json(request):
        return JsonResponse({"id": changed.pk, "address": place})
    return HttpResponseRedirect(place)


def _own(request: HttpRequest, pk: int) -> Comment:
    found = comments.find(pk, reader_of(request))
    if found.reader_id != reader_of(request).pk:
        raise NotAllowed("This comment is by someone else")
    if found.deleted_at:
        raise NotAllowed("This comment was deleted")
    return found


def _paper(key: str) -> Paper:
    try:
        return shared().find(key).paper
    except NotFound as error:
        raise CommunityError("There is no such paper") from error


def _parent(request: HttpRequest) -> Comment | None:
    asked = request.POST.get("parent") or ""
    return comments.find(int(asked), reader_of(request)) if _is_number(asked) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


urlpatterns = [
    path("comments/<int:pk>", comment, name="comment"),
    path("comments/<int:pk>/history", history, name="comment_history"),
    path("comments/<int:pk>/reply", reply, name="reply"),
    path("comments/<int:pk>/edit", either(_edit_page, _edit), name="edit_comment"),
    path("comments/<int:pk>/delete", either(_delete_page, _delete), name="delete_comment"),
    path("comments/<int:pk>/report", either(_report_page, _report), name="report_comment"),
    path("papers/<path:key>/comments", write, name="comments"),
]
