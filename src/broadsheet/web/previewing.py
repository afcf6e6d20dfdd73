"""A reader's own digest: as it would be now, and the issues that went out as a feed."""

from http import HTTPStatus

from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, re_path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from broadsheet.community import limits
from broadsheet.community.errors import LimitReached
from broadsheet.digests import composing, issuing, links, past, subscribing
from broadsheet.digests.errors import BadLink
from broadsheet.library import shared
from broadsheet.web.doors import address_of, now, reader_of, refuse
from broadsheet.web.feed_forms import NEVER, Feed, write
from broadsheet.web.feed_links import FORMS

NOTE = "This is a preview: your next mail as it would be now. Nothing was sent, and nothing is kept of it."
NOTHING = "This is a preview. Nothing new is in point now, so no mail would be sent."
_KINDS = ("script-src", "img-src", "font-src", "connect-src", "manifest-src")
"""What a mail needs none of: `default-src 'none'` stays for them."""
_TEXT = "text/plain; charset=utf-8"


@require_safe
@never_cache
@login_required
@csp_replace({"style-src": ["'unsafe-inline'"], **dict.fromkeys(_KINDS)})
def preview(request: HttpRequest) -> HttpResponse:
    """The mail that a reader would get if it were due now. It has its styles inline, and nothing in it can run."""
    reader = reader_of(request)
    try:
        limits.spend("preview", reader.pk, address_of(request))
    except LimitReached as error:
        return refuse(request, error)
    subscriber = subscribing.subscription(reader)
    if subscriber is None:
        messages.info(request, "You have no digest yet. Subscribe, and see here what it would hold.")
        return HttpResponseRedirect(reverse("web:subscribe"))
    delivery = issuing.preview(shared(), subscriber, now())
    letter = composing.Writer([delivery]).write(delivery, NOTE if delivery.papers else NOTHING)
    assert letter is not None  # what it holds was chosen this moment
    return HttpResponse(letter.html)


@require_safe
@never_cache
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The papers of a subscriber's last issues as Atom, with the reasons that stand in the mails."""
    try:
        subscriber = links.open_seal(token, "feed")
    except BadLink as error:
        return HttpResponse(f"{error}\n", status=HTTPStatus.NOT_FOUND, content_type=_TEXT)
    if subscriber.left_at is not None:
        return HttpResponse("This subscription has ended\n", status=HTTPStatus.GONE, content_type=_TEXT)
    sent = past.last_issues(subscriber)
    found = Feed(
        title="Broadsheet: your digest",
        page=reverse("web:today"),
        versions=[each.version for each in sent],
        stored={each.version.pk: each.at for each in sent},
        notes={each.version.paper_id: each.reason for each in sent},
        about="The papers of your last issues",
        changed_at=subscriber.confirmed_at or NEVER,
    )
    body = write(found, "atom", request.path, request.build_absolute_uri)
    response = HttpResponse(body, content_type=f"{FORMS['atom']}; charset=utf-8")
    response["X-Robots-Tag"] = "noindex"
    return response


urlpatterns = [
    path("digest/preview", preview, name="digest_preview"),
    re_path(r"^d/feed/(?P<token>[\w.-]{1,200})\.atom$", feed, name="mail_feed"),
]
