"""The pages on which a digest is asked for, and on which a signed-in reader changes, pauses or leaves theirs."""

from http import HTTPStatus
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from broadsheet.community import limits
from broadsheet.community.errors import CommunityError
from broadsheet.community.models import Reader
from broadsheet.digests import subscribing
from broadsheet.digests.errors import DigestError
from broadsheet.digests.models import Subscriber
from broadsheet.digests.subscribing import KEEP_PENDING
from broadsheet.web.doors import address_of, now, reader_of, refuse
from broadsheet.web.subscribing_forms import PauseForm, SubscribeForm, WishesForm, beginning, standing
from broadsheet.web.words import long_day

SUBSCRIBED = "You are subscribed."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def subscribe(request: HttpRequest) -> HttpResponse:
    """Ask for a digest at an address. The answer is the same for every address that could get mail."""
    viewer = reader_of(request) if request.user.is_authenticated else None
    if request.method == "POST":
        return _ask(request, viewer)
    if viewer is not None and subscribing.subscription(viewer):
        return HttpResponseRedirect(_with_query(request, reverse("web:subscription")))
    begins = beginning(request.GET, viewer.email if viewer else "")
    return _form(request, SubscribeForm(initial=begins), is_new=True)


def _ask(request: HttpRequest, viewer: Reader | None) -> HttpResponse:
    form = SubscribeForm(request.POST, viewer=viewer)
    if form.is_valid() and form.cleaned_data["website"]:
        return _asked()
    if form.is_valid():
        try:
            subscribing.ask(form.cleaned_data["address"], form.wishes(), now(), viewer, address_of(request))
        except CommunityError as error:
            return refuse(request, error)
        except DigestError as error:
            form.add_error("address", f"{error}.")
    if form.errors:
        return _form(request, form, HTTPStatus.BAD_REQUEST)
    if viewer is not None and subscribing.subscription(viewer):
        messages.success(request, SUBSCRIBED)
        return HttpResponseRedirect(reverse("web:subscription"))
    return _asked()


def _asked() -> HttpResponse:
    return HttpResponseRedirect(reverse("web:asked"), status=HTTPStatus.SEE_OTHER)


def _form(
    request: HttpRequest, form: SubscribeForm, status: HTTPStatus = HTTPStatus.OK, is_new: bool = False
) -> HttpResponse:
    return render(request, "web/subscribe.html", {"form": form, "is_new": is_new}, status=status)


@require_safe
@never_cache
def asked(request: HttpRequest) -> HttpResponse:
    """What happens next, whatever was asked."""
    return render(request, "web/subscribe_asked.html", {"days": KEEP_PENDING.days})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def subscription(request: HttpRequest) -> HttpResponse:
    """A reader's own subscription."""
    reader = reader_of(request)
    subscriber = subscribing.subscription(reader)
    if subscriber is None:
        return HttpResponseRedirect(_with_query(request, reverse("web:subscribe")))
    if request.method == "POST":
        try:
            limits.spend("change", reader.pk, address_of(request))
            subscribing.link(subscriber, reader, now())
        except CommunityError as error:
            return refuse(request, error)
        return act_on(request, subscriber, reader, reverse("web:subscription"))
    return show(request, subscriber, WishesForm(initial=standing(subscriber, request.GET), viewer=reader))


def act_on(request: HttpRequest, subscriber: Subscriber, viewer: Reader | None, page: str) -> HttpResponse:
    """Do what a form of the page of a subscription asks for, and come back to it. Raises DigestError."""
    match request.POST.get("act"):
        case "leave":
            subscribing.leave(subscriber, now())
            return render(request, "web/subscription_left.html")
        case "pause":
            return _pause(request, subscriber, viewer, page)
        case "resume":
            subscribing.pause(subscriber, None, now())
            messages.success(request, "The issues go on.")
        case _:
            form = WishesForm(request.POST, viewer=viewer)
            if not form.is_valid():
                return show(request, subscriber, form, status=HTTPStatus.BAD_REQUEST, page=page)
            subscribing.change(subscriber, form.wishes(), now())
            messages.success(request, "Saved.")
    return HttpResponseRedirect(page, status=HTTPStatus.SEE_OTHER)


def _pause(request: HttpRequest, subscriber: Subscriber, viewer: Reader | None, page: str) -> HttpResponse:
    form = PauseForm(request.POST)
    if form.is_valid():
        try:
            subscribing.pause(subscriber, form.cleaned_data["until"], now())
        except DigestError as error:
            form.add_error("until", f"{error}.")
    if form.errors:
        wanted = WishesForm(initial=standing(subscriber, request.GET), viewer=viewer)
        return show(request, subscriber, wanted, pause=form, status=HTTPStatus.BAD_REQUEST, page=page)
    messages.success(request, "Paused.")
    return HttpResponseRedirect(page, status=HTTPStatus.SEE_OTHER)


def show(
    request: HttpRequest,
    subscriber: Subscriber,
    form: WishesForm,
    pause: PauseForm | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    page: str = "",
) -> HttpResponse:
    """The page of a subscription; by a link of a mail, `page`, the address itself is not shown in full."""
    context = {
        "subscriber": subscriber,
        "address": _hidden(subscriber.address) if page.startswith("/d/") else subscriber.address,
        "form": form,
        "pause": pause or PauseForm(initial={"until": subscriber.paused_until}),
        "next_issue": _next_issue(subscriber),
        "is_by_link": page.startswith("/d/"),
        "page": page or reverse("web:subscription"),
    }
    return render(request, "web/subscription.html", context, status=status)


def _next_issue(subscriber: Subscriber) -> str:
    """When the next issue is due, where the subscriber lives."""
    if subscriber.next_at is None:
        return ""
    local = subscriber.next_at.astimezone(ZoneInfo(subscriber.time_zone))
    return f"{long_day(local.date())}, {local:%H:%M} ({subscriber.time_zone.replace('_', ' ')})"


def _hidden(address: str) -> str:
    """Enough of an address for its owner to know it: a mail is passed on with its links."""
    local, _, domain = address.rpartition("@")
    return f"{local[0]}…@{domain}"


def _with_query(request: HttpRequest, page: str) -> str:
    query = request.META.get("QUERY_STRING", "")
    return f"{page}?{query}" if query else page


urlpatterns = [
    path("subscribe", subscribe, name="subscribe"),
    path("subscribe/asked", asked, name="asked"),
    path("subscription", subscription, name="subscription"),
]
