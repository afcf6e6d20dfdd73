"""Where the links of mails lead: to confirm, leave, change, vote, save and say more or less, for whoever has the mail.

The link is the authority, so all of it works signed out. Programs that check mail fetch every link, so a GET only shows
a button. One POST needs no token of a form: the one by which mail programs leave for their reader (RFC 8058).
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from broadsheet.community import clipping, limits, voting
from broadsheet.community.errors import CommunityError
from broadsheet.community.models import Reader
from broadsheet.digests import feedback, links, subscribing, suppressing
from broadsheet.digests.errors import BadLink, DigestError
from broadsheet.digests.models import Subscriber, Suppression
from broadsheet.library import unions
from broadsheet.library.models import Version
from broadsheet.library.reading import open_versions
from broadsheet.web.doors import address_of, now, refuse
from broadsheet.web.errors import Problem
from broadsheet.web.errors import show as show_problem
from broadsheet.web.subscribing import SUBSCRIBED, act_on, show
from broadsheet.web.subscribing_forms import WishesForm, standing

View = Callable[..., HttpResponse]


def of_mail(purpose: str) -> Callable[[View], View]:
    """Let a view be reached by the links of this purpose alone; it gets the subscriber in place of the token.

    Nothing of it is kept by caches or search engines, and other sites never learn the address. (`no-referrer` would
    also keep it from this site's own forms, whose requests then fail the check of where they come from.)
    """

    def decorate(view: View) -> View:
        @require_http_methods(["GET", "HEAD", "POST"])
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, token: str, **paper: int) -> HttpResponse:
            try:
                response = view(request, links.open_seal(token, purpose, paper.get("paper_id", 0)), **paper)
            except BadLink as error:
                response = _problem(request, HTTPStatus.NOT_FOUND, error)
            except DigestError as error:
                response = _problem(request, HTTPStatus.GONE, error)
            except CommunityError as error:
                response = refuse(request, error)
            response["Referrer-Policy"] = "same-origin"
            response["X-Robots-Tag"] = "noindex"
            return response

        return guarded

    return decorate


@of_mail("confirm")
def confirm(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Begin to send, or never write to this address."""
    if subscriber.left_at is None and request.method == "POST":
        if request.POST.get("act") == "never":
            suppressing.suppress(subscriber.address, Suppression.Reason.ASKED.value, "", now())
            subscribing.leave(subscriber, now(), "never")
            return render(request, "web/subscription_left.html", {"is_never": True})
        subscribing.confirm(subscriber, now())
        messages.success(request, SUBSCRIBED)
        return HttpResponseRedirect(_change_page(subscriber), status=HTTPStatus.SEE_OTHER)
    return _unless_left(request, subscriber, "web/mail_link_confirm.html", {"change_page": _change_page(subscriber)})


@csrf_exempt
@of_mail("leave")
def leave(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Send nothing any more. A mail program that asks this for its reader gets an empty answer."""
    if request.method != "POST":
        return _unless_left(request, subscriber, "web/mail_link_leave.html", {"change_page": _change_page(subscriber)})
    subscribing.leave(subscriber, now())
    if "List-Unsubscribe" in request.POST:
        return HttpResponse()
    return render(request, "web/subscription_left.html")


@of_mail("change")
def change(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Change what comes and when, pause, or leave."""
    viewer, page = subscriber.reader, request.path
    if request.method == "POST":
        limits.spend("change", None, address_of(request))
        return act_on(request, subscriber, viewer, page)
    if subscriber.left_at is not None:
        return render(request, "web/subscription_left.html")
    return show(request, subscriber, WishesForm(initial=standing(subscriber, request.GET), viewer=viewer), page=page)


def _on_paper(purpose: str) -> View:
    """The view of a link about one paper."""

    @of_mail(purpose)
    def view(request: HttpRequest, subscriber: Subscriber, paper_id: int) -> HttpResponse:
        kept = unions.leads("default", [paper_id]).get(paper_id, paper_id)
        version = open_versions("default").filter(paper=kept).first()
        if version is None or version.paper.withdrawn_at or version.paper.erased_at:
            raise DigestError("This paper is not here any more")
        if subscriber.left_at is not None and purpose in ("more", "less"):
            return render(request, "web/subscription_left.html")
        reader = subscribing.holder(subscriber)
        if request.method == "POST" and (reader is not None or purpose in ("more", "less")):
            _do(request, purpose, subscriber, reader, version)
            return _paper_page(request, purpose, subscriber, reader, version, is_done=True)
        return _paper_page(request, purpose, subscriber, reader, version)

    view.__name__ = purpose
    return view


def _do(request: HttpRequest, purpose: str, subscriber: Subscriber, reader: Reader | None, version: Version) -> None:
    if purpose in ("more", "less"):
        limits.spend("change", None, address_of(request))
        feedback.say(subscriber, version.paper, purpose == "more", now())
    elif reader is not None and purpose == "vote":
        limits.spend("vote", reader.pk, address_of(request))
        voting.vote(reader, version.paper_id, now())
    elif reader is not None:
        limits.spend("collect", reader.pk, address_of(request))
        clipping.save(reader, version.paper_id, now())


def _paper_page(
    request: HttpRequest,
    purpose: str,
    subscriber: Subscriber,
    reader: Reader | None,
    version: Version,
    is_done: bool = False,
) -> HttpResponse:
    context = {
        "purpose": purpose,
        "version": version,
        "needs_account": purpose in ("vote", "save") and reader is None,
        "is_done": is_done,
        "has_left": subscriber.left_at is not None,
        **{word: _address(subscriber, word, version.paper_id) for word in ("more", "less")},
    }
    return render(request, "web/mail_link_paper.html", context)


def _unless_left(request: HttpRequest, subscriber: Subscriber, template: str, context: dict[str, str]) -> HttpResponse:
    if subscriber.left_at is not None:
        return render(request, "web/subscription_left.html")
    return render(request, template, {"subscriber": subscriber, **context})


def _change_page(subscriber: Subscriber) -> str:
    return _address(subscriber, "change")


def _address(subscriber: Subscriber, purpose: str, paper_id: int = 0) -> str:
    arguments = [links.seal(subscriber, purpose, paper_id), *([paper_id] if paper_id else [])]
    return reverse(f"web:mail_{purpose}", args=arguments)


def _problem(request: HttpRequest, status: HTTPStatus, error: DigestError) -> HttpResponse:
    advice = ("Open the link from the mail itself, whole.",) if status == HTTPStatus.NOT_FOUND else ()
    return show_problem(request, Problem(status, str(error), advice, shows_search=False))


urlpatterns = [
    path("d/confirm/<str:token>", confirm, name="mail_confirm"),
    path("d/leave/<str:token>", leave, name="mail_leave"),
    path("d/change/<str:token>", change, name="mail_change"),
    *(
        path(f"d/{purpose}/<str:token>/<int:paper_id>", _on_paper(purpose), name=f"mail_{purpose}")
        for purpose in ("vote", "save", "more", "less")
    ),
]
