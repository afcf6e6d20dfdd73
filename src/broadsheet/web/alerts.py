"""Alerts: the page where readers save searches that tell of new papers, their feeds, and the link that stops one."""

import re
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, re_path, reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from broadsheet.community.errors import CommunityError, Missing
from broadsheet.digests import alerts, hooks
from broadsheet.digests.errors import BadLink
from broadsheet.digests.models import Alert
from broadsheet.library import shared
from broadsheet.search import QueryError
from broadsheet.web import answers, feeds
from broadsheet.web.doors import View, act, now, reader_of, refuse
from broadsheet.web.errors import Problem, show
from broadsheet.web.feed_forms import Feed

QUERY_LIMIT = 256
_FORM = r"\.(?P<form>atom|rss|json)"


class AlertForm(forms.Form):
    """What to look for, and how to tell of it."""

    query = forms.CharField(
        label="Search",
        max_length=QUERY_LIMIT,
        help_text="A paper has to have all the words. Phrases, -without, title:, author:, topic: are as in a search.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "dir": "auto"}),
    )
    means = forms.ChoiceField(
        label="Tell me",
        choices=[
            (Alert.Means.MAIL, "by mail"),
            (Alert.Means.WEBHOOK, "by webhook: a program of mine is told"),
            (Alert.Means.FEED, "in its feed alone"),
        ],
        initial=Alert.Means.MAIL,
        widget=forms.RadioSelect,
    )
    url = forms.CharField(
        label="Web address for a webhook",
        required=False,
        max_length=alerts.URL_LIMIT,
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )


@dataclass(frozen=True, slots=True)
class Made:
    """An alert just made, whose secret is shown this once."""

    alert: Alert
    secret: str


@require_safe
@never_cache
@login_required
def show_alerts(request: HttpRequest) -> HttpResponse:
    """A reader's alerts and the form for another one, which `?q=` fills in."""
    return _page(request, AlertForm(initial={"query": request.GET.get("q", "")[:QUERY_LIMIT]}))


@act("alert")
def make_alert(request: HttpRequest) -> HttpResponse:
    """Save a search. The secret of a webhook stands in this one answer, which no cache keeps."""
    form = AlertForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=HTTPStatus.BAD_REQUEST)
    asked = dict(form.cleaned_data)
    try:
        made = alerts.make(reader_of(request), asked["query"], asked["means"], asked["url"], now())
    except (QueryError, CommunityError) as error:
        form.add_error("url" if isinstance(error, alerts.BadHook) else "query", f"{_capital(str(error))}.")
        fault = answers.fault(" ".join(asked["query"].split()), error) if isinstance(error, QueryError) else None
        return _page(request, form, status=HTTPStatus.BAD_REQUEST, fault=fault)
    if made.secret:
        return _page(request, AlertForm(), made=Made(made, made.secret))
    messages.success(request, "Saved. You are told of papers that come from now on.")
    return _back()


@act("alert")
def stop_alert(request: HttpRequest, number: int) -> HttpResponse:
    """Tell of nothing more."""
    alerts.stop(alerts.find(reader_of(request), number), now())
    return _back(number)


@act("alert")
def resume_alert(request: HttpRequest, number: int) -> HttpResponse:
    """Tell of what comes from now on."""
    alerts.resume(alerts.find(reader_of(request), number))
    return _back(number)


@act("alert")
def delete_alert(request: HttpRequest, number: int) -> HttpResponse:
    """Forget an alert and what it matched."""
    alerts.delete(alerts.find(reader_of(request), number))
    messages.success(request, "Deleted.")
    return _back()


@act("alert")
def test_alert(request: HttpRequest, number: int) -> HttpResponse:
    """Post a test to a webhook, and say what came of it."""
    refusal = hooks.try_out(alerts.find(reader_of(request), number), now())
    if refusal:
        messages.error(request, f"The test did not get through: {refusal.reason}.")
    else:
        messages.success(request, "The test got through.")
    return _back(number)


def _private(view: View) -> View:
    """Keep what a secret address leads to from search engines, and the address from other sites."""

    @wraps(view)
    def guarded(request: HttpRequest, **arguments: str) -> HttpResponse:
        response = view(request, **arguments)
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex"
        return response

    return guarded


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@_private
def stop_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Where a mail's link leads: a button, since programs fetch links; a POST stops the alert, signed in or not.

    A mail program that does so for its reader (RFC 8058) gets an empty answer.
    """
    try:
        alert = alerts.open_seal(token)
    except BadLink as error:
        advice = ("Open the link from the mail itself, whole.",)
        return show(request, Problem(HTTPStatus.NOT_FOUND, str(error), advice, shows_search=False))
    if request.method == "POST":
        alerts.stop(alert, now())
        if "List-Unsubscribe" in request.POST:
            return HttpResponse()
        alert.refresh_from_db()
    return render(request, "web/alert_link.html", {"alert": alert})


@require_safe
@cache_control(private=True, no_cache=True)
@_private
def alert_feed(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """What an alert matched, the newest first, for whoever has the address."""
    library = shared()
    try:
        alert = alerts.by_key(key)
    except Missing as error:
        return refuse(request, error)
    found = alerts.matched(alert, library.today(), feeds.PAPERS)
    stored = library.stored_at(version for _, version in found)
    feed = Feed(
        title=f"Broadsheet: {alert.query}",
        page=reverse("web:alerts"),
        versions=[version for _, version in found],
        stored={version.pk: max(stored[version.pk], match.at) for match, version in found},
        about="New papers that match a saved search",
        changed_at=alert.created_at,
    )
    return feeds.answer(request, feed, form, reverse("web:alert_feed", args=[key, form]))


def _page(
    request: HttpRequest,
    form: AlertForm,
    made: Made | None = None,
    fault: answers.Fault | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    reader = reader_of(request)
    context = {
        "form": form,
        "rows": alerts.listed(reader, shared().today()),
        "made": made,
        "fault": fault,
        "now": now(),
        "most": alerts.LIMIT,
    }
    return render(request, "web/alerts.html", context, status=status)


def _back(number: int = 0) -> HttpResponse:
    return HttpResponseRedirect(reverse("web:alerts") + (f"#alert-{number}" if number else ""))


def _capital(text: str) -> str:
    return re.sub(r"^[a-z]", lambda found: found[0].upper(), text)


urlpatterns = [
    path("alerts", show_alerts, name="alerts"),
    path("alerts/new", make_alert, name="make_alert"),
    path("alerts/<int:number>/stop", stop_alert, name="stop_alert"),
    path("alerts/<int:number>/resume", resume_alert, name="resume_alert"),
    path("alerts/<int:number>/delete", delete_alert, name="delete_alert"),
    path("alerts/<int:number>/test", test_alert, name="test_alert"),
    path("d/alert/<str:token>", stop_by_link, name="mail_alert"),
    re_path(rf"^feeds/alerts/(?P<key>[\w-]{{22}}){_FORM}$", alert_feed, name="alert_feed"),
]
